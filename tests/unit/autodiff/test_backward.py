"""Tensor.backward, for those who write loops in which parameters keep their gradients."""

import numpy as np
import pytest

import stepgrad as sg
from stepgrad import Tensor


def test_fills_the_leaves_alone():
    x, w = Tensor(2.0), Tensor(np.array([1.0, 2.0]))
    hidden = w * x
    loss = np.sum(hidden * hidden)
    assert (x.grad, loss.grad) == (None, None)
    assert loss.backward() is None
    assert x.grad == 2 * 2.0 * 5.0
    assert type(x.grad) is float
    np.testing.assert_array_equal(w.grad, [8.0, 16.0])
    assert (hidden.grad, loss.grad) == (None, None)


def test_called_again_it_gives_the_same():
    x = Tensor(3.0)
    y = x * x
    y.backward()
    y.backward()
    assert x.grad == 6.0


def test_accumulate_adds():
    x = Tensor(np.array([1.0, 2.0]))
    y = np.sum(x**3)
    y.backward(accumulate=True)
    y.backward(accumulate=True)
    np.testing.assert_array_equal(x.grad, [6.0, 24.0])
    np.sum(x).backward(accumulate=True)
    np.testing.assert_array_equal(x.grad, [7.0, 25.0])
    y.backward()
    np.testing.assert_array_equal(x.grad, [3.0, 12.0])


def test_several_outputs_share_leaves():
    a, b, c = Tensor(2.0), Tensor(3.0), Tensor(5.0)
    shared = a * b
    first, second = shared * a, shared + c
    first.backward()
    assert (a.grad, b.grad, c.grad) == (12.0, 4.0, None)
    second.backward()
    assert (a.grad, b.grad, c.grad) == (3.0, 2.0, 1.0)
    first.backward(accumulate=True)
    assert (a.grad, b.grad, c.grad) == (15.0, 6.0, 1.0)


def test_leaves_that_carry_no_derivative_get_zeros():
    x, w = Tensor(np.array([1.5, 2.5])), Tensor(4.0)
    (np.sum(np.floor(x)) * w).backward()
    np.testing.assert_array_equal(x.grad, [0.0, 0.0])
    assert w.grad == 3.0


def test_seeds():
    x = Tensor(np.array([1.0, 2.0], np.float32))
    y = x * x
    for seed in (np.array([1.0, 10.0]), [1, 10], (1.0, 10.0), np.array([1, 10])):
        y.backward(seed)
        assert x.grad.dtype == np.float32
        np.testing.assert_array_equal(x.grad, [2.0, 40.0])
    z = np.sum(y)
    for seed in (3, 3.0, np.float32(3), np.array(3.0)):
        z.backward(seed)
        np.testing.assert_array_equal(x.grad, [6.0, 12.0])


def test_what_is_no_scalar_needs_a_seed():
    y = Tensor(np.ones((2, 3))) * 2
    with pytest.raises(ValueError, match=r"shape \(2, 3\) needs a seed of that shape.*\.sum\(\)"):
        y.backward()
    for wrong in (1.0, np.ones(3), np.ones((3, 2)), [1.0]):
        with pytest.raises(ValueError, match=r"the cotangent has shape .*, and its Tensor has shape \(2, 3\)"):
            y.backward(wrong)
    with pytest.raises(ValueError, match="shape"):
        Tensor(np.ones(1)).backward()
    with pytest.raises(TypeError, match="real numbers"):
        y.backward("seed")


def test_of_a_leaf():
    x = Tensor(2.0)
    x.backward()
    assert x.grad == 1.0
    w = Tensor(np.ones(2))
    w.backward([3.0, 4.0])
    np.testing.assert_array_equal(w.grad, [3.0, 4.0])


@pytest.mark.parametrize("value", [2.0, 2, np.float32(2), np.array(2.0), np.array([2.0], np.float32), np.ones((0, 2))])
def test_gradients_are_of_their_value_s_kind(value):
    x = Tensor(value)
    np.sum(x * x * 1.5).backward()
    assert type(x.grad) is type(x.value)
    assert np.shape(x.grad) == x.shape
    assert np.asarray(x.grad).dtype == x.dtype
    np.testing.assert_array_equal(x.grad, 3 * x.value)


def test_gradients_are_copies():
    x, y = Tensor(np.ones(2)), Tensor(np.ones(2))
    np.sum(x + y).backward()
    x.grad += 5.0
    np.testing.assert_array_equal(y.grad, [1.0, 1.0])
    seed = np.ones(2)
    x.backward(seed)
    x.grad += 5.0
    np.testing.assert_array_equal(seed, [1.0, 1.0])


def test_agrees_with_grad():
    rng = np.random.default_rng(1)
    x, w = rng.standard_normal((4, 3)), rng.standard_normal((3, 2))
    f = lambda a, b: np.mean(np.tanh(a @ b) ** 2) + np.std(b)  # noqa: E731
    leaves = Tensor(x), Tensor(w)
    f(*leaves).backward()
    for leaf, gradient in zip(leaves, sg.grad(f, (0, 1))(x, w), strict=True):
        np.testing.assert_array_equal(leaf.grad, gradient)


def test_a_training_loop():
    rng = np.random.default_rng(2)
    x, w = rng.standard_normal((20, 3)), np.array([1.0, -2.0, 0.5])
    y = x @ w
    guess = Tensor(np.zeros(3), name="w")
    for _ in range(200):
        loss = np.mean((x @ guess - y) ** 2)
        loss.backward()
        guess = Tensor(guess.value - 0.1 * guess.grad, name="w")
    np.testing.assert_allclose(guess.value, w, atol=1e-4)
