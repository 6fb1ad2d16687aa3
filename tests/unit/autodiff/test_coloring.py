"""Groups of columns that don't meet, and Jacobians from one probe for each of them."""

import math
from time import perf_counter

import numpy as np
import pytest
import random_functions
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from scipy import sparse

import stepgrad as sg
from stepgrad import nn
from stepgrad.autodiff.coloring import column_groups, compressed_jacobian
from stepgrad.autodiff.derivatives import Linearization

ORDERS = ("natural", "largest first")
PATTERNS = arrays(bool, st.tuples(st.integers(0, 12), st.integers(0, 12)))


# Groups ---------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("order", ORDERS)
@given(pattern=PATTERNS)
def test_columns_of_a_group_never_meet(order, pattern):
    groups = column_groups(sparse.csr_array(pattern), order)
    assert groups.shape == pattern.shape[1:]
    for group in range(groups.max(initial=-1) + 1):
        assert np.any(groups == group)
        assert np.all(pattern[:, groups == group].sum(1) <= 1)


@pytest.mark.parametrize("order", ORDERS)
@given(pattern=PATTERNS)
def test_no_more_groups_than_a_greedy_colouring_may_take(order, pattern):
    count = column_groups(pattern, order).max(initial=-1) + 1
    meet = pattern.T.astype(int) @ pattern.astype(int)
    np.fill_diagonal(meet, 0)
    assert count >= pattern.sum(1).max(initial=0)
    assert count <= (meet > 0).sum(1).max(initial=0) + 1


def bands(n, below, above):
    return sparse.diags_array([np.ones(n - abs(k)) for k in range(-below, above + 1)], offsets=range(-below, above + 1))


@pytest.mark.parametrize("order", ORDERS)
def test_known_numbers_of_groups(order):
    def count(pattern):
        return column_groups(pattern, order).max() + 1

    assert count(sparse.eye_array(50)) == 1
    assert count(np.ones((1, 7))) == 7
    assert count(np.ones((7, 1))) == 1
    assert count(np.zeros((3, 4))) == 1
    assert [count(bands(40, k, k)) for k in (1, 2, 5)] == [3, 5, 11]
    arrow = np.eye(9, dtype=bool)
    arrow[:, 0] = True
    assert count(arrow) == 2
    assert count(arrow.T) == 9
    assert count(np.kron(np.eye(5), np.ones((3, 4)))) == 4


def test_largest_first_takes_fewer_where_ends_come_first():
    path = np.array([[1, 0, 1, 0], [0, 0, 1, 1], [0, 1, 0, 1]])  # columns a, d, b, c of the path a – b – c – d
    assert column_groups(path).tolist() == [0, 0, 1, 2]
    assert column_groups(path, "largest first").tolist() == [1, 0, 0, 1]


def test_what_is_stored_counts_even_if_it_is_zero():
    stored = sparse.csr_array((np.zeros(2), ([0, 0], [0, 1])), shape=(1, 2))
    assert column_groups(stored).tolist() == [0, 1]
    assert column_groups(stored.toarray()).tolist() == [0, 0]
    twice = sparse.coo_array((np.ones(3), ([0, 0, 0], [1, 1, 0])), shape=(1, 2))
    assert column_groups(twice).tolist() == [0, 1]


def test_bad_patterns_and_orders():
    with pytest.raises(ValueError, match=r"not an array of shape \(3,\)"):
        column_groups(np.ones(3))
    with pytest.raises(ValueError, match="order is 'natural' or 'largest first', not 'random'"):
        column_groups(np.ones((3, 3)), "random")


# The lesson -----------------------------------------------------------------------------------------------------------
IMAGE = np.random.default_rng(0).standard_normal((1, 3, 32, 32))
KERNELS = np.random.default_rng(1).standard_normal((6, 3, 5, 5))


def convolution(x):
    return nn.conv2d(x, KERNELS)


@pytest.mark.parametrize("order", ORDERS)
def test_a_convolution_takes_75_probes_rather_than_3072(order, monkeypatch):
    pattern = sg.structured_jacobian(convolution, IMAGE).to_sparse()
    assert pattern.shape == (4704, 3072)
    start = perf_counter()
    assert column_groups(pattern, order).max() + 1 == 75
    assert perf_counter() - start < 2
    probes, push = [], Linearization.push
    monkeypatch.setattr(Linearization, "push", lambda self, seeds: probes.append(1) or push(self, seeds))
    found = compressed_jacobian(convolution, IMAGE, pattern, order=order)
    assert len(probes) == 75
    assert abs(found - pattern).max() < 1e-12


def test_central_differences_take_two_evaluations_for_each_group():
    calls = []
    pattern = sg.structured_jacobian(convolution, IMAGE).to_sparse()
    found = compressed_jacobian(lambda x: calls.append(1) or convolution(x), IMAGE, pattern, method="central")
    assert len(calls) == 1 + 2 * 75
    assert abs(found - pattern).max() < 1e-7


# Against the dense Jacobian -------------------------------------------------------------------------------------------
def dense_jacobian(f, x):
    with np.errstate(all="ignore"):
        return np.asarray(sg.jacobian(f)(x)).reshape(np.size(f(x)), np.size(x))


@pytest.mark.parametrize("method", ["forward", "reverse"])
@settings(max_examples=60)
@given(data=st.data())
def test_random_functions(method, data):
    shape = data.draw(array_shapes(min_dims=0, max_dims=3, min_side=1, max_side=3))
    f, x = random_functions.function(data.draw, shape, data.draw(st.sampled_from(random_functions.PRIMITIVES)))
    dense = dense_jacobian(f, x)
    assume(np.all(np.abs(dense) < 1e6))
    for pattern in (dense != 0, sg.structured_jacobian(f, x).to_sparse()):
        found = compressed_jacobian(f, x, pattern, method, data.draw(st.sampled_from(ORDERS)), check=True)
        assert found.format == "csr"
        assert found.has_sorted_indices
        assert found.dtype == np.asarray(f(x)).dtype
        assert found.nnz == (pattern.nnz if sparse.issparse(pattern) else pattern.sum())
        np.testing.assert_allclose(found.toarray(), dense, rtol=1e-9, atol=1e-9 * max(1, abs(dense).max(initial=0)))


def sparse_function(pattern, seed):
    """A smooth function whose output i depends on just the entries that row i of the pattern has, and its Jacobian."""
    weights = np.random.default_rng(seed).uniform(0.5, 2, pattern.shape) * pattern

    def f(x):
        return np.sin(weights @ np.ravel(x)) + weights @ np.ravel(x)

    return f, lambda x: (np.cos(weights @ np.ravel(x)) + 1)[:, None] * weights


@pytest.mark.parametrize("method", ["forward", "reverse", "central"])
@given(pattern=PATTERNS, seed=st.integers(0, 99), order=st.sampled_from(ORDERS))
def test_random_patterns(method, pattern, seed, order):
    f, jacobian = sparse_function(pattern, seed)
    x = np.random.default_rng(seed).uniform(-1, 1, pattern.shape[1])
    found = compressed_jacobian(f, x, pattern, method, order, check=True)
    tolerance = 1e-7 if method == "central" else 1e-12
    np.testing.assert_allclose(found.toarray(), jacobian(x), rtol=tolerance, atol=tolerance)


def test_a_black_box_that_no_trace_goes_through():
    def box(x):
        x[0] += 0  # it may write into its argument
        return [math.sin(x[k]) * x[k + 1] if k % 2 else float(x[k]) ** 2 for k in range(len(x) - 1)]

    x = np.array([0.3, 1e4, -2.0, 1e-6, 5.0])
    pattern = bands(5, 0, 1).tocsr()[:4]
    with pytest.raises(TypeError):
        compressed_jacobian(box, x, pattern)
    expected = np.zeros((4, 5))
    expected[0, 0], expected[2, 2] = 2 * x[0], 2 * x[2]
    for k in (1, 3):
        expected[k, k : k + 2] = math.cos(x[k]) * x[k + 1], math.sin(x[k])
    found = compressed_jacobian(box, x, pattern, "central")
    assert found.nnz == 8
    np.testing.assert_allclose(found.toarray(), expected, rtol=1e-3, atol=1e-4)
    np.testing.assert_array_equal(x, [0.3, 1e4, -2.0, 1e-6, 5.0])


@pytest.mark.parametrize("method", ["forward", "reverse", "central"])
def test_scalars_empty_arrays_and_float32(method):
    assert compressed_jacobian(np.sin, 0.0, [[1]], method).toarray() == pytest.approx(1)
    assert compressed_jacobian(lambda x: x * np.ones(3), 2.0, np.ones((3, 1)), method).shape == (3, 1)
    assert compressed_jacobian(np.sin, np.ones(0), np.ones((0, 0)), method).shape == (0, 0)
    assert compressed_jacobian(lambda x: np.ones(2), np.ones(3), np.zeros((2, 3)), method).nnz == 0
    np.testing.assert_array_equal(
        compressed_jacobian(lambda x: np.ones(2), np.ones(3), np.ones((2, 3)), method).toarray(), np.zeros((2, 3))
    )
    x = np.linspace(-1, 1, 6, dtype=np.float32).reshape(2, 3)
    found = compressed_jacobian(nn.relu, x, np.eye(6), method)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found.toarray(), np.diag(np.ravel(x > 0)), atol=1e-3)


# Bad calls ------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("method", ["forward", "reverse", "central"])
def test_patterns_that_are_not_the_functions(method):
    with pytest.raises(ValueError, match=r"the Jacobian has shape \(3, 3\), and the pattern \(2, 3\)"):
        compressed_jacobian(np.sin, np.ones(3), np.ones((2, 3)), method)
    with pytest.raises(ValueError, match="not an array of shape"):
        compressed_jacobian(np.sin, np.ones(3), np.ones(3), method)
    with pytest.raises(ValueError, match=r"leaves out nonzeros: [34] entries of the product .* the first in row [01]"):
        compressed_jacobian(np.cumsum, np.ones(4), np.eye(4), method, check=True)
    with pytest.raises(TypeError):
        compressed_jacobian(lambda x: {"a": x, "b": x}, np.ones(3), np.eye(3), method)
    with pytest.raises(TypeError, match="real"):
        compressed_jacobian(np.sin, np.ones(3, complex), np.eye(3), method)


def test_methods_there_are():
    with pytest.raises(ValueError, match="method is 'forward', 'reverse' or 'central', not 'both'"):
        compressed_jacobian(np.sin, np.ones(3), np.eye(3), "both")
    with pytest.raises(ValueError, match="order is"):
        compressed_jacobian(np.sin, np.ones(3), np.eye(3), order="both")
    with pytest.raises(TypeError, match="got 2 outputs and 1 inputs"):
        compressed_jacobian(lambda x: (x, x), np.ones(3), np.eye(3))
    assert sg.autodiff.coloring.column_groups is column_groups
