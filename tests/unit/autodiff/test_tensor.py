"""What a Tensor is: values, kinds, names, truth, iteration, printing."""

import numpy as np
import pytest

import stepgrad as sg
from stepgrad import Tensor


@pytest.mark.parametrize(
    ("given", "kind", "dtype"),
    [
        (2.0, float, np.float64),
        (2, float, np.float64),
        (np.float64(2), float, np.float64),
        (np.int32(2), None, None),
        (np.float32(2), np.float32, np.float32),
        (np.array(2.0), np.ndarray, np.float64),
        (np.ones(3, np.float16), np.ndarray, np.float16),
        ([1.0, 2.0], np.ndarray, np.float64),
        (((1.0,), (2.0,)), np.ndarray, np.float64),
        (np.ones((0, 3)), np.ndarray, np.float64),
    ],
)
def test_values(given, kind, dtype):
    if kind is None:
        with pytest.raises(TypeError, match="integers"):
            Tensor(given)
        return
    t = Tensor(given)
    assert type(t.value) is kind
    assert t.dtype == dtype
    assert (t.shape, t.ndim, t.size) == (np.shape(given), np.ndim(given), np.size(given))


def test_names_and_printing():
    assert repr(Tensor(2.0)) == "Tensor(2.)"
    assert repr(Tensor(2.0, name="x1")) == "Tensor(2., name='x1')"
    assert repr(Tensor([1.0, 2.0])) == "Tensor([1., 2.])"
    assert repr(Tensor(1.0) + 2) == "Tensor(3.)"
    assert Tensor(1.0, "x").name == "x"
    assert (Tensor(1.0) * 2).name is None
    t = Tensor(1.0)
    t.name = "later"
    assert t.name == "later"


def test_truth_and_comparison_are_plain():
    one, zero = Tensor(1.0), Tensor(0.0)
    assert one
    assert not zero
    assert bool(Tensor(np.array([2.0]))) is True
    with pytest.raises(ValueError, match="ambiguous"):
        bool(Tensor([1.0, 2.0]))
    assert (one > zero) is True
    assert (one == 1.0) is True
    assert one != "one"
    assert one is not None
    assert one != None  # noqa: E711
    assert type(Tensor([1.0]) > 0) is np.ndarray


def test_tensors_are_keys_by_identity():
    a, b = Tensor(1.0), Tensor(1.0)
    assert len({a, b, a}) == 2
    assert {a: "a", b: "b"}[a] == "a"


def test_iteration_and_unpacking():
    rows = list(Tensor([[1.0, 2.0], [3.0, 4.0]]))
    assert [row.shape for row in rows] == [(2,), (2,)]
    a, b = Tensor([1.0, 2.0])
    assert (a.value, b.value) == (1.0, 2.0)
    assert sg.grad(lambda v: np.hypot(*v))(np.array([3.0, 4.0])).tolist() == [0.6, 0.8]
    scalar = Tensor(1.0)
    for attempt in (len, iter, list):
        with pytest.raises(TypeError, match="scalar Tensor"):
            attempt(scalar)
    with pytest.raises((IndexError, TypeError)):
        scalar[0]
    with pytest.raises(IndexError):
        a, b = Tensor([1.0]), Tensor([1.0])[3]


def test_scalars_stay_python_floats_all_the_way():
    kinds = []

    def f(x, y):
        steps = [x + y, x * 2, 3 / y, x**2, np.sin(x), np.maximum(x, y), np.clip(x, 0, 1), np.where(x > 0, x, y)]
        steps += [
            np.sum(x),
            np.mean(y),
            np.dot(x, y),
            np.stack([x, y])[0],
            abs(-x),
            x % 2,
            np.linalg.norm(x),
            np.prod(y),
        ]
        kinds.extend(type(t.value) for t in steps)
        return sum(steps)

    gradient = sg.grad(f, (0, 1))(1.5, 2.5)
    assert set(kinds) == {float}
    assert [type(g) for g in gradient] == [float, float]
    assert all(type(t) is float for t in sg.jvp(f, (1.5, 2.5), (1.0, 0.0)))


def test_numpy_scalars_meet_tensors_from_either_side():
    t, a = Tensor(2.0), Tensor([1.0, 2.0])
    for number in (np.float64(3), np.float32(3), np.int64(3), 3, True, np.array(3.0)):
        for result, expected in [
            (number * t, number * 2.0),
            (t - number, 2.0 - number),
            (number / a, number / a.value),
        ]:
            assert type(result) is Tensor
            np.testing.assert_allclose(result.value, expected)
        assert (number > t) == (number > 2.0)


def test_arrays_meet_tensors_from_either_side():
    t, array = Tensor(2.0), np.array([1.0, 2.0])
    for result in (array + t, array * t, array - t, array / t, array**t, array % t, array @ Tensor(array), [1, 2] * t):
        assert type(result) is Tensor
    np.testing.assert_array_equal(array < t, [True, False])


def test_casting_keeps_the_derivative():
    x = np.array([1.0, 2.0])
    gradient = sg.grad(lambda v: np.sum(v.astype(np.float32) ** 2))(x)
    assert gradient.dtype == np.float64
    np.testing.assert_array_equal(gradient, [2.0, 4.0])
    assert Tensor(x).astype("f4").dtype == np.float32
