"""A sweep as a short NumPy program that can be read and run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np

from ...autodiff.sweeps import like, ones_like
from ...autodiff.tensor import as_value, raw, shape_of
from ..graph import Graph
from ..sweep import _directions, _seed
from .statements import Author, Check, Statement
from .terms import Term, kind_of
from .text import PRODUCT, Writer

MODES = ("primal", "forward", "reverse")


class Line(NamedTuple):
    """One line of a program.

    Attributes:
        text: the whole line, as it stands in the source.
        code: what it does, without its comment.
        comment: which rule it is of; "" for none.
        node: the label of the node that it belongs to; None for none.
        step: the number of the step, among the steps of the sweep of the same mode, that it does; None for none.
    """

    text: str
    code: str
    comment: str = ""
    node: str | None = None
    step: int | None = None


BLANK = Line("", "")


class Program:
    """A sweep over a graph as a NumPy program: `graph.program(mode)`.

    Attributes:
        mode: "primal", "forward" or "reverse".
        name: of the function that it defines, the mode's.
        source: the text.
        lines: its lines, each with the node and the step it belongs to.
        namespace: the objects that the source names and doesn't define: large constant arrays, and maps without a
            short formula. `exec(program.source, program.namespace)` defines the function.
    """

    def __init__(self, graph: Graph, mode: str, lines: Sequence[Line], namespace: dict[str, Any]) -> None:
        self.mode = mode
        self.name = mode
        self.lines = tuple(lines)
        self.namespace = namespace
        self._graph = graph
        self._function: Any = None

    @property
    def source(self) -> str:
        """The text of the program."""
        return "\n".join(line.text for line in self.lines) + "\n"

    def of_step(self, step: int) -> list[int]:
        """The numbers, from 0, of the lines that do a step of the sweep."""
        return [i for i, line in enumerate(self.lines) if line.step == step]

    def run(self, *inputs: Any, seed: Any = None) -> Any:
        """Runs the program.

        Args:
            inputs: a number or an array for each input of the graph, of its shape; those of the graph by default.
            seed: as in `Graph.forward_mode` and `Graph.reverse_mode`.

        Returns:
            The output; in forward mode (output, its tangent), in reverse mode (output, a tuple of the adjoints of the
            inputs).

        Raises:
            ValueError: inputs or a seed of other shapes, or too few or too many of them.
            AssertionError: at these inputs the traced function takes another branch.
        """
        graph = self._graph
        known = [graph[label].value for label in graph.inputs]
        if inputs and len(inputs) != len(known):
            raise ValueError(f"the program takes {len(known)} inputs: {', '.join(graph.inputs)}; got {len(inputs)}")
        values = [
            _checked(given, value, label)
            for given, value, label in zip(inputs or known, known, graph.inputs, strict=True)
        ]
        seeds: list[Any] = []
        if self.mode == "forward":
            seeds = _directions(seed, values, graph.inputs)
        elif self.mode == "reverse":
            shape = shape_of(graph.value)
            if seed is None and shape:
                raise ValueError(
                    f"the output has shape {shape}, so reverse mode needs a seed of that shape: its adjoint"
                )
            seeds = [ones_like(graph.value) if seed is None else _seed(seed, graph.value, graph.output)]
        with np.errstate(all="ignore"):  # NumPy's conventions hold: 1/0 is inf
            result = self._compiled()(*(np.float64(v) if type(v) is float else v for v in (*values, *seeds)))
        if self.mode == "primal":
            return _plain(result, graph.value)
        if self.mode == "forward":
            return _plain(result[0], graph.value), _plain(result[1], graph.value)
        return _plain(result[0], graph.value), tuple(_plain(a, v) for a, v in zip(result[1], known, strict=True))

    def _compiled(self) -> Any:
        if self._function is None:
            space = dict(self.namespace)
            code = compile(self.source, f"<the {self.mode} program of {self._graph.name}>", "exec")
            exec(code, space)  # noqa: S102 - the source that is written here, of names that are made here
            self._function = space[self.name]
        return self._function

    def __repr__(self) -> str:
        graph = self._graph
        return f"<Program {self.mode} of {graph.name}({', '.join(graph.inputs)}): {len(self.lines)} lines>"


def _checked(given: Any, value: Any, label: str) -> Any:
    given = raw(as_value(given))
    if shape_of(given) != shape_of(value):
        raise ValueError(
            f"{label} has shape {shape_of(given)}, and it was traced with shape {shape_of(value)}: trace it anew"
        )
    return like(given, value)


def _plain(result: Any, value: Any) -> Any:
    """A result of the kind of the value that it belongs to: a Python float for a float."""
    return float(result) if type(value) is float else result


def program(graph: Graph, mode: str) -> Program:
    """The sweep of this mode as a program. See `Graph.to_source`."""
    if mode not in MODES:
        raise ValueError(f"mode is 'primal', 'forward' or 'reverse', not {mode!r}")
    return _Book(graph, mode).program()


class _Book:
    """Puts a program's lines together."""

    def __init__(self, graph: Graph, mode: str) -> None:
        self.graph, self.mode = graph, mode
        self.author = Author(graph, mode)
        self.values = [graph[label].value for label in graph.inputs]
        if mode == "primal":
            self.author.primal_sweep()
        elif mode == "forward":
            self.author.forward_sweep([ones_like(raw(value)) for value in self.values])
        else:
            self.author.reverse_sweep(ones_like(raw(graph.value)))
        self.writer = Writer(self.author.names)
        for label, array in self.author.arrays.items():
            self.writer.array(array, label)
        self.uses = uses_of(self.author.statements)
        self.additions = Counter(s.target for s in self.author.statements if isinstance(s, Statement) and s.adds)
        self.numbers = all(type(node.value) is float for node in graph.nodes)
        self.body: list[Line] = []
        self.shared: set[str] = set()

    def program(self) -> Program:
        for statement in self.author.statements:
            if isinstance(statement, Check):
                self._check(statement)
            else:
                self._statement(statement)
        result = self._result()
        body = [*self.body, Line(f"    return {result}", f"return {result}")]
        width = min(max((len(line.code) for line in body if line.comment), default=0), 56)
        body = [
            line._replace(
                text=f"    {line.code.ljust(width)}  # {line.comment}" if line.comment else f"    {line.code}"
            )
            for line in body
        ]
        lines = [*self._head(), *body]
        return Program(self.graph, self.mode, lines, dict(self.writer.objects))

    # The function's body --------------------------------------------------------------------------------------------
    def _statement(self, statement: Statement) -> None:
        """The lines of a statement: first what it has in common with others, each by a name of its own."""
        term, writer = statement.term, self.writer
        self._share(term, statement.node, root=True)
        named = writer.bound.get(term, term.name)
        if named is None and self._is_lasting(term, statement):
            self._name(term, statement.node)
        named = writer.bound.get(term, term.name)
        if statement.adds:
            code = self._addition(statement)
        else:
            code = f"{statement.target} = {named if named is not None else writer.text(term)}"
            if (named is None or named in self.shared) and self.additions[statement.target] == 0:
                writer.bound[term] = statement.target
        self._line(code, statement.comment(), statement.node, statement.step)

    def _check(self, check: Check) -> None:
        self._share(check.term, check.node, root=True)
        of_rule = check.term.is_("nowhere_zero")
        message = "another rule would hold" if of_rule else "another branch would be taken"
        code = f'assert {self._holds(check)}, "{message}"'
        self._line(code, "the rule relies on it" if of_rule else "the branch taken", check.node, None)

    def _holds(self, check: Check) -> str:
        """In Python, that it is still as it was."""
        text, outcome = self.writer.text(check.term), check.outcome
        if isinstance(outcome, (bool, np.bool_)):
            return text if outcome else f"not {text}"
        if isinstance(outcome, (int, np.integer)):
            return f"{text} == {outcome}"
        return f"np.array_equal({text}, {self.writer.array(np.asarray(outcome))})"

    def _is_lasting(self, term: Term, statement: Statement) -> bool:
        """Whether a contribution is read again later, when the sum that it is part of has gone on."""
        sums = statement.adds or self.additions[statement.target] > 0
        return sums and term.operation is not None and self.uses[term] > 1

    def _addition(self, statement: Statement) -> str:
        term, target, sign = statement.term, statement.target, "+"
        if term not in self.writer.bound and term.is_("negative"):
            term, sign = term.parts[0], "-"
        if self.numbers:
            return f"{target} {sign}= {self.writer.text(term)}"
        return f"{target} = {target} {sign} {self.writer.text(term, PRODUCT)}"  # not in place: it may be a view

    def _share(self, term: Term, node: str, root: bool = False) -> None:
        """Gives names to what several statements read."""
        if term in self.writer.bound or term.operation is None:
            return
        for part in term.parts:
            self._share(part, node)
        if not root and self.uses[term] > 1:
            self._name(term, node)

    def _name(self, term: Term, node: str) -> None:
        name = self.author.names.new(f"t{len(self.shared) + 1}")
        self.shared.add(name)
        code = f"{name} = {self.writer.text(term)}"
        self.writer.bound[term] = name
        self._line(code, "read more than once", node, None)

    def _line(self, code: str, comment: str, node: str | None, step: int | None) -> None:
        comment = " ".join(comment.split())  # a label that has a line break in it must not end the comment
        self.body.append(Line("", code, comment, node, step))

    def _result(self) -> str:
        of, graph = self.author.variables, self.graph
        output = of[graph.output]
        if self.mode == "primal":
            return output
        if self.mode == "forward":
            return f"{output}, {of['dot', graph.output]}"
        bars = ", ".join(of["bar", label] for label in graph.inputs)
        return f"{output}, ({bars}{',' if len(graph.inputs) == 1 else ''})"

    # What stands above ----------------------------------------------------------------------------------------------
    def _head(self) -> Iterable[Line]:
        writer = self.writer
        yield Line("import numpy as np", "import numpy as np")
        modules: dict[str, list[str]] = {}
        for name, home in sorted(writer.imports.items()):
            module, _, original = home.partition(":")
            modules.setdefault(module, []).append(f"{original} as {name}" if original else name)
        for module, imported in sorted(modules.items()):
            code = f"from {module} import {', '.join(imported)}"
            yield Line(code, code)
        if writer.objects or writer.constants:
            yield BLANK
        if writer.objects:
            text = f"# Given in the namespace: {', '.join(writer.objects)}"
            yield Line(text, "", text[2:])
        yield from (Line(code, code) for code in writer.constants)
        for helper in writer.helpers:
            yield from (BLANK, BLANK, *(Line(code, code) for code in helper.splitlines()))
        yield from (BLANK, BLANK)
        step = len(self.graph.operations) if self.mode == "reverse" else None
        node = self.graph.output if self.mode == "reverse" else None
        code = f"def {self.mode}({', '.join(self._parameters())}):"
        yield Line(code, code, "", node, step)
        code = f'    """{self._docstring()}"""'
        yield Line(code, code.strip())

    def _parameters(self) -> list[str]:
        of, inputs = self.author.variables, self.graph.inputs
        names = [of[label] for label in inputs]
        if self.mode == "forward":
            tangents = [of["dot", label] for label in inputs]
            if all(type(raw(value)) is float for value in self.values):
                tangents = [f"{name}={0.0 if i else 1.0}" for i, name in enumerate(tangents)]
            return [*names, *tangents]
        if self.mode == "reverse":
            kind, name = kind_of(self.graph.value), of["bar", self.graph.output]
            one = "1.0" if kind.is_float else f"np.{kind.dtype.name}(1.0)"
            return [*names, f"{name}={one}" if kind.shape == () else name]
        return names

    def _docstring(self) -> str:
        of, graph = self.author.variables, self.graph
        if self.mode == "primal":
            return f"The value {of[graph.output]}."
        if self.mode == "forward":
            tangents = ", ".join(of["dot", label] for label in graph.inputs)
            return f"The value {of[graph.output]} and its tangent along ({tangents}): forward mode."
        adjoints = ", ".join(of["bar", label] for label in graph.inputs)
        return f"The value {of[graph.output]} and the adjoints {adjoints}: reverse mode."


def uses_of(statements: Iterable[Statement | Check]) -> Counter[Term]:
    """How many statements and other terms read each term."""
    uses: Counter[Term] = Counter()
    seen: set[Term] = set()
    for statement in statements:
        uses[statement.term] += 1
        rest = [statement.term]
        while rest:
            term = rest.pop()
            if term in seen:
                continue
            seen.add(term)
            for part in term.parts:
                uses[part] += 1
                rest.append(part)
    return uses
