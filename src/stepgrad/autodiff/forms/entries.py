"""The entries of a form: all of them as a sparse array, or exactly those of one row or cell, without the rest."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import prod
from typing import Any

import numpy as np

from .axes import (
    Array,
    Axis,
    Factor,
    Label,
    counts_up,
    digits_of,
    flat_axis,
    flat_positions,
    labels_of,
    mixed_radix,
    runs_in_order,
    spread,
    stretched,
)
from .contraction import contract, contracted, values
from .form import Form


def to_csr(form: Form, dtype: Any) -> Any:
    """The matrix as a scipy.sparse CSR array; entries that are zero by chance are kept, those outside a range not."""
    from scipy.sparse import coo_array

    given = form.factors
    form = contracted(form)
    order, numbers = values(form)
    column, column_inside = flat_positions(form.in_axes, form.in_shape, order)
    index = np.dtype(np.int32 if max(*form.shape, numbers.size) < 2**31 else np.int64)
    if numbers.size and column_inside is None and runs_in_order(form.out_axes, form.out_shape):
        return _row_by_row(form, _own(numbers, given, dtype), _own(stretched(column, order), (), index))
    row, row_inside = flat_positions(form.out_axes, form.out_shape, order)
    row, column, data = (np.broadcast_to(a, numbers.shape).reshape(-1) for a in (row, column, numbers))
    inside = [w for w in (row_inside, column_inside) if w is not None]
    if inside:
        kept = np.broadcast_to(np.logical_and.reduce(np.broadcast_arrays(*inside)), numbers.shape).reshape(-1)
        row, column, data = row[kept], column[kept], data[kept]
    places = row.astype(index), column.astype(index)
    return coo_array((data.astype(dtype), places), shape=form.shape).tocsr()


def _own(array: Array, given: Iterable[Factor], dtype: Any) -> Array:
    """The entries of an array in one row, and in no one else's hands: copied if they are a view, of weights perhaps."""
    free = array.flags.writeable and not any(np.may_share_memory(array, other) for _, other in given)
    return np.array(array, dtype, order="C", copy=None if free else True).reshape(-1)


def _row_by_row(form: Form, data: Array, columns: Array) -> Any:
    """A CSR array of entries that come row by row, as many in each: nothing to sort."""
    from scipy.sparse import csr_array

    each = data.size // form.shape[0]
    starts = np.arange(0, data.size + 1, each, dtype=columns.dtype)
    matrix = csr_array((data, columns, starts), shape=form.shape)
    if counts_up(flat_axis(form.in_axes, form.in_shape), form.in_labels):
        matrix.has_canonical_format = True  # which says that columns are in order too, each once
    else:
        matrix.sum_duplicates()
    return matrix


# Single rows and cells ------------------------------------------------------------------------------------------------
def row(form: Form, i: int, dtype: Any) -> tuple[Array, Array]:
    """The columns and values of one row's entries, in order of their columns, each column once."""
    found_columns, found_values = [], []
    for given in _assignments(form.out_axes, np.unravel_index(i, form.out_shape)):
        factors, in_axes = _restricted(form, given)
        order = list(dict.fromkeys(label for axis in in_axes for label in axis.labels))
        labels, array = contract(factors, order)
        shape = [label.size for label in order]
        columns, inside = flat_positions(in_axes, form.in_shape, order)
        kept = slice(None) if inside is None else np.broadcast_to(inside, shape).reshape(-1)
        found_columns.append(np.broadcast_to(columns, shape).reshape(-1)[kept])
        found_values.append(np.broadcast_to(spread(labels, array, order), shape).reshape(-1)[kept])
    if not found_columns:
        return np.zeros(0, np.int64), np.zeros(0, dtype)
    columns, where = np.unique(np.concatenate(found_columns), return_inverse=True)
    total = np.zeros(columns.size, dtype)
    np.add.at(total, where, np.concatenate(found_values).astype(dtype))
    return columns, total


def entry(form: Form, i: int, j: int, dtype: Any) -> Any:
    """One entry of the matrix."""
    axes = (*form.out_axes, *form.in_axes)
    places = (*np.unravel_index(i, form.out_shape), *np.unravel_index(j, form.in_shape))
    total = np.zeros((), dtype)
    for given in _assignments(axes, places):
        factors, _ = _restricted(form, given)
        total = total + contract(factors, ())[1].astype(dtype)
    return total.astype(dtype)[()]


def _restricted(form: Form, given: dict[Label, int]) -> tuple[list[Factor], list[Axis]]:
    """The factors and the input's axes with labels fixed."""
    return [_picked(factor, given) for factor in form.factors], [_fixed(axis, given) for axis in form.in_axes]


def _picked(factor: Factor, given: dict[Label, int]) -> Factor:
    labels, array = factor
    picked = array[tuple([given.get(label, slice(None)) for label in labels])]
    return tuple([label for label in labels if label not in given]), picked


def _fixed(axis: Axis, given: dict[Label, int]) -> Axis:
    offset = axis.offset + sum(c * given[label] for label, c in axis.terms.items() if label in given)
    terms = {label: c for label, c in axis.terms.items() if label not in given}
    tables = [_picked(table, given) for table in axis.tables]
    offset += sum(int(table) for labels, table in tables if not labels)
    return Axis(offset, terms, tuple(table for table in tables if table[0]))


def _assignments(axes: Sequence[Axis], places: Iterable[Any]) -> list[dict[Label, int]]:
    """Every way to choose the labels of some axes so that each axis is at its place."""
    ways: list[dict[Label, int]] = [{}]
    rest = list(zip(axes, map(int, places), strict=True))
    while rest and ways:
        known = ways[0].keys()
        rest.sort(key=lambda pair: prod(label.size for label in pair[0].labels if label not in known))
        axis, place = rest.pop(0)
        ways = [way | more for way in ways for more in _solutions(_fixed(axis, way), place)]
    return ways


def _solutions(axis: Axis, place: int) -> list[dict[Label, int]]:
    """Every choice of labels for which an axis is at a place: digits in mixed radix, or else a search."""
    digits = digits_of(axis, place)
    if digits is not None:
        return digits
    order = axis.labels
    hits = np.nonzero(np.broadcast_to(axis.positions(order), [label.size for label in order]) == place)
    return [dict(zip(order, map(int, hit), strict=True)) for hit in zip(*hits, strict=True)]


def tells_cells_apart(form: Form) -> bool:
    """Whether each cell of the matrix has at most one term of the sum, whose labels can be read off the cell."""
    axes = (*form.out_axes, *form.in_axes)
    known: set[Label] = set()
    rest = list(axes)
    while True:  # an axis tells its labels apart once the others in it are known
        told = [axis for axis in rest if _tells(axis, known)]
        if not told:
            return known.issuperset(labels_of(axes))
        known.update(label for axis in told for label in axis.labels)
        rest = [axis for axis in rest if axis not in told]


def _tells(axis: Axis, known: set[Label]) -> bool:
    if any(label not in known for labels, _ in axis.tables for label in labels):
        return False
    unknown = {label: c for label, c in axis.terms.items() if label not in known}
    return len(unknown) == 1 or mixed_radix(Axis(0, unknown)) is not None
