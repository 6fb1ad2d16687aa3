"""Formulas as trees, and how they are printed: in LaTeX and on one line of Unicode text.

A tree is a number, a variable (the label of a node, such as ``"x1"``) or a list ``[op, *parts]``, so that it is
JSON as it stands. ``["dot", "x1"]`` is the tangent of x1, ``["bar", "x1"]`` its adjoint, ``["partial", "w1", "x1"]``
the local derivative ∂w₁/∂x₁ and ``["number", "Infinity"]`` a constant that JSON cannot carry. The other operations
have the names of primitives; a name that is not known here is printed as a function call.

``widgets/src/math/formulas.ts`` is the twin of this module: the two give the same strings, and
``tests/golden/formulas.json`` holds them to it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from .algebra import (
    MAX_DEPTH,
    NUMBERS,
    Tree,
    adjoint_formula,
    contribution_cost,
    operations,
    simplify,
    split,
    tangent_cost,
    tangent_formula,
    variables,
)
from .notation import Style, braced, escaped, is_scientific, label_latex, label_text, number, raised

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
    "tangent_cost",
    "tangent_formula",
    "text",
    "variables",
]


class Equation(NamedTuple):
    """One line of mathematics in two notations."""

    latex: str
    text: str


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

    Args:
        tree: The formula.
        values: Numbers to put in: the key of a variable is its label, of a tangent ``dot x1``, of an adjoint ``bar
            x1``. What has no number is printed as a symbol.

    Returns:
        The text.

    Raises:
        TypeError: If ``tree`` is not a formula tree.
        ValueError: If it is nested deeper than ``MAX_DEPTH``.
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

    Args:
        left: What is computed, such as ``["bar", "x1"]``.
        formula: The right side.
        values: The numbers known, as in :func:`text`.
        value: The number that comes out, or None for an array, which is not printed.
        accumulates: Print ``+=`` because the value is added to what has arrived before.

    Returns:
        The line in LaTeX and as text.

    Raises:
        TypeError: If a side is not a formula tree.
        ValueError: If a side is nested deeper than ``MAX_DEPTH``.
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
    op, parts = split(tree)
    if op == "number":
        return NUMBERS[str(parts[0])]
    if op in ("dot", "bar"):
        key = f"{op} {parts[0]}"
        return float(values[key]) if key in values else tree
    if op == "partial":
        return tree
    inside = [_filled(part, values, depth + 1) for part in parts]
    match op, inside:
        case "square", [part]:
            return ["power", part, 2.0]
        case "reciprocal", [part]:
            return ["divide", 1.0, part]
        case "exp2", [part]:
            return ["power", 2.0, part]
        case "expm1", [part]:
            return ["subtract", ["exp", part], 1.0]
        case "log1p", [part]:
            return ["log", ["add", 1.0, part]]
    return [op, *inside]


def _level(tree: Tree, style: Style) -> int:
    if isinstance(tree, (int, float)):
        return _NEGATIVE if tree < 0 else _PRODUCT if is_scientific(tree) else _ATOM
    if isinstance(tree, str):
        return _ATOM
    op, parts = split(tree)
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
    op, parts = split(tree)
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
