"""grad, jvp, vjp, jacobian, hessian and hvp agree with one another and with SymPy."""

import numpy as np
import pytest
import sympy
from hypothesis import assume, given, reject, settings
from hypothesis import strategies as st

import stepgrad as sg

# Expressions that are smooth everywhere, as text that both Python and SymPy read.
ATOMS = st.sampled_from(["x", "y", "x", "y", "0.5", "2", "3"])
EXPRESSIONS = st.recursive(
    ATOMS,
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from("+-*"), inner).map(lambda t: f"({t[0]} {t[1]} {t[2]})"),
        st.tuples(st.sampled_from(["sin", "cos", "tanh", "arctan", "sigmoid"]), inner).map(lambda t: f"{t[0]}({t[1]})"),
        inner.map(lambda a: f"sqrt(1 + {a} ** 2)"),
        inner.map(lambda a: f"log(2 + sin({a}))"),
        inner.map(lambda a: f"exp(-{a} ** 2)"),
        st.tuples(inner, inner).map(lambda t: f"({t[0]} / (1 + {t[1]} ** 2))"),
        inner.map(lambda a: f"(2 + cos({a})) ** {a}"),
    ),
    max_leaves=8,
)
NUMPY = {name: getattr(np, name) for name in ("sin", "cos", "tanh", "arctan", "sqrt", "log", "exp")}
NUMPY["sigmoid"] = lambda u: 1 / (1 + np.exp(-u))
SYMPY = {name: getattr(sympy, name) for name in ("sin", "cos", "tanh", "sqrt", "log", "exp")}
SYMPY |= {"arctan": sympy.atan, "sigmoid": lambda u: 1 / (1 + sympy.exp(-u))}


def read(text):
    """The text as a function, and the symbolic gradient and Hessian as functions."""
    code = compile(text, text, "eval")
    x, y = sympy.symbols("x y", real=True)
    formula = sympy.sympify(eval(code, {**SYMPY, "x": x, "y": y}))
    first = [sympy.diff(formula, v) for v in (x, y)]
    second = [[sympy.diff(d, v) for v in (x, y)] for d in first]
    return lambda x, y: eval(code, {**NUMPY, "x": x, "y": y}), *(
        sympy.lambdify((x, y), d, "math") for d in (first, second)
    )


@settings(max_examples=40)
@given(text=EXPRESSIONS, x=st.floats(-1.5, 1.5), y=st.floats(-1.5, 1.5), u=st.floats(-2, 2), v=st.floats(-2, 2))
def test_all_ways_agree_with_sympy(text, x, y, u, v):
    f, first, second = read(text)
    try:
        gradient, matrix = np.array(first(x, y), float), np.array(second(x, y), float)
    except OverflowError:
        reject()  # a tower of powers
    assume(np.all(np.abs(gradient) < 1e6) and np.all(np.abs(matrix) < 1e6))
    near = {"rtol": 1e-8, "atol": 1e-8 * max(1.0, np.max(np.abs(matrix)), np.max(np.abs(gradient)))}

    value, both = sg.value_and_grad(f, (0, 1))(x, y)
    assert value == pytest.approx(float(f(x, y)), rel=1e-12, abs=1e-12)
    np.testing.assert_allclose(both, gradient, **near)
    np.testing.assert_allclose([sg.grad(f)(x, y), sg.grad(f, -1)(x, y)], gradient, **near)
    np.testing.assert_allclose(sg.jvp(f, (x, y), (u, v))[1], gradient @ [u, v], **near)
    np.testing.assert_allclose(sg.vjp(f, x, y)[1](u), gradient * u, **near)
    for mode in ("forward", "reverse", "auto"):
        np.testing.assert_allclose(sg.jacobian(f, (0, 1), mode)(x, y), gradient, **near)

    def on_vector(p):
        return f(p[0], p[1])

    point, direction = np.array([x, y]), np.array([u, v])
    np.testing.assert_allclose(sg.grad(on_vector)(point), gradient, **near)
    np.testing.assert_allclose(sg.hessian(on_vector)(point), matrix, **near)
    np.testing.assert_allclose(sg.hvp(on_vector, point, direction), matrix @ direction, **near)
    np.testing.assert_allclose(sg.jacobian(sg.grad(on_vector), mode="reverse")(point), matrix, **near)
    np.testing.assert_allclose(sg.jacobian(sg.jacobian(on_vector, mode="forward"))(point), matrix, **near)
    np.testing.assert_allclose(sg.vjp(sg.grad(on_vector), point)[1](direction)[0], matrix @ direction, **near)

    a, b = sg.Tensor(x), sg.Tensor(y)
    output = f(a, b)
    if type(output) is sg.Tensor:
        output.backward()
        np.testing.assert_allclose([0.0 if t.grad is None else t.grad for t in (a, b)], gradient, **near)


@settings(max_examples=25)
@given(text=EXPRESSIONS, seed=st.integers(0, 2**32))
def test_arrays_do_what_scalars_do_entry_by_entry(text, seed):
    f, _, _ = read(text)
    rng = np.random.default_rng(seed)
    x, y = rng.uniform(-1, 1, (2, 3)), rng.uniform(-1, 1, 3)
    by_arrays = sg.grad(lambda a, b: np.sum(f(a, b) + 0 * a), (0, 1))(x, y)
    by_scalars = np.array([[sg.grad(f, (0, 1))(float(x[i, j]), float(y[j])) for j in range(3)] for i in range(2)])
    np.testing.assert_allclose(by_arrays[0], by_scalars[..., 0], rtol=1e-9, atol=1e-11)
    np.testing.assert_allclose(by_arrays[1], by_scalars[..., 1].sum(0), rtol=1e-9, atol=1e-11)


X = np.array([[0.3, -1.2, 0.8], [1.1, 0.4, -0.7]])


def network(x, w):
    """Vectors to vectors, by most kinds of primitives."""
    hidden = np.tanh(x @ w) + np.sum(x, axis=1, keepdims=True)
    return np.concatenate([hidden.reshape(-1), np.max(w, axis=0)]) / np.linalg.norm(w)


def test_jacobian_in_both_modes():
    w = np.linspace(-1, 1, 6).reshape(3, 2) ** 3 + 0.1
    forward = sg.jacobian(network, (0, 1), "forward")(X, w)
    reverse = sg.jacobian(network, (0, 1), "reverse")(X, w)
    assert [j.shape for j in forward] == [(6, 2, 3), (6, 3, 2)]
    for a, b in zip(forward, reverse, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-12, atol=1e-14)
    rng = np.random.default_rng(0)
    v, u = rng.standard_normal(w.shape), rng.standard_normal(6)
    np.testing.assert_allclose(sg.jvp(lambda p: network(X, p), (w,), (v,))[1], np.tensordot(forward[1], v, 2))
    np.testing.assert_allclose(sg.vjp(lambda p: network(X, p), w)[1](u)[0], np.tensordot(u, forward[1], 1))
    sg.check_grad(network, X, w, order=2)


def test_auto_takes_the_fewer_sweeps():
    calls = []

    def count(f, x):
        calls.clear()
        sg.jacobian(lambda v: f(_counting(v, calls)))(x)
        return len(calls)

    assert count(lambda v: np.sum(v), np.ones(5)) == 1
    assert count(lambda v: np.concatenate([v, v, v]), np.ones(2)) == 2


def _counting(x, calls):
    from stepgrad.autodiff.linear_maps import Diagonal
    from stepgrad.autodiff.primitive import General

    def rule(y, value):
        calls.append(1)
        return Diagonal(np.ones(np.shape(value)), np.shape(value))

    return General("counting", lambda value: value * 1.0, (rule,))(x)


@pytest.mark.parametrize(
    ("f", "x", "expected"),
    [
        (lambda x: x * x, 3.0, 6.0),
        (lambda x: x + x, 3.0, 2.0),
        (lambda x: x - x, 3.0, 0.0),
        (lambda x: x / x, 3.0, 0.0),
        (lambda x: x**x, 2.0, 4 * (1 + np.log(2))),
        (lambda x: np.sum(np.concatenate([x, x])), np.ones(2), [2.0, 2.0]),
        (lambda x: np.sum(np.stack([x, x * x])), np.ones(2), [3.0, 3.0]),
        (lambda x: np.sum(x @ x.T), np.array([[1.0, 2.0]]), [[2.0, 4.0]]),
        (lambda x: x @ x, np.array([1.0, 2.0]), [2.0, 4.0]),
        (lambda x: np.einsum("i,i,i->", x, x, x), np.array([1.0, 2.0]), [3.0, 12.0]),
        (lambda x: np.sum(np.outer(x, x)), np.array([1.0, 2.0]), [6.0, 6.0]),
        (lambda x: np.arctan2(x, x), 2.0, 0.0),
        (lambda x: np.where(True, x, x), 2.0, 1.0),
        (lambda x: np.sum(x[[0, 0, 1]] * x[[0, 1, 1]]), np.array([2.0, 5.0]), [9.0, 12.0]),
    ],
)
def test_the_same_argument_twice(f, x, expected):
    np.testing.assert_allclose(sg.grad(f)(x), expected, rtol=1e-12, atol=1e-15)
    np.testing.assert_allclose(sg.jacobian(f, mode="forward")(x), expected, rtol=1e-12, atol=1e-15)


def test_outputs_that_do_not_depend_on_the_input():
    for constant in (3.0, 3, True, np.float32(3), np.array(3.0), sg.Tensor(3.0)):
        assert sg.grad(lambda x, c=constant: c)(2.0) == 0.0
        np.testing.assert_array_equal(sg.grad(lambda x, c=constant: c)(np.ones((2, 3))), np.zeros((2, 3)))
        assert sg.jvp(lambda x, c=constant: c, (2.0,), (1.0,))[1] == 0.0
    np.testing.assert_array_equal(sg.jacobian(lambda x: np.ones(2))(np.ones(3)), np.zeros((2, 3)))
    np.testing.assert_array_equal(sg.jacobian(lambda x: np.arange(2), mode="forward")(np.ones(3)), np.zeros((2, 3)))
    assert sg.hessian(lambda x: 2 * x)(1.0) == 0.0
    assert sg.grad(lambda x: np.floor(x))(1.5) == 0.0


def test_unused_arguments_have_zero_gradients_of_their_kind():
    gradients = sg.grad(lambda a, b, c: a * 2, (0, 1, 2))(1.0, np.ones((2, 0), np.float32), {"w": np.ones(3)})
    assert gradients[0] == 2.0
    assert (gradients[1].shape, gradients[1].dtype) == ((2, 0), np.float32)
    np.testing.assert_array_equal(gradients[2]["w"], np.zeros(3))


def test_the_input_itself_as_output():
    assert sg.vjp(lambda x: x, 2.0)[1](3.0) == (3.0,)
    assert sg.jvp(lambda x: (x, x), (2.0,), (3.0,)) == ((2.0, 2.0), (3.0, 3.0))
    assert sg.vjp(lambda x: (x, x * x, x), 2.0)[1]((1.0, 10.0, 100.0)) == (141.0,)
    np.testing.assert_array_equal(sg.jacobian(lambda x: x)(np.ones(2)), np.eye(2))


def test_dtypes_of_jacobians():
    x = np.ones(2, np.float32)
    for mode in ("forward", "reverse"):
        assert sg.jacobian(lambda v: v * 2, mode=mode)(x).dtype == np.float32
        assert sg.jacobian(lambda v: v * np.ones(2), mode=mode)(x).dtype == np.float32
        assert type(sg.jacobian(lambda v: v * 2, mode=mode)(2.0)) is float
        assert sg.jacobian(lambda v: v * np.ones(2), mode=mode)(2.0).dtype == np.float64


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (lambda: sg.grad(lambda x: x)(np.ones(2)), r"one scalar output; this one gave shape \(2,\)"),
        (lambda: sg.grad(lambda x: (x, x))(1.0), "gave 2 outputs"),
        (lambda: sg.grad(lambda x: None)(1.0), "gave None .is its return missing"),
        (lambda: sg.grad(lambda x: x, 1)(1.0), "argnums names argument 1, and the function was called with 1"),
        (lambda: sg.grad(lambda x: x)(), "called with 0"),
        (lambda: sg.grad(lambda x: x, (0, -1))(1.0), "twice"),
        (lambda: sg.jacobian(lambda x: x, mode="sideways"), "'auto', 'forward' or 'reverse'"),
        (lambda: sg.jvp(lambda x: x, (1.0,), (1.0, 2.0)), "a tuple of 1, got a tuple of 2"),
        (
            lambda: sg.jvp(lambda x: x, (np.ones(2),), (1.0,)),
            r"tangent 0 has shape \(\), and its primal has shape \(2,\)",
        ),
        (lambda: sg.vjp(lambda x: x, np.ones(2))[1](np.ones(3)), r"cotangent 0 has shape \(3,\)"),
        (lambda: sg.vjp(lambda x: (x, x), 1.0)[1](1.0), "a tuple of 2, got one float"),
    ],
)
def test_misuse_is_answered_with_a_sentence(call, sentence):
    with pytest.raises(ValueError, match=sentence):
        call()


def test_jvp_takes_tuples():
    with pytest.raises(TypeError, match=r"jvp\(f, \(x,\), \(v,\)\)"):
        sg.jvp(np.sin, 1.0, 1.0)


def test_keyword_arguments_reach_the_function_as_they_are():
    assert sg.grad(lambda x, *, scale: x * scale["k"])(2.0, scale={"k": 5}) == 5.0
    assert sg.value_and_grad(lambda x, p=2: x**p)(3.0, p=3) == (27.0, 27.0)


def test_derived_functions_say_what_they_are():
    def loss(x):
        return x

    assert sg.grad(loss).__name__ == "gradient_of_loss"
    assert "loss" in sg.hessian(loss).__doc__
