"""Tensor: a value that remembers how it was computed.

A Tensor is a light node of a computational graph. It holds a value (a Python float or a NumPy array), the primitive
that made it and that primitive's arguments; following the arguments back is the whole graph, and nothing is global but
a clock. Every node carries the time at which it was made: sorting nodes by time *is* a topological order. (A function
that is being differentiated keeps its nodes in a list besides, in which they stand sorted; see `Level.nodes`.)

Differentiations nest. Each one is a `Level`, a later one is nested inside, and a Tensor belongs to exactly one. An
operation on Tensors of several levels belongs to the innermost; to it the outer Tensors are constants, whose own values
are differentiated in turn. That keeps the tangents of different differentiations apart (no perturbation confusion;
Siskind and Pearlmutter 2005, Manzyuk et al. 2019).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from copy import deepcopy
from itertools import count
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from .primitive import Primitive

    _installed: Any = None

clock = count(1)
"""Counts the nodes made: the time of a node."""

_order = count(0)


class Guard(NamedTuple):
    """A comparison that the traced function made: its outcome may have chosen a branch of the Python code."""

    operation: str
    left: Any
    right: Any
    outcome: Any


class Look(NamedTuple):
    """Something else that the traced function, or a rule, found out about plain values and may have acted upon."""

    function: Callable[..., Any]
    arguments: tuple[Any, ...]
    keywords: dict[str, Any]
    outcome: Any


class Level:
    """One differentiation in progress; one begun later is nested inside.

    Args:
        guards: a list that collects the comparisons which the function makes, and what else it finds out about plain
            values (see `stepgrad.trace`).
        symbolic: comparisons become nodes too, so that a rule can be read as a formula, and a program has them in it.

    Attributes:
        nodes: the nodes of this level in the order in which they are made (a Wengert list), while a function runs of
            which the reverse sweep will want them: quicker than to find and sort them later. Else None.
    """

    __slots__ = ("guards", "nodes", "order", "symbolic")

    def __init__(self, guards: list[Guard | Look] | None = None, symbolic: bool = False) -> None:
        self.order = next(_order)
        self.guards = guards
        self.symbolic = symbolic
        self.nodes: list[Tensor] | None = None


EAGER = Level()
"""The outermost level: Tensors that a user makes with `Tensor(value)`, differentiated by `backward`."""


class Tensor:
    """A value that remembers how it was computed, so that derivatives can flow through it.

    Args:
        value: a real number or array (anything `numpy.asarray` takes); Python numbers become Python floats.
        name: the label that graphs and tables show.

    Raises:
        TypeError: the value is not real floating-point (integers in an array, complex numbers, strings, …), or is a
            Tensor already.

    Operators and plain NumPy functions work on it (`np.sin(t)`, `t @ W`, `np.sum(t, axis=0)`), through NumPy's own
    protocols (NEP 13 and NEP 18); comparisons give plain truth values. Two Tensors are the same key of a dictionary
    only if they are the same object.
    """

    __slots__ = ("__weakref__", "_grad", "_name", "arguments", "level", "parameters", "primitive", "time", "value")

    value: Any
    level: Level
    time: int
    primitive: Primitive | None
    arguments: tuple[Any, ...]
    parameters: dict[str, Any]

    def __init__(self, value: Any, name: str | None = None) -> None:
        if type(value) is Tensor:
            raise TypeError("this is a Tensor already; a new one made of it would lose its derivative")
        self.value = value if type(value) is float else as_value(value)
        self.level = EAGER
        self.time = next(clock)
        self.primitive = None
        self.arguments = ()
        self.parameters = NOTHING
        self._name = name

    def __init_subclass__(cls) -> None:
        raise TypeError("Tensor can't be subclassed: what is of another type counts as a constant")

    # What it is -----------------------------------------------------------------------------------------------------
    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of the value; () for a scalar."""
        return shape_of(self)

    @property
    def dtype(self) -> np.dtype[Any]:
        """The dtype of the value; float64 for a Python float."""
        return dtype_of(self.value)

    @property
    def grad(self) -> Any:
        """What `backward` found for a Tensor that a user made; None before, and for computed ones."""
        return getattr(self, "_grad", None)  # a computed node, made in haste, leaves it and the name unset

    @grad.setter
    def grad(self, derivative: Any) -> None:
        self._grad = derivative

    @property
    def name(self) -> str | None:
        """The label that graphs and tables show, where it was given one."""
        return getattr(self, "_name", None)

    @name.setter
    def name(self, name: str | None) -> None:
        self._name = name

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return len(self.shape)

    @property
    def size(self) -> int:
        """The number of entries."""
        return int(np.size(raw(self)))

    def __len__(self) -> int:
        if not self.shape:
            raise TypeError("a scalar Tensor has no length")
        return self.shape[0]

    def __iter__(self) -> Iterator[Tensor]:
        if not self.shape:
            raise TypeError("a scalar Tensor can't be iterated over")
        return (self[i] for i in range(len(self)))

    def __repr__(self) -> str:
        label = f", name={self.name!r}" if getattr(self, "name", None) else ""
        inner = self.value if type(self.value) is Tensor else np.array2string(np.asarray(self.value), separator=", ")
        return f"Tensor({inner}{label})"

    __hash__ = object.__hash__

    def __bool__(self) -> bool:
        truth = self != 0.0
        if type(truth) is not Tensor:
            return bool(truth)
        outcome = bool(raw(truth))  # comparisons are nodes here, and this one may choose a branch
        note(bool, (truth,), {}, outcome)
        return outcome

    # What it is not -------------------------------------------------------------------------------------------------
    def __float__(self) -> float:
        raise TypeError(
            "float(t) would lose the derivative of a Tensor. Use the np. function instead of the math. one "
            "(np.sin, not math.sin), or t.value where a plain number is really wanted."
        )

    __int__ = __index__ = __complex__ = __float__

    def item(self) -> float:
        """Refused: it would lose the derivative.

        Raises:
            TypeError: always.
        """
        raise TypeError("t.item() would lose a Tensor's derivative; use t.value where a plain number is really wanted")

    def __array__(self, dtype: Any = None, copy: Any = None) -> np.ndarray[Any, Any]:
        raise TypeError(
            "a Tensor can't become a plain array: its derivative would be lost. Build arrays from Tensors with "
            "np.stack or np.concatenate instead of np.array, and use t.value where the plain array is really wanted."
        )

    def __setitem__(self, index: Any, value: Any) -> None:
        raise TypeError(
            "a Tensor can't be assigned into: earlier values are needed for derivatives. Make a new one instead, for "
            "example np.where(mask, new, t), or np.concatenate of its parts."
        )

    def __copy__(self) -> Any:
        return +self

    def __deepcopy__(self, memo: dict[int, Any]) -> Any:
        if self.primitive is None and self.level is EAGER:  # a parameter: an independent one
            return Tensor(deepcopy(self.value, memo), self.name)
        return +self

    def __reduce__(self) -> Any:
        if self.primitive is None and self.level is EAGER:
            return Tensor, (self.value, self.name)
        raise TypeError("a computed Tensor can't be pickled: the graph behind it would be lost. Pickle t.value instead")

    # NumPy's protocols: np.sin(t), np.sum(t) ------------------------------------------------------------------------
    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **keywords: Any) -> Any:
        if method == "__call__" and not keywords:
            function = ufuncs.get(ufunc)
            if function is not None:
                return function(*inputs)
        return dispatch_ufunc(ufunc, method, inputs, keywords)

    def __array_function__(self, function: Any, types: Any, args: Any, keywords: Any) -> Any:
        ours = functions.get(function)
        if ours is None:
            raise unsupported(name_of(function))
        return ours(*args, **keywords)

    if TYPE_CHECKING:  # primitives.operators gives the class its operators and methods

        def backward(self, cotangent: Any = None, accumulate: bool = False) -> None: ...  # noqa: D102

        __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __truediv__ = __rtruediv__ = _installed
        __pow__ = __rpow__ = __mod__ = __rmod__ = __matmul__ = __rmatmul__ = _installed
        __neg__ = __pos__ = __abs__ = __getitem__ = _installed
        __lt__ = __le__ = __gt__ = __ge__ = __eq__ = __ne__ = _installed

        def __getattr__(self, name: str) -> Any: ...


ufuncs: dict[Any, Callable[..., Any]] = {}
"""NumPy's ufuncs that work on Tensors, each with the function that does it."""

functions: dict[Any, Callable[..., Any]] = {}
"""NumPy's other functions that work on Tensors, each with the function that does it."""


def dispatch_ufunc(ufunc: Any, method: str, inputs: tuple[Any, ...], keywords: dict[str, Any]) -> Any:
    """The rarer ways to call a ufunc on Tensors: `np.add.reduce`, `np.multiply.outer`, with keywords."""
    name = name_of(ufunc)
    allowed = ("order", "subok") if method != "reduce" else ("axis", "keepdims", "initial")
    given = {key: value for key, value in keywords.items() if value is not None or key == "axis"}
    refused = [key for key in given if key not in allowed]
    if refused:
        raise TypeError(f"{name} of a Tensor can't take {refused[0]}=; leave it out and work with the result")
    reductions = {np.add: np.sum, np.multiply: np.prod, np.maximum: np.max, np.minimum: np.min}
    if method == "__call__" and ufunc in ufuncs:
        return ufuncs[ufunc](*inputs)
    if method == "reduce" and ufunc in reductions:
        return functions[reductions[ufunc]](*inputs, **{"axis": 0, **given})
    if method == "outer" and ufunc in ufuncs:
        a, b = inputs
        spread = shape_of(a) + (1,) * len(shape_of(b))
        return ufuncs[ufunc](functions[np.reshape](a, spread), b)
    raise unsupported(name if method == "__call__" else f"{name}.{method}")


def name_of(function: Any) -> str:
    """What a user calls a function: `np.sum`, `np.linalg.norm`; a ufunc of another package by its bare name."""
    name: str = function.__name__
    if isinstance(function, np.ufunc):
        return f"np.{name}" if getattr(np, name, None) is function else name
    return f"{function.__module__.replace('numpy', 'np', 1)}.{name}"


def unsupported(name: str) -> TypeError:
    """The error for a function that has no rule: names it, and the near ones that have."""
    from difflib import get_close_matches

    known = sorted({name_of(function) for function in (*ufuncs, *functions)})
    near = get_close_matches(name, known, n=3, cutoff=0.6)
    hint = f" Near ones that can: {', '.join(near)}." if near else ""
    return TypeError(f"{name} can't be differentiated by stepgrad yet.{hint}")


def record(
    value: Any, level: Level, primitive: Primitive, arguments: tuple[Any, ...], parameters: dict[str, Any]
) -> Tensor:
    """A new node: `value` is what `primitive` made of the `arguments`."""
    node: Tensor = _new(Tensor)
    node.value = value
    node.level = level
    node.time = next(clock)
    node.primitive = primitive
    node.arguments = arguments
    node.parameters = parameters
    if level.nodes is not None:
        level.nodes.append(node)
    return node


_new = object.__new__

NOTHING: dict[str, Any] = {}
"""The parameters of a node that has none."""


def leaf(value: Any, level: Level, name: str | None = None) -> Tensor:
    """An input of a differentiation: a node that nothing computed."""
    node: Tensor = _new(Tensor)
    node.value = value
    node.level = level
    node.time = next(clock)
    node.primitive = None
    node.arguments = ()
    node.parameters = NOTHING
    if name is not None:
        node._name = name
    return node


def innermost(arguments: tuple[Any, ...]) -> Level | None:
    """The innermost level that any of the arguments belongs to; None if there is no Tensor among them."""
    found: Level | None = None
    for a in arguments:
        if type(a) is Tensor and (found is None or a.level.order > found.order):
            found = a.level
    return found


def note(function: Callable[..., Any], arguments: tuple[Any, ...], keywords: dict[str, Any], outcome: Any) -> None:
    """Tells the levels that keep guards what a function said of the plain values of these arguments."""
    from .trees import flatten

    leaves, build = flatten((arguments, keywords))
    level = innermost(tuple(leaves))
    while level is not None:
        if level.guards is not None:
            some, named = build(leaves)
            level.guards.append(Look(function, some, named, outcome))
        leaves = [a.value if type(a) is Tensor and a.level is level else a for a in leaves]
        level = innermost(tuple(leaves))


def nowhere_zero(value: Any) -> bool:
    """Whether no entry is 0, which lets a rule be shorter."""
    found = bool(np.all(np.not_equal(raw(value), 0)))
    if found and type(value) is Tensor:
        note(nowhere_zero, (value,), {}, found)
    return found


def is_live(value: Any) -> bool:
    """Whether it belongs to a level, or is inside of one, where comparisons become nodes."""
    while type(value) is Tensor:
        if value.level.symbolic:
            return True
        value = value.value
    return False


def raw(value: Any) -> Any:
    """The plain number or array inside, under however many Tensors."""
    while type(value) is Tensor:
        value = value.value
    return value


def shape_of(value: Any) -> tuple[int, ...]:
    """The shape of a float, an array or a Tensor."""
    if type(value) is Tensor:
        value = raw(value)
    if type(value) is np.ndarray:
        shape: tuple[int, ...] = value.shape
        return shape
    return () if type(value) is float else np.shape(value)


def dtype_of(value: Any) -> np.dtype[Any]:
    """The dtype of a float, an array or a Tensor."""
    if type(value) is Tensor:
        value = raw(value)
    if type(value) is np.ndarray:
        dtype: np.dtype[Any] = value.dtype
        return dtype
    return FLOAT64 if type(value) is float else np.result_type(value)


FLOAT64 = np.dtype(np.float64)


def as_value(value: Any) -> Any:
    """What a differentiation can start from: a Python float or a real floating-point array, Tensors as they are.

    Raises:
        TypeError: with a sentence, for integer arrays, complex numbers and what is no number at all.
    """
    kind = type(value)
    if kind is Tensor or kind is float or (kind is np.ndarray and value.dtype.kind == "f"):
        return value
    if isinstance(value, (bool, np.bool_)):
        raise TypeError("a truth value can't be differentiated; use a real number")
    if isinstance(value, (int, float)) or type(value) is np.float64:
        return float(value)
    if isinstance(value, (np.ma.MaskedArray, np.matrix)):
        raise TypeError(f"a {type(value).__name__} can't be differentiated: give a plain array")
    array = value if isinstance(value, np.generic) else np.asarray(value)
    if array.dtype.kind == "f":
        return array
    what = {"i": "integers", "u": "integers", "b": "truth values", "c": "complex numbers"}.get(array.dtype.kind)
    if what == "integers":
        raise TypeError(
            f"derivatives need real numbers, and this array holds integers ({array.dtype}): write x.astype(float), "
            "or 2.0 for 2"
        )
    raise TypeError(f"derivatives need real numbers; got {what or type(value).__name__} ({array.dtype})")


def as_scalar(value: Any) -> Any:
    """NumPy's float64 scalars as Python floats, which are four times faster; anything else as it is."""
    return float(value) if type(value) is np.float64 else value
