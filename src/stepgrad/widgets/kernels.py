"""Image kernels by name: what blurs, sharpens and finds edges, of 3 × 3, 5 × 5 and 7 × 7.

A kernel of k × k is the one of 3 × 3 applied to a picture that was blurred with a binomial kernel first, so that all
sizes do the same thing at a coarser scale. Signs are those of cross-correlation, in which the kernel is not turned.
Three kernels of 5 × 5 were not designed but learned: by the first layer of Lecture 11's network, on handwritten digits.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from math import comb, pi
from typing import Any, NamedTuple

import numpy as np

Array = np.ndarray[Any, Any]

SIZES = (3, 5, 7)
"""The sizes that designed kernels come in."""

DEFAULT = ("sobel_x", "sobel_y", "laplacian", "gaussian", "sharpen", "emboss")
"""The bank to begin with: six filters."""


class Preset(NamedTuple):
    """A kernel by name: what people call it, how to make it of k × k, (k, k) or (C, k, k), and for which k."""

    title: str
    make: Callable[[int], Array]
    sizes: tuple[int, ...] = SIZES


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


_LEARNED = {
    "learned_lying": """
         0.10  0.06  0.02 -0.19 -0.32
         0.29  0.40 -0.29 -0.18 -0.05
         0.58  1.00  0.75  0.60  0.53
         0.26 -0.30  0.25  0.29 -0.26
         0.05 -0.71 -0.45 -0.28 -0.68""",
    "learned_edge": """
         0.55  0.56  0.47  0.91  0.60
         0.37  0.38  0.18  0.71  0.43
        -0.41 -0.87 -0.84 -0.28  0.32
        -0.19 -0.34 -0.34 -0.50 -0.18
         0.25 -0.11  0.16  0.19 -0.23""",
    "learned_standing": """
         0.32  0.23  0.20 -0.45  0.10
         0.03  0.57  0.14 -0.41 -0.13
         0.27  0.52  0.02 -0.20 -0.02
         0.45  0.50 -0.11 -0.26  0.08
        -0.11  0.37  0.25 -0.25  0.14""",
}
"""The third, sixth and eighth filter of Lecture 11's network, rounded to hundredths."""


def _learned(name: str) -> Callable[[int], Array]:
    return lambda _k: np.array(_LEARNED[name].split(), float).reshape(5, 5)


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
    "learned_lying": Preset("learned: lying stroke", _learned("learned_lying"), (5,)),
    "learned_standing": Preset("learned: standing stroke", _learned("learned_standing"), (5,)),
    "learned_edge": Preset("learned: edge", _learned("learned_edge"), (5,)),
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
    if k not in PRESETS[name].sizes:
        sizes = " and ".join(f"{size} × {size}" for size in PRESETS[name].sizes)
        raise ValueError(f"the filter {name!r} comes in {sizes}; got {k} × {k}")
    kernel = PRESETS[name].make(k)
    return kernel if kernel.ndim == 3 else kernel[np.newaxis]


@cache
def entries() -> tuple[dict[str, Any], ...]:
    """All kernels as the browser gets them: each in its sizes, with its own number of channels."""
    return tuple(
        {"name": name, "title": each.title, "kernels": [kernel_entry(preset(name, k)) for k in each.sizes]}
        for name, each in PRESETS.items()
    )


def kernel_entry(kernel: Array, bias: float = 0.0) -> dict[str, Any]:
    """A kernel (C, HH, WW) as the browser gets it, its weights in the order c, a, b."""
    channels, rows, columns = kernel.shape
    return {"channels": channels, "rows": rows, "columns": columns, "weights": kernel.ravel().tolist(), "bias": bias}


__all__ = ["DEFAULT", "PRESETS", "SIZES", "Preset", "entries", "kernel_entry", "preset", "spread"]
