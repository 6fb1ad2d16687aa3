"""Where each elementwise primitive is tested. One that has no entry here makes test_registry.py fail."""

from dataclasses import dataclass

import numpy as np

from stepgrad.autodiff.primitive import Comparison, Elementwise
from stepgrad.autodiff.primitives import elementwise

REGISTERED = {p.name: p for p in vars(elementwise).values() if isinstance(p, Elementwise)}
COMPARISONS = {p.name: p for p in vars(elementwise).values() if isinstance(p, Comparison)}


@dataclass(frozen=True)
class Domain:
    """Where the arguments of a primitive are drawn from.

    Args:
        intervals: for each argument a (low, high).
        analytic: the forward function takes complex numbers, so the complex step is exact.
        gap: arguments, and their differences, keep this far from 0: the kinks are there, or where this is put by
            `edges`.
        truth: f on (complex) arrays, where the primitive's own is not analytic as written.
        edges: a function of the arguments whose values must stay away from integers (floor and its kin).
    """

    intervals: tuple
    analytic: bool = True
    gap: float = 0.0
    truth: object = None
    edges: object = None

    def draw(self, rng, shapes):
        """Arguments of these shapes."""
        arrays = [rng.uniform(low, high, shape) for (low, high), shape in zip(self.intervals, shapes, strict=True)]
        if self.gap:
            arrays = [np.where(np.abs(a) < self.gap, a + 2 * self.gap, a) for a in arrays]
        return arrays

    def is_safe(self, arrays):
        """Whether no kink is so near that central differences would straddle it."""
        if self.gap and len(arrays) > 1:
            pairs = [(a, b) for i, a in enumerate(arrays) for b in arrays[:i]]
            if any(np.any(np.abs(np.subtract(a, b)) < self.gap) for a, b in pairs):
                return False
        if self.edges is not None:
            value = self.edges(*arrays)
            return not np.any(np.abs(value - np.round(value)) < 0.02)
        return True


ANY, POSITIVE, UNIT = (-2.0, 2.0), (0.3, 3.0), (-0.9, 0.9)
BOTH_SIGNS = {"gap": 0.05}

CASES = {
    "add": Domain((ANY, ANY)),
    "subtract": Domain((ANY, ANY)),
    "multiply": Domain((ANY, ANY)),
    "divide": Domain((ANY, POSITIVE)),
    "negative": Domain((ANY,)),
    "positive": Domain((ANY,)),
    "reciprocal": Domain((POSITIVE,)),
    "square": Domain((ANY,)),
    "power": Domain((POSITIVE, ANY)),
    "exp": Domain((ANY,)),
    "exp2": Domain((ANY,)),
    "expm1": Domain((ANY,)),
    "log": Domain((POSITIVE,)),
    "log2": Domain((POSITIVE,)),
    "log10": Domain((POSITIVE,)),
    "log1p": Domain(((-0.7, 3.0),)),
    "sqrt": Domain((POSITIVE,)),
    "cbrt": Domain((ANY,), analytic=False, gap=0.3),
    "logaddexp": Domain((ANY, ANY), truth=lambda a, b: np.log(np.exp(a) + np.exp(b))),
    "sin": Domain((ANY,)),
    "cos": Domain((ANY,)),
    "tan": Domain(((-1.2, 1.2),)),
    "arcsin": Domain((UNIT,)),
    "arccos": Domain((UNIT,)),
    "arctan": Domain((ANY,)),
    "sinh": Domain((ANY,)),
    "cosh": Domain((ANY,)),
    "tanh": Domain((ANY,)),
    "arcsinh": Domain((ANY,)),
    "arccosh": Domain(((1.2, 3.0),)),
    "arctanh": Domain((UNIT,)),
    "arctan2": Domain((ANY, POSITIVE), truth=lambda a, b: np.arctan(a / b)),
    "hypot": Domain((POSITIVE, POSITIVE), truth=lambda a, b: np.sqrt(a * a + b * b)),
    "absolute": Domain((ANY,), analytic=False, **BOTH_SIGNS),
    "sign": Domain((ANY,), analytic=False, **BOTH_SIGNS),
    "floor": Domain((ANY,), analytic=False, edges=lambda x: x),
    "ceil": Domain((ANY,), analytic=False, edges=lambda x: x),
    "round": Domain((ANY,), analytic=False, edges=lambda x: x + 0.5),
    "trunc": Domain((ANY,), analytic=False, edges=lambda x: x),
    "remainder": Domain((ANY, POSITIVE), analytic=False, edges=lambda a, b: a / b),
    "maximum": Domain((ANY, ANY), analytic=False, **BOTH_SIGNS),
    "minimum": Domain((ANY, ANY), analytic=False, **BOTH_SIGNS),
    "relu": Domain((ANY,), analytic=False, **BOTH_SIGNS),
    "where": Domain(((-0.4, 1.0), ANY, ANY), analytic=False, gap=0.05),
    "clip": Domain((ANY, (-1.0, -0.3), (0.3, 1.0)), analytic=False, gap=0.05),
    "sigmoid": Domain((ANY,)),
    "softplus": Domain((ANY,)),
}
