"""JacobianInspector's Python side: layers, traits, requests, faces."""

import json

import numpy as np
import pytest
import traitlets

import stepgrad as sg
from stepgrad.documents.jacobian import BUDGET, DocumentError, decode, validate
from stepgrad.expressions import ExpressionError
from stepgrad.widgets import JacobianInspector
from stepgrad.widgets.layers import LARGEST, LAYERS, problem

STRUCTURES = {
    "relu": "Diagonal",
    "fc_x": "Kronecker",
    "fc_w": "Kronecker",
    "fc_b": "Copy",
    "fc_relu_fc": "Kronecker @ Diagonal @ Kronecker",
    "softmax": "Diagonal + BlockDiagonal",
    "conv": "BlockToeplitz",
    "max_pool": "Selection",
}


@pytest.mark.parametrize("name", LAYERS)
def test_layers(name):
    layer = LAYERS[name]
    w = JacobianInspector(name)
    assert w.jacobian.structure == STRUCTURES[name]
    assert layer.shape(*layer.default) == w.jacobian.shape
    small = w._facts["small"]
    assert 1 <= small["rows"] <= 8
    assert 1 <= small["columns"] <= 8
    posed = layer.small()
    dense = sg.jacobian(posed.function)(posed.point).reshape(small["rows"], small["columns"])
    assert small["pattern"] == (dense != 0).astype(int).tolist()


@pytest.mark.parametrize("name", LAYERS)
def test_document_holds_the_jacobian(name):
    least = LAYERS[name].least
    w = JacobianInspector(name, size=max(least, 6), batch=2)
    posed = problem(name, max(least, 6), 2)
    document = json.loads(json.dumps(w.document(), allow_nan=False))
    again = decode(validate(document))
    dense = sg.jacobian(posed.function)(posed.point).reshape(w.jacobian.shape)
    np.testing.assert_allclose(again.to_dense(), dense, atol=1e-12)
    assert document["nonzeros"] == np.count_nonzero(dense)
    assert document["exact"]


def test_409600_rows_cross_as_bits():
    w = JacobianInspector("relu", size=4096, batch=100)
    assert w.jacobian.shape == (409_600, 409_600)
    assert sum(map(len, w._buffers)) == 51_200
    assert w._facts["times"]["dense"] is None
    assert "1.34 TB" in w.text()


@pytest.mark.parametrize("name", LAYERS)
def test_everything_that_crosses_stays_within_four_mebibytes(name):
    w = JacobianInspector(name)
    assert sum(map(len, w._buffers)) <= BUDGET < 4 * 2**20 - 100_000
    state = {k: v for k, v in w.get_state().items() if k not in ("_buffers", "layout")}
    assert len(json.dumps(state, allow_nan=False)) < 100_000 + len(w._esm) + len(w._css)


def test_given_functions_and_jacobians():
    x = np.linspace(-1, 1, 5)
    w = JacobianInspector(np.sin, x)
    np.testing.assert_allclose(decode(w.document()).to_dense(), np.diag(np.cos(x)))
    assert w.layer == ""
    again = JacobianInspector(sg.structured_jacobian(np.sin, x))
    assert again.document()["buffers"] == w.document()["buffers"]
    whole = JacobianInspector(np.sin, [1, 2])
    np.testing.assert_allclose(whole.jacobian.to_dense(), np.diag(np.cos([1, 2])))


@pytest.mark.parametrize(
    ("make", "error", "sentence"),
    [
        (lambda: JacobianInspector("relu", size=10**9, batch=1), ValueError, "1,000,000,000 × 1,000,000,000"),
        (lambda: JacobianInspector(np.sin, np.zeros(LARGEST + 1)), ValueError, "goes up to 1,048,576"),
        (lambda: JacobianInspector("conv", size=3), ValueError, "at least 5 pixels"),
        (lambda: JacobianInspector("log(x)"), ValueError, "no derivative at this point"),
        (lambda: JacobianInspector(np.sqrt, np.zeros(3)), ValueError, "no derivative at this point"),
        (lambda: JacobianInspector("x*y"), ValueError, "one variable"),
        (lambda: JacobianInspector("sine(x)"), ExpressionError, "Did you mean sin"),
        (lambda: JacobianInspector(np.sin), TypeError, "needs the point x"),
        (lambda: JacobianInspector(np.sin, "abc"), TypeError, "real numbers"),
        (lambda: JacobianInspector(lambda x: x @ np.ones((4, 2)), np.ones(3)), ValueError, r"x of shape \(3,\)"),
        (lambda: JacobianInspector("relu", sizes=3), TypeError, "no option 'sizes'"),
    ],
)
def test_bad_input_is_answered_with_a_sentence(make, error, sentence):
    with pytest.raises(error, match=sentence):
        make()


def test_a_jacobian_that_is_too_much_is_refused():
    numbers = np.random.default_rng(0).normal(size=(1200, 1200))
    with pytest.raises(DocumentError, match="one by one"):
        JacobianInspector(lambda x: numbers @ x, np.ones(1200))


def test_large_numbers_are_rounded_and_told_exactly_on_request():
    numbers = np.random.default_rng(0).normal(size=(700, 1000))
    w = JacobianInspector(lambda x: numbers @ x, np.ones(1000))
    assert w._header["exact"] is False
    w._request = {"kind": "cell", "id": 7, "row": 699, "column": 3}
    assert w._answer == {"id": 7, "row": 699, "column": 3, "value": numbers[699, 3]}


def test_requests_change_the_layer_and_wrong_ones_nothing():
    w = JacobianInspector("relu", size=16, batch=2)
    w.selected = [3, 3]
    w._request = {"kind": "layer", "id": 1, "layer": "fc_x", "size": 5, "batch": 3, "expression": ""}
    assert (w.layer, w.size, w.batch, w.selected) == ("fc_x", 5, 3, [])
    assert w._header["rows"] == 15
    before = w._header
    for number, request in enumerate(
        [
            {"layer": "relu", "size": 10**9, "batch": 1},
            {"layer": "expression", "size": 4, "batch": 1, "expression": "sin("},
            {"layer": "none", "size": 4, "batch": 1},
            {"layer": "relu", "size": 0, "batch": 1},
        ]
    ):
        w._request = {"kind": "layer", "id": 10 + number, **request}
        assert w._answer["id"] == 10 + number
        assert w._answer["message"]
    assert w._header is before
    assert (w.layer, w.size, w.batch) == ("fc_x", 5, 3)
    w._request = {"kind": "layer", "id": 20, "layer": "expression", "size": 4, "batch": 1, "expression": "x**2"}
    assert w._header["structure"] == "Diagonal"
    assert w._answer == {"id": 20}


def test_python_sets_traits():
    w = JacobianInspector("relu", size=16, batch=2)
    w.size = 32
    assert w._header["rows"] == 64
    with pytest.raises(ValueError, match="goes up to"):
        w.size = 10**9
    assert w.size == 32
    with pytest.raises(traitlets.TraitError, match="within 64 × 64"):
        w.selected = [64, 0]


def test_faces():
    w = JacobianInspector("relu", size=4, batch=1)
    assert repr(w) == "JacobianInspector('relu', 4 × 4)"
    assert w.text().splitlines()[1] == "structure   Diagonal"
    bundle = w._repr_mimebundle_()[0]
    assert bundle["text/plain"] == w.text()
    assert bundle["image/png"]
    asked = JacobianInspector("relu", size=4, batch=1, predict=True)
    assert "Diagonal" not in asked._repr_mimebundle_()[0]["text/plain"]
    assert asked.figure() is not None
    assert w.figure(theme="dark") is not None
