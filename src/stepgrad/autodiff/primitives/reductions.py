"""Primitives that reduce along axes: sum, mean, prod, max, min, var, std, cumsum, logsumexp, norm.

A local Jacobian is "scale each entry, then add": Sum @ Diagonal, or a Selection for max and min."""

from __future__ import annotations

from collections.abc import Callable
from math import prod as product
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index, normalize_axis_tuple

from ..linear_maps import Cumulative, Diagonal, LinearMap, Scaling, Selection, Shape, Sum
from ..primitive import General
from ..tensor import Tensor, raw, shape_of
from . import elementwise as ew
from .shapes import along, moveaxis, ravel, reshape


def _axes(x: Any, axis: Any) -> Shape:
    ndim = len(shape_of(x))
    return tuple(range(ndim)) if axis is None else tuple(sorted(normalize_axis_tuple(axis, ndim)))


def _sum(x: Any, axes: Shape, keepdims: bool) -> Sum:
    shape = shape_of(x)
    if keepdims:
        return Sum(shape, axes, tuple(1 if i in axes else n for i, n in enumerate(shape)))
    return Sum(shape, axes, tuple(n for i, n in enumerate(shape) if i not in axes))


def _only(keywords: dict[str, Any], name: str) -> None:
    """Refuses keywords that a Tensor can't honour, rather than passing over them."""
    for key, value in keywords.items():
        if value is not None and value is not np._NoValue:
            raise TypeError(f"np.{name} of a Tensor can't take {key}=")


def sum(x: Any, axis: Any = None, keepdims: Any = False, **keywords: Any) -> Any:  # noqa: A001 - NumPy's name
    """`numpy.sum`."""
    _only(keywords, "sum")
    return _sum(x, _axes(x, axis), keepdims is True).apply(x)


def mean(x: Any, axis: Any = None, keepdims: Any = False, **keywords: Any) -> Any:
    """`numpy.mean`."""
    _only(keywords, "mean")
    axes = _axes(x, axis)
    count = product(shape_of(x)[a] for a in axes)
    adds = _sum(x, axes, keepdims is True)
    return _MeanMap(adds, count).apply(x)


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
        return self.adds.transpose() @ Scaling(1.0 / self.count, self.out_shape)


def _reduction(
    name: str, forward: Callable[..., Any], factor: Callable[..., Any], symbol: str | None = None
) -> Callable[..., Any]:
    """A reduction whose Jacobian is Sum @ Diagonal(factor), with factor(y, x, axes), y having its axes kept."""

    def local(y: Any, x: Any, axes: Shape, keepdims: bool) -> LinearMap:
        adds = _sum(x, axes, keepdims)
        kept = tuple(1 if i in axes else n for i, n in enumerate(shape_of(x)))
        return adds @ Diagonal(factor(reshape(y, kept), x, axes), shape_of(x))

    primitive = General(
        name,
        lambda x, axes, keepdims: forward(x, axes, keepdims),
        (local,),
        symbol,
        cost=lambda y, x: int(np.size(raw(x))),
    )

    def function(x: Any, axis: Any = None, keepdims: Any = False, **keywords: Any) -> Any:
        _only(keywords, name)
        return primitive(x, axes=_axes(x, axis), keepdims=keepdims is True)

    function.__name__ = name
    function.__doc__ = f"`numpy.{name}`."
    return function


def _product_of_others(y: Any, x: Any, axes: Shape) -> Any:
    """For each entry the product of all the others along the axes: right also where some are zero."""
    shape = shape_of(x)
    if not axes:
        return np.ones(shape)
    moved = moveaxis(x, axes, range(-len(axes), 0))
    rest = shape_of(moved)[: len(shape) - len(axes)]
    rows = reshape(moved, (*rest, -1))
    others = _exclusive_products(rows)
    back = reshape(others, shape_of(moved))
    return moveaxis(back, range(-len(axes), 0), axes)


def _exclusive_products(rows: Any) -> Any:
    """Products of all but one along the last axis, by running products from both ends."""
    n = shape_of(rows)[-1]
    if type(rows) is not Tensor:
        ones = np.ones_like(rows[..., :1])
        before = np.cumprod(np.concatenate([ones, rows[..., :-1]], -1), -1)
        after = np.flip(np.cumprod(np.concatenate([ones, np.flip(rows, -1)[..., :-1]], -1), -1), -1)
        return before * after
    before, after = [1.0], [1.0]  # inside another differentiation: the same, entry by entry, so that it is traced
    for i in range(n - 1):
        before.append(before[-1] * rows[..., i])
        after.append(after[-1] * rows[..., n - 1 - i])
    flat = np.zeros(shape_of(rows)[:-1])
    parts = [b * a + flat for b, a in zip(before, reversed(after), strict=True)]
    return np.stack(parts, -1)


def _logsumexp_value(x: Any, axes: Shape, keepdims: bool) -> Any:
    top = np.max(x, axis=axes, keepdims=True, initial=-np.inf)
    top = np.where(np.isfinite(top), top, np.zeros_like(top))
    with np.errstate(divide="ignore"):
        out = np.log(np.sum(np.exp(x - top), axis=axes, keepdims=True)) + top
    return out if keepdims else np.squeeze(out, axes)


def _deviation(x: Any, axes: Shape) -> Any:
    return x - mean(x, axes, True)


prod = _reduction("prod", lambda x, axes, keep: np.prod(x, axis=axes, keepdims=keep), _product_of_others, "∏")
logsumexp = _reduction("logsumexp", _logsumexp_value, lambda y, x, axes: ew.exp(x - y))
logsumexp.__doc__ = "log Σ exp(x) along axes, stable for large entries."


def var(x: Any, axis: Any = None, ddof: Any = 0, keepdims: Any = False, **keywords: Any) -> Any:
    """`numpy.var`."""
    _only(keywords, "var")
    return _var(x, axes=_axes(x, axis), keepdims=keepdims is True, ddof=ddof)


def std(x: Any, axis: Any = None, ddof: Any = 0, keepdims: Any = False, **keywords: Any) -> Any:
    """`numpy.std`; its derivative where all entries are equal is taken as 0."""
    _only(keywords, "std")
    return _std(x, axes=_axes(x, axis), keepdims=keepdims is True, ddof=ddof)


def _nonzero(x: Any) -> Any:
    """The same entries, with 1 instead of 0: a divisor."""
    zero = np.equal(raw(x), 0)
    return ew.where(zero, 1.0, x) if np.any(zero) else x


def _var_map(y: Any, x: Any, axes: Shape, keepdims: bool, ddof: Any) -> LinearMap:
    count = product(shape_of(x)[a] for a in axes) - ddof
    return _sum(x, axes, keepdims) @ Diagonal(_deviation(x, axes) * (2.0 / count), shape_of(x))


def _std_map(y: Any, x: Any, axes: Shape, keepdims: bool, ddof: Any) -> LinearMap:
    count = product(shape_of(x)[a] for a in axes) - ddof
    kept = reshape(y, tuple(1 if i in axes else n for i, n in enumerate(shape_of(x))))
    safe = _nonzero(kept)
    return _sum(x, axes, keepdims) @ Diagonal(_deviation(x, axes) / safe * (1.0 / count), shape_of(x))


_var = General(
    "var", lambda x, axes, keepdims, ddof: np.var(x, axis=axes, ddof=ddof, keepdims=keepdims), (_var_map,)
)
_std = General(
    "std", lambda x, axes, keepdims, ddof: np.std(x, axis=axes, ddof=ddof, keepdims=keepdims), (_std_map,)
)


def _extremum(name: str, argument: Callable[..., Any]) -> Callable[..., Any]:
    """max or min: a selection of one entry each, the first where several tie."""

    def function(x: Any, axis: Any = None, keepdims: Any = False, **keywords: Any) -> Any:
        _only(keywords, name)
        axes, shape = _axes(x, axis), shape_of(x)
        if not axes:
            return x
        plain = np.moveaxis(np.asarray(raw(x)), axes, range(-len(axes), 0))
        rest = plain.shape[: len(shape) - len(axes)]
        if product(plain.shape[len(rest) :]) == 0:
            raise ValueError(f"{name} of an empty array has no value")
        winner = argument(plain.reshape(*rest, -1), -1)
        inside = np.unravel_index(winner, plain.shape[len(rest) :])
        outside = iter(np.ogrid[tuple(slice(n) for n in rest)] if rest else ())
        inner = iter(inside)
        index = tuple(next(inner) if i in axes else next(outside) for i in range(len(shape)))
        out_shape = tuple(1 if i in axes else n for i, n in enumerate(shape)) if keepdims is True else rest
        return _Extremum(name, shape, index, out_shape).apply(x)

    function.__name__ = name
    function.__doc__ = f"`numpy.{name}`; at a tie the first entry carries the derivative."
    return function


class _Extremum(Selection):
    """A selection that is called max or min in graphs."""

    __slots__ = ("name",)

    def __init__(self, name: str, in_shape: Shape, index: Any, out_shape: Shape) -> None:
        super().__init__(in_shape, index, out_shape)
        self.name = name


max = _extremum("max", np.argmax)  # noqa: A001 - NumPy's name
min = _extremum("min", np.argmin)  # noqa: A001 - NumPy's name


def cumsum(x: Any, axis: int | None = None, **keywords: Any) -> Any:
    """`numpy.cumsum`."""
    _only(keywords, "cumsum")
    if axis is None:
        x, axis = ravel(x), 0
    return Cumulative(shape_of(x), normalize_axis_index(axis, len(shape_of(x)))).apply(x)


def norm(x: Any, ord: Any = None, axis: Any = None, keepdims: bool = False) -> Any:  # noqa: A002 - NumPy's name
    """`numpy.linalg.norm` of vectors with any order, and the Frobenius norm of matrices; its derivative at 0 is taken as 0."""
    axes = _axes(x, axis)
    if len(axes) > 2 and not (axis is None and ord is None):
        raise ValueError("np.linalg.norm takes one axis, two axes, or none")
    if len(axes) == 2 and ord not in (None, "fro"):
        raise TypeError(f"np.linalg.norm of a matrix Tensor knows the Frobenius norm, not ord={ord!r}")
    if ord in (None, "fro", 2):
        return _norm(x, axes=axes, keepdims=bool(keepdims))
    magnitude = ew.absolute(x)
    if ord == np.inf:
        return max(magnitude, axes, keepdims)
    if ord == -np.inf:
        return min(magnitude, axes, keepdims)
    if ord == 1:
        return sum(magnitude, axes, keepdims)
    if ord == 0 or isinstance(ord, str):
        raise TypeError(f"np.linalg.norm with ord={ord!r} has no derivative" if ord == 0 else f"unknown norm {ord!r}")
    return ew.power(sum(ew.power(magnitude, float(ord)), axes, keepdims), 1.0 / ord)


def _norm_map(y: Any, x: Any, axes: Shape, keepdims: bool) -> LinearMap:
    kept = reshape(y, tuple(1 if i in axes else n for i, n in enumerate(shape_of(x))))
    safe = _nonzero(kept)
    return _sum(x, axes, keepdims) @ Diagonal(ew.divide(x, safe), shape_of(x))


_norm = General(
    "norm",
    lambda x, axes, keepdims: np.sqrt(np.sum(np.square(x), axis=axes, keepdims=keepdims)),
    (_norm_map,),
    "‖x‖",
)

__all__ = [
    "along", "cumsum", "logsumexp", "max", "mean", "min", "norm", "prod", "std", "sum", "var",
]  # fmt: skip
