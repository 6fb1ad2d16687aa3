"""The graph document: a directed graph without cycles that a hand can build, an order of its nodes, what it computes.

A node says what it reads, and every reading is an edge. The twin in the browser is `widgets/src/math/dag.ts`.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple, TypedDict

import numpy as np

from ..autodiff import Tensor
from ..autodiff.primitives import elementwise
from ..autodiff.sweeps import in_order, pull, values_of
from . import orders
from .notation import label_text, number
from .schema import MismatchError, check
from .trace import DocumentError

__all__ = [
    "INPUT", "KIND", "MOST_NODES", "OPERATIONS", "VERSION", "Node", "Run", "dag_document", "edges_of", "fault", "run",
    "schema", "symbol", "table", "validate",
]  # fmt: skip

KIND, VERSION = "stepgrad.dag", 1
INPUT = "input"
MOST_NODES, MOST_READ = 60, 12
LARGEST = 1e100

_NAME = re.compile(r"[^\W\d]\w{0,11}")


class Operation(NamedTuple):
    """What a node can do: its sign in a picture, and how many values it reads, at least and at most."""

    symbol: str
    least: int
    most: int


OPERATIONS: dict[str, Operation] = {
    "add": Operation("+", 1, MOST_READ),
    "subtract": Operation("−", 2, 2),
    "multiply": Operation("×", 1, MOST_READ),
    "divide": Operation("÷", 2, 2),
    "maximum": Operation("max", 1, MOST_READ),
    "minimum": Operation("min", 1, MOST_READ),
    "power": Operation("^", 2, 2),
    "negative": Operation("−", 1, 1),
    "square": Operation("( )²", 1, 1),
    "sqrt": Operation("√", 1, 1),
    "exp": Operation("exp", 1, 1),
    "log": Operation("log", 1, 1),
    "sin": Operation("sin", 1, 1),
    "cos": Operation("cos", 1, 1),
    "tanh": Operation("tanh", 1, 1),
    "relu": Operation("relu", 1, 1),
    "sigmoid": Operation("σ", 1, 1),
}
"""The operations that a node made by hand can have."""


class Node(TypedDict, total=False):
    """A node.

    Attributes:
        label: its name.
        operation: "input", an operation, or None for a node that only has a place in the order.
        arguments: what it reads: labels, and constant numbers.
        value: the number of an input.
        x, y: where it stands, in units of a grid.
        symbol: what a picture says of the operation, where it is another than usual.
        partials: the local derivatives as formula trees, for an operation that is not one of `OPERATIONS`.
    """

    label: str
    operation: str | None
    arguments: list[str | float]
    value: float | None
    x: float
    y: float
    symbol: str | None
    partials: list[Any] | None


def edges_of(nodes: Sequence[Node]) -> list[tuple[str, str]]:
    """(source, target) for every label that a node reads."""
    return [(a, node["label"]) for node in nodes for a in node["arguments"] if isinstance(a, str)]


def symbol(node: Node) -> str:
    """What a picture says of a node's operation."""
    if node.get("symbol"):
        return str(node["symbol"])
    name = node["operation"]
    return OPERATIONS[name].symbol if name in OPERATIONS else "" if name in (None, INPUT) else str(name)


def fault(nodes: Any) -> str:
    """What is wrong with nodes, in a sentence; "" if nothing is."""
    if not isinstance(nodes, (list, tuple)):
        return f"nodes are a list of dictionaries, not {type(nodes).__name__}"
    if len(nodes) > MOST_NODES:
        return f"a graph here has at most {MOST_NODES} nodes, and this one has {len(nodes)}"
    labels: set[str] = set()
    for node in nodes:
        wrong = _fault_of(node)
        if wrong:
            return wrong
        if node["label"] in labels:
            return f"two nodes are called {node['label']}: give each a name of its own"
        labels.add(node["label"])
    for source, target in edges_of(nodes):
        if source not in labels:
            return f"{target} reads {source}, and there is no node of that name"
    cycle = orders.find_cycle([node["label"] for node in nodes], edges_of(nodes))
    if cycle:
        path = " → ".join(map(label_text, cycle))
        return f"the cycle {path} goes round in a circle: none of these can be computed before the others"
    return ""


def _fault_of(node: Any) -> str:
    if not isinstance(node, Mapping):
        return f"a node is a dictionary with a label, not {node!r}"
    label = node.get("label")
    if not isinstance(label, str) or not _NAME.fullmatch(label):
        return f"a node's label is a letter followed by letters, digits or _, up to 12 of them; this is {label!r}"
    operation, arguments = node.get("operation"), node.get("arguments")
    if operation is not None and not isinstance(operation, str):
        return f"the operation of {label} is a name or None, not {operation!r}"
    if not isinstance(arguments, list) or not all(isinstance(a, str) or _is_number(a) for a in arguments):
        return f"the arguments of {label} are a list of labels and numbers, not {arguments!r}"
    if len(arguments) > MOST_READ:
        return f"{label} reads {len(arguments)} values, and {MOST_READ} is the most"
    if operation == INPUT and arguments:
        return f"{label} is an input, and inputs read nothing"
    value = node.get("value")
    if operation == INPUT and not (value is None or _is_number(value)):
        return f"the value of {label} is a number up to 10¹⁰⁰ in size, not {value!r}"
    if operation not in (None, INPUT, *OPERATIONS) and not isinstance(node.get("partials"), list):
        return f"{label} is to be {operation}; a node made by hand is one of {', '.join(OPERATIONS)}"
    for axis in ("x", "y"):
        if not _is_number(node.get(axis, 0.0)):
            return f"the place of {label} is two numbers, x and y"
    return ""


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) <= LARGEST


# What it computes ---------------------------------------------------------------------------------------------------


class Run(NamedTuple):
    """What the nodes are, and how the output changes with each; or a sentence on why that can't be told."""

    values: dict[str, float]
    adjoints: dict[str, float]
    fault: str


def run(nodes: Sequence[Node], output: str) -> Run:
    """Compute a graph of numbers, and the adjoint of each node for an output whose adjoint is 1."""
    wrong = next(filter(None, map(_missing, nodes)), "")
    if wrong:
        return Run({}, {}, wrong)
    by_label = {node["label"]: node for node in nodes}
    known: dict[str, Tensor] = {}
    for label in orders.kahn(list(by_label), edges_of(nodes))[-1].order:
        node = by_label[str(label)]
        with np.errstate(all="ignore"):
            if node["operation"] == INPUT:
                made = Tensor(float(node["value"] or 0.0))
            else:
                made = _apply(str(node["operation"]), [known.get(str(a), a) for a in node["arguments"]])
        known[str(label)] = made if isinstance(made, Tensor) else Tensor(float(made))
    adjoints = _adjoints(known, output)
    return Run({label: float(known[label].value) for label in by_label}, adjoints, "")


def _missing(node: Node) -> str:
    name, count = node["operation"], len(node["arguments"])
    if name is None:
        return f"{label_text(node['label'])} has no operation: choose one, and the graph can be run"
    if name == INPUT or name not in OPERATIONS:
        return ""
    _, least, most = OPERATIONS[name]
    if least <= count <= most:
        return ""
    wanted = f"{least} value{'s' if least > 1 else ''}" + (" or more" if most > least else "")
    return (
        f"{label_text(node['label'])} is {name} and reads {count} value{'' if count == 1 else 's'}; it takes {wanted}"
    )


def _apply(name: str, arguments: Sequence[Any]) -> Any:
    operation = getattr(elementwise, name)
    if name in OPERATIONS and OPERATIONS[name].most > 2:
        total = elementwise.positive(arguments[0])  # a node of its own, also where it reads one value alone
        for argument in arguments[1:]:
            total = operation(total, argument)
        return total
    return operation(*arguments)


def _adjoints(known: Mapping[str, Any], output: str) -> dict[str, float]:
    """By one reverse sweep from the output that keeps every adjoint; a node without a path to the output has 0."""
    arrived = {known[output]: 1.0}
    for tensor in reversed(in_order([known[output]])):
        for k, argument in enumerate(tensor.arguments):
            if tensor.primitive is not None and isinstance(argument, Tensor):
                term = pull(tensor, k, values_of(tensor), arrived.get(tensor, 0.0))
                arrived[argument] = arrived.get(argument, 0.0) + (0.0 if term is None else float(term))
    return {label: float(arrived.get(tensor, 0.0)) for label, tensor in known.items()}


# Faces ----------------------------------------------------------------------------------------------------------------


def dag_document(nodes: Sequence[Node], order: Sequence[str], output: str) -> dict[str, Any]:
    """The document: the graph, its cycles and orders, both algorithms step by step, and its values and adjoints."""
    labels, edges = [node["label"] for node in nodes], edges_of(nodes)
    try:
        count: str | None = str(orders.count_orders(labels, edges))
    except orders.TooManyError:
        count = None
    computed = run(nodes, output) if output else Run({}, {}, "the graph is empty")
    return {
        "kind": KIND,
        "version": VERSION,
        "nodes": [{**node, "partials": node.get("partials")} for node in nodes],
        "output": output,
        "order": list(order),
        "backward": [list(edge) for edge in orders.backward_edges(order, edges)],
        "undirected_cycle": orders.undirected_cycle(labels, edges),
        "count": count,
        "bounds": [str(bound) for bound in orders.bound_orders(labels, edges)],
        "kahn": [step._asdict() for step in orders.kahn(labels, edges)],
        "depth_first": [step._asdict() for step in orders.depth_first(labels, edges)],
        "values": {label: _finite(value) for label, value in computed.values.items()},
        "adjoints": {label: _finite(value) for label, value in computed.adjoints.items()},
        "fault": computed.fault,
    }


def _finite(value: float) -> float | str:
    if math.isfinite(value):
        return value
    return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"


@cache
def schema() -> dict[str, Any]:
    """The JSON schema."""
    loaded: dict[str, Any] = json.loads(Path(__file__).with_name("dag.schema.json").read_text(encoding="utf-8"))
    return loaded


def validate(document: Mapping[str, Any]) -> None:
    """Return if this is a graph document of this version.

    Raises:
        DocumentError: It is not; the message names the place.
    """
    kind, version = document.get("kind"), document.get("version")
    if kind != KIND:
        raise DocumentError(f'This is not a graph document: its kind is {kind!r}, not "{KIND}".')
    if version != VERSION:
        raise DocumentError(
            f"This is version {version!r} of the graph document; this stepgrad reads version {VERSION}."
        )
    try:
        check(schema(), document)
    except MismatchError as error:
        raise DocumentError(f"This graph document can't be read: at {error}.") from error
    wrong = fault(document["nodes"])
    labels = [node["label"] for node in document["nodes"]]
    if not wrong and sorted(document["order"]) != sorted(labels):
        wrong = "the order has to name every node once"
    if wrong:
        raise DocumentError(f"This graph document can't be read: {wrong}.")


def table(document: Mapping[str, Any], hidden: bool = False) -> str:
    """The document as text: the order with what each node reads, cycles, and how many orders there are."""
    nodes = {node["label"]: node for node in document["nodes"]}
    edges = edges_of(document["nodes"])
    lines = [f"{_many(len(nodes), 'node')}, {_many(len(edges), 'edge')}"]
    width = max([4, *(len(label_text(label)) for label in nodes)])
    backward = {tuple(edge) for edge in document["backward"]}
    lines.append(f"{'':>5}  {'node':{width}}  {'':5} reads")
    for place, label in enumerate(document["order"], 1):
        node = nodes[label]
        reads = ", ".join(label_text(a) if isinstance(a, str) else number(a) for a in node["arguments"])
        late = [
            label_text(a) for a in dict.fromkeys(node["arguments"]) if isinstance(a, str) and (a, label) in backward
        ]
        note = f"   ← {' and '.join(late)} come{'s' if len(late) == 1 else ''} later" if late else ""
        lines.append(f"{place:5}  {label_text(label):{width}}  {symbol(node):5} {reads or '–'}{note}")
    if backward:
        lines.append(f"{_many(len(backward), 'edge')} of {len(set(edges))} point{'s' * (len(backward) == 1)} backward")
    else:
        lines.append("every edge points forward: this is a topological order")
    cycle = document["undirected_cycle"]
    if cycle:
        lines.append(f"no directed cycle; without arrows there is one: {' – '.join(map(label_text, cycle))}")
    else:
        lines.append("no cycle, with arrows or without")
    if not hidden:
        low, high = document["bounds"]
        exact = document["count"]
        lines.append(f"topological orders: {int(exact):,}" if exact else f"topological orders: {_between(low, high)}")
    return "\n".join(lines)


def _between(low: str, high: str) -> str:
    return f"between {int(low):.3g} and {int(high):.3g}, too many to be counted here".replace("e+", "e")


def _many(n: int, noun: str) -> str:
    return f"{n} {noun}{'' if n == 1 else 's'}"
