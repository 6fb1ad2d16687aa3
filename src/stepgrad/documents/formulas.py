"""Formulas as trees, and how they are printed: LaTeX, one line of Unicode text, numbers, costs.

A tree is a number, a variable (the label of a node, such as ``"x1"``) or a list ``[op, *parts]``, so that it is
JSON as it stands. ``["dot", "x1"]`` is the tangent of x1, ``["bar", "x1"]`` its adjoint, ``["partial", "w1", "x1"]``
the local derivative ∂w₁/∂x₁ and ``["number", "Infinity"]`` a constant that JSON cannot carry. The other operations
have the names of primitives; a name that is not known here is printed as a function call.

``widgets/src/math/formulas.ts`` is the twin of this module: the two give the same strings, and
``tests/golden/formulas.json`` holds them to it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple, TypeAlias

from .notation import HOLE, Style, braced, escaped, is_scientific, label_latex, label_text, number, raised

__all__ = [
    "Equation",
    "Style",
    "Tree",
    "adjoint_formula",
    "contribution_cost",
    "equation",
    "label_latex",
    "label_text",
    "latex",
    "number",
    "operations",
    "simplify",
    "tangent_formula",
    "text",
    "variables",
]

Tree: TypeAlias = "float | str | Sequence[Tree]"

MAX_DEPTH = 100
"""Formulas nested deeper than this are refused."""

_QUANTITIES = ("dot", "bar", "partial", "number")  # these name something; they cost no operation


class Equation(NamedTuple):
    """One line of mathematics in two notations."""

    latex: str
    text: str


# ----------------------------------------------------------------- printing

# How tightly a formula holds together, from a sum to an atom.
_SUM, _NEGATIVE, _MATMUL, _PRODUCT, _FUNCTION, _POWER, _ATOM = range(1, 8)

# op: (level, least level of the left part, least level of the right part, text, LaTeX)
_INFIX = {
    "add": (_SUM, _SUM, _MATMUL, " + ", " + "),
    "subtract": (_SUM, _SUM, _MATMUL, " − ", " - "),
    "multiply": (_PRODUCT, _PRODUCT, _PRODUCT, "·", r" \cdot "),
    "divide": (_PRODUCT, _PRODUCT, _FUNCTION, "/", "/"),
    "matmul": (_MATMUL, _FUNCTION, _FUNCTION, " @ ", r" \, "),
}
_COMPARISONS = {
    "greater": (">", ">"),
    "greater_equal": ("≥", r"\ge"),
    "less": ("<", "<"),
    "less_equal": ("≤", r"\le"),
    "equal": ("=", "="),
    "not_equal": ("≠", r"\ne"),
}
_FENCES = {
    "absolute": ("|", "|", r"\lvert ", r" \rvert"),
    "floor": ("⌊", "⌋", r"\lfloor ", r" \rfloor"),
    "ceil": ("⌈", "⌉", r"\lceil ", r" \rceil"),
}
_CALLS = {"maximum": ("max", r"\max"), "minimum": ("min", r"\min")}
_ROOTS = {"sqrt": ("√", r"\sqrt"), "cbrt": ("∛", r"\sqrt[3]")}
_FUNCTIONS = (
    {name: (name, "\\" + name) for name in ("exp", "log", "sin", "cos", "tan", "arcsin", "arccos", "arctan")}
    | {name: (name, "\\" + name) for name in ("sinh", "cosh", "tanh")}
    | {"log2": ("log₂", r"\log_2"), "log10": ("log₁₀", r"\log_{10}")}
    | {
        name: (name, rf"\operatorname{{{name}}}")
        for name in ("arcsinh", "arccosh", "arctanh", "sign", "round", "relu", "sigmoid", "softplus", "sum")
    }
)


def text(tree: Tree, values: Mapping[str, float] | None = None) -> str:
    """Print a formula on one line of Unicode text, such as ``w̄₁·cos x₁``.

    Parameters
    ----------
    tree
        The formula.
    values
        Numbers to put in: the key of a variable is its label, of a tangent ``dot x1``, of an adjoint
        ``bar x1``. What has no number is printed as a symbol.

    Returns
    -------
    str
        The text.

    Raises
    ------
    TypeError
        If ``tree`` is not a formula tree.
    ValueError
        If it is nested deeper than ``MAX_DEPTH``.
    """
    return _show(_filled(tree, values or {}), "text")


def latex(tree: Tree, values: Mapping[str, float] | None = None) -> str:
    r"""Print a formula in LaTeX, such as ``\bar{w}_1 \cdot \cos x_1``; arguments and errors as :func:`text`."""
    return _show(_filled(tree, values or {}), "latex")


def equation(
    left: Tree,
    formula: Tree,
    values: Mapping[str, float],
    value: float | None,
    *,
    accumulates: bool = False,
) -> Equation:
    """Print a step of a sweep: left side = formula in symbols = with the numbers in = value.

    Members that read like the one before them are left out.

    Parameters
    ----------
    left
        What is computed, such as ``["bar", "x1"]``.
    formula
        The right side.
    values
        The numbers known, as in :func:`text`.
    value
        The number that comes out, or None for an array, which is not printed.
    accumulates
        Print ``+=`` because the value is added to what has arrived before.

    Returns
    -------
    Equation
        The line in LaTeX and as text.

    Raises
    ------
    TypeError
        If a side is not a formula tree.
    ValueError
        If a side is nested deeper than ``MAX_DEPTH``.
    """

    def line(style: Style, relation: str) -> str:
        members = [_show(_filled(formula, known), style) for known in ({}, values)]
        if value is not None:
            members.append(number(value, style))
        kept = [member for index, member in enumerate(members) if index == 0 or member != members[index - 1]]
        return f"{_show(_filled(left, {}), style)} {relation} {' = '.join(kept)}"

    return Equation(line("latex", r"\mathrel{+}=" if accumulates else "="), line("text", "+=" if accumulates else "="))


def _filled(tree: Tree, values: Mapping[str, float], depth: int = 0) -> Tree:
    """Put the numbers in and write shorthands (square, reciprocal, …) as what they stand for."""
    if depth > MAX_DEPTH:
        raise ValueError(f"the formula is nested deeper than {MAX_DEPTH} levels")
    if isinstance(tree, (int, float)):
        return float(tree)
    if isinstance(tree, str):
        return float(values[tree]) if tree in values else tree
    op, parts = _split(tree)
    if op == "number":
        return float(str(parts[0]))
    if op in ("dot", "bar"):
        key = f"{op} {parts[0]}"
        return float(values[key]) if key in values else tree
    if op == "partial":
        return tree
    inside = [_filled(part, values, depth + 1) for part in parts]
    match op:
        case "square":
            return ["power", *inside, 2.0]
        case "reciprocal":
            return ["divide", 1.0, *inside]
        case "exp2":
            return ["power", 2.0, *inside]
        case "expm1":
            return ["subtract", ["exp", *inside], 1.0]
        case "log1p":
            return ["log", ["add", 1.0, *inside]]
    return [op, *inside]


def _split(tree: Tree) -> tuple[str, Sequence[Tree]]:
    if not isinstance(tree, (list, tuple)) or not tree or not isinstance(tree[0], str):
        raise TypeError(f"a formula is a number, a label or [op, *parts], not {tree!r}")
    return tree[0], tree[1:]


def _level(tree: Tree, style: Style) -> int:
    if isinstance(tree, (int, float)):
        return _NEGATIVE if tree < 0 else _PRODUCT if is_scientific(tree) else _ATOM
    if isinstance(tree, str):
        return _ATOM
    op, parts = _split(tree)
    if op in _INFIX and len(parts) == 2:
        return _INFIX[op][0]
    if len(parts) == 1:
        if op == "negative":
            return _NEGATIVE
        if op == "exp" and style == "latex":
            return _POWER
        if op in _ROOTS and style == "latex":
            return _ATOM
        if op in _FUNCTIONS or op in _ROOTS:
            return _FUNCTION
    if op == "partial":
        return _PRODUCT
    return _POWER if op in ("power", "transpose") else _ATOM


def _show(tree: Tree, style: Style, least: int = _SUM, *, tight: bool = False) -> str:
    """Print a filled tree, in parentheses if it holds together less than ``least``.

    ``tight``: something follows directly, so that a function needs parentheses: sin(x)·y.
    """
    if _level(tree, style) < least:
        return _fenced(_body(tree, style, tight=False), style)
    return _body(tree, style, tight=tight)


def _body(tree: Tree, style: Style, *, tight: bool) -> str:
    flat = style == "text"
    if isinstance(tree, (int, float)):
        return number(tree, style)
    if isinstance(tree, str):
        return label_text(tree) if flat else label_latex(tree)
    op, parts = _split(tree)
    label = label_text if flat else label_latex
    match op, parts:
        case ("dot" | "bar") as accent, [str(name)]:
            return label(name, accent)
        case "partial", [str(over), str(under)]:
            template = "∂{}/∂{}" if flat else r"\frac{{\partial {}}}{{\partial {}}}"
            return template.format(label(over), label(under))
        case "divide", [over, under] if not flat:
            return rf"\frac{{{_show(over, style)}}}{{{_show(under, style)}}}"
        case "power", [base, exponent]:
            return _power(base, exponent, style)
        case "negative", [part]:
            return ("−" if flat else "-") + _show(part, style, _MATMUL, tight=tight)
        case "transpose", [part]:
            return _show(part, style, _ATOM) + ("ᵀ" if flat else r"^{\top}")
        case "exp", [part] if not flat:
            return f"e^{braced(_show(part, style))}"
    if op in _INFIX and len(parts) == 2:
        _, left, right, *signs = _INFIX[op]
        product = _INFIX[op][0] > _SUM
        first = _show(parts[0], style, left, tight=product)
        return first + signs[0 if flat else 1] + _show(parts[1], style, right, tight=tight)
    if op in _COMPARISONS and len(parts) == 2:
        sign = _COMPARISONS[op][0 if flat else 1]
        return f"[{_show(parts[0], style)} {sign} {_show(parts[1], style)}]"
    if op in _FENCES and len(parts) == 1:
        opening, closing = _FENCES[op][:2] if flat else _FENCES[op][2:]
        return opening + _show(parts[0], style) + closing
    if op in _ROOTS and len(parts) == 1:
        sign = _ROOTS[op][0 if flat else 1]
        return sign + (_argument(parts[0], style, "", tight=tight) if flat else f"{{{_show(parts[0], style)}}}")
    if op in _FUNCTIONS and len(parts) == 1:
        return _FUNCTIONS[op][0 if flat else 1] + _argument(parts[0], style, " ", tight=tight)
    return _call(op, parts, style)


def _argument(part: Tree, style: Style, space: str, *, tight: bool) -> str:
    if tight or _level(part, style) < _ATOM:
        return _fenced(_show(part, style), style)
    return space + _show(part, style)


def _power(base: Tree, exponent: Tree, style: Style) -> str:
    below = _show(base, style, _ATOM)
    if style == "latex":
        return f"{below}^{braced(_show(exponent, style))}"
    if isinstance(exponent, (int, float)) and float(exponent).is_integer() and not is_scientific(abs(exponent)):
        return below + raised(int(exponent))
    return f"{below}^{_show(exponent, style, _ATOM)}"


def _call(op: str, parts: Sequence[Tree], style: Style) -> str:
    text_name, latex_name = _CALLS.get(op, (op, rf"\operatorname{{{escaped(op)}}}"))
    name = text_name if style == "text" else latex_name
    return name + _fenced(", ".join(_show(part, style) for part in parts), style)


def _fenced(inside: str, style: Style) -> str:
    return rf"\left({inside}\right)" if style == "latex" and r"\frac" in inside else f"({inside})"


# ------------------------------------------------------------------ algebra


def simplify(tree: Tree) -> Tree:
    """Tidy a formula without rearranging it, so that a reader still sees where each part came from.

    1·a and a·1 become a, −1·a and a·(−1) become −a, a¹ and a/1 become a, a + (−b) becomes a − b, a − (−b) becomes
    a + b, a·(1/b) becomes a/b, −(−a) becomes a, and numbers are folded in + − × ÷ and whole powers. 0·a stays: a zero
    is information. In a product the first factor stays first.

    Parameters
    ----------
    tree
        The formula; it is not changed.

    Returns
    -------
    Tree
        The tidied formula.

    Raises
    ------
    TypeError
        If ``tree`` is not a formula tree.
    ValueError
        If it is nested deeper than ``MAX_DEPTH``.
    """
    return _simplified(tree, 0)


def _simplified(tree: Tree, depth: int) -> Tree:
    if depth > MAX_DEPTH:
        raise ValueError(f"the formula is nested deeper than {MAX_DEPTH} levels")
    if isinstance(tree, (int, float, str)):
        return tree
    op, parts = _split(tree)
    if op in _QUANTITIES:
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
    result: float | None = None
    match op, numbers:
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
    return result if result is not None and math.isfinite(result) else None


def _walk(tree: Tree) -> Iterator[Tree]:
    """Every subtree, from left to right."""
    stack: list[tuple[Tree, int]] = [(tree, 0)]
    while stack:
        part, depth = stack.pop()
        if depth > MAX_DEPTH:
            raise ValueError(f"the formula is nested deeper than {MAX_DEPTH} levels")
        yield part
        if not isinstance(part, (int, float, str)):
            op, parts = _split(part)
            if op not in _QUANTITIES:
                stack.extend((inner, depth + 1) for inner in reversed(parts))


def operations(tree: Tree) -> int:
    """Count the elementary operations of a formula: one for each operation; numbers and variables cost nothing.

    Raises
    ------
    TypeError
        If ``tree`` is not a formula tree.
    ValueError
        If it is nested deeper than ``MAX_DEPTH``.
    """
    return sum(not isinstance(part, (int, float, str)) and part[0] not in _QUANTITIES for part in _walk(tree))


def variables(tree: Tree) -> list[str]:
    """List the labels whose primal values a formula reads, each once, in order of appearance; errors as above."""
    return list(dict.fromkeys(part for part in _walk(tree) if isinstance(part, str) and part != HOLE))


# ------------------------------------------------------- the rules of sweeps


def adjoint_formula(source: str, partial: Tree) -> Tree:
    """Return what an adjoint step adds: the adjoint of ``source`` times its local derivative, tidied."""
    return simplify(["multiply", ["bar", source], partial])


def tangent_formula(arguments: Sequence[object], partials: Sequence[Tree | None]) -> Tree:
    """Return the tangent of a node: the sum over its arguments of their tangents times the local derivatives.

    Parameters
    ----------
    arguments
        The node's arguments; what is not a label is a constant.
    partials
        One local derivative an argument, None for a constant.

    Returns
    -------
    Tree
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
