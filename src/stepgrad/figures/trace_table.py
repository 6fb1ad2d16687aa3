"""The table beside the graph: a row a node, primals read downwards, adjoints upwards."""

from __future__ import annotations

from dataclasses import dataclass

from stepgrad.documents.formulas import Tree, label_latex, latex
from stepgrad.documents.trace import GraphEntry, NodeEntry, Value

from .mathematics import mathtext
from .page import Page, text_width
from .state import State, short
from .theme import Theme

__all__ = ["TablePicture"]

_ROW, _LINE, _HEAD = 30.0, 22.0, 30.0  # heights
_MATH, _VALUE, _TITLE = 15.5, 12.5, 11.0  # sizes of type
_GAP = 16.0
_MOST_ROWS = 24  # beside a graph; below it twice as many
_BLOCK_GAP, _SHORTEST = 44.0, 8  # between pieces that stand side by side; rows of a piece
_MOST_LINES = 4  # contributions to one adjoint


@dataclass(slots=True)
class _Line:
    """What stands at the right of a row: a formula and the value it led to."""

    formula: str
    value: str
    known: bool


@dataclass(slots=True)
class _Row:
    """A row: cells of the primal trace, lines of the derivative trace; one without a label stands for rows left out."""

    label: str
    name: str
    formula: str
    value: str
    lines: list[_Line]

    @property
    def height(self) -> float:
        return _ROW + _LINE * max(0, len(self.lines) - 1)


class TablePicture:
    """Measures the table when made; draws it when told where.

    It is as large as it will be at the end of the sweep, so that the pictures of a sweep's steps are alike in size.
    With ``room`` for its width it is cut into pieces that stand side by side.
    """

    def __init__(self, graph: GraphEntry, state: State, final: State, theme: Theme, room: float = 0.0) -> None:
        self._theme = theme
        self._state = state
        self._derivatives = state.mode != "primal"
        most = _MOST_ROWS * (2 if room else 1)
        rows = self._shortened([self._row(node, state) for node in graph["nodes"]], most)
        final_rows = self._shortened([self._row(node, final) for node in graph["nodes"]], most)
        for row, last in zip(rows, final_rows, strict=True):
            missing = len(last.lines) - len(row.lines)
            blank = [_Line("", "", False)] * missing
            row.lines = blank + row.lines if row.lines and row.lines[0].known else row.lines + blank
        both = rows + final_rows
        self._names = max(text_width(row.name, "math", _MATH) for row in rows)
        self._formulas = max(text_width(row.formula, "math", _MATH) for row in rows)
        self._values = max(text_width(row.value, "mono", _VALUE) for row in both)
        self._middle = 6 + self._names + _GAP + self._formulas + _GAP + self._values
        self._piece = self._middle + 6
        if self._derivatives:
            lines = [line for row in both for line in row.lines]
            right = max((text_width(line.formula, "math", _MATH) for line in lines), default=0)
            values = max((text_width(line.value, "mono", _VALUE) for line in lines), default=0)
            self._piece += max(text_width(self._title(), "bold", _TITLE), right + _GAP + values) + 22
        pieces = max(1, min(int((room + _BLOCK_GAP) / (self._piece + _BLOCK_GAP)), -(-len(rows) // _SHORTEST)))
        length = -(-len(rows) // pieces)
        self._pieces = [rows[start : start + length] for start in range(0, len(rows), length)]
        self.width = len(self._pieces) * (self._piece + _BLOCK_GAP) - _BLOCK_GAP
        self.height = _HEAD + max(sum(row.height for row in piece) for piece in self._pieces)

    def _title(self) -> str:
        return "TANGENT ↓" if self._state.mode == "forward" else "ADJOINT ↑"

    def _row(self, node: NodeEntry, states: State) -> _Row:
        label = node["label"]
        state = states.nodes[label]
        formula = "" if node["kind"] == "input" or node["expression"] is None else latex(node["expression"])
        return _Row(
            label,
            mathtext(label_latex(label)),
            mathtext(formula) if formula else "",
            "–" if state.primal is None else short(state.primal),
            self._lines(label, states) if self._derivatives else [],
        )

    def _lines(self, label: str, states: State) -> list[_Line]:
        """The derivative's line, or one for each contribution to an adjoint, the last on top."""
        state = states.nodes[label]
        left: Tree = ["dot" if self._state.mode == "forward" else "bar", label]
        if state.derivative is None or not state.formulas:
            value = "–" if state.derivative is None else short(state.derivative)
            return [_Line(mathtext(latex(left)), value, state.derivative is not None)]
        lines = [self._line(left, formula, value, bool(place)) for place, (formula, value) in enumerate(state.formulas)]
        if len(lines) > _MOST_LINES:
            left_out = len(lines) - _MOST_LINES + 1
            lines = [_Line(rf"$\ldots\ \mathrm{{{left_out}\ more}}$", "", True), *lines[1 - _MOST_LINES :]]
        return lines[::-1]

    def _line(self, left: Tree, formula: Tree, value: Value, accumulates: bool) -> _Line:
        written = "" if isinstance(formula, (int, float)) else latex(formula)
        relation = r" \mathrel{+}= " if accumulates else " = "
        return _Line(mathtext(latex(left) + (relation + written if written else "")), short(value), True)

    def _shortened(self, rows: list[_Row], most: int) -> list[_Row]:
        """At most so many rows, those around the present step; a row of dots stands for the others."""
        if len(rows) <= most:
            return rows
        step = self._state.step
        labels = [row.label for row in rows]
        present = labels.index(step["node"]) if step else 0
        first = min(max(0, present - most // 2), len(rows) - most)
        last = first + most
        above = [_left_out(first)] if first else []
        below = [_left_out(len(rows) - last)] if last < len(rows) else []
        return [*above, *rows[first:last], *below]

    def draw(self, page: Page, left: float, top: float) -> None:
        """Draw the table with its top left corner at a point of the page."""
        for number, rows in enumerate(self._pieces):
            self._draw_piece(page, rows, left + number * (self._piece + _BLOCK_GAP), top)

    def _draw_piece(self, page: Page, rows: list[_Row], left: float, top: float) -> None:
        theme, right = self._theme, left + self._piece
        accent = theme.accent(self._state.mode)
        page.text(left + 6, top + 14, "PRIMAL ↓", "bold", _TITLE, theme.soft)
        if self._derivatives:
            page.text(left + self._middle + 22, top + 14, self._title(), "bold", _TITLE, theme.soft)
        page.line([(left, top + _HEAD), (right, top + _HEAD)], theme.line, 1.2)
        y = top + _HEAD
        for row in rows:
            now = self._state.step is not None and self._state.step["node"] == row.label
            if now:
                page.rectangle(left, y, self._piece, row.height, theme.accent_fill(self._phase()))
            base = y + _ROW / 2 + 5
            page.text(left + 6, base, row.name, "math", _MATH, theme.ink if row.label else theme.soft)
            page.text(left + 6 + self._names + _GAP, base, row.formula, "math", _MATH, theme.ink)
            page.text(left + self._middle, base, row.value, "mono", _VALUE, theme.ink, "right")
            for number, line in enumerate(row.lines):
                colour = accent if line.known else theme.soft
                page.text(left + self._middle + 22, base + number * _LINE, line.formula, "math", _MATH, colour)
                page.text(right - 6, base + number * _LINE, line.value, "mono", _VALUE, colour, "right")
            y += row.height
            page.line([(left, y), (right, y)], theme.line, 0.7, above=True)

    def _phase(self) -> str:
        return "primal" if self._state.step and self._state.step["phase"] == "primal" else self._state.mode


def _left_out(count: int) -> _Row:
    return _Row("", rf"$\ldots\ \mathrm{{{count}\ more}}$", "", "", [])
