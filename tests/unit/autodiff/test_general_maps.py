"""The local Jacobians of the primitives that are not elementwise, as NumPy's functions record them."""

import general_cases as cases
import numpy as np
import pytest
import truth
from hypothesis import given, settings
from hypothesis import strategies as st

import stepgrad as sg
from stepgrad.autodiff.sweeps import in_order, values_of
from stepgrad.autodiff.tensor import Level, Tensor, leaf

NAMES = sorted(cases.CASES)


def recorded(f, arrays):
    """The nodes that f records on Tensors of these arrays, without the inputs."""
    level = Level()
    output = f(*[leaf(x, level) for x in arrays])
    return [node for node in in_order([output]) if node.arguments], output


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=30)
@given(data=st.data())
def test_local_maps(name, data):
    f, arrays = cases.CASES[name](data.draw)
    nodes, output = recorded(f, arrays)
    np.testing.assert_allclose(output.value, f(*arrays), rtol=1e-12, atol=1e-13)
    rng = np.random.default_rng(0)
    for node in nodes:
        inputs = values_of(node)
        for k, argument in enumerate(node.arguments):
            if type(argument) is not Tensor:
                continue
            local = node.primitive.local_map(k, node.value, inputs, node.parameters)
            analytic = node.primitive.name not in (*cases.NOT_ANALYTIC, "absolute", "sign", "where")
            dense = truth.dense_jacobian(varied(node, inputs, k), inputs[k], analytic)
            truth.check_map(local, rng, dense, 1e-9 if analytic else 1e-6)


def varied(node, inputs, k):
    """The node's primitive as a plain function of its argument k."""
    return lambda x: node.primitive.forward(*inputs[:k], x, *inputs[k + 1 :], **node.parameters)


@pytest.mark.parametrize("name", NAMES)
def test_each_case_records_its_primitive(name):
    seen = set()

    @settings(max_examples=20, database=None)
    @given(data=st.data())
    def record(data):
        f, arrays = cases.CASES[name](data.draw)
        seen.update(node.primitive.name for node in recorded(f, arrays)[0])

    record()
    assert name in seen


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=15)
@given(data=st.data())
def test_gradients_have_the_shape_and_dtype_of_their_arguments(name, data):
    f, arrays = cases.CASES[name](data.draw)
    precisions = [data.draw(st.sampled_from([np.float32, np.float64])) for _ in arrays]
    arrays = [a.astype(p) for a, p in zip(arrays, precisions, strict=True)]
    plain = f(*arrays)
    output, pullback = sg.vjp(f, *arrays)
    assert (np.shape(output), np.asarray(output).dtype) == (np.shape(plain), np.asarray(plain).dtype)
    cotangent = np.ones(np.shape(output))
    for x, adjoint in zip(arrays, pullback(cotangent), strict=True):
        assert type(adjoint) is np.ndarray
        assert (adjoint.shape, adjoint.dtype) == (x.shape, x.dtype)
    _, tangent = sg.jvp(f, tuple(arrays), tuple(np.ones(a.shape) for a in arrays))
    assert (np.shape(tangent), np.asarray(tangent).dtype) == (np.shape(plain), np.asarray(plain).dtype)


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=15)
@given(data=st.data())
def test_gradients_of_a_projection_against_evaluation(name, data):
    f, arrays = cases.CASES[name](data.draw)
    weights = np.random.default_rng(5).standard_normal(np.shape(f(*arrays)))

    def project(*inputs):
        return np.sum(f(*inputs) * weights)

    gradients = sg.grad(project, tuple(range(len(arrays))))(*arrays)
    for k, (x, gradient) in enumerate(zip(arrays, gradients, strict=True)):
        numeric = truth.dense_jacobian(lambda v, k=k: project(*arrays[:k], v, *arrays[k + 1 :]), x, analytic=False)
        np.testing.assert_allclose(np.ravel(gradient), numeric[0], rtol=1e-6, atol=1e-7)


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=8)
@given(data=st.data())
def test_second_order(name, data):
    f, arrays = cases.CASES[name](data.draw)
    sg.check_grad(lambda *inputs: np.sin(f(*[x * x for x in inputs])), *arrays, order=2)
