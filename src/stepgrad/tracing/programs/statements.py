"""What a program of a sweep does, statement by statement, in terms.

The statements are those of the sweep itself, in its order: the rules are asked for their local Jacobians at symbolic
Tensors, and what applying these does is recorded. There is no second table of derivatives.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from ...autodiff.linear_maps import LinearMap, Zero
from ...autodiff.primitives import elementwise as ew
from ...autodiff.sweeps import in_order, like, values_of, zeros_like
from ...autodiff.tensor import Guard, Level, Look, Tensor, dtype_of, leaf, raw, shape_of
from ...documents import formulas
from ..graph import Finding, Graph, Node
from ..sweep import _tangent_formula
from .surroundings import Names
from .terms import APPLY, PULL, ZEROS, Operation, Table, Term, kind_of

LONGEST = 20
"""A contribution of more operations than these is made by the map itself."""

WIDEST = 40
"""A formula of more characters than these doesn't stand in a comment."""


@dataclass(eq=False)
class Statement:
    """One assignment of a program.

    Attributes:
        target: the variable.
        term: what it becomes; where `adds`, what is added to it.
        node: the label of the node it belongs to.
        step: the number of the sweep's step that it does; None if it only prepares one.
        comment: makes the comment.
        adds: whether the term is added to what the variable is already.
    """

    target: str
    term: Term
    node: str
    step: int | None
    comment: Callable[[], str]
    adds: bool = False


class Check(NamedTuple):
    """A comparison that chose a branch when the function was traced, and what came of it."""

    term: Term
    outcome: Any
    node: str
    after: int
    """How many terms there were before it."""


@dataclass
class Author:
    """Writes down the statements of a program over a graph.

    Attributes:
        variables: the Python name of each node, tangent ("dot", label) and adjoint ("bar", label).
    """

    graph: Graph
    mode: str
    names: Names = field(default_factory=Names)
    table: Table = field(default_factory=Table)
    statements: list[Statement | Check] = field(default_factory=list)
    variables: dict[Any, str] = field(default_factory=dict)
    terms: dict[Any, Term] = field(default_factory=dict)
    arrays: dict[str, Any] = field(default_factory=dict)
    """The constant arrays by their labels."""

    def __post_init__(self) -> None:
        self.level = Level(guards=[], symbolic=True)
        self._leaves: dict[Any, Tensor] = {}
        self._maps: dict[tuple[str, int], Term] = {}
        for node in self.graph.nodes:
            self.variables[node.label] = self.names.new(node.label)
        accent = {"forward": "dot", "reverse": "bar"}.get(self.mode)
        for node in self.graph.nodes if accent else ():
            self.variables[accent, node.label] = self.names.new(f"{self.variables[node.label]}_{accent}")
        for label in self.graph.inputs:
            value = self.graph[label].value
            self.know(label, self.table.variable(self.variables[label], value), value)
        self._conditions = {id(guard.outcome): guard for guard in self.graph.conditions}
        chosen = {id(argument) for node in self.graph.nodes for argument in node.tensor.arguments}
        others = [guard for guard in self.graph.conditions if id(guard.outcome) not in chosen]
        self._waiting: list[Guard | Finding] = [*self.graph.guards, *others, *self.graph.findings]
        self._check(self.graph.inputs[-1] if self.graph.inputs else "")

    def _check(self, node: str) -> None:
        """The comparisons that the function made as soon as it could, before anything else can go wrong."""
        while self._waiting:
            noted = self._waiting[0]
            if not all(label in self.terms for label in _labels(noted)):
                return
            term = self._condition(noted) if isinstance(noted, Guard) else self._asked(noted)
            self._add_check(Check(term, noted.outcome, node, len(self.table)))
            del self._waiting[0]

    def know(self, key: Any, term: Term, value: Any) -> Tensor:
        """Keeps what a quantity is: its term, and a symbolic Tensor that stands for it in rules."""
        tensor = leaf(raw(value), self.level, str(key))
        self.table.name(tensor, term)
        self.terms[key] = term
        self._leaves[key] = tensor
        return tensor

    def _condition(self, guard: Guard) -> Term:
        """A comparison that the function made."""
        sides = [self.terms[s] if isinstance(s, str) else self.table.constant(s) for s in (guard.left, guard.right)]
        return self.table.operation(getattr(ew, guard.operation), sides, None, kind_of(guard.outcome))

    def _asked(self, found: Finding) -> Term:
        """Something else that the function found out about values."""
        parts = [self.terms[label] for label in found.labels if label is not None]
        name = found.function.__name__ if hasattr(found.function, "__name__") else "found"
        if getattr(np, name, None) is found.function and len(parts) == len(found.leaves):
            return self.table.operation(Operation(f"np.{name}", found.function), parts, {}, None)
        return self.table.operation(Operation(name.strip("_"), found.ask), parts, {}, None)

    def _notes(self, node: str) -> None:
        """What rules have just found out about values, and rely on."""
        assert self.level.guards is not None
        for look in self.level.guards:
            assert isinstance(look, Look)
            parts = [self.table.of(argument) for argument in look.arguments]
            term = self.table.operation(Operation(look.function.__name__, look.function), parts, look.keywords, None)
            self._add_check(Check(term, look.outcome, node, len(self.table)))
        self.level.guards.clear()

    def _add_check(self, check: Check) -> None:
        known = [(c.term, c.node) for c in self.statements if isinstance(c, Check)]
        if (check.term, check.node) not in known:
            self.statements.append(check)

    def assign(
        self, key: Any, term: Term, node: Node, step: int | None, comment: Callable[[], str], adds: bool = False
    ) -> None:
        """One more statement."""
        self.statements.append(Statement(self.variables[key], term, node.label, step, comment, adds))

    # The function itself --------------------------------------------------------------------------------------------
    def primal(self, node: Node, step: int | None) -> None:
        """The statement that computes a node."""
        t = node.tensor
        assert t.primitive is not None
        parts = [self._argument(node, k) for k in range(len(t.arguments))]
        local = t.parameters.get("map")
        kind = kind_of(node.value)
        if isinstance(local, LinearMap) and local.recipe is not None and self.mode != "primal":
            made = self._made(
                node, 0, Operation(local.recipe.make.__name__, local.recipe.make), parts, local.recipe.keywords
            )
            term = self.table.operation(APPLY, [made, parts[0]], None, kind)
        else:
            term = self.table.operation(t.primitive, parts, t.parameters, kind)
        self.know(node.label, term, node.value)
        self.assign(node.label, term, node, step, lambda: t.primitive.name if t.primitive else "")
        self._check(node.label)

    def _argument(self, node: Node, k: int) -> Term:
        label, value = node.labels[k], node.tensor.arguments[k]
        if label is None:
            return self.table.constant(value)
        if label in node.constants and id(value) in self._conditions:
            guard = self._conditions[id(value)]
            term = self._condition(guard)
            if label not in self.variables:
                self.variables[label] = self.names.new(label)
                self.assign(label, term, node, None, lambda: guard.operation)
            return term
        if label in node.constants:
            self.arrays.setdefault(label, raw(value))
            return self.table.constant(value)
        return self.terms[label]

    def _made(self, node: Node, k: int, operation: Operation, parts: list[Term], keywords: dict[str, Any]) -> Term:
        """The local Jacobian of a node as a variable of its own."""
        term = self.table.operation(operation, parts, keywords, None)
        if (node.label, k) not in self._maps:
            self._maps[node.label, k] = term
            key = ("by", node.label, k)
            label = str(node.labels[k])
            self.variables[key] = self.names.new(f"{self.variables[node.label]}_by_{self.variables.get(label, label)}")
            name = formulas.text(["partial", node.label, label])
            self.assign(key, term, node, None, lambda: f"{node.primitive}: {name} as a linear map")
        return self._maps[node.label, k]

    # Contributions --------------------------------------------------------------------------------------------------
    def contribution(self, node: Node, k: int, moved: Any, *, back: bool) -> tuple[Term, Any] | None:
        """J ẋ for argument k, or Jᵀ w̄ where `back`: its term and its value; None where J is zero."""
        made = self._maps.get((node.label, k))
        if made is None:
            found = self._traced(node, k, self._leaves[moved], back)
            self._notes(node.label)
            if found is None:
                return None
            if len(in_order([found])) <= LONGEST:
                return self.table.of(found), raw(found)
            made = self._opaque(node, k)
        local = _local_map(node, k)
        goal = values_of(node.tensor)[k] if back else node.value
        plain = raw(self._leaves[moved])
        value = like(local.pull(plain) if back else local.apply(plain), goal)
        return self.table.operation(PULL if back else APPLY, [made, self.terms[moved]], None, kind_of(value)), value

    def _traced(self, node: Node, k: int, moved: Tensor, back: bool) -> Any:
        """The contribution as the rule computes it from symbolic Tensors."""
        t = node.tensor
        assert t.primitive is not None
        y = self._leaves[node.label]
        arguments = tuple(self._symbolic(node, i) for i in range(len(t.arguments)))
        with np.errstate(all="ignore"):
            if t.primitive.partials and type(y.value) is float and type(moved.value) is float:
                rule = t.primitive.partials[k]
                return moved * (rule(y, *arguments) if callable(rule) else rule) if rule else None
            local = t.primitive.local_map(k, y, arguments, t.parameters)
            if type(local) is Zero:
                return None
            return like(local.pull(moved), arguments[k]) if back else like(local.apply(moved), y)

    def _symbolic(self, node: Node, k: int) -> Any:
        """An argument as a rule sees it."""
        label, value = node.labels[k], node.tensor.arguments[k]
        if label is None or label in node.constants:
            if id(value) not in self._conditions:
                return raw(value)
            condition = leaf(value, self.level, label)
            self.table.name(condition, self._argument(node, k))
            return condition
        return self._leaves[label]

    def _opaque(self, node: Node, k: int) -> Term:
        """The local Jacobian made by the rule itself, where what it does is too long to be read."""
        t = node.tensor
        parts = [self.terms[node.label], *(self._argument(node, i) for i in range(len(t.arguments)))]

        def make(y: Any, *arguments: Any) -> LinearMap:
            assert t.primitive is not None
            return t.primitive.local_map(k, y, arguments, t.parameters)

        return self._made(node, k, Operation(f"{node.primitive}_map", make), parts, {})

    def zeros(self, value: Any) -> Term:
        """Zeros of the shape and dtype of a value."""
        if not shape_of(value):
            return self.table.constant(0.0)
        return self.table.operation(ZEROS, [], {"shape": shape_of(value), "dtype": dtype_of(value)}, kind_of(value))

    # The sweeps -----------------------------------------------------------------------------------------------------
    def primal_sweep(self) -> None:
        """The evaluation."""
        for i, node in enumerate(self.graph.operations):
            self.primal(node, i)

    def forward_sweep(self, tangents: list[Any]) -> None:
        """Each operation's value and tangent in turn."""
        for label, tangent in zip(self.graph.inputs, tangents, strict=True):
            self.know(("dot", label), self.table.variable(self.variables["dot", label], tangent), tangent)
        for i, node in enumerate(self.graph.operations):
            self.primal(node, i)
            self._tangent(node, i)

    def _tangent(self, node: Node, step: int) -> None:
        total: Term | None = None
        value: Any = None
        for k in node.differentiable:
            found = self.contribution(node, k, ("dot", str(node.labels[k])), back=False)
            if found is not None:
                value = found[1] if total is None else value + found[1]
                total = (
                    found[0] if total is None else self.table.operation(ew.add, [total, found[0]], None, kind_of(value))
                )
        if total is None:
            total, value = self.zeros(node.value), zeros_like(node.value)
        key = ("dot", node.label)
        self.assign(key, total, node, step, lambda: _tangent_comment(node))
        self.know(key, self.table.variable(self.variables[key], value), value)

    def reverse_sweep(self, adjoint: Any) -> None:
        """The evaluation, then the adjoints in the order in which the sweep adds them."""
        operations, graph = self.graph.operations, self.graph
        self.primal_sweep()
        step = len(operations)  # the seed
        key = ("bar", graph.output)
        self.know(key, self.table.variable(self.variables[key], adjoint), adjoint)
        for node in reversed(operations):
            if ("bar", node.label) in self.terms:
                for k in node.differentiable:
                    step += 1
                    self._adjoint(node, k, step)
        for label in graph.inputs:
            if ("bar", label) not in self.terms:
                value = graph[label].value
                self.assign(
                    ("bar", label),
                    self.zeros(value),
                    graph[label],
                    None,
                    lambda: "no path leads from here to the output",
                )

    def _adjoint(self, node: Node, k: int, step: int) -> None:
        label = str(node.labels[k])
        target = self.graph[label]
        found = self.contribution(node, k, ("bar", node.label), back=True)
        term, value = (self.zeros(target.value), zeros_like(target.value)) if found is None else found
        key = ("bar", label)
        adds = key in self.terms
        self.assign(key, term, node, step, lambda: _adjoint_comment(node, k), adds)
        if adds:
            value = raw(self._leaves[key]) + value
        self.know(key, self.table.variable(self.variables[key], value), value)


def _labels(noted: Guard | Finding) -> list[str]:
    """The nodes that something was found out about."""
    sides = noted.labels if isinstance(noted, Finding) else (noted.left, noted.right)
    return [side for side in sides if isinstance(side, str)]


def _local_map(node: Node, k: int) -> LinearMap:
    """The local Jacobian by argument k at the traced values."""
    t = node.tensor
    assert t.primitive is not None
    return t.primitive.local_map(k, node.value, values_of(t), t.parameters)


def _derivative(node: Node, k: int) -> str:
    """A local derivative on one line: "∂w₁/∂x₁ = x₂", or "∂w₁/∂x is Dense"."""
    name = formulas.text(["partial", node.label, str(node.labels[k])])
    assert node.tensor.primitive is not None
    if node.tensor.primitive.partials:
        rule = node.rules[k].partial
        right = formulas.text(0 if rule is None else rule)
        if len(right) <= WIDEST:
            return f"{name} = {right}"
    return f"{name} is {_local_map(node, k).structure}"


def _adjoint_comment(node: Node, k: int) -> str:
    return f"{node.primitive}: {_derivative(node, k)}"


def _tangent_comment(node: Node) -> str:
    assert node.tensor.primitive is not None
    if node.tensor.primitive.partials:
        formula = formulas.text(_tangent_formula(node, node.rules))
        if len(formula) <= WIDEST:
            return f"{node.primitive}: {formula}"
    return f"{node.primitive}: {', '.join(_derivative(node, k) for k in node.differentiable[:2])}"
