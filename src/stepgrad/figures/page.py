"""A page to draw on, in pixels counted from the top left, whatever matplotlib's settings are."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Any, Literal

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.patches import FancyBboxPatch, Patch, PathPatch, Polygon, Rectangle
from matplotlib.path import Path
from matplotlib.textpath import text_to_path
from matplotlib.transforms import Affine2D

__all__ = ["Font", "Page", "curve", "text_width"]

Font = Literal["sans", "bold", "mono", "math"]
Point = tuple[float, float]
Align = Literal["left", "center", "right"]

_INCH = 100  # pixels
_LARGEST = 16_000  # pixels of the picture: with more the resolution is lowered
_FAMILIES = {"sans": "DejaVu Sans", "bold": "DejaVu Sans", "mono": "DejaVu Sans Mono"}
_EM = 100.0  # the size at which matplotlib gives outlines
_LABEL = re.compile(r"\$((?:\\(?:bar|dot)\{\w\}|\w)(?<!\d))(?:_\{?(\d+)\}?)?\$")
_SUBSCRIPT, _LOWERED = 0.7, 14.0  # of a label: its size, and how far below the baseline


@lru_cache(maxsize=8)
def _properties(font: Font) -> FontProperties:
    """A font that comes with matplotlib, so that a picture is the same everywhere."""
    if font == "math":
        return FontProperties(size=_EM, math_fontfamily="stix")
    return FontProperties(family=_FAMILIES[font], size=_EM, weight="bold" if font == "bold" else "normal")


def text_width(text: str, font: Font, size: float) -> float:
    """How wide a text, or with the font "math" a formula in dollar signs, is in pixels."""
    return _outline(text, font)[1] * size / _EM


@lru_cache(maxsize=4096)
def _outline(text: str, font: Font) -> tuple[Path, float]:
    """A text as a path on the baseline, y upwards, and its width: the same at every resolution.

    To parse a formula takes matplotlib some milliseconds; so labels, which are many, are put together from a letter
    and digits.
    """
    label = _LABEL.fullmatch(text) if font == "math" else None
    if label is None or not label[2]:
        width, _, _ = text_to_path.get_text_width_height_descent(text, _properties(font), font == "math")
        vertices, codes = text_to_path.get_text_path(_properties(font), text, font == "math")
        return Path(np.array(vertices).reshape(-1, 2), codes if len(codes) else None), float(width)
    letter, width = _outline(f"${label[1]}$", font)
    paths, scale = [letter], Affine2D().scale(_SUBSCRIPT)
    width += 2
    for digit in label[2]:
        path, advance = _outline(f"${digit}$", font)
        paths.append(scale.frozen().translate(width, -_LOWERED).transform_path(path))
        width += advance * _SUBSCRIPT
    return Path.make_compound_path(*paths), width


def curve(points: Sequence[Point], lean: float = 0.0) -> Path:
    """A smooth curve through points, horizontal at each of them, so that it stays between their heights.

    With ``lean`` the steep parts stand that far to the right where the curve falls from left to right, and to the left
    where it rises, so that a curve shifted upwards keeps its distance from the one below.
    """
    vertices, codes = [points[0]], [Path.MOVETO]
    for (x0, y0), (x1, y1) in pairwise(points):
        middle = (x0 + x1) / 2 + math.copysign(lean, (y1 - y0) * (x1 - x0))
        vertices += [(middle, y0), (middle, y1), (x1, y1)]
        codes += [Path.CURVE4] * 3
    return Path(vertices, codes)


class Page:
    """A figure of a size in pixels with one set of axes over all of it."""

    def __init__(self, width: float, height: float, ground: str) -> None:
        dpi = min(150.0, _LARGEST * _INCH / max(width, height))
        self.ground = ground
        self.figure = Figure(figsize=(width / _INCH, height / _INCH), dpi=dpi, facecolor=ground)
        self.figure.set_layout_engine("none")
        FigureCanvasAgg(self.figure)
        self._axes = self.figure.add_axes((0, 0, 1, 1))
        self._axes.set_axis_off()
        self._axes.set_xlim(0, width)
        self._axes.set_ylim(height, 0)

    def _draw(self, patch: Patch) -> None:
        self._axes.add_artist(patch)  # add_patch would measure every curve, which takes longer than to draw it

    def text(self, x: float, y: float, text: str, font: Font, size: float, colour: str, align: Align = "left") -> None:
        """Write on a baseline; with the font "math" a formula in dollar signs."""
        path, width = _outline(text, font)
        if path.codes is None:
            return
        start = x - {"left": 0.0, "center": 0.5, "right": 1.0}[align] * width * size / _EM
        placed = Affine2D().scale(size / _EM, -size / _EM).translate(start, y).transform_path(path)
        style: dict[str, Any] = {"facecolor": colour, "edgecolor": "none", "linewidth": 0, "zorder": 3, "gid": text}
        self._draw(PathPatch(placed, **style))

    def rectangle(
        self,
        x: float,
        y: float,
        width: float,
        height: float,
        fill: str,
        line: str | None = None,
        weight: float = 0.0,
        dashed: bool = False,
        radius: float = 0.0,
    ) -> None:
        """Draw a box, with round corners if there is a radius."""
        style: dict[str, Any] = {
            "facecolor": fill,
            "edgecolor": line or "none",
            "linewidth": _points(weight),
            "linestyle": (0, (3 / max(weight, 1), 3 / max(weight, 1))) if dashed else "solid",
            "zorder": 2,
        }
        if radius:
            box = f"round,pad=0,rounding_size={radius}"
            self._draw(FancyBboxPatch((x, y), width, height, boxstyle=box, mutation_aspect=1, **style))
        else:
            self._draw(Rectangle((x, y), width, height, **style))

    def image(self, x: float, y: float, width: float, height: float, picture: Any) -> None:
        """Place a picture of rows of RGBA, each of its pixels a sharp box."""
        self._axes.imshow(
            picture, extent=(x, x + width, y + height, y), interpolation="nearest", aspect="auto", zorder=2
        )

    def line(self, points: Sequence[Point], colour: str, weight: float, above: bool = False, lean: float = 0.0) -> None:
        """Draw a smooth line through points."""
        path = curve(points, lean)
        style: dict[str, Any] = {
            "edgecolor": colour,
            "linewidth": _points(weight),
            "capstyle": "butt",
            "zorder": 1.5 if above else 1,
        }
        self._draw(PathPatch(path, facecolor="none", **style))

    def polyline(
        self,
        points: Sequence[Point],
        colour: str,
        weight: float,
        fill: str = "none",
        hatch: str = "",
        dashed: bool = False,
    ) -> None:
        """Draw straight lines from point to point; with a fill or a hatch the area between them too."""
        style: dict[str, Any] = {
            "facecolor": fill,
            "edgecolor": colour,
            "linewidth": _points(weight),
            "linestyle": (0, (4, 1.5)) if dashed else "solid",
            "joinstyle": "miter",
            "capstyle": "butt",
            "zorder": 1.9,
        }
        self._draw(PathPatch(Path(points), hatch=hatch, **style))

    def segments(self, pairs: Sequence[tuple[Point, Point]], colour: str, weight: float, alpha: float = 1.0) -> None:
        """Draw straight lines, each from a point to another, all of them as one artist."""
        from matplotlib.collections import LineCollection

        lines = LineCollection(pairs, colors=colour, linewidths=_points(weight), alpha=alpha, zorder=1)
        self._axes.add_collection(lines, autolim=False)

    def polygon(self, points: Sequence[Point], fill: str, line: str, weight: float = 1.0) -> None:
        """Draw a closed shape with straight sides, below all lines."""
        self._draw(Polygon(points, closed=True, facecolor=fill, edgecolor=line, linewidth=_points(weight), zorder=0.5))

    def dot(self, x: float, y: float, radius: float, fill: str, line: str, weight: float = 1.0) -> None:
        """Draw a small disc, above all lines."""
        from matplotlib.patches import Circle

        self._draw(Circle((x, y), radius, facecolor=fill, edgecolor=line, linewidth=_points(weight), zorder=2))

    def arrow(
        self, points: Sequence[Point], colour: str, weight: float, above: bool = False, lean: float = 0.0
    ) -> None:
        """Draw a smooth line with a head at its last point, at which it arrives horizontally."""
        (x, y), size = points[-1], 4 + 2.6 * weight
        back = size if points[-2][0] < x else -size
        self.line([*points[:-1], (x - 0.8 * back, y)], colour, weight, above, lean)
        head = [(x, y), (x - back, y - 0.42 * size), (x - back, y + 0.42 * size)]
        self._draw(Polygon(head, closed=True, facecolor=colour, edgecolor="none", zorder=1.6 if above else 1.1))


def _points(pixels: float) -> float:
    return pixels * 72 / _INCH
