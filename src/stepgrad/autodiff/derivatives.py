"""The derivatives of a Python function: grad, jvp, vjp, jacobian, hessian and their kin.

Each one records the function once (`Linearization`) and asks the two sweeps. All of them nest, since the sweeps are
written in operations that an outer differentiation traces. Arguments and outputs may be tuples, lists and dictionaries
of arrays.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from operator import itemgetter
from typing import Any

import numpy as np

from .sweeps import forward_order, forward_sweep, gradients, like, ones_like, own, reverse_sweep, seed_like, zeros_like
from .tensor import Level, Tensor, as_value, dtype_of, leaf, raw, shape_of
from .trees import Rebuild, flatten, leaves_like, tree_map

Function = Callable[..., Any]


class Linearization:
    """A function at a point: its output, and both sweeps through the graph that led there.

    Attributes:
        values: the outputs' values, as the surrounding code sees them.
        build_inputs, build_outputs: put a list of leaves into the structure of the arguments, or of the output.
    """

    __slots__ = ("_steps", "build_inputs", "build_outputs", "inputs", "level", "nodes", "outputs", "values")

    def __init__(self, f: Function, primals: tuple[Any, ...]) -> None:
        leaves, self.build_inputs = flatten(primals)
        self.level = level = Level()
        self.inputs = inputs = [leaf(v if type(v) is float else as_value(v), level) for v in leaves]
        self.nodes = level.nodes = []
        try:
            output = f(*self.build_inputs(inputs))
        finally:
            # its nodes know the level: a circle, which would keep their arrays until it is collected
            level.nodes = None
        if type(output) is Tensor and output.level is level:  # the usual case, at once
            self.build_outputs: Rebuild = itemgetter(0)
            self.outputs, self.values = [output], [output.value]
        else:
            outputs, self.build_outputs = flatten(output)
            self.outputs = [as_output(y, level) for y in outputs]
            self.values = [y.value if self._depends(y) else y for y in self.outputs]
        self._steps: list[tuple[Tensor, list[int]]] | None = None

    def _depends(self, output: Any) -> bool:
        return type(output) is Tensor and output.level is self.level

    def scalar(self, name: str) -> Any:
        """The value of the one scalar output.

        Raises:
            ValueError: there are several outputs, or one that is an array; it says that `name` needs a scalar.
        """
        if len(self.values) != 1 or shape_of(self.values[0]) != ():
            shapes = [shape_of(y) for y in self.values]
            several = f"{len(shapes)} outputs" if shapes else "None (is its return missing?)"
            what = f"shape {shapes[0]}" if len(shapes) == 1 else several
            raise ValueError(
                f"{name} needs a function with one scalar output; this one gave {what}. See jacobian, "
                "or vjp with a seed"
            )
        return self.values[0]

    def push(self, tangents: Sequence[Any]) -> list[Any]:
        """Tangents of the outputs: one forward sweep."""
        if self._steps is None:
            self._steps = forward_order([y for y in self.outputs if self._depends(y)])
        found = {x.time: t for x, t in zip(self.inputs, tangents, strict=True) if t is not None}
        forward_sweep(self._steps, found)
        held = {id(t) for t in tangents}
        return [
            own(found[y.time], value, held) if self._depends(y) and y.time in found else _no_tangent(value)
            for y, value in zip(self.outputs, self.values, strict=True)
        ]

    def pull(self, cotangents: Sequence[Any]) -> list[Any]:
        """Adjoints of the inputs: one reverse sweep."""
        adjoints: dict[int, Any] = {}
        for i, y in enumerate(self.outputs):
            u = cotangents[i]
            if u is not None and self._depends(y):
                adjoints[y.time] = adjoints[y.time] + u if y.time in adjoints else u
        reverse_sweep(self.nodes, adjoints)
        return gradients(self.inputs, adjoints, cotangents)


def as_output(value: Any, level: Level) -> Any:
    """What a differentiated function may return: a Tensor, or a real number or array, which is a constant then.

    Raises:
        TypeError: something that could hide a Tensor from the sweeps, or a Tensor that an inner differentiation left
            behind; a derivative through it would be lost.
    """
    if type(value) is Tensor:
        if value.level.order > level.order:
            raise TypeError(
                "the function returned a Tensor that a differentiation inside it left behind: its derivative would be "
                "lost. Return what grad, jvp or vjp gave, not what the inner function stored elsewhere"
            )
        return value
    if isinstance(value, (float, int, np.bool_)):
        return float(value)
    array = np.asarray(value)
    if array.dtype.kind not in "fiub":
        raise TypeError(
            f"the function returned a {type(value).__name__} ({array.dtype}), through which no derivative flows: "
            "return real numbers, arrays, Tensors, or tuples, lists and dictionaries of these. np.stack makes one "
            "Tensor of several"
        )
    return array if isinstance(value, np.ndarray) else array[()]


def _no_tangent(value: Any) -> Any:
    """The tangent of an output that depends on no input: zeros, in float64 for an array of integers."""
    return zeros_like(value) if dtype_of(value).kind == "f" else np.zeros(shape_of(value))


class Arguments:
    """The arguments of a function to differentiate by, as `argnums` names them."""

    def __init__(self, argnums: int | Sequence[int]) -> None:
        self.single = isinstance(argnums, (int, np.integer))
        self.numbers = [int(argnums)] if self.single else [int(i) for i in argnums]  # type: ignore[arg-type, union-attr]
        leading = self.numbers == list(range(len(self.numbers)))
        # how many arguments there must be for these to be all of them
        self.all_of = len(self.numbers) if leading else None

    def restrict(
        self, f: Function, args: tuple[Any, ...], keywords: dict[str, Any]
    ) -> tuple[Function, tuple[Any, ...]]:
        """The function of these arguments alone, and their values.

        Raises:
            ValueError: there is no such argument, or one is named twice.
        """
        if len(args) == self.all_of and not keywords:
            return f, args
        for i in self.numbers:
            if not -len(args) <= i < len(args):
                raise ValueError(f"argnums names argument {i}, and the function was called with {len(args)}")
        places = [i % len(args) for i in self.numbers]
        if len(set(places)) < len(places):
            raise ValueError(f"argnums names an argument twice: {tuple(self.numbers)}")

        def restricted(*values: Any) -> Any:
            full = list(args)
            for place, value in zip(places, values, strict=True):
                full[place] = value
            return f(*full, **keywords)

        return restricted, tuple(args[i] for i in places)


def _named(derived: Function, f: Function, what: str) -> Function:
    derived.__name__ = f"{what}_of_{getattr(f, '__name__', 'f')}"
    derived.__doc__ = f"The {what.replace('_', ' ')} of {getattr(f, '__name__', 'f')}."
    return derived


def value_and_grad(f: Function, argnums: int | Sequence[int] = 0) -> Function:
    """The function that gives (f(*args), gradient) by one reverse sweep.

    Args:
        f: a function with one scalar output, written in ordinary NumPy.
        argnums: the argument to differentiate by, or several of them (then the gradient is a tuple).

    Returns:
        g(*args, **kwargs) → (value, gradient); the gradient has the structure, shapes and dtypes of the argument.

    Raises:
        ValueError: the output is not one scalar, or argnums names no argument.
        TypeError: an argument is not real floating-point, or f uses a function that has no rule.
    """
    chosen = Arguments(argnums)

    def g(*args: Any, **keywords: Any) -> Any:
        return _value_and_gradient(f, chosen, args, keywords)

    return _named(g, f, "value_and_gradient")


def grad(f: Function, argnums: int | Sequence[int] = 0) -> Function:
    """The gradient of a scalar function, in the structure, shapes and dtypes of the argument. See `value_and_grad`."""
    chosen = Arguments(argnums)

    def g(*args: Any, **keywords: Any) -> Any:
        return _value_and_gradient(f, chosen, args, keywords)[1]

    return _named(g, f, "gradient")


def _value_and_gradient(f: Function, chosen: Arguments, args: tuple[Any, ...], keywords: dict[str, Any]) -> Any:
    """The value of f(*args, **keywords), and its gradient by the chosen arguments."""
    linear = Linearization(*chosen.restrict(f, args, keywords))
    value = linear.scalar("a gradient")
    gradient = linear.build_inputs(linear.pull([ones_like(value)]))
    return value, gradient[0] if chosen.single else gradient


def _own_copy(value: Any) -> Any:
    return value.copy() if isinstance(value, np.ndarray) else value


def _matched(given: Any, pattern: Any, values: Sequence[Any], what: str, owner: str) -> list[Any]:
    """Tangents or cotangents, checked against the values that they belong to, in their dtypes.

    Args:
        given: the tangents or cotangents, in the structure of `pattern`.
        pattern: the primals or the outputs, whose leaves are `values`.
        values: see `pattern`.
        what: "tangent" or "cotangent", for messages.
        owner: "primal" or "output", for messages.
    """
    try:
        leaves = leaves_like(pattern, given)
    except ValueError as error:
        raise ValueError(f"the {what}s need the structure of the {owner}s: {error}") from None
    return [
        seed_like(seed, value, f"{what} {i}", owner) for i, (seed, value) in enumerate(zip(leaves, values, strict=True))
    ]


def jvp(f: Function, primals: Sequence[Any], tangents: Sequence[Any]) -> tuple[Any, Any]:
    """The output and its tangent, J v, by one forward sweep.

    Args:
        f: a function of arrays with any outputs.
        primals: the arguments, in a tuple.
        tangents: their tangents, in a tuple of the same structure and shapes.

    Returns:
        (output, output tangent), both with the output's structure.
    """
    if not isinstance(primals, (tuple, list)) or not isinstance(tangents, (tuple, list)):
        raise TypeError("jvp takes the primals and the tangents as tuples: jvp(f, (x,), (v,))")
    primals = tuple(primals)
    linear = Linearization(f, primals)
    seeds = _matched(tuple(tangents), primals, [x.value for x in linear.inputs], "tangent", "primal")
    return linear.build_outputs(linear.values), linear.build_outputs(linear.push(seeds))


def vjp(f: Function, *primals: Any) -> tuple[Any, Callable[[Any], tuple[Any, ...]]]:
    """The output and the pullback u ↦ Jᵀ u; each call of the pullback is one reverse sweep.

    Returns:
        (output, pullback); pullback(cotangent), with the output's structure and shapes, gives a tuple with one entry an
        argument. It may be called any number of times. The primals and the output may be changed in place meanwhile,
        but not what else f computed with.
    """
    leaves, build = flatten(primals)
    linear = Linearization(f, build([_own_copy(x) for x in leaves]))
    output = linear.build_outputs([_own_copy(y) for y in linear.values])

    def pullback(cotangent: Any) -> tuple[Any, ...]:
        seeds = _matched(cotangent, output, linear.values, "cotangent", "output")
        adjoints: tuple[Any, ...] = linear.build_inputs(linear.pull(seeds))
        return adjoints

    return output, pullback


def _basis(value: Any) -> list[Any]:
    """The unit vectors of a value's shape."""
    shape = shape_of(value)
    if type(raw(value)) is float:
        return [1.0]
    eye = np.eye(int(np.prod(shape)), dtype=dtype_of(value))
    return [row.reshape(shape) for row in eye]


def jacobian(f: Function, argnums: int | Sequence[int] = 0, mode: str = "auto") -> Function:
    """The dense Jacobian: g(*args) has shape output.shape + argument.shape.

    Args:
        f: a function with one array or scalar output (or a structure of them: then so is the result).
        argnums: the argument to differentiate by, or several (then a tuple comes back).
        mode: "forward" (a sweep for each input entry), "reverse" (one for each output entry), or "auto", the fewer.

    Raises:
        ValueError: the mode is none of these.
    """
    if mode not in ("auto", "forward", "reverse"):
        raise ValueError(f"mode is 'auto', 'forward' or 'reverse', not {mode!r}")

    chosen = Arguments(argnums)

    def g(*args: Any, **keywords: Any) -> Any:
        linear = Linearization(*chosen.restrict(f, args, keywords))
        inputs, outputs = [x.value for x in linear.inputs], linear.values
        sizes_in = sum(int(np.size(raw(x))) for x in inputs)
        sizes_out = sum(int(np.size(raw(y))) for y in outputs)
        forward = mode == "forward" or (mode == "auto" and sizes_in <= sizes_out)
        blocks = _by_columns(linear, inputs, outputs) if forward else _by_rows(linear, inputs, outputs)
        rows = [linear.build_inputs(row) for row in blocks]
        return linear.build_outputs([row[0] if chosen.single else row for row in rows])

    return _named(g, f, "jacobian")


def _by_columns(linear: Linearization, inputs: list[Any], outputs: list[Any]) -> list[list[Any]]:
    """Blocks [output][input] of the Jacobian, a forward sweep for each input entry."""
    blocks: list[list[Any]] = [[] for _ in outputs]
    for i, x in enumerate(inputs):
        columns = []
        for unit in _basis(x):
            seeds: list[Any] = [None] * len(inputs)
            seeds[i] = unit
            columns.append(linear.push(seeds))
        for o, y in enumerate(outputs):
            blocks[o].append(_assemble([c[o] for c in columns], shape_of(y), x, -1))
    return blocks


def _by_rows(linear: Linearization, inputs: list[Any], outputs: list[Any]) -> list[list[Any]]:
    """Blocks [output][input] of the Jacobian, a reverse sweep for each output entry."""
    blocks: list[list[Any]] = []
    for o, y in enumerate(outputs):
        rows = []
        for unit in _basis(y):
            seeds: list[Any] = [None] * len(outputs)
            seeds[o] = unit
            rows.append(linear.pull(seeds))
        blocks.append([_assemble([r[i] for r in rows], shape_of(y), x, 0) for i, x in enumerate(inputs)])
    return blocks


def _assemble(parts: list[Any], out_shape: tuple[int, ...], x: Any, axis: int) -> Any:
    """Columns (axis −1) or rows (axis 0) put together to an array of shape out_shape + x.shape, in x's dtype."""
    shape = out_shape + shape_of(x)
    if not parts:
        return np.zeros(shape, dtype_of(x))
    if shape == ():
        return own(like(parts[0], x), x)
    block = np.stack(parts, axis).reshape(shape)
    return block if dtype_of(block) == dtype_of(x) else block.astype(dtype_of(x))


def hessian(f: Function, argnums: int = 0) -> Function:
    """The matrix of second derivatives of a scalar function, shape argument.shape twice: forward over reverse."""
    return _named(jacobian(grad(f, argnums), argnums, mode="forward"), f, "hessian")


def hvp(f: Function, x: Any, v: Any) -> Any:
    """The Hessian of a scalar function at x times v, without the Hessian: a forward sweep through a reverse sweep.

    Source: Pearlmutter, Fast exact multiplication by the Hessian (1994).
    """
    return jvp(grad(f), (x,), (v,))[1]


__all__ = ["Linearization", "grad", "hessian", "hvp", "jacobian", "jvp", "tree_map", "value_and_grad", "vjp"]
