"""Arguments that convolutions and poolings share: images, and what is given for rows and columns."""

from __future__ import annotations

from typing import Any

from ..autodiff.linear_maps import Shape
from ..autodiff.tensor import shape_of
from ..convolution.arguments import pair

__all__ = ["image_shape", "pair"]


def image_shape(function: str, x: Any) -> Shape:
    """The shape of a batch of images, (N, C, H, W).

    Raises:
        ValueError: names the function and the shape that is another.
    """
    shape = shape_of(x)
    if len(shape) != 4:
        raise ValueError(f"{function} takes x (N, C, H, W); got shape {shape}")
    return shape
