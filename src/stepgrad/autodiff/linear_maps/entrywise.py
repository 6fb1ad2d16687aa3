"""Maps that take each entry by itself: Identity, Zero, Scaling, Diagonal, Mask."""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np

from ..forms import Form, diagonal
from .base import Constant, LinearMap, Shape, Tree, formula_of


class Identity(Constant):
    """v ↦ v. Backward it hands the adjoint on unchanged: a distributor."""

    __slots__ = ()
    structure = "Identity"
    is_identity = True
    name = "identity"
    role = "distributor"

    def __init__(self, shape: Shape) -> None:
        super().__init__(shape, shape)

    def apply(self, tangent: Any) -> Any:
        return tangent

    def transpose(self) -> Identity:
        return self

    def form(self) -> Form:
        return diagonal(self.in_shape)

    def formula(self) -> Tree:
        return "□"


class Zero(Constant):
    """v ↦ 0: the derivative of what is piecewise constant, and of conditions."""

    __slots__ = ()
    structure = "Zero"
    name = "zero"

    def act(self, value: Any) -> Any:
        return np.zeros(self.out_shape, np.result_type(value)) if self.out_shape else 0.0

    def transpose(self) -> Zero:
        return Zero(self.out_shape, self.in_shape)

    def formula(self) -> Tree:
        return 0


class Scaling(LinearMap):
    """v ↦ c v with a constant number c."""

    __slots__ = ("factor",)
    structure = "ScaledIdentity"

    def __init__(self, factor: float, shape: Shape) -> None:
        super().__init__(shape, shape)
        self.factor = factor

    def apply(self, tangent: Any) -> Any:
        return tangent * self.factor

    def transpose(self) -> Scaling:
        return self

    def form(self) -> Form:
        return diagonal(self.in_shape, np.asarray(self.factor))

    def formula(self) -> Tree:
        return ["multiply", self.factor, "□"]

    @property
    def operations(self) -> int:
        return prod(self.out_shape)


class Diagonal(LinearMap):
    """v ↦ d ⊙ v, entry by entry.

    Backward the adjoint is multiplied by the same factor: a product's is the other factor, a switcher.
    """

    __slots__ = ("factor",)
    structure = "Diagonal"
    role = "switcher"

    def __init__(self, factor: Any, shape: Shape) -> None:
        super().__init__(shape, shape)
        self.factor = factor

    def apply(self, tangent: Any) -> Any:
        return self.factor * tangent

    def transpose(self) -> Diagonal:
        return self

    def form(self) -> Form:
        return diagonal(self.in_shape, self.factor)

    def formula(self) -> Tree:
        return ["multiply", formula_of(self.factor), "□"]

    @property
    def operations(self) -> int:
        return prod(self.out_shape)


class Mask(Diagonal):
    """v ↦ m ⊙ v with truth values m: lets an entry through or stops it. Backward a router."""

    __slots__ = ()
    role = "router"
