"""Maps that move entries about or add them: Sum ↔ Copy, Reshape, Permutation, Selection ↔ Scatter, Cumulative."""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np

from ..forms import ORIGIN, Axis, Form, Label, axes_for, labels_for
from ..tensor import shape_of
from .base import Constant, LinearMap, Shape
from .entrywise import Identity


class Sum(Constant):
    """Adds along axes. Its transpose is Copy."""

    __slots__ = ("axes",)
    structure = "Sum"
    name = "sum"

    def __init__(self, large: Shape, axes: Shape, small: Shape) -> None:
        super().__init__(large, small)
        self.axes = axes

    def act(self, value: Any) -> Any:
        total = np.add.reduce(value, axis=self.axes)
        return total if total.shape == self.out_shape else total.reshape(self.out_shape)

    @property
    def operations(self) -> int:
        return prod(self.in_shape) - prod(self.out_shape)

    def transpose(self) -> Copy:
        return Copy(self.in_shape, self.axes, self.out_shape)

    def form(self) -> Form:
        inside = axes_for(labels_for(self.in_shape))
        kept = [axis for i, axis in enumerate(inside) if i not in self.axes and self.in_shape[i] != 1]
        return Form(self.out_shape, _over(self.out_shape, kept), self.in_shape, inside)


class Copy(Constant):
    """Repeats along axes: NumPy's broadcasting. Its transpose is Sum, which is how broadcasting is undone exactly."""

    __slots__ = ("axes",)
    structure = "Copy"
    name = "copy"
    role = "distributor"

    def __init__(self, large: Shape, axes: Shape, small: Shape) -> None:
        super().__init__(small, large)
        self.axes = axes

    def act(self, value: Any) -> Any:
        if self.in_shape:  # a single number needs no axes
            value = np.reshape(value, [1 if i in self.axes else n for i, n in enumerate(self.out_shape)])
        return np.broadcast_to(value, self.out_shape)

    def transpose(self) -> Sum:
        return Sum(self.out_shape, self.axes, self.in_shape)

    def form(self) -> Form:
        return self.transpose().form().T


def broadcast(in_shape: Shape, out_shape: Shape) -> LinearMap:
    """NumPy's broadcasting from one shape to another, as a map."""
    if in_shape == out_shape:
        return Identity(out_shape)
    extra = len(out_shape) - len(in_shape)
    stretched = tuple(i + extra for i, n in enumerate(in_shape) if n == 1 and out_shape[i + extra] != 1)
    return Copy(out_shape, tuple(range(extra)) + stretched, in_shape)


def unbroadcast(value: Any, shape: Shape) -> Any:
    """Sums a value back to a shape from which NumPy's broadcasting had made the value's."""
    large = shape_of(value)
    return value if large == shape else broadcast(shape, large).pull(value)


class Reshape(Constant):
    """The same entries in another shape. Its transpose shapes them back."""

    __slots__ = ()
    structure = "Reshape"
    is_identity = True
    name = "reshape"
    role = "distributor"

    def act(self, value: Any) -> Any:
        return np.reshape(value, self.out_shape)

    def transpose(self) -> Reshape:
        return Reshape(self.out_shape, self.in_shape)

    def form(self) -> Form | None:
        """Both shapes' axes in mixed radix over common labels: (4, 6) → (2, 12) takes labels of 2, 2 and 6."""
        if 0 in self.in_shape:
            return None
        sizes = _common_sizes(self.in_shape, self.out_shape)
        if sizes is None:
            return _renumbered(self.out_shape, self.in_shape)
        labels = [Label(n) for n in sizes]
        return Form(self.out_shape, _digits(self.out_shape, labels), self.in_shape, _digits(self.in_shape, labels))


class Permutation(Constant):
    """Axes in another order (`numpy.transpose`). Its transpose is the inverse permutation."""

    __slots__ = ("axes",)
    structure = "Transpose"
    name = "transpose"
    role = "distributor"

    def __init__(self, in_shape: Shape, axes: Shape) -> None:
        super().__init__(in_shape, tuple(in_shape[a] for a in axes))
        self.axes = axes

    def act(self, value: Any) -> Any:
        return np.transpose(value, self.axes)

    def transpose(self) -> Permutation:
        return Permutation(self.out_shape, tuple([self.axes.index(i) for i in range(len(self.axes))]))

    def form(self) -> Form:
        inside = axes_for(labels_for(self.in_shape))
        return Form(self.out_shape, [inside[a] for a in self.axes], self.in_shape, inside)


class Selection(Constant):
    """Picks entries: `v[index]` with any NumPy index. Its transpose is Scatter. Backward a router."""

    __slots__ = ("index",)
    structure = "Selection"
    name = "select"
    role = "router"

    def __init__(self, in_shape: Shape, index: Any, out_shape: Shape | None = None) -> None:
        if out_shape is None:
            out_shape = np.broadcast_to(np.int8(0), in_shape)[index].shape
        super().__init__(in_shape, out_shape)
        self.index = index

    def act(self, value: Any) -> Any:
        return np.asarray(value)[self.index].reshape(self.out_shape)

    def transpose(self) -> Scatter:
        return Scatter(self.out_shape, self.index, self.in_shape)

    def form(self) -> Form | None:
        return _selected(self.in_shape, self.index, self.out_shape)


class Scatter(Constant):
    """Puts entries into an array of zeros, adding where several meet. Its transpose is Selection."""

    __slots__ = ("index",)
    structure = "Scatter"
    name = "scatter"
    role = "distributor"

    def __init__(self, in_shape: Shape, index: Any, out_shape: Shape) -> None:
        super().__init__(in_shape, out_shape)
        self.index = index

    def act(self, value: Any) -> Any:
        value = np.asarray(value)
        out = np.zeros(self.out_shape, value.dtype)
        if is_basic(self.index):
            out[self.index] += value.reshape(out[self.index].shape)
        else:
            target = np.broadcast_to(np.int8(0), self.out_shape)[self.index].shape
            np.add.at(out, self.index, value.reshape(target))
        return out

    def transpose(self) -> Selection:
        return Selection(self.out_shape, self.index, self.in_shape)

    def form(self) -> Form | None:
        gather = self.transpose().form()
        return gather and gather.T


def is_basic(index: Any) -> bool:
    """Whether a NumPy index consists of integers and slices alone, so that it never meets an entry twice."""
    parts = index if isinstance(index, tuple) else (index,)
    return all(p is None or p is Ellipsis or isinstance(p, (int, np.integer, slice)) for p in parts)


class Cumulative(Constant):
    """Running sums along an axis. Its transpose sums from the other end."""

    __slots__ = ("axis", "backward")
    structure = "LowerTriangular"
    name = "cumsum"

    def __init__(self, shape: Shape, axis: int, backward: bool = False) -> None:
        super().__init__(shape, shape)
        self.axis = axis
        self.backward = backward

    def act(self, value: Any) -> Any:
        if not self.backward:
            return np.cumsum(value, axis=self.axis)
        return np.flip(np.cumsum(np.flip(value, self.axis), axis=self.axis), self.axis)

    @property
    def operations(self) -> int:
        return prod(self.in_shape)

    def transpose(self) -> Cumulative:
        return Cumulative(self.in_shape, self.axis, not self.backward)

    def form(self) -> Form:
        n = self.in_shape[self.axis]
        inside, outside = labels_for(self.in_shape), labels_for(self.in_shape)
        outside = [outside[i] if i == self.axis else label for i, label in enumerate(inside)]
        row, column = outside[self.axis], inside[self.axis]
        triangle = np.tri(n, dtype=bool)
        factors = [((row, column), triangle.T if self.backward else triangle)] if row and column else []
        return Form(self.out_shape, axes_for(outside), self.in_shape, axes_for(inside), factors)


# The forms of moves ---------------------------------------------------------------------------------------------------
def _common_sizes(one: Shape, other: Shape) -> list[int] | None:
    """Lengths such that each axis of either shape is a run of them, or None."""
    a, b = [n for n in one if n != 1], [n for n in other if n != 1]
    sizes = []
    while a and b:
        x, y = a.pop(), b.pop()
        small, large = min(x, y), max(x, y)
        if large % small:
            return None
        sizes.append(small)
        if large > small:
            (a if x > y else b).append(large // small)
    return sizes[::-1]


def _digits(shape: Shape, labels: list[Label]) -> list[Axis]:
    """Each axis of a shape as a position in mixed radix over its run of the labels."""
    rest = list(labels)
    axes = []
    for n in reversed(shape):
        terms, stride = {}, 1
        while stride < n:
            label = rest.pop()
            terms[label] = stride
            stride *= label.size
        axes.append(Axis(0, terms))
    return axes[::-1]


def _renumbered(out_shape: Shape, in_shape: Shape) -> Form:
    """A reshape without common digits: one label for the entries, and a table for each axis."""
    label = Label(prod(in_shape))

    def axes(shape: Shape) -> list[Axis]:
        tables = np.unravel_index(np.arange(label.size), shape)
        return [
            Axis(0, None, (((label,), table),)) if n != 1 else ORIGIN for table, n in zip(tables, shape, strict=True)
        ]

    return Form(out_shape, axes(out_shape), in_shape, axes(in_shape))


def _over(shape: Shape, axes: list[Axis]) -> list[Axis]:
    """The axes, in their order, over the lengths of a shape that aren't 1."""
    rest = iter(axes)
    return [ORIGIN if n == 1 else next(rest) for n in shape]


def _selected(in_shape: Shape, index: Any, out_shape: Shape) -> Form | None:
    """The form of v ↦ v[index]: slices are affine, integers constants, and arrays of integers tables."""
    if prod(out_shape) == 0:
        return None
    parts = _written_out(index, len(in_shape))
    if parts is None:
        return _tabled(in_shape, index, out_shape)
    shape = np.broadcast_shapes(*(part.shape for part in parts if isinstance(part, np.ndarray)))
    of_arrays = labels_for(shape)
    out_labels: list[Label | None] = []
    axes: list[Axis] = []
    for part in parts:
        if isinstance(part, np.ndarray):
            axes.append(_looked_up(part % in_shape[len(axes)], of_arrays))
        elif isinstance(part, slice):
            start, stop, step = part.indices(in_shape[len(axes)])
            (label,) = labels_for((len(range(start, stop, step)),))
            out_labels.append(label)
            axes.append(Axis(start, {label: step} if label else None))
    first = sum(isinstance(part, slice) for part in parts[: _first_of_arrays(parts)])
    out_labels[first:first] = of_arrays
    return Form(out_shape, _over(out_shape, axes_for(filter(None, out_labels))), in_shape, axes)


def _tabled(in_shape: Shape, index: Any, out_shape: Shape) -> Form:
    """The form of v ↦ v[index] for any index: a table of all the places that it picks."""
    labels = labels_for(out_shape)
    own = tuple(label for label in labels if label is not None)
    flat = np.arange(prod(in_shape)).reshape(in_shape)[index].reshape([label.size for label in own])
    axes = [Axis(0, None, ((own, places),)) for places in np.unravel_index(flat, in_shape)]
    return Form(out_shape, axes_for(labels), in_shape, axes)


def _looked_up(table: Any, labels: list[Label | None]) -> Axis:
    """An axis by a table of positions; a run of equal steps along one label needs none."""
    labels = labels[len(labels) - table.ndim :]
    kept = [i for i, n in enumerate(table.shape) if n != 1]
    table = table.reshape([table.shape[i] for i in kept])
    own = [label for i, label in enumerate(labels) if i in kept and label is not None]
    if not own:
        return Axis(int(table))
    if len(own) == 1:
        step = int(table[1] - table[0])
        if np.array_equal(table, table[0] + step * np.arange(table.size)):
            return Axis(int(table[0]), {own[0]: step} if step else None)
    return Axis(0, None, ((tuple(own), table),))


def _written_out(index: Any, ndim: int) -> list[Any] | None:
    """An index without ellipsis and truth values: slices, None and arrays of integers, one for each axis.

    None where a single truth value stands in it, which is about no axis.
    """
    parts: list[Any] = []
    for part in index if isinstance(index, tuple) else (index,):
        if part is None or part is Ellipsis or isinstance(part, slice):
            parts.append(part)
            continue
        array = np.asarray(part)
        if array.dtype != bool:
            parts.append(array)
        elif array.ndim:
            parts += np.nonzero(array)
        else:
            return None
    used = sum(part is not None and part is not Ellipsis for part in parts)
    rest = [slice(None)] * (ndim - used)
    place = next((k for k, part in enumerate(parts) if part is Ellipsis), len(parts))
    return [*parts[:place], None, *rest, *parts[place + 1 :]]  # an ellipsis for no axes sets arrays apart all the same


def _first_of_arrays(parts: list[Any]) -> int:
    """Where the axes of an index's arrays stand in the result: in their place if they are together, else first."""
    places = [k for k, part in enumerate(parts) if isinstance(part, np.ndarray)]
    if not places:
        return 0
    together = places[-1] - places[0] + 1 == len(places)
    return places[0] if together else 0
