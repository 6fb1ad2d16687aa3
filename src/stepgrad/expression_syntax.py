"""From text to a list of operations: what `stepgrad.expression` understands, and what it says about the rest.

Three steps, each of which can refuse the text with one sentence and a column:

1. `tokens`: numbers, names, operators, parentheses and commas; every other character is named and explained.
2. `check`: operands and operators alternate, parentheses close, functions get as many arguments as they take, nothing
   is nested too deep. This is where a student's slips are recognised (`2x`, `sin x`, `x^2`, `max(x`).
3. `parse`: Python's own `ast` gives the tree (so that precedence is Python's), of which only a whitelist of nodes is
   accepted. Nothing is ever compiled or evaluated.

Only text that passed 1 and 2 reaches Python's parser, so it neither warns nor runs deep.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from keyword import iskeyword
from math import e, inf, isfinite, pi
from typing import NamedTuple

MAX_LENGTH = 2_000
"""The longest text, in characters; and so the most numbers, names and operations."""
MAX_DEPTH = 100
"""The deepest nesting of parentheses, signs and powers. (A long sum or product is not deep.)"""
MAX_DIGITS = 40
"""The most characters of one number, and of one name."""

CONSTANTS = {"pi": pi, "π": pi, "e": e}

_UNARY = (
    "exp exp2 expm1 log log2 log10 log1p sqrt cbrt square reciprocal sin cos tan arcsin arccos arctan sinh cosh tanh "
    "arcsinh arccosh arctanh absolute sign relu sigmoid softplus floor ceil round negative"
)
_BINARY = "add subtract multiply divide power arctan2 hypot logaddexp remainder"
_ALIASES = {
    "ln": "log",
    "asin": "arcsin",
    "acos": "arccos",
    "atan": "arctan",
    "atan2": "arctan2",
    "asinh": "arcsinh",
    "acosh": "arccosh",
    "atanh": "arctanh",
    "abs": "absolute",
    "fabs": "absolute",
    "max": "maximum",
    "min": "minimum",
    "pow": "power",
}


class Function(NamedTuple):
    """What a name that can be called stands for: a primitive, and how many arguments the call takes."""

    primitive: str
    least: int
    most: float


FUNCTIONS = (
    {name: Function(name, 1, 1) for name in _UNARY.split()}
    | {name: Function(name, 2, 2) for name in _BINARY.split()}
    | {"maximum": Function("maximum", 2, inf), "minimum": Function("minimum", 2, inf), "clip": Function("clip", 3, 3)}
)
FUNCTIONS |= {alias: FUNCTIONS[name] for alias, name in _ALIASES.items()}

_BINARY_OPERATORS: dict[type[ast.operator], str] = {
    ast.Add: "add",
    ast.Sub: "subtract",
    ast.Mult: "multiply",
    ast.Div: "divide",
    ast.Pow: "power",
}

Span = tuple[int, int]


class ExpressionError(ValueError):
    """Text that is not an expression.

    `str(error)` is one sentence that helps; `error.display()` shows where.

    Attributes:
        text: the text as typed.
        column: where in it, counted from 0.
    """

    def __init__(self, message: str, text: str = "", column: int = 0) -> None:
        super().__init__(message)
        self.text = text
        self.column = column

    def display(self, width: int = 76) -> str:
        """The text (`width` characters of it, around the column), a caret below the column, and the sentence."""
        start = max(0, min(self.column - width // 2, len(self.text) - width))
        shown = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in self.text[start : start + width])
        return f"{shown}\n{' ' * (self.column - start)}^\n{self}"

    def __reduce__(self) -> tuple[type[ExpressionError], tuple[str, str, int]]:
        return type(self), (str(self), self.text, self.column)


class Node(NamedTuple):
    """A number, a name or an operation on earlier nodes; `span` says which characters of the text made it.

    A number has a `value` (and a constant its `name` too), a variable only a `name`, an operation its `primitive`.
    """

    span: Span
    value: float | None = None
    name: str | None = None
    primitive: str | None = None
    arguments: tuple[int, ...] = ()


# 1. Tokens ----------------------------------------------------------------------------------------------------------

# Characters that stand for others, one for one, so that columns stay what they were.
_TRANSLATION = str.maketrans(
    {
        **dict.fromkeys("\N{MINUS SIGN}\N{EN DASH}\N{HYPHEN}\N{NON-BREAKING HYPHEN}\N{FULLWIDTH HYPHEN-MINUS}", "-"),
        **dict.fromkeys("×·⋅∙∗✕\N{FULLWIDTH ASTERISK}", "*"),
        **dict.fromkeys("÷∕⁄\N{FULLWIDTH SOLIDUS}", "/"),
        **dict.fromkeys("\N{FULLWIDTH PLUS SIGN}", "+"),
        **dict.fromkeys("\N{FULLWIDTH LEFT PARENTHESIS}", "("),
        **dict.fromkeys("\N{FULLWIDTH RIGHT PARENTHESIS}", ")"),
        **dict.fromkeys("\N{FULLWIDTH COMMA}", ","),
        **dict.fromkeys("\t\N{NO-BREAK SPACE}\N{THIN SPACE}\N{NARROW NO-BREAK SPACE}\N{IDEOGRAPHIC SPACE}", " "),
        **dict(zip("₀₁₂₃₄₅₆₇₈₉", "0123456789", strict=True)),
        **dict(zip("ϕϵϑϱµ", "φεθρμ", strict=True)),
    }
)

_TOKEN = re.compile(
    r"""(?P<space>[ ]+)
      | (?P<number>(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)
      | (?P<name>(?:(?:np|numpy|math)\.(?=[A-Za-z]))?[A-Za-z_Α-ΡΣ-Ωα-ω][A-Za-z0-9_Α-ΡΣ-Ωα-ω]*)
      | (?P<operator>\*\*|[-+*]|/(?!/))
      | (?P<open>\()
      | (?P<close>\))
      | (?P<comma>,)""",
    re.VERBOSE,
)

_CHOICES = "max, min, abs and relu make choices"
_COMPARISON = f"An expression can't compare; {_CHOICES}."
_BRACKET = "Only round parentheses ( ) can be used."
_TEXT = "Text in quotes has no place in an expression."
_EXPLANATIONS = [
    ("//", "// is not an operator here; write floor(x/y)."),
    ("==", _COMPARISON),
    ("!=", _COMPARISON),
    ("<", _COMPARISON),
    (">", _COMPARISON),
    ("≤", _COMPARISON),
    ("≥", _COMPARISON),
    ("=", "Write only the formula, without =."),
    ("^", "Write ** for a power, such as x**2."),
    ("%", "Write remainder(x, y) for the remainder; % is not an operator here."),
    ("!", "! is not an operator here."),
    ("|", "Write abs(x) for the absolute value."),
    ("√", "Write sqrt(x) for the square root."),
    ("∞", "An expression holds finite numbers only."),
    ("[", _BRACKET),
    ("]", _BRACKET),
    ("{", _BRACKET),
    ("}", _BRACKET),
    ('"', _TEXT),
    ("'", _TEXT),
    ("\n", "Write the expression on one line."),
    ("\r", "Write the expression on one line."),
    (";", "Write one expression, without ;."),
    (".", "A point belongs inside a number, such as 0.5, and has no place here."),
]
_NEVER_CLOSED = "This ( is never closed: a ) is missing."
_SUPERSCRIPTS = dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁻ⁿ", "0123456789-n", strict=True))
_ELSEWHERE = {"sec": "1/cos(x)", "csc": "1/sin(x)", "cosec": "1/sin(x)", "cot": "1/tan(x)", "sgn": "sign(x)"} | {
    "logistic": "sigmoid(x)",
    "root": "sqrt(x)",
    "mod": "remainder(x, y)",
    "sum": "x1 + x2",
}


class Token(NamedTuple):
    """A piece of the text: its kind is a group of the pattern above, or "end"."""

    kind: str
    text: str
    start: int
    end: int


Refuse = Callable[[str, int], ExpressionError]


def tokens(text: str, refuse: Refuse) -> Iterator[Token]:
    """The pieces of the (translated) text, or an explanation of the first that is none."""
    position, known = 0, {""}
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:
            raise refuse(_explain_character(text, position), position)
        kind, piece, end = match.lastgroup or "", match.group(), match.end()
        if kind == "number":
            problem = _number_problem(piece, text[end : end + 1])
        else:
            problem = None if kind != "name" or piece in known else _name_problem(piece)
            known.add(piece)
        if problem:
            raise refuse(problem, position)
        if kind != "space":
            yield Token(kind, piece, position, end)
        position = end
    yield Token("end", "", position, position)


def _explain_character(text: str, position: int) -> str:
    for mark, sentence in _EXPLANATIONS:
        if text.startswith(mark, position):
            return sentence
    character = text[position]
    if character in _SUPERSCRIPTS:
        return f"Write **{_SUPERSCRIPTS[character]} for the power {character}."
    shown = character if character.isprintable() else f"U+{ord(character):04X}"
    if character.isalpha():
        return f"Names are written in Latin or Greek letters, which {shown} is not."
    return f"The character {shown} has no meaning in an expression."


def _number_problem(number: str, following: str) -> str | None:
    if following == "_":
        return "Digits are written one after the other, such as 1000, without _."
    if len(number) > MAX_DIGITS:
        return f"A number can have at most {MAX_DIGITS} digits."
    if re.match(r"0[0-9]+$", number):
        return f"A number doesn't begin with 0: write {int(number)}."
    if not isfinite(float(number)):
        return f"The number {number} is too large."
    return None


def _name_problem(name: str) -> str | None:
    if len(name) > MAX_DIGITS:
        return f"A name can have at most {MAX_DIGITS} characters."
    if name.startswith("_"):
        return "A name begins with a letter."
    if name == "lambda":
        return "Write only the formula, without lambda."
    if name in ("True", "False", "None"):
        return f"{name} is not a number."
    if iskeyword(name):
        return f"{name} has no place in an expression; {_CHOICES}."
    prefix, _, base = name.rpartition(".")
    if name in ("inf", "nan") or (prefix and base in ("inf", "nan")):
        return "An expression holds finite numbers only."
    if prefix and base not in FUNCTIONS and base not in CONSTANTS:
        return f"{name} is not known here.{_suggest(base)}"
    return None


_KNOWN = " Known are sin, cos, tan, exp, log, sqrt, abs, max, min, tanh, sigmoid, relu and more like them."


def _suggest(name: str) -> str:
    if name in _ELSEWHERE:
        return f" Write {_ELSEWHERE[name]}."
    near = get_close_matches(name.lower(), FUNCTIONS, n=1, cutoff=0.6)
    if near and near[0][:2] == name[:2].lower():  # a slip of the fingers is seldom in the first letters
        return f" Did you mean {near[0]}?"
    return ""


# 2. Check -----------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Frame:
    """An open parenthesis, the function it belongs to if any, and how many signs and powers its operand is under."""

    token: Token | None = None
    function: str = ""
    commas: int = 0
    pending: int = 0


def check(pieces: list[Token], refuse: Refuse) -> None:
    """Go through the tokens once, and raise at the first that can't stand where it does."""
    frames = [_Frame()]
    depth = 0
    operand_next = True
    previous = Token("start", "", 0, 0)
    for token, following in zip(pieces, [*pieces[1:], pieces[-1]], strict=True):
        frame = frames[-1]
        kind = token.kind
        if operand_next:
            if kind == "number":
                operand_next = False
            elif kind == "name":
                operand_next = _check_name(token, following, refuse)
            elif kind == "open":
                called = previous.text if previous.kind == "name" else ""
                frames.append(_Frame(token, called))
                depth += 1
            elif kind == "operator" and token.text in "+-":
                frame.pending += 1
                depth += 1
            else:
                raise refuse(*_missing_operand(previous, token, frame))
        elif kind == "operator":
            operand_next = True
            if token.text == "**":
                frame.pending += 1
                depth += 1
            else:
                depth -= frame.pending
                frame.pending = 0
        elif kind == "close":
            if frame.token is None:
                raise refuse("This ) has no ( before it.", token.start)
            _check_count(frame, token, refuse)
            frames.pop()
            depth -= frame.pending + 1
        elif kind == "comma":
            if not frame.function:
                raise refuse(_stray_comma(previous, following), token.start)
            frame.commas += 1
            depth -= frame.pending
            frame.pending = 0
            operand_next = True
        elif kind == "end":
            if frame.token is not None:
                raise refuse(_NEVER_CLOSED, frame.token.start)
        else:
            raise refuse(_missing_operator(previous, token), token.start)
        if depth > MAX_DEPTH:
            raise refuse(f"The expression is nested more than {MAX_DEPTH} deep.", token.start)
        previous = token


def _base(name: str) -> str:
    """The name without the prefix of a module: np.sin → sin."""
    return name.rpartition(".")[2]


def _check_name(token: Token, following: Token, refuse: Refuse) -> bool:
    """Whether an operand is still to come: yes where the name is that of a function, which is called."""
    name, called = _base(token.text), following.kind == "open"
    if called and name not in FUNCTIONS:
        if name in CONSTANTS:
            raise refuse(f"{name} is a number; to multiply, write {name}*(…).", token.start)
        suggestion = _suggest(name)
        if not suggestion:
            looks_like_a_variable = len(name) <= 2 or name[-1].isdigit()
            suggestion = f" To multiply, write {name}*(…)." if looks_like_a_variable else _KNOWN
        raise refuse(f"{token.text} is not a function that is known here.{suggestion}", token.start)
    if not called and name in FUNCTIONS:
        raise refuse(f"{name} is a function: write {_example(name)}.", token.start)
    return called


def _example(name: str) -> str:
    least = FUNCTIONS[name].least
    return f"{name}({'x, low, high' if name == 'clip' else ', '.join(('x', 'y')[:least])})"


def _check_count(frame: _Frame, close: Token, refuse: Refuse) -> None:
    if not frame.function:
        return
    name, count = _base(frame.function), frame.commas + 1
    function = FUNCTIONS[name]
    if not function.least <= count <= function.most:
        needed = f"{function.least} or more arguments" if function.most == inf else f"{function.least} argument"
        needed += "s" if 1 < function.least == function.most else ""
        raise refuse(f"{name} takes {needed}, not {count}: write {_example(name)}.", close.start)


def _missing_operand(previous: Token, token: Token, frame: _Frame) -> tuple[str, int]:
    """What to say, and the column, where something else stands than the operand that `previous` calls for."""
    if previous.kind == "start" and token.kind == "end":
        return "Write an expression, such as x1*x2 + sin(x1).", 0
    if previous.kind == "open" and token.kind == "end":
        return _NEVER_CLOSED, previous.start
    if previous.kind == "open" and token.kind == "close":
        if frame.function:
            return f"Arguments are missing: write {_example(_base(frame.function))}.", token.start
        return "Nothing stands between ( and ).", token.start
    if previous.kind in ("start", "open"):
        return f"A number or a name is missing before {token.text}.", token.start
    if previous.text == token.text == "*":
        return "Write ** for a power, without a space between.", token.start
    if token.kind == "end":
        return f"A number or a name is missing after {previous.text}.", previous.end
    return f"A number or a name is missing after {previous.text} and before {token.text}.", token.start


def _missing_operator(previous: Token, token: Token) -> str:
    if previous.kind == token.kind == "number":
        return f"An operator is missing between {previous.text} and {token.text}."
    left = previous.text if previous.kind != "close" else "(…)"
    right = token.text if token.kind != "open" else "(…)"
    if _base(right) in FUNCTIONS:
        right = _example(_base(right))
    return f"An operator is missing: to multiply, write {left}*{right}."


def _stray_comma(previous: Token, following: Token) -> str:
    if previous.kind == following.kind == "number":
        return f"Decimals are written with a point: {previous.text}.{following.text}."
    return "A comma can only stand between the arguments of a function."


# 3. Parse -----------------------------------------------------------------------------------------------------------


def parse(text: str) -> list[Node]:
    """The nodes of an expression, each after those it takes, in Python's order of evaluation; the last is the whole.

    Raises:
        ExpressionError: whatever is wrong with the text.
    """

    def refuse(message: str, column: int) -> ExpressionError:
        return ExpressionError(message, text, column)

    if len(text) > MAX_LENGTH:
        raise refuse(f"The expression is too long: at most {MAX_LENGTH} characters.", MAX_LENGTH)
    source = text.rstrip().translate(_TRANSLATION)
    check(list(tokens(source, refuse)), refuse)
    try:
        tree = ast.parse(source.lstrip(), mode="eval").body
    except (SyntaxError, ValueError, MemoryError, RecursionError) as error:
        raise refuse("This is not an expression.", 0) from error
    return _Reader(source, refuse).read(tree)


class _Reader:
    """Turns the syntax tree into nodes. A stack of its own instead of recursion: a long sum is a deep tree."""

    def __init__(self, source: str, refuse: Refuse) -> None:
        self.refuse = refuse
        self.indent = len(source) - len(source.lstrip())
        self.columns = _columns(source.lstrip())
        self.nodes: list[Node] = []

    def read(self, tree: ast.expr) -> list[Node]:
        done: list[int] = []  # the nodes whose values are not yet taken by an operation
        agenda: list[ast.expr | tuple[ast.expr, str, int]] = [tree]
        while agenda:
            item = agenda.pop()
            if isinstance(item, tuple):
                self._operation(*item, done)
            elif (operands := self._operands(item, agenda)) is not None:
                agenda += operands[::-1]
            else:
                done.append(self._leaf(item))
        return self.nodes

    def _operands(self, tree: ast.expr, agenda: list[ast.expr | tuple[ast.expr, str, int]]) -> list[ast.expr] | None:
        """What is to be read first; the operation on it is put on the agenda. None for a leaf."""
        match tree:
            case ast.BinOp(left=left, op=op, right=right) if type(op) in _BINARY_OPERATORS:
                agenda.append((tree, _BINARY_OPERATORS[type(op)], 2))
                return [left, right]
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                agenda.append((tree, "negative", 1))
                return [operand]
            case ast.UnaryOp(op=ast.UAdd(), operand=operand):
                return [operand]
            case ast.Call(func=function, args=arguments, keywords=[]):
                agenda.append((tree, self._function(function).primitive, len(arguments)))
                return arguments
        return None

    def _leaf(self, tree: ast.expr) -> int:
        match tree:
            case ast.Constant(value=int() | float() as value) if type(value) is not bool:
                return self._add(Node(self._span(tree), value=float(value)))
            case ast.Name() | ast.Attribute():
                name = self._name(tree)
                if name in CONSTANTS:
                    return self._add(Node(self._span(tree), value=CONSTANTS[name], name=name))
                if isinstance(tree, ast.Name):
                    return self._add(Node(self._span(tree), name=name))
        raise self._unexpected(tree)

    def _operation(self, tree: ast.expr, primitive: str, count: int, done: list[int]) -> None:
        arguments = tuple(done[len(done) - count :])
        del done[len(done) - count :]
        if primitive in ("maximum", "minimum"):  # of several: of the first two, then of that and the third, …
            first, *others = arguments
            for other in others:
                first = self._add(Node(self._span(tree), primitive=primitive, arguments=(first, other)))
            done.append(first)
        else:
            done.append(self._add(Node(self._span(tree), primitive=primitive, arguments=arguments)))

    def _function(self, tree: ast.expr) -> Function:
        name = self._name(tree)
        if name not in FUNCTIONS:
            raise self._unexpected(tree)
        return FUNCTIONS[name]

    def _name(self, tree: ast.expr) -> str:
        match tree:
            case ast.Name(id=name):
                return name
            case ast.Attribute(attr=name, value=ast.Name(id="np" | "numpy" | "math")):
                return name
        raise self._unexpected(tree)

    def _unexpected(self, tree: ast.expr) -> ExpressionError:
        return self.refuse("This can't be used in an expression.", self._span(tree)[0])

    def _add(self, node: Node) -> int:
        self.nodes.append(node)
        return len(self.nodes) - 1

    def _span(self, tree: ast.expr) -> Span:
        return self.indent + self.columns[tree.col_offset], self.indent + self.columns[tree.end_col_offset or 0]


def _columns(source: str) -> range | list[int]:
    """For each byte of the UTF-8 source (in which Python's parser counts), the column of its character."""
    if source.isascii():
        return range(len(source) + 1)
    return [column for column, character in enumerate(source) for _ in character.encode()] + [len(source)]
