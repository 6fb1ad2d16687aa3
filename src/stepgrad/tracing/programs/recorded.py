"""One run of a function as terms, and the program that they make: what it gives, and what it has to check before."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ...autodiff.primitives import elementwise as ew
from ...autodiff.sweeps import ones_like, own, values_of, zeros_like
from ...autodiff.tensor import Guard, Level, Look, Tensor, as_value, dtype_of, leaf, nowhere_zero, raw, shape_of
from ...autodiff.trees import flatten
from ..graph import Graph, Node
from .fast import Body, same
from .statements import Author, Check
from .surroundings import Names
from .terms import Operation, Term, kind_of

Function = Callable[..., Any]


class NoProgram(Exception):  # noqa: N818 - it is no error
    """At these values, and not elsewhere, the rules are others than a program would have."""


def is_real(value: Any) -> bool:
    """Whether an argument that isn't differentiated by can be a variable of a program."""
    return isinstance(value, (float, np.floating)) or (type(value) is np.ndarray and value.dtype.kind == "f")


def real(value: Any) -> Any:
    """NumPy's float64 scalars as Python floats, which they are; anything else as it is."""
    return float(value) if isinstance(value, float) else value


def outline(tree: Any) -> Any:
    """The structure of arguments."""
    if isinstance(tree, dict):
        return type(tree), *((key, outline(part)) for key, part in tree.items())
    if isinstance(tree, (tuple, list)):
        return type(tree), *map(outline, tree)
    return None if tree is None else "leaf"


class Sweeper(Author):
    """Keeps terms alone: what the sweep that `grad` makes adds up, and what has to be checked."""

    def __init__(self, graph: Graph, reached: set[int]) -> None:
        self.checks: list[Check] = []
        self.reached = reached
        super().__init__(graph, "reverse")

    def primal(self, node: Node, step: int | None) -> None:
        """One more node.

        Raises:
            NoProgram: a number to the power of one that is 0 and may be another, where the slope has a rule of its own.
        """
        super().primal(node, step)
        if (
            node.primitive == "power"
            and node.labels[1] is not None
            and type(b := values_of(node.tensor)[1]) is float
            and b == 0.0
        ):
            raise NoProgram

    def assign(self, *_: Any) -> None:
        """No statements."""

    def _add_check(self, check: Check) -> None:
        if all(check.term is not known.term for known in self.checks):
            self.checks.append(check)

    def sweep(self, seed: Any) -> None:
        """The adjoints of all that the arguments to differentiate by move."""
        graph = self.graph
        self.know(("bar", graph.output), self.table.constant(seed), seed)
        for node in reversed(graph.operations):
            if ("bar", node.label) not in self.terms:
                continue
            for k in node.differentiable:
                label = str(node.labels[k])
                found = None
                if graph[label].tensor.time in self.reached:
                    found = self.contribution(node, k, ("bar", node.label), back=True)
                if found is not None:
                    self._add(("bar", label), *found)

    def _add(self, key: Any, term: Term, value: Any) -> None:
        if key in self.terms:
            value = raw(self._leaves[key]) + value
            term = self.table.operation(ew.add, [self.terms[key], term], None, kind_of(value))
        self.know(key, term, value)


def _asking(function: Function, leaves: list[Any], build: Function, names: list[str]) -> Function:
    """A function of those arguments alone that have names."""
    places = [i for i, name in enumerate(names) if name]
    constants = [raw(leaf) for leaf in leaves]

    def ask(*values: Any) -> Any:
        full = list(constants)
        for place, value in zip(places, values, strict=True):
            full[place] = value
        arguments, keywords = build(full)
        return function(*arguments, **keywords)

    return ask


class Recording:
    """One run of a function, as terms: what its output and gradient are, and what has to be checked.

    Attributes:
        build: puts a list of leaves into the structure of the arguments.
        is_plain: whether each argument is one number or one array.
        source: the program, once it is written.
    """

    def __init__(
        self,
        f: Function,
        args: tuple[Any, ...],
        active: list[int],
        single: bool,
        with_value: bool,
        symbolic: bool,
        others: bool,
    ) -> None:
        leaves, self.build = flatten(args)
        owners = [i for i, argument in enumerate(args) for _ in flatten(argument)[0]]
        self.is_plain = outline(args) == (tuple, *["leaf"] * len(args))
        self.chosen, self.single, self.with_value, self.source = active, single, with_value, ""
        self.active = [i in active for i in owners]
        self.values = [as_value(x) if a else real(x) for x, a in zip(leaves, self.active, strict=True)]
        self.moves = [a or (others and is_real(x)) for x, a in zip(leaves, self.active, strict=True)]
        guards: list[Guard | Look] = []
        self.level = level = Level(guards, symbolic)
        nodes = level.nodes = []
        self.inputs = [leaf(v, level) if m else v for v, m in zip(self.values, self.moves, strict=True)]
        try:
            (self.output,) = flatten(f(*self.build(self.inputs)))[0]
        finally:
            level.nodes = None
        output = self.output
        foreign = type(output) is Tensor and not self._ours(output)
        if foreign or shape_of(output) != () or dtype_of(raw(output)).kind != "f":
            raise ValueError("the output isn't one real number")
        if any(type(a) is Tensor and not self._ours(a) for t in nodes for a in t.arguments):
            raise ValueError("the function uses what another differentiation depends on")
        self._describe(nodes, guards)

    # Terms ----------------------------------------------------------------------------------------------------------
    def _describe(self, nodes: list[Tensor], guards: Sequence[Guard | Look]) -> None:
        variables = [x for x in self.inputs if self._ours(x)]
        self.labels = {t.time: f"x{i + 1}" for i, t in enumerate(variables)}
        self.labels.update({t.time: f"w{i + 1}" for i, t in enumerate(nodes)})
        graph = Graph([self._node(i, t) for i, t in enumerate([*variables, *nodes])], self._label(self.output))
        reached = self._reached(nodes)
        self.author = author = Sweeper(graph, reached)
        waiting = list(guards)
        self._checks(author, waiting)
        for node in graph.operations:
            author.primal(node, None)
            self._checks(author, waiting)
        if not self._ours(self.output):
            self.value = author.table.constant(as_value(self.output))
            return
        self.value = author.terms[self._label(self.output)]
        if self.output.time in reached:
            author.sweep(ones_like(raw(self.output)))

    def _ours(self, value: Any) -> bool:
        return type(value) is Tensor and value.level is self.level

    def _label(self, value: Any) -> str:
        return self.labels[value.time] if self._ours(value) else ""

    def _node(self, i: int, t: Tensor) -> Node:
        labels = tuple(self._label(a) or None for a in t.arguments)
        inputs = tuple(label for label in labels if label is not None)
        name = t.primitive.name if t.primitive else None
        return Node(i, self.labels[t.time], name, inputs, raw(t.value), None, None, t, labels, ())

    def _reached(self, nodes: list[Tensor]) -> set[int]:
        """The times of what the arguments to differentiate by move."""
        reached = {x.time for x, active in zip(self.inputs, self.active, strict=True) if active}
        for t in nodes:
            if any(self._ours(a) and a.time in reached for a in t.arguments):
                reached.add(t.time)
        return reached

    def _checks(self, author: Sweeper, waiting: list[Guard | Look]) -> None:
        """What was noted as soon as it can be checked."""
        while waiting:
            noted = waiting[0]
            if isinstance(noted, Guard):
                function: Any = getattr(ew, noted.operation)
                arguments, keywords = (noted.left, noted.right), {}
            else:
                function, arguments, keywords = noted.function, noted.arguments, noted.keywords
            leaves, build = flatten((arguments, keywords))
            ours = [self._label(a) for a in leaves]
            if any(label and label not in author.terms for label in ours):
                return
            table, known = author.table, author.terms
            parts = [known[label] for label in ours if label]
            if isinstance(noted, Guard):
                sides = [known[name] if name else table.constant(a) for name, a in zip(ours, leaves, strict=True)]
                term = table.operation(function, sides, None, kind_of(noted.outcome))
            elif function in (bool, nowhere_zero):
                term = table.operation(Operation(function.__name__, function), parts, {}, None)
            else:
                ask = _asking(function, leaves, build, ours)
                term = table.operation(Operation("look", ask), parts, {}, None)
            author.checks.append(Check(term, noted.outcome, "", len(author.table)))
            del waiting[0]

    # The program ----------------------------------------------------------------------------------------------------
    def compiled(self, again: Function, exact: Function) -> Function:
        """The program as a function.

        Args:
            again: what it gives for arguments that it isn't made for.
            exact: what it gives outside of a domain, where Python has an error and NumPy a value.
        """
        names = Names()
        parameters = [names.new(f"x{i + 1}") for i in range(len(self.values))]
        reserved: dict[str, Any] = {"again": again, "exact": exact, "finish": None, "same": same, "np": np}
        names.taken.update(reserved)
        terms = self.author.terms
        for name, x in zip(parameters, self.inputs, strict=True):
            if self._ours(x):
                terms[self._label(x)].name = name
        gradients = [
            terms.get(("bar", self._label(x))) if active else None
            for x, active in zip(self.inputs, self.active, strict=True)
        ]
        body = Body(self.author.table, names, self.author.checks, [self.value if self.with_value else None, *gradients])
        given = ", ".join(parameters)
        lines = body.write(f"again({given})")
        result = self._result(body, parameters, gradients)
        space = body.writer.objects
        text = [f"def gradient({given}):"]
        if conditions := self._conditions(parameters, space):
            text += [f"    if {' or '.join(conditions)}:", f"        return again({given})"]
        text += ["    try:", *(f"        {line}" for line in lines), f"        return {result}"]
        text += ["    except (ValueError, ArithmeticError):", f"        return exact({given})"]
        self.source = "\n".join([*body.writer.constants, *text]) + "\n"
        reserved["finish"] = _finish(self, {id(value) for value in space.values()})
        space.update(reserved)
        exec(compile(self.source, "<compiled gradient>", "exec"), space)  # noqa: S102 - text and names are made here
        run: Function = space["gradient"]
        return run

    def _conditions(self, parameters: list[str], space: dict[str, Any]) -> list[str]:
        """In Python, that an argument is otherwise than in the example."""
        found = []
        for i, (name, value, moves) in enumerate(zip(parameters, self.values, self.moves, strict=True), 1):
            if not moves:
                space[f"given{i}"] = value.copy() if isinstance(value, np.ndarray) else value
                found.append(f"not same({name}, given{i})")
            elif type(value) is float:
                found.append(f"type({name}) is not float")
            else:
                space[f"kind{i}"] = type(value)
                found.append(f"type({name}) is not kind{i}")
            if moves and type(value) is np.ndarray:
                space[f"dtype{i}"] = value.dtype
                found.append(f"{name}.shape != {value.shape!r} or {name}.dtype != dtype{i}")
        return found

    def _result(self, body: Body, parameters: list[str], gradients: list[Term | None]) -> str:
        """What is returned, in Python."""
        texts = ["None" if term is None else body.writer.text(term) for term in gradients]
        if self.is_plain and all(type(v) is float for v, a in zip(self.values, self.active, strict=True) if a):
            texts = [
                text if term is not None and term.is_float else "0.0" if term is None else f"float({text})"
                for term, text in zip(gradients, texts, strict=True)
            ]
            picked = [texts[i] for i in self.chosen]
            gradient = picked[0] if self.single else f"({', '.join(picked)}{',' if len(picked) == 1 else ''})"
        else:
            gradient = f"finish(({', '.join(texts)},), ({', '.join(parameters)},))"
        return f"{body.writer.text(self.value)}, {gradient}" if self.with_value else gradient


def _finish(recording: Recording, constants: set[int]) -> Function:
    """What puts a gradient in the structure of the arguments, each array its own.

    Args:
        recording: of the program.
        constants: the ids of what the program itself holds.
    """
    build, chosen, single = recording.build, recording.chosen, recording.single
    leaves = list(zip(map(_stand_in, recording.values), recording.active, strict=True))

    def finish(found: tuple[Any, ...], given: tuple[Any, ...]) -> Any:
        held = constants.union(map(id, given))
        gradients: list[Any] = []
        for adjoint, (value, active) in zip(found, leaves, strict=True):
            if active:
                adjoint = zeros_like(value) if adjoint is None else own(adjoint, value, held)
                held.add(id(adjoint))
            gradients.append(adjoint)
        arguments = build(gradients)
        return arguments[chosen[0]] if single else tuple(arguments[i] for i in chosen)

    return finish


def _stand_in(value: Any) -> Any:
    """Something of a value's kind that takes no memory."""
    return np.broadcast_to(np.zeros((), value.dtype), value.shape) if type(value) is np.ndarray else value
