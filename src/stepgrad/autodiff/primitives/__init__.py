"""The primitives, and which NumPy function each of them answers for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..tensor import Tensor, functions, raw, ufuncs
from . import elementwise, linalg, operators, reductions, shapes

_UFUNCS = """add subtract multiply divide negative positive reciprocal square power exp exp2 expm1 log log2 log10 log1p sqrt
cbrt logaddexp sin cos tan arcsin arccos arctan sinh cosh tanh arcsinh arccosh arctanh arctan2 hypot absolute sign floor ceil
trunc remainder maximum minimum greater greater_equal less less_equal equal not_equal""".split()

for _name in _UFUNCS:
    ufuncs[getattr(np, _name)] = getattr(elementwise, _name)
ufuncs.update(
    {
        np.fabs: elementwise.absolute,
        np.float_power: elementwise.power,
        np.fmax: elementwise.maximum,
        np.fmin: elementwise.minimum,
        np.rint: elementwise.round,
        np.matmul: linalg.matmul,
        np.deg2rad: lambda x: elementwise.multiply(x, np.pi / 180),
        np.rad2deg: lambda x: elementwise.multiply(x, 180 / np.pi),
    }
)

_SHAPES = """reshape ravel transpose swapaxes moveaxis squeeze expand_dims broadcast_to take flip sort pad concatenate stack vstack
hstack split""".split()
for _name in _SHAPES:
    functions[getattr(np, _name)] = getattr(shapes, _name)
for _name in "sum mean prod max min var std cumsum".split():
    functions[getattr(np, _name)] = getattr(reductions, _name)
for _name in "dot tensordot einsum inner outer vdot trace".split():
    functions[getattr(np, _name)] = getattr(linalg, _name)
functions[np.linalg.norm] = reductions.norm
functions[np.amax], functions[np.amin] = reductions.max, reductions.min


def _where(condition: Any, a: Any = None, b: Any = None) -> Any:
    if a is None or b is None:
        return np.where(raw(condition))
    return elementwise.where(raw(condition), a, b)


def _clip(x: Any, a_min: Any = None, a_max: Any = None, **keywords: Any) -> Any:
    low, high = keywords.get("min", a_min), keywords.get("max", a_max)
    if low is None or high is None:
        x = x if low is None else elementwise.maximum(x, low)
        return x if high is None else elementwise.minimum(x, high)
    return elementwise.clip(x, low, high)


functions[np.where] = _where
functions[np.clip] = _clip
functions[np.round] = functions[np.around] = lambda x, decimals=0: elementwise.round(x * 10.0**decimals) / 10.0**decimals


def _without_derivative(function: Callable[..., Any]) -> Callable[..., Any]:
    """A function whose results are positions, truth values or shapes: it sees plain arrays."""

    def plain(value: Any) -> Any:
        if type(value) in (list, tuple):
            return type(value)(plain(v) for v in value)
        return raw(value)

    def on_plain(*arguments: Any, **keywords: Any) -> Any:
        return function(*map(plain, arguments), **{key: plain(value) for key, value in keywords.items()})

    return on_plain


_PLAIN = """shape ndim size argmax argmin argsort nonzero flatnonzero count_nonzero searchsorted zeros_like ones_like empty_like
full_like isclose allclose array_equal any all result_type iscomplexobj isrealobj array_repr array_str array2string""".split()
for _name in _PLAIN:
    functions[getattr(np, _name)] = _without_derivative(getattr(np, _name))
for _name in "isfinite isinf isnan signbit logical_and logical_or logical_not logical_xor".split():
    ufuncs[getattr(np, _name)] = _without_derivative(getattr(np, _name))

operators.install(Tensor)

__all__ = ["elementwise", "linalg", "operators", "reductions", "shapes"]
