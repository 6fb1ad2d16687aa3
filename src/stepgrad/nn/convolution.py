"""The convolutional layer.

What is called a convolution in neural networks is a cross-correlation: the kernel is slid over the image as it is, not
flipped. It is linear in the image and in the kernels, so each local Jacobian is the layer itself with the other one
held fixed, a product of maps: pad, take the windows, contract them with the kernels. The transposed product,
contract, fold, cut off the padding, is the "transposed convolution".

Sources: LeCun et al., Gradient-based learning applied to document recognition (1998); Dumoulin and Visin, A guide to
convolution arithmetic for deep learning (2016).
"""

from __future__ import annotations

from math import prod
from typing import Any, NamedTuple

import numpy as np

from ..autodiff.linear_maps import Contraction, Copy, Identity, LinearMap, Reshape, Scatter, Shape, Windows, span
from ..autodiff.primitive import General
from ..autodiff.tensor import raw, shape_of
from .arguments import image_shape, pair, whole


def conv2d(
    x: Any,
    w: Any,
    b: Any = None,
    stride: int | tuple[int, int] = 1,
    padding: int | tuple[int, int] = 0,
    dilation: int | tuple[int, int] = 1,
    groups: int = 1,
) -> Any:
    """A convolutional layer: the cross-correlation of images with kernels, and a bias for each kernel.

    y[n, f, p, q] = b[f] + Σ_{c,u,v} w[f, c, u, v] x[n, c, s p + d u − z, s q + d v − z], with x = 0 outside the image,
    stride s, dilation d and padding z.

    Args:
        x: images, shape (N, C, H, W).
        w: kernels, shape (F, C / groups, HH, WW).
        b: biases, shape (F,); None for none.
        stride: how far the kernel moves, for rows and columns or one for both.
        padding: how many zeros are put before and after the rows, and the columns.
        dilation: how far the kernel's entries stand apart.
        groups: into how many groups channels and kernels are split; each group of kernels sees its own channels alone.

    Returns:
        An array of shape (N, F, P, Q), where P = ⌊(H + 2·padding − dilation·(HH − 1) − 1) / stride⌋ + 1, and so for Q.

    Raises:
        ValueError: shapes that don't fit, a kernel that is larger than the padded image, groups that channels or
            kernels can't be split into, a number that is too small.
        TypeError: a stride, padding, dilation or number of groups that is not an integer.
    """
    strides, zeros = pair("conv2d", "stride", stride), pair("conv2d", "padding", padding, least=0)
    dilations = pair("conv2d", "dilation", dilation)
    _check_channels(image_shape("conv2d", x), shape_of(w), groups)
    _check_size(shape_of(x), shape_of(w), zeros, dilations)
    parameters = {"stride": strides, "padding": zeros, "dilation": dilations, "groups": int(groups)}
    if b is None:
        return _conv2d(x, w, **parameters)
    if shape_of(b) != shape_of(w)[:1]:
        raise ValueError(f"conv2d takes one bias for each of the {shape_of(w)[0]} kernels; got shape {shape_of(b)}")
    return _conv2d(x, w, b, **parameters)


def _check_channels(images: Shape, kernels: Shape, groups: Any) -> None:
    """Refuses kernels that are not made for the images' channels."""
    if len(kernels) != 4:
        raise ValueError(f"conv2d takes w (F, C/groups, HH, WW); got shape {kernels}")
    if not whole(groups):
        raise TypeError(f"conv2d takes groups as an integer; got {groups!r}")
    channels, filters = images[1], kernels[0]
    if groups < 1 or channels % groups or filters % groups:
        raise ValueError(
            f"conv2d can't split {channels} channels and {filters} kernels into {groups} groups: "
            f"x has shape {images} and w {kernels}"
        )
    if kernels[1] != channels // groups:
        raise ValueError(
            f"conv2d with x of {channels} channels and groups={groups} takes w (F, {channels // groups}, HH, WW): "
            f"x has shape {images} and w {kernels}"
        )


def _check_size(images: Shape, kernels: Shape, padding: Shape, dilation: Shape) -> None:
    """Refuses kernels that have no entries, or don't fit in the padded images."""
    if 0 in kernels[2:]:
        raise ValueError(f"conv2d takes kernels of one entry at least; got w of shape {kernels}")
    padded = tuple(n + 2 * z for n, z in zip(images[2:], padding, strict=True))
    spans = tuple(span(k, d) for k, d in zip(kernels[2:], dilation, strict=True))
    if any(k > n for k, n in zip(spans, padded, strict=True)):
        raise ValueError(
            f"conv2d's kernel spans {spans[0]} × {spans[1]} and doesn't fit in the padded image of "
            f"{padded[0]} × {padded[1]}: x has shape {images} and w {kernels}, padding {padding}, dilation {dilation}"
        )


class _Parts(NamedTuple):
    """The layer as maps around one contraction.

    Attributes:
        windows: from the images to their windows, (N, C, P, Q, HH, WW).
        kernels: from the kernels to what they are in the contraction.
        output: from the contraction's result to (N, F, P, Q).
        subscripts: of the windows, the kernels and the result in `numpy.einsum`'s manner.

    With several groups, an axis of groups stands before that of the channels and before that of the kernels.
    """

    windows: LinearMap
    kernels: LinearMap
    output: LinearMap
    subscripts: tuple[str, str, str]


def _parts(images: Shape, kernels: Shape, stride: Shape, padding: Shape, dilation: Shape, groups: int) -> _Parts:
    (batch, channels, *size), (filters, each, *window) = images, kernels
    one = groups == 1
    split = (batch, channels, *size) if one else (batch, groups, each, *size)
    padded = (*split[:-2], *(n + 2 * z for n, z in zip(size, padding, strict=True)))
    inside = (..., *(slice(z, z + n) for n, z in zip(size, padding, strict=True)))
    windows: LinearMap = Windows(padded, tuple(window), stride, dilation)
    places = windows.out_shape[-4:-2]
    if any(padding):
        windows = windows @ Scatter(split, inside, padded)
    result = (batch, filters, *places) if one else (batch, groups, filters // groups, *places)
    return _Parts(
        windows if one else windows @ Reshape(images, split),
        Identity(kernels) if one else Reshape(kernels, (groups, filters // groups, each, *window)),
        Identity(result) if one else Reshape(result, (batch, filters, *places)),
        ("ncpquv", "fcuv", "nfpq") if one else ("ngcpquv", "gfcuv", "ngfpq"),
    )


def _contraction(parts: _Parts, k: int, other: Any) -> LinearMap:
    """The contraction as a map of the windows (k = 0) or of the kernels (k = 1), the other one given."""
    open_shape = (parts.windows, parts.kernels)[k].out_shape
    hole = np.broadcast_to(np.int8(0), open_shape)
    operands = (hole, other) if k == 0 else (other, hole)
    contraction = Contraction(parts.subscripts[:2], parts.subscripts[2], operands, k, open_shape, parts.output.in_shape)
    local = contraction @ (parts.windows, parts.kernels)[k]
    return local if type(parts.output) is Identity else parts.output @ local


def _by_images(_y: Any, x: Any, w: Any, _b: Any = None, **parameters: Any) -> LinearMap:
    parts = _parts(shape_of(x), shape_of(w), **parameters)
    return _contraction(parts, 0, parts.kernels.apply(w))


def _by_kernels(_y: Any, x: Any, w: Any, _b: Any = None, **parameters: Any) -> LinearMap:
    parts = _parts(shape_of(x), shape_of(w), **parameters)
    return _contraction(parts, 1, parts.windows.apply(x))


def _by_biases(y: Any, _x: Any, _w: Any, b: Any, **_parameters: Any) -> LinearMap:
    return Copy(shape_of(y), (0, 2, 3), shape_of(b))


def _value(x: Any, w: Any, b: Any = None, **parameters: Any) -> Any:
    y = _by_images(None, x, w, **parameters).apply(x)
    return y if b is None else y + b[:, np.newaxis, np.newaxis]


def _cost(y: Any, _x: Any, w: Any, _b: Any = None) -> int:
    return 2 * int(np.size(raw(y))) * prod(shape_of(w)[1:])


_conv2d = General("conv2d", _value, (_by_images, _by_kernels, _by_biases), cost=_cost)
