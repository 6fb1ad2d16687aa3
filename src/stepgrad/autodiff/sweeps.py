"""The two sweeps. Both visit each node once, in the order of time or against it, and ask its local Jacobians.

- forward: a tangent per node, ẇ = Σ J ẋ over its arguments;
- reverse: an adjoint per node, and each node adds Jᵀ w̄ to its arguments'.

Neither recurses; both let go of a tangent or an adjoint as soon as nothing will read it. Source: Griewank and Walther,
Evaluating Derivatives (2008), chapters 3 and 4; Baydin et al., Automatic differentiation in machine learning (2018),
section 3.
"""

from __future__ import annotations

from collections.abc import Container, Sequence
from operator import attrgetter
from typing import Any

import numpy as np

from .linear_maps import Zero
from .tensor import EAGER, Tensor, dtype_of, raw, shape_of

_time = attrgetter("time")


def in_order(outputs: Sequence[Tensor]) -> list[Tensor]:
    """All nodes that the outputs were computed from, the outputs too, in the order in which they were made."""
    found = set(outputs)
    nodes = list(found)
    for node in nodes:  # it grows while it is read
        level = node.level
        for argument in node.arguments:
            if type(argument) is Tensor and argument not in found and argument.level is level:
                found.add(argument)
                nodes.append(argument)
    nodes.sort(key=_time)
    return nodes


def values_of(node: Tensor) -> tuple[Any, ...]:
    """The values of a node's arguments, as its differentiation sees them."""
    level = node.level
    return tuple([a.value if type(a) is Tensor and a.level is level else a for a in node.arguments])


def reverse_sweep(nodes: list[Tensor], adjoints: dict[int, Any]) -> None:
    """Replaces the adjoints of the outputs by those of the leaves.

    Args:
        nodes: in the order in which they were made, all that the outputs were computed from; there may be others among
            them.
        adjoints: by the time of the node: at first those of the outputs, in the end those of the leaves that they
            reach.
    """
    sums: set[int] = set()
    for node in reversed(nodes):
        primitive = node.primitive
        if primitive is None:
            continue  # a leaf
        adjoint = adjoints.pop(node.time, None)
        if adjoint is None:
            continue  # no way leads from this node to an output
        arguments, level, y = node.arguments, node.level, node.value
        scalar = type(adjoint) is float and type(y) is float
        # On scalars a local Jacobian is a number. One argument and two are written out: a loop takes twice as long.
        if scalar and primitive.arity == 2:
            (a, b), (left, right) = arguments, primitive.partials
            x = a.value if type(a) is Tensor and a.level is level else a  # x is a: a is a constant
            z = b.value if type(b) is Tensor and b.level is level else b
            if x is not a and left:  # neither 0 nor None
                contribution = adjoint * (left(y, x, z) if callable(left) else left)
                time = a.time
                adjoints[time] = adjoints[time] + contribution if time in adjoints else contribution
            if z is not b and right:
                contribution = adjoint * (right(y, x, z) if callable(right) else right)
                time = b.time
                adjoints[time] = adjoints[time] + contribution if time in adjoints else contribution
        elif scalar and primitive.arity == 1:
            (a,), (rule,) = arguments, primitive.partials
            if rule:
                contribution = adjoint * (rule(y, a.value) if callable(rule) else rule)
                time = a.time
                adjoints[time] = adjoints[time] + contribution if time in adjoints else contribution
        else:
            values = values_of(node)
            for k, a in enumerate(arguments):
                if values[k] is a:
                    continue  # a constant
                contribution = pull(node, k, values, adjoint)
                if contribution is None:
                    continue
                time = a.time
                if time not in adjoints:
                    adjoints[time] = contribution
                elif time in sums and type(contribution) is np.ndarray:
                    adjoints[time] += contribution  # in place: this sum is ours alone
                else:
                    adjoints[time] = adjoints[time] + contribution
                    if type(adjoints[time]) is np.ndarray:
                        sums.add(time)


def pull(node: Tensor, k: int, values: tuple[Any, ...], adjoint: Any) -> Any:
    """Jᵀ w̄ for argument k of a node, in that argument's dtype; None where J is zero."""
    assert node.primitive is not None
    local = node.primitive.local_map(k, node.value, values, node.parameters)
    return None if type(local) is Zero else like(local.pull(adjoint), values[k])


def forward_order(outputs: Sequence[Tensor]) -> list[tuple[Tensor, list[int]]]:
    """What a forward sweep does in turn: each node that an operation made, and the times of what is read last by it."""
    read_later = {output.time for output in outputs}
    steps = []
    for node in reversed(in_order(outputs)):
        if node.primitive is None:
            continue  # a leaf
        level = node.level
        last = [a.time for a in node.arguments if type(a) is Tensor and a.level is level and a.time not in read_later]
        read_later.update(last)
        steps.append((node, last))
    steps.reverse()
    return steps


def forward_sweep(steps: list[tuple[Tensor, list[int]]], tangents: dict[int, Any]) -> None:
    """Replaces the tangents of the leaves by those of the outputs.

    Args:
        steps: the nodes in the order in which they were made, with what they are the last to read (`forward_order`).
        tangents: by the time of the node: at first those of the leaves, in the end those of the outputs that move.
    """
    for node, last in steps:
        values, tangent = values_of(node), None
        for k, a in enumerate(node.arguments):
            if values[k] is a or a.time not in tangents:
                continue  # a constant, or nothing moves it
            contribution = push(node, k, values, tangents[a.time])
            if contribution is not None:
                tangent = contribution if tangent is None else tangent + contribution
        for time in last:
            tangents.pop(time, None)
        if tangent is not None:
            tangents[node.time] = tangent


def push(node: Tensor, k: int, values: tuple[Any, ...], tangent: Any) -> Any:
    """J ẋ for argument k of a node, in the node's dtype; None where J is zero."""
    primitive, y = node.primitive, node.value
    assert primitive is not None
    if type(y) is float and type(tangent) is float and primitive.partials:  # on scalars a local Jacobian is a number
        rule = primitive.partials[k]
        return tangent * (rule(y, *values) if callable(rule) else rule) if rule else None
    local = primitive.local_map(k, y, values, node.parameters)
    return None if type(local) is Zero else like(local.apply(tangent), y)


def like(derivative: Any, value: Any) -> Any:
    """A tangent or an adjoint in the dtype of the value it belongs to: a gradient has its input's dtype, always."""
    kind = type(derivative)
    if kind is float and type(value) is float:
        return derivative
    if kind is np.ndarray and type(value) is np.ndarray and derivative.dtype is value.dtype:
        return derivative
    if kind is not Tensor and type(value) is float:
        return float(derivative)
    dtype = dtype_of(value)
    if dtype_of(derivative) == dtype:
        return derivative
    return derivative.astype(dtype) if kind is not float else dtype.type(derivative)


def zeros_like(value: Any) -> Any:
    """A zero of the value's shape and dtype: a Python float for a float."""
    plain = raw(value)
    return 0.0 if type(plain) is float else np.zeros(np.shape(plain), plain.dtype)


def ones_like(value: Any) -> Any:
    """A one of the value's shape and dtype: a Python float for a float."""
    if type(value) is float:
        return 1.0
    plain = raw(value)
    return 1.0 if type(plain) is float else np.ones(np.shape(plain), plain.dtype)


def backward(self: Tensor, cotangent: Any = None, accumulate: bool = False) -> None:
    """Fill `.grad` of every leaf Tensor that this one was computed from, by one reverse sweep.

    Args:
        self: the output.
        cotangent: the seed, of this Tensor's shape; 1 where this Tensor is a scalar.
        accumulate: add to the `.grad` that is there instead of replacing it.

    Raises:
        ValueError: no seed for a Tensor that is not a scalar, or one of another shape.
        TypeError: the Tensor belongs to a function that something else differentiates.
    """
    if self.level is not EAGER:
        raise TypeError(
            "backward() is for Tensors made with Tensor(…). A function that grad, jvp, vjp or trace differentiates "
            "returns its output instead; inside it, differentiate with grad or vjp"
        )
    if cotangent is not None:
        cotangent = seed_like(cotangent, self.value, "the cotangent", "Tensor")
    elif shape_of(self.value) == ():
        cotangent = ones_like(self.value)
    else:
        raise ValueError(
            f"backward() of a Tensor of shape {self.shape} needs a seed of that shape: reduce it to a scalar "
            "first, for example with .sum(), or pass the cotangent"
        )
    nodes = in_order([self])
    adjoints = {self.time: cotangent}
    reverse_sweep(nodes, adjoints)
    leaves = [node for node in nodes if node.primitive is None]
    for leaf, gradient in zip(leaves, gradients(leaves, adjoints, [cotangent])):  # noqa: B905 - strict takes its time
        leaf._grad = leaf.grad + gradient if accumulate and leaf.grad is not None else gradient


def seed_like(seed: Any, value: Any, what: str, owner: str) -> Any:
    """A tangent or cotangent that a user gave, checked against the value that it belongs to, in that one's dtype.

    Raises:
        ValueError: the shapes differ.
        TypeError: it is not made of real numbers.
    """
    if isinstance(seed, int):
        seed = float(seed)
    if type(seed) not in (Tensor, float):
        seed = np.asarray(seed)
        if seed.dtype.kind not in "fiub":
            raise TypeError(f"{what} is made of real numbers, not of {seed.dtype}")
    if shape_of(seed) != shape_of(value):
        raise ValueError(f"{what} has shape {shape_of(seed)}, and its {owner} has shape {shape_of(value)}")
    return like(seed, value)


def gradients(leaves: list[Tensor], adjoints: dict[int, Any], seeds: Sequence[Any]) -> list[Any]:
    """The leaves' adjoints to hand out: zero where no adjoint arrived, of the leaves' kinds, each an array of its own.

    Args:
        leaves: the nodes whose adjoints are wanted.
        adjoints: what a reverse sweep has left.
        seeds: what it began with, and the caller may still hold.
    """
    held: set[int] = set()
    found = []
    for leaf in leaves:
        adjoint, value = adjoints.get(leaf.time), leaf.value
        if type(adjoint) is not float or type(value) is not float:
            held.update(map(id, seeds))
            adjoint = zeros_like(value) if adjoint is None else own(adjoint, value, held)
            held.add(id(adjoint))
        found.append(adjoint)
    return found


def own(derivative: Any, value: Any, held: Container[int] = ()) -> Any:
    """A derivative to hand out, of the value's kind: a number, or an array which nobody else holds.

    A linear map gives a new array, a view, or what it was given: so an array that is no view is copied only if it is
    known to be in other hands, by its `id` in `held`.
    """
    if type(derivative) is Tensor:
        return derivative
    plain = raw(value) if type(value) is Tensor else value
    if type(plain) is float:
        return float(derivative)
    if type(plain) is not np.ndarray:
        return plain.dtype.type(derivative)
    if type(derivative) is np.ndarray and derivative.base is None and id(derivative) not in held:
        return derivative if derivative.dtype == plain.dtype else derivative.astype(plain.dtype)
    return np.array(derivative, dtype=plain.dtype)
