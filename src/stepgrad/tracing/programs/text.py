"""Terms as Python text: NumPy's names and operators where it has them, else named objects in a namespace."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np

from ...autodiff.linear_maps import (
    Constant,
    Copy,
    Cumulative,
    Fold,
    Identity,
    LinearMap,
    Permutation,
    Product,
    Reshape,
    Scaling,
    Scatter,
    Selection,
    Sum,
    Windows,
    Zero,
)
from ...autodiff.primitive import Comparison, Elementwise, General, Linear
from .surroundings import Names, Surroundings
from .terms import Operation, Term

# How tightly Python's operators bind, from a comparison to an atom.
COMPARISON, SUM, PRODUCT, NEGATIVE, POWER, ATOM = range(6)

# name: (operator, its level, least level of the left part, least level of the right part)
_INFIX = {
    "add": ("+", SUM, SUM, PRODUCT),
    "subtract": ("-", SUM, SUM, PRODUCT),
    "multiply": ("*", PRODUCT, PRODUCT, NEGATIVE),
    "divide": ("/", PRODUCT, PRODUCT, NEGATIVE),
    "remainder": ("%", PRODUCT, PRODUCT, NEGATIVE),
    "matmul": ("@", PRODUCT, PRODUCT, NEGATIVE),
    "power": ("**", POWER, ATOM, POWER),
    "greater": (">", COMPARISON, SUM, SUM),
    "greater_equal": (">=", COMPARISON, SUM, SUM),
    "less": ("<", COMPARISON, SUM, SUM),
    "less_equal": ("<=", COMPARISON, SUM, SUM),
    "equal": ("==", COMPARISON, SUM, SUM),
    "not_equal": ("!=", COMPARISON, SUM, SUM),
}

SCATTER = '''def scatter(values, index, shape):
    """Zeros of a shape, with values added at an index."""
    out = np.zeros(shape, np.result_type(values))
    np.add.at(out, index, values)
    return out
'''


class Written(NamedTuple):
    """An expression, and how tightly its outermost operator binds."""

    text: str
    level: int = ATOM


class Writer(Surroundings):
    """Writes terms.

    Attributes:
        bound: the names of the terms that have been computed already.
        helpers: definitions of functions that the text calls.
    """

    def __init__(self, names: Names) -> None:
        super().__init__(names)
        self.bound: dict[Term, str] = {}
        self.helpers: list[str] = []

    # Terms ----------------------------------------------------------------------------------------------------------
    def text(self, term: Term, least: int = COMPARISON) -> str:
        """A term, in parentheses where it binds less tightly than `least`."""
        written = self._written(term)
        return written.text if written.level >= least else f"({written.text})"

    def _written(self, term: Term) -> Written:
        name = self.bound.get(term, term.name)
        if name is not None:
            return Written(name)
        return self.constant(term.constant) if term.operation is None else self.operation(term)

    def operation(self, term: Term) -> Written:
        """An operation by its parts, also where the term has a name already."""
        operation = term.operation
        if isinstance(operation, Operation):
            return self._of_map(operation, term)
        if isinstance(operation, (Elementwise, Comparison)):
            return self.elementwise(term)
        if isinstance(operation, Linear):
            return self.map(term.parameters["map"], self._written(term.parts[0]))
        return self.general(term)

    def infix(self, name: str, parts: Iterable[Term]) -> Written:
        """Two parts and an operator between them."""
        left, right = parts
        operator, level, least_left, least_right = _INFIX[name]
        return Written(f"{self.text(left, least_left)} {operator} {self.text(right, least_right)}", level)

    def call(self, function: str, *arguments: str, **keywords: Any) -> Written:
        """A function call; keywords are written as literals."""
        given = [*arguments, *(f"{key}={self.literal(value)}" for key, value in keywords.items())]
        return Written(f"{function}({', '.join(given)})")

    def elementwise(self, term: Term) -> Written:
        """A primitive that works entry by entry."""
        operation, parts = term.operation, term.parts
        assert operation is not None
        if operation.name in _INFIX:
            return self.infix(operation.name, parts)
        arguments = [self.text(part) for part in parts]
        match operation.name:
            case "negative":
                return Written(f"-{self.text(parts[0], POWER)}", NEGATIVE)
            case "positive":
                return Written(f"+{self.text(parts[0], POWER)}", NEGATIVE)
            case "absolute":
                return self.call("np.abs", *arguments)
            case "clip":
                return self.call("np.minimum", f"np.maximum({arguments[0]}, {arguments[1]})", arguments[2])
        if isinstance(getattr(operation, "ufunc", None), np.ufunc) or operation.name in ("round", "where"):
            return self.call(f"np.{operation.name}", *arguments)
        return self.call(self.object(operation, operation.name), *arguments)

    def general(self, term: Term) -> Written:
        """Any other primitive: NumPy's function where there is one."""
        operation, parts, given = term.operation, term.parts, term.parameters
        assert isinstance(operation, General)
        if "map" in given:
            return self.map(given["map"], self._written(parts[0]))
        if operation.name in _INFIX:
            return self.infix(operation.name, parts)
        arguments = [self.text(part) for part in parts]
        axis = self._axis(given["axes"], parts[0]) if "axes" in given else {}
        if given.get("keepdims"):
            axis["keepdims"] = True
        match operation.name:
            case "einsum":
                subscripts = repr(f"{','.join(given['inputs'])}->{given['output']}")
                return self.call("np.einsum", subscripts, *arguments, optimize=len(parts) > 1)
            case "concatenate" | "stack":
                comma = "," if len(parts) == 1 else ""
                return self.call(f"np.{operation.name}", f"({', '.join(arguments)}{comma})", axis=given["axis"])
            case "prod":
                return self.call("np.prod", *arguments, **axis)
            case "var" | "std":
                return self.call(f"np.{operation.name}", *arguments, **axis, ddof=given["ddof"])
            case "norm":
                return self.call("np.sqrt", self.call("np.sum", f"np.square({arguments[0]})", **axis).text)
            case "p_norm":
                powers = f"np.power(np.abs({arguments[0]}), {given['p']})"
                return self.call("np.power", self.call("np.sum", powers, **axis).text, f"1.0 / {given['p']}")
            case "logsumexp":
                return self.call(self.object(operation, "logsumexp"), *arguments, **axis)
            case "linear":
                product = f"{self.text(parts[0], PRODUCT)} @ {self.text(parts[1], ATOM)}.T"
                if len(parts) == 2:
                    return Written(product, PRODUCT)
                return Written(f"{product} + {self.text(parts[2], PRODUCT)}", SUM)
            case "conv2d":
                return self.call(self.object(operation, "conv2d"), *arguments, **_of_layer(given["layout"]))
            case "conv2d_input_grad" | "conv2d_weight_grad":
                layout = given["layout"]
                shape = self.literal(layout.images if operation.name == "conv2d_input_grad" else layout.kernels)
                return self.call(self.object(operation, operation.name), *arguments, shape, **_of_layer(layout))
            case "softmax_cross_entropy":
                assert parts[0].kind is not None
                labels = given["labels"].reshape(parts[0].kind.shape[:-1])
                return self.call(self.object(operation, operation.name), *arguments, self.array(labels))
        return self.call(self.object(operation, operation.name), *arguments, **given)

    def _of_map(self, operation: Operation, term: Term) -> Written:
        """A local Jacobian that is made, applied or transposed and applied."""
        if operation.name == "zeros":
            return self.call(
                "np.zeros", self.literal(term.parameters["shape"]), **self._dtype(term.parameters["dtype"])
            )
        parts = [
            self.text(part, ATOM if i == 0 and operation.maker is None else COMPARISON)
            for i, part in enumerate(term.parts)
        ]
        if operation.name == "nowhere_zero":
            return self.call("np.all", f"{self.text(term.parts[0], SUM)} != 0")
        if operation.name.startswith("np."):
            return self.call(operation.name, *parts)
        if operation.maker is not None:
            return self.call(self.object(operation.maker, operation.name), *parts, **term.parameters)
        return Written(f"{parts[0]}.{'apply' if operation.name == 'apply' else 'T.apply'}({parts[1]})")

    @staticmethod
    def _dtype(dtype: np.dtype[Any]) -> dict[str, Any]:
        """The keyword `dtype=`; none where it is float64."""
        return {} if dtype == np.float64 else {"dtype": dtype.type}

    @staticmethod
    def _axis(axes: tuple[int, ...], x: Term) -> dict[str, Any]:
        """The keyword `axis=`; none where it is all axes."""
        assert x.kind is not None
        if axes == tuple(range(len(x.kind.shape))):
            return {}
        return {"axis": axes[0] if len(axes) == 1 else axes}

    # Maps -----------------------------------------------------------------------------------------------------------
    def map(self, local: LinearMap, x: Written) -> Written:
        """A linear map applied to x."""
        inside = x.text
        if local.recipe is not None:
            function = local.recipe.function
            name = function if function.startswith("np.") else self.object(function, function)
            return self.call(name, inside, **local.recipe.given)
        match local:
            case Product():
                for factor in reversed(local.factors):
                    x = self.map(factor, x)
                return x
            case Identity():
                return x
            case Zero():
                return self.call("np.zeros", self.literal(local.out_shape)) if local.out_shape else Written("0.0")
            case Scaling():
                return Written(f"{_fenced(x, PRODUCT)} * {local.factor!r}", PRODUCT)
            case Sum():
                return self._added("np.mean" if local.name == "mean" else "np.sum", local, inside)
            case Copy():
                return self._copied(local, inside)
            case Reshape():
                return self.call("np.reshape", inside, self.literal(local.out_shape))
            case Permutation():
                return self._transposed(local, x)
            case Selection() if len(target := _shape_of(local.in_shape, local.index)) >= 0:
                array = _fenced(x, ATOM) if local.in_shape else f"np.asarray({inside})"  # a float takes no index
                picked = f"{array}[{self.index(local.index)}]"
                if target == local.out_shape:
                    return Written(picked)
                return self.call("np.reshape", picked, self.literal(local.out_shape))
            case Scatter():
                return self.scattered(local, inside)
            case Cumulative():
                if not local.backward:
                    return self.call("np.cumsum", inside, axis=local.axis)
                turned = f"np.cumsum(np.flip({inside}, {local.axis}), axis={local.axis})"
                return self.call("np.flip", turned, str(local.axis))
            case Windows():
                return self.windows(local, inside)
            case Fold():
                given = [local.out_shape, local.size, local.stride, local.dilation]
                return Written(f"{self.object(Fold, 'Fold')}({', '.join(map(self.literal, given))}).apply({inside})")
            case Constant(name="astype"):
                dtype = f"np.{np.dtype(local.after).name}"  # type: ignore[attr-defined]
                return Written(f"{_fenced(x, ATOM)}.astype({dtype})" if local.in_shape else f"{dtype}({inside})")
        return Written(f"{self.object(local, 'linear_map')}.apply({inside})")

    def _added(self, function: str, local: Sum, inside: str) -> Written:
        ones = tuple(1 if i in local.axes else n for i, n in enumerate(local.in_shape))
        gone = tuple(n for i, n in enumerate(local.in_shape) if i not in local.axes)
        keywords: dict[str, Any] = {}
        if len(local.axes) < len(local.in_shape) or not local.axes:
            keywords["axis"] = local.axes[0] if len(local.axes) == 1 else local.axes
        if local.out_shape == ones != gone:
            keywords["keepdims"] = True
        summed = self.call(function, inside, **keywords)
        if local.out_shape in (ones, gone):
            return summed
        return self.call("np.reshape", summed.text, self.literal(local.out_shape))

    def _copied(self, local: Copy, inside: str) -> Written:
        thin = tuple(1 if i in local.axes else n for i, n in enumerate(local.out_shape))
        extra = len(local.out_shape) - len(local.in_shape)
        if local.in_shape and thin[extra:] != local.in_shape:
            inside = f"np.reshape({inside}, {self.literal(thin)})"
        return self.call("np.broadcast_to", inside, self.literal(local.out_shape))

    def _transposed(self, local: Permutation, x: Written) -> Written:
        count = len(local.axes)
        if local.axes == tuple(range(count)):
            return x
        if local.axes == tuple(range(count))[::-1]:
            return Written(f"{_fenced(x, ATOM)}.T")
        moved = [i for i, axis in enumerate(local.axes) if i != axis]
        if len(moved) == 2:
            return self.call("np.swapaxes", x.text, *(str(i - count) for i in moved))
        return self.call("np.transpose", x.text, self.literal(local.axes))

    def windows(self, local: Windows, inside: str) -> Written:
        """The windows of an image."""
        reach = tuple(d * (k - 1) + 1 for k, d in zip(local.size, local.dilation, strict=True))
        seen = self.call(self.object(Windows, "sliding_window_view"), inside, self.literal(reach), axis=(-2, -1))
        steps = (*local.stride, *local.dilation)
        if set(steps) == {1}:
            return seen
        return Written(f"{seen.text}[..., {', '.join(f'::{step}' for step in steps)}]")

    def scattered(self, local: Scatter, inside: str) -> Written:
        """Values put into zeros."""
        index = local.index if isinstance(local.index, tuple) else (local.index,)
        target = _shape_of(local.out_shape, local.index)
        if target != local.in_shape:
            inside = f"np.reshape({inside}, {self.literal(target)})"
        widths = _pad_widths(index, local.out_shape)
        if widths is not None:
            return self.call("np.pad", inside, self.literal(widths)) if widths else Written(inside, COMPARISON)
        if SCATTER not in self.helpers:
            self.helpers.append(SCATTER)
        return self.call("scatter", inside, f"np.s_[{self.index(local.index)}]", self.literal(local.out_shape))

    # Constants --------------------------------------------------------------------------------------------------------
    def constant(self, value: Any) -> Written:
        """A number or an array."""
        if type(value) in (float, bool):
            text = self.literal(value)
            return Written(text, NEGATIVE if text.startswith("-") else ATOM)
        if isinstance(value, np.generic) and np.isfinite(value):
            return Written(f"np.{value.dtype.name}({value.item()!r})")
        return Written(self.array(value))


def _of_layer(layout: Any) -> dict[str, Any]:
    """The keywords of a convolutional layer that aren't as usual."""
    given = {
        "stride": layout.stride,
        "padding": layout.before,
        "dilation": layout.dilation,
        "groups": layout.groups,
    }
    usual = {"stride": (1, 1), "padding": (0, 0), "dilation": (1, 1), "groups": 1}
    return {name: value for name, value in given.items() if value != usual[name]}


def _fenced(x: Written, least: int) -> str:
    return x.text if x.level >= least else f"({x.text})"


def _shape_of(shape: tuple[int, ...], index: Any) -> tuple[int, ...]:
    """The shape of x[index] for an x of a shape."""
    picked: tuple[int, ...] = np.broadcast_to(np.int8(0), shape)[index].shape
    return picked


def _pad_widths(index: tuple[Any, ...], shape: tuple[int, ...]) -> tuple[tuple[int, int], ...] | None:
    """How much `numpy.pad` has to add on each side, where the index is one run of places along each axis."""
    if Ellipsis in [part for part in index if not isinstance(part, np.ndarray)]:
        place = next(i for i, part in enumerate(index) if part is Ellipsis)
        index = (*index[:place], *[slice(None)] * (len(shape) - len(index) + 1), *index[place + 1 :])
    index = (*index, *[slice(None)] * (len(shape) - len(index)))
    if len(index) != len(shape) or not all(isinstance(part, slice) for part in index):
        return None
    runs = [part.indices(n) for part, n in zip(index, shape, strict=True)]
    if any(step != 1 or stop < start for start, stop, step in runs):
        return None
    return tuple((start, n - stop) for (start, stop, _), n in zip(runs, shape, strict=True))
