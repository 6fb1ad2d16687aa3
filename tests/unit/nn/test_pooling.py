"""max_pool2d, avg_pool2d and flatten: against loops, their derivatives, ties, dtypes, errors."""

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes

import stepgrad as sg
from stepgrad import nn
from stepgrad.autodiff.linear_maps import Scatter, Selection

RNG = np.random.default_rng(12)
X = RNG.permutation(2 * 3 * 5 * 6).reshape(2, 3, 5, 6) / 20.0
NAN = float("nan")


def by_loops(reduce, x, size, stride):
    P, Q = (x.shape[2] - size[0]) // stride[0] + 1, (x.shape[3] - size[1]) // stride[1] + 1
    y = np.zeros((*x.shape[:2], P, Q), x.dtype)
    for n, c, p, q in np.ndindex(y.shape):
        top, left = p * stride[0], q * stride[1]
        y[n, c, p, q] = reduce(x[n, c, top : top + size[0], left : left + size[1]])
    return y


@st.composite
def poolings(draw):
    """Random images, sizes and strides that fit; the entries are few whole numbers, so that there are ties."""
    pairs = st.tuples(st.integers(1, 3), st.integers(1, 3))
    size, stride = draw(pairs), draw(pairs)
    shape = (draw(st.integers(0, 2)), draw(st.integers(0, 2)), *(k + draw(st.integers(0, 4)) for k in size))
    return np.random.default_rng(draw(st.integers(0, 999))).integers(0, 5, shape).astype(float), size, stride


# Values and gradients ------------------------------------------------------------------------------------------------
@given(case=poolings())
def test_values_are_those_of_loops(case):
    x, size, stride = case
    np.testing.assert_array_equal(nn.max_pool2d(x, size, stride), by_loops(np.max, x, size, stride))
    np.testing.assert_allclose(nn.avg_pool2d(x, size, stride), by_loops(np.mean, x, size, stride))


@given(case=poolings())
def test_max_pool_routes_each_adjoint_to_the_first_largest_entry(case):
    x, size, stride = case
    output, pullback = sg.vjp(lambda x: nn.max_pool2d(x, size, stride), x)
    u = np.arange(1.0, output.size + 1).reshape(output.shape)
    expected = np.zeros(x.shape)
    for n, c, p, q in np.ndindex(output.shape):
        top, left = p * stride[0], q * stride[1]
        window = x[n, c, top : top + size[0], left : left + size[1]]
        row, column = np.unravel_index(np.argmax(window), window.shape)
        expected[n, c, top + row, left + column] += u[n, c, p, q]
    np.testing.assert_array_equal(pullback(u)[0], expected)


@given(case=poolings())
def test_avg_pool_gives_each_entry_its_share(case):
    x, size, stride = case
    output, pullback = sg.vjp(lambda x: nn.avg_pool2d(x, size, stride), x)
    u = np.arange(1.0, output.size + 1).reshape(output.shape)
    expected = np.zeros(x.shape)
    for n, c, p, q in np.ndindex(output.shape):
        top, left = p * stride[0], q * stride[1]
        expected[n, c, top : top + size[0], left : left + size[1]] += u[n, c, p, q] / (size[0] * size[1])
    np.testing.assert_allclose(pullback(u)[0], expected)


@pytest.mark.parametrize("pool", [nn.max_pool2d, nn.avg_pool2d])
@pytest.mark.parametrize("arguments", [(2,), ((2, 3),), (3, 1), ((2, 1), (1, 3)), ((1, 2), (3, 3)), ((5, 6),)])
def test_derivatives(pool, arguments):
    sg.check_grad(lambda x: pool(x, *arguments), X[:1, :2])
    sg.check_grad(lambda x: pool(x * x, *arguments), X[:1, :1] + 1.0, order=2)


def test_the_stride_is_the_size_unless_given():
    for pool in (nn.max_pool2d, nn.avg_pool2d):
        np.testing.assert_array_equal(pool(X, 2), pool(X, (2, 2), (2, 2)))
        np.testing.assert_array_equal(pool(X, (1, 3)), pool(X, [1, 3], (1, 3)))
        assert pool(X, 2).shape == (2, 3, 2, 3)
        assert pool(X, 2, 1).shape == (2, 3, 4, 5)
        np.testing.assert_array_equal(pool(X.tolist(), 2), pool(X, 2))


def test_a_tie_goes_to_the_first_entry_row_by_row():
    gradient = sg.grad(lambda x: np.sum(nn.max_pool2d(x, 2)))(np.ones((1, 1, 2, 4)))
    np.testing.assert_array_equal(gradient[0, 0], [[1.0, 0.0, 1.0, 0.0], [0.0, 0.0, 0.0, 0.0]])
    image = np.array([[[[0.0, 2.0], [2.0, 2.0]]]])
    np.testing.assert_array_equal(sg.grad(lambda x: np.sum(nn.max_pool2d(x, 2)))(image)[0, 0], [[0.0, 1.0], [0.0, 0.0]])


def test_the_largest_entry_of_overlapping_windows_collects():
    image = np.zeros((1, 1, 3, 3))
    image[0, 0, 1, 1] = 1.0
    gradient = sg.grad(lambda x: np.sum(nn.max_pool2d(x, 2, 1)))(image)
    assert gradient[0, 0, 1, 1] == 4.0
    assert np.sum(gradient) == 4.0


def test_nan_is_the_largest_entry():
    image = np.array([[[[1.0, NAN], [5.0, NAN]]]])
    value, pullback = sg.vjp(lambda x: nn.max_pool2d(x, 2), image)
    assert np.isnan(value).all()
    np.testing.assert_array_equal(pullback(np.ones((1, 1, 1, 1)))[0][0, 0], [[0.0, 1.0], [0.0, 0.0]])


@pytest.mark.parametrize("pool", [nn.max_pool2d, nn.avg_pool2d])
def test_no_images(pool):
    value, pullback = sg.vjp(lambda x: pool(x, 2), X[:0])
    assert value.shape == (0, 3, 2, 3)
    assert pullback(value)[0].shape == (0, 3, 5, 6)


@pytest.mark.parametrize("function", [nn.flatten, *(lambda x, f=f: f(x, 2, 1) for f in (nn.max_pool2d, nn.avg_pool2d))])
def test_float32_stays_float32(function):
    x = X.astype(np.float32)
    value, pullback = sg.vjp(function, x)
    assert value.dtype == pullback(value)[0].dtype == sg.jvp(function, (x,), (x,))[1].dtype == np.float32
    second = sg.grad(lambda x: np.sum(sg.grad(lambda x: np.sum(function(x) ** 3))(x)))(x)
    assert second.dtype == np.float32


def test_images_are_left_alone_and_results_are_not_views_of_them():
    for f in (lambda x: nn.max_pool2d(x, 1), lambda x: nn.avg_pool2d(x, 1)):
        x = X.copy()
        y = f(x)
        y += 1.0
        np.testing.assert_array_equal(x, X)


# Graphs ---------------------------------------------------------------------------------------------------------------
def test_poolings_are_one_node_each():
    graph = sg.trace(lambda x: np.sum(nn.avg_pool2d(nn.max_pool2d(x, 2, 1), 2)), X)
    assert [node.primitive for node in graph.nodes if node.primitive] == ["max_pool2d", "avg_pool2d", "sum"]
    largest, means = (node.rules[0] for node in graph.nodes[1:3])
    assert (largest.structure, largest.role) == ("Selection", "router")
    assert (largest.push, largest.pull) == (["max_pool2d", "□"], ["scatter", "□"])
    assert means.structure == "ScaledIdentity @ Sum @ Windows"
    assert means.push == ["multiply", 0.25, ["sum", ["windows", "□"]]]


@pytest.mark.parametrize("stride", [1, 2])
def test_the_map_of_max_pool_has_a_table_for_each_axis(stride):
    graph = sg.vjp(lambda x: nn.max_pool2d(x, 2, stride), X)[0]
    local = nn.pooling._MaxPool(nn.pooling._windows("max_pool2d", X, 2, stride), X)
    assert isinstance(local, Selection)
    assert isinstance(local.T, Scatter)
    assert [table.shape for table in local.index] == [(2, 1, 1, 1), (3, 1, 1), graph.shape, graph.shape]
    assert all(table.dtype.kind == "i" for table in local.index)
    u = RNG.standard_normal(graph.shape)
    np.testing.assert_array_equal(local.T.apply(u), Scatter(graph.shape, local.index, X.shape).apply(u))
    np.testing.assert_array_equal(local.T.T.apply(X), graph)


# flatten --------------------------------------------------------------------------------------------------------------
@given(shape=array_shapes(min_dims=1, max_dims=4, min_side=0, max_side=3))
def test_flatten_keeps_the_first_axis(shape):
    x = np.arange(float(np.prod(shape))).reshape(shape)
    y = nn.flatten(x)
    assert y.shape == (shape[0], int(np.prod(shape[1:])))
    np.testing.assert_array_equal(y.ravel(), x.ravel())
    np.testing.assert_array_equal(sg.vjp(nn.flatten, x)[1](y)[0], x)


def test_derivatives_of_flatten():
    sg.check_grad(lambda x: np.sin(nn.flatten(x)), X[:, :1, :2, :2], order=2)


# Errors ---------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("pool", [nn.max_pool2d, nn.avg_pool2d])
@pytest.mark.parametrize(
    ("arguments", "kind", "sentence"),
    [
        ((X[0], 2), ValueError, "takes x (N, C, H, W); got shape (3, 5, 6)"),
        ((X, (6, 1)), ValueError, "window of 6 × 1 doesn't fit in x of shape (2, 3, 5, 6)"),
        ((X, 7), ValueError, "window of 7 × 7 doesn't fit"),
        ((X, 0), ValueError, "takes size as an integer or a pair of integers, 1 or more; got 0"),
        ((X, (1, 2, 2)), ValueError, "got (1, 2, 2)"),
        ((X, 2, 0), ValueError, "takes stride"),
        ((X, 2.0), TypeError, "takes size as an integer or a pair of integers; got 2.0"),
        ((X, 2, (1, "2")), TypeError, "takes stride as an integer"),
        ((X, None), TypeError, "got None"),
    ],
)
def test_what_does_not_fit_is_said(pool, arguments, kind, sentence):
    with pytest.raises(kind, match=re.escape(sentence)) as caught:
        pool(*arguments)
    assert str(caught.value).startswith(pool.__name__)


def test_a_single_number_cannot_be_flattened():
    with pytest.raises(ValueError, match=r"flatten takes x \(N, …\)"):
        nn.flatten(1.0)


@pytest.mark.parametrize("pool", [nn.max_pool2d, nn.avg_pool2d])
@pytest.mark.parametrize(
    ("x", "what"), [("a", "text"), (np.ones((1, 1, 4, 4), object), "objects such as int"), (None, "objects such as No")]
)
def test_what_is_not_made_of_numbers_is_refused(pool, x, what):
    with pytest.raises(TypeError, match=f"{pool.__name__} takes x as an array of real numbers; got {what}"):
        pool(x, 2)
