"""Second and third derivatives of the elementwise primitives. (Those of the others are in test_general_maps.py.)"""

import elementwise_cases as cases
import numpy as np
import pytest

import stepgrad as sg

NAMES = sorted(cases.CASES)
BROADCASTING = [[(2,), (2, 1), ()], [(2, 1), (2,), (2, 2)], [(), (2,), (1, 1)]]


def safe_arguments(name, shapes, seed=0):
    """Arguments away from the primitive's kinks; `where` keeps its condition apart."""
    domain = cases.CASES[name]
    rng = np.random.default_rng(seed)
    for _ in range(1000):
        arrays = domain.draw(rng, shapes[: len(domain.intervals)])
        if domain.is_safe(arrays):
            return arrays
    raise AssertionError(f"no safe arguments for {name}")


def function_and_arguments(name, arrays):
    primitive = cases.REGISTERED[name]
    if name == "where":
        condition = np.asarray(arrays[0]) > 0
        return lambda *choices: primitive(condition, *choices), arrays[1:]
    return primitive, arrays


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("shapes", BROADCASTING, ids=str)
def test_second_derivatives(name, shapes):
    function, arrays = function_and_arguments(name, safe_arguments(name, shapes))
    sg.check_grad(function, *arrays, order=2)


@pytest.mark.parametrize("name", NAMES)
def test_third_derivatives_on_floats(name):
    function, arrays = function_and_arguments(name, safe_arguments(name, [()] * 3, seed=1))
    sg.check_grad(function, *map(float, arrays), order=3)


@pytest.mark.parametrize("name", NAMES)
def test_mixed_with_float32(name):
    shapes = [(2,), (2, 1), ()]
    function, arrays = function_and_arguments(name, safe_arguments(name, shapes))
    arrays = [a.astype(np.float32 if k % 2 == 0 else np.float64) for k, a in enumerate(arrays)]
    sg.check_grad(function, *arrays, order=2)


@pytest.mark.parametrize(
    ("a", "b"), [(2.0, 0.0), (2.0, 1.0), (2.0, 2.0), (-2.0, 2.0), (-2.0, 3.0), (0.7, -1.0), (0.0, 2.0), (0.0, 3.0)]
)
def test_powers_with_special_exponents(a, b):
    """Where rules take shortcuts: constant exponents 0, 1, 2; bases that are negative or 0."""
    first = [b * a ** (b - 1), b * (b - 1) * a ** (b - 2) if b > 1 or a else 0.0]
    assert sg.grad(lambda x: x**b)(a) == pytest.approx(first[0])
    assert sg.grad(sg.grad(lambda x: x**b))(a) == pytest.approx(first[1])
    on_arrays = sg.grad(lambda x: np.sum(x ** np.array([b, b])))(np.array([a, a]))
    np.testing.assert_allclose(on_arrays, first[0])


@pytest.mark.parametrize("b", [0.0, 0.5, 1.0, 2.0])
def test_mixed_second_derivative_of_a_power(b):
    """∂²/∂a∂b of aᵇ is aᵇ⁻¹ (1 + b log a), at b = 0 too."""
    a = 2.0
    expected = a ** (b - 1) * (1 + b * np.log(a))
    assert sg.grad(lambda e: sg.grad(lambda x: x**e)(a))(b) == pytest.approx(expected)
    assert sg.grad(lambda x: sg.grad(lambda e: x**e)(b))(a) == pytest.approx(expected)
    on_arrays = sg.jacobian(lambda e: sg.grad(lambda x: np.sum(x**e))(np.array([a, a])))(np.array([b, 3.0]))
    np.testing.assert_allclose(np.diag(on_arrays), [expected, a**2 * (1 + 3 * np.log(a))])
