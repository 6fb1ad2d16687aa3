"""check_grad: automatic derivatives held against numeric ones, in both modes and to any order."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from .derivatives import jvp, vjp
from .tensor import dtype_of, raw, shape_of
from .trees import flatten


def check_grad(f: Callable[..., Any], *primals: Any, order: int = 1, tolerance: float | None = None, seed: int = 0) -> None:
    """Checks f's derivatives at a point, by the entry and by random directions.

    Each argument's forward-mode Jacobian is compared with central differences (in float64), the reverse mode with the forward
    mode by ⟨J v, u⟩ = ⟨v, Jᵀ u⟩; for `order` 2 and more the same is asked of the pullback.

    Args:
        f: a function of arrays, or of structures of arrays.
        primals: where to check; away from kinks, which central differences straddle.
        order: the highest derivative to check.
        tolerance: allowed error, relative to max(1, |numeric|); by default 1e-6, or 2e-2 where something is float32.
        seed: of the random directions.

    Raises:
        AssertionError: names the argument and entry that is furthest off, with both values.
    """
    rng = np.random.default_rng(seed)
    if tolerance is None:
        single = any(dtype_of(x).itemsize < 8 for x in flatten(primals)[0])
        tolerance = 2e-2 if single else 1e-6
    _check_modes(f, primals, tolerance, rng)
    if order > 1:
        output = f(*primals)
        weights, build = flatten(output)
        cotangent = build([_noise(rng, y) for y in weights])
        check_grad(lambda *x: vjp(f, *x)[1](cotangent), *primals, order=order - 1, tolerance=max(tolerance, 1e-5), seed=seed + 1)


def _noise(rng: np.random.Generator, value: Any) -> Any:
    shape = shape_of(value)
    noise = rng.standard_normal(shape)
    return noise.astype(dtype_of(value)) if type(raw(value)) is not float else float(noise)


def _check_modes(f: Callable[..., Any], primals: tuple[Any, ...], tolerance: float, rng: np.random.Generator) -> None:
    leaves, build = flatten(primals)
    output, pullback = vjp(f, *primals)
    cotangents, build_out = flatten(output)
    u = [_noise(rng, y) for y in cotangents]
    adjoints = flatten(pullback(build_out(u)))[0]
    worst = (0.0, "")
    for i, (x, adjoint) in enumerate(zip(leaves, adjoints, strict=True)):
        if shape_of(adjoint) != shape_of(x) or dtype_of(adjoint) != dtype_of(x):
            raise AssertionError(
                f"argument {i}: the gradient has shape {shape_of(adjoint)} and dtype {dtype_of(adjoint)}, "
                f"the argument {shape_of(x)} and {dtype_of(x)}"
            )
        for entry in np.ndindex(shape_of(x)):
            unit = np.zeros(shape_of(x), dtype_of(x))
            unit[entry] = 1
            tangents = [_zero(v) for v in leaves]
            tangents[i] = float(unit) if type(x) is float else unit
            forward = flatten(jvp(f, build(leaves), build(tangents))[1])[0]
            numeric = _central(f, leaves, build, i, entry)
            for o, (ours, theirs) in enumerate(zip(forward, numeric, strict=True)):
                worst = _worse(worst, ours, theirs, tolerance, f"forward mode, output {o}, argument {i}, entry {entry}")
            projected = sum(float(np.vdot(a, np.asarray(b, float))) for a, b in zip(u, forward, strict=True))
            mine = float(np.asarray(adjoint)[entry])
            worst = _worse(worst, mine, projected, tolerance, f"reverse mode against forward mode, argument {i}, entry {entry}")
    if worst[0] > 1:
        raise AssertionError(worst[1])


def _zero(value: Any) -> Any:
    return 0.0 if type(value) is float or isinstance(value, int) else np.zeros(shape_of(value), dtype_of(value))


def _central(f: Callable[..., Any], leaves: list[Any], build: Any, i: int, entry: tuple[int, ...]) -> list[Any]:
    """Central differences in float64 with one Richardson step, for one entry of one argument."""

    def at(step: float) -> list[Any]:
        moved = [np.array(v, float) for v in leaves]
        moved[i][entry] += step
        values = [float(m) if m.ndim == 0 else m for m in moved]
        return [np.asarray(y, float) for y in flatten(f(*build(values)))[0]]

    h = 1e-3 * max(1.0, abs(float(np.asarray(leaves[i])[entry])))
    wide = [(a - b) / (2 * h) for a, b in zip(at(h), at(-h), strict=True)]
    narrow = [(a - b) / h for a, b in zip(at(h / 2), at(-h / 2), strict=True)]
    return [(4 * n - w) / 3 for n, w in zip(narrow, wide, strict=True)]


def _worse(worst: tuple[float, str], ours: Any, theirs: Any, tolerance: float, where: str) -> tuple[float, str]:
    a, b = np.asarray(ours, float), np.asarray(theirs, float)
    error = np.abs(a - b) / (tolerance * np.maximum(1.0, np.abs(b)))
    error = np.where(np.isnan(a) & np.isnan(b) | (a == b), 0.0, np.where(np.isnan(error), np.inf, error))
    if error.size == 0 or float(np.max(error)) <= worst[0]:
        return worst
    at = np.unravel_index(int(np.argmax(error)), error.shape)
    place = f", output entry {tuple(int(k) for k in at)}" if at else ""
    return float(error[at]), f"{where}{place}: automatic {a[at]!r}, expected {b[at]!r}"
