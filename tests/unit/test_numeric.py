"""Numeric derivatives: right to the accuracy that each method can reach, and the V."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stepgrad import numeric
from stepgrad.expressions import expression

# What each method reaches in double precision with its own step, on functions whose derivatives are near 1.
ACCURACY = {"forward": 1e-7, "central": 1e-9, "complex": 1e-14}
METHODS = list(ACCURACY)


@pytest.mark.parametrize("method", METHODS)
class TestEachMethod:
    def test_a_number(self, method):
        slope = numeric.derivative(np.sin, 0.5, method)
        assert type(slope) is float
        assert slope == pytest.approx(math.cos(0.5), rel=ACCURACY[method])

    def test_a_gradient_has_the_shape_of_x(self, method):
        x = np.array([[0.5, 1.0, 2.0], [3.0, -1.0, 0.1]])
        gradient = numeric.derivative(lambda x: np.sum(x**3), x, method)
        assert gradient.shape == x.shape
        np.testing.assert_allclose(gradient, 3 * x**2, rtol=10 * ACCURACY[method], atol=1e-6)

    def test_a_jacobian_has_both_shapes(self, method):
        W = np.arange(6.0).reshape(2, 3)
        jacobian = numeric.derivative(lambda x: np.sin(W @ x), np.array([[0.1, 0.2]] * 3), method)
        assert jacobian.shape == (2, 2, 3, 2)
        values = np.cos(W @ np.array([[0.1, 0.2]] * 3))
        expected = np.einsum("op,oi,pq->opiq", values, W, np.eye(2))
        np.testing.assert_allclose(jacobian, expected, atol=20 * ACCURACY[method])

    def test_a_vector_of_a_number(self, method):
        jacobian = numeric.derivative(lambda t: np.array([np.cos(t), np.sin(t)]), 1.0, method)
        np.testing.assert_allclose(jacobian, [-math.sin(1), math.cos(1)], atol=ACCURACY[method])

    def test_several_arguments(self, method):
        partials = numeric.derivative(expression("x1*x2 + sin(x1)"), (2.0, 3.0), method)
        assert partials == pytest.approx((3 + math.cos(2), 2.0), rel=ACCURACY[method])

    def test_integers_become_floats(self, method):
        assert numeric.derivative(lambda x: x**2, 3, method) == pytest.approx(6, rel=ACCURACY[method])
        gradient = numeric.derivative(lambda x: np.sum(x**2), np.array([1, 2]), method)
        np.testing.assert_allclose(gradient, [2, 4], rtol=ACCURACY[method])

    def test_single_precision_stays_single(self, method):
        x = np.array([0.5, 2.0], np.float32)
        gradient = numeric.derivative(lambda x: np.sum(np.sin(x)), x, method)
        assert gradient.dtype == np.float32
        np.testing.assert_allclose(
            gradient, np.cos(x), atol={"forward": 1e-3, "central": 1e-4, "complex": 1e-6}[method]
        )

    def test_no_entries(self, method):
        assert numeric.derivative(np.sum, np.zeros((0, 2)), method).shape == (0, 2)
        assert numeric.derivative(np.sin, np.zeros(0), method).shape == (0, 0)

    def test_large_and_small_arguments(self, method):
        assert numeric.derivative(np.log, 1e8, method) == pytest.approx(1e-8, rel=ACCURACY[method])
        assert numeric.derivative(np.exp, 1e-12, method) == pytest.approx(math.exp(1e-12), rel=ACCURACY[method])

    def test_steps_can_be_given(self, method):
        tolerance = {"forward": 1e-2, "central": 1e-4, "complex": 1e-4}[method]
        assert numeric.derivative(np.exp, 0.0, method, step=0.01) == pytest.approx(1, rel=tolerance)
        gradient = numeric.derivative(lambda x: np.sum(x**2), np.array([1.0, 2.0]), method, step=[1e-3, 1e-6])
        np.testing.assert_allclose(gradient, [2, 4], rtol=1e-3)

    def test_the_function_may_write_into_its_argument(self, method):
        def f(x):
            x *= 2
            return np.sum(x)

        x = np.array([1.0, 2.0])
        np.testing.assert_allclose(numeric.derivative(f, x, method), [2, 2], rtol=ACCURACY[method])
        assert x.tolist() == [1.0, 2.0]


def test_the_step_is_as_coarse_as_the_value():
    def f(x):
        return np.sin(x.astype(np.float32))

    x = np.array([0.5, 1.0])
    np.testing.assert_allclose(np.diag(numeric.derivative(f, x)), np.cos(x), atol=1e-4)


@given(st.floats(-3, 3), st.sampled_from(METHODS))
def test_polynomials(x, method):
    slope = numeric.derivative(lambda x: x**3 - 2 * x, x, method)
    assert slope == pytest.approx(3 * x**2 - 2, rel=1e-6, abs=1e-6)


def test_the_exact_step_is_divided_by():
    # With 0.1 the sum 1e6 + 0.1 is rounded; the slope of a straight line must not notice.
    assert numeric.derivative(lambda x: x, 1e6, "forward", step=0.1) == 1.0


def test_a_step_that_vanishes_gives_zero():
    assert numeric.derivative(np.exp, 1.0, "forward", step=1e-20) == 0.0
    assert numeric.derivative(np.exp, 1.0, "complex", step=1e-20) == pytest.approx(math.e, rel=1e-15)


def test_errors():
    with pytest.raises(ValueError, match="method is one of 'forward', 'central', 'complex', not 'backward'"):
        numeric.derivative(np.sin, 1.0, "backward")
    for step in (0, -1e-3, math.nan, math.inf):
        with pytest.raises(ValueError, match="a step is a positive number"):
            numeric.derivative(np.sin, 1.0, step=step)
    with pytest.raises(TypeError, match="x must be real numbers, not complex128"):
        numeric.derivative(np.sin, 1j)
    with pytest.raises(TypeError, match="the value of f must be real numbers, not object"):
        numeric.derivative(lambda x: None, 1.0)
    with pytest.raises(TypeError, match=r"np.sin, not math.sin"):
        numeric.derivative(math.sin, 1.0, "complex")
    with pytest.raises(ValueError, match="needs an analytic f"):
        numeric.derivative(abs, 1.0, "complex")
    assert numeric.derivative(lambda x: 3.0, 1.0, "complex") == 0.0


def test_the_v():
    curve = numeric.error_curve(expression("exp(x)*sin(x)"), 1.0)
    forward, central, complex_step = (curve.relative[method] for method in METHODS)
    assert curve.exact == pytest.approx(math.e * (math.sin(1) + math.cos(1)), rel=1e-15)
    assert len(curve.steps) == 21
    # Truncation: the error falls as h, as h², as h².
    assert forward[2] / forward[3] == pytest.approx(10, rel=0.05)
    assert central[2] / central[3] == pytest.approx(100, rel=0.05)
    assert complex_step[2] / complex_step[3] == pytest.approx(100, rel=0.05)
    # Rounding: half and two thirds of the digits, then all are lost; the complex step keeps them.
    assert 1e-9 <= curve.best("forward")[0] <= 1e-7
    assert curve.best("forward")[1] < 1e-7
    assert 1e-7 <= curve.best("central")[0] <= 1e-4
    assert curve.best("central")[1] < 1e-9
    assert forward[-1] == central[-1] == 1
    assert np.all(complex_step[9:] < 1e-15)


def test_the_v_as_text():
    lines = (
        numeric.error_curve(np.exp, 0.0, methods=("forward", "complex"), steps=[0.1, 1e-3], exact=1.0)
        .text()
        .splitlines()
    )
    assert lines == [
        "relative error of the derivative",
        "   step   forward   complex",
        "  1e-01     5e-02     2e-03",
        "  1e-03     5e-04     2e-07",
        "",
        "forward: best 5e-04 at step 1e-03",
        "complex: best 2e-07 at step 1e-03",
    ]


def test_the_v_of_several_arguments_and_of_arrays():
    curve = numeric.error_curve(expression("x1*x2 + sin(x1)"), (2.0, 3.0), methods=("central",), steps=[1e-5])
    assert curve.exact == pytest.approx((3 + math.cos(2), 2.0))
    assert curve.relative["central"][0] < 1e-9
    curve = numeric.error_curve(np.sin, np.array([0.5, 1.0]), steps=[1e-5])
    assert curve.exact.shape == (2, 2)
    assert curve.relative["complex"][0] < 1e-9


def test_the_v_of_a_constant_is_flat():
    curve = numeric.error_curve(lambda x: 0 * x, 1.0, exact=0.0)
    assert np.all(curve.relative["central"] == 0)
