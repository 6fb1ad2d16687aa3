"""structured_jacobian against the dense jacobian: entries, products, names, memory, and what it says of bad calls."""

import tracemalloc
from time import perf_counter

import numpy as np
import pytest
import random_functions
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes
from scipy.sparse import linalg

import stepgrad as sg
from stepgrad import nn
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


def has_finite_factors(f, x):
    """Whether no local derivative on the way is infinite: 0·∞ is 0 where a factor is left out, else not a number."""
    try:
        with np.errstate(divide="raise", over="raise", invalid="raise"):
            y, pullback = sg.vjp(f, x)
            pullback(np.ones_like(y))
    except ArithmeticError:
        return False
    return True


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
        if single:  # functions for which it is too short say nothing
            assume(np.allclose(dense, dense_jacobian(f, x.astype(float)), rtol=1e-5, atol=1e-5))
        seen.update(names_in(f, x))
        J = sg.structured_jacobian(f, x)
        assert J.dtype == np.asarray(sg.vjp(f, x)[0]).dtype
        check(J, dense, np.random.default_rng(0), 1e-4 if single or J.dtype == np.float32 else 1e-9)

    run()
    assert name in seen


def positive_and_negative(shape, seed=0):
    return np.random.default_rng(seed).standard_normal(shape)


# What the layers' Jacobians are called --------------------------------------------------------------------------------
X, ONE = positive_and_negative((4, 6)), positive_and_negative(6, 1)
W, V, B = positive_and_negative((5, 6), 2), positive_and_negative((3, 5), 3), positive_and_negative(5, 4)
IMAGES, GRAY = positive_and_negative((2, 3, 8, 8), 5), positive_and_negative((1, 1, 8, 8), 6)
K, KG = positive_and_negative((4, 3, 3, 3), 7), positive_and_negative((4, 1, 3, 3), 8)


def conv(k=K, **keywords):
    return lambda x: nn.conv2d(x, k, **keywords)


def mlp(x):
    return nn.linear(nn.relu(nn.linear(x, W, B)), V)


def conv_relu_pool(x):
    return nn.max_pool2d(nn.relu(nn.conv2d(x, K)), 2)


STRUCTURES = {
    "ReLU": (nn.relu, X, "Diagonal"),
    "ReLU of one": (nn.relu, ONE, "Diagonal"),
    "sine": (np.sin, X, "Diagonal"),
    "nothing": (lambda x: x, X, "Identity"),
    "twice": (lambda x: x + x, X, "ScaledIdentity"),
    "no dependence": (lambda x: np.ones(3), X, "Zero"),
    "times zero": (lambda x: 0 * x, X, "Zero"),
    "FC by x of one": (lambda x: nn.linear(x, W, B), ONE, "Dense"),
    "FC by x of a batch of one": (lambda x: nn.linear(x, W, B), ONE[None], "Dense"),
    "FC by x": (lambda x: nn.linear(x, W, B), X, "Kronecker"),
    "FC by W of one": (lambda w: nn.linear(ONE, w, B), W, "Kronecker"),
    "FC by W": (lambda w: nn.linear(X, w, B), W, "Kronecker"),
    "FC by b of one": (lambda b: nn.linear(ONE, W, b), B, "Identity"),
    "FC by b": (lambda b: nn.linear(X, W, b), B, "Copy"),
    "FC, ReLU of one": (lambda x: nn.relu(nn.linear(x, W)), ONE, "Diagonal @ Dense"),
    "FC, ReLU, FC of one": (mlp, ONE, "Dense @ Diagonal @ Dense"),
    "FC, ReLU, FC": (mlp, X, "Kronecker @ Diagonal @ Kronecker"),
    "softmax of one": (nn.softmax, ONE, "Diagonal + RankOne"),
    "softmax": (nn.softmax, X, "Diagonal + BlockDiagonal"),
    "conv": (conv(), IMAGES, "BlockToeplitz"),
    "conv, padded": (conv(padding=1), IMAGES, "BlockToeplitz"),
    "conv, strided": (conv(stride=2), IMAGES, "BlockToeplitz"),
    "conv, padded and strided": (conv(padding=1, stride=2), IMAGES, "BlockToeplitz"),
    "conv, dilated": (conv(dilation=2), IMAGES, "BlockToeplitz"),
    "conv of one channel": (conv(KG), GRAY, "BlockToeplitz"),
    "conv of one channel by one kernel": (conv(KG[:1]), GRAY, "BlockToeplitz"),
    "conv in groups": (conv(KG[:3], groups=3), IMAGES, "BlockToeplitz"),
    "conv by w": (lambda w: nn.conv2d(IMAGES, w), K, "Kronecker"),
    "conv by b": (lambda b: nn.conv2d(IMAGES, K, b), B[:4], "Copy"),
    "conv, 1 × 1": (conv(K[:, :, :1, :1]), IMAGES, "Kronecker"),
    "max-pool": (lambda x: nn.max_pool2d(x, 2), IMAGES, "Selection"),
    "max-pool that overlaps": (lambda x: nn.max_pool2d(x, 3, 1), IMAGES, "Selection"),
    "average-pool": (lambda x: nn.avg_pool2d(x, 2), IMAGES, "Mean"),
    "average-pool that overlaps": (lambda x: nn.avg_pool2d(x, 3, 1), IMAGES, "BlockToeplitz"),
    "average-pool that leaves entries out": (lambda x: nn.avg_pool2d(x, 3), IMAGES, "Mean @ Selection"),
    "conv, ReLU, pool": (conv_relu_pool, IMAGES, "Selection @ Diagonal @ BlockToeplitz"),
    "transpose": (np.transpose, X, "Permutation"),
    "transpose of a row": (np.transpose, ONE[None], "Identity"),
    "slice": (lambda x: x[::2], X, "Selection"),
    "largest, axes kept": (lambda x: np.max(x, 1, keepdims=True), X, "Selection"),
    "padding": (lambda x: np.pad(x, 1), X, "Scatter"),
    "running sums": (np.cumsum, ONE, "LowerTriangular"),
    "sum": (np.sum, X, "Sum"),
    "mean": (lambda x: np.mean(x, 0), X, "Mean"),
    "one row for all": (lambda x: np.broadcast_to(x, (3, 6)), ONE, "Copy"),
    "a column for all": (lambda x: np.broadcast_to(x[:, None], (2, 6, 3)), ONE, "Copy"),
    "another precision": (lambda x: x.astype(np.float32), X, "Identity"),
    "matrix times vector": (lambda x: W @ x, ONE, "Dense"),
    "matrix times matrix": (lambda x: W @ x, X.T, "Kronecker"),
}


@pytest.mark.parametrize("name", STRUCTURES)
def test_structure_is_named_and_the_entries_are_right(name):
    f, x, structure = STRUCTURES[name]
    J = sg.structured_jacobian(f, x)
    assert J.structure == structure
    assert repr(J) == f"<StructuredJacobian {J.shape[0]:,} × {J.shape[1]:,}: {structure}>"
    check(J, dense_jacobian(f, x), np.random.default_rng(0), 1e-5 if J.dtype == np.float32 else 1e-9)


def test_a_transpose_is_named_too():
    assert sg.structured_jacobian(lambda b: nn.linear(X, W, b), B).T.structure == "Sum"
    assert sg.structured_jacobian(lambda x: nn.max_pool2d(x, 2), IMAGES).T.structure == "Scatter"
    assert sg.structured_jacobian(mlp, ONE).T.structure == "Dense @ Diagonal @ Dense"


def test_the_plan_says_what_is_kept_and_which_order_is_cheaper():
    assert sg.structured_jacobian(mlp, ONE).plan.startswith("Dense @ Diagonal @ Dense: ")
    narrow = sg.structured_jacobian(lambda x: np.sum(W @ (W.T @ x)), B).plan
    wide = sg.structured_jacobian(lambda t: W @ (W.T @ (t * B)), 1.0).plan
    assert "reverse it is" in sg.structured_jacobian(lambda x: V[:1] @ (W @ (W.T @ x)), B).plan
    assert "forward it is" in wide
    assert narrow
    assert sg.structured_jacobian(lambda x: 1.0, ONE).plan.startswith("The output does not depend")


# Shapes and dtypes ----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("f", "x"),
    [
        (np.sin, np.ones(0)),
        (np.sum, np.ones((0, 3))),
        (lambda x: np.sum(x, 0), np.ones((0, 3))),
        (lambda x: x[:0], ONE),
        (lambda x: np.concatenate([x, np.ones(2)]), np.ones((0,))),
        (lambda x: np.concatenate([np.sin(x[:0]), x]), ONE),
        (lambda x: x[:0] @ np.ones((0, 3)) + np.sum(x), ONE),
        (lambda x: nn.linear(x, np.ones((3, 0))), np.ones((2, 0))),
        (lambda x: nn.conv2d(x, K), IMAGES[:0]),
        (np.sin, 1.3),
        (lambda x: x, 1.3),
        (lambda x: x * B, 1.3),
        (np.sum, X),
        (lambda x: 2.0, 1.3),
        (lambda x: np.ones((2, 2)), X),
        (lambda x: x > 0, X),
        (lambda x: np.sign(x) + np.round(x), X),
        (lambda x: np.sin(x).reshape(1, 1, 1), np.ones((1, 1))),
        (lambda x: x.T @ x, X),
        (lambda x: np.where(x > 0, x, 0) + np.maximum(x, 0.5), X),
    ],
)
def test_empty_scalar_and_constant(f, x):
    check(sg.structured_jacobian(f, x), dense_jacobian(f, x), np.random.default_rng(0))


@pytest.mark.parametrize("name", STRUCTURES)
def test_float32_is_kept(name):
    f, x, _ = STRUCTURES[name]
    x = x.astype(np.float32)
    J = sg.structured_jacobian(f, x)
    output, _ = sg.vjp(f, x)
    assert J.dtype == output.dtype
    assert J.dense_nbytes == np.prod(J.shape) * output.dtype.itemsize
    arrays = [J.to_dense(), J.to_sparse(), J.row(0), J.column(0), J[0, 0], J.row_entries(0)[1]]
    assert {array.dtype for array in arrays} == {output.dtype}


def test_float32_products():
    for f in (nn.relu, lambda x: nn.linear(x, W.astype(np.float32)), nn.softmax):
        J = sg.structured_jacobian(f, ONE.astype(np.float32))
        assert (J @ np.ones(6, np.float32)).dtype == np.float32
        assert (J @ np.ones(6, int)).dtype == np.float32
        assert (J.T @ np.ones(J.shape[0], np.float32)).dtype == np.float32


def test_by_another_argument():
    f = lambda x, w: nn.relu(x @ w)  # noqa: E731
    J = sg.structured_jacobian(f, X, W.T, argnum=1)
    check(J, np.asarray(sg.jacobian(f, 1)(X, W.T)).reshape(J.shape), np.random.default_rng(0))
    last = sg.structured_jacobian(f, X, W.T, argnum=-1)
    np.testing.assert_array_equal(J.to_dense(), last.to_dense())


# Paths and chains -----------------------------------------------------------------------------------------------------
def repeated(step, times):
    def f(x):
        for _ in range(times):
            x = step(x)
        return x

    return f


SQUARE = positive_and_negative((3, 3), 9) / 3

DIAMONDS = {
    "twice": lambda x: x + x,
    "times itself": lambda x: np.sin(x) * x,
    "matrix and not": lambda x: SQUARE @ x / 2 + x / 2,
    "turned and not": lambda x: (SQUARE @ x) * x[::-1],
    "rolled and not": lambda x: np.concatenate([x[1:], x[:1]]) / 2 + np.sin(x) / 2,
    "centred": lambda x: (x - np.mean(x)) + np.max(x),
    "softmax": lambda x: nn.softmax(x) + x / 2,
}


@pytest.mark.parametrize("name", DIAMONDS)
def test_forty_diamonds_in_a_row_cost_forty_steps(name):
    """There are 2⁴⁰ paths from the input to the output."""
    f, x = repeated(DIAMONDS[name], 40), np.array([0.3, -0.2, 0.5])
    start = perf_counter()
    J = sg.structured_jacobian(f, x)
    assert perf_counter() - start < 5
    assert J.nbytes < 10_000
    dense = dense_jacobian(f, x)
    check(J, dense, np.random.default_rng(0), 1e-9)


def test_a_sum_that_stands_at_the_same_places_stays_one():
    J = sg.structured_jacobian(repeated(DIAMONDS["twice"], 40), ONE)
    assert J.structure == "ScaledIdentity"
    assert J[0, 0] == 2.0**40
    assert J.nbytes <= 8
    assert sg.structured_jacobian(repeated(DIAMONDS["times itself"], 40), ONE).structure == "Diagonal"


LINKS = {
    "sine": (np.sin, 1),
    "matrix": (lambda x: SQUARE @ x, 1),
    "matrix and tanh": (lambda x: np.tanh(1.2 * (SQUARE @ x)), 3),
    "running sums": (lambda x: np.cumsum(x) / 2, 2),
    "turned": (lambda x: x[::-1], 1),
    "centred": (lambda x: np.cos(x - np.mean(x)), 3),
    "residual": (lambda x: x + 0.01 * np.tanh(SQUARE @ x), 4),
}


@pytest.mark.parametrize("name", LINKS)
def test_chains_of_two_thousand_operations(name):
    """They neither recurse nor take a time that grows with the square of their length."""
    link, operations = LINKS[name]
    f, x = repeated(link, 2000 // operations), np.array([0.3, -0.2, 0.5])
    start = perf_counter()
    J = sg.structured_jacobian(f, x)
    dense = J.to_dense()
    row, entry, product, pulled = J.row(1), J[1, 1], J @ x, J.T @ x
    assert perf_counter() - start < 20
    assert J.plan
    assert J.structure
    expected = dense_jacobian(f, x)
    for found, truth in ((dense, expected), (row, expected[1]), (entry, expected[1, 1])):
        np.testing.assert_allclose(found, truth, rtol=1e-7, atol=1e-12)
    np.testing.assert_allclose(product, expected @ x, rtol=1e-7, atol=1e-12)
    np.testing.assert_allclose(pulled, expected.T @ x, rtol=1e-7, atol=1e-12)


def test_many_paths_that_stand_at_different_places():
    f = lambda x: sum(k * x[k : k + 10] for k in range(30))  # noqa: E731
    x = positive_and_negative(40)
    check(sg.structured_jacobian(f, x), dense_jacobian(f, x), np.random.default_rng(0))


# Nothing is shared with the caller ------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "f",
    [
        lambda x: x,
        lambda x: x[::-1],
        lambda x: W @ x,
        lambda x: W @ x[::-1],
        lambda x: ONE * x,
        lambda x: np.broadcast_to(x, (2, 6)),
        lambda x: x.reshape(2, 3).T,
        nn.softmax,
    ],
)
def test_what_it_gives_may_be_written_to(f):
    x, weights = ONE.copy(), (W.copy(), ONE.copy())
    J = sg.structured_jacobian(f, x)
    dense, v, u = J.to_dense(), np.ones(6), np.ones(J.shape[0])
    for array in (
        J @ v,
        J.T @ u,
        v @ J.T,
        J.to_dense(),
        J.row(0),
        J.column(0),
        J.row_entries(0)[1],
        J.to_sparse().data,
    ):
        array[...] = np.pi
    np.testing.assert_array_equal(J.to_dense(), dense)
    np.testing.assert_array_equal(v, 1)
    np.testing.assert_array_equal(u, 1)
    np.testing.assert_array_equal(x, ONE)
    np.testing.assert_array_equal((W, ONE)[0], weights[0])
    np.testing.assert_array_equal((W, ONE)[1], weights[1])


# SciPy and NumPy ------------------------------------------------------------------------------------------------------
def test_it_is_a_linear_operator_for_scipy():
    f = lambda x: np.tanh(SQUARE @ x) + x  # noqa: E731
    J, dense = sg.structured_jacobian(f, ONE[:3]), dense_jacobian(f, ONE[:3])
    operator = linalg.aslinearoperator(J)
    assert operator.shape == J.shape
    assert operator.dtype == J.dtype
    np.testing.assert_allclose(operator @ np.ones(3), dense @ np.ones(3))
    np.testing.assert_allclose(operator.matmat(np.eye(3)), dense)
    np.testing.assert_allclose(operator.rmatmat(np.eye(3)), dense.T)
    np.testing.assert_allclose(operator.H @ np.ones(3), dense.T @ np.ones(3))
    np.testing.assert_allclose((2 * operator @ operator) @ np.ones(3), 2 * dense @ dense @ np.ones(3))
    for solve in (linalg.lsqr, linalg.gmres):
        np.testing.assert_allclose(solve(J, dense @ np.ones(3))[0], np.ones(3), rtol=1e-4)


def test_eigenvalues_and_singular_values_by_scipy():
    x = np.arange(8.0) / 4
    J = sg.structured_jacobian(nn.softmax, x)
    values = np.linalg.eigvalsh(J.to_dense())
    np.testing.assert_allclose(np.sort(linalg.eigsh(J, k=2)[0]), values[-2:])
    np.testing.assert_allclose(np.sort(linalg.eigs(J, k=2)[0].real), values[-2:])
    wide = sg.structured_jacobian(lambda x: nn.linear(x, positive_and_negative((4, 8))), x)
    np.testing.assert_allclose(linalg.svds(wide, k=1)[1], np.linalg.norm(wide.to_dense(), 2))


def test_it_stands_beside_arrays_as_a_matrix():
    J, u = sg.structured_jacobian(lambda x: W @ x, ONE), np.arange(5.0)
    np.testing.assert_allclose(u @ J, u @ W)
    np.testing.assert_allclose(V @ J, V @ W)
    np.testing.assert_array_equal(np.asarray(J), W)
    assert np.asarray(J, np.float32).dtype == np.float32
    assert J.ndim == 2
    np.testing.assert_array_equal(J[1:3, 2].toarray(), W[1:3, 2])
    np.testing.assert_array_equal(J[[0, 1], [1, 1]], W[[0, 1], [1, 1]])
    with pytest.raises(TypeError, match="not iterable"):
        list(J)


# Bad calls ------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("v", "error", "message"),
    [
        (np.ones(5), ValueError, r"shape \(5, 6\) multiplies a vector of 6 entries, .* got shape \(5,\)"),
        (np.ones((5, 6)), ValueError, r"got shape \(5, 6\)"),
        (np.ones((6, 1, 1)), ValueError, r"got shape \(6, 1, 1\)"),
        (2.0, ValueError, r"got shape \(\)"),
        ("abcdef", TypeError, "multiplies real numbers"),
        (np.ones(6, complex), TypeError, "multiplies real numbers, not complex128"),
        (None, TypeError, "multiplies real numbers"),
    ],
)
def test_products_with_what_does_not_fit(v, error, message):
    J = sg.structured_jacobian(lambda x: W @ x, ONE)
    with pytest.raises(error, match=message):
        J @ v
    with pytest.raises(ValueError, match=r"shape \(6, 5\) multiplies a vector of 5 entries"):
        J.T @ np.ones(6)


@pytest.mark.parametrize("k", [5, -6, 10**9])
def test_rows_and_columns_that_are_not_there(k):
    J = sg.structured_jacobian(lambda x: W[:, :5] @ x, B)
    for ask in (J.row, J.row_entries, lambda k: J[k, 0]):
        with pytest.raises(IndexError, match=rf"row {k} is outside this Jacobian of shape \(5, 5\)"):
            ask(k)
    for ask in (J.column, J.column_entries, lambda k: J[0, k]):
        with pytest.raises(IndexError, match=rf"column {k} is outside this Jacobian of shape \(5, 5\)"):
            ask(k)


def test_indices_that_are_none():
    J = sg.structured_jacobian(np.sin, ONE)
    for index in (3, (1, 2, 3), (0.5, 0), ("a", 1), slice(None)):
        with pytest.raises(IndexError, match="rows and columns"):
            J[index]
    for k in (1.0, "a", None):
        with pytest.raises(TypeError, match="counted by integers"):
            J.row(k)


@pytest.mark.parametrize(
    ("f", "arguments", "error", "message"),
    [
        (lambda x: (x, x), (ONE,), TypeError, "got 2 outputs and 1 inputs"),
        (lambda x: None, (ONE,), TypeError, "got 0 outputs"),
        (lambda x: x[0], ((ONE, ONE),), TypeError, "2 inputs"),
        (lambda x: "text", (ONE,), TypeError, "returned a str"),
        (np.sin, ("text",), TypeError, "real numbers"),
        (np.sin, (np.ones(3, complex),), TypeError, "complex numbers"),
        (np.sin, (np.arange(3),), TypeError, r"holds integers .* x.astype\(float\)"),
        (np.sin, (), ValueError, "names argument 0"),
        (np.linalg.svd, (X,), TypeError, "svd"),
    ],
)
def test_functions_that_have_no_jacobian(f, arguments, error, message):
    with pytest.raises(error, match=message):
        sg.structured_jacobian(f, *arguments)


def test_bad_argument_numbers():
    with pytest.raises(ValueError, match="names argument 1, and the function was called with 1"):
        sg.structured_jacobian(np.sin, ONE, argnum=1)
    with pytest.raises(TypeError, match="argnum is its number"):
        sg.structured_jacobian(np.sin, ONE, argnum=(0,))


@pytest.mark.parametrize(
    "f",
    [
        lambda x: sg.structured_jacobian(np.sin, x).row(0)[0],
        lambda x: np.sum(sg.structured_jacobian(lambda y: x * y, ONE).to_dense()),
        lambda x: sg.structured_jacobian(lambda y: np.sin(x) * y, ONE) @ ONE,
        lambda x: sg.structured_jacobian(lambda y: y * x[0], ONE)[0, 0],
        lambda x: sg.structured_jacobian(lambda y: nn.linear(y, W * x), ONE)[0, 0],
        lambda x: np.sum(sg.structured_jacobian(lambda y: y**2 + x, ONE) @ x),
    ],
)
def test_inside_another_differentiation_nothing_is_lost_silently(f):
    with pytest.raises(TypeError, match="structured_jacobian can't stand inside another differentiation: use jacobian"):
        sg.grad(f)(ONE)


def test_a_matrix_of_a_terabyte_is_not_made():
    J = sg.structured_jacobian(nn.relu, positive_and_negative((100, 4096)))
    tracemalloc.start()
    try:
        with pytest.raises(
            MemoryError, match=r"409,600 × 409,600 float64 takes 1\.34 TB, and to_dense stops at 2\.15 GB"
        ):
            J.to_dense()
        with pytest.raises(MemoryError, match=r"1\.34 TB"):
            np.asarray(J)
        assert tracemalloc.get_traced_memory()[1] < 100_000
    finally:
        tracemalloc.stop()
    small = sg.structured_jacobian(nn.relu, ONE)
    with pytest.raises(MemoryError, match="6 × 6 float64 takes 288 bytes, and to_dense stops at 287 bytes"):
        small.to_dense(limit=287)
    assert small.to_dense(limit=288).shape == (6, 6)


# Memory ---------------------------------------------------------------------------------------------------------------
def peak(make):
    """What `make` gives, and the most memory that Python and NumPy held meanwhile."""
    make()  # what is imported where it is first used
    tracemalloc.start()
    try:
        return make(), tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_memory_of_a_relu_on_a_batch():
    x = positive_and_negative((100, 4096))
    J, most = peak(lambda: sg.structured_jacobian(nn.relu, x))
    assert J.structure == "Diagonal"
    assert most <= 2 * x.nbytes
    assert J.nbytes <= x.size  # bits, or bytes
    assert J.dense_nbytes == x.size**2 * 8
    assert J.nnz == np.count_nonzero(x > 0)
    assert J.density == J.nnz / x.size**2
    for k in (0, 123_456, 409_599):
        assert J[k, k] == (x.flat[k] > 0)
        assert J[k, (k + 1) % x.size] == 0
    _, most = peak(lambda: (J.row_entries(99), J.column_entries(7), J[5, 5], J.plan, J.structure, repr(J)))
    assert most < 20_000
    assert J.to_sparse().data.nbytes == x.nbytes


def test_memory_of_a_layer_by_its_weights():
    x, w = positive_and_negative(512), positive_and_negative((512, 512))
    J, most = peak(lambda: sg.structured_jacobian(lambda w: nn.linear(x, w), w))
    assert J.shape == (512, 262_144)
    assert J.structure == "Kronecker"
    assert most <= 2**20
    assert J.nbytes == x.nbytes
    assert J.dense_nbytes == 512 * 262_144 * 8
    assert J.nnz == 512 * 512
    np.testing.assert_array_equal(J.row_entries(3)[1], x)
    np.testing.assert_allclose(J @ w, w @ x)


def test_a_layer_by_its_inputs_keeps_no_copy_of_the_weights():
    w = positive_and_negative((512, 512))
    J, most = peak(lambda: sg.structured_jacobian(lambda x: nn.linear(x, w), positive_and_negative(512)))
    assert most < w.nbytes / 4
    assert J.nbytes == w.nbytes


def test_jacobians_add_up_without_making_them():
    x = positive_and_negative((100, 4096))
    J, most = peak(lambda: sg.structured_jacobian(lambda x: nn.relu(x) * x - np.sin(x) + x.astype(np.float32), x))
    assert J.structure == "Diagonal"
    assert most < 12 * x.nbytes
