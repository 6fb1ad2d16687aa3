"""The graph of a trace document as a picture: nodes with their numbers, edges, and where a sweep stands."""

from __future__ import annotations

from dataclasses import dataclass

from stepgrad.documents.formulas import label_latex
from stepgrad.documents.trace import Edge, GraphEntry, NodeEntry, StepEntry

from .mathematics import mathtext
from .page import Page, text_width
from .state import State, short
from .theme import Theme

__all__ = ["GraphPicture"]

_PADDING = 14.0  # between a box's border and what is written in it
_NARROWEST = 96.0
_TALL, _LOW = 56.0, 34.0  # boxes with and without a line for the derivative
_BADGE = 20.0  # below a box
_NAME, _SYMBOL, _VALUE, _ROLE = 17.0, 13.0, 12.5, 10.5  # sizes of type
_PORT_LIMIT = 20.0  # how far from a box's middle an edge may arrive


@dataclass(slots=True)
class _Place:
    """A node's box: its middle and its half width."""

    x: float
    y: float
    half: float


class GraphPicture:
    """Measures a graph when made, so that a page can be laid out around it; draws it when told where."""

    def __init__(self, graph: GraphEntry, states: State, widest: State, theme: Theme) -> None:
        self._graph = graph
        self._state = states
        self._theme = theme
        self._nodes = {node["label"]: node for node in graph["nodes"]}
        self._derivatives = states.mode != "primal"
        self._height = _TALL if self._derivatives else _LOW
        self._badges = states.mode == "reverse" and any(node["role"] for node in graph["nodes"])
        columns = round(max(node["x"] for node in graph["nodes"])) + 1
        widths = [_NARROWEST] * columns
        for node in graph["nodes"]:
            column = round(node["x"])
            widths[column] = max(widths[column], self._box_width(node, widest))
        gap = 62.0 if len(graph["nodes"]) <= 60 else 44.0
        self._halves = [width / 2 for width in widths]
        self._middles = []
        x = 2.0
        for width in widths:
            self._middles.append(x + width / 2)
            x += width + gap
        self.width = x - gap + 2
        low = min([node["y"] for node in graph["nodes"]] + [y for edge in graph["edges"] for _, y in edge["points"]])
        high = max([node["y"] for node in graph["nodes"]] + [y for edge in graph["edges"] for _, y in edge["points"]])
        compact = 80.0 if self._derivatives else 64.0
        self._pitch = (
            compact + (12 if self._badges else 0) + (36 if high - low <= 2.5 else 12 if high - low <= 6 else 0)
        )
        self._low = low
        self._margin = self._height / 2 + 2
        self.height = (high - low) * self._pitch + 2 * self._margin + (_BADGE if self._badges else 0)

    def _box_width(self, node: NodeEntry, widest: State) -> float:
        first = self._name_width(node) + 18 + text_width(short(node["value"]), "mono", _VALUE)
        width = first + 2 * _PADDING
        if self._derivatives:
            sums = [states.nodes[node["label"]].sum() for states in (self._state, widest)]
            second = max(text_width(written, "bold", _VALUE) for written in sums)
            width = max(width, text_width(self._accented(node["label"]), "math", _NAME) + 16 + second + 2 * _PADDING)
        return width

    def _name_width(self, node: NodeEntry) -> float:
        name = text_width(mathtext(label_latex(node["label"])), "math", _NAME)
        return name + (7 + text_width(node["symbol"], "sans", _SYMBOL) if node["symbol"] else 0)

    def _accented(self, label: str) -> str:
        return mathtext(label_latex(label, "dot" if self._state.mode == "forward" else "bar"))

    # ---- drawing ---------------------------------------------------------------------------------------------

    def draw(self, page: Page, left: float, top: float) -> None:
        """Draw the graph with its top left corner at a point of the page."""
        step = self._state.step
        for edge in self._graph["edges"]:
            self._draw_edge(page, edge, step, left, top)
        for node in self._graph["nodes"]:
            self._draw_node(page, node, left, top)

    def _place(self, label: str, left: float, top: float) -> _Place:
        node = self._nodes[label]
        column = round(node["x"])
        return _Place(left + self._middles[column], self._row(node["y"], top), self._halves[column])

    def _row(self, y: float, top: float) -> float:
        return top + self._margin + (y - self._low) * self._pitch

    def _route(self, edge: Edge, left: float, top: float) -> list[tuple[float, float]]:
        """The points of an edge on the page, from the border of one box to that of the other."""
        source, target = self._place(edge["from"], left, top), self._place(edge["to"], left, top)
        points = [(source.x + source.half, _near(self._row(edge["points"][0][1], top), source.y))]
        for x, y in edge["points"][1:-1]:
            column, height = round(x), self._row(y, top)
            middle, half = left + self._middles[column], self._halves[column]
            points += [(middle - half, height), (middle + half, height)]
        points.append((target.x - target.half - 1.5, _near(self._row(edge["points"][-1][1], top), target.y)))
        return points

    def _draw_edge(self, page: Page, edge: Edge, step: StepEntry | None, left: float, top: float) -> None:
        route = self._route(edge, left, top)
        now = step is not None and step["phase"] in ("primal", "tangent") and step["node"] == edge["to"]
        accent = self._accent(step["phase"] if step else "primal")
        page.arrow(route, accent if now else self._theme.edge, 2.4 if now else 1.75, above=now)
        if step is not None and (step["source"], step["node"], step["argument"]) == (
            edge["to"],
            edge["from"],
            edge["argument"],
        ):
            back = [(x, y - 7) for x, y in reversed(route)]
            back[-1] = (back[-1][0] + 2.5, back[-1][1])
            page.arrow(back, accent, 2.6, above=True, lean=13)

    def _accent(self, phase: str) -> str:
        return self._theme.accent({"tangent": "forward", "adjoint": "reverse", "seed": "reverse"}.get(phase, "primal"))

    def _draw_node(self, page: Page, node: NodeEntry, left: float, top: float) -> None:
        theme, state, step = self._theme, self._state.nodes[node["label"]], self._state.step
        place = self._place(node["label"], left, top)
        x, y = place.x - place.half, place.y - self._height / 2
        now = step is not None and step["node"] == node["label"]
        phase = step["phase"] if step else ("tangent" if self._state.mode == "forward" else "primal")
        known = state.primal is not None if phase == "primal" else state.derivative is not None
        accent = self._accent(phase)
        fill = (
            theme.accent_fill({"primal": "primal", "tangent": "forward"}.get(phase, "reverse")) if now else theme.page
        )
        line = accent if now or (known and phase != "primal") else theme.soft
        page.rectangle(x, y, 2 * place.half, self._height, fill, line, 2.5 if now else 1.25, not known, 8)
        near, far = x + _PADDING, x + 2 * place.half - _PADDING
        first = place.y - (6 if self._derivatives else -5)
        page.text(near, first, mathtext(label_latex(node["label"])), "math", _NAME, theme.ink)
        if node["symbol"]:
            start = near + self._name_width(node) - text_width(node["symbol"], "sans", _SYMBOL)
            page.text(start, first, node["symbol"], "sans", _SYMBOL, theme.soft)
        primal = "–" if state.primal is None else short(state.primal)
        page.text(
            far, first, primal, "mono", _VALUE, theme.soft if not now or phase != "primal" else theme.ink, "right"
        )
        if self._derivatives:
            colour = theme.accent(self._state.mode) if state.derivative is not None else theme.soft
            page.text(near, first + 24, self._accented(node["label"]), "math", _NAME, colour)
            page.text(
                far,
                first + 24,
                state.sum(),
                "bold" if state.derivative is not None else "mono",
                _VALUE,
                colour,
                "right",
            )
        if self._badges and node["role"]:
            badge = "\u200a".join(node["role"].upper())
            page.text(place.x, place.y + self._height / 2 + 15, badge, "bold", _ROLE, theme.soft, "center")


def _near(y: float, middle: float) -> float:
    return min(max(y, middle - _PORT_LIMIT), middle + _PORT_LIMIT)
