"""The pictures that ConvSlider starts from, and arrays of one's own: checked, and reduced where they are large."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib.util import find_spec
from math import floor
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

Array = np.ndarray[Any, Any]

LARGEST = 128
"""The longer side of the largest picture that crosses to the browser."""


class Picture(NamedTuple):
    """A picture as it is handed to the browser.

    Attributes:
        name, title: how programs and people call it.
        pixels: (H, W, C), uint8 where 255 stands for 1, or float32.
    """

    name: str
    title: str
    pixels: Array

    @property
    def values(self) -> Array:
        """The numbers that filters are applied to, (H, W, C) in float64."""
        return self.pixels / 255 if self.pixels.dtype == np.uint8 else self.pixels.astype(np.float64)

    @property
    def entry(self) -> dict[str, Any]:
        """What the browser is told beside the bytes."""
        height, width, channels = self.pixels.shape
        kind = "bytes" if self.pixels.dtype == np.uint8 else "floats"
        sizes = {"height": height, "width": width, "channels": channels}
        return {"name": self.name, "title": self.title, **sizes, "kind": kind}

    @property
    def data(self) -> bytes:
        """The pixels row by row, floats little-endian."""
        kind = np.uint8 if self.pixels.dtype == np.uint8 else np.dtype("<f4")
        return np.ascontiguousarray(self.pixels, kind).tobytes()


# ---- smaller pictures --------------------------------------------------------------------------------------------


def reduced_size(height: int, width: int, size: int) -> tuple[int, int]:
    """Rows and columns of a picture whose longer side is reduced to `size`.

    0, and a picture that is smaller already, leave it as it is.
    """
    longer = max(height, width)
    if not size or longer <= size:
        return height, width
    return max(1, floor(height * size / longer + 0.5)), max(1, floor(width * size / longer + 0.5))


def box_means(picture: Array, rows: int, columns: int) -> Array:
    """A picture (H, W, C) in fewer pixels, each the mean of the box that it covers; parts of a pixel count in part.

    It is done in strips, so that a photograph of any size needs little memory.
    """
    if picture.shape[:2] == (rows, columns):
        return picture.astype(np.float64)
    down = np.stack(
        [weights @ picture[low:high].reshape(high - low, -1) for low, high, weights in _boxes(len(picture), rows)]
    )
    strip = down.reshape(rows, *picture.shape[1:])
    boxes = _boxes(picture.shape[1], columns)
    return np.stack([np.einsum("w,rwc->rc", weights, strip[:, low:high]) for low, high, weights in boxes], axis=1)


def _boxes(n: int, count: int) -> list[tuple[int, int, Array]]:
    """The entries that each of `count` boxes along an axis of n covers, and how much of each."""
    found = []
    for k in range(count):
        low, high = k * n / count, (k + 1) * n / count
        first, end = floor(low), min(n, -floor(-high))
        i = np.arange(first, end)
        found.append((first, end, (np.minimum(high, i + 1) - np.maximum(low, i)) / (high - low)))
    return found


# ---- built-in pictures -------------------------------------------------------------------------------------------


def _bytes(values: Array) -> Array:
    return np.floor(np.clip(values, 0, 1) * 255 + 0.5).astype(np.uint8)


@cache
def test_card() -> Picture:
    """A drawn picture with something for each filter: a face, stripes, a checkerboard, colours."""
    fine = 4 * LARGEST  # four samples a pixel each way, so that edges are smooth
    y, x = (np.mgrid[:fine, :fine] + 0.5) / fine
    card = np.stack([0.42 + 0.2 * np.sin(5 * x + k) * np.cos(4 * y - k) for k in (0.0, 0.7, 1.4)], axis=-1)
    _corners(card, x, y)
    _face(card, x, y)
    return Picture("card", "test card", _bytes(box_means(card, LARGEST, LARGEST)))


test_card.__test__ = False  # type: ignore[attr-defined]


def _corners(card: Array, x: Array, y: Array) -> None:
    """Stripes that stand, lie and lean, and a checkerboard, each dark and in a colour."""
    period = 1 / 8
    waves = {
        (0, 0): (x % period < period / 2, (0.98, 0.85, 0.30)),
        (0, 1): (y % period < period / 2, (0.35, 0.78, 0.98)),
        (1, 0): ((x + y) % (1.5 * period) < 0.75 * period, (0.98, 0.55, 0.45)),
        (1, 1): ((x % period < period / 2) ^ (y % period < period / 2), (0.55, 0.90, 0.60)),
    }
    for (bottom, right), (on, colour) in waves.items():
        corner = (np.abs(x - right) < 0.28) & (np.abs(y - bottom) < 0.28)
        card[corner & on] = colour
        card[corner & ~on] = (0.08, 0.10, 0.16)


def _face(card: Array, x: Array, y: Array) -> None:
    """A disc that is lit from the left, with two eyes and a mouth."""
    u, v = (x - 0.5) / 0.31, (y - 0.5) / 0.31
    radius = u**2 + v**2
    disc = radius < 1
    light = np.clip(0.97 - 0.3 * (u + 0.35) ** 2 - 0.12 * v**2, 0, 1)
    card[disc] = light[disc][:, np.newaxis] * (1.0, 0.93, 0.80)
    card[(np.abs(u + 0.38) < 0.16) & (np.abs(v + 0.28) < 0.16)] = (0.10, 0.16, 0.30)
    card[(np.abs(u - 0.38) < 0.16) & (np.abs(v + 0.28) < 0.16)] = (0.10, 0.16, 0.30)
    card[(np.abs(u) < 0.50) & (np.abs(v - 0.42) < 0.12)] = (0.72, 0.16, 0.14)
    card[disc & (radius > 0.90)] *= 0.55


@cache
def whole_numbers() -> Picture:
    """A picture of 7 × 7 small whole numbers, to calculate with by hand."""
    rows = ("0011000", "0122100", "1233210", "1232110", "0121001", "0010012", "0000123")
    numbers = np.array([[int(digit) for digit in row] for row in rows], np.float32)
    return Picture("numbers", "whole numbers", numbers[:, :, np.newaxis])


class _Photograph(NamedTuple):
    """A photograph that another package ships, and which share of what is cut off is above and left of its square."""

    title: str
    package: str
    path: str
    down: float
    across: float


_PHOTOGRAPHS = {
    "grace_hopper": _Photograph("Grace Hopper", "matplotlib", "mpl-data/sample_data/grace_hopper.jpg", 0.1, 0.5),
    "china": _Photograph("summer palace", "sklearn", "datasets/images/china.jpg", 0.5, 0.45),
    "flower": _Photograph("flower", "sklearn", "datasets/images/flower.jpg", 0.5, 0.45),
}


def _file_of(photograph: _Photograph) -> Path | None:
    """Where a photograph is, without importing the package that ships it; None where it isn't."""
    spec = find_spec(photograph.package)
    if spec is None or spec.origin is None or find_spec("PIL") is None:
        return None
    path = Path(spec.origin).parent / photograph.path
    return path if path.is_file() else None


@cache
def _photograph(name: str) -> Picture:
    from PIL import Image

    photograph = _PHOTOGRAPHS[name]
    path = _file_of(photograph)
    assert path is not None
    pixels = np.asarray(Image.open(path).convert("RGB"))
    height, width, _ = pixels.shape
    side = min(height, width)
    top, left = round((height - side) * photograph.down), round((width - side) * photograph.across)
    square = pixels[top : top + side, left : left + side]
    return Picture(name, photograph.title, _bytes(box_means(square, LARGEST, LARGEST) / 255))


def built_in() -> dict[str, Picture]:
    """The pictures that are there by name: drawn ones, and photographs of the packages that are installed."""
    makers: dict[str, Callable[[], Picture]] = {"card": test_card, "numbers": whole_numbers}
    found = {name: make() for name, make in makers.items()}
    for name, photograph in _PHOTOGRAPHS.items():
        if _file_of(photograph) is not None:
            found[name] = _photograph(name)
    return found


# ---- one's own ---------------------------------------------------------------------------------------------------


def own_picture(image: Any) -> tuple[Picture, str]:
    """An array as a picture, and a sentence where it had to be reduced.

    Args:
        image: (H, W), or (H, W, C) with at most 16 channels. uint8 is taken as a photograph, with 255 for 1; every
            other type of number as it is, in float32.

    Raises:
        TypeError: not numbers, or complex ones.
        ValueError: another number of axes, no pixels, channels first, more than 16 channels, NaN or infinity.
    """
    pixels = _array(image)
    if pixels.ndim == 2:
        pixels = pixels[:, :, np.newaxis]
    _check_shape(pixels.shape)
    height, width, _ = pixels.shape
    if pixels.dtype.kind == "f":
        _check_finite(pixels)
    is_bytes = pixels.dtype == np.uint8
    rows, columns = reduced_size(height, width, LARGEST)
    if (rows, columns) == (height, width):
        return Picture("own", "my picture", _single(pixels) if not is_bytes else pixels.copy()), ""
    means = box_means(pixels, rows, columns)
    note = f"The image of {height:,} × {width:,} pixels is shown as {rows} × {columns}, each pixel the mean of a box."
    return Picture("own", "my picture", _bytes(means / 255) if is_bytes else _single(means)), note


def _array(image: Any) -> Array:
    try:
        pixels = np.asarray(image)
    except ValueError as error:
        raise TypeError("an image is an array of numbers; the rows of this one differ in length") from error
    if pixels.dtype == bool:
        pixels = pixels.astype(np.float32)
    if pixels.dtype.kind not in "iuf":
        raise TypeError(f"an image is an array of real numbers, not of {_name(pixels.dtype)}")
    return pixels


def _name(dtype: np.dtype[Any]) -> str:
    return {"U": "text", "S": "text", "O": "objects", "c": "complex numbers"}.get(dtype.kind, str(dtype))


def _check_shape(shape: tuple[int, ...]) -> None:
    if len(shape) != 3:
        raise ValueError(f"an image has the shape (height, width) or (height, width, channels); got {shape}")
    if 0 in shape:
        raise ValueError(f"an image has one pixel at least; got shape {shape}")
    height, width, channels = shape
    if width == channels > 4 and height > 16:
        raise ValueError(
            f"an image has its channels last, (height, width, channels); got shape {shape}, which looks like a stack "
            f"of {height} channels: choose at most 16 of them, and use image.transpose(1, 2, 0)"
        )
    if (channels > 16 and height <= 4) or (width == channels > 4 and height != width):
        raise ValueError(
            f"an image has its channels last, (height, width, channels); got shape {shape}, which looks like channels "
            "first: use image.transpose(1, 2, 0)"
        )
    if channels > 16:
        raise ValueError(f"an image has at most 16 channels, which come last; got shape {shape}")


def _check_finite(pixels: Array) -> None:
    for row, line in enumerate(pixels):  # row by row: a large photograph needs no mask of its size
        finite = np.isfinite(line)
        if not finite.all():
            column, channel = np.argwhere(~finite)[0]
            number = line[column, channel]
            what = "NaN" if np.isnan(number) else "infinite"
            raise ValueError(
                f"the image has a pixel that is {what}, at row {row}, column {column}, channel {channel}: "
                "replace it with a number, for instance by numpy.nan_to_num"
            )


def _single(values: Array) -> Array:
    """Numbers in float32, if they fit."""
    with np.errstate(over="ignore"):
        single: Array = values.astype(np.float32)
    if not np.isfinite(single).all():
        raise ValueError(f"the image has numbers beyond ±3.4·10³⁸, up to {np.abs(values).max():.3g}: scale it first")
    return single


__all__ = ["LARGEST", "Picture", "box_means", "built_in", "own_picture", "reduced_size", "test_card", "whole_numbers"]
