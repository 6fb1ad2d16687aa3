"""By the convolution theorem: Fourier transforms, products, and the transform back.

A product of transforms is a circular convolution. What wraps round does no harm where it falls outside the outputs that
are wanted, so the transforms are as long as the image rather than as image and kernel together, and then up to the next
length with small factors. Tall images are cut into overlapping strips where that is cheaper (overlap-save).

The rounding error is relative to the largest output, not to each; one NaN spreads everywhere.

Sources: Cooley and Tukey, An algorithm for the machine calculation of complex Fourier series (1965); Oppenheim and
Schafer, Discrete-Time Signal Processing (2010), section 8.7; Mathieu, Henaff and LeCun, Fast training of convolutional
networks through FFTs (2014).
"""

from __future__ import annotations

from math import log2
from typing import Any

import numpy as np

from .layout import Array, Layout, Pair, crop, span


def refusal(_layout: Layout) -> str | None:
    """Why the method doesn't apply: never, once SciPy is here."""
    try:
        import scipy.fft  # noqa: F401
    except ImportError:
        return "needs SciPy, which isn't installed"
    return None


def forward(x: Array, w: Array, layout: Layout) -> Array:
    """The output: the transform back of (transformed images) (transformed turned kernels), added over channels."""
    x, layout = crop(x, layout)
    G = layout.groups
    images = x.reshape(x.shape[0], G, -1, *x.shape[2:]).swapaxes(0, 1)
    y = _correlate(images, w.reshape(G, -1, *w.shape[1:]), layout.before, layout.places, layout.stride, layout.dilation)
    return np.ascontiguousarray(y.swapaxes(0, 1)).reshape(layout.output)


def weight_grad(dy: Array, x: Array, layout: Layout) -> Array:
    """The gradient by the kernels: images correlated with the cotangent, stride and dilation exchanged."""
    x, layout = crop(x, layout)
    G, N = layout.groups, x.shape[0]
    images = x.reshape(N, G, -1, *x.shape[2:]).transpose(1, 2, 0, 3, 4)
    kernels = dy.reshape(N, G, -1, *dy.shape[2:]).transpose(1, 2, 0, 3, 4)
    size: Any = layout.kernels[2:]
    dw = _correlate(images, kernels, layout.before, size, layout.dilation, layout.stride)
    return np.ascontiguousarray(dw.swapaxes(1, 2)).reshape(layout.kernels)


def _correlate(images: Array, kernels: Array, before: Pair, places: Pair, stride: Pair, dilation: Pair) -> Array:
    """(G, I, S, H, W) with (G, O, S, HH, WW), added over S: (G, I, O, P, Q)."""
    spans = [span(k, d) for k, d in zip(kernels.shape[3:], dilation, strict=True)]
    kernels = _dilated(kernels, dilation)[..., ::-1, ::-1]
    if any(z > k - 1 for z, k in zip(before, spans, strict=True)):  # outputs that see nothing but padding
        beyond = tuple((max(z - k + 1, 0), 0) for z, k in zip(before, spans, strict=True))
        images = np.pad(images, ((0, 0),) * 3 + beyond)
        before = tuple(min(z, k - 1) for z, k in zip(before, spans, strict=True))  # type: ignore[assignment]
    every = [s * (p - 1) + 1 for s, p in zip(stride, places, strict=True)]
    y = np.empty((*images.shape[:2], kernels.shape[1], *every), images.dtype)
    height = block_rows(every[0], spans[0], images.shape[3] + before[0])
    for top in range(0, every[0], height):
        rows = min(height, every[0] - top)
        lowest = max(top - before[0], 0)  # the rows of the image that these outputs see
        part = images[..., lowest : top - before[0] + rows + spans[0] - 1, :]
        zeros = lowest - (top - before[0])
        y[..., top : top + rows, :] = _block(part, kernels, (zeros, before[1]), (rows, every[1]))
    return y[..., :: stride[0], :: stride[1]]


def _block(images: Array, kernels: Array, before: Pair, places: Pair) -> Array:
    """One circular convolution with turned kernels, and the outputs that nothing wrapped into."""
    from scipy import fft

    (high, wide), (top, left) = kernels.shape[3:], before
    lengths = transform_lengths(images.shape[3:], (high, wide), before, places)
    if images.shape[3] == 0:
        return np.zeros((*images.shape[:2], kernels.shape[1], *places), images.dtype)
    X, K = fft.rfft2(images, lengths), fft.rfft2(kernels, lengths)
    if images.shape[2] == 1:
        Y = X * K.swapaxes(1, 2)
    else:
        Y = np.matmul(X.transpose(0, 3, 4, 1, 2), K.transpose(0, 3, 4, 2, 1)).transpose(0, 3, 4, 1, 2)
    y = fft.irfft2(Y, lengths, overwrite_x=True)
    first, start = high - 1 - top, wide - 1 - left
    return y[..., first : first + places[0], start : start + places[1]]


def transform_lengths(size: Any, spans: Pair, before: Pair, places: Pair) -> Pair:
    """How long transforms must be so that nothing wraps into the outputs, rounded up to small factors."""
    from scipy.fft import next_fast_len

    needed = [max(n + z, p + k - 1 - z) for n, k, z, p in zip(size, spans, before, places, strict=True)]
    return next_fast_len(needed[0], real=False), next_fast_len(needed[1], real=True)


def block_rows(rows: int, span: int, height: int) -> int:
    """How many rows of output are done at once: all of them, unless strips of 2ᵏ rows take a quarter less work."""
    best, found = 0.75 * max(height, rows) * log2(max(height, rows) + 1), rows
    length = 64
    while length < rows:
        if length > 2 * span:
            work = -(-rows // (length - span + 1)) * length * log2(length)
            if work < best:
                best, found = work, length - span + 1
        length *= 2
    return found


def _dilated(kernels: Array, dilation: Pair) -> Array:
    """Kernels with zeros between their entries."""
    if dilation == (1, 1):
        return kernels
    size = [span(k, d) for k, d in zip(kernels.shape[3:], dilation, strict=True)]
    wide = np.zeros((*kernels.shape[:3], *size), kernels.dtype)
    wide[..., :: dilation[0], :: dilation[1]] = kernels
    return wide
