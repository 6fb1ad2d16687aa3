"""Which piece of a function's code computed which node.

While the function runs once, `Watch` notes at which instruction of its code it is, by the clock of the nodes; CPython
knows the line and columns of each instruction. So a node's time finds the very subexpression that made it.
"""

from __future__ import annotations

import ast
import inspect
import sys
import textwrap
from bisect import bisect_right
from collections.abc import Callable
from types import CodeType, FrameType
from typing import Any, NamedTuple

from ..autodiff.tensor import clock


class Span(NamedTuple):
    """A piece of one line of the shown code: lines from 1, columns from 0, the end exclusive."""

    line: int
    start: int
    end: int


class Place(NamedTuple):
    """Where a node was computed: the piece of code, and the how manyeth statement that was running."""

    span: Span | None
    statement: int


class Source(NamedTuple):
    """The code of a function as it is shown: text, and how its own lines and columns map into it."""

    text: str
    first_line: int
    indent: int
    language: str = "python"


class Watch:
    """Runs a function and keeps, for any moment of the clock, the instruction it was at.

    Only the function's own frame is watched, not what it calls. A debugger or a coverage tool that was tracing before
    is put back in its place.
    """

    def __init__(self, f: Callable[..., Any]) -> None:
        self.code = code_of(f)
        self.source = source_of(self.code)
        self._times: list[int] = []
        self._moments: list[tuple[int, int]] = []
        self._starts = statement_starts(self.source.text) if self.source else {}
        self._statement = 0
        self._line = -1
        self._instruction = -1
        self._positions = list(self.code.co_positions()) if self.code else []

    def run(self, f: Callable[..., Any], *arguments: Any) -> Any:
        """f(*arguments), watched."""
        before = sys.gettrace()
        sys.settrace(self._enter)
        try:
            return f(*arguments)
        finally:
            sys.settrace(before)

    def _enter(self, frame: FrameType, _event: str, _argument: object) -> Any:
        if frame.f_code is not self.code:
            return None
        frame.f_trace_opcodes = True
        return self._step

    def _step(self, frame: FrameType, event: str, _argument: object) -> Any:
        if event == "line" and self.source:
            line = frame.f_lineno - self.source.first_line + 1
            start = self._starts.get(line, line)
            if start != self._line or frame.f_lasti < self._instruction:
                self._statement += 1
            self._line = start
        if event == "opcode":
            self._instruction = frame.f_lasti
            self._times.append(next(clock))
            self._moments.append((frame.f_lasti, self._statement))
        return self._step

    def place(self, time: int) -> Place | None:
        """Where the node made at this time was computed; None if the function's code is not known."""
        i = bisect_right(self._times, time) - 1
        if i < 0 or self.source is None:
            return None
        instruction, statement = self._moments[i]
        return Place(self._span(instruction), statement)

    def _span(self, instruction: int) -> Span | None:
        assert self.source is not None
        line, end_line, start, end = self._positions[instruction // 2]
        lines = self.source.text.split("\n")
        if line is None or start is None or end is None:
            return None
        row = line - self.source.first_line
        if not 0 <= row < len(lines):
            return None
        shown = lines[row]
        indent = self.source.indent if row == 0 or self.source.language == "python" else 0
        first = _characters(shown, start - indent)
        last = _characters(shown, end - indent) if end_line == line else len(shown)
        return Span(row + 1, first, last) if 0 <= first < last else None


def _characters(line: str, byte_column: int) -> int:
    """A column in characters from one in UTF-8 bytes."""
    return len(line.encode()[: max(byte_column, 0)].decode(errors="ignore"))


def code_of(f: Callable[..., Any]) -> CodeType | None:
    """The code object that calling f runs; None where there is none to watch (a builtin)."""
    f = inspect.unwrap(f)
    while hasattr(f, "func") and not hasattr(f, "__code__"):  # functools.partial
        f = f.func
    f = getattr(f, "__func__", f)
    if not hasattr(f, "__code__"):
        f = getattr(type(f).__call__, "__func__", type(f).__call__)
    code = getattr(f, "__code__", None)
    return code if isinstance(code, CodeType) else None


def source_of(code: CodeType | None) -> Source | None:
    """The text of the function's code, dedented; for a lambda the lambda alone, where it can be cut out of its line."""
    if code is None:
        return None
    try:
        lines, first_line = inspect.getsourcelines(code)
    except (OSError, TypeError):
        return None
    raw = "".join(lines).rstrip()
    text = textwrap.dedent(raw)
    indent = len(raw) - len(raw.lstrip()) if raw else 0
    if code.co_name == "<lambda>":
        cut = _lambda_alone(text, indent, code, first_line)
        if cut:
            return cut
    return Source(text, first_line, indent)


def _lambda_alone(text: str, indent: int, code: CodeType, first_line: int) -> Source | None:
    """A one-line lambda cut out of the statement it stands in."""
    columns = [
        (p[2], p[3])
        for p in code.co_positions()
        if p[0] == p[1] == first_line and p[2] is not None and p[3] is not None
    ]
    first = text.split("\n", maxsplit=1)[0]
    for padded, shift in ((text, 0), (text.rstrip().rstrip(",") + "\n", 0), (f"({first.strip().rstrip(',')}", 1)):
        try:
            tree = ast.parse(padded)
        except (SyntaxError, ValueError):
            continue
        for node in ast.walk(tree):
            if not isinstance(node, ast.Lambda) or node.lineno != 1 or node.end_lineno != 1:
                continue
            start, end = node.col_offset - shift, (node.end_col_offset or 0) - shift
            if all(start <= a - indent and b - indent <= end for a, b in columns if b > a):
                cut = first.encode()[start:end].decode(errors="ignore")
                return Source(cut, first_line, indent + start)
    start = first.find("lambda")
    return Source(first[start:], first_line, indent + start) if start > 0 and "\n" not in text else None


def statement_starts(text: str) -> dict[int, int]:
    """For each line of a simple statement that goes over several, the line it starts at."""
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError):
        return {}
    starts: dict[int, int] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.stmt) and not hasattr(node, "body"):
            starts.update(dict.fromkeys(range(node.lineno, (node.end_lineno or node.lineno) + 1), node.lineno))
    return starts
