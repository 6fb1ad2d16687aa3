"""The choice of a method: by a fixed model, and what a model is."""

import numpy as np
import pytest

from stepgrad import convolution as cv
from stepgrad.convolution.choice import counts
from stepgrad.convolution.layout import Layout
from stepgrad.convolution.winograd import minimal_filter

ONE = cv.Counts(*[0.0] * 7)


@pytest.fixture(autouse=True)
def stored():
    before = cv.use(cv.STORED)
    yield
    cv.use(before)


@pytest.mark.parametrize(
    ("images", "kernels", "method"),
    [
        ((1, 3, 32, 32), (6, 3, 5, 5), "im2col"),
        ((16, 64, 32, 32), (64, 64, 3, 3), "winograd"),
        ((1, 1, 512, 512), (1, 1, 31, 31), "fft"),
        ((1, 1, 512, 512), (1, 1, 3, 3), "strips"),
    ],
)
def test_what_the_stored_model_chooses(images, kernels, method):
    choice = cv.choose(images, kernels)
    assert choice.method == method
    assert [*choice.seconds.values()] == sorted(choice.seconds.values())
    assert next(iter(choice.seconds)) == method
    assert {*choice.seconds, *choice.refused} == {"direct", "im2col", "strips", "winograd", "fft"}


def test_a_model_decides():
    only_flops = cv.CostModel(ONE._replace(flops=1.0), ONE._replace(flops=1.0))
    assert cv.choose((4, 8, 16, 16), (8, 8, 3, 3), model=only_flops).method == "direct"  # it makes no matrix products
    only_calls = cv.CostModel(ONE._replace(calls=1.0), ONE._replace(calls=1.0))
    assert cv.choose((4, 8, 16, 16), (8, 8, 3, 3), model=only_calls).method == "im2col"


def test_a_model_in_force_is_what_auto_uses():
    rng = np.random.default_rng(0)
    x, w = rng.standard_normal((1, 1, 20, 20)), rng.standard_normal((1, 1, 3, 3))
    by = {method: cv.conv2d_forward(x, w, method=method) for method in ("direct", "fft")}
    assert (by["direct"] != by["fft"]).any()  # rounded differently
    only_butterflies = cv.CostModel(ONE._replace(butterflies=-1.0), ONE._replace(butterflies=-1.0))
    assert cv.use(only_butterflies) == cv.STORED
    np.testing.assert_array_equal(cv.conv2d_forward(x, w), by["fft"])
    only_flops = cv.CostModel(ONE._replace(flops=1.0), ONE._replace(flops=1.0))
    assert cv.use(only_flops) == only_butterflies
    np.testing.assert_array_equal(cv.conv2d_forward(x, w), by["direct"])


def test_predictions_are_within_reason():
    choice = cv.choose((16, 64, 32, 32), (64, 64, 3, 3))
    assert 1e-3 < choice.seconds["winograd"] < choice.seconds["strips"] < 1.0


def test_calibration_sets_positive_rates_in_little_time():
    from time import process_time

    begun = process_time()
    model = cv.calibrate()
    assert process_time() - begun < 1.0  # 0.15 s where nothing else runs
    assert cv.use(cv.STORED) == model
    for rates in model:
        assert all(rate >= 0 for rate in rates)
        assert min(rates.calls, rates.flops, rates.moved, rates.butterflies) > 0


@pytest.mark.parametrize("operation", ["forward", "input_grad", "weight_grad"])
def test_work_is_counted_for_every_method(operation):
    layout = Layout((2, 4, 12, 12), (8, 2, 3, 3), (10, 10), (1, 1), (0, 0), (1, 1), 2)
    for method in ("im2col", "strips"):
        assert counts(operation, method, layout, 4).flops >= layout.flops
    tiles = counts(operation, "winograd", layout, 4).flops
    assert 0 < tiles < 2 * layout.flops
    assert counts(operation, "fft", layout, 4).butterflies > 0
    assert counts(operation, "direct", layout, 4).added >= layout.flops


@pytest.mark.parametrize("outputs", range(1, 7))
def test_minimal_filters_filter(outputs):
    A, B, G = minimal_filter(outputs)
    rng = np.random.default_rng(outputs)
    d, g = rng.standard_normal(outputs + 2), rng.standard_normal(3)
    assert A.shape == (outputs + 2, outputs)
    np.testing.assert_allclose(A.T @ ((G @ g) * (B.T @ d)), np.correlate(d, g, "valid"), atol=1e-12)


def test_two_outputs_are_winograds_own():
    A, B, G = minimal_filter(2)  # Lavin and Gray (2016), equation 7, with two rows' signs exchanged
    assert sorted(map(tuple, np.abs(G))) == sorted([(1, 0, 0), (0.5, 0.5, 0.5), (0.5, 0.5, 0.5), (0, 0, 1)])
    assert set(np.abs(A).ravel()) == {0, 1}
    assert set(np.abs(B).ravel()) == {0, 1}
