"""Symbolic derivatives: the formula that SymPy finds, beside what automatic differentiation computes.

SymPy differentiates; this module hands it the formula operation by operation, as `stepgrad.expressions` read it (text
is never given to `sympify`, which evaluates it), and adds the functions of stepgrad that SymPy lacks or
differentiates by other conventions. SymPy is imported when the first derivative is asked for.

Where a function has a kink the conventions are those of `stepgrad.autodiff`: relu'(0) = 0, |x|' is sign(x) with
sign(0) = 0, at a tie of max or min the first argument counts, clip passes the derivative at its bounds, and steps
(sign, floor, ceil, round) have the derivative 0.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache, cached_property, partial
from math import isfinite
from typing import Any

import numpy as np

from .autodiff.primitives import elementwise
from .expressions import Expression, expression

EXACT = 10**15
"""Numbers up to this size are handed over exactly; larger ones, and large powers, as decimals."""


def derivative(formula: str | Expression) -> dict[str, SymbolicFormula]:
    """The partial derivative of a formula with respect to each of its variables, as formulas.

    Args:
        formula: text for `stepgrad.expression`, or what it made of it.

    Returns:
        For each variable, in the order of the expression's `variables`, the derivative as SymPy leaves it: with its
        automatic simplifications, and no others.

    Raises:
        ExpressionError: the text is no expression.
        ValueError: the formula holds a constant that is not a finite number (1/0), or is nested too deep for SymPy.

    Examples:
        >>> partials = derivative("x1*x2 + sin(x1)")
        >>> partials["x1"].text, partials["x1"].operation_count
        ('x2 + cos(x1)', 2)
        >>> partials["x1"].value(x1=2.0, x2=3.0)
        2.5838531634528574
    """
    whole = symbolic_formula(formula)
    import sympy

    try:
        return {
            name: SymbolicFormula(sympy.diff(whole.expression, sympy.Symbol(name)), whole.variables)
            for name in whole.variables
        }
    except RecursionError as error:
        raise ValueError("This formula is nested too deep for SymPy.") from error


def symbolic_formula(formula: str | Expression) -> SymbolicFormula:
    """The formula itself in SymPy's hands, for example to compare its size with its derivatives'.

    Args:
        formula: text for `stepgrad.expression`, or what it made of it.

    Raises:
        ExpressionError, ValueError: as for `derivative`.
    """
    f = expression(formula) if isinstance(formula, str) else formula
    try:
        return SymbolicFormula(_translate(f), f.variables)
    except RecursionError as error:
        raise ValueError("This formula is nested too deep for SymPy.") from error


class SymbolicFormula:
    """A formula as SymPy has it.

    Attributes:
        expression: the SymPy expression, in plain symbols (`sympy.Symbol("x1")`).
        variables: the names that `value` knows; some may have dropped out of the formula.
    """

    def __init__(self, expression: Any, variables: tuple[str, ...]) -> None:
        self.expression = expression
        self.variables = variables

    @property
    def latex(self) -> str:
        """The formula in LaTeX."""
        import sympy

        return str(sympy.latex(self.expression, inv_trig_style="full"))

    @property
    def text(self) -> str:
        """The formula as code. Where it makes no case distinctions, `stepgrad.expression` reads it."""
        return str(_printer().doprint(self.expression))

    @property
    def operation_count(self) -> int:
        """How many operations the formula is written with, as `sympy.count_ops` counts."""
        import sympy

        return int(sympy.count_ops(self.expression))

    def value(self, **at: Any) -> Any:
        """The number at a point, or the array at arrays of points.

        Args:
            at: a number or array for each variable that is in the formula. Arrays broadcast.

        Returns:
            A float, or a float64 array of the shape that the arguments broadcast to. Outside the domain the value is
            nan or inf; so it is where the formula, though not its limit, divides 0 by 0.

        Raises:
            TypeError: a variable of the formula is missing, or one is given that isn't in it.
        """
        missing = [name for name in self._needed if name not in at]
        unknown = [name for name in at if name not in self.variables]
        if missing or unknown:
            wrong = f"{missing[0]} is missing" if missing else f"there is no {unknown[0]}"
            raise TypeError(f"a value is needed for each of {', '.join(self._needed) or 'no variables'}: {wrong}")
        points = {name: np.asarray(value, np.float64)[()] for name, value in at.items()}
        with np.errstate(all="ignore"):
            value = np.asarray(self._function(*(points[name] for name in self._needed)))
        if np.iscomplexobj(value):
            value = np.where(value.imag == 0, value.real, np.nan)
        value = np.broadcast_to(value, np.broadcast_shapes(value.shape, *map(np.shape, points.values())))
        return np.array(value, np.float64) if value.shape else float(value)

    @cached_property
    def _needed(self) -> tuple[str, ...]:
        held = {symbol.name for symbol in self.expression.free_symbols}
        return tuple(name for name in self.variables if name in held)

    @cached_property
    def _function(self) -> Callable[..., Any]:
        import sympy

        ours = {name: getattr(elementwise, primitive) for name, (primitive, *_) in _kinks().items()}
        symbols = [sympy.Symbol(name) for name in self._needed]
        # Decimals as arguments: printed into code they would keep 15 digits only.
        decimals = {number: sympy.Dummy() for number in self.expression.atoms(sympy.Float)}
        body = self.expression.xreplace(decimals)
        function = sympy.lambdify([*symbols, *decimals.values()], body, [ours, "numpy"], dummify=True, cse=True)
        numbers = [np.float64(float(number)) for number in decimals]
        return lambda *points: function(*points, *numbers)

    def __repr__(self) -> str:
        return f"<SymbolicFormula {self.text}>"

    def _repr_latex_(self) -> str:
        return f"$\\displaystyle {self.latex}$"


# From operations to SymPy -------------------------------------------------------------------------------------------


def _translate(f: Expression) -> Any:
    import sympy

    rules = _rules()
    done: list[Any] = []
    for i, node in enumerate(f.nodes):
        constant = f.constants.get(i)
        if constant is not None and not isfinite(constant):
            start, end = node.span
            raise ValueError(f"{f.text[start:end]} is not a finite number.")
        if node.primitive is not None:
            if constant is not None and abs(constant) > EXACT:
                done.append(sympy.Float(constant))
            else:
                done.append(rules[node.primitive](*(done[k] for k in node.arguments)))
        elif node.value is not None:
            done.append({"e": sympy.E, "pi": sympy.pi, "π": sympy.pi}.get(node.name or "", _number(node.value)))
        else:
            done.append(sympy.Symbol(node.name))
    return done[-1]


def _number(value: float) -> Any:
    """An integer if it is one and not huge, else the decimal number as typed."""
    import sympy

    return sympy.Integer(int(value)) if value.is_integer() and value <= EXACT else sympy.Float(value)


def _power(base: Any, exponent: Any) -> Any:
    """Base**exponent, in which no number grows huge: what SymPy would multiply out exactly becomes a decimal first."""
    import sympy

    if exponent.is_Float and abs(exponent) < EXACT and (4 * float(exponent)).is_integer():
        exponent = sympy.Rational(int(4 * float(exponent)), 4)  # x**0.5 is a square root
    if exponent.is_Rational:
        factor, rest = base.as_coeff_Mul()
        if factor.is_Rational and factor not in (0, 1, -1):
            digits = int(factor.p).bit_length() + int(factor.q).bit_length()
            if digits * abs(exponent) > 200:
                base = sympy.Float(factor) * rest
    return base**exponent


@cache
def _rules() -> Mapping[str, Callable[..., Any]]:
    """For each primitive, SymPy's version."""
    import sympy
    from sympy import Piecewise, Rational

    ours = {primitive: _function(name) for name, (primitive, *_) in _kinks().items()}
    third = Rational(1, 3)
    return ours | {
        "add": lambda a, b: a + b,
        "subtract": lambda a, b: a - b,
        "multiply": lambda a, b: a * b,
        "divide": lambda a, b: a * _power(b, sympy.Integer(-1)),
        "negative": lambda x: -x,
        "power": _power,
        "square": lambda x: _power(x, sympy.Integer(2)),
        "reciprocal": lambda x: 1 / x,
        "sqrt": sympy.sqrt,
        "cbrt": lambda x: Piecewise((x**third, x >= 0), (-((-x) ** third), True)),
        "exp": sympy.exp,
        "exp2": lambda x: _power(sympy.Integer(2), x),
        "expm1": lambda x: sympy.exp(x) - 1,
        "log": sympy.log,
        "log2": lambda x: sympy.log(x) / sympy.log(2),
        "log10": lambda x: sympy.log(x) / sympy.log(10),
        "log1p": lambda x: sympy.log(1 + x),
        "logaddexp": lambda a, b: sympy.log(sympy.exp(a) + sympy.exp(b)),
        "sin": sympy.sin,
        "cos": sympy.cos,
        "tan": sympy.tan,
        "arcsin": sympy.asin,
        "arccos": sympy.acos,
        "arctan": sympy.atan,
        "arctan2": sympy.atan2,
        "hypot": lambda a, b: sympy.sqrt(a**2 + b**2),
        "sinh": sympy.sinh,
        "cosh": sympy.cosh,
        "tanh": sympy.tanh,
        "arcsinh": sympy.asinh,
        "arccosh": sympy.acosh,
        "arctanh": sympy.atanh,
        "remainder": lambda a, b: a - b * ours["floor"](a / b),
    }


# Functions of our own -----------------------------------------------------------------------------------------------


@cache
def _kinks() -> Mapping[str, tuple[str, tuple[Callable[..., Any], ...], str]]:
    """The functions that SymPy lacks or differentiates by other conventions: primitive, partial derivatives, LaTeX."""
    from sympy import And, Integer, Piecewise

    def flat(_: Any) -> Any:
        return Integer(0)

    def one_if(condition: Any) -> Any:
        return Piecewise((1, condition), (0, True))

    def call(name: str, *arguments: Any) -> Any:
        return _function(name)(*arguments)

    return {
        "abs": ("absolute", (partial(call, "sign"),), r"\left|{{{}}}\right|"),
        "sign": ("sign", (flat,), r"\operatorname{{sign}}\left({}\right)"),
        "floor": ("floor", (flat,), r"\left\lfloor{{{}}}\right\rfloor"),
        "ceil": ("ceil", (flat,), r"\left\lceil{{{}}}\right\rceil"),
        "round": ("round", (flat,), r"\operatorname{{round}}\left({}\right)"),
        "relu": ("relu", (lambda x: one_if(x > 0),), r"\operatorname{{relu}}\left({}\right)"),
        "sigmoid": ("sigmoid", (lambda x: call("sigmoid", x) * (1 - call("sigmoid", x)),), r"\sigma\left({}\right)"),
        "softplus": ("softplus", (partial(call, "sigmoid"),), r"\operatorname{{softplus}}\left({}\right)"),
        "max": ("maximum", (lambda a, b: one_if(a >= b), lambda a, b: one_if(a < b)), r"\max\left({}\right)"),
        "min": ("minimum", (lambda a, b: one_if(a <= b), lambda a, b: one_if(a > b)), r"\min\left({}\right)"),
        "clip": (
            "clip",
            (
                lambda x, low, high: one_if(And(x >= low, x <= high)),
                lambda x, low, high: one_if(And(x < low, low <= high)),
                lambda x, low, high: one_if(call("max", x, low) > high),
            ),
            r"\operatorname{{clip}}\left({}\right)",
        ),
    }


@cache
def _function(name: str) -> Any:
    """The SymPy function of that name."""
    import sympy

    _, partials, template = _kinks()[name]

    def fdiff(self: Any, argindex: int = 1) -> Any:
        return partials[argindex - 1](*self.args)

    def latex(self: Any, printer: Any, exp: str | None = None) -> str:
        printed = template.format(", ".join(printer.doprint(argument) for argument in self.args))
        return printed if exp is None else f"{printed}^{{{exp}}}"

    return type(name, (sympy.Function,), {"nargs": len(partials), "fdiff": fdiff, "_latex": latex})


@cache
def _printer() -> Any:
    """Prints formulas in the names of `stepgrad.expression`."""
    from sympy.printing.str import StrPrinter

    def function(self: Any, call: Any) -> str:
        name = call.func.__name__
        inverse = name.startswith("a") and name[1:] in ("sin", "cos", "tan", "sinh", "cosh", "tanh", "tan2")
        return f"{'arc' + name[1:] if inverse else name}({self.stringify(call.args, ', ')})"

    def cases(self: Any, piecewise: Any) -> str:
        *cases, (last, _) = piecewise.args
        chain = "".join(f"{self._print(value)} if {self._print(condition)} else " for value, condition in cases)
        return f"({chain}{self._print(last)})"

    methods = {
        "_print_Function": function,
        "_print_Piecewise": cases,
        "_print_And": lambda self, conditions: " and ".join(self._print(condition) for condition in conditions.args),
        "_print_Exp1": lambda *_: "e",
    }
    return type("Printer", (StrPrinter,), methods)({"full_prec": False})
