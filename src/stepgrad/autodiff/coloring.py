"""Sparse Jacobians from few probes: columns that no row has in common are asked for together.

A probe is a product J v, and a unit vector gives a column. Where two columns have no row in common, their sum shows
both: each entry of it comes from one of them, and the pattern says from which. So columns are put into groups, as few
as can be; no two columns of a group may meet in a row. That is a colouring of the graph whose vertices are the columns
and whose edges join those that meet. A convolution of 5 × 5 × 3 weights on an image of 32 × 32 × 3 has 3,072 columns,
and 75 groups.

This needs nothing but products, so it works for a function that can't be traced as well (`method="central"`). Where
the function can be traced, `structured_jacobian` needs no probe at all.

Sources: Curtis, Powell and Reid, On the estimation of sparse Jacobian matrices (1974), for the groups; Coleman and
Moré, Estimation of sparse Jacobian matrices and graph coloring problems (1983), for the graph and the order of its
vertices; Gebremedhin, Manne and Pothen, What color is your Jacobian? (2005), for the survey.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

import numpy as np

from .derivatives import Linearization
from .tensor import dtype_of, raw, shape_of

Array = np.ndarray[Any, Any]
Ordering = Literal["natural", "largest first"]
Method = Literal["forward", "reverse", "central"]


def column_groups(pattern: Any, order: Ordering = "natural") -> Array:
    """Puts the columns of a sparse matrix into groups in which no two columns have a row in common.

    Each column in turn goes into the first group that has it no place in common with (a greedy colouring). There can't
    be fewer groups than the fullest row has entries; to find the fewest of all is NP-hard.

    Args:
        pattern: a scipy.sparse matrix or an array; what is stored, or not 0, may be a nonzero.
        order: in which the columns come: "natural", from the first to the last, or "largest first", those that meet
            most others before (Welsh and Powell 1967), which often takes fewer groups where columns differ.

    Returns:
        The number of each column's group, counted from 0. An empty column goes into group 0.

    Raises:
        ValueError: the pattern is no matrix, or there is no such order.
    """
    if order not in ("natural", "largest first"):
        raise ValueError(f"order is 'natural' or 'largest first', not {order!r}")
    matrix = _as_pattern(pattern).tocsc()
    rows, columns = matrix.shape
    starts, places = matrix.indptr, matrix.indices
    turn = np.argsort(-_meetings(matrix), kind="stable") if order == "largest first" else range(columns)
    groups = np.zeros(columns, np.intp)
    taken = np.zeros((rows, int(np.diff(matrix.tocsr().indptr).max(initial=1))), bool)  # by row and group
    for j in turn:
        own = places[starts[j] : starts[j + 1]]
        closed = taken[own].any(axis=0)
        group = int(closed.argmin())
        if closed[group]:  # all of them are
            group = closed.size
            taken = np.pad(taken, ((0, 0), (0, max(8, group // 4))))
        taken[own, group] = True
        groups[j] = group
    return groups


def _meetings(matrix: Any) -> Array:
    """With how many columns each column has a row in common."""
    ones = matrix.astype(np.float32)
    return np.diff((ones.T @ ones).tocsr().indptr)


def _as_pattern(pattern: Any) -> Any:
    """The pattern as a CSR array of truth values."""
    from scipy.sparse import csr_array, issparse

    if not issparse(pattern):
        pattern = np.asarray(pattern)
    if pattern.ndim != 2:
        raise ValueError(f"a pattern is a matrix of rows and columns, not an array of shape {pattern.shape}")
    matrix = csr_array(pattern, copy=True)
    matrix.data = np.ones(matrix.data.size, bool)  # an entry that is stored counts, whatever it is
    matrix.sum_duplicates()
    return matrix


def compressed_jacobian(
    f: Callable[[Any], Any],
    x: Any,
    pattern: Any,
    method: Method = "forward",
    order: Ordering = "natural",
    check: bool = False,
) -> Any:
    """The Jacobian of f at x from as many probes as its pattern has groups.

    Args:
        f: a function of one array or scalar with one array or scalar output.
        x: where.
        pattern: where the Jacobian may have nonzeros, as `column_groups` takes it, of shape (output.size, x.size). It
            must not leave out any: their values would be counted to others.
        method: "forward" (groups of columns, a forward sweep each), "reverse" (groups of rows, a reverse sweep each),
            or "central" (groups of columns and central differences, two evaluations each, for functions that can't
            be traced).
        order: see `column_groups`.
        check: whether one more probe, along a random vector, tests that the pattern leaves nothing out.

    Returns:
        A scipy.sparse CSR array that stores an entry at each place of the pattern.

    Raises:
        ValueError: there is no such method or order, the pattern is of another shape, or the check found that it leaves
            something out.
        TypeError: f has several outputs, or one that is not real; or for the sweeps, x is not real floating-point.
    """
    from scipy.sparse import csr_array

    if method not in ("forward", "reverse", "central"):
        raise ValueError(f"method is 'forward', 'reverse' or 'central', not {method!r}")
    probes = _Differences(f, x) if method == "central" else _Sweeps(f, x)
    places = _as_pattern(pattern)
    if places.shape != probes.shape:
        raise ValueError(f"the Jacobian has shape {probes.shape}, and the pattern {places.shape}")
    row, column = places.tocoo().coords
    if method == "reverse" and isinstance(probes, _Sweeps):
        groups = column_groups(places.T, order)
        values = _asked(probes.pull, groups, places.shape[1], probes.dtype)[groups[row], column]
    else:
        groups = column_groups(places, order)
        values = _asked(probes.push, groups, places.shape[0], probes.dtype)[groups[column], row]
        values = values / probes.lengths[column]
    found = csr_array((values.astype(probes.dtype), places.indices, places.indptr), shape=places.shape)
    if check:
        _check(found, probes)
    return found


def _asked(probe: Callable[[Array], Array], groups: Array, size: int, dtype: Any) -> Array:
    """One probe for each group, along the sum of the group's unit vectors: an array of groups × size."""
    count = int(groups.max(initial=-1)) + 1
    answers = np.empty((count, size), dtype)
    for group in range(count):
        answers[group] = probe(groups == group)
    return answers


def _check(found: Any, probes: _Sweeps | _Differences) -> None:
    along = np.random.default_rng(0).uniform(0.5, 1.0, found.shape[1])
    expected, got = probes.push(along), found @ (along * probes.lengths)
    scale = float(np.max(np.abs(expected), initial=0)) + float(np.max(np.abs(got), initial=0))
    wrong = np.flatnonzero(~(np.abs(expected - got) <= probes.tolerance * scale + probes.noise))
    if wrong.size:
        raise ValueError(
            f"the pattern leaves out nonzeros: {wrong.size} entries of the product with a random vector are wrong, the "
            f"first in row {wrong[0]}"
        )


def _noise(output: Any, dtype: Any) -> float:
    """What rounding may leave of a derivative that is 0."""
    return 10 * float(np.finfo(dtype).eps) * max(1.0, float(np.max(np.abs(output), initial=0)))


class _Sweeps:
    """Probes by forward and reverse sweeps through a function recorded once."""

    def __init__(self, f: Callable[[Any], Any], x: Any) -> None:
        self.linear = linear = Linearization(f, (x,))
        if len(linear.inputs) != 1 or len(linear.outputs) != 1:
            raise TypeError(
                f"compressed_jacobian is of one array by one array; got {len(linear.outputs)} outputs and "
                f"{len(linear.inputs)} inputs: put them together with np.concatenate"
            )
        self.input, self.output = raw(linear.inputs[0].value), raw(linear.values[0])
        self.shape = int(np.size(self.output)), int(np.size(self.input))
        self.dtype = dtype_of(self.output) if dtype_of(self.output).kind == "f" else np.dtype(np.float64)
        self.lengths = np.ones(self.shape[1])
        self.noise = _noise(self.output, self.dtype)
        self.tolerance = float(np.finfo(self.dtype).eps) ** 0.5

    def push(self, v: Array) -> Array:
        """J v."""
        return np.ravel(self.linear.push([_seed(v, self.input)])[0])

    def pull(self, u: Array) -> Array:
        """Jᵀ u."""
        return np.ravel(self.linear.pull([_seed(u, self.output)])[0])


def _seed(v: Array, value: Any) -> Any:
    """A vector in the shape and dtype of a value; a Python float where the value is one."""
    if type(value) is float:
        return float(v[0])
    dtype = dtype_of(value)
    return v.reshape(shape_of(value)).astype(dtype if dtype.kind == "f" else np.float64)


class _Differences:
    """Probes by central differences: nothing is known of the function but its values."""

    def __init__(self, f: Callable[[Any], Any], x: Any) -> None:
        self.f = f
        self.x = np.asarray(x)
        if self.x.dtype.kind not in "fiub":
            raise TypeError(f"compressed_jacobian needs real numbers, not x of {self.x.dtype}")
        self.x = self.x.astype(np.result_type(self.x, np.float32) if self.x.dtype.kind == "f" else np.float64)
        value = self._value(self.x)
        self.shape = int(value.size), int(self.x.size)
        self.dtype = value.dtype
        precision = max(float(np.finfo(self.dtype).eps), float(np.finfo(self.x.dtype).eps)) ** (1 / 3)
        steps = precision * np.maximum(1, np.abs(self.x))
        self.steps = (self.x + steps) - self.x  # as they are after rounding
        self.lengths = 2 * self.steps.reshape(-1)
        self.noise = _noise(value, self.dtype)
        self.tolerance = 100 * precision

    def _value(self, x: Array) -> Array:
        value = np.asarray(self.f(x.copy() if x.ndim else x[()]))
        if value.dtype.kind not in "fiub":
            raise TypeError(f"compressed_jacobian is of one real array; the function gave {value.dtype}")
        return (value if value.dtype.kind == "f" else value.astype(np.float64)).reshape(-1)

    def push(self, v: Array) -> Array:
        """The difference along v, in steps: J v where v is counted in `lengths`."""
        moved = v.reshape(self.x.shape) * self.steps
        return self._value(self.x + moved) - self._value(self.x - moved)
