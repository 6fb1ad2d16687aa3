"""Terms: what a program computes, each thing once.

A rule is written in primitives, so running it on symbolic Tensors records what it computes. A `Table` turns such a
record into terms and gives equal ones the same object: work that two rules have in common, or a rule and the function
itself, is one term and so one line of a program.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from ...autodiff.linear_maps import LinearMap, Permutation
from ...autodiff.primitive import Primitive
from ...autodiff.primitives import elementwise as ew
from ...autodiff.tensor import Tensor, dtype_of, raw, shape_of


class Kind(NamedTuple):
    """What sort of value a term has: a Python float or truth value, or an array of a shape and dtype."""

    is_float: bool
    is_number: bool
    shape: tuple[int, ...]
    dtype: np.dtype[Any]


def kind_of(value: Any) -> Kind:
    """The kind of a plain value or a Tensor."""
    plain = raw(value)
    return Kind(type(plain) is float, type(plain) in (float, bool), shape_of(plain), dtype_of(plain))


class Operation(NamedTuple):
    """What a term does that is no primitive.

    Attributes:
        name: "apply" (a local Jacobian to a tangent), "pull" (its transpose to an adjoint), "zeros", or what a local
            Jacobian is made by.
        maker: what makes the local Jacobian; None for the others.
    """

    name: str
    maker: Callable[..., LinearMap] | None = None


APPLY, PULL, ZEROS = Operation("apply"), Operation("pull"), Operation("zeros")


class Term:
    """A variable, a number, a constant array, or an operation on other terms.

    Attributes:
        operation: None for what is no operation.
        parts: what it is done to.
        parameters: its keywords.
        kind: what sort of value it has; None for a local Jacobian.
        name: of a variable.
        constant: of what is neither a variable nor an operation.
    """

    __slots__ = ("constant", "kind", "name", "operation", "parameters", "parts")

    def __init__(
        self,
        kind: Kind | None,
        operation: Primitive | Operation | None = None,
        parts: tuple[Term, ...] = (),
        parameters: dict[str, Any] | None = None,
        name: str | None = None,
        constant: Any = None,
    ) -> None:
        self.kind = kind
        self.operation = operation
        self.parts = parts
        self.parameters = parameters or {}
        self.name = name
        self.constant = constant

    @property
    def is_float(self) -> bool:
        """Whether its value is a Python float."""
        return self.kind is not None and self.kind.is_float

    @property
    def number(self) -> float | None:
        """The value of a constant Python float."""
        return self.constant if type(self.constant) is float else None

    def is_(self, *names: str) -> bool:
        """Whether it is an operation of one of these names."""
        return self.operation is not None and self.operation.name in names


class Table:
    """All terms of a program; equal ones are one object."""

    def __init__(self) -> None:
        self._known: dict[Any, Term] = {}
        self._of: dict[int, Term] = {}
        self._places: dict[Term, int] = {}
        self._kept: list[Any] = []  # what is known by its id must live as long

    def __len__(self) -> int:
        return len(self._places)

    def place(self, term: Term) -> int:
        """When an operation was met: after its parts."""
        return self._places[term]

    def variable(self, name: str, value: Any) -> Term:
        """A new variable."""
        return Term(kind_of(value), name=name)

    def constant(self, value: Any) -> Term:
        """A number or an array; arrays are equal if they are the same object."""
        value = raw(value)
        if type(value) is int:
            value = float(value)
        key = ("number", type(value), repr(value)) if type(value) in (float, bool) else ("constant", id(value))
        if key not in self._known:
            self._kept.append(value)
            self._known[key] = Term(kind_of(value), constant=value)
        return self._known[key]

    def operation(
        self,
        operation: Primitive | Operation,
        parts: Sequence[Term],
        parameters: dict[str, Any] | None,
        kind: Kind | None,
    ) -> Term:
        """An operation on terms, the one that is there already if it has been met."""
        parameters = parameters or {}
        tidied = _tidied(self, operation, parts, kind) or _unmoved(parameters.get("map"), parts, kind)
        if tidied is not None:
            return tidied
        self._kept.append((operation, parameters))
        key = (id(operation), tuple(map(id, parts)), _key(parameters))
        if key not in self._known:
            self._known[key] = Term(kind, operation, tuple(parts), parameters)
            self._places[self._known[key]] = len(self._places)
        return self._known[key]

    def name(self, tensor: Tensor, term: Term) -> None:
        """Lets a Tensor stand for a term from now on."""
        self._kept.append(tensor)
        self._of[id(tensor)] = term

    def of(self, value: Any) -> Term:
        """The term of what a rule computed, or of a constant."""
        if type(value) is not Tensor:
            return self.constant(value)
        known = self._of.get(id(value))
        if known is None:
            assert value.primitive is not None
            parts = [self.of(argument) for argument in value.arguments]
            known = self.operation(value.primitive, parts, value.parameters, kind_of(value))
            self.name(value, known)
        return known


def _tidied(table: Table, operation: Primitive | Operation, parts: Sequence[Term], kind: Kind | None) -> Term | None:
    """A simpler term of the same value, to the last bit; None if there is none.

    1·a, a·1, a/1 and a¹ are a, −1·a is −a, −(−a) is a, a + (−b) is a − b, a − (−b) is a + b; a truth value
    isn't compared with 0 again.
    """
    match operation.name, tuple(parts):
        case "multiply", (Term(number=1.0), other) | (other, Term(number=1.0)) if other.kind == kind:
            return other
        case "multiply", (Term(number=-1.0), other) | (other, Term(number=-1.0)) if other.kind == kind:
            return table.operation(ew.negative, [other], None, kind)
        case (("divide" | "power"), (other, Term(number=1.0))) if other.kind == kind:
            return other
        case "negative", (part,) if part.is_("negative"):
            return part.parts[0]
        case "add", (a, b) if b.is_("negative"):
            return table.operation(ew.subtract, [a, b.parts[0]], None, kind)
        case "subtract", (a, b) if b.is_("negative"):
            return table.operation(ew.add, [a, b.parts[0]], None, kind)
        case "not_equal", (part, Term(number=0.0)) if part.kind and part.kind.dtype == bool:
            return part
    return None


def _unmoved(local: LinearMap | None, parts: Sequence[Term], kind: Kind | None) -> Term | None:
    """What a map gives back as it was: a reshape to the same shape, or a second transpose that undoes the first."""
    if local is None:
        return None
    (part,) = parts
    if local.is_identity and part.kind == kind:
        return part
    first = part.parameters.get("map")
    if isinstance(local, Permutation) and isinstance(first, Permutation):
        undone = [first.axes[axis] for axis in local.axes] == sorted(local.axes)
        return part.parts[0] if undone else None
    return None


def _key(value: Any) -> Any:
    """Something hashable that is equal for equal parameters; arrays of some size are equal if they are the same one."""
    if isinstance(value, LinearMap):
        slots = [name for kind in type(value).__mro__ for name in getattr(kind, "__slots__", ())]
        return type(value), *(_key(getattr(value, name, None)) for name in slots)
    if isinstance(value, np.ndarray):
        return (value.dtype, value.shape, value.tobytes()) if value.size <= 64 else ("array", id(value))
    if isinstance(value, (tuple, list)):
        return type(value), *map(_key, value)
    if isinstance(value, dict):
        return dict, *((name, _key(part)) for name, part in value.items())
    if isinstance(value, slice):
        return slice, value.start, value.stop, value.step
    if isinstance(value, (int, float, str, np.dtype, type(None), type(Ellipsis))):
        return type(value), value
    return "object", id(value)
