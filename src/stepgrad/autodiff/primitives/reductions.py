"""Primitives that reduce along axes: sum, mean, prod, max, min, var, std, cumsum, logsumexp, norm.

A local Jacobian is "scale each entry, then add": Sum @ Diagonal, or a Selection for max and min.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from math import prod as product
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index, normalize_axis_tuple

from ..forms import Form
from ..linear_maps import Cumulative, Diagonal, LinearMap, Recipe, Scaling, Selection, Shape, Sum
from ..primitive import General
from ..tensor import Tensor, dtype_of, note, nowhere_zero, raw, shape_of
from . import elementwise as ew
from .arguments import is_given, kept, refuse
from .shapes import moveaxis, ravel, reshape


def _axes(x: Any, axis: Any) -> Shape:
    ndim = len(shape_of(x))
    return tuple(range(ndim)) if axis is None else tuple(sorted(normalize_axis_tuple(axis, ndim)))


def _sum(x: Any, axes: Shape, keepdims: bool) -> Sum:
    shape = shape_of(x)
    if keepdims:
        return Sum(shape, axes, tuple(1 if i in axes else n for i, n in enumerate(shape)))
    return Sum(shape, axes, tuple(n for i, n in enumerate(shape) if i not in axes))


def _each(count: int) -> float:
    """1 / count; inf where nothing is left to divide by, as NumPy has it."""
    return 1.0 / count if count > 0 else np.inf


def sum(  # noqa: A001 - NumPy's name
    x: Any,
    axis: Any = None,
    dtype: Any = None,
    out: Any = None,
    keepdims: Any = np._NoValue,
    initial: Any = np._NoValue,
    where: Any = np._NoValue,
) -> Any:
    """`numpy.sum`."""
    refuse("sum", dtype=dtype, out=out, initial=initial, where=where)
    return _sum(x, _axes(x, axis), kept(keepdims)).apply(x)


def mean(
    x: Any,
    axis: Any = None,
    dtype: Any = None,
    out: Any = None,
    keepdims: Any = np._NoValue,
    *,
    where: Any = np._NoValue,
) -> Any:
    """`numpy.mean`."""
    refuse("mean", dtype=dtype, out=out, where=where)
    axes = _axes(x, axis)
    count = product(shape_of(x)[a] for a in axes)
    return _MeanMap(_sum(x, axes, kept(keepdims)), count).apply(x)


class _MeanMap(Sum):
    """Adds along axes and divides by how many there were."""

    __slots__ = ("adds", "count")
    structure = "Mean"
    name = "mean"

    def __init__(self, adds: Sum, count: int) -> None:
        super().__init__(adds.in_shape, adds.axes, adds.out_shape)
        self.adds = adds
        self.count = count

    def act(self, value: Any) -> Any:
        return self.adds.act(value) / self.count

    def transpose(self) -> LinearMap:  # type: ignore[override]
        return self.adds.transpose() @ Scaling(_each(self.count), self.out_shape)

    def form(self) -> Form:
        adds = self.adds.form()
        scale = ((), np.array(_each(self.count)))
        return Form(adds.out_shape, adds.out_axes, adds.in_shape, adds.in_axes, [scale])


def _kept_shape(x: Any, axes: Shape) -> Shape:
    """The shape of a reduction's result where it keeps its axes."""
    return tuple(1 if i in axes else n for i, n in enumerate(shape_of(x)))


def _reduction(
    name: str, forward: Callable[..., Any], factor: Callable[..., Any], symbol: str | None = None
) -> General:
    """A reduction whose Jacobian is Sum @ Diagonal(factor), with factor(y, x, axes, …), y having its axes kept."""

    def local(y: Any, x: Any, axes: Shape, keepdims: bool, **parameters: Any) -> LinearMap:
        stretch = Diagonal(factor(reshape(y, _kept_shape(x, axes)), x, axes, **parameters), shape_of(x))
        return _sum(x, axes, keepdims) @ stretch

    return General(name, forward, (local,), symbol, cost=lambda y, x: int(np.size(raw(x))))


def _product_of_others(y: Any, x: Any, axes: Shape) -> Any:
    """For each entry the product of all the others along the axes: right also where some are zero."""
    shape = shape_of(x)
    moved = moveaxis(x, axes, range(-len(axes), 0))
    rest = shape_of(moved)[: len(shape) - len(axes)]
    rows = reshape(moved, (*rest, product(shape[a] for a in axes)))
    others = _exclusive_products(rows)
    back = reshape(others, shape_of(moved))
    return moveaxis(back, range(-len(axes), 0), axes)


def _exclusive_products(rows: Any) -> Any:
    """Products of all but one along the last axis, by running products from both ends."""
    n = shape_of(rows)[-1]
    if type(rows) is not Tensor:
        ones = np.ones_like(rows[..., :1])
        up = np.cumprod(np.concatenate([ones, rows[..., :-1]], -1), -1)
        down = np.flip(np.cumprod(np.concatenate([ones, np.flip(rows, -1)[..., :-1]], -1), -1), -1)
        return up * down
    one = np.ones(shape_of(rows)[:-1], dtype_of(rows))
    if n == 0:
        return np.ones(shape_of(rows), dtype_of(rows))
    before, after = [one], [one]  # inside another differentiation: the same, entry by entry, so that it is traced
    for i in range(n - 1):
        before.append(before[-1] * rows[..., i])
        after.append(after[-1] * rows[..., n - 1 - i])
    return np.stack([b * a for b, a in zip(before, reversed(after), strict=True)], -1)


def _logsumexp_value(x: Any, axes: Shape, keepdims: bool) -> Any:
    top = np.max(x, axis=axes, keepdims=True, initial=-np.inf)
    top = np.where(np.isfinite(top), top, np.zeros_like(top))
    with np.errstate(divide="ignore"):
        out = np.log(np.sum(np.exp(x - top), axis=axes, keepdims=True)) + top
    return out if keepdims else np.squeeze(out, axes)[()]


_prod = _reduction("prod", lambda x, axes, keepdims: np.prod(x, axis=axes, keepdims=keepdims), _product_of_others, "∏")
_logsumexp = _reduction("logsumexp", _logsumexp_value, lambda y, x, axes: ew.exp(x - y))


def prod(
    x: Any,
    axis: Any = None,
    dtype: Any = None,
    out: Any = None,
    keepdims: Any = np._NoValue,
    initial: Any = np._NoValue,
    where: Any = np._NoValue,
) -> Any:
    """`numpy.prod`."""
    refuse("prod", dtype=dtype, out=out, initial=initial, where=where)
    return _prod(x, axes=_axes(x, axis), keepdims=kept(keepdims))


def logsumexp(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """Log Σ exp(x) along axes, stable for large entries."""
    return _logsumexp(x, axes=_axes(x, axis), keepdims=kept(keepdims))


# Variance and standard deviation --------------------------------------------------------------------------------------
def _deviation(x: Any, axes: Shape) -> Any:
    return x - mean(x, axes, keepdims=True)


def _nonzero(x: Any) -> Any:
    """The same entries, with 1 instead of 0: a divisor."""
    return x if nowhere_zero(x) else ew.where(ew.equal(x, 0.0), 1.0, x)


def _degrees(x: Any, axes: Shape, ddof: Any) -> Any:
    return product(shape_of(x)[a] for a in axes) - ddof


_var = _reduction(
    "var",
    lambda x, axes, keepdims, ddof: np.var(x, axis=axes, ddof=ddof, keepdims=keepdims),
    lambda y, x, axes, ddof: _deviation(x, axes) * (2 * _each(_degrees(x, axes, ddof))),
)
_std = _reduction(
    "std",
    lambda x, axes, keepdims, ddof: np.std(x, axis=axes, ddof=ddof, keepdims=keepdims),
    lambda y, x, axes, ddof: _deviation(x, axes) / _nonzero(y) * _each(_degrees(x, axes, ddof)),
)


def _spread(name: str, primitive: General) -> Callable[..., Any]:
    def function(
        x: Any,
        axis: Any = None,
        dtype: Any = None,
        out: Any = None,
        ddof: Any = 0,
        keepdims: Any = np._NoValue,
        *,
        where: Any = np._NoValue,
        mean: Any = np._NoValue,
        correction: Any = np._NoValue,
    ) -> Any:
        refuse(name, dtype=dtype, out=out, where=where, mean=mean)
        ddof = correction if is_given(correction) else ddof
        return primitive(x, axes=_axes(x, axis), keepdims=kept(keepdims), ddof=ddof)

    function.__name__ = name
    function.__doc__ = f"`numpy.{name}`."
    return function


var = _spread("var", _var)
std = _spread("std", _std)
std.__doc__ = "`numpy.std`; its derivative where all entries are equal is taken as 0."


# Largest and smallest entries -----------------------------------------------------------------------------------------
class _Extremum(Selection):
    """A selection that is called max or min in graphs."""

    __slots__ = ("name", "recipe")

    def __init__(self, name: str, in_shape: Shape, index: Any, out_shape: Shape) -> None:
        super().__init__(in_shape, index, out_shape)
        self.name = name
        self.recipe = None


def _winners(argument: Callable[..., Any], axes: Shape, x: Any) -> Any:
    """Which entry along axes, all counted in one row, is the largest or smallest."""
    moved = np.moveaxis(np.asarray(x), axes, range(-len(axes), 0))
    rest = moved.shape[: moved.ndim - len(axes)]
    return argument(moved.reshape(*rest, product(moved.shape[len(rest) :])), -1)


def _selection(
    name: str, argument: Callable[..., Any], make: Callable[..., Any], x: Any, axes: Shape, keepdims: bool
) -> _Extremum:
    """The selection of one entry each, the first where several tie."""
    shape = shape_of(x)
    rest, taken = tuple(n for i, n in enumerate(shape) if i not in axes), tuple(shape[i] for i in axes)
    if product(taken) == 0:
        raise ValueError(f"{name} of an empty array has no value")
    winners = partial(_winners, argument, axes)
    first = winners(raw(x))
    if type(x) is Tensor:  # what x belongs to has the recipe; what that is inside of has these places alone
        note(winners, (x.value,), {}, first)
    inside = np.unravel_index(first, taken)
    outside = iter(np.ogrid[tuple(slice(n) for n in rest)] if rest else ())
    inner = iter(inside)
    index = tuple(next(inner) if i in axes else next(outside) for i in range(len(shape)))
    chosen = _Extremum(name, shape, index, _kept_shape(x, axes) if keepdims else rest)
    more = {"keepdims": True} if keepdims else {}
    axis = {} if len(axes) == len(shape) else {"axis": axes[0] if len(axes) == 1 else axes}
    chosen.recipe = Recipe(make, {"axes": axes, **more}, f"np.{name}", {**axis, **more})
    return chosen


def selection_of_max(x: Any, axes: Shape, keepdims: bool = False) -> LinearMap:
    """The local Jacobian of `numpy.max` at x: where the largest entries are."""
    return _selection("max", np.argmax, selection_of_max, x, axes, keepdims)


def selection_of_min(x: Any, axes: Shape, keepdims: bool = False) -> LinearMap:
    """The local Jacobian of `numpy.min` at x: where the smallest entries are."""
    return _selection("min", np.argmin, selection_of_min, x, axes, keepdims)


def _extremum(name: str, selection: Callable[..., LinearMap]) -> Callable[..., Any]:
    """The function max or min."""

    def function(
        x: Any,
        axis: Any = None,
        out: Any = None,
        keepdims: Any = np._NoValue,
        initial: Any = np._NoValue,
        where: Any = np._NoValue,
    ) -> Any:
        refuse(name, out=out, initial=initial, where=where)
        axes = _axes(x, axis)
        return selection(x, axes, kept(keepdims)).apply(x) if axes else x

    function.__name__ = name
    function.__doc__ = f"`numpy.{name}`; at a tie the first entry carries the derivative."
    return function


max = _extremum("max", selection_of_max)  # noqa: A001 - NumPy's name
min = _extremum("min", selection_of_min)  # noqa: A001 - NumPy's name


def cumsum(x: Any, axis: int | None = None, dtype: Any = None, out: Any = None) -> Any:
    """`numpy.cumsum`."""
    refuse("cumsum", dtype=dtype, out=out)
    if axis is None:
        x, axis = ravel(x), 0
    return Cumulative(shape_of(x), normalize_axis_index(axis, len(shape_of(x)))).apply(x)


# Norms ----------------------------------------------------------------------------------------------------------------
_norm = _reduction(
    "norm",
    lambda x, axes, keepdims: np.sqrt(np.sum(np.square(x), axis=axes, keepdims=keepdims)),
    lambda y, x, axes: ew.divide(x, _nonzero(y)),
    "‖x‖",
)


def _p_norm_value(x: Any, axes: Shape, keepdims: bool, p: float) -> Any:
    return np.power(np.sum(np.power(np.abs(x), p), axis=axes, keepdims=keepdims), 1.0 / p)


def _p_norm_factor(y: Any, x: Any, axes: Shape, p: float) -> Any:
    return ew.multiply(ew.sign(x), ew.power(ew.divide(_nonzero(ew.absolute(x)), _nonzero(y)), p - 1.0))


_p_norm = _reduction("p_norm", _p_norm_value, _p_norm_factor, "‖x‖ₚ")


def norm(x: Any, ord: Any = None, axis: Any = None, keepdims: bool = False) -> Any:  # noqa: A002 - NumPy's name
    """`numpy.linalg.norm`: of vectors any order but 0, of matrices the Frobenius, 1, −1, ∞ and −∞ norms.

    The derivative at 0 is taken as 0, and so is that of |xᵢ| where xᵢ = 0.

    Raises:
        TypeError: an order that needs singular values, or has no derivative.
        ValueError: an order that NumPy doesn't know for so many axes.
    """
    ndim = len(shape_of(x))
    axes = tuple(range(ndim)) if axis is None else normalize_axis_tuple(axis, ndim)
    if ord is None and (axis is None or len(axes) in (1, 2)):
        return _norm(x, axes=tuple(sorted(axes)), keepdims=bool(keepdims))
    if len(axes) == 1:
        return _vector_norm(x, ord, axes, bool(keepdims))
    if len(axes) == 2:
        return _matrix_norm(x, ord, axes, bool(keepdims))
    raise ValueError("np.linalg.norm takes one axis, two axes, or none and no order")


def _vector_norm(x: Any, order: Any, axes: Shape, keepdims: bool) -> Any:
    if isinstance(order, str):
        raise ValueError(f"np.linalg.norm of a vector has no order {order!r}")  # noqa: TRY004 - as NumPy has it
    if order == 0:
        raise TypeError("np.linalg.norm with ord=0 counts entries: it has no derivative")
    if order == 2:
        return _norm(x, axes=axes, keepdims=keepdims)
    if order == 1:
        return sum(ew.absolute(x), axes, keepdims=keepdims)
    if np.isinf(order):
        return (max if order > 0 else min)(ew.absolute(x), axes, keepdims=keepdims)
    return _p_norm(x, axes=axes, keepdims=keepdims, p=float(order))


def _matrix_norm(x: Any, order: Any, axes: Shape, keepdims: bool) -> Any:
    if order in ("fro", "f"):
        return _norm(x, axes=tuple(sorted(axes)), keepdims=keepdims)
    if order in (2, -2, "nuc"):
        raise TypeError(f"np.linalg.norm of a Tensor can't take ord={order!r} of a matrix, which needs singular values")
    if order not in (1, -1, np.inf, -np.inf):
        raise ValueError(f"np.linalg.norm of a matrix has no order {order!r}")
    rows, columns = axes
    added, picked = (rows, columns) if abs(order) == 1 else (columns, rows)
    sums = sum(ew.absolute(x), added, keepdims=keepdims)
    return (max if order > 0 else min)(sums, picked if keepdims or picked < added else picked - 1, keepdims=keepdims)


__all__ = ["cumsum", "logsumexp", "max", "mean", "min", "norm", "prod", "std", "sum", "var"]
