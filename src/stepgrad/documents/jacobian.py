"""The Jacobian document: a structured Jacobian as plain data and a few arrays of bytes, for a viewer of any zoom.

A document holds the forms of the Jacobian's terms (`stepgrad.autodiff.forms`): labels with their sizes, the axes of
output and input as affine functions of them, and the factors as strided views of buffers; a term that has no form is
a sparse matrix in rows. From that a reader can tell any entry, enumerate any row and draw any part, and nothing in it
is as large as the matrix. On the wire the buffers travel as bytes beside the header (`encode`); in a JSON document they
are Base64 (`to_document`).

Buffers are little-endian: "f8", "f4", "i4", and "bit" with eight truth values in a byte, the first in the lowest bit.
Numbers are float64 where all of them fit in `BUDGET`, and float32, said so by `exact`, where they do not.
"""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Mapping
from functools import cache
from math import prod
from pathlib import Path
from typing import Any, NamedTuple, TypedDict

import numpy as np

from ..autodiff.chains import Chain, Matrix, structure_of
from ..autodiff.forms import Axis, Factor, Form, Label, Shape, contracted, orders, tells_cells_apart
from ..autodiff.structured import StructuredJacobian, human_bytes
from .schema import MismatchError, check
from .trace import DocumentError

KIND, VERSION = "stepgrad.jacobian", 1
BUDGET = 3_900_000
"""The bytes of numbers that a document may hold, so that it crosses to a browser in less than 4 MiB."""


class Side(NamedTuple):
    """What stands at the rows, or at the columns.

    Attributes:
        symbol: what it is called in formulas: "h", "x", "W".
        axes: what the axes of its array count: ("sample", "unit").
    """

    symbol: str
    axes: tuple[str, ...]


class ArrayEntry(TypedDict):
    """A strided view of a buffer, over labels."""

    labels: list[int]
    buffer: int
    offset: int
    strides: list[int]


class AxisEntry(TypedDict):
    """A position: offset + Σ coefficient · label + Σ table."""

    offset: int
    terms: list[list[int]]
    tables: list[ArrayEntry]


class Encoded(NamedTuple):
    """A document in two parts: what is JSON, and the buffers."""

    header: dict[str, Any]
    buffers: list[bytes]


def encode(
    jacobian: StructuredJacobian, rows: Side | None = None, columns: Side | None = None, formula: str | None = None
) -> Encoded:
    """The header and the buffers of a Jacobian's document.

    Args:
        jacobian: what to show.
        rows: what its rows are.
        columns: what its columns are.
        formula: its structure as LaTeX, where one is known.

    Raises:
        DocumentError: it has so many entries without a closed form that they don't fit.
    """
    rows = rows or side("y", jacobian.out_shape)
    columns = columns or side("x", jacobian.in_shape)
    terms = [_term(chain) for chain in jacobian.chains]
    writer = _Writer(_precision(terms))
    entries = [writer.term(term) for term in terms]
    return Encoded(
        {
            "kind": KIND,
            "version": VERSION,
            "rows": jacobian.shape[0],
            "columns": jacobian.shape[1],
            "dtype": jacobian.dtype.name,
            "output": {"symbol": rows.symbol, "shape": list(jacobian.out_shape), "axes": list(rows.axes)},
            "input": {"symbol": columns.symbol, "shape": list(jacobian.in_shape), "axes": list(columns.axes)},
            "structure": jacobian.structure,
            "formula": formula,
            "exact": writer.precision == "f8",
            "labels": [label.size for label in writer.numbers],
            "terms": entries,
            "buffers": [{"type": kind, "length": length} for kind, length in writer.kinds],
            "nonzeros": jacobian.nnz,
            "kept_bytes": jacobian.nbytes,
            "dense_bytes": jacobian.dense_nbytes,
            "chains": [_chain_entry(chain) for chain in jacobian.chains],
        },
        writer.buffers,
    )


def to_document(encoded: Encoded) -> dict[str, Any]:
    """The document as one piece of JSON data, its buffers in Base64."""
    buffers = [
        {**entry, "data": b64encode(data).decode("ascii")}
        for entry, data in zip(encoded.header["buffers"], encoded.buffers, strict=True)
    ]
    return {**encoded.header, "buffers": buffers}


def decode(document: Mapping[str, Any]) -> StructuredJacobian:
    """The Jacobian that a document (with its buffers in Base64) holds: each term multiplied out.

    Raises:
        DocumentError: it is no Jacobian document of this version.
    """
    validate(document)
    labels = [Label(n) for n in document["labels"]]
    memory = [_unpacked(buffer) for buffer in document["buffers"]]
    out_shape, in_shape = tuple(document["output"]["shape"]), tuple(document["input"]["shape"])
    chains = [Chain((_read_term(term, labels, memory, out_shape, in_shape),)) for term in document["terms"]]
    return StructuredJacobian(chains, out_shape, in_shape, document["dtype"])


def _unpacked(buffer: Mapping[str, Any]) -> Any:
    data = np.frombuffer(b64decode(buffer["data"]), np.uint8)
    if buffer["type"] == "bit":
        return np.unpackbits(data, count=buffer["length"], bitorder="little").astype(bool)
    return data.view(f"<{buffer['type']}")


def _read_term(
    term: Mapping[str, Any], labels: list[Label], memory: list[Any], out_shape: Shape, in_shape: Shape
) -> Form | Matrix:
    if "sparse" in term:
        from scipy.sparse import csr_array

        starts, columns, values = (memory[term["sparse"][key]] for key in ("starts", "columns", "values"))
        return Matrix(csr_array((values, columns, starts), (prod(out_shape), prod(in_shape))), out_shape, in_shape)

    def array(entry: ArrayEntry) -> Factor:
        own, base = tuple(labels[k] for k in entry["labels"]), memory[entry["buffer"]]
        strides = [base.itemsize * stride for stride in entry["strides"]]
        shape = [label.size for label in own]
        return own, np.lib.stride_tricks.as_strided(base[entry["offset"] :], shape, strides, writeable=False)

    def axis(entry: AxisEntry) -> Axis:
        terms = {labels[k]: coefficient for k, coefficient in entry["terms"]}
        return Axis(entry["offset"], terms, tuple(map(array, entry["tables"])))

    outside, inside = [axis(a) for a in term["output"]], [axis(a) for a in term["input"]]
    return Form(out_shape, outside, in_shape, inside, [array(factor) for factor in term["factors"]])


@cache
def schema() -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of the Jacobian document. Don't change it: it is read once."""
    text = Path(__file__).with_name("jacobian.schema.json").read_text(encoding="utf-8")
    loaded: dict[str, Any] = json.loads(text)
    return loaded


def validate(document: object) -> dict[str, Any]:
    """Return the document if it is a valid one of this version; else raise DocumentError, which says where it isn't."""
    try:
        check(schema(), document)
    except MismatchError as mismatch:
        where = f" at {mismatch.path}" if mismatch.path else ""
        raise DocumentError(f"This is not a Jacobian document, or malformed{where}: {mismatch.reason}.") from None
    assert isinstance(document, dict)
    return document


def side(symbol: str, shape: tuple[int, ...]) -> Side:
    """The side of an array of which nothing but the shape is known."""
    return Side(symbol, ("entry",) if len(shape) == 1 else tuple(f"axis {k}" for k in range(len(shape))))


def _term(chain: Chain) -> Form | Matrix:
    """What a reader gets of a chain: its form multiplied out, if a cell tells its labels; or else the sparse matrix."""
    if chain.form is not None and chain.steps[0] == "closed form" and tells_cells_apart(chain.form):
        return contracted(chain.form)
    first, last = chain.pieces[0], chain.pieces[-1]
    return Matrix(chain.to_csr(np.float64), first.out_shape, last.in_shape)


def _chain_entry(chain: Chain) -> dict[str, Any]:
    """The factors of a product, and what multiplying them takes in either order."""
    pieces = [
        {
            "structure": structure_of(piece),
            "rows": piece.shape[0],
            "columns": piece.shape[1],
            "entries": piece.count if isinstance(piece, Form) else int(piece.matrix.nnz),
        }
        for piece in chain.pieces
    ]
    both = orders(chain.form) if chain.form is not None and chain.form.hidden else ()
    return {"factors": pieces, "orders": {order.name: order.multiplications for order in both}}


def _precision(terms: list[Form | Matrix]) -> str:
    """How numbers are written: the most exact way that fits."""
    numbers = fixed = 0
    for term in terms:
        if isinstance(term, Matrix):
            numbers += term.matrix.nnz
            fixed += term.matrix.indices.nbytes + term.matrix.indptr.nbytes
            continue
        numbers += sum(_base(array).size for _, array in term.factors if array.dtype != bool)
        fixed += sum(4 * _base(table).size for axis in (*term.out_axes, *term.in_axes) for _, table in axis.tables)
    for precision, size in (("f8", 8), ("f4", 4)):
        if numbers * size + fixed <= BUDGET:
            return precision
    raise DocumentError(
        f"This Jacobian has {numbers:,} numbers that have to be kept one by one, and a viewer takes at most "
        f"{BUDGET // 4:,}: look at a smaller layer, a smaller batch, or at single rows."
    )


def _base(array: Any) -> Any:
    """The memory that a strided view reaches over, as a flat array."""
    if not array.size:
        return np.zeros(0, array.dtype)
    low = sum(min(0, (n - 1) * s) for n, s in zip(array.shape, array.strides, strict=True))
    high = sum(max(0, (n - 1) * s) for n, s in zip(array.shape, array.strides, strict=True))
    count = (high - low) // array.itemsize + 1
    if count > array.size:  # it reaches over more than it has: a copy is smaller
        return np.ascontiguousarray(array).reshape(-1)
    first = array[tuple(slice(None, None, -1) if s < 0 else slice(None) for s in array.strides)]
    return np.lib.stride_tricks.as_strided(first, (count,), (array.itemsize,), writeable=False)


class _Writer:
    """Numbers labels, and collects buffers; arrays over the same memory share one."""

    def __init__(self, precision: str) -> None:
        self.precision = precision
        self.numbers: dict[Label, int] = {}
        self.kinds: list[tuple[str, int]] = []
        self.buffers: list[bytes] = []
        self._known: dict[Any, int] = {}
        self._alive: list[Any] = []  # whose addresses stand in `_known`

    def term(self, term: Form | Matrix) -> dict[str, Any]:
        """A term's entry."""
        if isinstance(term, Matrix):
            matrix = term.matrix
            return {
                "sparse": {
                    "starts": self._buffer(matrix.indptr.astype(np.int32), "i4"),
                    "columns": self._buffer(matrix.indices.astype(np.int32), "i4"),
                    "values": self._buffer(matrix.data, self.precision),
                }
            }
        return {
            "output": [self._axis(axis) for axis in term.out_axes],
            "input": [self._axis(axis) for axis in term.in_axes],
            "factors": [
                self._array(factor, "bit" if factor[1].dtype == bool else self.precision) for factor in term.factors
            ],
        }

    def _axis(self, axis: Axis) -> AxisEntry:
        return {
            "offset": int(axis.offset),
            "terms": [[self._label(label), int(coefficient)] for label, coefficient in axis.terms.items()],
            "tables": [self._array(table, "i4") for table in axis.tables],
        }

    def _label(self, label: Label) -> int:
        return self.numbers.setdefault(label, len(self.numbers))

    def _array(self, factor: Factor, kind: str) -> ArrayEntry:
        labels, array = factor
        base = _base(array)
        if kind == "bit" or not np.shares_memory(base, array):
            array = np.ascontiguousarray(array)
            base = array.reshape(-1)
        negative = sum(min(0, (n - 1) * s) for n, s in zip(array.shape, array.strides, strict=True))
        return {
            "labels": [self._label(label) for label in labels],
            "buffer": self._buffer(base, kind),
            "offset": -negative // array.itemsize,
            # NumPy makes a single number an array of one when it is copied.
            "strides": [s // array.itemsize for s in array.strides[: len(labels)]],
        }

    def _buffer(self, base: Any, kind: str) -> int:
        key = (base.__array_interface__["data"][0], base.size, base.dtype.str, kind)
        if key not in self._known:
            self._known[key] = len(self.buffers)
            self._alive.append(base)
            self.kinds.append((kind, int(base.size)))
            packed = np.packbits(base, bitorder="little") if kind == "bit" else base.astype(f"<{kind}")
            self.buffers.append(packed.tobytes())
        return self._known[key]


__all__ = ["BUDGET", "Encoded", "Side", "decode", "encode", "human_bytes", "schema", "side", "to_document", "validate"]
