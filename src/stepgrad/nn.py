"""Layers and losses as plain functions of arrays and Tensors.

All of them are differentiable in both modes and to any order, and keep float32 where all they are given is float32.
"""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np

from .autodiff.linear_maps import (
    Copy,
    Diagonal,
    LinearMap,
    Permutation,
    Reshape,
    RightMatmul,
    Shape,
    Sum,
    formula_of,
)
from .autodiff.primitive import General
from .autodiff.primitives.elementwise import relu, sigmoid, square
from .autodiff.primitives.reductions import logsumexp, mean
from .autodiff.tensor import raw, shape_of


# The fully connected layer --------------------------------------------------------------------------------------------
def linear(x: Any, W: Any, b: Any = None) -> Any:
    """A fully connected layer, x Wᵀ + b.

    Args:
        x: inputs, shape (…, in).
        W: weights, shape (out, in).
        b: biases, shape (out,); None for none.

    Returns:
        An array of shape (…, out).

    Raises:
        ValueError: the shapes don't fit.
    """
    inputs, weights = shape_of(x), shape_of(W)
    if len(weights) != 2 or inputs[-1:] != weights[1:]:
        raise ValueError(f"linear takes x (…, in) and W (out, in); got shapes {inputs} and {weights}")
    if b is None:
        return _linear(x, W)
    if shape_of(b) != weights[:1]:
        raise ValueError(f"linear takes one bias for each of the {weights[0]} outputs; got shape {shape_of(b)}")
    return _linear(x, W, b)


def _linear_value(x: Any, W: Any, b: Any = None) -> Any:
    y = np.matmul(x, W.T)
    if b is None:
        return y
    return np.add(y, b, out=y) if b.dtype == y.dtype else y + b


def _by_inputs(y: Any, x: Any, W: Any, _b: Any = None) -> LinearMap:
    return RightMatmul(W.T, x.shape, y.shape)


def _by_weights(y: Any, x: Any, W: Any, _b: Any = None) -> LinearMap:
    return _Weights(x, W.shape, y.shape)


class _Weights(LinearMap):
    """W ↦ x Wᵀ."""

    __slots__ = ("x",)
    structure = "Kronecker"
    role = "switcher"

    def __init__(self, x: Any, in_shape: Shape, out_shape: Shape) -> None:
        super().__init__(in_shape, out_shape)
        self.x = x

    def apply(self, tangent: Any) -> Any:
        return np.matmul(self.x, tangent.T)

    def pull(self, cotangent: Any) -> Any:
        (outputs, inputs), rows = self.in_shape, prod(self.out_shape[:-1])
        return np.matmul(cotangent.reshape(rows, outputs).T, self.x.reshape(rows, inputs))

    def transpose(self) -> LinearMap:
        (outputs, inputs), rows = self.in_shape, prod(self.out_shape[:-1])
        cotangent_as_columns = Permutation((rows, outputs), (1, 0)) @ Reshape(self.out_shape, (rows, outputs))
        x = self.x.reshape(rows, inputs)
        return RightMatmul(x, (outputs, rows), self.in_shape) @ cotangent_as_columns

    def formula(self) -> Any:
        return ["matmul", formula_of(self.x), ["transpose", "□"]]

    @property
    def operations(self) -> int:
        return 2 * prod(self.out_shape) * self.in_shape[1]


def _by_biases(y: Any, _x: Any, _W: Any, b: Any) -> LinearMap:
    return Copy(y.shape, tuple(range(y.ndim - 1)), b.shape)


def _linear_cost(y: Any, x: Any, _W: Any, _b: Any = None) -> int:
    return 2 * int(np.size(raw(y))) * shape_of(x)[-1]


_linear = General("linear", _linear_value, (_by_inputs, _by_weights, _by_biases), cost=_linear_cost)


# Softmax and the losses -----------------------------------------------------------------------------------------------
def log_softmax(x: Any, axis: int = -1) -> Any:
    """The logarithm of softmax along an axis: x − log Σ exp(x).

    Softmax doesn't change when the same number is taken from all entries, so the largest one is: then nothing
    overflows, and no digits are lost beside large logits.
    """
    shifted = x - np.max(raw(x), axis=axis, keepdims=True)
    return shifted - logsumexp(shifted, axis, keepdims=True)


def _softmax(x: Any) -> Any:
    numerators = np.exp(x - np.maximum.reduce(raw(x), axis=-1, keepdims=True))
    return numerators / np.add.reduce(numerators, axis=-1, keepdims=True)


def softmax_cross_entropy(logits: Any, labels: Any) -> Any:
    """The mean over a batch of −log softmax(logits) at the right class.

    Args:
        logits: shape (…, classes).
        labels: the right classes as integers, shape (…).

    Returns:
        A scalar of the dtype of the logits.

    Raises:
        TypeError: labels aren't integers.
        ValueError: labels of another shape, or outside the classes.
    """
    labels = np.asarray(labels)
    if labels.dtype.kind not in "iu":
        raise TypeError(f"labels are classes, so integers; got {labels.dtype}")
    *batch, classes = shape_of(logits)
    if labels.shape != tuple(batch):
        raise ValueError(f"logits of shape {shape_of(logits)} need labels of shape {tuple(batch)}; got {labels.shape}")
    if labels.size and not 0 <= labels.min() <= labels.max() < classes:
        raise ValueError(f"labels must be 0 … {classes - 1}; got {labels.min()} … {labels.max()}")
    return _softmax_cross_entropy(logits, labels=labels.reshape(-1), found={})


def _cross_entropy(logits: Any, labels: Any, found: dict[str, Any]) -> Any:
    """The loss; `found` keeps the softmax that it comes by, and of which logits it is."""
    rows = np.reshape(logits, (labels.size, logits.shape[-1]))
    shifted = rows - np.maximum.reduce(rows, axis=1, keepdims=True)
    numerators = np.exp(shifted)
    sums = np.add.reduce(numerators, axis=1, keepdims=True)
    found["logits"], found["softmax"] = logits, (numerators / sums).reshape(logits.shape)
    right = shifted[np.arange(labels.size), labels]
    return np.add.reduce(np.log(sums[:, 0]) - right) / labels.size


def _cross_entropy_map(_y: Any, logits: Any, labels: Any, found: dict[str, Any]) -> LinearMap:
    """The gradient is softmax less one at the right class, over the batch's size; the map is its inner product."""
    shape = shape_of(logits)
    right = np.zeros((labels.size, shape[-1]), raw(logits).dtype)
    right[np.arange(labels.size), labels] = 1
    softmax = found["softmax"] if logits is found.get("logits") else _softmax(logits)  # a Tensor's must be traced
    gradient = (softmax - right.reshape(shape)) / labels.size
    return Sum(shape, tuple(range(len(shape))), ()) @ Diagonal(gradient, shape)


def _cross_entropy_cost(_y: Any, logits: Any) -> int:
    return int(np.size(raw(logits)))


_softmax_cross_entropy = General(
    "softmax_cross_entropy", _cross_entropy, (_cross_entropy_map,), cost=_cross_entropy_cost
)


def mse(y: Any, t: Any) -> Any:
    """The mean of (y − t)² over all entries.

    Args:
        y: predictions.
        t: targets, of a shape that broadcasts with y's.
    """
    return mean(square(y - t))


__all__ = ["linear", "log_softmax", "mse", "relu", "sigmoid", "softmax_cross_entropy"]
