"""The three operations of a convolutional layer on plain arrays.

With ⟨a, b⟩ for Σ a b, they are one form that is linear in each of images, kernels and cotangent, asked in three ways:

    ⟨forward(x, w), dy⟩ = ⟨x, input_grad(dy, w)⟩ = ⟨w, weight_grad(dy, x)⟩

so each is the transpose of each other one with the third array held fixed.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from . import methods
from .arguments import KINDS, Sizes, layout_of, numbers, shape
from .choice import Choice, CostModel, Operation, best, choose_method
from .layout import Array, Layout


def conv2d_forward(
    x: Any,
    w: Any,
    b: Any = None,
    stride: Sizes = 1,
    padding: Sizes = 0,
    dilation: Sizes = 1,
    groups: int = 1,
    method: str = "auto",
) -> Array:
    """The cross-correlation of images with kernels, and a bias for each kernel.

    y[n, f, p, q] = b[f] + Σ_{c,u,v} w[f, c, u, v] x[n, c, s p + d u − z, s q + d v − z], with x = 0 outside the image,
    stride s, dilation d and padding z.

    Args:
        x: images, shape (N, C, H, W).
        w: kernels, shape (F, C / groups, HH, WW).
        b: biases, shape (F,); None for none.
        stride: how far kernels move, for rows and columns or one for both.
        padding: how many zeros are put before and after the rows, and the columns.
        dilation: how far a kernel's entries stand apart.
        groups: into how many groups channels and kernels are split; each group of kernels sees its own channels alone.
        method: "direct", "im2col", "strips", "winograd" (3 × 3 with stride and dilation 1), "fft", or "auto": the one
            for which `choose` predicts the shortest time.

    Returns:
        An array of shape (N, F, P, Q), where P = ⌊(H + 2·padding − dilation·(HH − 1) − 1) / stride⌋ + 1, and so for Q;
        float32 where all that is given is float32, else float64. A NaN or an infinity reaches what the formula says and
        nothing else, except by "winograd" and "fft" where they are asked for by name: those spread it.

    Raises:
        ValueError: shapes that don't fit, a kernel larger than the padded image, an unknown method, one that doesn't
            apply.
        TypeError: arrays not made of real numbers, or sizes not integers.
    """
    if b is None:
        x, w = numbers("conv2d_forward", x=x, w=w)
    else:
        x, w, b = numbers("conv2d_forward", x=x, w=w, b=b)
    layout = layout_of("conv2d_forward", x.shape, w.shape, stride, padding, dilation, groups)
    if b is not None and b.shape != w.shape[:1]:
        raise ValueError(f"conv2d_forward takes one bias for each of the {w.shape[0]} kernels; got shape {b.shape}")
    y = run("forward", x, w, layout, method)
    if b is not None:
        y += b[:, np.newaxis, np.newaxis]
    return y


def conv2d_input_grad(
    dy: Any,
    w: Any,
    x_shape: tuple[int, ...],
    stride: Sizes = 1,
    padding: Sizes = 0,
    dilation: Sizes = 1,
    groups: int = 1,
    method: str = "auto",
) -> Array:
    """The gradient by the images: what `conv2d_forward`'s transpose makes of a cotangent, for fixed kernels.

    dx[n, c, i, j] = Σ_{f,u,v} w[f, c, u, v] dy[n, f, p, q] over all p, q with s p + d u − z = i and s q + d v − z = j.
    All methods but "direct" gather it as a correlation of dy with turned kernels (with a stride: one for each phase).

    Args:
        dy: the cotangent of the output, shape (N, F, P, Q).
        w: kernels, shape (F, C / groups, HH, WW).
        x_shape: the images' shape, (N, C, H, W); several heights can give the same P.
        stride: as it was in `conv2d_forward`, and so are padding, dilation and groups.
        padding: zeros on each side.
        dilation: how far a kernel's entries stand apart.
        groups: how many groups of kernels see their own channels alone.
        method: as in `conv2d_forward`.

    Returns:
        An array of shape `x_shape`.

    Raises:
        ValueError: as in `conv2d_forward`; a cotangent of another shape than the output.
        TypeError: as in `conv2d_forward`.
    """
    dy, w = numbers("conv2d_input_grad", dy=dy, w=w)
    images = shape("conv2d_input_grad", "x_shape", x_shape)
    layout = layout_of("conv2d_input_grad", images, w.shape, stride, padding, dilation, groups)
    _check_cotangent("conv2d_input_grad", dy, layout)
    return run("input_grad", dy, w, layout, method)


def conv2d_weight_grad(
    dy: Any,
    x: Any,
    w_shape: tuple[int, ...],
    stride: Sizes = 1,
    padding: Sizes = 0,
    dilation: Sizes = 1,
    groups: int = 1,
    method: str = "auto",
) -> Array:
    """The gradient by the kernels: dw[f, c, u, v] = Σ_{n,p,q} dy[n, f, p, q] x[n, c, s p + d u − z, s q + d v − z].

    Args:
        dy: the cotangent of the output, shape (N, F, P, Q).
        x: images, shape (N, C, H, W).
        w_shape: the kernels' shape, (F, C / groups, HH, WW).
        stride: as it was in `conv2d_forward`, and so are padding, dilation and groups.
        padding: zeros on each side.
        dilation: how far a kernel's entries stand apart.
        groups: how many groups of kernels see their own channels alone.
        method: as in `conv2d_forward`.

    Returns:
        An array of shape `w_shape`. A NaN or an infinity in x can reach more of a channel's entries than the formula
        says, except by "direct".

    Raises:
        ValueError: as in `conv2d_forward`; a cotangent of another shape than the output.
        TypeError: as in `conv2d_forward`.
    """
    dy, x = numbers("conv2d_weight_grad", dy=dy, x=x)
    kernels = shape("conv2d_weight_grad", "w_shape", w_shape)
    layout = layout_of("conv2d_weight_grad", x.shape, kernels, stride, padding, dilation, groups)
    _check_cotangent("conv2d_weight_grad", dy, layout)
    return run("weight_grad", dy, x, layout, method)


def choose(
    x_shape: tuple[int, ...],
    w_shape: tuple[int, ...],
    stride: Sizes = 1,
    padding: Sizes = 0,
    dilation: Sizes = 1,
    groups: int = 1,
    operation: Operation = "forward",
    dtype: Any = np.float32,
    model: CostModel | None = None,
) -> Choice:
    """The method that "auto" takes, and what every one is predicted to take.

    Args:
        x_shape: the images' shape, (N, C, H, W).
        w_shape: the kernels' shape, (F, C / groups, HH, WW).
        stride: as in `conv2d_forward`, and so are padding, dilation and groups.
        padding: zeros on each side.
        dilation: how far a kernel's entries stand apart.
        groups: how many groups of kernels see their own channels alone.
        operation: "forward", "input_grad" or "weight_grad".
        dtype: float32 or float64.
        model: the cost model; by default the one in force (see `use`).

    Returns:
        The method, the predicted seconds of each one that applies, shortest first, and why others don't apply.

    Raises:
        ValueError: as in `conv2d_forward`; an unknown operation, another dtype.
        TypeError: as in `conv2d_forward`.
    """
    images, kernels = shape("choose", "x_shape", x_shape), shape("choose", "w_shape", w_shape)
    layout = layout_of("choose", images, kernels, stride, padding, dilation, groups)
    if operation not in methods.OPERATIONS:
        raise ValueError(f"choose knows no operation {operation!r}; there are {', '.join(methods.OPERATIONS)}")
    if np.dtype(dtype).char not in KINDS:
        raise ValueError(f"choose takes dtype float32 or float64; got {np.dtype(dtype)}")
    return choose_method(operation, layout, np.dtype(dtype).char, model)


def run(operation: Operation, a: Array, b: Array, layout: Layout, method: str = "auto") -> Array:
    """An operation on checked arrays of one dtype, float32 or float64.

    Args:
        operation: "forward" of images and kernels, "input_grad" of cotangent and kernels, "weight_grad" of cotangent
            and images.
        a: the first of the two arrays.
        b: the second.
        layout: of the forward operation.
        method: one that applies, or "auto".

    Raises:
        ValueError: an unknown method, or one that doesn't apply.
    """
    if method == "auto":
        return _auto(operation, a, b, layout)
    if method not in methods.METHODS:
        raise ValueError(f"convolution knows no method {method!r}; there are auto, {', '.join(methods.METHODS)}")
    refusal = methods.METHODS[method].refusal(layout)
    if refusal is not None:
        raise ValueError(f"method {method!r} {refusal}")
    return methods.OPERATIONS[operation](method, a, b, layout)


def _auto(operation: Operation, a: Array, b: Array, layout: Layout) -> Array:
    """The fastest method; where it would spread a NaN or an infinity, or overflows on the way, one that doesn't."""
    method = best(operation, layout, a.dtype.char)
    if method not in methods.SPREADING:
        return methods.OPERATIONS[operation](method, a, b, layout)
    with np.errstate(over="ignore", invalid="ignore"):
        result = methods.OPERATIONS[operation](method, a, b, layout)
        if np.isfinite(np.add.reduce(result, axis=None)):
            return result
    return methods.OPERATIONS[operation](best(operation, layout, a.dtype.char, False), a, b, layout)


def _check_cotangent(function: str, dy: Array, layout: Layout) -> None:
    if dy.shape != layout.output:
        raise ValueError(f"{function} takes dy of the output's shape, {layout.output}; got shape {dy.shape}")
