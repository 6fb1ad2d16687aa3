"""A convolution theorem document as a picture: above the signals and what comes back, below their transforms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from ..documents.fourier import (
    direct_multiplications,
    fft_multiplications,
    measured_crossover,
    polar,
    predicted_crossover,
    scales,
)
from ..documents.notation import number
from .page import Page
from .theme import Theme, ThemeName, colours_of

__all__ = ["costs_figure", "figure"]

_MARGIN, _GAP, _WIDTH = 16.0, 34.0, 262.0
_LEFT = 34.0  # for the numbers at an axis
_TIME, _MAGNITUDE, _ANGLE = 120.0, 84.0, 60.0
_TITLE, _FOOT = 26.0, 20.0
_TYPE = 11.0


class _Box(NamedTuple):
    """Where a plot stands, and what its axes hold."""

    x: float
    y: float
    height: float
    slots: int
    low: float
    high: float

    def across(self, place: float) -> float:
        return self.x + _LEFT + (place + 0.5) * (_WIDTH - _LEFT) / self.slots

    def down(self, value: float) -> float:
        return self.y + self.height * (self.high - value) / (self.high - self.low)


def figure(document: Mapping[str, Any], theme: ThemeName = "light", hidden: bool = False) -> Figure:
    """Draw a convolution theorem document.

    Args:
        document: the document.
        theme: ``"light"`` or ``"dark"``.
        hidden: leave out what a learner is to predict: all but the signals.

    Returns:
        A matplotlib figure with its own canvas, unknown to pyplot.

    Raises:
        ValueError: If there is no such theme.
    """
    colours = colours_of(theme)
    below = _MARGIN + _TITLE + _TIME + _FOOT + 34
    height = below if hidden else below + _TITLE + _MAGNITUDE + 14 + _ANGLE + _FOOT + _MARGIN
    page = Page(2 * _MARGIN + 3 * _WIDTH + 2 * _GAP, height, colours.page)
    columns = [_MARGIN + i * (_WIDTH + _GAP) for i in range(3)]
    N, slots = document["length"], document["length"] if hidden else max(document["length"], document["needed"])
    for x, name in zip(columns, ("signal", "kernel"), strict=False):
        values = [*document[name], *[0.0] * (N - len(document[name]))]
        title = f"{name.capitalize()} {'x' if name == 'signal' else 'w'}, N = {N}"
        page.text(x, _MARGIN + 12, title, "bold", _TYPE + 1, colours.soft)
        box = _axes(page, x, _MARGIN + _TITLE, _TIME, slots, document[name], colours)
        _stems(page, box, values, colours, filled=len(document[name]))
    if hidden:
        page.text(columns[1] - _GAP / 2, _MARGIN + _TITLE + _TIME / 2, "∗", "sans", 16, colours.ink, "center")
        page.text(
            columns[2] + _WIDTH / 2,
            _MARGIN + _TITLE + _TIME / 2,
            "What comes back?",
            "sans",
            15,
            colours.soft,
            "center",
        )
        return page.figure
    _result(page, document, columns[2], slots, colours)
    limits = scales(document)
    titles = ("|X[k]| and its angle", "|W[k]| and its angle", "Y[k] = X[k] · W[k]")
    for x, name, title, arrow in zip(columns, ("signal", "kernel", "product"), titles, "↓↓↑", strict=True):
        page.text(x + _WIDTH / 2, below - 22, arrow, "sans", 16, colours.ink, "center")
        page.text(x, below + 12, title, "bold", _TYPE + 1, colours.soft)
        parts = [polar(z, limits[name]) for z in document["transforms"][name]]
        lengths = [part.magnitude for part in parts]
        _stems(page, _axes(page, x, below + _TITLE, _MAGNITUDE, len(parts), lengths, colours, False), lengths, colours)
        box = _Box(x, below + _TITLE + _MAGNITUDE + 14, _ANGLE, len(parts), -180.0, 180.0)
        _frame(page, box, [(180.0, "180°"), (0.0, "0°"), (-180.0, "−180°")], colours)
        _stems(page, box, [part.angle for part in parts], colours)
    for place, sign in ((0, "∗·"), (1, "==")):
        for y, text in zip((_MARGIN + _TITLE + _TIME / 2, below + _TITLE + _MAGNITUDE / 2), sign, strict=True):
            page.text(columns[place] + _WIDTH + _GAP / 2, y, text, "sans", 16, colours.ink, "center")
    return page.figure


def _result(page: Page, document: Mapping[str, Any], x: float, slots: int, colours: Theme) -> None:
    """What came back, with rings for the direct sums, and what has come round between the two."""
    N, wrapped = document["length"], document["wrapped"]
    direct, circular = document["direct"], document["circular"]
    title = f"Transformed back, {wrapped} come round" if wrapped else "Transformed back = direct sum"
    page.text(x, _MARGIN + 12, title, "bold", _TYPE + 1, colours.adjoint if wrapped else colours.soft)
    box = _axes(page, x, _MARGIN + _TITLE, _TIME, slots, [*direct, *circular], colours)
    for place in range(wrapped):
        for at, low, high in ((place, direct[place], circular[place]), (place + N, 0.0, direct[place + N])):
            _bar(page, box, at, low, high, colours.adjoint, 7.0)
    _stems(page, box, circular, colours)
    for place, value in enumerate(direct):
        left, top = box.across(place) - 5.5, box.down(value) - 5.5
        page.rectangle(left, top, 11, 11, "none", colours.soft, 1.2, radius=5.5)
    if wrapped:
        edge = box.across(N - 0.5)
        page.line([(edge, box.y - 2), (edge, box.y + box.height)], colours.adjoint, 1.0)


def _axes(
    page: Page,
    x: float,
    y: float,
    height: float,
    slots: int,
    values: Sequence[float],
    colours: Theme,
    both: bool = True,
) -> _Box:
    """The frame of a plot that holds these values."""
    low, high = min(0.0, *values), max(0.0, *values)
    most = max(high, -low) or 1.0
    room = 0.1 * most if both else 0.0
    box = _Box(x, y, height, slots, low - room, max(high, 0.2 * most) + 0.1 * most)
    ticks = [(0.0, "0")]
    ticks += [(value, number(value)) for value in (low, high) if abs(value) > 0.2 * most]
    _frame(page, box, ticks, colours, numbered=both)
    return box


def _frame(page: Page, box: _Box, ticks: Sequence[tuple[float, str]], colours: Theme, numbered: bool = True) -> None:
    for value, text in ticks:
        y = box.down(value)
        page.rectangle(box.x + _LEFT, y - 0.5, _WIDTH - _LEFT, 1, colours.edge if value == 0 else colours.line)
        page.text(box.x + _LEFT - 5, y + 4, text, "sans", _TYPE - 1, colours.soft, "right")
    if not numbered:
        return
    every = next(n for n in (1, 2, 4, 8, 16) if n * (_WIDTH - _LEFT) / box.slots >= 18)
    for place in range(0, box.slots, every):
        page.text(
            box.across(place), box.y + box.height + 14, str(place), "sans", _TYPE - 1, colours.soft, "center"
        )  # fmt: skip


def _stems(
    page: Page, box: _Box, values: Sequence[float | None], colours: Theme, filled: int | None = None
) -> None:  # fmt: skip
    """A stem with a head for each value; zeros that were filled up are hollow."""
    for place, value in enumerate(values):
        if value is None:
            continue
        hollow = filled is not None and place >= filled
        radius = 2.5 if hollow else 3.5
        _bar(page, box, place, 0.0, value, colours.ink, 2.0)
        x, y = box.across(place) - radius, box.down(value) - radius
        fill, line = (colours.page, colours.edge) if hollow else (colours.ink, None)
        page.rectangle(x, y, 2 * radius, 2 * radius, fill, line, 1.0, radius=radius)


def _bar(page: Page, box: _Box, place: float, low: float, high: float, colour: str, width: float) -> None:
    top, bottom = sorted((box.down(low), box.down(high)))
    if bottom > top:
        page.rectangle(box.across(place) - width / 2, top, width, bottom - top, colour)


def costs_figure(
    image: int,
    batch: int,
    channels: int,
    filters: int,
    points: Sequence[Mapping[str, Any]] = (),
    theme: str = "light",
) -> Figure:
    """Draw what a layer costs over the kernel's size: multiplications counted, and seconds where there are any.

    Raises:
        ValueError: If there is no such theme.
    """
    colours = colours_of(theme)
    panels = 2 if points else 1
    drawn = Figure(figsize=(4.4 * panels, 3.0), dpi=100, facecolor=colours.page, layout="constrained")
    FigureCanvasAgg(drawn)
    axes = drawn.subplots(1, panels, squeeze=False)[0]
    sizes = [k for k in range(1, 64, 2) if k <= max(3, image // 2)]
    counts = [direct_multiplications(image, k, batch, channels, filters) for k in sizes]
    fft = fft_multiplications(image, batch, channels, filters)
    cross = predicted_crossover(image, batch, channels, filters)
    between = (cross, cross) if cross in sizes else (None, None)
    _curves(axes[0], sizes, counts, [fft] * len(sizes), "Multiplications, counted", between, colours, "")
    if points:
        ordered = sorted(points, key=lambda point: point["size"])
        measured, sums, transforms = ([point[part] for point in ordered] for part in ("size", "direct", "fft"))
        _curves(axes[1], measured, sums, transforms, "Seconds, measured", measured_crossover(points), colours, "o")
    return drawn


def _curves(
    ax: Any,
    sizes: Sequence[int],
    sums: Sequence[float],
    transforms: Sequence[float],
    title: str,
    between: tuple[int | None, int | None],
    colours: Theme,
    marker: str,
) -> None:
    """Two curves on logarithmic axes, and where they cross."""
    ax.loglog(sizes, sums, color=colours.ink, marker=marker, markersize=4, label="sums")
    ax.loglog(sizes, transforms, "--", color=colours.tangent, marker=marker, markersize=4, label="transforms")
    low, high = between
    if low is not None and high is not None:
        ax.axvspan(low, max(high, low * 1.01), color=colours.adjoint, alpha=0.3, linewidth=0)
    ax.set_title(title, fontsize=10, color=colours.soft)
    ax.set_xlabel("side of the kernel", color=colours.soft)
    ticks = [k for k in (1, 3, 5, 7, 11, 15, 21, 31, 63) if sizes[0] <= k <= sizes[-1]]
    ax.set_xticks(ticks, [str(k) for k in ticks])
    ax.minorticks_off()
    ax.set_facecolor(colours.page)
    ax.tick_params(colors=colours.soft)
    ax.spines[:].set_color(colours.edge)
    ax.legend(frameon=False, labelcolor=colours.ink)
