"""The fully connected layer, and what turns images into rows for it."""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np

from ..autodiff.forms import Form, axes_for, factor, labels_for
from ..autodiff.linear_maps import Copy, LinearMap, Permutation, Reshape, RightMatmul, Shape, formula_of
from ..autodiff.primitive import General
from ..autodiff.primitives.shapes import reshape
from ..autodiff.tensor import raw, shape_of


def flatten(x: Any) -> Any:
    """All entries of each example in one row, (N, …) → (N, product of the others).

    Raises:
        ValueError: x is a single number.
    """
    shape = shape_of(x)
    if not shape:
        raise ValueError("flatten takes x (N, …); got a single number, of shape ()")
    return reshape(x, (shape[0], prod(shape[1:])))


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

    def form(self) -> Form:
        *rows, output = labels_for(self.out_shape)
        (column,) = labels_for(self.in_shape[1:])
        x = factor([*rows, column], raw(self.x))
        return Form(self.out_shape, axes_for([*rows, output]), self.in_shape, axes_for([output, column]), [x])

    @property
    def operations(self) -> int:
        return 2 * prod(self.out_shape) * self.in_shape[1]


def _by_biases(y: Any, _x: Any, _W: Any, b: Any) -> LinearMap:
    return Copy(y.shape, tuple(range(y.ndim - 1)), b.shape)


def _linear_cost(y: Any, x: Any, _W: Any, _b: Any = None) -> int:
    return 2 * int(np.size(raw(y))) * shape_of(x)[-1]


_linear = General("linear", _linear_value, (_by_inputs, _by_weights, _by_biases), cost=_linear_cost)
