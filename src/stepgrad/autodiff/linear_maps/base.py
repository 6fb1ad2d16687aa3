"""The base of all linear maps, their products, and the formulas of the values in them."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from math import prod
from typing import Any, NamedTuple

import numpy as np

from ..forms import Form
from ..tensor import Tensor, as_scalar

Shape = tuple[int, ...]
Tree = Any
"""A formula: number, label, or [operation, *trees]; "□" is the hole for what the map is applied to."""


class Recipe(NamedTuple):
    """How a map that looked at the values at which it stands is made at other values.

    Attributes:
        make: the map, of the value and the keywords.
        keywords: for `make`.
        function: the name of the function whose local Jacobian the map is: "np.max".
        given: the keywords of that function.
    """

    make: Callable[..., LinearMap]
    keywords: dict[str, Any]
    function: str
    given: dict[str, Any]


class LinearMap:
    """A linear map between arrays of fixed shapes."""

    __slots__ = ("in_shape", "out_shape")
    recipe: Recipe | None = None
    in_shape: Shape
    out_shape: Shape
    structure = "LinearMap"
    role: str | None = None
    is_identity = False  # whether the matrix is one, whatever the shapes

    def __init__(self, in_shape: Shape, out_shape: Shape) -> None:
        self.in_shape = in_shape
        self.out_shape = out_shape

    @property
    def shape(self) -> tuple[int, int]:
        """The shape of the matrix: (size of the output, size of the input)."""
        return prod(self.out_shape), prod(self.in_shape)

    @property
    def T(self) -> LinearMap:  # noqa: N802 - NumPy's name
        """The transposed map."""
        return self.transpose()

    def apply(self, tangent: Any) -> Any:
        """J v, for v of `in_shape` (a float, an array or a Tensor)."""
        raise NotImplementedError  # abstract: each kind of map has its own

    def transpose(self) -> LinearMap:
        """The map Jᵀ."""
        raise NotImplementedError  # abstract: each kind of map has its own

    def pull(self, cotangent: Any) -> Any:
        """Jᵀ u, for u of `out_shape`: what `transpose().apply(u)` gives."""
        return self.transpose().apply(cotangent)

    def formula(self) -> Tree:
        """J □ as a formula tree. The factors of a map made of symbolic Tensors appear in it by their formulas."""
        return [self.structure, "□"]

    @property
    def operations(self) -> int:
        """How many multiplications and additions `apply` takes; moving entries about takes none."""
        return 0

    def __matmul__(self, other: LinearMap) -> LinearMap:
        if other.is_identity and other.in_shape == other.out_shape:
            return self
        left = self.factors if isinstance(self, Product) else (self,)
        right = other.factors if isinstance(other, Product) else (other,)
        return Product((*left, *right))

    def form(self) -> Form | None:
        """Where the matrix's nonzeros are and what they are, in closed form; None where there is no such form."""
        return None

    def summands(self) -> list[LinearMap]:
        """Maps that add up to this one and have a form each, where it has none itself."""
        return [self]

    def to_dense(self, dtype: Any = np.float64) -> np.ndarray[Any, Any]:
        """The matrix, made column by column: for tests, and for looking at a small one."""
        rows, columns = self.shape
        dense = np.empty((rows, columns), dtype)
        unit = np.zeros(columns, dtype)
        for j in range(columns):
            unit[j] = 1
            dense[:, j] = np.ravel(self.apply(unit.reshape(self.in_shape)))
            unit[j] = 0
        return dense

    def to_sparse(self) -> Any:
        """The matrix as a scipy.sparse CSR array."""
        from scipy.sparse import csr_array

        return csr_array(self.to_dense())

    def __repr__(self) -> str:
        return f"<{self.structure} {self.out_shape} ← {self.in_shape}>"


class Product(LinearMap):
    """One map after another: `Product((A, B))` is v ↦ A (B v), and its transpose u ↦ Bᵀ (Aᵀ u)."""

    __slots__ = ("factors",)

    def __init__(self, factors: tuple[LinearMap, ...]) -> None:
        for left, right in pairwise(factors):
            if left.in_shape != right.out_shape:
                raise ValueError(f"{left} can't follow {right}: shapes {left.in_shape} and {right.out_shape} differ")
        super().__init__(factors[-1].in_shape, factors[0].out_shape)
        self.factors = factors

    @property
    def structure(self) -> str:  # type: ignore[override]
        """The factors' structures; a reshape leaves every entry of the matrix where it is, so it is not named."""
        names = [factor.structure for factor in self.factors if not factor.is_identity]
        return " @ ".join(names) if names else "Identity"

    @property
    def role(self) -> str | None:  # type: ignore[override]
        """The role of what shapes the flow: a factor other than mere copying or reshaping, if there is one."""
        roles = [factor.role for factor in self.factors]
        return next((role for role in roles if role not in (None, "distributor")), roles[0])

    def apply(self, tangent: Any) -> Any:
        for factor in reversed(self.factors):
            tangent = factor.apply(tangent)
        return tangent

    def pull(self, cotangent: Any) -> Any:
        for factor in self.factors:
            cotangent = factor.pull(cotangent)
        return cotangent

    def form(self) -> Form | None:
        found = self.factors[-1].form()
        for factor in reversed(self.factors[:-1]):
            outer = factor.form() if found is not None else None
            found = None if found is None or outer is None else outer @ found
        return found

    def transpose(self) -> Product:
        return Product(tuple(factor.transpose() for factor in reversed(self.factors)))

    def formula(self) -> Tree:
        tree: Tree = "□"
        for factor in reversed(self.factors):
            tree = _fill(factor.formula(), tree)
        return tree

    @property
    def operations(self) -> int:
        return sum(factor.operations for factor in self.factors)


class Constant(LinearMap):
    """A map that holds nothing a derivative could flow through: a primitive in itself, called `name` in graphs."""

    __slots__ = ()
    name = "linear"

    def apply(self, tangent: Any) -> Any:
        if type(tangent) is Tensor:
            from ..primitive import Linear

            return Linear.named(self.name)(tangent, map=self)
        return as_scalar(self.act(tangent))

    def act(self, value: Any) -> Any:
        """`apply` on plain numbers and arrays."""
        raise NotImplementedError  # abstract: each kind of map has its own

    def formula(self) -> Tree:
        return [self.name, "□"]


def formula_of(value: Any) -> Tree:
    """The formula of a value: its label if it is a named leaf, else the operation that made it, of its arguments."""
    if type(value) is Tensor:
        if value.primitive is None:
            return value.name
        return [value.primitive.name, *(formula_of(argument) for argument in value.arguments)]
    return float(np.reshape(value, ())) if np.size(value) == 1 else "…"


def _fill(tree: Tree, inner: Tree) -> Tree:
    """The tree with `inner` put into its hole."""
    if tree == "□":
        return inner
    return [tree[0], *(_fill(t, inner) for t in tree[1:])] if isinstance(tree, list) else tree
