"""A signals document as a picture: the signal with the kernel at its place, their product, and what comes out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ..documents.notation import number
from .page import Page
from .theme import Theme, ThemeName, colours_of

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["figure"]

_WIDTH, _LEFT, _RIGHT = 760.0, 56.0, 20.0
_PANELS = {"input": (46.0, 176.0), "product": (226.0, 306.0), "output": (346.0, 466.0)}
_HEIGHT = 500.0
_TYPE = 12.0

Array = np.ndarray[Any, Any]


class _Axes(NamedTuple):
    """From numbers to pixels: an interval of times and, for each panel, one of values."""

    times: tuple[float, float]
    values: Mapping[str, tuple[float, float]]

    def x(self, time: Any) -> Any:
        low, high = self.times
        return _LEFT + (time - low) / (high - low) * (_WIDTH - _LEFT - _RIGHT)

    def y(self, panel: str, value: Any) -> Any:
        (low, high), (top, bottom) = self.values[panel], _PANELS[panel]
        return bottom - (value - low) / (high - low) * (bottom - top)


def figure(document: Mapping[str, Any], theme: ThemeName = "light", hidden: bool = False) -> Figure:
    """Draw a signals document.

    Args:
        document: the document.
        theme: ``"light"`` or ``"dark"``.
        hidden: leave out what a learner is to predict: the product and the output.

    Returns:
        A matplotlib figure with its own canvas, unknown to pyplot.

    Raises:
        ValueError: If there is no such theme.
    """
    colours = colours_of(theme)
    step = document["position"]
    axes = _axes(document)
    page = Page(_WIDTH, _HEIGHT, colours.page)
    _grid(page, document, axes, colours)
    _draw(page, document["input"], axes, colours.ink, -4, solid=True)
    turned = _turned(document["kernel"]) if document["flip"] and step >= 1 else document["kernel"]
    shift = document["place"]["index"] if step >= 2 else 0
    _draw(page, {**turned, "first": turned["first"] + shift}, axes, colours.tangent, 4, solid=False)
    if step >= 3 and not hidden:
        _product(page, document, turned, axes, colours)
    if step >= 4 and not hidden:
        _output(page, document, axes, colours)
    return page.figure


def _turned(signal: Mapping[str, Any]) -> dict[str, Any]:
    last = signal["first"] + len(signal["values"]) - (signal["step"] == 1)
    return {**signal, "first": -last, "values": signal["values"][::-1]}


def _times(signal: Mapping[str, Any]) -> Array:
    """The times of the samples, or of the middles of the cells."""
    middle = 0.0 if signal["step"] == 1 else 0.5
    times: Array = (signal["first"] + middle + np.arange(len(signal["values"]))) * signal["step"]
    return times


def _axes(document: Mapping[str, Any]) -> _Axes:
    """An axis of times that holds the kernel at its first and last place, as in the widget."""
    places, kernel = document["places"], document["kernel"]
    step = document["output"]["step"]
    ends = [places["first"] * step, (places["first"] + places["stride"] * (places["count"] - 1)) * step]
    a, b = kernel["shown"]
    if document["flip"]:
        a, b = -b, -a
    times = [*document["input"]["shown"], *kernel["shown"], a, b, *ends, ends[0] + a, ends[1] + b]
    room = 0.6 if step == 1 else 0.1
    x, w = (np.array(document[name]["values"]) for name in ("input", "kernel"))
    products = np.outer([x.min(), x.max(), 0], [w.min(), w.max(), 0])
    values = {
        "input": _range(np.concatenate([x, w])),
        "product": _range(products),
        "output": _range(np.array(document["output"]["values"])),
    }
    return _Axes((min(times) - room, max(times) + room), values)


def _range(values: Array) -> tuple[float, float]:
    low, high = min(0.0, float(values.min())), max(0.0, float(values.max()))
    spare = 0.06 * (high - low or 1.0)
    return (low - spare if low else 0.0), high + spare


def _grid(page: Page, document: Mapping[str, Any], axes: _Axes, colours: Theme) -> None:
    discrete = document["domain"] == "discrete"
    sign = " ∗ w" if document["flip"] else " ⋆ w"
    source = "x" + document["again"] * sign
    signal, kernel = document["names"]
    name = "convolution" if document["flip"] else "cross-correlation"
    page.text(_LEFT, 20, f"{name}, y = {source}{sign}", "bold", _TYPE + 1, colours.ink)
    tau, letter = ("m", "n") if discrete else ("τ", "t")
    titles = {
        "input": [
            (f"{source}, x: {signal}" if document["again"] else f"x: {signal}", colours.ink),
            (f"    w{'' if discrete else ' (dashed)'}: {kernel}, {_seen(document, tau)}", colours.tangent),
        ],
        "product": [("product", colours.soft)],
        "output": [(f"y, against {letter}", colours.soft)],
    }
    for panel, (top, bottom) in _PANELS.items():
        left = _LEFT
        for text, colour in titles[panel]:
            page.text(left, top - 8, text, "sans", _TYPE, colour)
            left += 7.2 * len(text)
        for value in _marks(*axes.values[panel], 3):
            y = axes.y(panel, value)
            page.polyline([(_LEFT, y), (_WIDTH - _RIGHT, y)], colours.line, 1)
            page.text(_LEFT - 6, y + 4, number(value), "sans", _TYPE - 1, colours.soft, "right")
        zero = axes.y(panel, 0)
        page.polyline([(_LEFT, zero), (_WIDTH - _RIGHT, zero)], colours.edge, 1.2)
        for time in _marks(*axes.times, 12):
            if panel != "product" and not (discrete and time % 1):
                page.text(axes.x(time), bottom + 15, number(time), "sans", _TYPE - 1, colours.soft, "center")


def _seen(document: Mapping[str, Any], tau: str) -> str:
    """How the kernel lies there at this step."""
    step, place = document["position"], number(document["place"]["time"])
    if step == 0 or (step == 1 and not document["flip"]):
        return "as it is"
    if step == 1:
        return "turned round"
    name = "n" if tau == "m" else "t"
    return f"{'turned round and ' if document['flip'] else ''}shifted to {name} = {place}"


def _marks(low: float, high: float, most: int) -> list[float]:
    """Round numbers between two others, at most so many."""
    wanted = (high - low) / most
    ten = 10.0 ** np.floor(np.log10(wanted))
    step = next(k * ten for k in (1, 2, 5, 10) if k * ten >= wanted * 0.999)
    return [round(k * step, 12) for k in range(int(np.ceil(low / step - 1e-9)), int(np.floor(high / step + 1e-9)) + 1)]


def _draw(
    page: Page, signal: Mapping[str, Any], axes: _Axes, colour: str, aside: float, solid: bool, panel: str = "input"
) -> None:
    """A signal: stems with heads, round ones or square ones, or a line."""
    times, values = _times(signal), np.array(signal["values"])
    if signal["step"] < 1:
        half = signal["step"] / 2
        seen = (times > axes.times[0]) & (times < axes.times[1])
        times, values = times[seen], values[seen]
        points = [(times[0] - half, 0), (times[0] - half, values[0]), *zip(times, values, strict=True)]
        points += [(times[-1] + half, values[-1]), (times[-1] + half, 0)]
        page.polyline([(axes.x(t), axes.y(panel, v)) for t, v in points], colour, 2, dashed=not solid)
        return
    for time, value in zip(times, values, strict=True):
        x, y = axes.x(time) + aside, axes.y(panel, value)
        page.polyline([(x, axes.y(panel, 0)), (x, y)], colour, 2)
        page.rectangle(x - 4, y - 4, 8, 8, colour if solid else page.ground, colour, 2, radius=4 if solid else 0)


def _product(page: Page, document: Mapping[str, Any], turned: Mapping[str, Any], axes: _Axes, colours: Theme) -> None:
    """The product as areas, or bars, from the axis: full above it, hatched below."""
    x, index = document["input"], document["place"]["index"]
    start = max(x["first"], turned["first"] + index)
    end = min(x["first"] + len(x["values"]), turned["first"] + index + len(turned["values"]))
    if start >= end:
        return
    first = np.array(x["values"][start - x["first"] : end - x["first"]])
    second = np.array(turned["values"][start - index - turned["first"] : end - index - turned["first"]])
    products = first * second
    wide = 0.3 if x["step"] == 1 else 0.5 * x["step"]
    times = _times({**x, "first": start, "values": products})
    kinds = (("above", colours.tangent_fill, colours.tangent, ""), ("below", colours.page, colours.adjoint, "////"))
    for sign, (_, fill, line, hatch) in zip((1, -1), kinds, strict=True):
        own = np.where(products * sign > 0, products, 0.0)
        for run in _runs(own != 0) if x["step"] < 1 else [[k] for k in np.flatnonzero(own)]:
            corners = [(times[run[0]] - wide, 0.0)]
            corners += [(times[k] + part * wide, own[k]) for k in run for part in ((-1, 1) if len(run) == 1 else (0,))]
            corners += [(times[run[-1]] + wide, 0.0), corners[0]]
            page.polyline([(axes.x(t), axes.y("product", v)) for t, v in corners], line, 1.2, fill, hatch)


def _runs(mask: Array) -> list[Sequence[int]]:
    """The ranges of places at which a mask is true."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], mask.astype(int), [0]])))
    return [range(int(a), int(b)) for a, b in list(pairwise(edges))[::2]]


def _output(page: Page, document: Mapping[str, Any], axes: _Axes, colours: Theme) -> None:
    """The output from its first place to this one, and the point at this one."""
    output, place, places = document["output"], document["place"], document["places"]
    step, index = output["step"], place["index"]
    values = dict(enumerate(output["values"], output["first"]))
    start = places["first"] if document["position"] >= 5 else index
    seen = range(start, index + 1)
    if step < 1:
        points = [(axes.x(i * step), axes.y("output", values.get(i, 0.0))) for i in seen]
        if len(points) > 1:
            page.polyline(points, colours.ink, 2.4)
    else:
        traced = {"step": 1, "first": start, "values": [values.get(i, 0.0) for i in seen]}
        _draw(page, traced, axes, colours.ink, 0, solid=True, panel="output")
    x, y = axes.x(index * step), axes.y("output", place["value"])
    page.rectangle(x - 5, y - 5, 10, 10, colours.tangent, colours.page, 1.5, radius=5)
    page.text(x, y - 11, number(place["value"]), "bold", _TYPE, colours.tangent, "center")
