"""Recording: a function is run once, and what it computed becomes a Graph."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..autodiff.primitive import Primitive
from ..autodiff.sweeps import in_order
from ..autodiff.tensor import Guard, Level, Look, Tensor, as_value, leaf, raw
from ..autodiff.trees import flatten
from ..documents.formulas import Tree
from ..expressions import Expression, expression
from .code import Place, Source, Span, Watch
from .graph import Finding, Graph, Node
from .ordering import evaluation_order


def trace(f: Callable[..., Any], *inputs: Any, names: Sequence[str] | None = None) -> Graph:
    """Run a function once and keep the graph of what it computed.

    Args:
        f: a function with one number or array as output, written in ordinary NumPy; or an expression's text.
        inputs: its arguments; containers of arrays give one input an array.
        names: the inputs' labels; by default the names of f's parameters.

    Returns:
        A Graph whose nodes are labelled by the inputs' names, w1, w2, … in the order of evaluation, and f for the
        output.

    Raises:
        TypeError: an input is not real floating-point, f uses a function that has no rule, or its output is not one
            array.
        ValueError: the output does not depend on the inputs, or the names are not as many as the inputs, or not
            distinct.
    """
    if isinstance(f, str):
        f = expression(f)
    if not callable(f):
        raise TypeError(f"what can be traced is a function or the text of an expression, not {type(f).__name__}")
    leaves, build = flatten(inputs)
    labels = input_labels(f, inputs, names, len(leaves))
    guards: list[Guard | Look] = []
    level = Level(guards=guards)
    tensors = [leaf(as_value(value), level, name) for value, name in zip(leaves, labels, strict=True)]
    watch = None if isinstance(f, Expression) else Watch(f)
    output = watch.run(f, *build(tensors)) if watch else f(*build(tensors))
    if isinstance(output, (tuple, list, dict)):
        raise TypeError(
            "a traced function has one output, and this one gave several: pick one, or put them together with np.stack"
        )
    if type(output) is not Tensor or output.level is not level:
        if output is None:
            raise ValueError("the function gave None: is its return missing?")
        raise ValueError("the output does not depend on the inputs, so there is no graph to show")
    return _Builder(f, level, tensors, output, guards, watch).graph()


def input_labels(f: Callable[..., Any], inputs: Sequence[Any], names: Sequence[str] | None, count: int) -> list[str]:
    """One distinct label an input."""
    if names is None:
        try:
            parameters = list(inspect.signature(f).parameters.values())
        except (TypeError, ValueError):
            parameters = []
        names = [p.name for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)][: len(inputs)]
        if len(names) < len(inputs):
            names = [f"x{i + 1}" for i in range(len(inputs))]
        names = [label for name, value in zip(names, inputs, strict=True) for label in _spread(name, value)]
    if len(names) != count:
        raise ValueError(f"{len(names)} names were given for {count} inputs")
    if len(set(names)) != count:
        raise ValueError(f"the inputs need distinct names; got {', '.join(names)}")
    return [str(name) for name in names]


def _spread(name: str, value: Any) -> list[str]:
    """The labels of one argument: its name, numbered if it is a container of several arrays."""
    size = len(flatten(value)[0])
    return [name] if size == 1 else [f"{name}{i + 1}" for i in range(size)]


class _Builder:
    """Makes a Graph of the Tensors that a run left behind."""

    def __init__(
        self,
        f: Any,
        level: Level,
        inputs: list[Tensor],
        output: Tensor,
        guards: list[Guard | Look],
        watch: Watch | None,
    ) -> None:
        self.f, self.level, self.inputs, self.output, self.watch = f, level, inputs, output, watch
        comparisons = [g for g in guards if isinstance(g, Guard)]
        self.guards = [g for g in comparisons if np.size(g.outcome) == 1]
        self.conditions = [g for g in comparisons if np.size(g.outcome) != 1]
        self.looks = [g for g in guards if isinstance(g, Look)]
        compared = [side for g in self.guards for side in (g.left, g.right) if self.is_ours(side)]
        operations = [node for node in in_order([output, *compared]) if node.arguments]
        places = self._places(operations)
        ours = {n.time: [a.time for a in n.arguments if self.is_ours(a)] for n in operations}
        by_time = {n.time: n for n in (*inputs, *operations)}
        order = evaluation_order(
            [n.time for n in inputs], [n.time for n in operations], ours, {t: places[t].statement for t in ours}
        )
        self.order = [by_time[time] for time in order]
        self.spans = {time: place.span for time, place in places.items()}
        self.labels = self._labels()
        self.constant_count = 0

    def is_ours(self, value: Any) -> bool:
        return type(value) is Tensor and value.level is self.level

    def _places(self, operations: list[Tensor]) -> dict[int, Place]:
        """Where each operation was computed; one statement each where nothing is known."""
        if isinstance(self.f, Expression):  # it knows its columns itself, in the order in which it runs
            spans = [Span(1, *columns) for _, columns in self.f.operations]
            return {n.time: Place(span, 0) for n, span in zip(operations, spans, strict=True)}
        assert self.watch is not None
        return {n.time: self.watch.place(n.time) or Place(None, i) for i, n in enumerate(operations)}

    def _labels(self) -> dict[int, str]:
        labels = {node.time: str(node.name) for node in self.inputs}
        taken = set(labels.values())
        free = (w for i in range(1, len(self.order) + len(taken) + 1) if (w := f"w{i}") not in taken)
        name = "f" if "f" not in taken else "y" if "y" not in taken else "output"
        for node in self.order:
            labels[node.time] = name if node is self.output else next(free)
        return labels

    def graph(self) -> Graph:
        nodes = [self._node(i, tensor) for i, tensor in enumerate((*self.inputs, *self.order))]
        guards = [
            Guard(g.operation, self._side(g.left), self._side(g.right), bool(raw(g.outcome))) for g in self.guards
        ]
        conditions = [
            Guard(g.operation, self._operand(g.left), self._operand(g.right), g.outcome)
            for g in self.conditions
            if all(not self.is_ours(side) or side.time in self.labels for side in (g.left, g.right))
        ]
        looks = [look for look in map(self._look, self.looks) if look is not None]
        return Graph(nodes, self.labels[self.output.time], guards, self._source(), conditions, looks)

    def _source(self) -> Source | None:
        if isinstance(self.f, Expression):
            return Source(self.f.text, 1, 0, "expression")
        return self.watch.source if self.watch else None

    def _side(self, value: Any) -> str | float:
        return self.labels[value.time] if self.is_ours(value) else float(raw(value))

    def _look(self, look: Look) -> Finding | None:
        """What a function said of nodes; None where it was asked about something that isn't in the graph."""
        leaves, build = flatten((look.arguments, look.keywords))
        if any(self.is_ours(value) and value.time not in self.labels for value in leaves):
            return None
        labels = [self.labels[value.time] if self.is_ours(value) else None for value in leaves]
        return Finding(look.function, tuple(map(raw, leaves)), tuple(labels), build, look.outcome)

    def _operand(self, value: Any) -> Any:
        return self.labels[value.time] if self.is_ours(value) else raw(value)

    def _node(self, i: int, tensor: Tensor) -> Node:
        labels: list[str | None] = []
        constants: list[str] = []
        for argument in tensor.arguments:
            if self.is_ours(argument):
                labels.append(self.labels[argument.time])
            elif np.ndim(raw(argument)):
                self.constant_count += 1
                constants.append(f"c{self.constant_count}")
                labels.append(constants[-1])
            else:
                labels.append(None)
        primitive: Primitive | None = tensor.primitive
        formula: Tree | None = None
        if primitive is not None:
            parts = [float(raw(a)) if name is None else name for a, name in zip(tensor.arguments, labels, strict=True)]
            formula = [primitive.name, *parts]
        inputs = tuple(self.labels[a.time] for a in tensor.arguments if self.is_ours(a))
        return Node(
            i, self.labels[tensor.time], primitive.name if primitive else None, inputs, tensor.value, formula,
            self.spans.get(tensor.time), tensor, tuple(labels), tuple(constants),
        )  # fmt: skip
