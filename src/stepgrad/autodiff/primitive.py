"""Primitives: each has one rule, the list of its local Jacobians as linear maps. All else is asked of those maps.

Three kinds of rule are enough:

- `Elementwise`: a local Jacobian is diagonal, so the rule gives its diagonal: the partial derivative, as a formula in
  the primitives themselves. For scalars the map *is* that number, and the sweeps multiply by it at once.
- `Linear`: the function is a linear map already (a sum, a reshape, a selection), so the map is its own Jacobian.
- `General`: the rule gives a map for each argument (a matrix product, a reduction that is not linear).

The rules are written in the primitives and in plain NumPy on values that may be Tensors of an outer differentiation; so
derivatives of derivatives come out by themselves.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

import numpy as np

from .linear_maps import Diagonal, LinearMap, Mask, Scaling, Zero, broadcast
from .tensor import NOTHING, Guard, Level, Tensor, as_scalar, clock, innermost, raw, record, shape_of

Partial = Callable[..., Any] | float
"""A partial derivative: a function of (output, *arguments), or a number where it is constant."""


class Primitive:
    """A differentiable function with one rule.

    Attributes:
        name: what it is called in graphs and formulas ("sin", "multiply", "matmul").
        symbol: what the gate shows ("sin", "×", "+").
        partials: the partial derivatives where it is elementwise; else none.
        arity: how many partial derivatives these are.
    """

    __slots__ = ("name", "symbol")
    partials: tuple[Partial | None, ...] = ()
    arity = 0

    def __init__(self, name: str, symbol: str | None = None) -> None:
        self.name = name
        self.symbol = symbol or name

    def forward(self, *arguments: Any, **parameters: Any) -> Any:
        """The value, by NumPy, of plain arguments."""
        raise NotImplementedError  # abstract: each kind of primitive has its own

    def local_map(self, k: int, output: Any, arguments: tuple[Any, ...], parameters: dict[str, Any]) -> LinearMap:
        """The local Jacobian with respect to argument k, at these argument values."""
        raise NotImplementedError  # abstract: each kind of primitive has its own

    def operations(self, output: Any, arguments: tuple[Any, ...]) -> int:
        """The elementary operations that one evaluation takes."""
        return int(np.size(raw(output)))

    def __call__(self, *arguments: Any, **parameters: Any) -> Any:
        level = innermost(arguments)
        if level is None:
            return as_scalar(self.forward(*arguments, **parameters))
        values = [a.value if type(a) is Tensor and a.level is level else a for a in arguments]
        value = Primitive.__call__(self, *values, **parameters)  # which are operands already
        if type(value) is not float:
            self._check(value, level)
        return record(value, level, self, arguments, parameters)

    def _check(self, value: Any, level: Level) -> None:
        """Refuses results through which no derivative would flow.

        Raises:
            TypeError: the value is complex, or comes of an object array in which Tensors hide.
        """
        if type(value) is Tensor:
            if value.level.order >= level.order:
                raise TypeError(f"{self.name} can't take an object array of Tensors; np.stack makes one Tensor of them")
        elif value.dtype.kind not in "fb":
            raise TypeError(f"{self.name} of a Tensor gave {value.dtype}; derivatives need real numbers")

    def __repr__(self) -> str:
        return f"<primitive {self.name}>"


class Elementwise(Primitive):
    """A function applied entry by entry, with NumPy's broadcasting. Its local Jacobians are diagonal.

    Args:
        name: its name, the ufunc's where there is one.
        ufunc: does it on arrays.
        scalar: does it on Python floats (fast; from `math` or an operator); where it raises, the ufunc decides.
        partials: one for each argument: a function of (output, *arguments) or a constant; None where no derivative is
            defined (a condition).
        role: "router" where the partials are truth values that let a derivative through or stop it.
    """

    __slots__ = ("arity", "partials", "role", "scalar", "ufunc")

    def __init__(
        self,
        name: str,
        ufunc: Callable[..., Any],
        scalar: Callable[..., Any],
        partials: tuple[Partial | None, ...],
        symbol: str | None = None,
        role: str | None = None,
    ) -> None:
        super().__init__(name, symbol)
        self.ufunc = ufunc
        self.scalar = scalar
        self.partials = partials
        self.arity = len(partials)
        self.role = role

    def __call__(self, *arguments: Any, **parameters: Any) -> Any:
        if not PLAIN.issuperset(map(type, arguments)):
            arguments = tuple([as_operand(a) for a in arguments])
        return super().__call__(*arguments)

    def forward(self, *arguments: Any, **parameters: Any) -> Any:
        if all(type(a) is float or type(a) is bool for a in arguments):
            try:
                value = self.scalar(*arguments)
                if type(value) is float:
                    return value
            except (ValueError, ArithmeticError):
                pass  # outside the domain, or over- or underflow: NumPy's conventions hold (nan, inf)
            with np.errstate(all="ignore"):
                return float(self.ufunc(*arguments))
        return self.ufunc(*arguments)

    def partial(self, k: int, output: Any, arguments: tuple[Any, ...]) -> Any:
        """The partial derivative with respect to argument k: a number or an array that broadcasts to the output."""
        rule = self.partials[k]
        return rule(output, *arguments) if callable(rule) else rule

    def local_map(self, k: int, output: Any, arguments: tuple[Any, ...], parameters: dict[str, Any]) -> LinearMap:
        shape, in_shape, rule = shape_of(output), shape_of(arguments[k]), self.partials[k]
        if rule is None or rule == 0:
            return Zero(in_shape, shape)
        if rule == 1:
            return broadcast(in_shape, shape)
        if callable(rule):
            factor = rule(output, *arguments)
            stretch: LinearMap = Mask(factor, shape) if self.role == "router" else Diagonal(factor, shape)
        else:
            stretch = Scaling(rule, shape)
        return stretch if in_shape == shape else stretch @ broadcast(in_shape, shape)


PLAIN = frozenset((Tensor, float, bool, np.ndarray))
"""The types that an elementwise primitive takes as they are."""


def as_operand(value: Any) -> Any:
    """A number as a Python float and a list as an array, which is how NumPy reads them; anything else as it is."""
    if type(value) in PLAIN:
        return value
    if type(value) is int:
        return float(value)
    if isinstance(value, (np.ma.MaskedArray, np.matrix)):
        raise TypeError(f"a {type(value).__name__} can't stand beside a Tensor: give a plain array")
    return np.asarray(value) if isinstance(value, (list, tuple)) else value


class Unary(Elementwise):
    """An elementwise function of one argument, with a short way for scalars."""

    __slots__ = ()

    def __call__(self, x: Any) -> Any:
        if type(x) is float:
            try:
                return self.scalar(x)
            except (ValueError, ArithmeticError):
                return self.forward(x)
        if type(x) is not Tensor:
            return as_scalar(self.ufunc(x) if type(x) is np.ndarray else self.forward(as_operand(x)))
        node: Tensor = _new(Tensor)
        inner = x.value
        if type(inner) is float:  # the same once more, rather than one call more a node
            try:
                node.value = self.scalar(inner)
            except (ValueError, ArithmeticError):
                node.value = self.forward(inner)
        else:
            node.value = self(inner)
        node.level = x.level
        node.time = next(clock)
        node.primitive = self
        node.arguments = (x,)
        node.parameters = NOTHING
        nodes = x.level.nodes
        if nodes is not None:
            nodes.append(node)
        return node


class Binary(Elementwise):
    """An elementwise function of two arguments, with a short way for floats: the sweeps' arithmetic on scalars."""

    __slots__ = ()

    def __call__(self, a: Any, b: Any) -> Any:
        if type(a) is float and type(b) is float:
            try:
                value = self.scalar(a, b)
                if type(value) is float:  # Python's power of a negative base is complex, and NumPy's is nan
                    return value
            except (ValueError, ArithmeticError):
                pass
            return self.forward(a, b)
        return super().__call__(a, b)


_new = object.__new__


class Comparison(Primitive):
    """A comparison entry by entry: truth values, through which no derivative flows."""

    __slots__ = ("compare",)

    def __init__(self, name: str, compare: Callable[[Any, Any], Any], symbol: str) -> None:
        super().__init__(name, symbol)
        self.compare = compare

    def __call__(self, *arguments: Any, **parameters: Any) -> Any:
        a, b = arguments
        level = innermost(arguments)
        if level is None:
            return self.compare(a, b)
        outcome = self(*[x.value if type(x) is Tensor and x.level is level else x for x in arguments])
        if level.symbolic:
            return record(outcome, level, self, arguments, NOTHING)
        if level.guards is not None:
            level.guards.append(Guard(self.name, a, b, raw(outcome)))
        return outcome

    def local_map(self, k: int, output: Any, arguments: tuple[Any, ...], parameters: dict[str, Any]) -> LinearMap:
        return Zero(shape_of(arguments[k]), shape_of(output))


class Linear(Primitive):
    """A function that is a linear map of its one Tensor argument; the map is its own local Jacobian.

    A call is `linear(x, map=m)`. One instance a name is enough, since the map knows everything.
    """

    __slots__ = ()
    known: ClassVar[dict[str, Linear]] = {}

    @classmethod
    def named(cls, name: str) -> Linear:
        """The primitive of this name, made when first asked for."""
        return cls.known.setdefault(name, cls(name))

    def forward(self, *arguments: Any, **parameters: Any) -> Any:
        return parameters["map"].act(arguments[0])

    def local_map(self, k: int, output: Any, arguments: tuple[Any, ...], parameters: dict[str, Any]) -> LinearMap:
        linear_map: LinearMap = parameters["map"]
        return linear_map


class General(Primitive):
    """A function with a rule that gives, for each argument, a function making the local Jacobian.

    Args:
        forward: the value by NumPy.
        maps: for each argument a function of (output, *arguments, **parameters) that gives a LinearMap; the last one
            serves all further arguments, with the argument's number as `k`, where `variadic`.
        cost: elementary operations as a function of (output, *arguments); by default one an output entry.
    """

    __slots__ = ("cost", "function", "maps", "variadic")

    def __init__(
        self,
        name: str,
        forward: Callable[..., Any],
        maps: tuple[Callable[..., LinearMap], ...],
        symbol: str | None = None,
        variadic: bool = False,
        cost: Callable[..., int] | None = None,
    ) -> None:
        super().__init__(name, symbol)
        self.function = forward
        self.maps = maps
        self.variadic = variadic
        self.cost = cost

    def __call__(self, *arguments: Any, **parameters: Any) -> Any:
        if not PLAIN.issuperset(map(type, arguments)):
            arguments = tuple([as_operand(a) for a in arguments])
        return super().__call__(*arguments, **parameters)

    def forward(self, *arguments: Any, **parameters: Any) -> Any:
        return self.function(*arguments, **parameters)

    def local_map(self, k: int, output: Any, arguments: tuple[Any, ...], parameters: dict[str, Any]) -> LinearMap:
        if self.variadic:
            return self.maps[0](k, output, *arguments, **parameters)
        return self.maps[k](output, *arguments, **parameters)

    def operations(self, output: Any, arguments: tuple[Any, ...]) -> int:
        return self.cost(output, *arguments) if self.cost else super().operations(output, arguments)
