"""The text of a program that is only run: Python floats stay floats, and what is read once has no name."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np

from ...autodiff.linear_maps import Fold, LinearMap, Scatter, Windows
from ...autodiff.primitive import Comparison, Elementwise, General
from .statements import Check
from .surroundings import Names
from .terms import PULL, Table, Term
from .text import ATOM, COMPARISON, NEGATIVE, PRODUCT, Writer, Written

DEEPEST = 12
"""Expressions are nested no deeper than this."""

_AS_THEY_ARE = ("add", "subtract", "multiply", "divide", "remainder", "negative")

_BY_NUMPY = ("matmul", "einsum", "concatenate", "stack", "prod", "var", "std", "norm", "p_norm", "linear")


class FastWriter(Writer):
    """Writes terms for speed: `math.sin` on a Python float, a primitive's own function on an array."""

    def object(self, value: Any, wish: str) -> str:
        """The name of an object in the namespace; nothing is imported."""
        known = self._known.get(id(value))
        if known is None:
            known = self._known[id(value)] = self.names.new(wish)
            self._kept.append(value)
            self.objects[known] = value
        return known

    def operation(self, term: Term) -> Written:
        """An operation by its parts; what is a number is a Python float."""
        written = super().operation(term)
        if term.is_float and not _on_numbers(term):
            return Written(f"float({written.text})")  # a float64 scalar of NumPy's is four times slower
        return written

    def elementwise(self, term: Term) -> Written:
        """A primitive that works entry by entry: on numbers by Python, on arrays by its own function."""
        operation, parts = term.operation, term.parts
        if isinstance(operation, Comparison) or (operation and operation.name in _AS_THEY_ARE):
            return super().elementwise(term)
        assert isinstance(operation, Elementwise)
        if _on_numbers(term):
            return self._on_numbers(operation, parts)
        if operation.name == "power" or isinstance(operation.ufunc, np.ufunc):
            return super().elementwise(term)
        return self.call(self.object(operation.ufunc, operation.name), *map(self.text, parts))

    def _on_numbers(self, operation: Elementwise, parts: Sequence[Term]) -> Written:
        match operation.name:
            case "positive":
                return self._written(parts[0])
            case "square":
                factor = self.text(parts[0], ATOM)  # it has a name: see `_reads`
                return Written(f"{factor} * {factor}", PRODUCT)
            case "power" if parts[1].number is not None and parts[1].number.is_integer():
                return self.infix("power", parts)
            case "power":  # where ** of a negative number would be complex, this has an error
                return self.call(self.object(math.pow, "pow"), *map(self.text, parts))
        return self.call(self.object(operation.scalar, operation.name), *map(self.text, parts))

    def general(self, term: Term) -> Written:
        """Any other primitive."""
        operation = term.operation
        assert isinstance(operation, General)
        if "map" in term.parameters or operation.name in _BY_NUMPY:
            return super().general(term)
        arguments = map(self.text, term.parts)
        return self.call(self.object(operation.function, operation.name), *arguments, **term.parameters)

    def map(self, local: LinearMap, x: Written) -> Written:
        """A linear map applied to x."""
        if isinstance(local, (Fold, Scatter, Windows)):
            return self.call(self.object(local.act, local.name), x.text)
        return super().map(local, x)

    def _of_map(self, operation: Any, term: Term) -> Written:
        if operation is PULL:
            return Written(f"{self.text(term.parts[0], ATOM)}.pull({self.text(term.parts[1])})")
        return super()._of_map(operation, term)


def _on_numbers(term: Term) -> bool:
    """Whether it is elementwise on Python numbers alone."""
    elementwise = isinstance(term.operation, (Elementwise, Comparison))
    return elementwise and all(part.kind is not None and part.kind.is_number for part in term.parts)


def _reads(term: Term) -> Sequence[Term]:
    """What it reads, and how often."""
    return (*term.parts, *term.parts) if term.is_("square") and _on_numbers(term) else term.parts


class Body:
    """The lines of a function that checks what was noted, and computes terms."""

    def __init__(self, table: Table, names: Names, checks: Sequence[Check], roots: Sequence[Term | None]) -> None:
        self.table, self.checks = table, list(checks)
        self.writer = FastWriter(names)
        self.lines: list[str] = []
        wanted = [*(check.term for check in checks), *(root for root in roots if root is not None)]
        self.uses: Counter[Term] = Counter(wanted)
        self.terms = self._reachable(wanted)
        self.depth: dict[Term, int] = {}

    def _reachable(self, wanted: Sequence[Term]) -> list[Term]:
        """All operations that are needed, in the order in which they were met."""
        rest = [term for term in dict.fromkeys(wanted) if term.operation is not None]
        seen = set(rest)
        while rest:
            term = rest.pop()
            for part in _reads(term):
                self.uses[part] += 1
                if part.operation is not None and part not in seen:
                    seen.add(part)
                    rest.append(part)
        return sorted(seen, key=self.table.place)

    def write(self, miss: str) -> list[str]:
        """The lines; where a check fails, `miss` is returned."""
        checks = iter(self.checks)
        check = next(checks, None)
        for term in self.terms:
            while check is not None and check.after <= self.table.place(term):
                self._check(check, miss)
                check = next(checks, None)
            depth = 1 + max((self.depth.get(part, 0) for part in term.parts), default=0)
            if self.uses[term] > 1 or depth > DEEPEST:
                self._name(term)
                depth = 0
            self.depth[term] = depth
        while check is not None:
            self._check(check, miss)
            check = next(checks, None)
        return self.lines

    def _name(self, term: Term) -> None:
        text = self.writer.text(term)
        self.writer.bound[term] = name = self.writer.names.new(f"t{len(self.writer.bound) + 1}")
        self.lines.append(f"{name} = {text}")

    def _check(self, check: Check, miss: str) -> None:
        term, outcome = check.term, check.outcome
        if term.is_("bool", "nowhere_zero"):
            term = term.parts[0]
        text = self.writer.text(term)
        if check.term.is_("nowhere_zero"):
            is_number = term.kind is not None and term.kind.is_number
            condition = f"{self.writer.text(term, NEGATIVE)} == 0.0" if is_number else f"not np.all({text})"
        elif type(outcome) is bool or isinstance(outcome, np.bool_):
            condition = f"not {self.writer.text(term, COMPARISON)}" if outcome else text
        else:
            expected = self.writer.object(outcome, "noted")
            condition = f"not {self.writer.object(same, 'same')}({text}, {expected})"
        self.lines.append(f"if {condition}:")
        self.lines.append(f"    return {miss}")


def same(found: Any, noted: Any) -> bool:
    """Whether something is of the same type as it was, and of the same value, entry by entry."""
    if isinstance(noted, (tuple, list)):
        return type(found) is type(noted) and len(found) == len(noted) and all(map(same, found, noted))
    if isinstance(noted, (np.ndarray, np.generic)):
        if np.shape(found) != noted.shape or np.result_type(found) != noted.dtype:
            return False
        return bool(np.array_equal(found, noted, equal_nan=noted.dtype.kind == "f"))
    if found is noted:
        return True
    try:
        return type(found) is type(noted) and bool(found == noted)
    except (TypeError, ValueError):  # it can't be said
        return False
