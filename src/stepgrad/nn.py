"""Layers and losses as plain functions of arrays and Tensors.

All of them are differentiable in both modes and to any order, and keep float32 where all they are given is float32.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .autodiff.linear_maps import Diagonal, LinearMap, Sum
from .autodiff.primitive import General
from .autodiff.primitives.elementwise import exp, relu, sigmoid, square
from .autodiff.primitives.linalg import matmul
from .autodiff.primitives.reductions import logsumexp, mean
from .autodiff.primitives.shapes import transpose
from .autodiff.tensor import raw, shape_of


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
    if len(shape_of(W)) != 2 or shape_of(x)[-1:] != shape_of(W)[1:]:
        raise ValueError(f"linear takes x (…, in) and W (out, in); got shapes {shape_of(x)} and {shape_of(W)}")
    if b is not None and shape_of(b) != shape_of(W)[:1]:
        raise ValueError(f"linear takes one bias for each of the {shape_of(W)[0]} outputs; got shape {shape_of(b)}")
    y = matmul(x, transpose(W))
    return y if b is None else y + b


def log_softmax(x: Any, axis: int = -1) -> Any:
    """The logarithm of softmax along an axis: x − log Σ exp(x).

    Softmax doesn't change when the same number is taken from all entries, so the largest one is: then nothing
    overflows, and no digits are lost beside large logits.
    """
    shifted = x - np.max(raw(x), axis=axis, keepdims=True)
    return shifted - logsumexp(shifted, axis, keepdims=True)


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
    return _softmax_cross_entropy(logits, labels=labels)


def _cross_entropy(logits: Any, labels: Any) -> Any:
    shifted = logits - np.max(logits, axis=-1, keepdims=True)
    at_labels = np.take_along_axis(shifted, labels[..., None], -1)[..., 0]
    return np.mean(np.log(np.sum(np.exp(shifted), axis=-1)) - at_labels)


def _cross_entropy_map(_y: Any, logits: Any, labels: Any) -> LinearMap:
    """The gradient is softmax less one at the right class, over the batch's size; the map is its inner product."""
    shape = shape_of(logits)
    right = np.zeros(shape, raw(logits).dtype)
    np.put_along_axis(right, labels[..., None], 1, -1)
    gradient = (exp(log_softmax(logits)) - right) / labels.size
    return Sum(shape, tuple(range(len(shape))), ()) @ Diagonal(gradient, shape)


_softmax_cross_entropy = General(
    "softmax_cross_entropy", _cross_entropy, (_cross_entropy_map,), cost=lambda _y, logits: int(np.size(raw(logits)))
)


def mse(y: Any, t: Any) -> Any:
    """The mean of (y − t)² over all entries.

    Args:
        y: predictions.
        t: targets, of a shape that broadcasts with y's.
    """
    return mean(square(y - t))


__all__ = ["linear", "log_softmax", "mse", "relu", "sigmoid", "softmax_cross_entropy"]
