"""Derivatives by evaluation alone, to hold the package's against, and what every linear map must satisfy."""

import numpy as np

TINY = 1e-30


def dense_jacobian(f, x, analytic):
    """The Jacobian of f at x, of shape (f(x).size, x.size): by complex step, or central differences with Richardson."""
    x = np.asarray(x, float)
    entry = _complex_entry if analytic else _central_entry
    columns = [entry(f, x, index) for index in np.ndindex(x.shape)]
    size = np.size(f(x))
    return np.stack(columns, -1) if columns else np.zeros((size, 0))


def _complex_entry(f, x, index):
    moved = x.astype(complex)
    moved[index] += 1j * TINY
    return np.ravel(np.imag(f(moved))) / TINY


def _central_entry(f, x, index):
    def slope(h):
        up, down = x.copy(), x.copy()
        up[index] += h
        down[index] -= h
        return np.ravel(np.asarray(f(up), float) - np.asarray(f(down), float)) / (2 * h)

    h = 1e-3 * max(1.0, abs(x[index]))
    return (4 * slope(h / 2) - slope(h)) / 3


def elementwise_jacobian(diagonal, in_shape, out_shape):
    """The Jacobian of a broadcasting function whose partial derivative at each output entry is given."""
    positions = np.broadcast_to(np.arange(int(np.prod(in_shape))).reshape(in_shape), out_shape)
    dense = np.zeros((int(np.prod(out_shape)), int(np.prod(in_shape))))
    dense[np.arange(dense.shape[0]), positions.ravel()] = np.broadcast_to(diagonal, out_shape).ravel()
    return dense


def check_map(local, rng, truth=None, tolerance=1e-9):
    """Every linear map's duties: shapes, linearity in disguise, a transpose that is adjoint and its own inverse.

    Args:
        local: the map.
        rng: for random tangents and cotangents.
        truth: its dense matrix, where it is known independently.
        tolerance: relative to the largest entry, and absolute.
    """
    transposed = local.transpose()
    again = transposed.transpose()
    assert (transposed.in_shape, transposed.out_shape) == (local.out_shape, local.in_shape)
    assert (again.in_shape, again.out_shape) == (local.in_shape, local.out_shape)
    v, u = rng.standard_normal(local.in_shape), rng.standard_normal(local.out_shape)
    forward, backward = local.apply(v), transposed.apply(u)
    assert np.shape(forward) == local.out_shape
    assert np.shape(backward) == local.in_shape
    scale = max(1.0, float(np.max(np.abs(forward), initial=0.0)), float(np.max(np.abs(backward), initial=0.0)))
    np.testing.assert_allclose(np.vdot(forward, u), np.vdot(v, backward), rtol=1e-9, atol=1e-10 * scale)
    np.testing.assert_allclose(again.apply(v), forward, rtol=1e-12, atol=1e-12 * scale)
    np.testing.assert_allclose(local.pull(u), backward, rtol=1e-12, atol=1e-12 * scale)
    dense = local.to_dense()
    assert dense.shape == local.shape
    np.testing.assert_allclose(transposed.to_dense(), dense.T, rtol=1e-12, atol=1e-14 * scale)
    np.testing.assert_allclose(dense @ v.ravel(), np.ravel(forward), rtol=1e-9, atol=1e-11 * scale)
    if truth is not None:
        bound = tolerance * max(1.0, float(np.max(np.abs(truth), initial=0.0)))
        np.testing.assert_allclose(dense, truth, rtol=tolerance, atol=bound)
