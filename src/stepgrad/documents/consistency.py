"""Check that the parts of a trace document agree, once its structure is known to be right."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, cast

from .algebra import MAX_DEPTH, NUMBERS, Tree
from .schema import MismatchError, found

if TYPE_CHECKING:
    from .trace import GraphEntry, NodeEntry, SweepEntry, TraceDocument

__all__ = ["ENTRY_LIMIT", "check_parts"]

ENTRY_LIMIT = 64
"""An array in a document shows this many of its entries."""

_PHASES = {"primal": {"primal"}, "forward": {"tangent"}, "reverse": {"primal", "seed", "adjoint"}}


def check_parts(document: TraceDocument) -> None:
    """Return if the parts of a structurally right document agree, else raise MismatchError for the first that don't."""
    _check_values(document)
    _check_graph(document["graph"])
    for number, sweep in enumerate(document["sweeps"]):
        _check_sweep(document["graph"], sweep, f"sweeps[{number}]")


def _check_values(document: object) -> None:
    """Every array in the document has as many entries as its shape says, or the first 64."""
    pending: list[tuple[object, str]] = [(document, "")]
    while pending:
        data, path = pending.pop()
        if isinstance(data, list):
            pending.extend((item, f"{path}[{number}]") for number, item in enumerate(data))
        elif isinstance(data, dict):
            if data.keys() == {"shape", "data", "truncated"}:
                size = math.prod(data["shape"])
                expected = min(size, ENTRY_LIMIT)
                if len(data["data"]) != expected or data["truncated"] != (size > ENTRY_LIMIT):
                    raise MismatchError(
                        path, f"an array of shape {tuple(data['shape'])} should show {expected} entries"
                    )
            pending.extend((item, f"{path}.{key}" if path else key) for key, item in data.items())


def _check_graph(graph: GraphEntry) -> None:
    """The labels of a graph refer to what is there."""
    seen: dict[str, NodeEntry] = {}
    for number, node in enumerate(graph["nodes"]):
        path = f"graph.nodes[{number}]"
        if node["label"] in seen:
            raise MismatchError(f"{path}.label", f"{found(node['label'])} is also the label of another node")
        if node["kind"] == "operation" and node["expression"] is None:
            raise MismatchError(f"{path}.expression", "an operation needs one")
        if node["kind"] == "input" and node["arguments"]:
            raise MismatchError(f"{path}.arguments", "an input has none")
        for name in ("partials", "maps"):
            if len(cast("list[object]", node[name])) != len(node["arguments"]):
                raise MismatchError(
                    f"{path}.{name}", f"one for each of {len(node['arguments'])} arguments was expected"
                )
        for place, argument in enumerate(node["arguments"]):
            if isinstance(argument, str) and argument not in seen:
                reason = f"{found(argument)} is not the label of a node that comes before"
                raise MismatchError(f"{path}.arguments[{place}]", reason)
        known = {argument["constant"] if isinstance(argument, dict) else argument for argument in node["arguments"]}
        for name, tree, more in _trees(node):
            for label in _labels(tree, f"{path}.{name}"):
                if label not in known and label not in more:
                    raise MismatchError(f"{path}.{name}", f"{found(label)} is not an argument of {node['label']}")
        _check_shape(node, path)
        seen[node["label"]] = node
    inputs = [node["label"] for node in graph["nodes"] if node["kind"] == "input"]
    if graph["inputs"] != inputs or [node["label"] for node in graph["nodes"][: len(inputs)]] != inputs:
        raise MismatchError("graph.inputs", "they must be the nodes of kind input, which stand first, in order")
    if graph["output"] not in seen:
        raise MismatchError("graph.output", f"{found(graph['output'])} is not the label of a node")
    if graph["live"] and any(node["shape"] for node in graph["nodes"]):
        raise MismatchError("graph.live", "a graph with arrays cannot be live")
    _check_edges(graph)
    for number, guard in enumerate(graph["guards"]):
        for side in (guard["left"], guard["right"]):
            if isinstance(side, str) and side not in seen:
                raise MismatchError(f"graph.guards[{number}]", f"{found(side)} is not the label of a node")


def _check_shape(node: NodeEntry, path: str) -> None:
    shape = node["value"]["shape"] if isinstance(node["value"], dict) else []
    if shape != node["shape"]:
        raise MismatchError(f"{path}.shape", f"it is {node['shape']}, but the value's is {shape}")


def _check_edges(graph: GraphEntry) -> None:
    """Each use of a node as an argument is one edge."""
    uses = {
        (argument, node["label"], place)
        for node in graph["nodes"]
        for place, argument in enumerate(node["arguments"])
        if isinstance(argument, str)
    }
    for number, edge in enumerate(graph["edges"]):
        use = (edge["from"], edge["to"], edge["argument"])
        if use not in uses:
            reason = f"{found(use[0])} is not argument {use[2]} of {found(use[1])}, or the edge stands twice"
            raise MismatchError(f"graph.edges[{number}]", reason)
        uses.remove(use)
    if uses:
        source, target, place = min(uses)
        raise MismatchError("graph.edges", f"the edge from {source} to argument {place} of {target} is missing")


def _trees(node: NodeEntry) -> Iterator[tuple[str, Tree, set[str]]]:
    """The formulas of a node, where they stand, and what they may name besides the node's arguments."""
    own = node["label"]
    if node["expression"] is not None:
        yield "expression", node["expression"], set()
    for number, partial in enumerate(node["partials"]):
        if partial is not None:
            yield f"partials[{number}]", partial, {own}
    for number, entry in enumerate(node["maps"]):
        if entry is not None:
            yield f"maps[{number}].push", entry["push"], {own, "□"}
            yield f"maps[{number}].pull", entry["pull"], {own, "□"}


def _labels(tree: Tree, path: str) -> Iterator[str]:
    """The labels that a formula reads."""
    pending: list[tuple[Any, int]] = [(tree, 0)]
    while pending:
        part, depth = pending.pop()
        if depth > MAX_DEPTH:
            raise MismatchError(path, f"the formula nests deeper than {MAX_DEPTH} levels")
        if isinstance(part, str):
            yield part
        elif isinstance(part, list) and part[0] == "number":
            if len(part) != 2 or not isinstance(part[1], str) or part[1] not in NUMBERS:
                raise MismatchError(
                    path, 'a number that is not finite is ["number", "NaN"], … "Infinity" or "-Infinity"'
                )
        elif isinstance(part, list):
            if part[0] in ("dot", "bar", "partial"):
                names = part[1:]
                if len(names) != (2 if part[0] == "partial" else 1) or not all(isinstance(name, str) for name in names):
                    raise MismatchError(path, f"{found(part[0])} must be followed by a node's label")
            pending.extend((item, depth + 1) for item in part[1:])


def _check_sweep(graph: GraphEntry, sweep: SweepEntry, path: str) -> None:
    """The steps of a sweep are of its mode's phases and refer to nodes; seed and gradient fit the inputs."""
    mode, seed, inputs = sweep["mode"], sweep["seed"], len(graph["inputs"])
    if mode == "forward" and not (isinstance(seed, list) and len(seed) == inputs):
        raise MismatchError(f"{path}.seed", f"a list of {inputs} values was expected, one an input")
    if mode == "reverse" and (seed is None or isinstance(seed, list)):
        raise MismatchError(f"{path}.seed", f"one value was expected, found {found(seed)}")
    gradient = sweep["result"]["gradient"]
    if gradient is not None and len(gradient) != inputs:
        raise MismatchError(f"{path}.result.gradient", f"{inputs} values were expected, found {len(gradient)}")
    nodes = {node["label"]: node for node in graph["nodes"]}
    constants = {
        argument["constant"] for node in graph["nodes"] for argument in node["arguments"] if isinstance(argument, dict)
    }
    for number, step in enumerate(sweep["steps"]):
        where = f"{path}.steps[{number}]"
        if step["phase"] not in _PHASES[mode]:
            raise MismatchError(f"{where}.phase", f"a sweep of mode {mode} has no step of phase {step['phase']}")
        if step["node"] not in nodes:
            raise MismatchError(f"{where}.node", f"{found(step['node'])} is not the label of a node")
        for label in _labels(step["formula"], f"{where}.formula"):
            if label not in nodes and label not in constants:
                raise MismatchError(f"{where}.formula", f"{found(label)} is not the label of a node")
        if step["phase"] == "adjoint" and (step["contribution"] is None or not step["contributions"]):
            raise MismatchError(where, f"a step of phase {step['phase']} needs a contribution and contributions")
        if step["phase"] == "adjoint":
            source, argument = nodes.get(step["source"] or ""), step["argument"]
            arguments = source["arguments"] if source else []
            if argument is None or argument >= len(arguments) or arguments[argument] != step["node"]:
                reason = f"{step['node']} is not argument {argument} of {found(step['source'])}"
                raise MismatchError(where, reason)
