"""ConvolutionTheorem's Python side: the document against NumPy and SciPy, the traits, measuring, the faces."""

import copy
import json
from itertools import pairwise

import jsonschema
import make_fourier
import numpy as np
import pytest
import scipy.fft
import scipy.signal
import traitlets
from goldens import GOLDEN, as_written, read

from stepgrad.documents import fourier
from stepgrad.documents.trace import DocumentError
from stepgrad.widgets import ConvolutionTheorem
from stepgrad.widgets.convolution_theorem import KERNEL, SIGNAL

FILES = sorted(path for path in (GOLDEN / "fourier").glob("*.json") if path.stem != "costs")


def random_document(seed):
    """A document of random lengths and numbers, between no padding and more than enough."""
    rng = np.random.default_rng(seed)
    n, k = int(rng.integers(1, 41)), int(rng.integers(1, 24))
    N = int(rng.integers(max(n, k), fourier.next_fast_length(n + k - 1) + 1))
    return fourier.fourier_document(list(rng.normal(size=n)), list(rng.normal(size=k)), N)


# The document ---------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("seed", range(40))
def test_the_theorem_holds(seed):
    document = random_document(seed)
    x, w, N = document["signal"], document["kernel"], document["length"]
    n = np.arange(N)
    turns = np.exp(-2j * np.pi * np.outer(np.arange(N // 2 + 1), n) / N)  # by the definition
    padded = {name: np.pad(document[name], (0, N - len(document[name]))) for name in ("signal", "kernel")}
    for name, values in padded.items():
        found = np.array(document["transforms"][name]) @ [1, 1j]
        np.testing.assert_allclose(found, turns @ values, atol=1e-11)
    product = np.array(document["transforms"]["product"]) @ [1, 1j]
    by_sums = [sum(padded["signal"][m] * padded["kernel"][(i - m) % N] for m in n) for i in n]
    np.testing.assert_allclose(document["circular"], by_sums, atol=1e-11)
    np.testing.assert_allclose(scipy.fft.irfft(product, N), by_sums, atol=1e-11)
    np.testing.assert_allclose(document["direct"], scipy.signal.convolve(x, w, method="direct"), atol=1e-11)


@pytest.mark.parametrize("seed", range(40))
def test_as_many_samples_are_wrong_as_wrap_round(seed):
    document = random_document(seed)
    N, needed, wrapped = (document[name] for name in ("length", "needed", "wrapped"))
    assert needed == len(document["signal"]) + len(document["kernel"]) - 1
    assert wrapped == max(0, needed - N)
    direct = np.pad(document["direct"], (0, max(0, N - needed)))[:N]
    wrong = np.flatnonzero(~np.isclose(document["circular"], direct, atol=1e-10))
    assert wrong.tolist() == list(range(wrapped))


def test_fast_lengths_are_scipys():
    assert [fourier.next_fast_length(n) for n in range(1, 400)] == [
        scipy.fft.next_fast_len(n, real=True) for n in range(1, 400)
    ]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_golden_document_is_what_is_written_today(path):
    document = read(path)
    jsonschema.Draft202012Validator(fourier.schema()).validate(document)
    assert fourier.validate(document) is document
    signal, kernel, length = make_fourier.DOCUMENTS[path.stem]
    now = fourier.fourier_document(list(signal), list(kernel), length)
    assert now.keys() == document.keys()
    for name in ("circular", "direct"):
        np.testing.assert_allclose(now[name], document[name], atol=1e-12)


def test_golden_costs_are_those_of_today():
    assert sorted(path.stem for path in FILES) == sorted(make_fourier.DOCUMENTS)
    now = as_written(list(make_fourier.costs()))
    for a, b in zip(now, read(GOLDEN / "fourier" / "costs.json")["layers"], strict=True):
        assert (a["layer"], a["direct"], a["crossover"]) == (b["layer"], b["direct"], b["crossover"])
        assert a["fft"] == pytest.approx(b["fft"])


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda d: d.update(version=2), "version 2; this stepgrad reads 1"),
        (lambda d: d.pop("length"), '"length" is missing'),
        (lambda d: d["signal"].append("x"), 'signal[12]: a number was expected, found "x"'),
        (lambda d: d.update(more=1), "is not a member"),
        (lambda d: d.update(length=11), "from 12, so that both signals fit, to 16"),
        (lambda d: d["circular"].__setitem__(3, 9.0), "circular: these are not the numbers"),
        (lambda d: d["transforms"]["kernel"].pop(), "transforms.kernel: these are not the numbers"),
        (lambda d: d.update(wrapped=3), "needed, wrapped"),
        (lambda d: d.update(kind="stepgrad.trace"), "kind"),
    ],
)
def test_a_document_that_is_wrong_is_refused(change, sentence):
    document = copy.deepcopy(read(GOLDEN / "fourier" / "default.json"))
    change(document)
    with pytest.raises(DocumentError) as error:
        fourier.validate(document)
    assert sentence in str(error.value)


# Costs ----------------------------------------------------------------------------------------------------------------
def test_multiplications_by_sums_are_counted():
    """By doing them: every product of an entry of a kernel with what it sees."""
    n, k, S, f, F = 9, 3, 2, 3, 4
    seen = np.lib.stride_tricks.sliding_window_view(np.ones((S, f, n, n)), (k, k), (2, 3))
    assert fourier.direct_multiplications(n, k, S, f, F) == F * seen.size
    assert fourier.direct_multiplications(512, 7) == 506**2 * 49


def test_multiplications_by_transforms_are_those_of_mathieu_and_others():
    n, S, f, F = 64, 128, 96, 256
    transforms = 2 * n**2 * np.log2(n) * (S * f + f * F + S * F)
    assert fourier.fft_multiplications(n, S, f, F) == pytest.approx(transforms + 2 * S * f * F * n**2)


def test_transforms_pay_from_smaller_kernels_on_the_more_often_they_are_used():
    assert fourier.predicted_crossover(512) == 9
    assert fourier.predicted_crossover(512, 128, 96, 256) == 3
    found = [fourier.predicted_crossover(128, s, s, s) for s in (1, 2, 4, 8, 32)]
    assert all(a >= b for a, b in pairwise(found))
    k = found[0]
    assert fourier.direct_multiplications(128, k) > fourier.fft_multiplications(128)
    assert fourier.direct_multiplications(128, k - 2) <= fourier.fft_multiplications(128)
    assert fourier.predicted_crossover(8) is None


def test_the_measured_crossover_is_where_transforms_stay_faster():
    def points(**rows):
        return [{"size": int(k[1:]), "direct": a, "fft": b} for k, (a, b) in rows.items()]

    assert fourier.measured_crossover(points(k9=(3, 2), k3=(1, 2), k5=(3, 2), k7=(1, 2))) == (7, 9)
    assert fourier.measured_crossover(points(k3=(3, 2), k5=(4, 2))) == (None, 3)
    assert fourier.measured_crossover(points(k3=(1, 2))) == (3, None)
    assert fourier.measured_crossover([]) == (None, None)


# The widget -----------------------------------------------------------------------------------------------------------
def test_padding_and_length_belong_together():
    w = ConvolutionTheorem()
    assert (w.length, w.padded, w.steps) == (12, False, 22)
    w.padded = True
    assert w.length == 16
    w.length = 15
    assert not w.padded
    w.length = 16
    assert w.padded
    w.padded = False
    assert w.length == 12
    assert ConvolutionTheorem(padded=True).length == 16
    assert ConvolutionTheorem(range(20), [1, 2, 3, 4], padded=True).length == 24  # 23 is prime
    assert ConvolutionTheorem([1, 2], [1, 2, 3, 4]).length == 4


def test_another_signal_keeps_the_padding():
    w = ConvolutionTheorem(padded=True)
    w.signal = list(range(20))
    assert (w.length, w.padded) == (24, True)
    w.padded = False
    w.kernel = [1.0] * 30
    assert (w.length, w.padded) == (30, False)
    w.kernel = [1.0]
    assert (w.length, w.padded) == (20, True)  # a kernel of one sample never wraps


def test_position_stays_within_the_steps():
    w = ConvolutionTheorem(position=999)
    assert w.position == w.steps == 22
    w.padded = True
    w.position = 99
    assert w.position == w.steps == 28
    w.padded = False
    assert w.position == 22  # the end stays the end …
    w.padded = True
    assert w.position == 28
    w.position = 20
    w.signal = [*SIGNAL, 1.0]
    assert (w.steps, w.position) == (3 * 10 + 1, 20)  # … and a step on the way the same step
    w.position = 99
    w.set_state({"length": 13, "padded": False, "position": 7})
    assert w.position == 7


@pytest.mark.parametrize(
    ("arguments", "kind", "sentence"),
    [
        ((["a", "b"],), TypeError, "the signal must be made of real numbers, not of <U1"),
        (([1j],), TypeError, "the signal must be made of real numbers, not of complex128"),
        (([1, None],), TypeError, "real numbers, not of object"),
        (([1.0, float("nan")],), ValueError, "the signal must be finite numbers; sample 1 is nan"),
        ((SIGNAL, [1.0, float("inf")]), ValueError, "the kernel must be finite numbers; sample 1 is inf"),
        (([],), ValueError, "one line of numbers, (n,), not empty"),
        (([[1, 2], [3, 4]],), ValueError, "got shape (2, 2)"),
        (([[1, 2], [3]],), ValueError, "rows are of different lengths"),
        ((SIGNAL, 3.0), ValueError, "the kernel must be one line of numbers"),
        ((np.ones(10**6),), ValueError, "has 1,000,000 samples; the convolution may have 64 at most"),
        ((np.ones(60), np.ones(6)), ValueError, "the convolution of 60 samples with 6 has 65; 64 are shown at most"),
    ],
)
def test_bad_samples_get_one_sentence(arguments, kind, sentence):
    with pytest.raises(kind) as error:
        ConvolutionTheorem(*arguments)
    assert sentence in str(error.value)


@pytest.mark.parametrize(
    ("options", "kind", "sentence"),
    [
        ({"length": 11}, ValueError, "from 12, so that both signals fit, to 16, where nothing wraps; got 11"),
        ({"length": 17}, ValueError, "got 17"),
        ({"length": 12.5}, TypeError, "length is a whole number; got 12.5"),
        ({"length": True}, TypeError, "length is a whole number; got True"),
        ({"zoom": 2}, TypeError, "ConvolutionTheorem has no option 'zoom'"),
        ({"view": "side"}, traitlets.TraitError, "view"),
        ({"speed": float("nan")}, traitlets.TraitError, "speed"),
    ],
)
def test_bad_options_get_one_sentence(options, kind, sentence):
    with pytest.raises(kind) as error:
        ConvolutionTheorem(**options)
    assert sentence in str(error.value)


@pytest.mark.parametrize(
    ("name", "value"), [("signal", [1.0] * 61), ("signal", [1.0] * 70), ("kernel", []), ("length", 3), ("length", 40)]
)
def test_what_does_not_fit_changes_nothing(name, value):
    w = ConvolutionTheorem(length=14)
    before = (w.signal, w.kernel, w.length, w.padded)
    with pytest.raises(ValueError, match=r"\d"):
        setattr(w, name, value)
    assert (w.signal, w.kernel, w.length, w.padded) == before


def test_a_change_from_the_front_end_comes_whole():
    w = ConvolutionTheorem()
    w.set_state({"length": 16, "padded": True, "position": 28})
    assert (w.length, w.padded, w.position) == (16, True, 28)
    w.set_state({"signal": [1.5, *SIGNAL[1:]]})
    assert w.length == 16


def test_measuring_fills_the_trait():
    w = ConvolutionTheorem(image=48, channels=2, filters=3)
    assert w.crossover == (None, None)
    found = w.measure((3, 31, 99, 3), repeats=1)
    assert found == w.measurements
    assert [point["size"] for point in found["points"]] == [3, 31]
    assert {name: found[name] for name in ("image", "batch", "channels", "filters")} == {
        "image": 48, "batch": 1, "channels": 2, "filters": 3
    }  # fmt: skip
    for point in found["points"]:
        assert 0 < point["fft"] < 60
        assert 0 < point["direct"] < 60
        assert point["method"] in ("direct", "im2col", "strips", "winograd")
    json.dumps(found)
    faster = [point["size"] for point in found["points"] if point["fft"] < point["direct"]]
    assert w.crossover[1] is None or w.crossover[1] in faster


def test_the_front_end_asks_for_measurements():
    w = ConvolutionTheorem(image=16)
    w.set_state({"_request": {"kind": "measure", "id": "a"}})
    assert w._answer == {"id": "a"}
    assert [point["size"] for point in w.measurements["points"]] == [3, 5, 7, 9, 11, 15]
    before = w.measurements
    w.set_state({"image": 4096, "batch": 64, "channels": 64, "_request": {"kind": "measure", "id": "b"}})
    assert w._answer["id"] == "b"
    assert "take more than 1 GB to transform; choose a smaller layer" in w._answer["message"]
    assert w.measurements == before


def test_measuring_without_a_size_that_fits():
    with pytest.raises(ValueError, match="from 1 × 1 to the image's 16 × 16"):
        ConvolutionTheorem(image=16).measure((17,))


def test_text_says_what_wraps():
    text = ConvolutionTheorem().text()
    assert "x has 12 samples, w 5, their convolution 12 + 5 − 1 = 16; transforms of N = 12" in text
    assert "4 samples wrap round" in text
    y = np.convolve(SIGNAL, KERNEL)
    assert f"  0 {y[0] + y[12]:>17g} {y[0]:>11g}  + sample 12" in text
    assert "nothing wraps round" in ConvolutionTheorem(padded=True).text()
    assert "-" not in ConvolutionTheorem([1.0, -1.0] * 4, [1.0, 1.0]).text()  # a true minus, and no −0


def test_angles_of_rounding_are_none():
    d = fourier.fourier_document([1.0, -1.0] * 4, [1.0, 1.0], 8)
    scale = fourier.scales(d)["signal"]
    parts = [fourier.polar(z, scale) for z in d["transforms"]["signal"]]
    assert [part.angle for part in parts] == [None] * 4 + [0.0]
    assert parts[4].magnitude == 8


def test_faces():
    w = ConvolutionTheorem(position=3)
    assert repr(w) == "ConvolutionTheorem(12 samples, kernel of 5, length=12)"
    assert json.loads(json.dumps(w.document(), allow_nan=False)) == w.document()
    data = w._repr_mimebundle_()[0]
    assert data["text/plain"] == w.text()
    assert len(data["image/png"]) > 5000
    assert w._repr_mimebundle_()[0]["image/png"] == data["image/png"]
    with pytest.raises(ValueError, match='must be "light" or "dark"'):
        w.figure("blue")
    for document in map(read, FILES):
        ConvolutionTheorem(document["signal"], document["kernel"], length=document["length"]).figure("dark")


def test_the_faces_of_the_costs():
    w = ConvolutionTheorem(view="costs")
    text = w.text()
    assert f"  7 × 7 {506**2 * 49:16,} {56 * 512**2:16,}" in text
    assert "fewer by transforms from 9 × 9 on" in text
    assert len(w._repr_mimebundle_()[0]["image/png"]) > 5000
    w.measurements = {"image": 512, "points": [{"size": 3, "direct": 0.5, "fft": 0.25, "method": "strips"}]}
    assert w.text().splitlines()[3].split()[-2:] == ["5.00e-01", "2.50e-01"]
    assert len(w.figure().axes) == 2
    assert "fewer by sums at all sizes" in ConvolutionTheorem(view="costs", image=8).text()


def test_in_predict_mode_no_face_tells_the_answer():
    w = ConvolutionTheorem(predict=True)
    data = w._repr_mimebundle_()[0]
    assert "wrap" not in data["text/plain"]
    assert "to be predicted" in data["text/plain"].lower()
    drawn = {patch.get_gid() for patch in w.figure().axes[0].artists}
    assert not any(text and "come round" in text for text in drawn)
    assert "14" not in drawn  # how long the convolution is


def test_state_is_small():
    state = {k: v for k, v in ConvolutionTheorem().get_state().items() if k not in ("_esm", "_css", "layout")}
    assert len(json.dumps(state, allow_nan=False)) < 4000


def test_samples_beyond_what_can_be_shown_are_refused():
    with pytest.raises(ValueError, match=r"the kernel must be numbers of at most 1e100; sample 1 is -1e\+308"):
        ConvolutionTheorem([1.0, 2.0], [1.0, -1e308])
    widget = ConvolutionTheorem([1e100] * 4, [1e100] * 4)
    assert "image/png" in widget._repr_mimebundle_()[0]
    assert "4×10²⁰⁰" in widget.text()


@pytest.mark.parametrize("sizes", ["ab", None, 3, [3, "a"], [3.5], [True]])
def test_what_is_no_list_of_sizes_is_not_measured(sizes):
    with pytest.raises(TypeError, match="measure takes sizes as a list of whole numbers"):
        ConvolutionTheorem(image=16).measure(sizes)


@pytest.mark.parametrize(
    "points",
    [3, [{"size": 3}], [{"size": 3, "direct": "1", "fft": 1.0}], [{"size": 0, "direct": 1, "fft": 1}], [4]],
)
def test_measurements_that_can_not_be_drawn_are_refused(points):
    widget = ConvolutionTheorem()
    with pytest.raises(traitlets.TraitError, match="measurements"):
        widget.measurements = {"points": points}
    assert widget.measurements == {}
