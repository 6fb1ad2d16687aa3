"""The convolution document: a picture, a bank of filters, how they slide, and one window as the dot product that it is.

    y[f, p, q] = bias[f] + Σ_{c,a,b} w[f, c, a, b] · x[c, s·p + d·a − z, s·q + d·b − z],   x = 0 outside the picture

with stride s, dilation d and padding z. `flip` turns the kernel by half a turn first, which makes the cross-correlation
a true convolution. Source: Dumoulin and Visin, A guide to convolution arithmetic for deep learning (2016).

The browser's twin is `widgets/src/math/convolution.ts`; both replay tests/golden/convolutions.
"""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from .schema import MismatchError, check
from .trace import DocumentError

KIND, VERSION = "stepgrad.convolution", 1

Array = np.ndarray[Any, Any]


class Layout(NamedTuple):
    """A picture's and a kernel's sizes, and how the kernel moves.

    Attributes:
        channels, height, width: of the picture.
        kernel: its rows and columns.
        stride, padding, dilation: how far it moves, zeros on each side, how far its entries stand apart.
    """

    channels: int
    height: int
    width: int
    kernel: tuple[int, int]
    stride: int = 1
    padding: int = 0
    dilation: int = 1

    @property
    def places(self) -> tuple[int, int]:
        """Rows and columns of the map, both 0 where the kernel doesn't fit in the padded picture."""
        rows, columns = (self._count(n, k) for n, k in self.axes)
        return (rows, columns) if rows and columns else (0, 0)

    @property
    def axes(self) -> tuple[tuple[int, int], tuple[int, int]]:
        """Along rows and along columns: entries of the picture, and of the kernel."""
        return (self.height, self.kernel[0]), (self.width, self.kernel[1])

    def span(self, k: int) -> int:
        """How many entries a kernel of k reaches over."""
        return self.dilation * (k - 1) + 1

    def room(self, n: int, k: int) -> int:
        """How far the kernel can move along an axis; negative where it doesn't fit."""
        return n + 2 * self.padding - self.span(k)

    def _count(self, n: int, k: int) -> int:
        return max(0, self.room(n, k) // self.stride + 1)

    def unreached(self, n: int, k: int) -> int:
        """How many entries at the end of the padded picture no window reaches: 0 where the stride fits."""
        return max(0, self.room(n, k)) % self.stride


def size_rule(at: Layout, n: int, k: int) -> str:
    """The rule along one axis with its numbers: "(32 − 5 + 2·0)/1 + 1 = 28", with ⌊ ⌋ where the stride doesn't fit."""
    room = f"{n} − {at.span(k)} + 2·{at.padding}"
    places = max(0, at.room(n, k) // at.stride + 1)
    if not places:
        return f"{room} = −{-at.room(n, k)} < 0"
    whole = f"⌊({room})/{at.stride}⌋" if at.unreached(n, k) else f"({room})/{at.stride}"
    return f"{whole} + 1 = {places}"


def size_sentence(at: Layout) -> str:
    """A sentence on a kernel or a stride that doesn't fit; "" where both do."""
    padded = "padded picture" if at.padding else "picture"
    if not all(at.places):
        spans = [at.span(k) for _, k in at.axes]
        sizes = [n + 2 * at.padding for n, _ in at.axes]
        return f"The kernel spans {spans[0]} × {spans[1]} and does not fit in the {padded} of {sizes[0]} × {sizes[1]}."
    missed = [at.unreached(n, k) for n, k in at.axes]
    if not any(missed):
        return ""
    n, k = at.axes[0] if missed[0] else at.axes[1]
    last = [
        f"the last {what}" if count == 1 else f"the last {count} {what}s"
        for count, what in zip(missed, ("row", "column"), strict=True)
        if count
    ]
    return (
        f"Stride {at.stride} does not fit: {n} − {at.span(k)} + 2·{at.padding} = {at.room(n, k)} is no multiple of "
        f"{at.stride}, and no window reaches {' and '.join(last)}{' of the padded picture' if at.padding else ''}."
    )


def turned(weights: Array) -> Array:
    """Weights (…, HH, WW) turned by half a turn."""
    return weights[..., ::-1, ::-1]


def window(pixels: Array, at: Layout, weights: Array, bias: float, row: int, column: int) -> dict[str, Any]:
    """One number of a map: what is multiplied, the products in the order c, a, b, their sums, the bias, the value.

    Args:
        pixels: the picture, (H, W, C).
        at: the sizes.
        weights: of one filter as they slide, (C, HH, WW).
        bias: of that filter.
        row: of the map.
        column: of the map.
    """
    inputs = np.zeros(weights.shape)
    for a, b in np.ndindex(at.kernel):
        i = at.stride * row + at.dilation * a - at.padding
        j = at.stride * column + at.dilation * b - at.padding
        if 0 <= i < at.height and 0 <= j < at.width:
            inputs[:, a, b] = pixels[i, j]
    products = weights * inputs
    sums = products.sum(axis=(1, 2))
    return {
        "row": row,
        "column": column,
        "inputs": inputs.ravel().tolist(),
        "products": products.ravel().tolist(),
        "channels": sums.tolist(),
        "bias": bias,
        "value": float(sums.sum() + bias),
    }


def maps(pixels: Array, at: Layout, weights: Array, biases: Array) -> Array:
    """The maps of all filters, (F, P, Q), by the definition.

    Args:
        pixels: the picture, (H, W, C).
        at: the sizes.
        weights: as they slide, (F, C, HH, WW).
        biases: (F,).
    """
    zeros = (at.padding, at.padding)
    padded = np.pad(pixels, (zeros, zeros, (0, 0)))
    rows, columns = at.places
    found = np.tile(biases[:, np.newaxis, np.newaxis].astype(float), (1, rows, columns))
    for a, b in np.ndindex(at.kernel):
        i, j = at.dilation * a, at.dilation * b
        seen = padded[i : i + at.stride * rows : at.stride, j : j + at.stride * columns : at.stride][:rows, :columns]
        found += np.einsum("fc,pqc->fpq", weights[:, :, a, b], seen)
    return found


def encode(
    picture: Mapping[str, Any],
    pixels: Array | None,
    at: Layout,
    filters: Sequence[Mapping[str, Any]],
    flip: bool = False,
    filter_: int = 0,
    position: int = 0,
) -> dict[str, Any]:
    """The document.

    Args:
        picture: its "name" and "title".
        pixels: its numbers (H, W, C); None where the browser alone has them.
        at: the sizes.
        filters: each with its "name", "weights" as a flat list in the order c, a, b, and "bias".
        flip: whether the kernel is turned.
        filter_: which filter the window is shown for.
        position: which window, counted row by row.
    """
    rows, columns = at.places
    shown = None
    if pixels is not None:
        chosen = filters[filter_]
        weights = np.array(chosen["weights"], float).reshape(at.channels, *at.kernel)
        sliding = turned(weights) if flip else weights
        shown = window(pixels, at, sliding, float(chosen["bias"]), *divmod(position, columns))
    return {
        "kind": KIND,
        "version": VERSION,
        "picture": {
            "name": picture["name"],
            "title": picture["title"],
            "height": at.height,
            "width": at.width,
            "channels": at.channels,
        },
        "pixels": None if pixels is None else _packed(pixels),
        "kernel": list(at.kernel),
        "filters": [
            {"name": each["name"], "weights": [float(w) for w in each["weights"]], "bias": float(each["bias"])}
            for each in filters
        ],
        "stride": at.stride,
        "padding": at.padding,
        "dilation": at.dilation,
        "flip": flip,
        "output": [len(filters), rows, columns],
        "filter": filter_,
        "position": position,
        "window": shown,
    }


def _packed(pixels: Array) -> dict[str, str]:
    """Numbers row by row in Base64: bytes where all are n/255, else float64."""
    bytes_ = np.floor(pixels * 255 + 0.5) if np.all((pixels >= 0) & (pixels <= 1)) else np.zeros(0)
    if bytes_.shape == pixels.shape and np.array_equal(bytes_ / 255, pixels):
        kind, data = "u1", bytes_.astype(np.uint8).tobytes()
    else:
        kind, data = "f8", np.ascontiguousarray(pixels, "<f8").tobytes()
    return {"type": kind, "data": b64encode(data).decode("ascii")}


class Decoded(NamedTuple):
    """What a document holds, as arrays.

    Attributes:
        pixels: the picture, (H, W, C), or None.
        at: the sizes.
        weights: (F, C, HH, WW), as they are written: not turned.
        biases: (F,).
    """

    pixels: Array | None
    at: Layout
    weights: Array
    biases: Array


def decode(document: Mapping[str, Any]) -> Decoded:
    """The arrays of a document.

    Raises:
        DocumentError: it is no convolution document of this version, or its parts don't fit together.
    """
    validate(document)
    picture, (rows, columns) = document["picture"], document["kernel"]
    sizes = (picture["channels"], picture["height"], picture["width"])
    at = Layout(*sizes, (rows, columns), document["stride"], document["padding"], document["dilation"])
    filters = document["filters"]
    weights = np.array([each["weights"] for each in filters], float).reshape(-1, at.channels, rows, columns)
    biases = np.array([each["bias"] for each in filters], float)
    return Decoded(_unpacked(document["pixels"], at), at, weights, biases)


def _unpacked(pixels: Mapping[str, str] | None, at: Layout) -> Array | None:
    if pixels is None:
        return None
    numbers = np.frombuffer(b64decode(pixels["data"]), "u1" if pixels["type"] == "u1" else "<f8")
    values = numbers / 255 if pixels["type"] == "u1" else numbers.astype(float)
    return values.reshape(at.height, at.width, at.channels)


@cache
def schema() -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of the convolution document. Don't change it: it is read once."""
    text = Path(__file__).with_name("convolution.schema.json").read_text(encoding="utf-8")
    loaded: dict[str, Any] = json.loads(text)
    return loaded


def validate(document: object) -> dict[str, Any]:
    """Return the document if it is a valid one of this version; else raise DocumentError, which says where it isn't."""
    try:
        check(schema(), document)
        assert isinstance(document, dict)
        _check_sizes(document)
    except MismatchError as mismatch:
        where = f" at {mismatch.path}" if mismatch.path else ""
        raise DocumentError(f"This is not a convolution document, or malformed{where}: {mismatch.reason}.") from None
    return document


def _check_sizes(document: Mapping[str, Any]) -> None:
    """Refuses parts whose sizes contradict each other."""
    picture, kernel = document["picture"], document["kernel"]
    sizes = (picture["channels"], picture["height"], picture["width"])
    at = Layout(*sizes, tuple(kernel), document["stride"], document["padding"], document["dilation"])
    wanted = at.channels * kernel[0] * kernel[1]
    for number, each in enumerate(document["filters"]):
        if len(each["weights"]) != wanted:
            found = len(each["weights"])
            raise MismatchError(f"filters[{number}].weights", f"{wanted} numbers were expected, found {found}")
    output = [len(document["filters"]), *at.places]
    if document["output"] != output:
        raise MismatchError("output", f"{output} was expected, found {document['output']}")
    for name, count in (("filter", output[0]), ("position", output[1] * output[2])):
        if document[name] >= count:
            raise MismatchError(name, f"a number below {count} was expected, found {document[name]}")
    _check_pixels(document["pixels"], at)


def _check_pixels(pixels: Mapping[str, str] | None, at: Layout) -> None:
    if pixels is None:
        return
    try:
        found = len(b64decode(pixels["data"], validate=True))
    except ValueError:
        raise MismatchError("pixels.data", "Base64 was expected") from None
    wanted = at.height * at.width * at.channels * (1 if pixels["type"] == "u1" else 8)
    if found != wanted:
        raise MismatchError("pixels.data", f"{wanted} bytes were expected, found {found}")


__all__ = [
    "Decoded", "Layout", "decode", "encode", "maps", "schema", "size_rule", "size_sentence", "turned", "validate",
    "window",
]  # fmt: skip
