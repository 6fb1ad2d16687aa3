"""The layers that JacobianInspector's picker offers: each a function at a point, of a size and a batch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from .. import nn
from ..documents.jacobian import Side
from ..expressions import expression

LARGEST = 2**20
"""The most rows or columns of a Jacobian that can be looked into."""

Array = np.ndarray[Any, Any]


class Problem(NamedTuple):
    """What to take the Jacobian of, and how to speak of it.

    Attributes:
        function: of one array.
        point: the array.
        rows, columns: what the Jacobian's rows and columns are.
        formula: its structure as LaTeX.
        notes: sentences on entries: "zero" and "nonzero", for those of a factor of truth values.
    """

    function: Callable[[Any], Any]
    point: Array
    rows: Side
    columns: Side
    formula: str
    notes: dict[str, str] = {}  # noqa: RUF012 - a NamedTuple's default


class Layer(NamedTuple):
    """A layer of the picker.

    Attributes:
        name, title: how programs and people call it.
        shape: the Jacobian's shape for a size and a batch, told without making anything.
        make: the problem for a size and a batch.
        small: an example with at most 8 rows and columns.
        default: a size and a batch to begin with.
        least: the smallest size.
        counts: what the size is.
    """

    name: str
    title: str
    shape: Callable[[int, int], tuple[int, int]]
    make: Callable[[int, int], Problem]
    small: Callable[[], Problem]
    default: tuple[int, int]
    least: int = 1
    counts: str = "units"


UNITS = ("sample", "unit")
MAPS = ("sample", "map", "row", "column")
IMAGES = ("sample", "channel", "row", "column")
GATES = {
    "zero": "x is not above 0 here, so the gate is closed: no gradient passes.",
    "nonzero": "x is above 0 here, so the gate is open: the gradient passes unchanged.",
}


def _random(*shape: int) -> Array:
    """Numbers of a normal distribution: the same for a shape, always."""
    return np.random.default_rng(shape).normal(size=shape)


def _weights(outputs: int, inputs: int) -> Array:
    """Weights as He and others (2015) begin with them, 1 / sqrt of half the inputs."""
    return _random(outputs, inputs) * np.sqrt(2 / inputs)


def _relu(size: int, batch: int) -> Problem:
    formula = r"\operatorname{diag}(1[x > 0])"
    return Problem(nn.relu, _random(batch, size), Side("h", UNITS), Side("x", UNITS), formula, GATES)


def _open_gates() -> Problem:
    """Which gates are closed nobody can foretell: in the example all are open."""
    return _relu(8, 1)._replace(point=np.abs(_random(1, 8)))


def _by_inputs(size: int, batch: int) -> Problem:
    W = _weights(size, size)
    formula = "W" if batch == 1 else rf"I_{{{batch}}} \otimes W"
    return Problem(lambda x: nn.linear(x, W), _random(batch, size), Side("h", UNITS), Side("x", UNITS), formula)


def _by_weights(size: int, batch: int) -> Problem:
    x = _random(batch, size)
    columns = Side("W", ("output", "input"))
    formula = rf"I_{{{size}}} \otimes x^\top" if batch == 1 else r"x \;\text{in every unit's block}"
    return Problem(lambda W: nn.linear(x, W), _weights(size, size), Side("h", UNITS), columns, formula)


def _by_biases(size: int, batch: int) -> Problem:
    x, W = _random(batch, size), _weights(size, size)
    formula = "I" if batch == 1 else r"1 \otimes I"
    return Problem(lambda b: nn.linear(x, W, b), _random(size), Side("h", UNITS), Side("b", ("unit",)), formula)


def _chain(size: int, batch: int) -> Problem:
    one, two = _weights(size, size), _random(size, size) * np.sqrt(2 / size)

    def function(x: Any) -> Any:
        return nn.linear(nn.relu(nn.linear(x, one)), two)

    formula = r"W_2 \, \operatorname{diag}(1[h > 0]) \, W_1"
    return Problem(function, _random(batch, size), Side("y", UNITS), Side("x", UNITS), formula)


def _softmax(size: int, batch: int) -> Problem:
    formula = r"\operatorname{diag}(s) - s s^\top"
    return Problem(nn.softmax, _random(batch, size), Side("s", UNITS), Side("x", UNITS), formula)


def _conv(size: int, batch: int) -> Problem:
    """Six filters of 5 × 5 × 3, as in the lecture, over images of three channels."""
    return _convolution(_random(batch, 3, size, size), _random(6, 3, 5, 5) * np.sqrt(2 / 75))


def _convolution(images: Array, K: Array) -> Problem:
    formula = r"\text{Toeplitz blocks of } K"
    return Problem(lambda x: nn.conv2d(x, K), images, Side("y", MAPS), Side("x", IMAGES), formula)


def _max_pool(size: int, batch: int) -> Problem:
    return _pooling(_random(batch, 6, size, size))


def _pooling(images: Array) -> Problem:
    notes = {"nonzero": "This entry is the largest of its window, so the gradient goes to it alone."}
    formula = r"\text{one } 1 \text{ in each row}"
    return Problem(lambda x: nn.max_pool2d(x, 2), images, Side("y", MAPS), Side("x", IMAGES), formula, notes)


def _square(size: int, batch: int) -> tuple[int, int]:
    return size * batch, size * batch


LAYERS = {
    layer.name: layer
    for layer in (
        Layer("relu", "ReLU", _square, _relu, _open_gates, (4096, 100)),
        Layer("fc_x", "FC ∂h/∂x", _square, _by_inputs, lambda: _by_inputs(4, 2), (64, 16)),
        Layer("fc_w", "FC ∂h/∂W", lambda n, b: (n * b, n * n), _by_weights, lambda: _by_weights(2, 2), (64, 4)),
        Layer("fc_b", "FC ∂h/∂b", lambda n, b: (n * b, n), _by_biases, lambda: _by_biases(4, 2), (64, 16)),
        Layer("fc_relu_fc", "FC·ReLU·FC", _square, _chain, lambda: _chain(4, 2), (64, 16)),
        Layer("softmax", "softmax", _square, _softmax, lambda: _softmax(4, 2), (10, 32)),
        Layer(
            "conv",
            "conv",
            lambda n, b: (6 * b * (n - 4) ** 2, 3 * b * n**2),
            _conv,
            lambda: _convolution(_random(1, 1, 2, 4), _random(1, 1, 1, 2)),
            (32, 1),
            least=5,
            counts="pixels a side",
        ),
        Layer(
            "max_pool",
            "max-pool",
            lambda n, b: (6 * b * (n // 2) ** 2, 6 * b * n**2),
            _max_pool,
            lambda: _pooling(_random(1, 1, 2, 4)),
            (28, 1),
            least=2,
            counts="pixels a side",
        ),
    )
}


def problem(name: str, size: int, batch: int, text: str = "") -> Problem:
    """The problem that a layer poses, or the function of x that a text is, entry by entry.

    Raises:
        ValueError: there is no such layer; or its Jacobian would have more rows or columns than can be looked into.
        ExpressionError: the text can't be read.
    """
    least = LAYERS[name].least if name in LAYERS else 1
    if size < least or batch < 1:
        counts = LAYERS[name].counts if name in LAYERS else "units"
        raise ValueError(f"this layer has at least {least} {counts} and one sample; got {size:,} and {batch:,}")
    if name == "expression":
        return _of_text(text, size, batch)
    if name not in LAYERS:
        raise ValueError(f"there is no layer {name!r}; there are {', '.join(LAYERS)} and expression")
    _refuse_large(*LAYERS[name].shape(size, batch))
    return LAYERS[name].make(size, batch)


def _of_text(text: str, size: int, batch: int) -> Problem:
    function = expression(text)
    if len(function.variables) != 1:
        raise ValueError(
            f"give a function of one variable, which stands for the array: {text!r} has "
            f"{', '.join(function.variables) or 'none'}"
        )
    _refuse_large(size * batch, size * batch)
    (variable,) = function.variables
    return Problem(function, _random(batch, size), Side("y", UNITS), Side(variable, UNITS), "")


def _refuse_large(rows: int, columns: int) -> None:
    if max(rows, columns) > LARGEST:
        raise ValueError(
            f"this Jacobian would be {rows:,} × {columns:,}, and the inspector goes up to {LARGEST:,} rows and "
            "columns: take fewer units or samples"
        )


def pattern_of(matrix: Any) -> list[list[int]]:
    """Where a small matrix has entries that are not zero."""
    return [[int(entry != 0) for entry in row] for row in np.asarray(matrix)]


__all__ = ["LARGEST", "LAYERS", "Problem", "pattern_of", "problem"]
