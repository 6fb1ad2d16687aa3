"""Numeric derivatives: finite differences and the complex step, and how far they are from the truth.

Three ways to a derivative by evaluating f alone, with ε the machine precision of its results:

- **forward difference**, (f(x + h) − f(x)) / h. Cutting off Taylor's series costs about h·|f″|/2, and subtracting two
  nearly equal numbers 2ε·|f|/h; the sum is least near h = √ε, where about half of the digits are right.
- **central difference**, (f(x + h) − f(x − h)) / 2h: h²·|f‴|/6 and ε·|f|/h, least near h = ∛ε; two thirds of the
  digits.
- **complex step**, Im f(x + ih) / h: h²·|f‴|/6, and nothing is subtracted, so h can be so small that all digits are
  right; but f must be analytic and take complex numbers.

Sources: for the choice of the step Nocedal and Wright, Numerical Optimization (2006), section 8.1; for the step
really made Press et al., Numerical Recipes (2007), section 5.7; for the complex step Squire and Trapp, Using complex
variables to estimate derivatives of real functions, SIAM Review 40 (1998).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

Method = Literal["forward", "central", "complex"]
METHODS: tuple[Method, ...] = ("forward", "central", "complex")
COMPLEX_STEP = 1e-20
"""Small enough that the square of it vanishes beside 1 in any precision."""

Array = NDArray[Any]


def derivative(f: Callable[..., Any], x: Any, method: Method = "central", step: ArrayLike | None = None) -> Any:
    """The derivative of f at x by evaluating f: one entry of x at a time is moved.

    Args:
        f: a function of x whose value is a real number or array.
        x: a number or array, at which f is differentiated; or a tuple of them, where f takes several arguments.
            Integers become float64; float32 stays float32, and so does the answer if f's value is float32 too.
        method: "central" (two evaluations for each entry of x), "forward" (one, and one more) or "complex" (one; f
            must be analytic, and written in operations that take complex numbers).
        step: how far to move: a number, or an array that broadcasts to x. By default √ε for forward and ∛ε for
            central differences, times max(1, |x|), where ε is the precision of x or of f's value, whichever is
            coarser; 1e-20 for the complex step. The division is by the step really made, (x + h) − x, so that
            rounding x + h costs nothing.

    Returns:
        An array of shape f(x).shape + x.shape: the gradient where f's value is a number, else the Jacobian; a float
        where both are numbers. For a tuple x, a tuple of these.

    Raises:
        ValueError: an unknown method, a step that is not positive, or a complex step in which f drops the imaginary
            part.
        TypeError: x or f's value is not real, or f takes no complex numbers where `method` needs it to.

    Examples:
        >>> derivative(np.sin, 0.0, method="complex")
        1.0
    """
    if method not in METHODS:
        raise ValueError(f"method is one of {', '.join(map(repr, METHODS))}, not {method!r}")
    if isinstance(x, tuple):
        return tuple(derivative(_fix(f, x, k), x[k], method, step) for k in range(len(x)))
    point = _real(x, "x")
    if step is not None and not (np.all(np.asarray(step) > 0) and np.all(np.isfinite(step))):
        raise ValueError(f"a step is a positive number, not {step}")
    if method == "complex":
        return _plain(_complex_step(f, point, step))
    return _plain(_difference(f, point, method, step))


def _fix(f: Callable[..., Any], arguments: tuple[Any, ...], k: int) -> Callable[[Any], Any]:
    """F as a function of its argument number k, the others held."""
    return lambda value: f(*arguments[:k], value, *arguments[k + 1 :])


def _difference(f: Callable[[Any], Any], x: Array, method: Method, step: ArrayLike | None) -> Array:
    value = _real(_evaluate(f, x), "the value of f")
    epsilon = max(np.finfo(x.dtype).eps, np.finfo(value.dtype).eps)
    h = _steps(x, epsilon ** (1 / 2 if method == "forward" else 1 / 3), step)
    result = np.empty((*value.shape, x.size), np.result_type(x, value))
    for i in range(x.size):
        after, ahead = _moved(f, x, i, h.flat[i])
        before, behind = (value, x.flat[i]) if method == "forward" else _moved(f, x, i, -h.flat[i])
        made = ahead - behind
        result[..., i] = (after - before) / (made if made != 0 else h.flat[i])
    return result.reshape(value.shape + x.shape)


def _moved(f: Callable[[Any], Any], x: Array, i: int, step: Any) -> tuple[Array, Any]:
    """F's value with entry i of x moved by `step`, and where that entry came to lie."""
    moved = x.copy()
    moved.flat[i] += step
    return _evaluate(f, moved), moved.flat[i]


def _complex_step(f: Callable[[Any], Any], x: Array, step: ArrayLike | None) -> Array:
    h = _steps(x, COMPLEX_STEP, step)
    columns = []
    for i in range(x.size):
        moved = x.astype(np.result_type(x, np.complex64))
        moved.flat[i] += 1j * h.flat[i]
        try:
            value = _evaluate(f, moved)
        except TypeError as error:
            raise TypeError(
                "the complex step calls f with a complex number, which it doesn't take. Write f with NumPy's functions "
                "(np.sin, not math.sin), or use method='central'."
            ) from error
        if value.dtype.kind != "c" and np.any(_difference(f, x, "central", None)):
            raise ValueError(
                "the complex step needs an analytic f, and this one drops the imaginary part (as abs and np.real do). "
                "Use method='central'."
            )
        columns.append(np.imag(value) / h.flat[i])
    if not columns:
        return np.empty(_evaluate(f, x).shape + x.shape, x.dtype)
    return np.stack(columns, axis=-1).reshape(columns[0].shape + x.shape)


def _steps(x: Array, relative: float, step: ArrayLike | None) -> Array:
    """One step for each entry of x, in its dtype."""
    scaled = relative * np.maximum(1, np.abs(x)) if step is None else np.asarray(step)
    return np.broadcast_to(scaled.astype(x.dtype), x.shape)


def _real(value: Any, name: str) -> Array:
    """A real floating-point array, of at least the precision it had."""
    array = np.asarray(value)
    if array.dtype.kind in "biu":
        return array.astype(np.float64)
    if array.dtype.kind != "f":
        raise TypeError(f"{name} must be real numbers, not {array.dtype}")
    return array


def _evaluate(f: Callable[[Any], Any], x: Array) -> Array:
    """F's value at a copy of x, so that f may write into its argument."""
    return np.asarray(f(_plain(x.copy())))


def _plain(array: Array) -> Any:
    """The array, or the number in an array without axes: Python's own where it has the precision."""
    if array.shape:
        return array
    return array.item() if array.dtype in (np.float64, np.complex128) else array[()]


# The V --------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ErrorCurve:
    """How the error of numeric derivatives depends on the step.

    Attributes:
        steps: the steps, the largest first.
        exact: what the derivatives are compared with.
        absolute: for each method an array with one error for each step: the largest |derivative − exact| of all
            entries.
        relative: the same, divided by the largest |exact| (the same as absolute where the derivative is 0).
    """

    steps: NDArray[np.float64]
    exact: Any
    absolute: dict[str, NDArray[np.float64]]
    relative: dict[str, NDArray[np.float64]]

    def best(self, method: Method) -> tuple[float, float]:
        """The step with the smallest relative error (the largest such step), and that error."""
        i = int(np.nanargmin(self.relative[method]))
        return float(self.steps[i]), float(self.relative[method][i])

    def text(self) -> str:
        """The relative errors as a table, and the best step of each method."""
        header = f"{'step':>7}" + "".join(f"{method:>10}" for method in self.relative)
        rows = [
            f"{step:7.0e}" + "".join(f"{errors[i]:10.0e}" for errors in self.relative.values())
            for i, step in enumerate(self.steps)
        ]
        best = [
            f"{method}: best {error:.0e} at step {step:.0e}"
            for method in METHODS
            if method in self.relative
            for step, error in [self.best(method)]
        ]
        return "\n".join(["relative error of the derivative", header, *rows, "", *best])

    def __repr__(self) -> str:
        return f"<ErrorCurve of {', '.join(self.relative)} at {len(self.steps)} steps>"


def error_curve(
    f: Callable[..., Any],
    x: Any,
    methods: Sequence[Method] = METHODS,
    steps: ArrayLike | None = None,
    exact: Any = None,
) -> ErrorCurve:
    """Measure the error of each method at each step: the V that truncation and rounding make together.

    From the right, the error of forward differences falls with h and that of central differences with h², until
    rounding, which grows as 1/h, takes over. The complex step's error falls with h² and stays down.

    Args:
        f: the function, as for `derivative`.
        x: where, as for `derivative`.
        methods: which of "forward", "central" and "complex". Leave "complex" out where f is not analytic.
        steps: the steps to try; by default 1, 0.1, … 1e-20.
        exact: the derivative to compare with; by default that of automatic differentiation.

    Raises:
        ValueError: as `derivative` does.
        TypeError: as `derivative` does.
    """
    tried = np.sort(np.ravel(np.asarray(10.0 ** -np.arange(21) if steps is None else steps, np.float64)))[::-1]
    if exact is None:
        exact = _automatic(f, x)
    truth = _flat(exact)
    size = np.max(np.abs(truth), initial=0)
    absolute: dict[str, NDArray[np.float64]] = {}
    with np.errstate(all="ignore"):
        for method in methods:
            errors = [np.max(np.abs(_flat(derivative(f, x, method, h)) - truth), initial=0) for h in tried]
            absolute[method] = np.array(errors, np.float64)
    relative = {method: errors / (size or 1) for method, errors in absolute.items()}
    return ErrorCurve(tried, exact, absolute, relative)


def _flat(values: Any) -> NDArray[np.float64]:
    """All entries of a derivative, or of a tuple of them, in one row."""
    parts = values if isinstance(values, tuple) else (values,)
    return np.concatenate([np.ravel(np.asarray(part, np.float64)) for part in parts])


def _automatic(f: Callable[..., Any], x: Any) -> Any:
    from .autodiff import jacobian

    if isinstance(x, tuple):
        return tuple(jacobian(_fix(f, x, k))(x[k]) for k in range(len(x)))
    return jacobian(f)(x)
