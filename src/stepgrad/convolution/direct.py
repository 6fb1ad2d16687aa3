"""The definition: a sum over the kernel's entries, each of which weighs the image once, shifted.

Slow where kernels are large, but nothing is rounded differently from the formula, nothing spreads further than the
formula says, and all three operations can be read off these lines.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from .layout import Array, Layout, crop


def forward(x: Array, w: Array, layout: Layout) -> Array:
    """y[n, f, p, q] = Σ_{u,v} Σ_c w[f, c, u, v] x[n, c, s p + d u − z, s q + d v − z]."""
    y = np.zeros((layout.images[0], layout.groups, layout.kernels[0] // layout.groups, *layout.places), x.dtype)
    kernels = _kernels(w, layout)
    for u, v, seen in _seen(_padded(x, layout), layout):
        for c in range(layout.kernels[1]):
            y += kernels[:, :, c, u, v, np.newaxis, np.newaxis] * seen[:, :, np.newaxis, c]
    return y.reshape(layout.output)


def input_grad(dy: Array, w: Array, layout: Layout) -> Array:
    """dx[n, c, s p + d u − z, s q + d v − z] gains Σ_f w[f, c, u, v] dy[n, f, p, q], for every u, v, p and q."""
    (N, C, H, W), (top, left), (bottom, right) = layout.images, layout.before, layout.after
    padded = np.zeros((N, C, H + top + max(bottom, 0), W + left + max(right, 0)), dy.dtype)
    kernels, cotangent = _kernels(w, layout), _outputs(dy, layout)
    for u, v, reached in _seen(padded, layout):  # no two places have their entry (u, v) at the same spot
        for f in range(kernels.shape[1]):
            reached += kernels[:, f, :, u, v, np.newaxis, np.newaxis] * cotangent[:, :, f, np.newaxis]
    return np.ascontiguousarray(padded[:, :, top : top + H, left : left + W])


def weight_grad(dy: Array, x: Array, layout: Layout) -> Array:
    """dw[f, c, u, v] = Σ_{n,p,q} dy[n, f, p, q] x[n, c, s p + d u − z, s q + d v − z]."""
    F, each, HH, WW = layout.kernels
    dw = np.empty((layout.groups, F // layout.groups, each, HH, WW), x.dtype)
    cotangent = _outputs(dy, layout)
    for u, v, seen in _seen(_padded(x, layout), layout):
        dw[..., u, v] = np.einsum("ngfpq,ngcpq->gfc", cotangent, seen)
    return dw.reshape(layout.kernels)


def _padded(x: Array, layout: Layout) -> Array:
    x, layout = crop(x, layout)
    return np.pad(x, ((0, 0), (0, 0), *zip(layout.before, layout.after, strict=True)))


def _seen(padded: Array, layout: Layout) -> Iterator[tuple[int, int, Array]]:
    """For each entry of a kernel what it sees of the padded images from all places, (N, groups, C/groups, P, Q)."""
    (P, Q), (down, across), (high, wide) = layout.places, layout.stride, layout.dilation
    split = padded.reshape(padded.shape[0], layout.groups, layout.kernels[1], *padded.shape[2:])
    for u, v in np.ndindex(layout.kernels[2:]):
        i, j = high * u, wide * v
        yield u, v, split[..., i : i + down * (P - 1) + 1 : down, j : j + across * (Q - 1) + 1 : across]


def _kernels(w: Array, layout: Layout) -> Array:
    return w.reshape(layout.groups, -1, *w.shape[1:])


def _outputs(y: Array, layout: Layout) -> Array:
    return y.reshape(y.shape[0], layout.groups, -1, *layout.places)
