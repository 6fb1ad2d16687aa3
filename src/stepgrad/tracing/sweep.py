"""Sweeps for people: the same local maps as the engine asks, one step at a time.

Each step has its formula, the numbers in it, what has been computed so far and what has to be held in memory. A value
is alive from the step that writes it to the last step that reads it, and results stay. A pullback reads only what its
local derivative mentions, so an addition stores nothing for the way back, a product both its factors, and exp only its
own output (Griewank and Walther 2008, section 4.3: the "to be recorded" values).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import inf
from typing import Any

import numpy as np

from ..autodiff.sweeps import like, ones_like, pull, push, values_of, zeros_like
from ..autodiff.tensor import dtype_of, shape_of
from ..documents import formulas
from ..documents.formulas import Tree
from ..documents.trace import TraceDocument
from .graph import Graph, Node, operations_of
from .rules import Rule

Quantity = tuple[str, str]
"""A number or array that a sweep computes: ("primal" | "tangent" | "adjoint", label)."""


@dataclass
class Step:
    """One step of a sweep.

    Attributes:
        phase: "primal", "tangent", "seed" or "adjoint".
        node: the label of the node whose primal, tangent or adjoint is computed.
        source: in an adjoint step the node whose adjoint is pulled back; else None.
        argument: in an adjoint step the number of the source's argument it goes to; else None.
        right: the right-hand side as a formula tree; `formula` is the whole in LaTeX.
        accumulates: whether the contribution is added to what has arrived before.
        value: the number or array after the step.
        contribution: in an adjoint step what arrived now; else None.
        contributions: all that has arrived at the node so far; None outside of adjoint steps.
        operations: elementary operations done in the sweep so far.
        live_values, live_bytes: how many numbers have to be held after the step, and their bytes.
        numbers: the values that stand in the formula, by "x1", "dot x1", "bar x1".
    """

    phase: str
    node: str
    right: Tree
    value: Any
    source: str | None = None
    argument: int | None = None
    accumulates: bool = False
    contribution: Any = None
    contributions: tuple[Any, ...] | None = None
    operations: int = 0
    live_values: int = 0
    live_bytes: int = 0
    numbers: dict[str, float] = field(default_factory=dict)
    reads: tuple[Quantity, ...] = ()
    writes: tuple[Quantity, ...] = ()

    @property
    def left(self) -> Tree:
        """The left-hand side as a formula tree."""
        return self.node if self.phase == "primal" else ["dot" if self.phase == "tangent" else "bar", self.node]

    @property
    def _equation(self) -> formulas.Equation:
        number = self.contribution if self.phase == "adjoint" else self.value
        shown = float(number) if np.ndim(number) == 0 else None
        return formulas.equation(self.left, self.right, self.numbers, shown, accumulates=self.accumulates)

    @property
    def formula(self) -> str:
        """The step in LaTeX: symbols = with the numbers in = value."""
        return self._equation.latex

    @property
    def text(self) -> str:
        """The step on one line of text."""
        return self._equation.text


class Sweep:
    """The steps of one sweep over a graph.

    Attributes:
        mode: "primal", "forward" or "reverse".
        seed: the tangents of the inputs (forward, a tuple) or the adjoint of the output (reverse); None for the
            primal one.
        steps: in order; before the first only the inputs, and in forward mode their tangents, are known.
        result: the output (primal), the output's tangent (forward), or a tuple with the adjoint of each input
            (reverse).
    """

    def __init__(self, graph: Graph, mode: str, seed: Any, steps: Sequence[Step], result: Any) -> None:
        self.graph = graph
        self.mode = mode
        self.seed = seed
        self.steps = tuple(steps)
        self.result = result

    def document(self) -> TraceDocument:
        """The graph and this sweep as a trace document."""
        from .document import trace_document

        return trace_document(self.graph, [self])

    def text(self) -> str:
        """The evaluation trace as the two-column table of textbooks."""
        from ..documents.table import table

        document = self.document()
        return table(document, document["sweeps"][0])

    def __len__(self) -> int:
        return len(self.steps)

    def __repr__(self) -> str:
        return f"<Sweep {self.mode} of {self.graph.name}({', '.join(self.graph.inputs)}): {len(self)} steps>"


def primal(graph: Graph) -> Sweep:
    """The evaluation of the function, an operation a step."""
    run = _Run(graph)
    for node in graph.operations:
        run.primal(node)
    return Sweep(graph, "primal", None, run.finish([("primal", graph.output)]), graph.value)


def forward_mode(graph: Graph, seed: Any = None) -> Sweep:
    """Forward mode: each operation's value and tangent in one step."""
    values = [graph[label].value for label in graph.inputs]
    tangents = _directions(seed, values, graph.inputs)
    run = _Run(graph)
    for label, tangent in zip(graph.inputs, tangents, strict=True):
        run.give(("tangent", label), tangent)
    for node in graph.operations:
        run.tangent(node)
    steps = run.finish([("primal", graph.output), ("tangent", graph.output)])
    return Sweep(graph, "forward", tuple(tangents), steps, run.known["tangent", graph.output])


def reverse_mode(graph: Graph, seed: Any = None) -> Sweep:
    """Reverse mode: the evaluation, then the adjoints backwards, a contribution a step."""
    value = graph.value
    if seed is None and shape_of(value):
        raise ValueError(
            f"the output has shape {shape_of(value)}, so reverse mode needs a seed of that shape: its adjoint"
        )
    adjoint = ones_like(value) if seed is None else _seed(seed, value, graph.output)
    run = _Run(graph)
    for node in graph.operations:
        run.primal(node)
    run.seed(graph[graph.output], adjoint)
    for node in reversed(graph.operations):
        if ("adjoint", node.label) in run.known:
            for k in node.differentiable:
                run.adjoint(node, k)
    for label in graph.inputs:  # an input without a path to the output
        run.known.setdefault(("adjoint", label), zeros_like(graph[label].value))
    steps = run.finish([("primal", graph.output), *(("adjoint", label) for label in graph.inputs)])
    return Sweep(graph, "reverse", adjoint, steps, tuple(run.known["adjoint", label] for label in graph.inputs))


def _seed(seed: Any, value: Any, label: str) -> Any:
    if shape_of(seed) != shape_of(value):
        raise ValueError(
            f"the seed of {label} has shape {shape_of(seed)}, and {label} itself has shape {shape_of(value)}"
        )
    return like(float(seed) if np.ndim(seed) == 0 and type(value) is float else np.asarray(seed), value)


def _directions(seed: Any, values: Sequence[Any], labels: Sequence[str]) -> list[Any]:
    if seed is None:
        return [ones_like(v) if i == 0 else zeros_like(v) for i, v in enumerate(values)]
    if len(labels) == 1 and not isinstance(seed, (tuple, list)):
        seed = (seed,)
    if len(seed) != len(labels):
        raise ValueError(f"the seed has {len(seed)} entries, and there are {len(labels)} inputs: {', '.join(labels)}")
    return [_seed(s, v, label) for s, v, label in zip(seed, values, labels, strict=True)]


class _Run:
    """Writes down the steps of a sweep as it goes."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.known: dict[Quantity, Any] = {}
        self.arrived: dict[str, list[Any]] = {}
        self.given: set[Quantity] = set()
        self.steps: list[Step] = []
        self.done = 0
        for label in graph.inputs:
            self.give(("primal", label), graph[label].value)

    def give(self, quantity: Quantity, value: Any) -> None:
        """Something known before the first step."""
        self.known[quantity] = value
        self.given.add(quantity)

    def _numbers(self, tree: Tree) -> dict[str, float]:
        """The numbers known now that stand in a formula, by their keys."""
        named = {key: self.known.get((kind, label)) for key, kind, label in _quantities(tree)}
        return {key: value for key, value in named.items() if type(value) is float}

    def _add(self, step: Step, operations: int) -> None:
        self.done += operations
        step.operations = self.done
        step.numbers = self._numbers(step.right)
        self.steps.append(step)

    def primal(self, node: Node) -> None:
        self.known["primal", node.label] = node.value
        reads = tuple(("primal", label) for label in node.inputs)
        step = Step("primal", node.label, node.formula or 0, node.value, reads=reads, writes=(("primal", node.label),))
        self._add(step, operations_of(node))

    def tangent(self, node: Node) -> None:
        values, total = values_of(node.tensor), None
        for k in node.differentiable:
            term = push(node.tensor, k, values, self.known["tangent", str(node.labels[k])])
            if term is not None:
                total = term if total is None else total + term
        tangent = zeros_like(node.value) if total is None else total
        self.known["primal", node.label] = node.value
        self.known["tangent", node.label] = tangent
        rules = node.rules
        right = _tangent_formula(node, rules)
        reads = (
            *(("primal", label) for label in node.inputs),
            *(("tangent", str(node.labels[k])) for k in node.differentiable),
        )
        writes = (("primal", node.label), ("tangent", node.label))
        cost = (
            operations_of(node) + sum(_cost(rule, node) for rule in rules.values()) + max(len(rules) - 1, 0) * node.size
        )
        self._add(Step("tangent", node.label, right, tangent, reads=reads, writes=writes), cost)

    def seed(self, node: Node, adjoint: Any) -> None:
        self.known["adjoint", node.label] = adjoint
        right = float(adjoint) if np.ndim(adjoint) == 0 else ["seed", node.label]
        self._add(Step("seed", node.label, right, adjoint, writes=(("adjoint", node.label),)), 0)

    def adjoint(self, source: Node, k: int) -> None:
        label = str(source.labels[k])
        target, rule = self.graph[label], source.rules[k]
        contribution = pull(source.tensor, k, values_of(source.tensor), self.known["adjoint", source.label])
        if contribution is None:
            contribution = zeros_like(target.value)
        before = self.arrived.setdefault(label, [])
        accumulates = bool(before)
        value = self.known["adjoint", label] + contribution if accumulates else contribution
        before.append(contribution)
        right = _adjoint_formula(source, rule)
        mentioned = formulas.variables(rule.partial if rule.partial is not None else rule.pull)
        reads = (
            ("adjoint", source.label),
            *(("primal", name) for name in mentioned if name not in source.constants),
        )
        cost = _cost(rule, source) + (target.size if accumulates else 0)
        step = Step(
            "adjoint", label, right, value, source.label, k, accumulates, contribution, tuple(before),
            reads=reads, writes=(("adjoint", label),),
        )  # fmt: skip
        self._add(step, cost)
        self.known["adjoint", label] = value

    def finish(self, results: Sequence[Quantity]) -> list[Step]:
        """Fills in what is held after each step."""
        written = dict.fromkeys(self.given, 0)
        last_read: dict[Quantity, float] = dict.fromkeys(results, inf)
        for position, step in enumerate(self.steps, 1):
            for quantity in step.writes:
                written.setdefault(quantity, position)
            for quantity in step.reads:
                last_read[quantity] = max(last_read.get(quantity, 0), position)
        values, sizes = [0] * (len(self.steps) + 2), [0] * (len(self.steps) + 2)
        for quantity, start in written.items():
            stop = min(last_read.get(quantity, 0), len(self.steps) + 1)
            if stop > start:  # alive after the steps start … stop − 1
                node = self.graph[quantity[1]]
                for total, amount in ((values, node.size), (sizes, node.size * dtype_of(node.value).itemsize)):
                    total[start] += amount
                    total[int(stop)] -= amount
        for total in (values, sizes):
            for i in range(1, len(total)):
                total[i] += total[i - 1]
        for position, step in enumerate(self.steps, 1):
            step.live_values, step.live_bytes = values[position], sizes[position]
        return self.steps


def _quantities(tree: Tree) -> set[tuple[str, str, str]]:
    """All that a formula reads: its key, what it is, and of which node."""
    if isinstance(tree, str):
        return {(tree, "primal", tree)}
    if not isinstance(tree, list):
        return set()
    if tree[0] in ("dot", "bar"):
        return {(f"{tree[0]} {tree[1]}", "tangent" if tree[0] == "dot" else "adjoint", str(tree[1]))}
    return set().union(*(_quantities(part) for part in tree[1:]))


def _cost(rule: Rule, node: Node) -> int:
    """The operations of one contribution: the local derivative, and the multiplication by it."""
    if rule.partial is not None:
        return formulas.contribution_cost(rule.partial) * node.size
    return rule.operations


def _applies_maps(node: Node) -> bool:
    """Whether a local derivative is more than a factor: then formulas show the map applied."""
    return any(rule.partial is None or _moves(rule.push) for rule in node.rules.values())


def _moves(tree: Tree) -> bool:
    """Whether a map does more than multiply entry by entry: copies, sums, selects."""
    return isinstance(tree, list) and (tree[0] in ("copy", "sum") or any(_moves(part) for part in tree[1:]))


def _fill(tree: Tree, inner: Tree) -> Tree:
    if tree == "□":
        return inner
    return [tree[0], *(_fill(part, inner) for part in tree[1:])] if isinstance(tree, list) else tree


def _tangent_formula(node: Node, rules: Mapping[int, Rule]) -> Tree:
    """Σ of tangents times local derivatives; of maps applied to tangents where the node is not elementwise."""
    arguments = [name if k in rules else None for k, name in enumerate(node.labels)]
    if not _applies_maps(node):
        return formulas.tangent_formula(
            arguments, [rules[k].partial if k in rules else None for k in range(len(arguments))]
        )
    total: Tree | None = None
    for k, rule in rules.items():
        term = _fill(rule.push, ["dot", str(node.labels[k])])
        total = term if total is None else ["add", total, term]
    return formulas.simplify(total if total is not None else 0)


def _adjoint_formula(source: Node, rule: Rule) -> Tree:
    """The source's adjoint times the local derivative, or the transposed map applied to it."""
    if rule.partial is not None and not _moves(rule.pull):
        return formulas.adjoint_formula(source.label, rule.partial)
    return formulas.simplify(_fill(rule.pull, ["bar", source.label]))
