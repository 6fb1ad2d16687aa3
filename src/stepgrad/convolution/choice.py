"""Which method is fastest: predicted from what each one does, counted, and what each thing takes on a machine.

A method's work is counted in NumPy calls, multiplications in matrix products, entries moved, and so on (`counts`); a
`CostModel` holds the seconds for one of each. The stored model was measured on one core of a server; `calibrate`
measures the machine at hand, and `use` sets either. The stored one stays in force until then, so that the same program
chooses the same methods, and gives the same digits, wherever it runs.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from math import log2, prod
from time import perf_counter
from typing import Any, Literal, NamedTuple

import numpy as np

from . import fft, im2col, strips, winograd
from .layout import Array, Layout, input_layouts
from .methods import METHODS, SPREADING

Operation = Literal["forward", "input_grad", "weight_grad"]


class Counts(NamedTuple):
    """What a method does.

    Attributes:
        calls: calls of NumPy, and of this package's functions around them.
        flops: multiplications and additions in matrix products.
        thin: those of them in products with fewer than five rows, which are slower.
        moved: entries copied.
        runs: pieces of contiguous memory that are copied or added one by one.
        added: entries added, or multiplied, one by one.
        butterflies: n log₂ n over all transforms of n entries.
    """

    calls: float = 0.0
    flops: float = 0.0
    thin: float = 0.0
    moved: float = 0.0
    runs: float = 0.0
    added: float = 0.0
    butterflies: float = 0.0

    def plus(self, other: Counts) -> Counts:
        """The work of both."""
        return Counts(*(a + b for a, b in zip(self, other, strict=True)))


class CostModel(NamedTuple):
    """The seconds for one of each of the `Counts`.

    Attributes:
        single: in float32.
        double: in float64.
    """

    single: Counts
    double: Counts

    def seconds(self, counts: Counts, dtype: str) -> float:
        """What the work takes, in the precision of a dtype's character ("f" or "d")."""
        return sum(n * s for n, s in zip(counts, self.single if dtype == "f" else self.double, strict=True))


STORED = CostModel(
    single=Counts(8.4e-7, 9.3e-12, 2.6e-11, 2.3e-10, 4.3e-9, 2e-10, 2.25e-10),
    double=Counts(8.7e-7, 2.5e-11, 2e-11, 3e-10, 4.4e-9, 4.5e-10, 3e-10),
)
"""Fitted to 5,000 measurements on one core of an AMD EPYC of 2022 with AVX-512, NumPy 2.4 with OpenBLAS and SciPy 1.17,
beside other work.

What is chosen by it took 7 % longer on average than the fastest method in float32, and 5 % in float64."""


class Choice(NamedTuple):
    """What `choose` found.

    Attributes:
        method: the one with the shortest predicted time.
        seconds: the predicted time of every method that applies, the shortest first.
        refused: why the others don't apply.
    """

    method: str
    seconds: dict[str, float]
    refused: dict[str, str]


_model = STORED


def use(model: CostModel) -> CostModel:
    """Sets the cost model by which "auto" chooses, and gives the one that was in force."""
    global _model
    before, _model = _model, model
    return before


def choose_method(operation: Operation, layout: Layout, dtype: str, model: CostModel | None = None) -> Choice:
    """Predicted times of all methods for an operation on a layout.

    Args:
        operation: "forward", "input_grad" or "weight_grad".
        layout: of the forward operation.
        dtype: "f" for float32, "d" for float64.
        model: the cost model, by default the one in force.
    """
    refused = {name: why for name, method in METHODS.items() if (why := method.refusal(layout)) is not None}
    rates = _model if model is None else model
    size = 4 if dtype == "f" else 8
    seconds = {m: rates.seconds(counts(operation, m, layout, size), dtype) for m in METHODS if m not in refused}
    seconds = dict(sorted(seconds.items(), key=lambda pair: pair[1]))
    return Choice(next(iter(seconds)), seconds, refused)


def best(operation: Operation, layout: Layout, dtype: str, spreading: bool = True) -> str:
    """The method with the shortest predicted time: of all, or of those that don't spread a NaN."""
    return _best(operation, layout, dtype, spreading, _model)


@lru_cache(maxsize=512)
def _best(operation: Operation, layout: Layout, dtype: str, spreading: bool, model: CostModel) -> str:
    seconds = choose_method(operation, layout, dtype, model).seconds
    return next(method for method in seconds if spreading or method not in SPREADING)


# What methods do ------------------------------------------------------------------------------------------------------
def counts(operation: Operation, method: str, layout: Layout, itemsize: int) -> Counts:
    """What a method does for an operation."""
    if layout.empty:
        return Counts(calls=1.0)
    if operation == "input_grad" and method != "direct":
        total = Counts(calls=3.0)
        for part in input_layouts(layout):
            if not part.layout.empty:
                total = total.plus(_COUNTS[method](part.layout, itemsize, False)).plus(Counts(calls=5.0))
        return total
    return _COUNTS[method](layout, itemsize, operation == "weight_grad")


def _product(rows: float, inner: float, columns: float, batch: float = 1.0) -> Counts:
    """Matrix products (rows × inner) (inner × columns); what is written is moved too."""
    flops = 2.0 * rows * inner * columns * batch
    return Counts(0.4 * batch, flops, flops if rows < 5 else 0.0, rows * columns * batch / 2)


def _copy(entries: float, run: float) -> Counts:
    """A copy in runs of contiguous memory."""
    return Counts(1.0, 0.0, 0.0, entries, entries / max(run, 1.0))


def _pitch(layout: Layout) -> tuple[int, Counts]:
    """How far rows stand apart once they are padded, and the copy that pads them."""
    (N, C, H, W), left, (bottom, right) = layout.images, max(layout.before[1], 0), layout.after
    if layout.before == (0, 0) and max(bottom, right) <= 0:
        return W, Counts(calls=2.0)
    pitch = max(W + max(left, right), layout.places[1] * layout.stride[1])
    return pitch, _copy(N * C * H * W, W).plus(Counts(3.0, 0.0, 0.0, N * C * layout.reach[0] * pitch / 2))


def _direct(layout: Layout, _itemsize: int, weights: bool) -> Counts:
    N, F, P, Q = layout.output
    each, HH, WW = layout.kernels[1:]
    entries, turns = float(N * F * P * Q * each * HH * WW), HH * WW * max(each, F // layout.groups)
    if weights:
        return Counts(30.0 + 8.0 * HH * WW, added=2.0 * entries, runs=entries / Q)
    return Counts(30.0 + 8.0 * turns, added=3.0 * entries, runs=2.0 * entries / Q)


def _im2col(layout: Layout, itemsize: int, weights: bool) -> Counts:
    (N, C, _, _), (F, each, HH, WW), (P, Q), G = layout.images, layout.kernels, layout.places, layout.groups
    width, total = _pitch(layout)
    flat = layout.stride == (1, 1)
    width = width if flat else Q
    entries = float(N * C * HH * WW * P * width)
    cut = max(1.0, entries * itemsize / im2col.BUDGET)
    total = total.plus(_copy(entries, P * width / max(1.0, cut / N) if flat else Q)).plus(Counts(calls=8.0 * cut))
    if width != Q:
        total = total.plus(_copy(N * F * P * Q, Q))
    if weights:
        return total.plus(_product(F // G, P * width, each * HH * WW, N * G))
    return total.plus(_product(F // G, each * HH * WW, P * width, N * G))


def _strips(layout: Layout, itemsize: int, weights: bool) -> Counts:
    (N, C, _, _), (F, each, HH, WW), (P, Q), G = layout.images, layout.kernels, layout.places, layout.groups
    if layout.stride[0] != 1:
        return _im2col(layout, itemsize, weights).plus(Counts(calls=1.0))
    width, total = _pitch(layout)
    width //= layout.stride[1]
    halo = layout.spans[0] - 1
    row = (C * WW + (F if weights else F * HH)) * width * itemsize
    image = row * (P + halo)
    cut = 1 if image <= strips.BUDGET else -(-P // max(1, strips.BUDGET // max(1, row) - halo))
    rows = P + cut * halo if weights or cut > 1 else min(P + halo, layout.images[2])
    runs_at = -(-N // max(1, strips.BUDGET // max(1, image))) if cut == 1 else N * cut
    total = total.plus(_copy(N * C * WW * rows * width, rows * width / cut)).plus(Counts(calls=4.0 + 10.0 * runs_at))
    if width != Q and (weights or Q < 64):
        total = total.plus(_copy(N * F * P * Q, Q))
    if weights:
        return total.plus(_product(F // G, P * width / cut, each * WW, N * G * HH * cut))
    total = total.plus(_product(HH * F // G, each * WW, rows * width / cut, N * G * cut))
    return total.plus(Counts(1.0, added=float(HH * N * F * P * width), runs=float(HH * N * F * P)))


def _winograd(layout: Layout, itemsize: int, weights: bool) -> Counts:
    (N, C, _, _), (F, each, _, WW), (P, Q), G = layout.images, layout.kernels, layout.places, layout.groups
    width, total = _pitch(layout)
    m = winograd.tile_rows(P)
    size, tiles = m + winograd.TAPS - 1, -(-P // m)
    seen, made = float(N * C * tiles * width), float(N * F * tiles * width)
    runs_at = max(1, (seen * WW + made) * size * itemsize / winograd.BUDGET[itemsize])
    total = total.plus(_copy(size * seen, width)).plus(_product(size, size, seen))
    total = total.plus(_copy(size * seen * WW, tiles * width)).plus(_product(size, m, made))
    total = total.plus(_copy(N * F * P * Q, Q)).plus(Counts(calls=20.0 + 16.0 * runs_at))
    if weights:
        return total.plus(_product(F // G, tiles * width, each * WW, N * G * size))
    return total.plus(_product(F // G, each * WW, tiles * width, N * G * size))


def _fft(layout: Layout, _itemsize: int, weights: bool) -> Counts:
    (N, C, H, W), (F, each, _, _), G = layout.images, layout.kernels, layout.groups
    before = layout.before
    places: Any = [s * (p - 1) + 1 for s, p in zip(layout.stride, layout.places, strict=True)]
    height = fft.block_rows(places[0], layout.spans[0], H + before[0])
    blocks = -(-places[0] // height)
    rows = H if blocks == 1 else min(H, height + layout.spans[0] - 1)
    lengths = fft.transform_lengths((rows, W), layout.spans, before, (height, places[1]))
    entries, planes = float(prod(lengths)) * blocks, float(N * C + F * each + N * F)
    total = Counts(20.0 + 16.0 * blocks, moved=2.0 * planes * entries, butterflies=planes * entries * log2(entries))
    inner = N if weights else each
    if inner == 1:
        return total.plus(Counts(added=4.0 * N * F * each * entries))
    shape = (each, inner, F // G) if weights else (N, inner, F // G)
    total = total.plus(Counts(moved=8.0 * planes * entries))
    return total.plus(_product(shape[0], 4 * shape[1], shape[2], entries / 2 * G))


_COUNTS: dict[str, Callable[[Layout, int, bool], Counts]] = {
    "direct": _direct, "im2col": _im2col, "strips": _strips, "winograd": _winograd, "fft": _fft
}  # fmt: skip


# What things take -----------------------------------------------------------------------------------------------------
def calibrate() -> CostModel:
    """Measures this machine, in less than 0.2 s, and sets the model found as the one in force."""
    model = CostModel(_measured(np.float32), _measured(np.float64))
    use(model)
    return model


def _measured(dtype: Any) -> Counts:
    """The seconds for one of each of the `Counts`, each from something that does little else."""
    small, square, rows, wide = (np.ones(shape, dtype) for shape in (1, (128, 128), (2, 128), (128, 1024)))
    flat, target, layers = np.ones(1 << 16, dtype), np.empty(1 << 16, dtype), np.ones((8, 1 << 13), dtype)
    short = np.ones((1 << 12, 16), dtype)
    call = _time(lambda: np.multiply(small, small, out=small))
    flop = _time(lambda: np.matmul(square, wide)) / (2 * 128 * 128 * 1024)
    thin = max(0.0, _time(lambda: np.matmul(rows, wide)) / (2 * 2 * 128 * 1024) - flop)
    moved = _time(lambda: np.copyto(target, flat)) / flat.size
    eights = target[: 1 << 15].reshape(1 << 12, 8)
    run = max(0.0, _time(lambda: np.copyto(eights, short[:, :8])) / (1 << 12) - 8 * moved)
    added = _time(lambda: np.add.reduce(layers, 0)) / layers.size
    return Counts(2.5 * call, flop, thin, moved, run, added, _butterfly(dtype))


def _butterfly(dtype: Any) -> float:
    from scipy.fft import rfft2

    image: Array = np.ones((128, 128), dtype)
    return _time(lambda: rfft2(image)) / (image.size * log2(image.size))


def _time(task: Callable[[], Any], seconds: float = 0.008) -> float:
    """The shortest of as many runs as fit in a time: what else runs on the machine only ever makes them longer."""
    task()
    shortest, end = 1.0, perf_counter() + seconds
    while True:
        begun = perf_counter()
        task()
        now = perf_counter()
        shortest = min(shortest, now - begun)
        if now > end:
            return shortest
