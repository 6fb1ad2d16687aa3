"""A graph document as a picture: circles and arrows, and below them the nodes on a line in the present order."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ..documents.dag import edges_of, symbol
from ..documents.notation import label_latex, number
from .mathematics import mathtext
from .page import Page
from .theme import Theme, ThemeName, colours_of

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["figure"]

_RADIUS, _CHIP = 25.0, 17.0
_ACROSS, _DOWN = 128.0, 92.0
_MARGIN = 44.0
_NARROWEST = 420.0
_BAD = {"light": "#b3261e", "dark": "#ff8f86"}

Point = tuple[float, float]


def figure(document: Mapping[str, Any], theme: ThemeName = "light", hidden: bool = False) -> Figure:
    """Draw a graph document.

    Args:
        document: the document.
        theme: ``"light"`` or ``"dark"``.
        hidden: leave out what a learner is to predict: how many orders there are.

    Returns:
        A matplotlib figure with its own canvas, unknown to pyplot.

    Raises:
        ValueError: If there is no such theme.
    """
    colours = colours_of(theme)
    nodes, order = document["nodes"], document["order"]
    across = max([node["x"] for node in nodes], default=0.0)
    down = max([node["y"] for node in nodes], default=0.0)
    pitch = max(46.0, min(110.0, 700.0 / max(1, len(order) - 1)))
    inner = max(across * _ACROSS, (len(order) - 1) * pitch, _NARROWEST - 2 * _MARGIN)
    spans = _spans(order, edges_of(nodes))
    up, low = (max([_rise(s) for s in spans if s * sign > (sign > 0)], default=0.0) for sign in (1, -1))
    line = 2 * _MARGIN + down * _DOWN + 26 + up + _CHIP
    page = Page(inner + 2 * _MARGIN, line + _CHIP + 30 + low + 34, colours.page)
    left = _MARGIN + (inner - across * _ACROSS) / 2
    places = {node["label"]: (left + node["x"] * _ACROSS, _MARGIN + node["y"] * _DOWN) for node in nodes}
    backward = {tuple(edge) for edge in document["backward"]}
    for source, target in dict.fromkeys(edges_of(nodes)):
        bad = (source, target) in backward
        _arrow(page, places, source, target, _BAD[theme] if bad else colours.edge, 2.6 if bad else 1.6)
    late = {label for edge in backward for label in edge}
    for node in nodes:
        _node(page, node, places[node["label"]], order.index(node["label"]) + 1, colours)
    start = _MARGIN + (inner - (len(order) - 1) * pitch) / 2
    spots = {label: (start + i * pitch, line) for i, label in enumerate(order)}
    for source, target in dict.fromkeys(edges_of(nodes)):
        bad = (source, target) in backward
        _arc(page, spots[source], spots[target], pitch, _BAD[theme] if bad else colours.edge, bad)
    for i, label in enumerate(order):
        x, y = spots[label]
        page.dot(
            x, y, _CHIP, colours.fill, _BAD[theme] if label in late else colours.ink, 2.5 if label in late else 1.4
        )
        page.text(x, y + 5.5, mathtext(label_latex(label)), "math", _fitting(label, 17.0), colours.ink, "center")
        page.text(x, y + _CHIP + 17, str(i + 1), "bold", 11.5, colours.soft, "center")
    page.text(_MARGIN - 20, line + _CHIP + 30 + low + 16, _said(document, hidden), "sans", 13, colours.ink)
    return page.figure


def _fitting(label: str, size: float) -> float:
    return size if len(label) < 5 else size * 4.5 / len(label)


def _said(document: Mapping[str, Any], hidden: bool) -> str:
    backward = document["backward"]
    if backward:
        return f"{len(backward)} edge{'s' * (len(backward) > 1)} point{'s' * (len(backward) == 1)} backward"
    if hidden:
        return "every edge points forward"
    count = document["count"]
    return f"every edge points forward: one of {int(count):,}" if count else "every edge points forward"


def _node(page: Page, node: Mapping[str, Any], at: Point, place: int, colours: Theme) -> None:
    x, y = at
    sign = symbol(node)  # type: ignore[arg-type]
    page.dot(x, y, _RADIUS, colours.page, colours.ink, 1.4)
    label = node["label"]
    lift = -2.0 if sign else 6.0
    page.text(x, y + lift, mathtext(label_latex(label)), "math", _fitting(label, 18.0), colours.ink, "center")
    if sign:
        page.text(x, y + 14, sign, "sans", 11.5, colours.soft, "center")
    elif node["value"] is not None:
        page.text(x, y + _RADIUS + 16, f"= {number(node['value'])}", "mono", 12, colours.soft, "center")
    page.text(x, y - _RADIUS - 6, str(place), "bold", 11.5, colours.soft, "center")


def _arrow(page: Page, places: Mapping[str, Point], source: str, target: str, colour: str, weight: float) -> None:
    """A line from circle to circle, round the others that stand in its way."""
    (x0, y0), (x1, y1) = places[source], places[target]
    long = math.hypot(x1 - x0, y1 - y0) or 1.0
    ux, uy = (x1 - x0) / long, (y1 - y0) / long
    bend = 0.0
    for label, (x, y) in places.items():
        along, side = (x - x0) * ux + (y - y0) * uy, (x - x0) * -uy + (y - y0) * ux
        if label not in (source, target) and _RADIUS < along < long - _RADIUS and abs(side) < _RADIUS + 6:
            bend = math.copysign(max(abs(bend), 2 * (_RADIUS + 12 - abs(side)) + 26), -side or -1.0)
    middle = ((x0 + x1) / 2 - uy * bend, (y0 + y1) / 2 + ux * bend)
    _curve(page, _toward((x0, y0), middle, _RADIUS), middle, _toward((x1, y1), middle, _RADIUS + 2), colour, weight)


def _toward(start: Point, end: Point, length: float) -> Point:
    far = math.hypot(end[0] - start[0], end[1] - start[1]) or 1.0
    return start[0] + (end[0] - start[0]) * length / far, start[1] + (end[1] - start[1]) * length / far


def _curve(page: Page, start: Point, middle: Point, end: Point, colour: str, weight: float) -> None:
    """A quadratic curve with a head at its end."""
    stop = _toward(end, middle, 8)
    points = [
        tuple((1 - t) ** 2 * a + 2 * t * (1 - t) * b + t * t * c for a, b, c in zip(start, middle, stop, strict=True))
        for t in (i / 16 for i in range(17))
    ]
    page.polyline(points, colour, weight)  # type: ignore[arg-type]
    tilt = math.atan2(end[1] - middle[1], end[0] - middle[0])
    corners = [(end[0] - 11 * math.cos(tilt + turn), end[1] - 11 * math.sin(tilt + turn)) for turn in (0.42, -0.42)]
    page.polyline([end, *corners, end], colour, 0.1, fill=colour)


def _spans(order: Sequence[str], edges: Sequence[tuple[str, str]]) -> list[int]:
    return [order.index(target) - order.index(source) for source, target in edges]


def _rise(span: int) -> float:
    return min(30 + 17 * (abs(span) - 1), 110)


def _arc(page: Page, start: Point, end: Point, pitch: float, colour: str, backward: bool) -> None:
    (x0, y), (x1, _) = start, end
    span = round((x1 - x0) / pitch)
    if span == 1:
        _curve(page, (x0 + _CHIP, y), ((x0 + x1) / 2, y), (x1 - _CHIP - 2, y), colour, 1.6)
        return
    sign = 1 if backward else -1
    lean = -1 if backward else 1
    top = y + sign * (_CHIP + 1.5 * _rise(span))
    ends = [
        (x0 + lean * _CHIP * 0.5, y + sign * _CHIP * 0.87),
        (x1 - lean * _CHIP * 0.5, y + sign * (_CHIP * 0.87 + 2)),
    ]
    _curve(page, ends[0], ((x0 + x1) / 2, top), ends[1], colour, 2.6 if backward else 1.6)
