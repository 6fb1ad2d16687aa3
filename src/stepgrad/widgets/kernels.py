"""Image kernels by name: what blurs, sharpens and finds edges, of 3 × 3, 5 × 5 and 7 × 7.

A kernel of k × k is the one of 3 × 3 applied to a picture that was blurred with a binomial kernel first, so that all
sizes do the same thing at a coarser scale. Signs are those of cross-correlation, in which the kernel is not turned.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from math import comb, pi
from typing import Any, NamedTuple

import numpy as np

Array = np.ndarray[Any, Any]

SIZES = (3, 5, 7)
"""The sizes that every kernel comes in."""

DEFAULT = ("sobel_x", "sobel_y", "laplacian", "gaussian", "sharpen", "emboss")
"""The bank to begin with: six filters."""


class Preset(NamedTuple):
    """A kernel by name: what people call it, and how to make it of k × k, (k, k) or (C, k, k)."""

    title: str
    make: Callable[[int], Array]


def _binomial(k: int) -> Array:
    """The row k − 1 of Pascal's triangle, outer product with itself: nearly a Gaussian, of the sum 4^(k − 1)."""
    row = np.array([comb(k - 1, i) for i in range(k)], float)
    return np.outer(row, row)


def _smoothed(kernel: Any, k: int) -> Array:
    """A kernel of 3 × 3 convolved with the binomial one of k − 2: whole numbers stay whole."""
    core, blur = np.array(kernel, float), _binomial(k - 2)
    out = np.zeros((k, k))
    for a, b in np.ndindex(core.shape):
        out[a : a + k - 2, b : b + k - 2] += core[a, b] * blur
    return out


def _identity(k: int) -> Array:
    kernel = np.zeros((k, k))
    kernel[k // 2, k // 2] = 1
    return kernel


def _box(k: int) -> Array:
    return np.full((k, k), 1 / k**2)


def _gaussian(k: int) -> Array:
    return _binomial(k) / 4 ** (k - 1)


def _sobel_x(k: int) -> Array:
    return _smoothed([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]], k)


def _sobel_y(k: int) -> Array:
    return _sobel_x(k).T


def _laplacian(k: int) -> Array:
    return _smoothed([[0, 1, 0], [1, -4, 1], [0, 1, 0]], k)


def _sharpen(k: int) -> Array:
    return _identity(k) - _laplacian(k) / 4 ** (k - 3)


def _emboss(k: int) -> Array:
    return _identity(k) + _smoothed([[-2, -1, 0], [-1, 0, 1], [0, 1, 2]], k) / 4 ** (k - 3)


def _gabor(k: int) -> Array:
    """A wave of three quarters of the width, at 45°, that fades out; its sum is 0."""
    y, x = np.mgrid[:k, :k] - (k - 1) / 2
    wave = np.cos(2 * pi * (x + y) / np.sqrt(2) / (0.75 * k)) * np.exp(-(x**2 + y**2) / (2 * (k / 4) ** 2))
    fading = np.exp(-(x**2 + y**2) / (2 * (k / 4) ** 2))
    kernel = np.round(wave - fading * wave.sum() / fading.sum(), 3)
    kernel[k // 2, k // 2] -= np.round(kernel.sum(), 3)
    return np.round(kernel, 3) + 0.0


def _random(k: int) -> Array:
    return np.round(np.random.default_rng(k).normal(size=(3, k, k)) / k, 2) + 0.0


PRESETS: dict[str, Preset] = {
    "identity": Preset("identity", _identity),
    "box": Preset("box blur", _box),
    "gaussian": Preset("Gaussian blur", _gaussian),
    "sharpen": Preset("sharpen", _sharpen),
    "sobel_x": Preset("vertical edges (Sobel x)", _sobel_x),
    "sobel_y": Preset("horizontal edges (Sobel y)", _sobel_y),
    "laplacian": Preset("Laplacian", _laplacian),
    "emboss": Preset("emboss", _emboss),
    "gabor": Preset("Gabor, 45°", _gabor),
    "random": Preset("random", _random),
}


def spread(kernel: Array, channels: int) -> Array:
    """A kernel (C, HH, WW) for another number of channels.

    A kernel of one channel is shared out evenly, so that a gray picture gives the same map in colour; others are added
    up first.
    """
    if kernel.shape[0] == channels:
        return kernel.astype(float)
    return np.repeat(kernel.sum(axis=0, keepdims=True) / channels, channels, axis=0)


def preset(name: str, k: int) -> Array:
    """A kernel by its name, (C, k, k).

    Raises:
        ValueError: no such name, or not in this size.
    """
    if name not in PRESETS:
        raise ValueError(f"there is no filter {name!r}; there are {', '.join(PRESETS)}")
    if k not in SIZES:
        sizes = " and ".join(f"{size} × {size}" for size in SIZES)
        raise ValueError(f"the filter {name!r} comes in {sizes}; got {k} × {k}")
    kernel = PRESETS[name].make(k)
    return kernel if kernel.ndim == 3 else kernel[np.newaxis]


@cache
def entries() -> tuple[dict[str, Any], ...]:
    """All kernels as the browser gets them: each in its sizes, with its own number of channels."""
    return tuple(
        {"name": name, "title": PRESETS[name].title, "kernels": [kernel_entry(preset(name, k)) for k in SIZES]}
        for name in PRESETS
    )


def kernel_entry(kernel: Array, bias: float = 0.0) -> dict[str, Any]:
    """A kernel (C, HH, WW) as the browser gets it, its weights in the order c, a, b."""
    channels, rows, columns = kernel.shape
    return {"channels": channels, "rows": rows, "columns": columns, "weights": kernel.ravel().tolist(), "bias": bias}


__all__ = ["DEFAULT", "PRESETS", "SIZES", "Preset", "entries", "kernel_entry", "preset", "spread"]
