"""The convolution document as text: sizes, parameters, one window as a dot product, and the filters."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from .convolution import Array, Decoded, decode, maps, size_rule, size_sentence, turned
from .notation import number

__all__ = ["channel_names", "describe", "dot_product", "table"]

_CELLS = 150  # of a window that are printed one by one


def channel_names(channels: int) -> list[str]:
    """What the channels are called: R, G, B, or their numbers."""
    return ["R", "G", "B"] if channels == 3 else [f"c={c}" for c in range(channels)]


def table(document: Mapping[str, Any], titles: Mapping[str, str] | None = None) -> str:
    """All of a document but its pixels.

    Args:
        document: the document.
        titles: what people call filters and channels, by their names.
    """
    found = decode(document)
    lines = [*describe(document, found), "", *_window(document, found), "", *_filters(document, found, titles or {})]
    return "\n".join(line.rstrip() for line in lines)


def describe(document: Mapping[str, Any], found: Decoded) -> Iterator[str]:
    """The sizes, the rule that gives them, and the number of parameters."""
    picture, at = document["picture"], found.at
    count, (rows, columns) = len(document["filters"]), at.places
    kernel = f"{at.kernel[0]} × {at.kernel[1]} × {at.channels}"
    kind = "true convolution: the kernel is turned" if document["flip"] else "cross-correlation"
    moves = f"stride {at.stride}, padding {at.padding}, dilation {at.dilation}"
    yield f"picture     {picture['title']}, {at.height} × {at.width} × {at.channels}"
    yield f"filters     {count} of {kernel}, {moves}; {kind}"
    yield f"output      {rows} × {columns} × {count}"
    rules = dict.fromkeys(size_rule(at, n, k) for n, k in at.axes)
    yield f"size rule   {', '.join(rules)}"
    sentence = size_sentence(at)
    if sentence:
        yield f"            {sentence}"
    weights = at.channels * at.kernel[0] * at.kernel[1]
    connected = count * rows * columns * (at.height * at.width * at.channels + 1)
    yield f"parameters  {count} × ({weights} + 1) = {count * (weights + 1):,}; fully connected {connected:,}"


def dot_product(shown: Mapping[str, Any], channels: int) -> str:
    """A window's number as sums: "75 products and the bias: R −0.41 + G 0.93 + B 0.71 + bias 0.05 = 1.28"."""
    count = len(shown["products"])
    names = channel_names(channels) if channels > 1 else ["products"]
    parts = [f"{name} {number(sum_)}" for name, sum_ in zip(names, shown["channels"], strict=True)]
    if channels > 6:
        parts = [f"products {number(sum(shown['channels']))}"]
    total = " + ".join([*parts, f"bias {number(shown['bias'])}"])
    return f"{count} product{'s' * (count > 1)} and the bias: {total} = {number(shown['value'])}"


def _window(document: Mapping[str, Any], found: Decoded) -> Iterator[str]:
    at, shown = found.at, document["window"]
    name, windows = document["filters"][document["filter"]]["name"], at.places[0] * at.places[1]
    front = f"filter {document['filter'] + 1}"
    named = "" if name == front else f" ({name})"
    yield f"window {document['position'] + 1:,} of {windows:,}, {front}{named}"
    if shown is None:
        yield "  The picture stays in the browser: its numbers are shown there alone."
        return
    yield f"  y[{shown['row']}, {shown['column']}] = {dot_product(shown, at.channels)}"
    if len(shown["products"]) <= _CELLS:
        yield from _cells(shown, document, found)


def _cells(shown: Mapping[str, Any], document: Mapping[str, Any], found: Decoded) -> Iterator[str]:
    """What lies under the window, the kernel as it slides, and their products, channel by channel."""
    shape = (found.at.channels, *found.at.kernel)
    weights = found.weights[document["filter"]]
    sliding = turned(weights) if document["flip"] else weights
    inputs, products = (np.reshape(shown[key], shape) for key in ("inputs", "products"))
    heads = ("input", "weight", "product")
    for c, name in enumerate(channel_names(shape[0])):
        blocks = [_grid(part[c]) for part in (inputs, sliding, products)]
        widths = [max(len(head), *map(len, block)) for head, block in zip(heads, blocks, strict=True)]
        titles = "   ".join(head.ljust(size) for head, size in zip(heads, widths, strict=True))
        yield f"  {name + '  ' if shape[0] > 1 else ''}{titles}"
        indent = " " * (2 + (len(name) + 2 if shape[0] > 1 else 0))
        for rows in zip(*blocks, strict=True):
            yield indent + "   ".join(row.ljust(size) for row, size in zip(rows, widths, strict=True))


def _grid(cells: Array) -> list[str]:
    """Numbers in columns."""
    coarse = np.abs(cells).max(initial=0.0) >= 0.1  # beside large numbers small ones need no more digits than these
    words = [[number(round(value, 3) if coarse else float(f"{value:.3g}")) for value in row] for row in cells.tolist()]
    width = max(len(word) for row in words for word in row)
    return [" ".join(word.rjust(width) for word in row) for row in words]


def _filters(document: Mapping[str, Any], found: Decoded, titles: Mapping[str, str]) -> Iterator[str]:
    """A line for each filter: the sum of its weights, its bias, and the range of its map."""
    sums = found.weights.sum(axis=(1, 2, 3))
    rows: list[Sequence[str]] = [("filter", "", "Σ weights", "bias", "least", "greatest")]
    stack = None
    if found.pixels is not None:
        sliding = turned(found.weights) if document["flip"] else found.weights
        stack = maps(found.pixels, found.at, sliding, found.biases)
    for k, each in enumerate(document["filters"]):
        ends = ("", "") if stack is None else (_rounded(stack[k].min()), _rounded(stack[k].max()))
        name = titles.get(each["name"], each["name"])
        rows.append((str(k + 1), name, _rounded(sums[k]), _rounded(each["bias"]), *ends))
    widths = [max(len(row[k]) for row in rows) for k in range(6)]
    for row in rows:
        left = (row[0].ljust(widths[0]), row[1].ljust(widths[1]))
        yield "  ".join([*left, *(cell.rjust(size) for cell, size in zip(row[2:], widths[2:], strict=True))])


def _rounded(value: float) -> str:
    """A number for display, sums that cancel but for rounding as 0."""
    return number(round(float(value), 9) + 0.0)
