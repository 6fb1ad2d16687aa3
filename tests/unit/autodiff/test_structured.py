"""structured_jacobian against the dense jacobian: entries, products, names, memory, and what it says of bad calls."""

import numpy as np
import pytest
import random_functions
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes

import stepgrad as sg
from stepgrad.autodiff.derivatives import Linearization
from stepgrad.autodiff.sweeps import in_order


def dense_jacobian(f, x):
    """The Jacobian by sweeps, of shape (f(x).size, x.size), in float64."""
    with np.errstate(all="ignore"):
        return np.asarray(sg.jacobian(f)(x), np.float64).reshape(np.size(f(x)), np.size(x))


def check(J, dense, rng, tolerance=1e-9):
    """Everything that a structured Jacobian can be asked, against the dense one."""
    bound = tolerance * max(1.0, float(np.max(np.abs(dense), initial=0)))

    def same(found, expected):
        assert np.shape(found) == np.shape(expected)
        np.testing.assert_allclose(np.asarray(found, float), expected, rtol=tolerance, atol=bound)

    rows, columns = dense.shape
    assert J.shape == dense.shape
    assert J.dense_nbytes == dense.size * J.dtype.itemsize
    sparse, found = J.to_sparse(), J.to_dense()
    assert sparse.format == "csr"
    assert sparse.has_canonical_format
    assert sparse.dtype == found.dtype == J.dtype
    same(sparse.toarray(), dense)
    same(found, dense)
    same(J.T.to_dense(), dense.T)
    assert np.count_nonzero(np.abs(dense) > bound) <= J.nnz <= sparse.nnz
    assert J.density == J.nnz / max(1, dense.size)
    v, u = rng.standard_normal(columns), rng.standard_normal(rows)
    V = rng.standard_normal((columns, 2))
    bound *= max(1, rows, columns)
    same(J @ v, dense @ v)
    if not (len(J.in_shape) == 2 and J.in_shape[0] == columns):  # that would be a matrix of one column
        same(J @ v.reshape(J.in_shape), dense @ v)
    same(J.T @ u, dense.T @ u)
    same(J.rmatvec(u), dense.T @ u)
    same(J @ V, dense @ V)
    for i in {0, rows // 2} if rows else ():
        where, numbers = J.row_entries(i)
        assert np.all(np.diff(where) > 0)
        same(J.row(i), dense[i])
        same(J.row(i - rows), dense[i])
        same(numbers, dense[i][where])
        assert J.row(i).dtype == J.dtype
        for j in {columns - 1} if columns else ():
            same(J[i, j], dense[i, j])
            same(J[i - rows, j - columns], dense[i, j])
            same(J.column(j), dense[:, j])
            where, numbers = J.column_entries(j)
            same(numbers, dense[where, j])
    assert J.structure
    assert J.plan
    assert J.nbytes >= 0


def names_in(f, x):
    """The primitives that a function records."""
    outputs = [y for y in Linearization(f, (x,)).outputs if isinstance(y, sg.Tensor)]
    return {node.primitive.name for node in in_order(outputs) if node.primitive}


@pytest.mark.parametrize("name", random_functions.PRIMITIVES)
def test_random_functions_of_all_primitives(name):
    """A thousand in all; each primitive is met, and stands at any place among the others."""
    seen = set()

    @settings(max_examples=-(-1000 // len(random_functions.PRIMITIVES)), database=None)
    @given(data=st.data())
    def run(data):
        shape = data.draw(
            array_shapes(min_dims=0, max_dims=4, min_side=1, max_side=3).filter(lambda s: np.prod(s) < 25)
        )
        f, x = random_functions.function(data.draw, shape, name)
        single = data.draw(st.integers(0, 7)) == 0
        x = x.astype(np.float32) if single else x
        dense = dense_jacobian(f, x)
        assume(np.all(np.abs(dense) < 1e6))
        seen.update(names_in(f, x))
        J = sg.structured_jacobian(f, x)
        assert J.dtype == np.asarray(sg.vjp(f, x)[0]).dtype
        check(J, dense, np.random.default_rng(0), 1e-4 if single or J.dtype == np.float32 else 1e-9)

    run()
    assert name in seen
