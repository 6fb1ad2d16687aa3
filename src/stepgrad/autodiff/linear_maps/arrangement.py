"""Maps that move entries about or add them: Sum ↔ Copy, Reshape, Permutation, Selection ↔ Scatter, Cumulative."""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np

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
