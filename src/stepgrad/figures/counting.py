"""A document of parameter counts as a picture: the three layers with a few of their connections, and a log scale."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ..documents.counting import TITLES, human_bytes, rounded
from .page import Page, Point
from .theme import Theme, ThemeName, colours_of

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["figure"]

_MARGIN, _GAP = 24.0, 22.0
_PANEL = (276.0, 176.0)  # width and height of a drawn layer
_PLANE = (74.0, 36.0, 118.0)  # of the image and of the units: across, rise, height
_ROW, _NAME, _VALUE = 24.0, 128.0, 210.0
_UNITS = 3  # drawn in each direction
_LINES, _WEIGHTS = 6, 3  # lines to a unit, and in its field, in each direction
_SEEN = 0.2  # the least part of the image's side that a field is drawn as
_THIRD = {"light": "#00795b", "dark": "#4cc9a4"}


def figure(document: Mapping[str, Any], theme: ThemeName = "light", hidden: bool = False) -> Figure:
    """Draw a document of parameter counts.

    Args:
        document: the document.
        theme: ``"light"`` or ``"dark"``.
        hidden: leave out what a learner is to predict: the counts.

    Returns:
        A matplotlib figure with its own canvas, unknown to pyplot.

    Raises:
        ValueError: If there is no such theme.
    """
    colours = colours_of(theme)
    rows = _rows(document, hidden)
    width = 2 * _MARGIN + 3 * _PANEL[0] + 2 * _GAP
    top = _MARGIN + 62 + _PANEL[1] + 52
    page = Page(width, top + len(rows) * _ROW + 40, colours.page)
    hues = (colours.tangent, colours.adjoint, _THIRD[theme])
    for place, layer in enumerate(document["layers"]):
        left = _MARGIN + place * (_PANEL[0] + _GAP)
        _head(page, layer, left, colours, hidden)
        _layer(page, document["settings"], layer, (left, _MARGIN + 56), colours, hues)
    larger = _larger(document["settings"])
    thinned = f"{_UNITS**2} hidden units and a few of their connections are drawn"
    if larger > 1:
        thinned += f", and fields {larger:.2g} times as large as they are"
    page.text(_MARGIN, top - 16, f"{thinned}.", "sans", 11, colours.soft)
    _scale(page, rows, (_MARGIN, top), width, colours, hues)
    return page.figure


def _head(page: Page, layer: Mapping[str, Any], x: float, colours: Theme, hidden: bool) -> None:
    """The layer's name and its count."""
    count = layer["parameters"]
    page.text(x, _MARGIN + 12, TITLES[layer["kind"]].capitalize(), "sans", 13, colours.ink)
    page.text(x, _MARGIN + 38, "?" if hidden else _power(count), "bold", 21, colours.ink)
    if not hidden and count >= 100_000:
        page.text(x + _PANEL[0], _MARGIN + 38, f"{count:,}", "sans", 12, colours.soft, "right")


def _power(count: int) -> str:
    """1.6 × 10⁹; below 10⁵ the number itself."""
    if count < 100_000:
        return f"{count:,}"
    factor, power, _ = rounded(count)
    raised = "".join("⁰¹²³⁴⁵⁶⁷⁸⁹"[int(digit)] for digit in str(power))
    return f"{'' if factor == '1' else factor + ' × '}10{raised}"


# The layers ---------------------------------------------------------------------------------------------------------
class _Plane:
    """A plane seen from the side: u runs along its columns, v along its rows, both from 0 to 1."""

    def __init__(self, x: float, y: float, rows: int, columns: int) -> None:
        across, rise, height = _PLANE
        wide, high = (max(0.25, min(1.0, ratio)) for ratio in (columns / rows, rows / columns))
        self.x, self.across = x + across * (1 - wide) / 2, across * wide
        self.y, self.rise = y + rise * (1 - wide) / 2 + height * (1 - high) / 2, rise * wide
        self.height = height * high

    def at(self, u: float, v: float) -> Point:
        u, v = min(1.0, max(0.0, u)), min(1.0, max(0.0, v))
        return self.x + u * self.across, self.y + (1 - u) * self.rise + v * self.height

    def box(self, u: float, v: float, wide: float, high: float) -> list[Point]:
        return [self.at(u, v), self.at(u + wide, v), self.at(u + wide, v + high), self.at(u, v + high)]


def _layer(
    page: Page, settings: Mapping[str, Any], layer: Mapping[str, Any], place: Point, colours: Theme, hues: Sequence[str]
) -> None:
    """The image, some hidden units, and some of the lines between; in a convolution like weights have like colours."""
    rows, columns = settings["image"]
    full, shared = layer["kind"] == "fully_connected", layer["kind"] == "convolutional"
    x, y = place
    image = _Plane(x, y, rows, columns)
    units = _Plane(x + _PANEL[0] - _PLANE[0] - 12, y, *(layer["maps"][1:] if shared else (rows, columns)))
    page.polygon(image.box(0, 0, 1, 1), colours.fill, colours.edge)
    for behind in (2, 1) if shared else ():
        if behind < settings["filters"]:
            moved = [(a + 6 * behind, b - 4 * behind) for a, b in units.box(0, 0, 1, 1)]
            page.polygon(moved, colours.fill, colours.edge)
    page.polygon(units.box(0, 0, 1, 1), colours.fill, colours.edge)
    for i in range(_UNITS):
        for j in range(_UNITS):
            middle = ((j + 0.5) / _UNITS, (i + 0.5) / _UNITS)
            _unit(page, settings, middle, image, units.at(*middle), full, shared, colours, hues)
    words = f"image {' × '.join(f'{n:,}' for n in (rows, columns, settings['channels']))}"
    many = f"{layer['units']:,} hidden units"
    if shared:
        filters, down, across = layer["maps"]
        many = f"{filters:,} map{'' if filters == 1 else 's'} of {down:,} × {across:,}"
    page.text(x, y + _PANEL[1] + 2, words, "sans", 11, colours.soft)
    page.text(x + _PANEL[0], y + _PANEL[1] + 2, many, "sans", 11, colours.soft, "right")


def _larger(settings: Mapping[str, Any]) -> float:
    """How many times larger than they are fields are drawn: the lines from a small one would be one."""
    return max(1.0, _SEEN / max(k / n for k, n in zip(settings["field"], settings["image"], strict=True)))


def _unit(
    page: Page, settings: Mapping[str, Any], middle: Point, image: _Plane, dot: Point, full: bool, shared: bool,
    colours: Theme, hues: Sequence[str],
) -> None:  # fmt: skip
    """A hidden unit, its field, and lines to it."""
    (rows, columns), (high, wide) = settings["image"], settings["field"]
    parts = (min(1.0, wide / columns), min(1.0, high / rows))
    larger = _larger(settings)
    width, height = (1.0, 1.0) if full else (parts[0] * larger, parts[1] * larger)
    u, v = (middle[0] - 0.5 / _UNITS) * 1.5 * (1 - width), (middle[1] - 0.5 / _UNITS) * 1.5 * (1 - height)
    down, across = (min(_LINES if full else _WEIGHTS, n) for n in ((rows, columns) if full else (high, wide)))
    if not full:
        page.polygon(image.box(u, v, width, height), colours.page, colours.soft)
    for a in range(down):
        ends = [image.at(u + (b + 0.5) * width / across, v + (a + 0.5) * height / down) for b in range(across)]
        colour = hues[a % 3] if shared else colours.soft
        page.segments([(end, dot) for end in ends], colour, 1, 0.2 if full else 0.75)
    page.dot(*dot, 4.2, colours.page, colours.ink, 1.4)


# The scale ----------------------------------------------------------------------------------------------------------
def _rows(document: Mapping[str, Any], hidden: bool) -> list[tuple[str, int | None, str, str]]:
    """Name, parameters if they are told, what is written, and the kind of the bar."""
    own = [
        (
            TITLES[layer["kind"]],
            None if hidden else layer["parameters"],
            "?" if hidden else f"{_power(layer['parameters'])} · {human_bytes(layer['float32_bytes'])}",
            "own",
        )
        for layer in document["layers"]
    ]
    others = [
        (name, count, f"{_power(count)} · {human_bytes(4 * count)}", "other")
        for name, count in ((each["name"], each["parameters"]) for each in document["networks"])
    ]
    machine = document["machine_bytes"]
    if machine is None:
        return [*own, *others]
    text = f"{_power(machine // 4)} · {human_bytes(machine)}"
    return [*own, *others, ("this machine holds", machine // 4, text, "machine")]


def _scale(
    page: Page, rows: Sequence[tuple[str, int | None, str, str]], place: Point, width: float, colours: Theme,
    hues: Sequence[str],
) -> None:  # fmt: skip
    """Bars on a logarithmic scale of parameters."""
    x, y = place
    powers = [math.log10(count) for _, count, _, _ in rows if count]
    low = max(0, math.floor(min(powers)) - 1)
    high = max(low + 1, math.ceil(max(powers)))
    left, right = x + _NAME, width - _MARGIN - _VALUE
    bottom = y + len(rows) * _ROW

    def across(power: float) -> float:
        return left + (right - left) * (power - low) / (high - low)

    for power in range(low, high + 1, 1 + (high - low) // 12):
        page.segments([((across(power), y), (across(power), bottom + 4))], colours.line, 1)
        page.text(across(power), bottom + 20, _power(10**power), "sans", 11, colours.soft, "center")
    page.text(width - _MARGIN, bottom + 20, "parameters · in float32", "sans", 11, colours.soft, "right")
    for number, (name, count, text, kind) in enumerate(rows):
        middle = y + (number + 0.5) * _ROW
        ink = colours.soft if kind == "other" else colours.ink
        page.text(left - 10, middle + 4.5, name, "sans", 12.5, ink, "right")
        page.text(width - _MARGIN, middle + 4.5, text, "sans" if kind == "other" else "bold", 12.5, ink, "right")
        if count:
            thick = 14.0 if kind == "own" else 7.0
            colour = {"own": colours.ink, "other": colours.soft, "machine": hues[2]}[kind]
            page.rectangle(left, middle - thick / 2, max(1.0, across(math.log10(count)) - left), thick, colour)
