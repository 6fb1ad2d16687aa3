"""A trace document as a picture: the graph, the rule of the present step and the table, as the widget shows them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from stepgrad.documents.formulas import label_latex, label_text, latex, number
from stepgrad.documents.table import chosen_input
from stepgrad.documents.trace import GraphEntry, SweepEntry, TraceDocument, Value

from .graph import GraphPicture
from .mathematics import broken, mathtext
from .page import Page, text_width
from .state import State, short, state_after
from .theme import Theme, ThemeName, colours_of
from .trace_table import TablePicture

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["figure"]

_MARGIN = 24.0
_GAP = 32.0  # between graph and table
_HEAD = 52.0
_FOOT = 40.0
_NARROWEST, _BESIDE = 620.0, 1000.0  # of the page; of a graph that has the table at its right
_MATH, _SAY, _META = 21.0, 14.0, 13.0  # sizes of type
_MODES = {"primal": "Primal", "forward": "Forward", "reverse": "Reverse"}


def figure(
    document: TraceDocument,
    sweep: SweepEntry | int | None = None,
    position: int | None = None,
    theme: ThemeName = "light",
) -> Figure:
    """Draw a trace document.

    Args:
        document: The document; it is taken to be valid.
        sweep: The sweep to show: one of the document's, or its number. Without one the graph stands with its primals.
        position: How many of the sweep's steps are done; without it all. What is not computed yet is shown as a dashed
            box and an en dash.
        theme: ``"light"`` or ``"dark"``.

    Returns:
        A matplotlib figure with its own canvas, unknown to pyplot: nothing needs to be closed. The same document gives
        the same picture, byte by byte.

    Raises:
        IndexError: If the sweep has no such position, or the document no such sweep.
        ValueError: If there is no such theme.
    """
    if isinstance(sweep, int):
        sweep = document["sweeps"][sweep]
    graph, colours = document["graph"], colours_of(theme)
    state, final = state_after(graph, sweep, position), state_after(graph, sweep)
    picture = GraphPicture(graph, state, final, colours)
    beside = picture.width <= _BESIDE
    table = TablePicture(graph, state, final, colours, 0.0 if beside else picture.width)
    inner = max(picture.width + _GAP + table.width if beside else max(picture.width, table.width), _NARROWEST)
    rule = _Rule(state, inner)
    body = max(picture.height, table.height) if beside else picture.height + _GAP + table.height
    page = Page(inner + 2 * _MARGIN, _HEAD + body + 20 + rule.height + _FOOT + _MARGIN, colours.page)

    _draw_head(page, graph, sweep, colours, inner)
    graph_top = _HEAD + (max(0.0, (body - picture.height) / 2) if beside else 0)
    picture.draw(page, _MARGIN if beside else _MARGIN + (inner - picture.width) / 2, graph_top)
    if beside:
        table.draw(page, _MARGIN + inner - table.width, _HEAD)
    else:
        table.draw(page, _MARGIN, _HEAD + picture.height + _GAP)
    bottom = _HEAD + body + 20
    rule.draw(page, bottom, colours)
    _draw_foot(page, graph, sweep, state, colours, inner, bottom + rule.height)
    return page.figure


def _draw_head(page: Page, graph: GraphEntry, sweep: SweepEntry | None, theme: Theme, inner: float) -> None:
    """The function at the left, the mode and its seed at the right."""
    signature = rf"{label_latex(graph['name'])}({', '.join(map(label_latex, graph['inputs']))})"
    code = graph["code"]
    page.text(_MARGIN, 32, mathtext(signature), "math", 17, theme.soft)
    mode, seed = (sweep["mode"], sweep["seed"]) if sweep else ("primal", None)
    title = _MODES[mode] + " mode" if mode != "primal" else "Values"
    page.text(_MARGIN + inner, 31, title, "bold", _SAY, theme.accent(mode), "right")
    end = inner - text_width(title, "bold", _SAY)
    if isinstance(seed, list):
        pairs = [
            _equation(label_latex(label, "dot"), value) for label, value in zip(graph["inputs"], seed, strict=True)
        ]
    else:
        pairs = [] if seed is None else [_equation(label_latex(graph["output"], "bar"), seed)]
    written = mathtext(r",\ ".join(pairs)) if pairs else ""
    start = text_width(mathtext(signature), "math", 17) + 14
    if written and text_width(written, "math", 15.5) < end - start - 40:
        page.text(_MARGIN + end - 14, 31, written, "math", 15.5, theme.soft, "right")
        end -= 14 + text_width(written, "math", 15.5)
    if code and code["language"] == "expression":
        line = "= " + " ".join(code["text"].split())
        if text_width(line, "mono", _SAY) < end - start - 20:
            page.text(_MARGIN + start, 31, line, "mono", _SAY, theme.ink)


def _draw_foot(
    page: Page, graph: GraphEntry, sweep: SweepEntry | None, state: State, theme: Theme, inner: float, top: float
) -> None:
    """Where the sweep stands and what it costs; at its end the result."""
    base = top + _FOOT - 10
    output = graph["output"]
    if sweep is None:
        value = next(node["value"] for node in graph["nodes"] if node["label"] == output)
        result = [_equation(label_latex(output), value)]
    else:
        operations, held = (state.step["operations"], state.step["held"]) if state.step else (0, None)
        facts = [f"step {state.position} of {state.steps}", f"operations {operations}"]
        facts += [] if held is None else [f"values held {held}"]
        page.text(_MARGIN, base, "     ".join(facts), "sans", _META, theme.soft)
        result = _results(graph, sweep) if state.finished else []
    written = mathtext(r",\quad ".join(result)) if result else ""
    room = inner - 330 if sweep else inner
    if written and text_width(written, "math", 17) > room:
        written = mathtext(r",\quad ".join([*result[:2], r"\ldots"]))
    if written and text_width(written, "math", 17) <= room:
        page.text(_MARGIN + inner, base, written, "math", 17, theme.accent(state.mode), "right")


def _results(graph: GraphEntry, sweep: SweepEntry) -> list[str]:
    """The result of a finished sweep, equation by equation."""
    result, output = sweep["result"], graph["output"]
    if result["derivative"] is not None:
        chosen = chosen_input(graph, sweep)
        left = (
            rf"\nabla {label_latex(output)} \cdot \dot{{x}}" if chosen is None else latex(["partial", output, chosen])
        )
        return [_equation(left, result["derivative"])]
    if result["gradient"] is not None:
        names = [
            latex(["partial", output, label]) if sweep["seed"] == 1 else latex(["bar", label])
            for label in graph["inputs"]
        ]
        return [_equation(name, value) for name, value in zip(names, result["gradient"], strict=True)]
    return [_equation(label_latex(output), result["value"])]


def _equation(left: str, value: Value) -> str:
    """An equation in LaTeX; of a large array the shape is told."""
    if not isinstance(value, Mapping):
        return f"{left} = {number(float(value), 'latex')}"
    written = short(value).replace(", ", r",\,")
    return rf"{left}\ \mathrm{{of\ shape\ {written}}}" if written.startswith("(") else rf"{left} = \mathrm{{{written}}}"


class _Rule:
    """The rule of the present step, in symbols and with the numbers in, and what it means in one sentence."""

    def __init__(self, state: State, inner: float) -> None:
        self._mode = _MODE_OF_PHASE[state.step["phase"]] if state.step else state.mode
        self._inner = inner
        self._lines = [] if state.step is None else [state.step["latex"]]
        self._sentence = _sentence(state)
        room = inner - 40
        if self._lines and text_width(mathtext(self._lines[0]), "math", _MATH) > room:
            self._lines = broken(self._lines[0])
        self._sizes = []
        for line in self._lines:
            width = text_width(mathtext(line), "math", _MATH)
            self._sizes.append(_MATH * min(1.0, room / width))
        self.height = 50.0 + 36 * max(1, len(self._lines)) if self._sentence else 0.0

    def draw(self, page: Page, top: float, theme: Theme) -> None:
        """Draw the panel at a height."""
        if not self.height:
            return
        page.rectangle(_MARGIN, top, self._inner, self.height, theme.fill)
        page.rectangle(_MARGIN, top, 3.5, self.height, theme.accent(self._mode))
        base = top + 12
        for line, size in zip(self._lines, self._sizes, strict=True):
            page.text(_MARGIN + 20, base + 25, mathtext(line), "math", size, theme.ink)
            base += 36
        page.text(_MARGIN + 20, base + (17 if self._lines else 35), self._sentence, "sans", _SAY, theme.soft)


_MODE_OF_PHASE = {"primal": "primal", "tangent": "forward", "seed": "reverse", "adjoint": "reverse"}


def _sentence(state: State) -> str:
    """What the present step does, in words."""
    step = state.step
    if step is None:
        if not state.steps:
            return ""
        given = "inputs and their tangents" if state.mode == "forward" else "inputs"
        return f"Nothing is computed yet: the {given} are given."
    node = label_text(step["node"])
    if step["phase"] == "primal":
        return f"The value of {node} is computed from its arguments."
    if step["phase"] == "tangent":
        return f"Beside the value of {node}: its arguments’ tangents, each times the local derivative."
    if step["phase"] == "seed":
        return f"The sweep back starts at the output, {node}."
    source = label_text(step["source"] or "")
    if step["accumulates"]:
        return f"Another path into {node}, from {source}: its contribution is added to what has arrived."
    return f"The adjoint of {source} flows back into {node}, times the local derivative."
