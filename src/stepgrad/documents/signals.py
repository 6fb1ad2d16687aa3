"""The signals document: one signal slid over another, as plain data; the twin of `widgets/src/math/signals.ts`.

A discrete signal is its samples, the first of them at 0, or with the middle one at 0 if it is centred. A function of
time is its means over cells of width `STEP`. The integral of a product is then a sum over cells:

    ∫ x(τ) w(t − τ) dτ = STEP · Σ x[m] w[n − m]        at t = STEP · n

exact where x or w is constant in every cell, such as a box, and within 10⁻⁴ for the other signals that have a name.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from .notation import number
from .schema import MismatchError, check
from .trace import DocumentError

__all__ = [
    "KIND", "OWN", "SHAPES", "STEP", "STRIDE", "VERSION", "Signal", "mirrored", "schema", "signal_of", "spacing",
    "table", "validate",
]  # fmt: skip

KIND, VERSION = "stepgrad.signals", 1
STEP = 0.01
"""The width of a cell."""
STRIDE = 2
"""Cells from one place of the kernel to the next."""
OWN = "own"
"""The name of a signal that was given, or drawn."""

Array = np.ndarray[Any, Any]


class Signal(NamedTuple):
    """Samples at first, first + 1, …, or means over the cells from first · step on.

    Attributes:
        step: 1, or the width of a cell.
        first: the index of the first value.
        values: the samples or means.
        shown: from where to where a picture shows it; an exponential never ends.
    """

    step: float
    first: int
    values: Array
    shown: tuple[float, float]


class Shape(NamedTuple):
    """A signal with a name: as samples, and as a function of time with the interval outside of which it is 0."""

    title: str
    samples: tuple[float, ...]
    support: tuple[float, float]
    of: Callable[[Any], Any]
    shown: tuple[float, float] | None = None


SHAPES: dict[str, Shape] = {
    "box": Shape("box", (1, 1, 1), (-0.5, 0.5), np.ones_like),
    "triangle": Shape("triangle", (1, 2, 3, 2, 1), (-1, 1), lambda t: 1 - np.abs(t)),
    "gaussian": Shape(
        "Gaussian",
        tuple(math.exp(-n * n / 2) for n in range(-3, 4)),
        (-3, 3),
        lambda t: math.sqrt(2 / math.pi) * np.exp(-2 * t * t),
        (-1.5, 1.5),
    ),
    "exponential": Shape("exponential", (1, 0.5, 0.25, 0.125, 0.0625), (0, 12), lambda t: np.exp(-t), (0, 4)),
    "steps": Shape(
        "steps", (1, 1, 3, 3, -1, -1), (-1.5, 1.5), lambda t: np.where(t < -0.5, 0.5, np.where(t < 0.5, 1, -0.5))
    ),
    "ramp": Shape("ramp", (1, 2, 3), (0, 2), lambda t: t / 2),
    "edge": Shape("edge", (1, 0, -1), (-0.5, 0.5), lambda t: np.where(t < 0, 1.0, -1.0)),
}


def signal_of(name: str, own: Sequence[float], domain: str, centred: bool = False) -> Signal:
    """A signal by its name, or of one's own samples.

    Args:
        name: one of `SHAPES`, or "own".
        own: its samples, for "own"; as a function of time they are joined by straight lines.
        domain: "discrete" or "continuous".
        centred: put the middle sample at 0; of functions of time it changes nothing.
    """
    shape = SHAPES[name] if name in SHAPES else _polyline(own)
    if domain == "discrete":
        count = len(shape.samples)
        first = -((count - 1) // 2) if centred else 0
        return Signal(1, first, np.array(shape.samples, float), (first, first + count - 1))
    first, last = round(shape.support[0] / STEP), round(shape.support[1] / STEP)
    return Signal(STEP, first, _means(shape.of, first, last), shape.shown or shape.support)


def spacing(count: int) -> float:
    """How far apart so many points of one's own function are."""
    return 0.1 if count > 16 else 0.5


def _polyline(points: Sequence[float]) -> Shape:
    """Points joined by straight lines, the middle one at 0."""
    wide = spacing(len(points))
    start = -((len(points) - 1) // 2) * wide
    times = start + wide * np.arange(len(points))
    return Shape("my own", tuple(points), (start, float(times[-1])), lambda t: np.interp(t, times, points))


def _means(of: Callable[[Any], Any], first: int, last: int) -> Array:
    """The means over cells, by the rule of Gauss with three points."""
    node = math.sqrt(0.6) / 2
    middle = np.arange(first, last) + 0.5
    means: Array = (5 * of((middle - node) * STEP) + 8 * of(middle * STEP) + 5 * of((middle + node) * STEP)) / 18
    return means


def mirrored(signal: Signal) -> Signal:
    """The signal turned round at 0."""
    last = signal.first + len(signal.values) - (signal.step == 1)
    return Signal(signal.step, -last, signal.values[::-1], (-signal.shown[1], -signal.shown[0]))


@cache
def schema() -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of the signals document. Don't change it: it is read once."""
    loaded: dict[str, Any] = json.loads(Path(__file__).with_name("signals.schema.json").read_text(encoding="utf-8"))
    return loaded


def validate(document: object) -> Mapping[str, Any]:
    """Return the document if it is a valid one of this version; else raise DocumentError, which says where it isn't."""
    try:
        check(schema(), document)
    except MismatchError as mismatch:
        where = f" at {mismatch.path}" if mismatch.path else ""
        raise DocumentError(f"This is not a signals document, or malformed{where}: {mismatch.reason}.") from None
    assert isinstance(document, dict)
    return document


# ---- as text -----------------------------------------------------------------------------------------------------

_TERMS = 6  # of a sum that are written out
_ROWS = 9  # of a function of time that are told


def table(document: Mapping[str, Any]) -> str:
    """Print a signals document: what is slid over what, the sum or area at this place, and what comes out."""
    return "\n".join(_of_samples(document) if document["domain"] == "discrete" else _of_functions(document))


def _of_samples(document: Mapping[str, Any]) -> list[str]:
    flip, place = document["flip"], document["place"]
    name = "convolution" if flip else "cross-correlation"
    said = f"{name}, mode {document['mode']}{_rounds(document)}"
    return [
        f"y[n] = Σ x[m] w[{'n − m' if flip else 'm − n'}]    {said}",
        _samples_of("x", document["input"]),
        _samples_of("w", document["kernel"]),
        f"y[{_signed(place['index'])}] = {_sum(place)}",
        _samples_of("y", document["output"]),
    ]


def _sum(place: Mapping[str, Any]) -> str:
    """A sum of products, first with its indices, then with its numbers."""
    terms, value = place["terms"], number(place["value"])
    if not terms:
        return f"{value}, nothing lies above one another"
    more = " + …" if len(terms) > _TERMS else ""
    shown = terms[:_TERMS]
    letters = " + ".join(f"x[{_signed(m)}]·w[{_signed(j)}]" for m, j, *_ in shown)
    numbers = " + ".join(f"{_bracketed(x)}·{_bracketed(w)}" for _, _, x, w, _ in shown)
    return f"{letters}{more} = {numbers}{more} = {value}"


def _of_functions(document: Mapping[str, Any]) -> list[str]:
    flip, place, output = document["flip"], document["place"], document["output"]
    x, w = document["names"]
    step, first = output["step"], output["first"]
    last = first + len(output["values"]) - 1
    start, count, stride = (document["places"][key] for key in ("first", "count", "stride"))
    indices = [start + stride * round(k * (count - 1) / (_ROWS - 1)) for k in range(_ROWS)]
    values = [output["values"][i - first] if first <= i <= last else 0.0 for i in indices]
    columns = [(number(i * step), number(value)) for i, value in zip(indices, values, strict=True)]
    wide = [max(map(len, column)) for column in columns]
    said = f"{'convolution' if flip else 'cross-correlation'}{_rounds(document)}"
    areas = f"area {number(place['above'])} above the axis and {number(-place['below'])} below"
    return [
        f"y(t) = ∫ x(τ) w({'t − τ' if flip else 'τ − t'}) dτ    {said}",
        f"x: {x}    w: {w}",
        f"y({number(place['time'])}) = {number(place['value'])}, {areas}",
        "t     " + "  ".join(t.rjust(n) for (t, _), n in zip(columns, wide, strict=True)),
        "y(t)  " + "  ".join(y.rjust(n) for (_, y), n in zip(columns, wide, strict=True)),
    ]


def _rounds(document: Mapping[str, Any]) -> str:
    again = document["again"]
    return f", the kernel slid over what came out {again} more time{'s' * (again > 1)}" if again else ""


def _samples_of(letter: str, signal: Mapping[str, Any]) -> str:
    first, values = signal["first"], signal["values"]
    last = first + len(values) - 1
    places = _signed(first) if last == first else f"{_signed(first)} … {_signed(last)}"
    return f"{letter}[{places}] = {'  '.join(map(number, values))}"


def _signed(index: float) -> str:
    return str(int(index)).replace("-", "−")


def _bracketed(value: float) -> str:
    return f"({number(value)})" if value < 0 else number(value)
