"""Arguments that convolutions and poolings share: images, and what is given for rows and columns."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..autodiff.linear_maps import Shape
from ..autodiff.primitive import as_operand
from ..autodiff.tensor import Tensor, shape_of
from ..convolution.arguments import as_array, pair, whole

__all__ = ["image_shape", "numeric", "pair", "whole"]


def image_shape(function: str, x: Any) -> Shape:
    """The shape of a batch of images, (N, C, H, W).

    Raises:
        ValueError: names the function and the shape that is another.
    """
    shape = shape_of(x)
    if len(shape) != 4:
        raise ValueError(f"{function} takes x (N, C, H, W); got shape {shape}")
    return shape


def numeric(function: str, name: str, value: Any) -> Any:
    """An argument as a Tensor or an array of numbers; of complex ones too, for derivatives by complex steps.

    Raises:
        TypeError: names the function, the argument and what it holds.
    """
    kind = type(value)
    if kind is Tensor or (kind is np.ndarray and value.dtype.kind == "f"):
        return value
    if not isinstance(value, (list, tuple)):
        value = as_operand(value)  # which refuses masked arrays and matrices
    return as_array(function, name, value, "fiubc")
