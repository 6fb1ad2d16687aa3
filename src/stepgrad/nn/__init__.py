"""Layers and losses as plain functions of arrays and Tensors.

All of them are differentiable in both modes and to any order, and keep float32 where all they are given is float32.
"""

from __future__ import annotations

from ..autodiff.primitives.elementwise import relu, sigmoid
from .convolution import conv2d
from .counting import LAYER_KINDS, LayerCost, layer_cost, parameter_count
from .linear import flatten, linear
from .losses import log_softmax, mse, softmax, softmax_cross_entropy
from .pooling import avg_pool2d, max_pool2d

__all__ = [
    "LAYER_KINDS", "LayerCost", "avg_pool2d", "conv2d", "flatten", "layer_cost", "linear", "log_softmax", "max_pool2d",
    "mse", "parameter_count", "relu", "sigmoid", "softmax", "softmax_cross_entropy",
]  # fmt: skip
