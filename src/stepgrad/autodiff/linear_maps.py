"""Linear maps: a local Jacobian as an object that acts, transposes and describes itself, a matrix only when asked.

A map J from arrays of `in_shape` to arrays of `out_shape` answers:

- `J.apply(v)`: J v, what forward mode asks;
- `J.transpose()`, a map again: `J.T.apply(u)` is Jᵀ u, what reverse mode asks;
- `J.structure`, `J.role`, `J.formula(…)`: what the Jacobian looks like and what it does to a backward flow;
- `J.to_sparse()`, `J.to_dense()`: the matrix of shape (out.size, in.size), rows and columns in C order.

The transposes pair off: Sum and Copy, Selection and Scatter, Permutation with its inverse; Identity, Diagonal and Mask
are their own. Those without data that a derivative could flow through are `Constant` maps: applied to a Tensor they
record themselves as a node whose local Jacobian is again the map. The others (Diagonal, LeftMatmul, …) are written in
NumPy on values that may be Tensors, so they too can be differentiated.

Source of the algebra: the transposed Jacobians of Griewank and Walther, Evaluating Derivatives (2008), chapter 3;
structured operators in the manner of lineax and CoLA.
"""

from __future__ import annotations

from itertools import pairwise
from math import prod
from typing import Any

import numpy as np

from .tensor import Tensor, as_scalar, shape_of

Shape = tuple[int, ...]
Tree = Any
"""A formula: number, label, or [operation, *trees]; "□" is the hole for what the map is applied to."""


class LinearMap:
    """A linear map between arrays of fixed shapes."""

    __slots__ = ("in_shape", "out_shape")
    in_shape: Shape
    out_shape: Shape
    structure = "LinearMap"
    role: str | None = None

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
        raise NotImplementedError

    def transpose(self) -> LinearMap:
        """The map Jᵀ."""
        raise NotImplementedError

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
        if isinstance(other, Identity):
            return self
        left = self.factors if isinstance(self, Product) else (self,)
        right = other.factors if isinstance(other, Product) else (other,)
        return Product((*left, *right))

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


class Constant(LinearMap):
    """A map that holds nothing a derivative could flow through: a primitive in itself, called `name` in graphs."""

    __slots__ = ()
    name = "linear"

    def apply(self, tangent: Any) -> Any:
        if type(tangent) is Tensor:
            from .primitive import Linear

            return Linear.named(self.name)(tangent, map=self)
        return as_scalar(self.act(tangent))

    def act(self, value: Any) -> Any:
        """`apply` on plain numbers and arrays."""
        raise NotImplementedError

    def formula(self) -> Tree:
        return [self.name, "□"]


class Identity(Constant):
    """v ↦ v. Backward it hands the adjoint on unchanged: a distributor."""

    __slots__ = ()
    structure = "Identity"
    name = "identity"
    role = "distributor"

    def __init__(self, shape: Shape) -> None:
        super().__init__(shape, shape)

    def apply(self, tangent: Any) -> Any:
        return tangent

    def transpose(self) -> Identity:
        return self

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

    def formula(self) -> Tree:
        return ["multiply", formula_of(self.factor), "□"]

    @property
    def operations(self) -> int:
        return prod(self.out_shape)


class Mask(Diagonal):
    """v ↦ m ⊙ v with truth values m: lets an entry through or stops it. Backward a router."""

    __slots__ = ()
    role = "router"


class Sum(Constant):
    """Adds along axes. Its transpose is Copy."""

    __slots__ = ("axes",)
    structure = "Sum"
    name = "sum"

    def __init__(self, large: Shape, axes: Shape, small: Shape) -> None:
        super().__init__(large, small)
        self.axes = axes

    def act(self, value: Any) -> Any:
        total = np.add.reduce(value, axis=self.axes)
        return total if total.shape == self.out_shape else total.reshape(self.out_shape)

    @property
    def operations(self) -> int:
        return prod(self.in_shape) - prod(self.out_shape)

    def transpose(self) -> Copy:
        return Copy(self.in_shape, self.axes, self.out_shape)


class Copy(Constant):
    """Repeats along axes: NumPy's broadcasting. Its transpose is Sum, which is how broadcasting is undone exactly."""

    __slots__ = ("axes",)
    structure = "Copy"
    name = "copy"
    role = "distributor"

    def __init__(self, large: Shape, axes: Shape, small: Shape) -> None:
        super().__init__(small, large)
        self.axes = axes

    def act(self, value: Any) -> Any:
        if self.in_shape:  # a single number needs no axes
            value = np.reshape(value, [1 if i in self.axes else n for i, n in enumerate(self.out_shape)])
        return np.broadcast_to(value, self.out_shape)

    def transpose(self) -> Sum:
        return Sum(self.out_shape, self.axes, self.in_shape)


def broadcast(in_shape: Shape, out_shape: Shape) -> LinearMap:
    """NumPy's broadcasting from one shape to another, as a map."""
    if in_shape == out_shape:
        return Identity(out_shape)
    extra = len(out_shape) - len(in_shape)
    stretched = tuple(i + extra for i, n in enumerate(in_shape) if n == 1 and out_shape[i + extra] != 1)
    return Copy(out_shape, tuple(range(extra)) + stretched, in_shape)


class Reshape(Constant):
    """The same entries in another shape. Its transpose shapes them back."""

    __slots__ = ()
    structure = "Reshape"
    name = "reshape"
    role = "distributor"

    def act(self, value: Any) -> Any:
        return np.reshape(value, self.out_shape)

    def transpose(self) -> Reshape:
        return Reshape(self.out_shape, self.in_shape)


class Permutation(Constant):
    """Axes in another order (`numpy.transpose`). Its transpose is the inverse permutation."""

    __slots__ = ("axes",)
    structure = "Transpose"
    name = "transpose"
    role = "distributor"

    def __init__(self, in_shape: Shape, axes: Shape) -> None:
        super().__init__(in_shape, tuple(in_shape[a] for a in axes))
        self.axes = axes

    def act(self, value: Any) -> Any:
        return np.transpose(value, self.axes)

    def transpose(self) -> Permutation:
        return Permutation(self.out_shape, tuple([self.axes.index(i) for i in range(len(self.axes))]))


class Selection(Constant):
    """Picks entries: `v[index]` with any NumPy index. Its transpose is Scatter. Backward a router."""

    __slots__ = ("index",)
    structure = "Selection"
    name = "select"
    role = "router"

    def __init__(self, in_shape: Shape, index: Any, out_shape: Shape | None = None) -> None:
        if out_shape is None:
            out_shape = np.broadcast_to(np.int8(0), in_shape)[index].shape
        super().__init__(in_shape, out_shape)
        self.index = index

    def act(self, value: Any) -> Any:
        return np.asarray(value)[self.index].reshape(self.out_shape)

    def transpose(self) -> Scatter:
        return Scatter(self.out_shape, self.index, self.in_shape)


class Scatter(Constant):
    """Puts entries into an array of zeros, adding where several meet. Its transpose is Selection."""

    __slots__ = ("index",)
    structure = "Scatter"
    name = "scatter"
    role = "distributor"

    def __init__(self, in_shape: Shape, index: Any, out_shape: Shape) -> None:
        super().__init__(in_shape, out_shape)
        self.index = index

    def act(self, value: Any) -> Any:
        value = np.asarray(value)
        out = np.zeros(self.out_shape, value.dtype)
        if is_basic(self.index):
            out[self.index] += value.reshape(out[self.index].shape)
        else:
            target = np.broadcast_to(np.int8(0), self.out_shape)[self.index].shape
            np.add.at(out, self.index, value.reshape(target))
        return out

    def transpose(self) -> Selection:
        return Selection(self.out_shape, self.index, self.in_shape)


def is_basic(index: Any) -> bool:
    """Whether a NumPy index consists of integers and slices alone, so that it never meets an entry twice."""
    parts = index if isinstance(index, tuple) else (index,)
    return all(p is None or p is Ellipsis or isinstance(p, (int, np.integer, slice)) for p in parts)


class Cumulative(Constant):
    """Running sums along an axis. Its transpose sums from the other end."""

    __slots__ = ("axis", "backward")
    structure = "LowerTriangular"
    name = "cumsum"

    def __init__(self, shape: Shape, axis: int, backward: bool = False) -> None:
        super().__init__(shape, shape)
        self.axis = axis
        self.backward = backward

    def act(self, value: Any) -> Any:
        if not self.backward:
            return np.cumsum(value, axis=self.axis)
        return np.flip(np.cumsum(np.flip(value, self.axis), axis=self.axis), self.axis)

    @property
    def operations(self) -> int:
        return prod(self.in_shape)

    def transpose(self) -> Cumulative:
        return Cumulative(self.in_shape, self.axis, not self.backward)


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
        names = [factor.structure for factor in self.factors if not isinstance(factor, Reshape)]
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


def formula_of(value: Any) -> Tree:
    """The formula of a value: its label if it is a named leaf, else the operation that made it, of its arguments."""
    if type(value) is Tensor:
        if value.primitive is None:
            return value.name
        return [value.primitive.name, *(formula_of(argument) for argument in value.arguments)]
    return float(value) if np.size(value) == 1 else "…"


def _fill(tree: Tree, inner: Tree) -> Tree:
    """The tree with `inner` put into its hole."""
    if tree == "□":
        return inner
    return [tree[0], *(_fill(t, inner) for t in tree[1:])] if isinstance(tree, list) else tree


def unbroadcast(value: Any, shape: Shape) -> Any:
    """Sums a value back to a shape from which NumPy's broadcasting had made the value's."""
    large = shape_of(value)
    return value if large == shape else broadcast(shape, large).pull(value)
