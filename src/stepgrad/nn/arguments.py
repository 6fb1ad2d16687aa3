"""Arguments that convolutions and poolings share: images, and what is given for rows and columns."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..autodiff.linear_maps import Shape
from ..autodiff.tensor import shape_of


def image_shape(function: str, x: Any) -> Shape:
    """The shape of a batch of images, (N, C, H, W).

    Raises:
        ValueError: names the function and the shape that is another.
    """
    shape = shape_of(x)
    if len(shape) != 4:
        raise ValueError(f"{function} takes x (N, C, H, W); got shape {shape}")
    return shape


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
    parts = tuple(value) if isinstance(value, (tuple, list)) else (value, value)
    if not all(map(whole, parts)):
        raise TypeError(f"{function} takes {name} as an integer or a pair of integers; got {value!r}")
    if len(parts) != 2 or min(parts) < least:
        raise ValueError(f"{function} takes {name} as an integer or a pair of integers, {least} or more; got {value!r}")
    return int(parts[0]), int(parts[1])
