"""check_grad passes what is right, and fails on a wrong rule, naming the worst entry."""

import numpy as np
import pytest

import stepgrad as sg
from stepgrad.autodiff.linear_maps import Diagonal, LinearMap, Sum
from stepgrad.autodiff.primitive import Elementwise, General
from stepgrad.autodiff.primitives import elementwise as ew

X = np.array([[0.5, 1.0, 1.5], [2.0, 2.5, 3.0]])


def test_right_rules_pass():
    sg.check_grad(lambda a, b: np.sin(a) @ b, X, X.T, order=2)
    sg.check_grad(np.tanh, 0.3, order=4)
    sg.check_grad(np.square, 2)
    sg.check_grad(lambda p: p["w"] * p["b"][0], {"w": X, "b": (2.0,)}, order=2)
    sg.check_grad(lambda x: (np.sin(x), {"y": np.sum(x)}), np.array(0.3), order=2)
    sg.check_grad(np.exp, np.float32(0.5), order=2)
    sg.check_grad(np.exp, X.astype(np.float32), order=2)
    sg.check_grad(np.exp, np.zeros((0, 2)), order=2)
    sg.check_grad(lambda x: 3.0, 1.0)


def test_a_wrong_partial_is_found():
    wrong = Elementwise("wrong", np.sin, np.sin, (lambda y, x: ew.sin(x),))
    with pytest.raises(
        AssertionError, match=r"forward mode, output 0, argument 0, entry \(\): automatic 0\.2955.*, expected 0\.9553"
    ):
        sg.check_grad(wrong, 0.3)
    with pytest.raises(AssertionError, match=r"argument 0, entry \(0, 0\), output entry \(0, 0\)") as caught:
        sg.check_grad(wrong, np.array([[-1.0, np.pi / 4]]))
    assert "expected 0.5403" in str(caught.value)


def test_the_worst_entry_is_named():
    slightly = Elementwise("slightly", np.square, lambda x: x * x, (lambda y, x: 2 * x + 1e-3 * (raw_of(x) == 2.0),))
    with pytest.raises(
        AssertionError,
        match=r"argument 0, entry \(1, 0\), output entry \(1, 0\): automatic 4\.001, expected (4\.0|3\.99)",
    ):
        sg.check_grad(slightly, X)


def raw_of(x):
    from stepgrad.autodiff.tensor import raw

    return raw(x)


def test_a_wrong_partial_of_the_second_argument_is_found():
    wrong = Elementwise("wrong", np.multiply, lambda a, b: a * b, (lambda y, a, b: b, lambda y, a, b: b))
    with pytest.raises(AssertionError, match="argument 1"):
        sg.check_grad(wrong, 2.0, 3.0)


class WrongTranspose(Diagonal):
    def transpose(self) -> LinearMap:
        return Diagonal(2 * self.factor, self.in_shape)


def test_a_wrong_transpose_is_found():
    wrong = General("wrong", np.sin, (lambda y, x: WrongTranspose(ew.cos(x), np.shape(y)),))
    with pytest.raises(AssertionError, match="reverse mode against forward mode, argument 0, entry"):
        sg.check_grad(wrong, X)


def test_a_wrong_shape_is_found():
    wrong = General("wrong", lambda x: np.sum(x, 0), (lambda y, x: Sum((2, 3), (1,), (2,)),))
    with pytest.raises((AssertionError, ValueError), match="shape"):
        sg.check_grad(wrong, X)


class NoCopy(Diagonal):
    def apply(self, tangent):
        return np.sum(self.factor * tangent, axis=0)


def test_a_gradient_of_another_shape_is_found():
    wrong = General("wrong", np.sin, (lambda y, x: NoCopy(ew.cos(x), np.shape(y)),))
    with pytest.raises(AssertionError, match=r"gradient of argument 0 has shape \(3,\) and dtype float64.*\(2, 3\)"):
        sg.check_grad(wrong, X)


def test_a_rule_that_is_wrong_only_in_second_order_is_found():
    """The rule's value is right, but it is computed on plain arrays, so its own derivative is lost."""
    wrong = Elementwise("wrong", np.sin, np.sin, (lambda y, x: np.cos(raw_of(x)),))
    sg.check_grad(wrong, X)
    with pytest.raises(AssertionError, match="forward mode"):
        sg.check_grad(wrong, X, order=2)


def test_a_derivative_that_is_nan_is_found():
    with np.errstate(all="ignore"):
        wrong = Elementwise("wrong", np.square, lambda x: x * x, (lambda y, x: x * np.nan,))
        with pytest.raises(AssertionError, match="automatic nan"):
            sg.check_grad(wrong, 1.0)


def test_a_kink_is_found():
    with pytest.raises(AssertionError):
        sg.check_grad(np.absolute, 1e-5)


def test_tolerance():
    nearly = Elementwise("nearly", np.square, lambda x: x * x, (lambda y, x: 2.0001 * x,))
    with pytest.raises(AssertionError):
        sg.check_grad(nearly, 1.0)
    sg.check_grad(nearly, 1.0, tolerance=1e-3)


class Wide(Diagonal):
    def apply(self, tangent):
        return np.asarray(super().apply(tangent), np.float64)


def test_a_rule_of_another_dtype_does_not_change_the_gradient_s():
    wide = General("wide", np.sin, (lambda y, x: Wide(ew.cos(x), np.shape(y)),))
    x = X.astype(np.float32)
    sg.check_grad(wide, x)
    assert sg.grad(lambda v: np.sum(wide(v)))(x).dtype == np.float32
    assert sg.jvp(wide, (x,), (x,))[1].dtype == np.float32
