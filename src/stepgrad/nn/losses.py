"""Softmax and the losses."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..autodiff.linear_maps import Diagonal, LinearMap, Sum
from ..autodiff.primitive import General
from ..autodiff.primitives.elementwise import square
from ..autodiff.primitives.reductions import logsumexp, mean
from ..autodiff.tensor import raw, shape_of


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
