"""FlipAndSlide's Python side: signals against SciPy and closed forms, traits, bad input, faces."""

import json

import make_signals
import numpy as np
import pytest
import traitlets
from goldens import GOLDEN
from scipy import signal as scipy_signal
from scipy.special import erf

from stepgrad.documents.signals import SHAPES, STEP, mirrored, signal_of, validate
from stepgrad.documents.trace import DocumentError
from stepgrad.widgets import FlipAndSlide


# Numbers --------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("mode", ["full", "same", "valid"])
@pytest.mark.parametrize("sizes", [(7, 3), (6, 4), (3, 3), (5, 1), (1, 1), (3, 6)])
def test_sums_are_those_of_scipy(mode, sizes):
    x, w = (np.random.default_rng([n, i]).normal(size=n) for i, n in enumerate(sizes))
    shown = FlipAndSlide(x, w, mode=mode)
    np.testing.assert_allclose(shown.output[1], np.convolve(x, w, "full")[_part(mode, *sizes)], atol=1e-12)
    if mode != "same" or sizes[0] >= sizes[1]:
        np.testing.assert_allclose(shown.output[1], scipy_signal.convolve(x, w, mode), atol=1e-12)
    if mode == "valid" and sizes[1] > sizes[0]:
        return
    kept = FlipAndSlide(x, w, mode=mode, flip=False)
    np.testing.assert_allclose(kept.output[1], scipy_signal.correlate(x, w, mode), atol=1e-12)


def _part(mode, n, k):
    start, count = {"full": (0, n + k - 1), "same": ((k - 1) // 2, n), "valid": (min(n, k) - 1, abs(n - k) + 1)}[mode]
    return slice(start, start + count)


@pytest.mark.parametrize("flip", [True, False])
@pytest.mark.parametrize("centred", [True, False])
def test_indices_are_those_of_the_definition(flip, centred):
    x, w = [2.0, -1, 3, 0.5, 4], [1.0, 2, -3]
    shown = FlipAndSlide(x, w, flip=flip, centred=centred)
    at_x = dict(enumerate(x))
    at_w = dict(enumerate(w, -1 if centred else 0))
    for n, y in zip(*shown.output, strict=True):
        terms = [at_x[m] * at_w[k] for m in at_x for k in at_w if (n - m if flip else m - n) == k]
        assert y == pytest.approx(sum(terms))


def gauss(t, variance):
    return np.exp(-(t**2) / (2 * variance)) / np.sqrt(2 * np.pi * variance)


CLOSED_FORMS = {
    ("box", "box"): (lambda t: np.maximum(0, 1 - np.abs(t)), 1e-14),
    ("gaussian", "gaussian"): (lambda t: gauss(t, 0.5), 1e-4),
    ("box", "gaussian"): (lambda t: (erf((t + 0.5) * np.sqrt(2)) - erf((t - 0.5) * np.sqrt(2))) / 2, 1e-8),
    ("exponential", "exponential"): (lambda t: np.where(t > 0, t * np.exp(-t), 0), 1e-4),
    ("box", "exponential"): (
        lambda t: np.where(t < -0.5, 0, 1 - np.exp(-t - 0.5)) - np.where(t < 0.5, 0, 1 - np.exp(-t + 0.5)),
        1e-12,
    ),
    ("box", "edge"): (lambda t: np.interp(t, [-1, -0.5, 0.5, 1], [0, 0.5, -0.5, 0]), 1e-14),
}


@pytest.mark.parametrize("pair", CLOSED_FORMS, ids=" ".join)
def test_integrals_are_the_closed_forms(pair):
    f, within = CLOSED_FORMS[pair]
    for names in (pair, pair[::-1]):
        t, y = FlipAndSlide(*names).output
        inside = t < 8  # beyond it, an exponential is cut off
        assert np.max(np.abs(y - f(t))[inside]) < within


def test_three_boxes_are_a_spline_of_degree_two():
    t, y = FlipAndSlide("box", "box", again=1).output
    size = np.abs(t)
    spline = np.where(size < 0.5, 0.75 - t**2, np.where(size < 1.5, (1.5 - size) ** 2 / 2, 0))
    assert np.max(np.abs(y - spline)) < 1e-14


@pytest.mark.parametrize("kind", ["discrete", "continuous"])
@pytest.mark.parametrize("pair", [("steps", "ramp"), ("triangle", "edge"), ("box", "gaussian")], ids=" ".join)
def test_convolution_commutes_and_correlation_turns_round(kind, pair):
    there, back = (FlipAndSlide(*names, kind).output for names in (pair, pair[::-1]))
    np.testing.assert_allclose(there[0], back[0])
    np.testing.assert_allclose(there[1], back[1], atol=1e-14)
    there, back = (FlipAndSlide(*names, kind, flip=False).output for names in (pair, pair[::-1]))
    np.testing.assert_allclose(there[0], -back[0][::-1], atol=1e-12)
    np.testing.assert_allclose(there[1], back[1][::-1], atol=1e-14)


@pytest.mark.parametrize("name", SHAPES)
def test_a_function_is_kept_as_its_means(name):
    shape, kept = SHAPES[name], signal_of(name, [], "continuous")
    fine = (np.arange(len(kept.values) * 50) + 0.5) / 50 + kept.first
    means = shape.of(fine * STEP).reshape(-1, 50).mean(axis=1)
    np.testing.assert_allclose(kept.values, means, atol=1e-6)
    np.testing.assert_array_equal(mirrored(mirrored(kept)).values, kept.values)
    assert mirrored(mirrored(kept))[:2] == kept[:2]


# The two engines ------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("name", make_signals.CASES)
def test_golden_documents(name):
    written = json.loads((GOLDEN / "signals" / f"{name}.json").read_text())
    made = make_signals.golden(name)
    assert made["traits"] == written["traits"]
    validate(made["document"])
    _same(made["document"], written["document"])


def _same(made, written):
    """Equal but for rounding: the method of a sum may differ from machine to machine."""
    if isinstance(written, dict):
        assert made.keys() == written.keys()
        for key in written:
            _same(made[key], written[key])
    elif isinstance(written, list) and written and not isinstance(written[0], str):
        np.testing.assert_allclose(np.array(made, float), np.array(written, float), atol=1e-12)
    elif isinstance(written, float):
        assert made == pytest.approx(written, abs=1e-12)
    else:
        assert made == written


def test_every_golden_document_has_a_case():
    assert {path.stem for path in (GOLDEN / "signals").glob("*.json")} == set(make_signals.CASES)


# Bad input ------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("make", "error", "sentence"),
    [
        (lambda: FlipAndSlide("bix"), ValueError, "no signal 'bix': did you mean box"),
        (lambda: FlipAndSlide("box", "zzz"), ValueError, "no kernel 'zzz': there are box, triangle"),
        (lambda: FlipAndSlide([[1, 2]], "box"), ValueError, r"shape \(1, 2\); for a picture there is ConvSlider"),
        (lambda: FlipAndSlide([1, np.nan], "box"), ValueError, "sample 1 is nan"),
        (lambda: FlipAndSlide([1], [np.inf]), ValueError, "kernel takes finite numbers; sample 0 is inf"),
        (lambda: FlipAndSlide([], "box"), ValueError, "1 to 64 samples; got 0"),
        (lambda: FlipAndSlide(np.ones(65), "box"), ValueError, "1 to 64 samples; got 65"),
        (lambda: FlipAndSlide(["a", "b"], "box"), TypeError, "not text"),
        (lambda: FlipAndSlide([1j], "box"), TypeError, "not complex numbers"),
        (lambda: FlipAndSlide(None, "box"), TypeError, "not NoneType"),
        (lambda: FlipAndSlide([1, [2, 3]], "box"), ValueError, "different lengths"),
        (lambda: FlipAndSlide(3.0, "box"), ValueError, r"got shape \(\)"),
        (lambda: FlipAndSlide([1], "box", kind="continuous"), ValueError, "2 samples or more"),
        (lambda: FlipAndSlide([1, 2], [1, 2, 3], flip=False, mode="valid"), ValueError, "lies inside the signal"),
        (lambda: FlipAndSlide([1, 2], [1, 2], mode="same", again=1), ValueError, 'needs mode "full"'),
        (lambda: FlipAndSlide("box", "box", slides=3), TypeError, "no option 'slides'"),
        (lambda: FlipAndSlide("box", "box", kind="both"), traitlets.TraitError, "kind"),
    ],
)
def test_bad_input_is_answered_with_a_sentence(make, error, sentence):
    with pytest.raises(error, match=sentence):
        make()


def test_a_wrong_choice_changes_nothing():
    w = FlipAndSlide([1, 2], [1, 2, 3], mode="valid")
    before = w.document()
    for trait, value in (("flip", False), ("again", 1), ("signal", "bax"), ("kernel_samples", [1.0, np.nan])):
        with pytest.raises((traitlets.TraitError, ValueError)):
            setattr(w, trait, value)
        assert w.document() == before
    with pytest.raises(traitlets.TraitError, match="signal_samples, first"):
        FlipAndSlide("box", "box", "discrete").signal = "own"


# Traits and faces -----------------------------------------------------------------------------------------------------
def test_steps_and_places():
    w = FlipAndSlide([1, 2, 3, 4], [1, 0, -1], position=0)
    assert [setattr(w, "position", k) or w.stage for k in range(6)] == [
        "kernel", "flip", "shift", "product", "value", "slide",
    ]  # fmt: skip
    w.position = 5
    assert (w.time, w.value) == (0, 1)
    w.position = 1000
    assert (w.position, w.time, w.value) == (10, 5, -4)
    w.kernel = "edge"
    w.signal_samples = [5.0]
    assert w.position == 7
    assert w.value == -5
    w.set_trait("kernel_samples", [2.0])
    w.kernel = "own"
    assert (w.position, w.value) == (5, 10)


def test_kinds_follow_what_is_given():
    assert FlipAndSlide().kind == FlipAndSlide("box", "box").kind == "continuous"
    assert FlipAndSlide([1, 2], "box").kind == "discrete"
    assert FlipAndSlide("box", "box", "discrete").speed == 1
    own = FlipAndSlide([0, 1, 0], "box", "continuous")
    t, y = own.output
    assert y.max() == pytest.approx(0.5)  # a triangle of width 1 and height 1
    assert t[y > 1e-12].min() == pytest.approx(-1, abs=0.011)
    assert FlipAndSlide("box", "box", predict=True).position == 0


def test_faces():
    w = FlipAndSlide([1, 2, 3, 4], [1, 0, -1])
    assert repr(w) == "FlipAndSlide(own ∗ own, discrete, position=4)"
    assert w.text().splitlines() == [
        "y[n] = Σ x[m] w[n − m]    convolution, mode full",
        "x[0 … 3] = 1  2  3  4",
        "w[0 … 2] = 1  0  −1",
        "y[2] = x[0]·w[2] + x[1]·w[1] + x[2]·w[0] = 1·(−1) + 2·0 + 3·1 = 2",
        "y[0 … 5] = 1  2  2  2  −3  −4",
    ]
    bundle = w._repr_mimebundle_()[0]
    assert bundle["text/plain"] == w.text()
    assert bundle["image/png"]
    asked = FlipAndSlide([1, 2, 3, 4], [1, 0, -1], predict=True)
    assert "−4" not in asked._repr_mimebundle_()[0]["text/plain"]
    smooth = FlipAndSlide("box", "box", flip=False, again=1)
    assert "∫ x(τ) w(τ − t) dτ" in smooth.text()
    assert "1 more time" in smooth.text()
    with pytest.raises(ValueError, match="theme"):
        w.figure("green")


@pytest.mark.parametrize("position", [0, 1, 2, 3, 4, 5, 60, 10_000])
@pytest.mark.parametrize(("names", "kind"), [(("steps", "ramp"), "continuous"), (("steps", "edge"), "discrete")])
def test_figures_show_the_step(position, names, kind):
    shown = FlipAndSlide(*names, kind, position=position)
    figure = shown.figure("dark" if position % 2 else "light")
    written = {artist.get_gid() for artist in figure.axes[0].get_children()}
    value = f"{abs(shown.value):.3g}"
    assert any(value in str(text) for text in written) or position < 4
    assert any("turned round" in str(text) for text in written) == (position > 0)
    hidden = FlipAndSlide(*names, kind, predict=True, position=position).figure()
    assert len(hidden.axes[0].get_children()) <= len(figure.axes[0].get_children())


def test_two_dimensions_are_those_of_the_kernel_by_rows_and_columns():
    w = FlipAndSlide("box", [1, 2, 3])
    slider = w.in_two_dimensions("numbers")
    (filter_,) = slider.filters
    np.testing.assert_allclose(filter_["weights"], np.outer([1, 2, 3], [1, 2, 3]).ravel())
    assert slider.flip
    with pytest.raises(ValueError, match="kernel"):
        FlipAndSlide("box", np.ones(20)).in_two_dimensions("numbers")


def test_unknown_documents_are_refused():
    document = FlipAndSlide([1, 2], [3]).document()
    for change in ({"version": 2}, {"kind": "stepgrad.trace"}, {"again": 7}, {"names": ["box"]}):
        with pytest.raises(DocumentError, match="not a signals document"):
            validate({**document, **change})


@pytest.mark.parametrize(
    ("make", "error", "sentence"),
    [
        (lambda: FlipAndSlide([1e308] * 3, [1.0]), ValueError, "signal takes numbers of at most 1e100; sample 0"),
        (lambda: FlipAndSlide([1.0], [0, -1e101]), ValueError, "kernel takes numbers of at most 1e100; sample 1"),
        (lambda: FlipAndSlide([1e100] * 3, [1e100] * 3, again=6), ValueError, "larger than 1e250"),
        (
            lambda: FlipAndSlide(signal_samples=[float("nan")]),
            traitlets.TraitError,
            "samples takes finite numbers",
        ),
        (lambda: FlipAndSlide(speed=float("nan")), traitlets.TraitError, "speed is a finite number; got nan"),
    ],
)
def test_numbers_that_can_not_be_shown_are_refused(make, error, sentence):
    with pytest.raises(error) as refused:
        make()
    assert sentence in str(refused.value)


@pytest.mark.parametrize("kind", ["discrete", "continuous"])
def test_the_largest_samples_are_shown(kind):
    widget = FlipAndSlide([1e100] * 3, [1e100] * 3, kind)
    bundle, *_ = widget._repr_mimebundle_()
    assert "image/png" in bundle
    with pytest.raises(traitlets.TraitError, match="larger than 1e250"):
        widget.again = 3
    assert widget.again == 0
    with pytest.raises(traitlets.TraitError, match="at most 1e100"):
        widget.kernel_samples = [1e101]
    assert widget.kernel_samples == [1e100] * 3
