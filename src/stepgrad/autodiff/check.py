"""check_grad: automatic derivatives held against numeric ones, in both modes and to any order."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from .derivatives import jvp, vjp
from .sweeps import zeros_like
from .tensor import as_value, dtype_of, raw, shape_of
from .trees import Rebuild, flatten


def check_grad(
    f: Callable[..., Any], *primals: Any, order: int = 1, tolerance: float | None = None, seed: int = 0
) -> None:
    """Checks f's derivatives at a point, by the entry and by random directions.

    Each argument's forward-mode Jacobian is compared with central differences (in float64), the reverse mode with the
    forward mode by ⟨J v, u⟩ = ⟨v, Jᵀ u⟩; for `order` 2 and more the same is asked of the pullback.

    Args:
        f: a function of arrays, or of structures of arrays.
        primals: where to check; away from kinks, which central differences straddle.
        order: the highest derivative to check.
        tolerance: allowed error, relative to max(1, |numeric|); by default 1e-6, or 2e-2 where something is float32.
        seed: of the random directions.

    Raises:
        AssertionError: names the argument and entry that is furthest off, with both values; or the derivative that has
            another shape or dtype than what it belongs to.
    """
    rng = np.random.default_rng(seed)
    leaves, build = flatten(primals)
    primals = build([as_value(x) for x in leaves])
    if tolerance is None:
        single = any(dtype_of(x).itemsize < 8 for x in leaves)
        tolerance = 2e-2 if single else 1e-6
    _check_modes(f, primals, tolerance, rng)
    if order > 1:
        outputs, build_output = flatten(vjp(f, *primals)[0])
        cotangent = build_output([_noise(rng, y) for y in outputs])
        check_grad(
            lambda *x: vjp(f, *x)[1](cotangent),
            *primals,
            order=order - 1,
            tolerance=max(tolerance, 1e-5),
            seed=seed + 1,
        )


def _noise(rng: np.random.Generator, value: Any) -> Any:
    """A random direction of a value's shape and dtype."""
    if type(raw(value)) is float:
        return float(rng.standard_normal())
    return np.asarray(rng.standard_normal(shape_of(value)), dtype_of(value))


def _check_modes(f: Callable[..., Any], primals: tuple[Any, ...], tolerance: float, rng: np.random.Generator) -> None:
    leaves, build = flatten(primals)
    output, pullback = vjp(f, *primals)
    outputs, build_output = flatten(output)
    u = [_noise(rng, y) for y in outputs]
    adjoints = flatten(pullback(build_output(u)))[0]
    worst = (0.0, "")
    for i, (x, adjoint) in enumerate(zip(leaves, adjoints, strict=True)):
        _check_kind(adjoint, x, f"the gradient of argument {i}")
        for entry in np.ndindex(shape_of(x)):
            tangents = [zeros_like(v) for v in leaves]
            tangents[i] = _unit(x, entry)
            forward = flatten(jvp(f, build(leaves), build(tangents))[1])[0]
            numeric = _central(f, leaves, build, i, entry)
            for o, (ours, theirs) in enumerate(zip(forward, numeric, strict=True)):
                _check_kind(ours, outputs[o], f"the tangent of output {o}")
                where = f"forward mode, output {o}, argument {i}, entry {entry}"
                worst = _worse(worst, ours, theirs, tolerance, where)
            projected = sum(float(np.vdot(a, np.asarray(b, float))) for a, b in zip(u, forward, strict=True))
            where = f"reverse mode against forward mode, argument {i}, entry {entry}"
            worst = _worse(worst, np.asarray(adjoint)[entry], projected, tolerance, where)
    if worst[0] > 1:
        raise AssertionError(worst[1])


def _check_kind(derivative: Any, value: Any, what: str) -> None:
    """A derivative has the shape and the dtype of the value that it belongs to."""
    if shape_of(derivative) != shape_of(value) or dtype_of(derivative) != dtype_of(value):
        raise AssertionError(
            f"{what} has shape {shape_of(derivative)} and dtype {dtype_of(derivative)}, "
            f"and should have {shape_of(value)} and {dtype_of(value)}"
        )


def _unit(value: Any, entry: tuple[int, ...]) -> Any:
    """A direction that moves one entry of a value."""
    if type(value) is float:
        return 1.0
    unit = np.zeros(shape_of(value), dtype_of(value))
    unit[entry] = 1
    return unit


def _central(
    f: Callable[..., Any], leaves: list[Any], build: Rebuild, i: int, entry: tuple[int, ...]
) -> list[np.ndarray[Any, Any]]:
    """Central differences in float64 with one Richardson step, for one entry of one argument."""

    def at(step: float) -> list[np.ndarray[Any, Any]]:
        moved = [np.array(v, float) for v in leaves]
        moved[i][entry] += step
        values = [float(m) if type(v) is float else m for v, m in zip(leaves, moved, strict=True)]
        return [np.asarray(y, float) for y in flatten(f(*build(values)))[0]]

    h = 1e-3 * max(1.0, abs(float(np.asarray(leaves[i])[entry])))
    wide = [(a - b) / (2 * h) for a, b in zip(at(h), at(-h), strict=True)]
    narrow = [(a - b) / h for a, b in zip(at(h / 2), at(-h / 2), strict=True)]
    return [(4 * n - w) / 3 for n, w in zip(narrow, wide, strict=True)]


def _worse(worst: tuple[float, str], ours: Any, theirs: Any, tolerance: float, where: str) -> tuple[float, str]:
    """The worse of the worst entry so far, as (error over tolerance, sentence), and the worst of two arrays."""
    a, b = np.asarray(ours, float), np.asarray(theirs, float)
    with np.errstate(invalid="ignore"):
        error = np.abs(a - b) / (tolerance * np.maximum(1.0, np.abs(b)))
    agree = (a == b) | (np.isnan(a) & np.isnan(b))
    error = np.where(agree, 0.0, np.where(np.isnan(error), np.inf, error))
    if error.size == 0 or float(np.max(error)) <= worst[0]:
        return worst
    at = np.unravel_index(int(np.argmax(error)), error.shape)
    place = f", output entry {tuple(int(k) for k in at)}" if at else ""
    return float(error[at]), f"{where}{place}: automatic {float(a[at])!r}, expected {float(b[at])!r}"
