"""Chains: products of factors that nobody has multiplied out, one for each path through a graph, and their sums.

A factor is a form, or a sparse matrix where there is no form. What only moves entries, or only scales them, melts into
a neighbour that does the same; every other factor stays apart, so that a chain FC · ReLU · FC keeps three small arrays.
"""

from __future__ import annotations

from functools import cached_property, reduce
from math import prod
from typing import Any

import numpy as np

from .forms import (
    Array,
    Form,
    Label,
    Shape,
    contract,
    entry,
    labels_of,
    melted,
    merge_windows,
    multiply,
    orders,
    row,
    spread,
    to_csr,
)
from .forms.axes import Axis

LONG = 32
"""A chain of more factors than this is multiplied one by one: to look for its closed form would take longer."""

MANY = 8
"""More chains than this that don't stand at the same places are added up as one sparse matrix."""


class Matrix:
    """A factor for which there is no form: a sparse matrix between arrays of fixed shapes."""

    __slots__ = ("in_shape", "matrix", "out_shape")

    def __init__(self, matrix: Any, out_shape: Shape, in_shape: Shape) -> None:
        self.matrix = matrix
        self.out_shape = out_shape
        self.in_shape = in_shape

    @property
    def shape(self) -> tuple[int, int]:
        """The shape of the matrix."""
        return prod(self.out_shape), prod(self.in_shape)

    @property
    def T(self) -> Matrix:  # noqa: N802 - NumPy's name
        """The transpose."""
        return Matrix(self.matrix.T.tocsr(), self.in_shape, self.out_shape)

    @property
    def nbytes(self) -> int:
        """The bytes of the numbers and of where they stand."""
        return int(self.matrix.data.nbytes + self.matrix.indices.nbytes + self.matrix.indptr.nbytes)


Piece = Form | Matrix


def structure_of(piece: Piece) -> str:
    """The name of a factor's structure."""
    return piece.name if isinstance(piece, Form) else "Sparse"


class Chain:
    """A product of factors, the first nearest to the output; one without factors is where others begin."""

    def __init__(self, pieces: tuple[Piece, ...]) -> None:
        self.pieces = pieces

    @cached_property
    def form(self) -> Form | None:
        """The whole product in closed form, not multiplied out; None where there is none."""
        forms = [piece for piece in self.pieces if isinstance(piece, Form)]
        if len(forms) < len(self.pieces) or len(forms) > LONG:
            return None
        found: Form | None = forms[-1]
        for outer in reversed(forms[:-1]):
            found = None if found is None else outer @ found
        return found and merge_windows(found)

    def after(self, piece: Piece) -> Chain:
        """The chain with one more factor at the output's side. What only moves or scales entries melts into it."""
        if not self.pieces:
            return Chain((piece,))
        first, *rest = self.pieces
        together = melted(piece, first) if isinstance(piece, Form) and isinstance(first, Form) else None
        return Chain((piece, first, *rest) if together is None else (together, *rest))

    @cached_property
    def structure(self) -> str:
        """The names of the factors."""
        names = [structure_of(piece) for piece in self.pieces]
        kept = [name for name in names if name != "Identity"]
        return " @ ".join(kept) if kept else names[0]

    @property
    def T(self) -> Chain:  # noqa: N802 - NumPy's name
        """The transpose."""
        return Chain(tuple(piece.T for piece in reversed(self.pieces)))

    def multiply(self, vector: Array) -> Array:
        """The product with a vector of the input's shape, factor by factor."""
        for piece in reversed(self.pieces):
            if isinstance(piece, Form):
                vector = multiply(piece, vector)
            else:
                vector = (piece.matrix @ vector.reshape(-1)).reshape(piece.out_shape)
        return vector

    @cached_property
    def steps(self) -> tuple[str, int, int | None]:
        """How the product is multiplied out ("closed form" or "sparse products"), at what cost, and the other's."""
        if self.form is None:
            return "sparse products", self._sparse_cost(), None
        closed = min(order.multiplications for order in orders(self.form)) + self.form.count
        if len(self.pieces) == 1:
            return "closed form", closed, None
        sparse = self._sparse_cost()
        return ("sparse products", sparse, closed) if sparse < closed else ("closed form", closed, sparse)

    def _sparse_cost(self) -> int:
        """The multiplications that sparse products take, if each row of a factor has as many entries as the next."""

        def count(piece: Piece) -> int:
            return piece.count if isinstance(piece, Form) else int(piece.matrix.nnz)

        entries, total = count(self.pieces[-1]), 0
        for piece in reversed(self.pieces[:-1]):
            entries = count(piece) * max(1, entries // max(1, piece.shape[1]))
            total += entries
        return total + sum(map(count, self.pieces))

    def to_csr(self, dtype: Any) -> Any:
        """The matrix as a CSR array, by the cheaper way."""
        way, *_ = self.steps
        if way == "closed form" and self.form is not None:
            return to_csr(self.form, dtype)
        matrices = [to_csr(p, dtype) if isinstance(p, Form) else p.matrix.astype(dtype) for p in self.pieces]
        return reduce(lambda a, b: a @ b, matrices).tocsr()

    def row(self, i: int, dtype: Any) -> tuple[Array, Array]:
        """The columns and values of a row; without a form a unit vector is multiplied through from the left."""
        if self.form is not None:
            return row(self.form, i, dtype)
        unit = np.zeros(self.pieces[0].shape[0])
        unit[i] = 1
        numbers = self.T.multiply(unit.reshape(self.pieces[0].out_shape)).reshape(-1)
        (columns,) = np.nonzero(numbers)
        return columns, numbers[columns]

    def entry(self, i: int, j: int, dtype: Any) -> Any:
        """One entry of the matrix."""
        if self.form is not None:
            return entry(self.form, i, j, dtype)
        columns, numbers = self.row(i, dtype)
        return numbers[columns == j].sum()


# Sums of chains -------------------------------------------------------------------------------------------------------
def added(chains: list[Chain], dtype: Any) -> list[Chain]:
    """The chains with those that stand at the same places made one."""
    by_place: dict[Any, list[Chain]] = {}
    for chain in chains:
        by_place.setdefault(_signature(chain) or id(chain), []).append(chain)
    merged = [_merged(group) if len(group) > 1 else group[0] for group in by_place.values()]
    if len(merged) <= MANY:
        return merged
    matrix = reduce(lambda a, b: a + b, [chain.to_csr(dtype) for chain in merged]).tocsr()
    first, last = merged[0].pieces[0], merged[0].pieces[-1]
    return [Chain((Matrix(matrix, first.out_shape, last.in_shape),))]


def _signature(chain: Chain) -> Any:
    """The places where a chain's terms stand, without regard to which labels say so; None if they aren't known."""
    form = chain.form
    if form is None or form.hidden:
        return None
    number: dict[Label, int] = {}

    def of(axis: Axis) -> Any:
        terms = [(number.setdefault(label, len(number)), label.size, c) for label, c in axis.terms.items()]
        tables = [
            (tuple(number.setdefault(label, len(number)) for label in labels), table.shape, table.tobytes())
            for labels, table in axis.tables
        ]
        return axis.offset, tuple(terms), tuple(tables)

    return tuple(map(of, form.out_axes)), tuple(map(of, form.in_axes))


def _merged(chains: list[Chain]) -> Chain:
    """Chains that stand at the same places as one factor: their numbers added."""
    forms = [chain.form for chain in chains if chain.form is not None]
    first = forms[0]
    order = labels_of((*first.out_axes, *first.in_axes))
    total: Any = 0
    used: set[Label] = set()
    for form in forms:
        same = dict(zip(labels_of((*form.out_axes, *form.in_axes)), order, strict=True))
        labels, array = contract(form.factors, list(same))
        mine = tuple(same[label] for label in labels)
        used.update(mine)
        total = total + spread(mine, array if array.dtype != bool else array.astype(np.float64), order)
    kept = [i for i, label in enumerate(order) if label in used]
    factor = tuple(order[i] for i in kept), total.reshape([total.shape[i] for i in kept])
    return Chain((Form(first.out_shape, first.out_axes, first.in_shape, first.in_axes, [factor]),))
