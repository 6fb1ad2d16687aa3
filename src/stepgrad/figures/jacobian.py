"""A Jacobian document as a picture: all of the matrix, or its numbers if it is small, and the facts beside it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from ..documents.jacobian import decode, human_bytes
from .page import Page
from .theme import Theme, ThemeName, colours_of

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["figure", "raster"]

_MARGIN, _GAP, _SIDE, _FACTS = 24.0, 36.0, 420.0, 340.0
_THIN = 120.0  # the least height or width that a matrix is drawn with
_CELLS = 12  # up to so many rows and columns numbers are written
_TYPE = 13.0
_SAMPLES = 4  # rows of the matrix looked at for a row of pixels


def figure(document: Mapping[str, Any], theme: ThemeName = "light", hidden: bool = False) -> Figure:
    """Draw a Jacobian document.

    Args:
        document: the document.
        theme: ``"light"`` or ``"dark"``.
        hidden: leave out what a learner is to predict: the matrix and the facts.

    Returns:
        A matplotlib figure with its own canvas, unknown to pyplot.

    Raises:
        ValueError: If there is no such theme.
    """
    colours = colours_of(theme)
    rows, columns = document["rows"], document["columns"]
    width, height = _fitted(rows, columns)
    page = Page(2 * _MARGIN + _SIDE + _GAP + _FACTS, 2 * _MARGIN + max(height, 190.0) + 18, colours.page)
    left, top = _MARGIN + (_SIDE - width) / 2, _MARGIN + 18
    page.text(left, top - 8, f"{columns:,} columns", "sans", 11, colours.soft)
    page.rectangle(left, top, width, height, colours.fill, colours.edge, 1)
    if hidden:
        page.text(left + width / 2, top + height / 2, "What does it look like?", "sans", 15, colours.soft, "center")
    elif max(rows, columns) <= _CELLS:
        _numbers(page, decode(document).to_dense(), (left, top, width, height), colours)
    else:
        _all_of_it(page, document, (left, top, width, height), colours)
    if not hidden:
        _facts(page, document, _MARGIN + _SIDE + _GAP, top + 12, colours)
    return page.figure


def _fitted(rows: int, columns: int) -> tuple[float, float]:
    """The width and height to draw a matrix with: its own proportions, unless it is very thin."""
    if columns >= rows:
        return _SIDE, max(_THIN, _SIDE * rows / max(1, columns))
    return max(_THIN, _SIDE * columns / max(1, rows)), _SIDE


def _numbers(page: Page, dense: Any, box: tuple[float, float, float, float], colours: Theme) -> None:
    """Each entry as a cell with its number."""
    left, top, width, height = box
    rows, columns = dense.shape
    across, down = width / columns, height / rows
    largest = float(np.max(np.abs(dense), initial=0.0)) or 1.0
    size = min(_TYPE, down * 0.5, across * 0.3)
    for i in range(rows):
        for j in range(columns):
            strength = abs(float(dense[i, j])) / largest
            if strength:
                page.rectangle(
                    left + j * across + 0.5, top + i * down + 0.5, across - 1, down - 1, _shade(colours, strength)
                )
            ink = colours.page if strength > 0.45 else colours.ink if strength else colours.soft
            text = f"{dense[i, j]:.2g}".replace("-", "−")
            page.text(
                left + (j + 0.5) * across, top + (i + 0.5) * down + size * 0.36, text, "sans", size, ink, "center"
            )


def _shade(colours: Theme, strength: float) -> str:
    """The colour of an entry: from the ground to the ink."""
    ground, ink = (np.array([int(c[k : k + 2], 16) for k in (1, 3, 5)]) for c in (colours.fill, colours.ink))
    mixed = ground + (ink - ground) * (0.25 + 0.75 * strength)
    return "#" + "".join(f"{int(part):02x}" for part in mixed)


def _all_of_it(page: Page, document: Mapping[str, Any], box: tuple[float, float, float, float], colours: Theme) -> None:
    """The whole matrix, a pixel for many entries: the largest of them."""
    left, top, width, height = box
    strength = raster(document, int(height), int(width))
    largest = float(strength.max(initial=0.0)) or 1.0
    picture = np.zeros((*strength.shape, 4))
    ink = np.array([int(colours.ink[k : k + 2], 16) / 255 for k in (1, 3, 5)])
    picture[..., :3] = ink
    picture[..., 3] = np.where(strength > 0, 0.35 + 0.65 * np.sqrt(strength / largest), 0.0)
    page.image(left, top, width, height, picture)


def raster(document: Mapping[str, Any], height: int, width: int) -> Any:
    """The largest absolute entries under each pixel, from a few rows of the matrix for each row of pixels."""
    J = decode(document)
    rows, columns = J.shape
    strength = np.zeros((height, width))
    lines = np.arange(rows) * height // rows if rows <= height else np.repeat(np.arange(height), _SAMPLES)
    picked = np.arange(rows) if rows <= height else (2 * np.arange(lines.size) + 1) * rows // (2 * lines.size)
    for line, i in zip(lines, picked, strict=True):
        where, numbers = J.row_entries(int(i))
        np.maximum.at(strength[line], np.minimum(where * width // columns, width - 1), np.abs(numbers))
    if rows < height:  # an entry is higher than a pixel
        strength = strength[lines[np.arange(height) * rows // height]]
    if columns < width:
        strength = strength[:, (np.arange(width) * columns // width) * width // columns]
    return strength


def _facts(page: Page, document: Mapping[str, Any], x: float, y: float, colours: Theme) -> None:
    """What the matrix is, in a column of words and one of numbers."""
    rows, columns, nonzeros = document["rows"], document["columns"], document["nonzeros"]
    facts = [
        ("shape", f"{rows:,} × {columns:,}"),
        ("entries", f"{rows * columns:,}"),
        ("nonzero", f"{nonzeros:,}"),
        ("density", f"{nonzeros / max(1, rows * columns):.3g}"),
        ("kept", human_bytes(document["kept_bytes"])),
        ("if dense", human_bytes(document["dense_bytes"])),
    ]
    for name, value in facts:
        page.text(x, y, name, "sans", _TYPE, colours.soft)
        page.text(x + 90, y, value, "bold", _TYPE, colours.ink)
        y += 24
    page.text(x, y, "structure", "sans", _TYPE, colours.soft)
    for number, name in enumerate(document["structure"].split(" @ ")):
        page.text(x + 90, y + 20 * number, f"@ {name}" if number else name, "bold", _TYPE, colours.ink)
