"""The golden convolutions, which the browser's tests replay: what Python writes, valid, and the numbers of SciPy."""

import copy

import jsonschema
import make_convolutions
import numpy as np
import pytest
from goldens import GOLDEN, LARGEST, as_written, close, read

from stepgrad.documents.convolution import Layout, decode, schema, size_rule, size_sentence, turned, validate, window
from stepgrad.documents.trace import DocumentError
from stepgrad.widgets.pictures import box_means, reduced_size

FILES = sorted((GOLDEN / "convolutions").glob("*.json"))
RULES = GOLDEN / "convolutions" / "rules"


def test_the_golden_files_are_what_is_written_today():
    documents = make_convolutions.documents()
    assert sorted(documents) == [path.stem for path in FILES]
    for path in FILES:
        assert close(as_written(documents[path.stem]), read(path)), path.stem
    for name, content in make_convolutions.others().items():
        assert close(as_written(content), read(RULES / f"{name}.json")), name


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_golden_document_is_valid_and_small(path):
    document = read(path)["document"]
    jsonschema.Draft202012Validator(schema()).validate(document)
    assert validate(document) is document
    assert path.stat().st_size <= LARGEST


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_window_has_the_number_of_scipy(path):
    golden = read(path)
    document = golden["document"]
    pixels, at, weights, biases = decode(document)
    sliding = turned(weights) if document["flip"] else weights
    rows, columns = at.places
    for kernel, bias, wanted in zip(sliding, biases, golden["maps"], strict=True):
        found = [window(pixels, at, kernel, bias, *divmod(k, columns))["value"] for k in range(rows * columns)]
        np.testing.assert_allclose(found, wanted, rtol=1e-12, atol=1e-12)
    value = golden["maps"][document["filter"]][document["position"]]
    assert document["window"]["value"] == pytest.approx(value, abs=1e-12)
    assert sum(document["window"]["channels"]) + document["window"]["bias"] == pytest.approx(value, abs=1e-12)
    assert sum(document["window"]["products"]) == pytest.approx(sum(document["window"]["channels"]), abs=1e-12)


def test_box_means_are_integrals_over_boxes():
    for case in read(RULES / "reductions.json"):
        pixels = np.reshape(case["pixels"], (case["height"], case["width"], case["channels"]))
        assert reduced_size(*pixels.shape[:2], case["size"]) == (case["rows"], case["columns"])
        means = box_means(pixels, case["rows"], case["columns"])
        np.testing.assert_allclose(means.ravel(), case["means"], rtol=1e-12, atol=1e-15)


def test_the_size_rule_of_the_lecture():
    at = Layout(3, 32, 32, (5, 5))
    assert at.places == (28, 28)
    assert size_rule(at, 32, 5) == "(32 − 5 + 2·0)/1 + 1 = 28"
    assert size_sentence(at) == ""


@pytest.mark.parametrize(
    ("at", "rule", "sentence"),
    [
        (
            Layout(3, 32, 32, (5, 5), stride=2),
            "⌊(32 − 5 + 2·0)/2⌋ + 1 = 14",
            (
                "Stride 2 does not fit: 32 − 5 + 2·0 = 27 is no multiple of 2, "
                "and no window reaches the last row and the last column."
            ),
        ),
        (
            Layout(1, 8, 7, (3, 3), stride=4, padding=1),
            "⌊(8 − 3 + 2·1)/4⌋ + 1 = 2",
            (
                "Stride 4 does not fit: 8 − 3 + 2·1 = 7 is no multiple of 4, "
                "and no window reaches the last 3 rows and the last 2 columns of the padded picture."
            ),
        ),
        (
            Layout(1, 7, 8, (3, 3), stride=2),
            "(7 − 3 + 2·0)/2 + 1 = 3",
            "Stride 2 does not fit: 8 − 3 + 2·0 = 5 is no multiple of 2, and no window reaches the last column.",
        ),
        (
            Layout(1, 4, 4, (3, 3), dilation=2),
            "4 − 5 + 2·0 = −1 < 0",
            "The kernel spans 5 × 5 and does not fit in the picture of 4 × 4.",
        ),
    ],
)
def test_what_does_not_fit_is_said(at, rule, sentence):
    assert size_rule(at, at.height, at.kernel[0]) == rule
    assert size_sentence(at) == sentence


def changed(path, value):
    document = copy.deepcopy(read(GOLDEN / "convolutions" / "colour.json")["document"])
    *parents, last = path
    place = document
    for key in parents:
        place = place[key]
    place[last] = value
    return document


@pytest.mark.parametrize(
    ("path", "value", "sentence"),
    [
        (["version"], 2, "malformed at version: 1 was expected, found 2"),
        (["kind"], "stepgrad.trace", "malformed at kind"),
        (["stride"], 0, "malformed at stride: a number of at least 1"),
        (["filters"], [], "malformed at filters: a list of 1 or more"),
        (["filters", 1, "weights"], [1.0], "malformed at filters\\[1\\].weights: 18 numbers were expected, found 1"),
        (["output"], [2, 6, 6], "malformed at output"),
        (["position"], 30, "malformed at position: a number below 30 was expected"),
        (["filter"], 2, "malformed at filter: a number below 2 was expected"),
        (["pixels", "data"], "AAAA", "malformed at pixels.data: 144 bytes were expected, found 3"),
        (["pixels", "data"], "!", "malformed at pixels.data: Base64"),
    ],
)
def test_a_document_that_is_none_is_refused_with_a_sentence(path, value, sentence):
    with pytest.raises(DocumentError, match=sentence):
        validate(changed(path, value))
