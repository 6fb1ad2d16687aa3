"""The conventions at kinks and edges, one test each. They are said in stepgrad/autodiff/primitives/elementwise.py."""

import numpy as np
import pytest

import stepgrad as sg
from stepgrad import nn
from stepgrad.autodiff.primitives import elementwise as ew
from stepgrad.autodiff.primitives.reductions import logsumexp

NAN, INF = float("nan"), float("inf")


def slopes(f, *point):
    """The partial derivatives of a scalar function: on floats, on arrays, in both modes; all must agree."""
    numbers = tuple(range(len(point)))
    reverse = [float(g) for g in sg.grad(f, numbers)(*point)]
    units = np.eye(len(point))
    forward = [float(sg.jvp(f, point, tuple(map(float, unit)))[1]) for unit in units]
    arrays = tuple(np.array([p, p]) for p in point)
    on_arrays = [g[0] for g in sg.grad(lambda *a: np.sum(f(*a)), numbers)(*arrays)]
    tangents = [sg.jvp(f, arrays, tuple(np.full(2, t) for t in unit))[1][0] for unit in units]
    for other in (forward, on_arrays, tangents):
        np.testing.assert_array_equal(other, reverse)
    return reverse


def test_relu_at_0_has_slope_0():
    assert slopes(ew.relu, 0.0) == [0.0]
    assert slopes(ew.relu, -0.0) == [0.0]
    assert slopes(nn.relu, 1e-300) == [1.0]


def test_absolute_value_at_0_has_slope_0():
    assert slopes(np.absolute, 0.0) == [0.0]
    assert slopes(abs, 0.0) == [0.0]
    assert slopes(np.fabs, 0.0) == [0.0]


def test_sign_is_0_at_0_and_flat_everywhere():
    assert np.sign(sg.Tensor(0.0)).value == 0.0
    for x in (-1.0, 0.0, 1.0):
        assert slopes(np.sign, x) == [0.0]


@pytest.mark.parametrize("function", [np.floor, np.ceil, np.trunc, np.round, np.rint])
def test_steps_are_flat_at_their_jumps_too(function):
    for x in (1.0, 1.5, 0.0):
        assert slopes(function, x) == [0.0]


@pytest.mark.parametrize("function", [np.maximum, np.minimum])
def test_at_a_tie_of_two_the_first_carries_the_derivative(function):
    assert slopes(function, 2.0, 2.0) == [1.0, 0.0]
    assert slopes(function, 0.0, -0.0) == [1.0, 0.0]
    assert sg.grad(lambda x: function(x, 2.0))(2.0) == 1.0
    assert sg.grad(lambda x: function(2.0, x))(2.0) == 0.0


@pytest.mark.parametrize("function", [np.max, np.min, np.amax, lambda x: np.linalg.norm(x.ravel(), INF)])
def test_at_a_tie_of_many_the_first_entry_carries_the_derivative(function):
    assert sg.grad(function)(np.array([3.0, 3.0, 3.0])).tolist() == [1.0, 0.0, 0.0]
    assert sg.grad(function)(np.full((2, 2), 7.0)).tolist() == [[1.0, 0.0], [0.0, 0.0]]
    by_columns = sg.grad(lambda x: np.sum(np.max(x, axis=0)))(np.full((2, 3), 7.0))
    assert by_columns.tolist() == [[1.0, 1.0, 1.0], [0.0, 0.0, 0.0]]


def test_equal_entries_are_sorted_as_they_stand():
    weights = np.array([1.0, 10.0, 100.0])
    assert sg.grad(lambda x: np.sum(np.sort(x) * weights))(np.array([5.0, 5.0, 1.0])).tolist() == [10.0, 100.0, 1.0]


def test_square_root_at_0_has_slope_infinity():
    with np.errstate(divide="ignore"):
        assert slopes(np.sqrt, 0.0) == [INF]
        assert slopes(lambda x: x**0.5, 0.0) == [INF]
        assert slopes(np.cbrt, 0.0) == [INF]


def test_the_power_0_is_flat():
    assert slopes(lambda x: x**0, 0.0) == [0.0]
    assert slopes(lambda x: x**0, 2.0) == [0.0]
    assert sg.grad(lambda x: np.sum(x ** np.array([0.0, 0.0])))(np.array([0.0, 2.0])).tolist() == [0.0, 0.0]
    assert sg.grad(np.power)(0.0, 0.0) == 0.0


def test_powers_of_0_by_their_exponent():
    for p in (0.0, 0.5, 1.0, 3.0):
        assert sg.grad(lambda p: 0.0**p)(p) == 0.0
        assert sg.grad(np.power, 1)(0.0, p) == 0.0
    np.testing.assert_array_equal(sg.grad(lambda p: np.sum(np.zeros(2) ** p))(np.array([1.0, 2.0])), [0.0, 0.0])


def test_powers_of_0_by_their_base():
    assert slopes(lambda x: x**1, 0.0) == [1.0]
    assert slopes(lambda x: x**2, 0.0) == [0.0]
    assert sg.grad(sg.grad(lambda x: x**2))(0.0) == 2.0
    assert sg.grad(sg.grad(sg.grad(lambda x: x**3)))(0.0) == 6.0
    assert sg.grad(sg.grad(lambda x: x**1))(0.0) == 0.0


@pytest.mark.parametrize("order", [None, 2, 1, 3, 1.5, INF])
def test_norms_at_0_have_slope_0(order):
    assert sg.grad(lambda x: np.linalg.norm(x, order))(np.zeros(3)).tolist() == [0.0, 0.0, 0.0]
    assert sg.hessian(lambda x: np.linalg.norm(x))(np.ones(2)).shape == (2, 2)


def test_norms_of_vectors_with_entries_0():
    for order in (1, 1.5, 3):
        gradient = sg.grad(lambda x, o=order: np.linalg.norm(x, o))(np.array([0.0, 2.0]))
        np.testing.assert_allclose(gradient, [0.0, 1.0])


def test_standard_deviation_of_equal_entries_has_slope_0():
    assert sg.grad(np.std)(np.full(3, 2.0)).tolist() == [0.0, 0.0, 0.0]
    assert sg.jvp(np.std, (np.full(3, 2.0),), (np.arange(3.0),)) == (0.0, 0.0)


def test_clip_passes_the_derivative_at_its_bounds():
    f = lambda x: np.clip(x, 1.0, 2.0)  # noqa: E731
    assert [slopes(f, x) for x in (0.5, 1.0, 1.5, 2.0, 2.5)] == [[0.0], [1.0], [1.0], [1.0], [0.0]]
    assert slopes(np.clip, 1.0, 1.0, 1.0) == [1.0, 0.0, 0.0]
    assert slopes(np.clip, 0.0, 1.0, 2.0) == [0.0, 1.0, 0.0]
    assert slopes(np.clip, 3.0, 1.0, 2.0) == [0.0, 0.0, 1.0]


def test_clip_between_crossed_bounds_gives_the_upper_one():
    for x in (0.0, 1.0, 2.0, 3.0, 4.0):
        assert ew.clip(x, 3.0, 1.0) == np.clip(x, 3.0, 1.0) == 1.0
        assert slopes(np.clip, x, 3.0, 1.0) == [0.0, 0.0, 1.0]


def test_remainder_has_the_slopes_of_its_open_pieces():
    assert slopes(np.remainder, 7.0, 2.0) == [1.0, -3.0]
    assert slopes(np.remainder, -7.0, 2.0) == [1.0, 4.0]
    assert slopes(np.remainder, 6.0, 2.0) == [1.0, -3.0]


def test_where_takes_the_derivative_of_what_it_took():
    assert sg.grad(lambda x: np.where(x > 0, x * 2, x * 3))(0.0) == 3.0
    assert sg.grad(lambda x: np.where(x, x * 2, x * 3))(0.0) == 3.0
    assert sg.grad(lambda x: np.where(NAN, x * 2, x * 3))(0.0) == 2.0


def test_hypot_and_arctan2_at_the_origin_are_nan_as_numpy_says():
    with np.errstate(invalid="ignore"):
        for f in (np.hypot, np.arctan2):
            assert np.isnan(slopes(f, 0.0, 0.0)).all()


def test_products_with_zeros():
    assert sg.grad(np.prod)(np.array([2.0, 0.0, 3.0])).tolist() == [0.0, 6.0, 0.0]
    assert sg.grad(np.prod)(np.array([0.0, 0.0, 3.0])).tolist() == [0.0, 0.0, 0.0]
    second = sg.hessian(np.prod)(np.array([0.0, 0.0, 3.0]))
    assert second.tolist() == [[0.0, 3.0, 0.0], [3.0, 0.0, 0.0], [0.0, 0.0, 0.0]]
    assert sg.grad(np.prod)(np.zeros(0)).tolist() == []


def test_reductions_of_nothing():
    empty = np.zeros((0, 2))
    assert sg.value_and_grad(np.sum)(empty)[0] == 0.0
    assert sg.value_and_grad(np.prod)(empty)[0] == 1.0
    for f in (np.sum, np.prod):
        assert sg.grad(f)(empty).shape == (0, 2)
    for f in (np.max, np.min):
        with pytest.raises(ValueError, match="empty"):
            sg.grad(f)(empty)
    with np.errstate(invalid="ignore"):
        assert np.isnan(sg.value_and_grad(np.mean)(empty)[0])
        assert sg.grad(np.mean)(empty).shape == (0, 2)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_variance_without_degrees_of_freedom_is_nan():
    for f in (np.var, np.std):
        value, gradient = sg.value_and_grad(lambda x, f=f: f(x, ddof=1))(np.array([3.0]))
        assert np.isnan(value)
        assert np.isnan(gradient).all()


# Numbers at the edge: Python floats do what NumPy's do --------------------------------------------------------------
@pytest.mark.parametrize(
    ("f", "point", "value", "slope"),
    [
        (np.log, 0.0, -INF, INF),
        (np.log, -1.0, NAN, -1.0),
        (np.log1p, -1.0, -INF, INF),
        (np.sqrt, -1.0, NAN, NAN),
        (lambda x: 1 / x, 0.0, INF, -INF),
        (lambda x: 1 / x, -0.0, -INF, -INF),
        (np.reciprocal, 0.0, INF, -INF),
        (lambda x: x**-1, 0.0, INF, -INF),
        (lambda x: x / 0.0, 1.0, INF, INF),
        (lambda x: x % 0.0, 1.0, NAN, 1.0),
        (lambda x: x**0.5, -1.0, NAN, NAN),
        (np.exp, 1000.0, INF, INF),
        (np.exp2, 2000.0, INF, INF),
        (np.expm1, -1000.0, -1.0, 0.0),
        (np.sinh, 1000.0, INF, INF),
        (np.cosh, -1000.0, INF, -INF),
        (np.tanh, 1000.0, 1.0, 0.0),
        (np.square, 1e200, INF, 2e200),
        (lambda x: x * 1e300, 1e300, INF, 1e300),
        (lambda x: x**3, 1e200, INF, INF),
        (np.arcsin, 2.0, NAN, NAN),
        (np.arctanh, 1.0, INF, INF),
        (np.arccosh, 0.5, NAN, NAN),
        (np.sin, INF, NAN, NAN),
        (np.floor, INF, INF, 0.0),
        (np.floor, NAN, NAN, 0.0),
        (np.sign, NAN, NAN, 0.0),
        (ew.sigmoid, 1000.0, 1.0, 0.0),
        (ew.sigmoid, -1000.0, 0.0, 0.0),
        (ew.softplus, 1000.0, 1000.0, 1.0),
        (ew.softplus, -1000.0, 0.0, 0.0),
        (ew.relu, NAN, NAN, 0.0),
    ],
)
def test_floats_at_the_edge(f, point, value, slope):
    with np.errstate(all="ignore"):
        ours, derivative = sg.value_and_grad(f)(point)
        assert (type(ours), type(derivative)) == (float, float)
        np.testing.assert_equal(ours, value)
        np.testing.assert_equal(derivative, slope)
        as_arrays = sg.value_and_grad(lambda a: np.sum(f(a)))(np.array([point]))
        np.testing.assert_equal(as_arrays[0], value)
        np.testing.assert_equal(as_arrays[1], np.array([slope]))
        np.testing.assert_equal(sg.jvp(f, (point,), (1.0,))[1], slope)


@pytest.mark.parametrize("function", [np.maximum, np.minimum])
def test_nan_goes_through_maximum_and_minimum(function):
    for a, b in [(NAN, 1.0), (1.0, NAN), (NAN, NAN)]:
        assert np.isnan(function(sg.Tensor(a), b).value)
        assert np.isnan(function(a, sg.Tensor(np.array([b]))).value).all()
        assert slopes(function, a, b) == [0.0, 0.0]


def test_nan_is_the_largest_and_the_smallest_entry():
    for f in (np.max, np.min):
        value, gradient = sg.value_and_grad(f)(np.array([1.0, NAN, 2.0, NAN]))
        assert np.isnan(value)
        assert gradient.tolist() == [0.0, 1.0, 0.0, 0.0]


def test_large_and_small_logarithms_of_sums():
    value, gradient = sg.value_and_grad(logsumexp)(np.array([1000.0, 1000.0]))
    assert value == pytest.approx(1000 + np.log(2))
    np.testing.assert_allclose(gradient, [0.5, 0.5])
    value, gradient = sg.value_and_grad(logsumexp)(np.array([-INF, 0.0]))
    assert (value, gradient.tolist()) == (0.0, [0.0, 1.0])
    assert sg.value_and_grad(np.logaddexp)(-1000.0, 0.0) == (0.0, 0.0)
    assert slopes(np.logaddexp, 1000.0, 1000.0) == [0.5, 0.5]
    assert slopes(np.logaddexp, INF, 0.0) == [1.0, 0.0]
    assert slopes(np.logaddexp, -INF, 0.0) == [0.0, 1.0]


def test_expm1_keeps_its_digits():
    assert sg.grad(np.expm1)(-40.0) == pytest.approx(np.exp(-40.0), rel=1e-14)
