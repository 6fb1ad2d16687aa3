"""Writes tests/golden/jacobians/*.json: Jacobian documents that the browser must read as Python does.

Run it after a change of the document or of a form, and read the difference before committing it:

    python tests/golden/make_jacobians.py
"""

import json
from pathlib import Path

import numpy as np
from scipy.sparse import csr_array

import stepgrad as sg
from stepgrad import nn
from stepgrad.autodiff.structured import Chain, Matrix, StructuredJacobian
from stepgrad.documents.jacobian import Side, encode, to_document

FOLDER = Path(__file__).with_name("jacobians")

UNITS, WEIGHTS, MAPS = ("sample", "unit"), ("output", "input"), ("sample", "channel", "row", "column")
H, X = Side("h", UNITS), Side("x", UNITS)
Y, IMAGE = Side("y", MAPS), Side("x", MAPS)

WHOLE = 3000
"""The most entries of a matrix that is written down whole."""


def numbers(*shape):
    return np.random.default_rng(shape).normal(size=shape)


def relu(units, batch):
    return sg.structured_jacobian(nn.relu, numbers(batch, units)), H, X


def by_inputs(units, batch):
    W = numbers(units, units + 1)
    return sg.structured_jacobian(lambda x: nn.linear(x, W), numbers(batch, units + 1)), H, X


def by_weights(units, batch):
    x = numbers(batch, units + 1)
    W = numbers(units, units + 1)
    return sg.structured_jacobian(lambda W: nn.linear(x, W), W), H, Side("W", WEIGHTS)


def by_biases(units, batch):
    x, W = numbers(batch, units), numbers(units, units)
    return sg.structured_jacobian(lambda b: nn.linear(x, W, b), numbers(units)), H, Side("b", ("unit",))


def perceptron(units, batch, dtype=float):
    one, two = numbers(units, units + 2).astype(dtype), numbers(units - 1, units).astype(dtype)
    x = numbers(batch, units + 2).astype(dtype)
    return sg.structured_jacobian(lambda x: nn.linear(nn.relu(nn.linear(x, one)), two), x), H, X


def softmax(units, batch):
    return sg.structured_jacobian(nn.softmax, numbers(batch, units)), Side("s", UNITS), X


def softmax_by_hand(units, batch):
    def f(x):
        e = np.exp(x - np.max(x, axis=-1, keepdims=True))
        return e / np.sum(e, axis=-1, keepdims=True)

    return sg.structured_jacobian(f, numbers(batch, units)), Side("s", UNITS), X


def convolution(images, kernels, **options):
    x, K = numbers(*images), numbers(*kernels)
    return sg.structured_jacobian(lambda x: nn.conv2d(x, K, **options), x), Y, IMAGE


def by_kernels(images, kernels, **options):
    x, K = numbers(*images), numbers(*kernels)
    return sg.structured_jacobian(lambda K: nn.conv2d(x, K, **options), K), Y, Side("K", ("map", *MAPS[1:]))


def pooling(images):
    return sg.structured_jacobian(lambda x: nn.max_pool2d(x, 2), numbers(*images)), Y, IMAGE


def block(images, kernels):
    x, K = numbers(*images), numbers(*kernels)
    return sg.structured_jacobian(lambda x: nn.max_pool2d(nn.relu(nn.conv2d(x, K)), 2), x), Y, IMAGE


def turned(jacobian, rows, columns):
    return jacobian.T, columns, rows


def of(f, n):
    side = Side("y", ("entry",)), Side("x", ("entry",))
    return (sg.structured_jacobian(f, numbers(n)), *side)


def without_form(m, n):
    """A sparse matrix, as stands in the place of a product that has no form."""
    matrix = csr_array(np.where(np.random.default_rng(3).random((m, n)) < 0.25, numbers(m, n), 0))
    chain = Chain((Matrix(matrix, (m,), (n,)),))
    return StructuredJacobian([chain], (m,), (n,), float), Side("y", ("entry",)), Side("x", ("entry",))


def many_paths(x):
    return np.sort(x)[::-1] * x + np.exp(x[::-1]) * np.sum(x)


def jacobians():
    """Each with what its rows and its columns are."""
    return {
        "relu": relu(8, 2),
        "relu_large": relu(4096, 100),
        "fc_x": by_inputs(5, 3),
        "fc_w": by_weights(4, 2),
        "fc_w_large": by_weights(512, 1),
        "fc_b": by_biases(5, 3),
        "fc_relu_fc": perceptron(5, 2),
        "fc_relu_fc_float32": perceptron(5, 2, np.float32),
        "softmax": softmax(5, 3),
        "softmax_by_hand": softmax_by_hand(5, 3),
        "conv": convolution((1, 3, 32, 32), (6, 3, 5, 5)),
        "conv_small": convolution((2, 2, 5, 6), (3, 2, 3, 2)),
        "conv_padded_strided": convolution((1, 2, 6, 7), (2, 2, 3, 3), stride=2, padding=1),
        "conv_dilated": convolution((1, 1, 7, 7), (1, 1, 2, 2), dilation=2),
        "conv_by_kernels": by_kernels((1, 2, 6, 6), (2, 2, 3, 3), stride=2, padding=1),
        "conv_transposed": turned(*convolution((1, 2, 5, 5), (2, 2, 3, 3), padding=1)),
        "max_pool": pooling((1, 2, 6, 6)),
        "max_pool_transposed": turned(*pooling((1, 2, 6, 6))),
        "conv_relu_pool": block((1, 2, 6, 6), (2, 2, 3, 3)),
        "running_sum": of(lambda x: np.cumsum(np.sin(x)), 7),
        "many_paths": of(many_paths, 7),
        "sparse": without_form(9, 11),
        "constant": of(lambda x: 0 * x + np.ones(4)[:, None][:, 0].sum(), 4),
    }


def golden(jacobian, rows, columns):
    """The document, and what is to be read from it."""
    m, n = jacobian.shape
    draw = np.random.default_rng((m, n))
    corner, whole = [(0, 0), (m - 1, n - 1)], m * n <= WHOLE
    lines = sorted({0, m - 1, *map(int, draw.integers(0, m, 3))})
    cells = corner + [(int(draw.integers(m)), int(draw.integers(n))) for _ in range(20)]
    rows_found = [(i, *map(np.ndarray.tolist, jacobian.row_entries(i))) for i in lines]
    for i, places, _ in rows_found:  # cells that have something in them
        cells += [(i, places[k]) for k in sorted({0, len(places) // 2, len(places) - 1}) if places]
    few = [(i, places, values) for i, places, values in rows_found if len(places) <= 600]
    return {
        "document": to_document(encode(jacobian, rows, columns)),
        "cells": [[i, j, float(jacobian[i, j])] for i, j in cells],
        "rows": [{"row": i, "columns": places, "values": values} for i, places, values in few],
        "matrix": jacobian.to_dense().tolist() if whole else None,
    }


def documents():
    return {name: golden(*given) for name, given in jacobians().items()}


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for name, content in documents().items():
        text = json.dumps(content, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
        (FOLDER / f"{name}.json").write_text(text + "\n", encoding="utf-8")
