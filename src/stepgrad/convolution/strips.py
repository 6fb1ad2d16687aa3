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
from .layout import Array, Layout, Piece, Planes, lay_out, pieces, room, view

BUDGET = 2 << 20


def forward(x: Array, w: Array, layout: Layout) -> Array:
    """The sum y = Σ_u (row u of the kernels) @ (columns unrolled), read u rows down."""
    if layout.stride[0] != 1:  # partial sums would be made for rows that no output takes
        return im2col.forward(x, w, layout, BUDGET)
    planes, G, (F, each, HH, WW), (P, Q) = lay_out(x, layout), layout.groups, layout.kernels, layout.places
    f = F // G
    by_rows = w.reshape(G, f, each, HH, WW).transpose(0, 3, 1, 2, 4).reshape(G, HH * f, each * WW)
    pitch, high = planes.pitch // layout.stride[1], layout.dilation[0]
    y = np.empty(layout.output, x.dtype)
    for piece in _pieces(layout, pitch, x.itemsize):
        columns = _columns(planes, layout, piece)
        (m, *_, length), (first, _, top, p) = columns.shape, piece
        partial = np.matmul(by_rows, columns, out=room("products", (m, G, HH * f, length), x.dtype))
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
        return im2col.weight_grad(dy, x, layout, BUDGET)
    planes, G, (F, each, HH, WW), (_, Q) = lay_out(x, layout), layout.groups, layout.kernels, layout.places
    f, n = F // G, each * WW
    pitch, high = planes.pitch // layout.stride[1], layout.dilation[0]
    dw = np.zeros((HH, G, f, n), x.dtype)
    for piece in _pieces(layout, pitch, x.itemsize):
        columns = _columns(planes, layout, piece)
        (m, *_, length), used = columns.shape, (piece.rows - 1) * pitch + Q
        cotangent = im2col.spread(dy, layout, piece, pitch)[:, np.newaxis, ..., :used]
        shifted = view(columns, 0, (m, HH, G, used, n), (G * n * length, high * pitch, n * length, 1, length))
        products = np.matmul(cotangent, shifted)
        dw += np.add.reduce(products, 0) if m > 1 else products[0]
    return np.ascontiguousarray(dw.reshape(HH, G * f, each, WW).transpose(1, 2, 0, 3))


def _pieces(layout: Layout, pitch: int, itemsize: int) -> list[Piece]:
    (_, C, _, _), (F, _, HH, WW) = layout.images, layout.kernels
    per_row = (C * WW + F * HH) * pitch * itemsize
    return list(pieces(layout.images[0], layout.places[0], per_row, layout.spans[0] - 1, BUDGET))


def _columns(planes: Planes, layout: Layout, piece: Piece) -> Array:
    """The rows of a piece with the kernels' columns unrolled, (images, groups, C/groups · WW, rows · pitch)."""
    (_, C, _, _), (_, each, _, WW), (_, Q) = layout.images, layout.kernels, layout.places
    across, wide, m = layout.stride[1], layout.dilation[1], piece.images
    memory, rows, pitch = planes
    plane = rows * pitch
    length = (piece.rows + layout.spans[0] - 2) * (pitch // across) + Q
    start = piece.first * C * plane + piece.top * pitch
    columns = room("columns", (m, C, WW, length), memory.dtype)
    np.copyto(columns, view(memory, start, columns.shape, (C * plane, plane, wide, across)))
    return columns.reshape(m, layout.groups, each * WW, length)
