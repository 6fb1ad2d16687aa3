"""The local Jacobians of the elementwise primitives, over random shapes and broadcasting in all directions."""

import elementwise_cases as cases
import numpy as np
import pytest
import truth
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import mutually_broadcastable_shapes

import stepgrad as sg

NAMES = sorted(cases.CASES)


def arguments_of(draw, name):
    """Random arguments for a primitive, with the generator that made them."""
    domain = cases.CASES[name]
    count = len(domain.intervals)
    shapes = draw(mutually_broadcastable_shapes(num_shapes=count, max_dims=3, min_side=0, max_side=3)).input_shapes
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    arrays = domain.draw(rng, shapes)
    if name == "where":
        arrays[0] = arrays[0] > 0
    assume(domain.is_safe(arrays))
    return arrays, rng


def numeric_partial(name, arrays, k):
    """The partial derivative of argument k at each entry of the output."""
    domain = cases.CASES[name]
    f = domain.truth or cases.REGISTERED[name].ufunc
    moved = [np.asarray(a, float) for a in arrays]

    def at(step):
        return f(*[a + step if i == k else a for i, a in enumerate(moved)])

    if domain.analytic:
        return np.imag(at(1j * truth.TINY)) / truth.TINY
    h = 1e-3
    return (4 * (at(h / 2) - at(-h / 2)) / h - (at(h) - at(-h)) / (2 * h)) / 3


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=20)
@given(data=st.data())
def test_local_maps(name, data):
    arrays, rng = arguments_of(data.draw, name)
    primitive = cases.REGISTERED[name]
    output = primitive.forward(*arrays)
    for k, x in enumerate(arrays):
        local = primitive.local_map(k, output, tuple(arrays), {})
        if primitive.partials[k] is None:
            assert local.structure == "Zero"
            continue
        dense = truth.elementwise_jacobian(numeric_partial(name, arrays, k), x.shape, np.shape(output))
        tolerance = 1e-9 if cases.CASES[name].analytic else 1e-6
        truth.check_map(local, rng, dense, tolerance)


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=20)
@given(data=st.data())
def test_gradients_have_the_shape_and_dtype_of_their_arguments(name, data):
    arrays, rng = arguments_of(data.draw, name)
    precisions = [data.draw(st.sampled_from([np.float32, np.float64])) for _ in arrays]
    arrays = [a if a.dtype == bool else a.astype(p) for a, p in zip(arrays, precisions, strict=True)]
    primitive = cases.REGISTERED[name]
    plain = primitive.ufunc(*arrays)
    kinds = [type(a) for a in arrays]
    first = 1 if name == "where" else 0
    function = primitive if first == 0 else lambda *rest: primitive(arrays[0], *rest)

    output, pullback = sg.vjp(function, *arrays[first:])
    assert np.shape(output) == np.shape(plain)
    assert np.asarray(output).dtype == plain.dtype
    np.testing.assert_array_equal(np.asarray(output), plain)
    adjoints = pullback(rng.standard_normal(np.shape(plain)))
    for x, adjoint, kind in zip(arrays[first:], adjoints, kinds[first:], strict=True):
        assert isinstance(adjoint, kind)
        assert (adjoint.shape, adjoint.dtype) == (x.shape, x.dtype)

    tangents = tuple(rng.standard_normal(a.shape) for a in arrays[first:])
    _, tangent = sg.jvp(function, tuple(arrays[first:]), tangents)
    assert np.shape(tangent) == np.shape(plain)
    assert np.asarray(tangent).dtype == plain.dtype


@pytest.mark.parametrize("name", NAMES)
def test_floats_stay_floats(name):
    rng = np.random.default_rng(3)
    domain, primitive = cases.CASES[name], cases.REGISTERED[name]
    for _ in range(20):
        arguments = [float(a) for a in domain.draw(rng, [()] * len(domain.intervals))]
        if not domain.is_safe(arguments):
            continue
        expected = float(primitive.ufunc(*arguments))
        value, pullback = sg.vjp(primitive, *arguments)
        assert type(value) is float
        assert value == pytest.approx(expected, rel=1e-14, abs=1e-15)
        adjoints = pullback(0.7)
        assert all(type(a) is float for a in adjoints)
        _, tangent = sg.jvp(primitive, tuple(arguments), (0.3,) * len(arguments))
        assert type(tangent) is float
        assert tangent == pytest.approx(0.3 * sum(adjoints) / 0.7, rel=1e-12, abs=1e-14)
        for k, adjoint in enumerate(adjoints):
            if primitive.partials[k] is not None:
                tolerance = 1e-12 if domain.analytic else 1e-6
                assert adjoint / 0.7 == pytest.approx(
                    float(numeric_partial(name, arguments, k)), rel=tolerance, abs=1e-7
                )


@pytest.mark.parametrize("name", NAMES)
def test_integers_in_scalars_count_as_floats(name):
    domain, primitive = cases.CASES[name], cases.REGISTERED[name]
    numbers = [next((n for n in (2, 1, 0, -1) if low < n < high), 1) for low, high in domain.intervals]
    plain = primitive(*numbers)
    assert type(plain) is float
    value, _ = sg.vjp(primitive, *numbers)
    assert type(value) is float
    assert value == plain == pytest.approx(float(primitive.ufunc(*map(float, numbers))))


@pytest.mark.parametrize("name", NAMES)
def test_both_scalar_ways_agree_with_the_array_way_at_the_edges(name):
    primitive = cases.REGISTERED[name]
    edges = [0.0, -0.0, 1.0, -1.0, 0.5, -0.5, 1.5, 2.0, -3.0, 1e300, -1e300, 1e-300, 800.0, np.inf, -np.inf, np.nan]
    grid = np.stack(np.meshgrid(*[edges] * len(primitive.partials), indexing="ij")).reshape(len(primitive.partials), -1)
    with np.errstate(all="ignore"):
        expected = np.asarray(primitive.ufunc(*grid), float)
        for column, theirs in zip(grid.T, expected, strict=True):
            ours = primitive(*map(float, column))
            assert type(ours) is float
            np.testing.assert_allclose(ours, theirs, rtol=1e-14, err_msg=f"{name}{tuple(column)}")
