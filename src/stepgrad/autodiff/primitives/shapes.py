"""Primitives that move entries about: reshape, transpose, broadcast, join, split, pad, index, sort.

All of them are linear maps of their argument, so the map is the whole rule (see `..linear_maps`)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index, normalize_axis_tuple

from ..linear_maps import Constant, LinearMap, Permutation, Reshape, Scatter, Selection, broadcast
from ..primitive import General
from ..tensor import Tensor, raw, shape_of


def reshape(x: Any, *shape: Any, **keywords: Any) -> Any:
    """`numpy.reshape`; also called as a method with the shape spread out."""
    if keywords.pop("order", "C") != "C":
        raise TypeError("reshape of a Tensor keeps C order; transpose first for another")
    new = keywords.pop("newshape", None) or keywords.pop("shape", None) or (shape[0] if len(shape) == 1 else shape)
    return _linear(x, Reshape(shape_of(x), np.broadcast_to(np.int8(0), shape_of(x)).reshape(new).shape))


def ravel(x: Any, order: str = "C") -> Any:
    """All entries in one row."""
    return reshape(x, -1, order=order)


def transpose(x: Any, axes: Sequence[int] | None = None) -> Any:
    """`numpy.transpose`."""
    ndim = len(shape_of(x))
    order = tuple(range(ndim))[::-1] if axes is None else normalize_axis_tuple(tuple(axes), ndim)
    return _linear(x, Permutation(shape_of(x), order))


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
    return reshape(x, np.squeeze(np.broadcast_to(np.int8(0), shape_of(x)), axis).shape)


def expand_dims(x: Any, axis: Any) -> Any:
    """`numpy.expand_dims`."""
    return reshape(x, np.expand_dims(np.broadcast_to(np.int8(0), shape_of(x)), axis).shape)


def broadcast_to(x: Any, shape: Any, subok: bool = False) -> Any:
    """`numpy.broadcast_to`."""
    target = np.broadcast_to(np.broadcast_to(np.int8(0), shape_of(x)), shape).shape
    return _linear(x, broadcast(shape_of(x), target))


def getitem(x: Any, index: Any) -> Any:
    """`x[index]`, basic and advanced."""
    parts = tuple(index) if isinstance(index, tuple) else (index,)
    if any(type(p) is Tensor for p in parts):
        raise TypeError("a Tensor can't be an index: no derivative flows through a position. Use t.value")
    frozen = tuple(np.array(p) if isinstance(p, (list, np.ndarray)) else p for p in parts)
    return _linear(x, Selection(shape_of(x), frozen))


def take(x: Any, indices: Any, axis: int | None = None, **keywords: Any) -> Any:
    """`numpy.take`."""
    if axis is None:
        return getitem(ravel(x), np.asarray(indices))
    before = normalize_axis_index(axis, len(shape_of(x)))
    return getitem(x, (slice(None),) * before + (np.asarray(indices),))


def flip(x: Any, axis: Any = None) -> Any:
    """`numpy.flip`."""
    ndim = len(shape_of(x))
    axes = range(ndim) if axis is None else normalize_axis_tuple(axis, ndim)
    return getitem(x, tuple(slice(None, None, -1) if a in axes else slice(None) for a in range(ndim)))


def sort(x: Any, axis: int | None = -1, **keywords: Any) -> Any:
    """`numpy.sort`: a selection by the order of the values (equal ones in the order in which they stand)."""
    if axis is None:
        return sort(ravel(x))
    axis = normalize_axis_index(axis, len(shape_of(x)))
    order = np.argsort(raw(x), axis=axis, kind="stable")
    return _linear(x, Selection(shape_of(x), along(order, axis)))


def along(order: Any, axis: int) -> tuple[Any, ...]:
    """The index that `numpy.take_along_axis` makes of positions along one axis."""
    grids = list(np.ogrid[tuple(slice(n) for n in order.shape)])
    grids[axis] = order
    return tuple(grids)


def pad(x: Any, pad_width: Any, mode: str = "constant", constant_values: Any = 0, **keywords: Any) -> Any:
    """`numpy.pad` with constant values."""
    if mode != "constant":
        raise TypeError(f"np.pad of a Tensor knows mode='constant', not {mode!r}")
    shape = shape_of(x)
    widths = np.broadcast_to(np.asarray(pad_width, int), (len(shape), 2))
    large = tuple(int(n + a + b) for n, (a, b) in zip(shape, widths, strict=True))
    inside = tuple(slice(int(a), int(a) + n) for n, (a, _) in zip(shape, widths, strict=True))
    padded = _linear(x, Scatter(shape, inside, large))
    if np.all(np.asarray(constant_values) == 0):
        return padded
    border = np.pad(np.zeros(shape), widths, constant_values=constant_values)
    return padded + border


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


def concatenate(arrays: Any, axis: int | None = 0, **keywords: Any) -> Any:
    """`numpy.concatenate`."""
    parts = list(arrays)
    if axis is None:
        parts, axis = [ravel(a) for a in parts], 0
    return _concatenate(*parts, axis=normalize_axis_index(axis, len(shape_of(parts[0]))))


def stack(arrays: Any, axis: int = 0, **keywords: Any) -> Any:
    """`numpy.stack`."""
    parts = list(arrays)
    return _stack(*parts, axis=normalize_axis_index(axis, len(shape_of(parts[0])) + 1))


def atleast(x: Any, ndim: int) -> Any:
    """The array with axes of length 1 before its own, to have at least `ndim` (rows first, as NumPy's atleast_2d has it)."""
    shape = shape_of(x)
    return x if len(shape) >= ndim else reshape(x, (1,) * (ndim - len(shape)) + shape)


def vstack(arrays: Any, **keywords: Any) -> Any:
    """`numpy.vstack`."""
    return concatenate([atleast(a, 2) for a in arrays], 0)


def hstack(arrays: Any, **keywords: Any) -> Any:
    """`numpy.hstack`."""
    parts = [atleast(a, 1) for a in arrays]
    return concatenate(parts, 0 if len(shape_of(parts[0])) == 1 else 1)


def split(x: Any, indices_or_sections: Any, axis: int = 0) -> list[Any]:
    """`numpy.split`: a list of selections."""
    positions = np.broadcast_to(np.int8(0), shape_of(x))
    axis = normalize_axis_index(axis, positions.ndim)
    parts, start = [], 0
    for part in np.split(positions, indices_or_sections, axis):
        stop = start + part.shape[axis]
        parts.append(getitem(x, (slice(None),) * axis + (slice(start, stop),)))
        start = stop
    return parts


def _linear(x: Any, linear_map: LinearMap) -> Any:
    """The map applied, with a result that is a node of its own even where the map changes nothing."""
    if isinstance(linear_map, Constant) and linear_map.in_shape == linear_map.out_shape and linear_map.structure == "Identity":
        return x
    return linear_map.apply(x)
