"""conv2d: against loops and scipy.signal, its derivatives, what graphs say of it, dtypes, errors."""

import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.signal import correlate

import stepgrad as sg
from stepgrad import nn

RNG = np.random.default_rng(11)
X, W, B = RNG.standard_normal((2, 4, 5, 6)), RNG.standard_normal((6, 4, 3, 2)), RNG.standard_normal(6)


def by_loops(x, w, b=None, stride=(1, 1), padding=(0, 0), dilation=(1, 1), groups=1):
    """The definition, entry by entry."""
    images, _, height, width = x.shape
    filters, each, rows, columns = w.shape
    P = (height + 2 * padding[0] - dilation[0] * (rows - 1) - 1) // stride[0] + 1
    Q = (width + 2 * padding[1] - dilation[1] * (columns - 1) - 1) // stride[1] + 1
    y = np.zeros((images, filters, P, Q))
    for n, f, p, q in np.ndindex(y.shape):
        first = f // (filters // groups) * each
        y[n, f, p, q] = 0.0 if b is None else b[f]
        for c, u, v in np.ndindex(each, rows, columns):
            i, j = p * stride[0] + u * dilation[0] - padding[0], q * stride[1] + v * dilation[1] - padding[1]
            if 0 <= i < height and 0 <= j < width:
                y[n, f, p, q] += w[f, c, u, v] * x[n, first + c, i, j]
    return y


@st.composite
def layers(draw):
    """Random arguments that fit: (x, w, b, keywords)."""
    small = st.integers(1, 3)
    pairs = st.tuples(small, small)
    groups, each, per_group = draw(small), draw(st.integers(0, 2)), draw(st.integers(0, 2))
    size, stride, dilation, padding = draw(pairs), draw(pairs), draw(pairs), draw(st.tuples(*[st.integers(0, 3)] * 2))
    spans = [d * (k - 1) + 1 for k, d in zip(size, dilation, strict=True)]
    image = [max(k - 2 * z, 0) + draw(st.integers(0, 4)) for k, z in zip(spans, padding, strict=True)]
    rng = np.random.default_rng(draw(st.integers(0, 999)))
    x = rng.standard_normal((draw(st.integers(0, 3)), groups * each, *image))
    w = rng.standard_normal((groups * per_group, each, *size))
    b = rng.standard_normal(groups * per_group) if draw(st.booleans()) else None
    return x, w, b, {"stride": stride, "padding": padding, "dilation": dilation, "groups": groups}


# Values ---------------------------------------------------------------------------------------------------------------
@given(layer=layers())
def test_values_are_those_of_the_definition(layer):
    x, w, b, keywords = layer
    expected = by_loops(x, w, b, **keywords)
    y = nn.conv2d(x, w, b, **keywords)
    assert y.shape == expected.shape
    np.testing.assert_allclose(y, expected, atol=1e-12)


def test_one_image_and_one_kernel_are_a_correlation():
    image, kernel = RNG.standard_normal((7, 9)), RNG.standard_normal((3, 4))
    y = nn.conv2d(image[np.newaxis, np.newaxis], kernel[np.newaxis, np.newaxis])
    np.testing.assert_allclose(y[0, 0], correlate(image, kernel, "valid"), atol=1e-12)
    y = nn.conv2d(image[np.newaxis, np.newaxis], kernel[np.newaxis, np.newaxis], padding=(2, 3))
    np.testing.assert_allclose(y[0, 0], correlate(image, kernel, "full"), atol=1e-12)


def test_channels_are_correlated_each_and_added():
    y = nn.conv2d(X, W, B)
    for n, f in np.ndindex(2, 6):
        expected = sum(correlate(X[n, c], W[f, c], "valid") for c in range(4)) + B[f]
        np.testing.assert_allclose(y[n, f], expected, atol=1e-12)


def test_groups_are_layers_side_by_side():
    w = RNG.standard_normal((6, 2, 3, 2))
    halves = [nn.conv2d(X[:, :2], w[:3], B[:3]), nn.conv2d(X[:, 2:], w[3:], B[3:])]
    np.testing.assert_allclose(nn.conv2d(X, w, B, groups=2), np.concatenate(halves, 1), atol=1e-12)


def test_a_dilated_kernel_is_one_with_zeros_in_between():
    wide = np.zeros((6, 4, 5, 4))
    wide[:, :, ::2, ::3] = W
    np.testing.assert_allclose(nn.conv2d(X, W, dilation=(2, 3)), nn.conv2d(X, wide), atol=1e-12)


def test_kernels_of_one_entry_are_a_fully_connected_layer_at_each_place():
    w = RNG.standard_normal((6, 4, 1, 1))
    expected = np.moveaxis(nn.linear(np.moveaxis(X, 1, -1), w[:, :, 0, 0], B), -1, 1)
    np.testing.assert_allclose(nn.conv2d(X, w, B), expected, atol=1e-12)


@pytest.mark.parametrize(
    ("n", "kernel", "stride", "padding", "size"),
    [
        (227, 11, 4, 0, 55),  # AlexNet's layers: Krizhevsky, Sutskever and Hinton (2012)
        (27, 5, 1, 2, 27),
        (13, 3, 1, 1, 13),
        (32, 5, 1, 0, 28),  # LeNet-5's: LeCun et al. (1998)
        (14, 5, 1, 0, 10),
        (224, 7, 2, 3, 112),  # ResNet's first: He et al. (2016)
        (5, 3, 2, 0, 2),  # Dumoulin and Visin (2016), figures 2.5, 2.6 and 2.7
        (5, 3, 2, 1, 3),
        (6, 3, 2, 1, 3),
    ],
)
def test_sizes_of_known_layers(n, kernel, stride, padding, size):
    y = nn.conv2d(np.zeros((1, 1, n, n)), np.zeros((1, 1, kernel, kernel)), stride=stride, padding=padding)
    assert y.shape == (1, 1, size, size)


def test_a_dilation_of_two_makes_three_entries_span_five():
    assert nn.conv2d(np.zeros((1, 1, 7, 7)), np.zeros((1, 1, 3, 3)), dilation=2).shape == (1, 1, 3, 3)


def test_one_number_serves_rows_and_columns():
    one = nn.conv2d(X, W, B, stride=2, padding=1, dilation=2)
    np.testing.assert_array_equal(one, nn.conv2d(X, W, B, (2, 2), [1, 1], (np.int64(2), 2)))


def test_lists_and_views_will_do():
    np.testing.assert_allclose(nn.conv2d(X.tolist(), W.tolist(), B.tolist()), nn.conv2d(X, W, B))
    flipped = X[:, ::-1, ::-1, ::2]
    np.testing.assert_allclose(nn.conv2d(flipped, W, B), nn.conv2d(flipped.copy(), W, B))


@pytest.mark.parametrize("dtype", [np.float16, np.int64, np.complex128, np.longdouble])
def test_other_numbers_go_by_the_definition(dtype):
    x, w = (np.round(8 * a).astype(dtype) for a in (X, W))
    y = nn.conv2d(x, w, padding=1)
    assert y.dtype == dtype
    np.testing.assert_array_equal(y, by_loops(x.real.astype(float), w.real.astype(float), padding=(1, 1)))


def test_arguments_are_left_alone():
    x, w, b = X.copy(), W.copy(), B.copy()
    sg.grad(lambda *a: np.sum(nn.conv2d(*a, padding=1) ** 2), (0, 1, 2))(x, w, b)
    for after, before in ((x, X), (w, W), (b, B)):
        np.testing.assert_array_equal(after, before)


# Derivatives ----------------------------------------------------------------------------------------------------------
KINDS = [
    {},
    {"stride": 2, "padding": 1},
    {"dilation": (1, 2), "padding": (0, 1)},
    {"groups": 2, "stride": (2, 1), "padding": (1, 0)},
]


@pytest.mark.parametrize("order", [1, 2])
@pytest.mark.parametrize("keywords", KINDS)
def test_derivatives(keywords, order):
    groups = keywords.get("groups", 1)
    x, w, b = X[:, :2, :4, :4], W[:2, : 2 // groups, :2, :2], B[:2]
    sg.check_grad(lambda x, w, b: nn.conv2d(x, w, b, **keywords), x, w, b, order=order)
    sg.check_grad(lambda x, w: np.tanh(nn.conv2d(x, w, **keywords)), x[:1], w, order=order)


@settings(max_examples=30)
@given(layer=layers())
def test_second_derivatives_of_random_layers(layer):
    x, w, b, keywords = layer
    x = x[:1, :, :6, :6] if min(x.shape[2:]) > 6 else x[:1]
    arrays = (x, w) if b is None else (x, w, b)
    sg.check_grad(lambda *a: np.sin(nn.conv2d(*a, **keywords)), *arrays, order=2)


@settings(max_examples=40)
@given(layer=layers(), seed=st.integers(0, 99))
def test_the_modes_are_transposes_of_each_other(layer, seed):
    x, w, b, keywords = layer
    arrays = (x, w) if b is None else (x, w, b)
    rng = np.random.default_rng(seed)
    tangents = tuple(rng.standard_normal(a.shape) for a in arrays)
    f = lambda *a: nn.conv2d(*a, **keywords)  # noqa: E731
    output, forward = sg.jvp(f, arrays, tangents)
    cotangent = rng.standard_normal(output.shape)
    adjoints = sg.vjp(f, *arrays)[1](cotangent)
    expected = sum(np.vdot(t, a) for t, a in zip(tangents, adjoints, strict=True))
    np.testing.assert_allclose(np.vdot(forward, cotangent), expected, rtol=1e-9, atol=1e-9)
    by_definition = by_loops(tangents[0], w, None, **keywords) + by_loops(x, tangents[1], None, **keywords)
    bias = 0.0 if b is None else tangents[2][:, np.newaxis, np.newaxis]
    np.testing.assert_allclose(forward, by_definition + bias, atol=1e-11)


def test_the_gradient_by_the_images_is_a_full_convolution_with_the_kernels():
    u = RNG.standard_normal((1, 1, 3, 5))
    _, pullback = sg.vjp(lambda x: nn.conv2d(x, W[:1, :1]), X[:1, :1])
    np.testing.assert_allclose(pullback(u)[0][0, 0], correlate(u[0, 0], W[0, 0, ::-1, ::-1], "full"), atol=1e-12)


def test_the_gradient_by_the_kernels_is_a_correlation_of_the_images_with_the_adjoint():
    u = RNG.standard_normal((1, 1, 3, 5))
    _, pullback = sg.vjp(lambda w: nn.conv2d(X[:1, :1], w), W[:1, :1])
    np.testing.assert_allclose(pullback(u)[0][0, 0], correlate(X[0, 0], u[0, 0], "valid"), atol=1e-12)


def test_the_gradient_of_a_gradient_of_a_gradient():
    def f(s):
        return np.sum(np.sin(nn.conv2d(X[:1] * s, W[:2] * s, padding=1)))

    y = by_loops(X[:1], W[:2], padding=(1, 1))  # f(s) = Σ sin(s² y)
    third = np.sum(-12 * 0.7 * y**2 * np.sin(0.49 * y) - 8 * 0.7**3 * y**3 * np.cos(0.49 * y))
    assert sg.grad(sg.grad(sg.grad(f)))(0.7) == pytest.approx(third)


def test_no_images():
    value, pullback = sg.vjp(nn.conv2d, X[:0], W, B)
    assert value.shape == (0, 6, 3, 5)
    by_images, by_kernels, by_biases = pullback(value)
    assert by_images.shape == (0, 4, 5, 6)
    np.testing.assert_array_equal(by_kernels, np.zeros_like(W))
    np.testing.assert_array_equal(by_biases, np.zeros(6))


@pytest.mark.parametrize("keywords", KINDS)
def test_float32_stays_float32(keywords):
    x, w, b = (a.astype(np.float32) for a in (X, W[:, : 4 // keywords.get("groups", 1)], B))
    f = lambda *a: nn.conv2d(*a, **keywords)  # noqa: E731
    value, pullback = sg.vjp(f, x, w, b)
    assert value.dtype == np.float32
    assert all(gradient.dtype == np.float32 for gradient in pullback(np.ones_like(value)))
    assert sg.jvp(f, (x, w, b), (x, w, b))[1].dtype == np.float32
    assert sg.grad(lambda w: np.sum(sg.grad(lambda x: np.sum(f(x, w, b) ** 2))(x) ** 2))(w).dtype == np.float32


# What graphs say of it ------------------------------------------------------------------------------------------------
def test_a_layer_is_one_node_with_three_rules():
    graph = sg.trace(lambda x, w, b: np.sum(nn.conv2d(x, w, b, padding=1, groups=2)), X, W[:, :2], B)
    assert [node.primitive for node in graph.nodes if node.primitive] == ["conv2d", "sum"]
    (layer,) = [node for node in graph.nodes if node.primitive == "conv2d"]
    by_x, by_w, by_b = (rule.structure for rule in layer.rules.values())
    assert (by_x, by_w, by_b) == ("Contraction @ Windows @ Scatter", "Contraction", "Copy")
    assert layer.rules[1].operations == 2 * 2 * 6 * 5 * 7 * 2 * 3 * 2  # a multiplication and an addition for each term


def test_formulas_of_a_layer_name_its_parts():
    graph = sg.trace(lambda x, w: np.sum(nn.conv2d(x, w)), X, W)
    by_x, by_w = graph.nodes[2].rules.values()
    assert by_x.push == ["einsum", ["windows", "□"], "w"]
    assert by_x.pull == ["fold", ["einsum", "□", "w"]]
    assert by_w.push == by_w.pull == ["einsum", ["windows", "x"], "□"]


def test_gradients_in_a_graph_are_nodes_too():
    gradient = sg.grad(lambda x, w: np.sum(nn.conv2d(x, w, stride=2, padding=1) ** 2), (0, 1))
    graph = sg.trace(lambda x, w: sum(map(np.sum, gradient(x, w))), X[:1], W[:2])
    names = {node.primitive for node in graph.nodes}
    assert {"conv2d", "conv2d_input_grad", "conv2d_weight_grad"} <= names


@pytest.mark.parametrize("argnum", [0, 1])
@pytest.mark.parametrize(
    ("images", "kernels", "keywords"),
    [
        ((1, 1, 2, 1), (2, 1, 1, 2), {"stride": (1, 2), "padding": (1, 2), "dilation": 2}),  # 2 q + 2 v = 2
        ((1, 1, 1, 1), (1, 1, 3, 3), {"stride": (2, 3), "padding": 3, "dilation": (3, 2)}),  # 2 p + 3 u = 3
        ((2, 4, 5, 6), (6, 2, 3, 2), {"stride": (2, 1), "padding": (1, 2), "dilation": (1, 2), "groups": 2}),
        ((1, 3, 6, 6), (2, 3, 3, 3), {}),
        ((2, 2, 4, 3), (2, 1, 1, 1), {"groups": 2}),
    ],
)
def test_every_layer_has_a_form(images, kernels, keywords, argnum):
    arrays = RNG.standard_normal(images), RNG.standard_normal(kernels)
    f = lambda *a: nn.conv2d(*a, **keywords)  # noqa: E731
    J = sg.structured_jacobian(f, *arrays, argnum=argnum)
    assert "Sparse" not in J.structure
    np.testing.assert_allclose(J.to_dense(), sg.jacobian(f, argnum)(*arrays).reshape(J.shape), atol=1e-12)
    assert J.nbytes <= 8 * max(arrays[1].size, np.pad(arrays[0], 3).size)


def test_the_jacobian_keeps_the_callers_arrays():
    J = sg.structured_jacobian(nn.conv2d, X, W)
    ((_, kernels),) = J.chains[0].form.factors
    assert np.shares_memory(kernels, W)
    ((_, windows),) = sg.structured_jacobian(nn.conv2d, X, W, argnum=1).chains[0].form.factors
    assert np.shares_memory(windows, X)


# Errors ---------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("arguments", "keywords", "sentence"),
    [
        ((X[0], W), {}, "conv2d takes x (N, C, H, W); got shape (4, 5, 6)"),
        ((X, W[0]), {}, "conv2d takes w (F, C/groups, HH, WW); got shape (4, 3, 2)"),
        ((1.0, W), {}, "got shape ()"),
        (
            (X, W[:, :3]),
            {},
            "4 channels and groups=1 takes w (F, 4, HH, WW): x has shape (2, 4, 5, 6) and w (6, 3, 3, 2)",
        ),
        ((X, W), {"groups": 2}, "takes w (F, 2, HH, WW)"),
        ((X, W), {"groups": 3}, "can't split 4 channels and 6 kernels into 3 groups: x has shape (2, 4, 5, 6)"),
        ((X, W[:5, :2]), {"groups": 2}, "can't split 4 channels and 5 kernels into 2 groups"),
        ((X, W), {"groups": 0}, "into 0 groups"),
        ((X, W, B[:5]), {}, "conv2d takes one bias for each of the 6 kernels; got shape (5,)"),
        ((X, W, 1.0), {}, "got shape ()"),
        ((X, W), {"stride": 0}, "conv2d takes stride as an integer or a pair of integers, 1 or more; got 0"),
        ((X, W), {"stride": (1, 2, 3)}, "got (1, 2, 3)"),
        ((X, W), {"padding": (0, -1)}, "0 or more; got (0, -1)"),
        ((X, W), {"dilation": 0}, "conv2d takes dilation"),
        ((X, W[:, :, :0]), {}, "kernels of one entry at least; got w of shape (6, 4, 0, 2)"),
        ((X[:, :, :2], W), {}, "spans 3 × 2 and doesn't fit in the padded image of 2 × 6: x has shape (2, 4, 2, 6)"),
        ((X, W), {"dilation": 3}, "spans 7 × 4 and doesn't fit in the padded image of 5 × 6"),
    ],
)
def test_what_does_not_fit_is_said(arguments, keywords, sentence):
    with pytest.raises(ValueError, match=re.escape(sentence)) as caught:
        nn.conv2d(*arguments, **keywords)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "keywords", [{"stride": 1.5}, {"stride": True}, {"padding": "same"}, {"dilation": (1, 2.0)}, {"groups": 1.0}]
)
def test_numbers_that_are_no_integers_are_refused(keywords):
    (name,) = keywords
    with pytest.raises(TypeError, match=f"conv2d takes {name} as an integer"):
        nn.conv2d(X, W, **keywords)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ((X.astype(str), W), "conv2d takes x as an array of real numbers; got text"),
        ((X, W.astype("M8[s]")), "conv2d takes w as an array of real numbers; got dates"),
        ((X, W, [None] * 6), "conv2d takes b as an array of real numbers; got objects such as NoneType"),
        (([[1.0], [1.0, 2.0]], W), "conv2d takes x as an array of real numbers; got a ragged list"),
        ((np.ma.array(X, mask=X > 0), W), "MaskedArray"),
    ],
)
def test_what_is_no_number_is_said(arguments, sentence):
    with pytest.raises(TypeError, match=re.escape(sentence)) as caught:
        nn.conv2d(*arguments)
    assert "\n" not in str(caught.value)


def test_errors_are_the_same_inside_a_differentiation():
    with pytest.raises(ValueError, match="4 channels"):
        sg.grad(lambda x: np.sum(nn.conv2d(x, W[:, :3])))(X)
