"""GraphExplorer: build a directed graph, put its nodes in order, and run it in that order and back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import traitlets as t

from ..documents import orders
from ..documents.dag import INPUT, MOST_NODES, OPERATIONS, Node, dag_document, edges_of, fault, table
from ..documents.layout import layout
from ..documents.notation import label_text
from ..expressions import Expression, ExpressionError, expression
from ..tracing import Graph, trace
from .base import DocumentWidget, Speed, front_end

MODES = ("build", "order", "algorithms", "run")


class GraphExplorer(DocumentWidget):
    """A directed graph without cycles: build it, order its nodes, count the orders, and compute in one of them.

    Args:
        f: text such as "x1*x2 + sin(x1)", a function, or a graph that `stepgrad.trace` made; None for a graph by hand.
        inputs: where to evaluate the function; for text, in the natural order of its variables. Missing ones are 1.
        edges: for a graph by hand, pairs (source, target) of labels. Its nodes have no operation, unless `nodes` says
            so, and can be ordered but not run.
        nodes: for a graph by hand, labels, or dictionaries with `label`, `operation` ("input", or one of
            `GraphExplorer.operations`), `arguments` (labels and numbers) and `value` (of an input).
        mode: "build", "order", "algorithms" or "run".
        predict: ask for the number of topological orders, and how many nodes are ready at each step.
        options: any of the traits below.

    Traits that Python can set and observe, all of them also in the front end:
        nodes: the graph: what each node is, does and reads. An edge that closes a cycle is refused.
        order: every label once, from place 1 on. It need not be topological: what points backward is lit.
        output: the label of the node whose adjoint is 1 on the way back.
        mode, position: what is shown, and how many steps of it have been done.
        selected: the label of the node in hand, or "".
        playing, speed: whether it plays, and how many steps a second.
        expression: the text, if the graph is that of one: set it to show another.
        predict, answers: the predictions made, as dictionaries with `question`, `about`, `answer`, `expected`,
            `correct` and `skipped`.
        controls: the parts to show, by name ("source", "mode", "predict", "export"); all of them if empty.

    Raises:
        ExpressionError: the text can't be read.
        TraitError: nodes that make no graph, an order that doesn't name each of them once.
        TypeError, ValueError: as `stepgrad.trace`; both a function and a graph by hand, or neither.

    All but a new expression is computed in the browser.
    """

    _esm = front_end("graph_explorer.js")
    _css = front_end("graph_explorer.css")

    operations = tuple(OPERATIONS)
    """What a node made by hand can do."""

    _request = t.Dict().tag(sync=True)
    _error = t.Dict().tag(sync=True)

    nodes = t.List(t.Dict()).tag(sync=True)
    order = t.List(t.Unicode()).tag(sync=True)
    output = t.Unicode("").tag(sync=True)
    mode = t.Enum(MODES, "order").tag(sync=True)
    position = t.Int(0, min=0).tag(sync=True)
    selected = t.Unicode("").tag(sync=True)
    playing = t.Bool(False).tag(sync=True)
    speed = Speed(1.0, min=0.1, max=20.0).tag(sync=True)
    expression = t.Unicode("").tag(sync=True)
    predict = t.Bool(False).tag(sync=True)
    answers = t.List(t.Dict()).tag(sync=True)
    controls = t.List(t.Unicode()).tag(sync=True)

    def __init__(
        self,
        f: Callable[..., Any] | str | Graph | None = None,
        *inputs: Any,
        nodes: Sequence[Any] | None = None,
        edges: Sequence[tuple[str, str]] | None = None,
        order: Sequence[str] | None = None,
        mode: str = "order",
        predict: bool = False,
        **options: Any,
    ) -> None:
        self._ready = False
        by_hand = nodes is not None or edges is not None
        if by_hand and f is not None:
            raise TypeError("give a function or a graph by hand, not both")
        text = f if isinstance(f, str) else f.text if isinstance(f, Expression) else ""
        made = _by_hand(nodes, edges) if by_hand else _traced("x1*x2 + sin(x1)" if f is None else f, inputs)
        if f is None and not by_hand:
            text = "x1*x2 + sin(x1)"
        wrong = fault(made)
        if wrong:
            raise t.TraitError(f"This makes no graph: {wrong}.")
        labels = [node["label"] for node in made]
        start = {
            "nodes": made,
            "output": _last(made),
            "order": labels if order is None else list(order),
            "expression": text,
        }
        _check_order(start["order"], labels)
        super().__init__(**{**start, "mode": mode, "predict": predict, **options})
        self._check_nodes_agree()
        self._ready = True

    # What changes ---------------------------------------------------------------------------------------------------
    @t.validate("nodes")
    def _makes_a_graph(self, proposal: Any) -> Any:
        wrong = fault(proposal["value"])
        if wrong:
            raise t.TraitError(f"This makes no graph: {wrong}.")
        return [_complete(node) for node in proposal["value"]]

    @t.observe("nodes")
    def _follow(self, _change: Any) -> None:
        """The order and the output keep what is still there; new nodes come last."""
        if not self._ready:
            return
        labels = [node["label"] for node in self.nodes]
        kept = [label for label in self.order if label in labels]
        with self.hold_sync():
            self.order = [*kept, *(label for label in labels if label not in kept)]
            if self.output not in labels:
                self.output = _last(self.nodes)
            if self.selected not in labels:
                self.selected = ""

    @t.validate("order")
    def _names_each_once(self, proposal: Any) -> Any:
        if self._ready:
            _check_order(proposal["value"], [node["label"] for node in self.nodes])
        return proposal["value"]

    @t.validate("output", "selected")
    def _is_there(self, proposal: Any) -> str:
        label: str = proposal["value"]
        if self._ready and label and label not in {node["label"] for node in self.nodes}:
            raise t.TraitError(f"There is no node {label!r}; there are {', '.join(n['label'] for n in self.nodes)}.")
        return label

    def _check_nodes_agree(self) -> None:
        labels = [node["label"] for node in self.nodes]
        _check_order(self.order, labels)
        for name in ("output", "selected"):
            if getattr(self, name) and getattr(self, name) not in labels:
                raise t.TraitError(f"There is no node {getattr(self, name)!r}; there are {', '.join(labels)}.")

    @t.validate("expression")
    def _read(self, proposal: Any) -> str:
        """Bad text is refused, and the last good graph stays."""
        text: str = proposal["value"]
        if self._ready and text:
            expression(text)
        return text

    @t.observe("expression")
    def _rewrite(self, change: Any) -> None:
        if self._ready and change["new"]:
            self._replace(change["new"])

    def _replace(self, text: str) -> None:
        known = {node["label"]: node.get("value") for node in self.nodes if node["operation"] == INPUT}
        f = expression(text)
        made = _traced(f, tuple(known.get(name) or 1.0 for name in f.variables))
        self._ready = False
        try:
            with self.hold_sync():
                self.nodes = [dict(node) for node in made]
                self.order = [node["label"] for node in made]
                self.output = _last(made)
                self.selected, self.position, self.playing = "", 0, False
                self.expression = f.text
        finally:
            self._ready = True

    @t.observe("_request")
    def _answer(self, change: Any) -> None:
        """The front end asks for the graph of a text."""
        request = change["new"]
        if not self._ready or request.get("kind") != "trace":
            return
        text, answer = request.get("expression"), {"id": request.get("id"), "expression": request.get("expression")}
        try:
            self._replace(text)
        except ExpressionError as error:
            answer |= {"message": str(error), "column": error.column}
        except (TypeError, ValueError, ArithmeticError) as error:
            answer |= {"message": str(error), "column": None}
        self._error = answer

    # The graph ------------------------------------------------------------------------------------------------------
    @property
    def edges(self) -> list[tuple[str, str]]:
        """Its edges as (source, target)."""
        return edges_of(self.nodes)  # type: ignore[arg-type]

    @property
    def is_topological(self) -> bool:
        """Whether every edge points forward in the present order."""
        return not orders.backward_edges(self.order, self.edges)

    def count_topological_orders(self, limit: int = 1_000_000) -> int:
        """How many orders have every edge pointing forward, exactly.

        Raises:
            ValueError: counting would look at more than `limit` sets of nodes.
        """
        return orders.count_orders([node["label"] for node in self.nodes], self.edges, limit)

    # Faces ----------------------------------------------------------------------------------------------------------
    def document(self) -> dict[str, Any]:
        """The graph document: the graph, its orders, both algorithms, and what it computes."""
        return dag_document(self.nodes, self.order, self.output)  # type: ignore[arg-type]

    def text(self) -> str:
        """The order as a table, with the edges that point backward."""
        return table(self.document())

    def figure(self, theme: str = "light") -> Any:
        """A matplotlib Figure: the graph, and its nodes on a line in the present order."""
        from ..figures.dag import figure

        return figure(self.document(), theme, hidden=self.predict)  # type: ignore[arg-type]

    def _repr_text_(self) -> str:
        return table(self.document(), hidden=self.predict)

    def __repr__(self) -> str:
        what = repr(self.expression) if self.expression else f"{len(self.nodes)} nodes, {len(self.edges)} edges"
        return f"GraphExplorer({what}, mode={self.mode!r})"


def _by_hand(nodes: Sequence[Any] | None, edges: Sequence[Any] | None) -> list[Node]:
    """Nodes from labels or dictionaries, and edges, placed."""
    pairs = []
    for edge in edges or []:
        if not isinstance(edge, (tuple, list)) or len(edge) != 2 or not all(isinstance(end, str) for end in edge):
            raise TypeError(f"an edge is a pair of labels (source, target), not {edge!r}")
        pairs.append((edge[0], edge[1]))
    given = [label for pair in pairs for label in pair] if nodes is None else list(nodes)
    made: list[Node] = []
    for node in given if nodes is not None else dict.fromkeys(given):
        if not isinstance(node, (str, dict)):
            raise TypeError(f"a node is a label or a dictionary, not {node!r}")
        entry: dict[str, Any] = {"label": node} if isinstance(node, str) else dict(node)
        entry.setdefault("operation", None)
        entry["arguments"] = list(entry.get("arguments", ()))
        made.append(entry)  # type: ignore[arg-type]
    by_label = {node["label"]: node for node in made}
    for source, target in pairs:
        if target not in by_label:
            raise ValueError(f"the edge {source} → {target} names a node that is not in the graph")
        by_label[target]["arguments"].append(source)
    wrong = fault(made)
    if wrong:
        raise t.TraitError(f"This makes no graph: {wrong}.")
    return _placed(made)


def _placed(nodes: list[Node]) -> list[Node]:
    """The nodes, each with a place where it has none."""
    labels = [node["label"] for node in nodes]
    found = layout(labels, edges_of(nodes)).positions
    for node in nodes:
        x, y = found[node["label"]]
        node.setdefault("x", float(x))
        node.setdefault("y", float(y))
    return nodes


def _traced(f: Callable[..., Any] | str | Graph, inputs: tuple[Any, ...]) -> list[Node]:
    """The nodes of a function's graph."""
    if isinstance(f, str):
        f = expression(f)
    if isinstance(f, Expression):
        inputs = (*inputs, *(1.0,) * (len(f.variables) - len(inputs)))
    graph = f if isinstance(f, Graph) else trace(f, *inputs)
    if len(graph.nodes) > MOST_NODES:
        raise ValueError(f"this graph has {len(graph.nodes)} nodes; GraphExplorer shows up to {MOST_NODES}")
    document = graph.document()["graph"]
    nodes: list[Node] = []
    for entry, node in zip(document["nodes"], graph.nodes, strict=True):
        operation: str | None = INPUT if entry["kind"] == "input" else str(entry["primitive"])
        arguments = [a for a in entry["arguments"] if isinstance(a, (str, int, float))]
        scalar = graph.live and len(arguments) == len(entry["arguments"])
        made: Node = {
            "label": entry["label"],
            "operation": operation if scalar else None,
            "arguments": arguments,
            "value": float(node.value) if scalar and operation == INPUT else None,
            "x": float(entry["x"]),
            "y": float(entry["y"]),
            "symbol": entry["symbol"] if operation != INPUT else None,
            "partials": entry["partials"] if scalar and operation not in (INPUT, *OPERATIONS) else None,
        }
        nodes.append(made)
    return nodes


def _complete(node: Any) -> dict[str, Any]:
    """A node with all its entries."""
    return {
        "label": node["label"],
        "operation": node.get("operation"),
        "arguments": list(node["arguments"]),
        "value": (0.0 if node.get("value") is None else float(node["value"])) if node["operation"] == INPUT else None,
        "x": float(node.get("x", 0.0)),
        "y": float(node.get("y", 0.0)),
        "symbol": node.get("symbol"),
        "partials": node.get("partials"),
    }


def _last(nodes: Sequence[Any]) -> str:
    """The last node that nobody reads: what the graph computes."""
    read = {a for node in nodes for a in node["arguments"]}
    ends = [node["label"] for node in nodes if node["label"] not in read]
    return str(ends[-1]) if ends else ""


def _check_order(order: Any, labels: Sequence[str]) -> None:
    if len(order) != len(labels) or set(order) != set(labels):
        names = ", ".join(map(label_text, labels))
        raise t.TraitError(f"The order has to name every node once: {names}; this is {', '.join(map(str, order))}.")


__all__ = ["GraphExplorer"]
