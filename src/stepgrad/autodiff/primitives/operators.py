"""The operators and methods of a Tensor: `a + b`, `a @ b`, `a[i]`, `a > b`, `a.sum()`.

For two scalars of the same level, the case that a stepped program is made of, an operator does its arithmetic on Python
floats and makes the node at once. Everything else goes through the primitive's call.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from itertools import count
from typing import Any

import numpy as np

from ..forms import Form, diagonal
from ..linear_maps import Constant, Shape
from ..primitive import Elementwise, Primitive
from ..sweeps import backward
from ..tensor import NOTHING, Tensor, clock, functions, shape_of
from . import elementwise as ew
from . import linalg, reductions, shapes

_new = object.__new__


def _binary(primitive: Elementwise, arithmetic: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    """The operator with a Tensor at its left."""

    def method(self: Tensor, other: Any, clock: count[int] = clock) -> Any:
        kind = type(other)
        a = self.value
        if kind is Tensor:
            if other.level is not self.level:
                return primitive(self, other)
            b = other.value
        elif kind is float:
            b = other
        elif kind is int:
            b = other = float(other)
        else:
            return primitive(self, other) if _is_operand(other) else NotImplemented
        node: Tensor = _new(Tensor)
        if type(a) is float and type(b) is float:
            try:
                node.value = arithmetic(a, b)
            except ArithmeticError:
                node.value = primitive.forward(a, b)
        else:
            node.value = primitive(a, b)
        node.level = level = self.level
        node.time = next(clock)
        node.primitive = primitive
        node.arguments = (self, other)
        node.parameters = NOTHING
        if level.nodes is not None:
            level.nodes.append(node)
        return node

    return method


def _reflected(primitive: Primitive) -> Callable[[Any, Any], Any]:
    """The operator with a Tensor at its right and a number or an array at its left."""

    def method(self: Tensor, other: Any) -> Any:
        if not _is_operand(other):
            return NotImplemented
        return primitive(float(other) if type(other) is int else other, self)

    return method


def _power(a: Any, b: Any) -> Any:
    result = a**b
    if type(result) is complex:  # Python's answer for a negative base; NumPy's is nan
        raise ArithmeticError
    return result


def _general(primitive: Callable[..., Any]) -> Callable[[Any, Any], Any]:
    def method(self: Tensor, other: Any) -> Any:
        return primitive(self, other) if _is_operand(other) else NotImplemented

    return method


def _is_operand(other: Any) -> bool:
    return isinstance(other, (Tensor, float, int, np.ndarray, np.generic, list, tuple))


def _method(primitive: Primitive) -> Callable[[Tensor], Any]:
    """The primitive as a function, which a class binds to its instances as it doesn't other objects."""

    def method(self: Tensor) -> Any:
        return primitive(self)

    return method


def _spread(function: Callable[..., Any]) -> Callable[..., Any]:
    """A method that takes its axes spread out or in one tuple."""

    def method(self: Tensor, *axes: Any) -> Any:
        return function(self, (axes[0] if len(axes) == 1 and not isinstance(axes[0], int) else axes) or None)

    return method


def _reshape(self: Tensor, *shape: Any, order: str = "C", copy: Any = None) -> Any:
    """`x.reshape(2, 3)` and `x.reshape((2, 3))`."""
    return shapes.reshape(self, shape[0] if len(shape) == 1 else shape, order, copy)


class _Cast(Constant):
    """The same numbers in another floating-point type; its transpose goes back."""

    __slots__ = ("after", "before")
    structure = "Identity"
    name = "astype"
    role = "distributor"

    def __init__(self, shape: Shape, before: Any, after: Any) -> None:
        super().__init__(shape, shape)
        self.before = before
        self.after = after

    def act(self, value: Any) -> Any:
        return np.asarray(value).astype(self.after)

    def transpose(self) -> _Cast:
        return _Cast(self.in_shape, self.after, self.before)

    def form(self) -> Form:
        return diagonal(self.in_shape)


def astype(x: Any, dtype: Any, copy: bool = True) -> Any:
    """`x.astype(dtype)` for a floating-point dtype."""
    after = np.dtype(dtype)
    if after.kind != "f":
        raise TypeError(
            f"a Tensor holds real numbers, so it can't become {after}; use t.value.astype(…) for a plain array"
        )
    return _Cast(shape_of(x), x.dtype, after).apply(x)


def install(tensor: type[Tensor]) -> None:
    """Gives the class its operators and array methods."""
    arithmetic = {
        "add": (ew.add, operator.add),
        "sub": (ew.subtract, operator.sub),
        "mul": (ew.multiply, operator.mul),
        "truediv": (ew.divide, operator.truediv),
        "pow": (ew.power, _power),
        "mod": (ew.remainder, operator.mod),
    }
    for name, (primitive, on_floats) in arithmetic.items():
        setattr(tensor, f"__{name}__", _binary(primitive, on_floats))
        setattr(tensor, f"__r{name}__", _reflected(primitive))
    comparisons = {
        "gt": ew.greater,
        "ge": ew.greater_equal,
        "lt": ew.less,
        "le": ew.less_equal,
        "eq": ew.equal,
        "ne": ew.not_equal,
    }
    for name, comparison in comparisons.items():
        setattr(tensor, f"__{name}__", _general(comparison))
    methods: dict[str, Any] = {
        "backward": backward,
        "__matmul__": _general(linalg.matmul),
        "__rmatmul__": _reflected(linalg.matmul),
        "__neg__": _method(ew.negative),
        "__pos__": _method(ew.positive),
        "__abs__": _method(ew.absolute),
        "__getitem__": shapes.getitem,
        "T": property(shapes.transpose, doc="The array with its axes reversed."),
        "transpose": _spread(shapes.transpose),
        "reshape": _reshape,
        "ravel": shapes.ravel,
        "flatten": shapes.ravel,
        "squeeze": shapes.squeeze,
        "swapaxes": shapes.swapaxes,
        "take": shapes.take,
        "dot": linalg.dot,
        "trace": linalg.trace,
        "astype": astype,
        "clip": lambda self, min=None, max=None: functions[np.clip](self, min, max),
        "copy": _method(ew.positive),
        "argmax": lambda self, axis=None: np.argmax(self, axis),
        "argmin": lambda self, axis=None: np.argmin(self, axis),
    }
    for name in ("sum", "mean", "prod", "max", "min", "var", "std", "cumsum"):
        methods[name] = getattr(reductions, name)
    for name, method in methods.items():
        setattr(tensor, name, method)
