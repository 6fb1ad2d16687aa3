"""The kernels: 500 random layers against scipy.signal by every method, transposes, what doesn't fit."""

import re
from itertools import product

import numpy as np
import pytest
from scipy.signal import convolve2d, correlate2d

from stepgrad import convolution as cv
from stepgrad.convolution import methods
from stepgrad.convolution.layout import KEPT_BYTES, Layout, input_layouts

try:
    import torch
except ImportError:
    torch = None

METHODS = [*methods.METHODS, "auto"]
TOLERANCE = {np.float32: 1e-4, np.float64: 1e-11}


def random_layer(seed):
    """(x, w, dy, keywords, dtype), of sizes that methods treat differently."""
    rng = np.random.default_rng(seed)
    few = lambda low, high: int(rng.integers(low, high + 1))  # noqa: E731
    pair = lambda low, high: (few(low, high), few(low, high))  # noqa: E731
    dtype = (np.float32, np.float64)[seed % 2]
    groups, each, per_group = few(1, 3), few(1, 3), few(1, 3)
    size = (3, 3) if rng.random() < 0.4 else pair(1, 5)
    stride = (1, 1) if rng.random() < 0.5 else pair(1, 3)
    dilation = (1, 1) if rng.random() < 0.6 else pair(1, 3)
    padding = pair(0, 4)
    least = [max(d * (k - 1) + 1 - 2 * z, 1) for k, d, z in zip(size, dilation, padding, strict=True)]
    image = [n + few(0, 9) for n in least]
    x = rng.standard_normal((few(1, 3), groups * each, *image)).astype(dtype)
    w = rng.standard_normal((groups * per_group, each, *size)).astype(dtype)
    keywords = {"stride": stride, "padding": padding, "dilation": dilation, "groups": groups}
    places = [cv.output_size(*sizes) for sizes in zip(image, size, stride, padding, dilation, strict=True)]
    dy = rng.standard_normal((x.shape[0], w.shape[0], *places)).astype(dtype)
    return x, w, dy, keywords, dtype


def by_scipy(x, w, dy, stride, padding, dilation, groups):
    """Output and both gradients in float64, channel by channel, by scipy.signal."""
    x, w, dy = (array.astype(np.float64) for array in (x, w, dy))
    (N, _, H, W), (F, each, HH, WW), (top, left) = x.shape, w.shape, padding
    padded = np.pad(x, ((0, 0), (0, 0), (top, top), (left, left)))
    wide = np.zeros((F, each, dilation[0] * (HH - 1) + 1, dilation[1] * (WW - 1) + 1))
    wide[:, :, :: dilation[0], :: dilation[1]] = w
    full = np.zeros((N, F, padded.shape[2] - wide.shape[2] + 1, padded.shape[3] - wide.shape[3] + 1))
    sparse = np.zeros_like(full)
    sparse[:, :, :: stride[0], :: stride[1]] = dy
    dx, dw = np.zeros_like(padded), np.zeros_like(wide)
    for n, f, c in product(range(N), range(F), range(each)):
        channel = f // (F // groups) * each + c
        full[n, f] += correlate2d(padded[n, channel], wide[f, c], "valid")
        dx[n, channel] += convolve2d(sparse[n, f], wide[f, c], "full")
        dw[f, c] += correlate2d(padded[n, channel], sparse[n, f], "valid")
    return (
        full[:, :, :: stride[0], :: stride[1]],
        dx[:, :, top : top + H, left : left + W],
        dw[:, :, :: dilation[0], :: dilation[1]],
    )


def by_torch(x, w, dy, **keywords):
    images, kernels = (torch.tensor(array, requires_grad=True) for array in (x, w))
    y = torch.nn.functional.conv2d(images, kernels, **keywords)
    gradients = torch.autograd.grad(y, (images, kernels), torch.tensor(dy))
    return [array.detach().numpy() for array in (y, *gradients)]


def ours(x, w, dy, method, **keywords):
    return (
        cv.conv2d_forward(x, w, **keywords, method=method),
        cv.conv2d_input_grad(dy, w, x.shape, **keywords, method=method),
        cv.conv2d_weight_grad(dy, x, w.shape, **keywords, method=method),
    )


def applies(method, x, w, keywords):
    if method == "auto":
        return True
    refused = cv.choose(x.shape, w.shape, **keywords).refused
    return method not in refused


# Values ---------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("batch", range(20))
def test_500_random_layers_by_every_method(batch):
    for seed in range(25 * batch, 25 * batch + 25):
        x, w, dy, keywords, dtype = random_layer(seed)
        expected = [by_scipy(x, w, dy, **keywords)]
        if torch is not None:
            expected.append(by_torch(x, w, dy, **keywords))
        for method in METHODS:
            if not applies(method, x, w, keywords):
                continue
            found = ours(x, w, dy, method, **keywords)
            for reference, k in product(expected, range(3)):
                what = f"{('forward', 'input gradient', 'weight gradient')[k]} by {method}, seed {seed}: {keywords}"
                assert found[k].dtype == dtype, what
                assert found[k].shape == reference[k].shape, what
                scale = max(1.0, np.abs(reference[k]).max(initial=0.0))
                np.testing.assert_allclose(found[k], reference[k], atol=TOLERANCE[dtype] * scale, rtol=0, err_msg=what)


def test_every_method_is_tried_often():
    tried = dict.fromkeys(METHODS, 0)
    for seed in range(500):
        x, w, _, keywords, _ = random_layer(seed)
        for method in METHODS:
            tried[method] += applies(method, x, w, keywords)
    assert min(tried.values()) > 40, tried


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("seed", range(30))
def test_the_three_are_transposes_of_each_other(method, seed):
    x, w, dy, keywords, dtype = random_layer(seed)
    if applies(method, x, w, keywords):
        y, dx, dw = ours(x, w, dy, method, **keywords)
        tolerance = {"rel": 1e-4, "abs": 1e-3} if dtype == np.float32 else {"rel": 1e-10, "abs": 1e-10}
        assert np.vdot(y, dy) == pytest.approx(np.vdot(x, dx), **tolerance)
        assert np.vdot(y, dy) == pytest.approx(np.vdot(w, dw), **tolerance)


LARGE = [
    ((1, 3, 300, 200), (4, 3, 3, 3), {"padding": 1}),  # strips of one image
    ((40, 8, 20, 20), (16, 8, 3, 3), {}),  # several images to a piece, and pieces that are left over
    ((1, 1, 400, 300), (1, 1, 11, 9), {"padding": 4}),  # transforms in strips
    ((2, 8, 90, 90), (8, 8, 5, 5), {"stride": 2, "padding": 2}),
    ((1, 12, 90, 90), (16, 6, 3, 3), {"groups": 2, "padding": (2, 0)}),
    ((3, 6, 64, 64), (6, 1, 7, 7), {"groups": 6, "padding": 3}),
]


@pytest.mark.parametrize("dtype", TOLERANCE)
@pytest.mark.parametrize(("images", "kernels", "keywords"), LARGE)
def test_large_images_are_cut_into_pieces(images, kernels, keywords, dtype):
    rng = np.random.default_rng(0)
    x, w = rng.standard_normal(images).astype(dtype), rng.standard_normal(kernels).astype(dtype)
    y = cv.conv2d_forward(x, w, **keywords, method="direct")
    dy = rng.standard_normal(y.shape).astype(dtype)
    expected = ours(x, w, dy, "direct", **keywords)
    for method in METHODS[1:]:
        if applies(method, x, w, {"groups": 1, "stride": 1, **keywords}):
            for found, reference in zip(ours(x, w, dy, method, **keywords), expected, strict=True):
                atol = TOLERANCE[dtype] * np.abs(reference).max()
                np.testing.assert_allclose(found, reference, atol=atol, rtol=0, err_msg=method)


def test_work_space_is_not_kept_where_it_is_large():
    from stepgrad.convolution.layout import _rooms

    cv.conv2d_forward(np.ones((1, 1, 2000, 1500)), np.ones((1, 1, 5, 5)), padding=2, method="im2col")
    assert all(memory.nbytes <= KEPT_BYTES for memory in _rooms.kept.values())


def test_results_are_not_work_space():
    rng = np.random.default_rng(0)
    for method in METHODS:
        x, w = rng.standard_normal((2, 2, 8, 8)), rng.standard_normal((2, 2, 3, 3))
        first = ours(x, w, np.ones((2, 2, 6, 6)), method)
        kept = [array.copy() for array in first]
        ours(x + 1, w - 2, np.full((2, 2, 6, 6), 3.0), method)
        for array, copy in zip(first, kept, strict=True):
            np.testing.assert_array_equal(array, copy)


@pytest.mark.parametrize("method", METHODS)
def test_views_lists_and_other_numbers(method):
    rng = np.random.default_rng(2)
    x, w = rng.integers(-5, 5, (2, 6, 7, 3)), rng.integers(-5, 5, (4, 3, 3, 3))
    channels_last = x.transpose(0, 3, 1, 2)
    expected = cv.conv2d_forward(channels_last.astype(float), w.astype(float), padding=1, method="direct")
    np.testing.assert_allclose(cv.conv2d_forward(channels_last, w, padding=1, method=method), expected, atol=1e-11)
    as_lists = cv.conv2d_forward(channels_last.tolist(), w.tolist(), padding=1, method=method)
    np.testing.assert_allclose(as_lists, expected, atol=1e-11)
    flipped = cv.conv2d_forward(channels_last[:, :, ::-1], w[..., ::-1, :], padding=1, method=method)
    np.testing.assert_allclose(flipped[:, :, ::-1], expected, atol=1e-11)
    assert cv.conv2d_forward(channels_last.astype(np.float16), w.astype(np.float32)).dtype == np.float32
    assert cv.conv2d_forward(channels_last.astype(np.float32), w).dtype == np.float64
    dy = np.broadcast_to(np.float64(1), expected.shape)
    for grad in ours(channels_last.astype(float), w.astype(float), dy, method, padding=1)[1:]:
        assert grad.flags.writeable


def test_biases_are_added():
    x, w, b = np.ones((2, 1, 4, 4)), np.zeros((3, 1, 2, 2)), np.arange(3.0)
    np.testing.assert_array_equal(cv.conv2d_forward(x, w, b)[1, :, 2, 2], b)


def test_no_images_no_channels_no_kernels():
    for images, kernels in (((0, 2, 5, 5), (3, 2, 3, 3)), ((2, 0, 5, 5), (3, 0, 3, 3)), ((2, 2, 5, 5), (0, 2, 3, 3))):
        x, w = np.ones(images), np.ones(kernels)
        dy = np.ones((images[0], kernels[0], 3, 3))
        for method in METHODS:
            y, dx, dw = ours(x, w, dy, method)
            assert (y.shape, dx.shape, dw.shape) == (dy.shape, images, kernels)
            assert not y.any()
            assert not dx.any()
            assert not dw.any()


FAR = [((1, 1, 64, 64), (1, 1, 23, 23)), ((2, 48, 16, 16), (48, 48, 3, 3)), ((1, 2, 9, 9), (3, 2, 3, 3))]


@pytest.mark.parametrize("bad", [np.nan, np.inf])
@pytest.mark.parametrize(("images", "kernels"), FAR)
@pytest.mark.parametrize("method", ["direct", "im2col", "strips", "auto"])
def test_a_nan_reaches_what_the_definition_says(images, kernels, method, bad):
    rng = np.random.default_rng(0)
    x, w = rng.standard_normal(images), rng.standard_normal(kernels)
    clean = cv.conv2d_forward(x, w, padding=1, method="strips")
    x[0, 1 % images[1], 4, 6] = bad
    seen = np.zeros(clean.shape, bool)
    seen[0, :, max(0, 6 - kernels[2]) : 6, max(0, 8 - kernels[3]) : 8] = True
    with np.errstate(invalid="ignore"):
        y = cv.conv2d_forward(x, w, padding=1, method=method)
        dx = cv.conv2d_input_grad(np.where(seen, np.nan, clean), w, images, padding=1, method=method)
    assert np.isfinite(y[~seen]).all()
    np.testing.assert_allclose(y[~seen], clean[~seen], atol=1e-9)
    assert not np.isfinite(y[seen]).any()
    reached = cv.conv2d_input_grad(seen.astype(float), np.ones(kernels), images, padding=1, method="strips") > 0.5
    np.testing.assert_array_equal(np.isnan(dx), reached)
    again = cv.conv2d_forward(np.ones(images), w, padding=1, method=method)  # nothing of it stays in the work space
    assert np.isfinite(again).all()


def test_the_cases_with_a_nan_are_chosen_from_those_that_spread_it():
    assert {cv.choose(*case, padding=1, dtype=float).method for case in FAR} >= {"fft", "winograd"}
    x, w = np.zeros((1, 1, 9, 9)), np.ones((1, 1, 3, 3))
    x[0, 0, 4, 4] = np.nan
    for method in methods.SPREADING:
        assert np.isnan(cv.conv2d_forward(x, w, method=method)).sum() > 9


def test_a_nan_in_an_image_makes_gradients_of_kernels_nan():
    x, dy = np.ones((1, 2, 30, 30)), np.ones((1, 3, 16, 16))
    x[0, 0, 15, 15] = np.nan
    for method in METHODS:
        if method != "winograd":
            dw = cv.conv2d_weight_grad(dy, x, (3, 2, 15, 15), method=method)
            assert np.isnan(dw[:, 0]).all()
            if method != "fft":
                np.testing.assert_allclose(dw[:, 1], 256.0)


def test_numbers_that_transforms_have_no_room_for_are_convolved_another_way():
    x, w = np.full((1, 1, 64, 64), 1e37, np.float32), np.zeros((1, 1, 31, 31), np.float32)
    w[0, 0, 3, 3] = 2
    assert cv.choose(x.shape, w.shape).method == "fft"
    np.testing.assert_allclose(cv.conv2d_forward(x, w), 2e37, rtol=1e-6)


def test_an_input_gradient_with_a_stride_is_phases():
    layout = Layout((1, 1, 8, 8), (1, 1, 3, 3), (3, 3), (2, 2), (0, 0), (1, 1), 1)
    phases = input_layouts(layout)
    assert [p.layout.kernels[2:] for p in phases] == [(2, 2), (2, 1), (1, 2), (1, 1)]
    assert all(p.layout.stride == (1, 1) for p in phases)
    assert sum(p.layout.places[0] * p.layout.places[1] for p in phases) == 64


# Errors ---------------------------------------------------------------------------------------------------------------
X, W = np.ones((2, 4, 5, 6)), np.ones((6, 4, 3, 2))


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (lambda: cv.conv2d_forward(X[0], W), "conv2d_forward takes x (N, C, H, W); got shape (4, 5, 6)"),
        (lambda: cv.conv2d_forward(X, W[:, :3]), "4 channels and groups=1 takes w (F, 4, HH, WW)"),
        (
            lambda: cv.conv2d_forward(X, W, stride=0),
            "takes stride as an integer or a pair of integers, 1 or more; got 0",
        ),
        (lambda: cv.conv2d_forward(X, W, np.ones(5)), "one bias for each of the 6 kernels; got shape (5,)"),
        (lambda: cv.conv2d_forward(X, np.ones((6, 4, 7, 7))), "kernel spans 7 × 7 and doesn't fit in the padded image"),
        (lambda: cv.conv2d_forward(X, W, method="gemm"), "no method 'gemm'; there are auto, direct, im2col, strips"),
        (
            lambda: cv.conv2d_forward(X, W, method="winograd"),
            "method 'winograd' takes kernels of 3 × 3 with stride 1 and dilation 1; these are 3 × 2",
        ),
        (
            lambda: cv.conv2d_weight_grad(np.ones((2, 6, 2, 3)), X, (6, 4, 3, 3), stride=2, method="winograd"),
            "takes dy of the output's shape, (2, 6, 2, 2); got shape (2, 6, 2, 3)",
        ),
        (
            lambda: cv.conv2d_input_grad(np.ones((2, 6, 3, 4)), W, X.shape),
            "conv2d_input_grad takes dy of the output's shape, (2, 6, 3, 5); got shape (2, 6, 3, 4)",
        ),
        (lambda: cv.choose(X.shape, W.shape, operation="backward"), "choose knows no operation 'backward'"),
        (lambda: cv.choose(X.shape, W.shape, dtype=int), "choose takes dtype float32 or float64; got int64"),
    ],
)
def test_what_does_not_fit_is_said(call, sentence):
    with pytest.raises(ValueError, match=re.escape(sentence)) as caught:
        call()
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("x", [np.full(X.shape, "a"), X + 0j, np.full(X.shape, None), [[1.0], [1.0, 2.0]]])
def test_what_is_no_number_is_said(x):
    with pytest.raises(TypeError, match="conv2d_forward takes x as an array of real numbers; got"):
        cv.conv2d_forward(x, W)


@pytest.mark.parametrize(
    ("call", "error", "sentence"),
    [
        (lambda: cv.conv2d_input_grad(X, W, 5), TypeError, "takes x_shape as a tuple of integers; got 5"),
        (
            lambda: cv.conv2d_weight_grad(X, X, (6, 4, 3.0, 2)),
            TypeError,
            "w_shape as a tuple of integers; got (6, 4, 3.0",
        ),
        (lambda: cv.choose((1, 1, -3, 3), (1, 1, 3, 3)), ValueError, "choose takes x_shape of integers from 0 on; got"),
        (lambda: cv.choose((1, 3, 3), (1, 1, 3, 3)), ValueError, "choose takes x (N, C, H, W); got shape (1, 3, 3)"),
        (lambda: cv.conv2d_forward(X, W, groups=2.0), TypeError, "takes groups as an integer; got 2.0"),
        (lambda: cv.conv2d_forward(X, W, stride=(1, 2, 3)), ValueError, "1 or more; got (1, 2, 3)"),
    ],
)
def test_shapes_and_numbers_that_are_none_are_said(call, error, sentence):
    with pytest.raises(error, match=re.escape(sentence)) as caught:
        call()
    assert "\n" not in str(caught.value)


def test_without_scipy_fft_says_so_and_auto_takes_another(monkeypatch):
    import sys

    monkeypatch.setitem(sys.modules, "scipy.fft", None)
    choice = cv.choose((1, 1, 64, 64), (1, 1, 31, 31))
    assert choice.refused["fft"] == "needs SciPy, which isn't installed"
    assert "fft" not in choice.seconds
    with pytest.raises(ValueError, match="method 'fft' needs SciPy"):
        cv.conv2d_forward(X, W, method="fft")


@pytest.mark.parametrize("padding", [10**6, 10**12, (0, 10**15)])
def test_padding_beyond_all_memory_is_refused_in_a_sentence(padding):
    x, w = np.ones((1, 3, 8, 8)), np.ones((2, 3, 3, 3))
    with pytest.raises(ValueError, match=r"conv2d_forward's padded images of [\d,]+ × [\d,]+ are beyond all memory"):
        cv.conv2d_forward(x, w, padding=padding)


def test_an_array_in_the_place_of_a_shape_is_told_by_its_shape():
    with pytest.raises(TypeError, match=r"x_shape as a tuple of integers; got an array of shape \(1, 3, 8, 8\)$"):
        cv.choose(np.ones((1, 3, 8, 8)), (2, 3, 3, 3))
