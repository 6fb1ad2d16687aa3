"""Softmax: values, its linear map, derivatives to third order, stability, dtypes, errors."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes
from scipy.special import softmax

import stepgrad as sg
from stepgrad import nn
from stepgrad.nn.losses import _SoftmaxMap

RNG = np.random.default_rng(13)
Z = RNG.standard_normal((3, 4))


@given(shape=array_shapes(min_dims=1, max_dims=3, min_side=1, max_side=4), data=st.data())
def test_values_are_scipys(shape, data):
    axis = data.draw(st.integers(-len(shape), len(shape) - 1))
    x = RNG.standard_normal(shape)
    np.testing.assert_allclose(nn.softmax(x, axis), softmax(x, axis))
    np.testing.assert_allclose(np.sum(nn.softmax(x, axis), axis), 1.0)
    np.testing.assert_allclose(np.log(nn.softmax(x, axis)), nn.log_softmax(x, axis))


@pytest.mark.parametrize("axis", [-1, 0])
def test_derivatives(axis):
    for order in (1, 2, 3):
        sg.check_grad(lambda z: nn.softmax(z, axis), Z[:2, :3], order=order)


def test_the_jacobian_of_a_vector():
    s = softmax(Z[0])
    for mode in ("forward", "reverse"):
        np.testing.assert_allclose(sg.jacobian(nn.softmax, mode=mode)(Z[0]), np.diag(s) - np.outer(s, s), atol=1e-15)


@given(shape=array_shapes(min_dims=1, max_dims=3, min_side=1, max_side=4), data=st.data())
def test_the_map_is_symmetric(shape, data):
    axis = data.draw(st.integers(0, len(shape) - 1))
    local = _SoftmaxMap(softmax(RNG.standard_normal(shape), axis), axis)
    dense = local.to_dense()
    np.testing.assert_allclose(dense, dense.T, atol=1e-15)
    assert local.T is local
    np.testing.assert_allclose(np.sum(local.apply(RNG.standard_normal(shape)), axis), 0.0, atol=1e-14)
    np.testing.assert_allclose(local.apply(np.ones(shape)), 0.0, atol=1e-15)


def test_a_map_of_many_classes_has_no_matrix():
    n = 100_000
    local = _SoftmaxMap(np.full(n, 1 / n), 0)
    v = RNG.standard_normal(n)
    np.testing.assert_allclose(local.apply(v), (v - v.mean()) / n, atol=1e-15)
    assert local.operations == 4 * n


def test_it_is_one_node():
    graph = sg.trace(lambda z: np.sum(nn.softmax(z)), Z)
    assert [node.primitive for node in graph.nodes if node.primitive] == ["softmax", "sum"]
    rule = graph.nodes[1].rules[0]
    assert rule.structure == "Diagonal − RankOne"
    assert rule.push == rule.pull == ["multiply", "w1", ["subtract", "□", ["sum", ["multiply", "w1", "□"]]]]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("scale", [1e4, 1e30])
def test_large_logits(scale, dtype):
    z = np.array([scale, 0.0, -scale], dtype)
    with np.errstate(all="raise", under="ignore"):
        np.testing.assert_array_equal(nn.softmax(z), [1.0, 0.0, 0.0])
        np.testing.assert_array_equal(sg.grad(lambda z: nn.softmax(z)[0])(z), [0.0, 0.0, 0.0])


def test_an_excluded_class_has_probability_and_gradient_0():
    z = np.array([1.0, -np.inf, 1.0])
    np.testing.assert_array_equal(nn.softmax(z), [0.5, 0.0, 0.5])
    np.testing.assert_array_equal(sg.grad(lambda z: nn.softmax(z)[0])(z), [0.25, 0.0, -0.25])


def test_float32_stays_float32():
    z = Z.astype(np.float32)
    value, pullback = sg.vjp(nn.softmax, z)
    assert value.dtype == pullback(value)[0].dtype == sg.jvp(nn.softmax, (z,), (z,))[1].dtype == np.float32
    assert sg.grad(lambda z: np.sum(sg.grad(lambda z: nn.softmax(z)[0, 0])(z) ** 2))(z).dtype == np.float32


def test_lists_and_empty_batches():
    np.testing.assert_allclose(nn.softmax(Z.tolist()), softmax(Z, -1))
    value, pullback = sg.vjp(nn.softmax, Z[:0])
    assert value.shape == pullback(value)[0].shape == (0, 4)


@pytest.mark.parametrize(
    ("x", "axis", "sentence"),
    [
        (Z, 2, "axis 2 is out of bounds for array of dimension 2"),
        (1.0, -1, "axis -1 is out of bounds"),
        (Z[:, :0], 1, r"softmax needs an entry at least along axis 1; got shape \(3, 0\)"),
    ],
)
def test_what_does_not_fit_is_said(x, axis, sentence):
    with pytest.raises(ValueError, match=sentence):
        nn.softmax(x, axis)
