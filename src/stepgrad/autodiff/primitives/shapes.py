"""Primitives that move entries about: reshape, transpose, broadcast, join, split, pad, index, sort.

All of them are linear maps of their argument, so the map is the whole rule (see `..linear_maps`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index, normalize_axis_tuple

from ..linear_maps import LinearMap, Permutation, Recipe, Reshape, Scatter, Selection, broadcast
from ..primitive import General
from ..tensor import Tensor, dtype_of, note, raw, shape_of
from .arguments import refuse


def _stand_in(x: Any) -> np.ndarray[Any, Any]:
    """An array of x's shape that takes no memory, to ask NumPy what shape comes of it."""
    return np.broadcast_to(np.int8(0), shape_of(x))


def reshape(x: Any, shape: Any, order: str = "C", copy: Any = None) -> Any:
    """`numpy.reshape`; `copy` makes no difference, since Tensors aren't written into."""
    target = _stand_in(x).reshape(shape).shape
    if order == "F":
        return transpose(reshape(transpose(x), target[::-1]))
    if order != "C":
        raise TypeError(f"reshape of a Tensor takes order 'C' or 'F', not {order!r}")
    return Reshape(shape_of(x), target).apply(x)


def ravel(x: Any, order: str = "C") -> Any:
    """All entries in one row."""
    return reshape(x, -1, order)


def transpose(x: Any, axes: Sequence[int] | None = None) -> Any:
    """`numpy.transpose`."""
    ndim = len(shape_of(x))
    order = tuple(range(ndim))[::-1] if axes is None else normalize_axis_tuple(tuple(axes), ndim)
    return Permutation(shape_of(x), order).apply(x)


def swapaxes(x: Any, axis1: int, axis2: int) -> Any:
    """`numpy.swapaxes`."""
    order = list(range(len(shape_of(x))))
    order[axis1], order[axis2] = order[axis2], order[axis1]
    return transpose(x, order)


def moveaxis(x: Any, source: Any, destination: Any) -> Any:
    """`numpy.moveaxis`."""
    ndim = len(shape_of(x))
    sources, destinations = normalize_axis_tuple(source, ndim), normalize_axis_tuple(destination, ndim)
    order = [a for a in range(ndim) if a not in sources]
    for d, s in sorted(zip(destinations, sources, strict=True)):
        order.insert(d, s)
    return transpose(x, order)


def squeeze(x: Any, axis: Any = None) -> Any:
    """`numpy.squeeze`."""
    return reshape(x, np.squeeze(_stand_in(x), axis).shape)


def expand_dims(x: Any, axis: Any) -> Any:
    """`numpy.expand_dims`."""
    return reshape(x, np.expand_dims(_stand_in(x), axis).shape)


def broadcast_to(x: Any, shape: Any, subok: bool = False) -> Any:
    """`numpy.broadcast_to`."""
    target = np.broadcast_to(_stand_in(x), shape).shape
    return broadcast(shape_of(x), target).apply(x)


def getitem(x: Any, index: Any) -> Any:
    """`x[index]`, basic and advanced."""
    parts = tuple(index) if isinstance(index, tuple) else (index,)
    if any(type(p) is Tensor for p in parts):
        raise TypeError("a Tensor can't be an index: no derivative flows through a position. Use t.value")
    return Selection(shape_of(x), tuple(_frozen(p) for p in parts)).apply(x)


def _frozen(part: Any) -> Any:
    """A part of an index that stays as it is, whatever becomes of the array that it was given as."""
    if isinstance(part, list):
        array = np.array(part)
        return array if array.size else array.astype(np.intp)
    return part.copy() if isinstance(part, np.ndarray) else part


def take(x: Any, indices: Any, axis: int | None = None, out: Any = None, mode: str = "raise") -> Any:
    """`numpy.take`."""
    refuse("take", out=out)
    if axis is None:
        x, axis = ravel(x), 0
    axis = normalize_axis_index(axis, len(shape_of(x)))
    indices, n = np.asarray(indices), shape_of(x)[axis]
    if mode == "wrap":
        indices = indices % n
    elif mode == "clip":
        indices = np.clip(indices, 0, n - 1)
    return getitem(x, (slice(None),) * axis + (indices,))


def flip(x: Any, axis: Any = None) -> Any:
    """`numpy.flip`."""
    ndim = len(shape_of(x))
    axes = range(ndim) if axis is None else normalize_axis_tuple(axis, ndim)
    return getitem(x, tuple(slice(None, None, -1) if a in axes else slice(None) for a in range(ndim)))


def sort(x: Any, axis: int | None = -1, kind: Any = None, order: Any = None, *, stable: Any = None) -> Any:
    """`numpy.sort`: a selection by the order of the values (equal ones in the order in which they stand)."""
    refuse("sort", order=order)
    if axis is None:
        return sort(ravel(x))
    return selection_of_sort(x, normalize_axis_index(axis, len(shape_of(x)))).apply(x)


class _Sorted(Selection):
    """A selection of all entries by their size."""

    __slots__ = ("recipe",)


def selection_of_sort(x: Any, axis: int) -> LinearMap:
    """The local Jacobian of `numpy.sort` at x: from where the entries come."""
    positions = np.argsort(raw(x), axis=axis, kind="stable")
    if type(x) is Tensor:  # what x belongs to has the recipe; what that is inside of has these places alone
        note(np.argsort, (x.value,), {"axis": axis, "kind": "stable"}, positions)
    chosen = _Sorted(shape_of(x), _along(positions, axis))
    chosen.recipe = Recipe(selection_of_sort, {"axis": axis}, "np.sort", {"axis": axis})
    return chosen


def _along(order: Any, axis: int) -> tuple[Any, ...]:
    """The index that `numpy.take_along_axis` makes of positions along one axis."""
    grids = list(np.ogrid[tuple(slice(n) for n in order.shape)])
    grids[axis] = order
    return tuple(grids)


def pad(x: Any, pad_width: Any, mode: str = "constant", constant_values: Any = 0) -> Any:
    """`numpy.pad` with constant values."""
    if mode != "constant":
        raise TypeError(f"np.pad of a Tensor knows mode='constant', not {mode!r}")
    shape = shape_of(x)
    widths = _pad_widths(pad_width, len(shape))
    large = tuple(n + a + b for n, (a, b) in zip(shape, widths, strict=True))
    inside = tuple(slice(a, a + n) for n, (a, _) in zip(shape, widths, strict=True))
    padded = Scatter(shape, inside, large).apply(x)
    if np.all(np.asarray(constant_values) == 0):
        return padded
    return padded + np.pad(np.zeros(shape, dtype_of(x)), widths, constant_values=constant_values)


def _pad_widths(pad_width: Any, ndim: int) -> list[tuple[int, int]]:
    """How much to add before and after each axis, from any of the forms that `numpy.pad` takes."""
    if isinstance(pad_width, dict):
        given = {normalize_axis_index(axis, ndim): width for axis, width in pad_width.items()}
        pad_width = [np.broadcast_to(given.get(axis, 0), 2) for axis in range(ndim)]
    widths = np.asarray(pad_width)
    if widths.dtype.kind not in "iu" and widths.size:
        raise TypeError("pad_width is made of integers")
    if np.any(widths < 0):
        raise ValueError("pad_width can't be negative")
    return [(int(before), int(after)) for before, after in np.broadcast_to(widths, (ndim, 2))]


def _place(k: int, shapes: Sequence[tuple[int, ...]], axis: int, out_shape: tuple[int, ...]) -> LinearMap:
    start = sum(shape[axis] for shape in shapes[:k])
    inside = (slice(None),) * axis + (slice(start, start + shapes[k][axis]),)
    return Scatter(shapes[k], inside, out_shape)


_concatenate = General(
    "concatenate",
    lambda *arrays, axis: np.concatenate(arrays, axis),
    (lambda k, y, *arrays, axis: _place(k, [shape_of(a) for a in arrays], axis, shape_of(y)),),
    variadic=True,
)

_stack = General(
    "stack",
    lambda *arrays, axis: np.stack(arrays, axis),
    (lambda k, y, *arrays, axis: Scatter(shape_of(arrays[k]), (slice(None),) * axis + (k,), shape_of(y)),),
    variadic=True,
)


def concatenate(
    arrays: Any, axis: int | None = 0, out: Any = None, *, dtype: Any = None, casting: str = "same_kind"
) -> Any:
    """`numpy.concatenate`."""
    refuse("concatenate", out=out, dtype=dtype)
    parts = list(arrays)
    if axis is None:
        parts, axis = [ravel(a) for a in parts], 0
    return _concatenate(*parts, axis=normalize_axis_index(axis, len(shape_of(parts[0]))))


def stack(arrays: Any, axis: int = 0, out: Any = None, *, dtype: Any = None, casting: str = "same_kind") -> Any:
    """`numpy.stack`."""
    refuse("stack", out=out, dtype=dtype)
    parts = list(arrays)
    return _stack(*parts, axis=normalize_axis_index(axis, len(shape_of(parts[0])) + 1))


def _atleast(x: Any, ndim: int) -> Any:
    """The array with axes of length 1 before its own, to have `ndim` or more, as NumPy's atleast_2d has it."""
    shape = shape_of(x)
    return x if len(shape) >= ndim else reshape(x, (1,) * (ndim - len(shape)) + shape)


def vstack(arrays: Any, *, dtype: Any = None, casting: str = "same_kind") -> Any:
    """`numpy.vstack`."""
    return concatenate([_atleast(a, 2) for a in arrays], 0, dtype=dtype)


def hstack(arrays: Any, *, dtype: Any = None, casting: str = "same_kind") -> Any:
    """`numpy.hstack`."""
    parts = [_atleast(a, 1) for a in arrays]
    return concatenate(parts, 0 if len(shape_of(parts[0])) == 1 else 1, dtype=dtype)


def split(x: Any, indices_or_sections: Any, axis: int = 0) -> list[Any]:
    """`numpy.split`: a list of selections."""
    axis = normalize_axis_index(axis, len(shape_of(x)))
    pieces = []
    for positions in np.split(np.arange(shape_of(x)[axis]), indices_or_sections):
        run = slice(int(positions[0]), int(positions[-1]) + 1) if positions.size else slice(0, 0)
        pieces.append(getitem(x, (slice(None),) * axis + (run,)))
    return pieces
