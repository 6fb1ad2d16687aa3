"""Writes tests/golden/counts.json: what layers cost, and sentences on wrong settings, that the browser must repeat.

Run it after a deliberate change, and read the difference before committing it:

    python tests/golden/make_counts.py
"""

import json
from pathlib import Path

import numpy as np

from stepgrad import nn
from stepgrad.autodiff.structured import human_bytes
from stepgrad.documents.counting import LIMITS, problem, rounded

FILE = Path(__file__).with_name("counts.json")

LECTURE = {
    "image": [200, 200], "channels": 1, "hidden": 40_000, "field": [10, 10], "filters": 100, "stride": 1, "padding": 0,
    "bias": False,
}  # fmt: skip

WRONG = [
    {"image": [0, 5]},
    {"image": [200]},
    {"image": [10_001, 5]},
    {"field": [3, 3, 3]},
    {"field": [2.5, 3]},
    {"field": [201, 10]},
    {"field": [300, 10], "padding": 40},
    {"hidden": -40_000},
    {"hidden": 2_000_000_000},
    {"filters": 0},
    {"channels": 0.5},
    {"stride": 0},
    {"padding": -1},
]


def drawn(rng):
    """Settings at random, spread over powers of ten."""
    image = [int(10 ** rng.uniform(0, 4)) for _ in range(2)]
    padding = int(rng.integers(0, 4))
    return {
        "image": image,
        "channels": int(10 ** rng.uniform(0, 4)),
        "hidden": int(10 ** rng.uniform(0, 9)),
        "field": [int(rng.integers(1, min(n + 2 * padding, 64) + 1)) for n in image],
        "filters": int(10 ** rng.uniform(0, 6)),
        "stride": int(rng.integers(1, 5)),
        "padding": padding,
        "bias": bool(rng.integers(2)),
    }


def strings(cost):
    """Counts as text, since a reader of JSON may round them."""
    return {
        "inputs": str(cost.inputs),
        "units": str(cost.units),
        "fanIn": str(cost.fan_in),
        "maps": list(cost.maps) if cost.maps else None,
        "weights": str(cost.weights),
        "biases": str(cost.biases),
        "parameters": str(cost.parameters),
        "multiplications": str(cost.multiplications),
    }


def content():
    rng = np.random.default_rng(9)
    most = {name: [limit[1]] * 2 if name in ("image", "field") else limit[1] for name, limit in LIMITS.items()}
    colour = {**LECTURE, "image": [32, 32], "channels": 3, "field": [5, 5], "filters": 6, "hidden": 4704, "bias": True}
    settings = [LECTURE, colour, {**most, "bias": True}, *(drawn(rng) for _ in range(60))]
    numbers = [1, 9, 99, 100, 456, 999, 1000, 9994, 9995, 99_950, 10**9 - 1, 2**53 + 1, 10**18, 123_456_789_012_345_678]
    return {
        "limits": {name: list(limit) for name, limit in LIMITS.items()},
        "cases": [
            {"settings": each, "layers": {kind: strings(nn.layer_cost(kind, **each)) for kind in nn.LAYER_KINDS}}
            for each in settings
        ],
        "wrong": [{"settings": LECTURE | each, "sentence": problem(LECTURE | each)} for each in WRONG],
        "numbers": [
            {"count": str(n), "rounded": list(rounded(n)), "bytes": human_bytes(n), "counted": f"{n:,}"}
            for n in numbers
        ],
    }


if __name__ == "__main__":
    parts = []
    for name, value in content().items():
        line = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
        parts.append(f'"{name}":' + line.replace("},{", "},\n{"))
    FILE.write_text("{" + ",\n".join(parts) + "}\n", encoding="utf-8")
