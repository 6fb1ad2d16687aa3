"""Maps that multiply by arrays and add: LeftMatmul, RightMatmul, Contraction."""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np

from ..tensor import shape_of
from .arrangement import unbroadcast
from .base import LinearMap, Shape, Tree, formula_of


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

    def formula(self) -> Tree:
        return ["einsum", *("□" if i == self.k else formula_of(x) for i, x in enumerate(self.operands))]

    @property
    def operations(self) -> int:
        sizes = dict(zip(self.inputs[self.k], self.in_shape, strict=True))
        for letters, operand in zip(self.inputs, self.operands, strict=True):
            sizes.update(zip(letters, shape_of(operand), strict=True))
        return len(self.operands) * prod(sizes.values())
