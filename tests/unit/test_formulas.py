"""Formula trees: what they print, and that the browser's twin prints the same (tests/golden/formulas.json).

After a deliberate change write the file anew: ``python tests/unit/test_formulas.py``.
"""

from __future__ import annotations

import json
import math
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stepgrad.documents import formulas
from stepgrad.documents.formulas import (
    Tree,
    adjoint_formula,
    contribution_cost,
    equation,
    label_latex,
    label_text,
    latex,
    number,
    operations,
    simplify,
    tangent_cost,
    tangent_formula,
    text,
    variables,
)

GOLDEN = Path(__file__).parents[1] / "golden" / "formulas.json"

UNARY = """
negative exp exp2 expm1 log log2 log10 log1p sqrt cbrt square reciprocal sin cos tan arcsin arccos arctan sinh cosh
tanh arcsinh arccosh arctanh absolute sign relu sigmoid softplus floor ceil round transpose sum copy
"""
BINARY = """
add subtract multiply divide power arctan2 maximum minimum logaddexp hypot remainder greater greater_equal less
less_equal equal not_equal matmul outer
"""
UNARY_KINDS = ["negative", "exp", "expm1", "sqrt", "square", "sin", "absolute", "relu", "transpose"]  # of printing
BINARY_KINDS = ["add", "subtract", "multiply", "divide", "power", "maximum", "greater_equal", "matmul"]
TERNARY = ["clip", "where", "einsum"]

NUMBERS = [
    0.0, -0.0, 1.0, -1.0, 2.0, 10.0, 100.0, 1234.0, 99999.0, 99999.5, 99999.9996, 1e5, -1e5, 123456.0, 1e21, 1.5e300,
    0.1875, 0.3125, 0.0625, 0.4375, 2.5, 0.0005, 1.0005, 2.0005, -0.1875, 0.1, 0.5, 1 / 3, -1 / 3, 2 / 3, math.pi,
    -0.4161468365471424, 6.909297426825682, 2.5838531634528574, 0.99949999, 0.9995, 0.9996, 9.9996, 0.09995, 0.0999,
    0.099951171875, 0.01171875, 0.0078125, 0.001, 0.0009995, 0.00099951171875, 2.5e-4, 2.44140625e-4, 1e-5, 1.23e-5,
    1e-300, 5e-324, 2.2250738585072014e-308, 1.7976931348623157e308, 1.005e10, 1.0049999e10, 1015000.0, 1025000.0,
    0.3, 0.29999999999999999, 1e-3, 9.999e-4, 12345.6789, 0.0123456, -0.0123456,
    math.inf, -math.inf, math.nan,
]  # fmt: skip

LABELS = [
    "x", "x1", "x12", "w3", "f", "y", "loss", "loss2", "x_1", "x_1_2", "w_hidden", "w_h", "w_hidden_1", "w1_hidden",
    "W_ih", "theta", "theta1", "w_theta", "lambda_", "Omega", "omega2", "θ", "θ1", "é1", "alpha_beta", "x_", "_x", "□",
    "__proto__", "constructor", "toString", "x[0]", 'params["W"]', "<img onerror=alert(1)>", "a&b", "\\input{x}", "a b",
    "x1y", "1x", "12", "", "x'", "𝒳1", "x̂", "$x^2$", "a%b#c~d{e}", "hasOwnProperty", "a_1b", "í", "it1", "ϕ",
]  # fmt: skip

KNOWN = {
    "x": -3.0,
    "x1": 2.0,
    "x2": 3.0,
    "w1": 0.9092974268256817,
    "w2": 1e-7,
    "z": 0.1875,
    "f": math.inf,
    "dot x1": 1.0,
    "dot x2": -0.5,
    "bar w1": 1.0,
    "bar f": 123456.0,
    "constructor": 4.0,
}


def trees() -> list[Tree]:
    """Every operation alone, nested in every other, and what the sweeps and books write."""
    found: list[Tree] = [0, 1, -1, 2.5, -0.0, 1e-7, "x1", "f", ["dot", "x1"], ["bar", "w_hidden"], ["bar", "loss"]]
    found += [["partial", "w1", "x1"], ["number", "Infinity"], ["number", "-Infinity"], ["number", "NaN"]]
    found += [tree for op in UNARY.split() for tree in ([op, "x1"], [op, -2], [op, ["add", "x1", "x2"]])]
    found += [tree for op in BINARY.split() for tree in ([op, "x1", "x2"], [op, "x", 2])]
    found += [[op, "x1", 0, "w_hidden"] for op in TERNARY]
    for a in UNARY_KINDS:
        found += [[a, [b, "x1"]] for b in UNARY_KINDS] + [[a, [b, "x1", "x2"]] for b in BINARY_KINDS]
    for a in BINARY_KINDS:
        found += [tree for b in UNARY_KINDS for tree in ([a, [b, "x1"], "x2"], [a, "x2", [b, "x"]])]
        found += [tree for b in BINARY_KINDS for tree in ([a, [b, "x1", "x2"], "x"], [a, "x", [b, "x1", "x2"]])]
    signs = [-1, 0, 1, 2.5, "x", ["negative", "x"], ["divide", 1, "x"], ["reciprocal", "x"]]
    found += [[op, a, b] for op in ("add", "subtract", "multiply", "divide", "power") for a in signs for b in signs]
    found += [["multiply", ["multiply", a, ["bar", "f"]], "x"] for a in signs]
    found += [
        ["multiply", ["bar", "w1"], ["cos", "x1"]],
        ["multiply", ["bar", "w1"], ["negative", ["sin", "x1"]]],
        ["multiply", ["bar", "w1"], ["multiply", 3, ["power", "x1", ["subtract", 3, 1]]]],
        ["multiply", ["bar", "w1"], ["divide", 1, ["multiply", 2, "w1"]]],
        ["multiply", ["bar", "w1"], ["subtract", 1, ["square", "w1"]]],
        ["multiply", ["bar", "f"], ["divide", ["negative", "x1"], ["square", "x2"]]],
        ["multiply", ["bar", "w1"], ["multiply", ["power", "x1", "x2"], ["log", "x1"]]],
        ["multiply", ["dot", "x1"], ["greater_equal", "x1", "x2"]],
        ["multiply", ["dot", "x1"], ["multiply", "w1", ["subtract", 1, "w1"]]],
        ["add", ["multiply", ["dot", "x1"], "x2"], ["multiply", ["dot", "x2"], "x1"]],
        ["matmul", ["transpose", "W"], "□"],
        ["matmul", "W", ["add", "x1", "b"]],
        ["multiply", 3, ["multiply", 4, 5]],
        ["power", 2, 64],
        ["power", 2, 65],
        ["power", 10, 30],
        ["power", 0.1, 3],
        ["power", 2, -1],
        ["power", "x1", 100000],
        ["power", "x1", -2],
        ["power", "x1", 0.5],
        ["power", ["bar", "w1"], 2],
        ["divide", 0, 0],
        ["divide", 1e308, 1e-308],
        ["multiply", 0, "x1"],
        ["multiply", 0, -3],
        ["add", 0, "x1"],
        ["frobnicate", "x1", ["add", 1, 2]],
        ["constructor", "x1"],
        ["__proto__", "x1"],
        ["<b>&", "x1"],
        ["log", "x1", 2],
        ["where", ["greater", "x1", 0], ["exp", "x1"], ["negative", "x2"]],
        ["multiply", ["add", ["sin", "x1"], ["cos", "x1"]], ["divide", ["sin", "x1"], ["multiply", "x1", "x2"]]],
        ["multiply", ["divide", "x1", ["sin", "x2"]], "x"],
        ["multiply", ["negative", ["multiply", "x1", ["sin", "x2"]]], "x"],
        ["power", ["divide", 1, "x1"], ["add", "x1", 1]],
        ["sin", "constructor"],
        ["add", "__proto__", "hasOwnProperty"],
        ["sqrt", ["divide", 1, "x1"]],
        ["absolute", ["subtract", "x1", ["absolute", "x2"]]],
    ]
    return found


EQUATIONS: list[tuple[Tree, Tree, float | None, bool]] = [
    (["bar", "x1"], ["multiply", ["bar", "w1"], ["cos", "x1"]], -0.4161468365471424, True),
    (["bar", "w1"], ["bar", "g"], 1.0, False),
    (["bar", "x2"], ["bar", "w1"], 1.0, False),
    (["bar", "f"], 1, 1.0, False),
    ("w1", ["sin", "x1"], 0.9092974268256817, False),
    (["dot", "w2"], tangent_formula(["x1", "x2"], ["x2", "x1"]), 2.0, False),
    (["dot", "w2"], 0, 0.0, False),
    (["bar", "W"], ["matmul", ["bar", "h"], ["transpose", "x3"]], None, True),
]


def golden() -> dict[str, Any]:
    """All that both twins must agree on."""

    def case(tree: Tree) -> list[Any]:  # a list, not a dictionary, because there are many
        tidy = [] if simplify(tree) == tree else [simplify(tree)]
        lines = [text(tree), latex(tree), text(tree, KNOWN), latex(tree, KNOWN)]
        return [tree, *lines, operations(tree), variables(tree), contribution_cost(tree), *tidy]

    def named(value: float) -> float | str:
        return value if math.isfinite(value) else str(value).replace("inf", "Infinity").replace("nan", "NaN")

    unique = {json.dumps(tree): tree for tree in trees()}
    tangents: list[tuple[list[Any], list[Any]]] = [
        (["x1", "x2"], ["x2", "x1"]),
        (["x1", "x1"], ["x1", "x1"]),
        (["x1", "x2"], [1, -1]),
        (["x1", 2], [2, None]),
        (["x1", "x2"], [0, 1]),
        (["x1"], [0]),
        (["x1", "x2"], [["multiply", 0, 0], 0]),
        ([2], [None]),
        (["c", "x1", "x2"], [None, ["greater", "c", 0], ["equal", "c", 0]]),
        (["x1", "x2", "x"], ["x2", ["negative", "x1"], ["divide", 1, "x"]]),
    ]
    return {
        "known": {key: named(value) for key, value in KNOWN.items()},
        "numbers": [{"value": named(v), "text": number(v), "latex": number(v, "latex")} for v in NUMBERS],
        "labels": [
            {"label": label, "accent": accent, "text": label_text(label, accent), "latex": label_latex(label, accent)}
            for label in LABELS
            for accent in (None, "dot", "bar")
        ],
        "trees": [case(tree) for tree in unique.values()],
        "tangents": [
            {"arguments": a, "partials": p, "formula": tangent_formula(a, p), "cost": tangent_cost(a, p)}
            for a, p in tangents
        ],
        "equations": [
            {"left": left, "formula": formula, "value": value, "accumulates": accumulates}
            | equation(left, formula, KNOWN, value, accumulates=accumulates)._asdict()
            for left, formula, value, accumulates in EQUATIONS
        ],
    }


def written() -> str:
    """The golden file, one case a line."""
    lines = [
        f'"{key}": [\n'
        + ",\n".join(json.dumps(case, ensure_ascii=False, allow_nan=False, separators=(",", ":")) for case in part)
        + "\n]"
        if isinstance(part, list)
        else f'"{key}": {json.dumps(part, ensure_ascii=False, allow_nan=False)}'
        for key, part in golden().items()
    ]
    return "{\n" + ",\n".join(lines) + "\n}\n"


def test_golden_file_is_what_this_code_says() -> None:
    assert GOLDEN.read_text(encoding="utf-8") == written(), "see the top of this file"


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0, "0"), (-0.0, "0"), (0.1875, "0.188"), (-0.3125, "−0.313"), (2.5e-4, "2.5×10⁻⁴"), (99999.5, "99999.5"),
        (1e5, "1×10⁵"), (1.23e-5, "1.23×10⁻⁵"), (0.0123456, "0.0123"), (5e-324, "4.94×10⁻³²⁴"), (2.50, "2.5"),
        (math.inf, "∞"), (-math.inf, "−∞"), (math.nan, "NaN"), (10, "10"), (100, "100"),
    ],
)  # fmt: skip
def test_numbers_are_rounded_for_reading(value: float, shown: str) -> None:
    assert number(value) == shown


@given(st.floats())
def test_a_printed_number_is_near_and_short(value: float) -> None:
    shown = number(value)
    assert len(shown) <= 13
    if math.isfinite(value) and value != 0 and 1e-3 <= abs(value) < 1e5:
        back = float(shown.replace("−", "-"))
        assert abs(Decimal(back) - Decimal(value)) <= max(Decimal("0.00050001"), abs(Decimal(value)) / 190)


@pytest.mark.parametrize(
    ("label", "accent", "shown", "set_in_latex"),
    [
        ("x1", None, "x₁", "x_1"),
        ("x12", "bar", "x̄₁₂", r"\bar{x}_{12}"),
        ("w1", "dot", "ẇ₁", r"\dot{w}_1"),
        ("theta", None, "θ", r"\theta"),
        ("loss", None, "loss", r"\mathrm{loss}"),
        ("loss", "bar", "l̄oss", r"\overline{\mathrm{loss}}"),
        ("w_hidden", None, "w_hidden", r"w_{\mathrm{hidden}}"),
        ("f", "bar", "f̄", r"\bar{f}"),
    ],
)
def test_labels(label: str, accent: Any, shown: str, set_in_latex: str) -> None:
    assert (label_text(label, accent), label_latex(label, accent)) == (shown, set_in_latex)


@pytest.mark.parametrize(
    ("tree", "shown", "set_in_latex"),
    [
        (["multiply", "x1", "x2"], "x₁·x₂", r"x_1 \cdot x_2"),
        (["sin", "x1"], "sin x₁", r"\sin x_1"),
        (["sin", ["add", "x1", "x2"]], "sin(x₁ + x₂)", r"\sin(x_1 + x_2)"),
        (["multiply", ["sin", "x1"], "x2"], "sin(x₁)·x₂", r"\sin(x_1) \cdot x_2"),
        (["divide", 1, "x1"], "1/x₁", r"\frac{1}{x_1}"),
        (["divide", 1, ["multiply", "x1", "x2"]], "1/(x₁·x₂)", r"\frac{1}{x_1 \cdot x_2}"),
        (["power", "x1", 2], "x₁²", "x_1^2"),
        (["power", "x1", "w2"], "x₁^w₂", "x_1^{w_2}"),
        (["power", ["sin", "x1"], 2], "(sin x₁)²", r"(\sin x_1)^2"),
        (["multiply", "x1", -2], "x₁·(−2)", r"x_1 \cdot (-2)"),
        (["add", "x1", -2], "x₁ + (−2)", "x_1 + (-2)"),
        (["negative", -2], "−(−2)", "-(-2)"),
        (["exp", ["negative", "x1"]], "exp(−x₁)", "e^{-x_1}"),
        (["sqrt", "x1"], "√x₁", r"\sqrt{x_1}"),
        (["log", "x1"], "log x₁", r"\log x_1"),
        (["absolute", "x1"], "|x₁|", r"\lvert x_1 \rvert"),
        (["maximum", "z", "w"], "max(z, w)", r"\max(z, w)"),
        (["greater_equal", "z", "w"], "[z ≥ w]", r"[z \ge w]"),
        (["relu", "x1"], "relu x₁", r"\operatorname{relu} x_1"),
        (["subtract", "x1", ["subtract", "x2", "x3"]], "x₁ − (x₂ − x₃)", "x_1 - (x_2 - x_3)"),
        (["partial", "w1", "x1"], "∂w₁/∂x₁", r"\frac{\partial w_1}{\partial x_1}"),
        (["unheard_of", "x1"], "unheard_of(x₁)", r"\operatorname{unheard\_of}(x_1)"),
    ],
)
def test_formulas(tree: Tree, shown: str, set_in_latex: str) -> None:
    assert (text(tree), latex(tree)) == (shown, set_in_latex)


def test_a_step_is_one_line_of_mathematics() -> None:
    formula = adjoint_formula("w1", ["cos", "x1"])
    line = equation(["bar", "x1"], formula, {"x1": 2, "bar w1": 1}, math.cos(2), accumulates=True)
    assert line.text == "x̄₁ += w̄₁·cos x₁ = 1·cos 2 = −0.416"
    assert line.latex == r"\bar{x}_1 \mathrel{+}= \bar{w}_1 \cdot \cos x_1 = 1 \cdot \cos 2 = -0.416"
    assert equation(["bar", "w1"], ["bar", "f"], {"bar f": 1}, 1.0).text == "w̄₁ = f̄ = 1"


@pytest.mark.parametrize(
    ("tree", "tidy"),
    [
        (["multiply", 1, "a"], "a"),
        (["multiply", "a", 1.0], "a"),
        (["multiply", -1, "a"], ["negative", "a"]),
        (["multiply", "a", -1], ["negative", "a"]),
        (["multiply", 0, "a"], ["multiply", 0, "a"]),
        (["power", "a", 1], "a"),
        (["add", "a", ["negative", "b"]], ["subtract", "a", "b"]),
        (["multiply", "a", ["divide", 1, "b"]], ["divide", "a", "b"]),
        (["negative", ["negative", "a"]], "a"),
        (["multiply", 3, ["power", "a", ["subtract", 3, 1]]], ["multiply", 3, ["power", "a", 2]]),
        (["divide", 1, 0], ["divide", 1, 0]),
        (["sin", 0], ["sin", 0]),
    ],
)
def test_simplify(tree: Tree, tidy: Tree) -> None:
    assert simplify(tree) == tidy


def test_counts() -> None:
    tree = ["multiply", ["bar", "w1"], ["multiply", "x1", ["cos", ["multiply", 2, "x1"]]]]
    assert operations(tree) == 4
    assert variables(tree) == ["x1"]
    assert [contribution_cost(partial) for partial in (1, -1, "x2", 2, ["cos", "x1"])] == [0, 1, 1, 1, 2]
    assert tangent_formula(["x1", "x1"], ["x1", "x1"]) == ["add", *(["multiply", ["dot", "x1"], "x1"],) * 2]


_atoms = st.one_of(
    st.sampled_from(["x1", "x2", "loss"]),
    st.integers(-3, 3),
    st.floats(-10, 10),
    st.sampled_from([["dot", "x1"], ["bar", "x2"]]),
)
_trees: st.SearchStrategy[Any] = st.recursive(
    _atoms,
    lambda inner: st.one_of(
        st.tuples(st.sampled_from(UNARY.split()), inner).map(list),
        st.tuples(st.sampled_from(BINARY.split()), inner, inner).map(list),
    ),
    max_leaves=12,
)


@given(_trees)
def test_simplify_is_idempotent_on_what_it_prints_and_never_costs_more(tree: Tree) -> None:
    tidy = simplify(tree)
    assert operations(tidy) <= operations(tree)
    assert set(variables(tidy)) == set(variables(tree))
    assert text(tidy).count("(") == text(tidy).count(")")
    assert latex(tidy).count("{") == latex(tidy).count("}")


@pytest.mark.parametrize("function", [text, latex, simplify, operations, variables])
def test_bad_trees_are_refused(function: Any) -> None:
    for bad in ([], [1, "x"], None, {"a": 1}, ["dot"], ["bar", 3], ["partial", "x"]):
        with pytest.raises(TypeError):
            function(bad)
    deep: Any = "x"
    for _ in range(formulas.MAX_DEPTH + 1):
        deep = ["sin", deep]
    with pytest.raises(ValueError, match="nested deeper"):
        function(deep)


if __name__ == "__main__":
    GOLDEN.write_text(written(), encoding="utf-8")
