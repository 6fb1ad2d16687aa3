"""Writes tests/golden/traces/*.json: trace documents that Python and TypeScript both replay.

Run it after a change of the document or of a rule, and read the difference before committing it:

    python tests/golden/make_traces.py
"""

import json
from pathlib import Path

import numpy as np

import stepgrad as sg
from stepgrad.autodiff.primitive import Elementwise
from stepgrad.autodiff.primitives import elementwise

FOLDER = Path(__file__).with_name("traces")


def survey(x1, x2):
    return np.log(x1) + x1 * x2 - np.sin(x2)


def gates(x, y, z, w):
    return 2 * (x * y + np.maximum(z, w))


def branches(x, y):
    z = x * y
    if z > 1:
        z = np.sqrt(z)
    return z - np.abs(x) / (1 + np.exp(-y))


def everything(x, y):
    a = np.tanh(x) + np.arctan(y) * np.cosh(x) - np.arcsin(x / 4) + np.expm1(y)
    b = np.where(x > y, np.hypot(x, y), np.arctan2(x, y)) + np.log1p(x * x) * np.cbrt(y)
    c = np.clip(x, -1.0, 1.0) ** 3 + 2.0**y + np.logaddexp(x, y) + np.minimum(x, -y) + (-x) % 3.0
    return a * b + c / np.sqrt(1 + x**2) + np.square(y) + np.reciprocal(x) + np.sign(x) + x**y


def newton(a):
    x = a
    for _ in range(4):
        x = 0.5 * (x + a / x)
    return x


def every_primitive(x, y):
    """All elementwise primitives, each at a place where it has a finite value."""
    total = x * y
    for name, primitive in sorted(vars(elementwise).items()):
        if isinstance(primitive, Elementwise):
            if name == "where":
                total = total + primitive(x > y, x, y)
            elif primitive.arity == 3:
                total = total + primitive(x, 0.25, 2.0)
            elif primitive.arity == 2:
                total = total + primitive(x, y)
            else:
                total = total + primitive((1.5 if name == "arccosh" else 0.3) + 0.2 * x)
    return total


def document(f, *inputs, seed=None, adjoint=1.0):
    graph = sg.trace(f, *inputs)
    sweeps = [graph.primal(), graph.forward_mode(seed), graph.reverse_mode(adjoint)]
    whole = graph.document()
    whole["sweeps"] = [sweep.document()["sweeps"][0] for sweep in sweeps]
    return whole


def documents():
    return {
        "lecture": document("x1*x2 + sin(x1)", 2.0, 3.0, seed=(1.0, 0.0)),
        "lecture_second_input": document("x1*x2 + sin(x1)", 2.0, 3.0, seed=(0.0, 1.0), adjoint=2.5),
        "survey": document(survey, 2.0, 5.0, seed=(1.0, 0.0)),
        "gates": document(gates, 3.0, -4.0, 2.0, -1.0, seed=(1.0, 0.5, -1.0, 2.0)),
        "gates_tie": document(gates, 3.0, -4.0, 2.0, 2.0),
        "branches": document(branches, 2.0, 3.0, seed=(0.5, -0.25)),
        "everything": document(everything, 1.3, 0.7, seed=(1.0, -2.0)),
        "every_primitive": document(every_primitive, 1.3, 0.7, seed=(1.0, -2.0)),
        "newton": document(newton, 2.0),
        "square": document("x*x", 3.0),
        "unused_input": document(lambda x, y: x * 1.5, 2.0, 3.0),
        "not_finite": document("log(x) - 1/y", 0.0, 0.0),
    }


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for name, content in documents().items():
        text = json.dumps(content, ensure_ascii=False, indent=0, allow_nan=False)
        (FOLDER / f"{name}.json").write_text(text + "\n", encoding="utf-8")
