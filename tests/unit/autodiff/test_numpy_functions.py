"""NumPy's functions on Tensors: the values that they give on arrays, with the right derivatives."""

import re

import numpy as np
import numpy_cases as cases
import pytest

import stepgrad as sg
from stepgrad.autodiff.tensor import functions, ufuncs
from stepgrad.autodiff.trees import flatten

rng = np.random.default_rng(7)
ENTRIES = rng.permutation(np.linspace(0.31, 2.17, 26)) + rng.uniform(-0.01, 0.01, 26)
INPUTS = {
    "x": ENTRIES[:6].reshape(2, 3),
    "v": ENTRIES[6:9],
    "m": ENTRIES[9:15].reshape(3, 2),
    "c": np.concatenate([ENTRIES[15:25], [0.9, 1.4]]).reshape(2, 3, 2),
    "s": float(ENTRIES[25]),
    "z": np.array(0.77),
}


def function_of(text):
    """The text as a function of the inputs that it names, and these inputs."""
    code = compile(text, text, "eval")
    names = [name for name in INPUTS if name in code.co_names or re.search(rf"\b{name}\b", text)]
    return lambda *values: eval(code, {"np": np, **dict(zip(names, values, strict=True))}), [INPUTS[n] for n in names]


@pytest.mark.parametrize("text", cases.DIFFERENTIABLE)
def test_values_and_derivatives(text):
    f, inputs = function_of(text)
    plain, _ = flatten(f(*inputs))
    ours, _ = flatten(sg.vjp(f, *inputs)[0])
    tensors, _ = flatten(f(*map(sg.Tensor, inputs)))
    assert len(plain) == len(ours) == len(tensors)
    for expected, value, tensor in zip(plain, ours, tensors, strict=True):
        assert type(tensor) is sg.Tensor
        assert (np.shape(value), np.asarray(value).dtype) == (np.shape(expected), np.asarray(expected).dtype)
        np.testing.assert_allclose(value, expected, rtol=1e-13)
        assert (tensor.shape, tensor.dtype) == (np.shape(expected), np.asarray(expected).dtype)
        assert np.shape(expected) != () or type(value) is float or type(expected) is np.ndarray
    sg.check_grad(f, *inputs)


STRONG = {"np.dot(s, x)", "np.inner(s, x)"}
"""Here NumPy takes a Python float for a float64; everywhere else it takes the dtype of what it meets, as ours do."""


@pytest.mark.parametrize("text", [text for text in cases.DIFFERENTIABLE if text not in STRONG])
def test_dtypes_with_float32_arrays(text):
    f, inputs = function_of(text)
    inputs = [x if type(x) is float else x.astype(np.float32) for x in inputs]
    expected = [np.asarray(y).dtype for y in flatten(f(*inputs))[0]]
    output, pullback = sg.vjp(f, *inputs)
    outputs, build = flatten(output)
    assert [np.asarray(y).dtype for y in outputs] == expected
    gradients = pullback(build([np.ones(np.shape(y)) for y in outputs]))
    for gradient, x in zip(gradients, inputs, strict=True):
        assert type(gradient) is type(x)
        assert type(x) is float or (gradient.dtype == np.float32 and gradient.shape == x.shape)


@pytest.mark.parametrize("text", cases.WITHOUT_DERIVATIVE)
def test_values_without_a_derivative(text):
    f, inputs = function_of(text)
    expected, value = f(*inputs), f(*map(sg.Tensor, inputs))
    assert type(value) is type(expected) or isinstance(expected, (float, int, bool, np.generic))
    assert not any(type(part) is sg.Tensor for part in flatten(value)[0])
    if isinstance(expected, tuple):
        assert len(value) == len(expected)
        assert all(np.array_equal(a, b) for a, b in zip(value, expected, strict=True))
    else:
        assert np.array_equal(value, expected)


def test_every_supported_function_stands_in_a_case():
    text = "\n".join([*cases.DIFFERENTIABLE, *cases.WITHOUT_DERIVATIVE])
    called = {
        re.sub(r"np\.linalg\.", "", name).removeprefix("np.") for name in re.findall(r"np\.(?:linalg\.)?\w+", text)
    }
    known = {f.__name__ for f in (*functions, *ufuncs)}
    aliases = {"absolute": "absolute", "amax": "max", "amin": "min", "around": "round"}
    assert {name for name in known if name not in called and aliases.get(name) not in called} == set()


def test_names_and_arrays_are_what_they_say():
    assert set(np.ravel(INPUTS["x"])).isdisjoint(np.ravel(INPUTS["v"]))
    assert len(set(np.ravel(INPUTS["c"]))) == 12
