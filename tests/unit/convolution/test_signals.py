"""Convolution of signals and pictures, against numpy and scipy.signal; sizes; the convolution integral."""

import re

import numpy as np
import pytest
from scipy.signal import convolve as scipy_convolve
from scipy.signal import correlate as scipy_correlate

import stepgrad as sg
from stepgrad import convolution as cv

RNG = np.random.default_rng(3)
SHAPES = [((7,), (3,)), ((3,), (7,)), ((6,), (6,)), ((1,), (4,)), ((6, 5), (3, 2)), ((4, 4), (4, 4)), ((2, 9), (2, 4))]


def test_the_room_is_one_of_the_public_names():
    assert sg.convolution is cv
    assert "convolution" in dir(sg)


@pytest.mark.parametrize("mode", ["full", "same", "valid"])
@pytest.mark.parametrize(("a", "b"), SHAPES)
def test_true_convolution(a, b, mode):
    x, w = RNG.standard_normal(a), RNG.standard_normal(b)
    np.testing.assert_allclose(cv.convolve(x, w, mode), scipy_convolve(x, w, mode, "direct"), atol=1e-12)


@pytest.mark.parametrize("mode", ["full", "same", "valid"])
@pytest.mark.parametrize(("a", "b"), SHAPES)
def test_cross_correlation(a, b, mode):
    x, w = RNG.standard_normal(a), RNG.standard_normal(b)
    if mode != "valid" or all(n >= k for n, k in zip(a, b, strict=True)):
        np.testing.assert_allclose(cv.correlate(x, w, mode), scipy_correlate(x, w, mode, "direct"), atol=1e-12)


def test_convolution_commutes_and_correlation_does_not():
    x, w = RNG.standard_normal(9), RNG.standard_normal(4)
    np.testing.assert_allclose(cv.convolve(x, w), cv.convolve(w, x), atol=1e-12)
    np.testing.assert_allclose(cv.correlate(x, w, "full"), cv.correlate(w, x, "full")[::-1], atol=1e-12)


def test_the_flip_is_the_only_difference():
    x, w = RNG.standard_normal((8, 9)), RNG.standard_normal((3, 4))
    np.testing.assert_allclose(cv.convolve(x, w, "valid"), cv.correlate(x, w[::-1, ::-1], "valid"), atol=1e-12)


@pytest.mark.parametrize("method", ["direct", "im2col", "strips", "winograd", "fft"])
def test_every_method_will_do(method):
    x, w = RNG.standard_normal((12, 11)).astype(np.float32), RNG.standard_normal((3, 3)).astype(np.float32)
    y = cv.convolve(x, w, "same", method)
    assert y.dtype == np.float32
    np.testing.assert_allclose(y, scipy_convolve(x, w, "same"), atol=1e-5)


def test_two_boxes_make_a_triangle():
    step, box = 0.01, np.ones(100)  # 1 on [0, 1)
    triangle = cv.convolve_sampled(box, box, step)
    t = step * np.arange(triangle.size)
    np.testing.assert_allclose(triangle, np.minimum(t + step, 2 - t - step), atol=1e-9)


@pytest.mark.parametrize(
    ("arguments", "size"),
    [((32, 5), 28), ((227, 11, 4), 55), ((7, 3, 1, 1), 7), ((7, 3, 1, 0, 2), 3), ((2, 3), 0), ((0, 3, 1, 1), 0)],
)
def test_output_sizes(arguments, size):
    assert cv.output_size(*arguments) == size


@pytest.mark.parametrize(
    ("call", "error", "sentence"),
    [
        (lambda: cv.output_size(5, 3, 0), ValueError, "output_size takes stride of 1 or more; got 0"),
        (lambda: cv.output_size(5, 2.0), TypeError, "output_size takes k as an integer; got 2.0"),
        (lambda: cv.convolve([1.0], [[1.0]]), ValueError, "two signals (n,) or two pictures (H, W), none empty; got"),
        (lambda: cv.convolve([], [1.0]), ValueError, "got shapes (0,) and (1,)"),
        (lambda: cv.correlate([1.0], [1.0], "circular"), ValueError, "correlate takes mode full, same or valid"),
        (lambda: cv.correlate([1.0], [1.0, 2.0]), ValueError, "takes w inside x; got shapes (1,) and (2,)"),
        (lambda: cv.convolve(["a"], [1.0]), TypeError, "convolve takes x as an array of real numbers; got text"),
        (lambda: cv.convolve_sampled([1.0], [1.0], 0), ValueError, "convolve_sampled takes a step of more than 0"),
        (lambda: cv.convolve([1.0], [1.0], method="winograd"), ValueError, "takes kernels of 3 × 3"),
    ],
)
def test_errors(call, error, sentence):
    with pytest.raises(error, match=re.escape(sentence)):
        call()
