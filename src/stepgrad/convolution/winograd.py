"""Winograd's minimal filtering: three rows of a kernel for half the multiplications.

F(m, 3) gives m outputs of a filter of 3 taps with m + 2 multiplications instead of 3 m:

    y = Aᵀ [(G g) ⊙ (Bᵀ d)]

for m + 2 inputs d. It is nested, along the rows, with the matrix products that do the columns and channels: each
product in the brackets is one of matrices. Along both axes it would take fewer multiplications still, but in NumPy the
moving about of 36 small pieces costs more than they save. The three matrices are small, exact in fractions, and their
products with whole strips of images are matrix products too.

Rounding errors grow with m, since A and B hold powers of the points, but little along one axis alone: with normal
deviates in 64 channels the largest error, relative to the largest output, is 3e-6 in float32 and 5e-15 in float64 for
F(4, 3) and F(6, 3) alike, against 5e-7 and 1e-15 for im2col. A NaN spreads to all rows of its tile.

Sources: Winograd, Arithmetic Complexity of Computations (1980); Lavin and Gray, Fast algorithms for convolutional
neural networks (2016), sections 3 and 4; Blahut, Fast Algorithms for Signal Processing (2010), chapter 5, for the
construction by interpolation (Cook and Toom).
"""

from __future__ import annotations

from fractions import Fraction
from functools import cache
from typing import NamedTuple

import numpy as np

from .layout import Array, Layout, Piece, Planes, lay_out, pieces, room, view

TAPS = 3
POINTS = tuple(map(Fraction, ("0", "1", "-1", "2", "-2", "1/2", "-1/2")))
BUDGET = {4: 2 << 20, 8: 1 << 20}
"""The bytes of a piece, by those of an entry: in float32 a piece takes half as long, and calls weigh twice as much."""


class Filter(NamedTuple):
    """The matrices of F(m, 3): `A` is (m + 2, m), `B` is (m + 2, m + 2) and `G` is (m + 2, 3)."""

    A: Array
    B: Array
    G: Array


@cache
def minimal_filter(outputs: int, dtype: str = "d") -> Filter:
    """F(outputs, 3) by Cook and Toom: polynomials are multiplied at outputs + 1 points and infinity, and transposed.

    Args:
        outputs: m, from 1 to 6.
        dtype: of the matrices.
    """
    points = POINTS[: outputs + TAPS - 2]
    size = len(points) + 1
    A, B, G = (np.zeros((size, n), object) for n in (outputs, size, TAPS))
    for i, a in enumerate(points):
        others = [b for b in points if b != a]
        scale = Fraction(1)
        for b in others:
            scale *= a - b
        A[i] = [a**p for p in range(outputs)]
        G[i] = [a**u / scale for u in range(TAPS)]
        B[i, : size - 1] = _with_roots(others)
    A[-1, -1] = G[-1, -1] = 1
    B[-1] = _with_roots(list(points))
    return Filter(*(matrix.astype(float).astype(dtype) for matrix in (A, B.T, G)))


def _with_roots(roots: list[Fraction]) -> list[Fraction]:
    """The coefficients of Π (x − root), the lowest first."""
    found = [Fraction(1)]
    for root in roots:
        found = [low - root * high for low, high in zip([Fraction(0), *found], [*found, Fraction(0)], strict=True)]
    return found


def refusal(layout: Layout) -> str | None:
    """Why the method doesn't apply, or None."""
    if layout.kernels[2:] == (TAPS, TAPS) and layout.stride == layout.dilation == (1, 1):
        return None
    return (
        f"takes kernels of 3 × 3 with stride 1 and dilation 1; these are {layout.kernels[2]} × {layout.kernels[3]} "
        f"with stride {layout.stride} and dilation {layout.dilation}"
    )


def tile_rows(rows: int) -> int:
    """How many rows of output a tile gives: as few multiplications as there can be in all, and then small tiles."""
    return min((2, 3, 4, 5, 6), key=lambda m: -(-rows // m) * (m + 2))


def forward(x: Array, w: Array, layout: Layout, tile: int = 0) -> Array:
    """Tiles of rows of y = Aᵀ [(G w) (Bᵀ x's tiles of rows)]."""
    work = _Work(x, layout, tile)
    G, (F, each, _, WW), (P, Q), m = layout.groups, layout.kernels, layout.places, work.tile
    A, _, weigh = work.filter
    kernels = np.tensordot(weigh, w, (1, 2)).reshape(m + 2, 1, G, F // G, each * WW)
    y = np.empty(layout.output, x.dtype)
    for piece in work.pieces:
        columns = work.columns(piece)
        n, length = piece.images, columns.shape[-1]
        products = np.matmul(kernels, columns, out=room("products", (m + 2, n, G, F // G, length), x.dtype))
        sums = room("sums", (m, n * F * length), x.dtype)
        np.matmul(A.T, products.reshape(m + 2, -1), out=sums)
        tiles = view(sums, 0, (n, F, piece.rows, m, Q), (F * length, length, work.pitch, n * F * length, 1))
        for part, target in _tiles(y, piece, m, P):
            target[...] = tiles[:, :, part[0], part[1]]
    return y


def weight_grad(dy: Array, x: Array, layout: Layout, tile: int = 0) -> Array:
    """The sum dw = Gᵀ Σ over tiles of (A dy's tiles of rows) (Bᵀ x's tiles of rows)ᵀ."""
    work = _Work(x, layout, tile)
    G, (F, each, _, WW), (P, Q), m = layout.groups, layout.kernels, layout.places, work.tile
    A, _, weigh = work.filter
    dw = np.zeros((m + 2, G, F // G, each * WW), x.dtype)
    for piece in work.pieces:
        columns = work.columns(piece)
        n, size = piece.images, piece.rows * work.pitch
        cotangent = room("cotangent", (m, n, F, piece.rows, work.pitch), x.dtype)
        cotangent[..., Q:] = 0
        tiles = cotangent[..., :Q].transpose(1, 2, 3, 0, 4)
        if (piece.top + piece.rows) * m > P:
            tiles[:, :, -1] = 0
        for part, source in _tiles(dy, piece, m, P):
            tiles[:, :, part[0], part[1]] = source
        spread = np.matmul(A, cotangent.reshape(m, -1), out=room("sums", (m + 2, n * F * size), x.dtype))
        rows = spread.reshape(m + 2, n, G, F // G, size)[..., : columns.shape[-1]]
        products = np.matmul(rows, columns.swapaxes(-1, -2))
        dw += np.add.reduce(products, 1) if n > 1 else products[:, 0]
    dw = np.tensordot(weigh, dw.reshape(m + 2, F, each, WW), (0, 0))
    return np.ascontiguousarray(dw.transpose(1, 2, 0, 3))


class _Work:
    """What forward and weight gradient share: the images' tiles of rows, transformed and with the columns unrolled."""

    planes: Planes
    pieces: tuple[Piece, ...]

    def __init__(self, x: Array, layout: Layout, tile: int) -> None:
        (N, C, *_), (F, _, _, WW), (P, self.places) = layout.images, layout.kernels, layout.places
        self.tile = m = tile or tile_rows(P)
        tiles = -(-P // m)
        self.filter = minimal_filter(m, x.dtype.char)
        self.planes = lay_out(x, layout, tiles * m + 2)
        self.pitch = self.planes.pitch
        self.channels, self.width, self.groups = C, WW, layout.groups
        per_tile = (m + 2) * (C * WW + F) * self.pitch * x.itemsize
        self.pieces = pieces(N, tiles, per_tile, 0, BUDGET[x.itemsize])

    def columns(self, piece: Piece) -> Array:
        """(tile's rows + 2, images, groups, C/groups · WW, tiles · pitch), of the piece's tiles."""
        (memory, rows, pitch), C, m, n, t = self.planes, self.channels, self.tile, piece.images, piece.rows
        plane, dtype = rows * pitch, memory.dtype
        start = piece.first * C * plane + piece.top * m * pitch
        gathered = room("columns", (m + 2, n, C, t, pitch), dtype)
        height = t * pitch
        np.copyto(gathered, view(memory, start, gathered.shape, (pitch, C * plane, plane, m * pitch, 1)))
        size = n * C * height
        transformed = room("transformed", ((m + 2) * size + self.width,), dtype)
        transformed[(m + 2) * size :] = 0  # the very last row's padding, which has no next row to be shared with
        np.matmul(self.filter.B.T, gathered.reshape(m + 2, -1), out=transformed[: (m + 2) * size].reshape(m + 2, -1))
        length = height - pitch + self.places
        columns = room("columns", (m + 2, n, C, self.width, length), dtype)
        steps = (size, C * height, height, 1, 1)
        np.copyto(columns, view(transformed, 0, columns.shape, steps))
        return columns.reshape(m + 2, n, self.groups, -1, length)


def _tiles(y: Array, piece: Piece, m: int, rows: int) -> list[tuple[tuple[slice | int, slice], Array]]:
    """A piece's rows of the output as whole tiles, and what is left of a last one, each with its place in the tiles."""
    first, n, top, t = piece
    images = y[first : first + n]
    whole = min(rows - top * m, t * m) // m
    found: list[tuple[tuple[slice | int, slice], Array]] = []
    if whole:
        part = images[:, :, top * m : (top + whole) * m]
        found.append(((slice(whole), slice(m)), part.reshape(*part.shape[:2], whole, m, part.shape[3])))
    if whole < t:
        rest = images[:, :, (top + whole) * m : rows]
        found.append(((whole, slice(rest.shape[2])), rest))
    return found
