"""Softmax and the losses."""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index

from ..autodiff.forms import Form, axes_for, factor, labels_for
from ..autodiff.linear_maps import Diagonal, LinearMap, Sum, Zero, formula_of
from ..autodiff.primitive import General
from ..autodiff.primitives.elementwise import square
from ..autodiff.primitives.reductions import logsumexp, mean
from ..autodiff.tensor import is_live, note, raw, shape_of


def log_softmax(x: Any, axis: int = -1) -> Any:
    """The logarithm of softmax along an axis: x − log Σ exp(x).

    Softmax doesn't change when the same number is taken from all entries, so the largest one is: then nothing
    overflows, and no digits are lost beside large logits.
    """
    shifted = x - _largest(x, axis)
    return shifted - logsumexp(shifted, axis, keepdims=True)


def _largest(x: Any, axis: int) -> Any:
    """The largest entries along an axis as constants: whatever is taken from all, the derivative is the same."""
    if is_live(x):
        return _shift(x, axis=axis)
    outcome = np.max(raw(x), axis=axis, keepdims=True)
    note(np.max, (x,), {"axis": axis, "keepdims": True}, outcome)
    return outcome


_shift = General(
    "max",
    lambda x, axis: np.max(x, axis=axis, keepdims=True),
    (lambda y, x, axis: Zero(shape_of(x), shape_of(y)),),
)


def softmax(x: Any, axis: int = -1) -> Any:
    """Softmax along an axis: exp(x) / Σ exp(x), probabilities of x's shape that add up to 1.

    The largest entry is taken from all first, so nothing overflows.

    Raises:
        ValueError: x has no such axis, or it is empty.
    """
    axis = normalize_axis_index(axis, len(shape_of(x)))
    if shape_of(x)[axis] == 0:
        raise ValueError(f"softmax needs an entry at least along axis {axis}; got shape {shape_of(x)}")
    return _softmax(x, axis=axis)


def _softmax_value(x: Any, axis: int) -> Any:
    numerators = np.exp(x - np.maximum.reduce(x, axis=axis, keepdims=True))
    return numerators / np.add.reduce(numerators, axis=axis, keepdims=True)


class _SoftmaxMap(LinearMap):
    """v ↦ s ⊙ (v − Σ s v): diag(s) − s sᵀ along the axis, symmetric, without the matrix.

    Args:
        s: the softmax itself, whose derivative this is.
        axis: along which it was taken, counted from the first.
    """

    __slots__ = ("axis", "s")
    structure = "Diagonal − RankOne"

    def __init__(self, s: Any, axis: int) -> None:
        super().__init__(shape_of(s), shape_of(s))
        self.s = s
        self.axis = axis

    def apply(self, tangent: Any) -> Any:
        return self.s * (tangent - np.sum(self.s * tangent, axis=self.axis, keepdims=True))

    def transpose(self) -> LinearMap:
        return self

    def formula(self) -> Any:
        s = formula_of(self.s)
        return ["multiply", s, ["subtract", "□", ["sum", ["multiply", s, "□"]]]]

    def summands(self) -> list[LinearMap]:
        return [Diagonal(self.s, self.out_shape), _RankOne(self.s, self.axis)]

    @property
    def operations(self) -> int:
        return 4 * prod(self.out_shape)


class _RankOne(LinearMap):
    """v ↦ −s Σ s v: −s sᵀ along the axis."""

    __slots__ = ("axis", "s")
    structure = "RankOne"

    def __init__(self, s: Any, axis: int) -> None:
        super().__init__(shape_of(s), shape_of(s))
        self.s = s
        self.axis = axis

    def apply(self, tangent: Any) -> Any:
        return -self.s * np.sum(self.s * tangent, axis=self.axis, keepdims=True)

    def transpose(self) -> LinearMap:
        return self

    def form(self) -> Form:
        outside = labels_for(self.out_shape)
        inside = list(outside)
        inside[self.axis] = labels_for(self.out_shape)[self.axis]
        factors = [factor(outside, -raw(self.s)), factor(inside, raw(self.s))]
        return Form(self.out_shape, axes_for(outside), self.in_shape, axes_for(inside), factors)


_softmax = General(
    "softmax", _softmax_value, (lambda s, x, axis: _SoftmaxMap(s, axis),), cost=lambda s, x: 3 * int(np.size(raw(s)))
)


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
    known = logits is found.get("logits")
    probabilities = found["softmax"] if known else _softmax(logits, axis=len(shape) - 1)  # a Tensor's must be traced
    gradient = (probabilities - right.reshape(shape)) / labels.size
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
