"""What stands where in a convolution: sizes, padding, and the images in one row of memory.

Every one of the fast methods works on a `Layout`, a cross-correlation with all its sizes worked out. The gradient by
the images is one too, or several that interleave (`input_layouts`): nothing is ever scattered.

Sources: Dumoulin and Visin, A guide to convolution arithmetic for deep learning (2016), relationships 1 to 15, for the
sizes and for the input gradient as a convolution; the phases of a strided one are the polyphase decomposition of
Vaidyanathan, Multirate Systems and Filter Banks (1993), chapter 4.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property, lru_cache
from math import gcd, prod
from threading import local
from typing import Any, NamedTuple

import numpy as np

Array = np.ndarray[Any, Any]
Pair = tuple[int, int]
Shape4 = tuple[int, int, int, int]


def span(size: int, dilation: int = 1) -> int:
    """How many entries a kernel reaches over: its `size` entries stand `dilation` apart."""
    return dilation * (size - 1) + 1


class _Sizes(NamedTuple):
    images: Shape4
    kernels: Shape4
    places: Pair
    stride: Pair
    before: Pair
    dilation: Pair
    groups: int


class Layout(_Sizes):
    """A cross-correlation: y[n, f, p, q] = Σ_{c,u,v} w[f, c, u, v] x[n, c, s p + d u − z, s q + d v − z′].

    What follows from the sizes is worked out once: for a small image that is as much work as the convolution.

    Attributes:
        images: the shape of x, (N, C, H, W).
        kernels: the shape of w, (F, C / groups, HH, WW).
        places: (P, Q), the output's rows and columns.
        stride: s, for rows and columns.
        before: (z, z′), the zeros above and left of the image; below 0 for rows and columns that are passed over.
        dilation: d, for rows and columns.
        groups: how many groups of kernels see their own channels alone.
    """

    @cached_property
    def output(self) -> Shape4:
        """The shape of y, (N, F, P, Q)."""
        return (self.images[0], self.kernels[0], *self.places)

    @cached_property
    def spans(self) -> Pair:
        """How many rows and columns a kernel reaches over."""
        return span(self.kernels[2], self.dilation[0]), span(self.kernels[3], self.dilation[1])

    @cached_property
    def reach(self) -> Pair:
        """How many rows and columns of the padded image all kernels together reach over."""
        (P, Q), (down, across), (rows, columns) = self.places, self.stride, self.spans
        return down * (P - 1) + rows, across * (Q - 1) + columns

    @cached_property
    def after(self) -> Pair:
        """The zeros below and right of the image; below 0 for rows and columns that no kernel reaches."""
        (rows, columns), (top, left) = self.reach, self.before
        return rows - top - self.images[2], columns - left - self.images[3]

    @cached_property
    def flops(self) -> int:
        """Multiplications and additions, by the definition."""
        return 2 * prod(self.output) * prod(self.kernels[1:])

    @cached_property
    def empty(self) -> bool:
        """Whether there is nothing to add up, or nowhere to put it."""
        return 0 in self.output or 0 in self.images or 0 in self.kernels

    @cached_property
    def whole(self) -> bool:
        """Whether kernels reach every row and column of the image."""
        return min(*self.before, *self.after) >= 0


def crop(x: Array, layout: Layout) -> tuple[Array, Layout]:
    """The part of the images that kernels reach, and the layout for it, in which no padding is below 0."""
    if layout.whole:
        return x, layout
    (top, left), (bottom, right) = layout.before, layout.after
    below, beyond = (max(n + min(z, 0), 0) for n, z in zip(x.shape[2:], (bottom, right), strict=True))
    x = x[:, :, max(-top, 0) : below, max(-left, 0) : beyond]
    shape = (*x.shape[:2], x.shape[2], x.shape[3])
    return x, layout._replace(images=shape, before=(max(top, 0), max(left, 0)))


class _Phase(NamedTuple):
    """Along one axis, the input entries `start`, `start + stride`, … and the kernel entries that reach them."""

    start: int
    entries: int
    kernel: slice
    size: int
    before: int
    dilation: int


def _phases(n: int, size: int, stride: int, before: int, dilation: int) -> Iterator[_Phase]:
    """The input's entries by their remainder: each kind is reached by its own kernel entries, as with stride 1.

    Input entry i receives u's share of output p where s p + d u = i + z. For one remainder of i + z by s, the u that
    can do so stand s / gcd(d, s) apart.
    """
    common = gcd(dilation, stride)
    apart, slower = stride // common, dilation // common
    for start in range(min(stride, n)):
        first = next((u for u in range(min(apart, size)) if (start + before - dilation * u) % stride == 0), None)
        if first is None:
            continue
        reaching = slice(first, None, apart)
        taps = len(range(first, size, apart))
        nearest = (start + before - dilation * first) // stride
        yield _Phase(start, -(-(n - start) // stride), reaching, taps, slower * (taps - 1) - nearest, slower)


class Transposed(NamedTuple):
    """One of the interleaved correlations that an input gradient is.

    Attributes:
        layout: of the correlation of the cotangent with turned kernels.
        target: where its output goes among the rows and columns of the input.
        part: which rows and columns of the kernels take part, before they are turned.
    """

    layout: Layout
    target: tuple[slice, slice]
    part: tuple[slice, slice]


@lru_cache(maxsize=256)
def input_layouts(layout: Layout) -> tuple[Transposed, ...]:
    """The input gradient as correlations of stride 1 of the cotangent with turned kernels, one for each phase."""
    (N, C, H, W), (F, _, HH, WW) = layout.images, layout.kernels
    downs, acrosses = (
        list(_phases(n, k, s, z, d))
        for n, k, s, z, d in zip(
            (H, W), (HH, WW), layout.stride, layout.before, layout.dilation, strict=True
        )
    )  # fmt: skip
    found = []
    for a in downs:
        for b in acrosses:
            inner = Layout(
                (N, F, *layout.places), (C, F // layout.groups, a.size, b.size), (a.entries, b.entries), (1, 1),
                (a.before, b.before), (a.dilation, b.dilation), layout.groups,
            )  # fmt: skip
            target = (slice(a.start, None, layout.stride[0]), slice(b.start, None, layout.stride[1]))
            found.append(Transposed(inner, target, (a.kernel, b.kernel)))
    return tuple(found)


def turned(w: Array, groups: int, part: tuple[slice, slice]) -> Array:
    """Kernels turned by half a turn, with the roles of channels and kernels exchanged: (C, F / groups, …)."""
    F, each = w.shape[:2]
    w = w[:, :, part[0], part[1]][:, :, ::-1, ::-1]
    if groups == 1:
        return w.transpose(1, 0, 2, 3)
    w = w.reshape(groups, F // groups, each, *w.shape[2:]).swapaxes(1, 2)
    return np.ascontiguousarray(w).reshape(groups * each, F // groups, *w.shape[3:])


# Memory ---------------------------------------------------------------------------------------------------------------
KEPT_BYTES = 8 << 20
"""Room up to this size is kept for the next call: fresh memory costs more than the arithmetic on it."""


class _Rooms(local):
    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], Array] = {}


_rooms = _Rooms()


def room(name: str, shape: tuple[int, ...], dtype: Any) -> Array:
    """An array to work in, for this thread alone, whose numbers are whatever was left in it."""
    size = prod(shape)
    if size * dtype.itemsize > KEPT_BYTES:
        return np.empty(shape, dtype)
    kept = _rooms.kept
    memory = kept.get((name, dtype.char))
    if memory is None or memory.size < size:
        memory = kept[name, dtype.char] = np.empty(size, dtype)
    return memory[:size].reshape(shape)


def view(memory: Array, start: int, shape: tuple[int, ...], steps: tuple[int, ...]) -> Array:
    """The entries at start + Σ index · step of a contiguous array; NumPy checks that all of them are in it."""
    size = memory.itemsize
    return np.ndarray(shape, memory.dtype, memory, start * size, tuple([step * size for step in steps]))


class Planes(NamedTuple):
    """Padded images in one row of memory: (n, c, i, j) is at ((n C + c) rows + i) pitch + j.

    A row's padding on the right is the next row's on the left, so that "one to the right" is "one further" everywhere,
    and a copy that unrolls a kernel's columns moves whole images at once.
    """

    memory: Array
    rows: int
    pitch: int


def lay_out(x: Array, layout: Layout, rows: int = 0, above: bool = True) -> Planes:
    """Images as planes; the images themselves where nothing has to be padded.

    Args:
        x: images, (N, C, H, W).
        layout: what they are for.
        rows: how many rows a plane has at least, with zeros where there are no more.
        above: whether planes have the zeros above and below the image too.
    """
    x, layout = crop(x, layout)
    (N, C, H, W), (top, left), (_, right) = layout.images, layout.before, layout.after
    across = layout.stride[1]
    rows = max(rows, layout.reach[0]) if above else H
    top = top if above else 0
    if rows == H and left == right == top == 0 and W % across == 0 and x.flags.c_contiguous:
        return Planes(x, H, W)
    pitch = max(W + max(left, right), layout.places[1] * across)
    pitch += -pitch % across
    memory = room("planes", (N * C * rows * pitch + left,), x.dtype)
    memory.fill(0)
    view(memory, top * pitch + left, (N, C, H, W), (C * rows * pitch, rows * pitch, pitch, 1))[...] = x
    return Planes(memory, rows, pitch)


class Piece(NamedTuple):
    """Some images, and some rows of their outputs: `images` from `first` on, `rows` from `top` on."""

    first: int
    images: int
    top: int
    rows: int


@lru_cache(maxsize=256)
def pieces(images: int, rows: int, bytes_per_row: int, halo: int = 0, budget: int = 2 << 20) -> tuple[Piece, ...]:
    """Cuts the work into pieces of about `budget` bytes: several whole images, or a strip of rows of one.

    Args:
        images: how many there are.
        rows: how many rows of output each has.
        bytes_per_row: what is worked on for a row.
        halo: rows that a piece needs besides.
        budget: what a core's caches hold, besides what else passes through them.
    """
    together = budget // (bytes_per_row * (rows + halo))
    if together >= 1:
        return tuple(Piece(first, min(together, images - first), 0, rows) for first in range(0, images, together))
    strips = -(-rows // max(1, budget // bytes_per_row - halo))
    height = -(-rows // strips)
    return tuple(
        Piece(first, 1, top, min(height, rows - top)) for first in range(images) for top in range(0, rows, height)
    )
