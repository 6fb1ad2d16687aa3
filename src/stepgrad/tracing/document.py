"""The trace document of a graph and its sweeps: what widgets play, figures draw and tables print."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite
from typing import Any

import numpy as np

from ..autodiff.tensor import dtype_of, raw
from ..documents.formulas import Tree
from ..documents.layout import Layout, layout
from ..documents.trace import GraphEntry, NodeEntry, StepEntry, SweepEntry, TraceDocument, encode_value
from .graph import Graph, Node
from .sweep import Step, Sweep


def trace_document(graph: Graph, sweeps: Sequence[Sweep]) -> TraceDocument:
    """The document, as plain data ready for JSON."""
    return {
        "kind": "stepgrad.trace",
        "version": 1,
        "graph": _graph(graph),
        "sweeps": [_sweep(sweep) for sweep in sweeps],
    }


def _graph(graph: Graph) -> GraphEntry:
    placed = layout(
        [node.label for node in graph.nodes], [(e.source, e.target) for e in graph.edges], output=graph.output
    )
    source = graph.source
    return {
        "name": graph.name,
        "live": graph.live,
        "code": {"text": source.text, "first_line": 1, "language": source.language} if source else None,  # type: ignore[typeddict-item]
        "inputs": list(graph.inputs),
        "output": graph.output,
        "columns": placed.columns,
        "rows": placed.rows,
        "nodes": [_node(node, placed) for node in graph.nodes],
        "edges": [
            {
                "from": e.source,
                "to": e.target,
                "argument": e.argument,
                "points": [[float(x), float(y)] for x, y in route],
            }
            for e, route in zip(graph.edges, placed.routes, strict=True)
        ],
        "guards": [
            {"op": g.operation, "left": _finite(g.left), "right": _finite(g.right), "outcome": g.outcome}
            for g in graph.guards
        ],
    }


def _finite(side: Any) -> Any:
    return side if isinstance(side, str) else encode_value(side)


def _tree(tree: Tree | None) -> Any:
    """A formula as JSON can carry it: a number that is not finite becomes ["number", "Infinity"]."""
    if isinstance(tree, list):
        return [tree[0], *(_tree(part) for part in tree[1:])]
    if isinstance(tree, float) and not isfinite(tree):
        return ["number", encode_value(tree)]
    return tree


def _node(node: Node, placed: Layout) -> NodeEntry:
    x, y = placed.positions[node.label]
    arguments = [_argument(node, k) for k in range(len(node.labels))]
    rules = node.rules
    partials: list[Tree | None] = [_tree(rules[k].partial) if k in rules else None for k in range(len(arguments))]
    return {
        "label": node.label,
        "kind": "input" if node.primitive is None else "operation",
        "primitive": node.primitive,
        "symbol": _symbol(node),
        "arguments": arguments,
        "expression": _tree(node.formula),
        "partials": partials,
        "maps": [
            {"structure": rules[k].structure, "push": _tree(rules[k].push), "pull": _tree(rules[k].pull)}
            if k in rules
            else None
            for k in range(len(arguments))
        ],
        "role": _role(node),  # type: ignore[typeddict-item]
        "value": encode_value(node.value),
        "shape": list(np.shape(node.value)),
        "dtype": str(dtype_of(node.value)),
        "x": float(x),
        "y": float(y),
        "span": node.span._asdict() if node.span else None,  # type: ignore[typeddict-item]
    }


def _argument(node: Node, k: int) -> Any:
    name = node.labels[k]
    value = node.tensor.arguments[k]
    if name is None:
        return encode_value(float(raw(value)))
    return {"constant": name, "shape": list(np.shape(raw(value)))} if name in node.constants else name


def _role(node: Node) -> str | None:
    """What a gate does to a backward flow: only one with several paths distributes, switches or routes."""
    roles = {rule.role for rule in node.rules.values()}
    if len(roles) != 1:
        return None
    role = roles.pop()
    return role if role == "router" or len(node.rules) > 1 else None


_SHOWN = {"multiply": "{} ×", "divide": "÷ {}", "add": "+ {}", "subtract": "− {}", "power": "^ {}"}


def _symbol(node: Node) -> str | None:
    """What the gate shows: its sign, with the number in it if one argument is a number."""
    primitive = node.tensor.primitive
    if primitive is None:
        return None
    numbers = [float(raw(a)) for a, name in zip(node.tensor.arguments, node.labels, strict=True) if name is None]
    if len(numbers) == 1 and primitive.name in _SHOWN and len(node.labels) == 2:
        from ..documents.notation import number

        first = node.labels[0] is None
        pattern = {"divide": "{} ÷", "subtract": "{} −", "power": "{}^"}.get(primitive.name) if first else None
        return (pattern or _SHOWN[primitive.name]).format(number(numbers[0]))
    return primitive.symbol


def _sweep(sweep: Sweep) -> SweepEntry:
    seed: Any = sweep.seed
    if sweep.mode == "forward":
        seed = [encode_value(s) for s in seed]
    elif sweep.mode == "reverse":
        seed = encode_value(seed)
    output = sweep.graph.value
    return {
        "mode": sweep.mode,  # type: ignore[typeddict-item]
        "seed": seed,
        "steps": [_step(step) for step in sweep.steps],
        "result": {
            "value": encode_value(output),
            "derivative": encode_value(sweep.result) if sweep.mode == "forward" else None,
            "gradient": [encode_value(a) for a in sweep.result] if sweep.mode == "reverse" else None,
        },
    }


def _step(step: Step) -> StepEntry:
    return {
        "phase": step.phase,  # type: ignore[typeddict-item]
        "node": step.node,
        "source": step.source,
        "argument": step.argument,
        "formula": _tree(step.right),
        "accumulates": step.accumulates,
        "value": encode_value(step.value),
        "contribution": None if step.contribution is None else encode_value(step.contribution),
        "contributions": None if step.contributions is None else [encode_value(c) for c in step.contributions],
        "operations": step.operations,
        "held": step.live_values,
        "bytes": step.live_bytes,
        "latex": step.formula,
        "text": step.text,
    }
