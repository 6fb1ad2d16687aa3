"""What convolutions are given: checked, and said in one sentence where it doesn't fit."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np

from .layout import Array, Layout, span

Sizes = int | tuple[int, int]
"""One integer for rows and columns, or a pair."""


def whole(value: Any) -> bool:
    """Whether a value is an integer; truth values are none."""
    return isinstance(value, (int, np.integer)) and not isinstance(value, bool)


def pair(function: str, name: str, value: Any, least: int = 1) -> tuple[int, int]:
    """An integer, or a pair of them for rows and columns, as a pair.

    Args:
        function: the function that was called, for the errors.
        name: its argument.
        value: what was given for it.
        least: how large each integer is at least.

    Raises:
        TypeError: not made of integers.
        ValueError: neither one nor two of them, or one that is too small.
    """
    if type(value) is int and value >= least:
        return value, value
    parts = tuple(value) if isinstance(value, (tuple, list)) else (value, value)
    if not all(map(whole, parts)):
        raise TypeError(f"{function} takes {name} as an integer or a pair of integers; got {value!r}")
    if len(parts) != 2 or min(parts) < least:
        raise ValueError(f"{function} takes {name} as an integer or a pair of integers, {least} or more; got {value!r}")
    return int(parts[0]), int(parts[1])


def output_size(n: int, k: int, stride: int = 1, padding: int = 0, dilation: int = 1) -> int:
    """How many places a kernel has along one axis: ⌊(n + 2·padding − dilation·(k − 1) − 1) / stride⌋ + 1.

    Args:
        n: entries of the image.
        k: entries of the kernel, 1 or more.
        stride: how far it moves from place to place.
        padding: zeros before and after the image.
        dilation: how far the kernel's entries stand apart.

    Returns:
        The number of places, 0 where the kernel is longer than the padded image. Where the stride doesn't fit, the last
        `(n + 2·padding − dilation·(k − 1) − 1) % stride` entries are never reached.

    Raises:
        TypeError: a number that is not an integer.
        ValueError: a number that is too small.

    Source: Dumoulin and Visin, A guide to convolution arithmetic for deep learning (2016), relationship 15.
    """
    for name, value, least in (
        ("n", n, 0), ("k", k, 1), ("stride", stride, 1), ("padding", padding, 0), ("dilation", dilation, 1)
    ):  # fmt: skip
        if not whole(value):
            raise TypeError(f"output_size takes {name} as an integer; got {value!r}")
        if value < least:
            raise ValueError(f"output_size takes {name} of {least} or more; got {value}")
    return max(0, (n + 2 * padding - span(k, dilation)) // stride + 1)


def shape(function: str, name: str, value: Any) -> tuple[int, ...]:
    """The shape of an array that isn't there, as a tuple.

    Raises:
        TypeError: it is not made of integers.
        ValueError: one of them is negative.
    """
    if isinstance(value, np.ndarray):
        raise TypeError(f"{function} takes {name} as a tuple of integers; got an array of shape {value.shape}")
    if not isinstance(value, (tuple, list)) or not all(map(whole, value)):
        raise TypeError(f"{function} takes {name} as a tuple of integers; got {value!r}")
    if min(value, default=0) < 0:
        raise ValueError(f"{function} takes {name} of integers from 0 on; got {value!r}")
    return tuple(value)


def layout_of(
    function: str,
    images: tuple[int, ...],
    kernels: tuple[int, ...],
    stride: Any,
    padding: Any,
    dilation: Any,
    groups: Any,
) -> Layout:
    """The layout of a layer.

    Args:
        function: the function that was called, for the errors.
        images: the shape of x, (N, C, H, W).
        kernels: the shape of w, (F, C / groups, HH, WW).
        stride: how far kernels move.
        padding: zeros on each side.
        dilation: how far a kernel's entries stand apart.
        groups: how many groups of kernels see their own channels alone.

    Raises:
        ValueError: shapes that don't fit, a kernel larger than the padded image, padding beyond all memory,
            groups that channels or kernels can't be split into, a number that is too small.
        TypeError: a number that is not an integer.
    """
    strides, zeros = pair(function, "stride", stride), pair(function, "padding", padding, least=0)
    dilations = pair(function, "dilation", dilation)
    if len(images) != 4:
        raise ValueError(f"{function} takes x (N, C, H, W); got shape {images}")
    if len(kernels) != 4:
        raise ValueError(f"{function} takes w (F, C/groups, HH, WW); got shape {kernels}")
    if not whole(groups):
        raise TypeError(f"{function} takes groups as an integer; got {groups!r}")
    return _layout(function, images, kernels, strides, zeros, dilations, int(groups))


MOST_ENTRIES = 1 << 40
"""The most entries that images have with their padding; more fit in no machine's memory."""


@lru_cache(maxsize=256)
def _layout(
    function: str, images: Any, kernels: Any, stride: Any, padding: Any, dilation: Any, groups: int
) -> Layout:  # fmt: skip
    channels, filters = images[1], kernels[0]
    if groups < 1 or channels % groups or filters % groups:
        raise ValueError(
            f"{function} can't split {channels} channels and {filters} kernels into {groups} groups: "
            f"x has shape {images} and w {kernels}"
        )
    if kernels[1] != channels // groups:
        raise ValueError(
            f"{function} with x of {channels} channels and groups={groups} takes w (F, {channels // groups}, HH, WW): "
            f"x has shape {images} and w {kernels}"
        )
    if 0 in kernels[2:]:
        raise ValueError(f"{function} takes kernels of one entry at least; got w of shape {kernels}")
    padded = tuple(n + 2 * z for n, z in zip(images[2:], padding, strict=True))
    spans = tuple(span(k, d) for k, d in zip(kernels[2:], dilation, strict=True))
    if any(k > n for k, n in zip(spans, padded, strict=True)):
        raise ValueError(
            f"{function}'s kernel spans {spans[0]} × {spans[1]} and doesn't fit in the padded image of "
            f"{padded[0]} × {padded[1]}: x has shape {images} and w {kernels}, padding {padding}, dilation {dilation}"
        )
    if images[0] * channels * padded[0] * padded[1] > MOST_ENTRIES:
        raise ValueError(
            f"{function}'s padded images of {padded[0]:,} × {padded[1]:,} are beyond all memory: take less padding"
        )
    places = tuple((n - k) // s + 1 for n, k, s in zip(padded, spans, stride, strict=True))
    return Layout(images, kernels, (places[0], places[1]), stride, padding, dilation, groups)


KINDS = frozenset("fd")
"""The dtypes that kernels work in, by their characters: float32 and float64."""


def numbers(function: str, **arrays: Any) -> list[Array]:
    """Arrays of one dtype: float32 where all are float32 (or float16), else float64.

    Raises:
        TypeError: an argument that is not made of real numbers.
    """
    codes = {value.dtype.char if type(value) is np.ndarray else "" for value in arrays.values()}
    if len(codes) == 1 and codes <= KINDS:
        return list(arrays.values())
    found = [as_array(function, name, value) for name, value in arrays.items()]
    single = all(array.dtype.char in "ef" for array in found)
    return [array.astype(np.float32 if single else np.float64, copy=False) for array in found]


def as_array(function: str, name: str, value: Any, kinds: str = "fiub") -> Array:
    """An argument as an array of numbers.

    Args:
        function: the function that was called, for the errors.
        name: its argument.
        value: what was given for it.
        kinds: the kinds of dtype that will do.

    Raises:
        TypeError: it is of another kind, or no array at all.
    """
    try:
        array = value if type(value) is np.ndarray else np.asarray(value)
    except ValueError as error:
        what = type(value).__name__
        raise TypeError(f"{function} takes {name} as an array of real numbers; got a ragged {what}") from error
    if array.dtype.kind not in kinds:
        raise TypeError(f"{function} takes {name} as an array of real numbers; got {_held(array)}")
    return array


def _held(array: Array) -> str:
    """What an array holds, in a word that says more than its dtype where it is no number."""
    kinds = {"U": "text", "S": "bytes", "c": "complex numbers", "M": "dates", "m": "times"}
    return kinds.get(array.dtype.kind) or (
        f"objects such as {type(array.flat[0]).__name__}" if array.dtype == object and array.size else str(array.dtype)
    )
