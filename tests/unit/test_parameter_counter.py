"""ParameterCounter's Python side: settings, faces, the document, and the golden counts that the browser repeats."""

import copy
import json

import jsonschema
import make_counts
import numpy as np
import pytest
import traitlets
from goldens import GOLDEN, as_written, read

from stepgrad.documents.counting import NETWORKS, problem, rounded, schema, validate
from stepgrad.documents.trace import DocumentError
from stepgrad.widgets import ParameterCounter
from stepgrad.widgets.base import machine_bytes


def golden():
    return read(GOLDEN / "counts.json")


def test_the_golden_counts_are_what_is_written_today():
    assert as_written(make_counts.content()) == golden()


def test_the_golden_counts_are_right():
    """By the closed forms, written out once more."""
    for case in golden()["cases"]:
        s = case["settings"]
        (H, W), (h, w), C = s["image"], s["field"], s["channels"]
        P, Q = ((n + 2 * s["padding"] - k) // s["stride"] + 1 for n, k in zip(s["image"], s["field"], strict=True))
        b = int(s["bias"])
        truth = {
            "fully_connected": (H * W * C * s["hidden"] + b * s["hidden"], H * W * C * s["hidden"]),
            "locally_connected": (h * w * C * s["hidden"] + b * s["hidden"], h * w * C * s["hidden"]),
            "convolutional": (h * w * C * s["filters"] + b * s["filters"], P * Q * s["filters"] * h * w * C),
        }
        for kind, (parameters, multiplications) in truth.items():
            assert case["layers"][kind]["parameters"] == str(parameters)
            assert case["layers"][kind]["multiplications"] == str(multiplications)
    assert any(len(case["layers"]["fully_connected"]["weights"]) > 16 for case in golden()["cases"])  # beyond 2**53


def test_the_lectures_settings():
    w = ParameterCounter()
    assert [layer["parameters"] for layer in w.document()["layers"]] == [1_600_000_000, 4_000_000, 10_000]
    assert w.cost("convolutional").maps == (100, 191, 191)
    assert [line.split()[:2] for line in w.text().splitlines()[2:]] == [
        ["fully", "connected"], ["locally", "connected"], ["convolutional", "3,648,100"]
    ]  # fmt: skip
    for part in ("1,600,000,000", "4,000,000", "10,000", "6.4 GB", "16 MB", "40 KB"):
        assert part in w.text()


def test_document():
    w = ParameterCounter((32, 32), 4704, (5, 5), 6, channels=3, bias=True)
    document = json.loads(json.dumps(w.document(), allow_nan=False))
    jsonschema.Draft202012Validator(schema()).validate(document)
    assert validate(document) is document
    assert document["layers"][2]["parameters"] == 456
    assert document["machine_bytes"] == machine_bytes()
    for change in ({"version": 2}, {"kind": "stepgrad.trace"}, {"layers": []}, {"settings": {}}, {"extra": 1}):
        with pytest.raises(DocumentError, match="not a document of parameter counts"):
            validate(copy.deepcopy(document) | change)


def test_networks_are_in_order_and_have_sources():
    sizes = [network.parameters for network in NETWORKS]
    assert sizes == sorted(sizes)
    assert [network.name for network in NETWORKS] == ["LeNet-5", "ResNet-50", "AlexNet", "VGG-16", "GPT-2"]
    assert all(str(network.year)[:2] in ("19", "20") and len(network.source) > 20 for network in NETWORKS)


@pytest.mark.parametrize(
    ("options", "error", "sentence"),
    [
        ({"image": (0, 5)}, traitlets.TraitError, "side of the image is a whole number from 1 to 10,000; this is 0"),
        ({"image": (200,)}, traitlets.TraitError, "image takes two whole numbers"),
        ({"image": "abc"}, traitlets.TraitError, "two whole numbers, rows and columns; got 'abc'"),
        ({"image": (2.5, 3)}, traitlets.TraitError, "a whole number; this is 2.5"),
        ({"field": (5, 5, 3)}, traitlets.TraitError, "field takes two whole numbers"),
        ({"field": (10, 201)}, traitlets.TraitError, "10 × 201, does not fit in the image, 200 × 200"),
        ({"hidden": -1}, traitlets.TraitError, "number of hidden units is a whole number from 1"),
        ({"hidden": 2.5}, traitlets.TraitError, "hidden"),
        ({"filters": 0}, traitlets.TraitError, "number of filters"),
        ({"stride": 0}, traitlets.TraitError, "The stride is a whole number from 1"),
        ({"padding": -1}, traitlets.TraitError, "The padding is a whole number from 0"),
        ({"layer": "dense"}, traitlets.TraitError, "layer"),
        ({"kernel": 3}, TypeError, "no option 'kernel'"),
    ],
)
def test_bad_input_is_answered_with_a_sentence(options, error, sentence):
    with pytest.raises(error, match=sentence):
        ParameterCounter(**options)


def test_what_was_there_stays():
    w = ParameterCounter(64, field=3)
    assert (w.image, w.field) == ([64, 64], [3, 3])
    for name, value in (("image", [2, 64]), ("field", [3]), ("hidden", 0), ("filters", -6), ("image", [64, 1.5])):
        before = getattr(w, name)
        with pytest.raises(traitlets.TraitError):
            setattr(w, name, value)
        assert getattr(w, name) == before
    with w.hold_trait_notifications():
        w.field, w.image = [100, 100], [120, 120]
    assert problem(w.settings) == ""
    assert w.cost("convolutional").maps == (100, 21, 21)


def test_numpys_integers_are_numbers():
    w = ParameterCounter(np.array([8, 9]), np.int64(5), (np.int32(2), 3), np.uint8(4))
    assert w.settings == {
        "image": [8, 9], "channels": 1, "hidden": 5, "field": [2, 3], "filters": 4, "stride": 1, "padding": 0,
        "bias": False,
    }  # fmt: skip


@pytest.mark.parametrize("count", [1, 9, 10, 99, 456, 999, 9994, 9995, 99_950, 123_456, 10**17 - 1, 2**61])
def test_rounded(count):
    factor, power, exact = rounded(count)
    assert float(factor) * 10.0**power == pytest.approx(count, rel=0.0051)
    assert 1 <= float(factor) < 10
    assert exact == (round(float(factor) * 100) * 10**power == 100 * count)


def test_faces():
    w = ParameterCounter()
    assert repr(w) == "ParameterCounter(image=(200, 200), hidden=40000, field=(10, 10), filters=100)"
    bundle = w._repr_mimebundle_()[0]
    assert bundle["text/plain"] == w.text()
    kept = w._repr_png_()
    w._facts = {**w._facts, "machine_bytes": 123_456}
    assert w._repr_png_() == kept  # a notebook is read on other machines
    assert bundle["image/png"]
    asked = ParameterCounter(predict=True)
    assert "1,600" not in asked._repr_mimebundle_()[0]["text/plain"]
    texts = [artist.get_gid() for artist in asked.figure().axes[0].artists]
    assert not any("10⁹" in text and "1.6" in text for text in texts if text)
    assert w.figure(theme="dark") is not None
    with pytest.raises(ValueError, match="light"):
        w.figure(theme="sepia")
    for extreme in (ParameterCounter(1, 1, 1, 1), ParameterCounter((1, 10_000), 10**9, (1, 10_000), 10**6)):
        assert extreme.figure() is not None


@pytest.mark.parametrize("unit", [[-1, 0], [5], [99_999, 99_999], [200, 0], [1.0, 2], ["a", 1], [True, 0]])
def test_a_unit_that_is_not_there_is_refused(unit):
    widget = ParameterCounter()
    widget.unit = [199, 199]
    with pytest.raises(traitlets.TraitError, match=r"within 200 × 200 here, or \[\] for none; this is \["):
        widget.unit = unit
    assert widget.unit == [199, 199]


def test_a_unit_of_a_map_is_one_of_its_places():
    assert ParameterCounter(layer="convolutional", unit=[190, 0]).unit == [190, 0]
    with pytest.raises(traitlets.TraitError, match="within 191 × 191"):
        ParameterCounter(layer="convolutional", unit=[191, 0])
