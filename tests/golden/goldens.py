"""Golden files, for the tests that replay them; what writes them is `make_….py` in this folder."""

import json
from pathlib import Path

import numpy as np

GOLDEN = Path(__file__).parent
LARGEST = 100_000
"""The most bytes of a golden document."""


def read(path):
    return json.loads(path.read_text(encoding="utf-8"))


def as_written(document):
    """A document as it comes back from a file: lists for tuples, text for keys."""
    return json.loads(json.dumps(document))


def close(a, b, tolerance=1e-9):
    """The same in everything but the last digits of computed numbers, which differ by machine."""
    if isinstance(a, dict):
        return a.keys() == b.keys() and all(close(a[k], b[k], tolerance) for k in a)
    if isinstance(a, list):
        return len(a) == len(b) and all(close(x, y, tolerance) for x, y in zip(a, b, strict=True))
    return np.isclose(a, b, rtol=tolerance, atol=tolerance) if isinstance(a, float) else a == b
