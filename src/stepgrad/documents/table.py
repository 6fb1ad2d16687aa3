"""The trace document as text: the evaluation trace table of the textbooks.

The two columns are those of Baydin, Pearlmutter, Radul and Siskind, *Automatic differentiation in machine learning:
a survey*, JMLR 18 (2018), tables 2 and 3: the primal trace at the left; at the right the tangent trace, row by row
beside it, or the adjoint trace. The survey's adjoint trace is read from the bottom up; here it stands in the order in
which it is computed, from top to bottom, and a contribution that is added to earlier ones shows what they come to.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import zip_longest
from typing import NamedTuple

from .formulas import Tree, number, text
from .trace import GraphEntry, StepEntry, SweepEntry, TraceDocument, Value

__all__ = ["Row", "adjoint_rows", "chosen_input", "display", "primal_rows", "table", "tangent_rows", "width"]

_ENTRIES = 4  # of an array that are printed


class Row(NamedTuple):
    """A line of a trace, cell by cell; a cell that would repeat the one before it is empty."""

    name: str
    relation: str  # = or +=
    symbols: str
    numbers: str
    value: str
    total: str  # what an added contribution comes to


def table(document: TraceDocument, sweep: SweepEntry | int | None = None) -> str:
    """Print a trace document as a table, without a line feed at the end.

    Args:
        document: The document; it is taken to be valid.
        sweep: The sweep whose trace stands at the right: one of the document's, or its number. Without one, and for a
            primal sweep, the primal trace stands alone.

    Returns:
        Lines for a monospaced font: the function and where it is evaluated; the columns; the result.
    """
    if isinstance(sweep, int):
        sweep = document["sweeps"][sweep]
    graph = document["graph"]
    blocks = [_block("Primal trace", primal_rows(graph))]
    if sweep is not None and sweep["mode"] == "forward":
        blocks.append(_block("Tangent trace", tangent_rows(graph, sweep)))
    if sweep is not None and sweep["mode"] == "reverse":
        blocks.append(_block("Adjoint trace", adjoint_rows(graph, sweep)))
    widths = [max(map(width, block)) for block in blocks]
    body = [
        "    ".join(_padded(cell, size) for cell, size in zip(cells, widths, strict=True)).rstrip()
        for cells in zip_longest(*blocks, fillvalue="")
    ]
    rule = "─" * (sum(widths) + 4 * (len(widths) - 1))
    heading = [*_heading(graph, sweep), ""]
    return "\n".join([*heading, body[0], rule, *body[1:], rule, *_footing(graph, sweep)])


# ---- the rows ----------------------------------------------------------------------------------------------------


def primal_rows(graph: GraphEntry) -> list[Row]:
    """One row a node: ``w₁ =``, ``log x₁``, ``log 2``, ``0.693``."""
    values = _primals(graph)
    rows = []
    for node in graph["nodes"]:
        formula = None if node["kind"] == "input" else node["expression"]
        rows.append(_row(node["label"], formula, values, node["value"]))
    return rows


def tangent_rows(graph: GraphEntry, sweep: SweepEntry) -> list[Row]:
    """One row a node, the seed for inputs, in the order of the nodes."""
    values = _primals(graph)
    seed = sweep["seed"] if isinstance(sweep["seed"], list) else []
    rows = []
    for label, value in zip(graph["inputs"], seed, strict=True):
        rows.append(_row(["dot", label], None, values, value))
        _learn(values, f"dot {label}", value)
    for step in sweep["steps"]:
        rows.append(_row(["dot", step["node"]], step["formula"], values, step["value"]))
        _learn(values, f"dot {step['node']}", step["value"])
    return rows


def adjoint_rows(graph: GraphEntry, sweep: SweepEntry) -> list[Row]:
    """One row a seed or adjoint step, in the order of the sweep."""
    values = _primals(graph)
    rows = []
    for step in sweep["steps"]:
        if step["phase"] == "primal":
            continue
        rows.append(_adjoint_row(step, values))
        _learn(values, f"bar {step['node']}", step["value"])
    return rows


def _adjoint_row(step: StepEntry, values: Mapping[str, float]) -> Row:
    left: Tree = ["bar", step["node"]]
    if step["phase"] == "seed":
        return _row(left, None, values, step["value"])
    arrived = step["value"] if step["contribution"] is None else step["contribution"]
    row = _row(left, step["formula"], values, arrived)
    return row._replace(relation="+=", total=display(step["value"])) if step["accumulates"] else row


def _row(left: Tree, formula: Tree | None, values: Mapping[str, float], value: Value) -> Row:
    result = display(value)
    symbols = "" if formula is None else text(formula)
    numbers = "" if formula is None or isinstance(value, Mapping) else text(formula, values)
    if numbers in (symbols, result):
        numbers = ""
    return Row(text(left), "=", "" if symbols == result else symbols, numbers, result, "")


def _primals(graph: GraphEntry) -> dict[str, float]:
    values: dict[str, float] = {}
    for node in graph["nodes"]:
        _learn(values, node["label"], node["value"])
    return values


def _learn(values: dict[str, float], key: str, value: Value) -> None:
    """Remember a scalar, to be put into formulas."""
    if not isinstance(value, Mapping):
        values[key] = float(value)


def display(value: Value) -> str:
    """A value for reading: a rounded number, or an array's shape and its first entries, ``(2, 3) [1, 2, 3, 4, …]``."""
    if not isinstance(value, Mapping):
        return number(float(value))
    shape = value["shape"]
    axes = f"({shape[0]},)" if len(shape) == 1 else f"({', '.join(map(str, shape))})"
    entries = [number(float(entry)) for entry in value["data"][:_ENTRIES]]
    if value["truncated"] or len(value["data"]) > _ENTRIES:
        entries.append("…")
    return f"{axes} [{', '.join(entries)}]"


# ---- the page ----------------------------------------------------------------------------------------------------


def _heading(graph: GraphEntry, sweep: SweepEntry | None) -> Iterator[str]:
    """The function; where it is evaluated; in which mode and with which seed."""
    code = graph["code"]
    signature = f"{text(graph['name'])}({', '.join(map(text, graph['inputs']))})"
    yield f"{signature} = {' '.join(code['text'].split())}" if code and code["language"] == "expression" else signature
    inputs = [node for node in graph["nodes"] if node["kind"] == "input"]
    if inputs:
        yield "at " + _listed((text(node["label"]), node["value"]) for node in inputs)
    seed = None if sweep is None else sweep["seed"]
    if isinstance(seed, list):
        names = (text(["dot", label]) for label in graph["inputs"])
        yield f"forward mode, seed {_listed(zip(names, seed, strict=True))}"
    elif seed is not None:
        yield f"reverse mode, seed {text(['bar', graph['output']])} = {display(seed)}"


def _footing(graph: GraphEntry, sweep: SweepEntry | None) -> Iterator[str]:
    """The results: the value, or the derivatives that the sweep computed."""
    output = graph["output"]
    if sweep is None or sweep["mode"] == "primal":
        yield f"{text(output)} = {display(_value(graph, output))}"
    elif sweep["mode"] == "forward" and sweep["result"]["derivative"] is not None:
        yield f"{_derivative_name(graph, sweep)} = {display(sweep['result']['derivative'])}"
    elif sweep["result"]["gradient"] is not None:
        names = (_gradient_name(label, output, sweep) for label in graph["inputs"])
        yield _listed(zip(names, sweep["result"]["gradient"], strict=True))


def chosen_input(graph: GraphEntry, sweep: SweepEntry) -> str | None:
    """The input whose partial derivative a forward sweep computes, if its seed is a unit vector."""
    seed = sweep["seed"] if isinstance(sweep["seed"], list) else []
    chosen = [(label, value) for label, value in zip(graph["inputs"], seed, strict=True) if value != 0]
    return chosen[0][0] if len(chosen) == 1 and chosen[0][1] == 1 else None


def _derivative_name(graph: GraphEntry, sweep: SweepEntry) -> str:
    output, chosen = graph["output"], chosen_input(graph, sweep)
    return f"∇{text(output)}·ẋ" if chosen is None else text(["partial", output, chosen])


def _gradient_name(label: str, output: str, sweep: SweepEntry) -> str:
    """An entry of the gradient, or the input's adjoint if the seed is not 1."""
    return text(["partial", output, label]) if sweep["seed"] == 1 else text(["bar", label])


def _value(graph: GraphEntry, label: str) -> Value:
    return next(node["value"] for node in graph["nodes"] if node["label"] == label)


def _listed(pairs: Iterable[tuple[str, Value]]) -> str:
    return ", ".join(f"{name} = {display(value)}" for name, value in pairs)


def _block(title: str, rows: Sequence[Row]) -> list[str]:
    """A title and rows as lines whose cells stand in columns."""
    name, relation, symbols, numbers, value, _ = (max(map(width, column)) for column in zip(*rows, strict=True))
    lines = [title]
    for row in rows:
        line = f"{_padded(row.name, name)} {row.relation.rjust(relation)} "
        if not row.symbols and not row.numbers:
            lines.append(line + row.value)
            continue
        line += _padded(row.symbols, symbols)
        if numbers:
            line += _padded(f" = {row.numbers}" if row.numbers else "", numbers + 3)
        line += f" = {row.value}"
        if row.total:
            line = f"{_padded(line, width(line) + value - width(row.value))}  → {row.total}"
        lines.append(line)
    return lines


def width(line: str) -> int:
    """How many columns a line takes in a monospaced font: accents none, wide East Asian characters two."""
    return sum(
        0 if unicodedata.combining(letter) else 2 if unicodedata.east_asian_width(letter) in "WF" else 1
        for letter in line
    )


def _padded(line: str, size: int) -> str:
    return line + " " * (size - width(line))
