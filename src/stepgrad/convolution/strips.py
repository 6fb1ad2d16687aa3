"""Row-grouped im2col: only a kernel's columns are unrolled, on a strip of rows that fits the cache.

A kernel of HH rows is HH kernels of one row, and what they see differs by whole rows: so one matrix product with all of
them at once gives HH layers of partial sums, and the output is their sum, each layer read from its own row on. The
copies are HH times fewer than those of im2col, and nothing leaves the cache between copy and sum.

Sources: Cho and Brand, MEC: memory-efficient convolution for deep neural networks (2017), for unrolling one of the two
axes; Goto and van de Geijn, Anatomy of high-performance matrix multiplication (2008), for why pieces fit the cache.
"""

from __future__ import annotations

import numpy as np

from . import im2col
from .layout import Array, Layout, Piece, Planes, crop, lay_out, pieces, room, view

BUDGET = 2 << 20


def forward(x: Array, w: Array, layout: Layout) -> Array:
    """The sum y = Σ_u (row u of the kernels) @ (columns unrolled), read u rows down."""
    if layout.stride[0] != 1:  # partial sums would be made for rows that no output takes
        return im2col.forward(x, w, layout)
    x, layout = crop(x, layout)
    G, (F, each, HH, WW), (P, Q), f = layout.groups, layout.kernels, layout.places, layout.kernels[0] // layout.groups
    parts = _pieces(layout, x.itemsize, F * HH)
    whole = parts[0].rows == P  # images that aren't cut need no zeros above and below: sums of them are known
    planes = lay_out(x, layout, above=not whole)
    by_rows = w.reshape(G, f, each, HH, WW).transpose(0, 3, 1, 2, 4).reshape(G, HH * f, each * WW)
    pitch, high = planes.pitch // layout.stride[1], layout.dilation[0]
    y = np.empty(layout.output, x.dtype)
    for piece in parts:
        first, m, top, p = piece
        length, start = (p + layout.spans[0] - 2) * pitch + Q, layout.before[0] * pitch if whole else 0
        columns = _columns(planes, layout, piece, layout.images[2] if whole else p + layout.spans[0] - 1)
        partial = room("products", (m, G, HH * f, length), x.dtype)
        inside = slice(start, start + columns.shape[-1])
        if columns.shape[-1] < length:
            partial[..., :start] = partial[..., inside.stop :] = 0
        np.matmul(by_rows, columns, out=partial[..., inside])
        layers = (HH, m, G, f), (f * length + high * pitch, F * HH * length, HH * f * length, length)
        if Q >= 64 or pitch == Q:
            target = view(y, (first * F * P + top) * Q, (m, G, f, p, Q), (F * P * Q, f * P * Q, P * Q, Q, 1))
            np.add.reduce(view(partial, 0, (*layers[0], p, Q), (*layers[1], pitch, 1)), 0, out=target)
            continue
        used = (p - 1) * pitch + Q
        sums = room("sums", (m, G, f, used), x.dtype)
        np.add.reduce(view(partial, 0, (*layers[0], used), (*layers[1], 1)), 0, out=sums)
        y[first : first + m, :, top : top + p] = view(sums, 0, (m, F, p, Q), (F * used, used, pitch, 1))
    return y


def weight_grad(dy: Array, x: Array, layout: Layout) -> Array:
    """Each row u of dw = (cotangent as rows) @ (columns unrolled, read u rows down)ᵀ."""
    if layout.stride[0] != 1:
        return im2col.weight_grad(dy, x, layout)
    planes, G, (F, each, HH, WW), (_, Q) = lay_out(x, layout), layout.groups, layout.kernels, layout.places
    f, n = F // G, each * WW
    pitch, high = planes.pitch // layout.stride[1], layout.dilation[0]
    dw = np.zeros((HH, G, f, n), x.dtype)
    for piece in _pieces(layout, x.itemsize, F):
        columns = _columns(planes, layout, piece, piece.rows + layout.spans[0] - 1)
        (m, *_, length), used = columns.shape, (piece.rows - 1) * pitch + Q
        cotangent = im2col.spread(dy, layout, piece, pitch)[:, np.newaxis, ..., :used]
        shifted = view(columns, 0, (m, HH, G, used, n), (G * n * length, high * pitch, n * length, 1, length))
        products = np.matmul(cotangent, shifted)
        dw += np.add.reduce(products, 0) if m > 1 else products[0]
    return np.ascontiguousarray(dw.reshape(HH, G * f, each, WW).transpose(1, 2, 0, 3))


def _pieces(layout: Layout, itemsize: int, others: int) -> tuple[Piece, ...]:
    """What fits the cache, with as many rows of `others` for each row of an image as are worked on besides columns."""
    (N, C, _, W), (left, right), WW = layout.images, (layout.before[1], layout.after[1]), layout.kernels[3]
    pitch = -(-max(W + max(left, right), layout.places[1] * layout.stride[1]) // layout.stride[1])
    return pieces(N, layout.places[0], (C * WW + others) * pitch * itemsize, layout.spans[0] - 1, BUDGET)


def _columns(planes: Planes, layout: Layout, piece: Piece, seen: int) -> Array:
    """Some rows, from a piece's first on, with the kernels' columns unrolled, (images, groups, C/groups · WW, …)."""
    (_, C, _, _), (_, each, _, WW), (_, Q) = layout.images, layout.kernels, layout.places
    across, wide, m = layout.stride[1], layout.dilation[1], piece.images
    memory, rows, pitch = planes
    plane = rows * pitch
    start = piece.first * C * plane + piece.top * pitch
    length = (seen - 1) * (pitch // across) + Q
    columns = room("columns", (m, C, WW, length), memory.dtype)
    np.copyto(columns, view(memory, start, columns.shape, (C * plane, plane, wide, across)))
    return columns.reshape(m, layout.groups, each * WW, length)
