"""ADStepper's Python side: traits in, document and results out."""

import json

import numpy as np
import pytest
import traitlets

from stepgrad.documents.trace import validate
from stepgrad.expressions import ExpressionError
from stepgrad.widgets import ADStepper

EXACT = {"x1": 2.5838531634528574, "x2": 2.0}


@pytest.fixture
def stepper():
    return ADStepper("x1*x2 + sin(x1)", 2, 3)


def test_results_are_exact_in_every_mode(stepper):
    assert stepper.result == {"value": 6.909297426825682, "gradient": EXACT}
    stepper.mode = "forward"
    assert stepper.result == {"value": 6.909297426825682, "derivative": EXACT["x1"]}
    stepper.seed = [0, 1]
    assert stepper.result["derivative"] == 2.0
    stepper.mode = "compare"
    assert stepper.result.keys() == {"value", "derivative", "gradient"}
    stepper.mode = "primal"
    assert stepper.result == {"value": 6.909297426825682}


def test_inputs_move_results_and_faces(stepper):
    before = stepper._document
    stepper.inputs = [1.0, 4.0]
    assert stepper.result["value"] == 4.0 + np.sin(1.0)
    assert "x₁ = 1" in stepper.text()
    assert stepper._document is before  # the browser needs no new document: it computes this by itself
    with pytest.raises(traitlets.TraitError, match="2 numbers"):
        stepper.inputs = [1.0]


def test_another_expression_keeps_known_inputs(stepper):
    stepper.position = 4
    stepper.expression = "x2*exp(b)"
    assert stepper.inputs == [1.0, 3.0]
    assert stepper.position == 0
    assert [n["label"] for n in stepper._document["graph"]["nodes"]] == ["b", "x2", "w1", "f"]


def test_bad_text_is_refused_and_the_old_function_stays(stepper):
    with pytest.raises(ExpressionError, match="Did you mean sin"):
        stepper.expression = "sine(x1)"
    assert stepper.expression == "x1*x2 + sin(x1)"
    assert stepper.result["gradient"] == EXACT
    with pytest.raises(ExpressionError):
        ADStepper("x1 +")


def test_requests_of_the_front_end_are_answered(stepper):
    stepper._request = {"id": "a", "kind": "trace", "expression": "x1*", "inputs": [], "seed": []}
    assert stepper._error["id"] == "a"
    assert stepper._error["column"] == 3
    assert stepper._error["expression"] == "x1*"
    stepper._request = {"id": "b", "kind": "trace", "expression": "x1**2", "inputs": [], "seed": []}
    assert stepper._error == {"id": "b"}
    assert stepper.result["gradient"] == {"x1": 4.0}


def test_another_branch_gives_another_document():
    def f(x):
        return np.sqrt(x) if x > 0 else x * x

    stepper = ADStepper(f, 4.0)
    before = stepper._document
    stepper.inputs = [-3.0]
    assert stepper._document != before
    assert stepper.result["gradient"] == {"x": -6.0}


def test_arrays_bring_their_sweeps_along():
    stepper = ADStepper(lambda W, x: np.sum((W @ x) ** 2), np.ones((2, 3)), np.arange(3.0))
    assert stepper.inputs == []
    assert [s["mode"] for s in stepper._document["sweeps"]] == ["primal", "forward", "reverse"]
    json.dumps(stepper._document, allow_nan=False)
    validate(stepper._document)
    assert np.shape(stepper.result["gradient"]["W"]) == (2, 3)


def test_three_faces_of_one_document(stepper):
    data, _ = stepper._repr_mimebundle_()
    assert data.keys() == {"text/plain", "image/png", "application/vnd.jupyter.widget-view+json"}
    assert data["text/plain"] == stepper.text()
    again, _ = stepper._repr_mimebundle_()
    assert again["image/png"] == data["image/png"]
    assert repr(stepper) == "ADStepper('x1*x2 + sin(x1)', 2, 3, mode='reverse')"
    for mode in ("primal", "forward", "reverse", "compare"):
        stepper.mode = mode
        validate(json.loads(json.dumps(stepper.document())))
        assert stepper.figure().get_axes() or stepper.figure().get_children()


def test_without_matplotlib_there_is_no_picture_and_no_error(stepper, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "matplotlib", None)
    monkeypatch.setattr(stepper, "figure", lambda: (_ for _ in ()).throw(ImportError))
    data, _ = stepper._repr_mimebundle_()
    assert "image/png" not in data


def test_unknown_options_are_refused():
    with pytest.raises(TypeError, match="no option 'sped'"):
        ADStepper("x", 1, sped=2)


def test_missing_inputs_are_one_and_defaults_are_kept():
    assert ADStepper("a*b").inputs == [1.0, 1.0]
    assert ADStepper(lambda x, y=3.0: x * y, 2.0).inputs == [2.0, 3.0]


@pytest.mark.parametrize(("x", "ends"), [(2.0, 5.0), (0.0, 5.0), (40.0, 100.0), (-1e6, 2e6), (float("inf"), 5.0)])
def test_slider_ranges_are_round(x, ends):
    from stepgrad.widgets.ad_stepper import _range

    assert _range(x) == [-ends, ends]


def test_only_scalar_functions_are_stepped_through():
    with pytest.raises(ValueError, match=r"one scalar output.*shape \(3,\)"):
        ADStepper(lambda x: x * 2, np.ones(3))
    with pytest.raises(TypeError, match="not int"):
        ADStepper(42)


def test_predict_keeps_the_answers_out_of_what_is_saved():
    stepper = ADStepper("x1*x2 + sin(x1)", 2, 3, predict=True)
    data, _ = stepper._repr_mimebundle_()
    assert "2.584" not in data["text/plain"]
    assert len(data["image/png"]) < len(ADStepper("x1*x2 + sin(x1)", 2, 3)._repr_mimebundle_()[0]["image/png"])
    assert "2.584" in stepper.text()


@pytest.mark.parametrize(
    ("f", "inputs"),
    [("log(x1) * x2", (0.0, 3.0)), (lambda x: np.sum(np.log(x)), (np.array([0.0, 1.0]),)), ("x / x", (0.0,))],
    ids=["text", "array", "nan"],
)
def test_what_is_not_finite_crosses_as_a_word(f, inputs):
    with np.errstate(all="ignore"):
        stepper = ADStepper(f, *inputs)
    json.dumps({name: value for name, value in stepper.get_state().items() if name != "layout"}, allow_nan=False)
    assert not np.isfinite(stepper.result["value"])  # for Python the numbers stay


def test_inputs_are_finite():
    stepper = ADStepper("x1 * x2", 2, 3)
    with pytest.raises(traitlets.TraitError, match="finite"):
        stepper.inputs = [float("inf"), 3.0]
    assert stepper.inputs == [2.0, 3.0]


def test_position_ends_with_the_last_step():
    stepper = ADStepper("x1*x2 + sin(x1)", 2, 3, position=99)
    last = len(stepper.document()["sweeps"][0]["steps"])
    assert stepper.position == last
    stepper.position = last + 5
    assert stepper.position == last
    stepper.mode = "primal"
    assert stepper.position == len(stepper.document()["sweeps"][0]["steps"]) < last


def test_inputs_in_a_list_are_answered_with_a_sentence():
    with pytest.raises(TypeError, match="write 2, 3, one each"):
        ADStepper("x1*x2", [2, 3])


def test_a_missing_return_is_named():
    with pytest.raises(ValueError, match="return missing"):
        ADStepper(lambda x: None, 2.0)
