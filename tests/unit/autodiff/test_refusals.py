"""A derivative is never dropped in silence: whatever would lose one raises, and says what to do instead."""

import math
import operator

import numpy as np
import pytest

import stepgrad as sg
from stepgrad import Tensor

X = np.array([1.0, 2.0, 3.0])
TO_PLAIN = """
float(t)
int(t)
complex(t)
round(t)
math.sin(t)
math.floor(t)
operator.index(t)
f"{t:.3f}"
"%f" % t
t.item()
t.tolist()
np.array(t)
np.array([t])
np.array([t, 1.0])
np.array([a, a])
np.array(t, dtype=object)
np.array([[t]], dtype=object)
np.asarray(t)
np.asarray(z)
np.asarray(a, dtype=np.float32)
np.asanyarray(a)
np.ascontiguousarray(a)
np.float64(t)
np.float32(z)
np.fromiter(a, float)
np.full(3, t)
np.full_like(x, t)
np.arange(t)
np.linspace(0, t)
np.array([1.0, 2.0, 3.0]).dot(a)
np.vectorize(lambda v: v * 2)(a)
np.vectorize(lambda v: v * 2)(t)
np.apply_along_axis(lambda v: v * 2, 0, a)
np.frompyfunc(lambda v: v * 2, 1, 1)(a)
np.piecewise(a, [x > 1], [1.0])
np.sum([t, t])
np.mean([t, t])
np.max([t, 1.0])
np.linalg.norm([t, t])
np.dot([t, t], [1.0, 2.0])
np.sin([t, t])
np.add([t], 1.0)
a * [t, t, t]
np.pad(a, 1, constant_values=t)
np.pad(x, 1, constant_values=t)
np.sum(x, initial=t)
np.nan_to_num(x, nan=t)
np.interp(1.5, x, a)
np.polyval([t, 1.0], 2.0)
np.r_[a, 1.0]
math.fsum([t])
bytes(a)
np.where(x > 1, [t, t, t], 0)
np.random.default_rng(0).normal(t)
np.testing.assert_allclose(a, x)
x[t]
x[z]
a[t]
a[[t]]
a[t:]
np.take(x, t)
range(t)
[1, 2][t]
"abc" * t
""".strip().splitlines()

WRITES = """
np.zeros(3).__setitem__(0, t)
np.zeros(3).__setitem__(0, z)
np.zeros(3).__setitem__(slice(None), a)
np.zeros(3).__setitem__(slice(None), t)
np.zeros(3).__setitem__(x > 1, t)
np.zeros((3, 3)).__setitem__(0, a)
np.zeros(3).__setitem__(slice(0, 2), [t, t])
np.zeros(3).fill(t)
np.zeros(3).put(0, t)
np.zeros(3).flat.__setitem__(0, t)
np.zeros(3).itemset(0, t)
np.put(np.zeros(3), 0, t)
np.place(np.zeros(3), x > 1, a)
np.putmask(np.zeros(3), x > 1, a)
np.copyto(np.zeros(3), a)
np.fill_diagonal(np.zeros((3, 3)), t)
np.put_along_axis(np.zeros(3), np.array([0]), t, 0)
np.zeros(3).__iadd__(a)
np.zeros(3).__imul__(t)
np.zeros((3, 3)).__imatmul__(np.eye(3) * t)
np.add(a, 1, out=np.zeros(3))
np.add(x, 1, out=a)
np.add(x, 1, np.zeros(3), where=a)
np.add(a, 1, where=x > 1)
np.multiply(a, a, dtype=np.float32)
np.sin(a, casting="unsafe")
np.matmul(np.eye(3), a, axes=[(0, 1), (0,), (0,)])
np.add.at(np.zeros(3), [0], t)
np.add.at(a, [0], 1.0)
np.add.reduce(a, where=x > 1)
np.add.reduce(a, out=np.zeros(()))
np.add.reduce(a, dtype=np.float32)
np.add.accumulate(a)
np.add.reduceat(a, [0, 1])
np.sum(a, out=np.zeros(()))
np.sum(a, where=x > 1)
np.sum(a, initial=5.0)
np.sum(a, dtype=np.float32)
np.sum(a, None, np.float32)
np.mean(a, where=x > 1)
np.mean(a, 0, np.float32)
np.prod(a, initial=2.0)
np.max(a, initial=9.0)
np.min(a, where=x > 1, initial=0)
np.var(a, mean=2.0)
np.std(a, out=np.zeros(()))
np.cumsum(a, 0, np.float32)
np.concatenate([a, a], out=np.zeros(6))
np.concatenate([a, a], dtype=np.float32)
np.stack([a, a], out=np.zeros((2, 3)))
np.vstack([a, a], dtype=np.float32)
np.hstack([a, a], dtype=np.float32)
np.take(a, [0], out=np.zeros(1))
np.clip(a, 0, 1, out=np.zeros(3))
np.round(a, 1, out=np.zeros(3))
np.dot(a, a, out=np.zeros(()))
np.outer(a, a, out=np.zeros((3, 3)))
np.einsum("i,i", a, a, out=np.zeros(()))
np.einsum("i,i", a, a, dtype=np.float32)
np.trace(m, out=np.zeros(()))
np.trace(m, dtype=np.float32)
np.pad(a, 1, mode="edge")
np.sort(a, order="f")
a.__setitem__(0, 1.0)
operator.delitem(a, 0)
""".strip().splitlines()

NOT_REAL = """
Tensor(np.array([1, 2]))
Tensor([1, 2])
Tensor(np.array([True]))
Tensor(True)
Tensor(1j)
Tensor(np.array([1j]))
Tensor("a")
Tensor(None)
Tensor({1.0})
Tensor(np.array([1.0], dtype=object))
Tensor(np.array(["2020"], dtype="datetime64"))
Tensor(np.ma.array([1.0, 2.0], mask=[True, False]))
Tensor(np.matrix([[1.0]]))
Tensor(t)
Tensor([t])
type("Other", (Tensor,), {})
t * np.matrix([[1.0]])
np.matrix([[1.0]]) * t
a + np.ma.array([1.0, 2.0, 3.0])
np.ma.array([1.0, 2.0, 3.0]) * a
t * 1j
t * np.complex128(1j)
np.multiply(t, 1j)
a * np.array([1j, 1, 1])
a * np.array([1, 2, 3], dtype=object)
np.where(x > 1, a, 1j)
np.concatenate([a, x * 1j])
np.dot(a, x * 1j)
t + "a"
t + None
t + {1.0}
a.astype(int)
a.astype(complex)
a.astype(bool)
np.where(x > 1, None, a)
np.where(x > 1, a)
grad(lambda v: v)(np.array([1, 2]))
grad(lambda v: v * 2)("a")
grad(lambda v: v * 2)(1j)
grad(lambda v: v * 2)(True)
jvp(lambda v: v * 2, (X,), (X * 1j,))
jvp(lambda v: v * 2, (X,), (["a", "b", "c"],))
vjp(lambda v: v * 2, X)[1](X * 1j)
a.sum().backward(1j)
""".strip().splitlines()


def names():
    leaves = {
        "t": Tensor(2.0),
        "a": Tensor(X),
        "z": Tensor(np.array(1.0)),
        "m": Tensor(np.eye(3)),
        "x": X.copy(),
        "X": X,
    }
    return {**leaves, "np": np, "math": math, "operator": operator, "Tensor": Tensor, **vars(sg.autodiff)}


@pytest.mark.filterwarnings("ignore:the matrix subclass")
@pytest.mark.parametrize("text", [*TO_PLAIN, *WRITES, *NOT_REAL])
def test_raises_instead_of_dropping_a_derivative(text):
    with pytest.raises((TypeError, ValueError, AttributeError)) as caught:
        eval(text, names())
    assert str(caught.value)


@pytest.mark.parametrize("text", ["np.array([t])", "float(t)", "a.__setitem__(0, 1.0)", "t.item()"])
def test_the_sentence_says_what_to_do(text):
    with pytest.raises((TypeError, AttributeError), match=r"np\.stack|\bt\.value|np\.where"):
        eval(text, names())


@pytest.mark.parametrize("integers", ["np.array([1, 2])", "np.array([1, 2], np.uint8)", "[1, 2]"])
def test_integers_are_refused_with_the_way_out(integers):
    with pytest.raises(TypeError, match=r"integers .*astype\(float\), or 2\.0 for 2"):
        eval(f"Tensor({integers})", names())


@pytest.mark.parametrize(
    ("call", "named", "near"),
    [
        ("np.cumprod(a)", "np.cumprod", "np.cumsum"),
        ("np.nansum(a)", "np.nansum", "np.sum"),
        ("np.fmax(a, 1)", "np.fmax", "np.max"),
        ("np.nan_to_num(a)", "np.nan_to_num", ""),
        ("np.sinc(a)", "np.sinc", "np.sin"),
        ("np.add.accumulate(a)", "np.add.accumulate", ""),
        ("np.linalg.inv(m)", "np.linalg.inv", ""),
        ("np.tile(a, 2)", "np.tile", ""),
        ("np.divmod(a, 2)", "np.divmod", ""),
        ("np.linalg.vector_norm(a)", "np.linalg.vector_norm", "np.linalg.norm"),
        ("np.fft.fft(a)", "np.fft.fft", ""),
    ],
)
def test_an_unsupported_function_is_named_with_near_ones(call, named, near):
    with pytest.raises(TypeError) as caught:
        eval(call, names())
    assert str(caught.value).startswith(f"{named} can't be differentiated by stepgrad yet.")
    assert near in str(caught.value)


class Box:
    def __init__(self, value):
        self.value = value


def object_array(value):
    array = np.empty(2, object)
    array[0], array[1] = value, 2 * value
    return array


@pytest.mark.parametrize(
    "hide",
    [Box, lambda v: {v}, lambda v: iter([v]), lambda v: lambda: v, object_array, lambda v: "s", lambda v: v.value * 1j],
    ids=["object", "set", "iterator", "closure", "object array", "string", "complex"],
)
@pytest.mark.parametrize(
    "differentiate",
    [
        lambda f: sg.grad(f)(2.0),
        lambda f: sg.jvp(f, (2.0,), (1.0,)),
        lambda f: sg.vjp(f, 2.0),
        lambda f: sg.jacobian(f)(2.0),
    ],
    ids=["grad", "jvp", "vjp", "jacobian"],
)
def test_outputs_that_could_hide_a_tensor_are_refused(hide, differentiate):
    with pytest.raises(TypeError, match="no derivative flows"):
        differentiate(hide)


def test_sums_of_object_arrays_of_tensors_work():
    assert sg.grad(lambda v: object_array(v).sum())(2.0) == 3.0


def test_a_tensor_left_behind_by_an_inner_differentiation_is_refused():
    kept = []

    def f(x):
        sg.grad(lambda y: kept.append(x * y) or x * y)(2.0)
        return kept[-1]

    with pytest.raises(TypeError, match="left behind"):
        sg.grad(f)(3.0)
    with pytest.raises(TypeError, match="left behind"):
        sg.grad(lambda x: f(x) * x)(3.0)


def test_an_object_array_of_tensors_beside_a_tensor_is_refused():
    a = Tensor(X)

    def hidden(t):
        array = np.empty(3, object)
        for i in range(3):
            array[i] = t[i]
        return array

    for f in (np.dot, np.matmul, np.multiply, np.inner, lambda v, w: np.einsum("i,i", v, w)):
        with pytest.raises(TypeError, match="object"):
            f(a, hidden(a))

    def nested(x):
        return a @ hidden(x)

    with pytest.raises(TypeError, match="object"):
        sg.grad(nested)(X)
