"""One signal slid over another: what FlipAndSlide shows, as a document."""

from __future__ import annotations

from math import inf, log10
from typing import Any, NamedTuple

import numpy as np

from ..convolution import convolve, convolve_sampled
from ..documents.signals import KIND, STEP, STRIDE, VERSION, Signal, mirrored

MODES = ("full", "same", "valid")
MARGIN = 10
"""The places before the two meet, and after, for functions of time."""

Array = np.ndarray[Any, Any]


class Output(NamedTuple):
    """Values at the times first · step, (first + 1) · step and so on."""

    step: float
    first: int
    values: Array

    def at(self, index: int) -> float:
        """The value at an index; 0 outside."""
        k = index - self.first
        return float(self.values[k]) if 0 <= k < len(self.values) else 0.0


class Slide(NamedTuple):
    """All that sliding one signal over another gives.

    Attributes:
        signal, kernel: the two.
        input: what the kernel is slid over: the signal, or what came out before.
        slid: the kernel as it is slid, at the place 0.
        output: what comes out.
        first, places, stride: the places of the kernel.
    """

    signal: Signal
    kernel: Signal
    input: Signal
    slid: Signal
    output: Output
    first: int
    places: int
    stride: int

    def index_of(self, place: int) -> int:
        """The index of the place."""
        return self.first + place * self.stride


def refusal(signal: Signal, kernel: Signal, flip: bool, mode: str, again: int) -> str:
    """Why these can't be slid in this mode; "" where they can."""
    if _largest(signal, kernel, again) > 1e250:
        return "what comes out of sliding so often is larger than 1e250: take again=0, or smaller samples"
    if signal.step < 1:
        return ""
    if mode == "valid" and not flip and len(kernel.values) > len(signal.values):
        return (
            f'without the flip, mode "valid" takes a kernel that lies inside the signal; this one has '
            f"{len(kernel.values)} samples, the signal {len(signal.values)}"
        )
    if again and mode != "full":
        return f'again takes what came out whole: it needs mode "full", not "{mode}"'
    return ""


def _largest(signal: Signal, kernel: Signal, again: int) -> float:
    """A bound of all that comes out, as often as the kernel is slid."""
    x, w = (float(np.abs(s.values).sum() * s.step) for s in (signal, kernel))
    if not x or not w:
        return 0.0
    power = log10(x) + (again + 1) * log10(w) - log10(signal.step)
    return float(10.0**power) if power < 300 else inf


def slide(signal: Signal, kernel: Signal, flip: bool = True, mode: str = "full", again: int = 0) -> Slide:
    """Slide the kernel over the signal, with the flip (convolution) or without it (cross-correlation)."""
    turned = mirrored(kernel)
    u = kernel if flip else turned  # cross-correlation is convolution with the kernel turned round
    source = signal
    for _ in range(again):
        source = _as_signal(_convolved(source, u), source, u)
    whole = _convolved(source, u)
    slid = turned if flip else kernel
    if signal.step < 1:
        a, b = (source.shown[k] + u.shown[k] for k in (0, 1))
        first = round(a / STEP) - MARGIN * STRIDE
        count = round((b - a) / STEP) // STRIDE + 2 * MARGIN + 1
        return Slide(signal, kernel, source, slid, whole, first, count, STRIDE)
    n, k = len(source.values), len(u.values)
    ranges = {"full": (0, n + k - 1), "same": ((k - 1) // 2, n), "valid": (min(n, k) - 1, abs(n - k) + 1)}
    skipped, count = ranges[mode]
    output = Output(1, whole.first + skipped, convolve(source.values, u.values, mode)[:count])
    return Slide(signal, kernel, source, slid, output, output.first, count, 1)


def _convolved(x: Signal, u: Signal) -> Output:
    """The whole convolution: samples, or values at the ends of the cells."""
    if x.step == 1:
        return Output(1, x.first + u.first, convolve(x.values, u.values))
    return Output(x.step, x.first + u.first + 1, convolve_sampled(x.values, u.values, x.step))


def _as_signal(output: Output, x: Signal, u: Signal) -> Signal:
    """What came out, to be slid over: its samples, or means over cells, with 0 around it."""
    shown = (x.shown[0] + u.shown[0], x.shown[1] + u.shown[1])
    if output.step == 1:
        return Signal(1, output.first, output.values, shown)
    around = np.pad(output.values, 1)
    return Signal(output.step, output.first - 1, (around[1:] + around[:-1]) / 2, shown)


def terms(found: Slide, index: int, flip: bool) -> list[tuple[int, int, float, float, float]]:
    """What lies above one another with the kernel at an index: m, j, x[m], w[j] and the product."""
    x, w = found.input, found.slid
    start = max(x.first, w.first + index)
    end = min(x.first + len(x.values), w.first + index + len(w.values))
    lines = []
    for m in range(start, end):
        a, b = float(x.values[m - x.first]), float(w.values[m - index - w.first])
        lines.append((m, index - m - (x.step < 1) if flip else m - index, a, b, a * b))
    return lines


def to_document(
    found: Slide, names: tuple[str, str], flip: bool, mode: str, again: int, position: int, place: int
) -> dict[str, Any]:
    """The signals document of a slide, with the kernel at a place."""
    index = found.index_of(place)
    lines = terms(found, index, flip)
    products = [line[4] * found.output.step for line in lines]
    return {
        "kind": KIND,
        "version": VERSION,
        "domain": "discrete" if found.signal.step == 1 else "continuous",
        "flip": flip,
        "mode": mode,
        "again": again,
        "names": list(names),
        "signal": _entry(found.signal),
        "kernel": _entry(found.kernel),
        "input": _entry(found.input),
        "output": {"step": found.output.step, "first": found.output.first, "values": found.output.values.tolist()},
        "places": {"first": found.first, "count": found.places, "stride": found.stride},
        "position": position,
        "place": {
            "index": index,
            "time": index * found.output.step,
            "above": sum(p for p in products if p > 0),
            "below": sum(p for p in products if p < 0),
            "value": found.output.at(index),
            "terms": [list(line) for line in lines] if found.output.step == 1 else [],
        },
    }


def _entry(signal: Signal) -> dict[str, Any]:
    values = signal.values.tolist()
    return {"step": signal.step, "first": signal.first, "values": values, "shown": list(signal.shown)}
