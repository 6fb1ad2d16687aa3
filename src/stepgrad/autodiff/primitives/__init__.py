"""The primitives, and which NumPy function each of them answers for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..tensor import Tensor, dtype_of, functions, note, raw, shape_of, ufuncs
from . import elementwise, linalg, operators, reductions, shapes
from .arguments import is_given, refuse

_UFUNCS = """add subtract multiply divide negative positive reciprocal square power exp exp2 expm1 log log2 log10 log1p
sqrt cbrt logaddexp sin cos tan arcsin arccos arctan sinh cosh tanh arcsinh arccosh arctanh arctan2 hypot absolute sign
floor ceil trunc remainder maximum minimum greater greater_equal less less_equal equal not_equal""".split()

for _name in _UFUNCS:
    ufuncs[getattr(np, _name)] = getattr(elementwise, _name)


def _degrees(x: Any) -> Any:
    return elementwise.multiply(x, 180 / np.pi)


def _radians(x: Any) -> Any:
    return elementwise.multiply(x, np.pi / 180)


def _float_power(a: Any, b: Any) -> Any:
    return elementwise.power(_as_double(a), _as_double(b))


def _as_double(x: Any) -> Any:
    if type(x) is Tensor:
        return x if x.dtype == np.float64 else x.astype(np.float64)
    return np.asarray(x, np.float64)[()]


ufuncs.update(
    {
        np.fabs: elementwise.absolute,
        np.float_power: _float_power,
        np.rint: elementwise.round,
        np.matmul: linalg.matmul,
        np.deg2rad: _radians,
        np.radians: _radians,
        np.rad2deg: _degrees,
        np.degrees: _degrees,
    }
)

_SHAPES = """reshape ravel transpose swapaxes moveaxis squeeze expand_dims broadcast_to take flip sort pad concatenate
stack vstack hstack split""".split()
for _name in _SHAPES:
    functions[getattr(np, _name)] = getattr(shapes, _name)
for _name in "sum mean prod max min var std cumsum".split():
    functions[getattr(np, _name)] = getattr(reductions, _name)
for _name in "dot tensordot einsum inner outer vdot trace".split():
    functions[getattr(np, _name)] = getattr(linalg, _name)


def _where(condition: Any, *choices: Any) -> Any:
    if not choices:
        return np.nonzero(condition)
    if len(choices) != 2 or any(choice is None for choice in choices):
        raise TypeError("np.where takes a condition and two choices, or a condition alone")
    if type(condition) is Tensor:
        condition = elementwise.not_equal(condition, 0.0)
    return elementwise.where(bool(condition) if type(condition) is np.bool_ else condition, *choices)


def _clip(
    x: Any,
    a_min: Any = np._NoValue,
    a_max: Any = np._NoValue,
    out: Any = None,
    *,
    min: Any = np._NoValue,  # noqa: A002 - NumPy's name
    max: Any = np._NoValue,  # noqa: A002 - NumPy's name
    **keywords: Any,
) -> Any:
    refuse("clip", out=out, **keywords)
    low, high = min if is_given(min) else a_min, max if is_given(max) else a_max
    if is_given(low) and is_given(high):
        return elementwise.clip(x, low, high)
    if is_given(low):
        return elementwise.maximum(x, low)
    return elementwise.minimum(x, high) if is_given(high) else elementwise.positive(x)


def _round(x: Any, decimals: int = 0, out: Any = None) -> Any:
    refuse("round", out=out)
    if decimals == 0:
        return elementwise.round(x)
    scale = 10.0 ** abs(decimals)
    return elementwise.round(x * scale) / scale if decimals > 0 else elementwise.round(x / scale) * scale


def _copy(x: Any, order: str = "K", subok: bool = False) -> Any:
    return elementwise.positive(x)


def _full_like(
    a: Any,
    fill_value: Any,
    dtype: Any = None,
    order: str = "K",
    subok: bool = True,
    shape: Any = None,
    *,
    device: Any = None,
) -> Any:
    if type(fill_value) is not Tensor:
        return np.full_like(raw(a), fill_value, dtype=dtype, shape=shape)
    filled = shapes.broadcast_to(fill_value, shape_of(a) if shape is None else shape)
    dtype = np.dtype(dtype or dtype_of(a))
    return filled if filled.dtype == dtype else filled.astype(dtype)


functions.update(
    {
        np.where: _where,
        np.clip: _clip,
        np.round: _round,
        np.around: _round,
        np.copy: _copy,
        np.full_like: _full_like,
        np.linalg.norm: reductions.norm,
        np.amax: reductions.max,
        np.amin: reductions.min,
    }
)


def _without_derivative(function: Callable[..., Any]) -> Callable[..., Any]:
    """A function whose results are positions, truth values or shapes: it sees plain arrays, and its answer is noted."""

    def plain(value: Any) -> Any:
        if type(value) in (list, tuple):
            return type(value)(plain(v) for v in value)
        return raw(value)

    def on_plain(*arguments: Any, **keywords: Any) -> Any:
        outcome = function(*map(plain, arguments), **{key: plain(value) for key, value in keywords.items()})
        if function not in _OF_SHAPES:
            note(function, arguments, keywords, outcome)
        return outcome

    return on_plain


_PLAIN = """shape ndim size argmax argmin argsort nonzero flatnonzero count_nonzero searchsorted zeros_like ones_like
empty_like isclose allclose array_equal any all result_type iscomplexobj isrealobj array_repr array_str
array2string""".split()
_OF_SHAPES = {
    np.shape, np.ndim, np.size, np.zeros_like, np.ones_like, np.empty_like, np.result_type, np.iscomplexobj,
    np.isrealobj, np.array_repr, np.array_str, np.array2string,
}  # fmt: skip
"""Those of them that say nothing about values, or only to a reader."""

for _name in _PLAIN:
    functions[getattr(np, _name)] = _without_derivative(getattr(np, _name))
for _name in "isfinite isinf isnan signbit logical_and logical_or logical_not logical_xor".split():
    ufuncs[getattr(np, _name)] = _without_derivative(getattr(np, _name))

operators.install(Tensor)

__all__ = ["elementwise", "linalg", "operators", "reductions", "shapes"]
