"""Layers and losses: values, derivatives in both modes and to second order, stability, dtypes, errors."""

import numpy as np
import pytest

import stepgrad as sg
from stepgrad import nn

RNG = np.random.default_rng(7)
X, W, B = RNG.standard_normal((4, 3)), RNG.standard_normal((5, 3)), RNG.standard_normal(5)
LOGITS, LABELS = RNG.standard_normal((6, 4)), np.array([0, 3, 1, 1, 2, 0])


def softmax(z):
    e = np.exp(z - z.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


# Values ---------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("shape", [(3,), (4, 3), (2, 4, 3), (0, 3)])
def test_linear_is_a_product_and_a_sum(shape):
    x = RNG.standard_normal(shape)
    np.testing.assert_allclose(nn.linear(x, W), x @ W.T)
    np.testing.assert_allclose(nn.linear(x, W, B), x @ W.T + B)


def test_linear_takes_lists():
    np.testing.assert_array_equal(nn.linear([1.0, 2.0], [[1.0, 2.0], [3.0, 4.0]], [0.0, 1.0]), [5.0, 12.0])


def test_linear_leaves_its_arguments_alone():
    x, w, b = X.copy(), W.copy(), B.copy()
    nn.linear(x, w, b)
    assert (x == X).all()
    assert (w == W).all()
    assert (b == B).all()


@pytest.mark.parametrize("axis", [-1, 0, 1])
def test_log_softmax_is_the_logarithm_of_softmax(axis):
    expected = np.log(np.moveaxis(softmax(np.moveaxis(LOGITS, axis, -1)), -1, axis))
    np.testing.assert_allclose(nn.log_softmax(LOGITS, axis), expected)


def test_cross_entropy_is_the_mean_of_the_right_log_probabilities():
    expected = -np.mean(np.log(softmax(LOGITS))[np.arange(6), LABELS])
    assert nn.softmax_cross_entropy(LOGITS, LABELS) == pytest.approx(expected)
    assert nn.softmax_cross_entropy(LOGITS.tolist(), LABELS.tolist()) == pytest.approx(expected)
    batches = nn.softmax_cross_entropy(LOGITS.reshape(2, 3, 4), LABELS.reshape(2, 3))
    assert batches == pytest.approx(expected)
    assert nn.softmax_cross_entropy(LOGITS[0], 2) == pytest.approx(-np.log(softmax(LOGITS[0])[2]))


def test_the_small_functions():
    x = np.array([-2.0, 0.0, 3.0])
    np.testing.assert_array_equal(nn.relu(x), [0.0, 0.0, 3.0])
    np.testing.assert_allclose(nn.sigmoid(x), 1 / (1 + np.exp(-x)))
    assert nn.mse(x, np.array([0.0, 0.0, 1.0])) == pytest.approx(8 / 3)
    assert nn.mse(x, 1.0) == pytest.approx((9 + 1 + 4) / 3)


# Derivatives ----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("order", [1, 2])
@pytest.mark.parametrize("shape", [(3,), (4, 3), (2, 2, 3)])
def test_derivatives_of_linear(shape, order):
    x = RNG.standard_normal(shape)
    sg.check_grad(nn.linear, x, W, B, order=order)
    sg.check_grad(lambda x, w: nn.linear(x, w) ** 2, x, W, order=order)


@pytest.mark.parametrize("order", [1, 2, 3])
def test_derivatives_of_the_losses(order):
    sg.check_grad(lambda z: nn.softmax_cross_entropy(z, LABELS[:3]), LOGITS[:3], order=order)
    sg.check_grad(nn.mse, X, X[::-1] + 1.0, order=order)


@pytest.mark.parametrize("order", [1, 2])
def test_derivatives_of_the_activations(order):
    sg.check_grad(nn.log_softmax, LOGITS[:3], order=order)
    sg.check_grad(lambda z: nn.log_softmax(z, 0), LOGITS[:3], order=order)
    sg.check_grad(nn.sigmoid, LOGITS, order=order)
    sg.check_grad(nn.relu, np.abs(LOGITS) + 0.1, order=order)


def test_derivatives_of_a_network_by_all_its_parameters():
    weights = [(RNG.standard_normal((4, 3)), RNG.standard_normal(4)), (RNG.standard_normal((3, 4)), np.zeros(3))]

    def loss(parameters):
        (w1, b1), (w2, b2) = parameters
        return nn.softmax_cross_entropy(nn.linear(nn.sigmoid(nn.linear(X, w1, b1)), w2, b2), LABELS[:4] % 3)

    sg.check_grad(loss, weights, order=2)


def test_the_gradient_of_cross_entropy_is_softmax_less_one_at_the_right_class():
    expected = (softmax(LOGITS) - np.eye(4)[LABELS]) / 6
    np.testing.assert_allclose(sg.grad(nn.softmax_cross_entropy)(LOGITS, LABELS), expected)


def test_the_hessian_of_cross_entropy():
    p = softmax(LOGITS[0])
    hessian = sg.hessian(lambda z: nn.softmax_cross_entropy(z, 1))(LOGITS[0])
    np.testing.assert_allclose(hessian, np.diag(p) - np.outer(p, p), atol=1e-12)


def test_cross_entropy_pulls_back_more_than_once():
    _, pullback = sg.vjp(lambda z: nn.softmax_cross_entropy(z, LABELS), LOGITS)
    first, second = pullback(1.0)[0], pullback(2.0)[0]
    np.testing.assert_allclose(2 * first, second)
    np.testing.assert_allclose(first, sg.grad(nn.softmax_cross_entropy)(LOGITS, LABELS))


def test_gradients_of_weights_lie_in_memory_as_the_weights_do():
    gradient = sg.grad(lambda w: np.sum(nn.linear(X, w, B) ** 2))(W)
    assert gradient.flags.c_contiguous


# Conventions and stability --------------------------------------------------------------------------------------------
def test_relu_has_slope_0_at_0():
    assert sg.grad(nn.relu)(0.0) == 0.0
    np.testing.assert_array_equal(sg.grad(lambda x: np.sum(nn.relu(x)))(np.array([-1.0, 0.0, 2.0])), [0.0, 0.0, 1.0])


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("scale", [1e4, 1e30])
def test_large_logits(scale, dtype):
    z = np.array([[scale, 0.0, -scale]], dtype)
    with np.errstate(all="raise", under="ignore"):
        np.testing.assert_array_equal(nn.log_softmax(z), np.array([[0.0, -scale, -2 * scale]], dtype))
        assert nn.softmax_cross_entropy(z, [0]) == 0.0
        assert nn.softmax_cross_entropy(z, [2]) == dtype(2 * scale)
        np.testing.assert_array_equal(sg.grad(nn.softmax_cross_entropy)(z, [1]), [[1.0, -1.0, 0.0]])
        np.testing.assert_array_equal(sg.grad(lambda z: nn.log_softmax(z)[0, 2])(z), [[-1.0, 0.0, 1.0]])
        np.testing.assert_array_equal(nn.sigmoid(z), [[1.0, 0.5, 0.0]])
        np.testing.assert_array_equal(sg.grad(lambda z: np.sum(nn.sigmoid(z)))(z), [[0.0, 0.25, 0.0]])


def test_log_softmax_loses_no_digits_beside_a_large_logit():
    z = np.array([1e4, 1e4 - 8.0], np.float32)
    assert nn.log_softmax(z)[0] == pytest.approx(-np.log1p(np.exp(-8.0)), rel=1e-4)


def test_an_excluded_class_has_no_gradient():
    z = np.array([[1.0, -np.inf, 2.0]])
    gradient = sg.grad(nn.softmax_cross_entropy)(z, [0])
    np.testing.assert_allclose(gradient, [[-softmax(z)[0, 2], 0.0, softmax(z)[0, 2]]])


@pytest.mark.parametrize(
    ("function", "arguments"),
    [
        (nn.relu, (X,)),
        (nn.sigmoid, (X,)),
        (nn.log_softmax, (X,)),
        (nn.linear, (X, W)),
        (nn.linear, (X, W, B)),
        (nn.linear, (X[0], W, B)),
        (lambda z: nn.softmax_cross_entropy(z, LABELS), (LOGITS,)),
        (nn.mse, (X, X + 1)),
    ],
)
def test_float32_stays_float32(function, arguments):
    arguments = tuple(a.astype(np.float32) for a in arguments)
    value, pullback = sg.vjp(function, *arguments)
    assert value.dtype == np.float32
    assert all(gradient.dtype == np.float32 for gradient in pullback(np.ones_like(value)))
    output, tangent = sg.jvp(function, arguments, arguments)
    assert output.dtype == tangent.dtype == np.float32
    second = sg.grad(lambda *a: np.sum(sg.vjp(function, *a)[1](np.ones_like(value))[0] ** 2))(*arguments)
    assert second.dtype == np.float32


def test_biases_of_another_dtype():
    y = nn.linear(X.astype(np.float32), W.astype(np.float32), B)
    assert y.dtype == np.float64
    np.testing.assert_allclose(y, X @ W.T + B, atol=1e-6)


# Errors ---------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("arguments", [(X, W.T), (X, B), (1.0, W), (X, W, B[:3]), (X, W, 1.0)])
def test_linear_names_shapes_that_do_not_fit(arguments):
    with pytest.raises(ValueError, match=r"linear takes .*\("):
        nn.linear(*arguments)


@pytest.mark.parametrize("labels", [[0, 1], np.zeros((6, 1), int), 3])
def test_cross_entropy_names_the_shape_that_labels_need(labels):
    with pytest.raises(ValueError, match=r"need labels of shape \(6,\)"):
        nn.softmax_cross_entropy(LOGITS, labels)


@pytest.mark.parametrize("wrong", [-1, 4])
def test_cross_entropy_names_labels_outside_the_classes(wrong):
    with pytest.raises(ValueError, match=r"0 … 3"):
        nn.softmax_cross_entropy(LOGITS, np.where(LABELS == 3, wrong, LABELS))


@pytest.mark.parametrize("labels", [LABELS.astype(float), LABELS == 1, np.eye(4)[LABELS]])
def test_cross_entropy_wants_integer_labels(labels):
    with pytest.raises(TypeError, match="integers"):
        nn.softmax_cross_entropy(LOGITS, labels)
