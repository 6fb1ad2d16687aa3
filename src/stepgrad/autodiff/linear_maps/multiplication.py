"""Maps that multiply by arrays and add: LeftMatmul, RightMatmul, Contraction."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Any

import numpy as np

from ..forms import ORIGIN, Axis, Form, Label, axes_for, factor, labels_for
from ..tensor import raw, shape_of
from .arrangement import unbroadcast
from .base import LinearMap, Shape, Tree, formula_of

Some = Sequence[Label | None]


class LeftMatmul(LinearMap):
    """X ↦ A X, for a stack of matrices with NumPy's broadcasting: the Kronecker product A ⊗ I."""

    __slots__ = ("matrix",)
    role = "switcher"

    def __init__(self, matrix: Any, in_shape: Shape, out_shape: Shape) -> None:
        super().__init__(in_shape, out_shape)
        self.matrix = matrix

    @property
    def structure(self) -> str:  # type: ignore[override]
        """A ⊗ I is A itself where X is one column."""
        return "Dense" if prod(self.in_shape[:-2]) * self.in_shape[-1] == 1 else "Kronecker"

    def apply(self, tangent: Any) -> Any:
        return unbroadcast(np.matmul(self.matrix, tangent), self.out_shape)

    def pull(self, cotangent: Any) -> Any:
        return unbroadcast(np.matmul(self.matrix.swapaxes(-1, -2), cotangent), self.in_shape)

    def transpose(self) -> LeftMatmul:
        return type(self)(self.matrix.swapaxes(-1, -2), self.out_shape, self.in_shape)

    def form(self) -> Form:
        *_, rows, columns = shape_of(self.matrix)
        row, column = labels_for((rows, columns))
        other = labels_for(self.in_shape[-1:])
        return self._stacked([row, *other], [column, *other], [row, column])

    def _stacked(self, outside: Some, inside: Some, matrix: Some) -> Form:
        """The form of a product of stacks of matrices whose last axes carry these labels."""
        stack = labels_for(np.broadcast_shapes(self.in_shape[:-2], self.out_shape[:-2], shape_of(self.matrix)[:-2]))

        def axes(shape: Shape, own: Some) -> list[Axis]:
            labels = [*stack, *own][-len(shape) :]
            return [ORIGIN if n == 1 else axis for n, axis in zip(shape, axes_for(labels), strict=True)]

        factors = [factor((*stack, *matrix), raw(self.matrix))]
        return Form(self.out_shape, axes(self.out_shape, outside), self.in_shape, axes(self.in_shape, inside), factors)

    def formula(self) -> Tree:
        return ["matmul", formula_of(self.matrix), "□"]

    @property
    def operations(self) -> int:
        return 2 * prod(self.out_shape) * self.in_shape[-2]


class RightMatmul(LeftMatmul):
    """X ↦ X B, for a stack of matrices with NumPy's broadcasting: the Kronecker product I ⊗ Bᵀ."""

    __slots__ = ()

    @property
    def structure(self) -> str:  # type: ignore[override]
        """I ⊗ Bᵀ is Bᵀ itself where X is one row."""
        return "Dense" if prod(self.in_shape[:-1]) == 1 else "Kronecker"

    def apply(self, tangent: Any) -> Any:
        return unbroadcast(np.matmul(tangent, self.matrix), self.out_shape)

    def pull(self, cotangent: Any) -> Any:
        return unbroadcast(np.matmul(cotangent, self.matrix.swapaxes(-1, -2)), self.in_shape)

    def formula(self) -> Tree:
        return ["matmul", "□", formula_of(self.matrix)]

    def form(self) -> Form:
        *_, rows, columns = shape_of(self.matrix)
        row, column = labels_for((rows, columns))
        other = labels_for(self.in_shape[-2:-1])  # a single vector has none
        return self._stacked([*other, column], [*other, row], [row, column])

    @property
    def operations(self) -> int:
        return 2 * prod(self.out_shape) * self.in_shape[-1]


class Contraction(LinearMap):
    """An einsum that is linear in one operand while the others are fixed: `numpy.einsum` with a hole.

    Args:
        inputs: the subscripts of all operands; each letter of `inputs[k]` stands once in it, and in the output or in
            another operand; each letter of `output` stands in some operand.
        output: the subscripts of the result.
        operands: the arrays; the one at `k` is not read.
        k: which operand the map is applied to.
    """

    __slots__ = ("inputs", "k", "operands", "output")
    structure = "Contraction"
    role = "switcher"

    def __init__(
        self, inputs: tuple[str, ...], output: str, operands: tuple[Any, ...], k: int, in_shape: Shape, out_shape: Shape
    ) -> None:
        super().__init__(in_shape, out_shape)
        self.inputs = inputs
        self.output = output
        self.operands = operands
        self.k = k

    def apply(self, tangent: Any) -> Any:
        operands = (*self.operands[: self.k], tangent, *self.operands[self.k + 1 :])
        return np.einsum(f"{','.join(self.inputs)}->{self.output}", *operands, optimize=True)

    def transpose(self) -> Contraction:
        inputs = (*self.inputs[: self.k], self.output, *self.inputs[self.k + 1 :])
        return Contraction(inputs, self.inputs[self.k], self.operands, self.k, self.out_shape, self.in_shape)

    def form(self) -> Form:
        inside = self.inputs[self.k]
        fixed = [pair for i, pair in enumerate(zip(self.inputs, self.operands, strict=True)) if i != self.k]
        sizes = dict(zip(inside + self.output, self.in_shape + self.out_shape, strict=True))
        for letters, operand in fixed:
            sizes.update(zip(letters, shape_of(operand), strict=True))
        of = dict(zip(sizes, labels_for(tuple(sizes.values())), strict=True))
        factors = [factor([of[c] for c in letters], raw(operand)) for letters, operand in fixed]
        outside_axes, inside_axes = axes_for(of[c] for c in self.output), axes_for(of[c] for c in inside)
        return Form(self.out_shape, outside_axes, self.in_shape, inside_axes, factors)

    def formula(self) -> Tree:
        return ["einsum", *("□" if i == self.k else formula_of(x) for i, x in enumerate(self.operands))]

    @property
    def operations(self) -> int:
        sizes = dict(zip(self.inputs[self.k], self.in_shape, strict=True))
        for letters, operand in zip(self.inputs, self.operands, strict=True):
            sizes.update(zip(letters, shape_of(operand), strict=True))
        return len(self.operands) * prod(sizes.values())
