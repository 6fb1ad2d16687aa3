"""The convolution theorem as a document: two signals, their transforms, the product, and what comes back.

With transforms of length N, X[k] = Σ_n x[n] e^(−2πi kn/N), the product X[k] W[k] is the transform of the *circular*
convolution: sample n of it is the sum of the samples n, n + N, n + 2N, … of the convolution. The convolution has
n + k − 1 samples, so with N at least as long nothing falls on anything else.

For real signals X[N − k] is the conjugate of X[k]: documents hold the frequencies 0 to N/2.

Sources: Cooley and Tukey, An algorithm for the machine calculation of complex Fourier series (1965); Oppenheim and
Schafer, Discrete-Time Signal Processing (2010), chapter 8; Mathieu, Henaff and LeCun, Fast training of convolutional
networks through FFTs (2014), for what convolution by transforms costs.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import cache
from math import atan2, degrees, hypot, log2
from pathlib import Path
from typing import Any, NamedTuple, TypedDict

import numpy as np

from .magnitude import too_large
from .notation import number
from .schema import MismatchError, check
from .trace import DocumentError

KIND, VERSION = "stepgrad.convolution_theorem", 1
LIMIT = 64
"""The most samples of a convolution that is shown: more stems than that no one can tell apart."""
NOTHING = 1e-12
"""What is smaller than this share of a signal's sum is rounding."""


class FourierDocument(TypedDict):
    """What `stepgrad.convolution_theorem` documents hold; the schema says it in full."""

    kind: str
    version: int
    signal: list[float]
    kernel: list[float]
    length: int
    needed: int
    transforms: dict[str, list[list[float]]]
    circular: list[float]
    direct: list[float]
    wrapped: int


class Polar(NamedTuple):
    """A complex number as a length and an angle, in degrees; nothing has no angle."""

    magnitude: float
    angle: float | None


def samples(values: Any, what: str) -> list[float]:
    """Samples of a signal or a kernel as floats.

    Raises:
        TypeError: not made of real numbers.
        ValueError: not one line of finite numbers, or none, or too many.
    """
    try:
        array = np.asarray(values)
    except ValueError:
        raise ValueError(f"the {what} must be one line of numbers, (n,); its rows are of different lengths") from None
    if array.size and array.dtype.kind not in "fiub":
        raise TypeError(f"the {what} must be made of real numbers, not of {array.dtype}")
    if array.ndim != 1 or array.size == 0:
        raise ValueError(f"the {what} must be one line of numbers, (n,), not empty; got shape {array.shape}")
    if array.size > LIMIT:
        raise ValueError(f"the {what} has {array.size:,} samples; the convolution may have {LIMIT} at most")
    array = array.astype(float)
    for place, value in enumerate(array):
        if not np.isfinite(value):
            raise ValueError(f"the {what} must be finite numbers; sample {place} is {value}")
    beyond = too_large(array)
    if beyond:
        raise ValueError(f"the {what} must be numbers of at most 1e100; sample {beyond[0]} is {array[beyond]:g}")
    return [float(value) for value in array]


def next_fast_length(n: int) -> int:
    """The least number from n on with no prime factor above 5: transforms of such lengths are fast."""
    while True:
        rest = n
        for factor in (2, 3, 5):
            while rest % factor == 0:
                rest //= factor
        if rest == 1:
            return n
        n += 1


def check_sizes(signal: Sequence[float], kernel: Sequence[float], length: int) -> None:
    """Raises a ValueError where the convolution is too long to be shown, or N doesn't fit."""
    needed = len(signal) + len(kernel) - 1
    if needed > LIMIT:
        raise ValueError(
            f"the convolution of {len(signal)} samples with {len(kernel)} has {needed}; {LIMIT} are shown at most"
        )
    least, most = max(len(signal), len(kernel)), next_fast_length(needed)
    if not least <= length <= most:
        raise ValueError(
            f"length is how long the transforms are: from {least}, so that both signals fit, to {most}, "
            f"where nothing wraps; got {length}"
        )


def fourier_document(signal: Sequence[float], kernel: Sequence[float], length: int) -> FourierDocument:
    """The document of a convolution by transforms of a length.

    Args:
        signal: x, checked by `samples`.
        kernel: w, likewise.
        length: N, from the longer of the two to the next fast length after n + k − 1.

    Raises:
        ValueError: as `check_sizes`.
    """
    check_sizes(signal, kernel, length)
    X, W = np.fft.rfft(signal, length), np.fft.rfft(kernel, length)
    direct = np.convolve(signal, kernel)
    return {
        "kind": KIND,
        "version": VERSION,
        "signal": list(signal),
        "kernel": list(kernel),
        "length": length,
        "needed": len(direct),
        "transforms": {"signal": _pairs(X), "kernel": _pairs(W), "product": _pairs(X * W)},
        "circular": [float(value) for value in np.fft.irfft(X * W, length)],
        "direct": [float(value) for value in direct],
        "wrapped": max(0, len(direct) - length),
    }


def _pairs(spectrum: Any) -> list[list[float]]:
    return [[float(z.real), float(z.imag)] for z in spectrum]


def polar(z: Sequence[float], scale: float) -> Polar:
    """A complex number [re, im] as length and angle; what is rounding, compared with a scale, is left out."""
    re, im = (0.0 if abs(part) <= NOTHING * scale else part for part in z)
    return Polar(hypot(re, im), degrees(atan2(im, re)) if re or im else None)


def scales(document: Mapping[str, Any]) -> dict[str, float]:
    """For each transform what it can be at most: the sum of the absolute samples."""
    x, w = (sum(map(abs, document[name])) or 1.0 for name in ("signal", "kernel"))
    return {"signal": x, "kernel": w, "product": x * w}


# What it costs --------------------------------------------------------------------------------------------------------
def direct_multiplications(image: int, size: int, batch: int = 1, channels: int = 1, filters: int = 1) -> float:
    """Real multiplications of a layer by the sums themselves: S·f·f' planes of (n − k + 1)² k² each."""
    return float(batch * channels * filters * (image - size + 1) ** 2 * size**2)


def fft_multiplications(image: int, batch: int = 1, channels: int = 1, filters: int = 1) -> float:
    """Real multiplications of a layer by transforms of n × n, whatever the size of its kernels.

    One transform for each of the S·f input planes, f·f' kernels and S·f' output planes: n² log₂ n² each (radix 2, and
    half of that of complex numbers). For each pair of planes n²/2 products of complex numbers, of four real ones each.
    """
    planes = batch * channels + channels * filters + batch * filters
    return planes * image**2 * log2(image**2) + 2.0 * batch * channels * filters * image**2


def predicted_crossover(image: int, batch: int = 1, channels: int = 1, filters: int = 1) -> int | None:
    """The smallest odd kernel from which on transforms take fewer multiplications; None if there is none up to n/2."""
    least = fft_multiplications(image, batch, channels, filters)
    sizes = range(1, image // 2 + 1, 2)
    return next((k for k in sizes if direct_multiplications(image, k, batch, channels, filters) > least), None)


def measured_crossover(points: Sequence[Mapping[str, Any]]) -> tuple[int | None, int | None]:
    """Between which two measured kernel sizes transforms become faster, for good: (last slower, first faster).

    None stands where there is no such size.
    """
    ordered = sorted(points, key=lambda point: point["size"])
    slower = [point["size"] for point in ordered if point["fft"] >= point["direct"]]
    last = slower[-1] if slower else None
    return last, next((p["size"] for p in ordered if last is None or p["size"] > last), None)


# Reading and writing --------------------------------------------------------------------------------------------------
@cache
def schema() -> dict[str, Any]:
    """The JSON schema of documents."""
    text = Path(__file__).with_name("fourier.schema.json").read_text(encoding="utf-8")
    return dict(json.loads(text))


def validate(document: object) -> FourierDocument:
    """A document that has been read, checked.

    Raises:
        DocumentError: it isn't one, or of another version, or its parts don't fit; one sentence says where.
    """
    if isinstance(document, dict) and document.get("kind") == KIND and document.get("version") != VERSION:
        raise DocumentError(f"this document is of version {document.get('version')!r}; this stepgrad reads {VERSION}")
    try:
        check(schema(), document)
    except MismatchError as error:
        raise DocumentError(f"this is not a convolution theorem document: {error}") from None
    assert isinstance(document, dict)
    try:
        again = fourier_document(document["signal"], document["kernel"], document["length"])
    except ValueError as error:
        raise DocumentError(str(error)) from None
    for name in ("circular", "direct"):
        if not _same(document[name], again[name]):
            raise DocumentError(f"{name}: these are not the numbers of this signal and this kernel")
    for name, pairs in again["transforms"].items():
        if not _same(document["transforms"][name], pairs):
            raise DocumentError(f"transforms.{name}: these are not the numbers of this signal and this kernel")
    if (document["needed"], document["wrapped"]) != (again["needed"], again["wrapped"]):
        raise DocumentError("needed, wrapped: these are not the numbers of this signal and this kernel")
    return document  # type: ignore[return-value]


def _same(a: Any, b: Any) -> bool:
    left, right = np.array(a, float), np.array(b, float)
    return left.shape == right.shape and bool(
        np.allclose(left, right, rtol=1e-9, atol=1e-9 * (1 + np.abs(right).max()))
    )


# As text --------------------------------------------------------------------------------------------------------------
def theorem_text(document: Mapping[str, Any]) -> str:
    """A document as two tables: the frequencies, and the samples."""
    n, k, N, needed = (len(document["signal"]), len(document["kernel"]), document["length"], document["needed"])
    wrapped = document["wrapped"]
    lines = [
        f"x has {n} samples, w {k}, their convolution {n} + {k} − 1 = {needed}; transforms of N = {N}",
        f"{wrapped} samples wrap round" if wrapped else "nothing wraps round",
        "",
        f"{'k':>3} {'|X|':>8} {'∠X':>6} {'|W|':>8} {'∠W':>6} {'|X·W|':>9} {'∠X·W':>6}",
    ]
    limits = scales(document)
    for place in range(N // 2 + 1):
        cells = []
        for name, width in (("signal", 8), ("kernel", 8), ("product", 9)):
            magnitude, angle = polar(document["transforms"][name][place], limits[name])
            cells.append(f"{number(magnitude):>{width}} {_angle(angle):>6}")
        lines.append(f"{place:>3} {' '.join(cells)}")
    lines += ["", f"{'n':>3} {'transformed back':>17} {'direct sum':>11}"]
    size = max(map(abs, document["direct"])) or 1.0
    for place in range(max(N, needed)):
        back = number(_clean(document["circular"][place], size)) if place < N else ""
        direct = number(_clean(document["direct"][place], size)) if place < needed else ""
        note = f"  + sample {place + N}" if place < wrapped else "  wraps" if place >= N else ""
        lines.append(f"{place:>3} {back:>17} {direct:>11}{note}")
    return "\n".join(lines)


def costs_text(image: int, batch: int, channels: int, filters: int, points: Sequence[Mapping[str, Any]] = ()) -> str:
    """What a layer costs, as a table over the kernel's size: multiplications, and seconds where they were measured."""
    fft, found = fft_multiplications(image, batch, channels, filters), {point["size"]: point for point in points}
    cross = predicted_crossover(image, batch, channels, filters)
    lines = [
        f"{batch} × {channels} planes of {image} × {image}, {filters} filters: multiplications, and seconds measured",
        "",
        f"{'k × k':>7} {'by sums':>16} {'by transforms':>16}" + (f" {'sums':>10} {'transforms':>10}" if points else ""),
    ]
    for size in sorted(found) or [k for k in (3, 5, 7, 9, 11, 15, 21, 31, 63) if k <= image // 2]:
        direct = direct_multiplications(image, size, batch, channels, filters)
        times = f" {found[size]['direct']:10.2e} {found[size]['fft']:10.2e}" if size in found else ""
        lines.append(f"{f'{size} × {size}':>7} {direct:16,.0f} {fft:16,.0f}{times}")
    lines += ["", f"fewer by transforms from {cross} × {cross} on" if cross else "fewer by sums at all sizes"]
    return "\n".join(lines)


def _angle(angle: float | None) -> str:
    """Whole degrees, −180 as 180; nothing has no angle."""
    if angle is None:
        return "–"
    whole = round(angle)
    return f"{180 if whole == -180 else whole}°".replace("-", "−")


def _clean(value: float, scale: float) -> float:
    return 0.0 if abs(value) <= NOTHING * scale else value


__all__ = [
    "KIND", "LIMIT", "VERSION", "FourierDocument", "Polar", "check_sizes", "costs_text", "direct_multiplications",
    "fft_multiplications", "fourier_document", "measured_crossover", "next_fast_length", "polar", "predicted_crossover",
    "samples", "scales", "schema", "theorem_text", "validate",
]  # fmt: skip
