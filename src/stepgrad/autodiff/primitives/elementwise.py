"""The elementwise primitives: name, how to do it, and the partial derivative of each argument.

One line gives both modes. In a partial, `y` is the output and the other names are the arguments; it is written in the
primitives themselves, so that it can be differentiated again and printed as a formula.

Conventions at kinks and edges (one test each in tests/unit/test_conventions.py):

- relu'(0) = 0; |x|' at 0 is sign(0) = 0; the square root's slope at 0 is inf, as NumPy says.
- maximum and minimum at a tie: the first argument wins, so that exactly one path carries the derivative (a router);
  so does the first entry in max and min. Where one of the two is nan, so is the result, and neither carries it.
- clip passes the derivative at its bounds.
- d/dx x**0 is 0 everywhere; d/dp x**p at x = 0 is 0.
- norms of 0 and the standard deviation of equal entries have slope 0; hypot and arctan2 at (0, 0) have nan.
- sign, floor, ceil, round, and the divisor of remainder where it is piecewise constant: 0, or the value of the open
  pieces.

Source of the formulas: any table of derivatives; checked against complex step in the tests.
"""

from __future__ import annotations

import math
import operator
from typing import Any

import numpy as np

from ..primitive import Binary, Comparison, Elementwise, Unary
from ..tensor import nowhere_zero

# Comparisons: no derivative flows through them -----------------------------------------------------------------------
greater = Comparison("greater", operator.gt, ">")
greater_equal = Comparison("greater_equal", operator.ge, "≥")
less = Comparison("less", operator.lt, "<")
less_equal = Comparison("less_equal", operator.le, "≤")
equal = Comparison("equal", operator.eq, "=")
not_equal = Comparison("not_equal", operator.ne, "≠")

# Arithmetic -----------------------------------------------------------------------------------------------------------
add = Binary("add", np.add, operator.add, (1, 1), "+")
subtract = Binary("subtract", np.subtract, operator.sub, (1, -1), "−")
multiply = Binary("multiply", np.multiply, operator.mul, (lambda y, a, b: b, lambda y, a, b: a), "×")
divide: Binary = Binary(
    "divide",
    np.divide,
    operator.truediv,
    (lambda y, a, b: divide(1.0, b), lambda y, a, b: negative(divide(y, b))),
    "÷",
)
negative: Unary = Unary("negative", np.negative, operator.neg, (-1,), "−")
positive = Unary("positive", np.positive, operator.pos, (1,), "+")
reciprocal = Unary("reciprocal", np.reciprocal, lambda x: 1.0 / x, (lambda y, x: negative(square(y)),), "1/x")
square: Unary = Unary("square", np.square, lambda x: x * x, (lambda y, x: multiply(2.0, x),), "x²")


def _power_of_base(y: Any, a: Any, b: Any) -> Any:
    if type(b) is float:  # the usual case, a constant exponent: keep the formula short
        return 0.0 if b == 0 else 1.0 if b == 1 else multiply(b, power(a, b - 1.0))
    if nowhere_zero(b) or nowhere_zero(a):
        return multiply(b, power(a, subtract(b, 1.0)))
    edge = multiply(equal(a, 0.0), equal(b, 0.0))  # 0 · 0⁻¹ there would be nan
    return multiply(b, power(a, where(edge, 1.0, subtract(b, 1.0))))


def _power_of_exponent(y: Any, a: Any, b: Any) -> Any:
    if nowhere_zero(a):
        return multiply(y, log(a))
    return multiply(y, log(where(equal(a, 0.0), 1.0, a)))


def _power_value(a: Any, b: Any) -> Any:
    return a**b if type(a) is np.ndarray else np.power(a, b)  # the operator has short ways for squares and roots


power = Binary("power", _power_value, operator.pow, (_power_of_base, _power_of_exponent), "^")

# Exponentials and logarithms ------------------------------------------------------------------------------------------
exp = Unary("exp", np.exp, math.exp, (lambda y, x: y,))
exp2 = Unary("exp2", np.exp2, lambda x: 2.0**x, (lambda y, x: multiply(y, math.log(2)),))
expm1 = Unary("expm1", np.expm1, math.expm1, (lambda y, x: exp(x),))  # y + 1 would lose all digits at x ≪ 0
log = Unary("log", np.log, math.log, (lambda y, x: divide(1.0, x),))
log2 = Unary("log2", np.log2, math.log2, (lambda y, x: divide(1.0, multiply(x, math.log(2))),))
log10 = Unary("log10", np.log10, math.log10, (lambda y, x: divide(1.0, multiply(x, math.log(10))),))
log1p = Unary("log1p", np.log1p, math.log1p, (lambda y, x: divide(1.0, add(1.0, x)),))
sqrt = Unary("sqrt", np.sqrt, math.sqrt, (lambda y, x: divide(0.5, y),), "√")
cbrt = Unary("cbrt", np.cbrt, lambda x: float(np.cbrt(x)), (lambda y, x: divide(1.0, multiply(3.0, square(y))),), "∛")
logaddexp = Binary(
    "logaddexp",
    np.logaddexp,
    lambda a, b: float(np.logaddexp(a, b)),
    (lambda y, a, b: sigmoid(subtract(a, b)), lambda y, a, b: sigmoid(subtract(b, a))),
)

# Trigonometric and hyperbolic functions and their inverses ------------------------------------------------------------
sin = Unary("sin", np.sin, math.sin, (lambda y, x: cos(x),))
cos: Unary = Unary("cos", np.cos, math.cos, (lambda y, x: negative(sin(x)),))
tan = Unary("tan", np.tan, math.tan, (lambda y, x: add(1.0, square(y)),))
arcsin = Unary("arcsin", np.arcsin, math.asin, (lambda y, x: divide(1.0, sqrt(subtract(1.0, square(x)))),))
arccos = Unary("arccos", np.arccos, math.acos, (lambda y, x: negative(divide(1.0, sqrt(subtract(1.0, square(x))))),))
arctan = Unary("arctan", np.arctan, math.atan, (lambda y, x: divide(1.0, add(1.0, square(x))),))
sinh = Unary("sinh", np.sinh, math.sinh, (lambda y, x: cosh(x),))
cosh: Unary = Unary("cosh", np.cosh, math.cosh, (lambda y, x: sinh(x),))
tanh = Unary("tanh", np.tanh, math.tanh, (lambda y, x: 1.0 - square(y),))
arcsinh = Unary("arcsinh", np.arcsinh, math.asinh, (lambda y, x: divide(1.0, sqrt(add(square(x), 1.0))),))
arccosh = Unary(
    "arccosh",
    np.arccosh,
    math.acosh,
    (lambda y, x: divide(1.0, multiply(sqrt(subtract(x, 1.0)), sqrt(add(x, 1.0)))),),
)
arctanh = Unary("arctanh", np.arctanh, math.atanh, (lambda y, x: divide(1.0, subtract(1.0, square(x))),))
arctan2 = Binary(
    "arctan2",
    np.arctan2,
    math.atan2,
    (
        lambda y, a, b: divide(b, add(square(a), square(b))),
        lambda y, a, b: negative(divide(a, add(square(a), square(b)))),
    ),
)
hypot = Binary("hypot", np.hypot, math.hypot, (lambda y, a, b: divide(a, y), lambda y, a, b: divide(b, y)))

# Kinks: the conventions above -----------------------------------------------------------------------------------------
absolute = Unary("absolute", np.absolute, abs, (lambda y, x: sign(x),), "|x|")
sign: Unary = Unary("sign", np.sign, lambda x: x if x != x else float((x > 0) - (x < 0)), (0,))
floor = Unary("floor", np.floor, lambda x: float(math.floor(x)), (0,))
ceil = Unary("ceil", np.ceil, lambda x: float(math.ceil(x)), (0,))
round = Unary("round", np.round, lambda x: float(np.round(x)), (0,))  # noqa: A001 - NumPy's name
trunc = Unary("trunc", np.trunc, lambda x: float(math.trunc(x)), (0,))
remainder = Binary("remainder", np.remainder, operator.mod, (1, lambda y, a, b: negative(floor(divide(a, b)))), "mod")
maximum = Binary(
    "maximum",
    np.maximum,
    lambda a, b: a if a >= b else b if b > a else math.nan,
    (lambda y, a, b: greater_equal(a, b), lambda y, a, b: greater(b, a)),
    "max",
    role="router",
)
minimum = Binary(
    "minimum",
    np.minimum,
    lambda a, b: a if a <= b else b if b < a else math.nan,
    (lambda y, a, b: less_equal(a, b), lambda y, a, b: less(b, a)),
    "min",
    role="router",
)


def _relu_array(x: Any) -> Any:
    x = np.asarray(x)
    return np.maximum(x, np.zeros(x.shape[-1:], x.dtype))  # NumPy is half as fast with a single 0 as with a row of them


relu = Unary(
    "relu",
    _relu_array,
    lambda x: x if x > 0 else 0.0 if x <= 0 else x,
    (lambda y, x: greater(x, 0.0),),
    role="router",
)


def _where(condition: Any, a: Any, b: Any) -> Any:
    return np.where(condition, a, b)[()]


where = Elementwise(
    "where",
    _where,
    lambda c, a, b: a if c else b,
    (None, lambda y, c, a, b: not_equal(c, 0), lambda y, c, a, b: equal(c, 0)),
    role="router",
)


def _clip_value(x: Any, low: Any, high: Any) -> Any:
    return np.minimum(np.maximum(x, low), high)


def _clip_scalar(x: float, low: float, high: float) -> float:
    if x != x or low != low or high != high:
        return math.nan
    return min(max(x, low), high)


clip = Elementwise(
    "clip",
    _clip_value,
    _clip_scalar,
    (
        lambda y, x, low, high: multiply(greater_equal(x, low), less_equal(x, high)),
        lambda y, x, low, high: multiply(less(x, low), less_equal(low, high)),
        lambda y, x, low, high: greater(where(greater(low, x), low, x), high),
    ),
    role="router",
)

# Activations ----------------------------------------------------------------------------------------------------------


def _sigmoid_array(x: Any) -> Any:
    right = np.real(x) >= 0
    small = np.exp(np.where(right, -x, x))  # never overflows; without abs, so that a complex step passes through
    return np.where(right, 1 / (1 + small), small / (1 + small))[()]


def _sigmoid_scalar(x: float) -> float:
    small = math.exp(-abs(x))
    return 1 / (1 + small) if x >= 0 else small / (1 + small)


def _softplus_array(x: Any) -> Any:
    right = np.real(x) >= 0
    return np.where(right, x, 0) + np.log1p(np.exp(np.where(right, -x, x)))


sigmoid: Unary = Unary("sigmoid", _sigmoid_array, _sigmoid_scalar, (lambda y, x: multiply(y, subtract(1.0, y)),), "σ")
softplus = Unary(
    "softplus",
    _softplus_array,
    lambda x: (x if x > 0 else 0.0) + math.log1p(math.exp(-abs(x))),
    (lambda y, x: sigmoid(x),),
)
