"""Writes tests/golden/orders.json: cycles, counts, bounds and steps of graphs, that the browser must repeat.

Run it after a deliberate change, and read the difference before committing it:

    python tests/golden/make_orders.py
"""

import json
from itertools import combinations
from pathlib import Path

import numpy as np

from stepgrad.documents.orders import (
    LIMIT,
    TooManyError,
    backward_edges,
    bound_orders,
    count_orders,
    depth_first,
    find_cycle,
    kahn,
    undirected_cycle,
)

FILE = Path(__file__).with_name("orders.json")


def every(most):
    """Every graph of up to so many nodes whose edges lead to higher numbers, as the bits of its edges: its count."""
    found = []
    for count in range(most + 1):
        pairs = list(combinations(range(count), 2))
        counts = [
            count_orders(range(count), [pair for i, pair in enumerate(pairs) if chosen >> i & 1])
            for chosen in range(1 << len(pairs))
        ]
        found.append({"nodes": count, "counts": counts})
    return found


def drawn(rng, acyclic):
    count = int(rng.integers(2, 12))
    names = [f"v{i}" for i in rng.permutation(count)]
    pairs = [(a, b) for i, a in enumerate(names) for j, b in enumerate(names) if (i < j if acyclic else i != j)]
    edges = [pairs[k] for k in rng.integers(0, len(pairs), int(rng.integers(0, 2 * count)))]
    return sorted(names), edges


def case(nodes, edges):
    cycle = find_cycle(nodes, edges)
    try:
        count = str(count_orders(nodes, edges, LIMIT))
    except TooManyError:
        count = None
    return {
        "nodes": nodes,
        "edges": edges,
        "cycle": cycle,
        "undirected": undirected_cycle(nodes, edges),
        "backward": backward_edges(nodes, edges),
        "count": count,
        "bounds": None if cycle else list(map(str, bound_orders(nodes, edges))),
        "kahn": [step._asdict() for step in kahn(nodes, edges)],
        "depth_first": None if cycle else [step._asdict() for step in depth_first(nodes, edges)],
    }


def content():
    rng = np.random.default_rng(2)
    lecture = ["x1", "x2", "w1", "w2", "f"], [("x1", "w1"), ("x1", "w2"), ("x2", "w2"), ("w2", "f"), ("w1", "f")]
    wide = [f"v{i}" for i in range(28)], [(f"v{i}", f"v{i + 7}") for i in range(21)]
    wide[1].extend((f"v{7 * i}", f"v{7 * i + 9}") for i in range(3))
    graphs = [lecture, ([], []), (["a"], []), wide, *(drawn(rng, i < 24) for i in range(36))]
    return {"every": every(5), "cases": [case(*graph) for graph in graphs]}


if __name__ == "__main__":
    parts = []
    for name, value in content().items():
        line = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
        parts.append(f'"{name}":' + line.replace('},{"nodes"', '},\n{"nodes"'))
    FILE.write_text("{" + ",\n".join(parts) + "}\n", encoding="utf-8")
