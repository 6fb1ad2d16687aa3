"""Text to function: what is understood, what it computes, and what is said about the rest."""

import inspect
import math
import pickle
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stepgrad.autodiff.primitives import elementwise
from stepgrad.autodiff.tensor import Tensor
from stepgrad.expression_syntax import FUNCTIONS, MAX_DEPTH, MAX_LENGTH
from stepgrad.expressions import Expression, ExpressionError, expression, natural_order

KNOWN = " Known are sin, cos, tan, exp, log, sqrt, abs, max, min, tanh, sigmoid, relu and more like them."


def refusal(text):
    with pytest.raises(ExpressionError) as caught:
        expression(text)
    return caught.value


# What it is ---------------------------------------------------------------------------------------------------------


def test_a_formula_is_a_function():
    f = expression("x1*x2 + sin(x1)")
    assert f.variables == ("x1", "x2")
    assert f(2.0, 3.0) == 2.0 * 3.0 + math.sin(2.0)
    assert f(x2=3.0, x1=2.0) == f(2.0, x2=3.0) == f(2, 3) == f(2.0, 3.0)
    assert type(f(2, 3)) is float
    assert f.__name__ == "f"
    assert str(inspect.signature(f)) == "(x1, x2)"
    assert repr(f) == "expression('x1*x2 + sin(x1)')"
    assert f.text == "x1*x2 + sin(x1)"


def test_an_expression_of_an_expression_is_itself():
    f = expression("x")
    assert expression(f) is f


def test_it_can_be_pickled():
    f = pickle.loads(pickle.dumps(expression("x1**2")))
    assert f(3.0) == 9.0
    error = pickle.loads(pickle.dumps(refusal("2x")))
    assert (str(error), error.text, error.column) == (str(refusal("2x")), "2x", 1)


def test_variables_stand_in_natural_order():
    assert expression("x10 + x2 + y + x + x1 + A").variables == ("A", "x", "x1", "x2", "x10", "y")
    assert sorted(["w2b", "w2", "w10", "w"], key=natural_order) == ["w", "w2", "w2b", "w10"]


def test_wrong_arguments_are_named():
    f = expression("x1*x2")
    for arguments, named in [((1.0,), {}), ((1.0, 2.0, 3.0), {}), ((1.0,), {"y": 2.0}), ((1.0, 2.0), {"x1": 1.0})]:
        with pytest.raises(TypeError, match="'x1\\*x2' takes x1, x2"):
            f(*arguments, **named)
    with pytest.raises(TypeError, match="made of text"):
        expression(3)


# What it computes ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("-2**2", -4.0),
        ("2**3**2", 512.0),
        ("2**-1", 0.5),
        ("-2 - -3", 1.0),
        ("+2", 2.0),
        ("1 - 2 - 3", -4.0),
        ("8/2/2", 2.0),
        ("2*(3 + 4)", 14.0),
        (".5 + 5. + 1e-3 + 2E2", 205.501),
        ("2*pi + e", 2 * math.pi + math.e),
        ("np.pi + math.e + π", 2 * math.pi + math.e),
        ("max(1, 5, 3)", 5.0),
        ("min(1, 5, -3, 2)", -3.0),
        ("np.maximum(1, 2)", 2.0),
        ("clip(5, 0, 3)", 3.0),
        ("ln(e)", 1.0),
        ("abs(-3)", 3.0),
        ("relu(-3) + relu(2)", 2.0),
        ("sigmoid(0)", 0.5),
        ("softplus(0)", math.log(2)),
        ("2−3×4÷6·5", -8.0),
        (" \t7  ", 7.0),
        ("10**10**10", math.inf),
        ("1/0", math.inf),
        ("123456789012345678901234567890", 123456789012345678901234567890.0),
    ],
)
def test_values(text, value):
    f = expression(text)
    assert f.variables == ()
    assert f.operations == ()
    assert type(f()) is float
    assert f() == pytest.approx(value, rel=1e-15)


def test_every_function_calls_its_primitive():
    for name, function in FUNCTIONS.items():
        variables = ("x", "y", "z")[: function.least]
        f = expression(f"{name}({', '.join(variables)})")
        arguments = (0.25, 0.5, 0.75)[: function.least]
        if name in ("arccosh", "acosh"):
            arguments = (1.25,)
        assert f(*arguments) == getattr(elementwise, function.primitive)(*arguments)
        assert math.isfinite(f(*arguments))
        assert f.operations == ((function.primitive, (0, len(f.text))),)


def test_outside_the_domain_numpy_decides():
    assert expression("x/y")(1.0, 0.0) == math.inf
    assert math.isnan(expression("x/y")(0.0, 0.0))
    assert math.isnan(expression("log(x)")(-1.0))
    assert expression("log(x)")(0.0) == -math.inf
    assert math.isnan(expression("x**0.5")(-1.0))
    assert expression("exp(x)")(1000.0) == math.inf
    assert expression("x**x")(1e300) == math.inf


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_arrays(dtype):
    x, y = np.array([[1.0], [2.0]], dtype), np.array([3.0, 4.0, 5.0], dtype)
    value = expression("2*x*y + sin(x)/3")(x, y)
    assert value.shape == (2, 3)
    assert value.dtype == dtype
    np.testing.assert_allclose(value, 2 * x * y + np.sin(x) / 3, rtol=1e-6)


# What it records: spans ---------------------------------------------------------------------------------------------


def spans(text):
    return [(name, text[start:end]) for name, (start, end) in expression(text).operations]


def test_each_operation_knows_its_characters():
    assert spans("x1*x2 + sin(x1)") == [("multiply", "x1*x2"), ("sin", "sin(x1)"), ("add", "x1*x2 + sin(x1)")]
    assert spans(" -3*pi*( y +x )") == [("add", "y +x"), ("multiply", "-3*pi*( y +x )")]
    assert spans("max(a, 2*3, b)") == [("maximum", "max(a, 2*3, b)")] * 2
    assert spans("+x") == []
    assert spans("-x") == [("negative", "-x")]
    assert spans("θ·θ − np.sin(θ)") == [("multiply", "θ·θ"), ("sin", "np.sin(θ)"), ("subtract", "θ·θ − np.sin(θ)")]


def recorded(output):
    """The primitives that were run for the output, in the order of time."""
    nodes, agenda = {}, [output]
    while agenda:
        node = agenda.pop()
        if type(node) is Tensor and node.primitive is not None and node.time not in nodes:
            nodes[node.time] = node.primitive.name
            agenda.extend(node.arguments)
    return [nodes[time] for time in sorted(nodes)]


@st.composite
def texts(draw, depth=4):
    """Text that is an expression."""
    if depth == 0 or draw(st.integers(0, 3)) == 0:
        return draw(st.sampled_from(["1", "2.5", "0.1", "pi", "-3", "x", "y", "x1", "θ"]))
    inner = texts(depth - 1)
    shape = draw(st.sampled_from(["binary", "binary", "binary", "group", "sign", "call", "max", "clip"]))
    if shape == "binary":
        return draw(inner) + draw(st.sampled_from([" + ", "-", "*", " / ", "**", "·"])) + draw(inner)
    if shape == "call":
        return f"{draw(st.sampled_from(['sin', 'exp', 'np.tanh', 'relu', 'sigmoid', 'abs']))}({draw(inner)})"
    if shape == "max":
        return f"max({', '.join(draw(st.lists(inner, min_size=2, max_size=4)))})"
    if shape == "clip":
        return f"clip({draw(inner)}, -1,2.5)"
    return f"({draw(inner)})" if shape == "group" else f"-{draw(inner)}"


@given(texts())
def test_operations_are_the_nodes_that_tensors_record(text):
    f = expression(text)
    with np.errstate(all="ignore"):
        output = f(*(Tensor(0.5 + i) for i in range(len(f.variables))))
    assert [name for name, _ in f.operations] == recorded(output)
    assert all(0 <= start < end <= len(text) for _, (start, end) in f.operations)


@given(texts())
def test_values_agree_with_python(text):
    f = expression(text)
    arguments = {name: np.float64(0.5 + i) for i, name in enumerate(f.variables)}
    ours = {name: getattr(elementwise, name) for name in ("clip", "relu", "sigmoid")}
    functions = {
        "np": np, "sin": np.sin, "exp": np.exp, "abs": np.abs, "max": lambda *items: np.max(items),
        "pi": np.float64(np.pi),
    }  # fmt: skip
    for name, primitive in ours.items():  # NumPy's numbers, since Python's power of a negative base is complex
        functions[name] = lambda *items, primitive=primitive: np.float64(primitive(*map(float, items)))
    source = re.sub(r"(?<![A-Za-z])[0-9][0-9.]*", r"np.float64(\g<0>)", text.replace("·", "*"))
    with np.errstate(all="ignore"):
        np.testing.assert_allclose(f(**arguments), eval(source, functions | arguments), rtol=1e-9)


# What is said about the rest ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "column", "sentence"),
    [
        ("", 0, "Write an expression, such as x1*x2 + sin(x1)."),
        ("   ", 0, "Write an expression, such as x1*x2 + sin(x1)."),
        ("2x", 1, "An operator is missing: to multiply, write 2*x."),
        ("2 x1 + 1", 2, "An operator is missing: to multiply, write 2*x1."),
        ("2 sin(x)", 2, "An operator is missing: to multiply, write 2*sin(x)."),
        ("(x)(y)", 3, "An operator is missing: to multiply, write (…)*(…)."),
        ("2(x)", 1, "An operator is missing: to multiply, write 2*(…)."),
        ("1.5 2", 4, "An operator is missing between 1.5 and 2."),
        ("x(y)", 0, "x is not a function that is known here. To multiply, write x*(…)."),
        ("sine(x)", 0, "sine is not a function that is known here. Did you mean sin?"),
        (
            "foo(x)",
            0,
            f"foo is not a function that is known here.{KNOWN}",
        ),
        ("pi(x)", 0, "pi is a number; to multiply, write pi*(…)."),
        ("x^2", 1, "Write ** for a power, such as x**2."),
        ("θ + x²", 5, "Write **2 for the power ²."),
        ("x* *2", 3, "Write ** for a power, without a space between."),
        ("1 + sine(x)", 4, "sine is not a function that is known here. Did you mean sin?"),
        ("Sin(x)", 0, "Sin is not a function that is known here. Did you mean sin?"),
        ("arctang(x)", 0, "arctang is not a function that is known here. Did you mean arctan?"),
        ("cot(x)", 0, "cot is not a function that is known here. Write 1/tan(x)."),
        ("np.sine(x)", 0, "np.sine is not known here. Did you mean sin?"),
        ("sin x", 0, "sin is a function: write sin(x)."),
        ("x + sin", 4, "sin is a function: write sin(x)."),
        ("sin()", 4, "Arguments are missing: write sin(x)."),
        ("sin(x, y)", 8, "sin takes 1 argument, not 2: write sin(x)."),
        ("max(x)", 5, "max takes 2 or more arguments, not 1: write max(x, y)."),
        ("hypot(x)", 7, "hypot takes 2 arguments, not 1: write hypot(x, y)."),
        ("clip(x, 1)", 9, "clip takes 3 arguments, not 2: write clip(x, low, high)."),
        ("max(x,)", 6, "A number or a name is missing after , and before )."),
        ("()", 1, "Nothing stands between ( and )."),
        ("x +", 3, "A number or a name is missing after +."),
        ("x + ", 3, "A number or a name is missing after +."),
        ("*x", 0, "A number or a name is missing before *."),
        ("(x + y", 0, "This ( is never closed: a ) is missing."),
        ("x + (", 4, "This ( is never closed: a ) is missing."),
        ("x + y)", 5, "This ) has no ( before it."),
        ("2,5*x", 1, "Decimals are written with a point: 2.5."),
        ("x, y", 1, "A comma can only stand between the arguments of a function."),
        ("f(x) = x", 5, "Write only the formula, without =."),
        ("x < 1", 2, "An expression can't compare; max, min, abs and relu make choices."),
        ("x == 1", 2, "An expression can't compare; max, min, abs and relu make choices."),
        ("x if y else z", 2, "if has no place in an expression; max, min, abs and relu make choices."),
        ("True*x", 0, "True is not a number."),
        ("lambda x: x", 0, "Write only the formula, without lambda."),
        ("x//2", 1, "// is not an operator here; write floor(x/y)."),
        ("x % 2", 2, "Write remainder(x, y) for the remainder; % is not an operator here."),
        ("|x|", 0, "Write abs(x) for the absolute value."),
        ("√x", 0, "Write sqrt(x) for the square root."),
        ("x[0]", 1, "Only round parentheses ( ) can be used."),
        ("'x'", 0, "Text in quotes has no place in an expression."),
        ("x.real", 1, "A point belongs inside a number, such as 0.5, and has no place here."),
        ("x\ny", 1, "Write the expression on one line."),
        ("x\x00", 1, "The character U+0000 has no meaning in an expression."),
        ("x + \ud800", 4, "The character U+D800 has no meaning in an expression."),
        ("x + ж", 4, "Names are written in Latin or Greek letters, which ж is not."),
        ("__import__('os')", 0, "A name begins with a letter."),
        ("1_000", 0, "Digits are written one after the other, such as 1000, without _."),
        ("007", 0, "A number doesn't begin with 0: write 7."),
        ("1e999", 0, "The number 1e999 is too large."),
        ("x + inf", 4, "An expression holds finite numbers only."),
        ("1" * 41, 0, "A number can have at most 40 digits."),
        ("x" * 41, 0, "A name can have at most 40 characters."),
    ],
)
def test_refusals(text, column, sentence):
    error = refusal(text)
    assert (error.column, str(error)) == (column, sentence)
    assert error.text == text
    assert isinstance(error, ValueError)


def test_a_refusal_shows_where():
    assert refusal("x1 + 2x2").display() == "x1 + 2x2\n      ^\nAn operator is missing: to multiply, write 2*x2."
    long = refusal("x + " * 100 + "2x" + " + x" * 100).display(40).splitlines()
    assert len(long[0]) == 40
    assert long[0][long[1].index("^")] == "x"
    assert refusal("\ud800\n").display().isprintable() is False  # it has lines
    refusal("\ud800\n").display().encode()


def test_size_is_bounded():
    assert str(refusal("x" * (MAX_LENGTH + 1))) == "The expression is too long: at most 2000 characters."
    for text in ("(" * (MAX_DEPTH + 1) + "x", "-" * (MAX_DEPTH + 1) + "x", "**".join("x" * (MAX_DEPTH + 2))):
        assert str(refusal(text)) == "The expression is nested more than 100 deep."
    for text in (
        "(" * MAX_DEPTH + "x" + ")" * MAX_DEPTH,
        "-" * MAX_DEPTH + "x",
        "sin(" * MAX_DEPTH + "x" + ")" * MAX_DEPTH,
    ):
        assert isinstance(expression(text), Expression)


def test_a_long_sum_is_not_deep():
    assert expression("+".join("x" * 1000))(1.0) == 1000.0
    assert expression("x" + "-x**2*(-x)" * 150)(1.0) == 151.0
