"""Writes tests/golden/dags.json: graph documents that the browser must compute again.

Run it after a deliberate change, and read the difference before committing it:

    python tests/golden/make_dags.py
"""

import json
from pathlib import Path

import numpy as np

from stepgrad.documents.dag import INPUT, OPERATIONS, dag_document
from stepgrad.documents.orders import DEPTH_FIRST_CODE, KAHN_CODE
from stepgrad.widgets import GraphExplorer

FILE = Path(__file__).with_name("dags.json")
TEXTS = [
    ("x1*x2 + sin(x1)", (2.0, 3.0)),
    ("2*(x*y + max(z, w))", (3.0, -4.0, 2.0, -1.0)),
    ("max(a, b) - min(a, b)", (1.5, 1.5)),
    ("x*x + x**3 / (1 + exp(-x))", (0.7,)),
    ("sigmoid(x) * tanh(y) + log(x) * sqrt(y) - relu(x - y) + cos(x)", (1.2, 2.3)),
    ("clip(x, 0, 1) + abs(y) + hypot(x, y)", (0.4, -0.9)),
]


def drawn(rng):
    """A graph by hand with operations at random, and an order at random."""
    count = int(rng.integers(3, 12))
    nodes = []
    for i in range(count):
        name = INPUT if i < 2 else str(rng.choice(list(OPERATIONS)))
        label = f"x{i}" if i < 2 else f"v{i}"
        rule = OPERATIONS.get(name)
        reads = int(rng.integers(rule.least, min(rule.most, 4) + 1)) if rule else 0
        arguments = [nodes[k]["label"] for k in rng.integers(0, i, reads)] if i else []
        if reads > 1 and rng.random() < 0.3:
            arguments[-1] = round(float(rng.uniform(0.5, 2)), 2)
        value = round(float(rng.uniform(0.3, 2)), 2) if name == INPUT else None
        nodes.append(
            {"label": label, "operation": name, "arguments": arguments, "value": value, "x": float(i), "y": 0.0}
        )
    order = [nodes[i]["label"] for i in rng.permutation(count)]
    return dag_document(nodes, order, nodes[-1]["label"])


def content():
    rng = np.random.default_rng(5)
    return {
        "operations": {name: [rule.symbol, rule.least, rule.most] for name, rule in OPERATIONS.items()},
        "code": {"kahn": KAHN_CODE, "depth_first": DEPTH_FIRST_CODE},
        "documents": [
            *(GraphExplorer(text, *point).document() for text, point in TEXTS),
            GraphExplorer(
                edges=[("a", "b"), ("a", "c"), ("b", "d"), ("c", "d")], order=["d", "b", "c", "a"]
            ).document(),
            *(drawn(rng) for _ in range(14)),
        ],
    }


if __name__ == "__main__":
    parts = []
    for name, value in content().items():
        line = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
        parts.append(f'"{name}":' + line.replace('},{"kind"', '},\n{"kind"'))
    FILE.write_text("{" + ",\n".join(parts) + "}\n", encoding="utf-8")
