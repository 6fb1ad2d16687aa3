"""Text as a function: `expression("x1*x2 + sin(x1)")`.

The text is read by `expression_syntax` into a list of operations, which this module runs with the primitives of
`stepgrad.autodiff`: on floats, on arrays, and on Tensors, so that it can be differentiated and traced like any
function.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from inspect import Parameter, Signature
from typing import Any

from .autodiff.primitives import elementwise
from .expression_syntax import ExpressionError, Node, Span, parse

__all__ = ["Expression", "ExpressionError", "expression"]


def expression(text: str) -> Expression:
    """Make a function of text, such as `"x1*x2 + sin(x1)"`.

    Understood are numbers, names, `+ - * / **`, parentheses, the constants `pi` and `e`, and calls of the elementary
    functions by NumPy's names, with or without `np.` (`sin`, `arctan` or `atan`, `exp`, `log`, `sqrt`, `tanh`, `abs`,
    `max`, `min`, `clip`, …) and of `relu`, `sigmoid` and `softplus`. Any other name is a variable. Nothing is ever
    handed to `eval`. A text has at most 2,000 characters and is nested at most 100 deep.

    Args:
        text: the formula alone, on one line. The signs − × · ÷ and subscripts as in x₁ may stand for - * * / and x1.

    Returns:
        A function of as many numbers, arrays or Tensors as there are variables.

    Raises:
        ExpressionError: the text is no such formula. The message is one sentence that helps, `.column` says where
            (counted from 0), `.display()` shows it.
        TypeError: `text` is not a string.

    Examples:
        >>> f = expression("x1*x2 + sin(x1)")
        >>> f.variables
        ('x1', 'x2')
        >>> f(2.0, 3.0)
        6.909297426825682
    """
    return text if isinstance(text, Expression) else Expression(text)


class Expression:
    """A function made of text by `expression`; a call runs the formula.

    Arguments are floats, arrays (of shapes that broadcast, of any floating-point dtype) or Tensors, in the order of
    `variables` or by name. Floats in give a float out. Outside a function's domain the value is NumPy's: nan or inf.

    Attributes:
        text: the text as typed.
        variables: the names it takes, in natural order: x < y, x2 < x10.
        operations: for each operation, in the order in which a call runs them (and records them on Tensors), the
            primitive's name and the columns of `text` that it stands in, as (start, end), the end not included. What
            holds no variable is computed once and for all and is not an operation: `2*pi*x` has one.
        nodes: the formula as it was read: numbers, names and operations, each after those it takes.
    """

    def __init__(self, text: str) -> None:
        if not isinstance(text, str):
            raise TypeError(f"an expression is made of text, such as 'x1*x2 + sin(x1)', not of {type(text).__name__}")
        self.text = text
        self.nodes: tuple[Node, ...] = tuple(parse(text))
        names = {node.name for node in self.nodes if node.name is not None and node.value is None}
        self.variables: tuple[str, ...] = tuple(sorted(names, key=natural_order))
        self.__name__ = self.__qualname__ = "f"
        self.__doc__ = f"f({', '.join(self.variables)}) = {text.strip()}"
        self.__signature__ = Signature([Parameter(name, Parameter.POSITIONAL_OR_KEYWORD) for name in self.variables])
        self._compile()

    def _compile(self) -> None:
        """Lay out a call's values: the arguments, then the constants, then each operation's result.

        `_program` lists the operations, each with the places of its arguments; `_result` is the place of the whole.
        """
        self.constants = self._fold()
        place = {name: i for i, name in enumerate(self.variables)}
        places = [place.get(node.name or "", -1) for node in self.nodes]
        self._numbers: list[float] = []
        for i in self._needed_constants():
            places[i] = len(self.variables) + len(self._numbers)
            self._numbers.append(self.constants[i])
        self._program: list[tuple[Callable[..., Any], tuple[int, ...]]] = []
        operations: list[tuple[str, Span]] = []
        for i, node in enumerate(self.nodes):
            if node.primitive is None or i in self.constants:
                continue
            places[i] = len(self.variables) + len(self._numbers) + len(self._program)
            self._program.append((getattr(elementwise, node.primitive), tuple(places[k] for k in node.arguments)))
            operations.append((node.primitive, node.span))
        self.operations: tuple[tuple[str, Span], ...] = tuple(operations)
        self._result = places[-1]

    def _fold(self) -> dict[int, float]:
        """The values of the nodes that hold no variable."""
        values: dict[int, float] = {}
        for i, node in enumerate(self.nodes):
            if node.value is not None:
                values[i] = node.value
            elif node.primitive is not None and all(k in values for k in node.arguments):
                values[i] = getattr(elementwise, node.primitive)(*(values[k] for k in node.arguments))
        return values

    def _needed_constants(self) -> list[int]:
        """The constants that an operation takes, or that are the whole expression."""
        last = len(self.nodes) - 1
        taken = {k for i, node in enumerate(self.nodes) if i not in self.constants for k in node.arguments} | {last}
        return sorted(taken & self.constants.keys())

    def __call__(self, *arguments: Any, **named: Any) -> Any:
        """The value of the formula at these arguments."""
        if named or len(arguments) != len(self.variables):
            arguments = self._bind(arguments, named)
        values: list[Any] = [float(a) if type(a) is int else a for a in arguments]
        values += self._numbers
        for primitive, places in self._program:
            values.append(primitive(*[values[k] for k in places]))
        return values[self._result]

    def _bind(self, arguments: tuple[Any, ...], named: dict[str, Any]) -> tuple[Any, ...]:
        try:
            return self.__signature__.bind(*arguments, **named).args
        except TypeError as error:
            takes = ", ".join(self.variables) or "no arguments"
            raise TypeError(f"{self.text.strip()!r} takes {takes}: {error}") from None

    def __repr__(self) -> str:
        return f"expression({self.text!r})"

    def __reduce__(self) -> tuple[type[Expression], tuple[str]]:
        return type(self), (self.text,)


def natural_order(name: str) -> tuple[Any, ...]:
    """A key that sorts names as people do: x < X < x1 < x2 < x10 < y."""
    pieces = re.findall(r"([^0-9]+)([0-9]*)", name)
    return tuple((letters.casefold(), int(digits or -1)) for letters, digits in pieces), name.swapcase()
