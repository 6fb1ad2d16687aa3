"""Graph: the computational graph of one run of a function, and the sweeps over it, step by step."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ..autodiff.primitive import Elementwise
from ..autodiff.sweeps import values_of
from ..autodiff.tensor import Guard, Tensor
from ..documents import formulas
from ..documents.formulas import Tree
from ..documents.orders import bound_orders, count_orders
from ..documents.trace import TraceDocument
from .code import Source, Span
from .rules import Rule, rule_of

if TYPE_CHECKING:
    from .programs import Program
    from .sweep import Sweep


@dataclass(frozen=True, eq=False)
class Node:
    """One node of a graph.

    Attributes:
        id: its place in the order of evaluation, from 0.
        label: the input's name, or w1, w2, …; f for the output.
        primitive: the name of the operation; None for an input.
        inputs: the labels of the nodes it reads, one for each argument that is not a constant.
        value: the number or array.
        formula: its value as a formula tree over its arguments' labels; None for an input.
        span: the piece of the code that computed it, where known.
    """

    id: int
    label: str
    primitive: str | None
    inputs: tuple[str, ...]
    value: Any
    formula: Tree | None
    span: Span | None
    tensor: Tensor
    labels: tuple[str | None, ...]
    """For each argument its label; None for a plain number."""
    constants: tuple[str, ...]
    """Those of the labels that name constant arrays."""

    @property
    def expression(self) -> str:
        """What it computes, on one line: "x₁·x₂"."""
        return formulas.text(self.label if self.formula is None else self.formula)

    @property
    def differentiable(self) -> list[int]:
        """The numbers of the arguments that a derivative flows to."""
        return [k for k, name in enumerate(self.labels) if name is not None and name not in self.constants]

    @cached_property
    def rules(self) -> dict[int, Rule]:
        """The local derivatives by the arguments that are not constant."""
        t = self.tensor
        if t.primitive is None:
            return {}
        values = values_of(t)
        return {
            k: rule_of(t.primitive, k, self.label, t.value, self.labels, values, t.parameters)
            for k in self.differentiable
        }

    @property
    def size(self) -> int:
        """The number of entries of its value."""
        return int(np.size(self.value))

    def __repr__(self) -> str:
        return f"<{self.label} = {self.expression}>" if self.formula is not None else f"<{self.label}>"


class Edge(NamedTuple):
    """A node's value used as an argument of another."""

    source: str
    target: str
    argument: int


class Cost(NamedTuple):
    """What the full Jacobian costs in one mode: sweeps, operations in all of them, and the peak of bytes held."""

    sweeps: int
    operations: int
    bytes: int


class Finding(NamedTuple):
    """What a function such as `numpy.argmax` said of plain values, on which the graph depends.

    Attributes:
        function: the function.
        leaves: the arrays and numbers in its arguments.
        labels: for each of them the label of its node; None for a constant.
        build: puts leaves into its arguments and keywords.
        outcome: what it said.
    """

    function: Callable[..., Any]
    leaves: tuple[Any, ...]
    labels: tuple[str | None, ...]
    build: Callable[[list[Any]], Any]
    outcome: Any

    def ask(self, *values: Any) -> Any:
        """What it says of other values of the nodes."""
        rest = iter(values)
        full = [leaf if label is None else next(rest) for leaf, label in zip(self.leaves, self.labels, strict=True)]
        arguments, keywords = self.build(full)
        return self.function(*arguments, **keywords)


class Graph:
    """The computational graph of a function at a point, made by `trace`.

    Attributes:
        name: the function's name, for titles.
        nodes: inputs first, then the operations in the order of evaluation.
        edges: one for each use of a node as an argument.
        inputs: the labels of the inputs.
        output: the label of the output.
        guards: comparisons made on the way, as (operation, left, right, outcome) over labels and numbers: with another
            outcome the function may have another graph.
        source: the function's code, where known.
        conditions: comparisons of arrays, entry by entry, in the same form; operands that are no nodes as they are.
        findings: what else was found out about plain values on the way.
    """

    def __init__(
        self,
        nodes: Sequence[Node],
        output: str,
        guards: Sequence[Guard] = (),
        source: Source | None = None,
        conditions: Sequence[Guard] = (),
        findings: Sequence[Finding] = (),
    ) -> None:
        self.name = "f"
        self.nodes = tuple(nodes)
        self.output = output
        self.guards = tuple(guards)
        self.source = source
        self.conditions = tuple(conditions)
        self.findings = tuple(findings)
        self.inputs = tuple(node.label for node in self.nodes if node.primitive is None)
        self.edges = tuple(Edge(str(node.labels[k]), node.label, k) for node in self.nodes for k in node.differentiable)
        self._by_label = {node.label: node for node in self.nodes}

    def __getitem__(self, label: str) -> Node:
        """The node of this label."""
        if label not in self._by_label:
            raise KeyError(f"no node is called {label!r}; there are {', '.join(self._by_label)}")
        return self._by_label[label]

    @property
    def operations(self) -> tuple[Node, ...]:
        """The nodes that are not inputs."""
        return tuple(node for node in self.nodes if node.primitive is not None)

    @property
    def value(self) -> Any:
        """The output's value."""
        return self[self.output].value

    @cached_property
    def live(self) -> bool:
        """Whether all of it is elementwise on float64 scalars, so that a browser can compute it anew by itself."""
        plain = all(type(node.value) is float for node in self.nodes)
        return plain and all(isinstance(n.tensor.primitive, Elementwise) and not n.constants for n in self.operations)

    # Order ----------------------------------------------------------------------------------------------------------
    def topological_order(self) -> tuple[str, ...]:
        """The labels in the order of evaluation: σ(v) < σ(w) for every edge (v, w)."""
        return tuple(node.label for node in self.nodes)

    def is_topological(self, order: Iterable[str | int]) -> bool:
        """Whether an order of all the nodes, by label or id, has every edge pointing forward."""
        place = {self.nodes[v].label if isinstance(v, int) else v: i for i, v in enumerate(order)}
        if set(place) != set(self._by_label):
            return False
        return all(place[edge.source] < place[edge.target] for edge in self.edges)

    def count_topological_orders(self, limit: int = 1_000_000) -> int:
        """How many valid orders there are, exactly.

        Raises:
            ValueError: counting would look at more than `limit` sets of nodes.
        """
        return count_orders(self.topological_order(), self._pairs, limit)

    def bound_topological_orders(self) -> tuple[int, int]:
        """A lower and an upper bound for how many valid orders there are, where they are too many to be counted."""
        return bound_orders(self.topological_order(), self._pairs)

    @property
    def _pairs(self) -> list[tuple[str, str]]:
        """The edges without their places, those from constants too."""
        return [(source, node.label) for node in self.nodes for source in node.inputs]

    # Sweeps ---------------------------------------------------------------------------------------------------------
    def primal(self) -> Sweep:
        """The evaluation of the function, step by step."""
        from .sweep import primal

        return primal(self)

    def forward_mode(self, seed: Any = None) -> Sweep:
        """Forward mode, step by step: tangents along a direction.

        Args:
            seed: ẋ, one number or array an input; by default 1 for the first input and 0 for the others.

        Raises:
            ValueError: there is not one entry an input, or one has another shape than its input.
        """
        from .sweep import forward_mode

        return forward_mode(self, seed)

    def reverse_mode(self, seed: Any = None) -> Sweep:
        """Reverse mode, step by step: adjoints from the output back, after the evaluation.

        Args:
            seed: the output's adjoint; 1 by default.

        Raises:
            ValueError: the output is not a scalar and no seed of its shape is given.
        """
        from .sweep import reverse_mode

        return reverse_mode(self, seed)

    def cost(self, mode: str) -> Cost:
        """What the full Jacobian costs in a mode, "forward" or "reverse": predicted, nothing is run again.

        One sweep an input entry in forward mode, one an output entry in reverse mode, whose values are computed once.
        """
        if mode == "forward":
            sweep = self.forward_mode()
            count = sum(self[label].size for label in self.inputs)
        elif mode == "reverse":
            sweep = self.reverse_mode(np.ones(np.shape(self.value)) if np.ndim(self.value) else 1.0)
            count = self[self.output].size
        else:
            raise ValueError(f"mode is 'forward' or 'reverse', not {mode!r}")
        evaluation = sum(operations_of(node) for node in self.operations)
        total = sweep.steps[-1].operations if sweep.steps else 0
        operations = evaluation + count * (total - evaluation)
        return Cost(count, operations, max((step.live_bytes for step in sweep.steps), default=0))

    # Programs -------------------------------------------------------------------------------------------------------
    def program(self, mode: str) -> Program:
        """The sweep of a mode as a NumPy program, with the lines and what each belongs to. See `to_source`."""
        from .programs import program

        return program(self, mode)

    def to_source(self, mode: str = "reverse") -> str:
        """A short NumPy program that does what the sweep of this mode does, in the graph's names.

        Its function is called as the mode is. `primal(x1, x2)` gives the output; `forward(x1, x2, x1_dot, x2_dot)` the
        output and its tangent; `reverse(x1, x2, f_bar)` the output and a tuple of the inputs' adjoints, to which
        contributions are added in the order of the sweep. What is read more than once is computed once, and each line
        says of which rule it is. It is the program of what was traced: where a comparison chose a branch, where the
        function asked something like `np.argmax` about values, or where a rule is another one at 0, it asserts that
        this is still so.

        Most programs can be executed as they stand. One with large constants, or a local Jacobian that has no short
        formula, names objects that `program(mode).namespace` holds.

        Args:
            mode: "primal", "forward" or "reverse".

        Raises:
            ValueError: another mode.
        """
        return self.program(mode).source

    # Faces ----------------------------------------------------------------------------------------------------------
    def document(self) -> TraceDocument:
        """The graph as a trace document without sweeps."""
        from .document import trace_document

        return trace_document(self, [])

    def text(self) -> str:
        """The evaluation trace as a table."""
        from ..documents.table import table

        return table(self.document())

    def __repr__(self) -> str:
        return f"<Graph of {self.name}({', '.join(self.inputs)}): {len(self.nodes)} nodes, {len(self.edges)} edges>"


def operations_of(node: Node) -> int:
    """The elementary operations that computing a node's value takes."""
    primitive = node.tensor.primitive
    return 0 if primitive is None else primitive.operations(node.value, values_of(node.tensor))
