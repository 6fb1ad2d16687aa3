"""What can be done with a formula tree without numbers: tidying, counting, the rules of the sweeps.

The trees are those of :mod:`stepgrad.documents.formulas`, which gives these names on;
``widgets/src/math/algebra.ts`` is the twin of this module.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import TypeAlias

from .notation import HOLE

Tree: TypeAlias = "float | str | Sequence[Tree]"

MAX_DEPTH = 100
"""Formulas nested deeper than this are refused."""

QUANTITIES = ("dot", "bar", "partial", "number")
"""What only names something and costs no operation."""

NUMBERS = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}
"""The numbers that JSON cannot carry."""


def split(tree: Tree) -> tuple[str, Sequence[Tree]]:
    """Take an operation apart into its name and its parts."""
    if not isinstance(tree, (list, tuple)) or not tree or not isinstance(tree[0], str):
        raise TypeError(f"a formula is a number, a label or [op, *parts], not {tree!r}")
    op, parts = tree[0], tree[1:]
    if op in QUANTITIES and (len(parts) != 1 + (op == "partial") or not all(isinstance(part, str) for part in parts)):
        raise TypeError(f"{op} takes a name, not {tree!r}")
    return op, parts


def simplify(tree: Tree) -> Tree:
    """Tidy a formula without rearranging it, so that a reader still sees where each part came from.

    1·a and a·1 become a, −1·a and a·(−1) become −a, a¹ and a/1 become a, a + (−b) becomes a − b, a − (−b) becomes
    a + b, a·(1/b) becomes a/b, −(−a) becomes a, and numbers are folded in + − × ÷ and whole powers. 0·a stays: a zero
    is information. In a product the first factor stays first.

    Args:
        tree: The formula; it is not changed.

    Returns:
        The tidied formula.

    Raises:
        TypeError: If ``tree`` is not a formula tree.
        ValueError: If it is nested deeper than ``MAX_DEPTH``.
    """
    return _simplified(tree, 0)


def _simplified(tree: Tree, depth: int) -> Tree:
    if depth > MAX_DEPTH:
        raise ValueError(f"the formula is nested deeper than {MAX_DEPTH} levels")
    if isinstance(tree, (int, float, str)):
        return tree
    op, parts = split(tree)
    if op in QUANTITIES:
        return [op, *parts]
    inside = [_simplified(part, depth + 1) for part in parts]
    folded = _folded(op, inside)
    if folded is not None:
        return folded
    match op, inside:
        case "negative", [part]:
            return _negated(part)
        case "add", [a, b]:
            return ["add", a, b] if (less := _opposite(b)) is None else ["subtract", a, less]
        case "subtract", [a, b]:
            return ["subtract", a, b] if (more := _opposite(b)) is None else ["add", a, more]
        case "multiply", [a, b]:
            return _product(a, b)
        case (("divide" | "power"), [a, 1]):
            return a
    return [op, *inside]


def _product(a: Tree, b: Tree) -> Tree:
    match a, b:
        case (1, other) | (other, 1):
            return other
        case (-1, other) | (other, -1):
            return _negated(other)
        case _, ["divide", 1, under] | ["reciprocal", under]:
            return ["divide", a, under]
    return ["multiply", a, b]


def _negated(tree: Tree) -> Tree:
    opposite = _opposite(tree)
    return ["negative", tree] if opposite is None else opposite


def _opposite(tree: Tree) -> Tree | None:
    """Return what a tree is the negative of, if it is written as a negative."""
    if isinstance(tree, (int, float)):
        return -tree if tree < 0 else None
    if not isinstance(tree, str) and len(tree) == 2 and tree[0] == "negative":
        return tree[1]
    return None


def _folded(op: str, parts: Sequence[Tree]) -> float | None:
    numbers = [part for part in parts if isinstance(part, (int, float))]
    if len(numbers) != len(parts):
        return None
    whole = all(isinstance(part, int) for part in numbers)
    result: float | None = None
    match op, [float(part) for part in numbers]:
        case "negative", [a]:
            result = -a
        case "add", [a, b]:
            result = a + b
        case "subtract", [a, b]:
            result = a - b
        case "multiply", [a, b]:
            result = a * b
        case "divide", [a, b] if b != 0:
            result = a / b
        case "power", [a, b] if b in range(65):
            result = 1.0  # by multiplications, which round alike in every language
            for _ in range(int(b)):
                result *= a
    if result is None or not math.isfinite(result):
        return None
    result += 0.0  # no negative zero
    return int(result) if whole and result.is_integer() else result


def _walk(tree: Tree) -> Iterator[Tree]:
    """Every subtree, from left to right."""
    stack: list[tuple[Tree, int]] = [(tree, 0)]
    while stack:
        part, depth = stack.pop()
        if depth > MAX_DEPTH:
            raise ValueError(f"the formula is nested deeper than {MAX_DEPTH} levels")
        if not isinstance(part, (int, float, str)):
            op, parts = split(part)
            if op not in QUANTITIES:
                stack.extend((inner, depth + 1) for inner in reversed(parts))
        yield part


def operations(tree: Tree) -> int:
    """Count the elementary operations of a formula: one for each operation; numbers and variables cost nothing.

    Raises:
        TypeError: If ``tree`` is not a formula tree.
        ValueError: If it is nested deeper than ``MAX_DEPTH``.
    """
    return sum(not isinstance(part, (int, float, str)) and part[0] not in QUANTITIES for part in _walk(tree))


def variables(tree: Tree) -> list[str]:
    """List the labels whose primal values a formula reads, each once, in order of appearance; errors as above."""
    return list(dict.fromkeys(part for part in _walk(tree) if isinstance(part, str) and part != HOLE))


def adjoint_formula(source: str, partial: Tree) -> Tree:
    """Return what an adjoint step adds: the adjoint of ``source`` times its local derivative, tidied."""
    return simplify(["multiply", ["bar", source], partial])


def tangent_formula(arguments: Sequence[object], partials: Sequence[Tree | None]) -> Tree:
    """Return the tangent of a node: the sum over its arguments of their tangents times the local derivatives.

    Args:
        arguments: The node's arguments; what is not a label is a constant.
        partials: One local derivative an argument, None for a constant.

    Returns:
        The formula; 0 if no argument has a derivative other than 0.
    """
    terms: list[tuple[str, Tree]] = [
        (argument, simplify(partial))
        for argument, partial in zip(arguments, partials, strict=True)
        if isinstance(argument, str) and partial is not None
    ]
    if all(partial == 0 for _, partial in terms):
        return 0
    total: Tree | None = None
    for argument, partial in terms:
        term: Tree = ["multiply", ["dot", argument], partial]
        total = term if total is None else ["add", total, term]
    return simplify(total if total is not None else 0)


def contribution_cost(partial: Tree) -> int:
    """Count the operations of one contribution: the local derivative, and the multiplication by it.

    Nothing for a derivative of 1, and one change of sign for −1.
    """
    partial = simplify(partial)
    return 0 if partial == 1 else operations(partial) + 1


def tangent_cost(arguments: Sequence[object], partials: Sequence[Tree | None]) -> int:
    """Count the operations of a node's tangent: its contributions, and the additions between them."""
    costs = [
        contribution_cost(partial)
        for argument, partial in zip(arguments, partials, strict=True)
        if isinstance(argument, str) and partial is not None
    ]
    return sum(costs) + max(len(costs) - 1, 0)
