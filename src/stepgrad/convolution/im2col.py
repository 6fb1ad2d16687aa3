"""Windows laid out as columns, and one matrix product: im2col.

Source: Chellapilla, Puri and Simard, High performance convolutional neural networks for document processing (2006).
"""

from __future__ import annotations

import numpy as np

from .layout import Array, Layout, Piece, Planes, lay_out, pieces, room, view

BUDGET = 2 << 20


def forward(x: Array, w: Array, layout: Layout, budget: int = BUDGET) -> Array:
    """The product y = (kernels as rows) @ (windows as columns), for pieces of about `budget` bytes of columns."""
    planes, G, (F, each, HH, WW) = lay_out(x, layout), layout.groups, layout.kernels
    P, Q = layout.places
    y = np.empty(layout.output, x.dtype)
    rows = w.reshape(G, F // G, each * HH * WW)
    flat = _flat(layout)
    pitch = planes.pitch if flat else Q
    for piece in _pieces(layout, pitch, x.itemsize, budget):
        columns = _columns(planes, layout, piece)
        m, top, p = piece.images, piece.top, piece.rows
        target = y[piece.first : piece.first + m, :, top : top + p]
        length = columns.shape[-1]
        if length == p * Q:
            shape, steps = (m, G, F // G, p * Q), (F * P * Q, F // G * P * Q, P * Q, 1)
            np.matmul(rows, columns, out=view(y, (piece.first * F * P + top) * Q, shape, steps))
        else:
            products = np.matmul(rows, columns, out=room("products", (m, G, F // G, length), x.dtype))
            target[...] = view(products, 0, (m, F, p, Q), (F * length, length, pitch, 1))
    return y


def weight_grad(dy: Array, x: Array, layout: Layout, budget: int = BUDGET) -> Array:
    """The sum dw = Σ over images of (cotangent as rows) @ (windows as columns)ᵀ, for pieces of about `budget` bytes."""
    planes, G, (F, each, HH, WW) = lay_out(x, layout), layout.groups, layout.kernels
    dw = np.zeros((G, F // G, each * HH * WW), x.dtype)
    pitch = planes.pitch if _flat(layout) else layout.places[1]
    for piece in _pieces(layout, pitch, x.itemsize, budget):
        columns = _columns(planes, layout, piece)
        cotangent = spread(dy, layout, piece, pitch)[..., : columns.shape[-1]]
        products = np.matmul(cotangent, columns.swapaxes(-1, -2))
        dw += np.add.reduce(products, 0) if piece.images > 1 else products[0]
    return dw.reshape(layout.kernels)


def spread(dy: Array, layout: Layout, piece: Piece, pitch: int) -> Array:
    """A piece of the cotangent with rows `pitch` apart and zeros between, (images, groups, F/groups, rows · pitch)."""
    (F, *_), (_, Q), G = layout.kernels, layout.places, layout.groups
    m, top, p = piece.images, piece.top, piece.rows
    part = dy[piece.first : piece.first + m, :, top : top + p]
    if pitch != Q:
        wide = room("cotangent", (m, F, p, pitch), dy.dtype)
        wide[..., Q:] = 0
        wide[..., :Q] = part
        part = wide
    return part.reshape(m, G, F // G, p * pitch)


def _flat(layout: Layout) -> bool:
    """Whether a row's windows may run on into the next row's: then columns are copied from whole images at once."""
    return layout.stride == (1, 1)


def _pieces(layout: Layout, pitch: int, itemsize: int, budget: int) -> tuple[Piece, ...]:
    per_row = layout.images[1] * layout.kernels[2] * layout.kernels[3] * pitch * itemsize
    return pieces(layout.images[0], layout.places[0], per_row, 0, budget)


def _columns(planes: Planes, layout: Layout, piece: Piece) -> Array:
    """The windows of a piece as columns, (images, groups, C/groups · HH · WW, places)."""
    (_, C, _, _), (_, each, HH, WW), (_, Q) = layout.images, layout.kernels, layout.places
    (down, across), (high, wide), (m, p) = layout.stride, layout.dilation, (piece.images, piece.rows)
    memory, rows, pitch = planes
    plane = rows * pitch
    start = piece.first * C * plane + piece.top * down * pitch
    places, steps = (((p - 1) * pitch + Q,), (1,)) if _flat(layout) else ((p, Q), (down * pitch, across))
    windows = view(memory, start, (m, C, HH, WW, *places), (C * plane, plane, high * pitch, wide, *steps))
    columns = room("columns", windows.shape, memory.dtype)
    np.copyto(columns, windows)
    return columns.reshape(m, layout.groups, each * HH * WW, -1)
