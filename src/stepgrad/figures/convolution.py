"""A convolution document as a picture: the image, the filter, the map with its window, and that window's number."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ..documents.convolution import Array, Decoded, decode, maps, size_rule, size_sentence, turned
from ..documents.convolution_table import channel_names, dot_product
from ..documents.notation import number
from .page import Page, text_width
from .theme import Theme, ThemeName, colours_of

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["figure"]

_MARGIN, _GAP, _SIDE, _FILTER = 24.0, 64.0, 288.0, 170.0
_SHIFT = 11.0  # between the sheets of a picture of several channels
_THUMB = 72.0  # the side of a small map
_TYPE, _SMALL = 13.0, 11.0
_SHEETS = 3  # channels that are drawn
_CROWDED = 11  # kernels with more rows or columns get no numbers
_LEAST = 6.0  # the smallest type
_LEGIBLE = 8  # nor pictures and maps with more than so many


class _Box(NamedTuple):
    x: float
    y: float
    width: float
    height: float


class _Scene(NamedTuple):
    """What is drawn, and with what."""

    page: Page
    colours: Theme
    document: Mapping[str, Any]
    found: Decoded
    stack: Array | None
    hidden: bool

    @property
    def sliding(self) -> Array:
        """The weights of the filter in front, as they slide."""
        weights = self.found.weights[self.document["filter"]]
        return turned(weights) if self.document["flip"] else weights


def figure(
    document: Mapping[str, Any],
    theme: ThemeName = "light",
    hidden: bool = False,
    titles: Mapping[str, str] | None = None,
) -> Figure:
    """Draw a convolution document.

    Args:
        document: the document.
        theme: ``"light"`` or ``"dark"``.
        hidden: leave out what a learner is to predict: of the map all from the window on, and the window's number.
        titles: what people call filters, by their names.

    Returns:
        A matplotlib figure with its own canvas, unknown to pyplot.

    Raises:
        ValueError: there is no such theme.
        DocumentError: it is no convolution document.
    """
    colours, found = colours_of(theme), decode(document)
    many = len(document["filters"]) > 1 and not hidden and found.pixels is not None
    width = 2 * _MARGIN + 2 * _SIDE + _FILTER + 2 * _GAP + 2 * _SHIFT
    top = _MARGIN + 30
    bar = top + _SIDE + 2 * _SHIFT + 26 + (_THUMB + 36 if many else 0)
    tall = 80 if size_sentence(found.at) and not hidden else 60
    page = Page(width, bar + tall + _MARGIN, colours.page)
    scene = _Scene(page, colours, document, found, _stack(document, found), hidden)
    middle = top + 2 * _SHIFT + _SIDE / 2 + 8
    x = _MARGIN + _SIDE + 2 * _SHIFT
    _picture(scene, _Box(_MARGIN, top + 2 * _SHIFT, _SIDE, _SIDE))
    page.text(x + _GAP / 2, middle, r"$\odot$", "math", 26, colours.soft, "center")
    _filter(scene, _Box(x + _GAP, top, _FILTER, _SIDE + 2 * _SHIFT))
    page.text(x + 1.5 * _GAP + _FILTER, middle, "$=$", "math", 26, colours.soft, "center")
    _map(scene, _Box(x + 2 * _GAP + _FILTER, top + 2 * _SHIFT, _SIDE, _SIDE))
    if many:
        _thumbs(scene, _MARGIN, bar - _THUMB - 26, width - 2 * _MARGIN, titles or {})
    _sum(scene, _Box(_MARGIN, bar, width - 2 * _MARGIN, tall))
    return page.figure


def _stack(document: Mapping[str, Any], found: Decoded) -> Array | None:
    if found.pixels is None:
        return None
    return maps(found.pixels, found.at, turned(found.weights) if document["flip"] else found.weights, found.biases)


# ---- colours -----------------------------------------------------------------------------------------------------


def _rgb(colour: str) -> Array:
    return np.array([int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5)])


def _signed(values: Array, largest: float, colours: Theme) -> Array:
    """RGBA for numbers of both signs: from the page's ground to blue above 0, to vermillion below."""
    strength = np.clip(np.abs(values) / (largest or 1.0), 0, 1)[..., np.newaxis]
    far = np.where(values[..., np.newaxis] > 0, _rgb(colours.tangent), _rgb(colours.adjoint))
    colour = _rgb(colours.page) + (far - _rgb(colours.page)) * strength
    return np.concatenate([colour, np.ones_like(strength)], axis=-1)


def _ink_on(colour: Array, colours: Theme) -> str:
    """Ink or page, whichever stands out from a ground."""
    light = lambda c: 0.2126 * c[0] ** 2.2 + 0.7152 * c[1] ** 2.2 + 0.0722 * c[2] ** 2.2 + 0.05  # noqa: E731
    ground = light(colour)
    contrast = {
        name: max(light(_rgb(name)), ground) / min(light(_rgb(name)), ground) for name in (colours.ink, colours.page)
    }
    return max(contrast, key=lambda name: contrast[name])


def _hex(colour: Array) -> str:
    return "#" + "".join(f"{round(255 * float(part)):02x}" for part in colour[:3])


# ---- parts -------------------------------------------------------------------------------------------------------


def _heading(scene: _Scene, x: float, y: float, words: str) -> None:
    scene.page.text(x, y, words, "bold", _SMALL, scene.colours.soft)


def _inner(box: _Box, rows: int, columns: int) -> _Box:
    """The largest box of whole cells in these proportions, at the top left of another."""
    cell = min(box.width / columns, box.height / rows)
    return _Box(box.x, box.y, cell * columns, cell * rows)


def _picture(scene: _Scene, box: _Box) -> None:
    """The picture, its channels as sheets behind it, and the window."""
    page, colours, at = scene.page, scene.colours, scene.found.at
    _heading(scene, box.x, _MARGIN + 14, f"INPUT X · {at.height} × {at.width} × {at.channels}")
    box = _inner(box, at.height, at.width)
    if scene.found.pixels is None:
        page.rectangle(*box, colours.fill, colours.edge, 1)
        for k, words in enumerate(("This picture stays", "in the browser.")):
            page.text(
                box.x + box.width / 2, box.y + box.height / 2 + 20 * k, words, "sans", _TYPE, colours.soft, "center"
            )
        return
    shown = _shown(scene.found.pixels)
    for k in reversed(range(1, min(at.channels, _SHEETS))):
        sheet = _Box(box.x + _SHIFT * k, box.y - _SHIFT * k, box.width, box.height)
        page.rectangle(*sheet, colours.fill, colours.edge, 1)
        page.image(*sheet, _gray(shown[..., k], 0.8))
        page.rectangle(*sheet, "none", colours.edge, 1)
    page.image(*box, _coloured(shown))
    page.rectangle(*box, "none", colours.edge, 1)
    if at.channels == 1:
        _numbers(scene, box, scene.found.pixels[..., 0], _coloured(shown))
    _outline(scene, box, box.width / at.width)


def _shown(pixels: Array) -> Array:
    """Pixels between black and white: as they are, or stretched to their range if they leave 0 … 1."""
    low, high = min(0.0, float(pixels.min())), max(1.0, float(pixels.max()))
    return (pixels - low) / (high - low)


def _gray(values: Array, alpha: float = 1.0) -> Array:
    return np.stack([values, values, values, np.full_like(values, alpha)], axis=-1)


def _coloured(shown: Array) -> Array:
    if shown.shape[2] == 3:
        return np.concatenate([shown, np.ones_like(shown[..., :1])], axis=-1)
    return _gray(shown.mean(axis=2))


def _numbers(scene: _Scene, box: _Box, values: Array, ground: Array, known: Array | None = None) -> None:
    """The numbers of a small picture or map, in its cells."""
    rows, columns = values.shape
    if max(rows, columns) > _LEGIBLE:
        return
    across, down = box.width / columns, box.height / rows
    words = [[number(float(f"{value:.2g}")) for value in line] for line in values]
    size = _type_size(words, across, down)
    for i, j in np.ndindex(values.shape):
        if known is None or known[i, j]:
            x, y = box.x + across * (j + 0.5), box.y + down * (i + 0.5) + 0.36 * size
            scene.page.text(x, y, words[i][j], "sans", size, _ink_on(ground[i, j], scene.colours), "center")


def _type_size(words: list[list[str]], across: float, down: float) -> float:
    """The size of type in which all words fit in their cells."""
    size = min(_TYPE, 0.42 * down)
    widest = max(text_width(word, "sans", size) for line in words for word in line)
    return size * min(1.0, 0.88 * across / widest) if widest else size


def _outline(scene: _Scene, box: _Box, cell: float) -> None:
    """The window over the picture, which reaches into the padding."""
    at, shown = scene.found.at, scene.document["window"]
    x = box.x + cell * (at.stride * shown["column"] - at.padding)
    y = box.y + cell * (at.stride * shown["row"] - at.padding)
    width, height = (cell * at.span(k) for k in reversed(at.kernel))
    scene.page.rectangle(x - 1, y - 1, width + 2, height + 2, "none", scene.colours.page, 4)
    scene.page.rectangle(x, y, width, height, "none", scene.colours.tangent, 2)


def _filter(scene: _Scene, box: _Box) -> None:
    """The kernel's weights as they slide: one grid where all channels have the same, else one each."""
    page, colours, at = scene.page, scene.colours, scene.found.at
    rows, columns = at.kernel
    _heading(scene, box.x, _MARGIN + 14, f"FILTER W · {rows} × {columns} × {at.channels}")
    weights = scene.sliding
    alike = bool(np.all(weights == weights[:1]))
    names = channel_names(at.channels)
    shown = weights[: 1 if alike else _SHEETS]
    largest = float(np.abs(weights).max(initial=0.0))
    each = (box.height - 22 * len(shown)) / len(shown)
    y = box.y + (2 * _SHIFT if len(shown) == 1 else 0)
    for c, grid in enumerate(shown):
        part = _inner(_Box(box.x, y, box.width, min(each, box.width)), rows, columns)
        _grid(scene, part, grid, largest)
        y = part.y + part.height + 16
        if at.channels > 1:
            words = f"the same in {', '.join(names[:6])}" if alike else names[c]
            if not alike and c == _SHEETS - 1 and at.channels > _SHEETS:
                words += f", and {at.channels - _SHEETS} more"
            page.text(part.x, y, words, "sans", _SMALL, colours.soft)
            y += 8
    if alike:
        page.text(
            box.x,
            y + 14,
            f"bias {number(scene.document['window']['bias'])}" if scene.document["window"] else "",
            "sans",
            _SMALL,
            colours.soft,
        )


def _grid(scene: _Scene, box: _Box, grid: Array, largest: float) -> None:
    """Weights as coloured cells, with their numbers where there is room."""
    page, colours = scene.page, scene.colours
    rows, columns = grid.shape
    across, down = box.width / columns, box.height / rows
    colour = _signed(grid, largest, colours)
    words = [[number(float(f"{value:.2g}")) for value in line] for line in grid]
    size = _type_size(words, across, down)
    for i, j in np.ndindex(grid.shape):
        x, y = box.x + j * across, box.y + i * down
        page.rectangle(x + 0.5, y + 0.5, across - 1, down - 1, _hex(colour[i, j]), colours.line, 0.5)
        if max(rows, columns) <= _CROWDED and size > _LEAST:
            ink = _ink_on(colour[i, j], colours)
            page.text(x + across / 2, y + down / 2 + 0.36 * size, words[i][j], "sans", size, ink, "center")


def _map(scene: _Scene, box: _Box) -> None:
    """The map of the filter in front, and its scale."""
    page, colours, document, at = scene.page, scene.colours, scene.document, scene.found.at
    rows, columns = at.places
    many = len(document["filters"])
    size = "" if scene.hidden else f" · {rows} × {columns}"
    _heading(scene, box.x, _MARGIN + 14, f"MAP {document['filter'] + 1} OF {many}{size}")
    box = _inner(box, rows, columns)
    page.rectangle(*box, colours.fill, colours.edge, 1)
    if scene.stack is None:
        return
    values = scene.stack[document["filter"]]
    largest = float(np.abs(values).max())
    picture = _signed(values, largest, colours)
    if scene.hidden:
        picture.reshape(-1, 4)[document["position"] :, 3] = 0
    page.image(*box, picture)
    page.rectangle(*box, "none", colours.edge, 1)
    known = np.arange(rows * columns).reshape(rows, columns) < (document["position"] if scene.hidden else np.inf)
    _numbers(scene, box, values, picture, known)
    if scene.hidden:
        return
    cell = box.width / columns
    x, y = box.x + cell * document["window"]["column"], box.y + cell * document["window"]["row"]
    page.rectangle(x - 1, y - 1, cell + 2, cell + 2, "none", colours.page, 4)
    page.rectangle(x, y, cell, cell, "none", colours.tangent, 2)
    _scale(scene, box.x + box.width, box.y - 10, largest)


def _scale(scene: _Scene, right: float, y: float, largest: float) -> None:
    """Which colour stands for which number."""
    page, colours = scene.page, scene.colours
    high = number(float(f"{largest:.2g}"))
    end = right - text_width(high, "sans", _SMALL)
    ramp = _Box(end - 86, y - 9, 80, 9)
    page.text(right, y, high, "sans", _SMALL, colours.soft, "right")
    page.image(*ramp, _signed(np.linspace(-1, 1, 41)[np.newaxis], 1.0, colours))
    page.text(ramp.x - 6, y, f"−{high}", "sans", _SMALL, colours.soft, "right")


def _thumbs(scene: _Scene, x: float, y: float, width: float, titles: Mapping[str, str]) -> None:
    """The maps of all filters side by side: the stack that goes on to the next layer."""
    page, colours, document = scene.page, scene.colours, scene.document
    assert scene.stack is not None
    rows, columns = scene.found.at.places
    count = len(document["filters"])
    shown = min(count, int((width + 14) // (_THUMB + 14)))
    step = min(_THUMB + 80, (width + 14) / shown)
    for k in range(shown):
        box = _inner(_Box(x + step * k, y, _THUMB, _THUMB), rows, columns)
        values = scene.stack[k]
        page.image(*box, _signed(values, float(np.abs(values).max()), colours))
        front = k == document["filter"]
        page.rectangle(*box, "none", colours.tangent if front else colours.edge, 2 if front else 1)
        name = titles.get(document["filters"][k]["name"], document["filters"][k]["name"])
        page.text(box.x, y + _THUMB + 13, _fitted(f"{k + 1} {name}", step - 8, 9.5), "sans", 9.5, colours.soft)


def _sum(scene: _Scene, box: _Box) -> None:
    """The window's number: the formula, and what adds up to it."""
    page, colours, document, at = scene.page, scene.colours, scene.document, scene.found.at
    page.rectangle(*box, colours.fill)
    page.rectangle(box.x, box.y, 3, box.height, colours.tangent)
    shown = document["window"]
    rules = ", ".join(dict.fromkeys(size_rule(at, n, k) for n, k in at.axes))
    count, weights = len(document["filters"]), at.channels * at.kernel[0] * at.kernel[1]
    sizes = f"Size {rules}. Parameters {count} × ({weights} + 1) = {count * (weights + 1):,}."
    first = box.y + 25
    if shown is not None:
        formula = _formula(document, shown)
        page.text(box.x + 18, first, formula, "math", 16, colours.ink)
        start = box.x + 30 + text_width(formula, "math", 16)
        said = dot_product(shown, at.channels)
        if scene.hidden:
            said = "What is the number at this window?"
        room = box.x + box.width - start - 12
        page.text(start, first, _fitted(said, room, _TYPE), "sans", _TYPE, colours.ink)
    if not scene.hidden:
        for k, words in enumerate((sizes, size_sentence(at))):
            fitted = _fitted(words, box.width - 30, _SMALL)
            page.text(box.x + 18, box.y + 48 + 20 * k, fitted, "sans", _SMALL, colours.soft)


def _fitted(words: str, width: float, size: float) -> str:
    """Words, cut where they are too long."""
    while len(words) > 2 and text_width(words, "sans", size) > width:
        words = words[:-2].rstrip() + "…"
    return words


def _formula(document: Mapping[str, Any], shown: Mapping[str, Any]) -> str:
    """The window's sum as a formula with its place put in."""
    stride, dilation, padding = document["stride"], document["dilation"], document["padding"]

    def index(place: int, entry: str) -> str:
        start = stride * place - padding
        times = "" if dilation == 1 else str(dilation)
        return f"{start}+{times}{entry}"

    rows, columns = document["kernel"]
    weight = f"w[c,{rows - 1}-a,{columns - 1}-b]" if document["flip"] else "w[c,a,b]"
    row, column = shown["row"], shown["column"]
    return rf"$y[{row},{column}]=\Sigma\,x[c,{index(row, 'a')},{index(column, 'b')}]\,{weight}+\beta$"
