"""Symbolic derivatives: the textbook's, and equal in value to the numeric and the automatic ones."""

import math
import subprocess
import sys

import numpy as np
import pytest
import sympy

from stepgrad import grad, numeric, symbolic
from stepgrad.expression_syntax import FUNCTIONS
from stepgrad.expressions import ExpressionError, expression


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x1*x2 + sin(x1)", {"x1": "x2 + cos(x1)", "x2": "x1"}),
        ("log(x1) + x1*x2 - sin(x2)", {"x1": "x2 + 1/x1", "x2": "x1 - cos(x2)"}),
        ("3*x**2 - x/4 + 7", {"x": "6*x - 1/4"}),
        ("0.3*x", {"x": "0.3"}),
        ("1/x", {"x": "-1/x**2"}),
        ("x**0.5", {"x": "1/(2*sqrt(x))"}),
        ("e**x + e*x", {"x": "exp(x) + e"}),
        ("asin(x) + acosh(y)", {"x": "1/sqrt(1 - x**2)", "y": "1/(sqrt(y - 1)*sqrt(y + 1))"}),
        ("sigmoid(w*x)", {"w": "x*(1 - sigmoid(w*x))*sigmoid(w*x)", "x": "w*(1 - sigmoid(w*x))*sigmoid(w*x)"}),
        ("softplus(x)", {"x": "sigmoid(x)"}),
        ("abs(x)", {"x": "sign(x)"}),
        ("relu(x)", {"x": "(1 if x > 0 else 0)"}),
        ("max(x, y)", {"x": "(1 if x >= y else 0)", "y": "(1 if x < y else 0)"}),
        ("clip(x, 0, 1)", {"x": "(1 if x >= 0 and x <= 1 else 0)"}),
        ("arctan2(y, x)", {"x": "-y/(x**2 + y**2)", "y": "x/(x**2 + y**2)"}),
        ("theta**2*pi", {"theta": "2*pi*theta"}),
        ("2*3", {}),
    ],
)
def test_derivatives_of_the_textbook(text, expected):
    partials = symbolic.derivative(text)
    assert {name: partial.text for name, partial in partials.items()} == expected
    assert symbolic.derivative(expression(text)).keys() == partials.keys()


def test_what_a_derivative_tells():
    partial = symbolic.derivative("x1*x2 + sin(x1)")["x1"]
    x1, x2 = sympy.symbols("x1 x2")
    assert partial.expression == x2 + sympy.cos(x1)
    assert partial.latex == r"x_{2} + \cos{\left(x_{1} \right)}"
    assert partial._repr_latex_() == rf"$\displaystyle {partial.latex}$"
    assert partial.operation_count == 2
    assert partial.value(x1=2.0, x2=3.0) == 2.5838531634528574
    assert repr(partial) == "<SymbolicFormula x2 + cos(x1)>"


def test_latex_of_our_own_functions():
    latex = {
        text: symbolic.symbolic_formula(text).latex for text in ("abs(x)**2", "sigmoid(x)", "max(x, y)", "floor(x)")
    }
    assert latex == {
        "abs(x)**2": r"\left|{x}\right|^{2}",
        "sigmoid(x)": r"\sigma\left(x\right)",
        "max(x, y)": r"\max\left(x, y\right)",
        "floor(x)": r"\left\lfloor{x}\right\rfloor",
    }


def test_the_formula_itself():
    formula = symbolic.symbolic_formula("x*y + asin(x)")
    assert formula.text == "x*y + arcsin(x)"
    assert formula.operation_count == 3
    assert formula.value(x=0.5, y=2.0) == 1 + math.asin(0.5)


FORMULAS = [
    "x**3*y - 2*x/y + x**y",
    "exp(-x**2/2)*cos(3*y)/sqrt(1 + y**2)",
    "tanh(x)*sinh(y) - cosh(x*y)",
    "log(1 + x**2) + log2(y)*log10(x) + log1p(x)*expm1(-y) + exp2(x/3)",
    "arcsin(x/4)*arccos(y/4) + arctan(x*y) + arctan2(x, y)",
    "arcsinh(x) + arccosh(1 + y) - arctanh(x/4)",
    "hypot(x, y) + logaddexp(x, 2*y) + cbrt(x - 2) + reciprocal(y) + square(x)",
    "abs(x - y)*relu(x*y - 1) + sign(x)*y",
    "max(x, y, x*y/2)*min(x, 2*y, 1)",
    "clip(x*y, 1, 2)*x + remainder(x, y)",
    "sigmoid(x - y)*softplus(2*x) + floor(x)*ceil(y) + round(x*y)*x",
    "1/(1 + exp(-(0.25*x - 3.141592653589793*y)))",
    "(x + y)**(1/3) + (2*x)**2.5 + tan(x/3) - (-x)**3",
    "max(sin(x), sin(x))*min(y, y)",
    "sqrt(x**2)*log(exp(y))",
]


@pytest.mark.parametrize("text", FORMULAS)
def test_values_agree_with_automatic_and_numeric_ones(text):
    f = expression(text)
    partials = symbolic.derivative(f)
    generator = np.random.default_rng(7)
    for x, y in generator.uniform(0.3, 2.7, (10, 2)).tolist():
        values = [partials[name].value(x=x, y=y) for name in ("x", "y")]
        assert values == pytest.approx([grad(f, k)(x, y) for k in (0, 1)], rel=1e-11, abs=1e-12)
        assert values == pytest.approx(numeric.derivative(f, (x, y)), rel=1e-5, abs=1e-6)


def test_every_function_has_a_derivative():
    for name, function in FUNCTIONS.items():
        names = ("x", "y", "z")[: function.least]
        f = expression(f"{name}({', '.join(names)})")
        at = dict(zip(names, (1.25, 0.5, 0.75) if "cosh" in name else (0.25, 0.5, 0.75), strict=False))
        values = [partial.value(**at) for partial in symbolic.derivative(f).values()]
        assert values == pytest.approx([grad(f, k)(*at.values()) for k in range(len(names))], rel=1e-13), name


@pytest.mark.parametrize(
    ("text", "point"),
    [
        ("relu(x)", {"x": 0.0}),
        ("abs(x)", {"x": 0.0}),
        ("sign(x)", {"x": 0.0}),
        ("floor(x)", {"x": 1.0}),
        ("max(x, y)", {"x": 1.0, "y": 1.0}),
        ("min(x, y)", {"x": 1.0, "y": 1.0}),
        ("max(x, y, z)", {"x": 1.0, "y": 1.0, "z": 1.0}),
        ("max(x, x)", {"x": 1.0}),
        ("clip(x, -1, 1)", {"x": 1.0}),
        ("clip(x, -1, 1)", {"x": -1.0}),
        ("clip(x, y, z)", {"x": 0.0, "y": 0.0, "z": 1.0}),
        ("clip(x, y, z)", {"x": 3.0, "y": 0.0, "z": 1.0}),
        ("clip(x, y, z)", {"x": -3.0, "y": 0.0, "z": 1.0}),
    ],
)
def test_kinks_follow_the_conventions(text, point):
    f = expression(text)
    for k, partial in enumerate(symbolic.derivative(f).values()):
        assert partial.value(**point) == grad(f, k)(*point.values())


def test_values_at_arrays():
    partials = symbolic.derivative("x*y + 2*x")
    x, y = np.ones((2, 1)), np.arange(3.0)
    np.testing.assert_array_equal(partials["x"].value(x=x, y=y), np.broadcast_to(y + 2, (2, 3)))
    value = symbolic.derivative("relu(x)")["x"].value(x=np.array([-1.0, 0.0, 2.0]))
    np.testing.assert_array_equal(value, [0, 0, 1])
    assert symbolic.derivative("2*x")["x"].value(x=y).tolist() == [2, 2, 2]
    assert symbolic.derivative("2*x")["x"].value() == 2.0


def test_values_outside_the_domain():
    assert symbolic.derivative("log(x)")["x"].value(x=0) == math.inf
    assert math.isnan(symbolic.derivative("sqrt(x)")["x"].value(x=-1))
    assert math.isnan(symbolic.derivative("(-2)**x")["x"].value(x=0.5))


def test_values_name_what_is_missing():
    partial = symbolic.derivative("x*y")["x"]
    with pytest.raises(TypeError, match="a value is needed for each of y: y is missing"):
        partial.value(x=1)
    with pytest.raises(TypeError, match="there is no z"):
        partial.value(y=1, z=2)


def test_numbers_stay_small():
    for text in ("(2*x)**(10**10)", "((3*x)**1000)**1000", "(2/3)**(10**9)*x", "10**300*x", "7**(7**3)*x"):
        partial = symbolic.derivative(text)["x"]
        assert len(partial.text) < 60
        assert len(partial.latex) < 90
    assert symbolic.derivative("10**20*x")["x"].value() == 1e20


def test_refusals():
    with pytest.raises(ExpressionError, match="write 2\\*x"):
        symbolic.derivative("2x")
    for text, part in [("1/0*x", "1/0"), ("x + 10**10**10", "10**10**10"), ("relu(sqrt(-1))*x", "sqrt(-1)")]:
        with pytest.raises(ValueError, match="is not a finite number") as caught:
            symbolic.derivative(text)
        assert str(caught.value).startswith(part)


def test_deep_formulas():
    assert symbolic.derivative("sin(" * 100 + "x" + ")" * 100)["x"].value(x=0) == 1
    assert symbolic.derivative("+".join("x" * 1000))["x"].value() == 1000
    assert symbolic.derivative("relu(" * 100 + "x" + ")" * 100)["x"].value(x=2) == 1


def test_names_that_sympy_gives_a_meaning():
    partials = symbolic.derivative("I*E + S*N*beta + select")
    assert {name: partial.text for name, partial in partials.items()} == {
        "beta": "N*S", "E": "I", "I": "E", "N": "S*beta", "S": "N*beta", "select": "1",
    }  # fmt: skip
    assert partials["beta"].value(N=2, S=3) == 6


def test_sympy_is_imported_when_it_is_needed():
    code = "import sys, stepgrad.symbolic; sys.exit('sympy' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)
