"""The trace document: a computational graph and sweeps over it as one piece of versioned JSON data.

A document is plain data (dicts, lists, strings, numbers), so that a widget can hand it to the browser as it is.
The types below and ``trace.schema.json`` say the same; the schema has the descriptions.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Literal, TypedDict, cast

import numpy as np

from .consistency import ENTRY_LIMIT, check_parts
from .formulas import Tree
from .schema import MismatchError, check, found

__all__ = [
    "KIND",
    "VERSION",
    "ArrayValue",
    "Code",
    "DocumentError",
    "Edge",
    "GraphEntry",
    "Guard",
    "MapEntry",
    "NodeEntry",
    "Result",
    "Span",
    "StepEntry",
    "SweepEntry",
    "TraceDocument",
    "Tree",
    "Value",
    "decode_value",
    "encode_value",
    "from_json",
    "schema",
    "to_json",
    "validate",
]

KIND = "stepgrad.trace"
VERSION = 1


class ArrayValue(TypedDict):
    """An array: its shape and its first entries in C order."""

    shape: list[int]
    data: list[float | str]
    truncated: bool


Value = float | str | ArrayValue
"""A number; "NaN", "Infinity" or "-Infinity"; or an array."""


class Span(TypedDict):
    """A piece of a line of the code: columns are counted from 0, the end is exclusive, lines are counted from 1."""

    line: int
    start: int
    end: int


class Code(TypedDict):
    """The function's text."""

    text: str
    first_line: int
    language: Literal["expression", "python"]


class MapEntry(TypedDict):
    """A local Jacobian as a linear map: what it does to a tangent "□", and its transpose to an adjoint "□"."""

    structure: str
    push: Tree
    pull: Tree


class NodeEntry(TypedDict):
    """An input, or an operation with its value."""

    label: str
    kind: Literal["input", "operation"]
    primitive: str | None
    symbol: str | None
    arguments: list[Any]
    expression: Tree | None
    partials: list[Tree | None]
    maps: list[MapEntry | None]
    role: Literal["distributor", "switcher", "router"] | None
    value: Value
    shape: list[int]
    dtype: str
    x: float
    y: float
    span: Span | None


Edge = TypedDict("Edge", {"from": str, "to": str, "argument": int, "points": list[list[float]]})


class Guard(TypedDict):
    """A comparison that chose a branch of the Python code."""

    op: str
    left: float | str
    right: float | str
    outcome: bool


class GraphEntry(TypedDict):
    """The computational graph, placed on a grid."""

    name: str
    live: bool
    code: Code | None
    inputs: list[str]
    output: str
    columns: float
    rows: float
    nodes: list[NodeEntry]
    edges: list[Edge]
    guards: list[Guard]


class StepEntry(TypedDict):
    """One step of a sweep."""

    phase: Literal["primal", "tangent", "seed", "adjoint"]
    node: str
    source: str | None
    argument: int | None
    formula: Tree
    accumulates: bool
    value: Value
    contribution: Value | None
    contributions: list[Value] | None
    operations: int
    held: int
    bytes: int
    latex: str
    text: str


class Result(TypedDict):
    """What a sweep computed."""

    value: Value
    derivative: Value | None
    gradient: list[Value] | None


class SweepEntry(TypedDict):
    """One walk over the graph."""

    mode: Literal["primal", "forward", "reverse"]
    seed: list[Value] | Value | None
    steps: list[StepEntry]
    result: Result


class TraceDocument(TypedDict):
    """A graph and sweeps over it."""

    kind: str
    version: int
    graph: GraphEntry
    sweeps: list[SweepEntry]


class DocumentError(ValueError):
    """A document that cannot be read; the message is one sentence that names the place."""


# ---- values ------------------------------------------------------------------------------------------------------


def encode_value(value: object) -> Value:
    """A real number or array as it stands in a document.

    Scalars (Python numbers, booleans, NumPy scalars and 0-d arrays) become numbers, or "NaN", "Infinity" or
    "-Infinity"; other arrays an `ArrayValue` with their first 64 entries. Raises DocumentError for anything else.
    """
    if isinstance(value, float):
        return _encode_number(value)
    array = np.asarray(value)
    if array.dtype.kind not in "biuf":
        raise DocumentError(f"A trace document holds real numbers only, not {array.dtype.name}.")
    if not array.ndim:
        return _encode_number(array.item())
    flat = array.ravel()[:ENTRY_LIMIT].tolist() if array.size <= ENTRY_LIMIT else array.flat[:ENTRY_LIMIT].tolist()
    return {
        "shape": list(array.shape),
        "data": [_encode_number(entry) for entry in flat],
        "truncated": array.size > ENTRY_LIMIT,
    }


def _encode_number(number: float) -> float | str:
    if isinstance(number, bool):
        return int(number)
    if math.isfinite(number):
        return number
    return "NaN" if math.isnan(number) else "Infinity" if number > 0 else "-Infinity"


def decode_value(value: Value) -> float | np.ndarray[Any, np.dtype[np.float64]]:
    """The number or float64 array that a document's value stands for; DocumentError if it is not all there."""
    if isinstance(value, Mapping):
        if value["truncated"]:
            raise DocumentError(f"An array of shape {tuple(value['shape'])} is shortened in this document.")
        try:
            return np.array([float(entry) for entry in value["data"]]).reshape(value["shape"])
        except ValueError as error:
            raise DocumentError(f"An array in this document is not of its shape {tuple(value['shape'])}.") from error
    if isinstance(value, str) and value not in ("NaN", "Infinity", "-Infinity"):
        raise DocumentError(f"{found(value)} is not a value of a trace document.")
    return float(value)


# ---- reading and writing -----------------------------------------------------------------------------------------


def to_json(document: TraceDocument) -> str:
    """The document as JSON on one line; DocumentError if it is not a valid one."""
    return json.dumps(validate(document), ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def from_json(text: str | bytes) -> TraceDocument:
    """Read a document; DocumentError, with one sentence, for anything that is not a valid one."""
    try:
        data = json.loads(text, parse_constant=_refuse_constant, object_pairs_hook=_distinct_members)
    except DocumentError:
        raise
    except RecursionError as error:
        raise DocumentError("This is not a trace document: it nests too deeply.") from error
    except UnicodeDecodeError as error:
        raise DocumentError("This is not a trace document: it is not text in UTF-8.") from error
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise DocumentError(f"This is not a trace document: it is not JSON ({error.msg} at {where}).") from error
    except ValueError as error:  # an integer of thousands of digits
        raise DocumentError("This is not a trace document: a number in it is too long.") from error
    return validate(data)


def _refuse_constant(name: str) -> float:
    raise DocumentError(f'This trace document is not strict JSON: {name} must be written as the string "{name}".')


def _distinct_members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        twice = next(key for number, (key, _) in enumerate(pairs) if key in dict(pairs[:number]))
        raise DocumentError(f"This trace document is ambiguous: an object in it has two members named {found(twice)}.")
    return members


@cache
def schema() -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of the trace document. Don't change it: it is read once."""
    text = Path(__file__).with_name("trace.schema.json").read_text(encoding="utf-8")
    return cast("dict[str, Any]", json.loads(text))


def validate(document: object) -> TraceDocument:
    """Return the document if it is a valid one of this version, as it is; else raise DocumentError.

    Checked are the kind and the version, the structure (see `schema`), and that the parts agree: labels are distinct
    and refer to nodes that come before, edges are the nodes' arguments, arrays have as many entries as their shape
    says, and steps are of a kind that their sweep's mode has.
    """
    if not isinstance(document, dict):
        raise DocumentError(f"This is not a trace document: an object was expected, found {found(document)}.")
    kind, version = document.get("kind"), document.get("version")
    if kind != KIND:
        raise DocumentError(f'This is not a trace document: its kind is {found(kind)}, not "{KIND}".')
    if isinstance(version, bool) or version != VERSION:
        raise DocumentError(
            f"This trace document has version {found(version)}, and only version {VERSION} can be read here: "
            "open it with the stepgrad that wrote it, or a newer one."
        )
    try:
        check(schema(), document)
        check_parts(cast("TraceDocument", document))
    except MismatchError as mismatch:
        where = f" at {mismatch.path}" if mismatch.path else ""
        raise DocumentError(f"This trace document is malformed{where}: {mismatch.reason}.") from None
    return cast("TraceDocument", document)
