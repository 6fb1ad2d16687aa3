"""Derivatives of derivatives: every way of nesting, and no perturbation confusion."""

import itertools

import numpy as np
import pytest

import stepgrad as sg
from stepgrad import Tensor, grad, hessian, hvp, jacobian, jvp, vjp

# Each takes a scalar function to its derivative.
WAYS = {
    "grad": grad,
    "jvp": lambda f: lambda x: jvp(f, (x,), (1.0,))[1],
    "vjp": lambda f: lambda x: vjp(f, x)[1](1.0)[0],
    "forward": lambda f: jacobian(f, mode="forward"),
    "reverse": lambda f: jacobian(f, mode="reverse"),
}


@pytest.mark.parametrize("ways", list(itertools.product(WAYS, repeat=2)), ids="-".join)
def test_two_deep(ways):
    outer, inner = (WAYS[way] for way in ways)
    f = lambda x: np.sin(x) * x**3 / (1 + x)  # noqa: E731
    x = 0.7
    first = lambda t: (np.cos(t) * t**3 + 3 * t**2 * np.sin(t)) / (1 + t) - np.sin(t) * t**3 / (1 + t) ** 2  # noqa: E731
    expected = (first(x + 1e-5) - first(x - 1e-5)) / 2e-5
    assert outer(inner(f))(x) == pytest.approx(expected, rel=1e-8)


@pytest.mark.parametrize("ways", list(itertools.product(["grad", "jvp", "vjp"], repeat=3)), ids="-".join)
def test_three_deep(ways):
    f = lambda x: np.exp(2 * x) + x**4  # noqa: E731
    for way in ways:
        f = WAYS[way](f)
    assert f(0.5) == pytest.approx(8 * np.exp(1.0) + 24 * 0.5)


def test_five_deep():
    f = np.sin
    for _ in range(5):
        f = grad(f)
    assert f(0.3) == pytest.approx(np.cos(0.3))


# Perturbation confusion ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("ways", list(itertools.product(WAYS, repeat=2)), ids="-".join)
def test_siskind_and_pearlmutter_2005(ways):
    """d/dx [x · d/dy (x + y)] at (1, 1) is 1; a confused implementation says 2."""
    outer, inner = (WAYS[way] for way in ways)
    assert outer(lambda x: x * inner(lambda y: x + y)(1.0))(1.0) == 1.0
    assert outer(lambda x: x * inner(lambda y: x * y)(2.0))(1.0) == 2.0
    assert outer(lambda x: x * inner(lambda y: x * y * y)(x))(3.0) == 54.0


@pytest.mark.parametrize("ways", list(itertools.product(["grad", "jvp", "vjp"], repeat=2)), ids="-".join)
def test_manzyuk_et_al_2019(ways):
    """Their "amazing bug": with s u f x = f(x + u) and D̂ = D s 0, D̂ (D̂ exp) 1 is e; confused, it is 0."""
    outer, inner = (WAYS[way] for way in ways)

    def shifted(way):
        return lambda f: lambda x: way(lambda u: f(x + u))(0.0)

    assert shifted(outer)(shifted(inner)(np.exp))(1.0) == pytest.approx(np.e)
    assert shifted(outer)(shifted(inner)(lambda x: x**3))(2.0) == pytest.approx(12.0)


def test_a_function_valued_derivative_is_refused_rather_than_confused():
    shift = lambda u: lambda f: lambda x: f(x + u)  # noqa: E731
    with pytest.raises(TypeError, match="no derivative flows"):
        jvp(shift, (0.0,), (1.0,))


def test_a_derivative_through_stored_state_is_refused_rather_than_confused():
    """Manzyuk et al. 2019, section 7: an inner tag that escapes through a mutable cell."""
    cell = [0.0]

    def inner(y):
        cell[0] = cell[0] + y
        return y * y

    def outer(x):
        cell[0] = x
        grad(inner)(2.0)
        return cell[0]

    with pytest.raises(TypeError, match="left behind"):
        grad(outer)(1.0)


def test_inner_functions_of_several_outer_variables():
    def f(x, y):
        return x * grad(lambda z: z * z * y + grad(lambda w: w * w * x * z)(y))(x)

    # d/dw: 2 w x z at w = y: 2 x y z; d/dz: 2 z y + 2 x y at z = x: 4 x y; f = 4 x² y
    assert f(2.0, 3.0) == 48.0
    assert grad(f, (0, 1))(2.0, 3.0) == (48.0, 16.0)
    assert jvp(f, (2.0, 3.0), (1.0, 1.0)) == (48.0, 64.0)


def test_an_inner_derivative_by_a_variable_that_stands_nowhere():
    assert grad(lambda x: x * grad(lambda y: x * x)(1.0))(3.0) == 0.0
    assert grad(lambda x: grad(lambda y: x)(1.0) + x)(3.0) == 1.0


# Closures and pullbacks -----------------------------------------------------------------------------------------------


def test_pullback_called_twice_and_with_different_cotangents():
    output, pullback = vjp(lambda x, y: x * y + np.sin(x), 2.0, 5.0)
    assert output == 10.0 + np.sin(2.0)
    first = pullback(1.0)
    assert pullback(1.0) == first == (5.0 + np.cos(2.0), 2.0)
    assert pullback(0.0) == (0.0, 0.0)
    assert pullback(-2.0) == (-2 * first[0], -4.0)


def test_a_pullback_inside_another_differentiation():
    _, pullback = vjp(lambda y: y**3, 2.0)
    assert grad(lambda u: pullback(u)[0] ** 2)(3.0) == 864.0
    assert jvp(lambda u: pullback(u)[0] ** 2, (3.0,), (1.0,)) == (1296.0, 864.0)
    # d/dv (v u · 12 v) at v = u is 24 u², pulled back 288 u²; d/du (u · 288 u²) is 864 u²
    assert grad(lambda u: u * pullback(grad(lambda v: v * u * pullback(v)[0])(u))[0])(1.0) == 864.0


def test_a_pullback_made_inside_of_what_it_closes_over():
    f = lambda x: vjp(lambda y: x * y * y, 3.0)[1](x)[0]  # noqa: E731
    assert (f(2.0), grad(f)(2.0)) == (24.0, 24.0)
    assert jvp(f, (2.0,), (1.0,)) == (24.0, 24.0)
    assert hessian(f)(2.0) == 12.0


def test_a_pullback_handed_out_of_a_differentiation():
    kept = []

    def f(x):
        output, pullback = vjp(lambda y: y * y, x)
        kept.append(pullback)
        return output

    assert grad(f)(3.0) == 6.0
    (late,) = kept[0](1.0)
    assert (type(late), late.value) == (Tensor, 6.0)
    assert grad(lambda z: z * z * late)(2.0).value == 24.0


def test_vjp_in_jvp_on_arrays():
    x, v, u = np.array([0.5, -1.0]), np.array([1.0, 2.0]), np.array([3.0, -1.0])
    f = lambda a: np.sin(a) * a[::-1]  # noqa: E731
    output, tangent = jvp(lambda a: vjp(f, a)[1](u)[0], (x,), (v,))
    second = jacobian(jacobian(f))(x)
    np.testing.assert_allclose(output, u @ jacobian(f)(x))
    np.testing.assert_allclose(tangent, np.einsum("i,ijk,k->j", u, second, v))
    swapped = vjp(lambda a: jvp(f, (a,), (v,))[1], x)[1](u)[0]
    np.testing.assert_allclose(tangent, swapped)


def test_hessian_of_a_function_of_structures():
    def f(p):
        return p["a"] ** 2 * p["b"][0] + np.sum(p["b"][1] ** 3)

    point = {"a": 2.0, "b": (3.0, np.array([1.0, 2.0]))}
    blocks = hessian(f)(point)
    assert blocks["a"]["a"] == 6.0
    assert blocks["a"]["b"][0] == blocks["b"][0]["a"] == 4.0
    np.testing.assert_array_equal(blocks["b"][1]["b"][1], np.diag([6.0, 12.0]))
    np.testing.assert_array_equal(blocks["a"]["b"][1], np.zeros(2))
    product = hvp(f, point, {"b": (1.0, np.ones(2)), "a": 1.0})
    assert (product["a"], product["b"][0]) == (10.0, 4.0)
    np.testing.assert_array_equal(product["b"][1], [6.0, 12.0])


def test_jacobians_of_jacobians_are_symmetric():
    f = lambda x: np.stack([np.prod(x), np.sum(np.exp(x[0] * x))])  # noqa: E731
    x = np.array([0.5, -0.3, 0.0])
    reference = jacobian(jacobian(f, mode="reverse"), mode="reverse")(x)
    assert reference.shape == (2, 3, 3)
    np.testing.assert_allclose(reference, np.swapaxes(reference, 1, 2), atol=1e-14)
    for outer, inner in itertools.product(["forward", "reverse"], repeat=2):
        np.testing.assert_allclose(jacobian(jacobian(f, mode=inner), mode=outer)(x), reference, atol=1e-14)


# Tensors of an outer level --------------------------------------------------------------------------------------------


def test_grad_of_a_function_of_an_eager_tensor():
    w = Tensor(3.0)
    g = grad(lambda x: w * x * x)(2.0)
    assert type(g) is Tensor
    assert g.value == 12.0
    (g * g).backward()
    assert w.grad == 2 * 12.0 * 4.0


def test_eager_tensors_as_primals():
    w, v = Tensor(np.array([1.0, 2.0])), Tensor(2.0)
    gradient = grad(lambda x: np.sum(x**3) * v)(w)
    np.testing.assert_array_equal(gradient.value, 6 * w.value**2)
    gradient.sum().backward()
    np.testing.assert_array_equal(w.grad, [12.0, 24.0])
    assert v.grad == 15.0


def test_backward_inside_of_a_differentiated_function():
    def f(x):
        w = Tensor(2.0)
        (w * w).backward()
        return w.grad * x

    assert grad(f)(3.0) == 4.0
    with pytest.raises(TypeError, match="backward"):
        grad(lambda x: (x * x).backward() or x)(3.0)
    with pytest.raises(TypeError, match="backward"):
        grad(lambda x: (Tensor(2.0) * x).backward() or x)(3.0)


def test_closing_over_outer_inputs_in_arrays():
    x = np.array([1.0, 2.0, 3.0])

    def f(a):
        inner = jacobian(lambda b: a * b * b)(np.ones(3))
        return np.sum(inner * np.arange(9.0).reshape(3, 3))

    np.testing.assert_array_equal(grad(f)(x), 2 * np.array([0.0, 4.0, 8.0]))


def test_comparisons_see_values_at_every_level():
    def f(x):
        return grad(lambda y: y * y if x > 1 and y > 0 else -y)(x) * (2.0 if x < 5 else 1.0)

    assert [grad(f)(x) for x in (0.5, 2.0, 7.0)] == [0.0, 4.0, 2.0]


def test_gradient_descent_unrolled():
    """A derivative by the learning rate, through steps that each take a gradient."""

    def after_steps(rate):
        w = np.array([1.0, -2.0])
        for _ in range(3):
            w = w - rate * sg.grad(lambda v: np.sum(v**2) + np.sum(v**4))(w)
        return np.sum(w**2)

    slope = (after_steps(0.01 + 1e-6) - after_steps(0.01 - 1e-6)) / 2e-6
    assert grad(after_steps)(0.01) == pytest.approx(slope, rel=1e-7)
