"""Maps between an image and its windows: Windows ↔ Fold.

A convolution, a pooling and every other sliding window is Windows first and then something done to each window alone.
Sources: Chellapilla, Puri and Simard, High performance convolutional neural networks for document processing (2006),
where the windows laid out as a matrix ("im2col") turn a convolution into a matrix product; for the number of windows
Dumoulin and Visin, A guide to convolution arithmetic for deep learning (2016), relationship 15.
"""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import as_strided

from ..forms import Axis, Form, axes_for, labels_for
from .base import Constant, Shape


def span(size: int, dilation: int = 1) -> int:
    """How many entries a window reaches over: its `size` entries stand `dilation` apart."""
    return dilation * (size - 1) + 1


def _window_shape(image_shape: Shape, size: Shape, stride: Shape, dilation: Shape) -> Shape:
    """The shape of all windows, (…, P, Q, HH, WW)."""
    counts = [
        (n - span(k, d)) // s + 1 for n, k, s, d in zip(image_shape[-2:], size, stride, dilation, strict=True)
    ]  # fmt: skip
    return (*image_shape[:-2], *counts, *size)


class Windows(Constant):
    """All windows of an image, (…, H, W) → (…, P, Q, HH, WW): entry (p, q, u, v) is the image's (s p + d u, s q + d v).

    Its value is a read-only view of the image: no entry is copied. Its transpose is Fold.

    Args:
        image_shape: (…, H, W).
        size: (HH, WW), how many entries a window has; its span d (HH − 1) + 1 is H at most, and so for the columns.
        stride: s, how far windows stand apart, for rows and columns; 1 or more.
        dilation: d, how far a window's entries stand apart, for rows and columns; 1 or more.
    """

    __slots__ = ("dilation", "size", "stride")
    structure = "Windows"
    name = "windows"
    role = "distributor"

    def __init__(self, image_shape: Shape, size: Shape, stride: Shape = (1, 1), dilation: Shape = (1, 1)) -> None:
        super().__init__(image_shape, _window_shape(image_shape, size, stride, dilation))
        self.size = size
        self.stride = stride
        self.dilation = dilation

    def act(self, value: Any) -> Any:
        value = np.asarray(value)
        *stack, row, column = value.strides  # bytes from an entry to the next one
        (down, across), (height, width) = self.stride, self.dilation
        strides = (*stack, down * row, across * column, height * row, width * column)
        return as_strided(value, self.out_shape, strides, writeable=False)

    def transpose(self) -> Fold:
        return Fold(self.in_shape, self.size, self.stride, self.dilation)

    def form(self) -> Form | None:
        if 0 in self.out_shape:
            return None
        outside = labels_for(self.out_shape)
        *stack, p, q, u, v = outside
        steps = [{p: s, u: d} for p, u, s, d in zip((p, q), (u, v), self.stride, self.dilation, strict=True)]
        places = [Axis(0, {label: n for label, n in step.items() if label is not None}) for step in steps]
        return Form(self.out_shape, axes_for(outside), self.in_shape, [*axes_for(stack), *places])


class Fold(Constant):
    """Lays windows back onto an image and adds where they overlap, (…, P, Q, HH, WW) → (…, H, W).

    Its transpose is Windows, whose arguments it takes; where no window reaches, the image is 0.
    """

    __slots__ = ("dilation", "size", "stride")
    structure = "Fold"
    name = "fold"

    def __init__(self, image_shape: Shape, size: Shape, stride: Shape = (1, 1), dilation: Shape = (1, 1)) -> None:
        super().__init__(_window_shape(image_shape, size, stride, dilation), image_shape)
        self.size = size
        self.stride = stride
        self.dilation = dilation

    def act(self, value: Any) -> Any:
        image = np.zeros(self.out_shape, value.dtype)
        rows, columns = self.in_shape[-4:-2]
        for u in range(self.size[0]):  # no two windows have their entry (u, v) at the same place
            for v in range(self.size[1]):
                down = _every(u * self.dilation[0], rows, self.stride[0])
                across = _every(v * self.dilation[1], columns, self.stride[1])
                image[..., down, across] += value[..., u, v]
        return image

    @property
    def operations(self) -> int:
        return prod(self.in_shape)

    def transpose(self) -> Windows:
        return Windows(self.out_shape, self.size, self.stride, self.dilation)

    def form(self) -> Form | None:
        windows = self.transpose().form()
        return windows and windows.T


def _every(start: int, count: int, step: int) -> slice:
    """`count` places from `start` on, `step` apart."""
    return slice(start, start + (count - 1) * step + 1, step)
