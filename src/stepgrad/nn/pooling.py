"""Pooling: the largest entry of each window, or the mean.

Max-pooling picks entries, so its local Jacobian is a selection: forward it picks the tangents of the winners, backward
it routes each adjoint to the winner alone. Average-pooling is linear already, and hands each entry an equal share.

Source: LeCun et al., Gradient-based learning applied to document recognition (1998), for averages; Ranzato et al.,
Unsupervised learning of invariant feature hierarchies (2007), for maxima.
"""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np

from ..autodiff.forms import Axis, Form, axes_for, labels_for
from ..autodiff.linear_maps import LinearMap, Recipe, Scaling, Scatter, Selection, Shape, Sum, Windows
from ..autodiff.primitive import General
from ..autodiff.tensor import Tensor, note, raw, shape_of
from .arguments import image_shape, numeric, pair


def max_pool2d(x: Any, size: int | tuple[int, int], stride: int | tuple[int, int] | None = None) -> Any:
    """The largest entry of each window; of several equal ones the first, row by row, carries the derivative.

    Args:
        x: images, shape (N, C, H, W).
        size: how large windows are, (rows, columns) or one for both.
        stride: how far they stand apart; by default their size, so that they don't overlap.

    Returns:
        An array of shape (N, C, P, Q) and of x's dtype, where P = ⌊(H − rows) / stride⌋ + 1, and so for Q.

    Raises:
        ValueError: x of another shape, windows larger than the images, a number below 1.
        TypeError: x that is not made of numbers, a size or a stride that is not an integer.
    """
    x = numeric("max_pool2d", "x", x)
    windows = _windows("max_pool2d", x, size, stride)
    return selection_of_max_pool(x, windows.size, windows.stride).apply(x)


def avg_pool2d(x: Any, size: int | tuple[int, int], stride: int | tuple[int, int] | None = None) -> Any:
    """The mean of each window. Arguments, shapes and errors are those of `max_pool2d`."""
    x = numeric("avg_pool2d", "x", x)
    windows = _windows("avg_pool2d", x, size, stride)
    means = windows.out_shape[:-2]
    adds = Sum(windows.out_shape, (4, 5), means)
    return _avg_pool2d(x, map=Scaling(1.0 / prod(windows.size), means) @ adds @ windows)


def _windows(function: str, x: Any, size: Any, stride: Any) -> Windows:
    """The images' windows as a map, its arguments checked."""
    shape = image_shape(function, x)
    window = pair(function, "size", size)
    apart = window if stride is None else pair(function, "stride", stride)
    if window[0] > shape[2] or window[1] > shape[3]:
        raise ValueError(f"{function}'s window of {window[0]} × {window[1]} doesn't fit in x of shape {shape}")
    return Windows(shape, window, apart)


def _winners(x: Any, size: Shape, stride: Shape) -> Any:
    """The index of the largest entry of each window."""
    return _MaxPool(Windows(np.shape(x), size, stride), x).index


def selection_of_max_pool(x: Any, size: Shape, stride: Shape) -> LinearMap:
    """The local Jacobian of `max_pool2d` at x: where the largest entry of each window is."""
    chosen = _MaxPool(Windows(shape_of(x), size, stride), raw(x))
    if type(x) is Tensor:  # what x belongs to has the recipe; what that is inside of has these places alone
        note(_winners, (x.value,), {"size": size, "stride": stride}, chosen.index)
    given = {"size": size, "stride": stride}
    chosen.recipe = Recipe(selection_of_max_pool, given, "max_pool2d", given)
    return chosen


class _MaxPool(Selection):
    """The selection of the largest entry of each window.

    Its index has a table for each axis: whole numbers of the winners' rows and columns, of shape (N, C, P, Q), and for
    N and C plain ranges that broadcast with them.
    """

    __slots__ = ("apart", "recipe")
    name = "max_pool2d"

    def __init__(self, windows: Windows, images: Any) -> None:
        out_shape, (_, columns) = windows.out_shape[:-2], windows.size
        entries = windows.act(images).reshape(*out_shape, prod(windows.size))
        row, column = np.divmod(entries.argmax(-1), columns)
        row += np.arange(out_shape[2])[:, np.newaxis] * windows.stride[0]
        column += np.arange(out_shape[3]) * windows.stride[1]
        n, c = np.arange(out_shape[0]), np.arange(out_shape[1])
        index = (n[:, np.newaxis, np.newaxis, np.newaxis], c[:, np.newaxis, np.newaxis], row, column)
        super().__init__(windows.in_shape, index, out_shape)
        self.apart = all(s >= k for s, k in zip(windows.stride, windows.size, strict=True))
        self.recipe = None

    def form(self) -> Form | None:
        """The winner of window (p, q) of image n and channel c is at (n, c, row[n, c, p, q], column[n, c, p, q])."""
        labels = labels_for(self.out_shape)
        own = tuple(label for label in labels if label is not None)
        if 0 in self.out_shape or len(own) < 2:
            return super().form()
        axes, (_, _, *tables) = axes_for(labels), self.index
        winners = [Axis(0, None, ((own, table.reshape([label.size for label in own])),)) for table in tables]
        return Form(self.out_shape, axes, self.in_shape, [*axes[:2], *winners])

    def transpose(self) -> Scatter:
        return (_Unpool if self.apart else Scatter)(self.out_shape, self.index, self.in_shape)


class _Unpool(Scatter):
    """The scatter back to the winners of windows that don't overlap: no two share one, so there is nothing to add."""

    __slots__ = ()

    def act(self, value: Any) -> Any:
        image = np.zeros(self.out_shape, value.dtype)
        image[self.index] = value
        return image


_avg_pool2d = General(
    "avg_pool2d", lambda x, map: map.apply(x), (lambda y, x, map: map,), cost=lambda y, x: int(np.size(raw(x)))
)
