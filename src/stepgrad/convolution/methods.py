"""The methods by name, each with its forward, input gradient and weight gradient."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from . import direct, fft, im2col, strips, winograd
from .layout import Array, Layout, Transposed, crop, input_layouts, turned

Kernel = Callable[[Array, Array, Layout], Array]


class Method(NamedTuple):
    """One way to do the three operations.

    Attributes:
        forward: of images, kernels and layout.
        weight_grad: of cotangent, images and layout.
        input_grad: of cotangent, kernels and layout; None where it is done by `forward` with turned kernels.
        refusal: why it doesn't apply to a layout, from the method's name on; None where it does.
    """

    forward: Kernel
    weight_grad: Kernel
    input_grad: Kernel | None = None
    refusal: Callable[[Layout], str | None] = lambda layout: None


METHODS = {
    "direct": Method(direct.forward, direct.weight_grad, direct.input_grad),
    "im2col": Method(im2col.forward, im2col.weight_grad),
    "strips": Method(strips.forward, strips.weight_grad),
    "winograd": Method(winograd.forward, winograd.weight_grad, None, winograd.refusal),
    "fft": Method(fft.forward, fft.weight_grad, None, fft.refusal),
}
SPREADING = frozenset(("winograd", "fft"))
"""Those that mix entries which the formula keeps apart, so that one NaN makes many."""


def forward(method: str, x: Array, w: Array, layout: Layout) -> Array:
    """The cross-correlation by a method; layouts without entries are 0."""
    x, layout = crop(x, layout)
    if layout.empty:
        return np.zeros(layout.output, x.dtype)
    return METHODS[method].forward(x, w, layout)


def weight_grad(method: str, dy: Array, x: Array, layout: Layout) -> Array:
    """The gradient by the kernels, by a method."""
    x, layout = crop(x, layout)
    if layout.empty:
        return np.zeros(layout.kernels, x.dtype)
    return METHODS[method].weight_grad(dy, x, layout)


def input_grad(method: str, dy: Array, w: Array, layout: Layout) -> Array:
    """The gradient by the images, by a method: one correlation for each phase of the stride."""
    if layout.empty:
        return np.zeros(layout.images, dy.dtype)
    own = METHODS[method].input_grad
    if own is not None:
        return own(dy, w, layout)
    parts = input_layouts(layout)
    if layout.stride == (1, 1):
        return _part(method, dy, w, parts[0], layout.groups)
    dx = np.zeros(layout.images, dy.dtype)
    for part in parts:
        dx[:, :, part.target[0], part.target[1]] = _part(method, dy, w, part, layout.groups)
    return dx


def _part(method: str, dy: Array, w: Array, part: Transposed, groups: int) -> Array:
    return forward(method, dy, turned(w, groups, part.part), part.layout)


OPERATIONS = {"forward": forward, "input_grad": input_grad, "weight_grad": weight_grad}
