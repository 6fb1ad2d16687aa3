"""Copies keep the derivative, and nothing that is handed out or was handed in is shared behind the user's back."""

import copy
import pickle

import numpy as np
import pytest

import stepgrad as sg
from stepgrad import Tensor

X = np.array([1.0, 2.0, 3.0])


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy, lambda t: copy.deepcopy([t])[0], lambda t: t.copy()])
def test_copies_keep_the_derivative(copied):
    assert sg.grad(lambda v: copied(v) * v)(3.0) == 6.0
    assert sg.jvp(lambda v: copied(v * v), (3.0,), (1.0,)) == (9.0, 6.0)
    np.testing.assert_array_equal(sg.grad(lambda v: np.sum(copied(v)[1:]))(X), [0.0, 1.0, 1.0])
    assert sg.grad(sg.grad(lambda v: copied(v) ** 3))(2.0) == 12.0


def test_a_deep_copy_of_a_parameter_is_an_independent_parameter():
    t = Tensor(np.array([1.0, 2.0]), name="w")
    twin = copy.deepcopy(t)
    assert twin.name == "w"
    assert twin.value is not t.value
    (t * twin).sum().backward()
    np.testing.assert_array_equal(t.grad, twin.value)
    np.testing.assert_array_equal(twin.grad, t.value)
    shallow = copy.copy(t)
    (shallow * t).sum().backward()
    np.testing.assert_array_equal(t.grad, 2 * t.value)


def test_parameters_can_be_pickled_and_computed_tensors_not():
    t = Tensor(2.0, name="w")
    again = pickle.loads(pickle.dumps(t))
    assert (again.value, again.name) == (2.0, "w")
    y = again * t
    y.backward()
    assert (t.grad, again.grad) == (2.0, 2.0)
    with pytest.raises(TypeError, match="pickle"):
        pickle.dumps(y)
    with pytest.raises(TypeError, match="pickle"):
        sg.grad(lambda v: pickle.loads(pickle.dumps(v)))(1.0)


def test_in_place_operators_make_new_tensors_and_leave_arrays_alone():
    def f(x):
        y = x
        y += 1.0
        y *= x
        y -= np.ones(3)
        y /= 2.0
        y **= 2.0
        return np.sum(y)

    np.testing.assert_allclose(sg.grad(f)(X), 2 * ((X + 1) * X - 1) / 2 * (2 * X + 1) / 2)
    np.testing.assert_array_equal(X, [1.0, 2.0, 3.0])


def test_a_refused_write_leaves_the_array_as_it_was():
    target = np.zeros(3)
    with pytest.raises(TypeError):
        target += Tensor(X)
    with pytest.raises((TypeError, ValueError)):
        target[0] = Tensor(1.0)
    np.testing.assert_array_equal(target, 0.0)


def test_an_index_array_changed_after_use_does_not_change_the_derivative():
    index, mask = np.array([0, 1]), np.array([True, False, True])

    def f(x):
        y = x[index] * 2
        z = x[mask]
        index[:] = 2
        mask[:] = False
        return np.sum(y) + np.sum(z)

    np.testing.assert_array_equal(sg.grad(f)(X), [3.0, 2.0, 1.0])


def test_gradients_are_arrays_of_their_own():
    x = X.copy()
    for f in (np.sum, lambda v: np.sum(v.reshape(3, 1)), lambda v: np.sum(v[::-1]), lambda v: np.sum(v + v)):
        gradient = sg.grad(f)(x)
        gradient[0] = 99.0
        gradient += 1.0
    a, b = sg.grad(lambda v, w: np.sum(v + w), (0, 1))(x, x)
    a[0] = 99.0
    assert b[0] == 1.0
    np.testing.assert_array_equal(x, X)


def test_tangents_are_arrays_of_their_own():
    x, v = X.copy(), np.ones(3)
    for f in (lambda a: a, lambda a: (a, a), lambda a: a[::-1], lambda a: np.broadcast_to(a, (2, 3))):
        _, tangent = sg.jvp(f, (x,), (v,))
        for part in tangent if isinstance(tangent, tuple) else (tangent,):
            part += 1.0
    np.testing.assert_array_equal(v, 1.0)


def test_a_pullback_does_not_see_later_changes_of_primals_and_outputs():
    x = X.copy()
    output, pullback = sg.vjp(lambda v: np.exp(v) * v, x)
    (before,) = pullback(np.ones(3))
    output += 5.0
    x -= 1.0
    np.testing.assert_array_equal(pullback(np.ones(3))[0], before)
