"""Jacobians with the structure that their function gives them, never a matrix of all numbers unless one is asked for.

The function is recorded once. Each node on the way from the argument to the output says its local Jacobian's form, and
the forms are chained in the order of the graph: a chain is a product that nobody has multiplied out. Where several
paths meet, chains add; those that stand at the same places become one. Where a product has no form in closed shape, or
where it costs more than multiplying sparse matrices, sparse matrices are multiplied (`StructuredJacobian.plan`).

Source: the chain rule as a sum over paths of products of local Jacobians, Griewank and Walther (2008), chapter 8 (there
for single entries; here for whole arrays at once).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property, reduce
from math import prod
from typing import Any

import numpy as np

from .chains import Chain, Matrix, Piece, added
from .derivatives import Arguments, Linearization
from .forms import Array, Form, Shape, contract, contracted, diagonal, labels_of, orders, tells_cells_apart, to_csr
from .linear_maps import LinearMap, Product, Zero
from .sweeps import forward_order, values_of
from .tensor import Tensor, dtype_of, raw, shape_of

LIMIT = 2**31
"""The bytes above which `to_dense` refuses: 2 GiB."""


def structured_jacobian(f: Callable[..., Any], *primals: Any, argnum: int = 0) -> StructuredJacobian:
    """The Jacobian of f with its structure, found from the recorded graph without any hint.

    Args:
        f: a function with one array or scalar output, written in ordinary NumPy.
        primals: its arguments.
        argnum: the argument to differentiate by: one array or scalar.

    Returns:
        A StructuredJacobian of shape (output.size, argument.size), in C order.

    Raises:
        ValueError: there is no argument `argnum`.
        TypeError: the argument or the output is no single array; or another differentiation traces the call, for which
            this Jacobian would be a constant.
    """
    if not isinstance(argnum, (int, np.integer)):
        raise TypeError(f"structured_jacobian is by one argument: argnum is its number, not {argnum!r}")
    restricted, (x,) = Arguments(int(argnum)).restrict(f, primals, {})
    _refuse_tensors(primals)
    linear = Linearization(restricted, (x,))
    if len(linear.inputs) != 1 or len(linear.outputs) != 1:
        raise TypeError(
            f"structured_jacobian is of one array by one array; got {len(linear.outputs)} outputs and "
            f"{len(linear.inputs)} inputs: pick one of each, or put them together with np.concatenate"
        )
    (output,), (source,) = linear.outputs, linear.inputs
    chains = _chains(output, source) if type(output) is Tensor and output.level is linear.level else []
    value = raw(linear.values[0])
    dtype = dtype_of(value)
    if dtype.kind != "f":
        dtype = np.dtype(np.float64)
    return StructuredJacobian(chains, shape_of(value), source.shape, dtype)


def _chains(output: Tensor, source: Tensor) -> list[Chain]:
    """The chains from the source to the output, put together node by node."""
    if 0 in output.shape or 0 in source.shape:
        return []
    if output is source:
        return [Chain((diagonal(source.shape),))]
    found: dict[int, list[Chain]] = {source.time: [Chain(())]}
    for node, last in forward_order([output]):
        values, sums = values_of(node), []
        _refuse_tensors(values)
        for k, argument in enumerate(node.arguments):
            if values[k] is argument or argument.time not in found:
                continue  # a constant, or nothing of the source is in it
            assert node.primitive is not None
            local = node.primitive.local_map(k, node.value, values, node.parameters)
            for pieces in filter(None, map(_pieces, local.summands())):
                sums += [reduce(Chain.after, reversed(pieces), chain) for chain in found[argument.time]]
        for time in last:
            found.pop(time, None)
        if sums:
            found[node.time] = added(sums, dtype_of(output.value)) if len(sums) > 1 else sums
    return found.get(output.time, [])


def _refuse_tensors(values: tuple[Any, ...]) -> None:
    """Refuses what another differentiation traces: its derivative would be lost in the numbers of a form."""
    if Tensor in map(type, values):
        raise TypeError(
            "structured_jacobian can't stand inside another differentiation: use jacobian, jvp or vjp there"
        )


def _pieces(local: LinearMap) -> list[Piece]:
    """The factors of a local Jacobian, as few as there can be; none where it is zero."""
    if isinstance(local, Zero):
        return []
    form = local.form()
    if form is not None:
        return [form]
    if isinstance(local, Product):
        return [piece for factor in local.factors for piece in _pieces(factor)]
    return [Matrix(local.to_sparse(), local.out_shape, local.in_shape)]


# The Jacobian ---------------------------------------------------------------------------------------------------------
class StructuredJacobian:
    """A Jacobian of shape (output.size, argument.size) that is kept as a sum of products of structured factors.

    Attributes:
        out_shape, in_shape: the shapes of the output and the argument.
        dtype: the output's dtype.
        chains: the sum: one product of factors for each path, or group of paths, through the graph.

    scipy.sparse.linalg takes it wherever it takes a linear operator (`aslinearoperator`).
    """

    __array_ufunc__ = None  # so that NumPy's v @ J asks J
    __iter__ = None

    def __init__(self, chains: list[Chain], out_shape: Shape, in_shape: Shape, dtype: Any) -> None:
        self.chains = chains
        self.out_shape = out_shape
        self.in_shape = in_shape
        self.dtype = np.dtype(dtype)

    # What it is -------------------------------------------------------------------------------------------------------
    @property
    def shape(self) -> tuple[int, int]:
        """(output.size, argument.size)."""
        return prod(self.out_shape), prod(self.in_shape)

    @property
    def ndim(self) -> int:
        """Two: it is a matrix."""
        return 2

    @property
    def structure(self) -> str:
        """The names of its factors, such as "Diagonal", "Dense @ Diagonal @ Dense", or a sum of such products."""
        return " + ".join(chain.structure for chain in self.chains) or "Zero"

    @property
    def dense_nbytes(self) -> int:
        """The bytes that an array of all entries would take."""
        return prod(self.shape) * int(self.dtype.itemsize)

    @property
    def nbytes(self) -> int:
        """The bytes of the arrays that it is kept as; those that it shares with the caller's, such as weights, too."""
        return sum(piece.nbytes for chain in self.chains for piece in chain.pieces)

    @cached_property
    def nnz(self) -> int:
        """How many entries are not zero, here and now: a closed gate's is zero."""
        if not self.chains:
            return 0
        if len(self.chains) == 1 and self._whole is not None:
            count = _nonzeros(self._whole)
            if count is not None:
                return count
        return int(np.count_nonzero(self.to_sparse().data))

    @property
    def density(self) -> float:
        """The share of entries that are not zero."""
        return self.nnz / max(1, prod(self.shape))

    @property
    def plan(self) -> str:
        """How entries are come by: what is kept as a product, in which order it multiplies out, at what cost."""
        if not self.chains:
            return "The output does not depend on the argument: nothing is kept."
        return "\n".join(_plan(chain) for chain in self.chains)

    @property
    def T(self) -> StructuredJacobian:  # noqa: N802 - NumPy's name
        """The transpose."""
        return StructuredJacobian([chain.T for chain in self.chains], self.in_shape, self.out_shape, self.dtype)

    def __repr__(self) -> str:
        rows, columns = self.shape
        return f"<StructuredJacobian {rows:,} × {columns:,}: {self.structure}>"

    # Products ---------------------------------------------------------------------------------------------------------
    def matvec(self, v: Any) -> Array:
        """J v, for v of argument.size entries: an array of output.size."""
        vector = self._checked(v)
        products = [chain.multiply(vector.reshape(self.in_shape)) for chain in self.chains]
        total = np.asarray(reduce(np.add, products) if products else np.zeros(self.out_shape, self.dtype))
        if not total.flags.writeable or np.may_share_memory(total, vector):
            total = total.copy()  # what only moves entries gives a view
        return total.reshape(-1)

    def rmatvec(self, u: Any) -> Array:
        """Jᵀ u, for u of output.size entries."""
        return self.T.matvec(u)

    def __matmul__(self, other: Any) -> Array:
        array = np.asarray(other)
        if array.ndim == 2 and array.shape[0] == self.shape[1]:
            columns = [self.matvec(array[:, j]) for j in range(array.shape[1])]
            return np.stack(columns, 1) if columns else np.zeros((self.shape[0], 0), self.dtype)
        return self.matvec(array)

    def __rmatmul__(self, other: Any) -> Array:
        return (self.T @ np.asarray(other).T).T

    def _checked(self, v: Any) -> Array:
        vector = np.asarray(v)
        if vector.dtype.kind not in "fiub":
            raise TypeError(f"a Jacobian multiplies real numbers, not {vector.dtype}")
        if vector.shape not in ((self.shape[1],), (self.shape[1], 1), self.in_shape):  # a column is SciPy's way
            raise ValueError(
                f"a Jacobian of shape {self.shape} multiplies a vector of {self.shape[1]} entries, or an array of "
                f"shape {self.in_shape}; got shape {vector.shape}"
            )
        return vector if vector.dtype.kind == "f" else vector.astype(self.dtype)

    # Entries ----------------------------------------------------------------------------------------------------------
    @cached_property
    def _whole(self) -> Form | None:
        """The one chain in closed form, multiplied out."""
        if len(self.chains) != 1:
            return None
        way, *_ = self.chains[0].steps
        form = self.chains[0].form
        return contracted(form) if form is not None and way == "closed form" else None

    @cached_property
    def _sparse(self) -> Any:
        """All entries as a CSR array, kept for whoever asks again."""
        return self._made_sparse()

    def _made_sparse(self) -> Any:
        from scipy.sparse import csr_array

        if not self.chains:
            return csr_array(self.shape, dtype=self.dtype)
        if self._whole is not None:
            return to_csr(self._whole, self.dtype)
        matrix = reduce(lambda a, b: a + b, [chain.to_csr(self.dtype) for chain in self.chains]).tocsr()
        matrix.sum_duplicates()
        return matrix

    def to_sparse(self) -> Any:
        """All entries as a scipy.sparse CSR array; some of them may be zero, where the structure allows a number."""
        return self._made_sparse()

    def to_dense(self, limit: int = LIMIT) -> Array:
        """All entries as an array.

        Raises:
            MemoryError: it would take more than `limit` bytes (2 GiB); nothing is made then.
        """
        if self.dense_nbytes > limit:
            rows, columns = self.shape
            raise MemoryError(
                f"a dense array of {rows:,} × {columns:,} {self.dtype} takes {human_bytes(self.dense_nbytes)}, and "
                f"to_dense stops at {human_bytes(limit)}; use to_sparse(), single rows, or products"
            )
        return np.asarray(self._sparse.toarray())

    def __array__(self, dtype: Any = None, copy: Any = None) -> Array:
        return self.to_dense().astype(dtype or self.dtype, copy=False)

    def __getitem__(self, index: Any) -> Any:
        if not isinstance(index, tuple) or len(index) != 2:
            raise IndexError("a Jacobian has rows and columns: J[i, j], J.row(i) or J.column(j)")
        i, j = index
        if not all(isinstance(k, (int, np.integer)) for k in index):
            if any(isinstance(k, (str, float, np.floating)) for k in index):
                raise IndexError(f"rows and columns of a Jacobian are counted by integers, not J[{i!r}, {j!r}]")
            return self._sparse[i, j]
        i, j = self._in_range(i, 0), self._in_range(j, 1)
        total = self.dtype.type(0)
        for chain in self.chains:
            total += chain.entry(i, j, self.dtype)
        return total

    def row(self, i: int) -> Array:
        """Row i, an array of argument.size entries: the gradient of one output entry."""
        dense = np.zeros(self.shape[1], self.dtype)
        columns, numbers = self.row_entries(i)
        dense[columns] = numbers
        return dense

    def column(self, j: int) -> Array:
        """Column j, an array of output.size entries: the tangents along one unit vector."""
        return self.T.row(self._in_range(j, 1))

    def row_entries(self, i: int) -> tuple[Array, Array]:
        """The columns and the values of row i, where the structure allows a number; each column once, in order."""
        i = self._in_range(i, 0)
        columns, numbers = [np.zeros(0, np.int64)], [np.zeros(0, self.dtype)]
        for chain in self.chains:
            found = chain.row(i, self.dtype)
            columns.append(found[0])
            numbers.append(found[1])
        unique, where = np.unique(np.concatenate(columns), return_inverse=True)
        total = np.zeros(unique.size, self.dtype)
        np.add.at(total, where, np.concatenate(numbers))
        return unique, total

    def column_entries(self, j: int) -> tuple[Array, Array]:
        """The rows and the values of column j."""
        return self.T.row_entries(self._in_range(j, 1))

    def _in_range(self, k: Any, axis: int) -> int:
        n = self.shape[axis]
        if not isinstance(k, (int, np.integer)):
            raise TypeError(f"{'rows' if axis == 0 else 'columns'} are counted by integers, not {k!r}")
        if not -n <= int(k) < n:
            raise IndexError(f"{'row' if axis == 0 else 'column'} {k} is outside this Jacobian of shape {self.shape}")
        return int(k) % n


def _nonzeros(form: Form) -> int | None:
    """How many entries of a form are not zero, if each of its terms stands in a cell of its own; else None."""
    axes = (*form.out_axes, *form.in_axes)
    sides = zip(axes, (*form.out_shape, *form.in_shape), strict=True)
    if any(axis.bounds()[0] < 0 or axis.bounds()[1] >= n for axis, n in sides) or not tells_cells_apart(form):
        return None
    labels, array = contract(form.factors, labels_of(axes))
    return int(np.count_nonzero(array)) * prod(label.size for label in labels_of(axes) if label not in labels)


def _plan(chain: Chain) -> str:
    way, cost, other = chain.steps
    kept = f"{chain.structure}: {human_bytes(sum(piece.nbytes for piece in chain.pieces))} kept"
    if chain.form is not None and chain.form.hidden:
        left, right = orders(chain.form)
        cheaper = min(left, right, key=lambda order: order.multiplications)
        kept += (
            f", as a product; to multiply it out takes {left.multiplications:,} multiplications from the output's side "
            f"(reverse) and {right.multiplications:,} from the input's (forward): {cheaper.name} it is"
        )
    compared = f", against {other:,}" if other is not None else ""
    return f"{kept}; entries by {way}, {cost:,} operations{compared}."


def human_bytes(count: float) -> str:
    """A number of bytes as people read it: 51 KB, 1.34 TB."""
    if count < 1000:
        return f"{count:.0f} bytes"
    for unit in ("KB", "MB", "GB", "TB", "PB", "EB"):
        count /= 1000
        if count < 999.5 or unit == "EB":
            return f"{count:.3g} {unit}"
    return f"{count:.0f}"
