"""compile_grad: always what grad gives, whatever the arguments are and whichever branch is taken."""

import elementwise_cases
import general_cases
import numpy as np
import pytest
import random_functions
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, mutually_broadcastable_shapes

import stepgrad as sg
from stepgrad import nn
from stepgrad.autodiff.trees import flatten
from stepgrad.tracing.programs import compiled


def check(f, compiled_grad, *args, argnums=0):
    """The compiled gradient is the gradient: in structure, kinds, shapes, dtypes and numbers."""
    with np.errstate(all="ignore"):
        expected, found = sg.grad(f, argnums)(*args), compiled_grad(*args)
    theirs, ours = flatten(expected)[0], flatten(found)[0]
    assert len(theirs) == len(ours)
    for a, b in zip(theirs, ours, strict=True):
        assert type(a) is type(b)
        assert np.shape(a) == np.shape(b)
        assert np.asarray(a).dtype == np.asarray(b).dtype
        rounding = 1e-4 if np.asarray(a).dtype == np.float32 else 1e-12
        bound = rounding * max(1.0, float(np.max(np.abs(a), initial=0.0, where=np.isfinite(a))))
        np.testing.assert_allclose(b, a, rtol=rounding, atol=bound)


class Calls:
    """A function that counts how often it is called."""

    def __init__(self, f):
        self.f = f
        self.count = 0

    def __call__(self, *args):
        self.count += 1
        return self.f(*args)


def lecture(x1, x2):
    return x1 * x2 + np.sin(x1)


def test_the_lectures_example():
    g = sg.compile_grad(lecture, 2.0, 3.0, argnums=(0, 1))
    assert g(2.0, 3.0) == sg.grad(lecture, (0, 1))(2.0, 3.0) == (2.5838531634528574, 2.0)
    assert "        return (cos(x1) + x2, x1)\n" in g.source
    assert sg.compile_grad(lecture, 2.0, 3.0)(2.0, 3.0) == 2.5838531634528574
    assert sg.compile_grad(lecture, 2.0, 3.0, argnums=-1)(2.0, 3.0) == 2.0
    both = sg.compile_grad(lecture, 2.0, 3.0, argnums=(0, 1), with_value=True)
    assert both(0.5, 4.0) == sg.value_and_grad(lecture, (0, 1))(0.5, 4.0)


def test_f_is_not_called_again():
    f = Calls(lecture)
    g = sg.compile_grad(f, 2.0, 3.0)
    count = f.count
    for x in np.linspace(-2, 2, 20):
        assert g(float(x), 1.5) == sg.grad(lecture)(float(x), 1.5)
        assert g(x, np.float64(1)) == sg.grad(lecture)(float(x), 1.0)  # numbers of other types
    assert f.count == count


@pytest.mark.parametrize("name", sorted(elementwise_cases.CASES))
@settings(max_examples=4, deadline=None)
@given(data=st.data())
def test_every_elementwise_primitive(name, data):
    domain, primitive = elementwise_cases.CASES[name], elementwise_cases.REGISTERED[name]
    count = len(domain.intervals)
    shapes = data.draw(mutually_broadcastable_shapes(num_shapes=count, max_dims=2, min_side=1, max_side=3))
    rng = np.random.default_rng(data.draw(st.integers(0, 2**32)))
    first = 1 if name == "where" else 0

    def f(*x):
        return np.sum(np.cos(primitive(x[0] > 0, *x[1:]) if first else primitive(*x)))

    points = [domain.draw(rng, shapes.input_shapes) for _ in range(2)]
    assume(all(map(domain.is_safe, points)))
    argnums = tuple(range(first, count))
    g = sg.compile_grad(f, *points[0], argnums=argnums)
    for point in points:
        check(f, g, *point, argnums=argnums)


@pytest.mark.parametrize("name", sorted(elementwise_cases.CASES))
def test_every_elementwise_primitive_on_numbers(name):
    """To the last bit, also at kinks, outside of domains and where numbers overflow."""
    primitive = elementwise_cases.REGISTERED[name]
    count = len(primitive.partials)
    edges = [0.0, -0.0, 1.0, -1.0, 0.5, -1.5, 2.0, -3.0, 1e300, 1e-300, 800.0, np.inf, -np.inf, np.nan]
    grid = np.stack(np.meshgrid(*[edges] * count, indexing="ij")).reshape(count, -1).T
    first = 1 if name == "where" else 0

    def f(*x):
        return primitive(x[0] > 0, *x[1:]) * 0.7 if first else primitive(*x) * 0.7

    argnums = tuple(range(first, count))
    g, exact = sg.compile_grad(f, *[0.5] * count, argnums=argnums), sg.grad(f, argnums)
    for point in grid[:: max(1, len(grid) // 200)]:
        x = list(map(float, point))
        np.testing.assert_array_equal(g(*x), exact(*x), err_msg=f"{name}{tuple(x)}")


@pytest.mark.parametrize("name", sorted(general_cases.CASES))
@settings(max_examples=6, deadline=None)
@given(data=st.data())
def test_every_other_primitive(name, data):
    function, arrays = general_cases.CASES[name](data.draw)
    argnums = tuple(range(len(arrays)))

    def f(*x):
        return np.sum(np.sin(function(*x)))

    g = sg.compile_grad(f, *arrays, argnums=argnums)
    check(f, g, *arrays, argnums=argnums)
    check(f, g, *[x[::-1] * 1.1 if x.ndim else x * 1.1 for x in arrays], argnums=argnums)  # other entries are largest
    check(f, g, *[np.round(x) for x in arrays], argnums=argnums)  # with zeros and ties among them


@pytest.mark.parametrize("name", random_functions.PRIMITIVES)
def test_random_functions(name):
    """Each at the example and elsewhere, and in another precision."""

    @settings(max_examples=-(-158 // len(random_functions.PRIMITIVES)), database=None, deadline=None)
    @given(data=st.data())
    def run(data):
        shape = data.draw(array_shapes(min_dims=0, max_dims=3, min_side=1, max_side=3))
        function, x = random_functions.function(data.draw, shape, name)

        def f(x):
            return np.sum(np.sin(function(x)))

        g = sg.compile_grad(f, x)
        check(f, g, x)
        check(f, g, np.cos(3 * x))
        check(f, g, x.astype(np.float32))

    run()


@pytest.mark.parametrize("index", [..., (), None, (None, ...)])
@pytest.mark.parametrize("x", [2.0, np.array(2.0)])
def test_a_number_can_be_indexed(index, x):
    def f(x):
        return np.sum(np.sin(x[index]))

    assert sg.compile_grad(f, x)(x) == sg.grad(f)(x) == np.cos(2.0)


# Branches -------------------------------------------------------------------------------------------------------------
def newton(x, n):
    y = 1.0
    for _ in range(n):
        y = y - (y * y - x) / (2 * y)
        if abs(y * y - x) < 1e-12:
            break
    return y if y > 1 else y * y


def test_a_branch_that_differs_is_recorded_anew():
    f = Calls(newton)
    g = sg.compile_grad(f, 2.0, 10)
    for x in (2.0, 3.0, 0.5, 1e6, 2.0, 0.1):
        for n in (1, 3, 10):
            assert g(x, n) == sg.grad(newton)(x, n)
    count = f.count
    for x in (2.0, 0.5, 1e6):
        assert g(x, 10) == sg.grad(newton)(x, 10)
    assert f.count == count  # a program for each is there


def test_a_branch_without_the_argument():
    def f(x):
        return np.sqrt(x) if x > 0 else 0.0

    for example in (1.0, -1.0):
        g = sg.compile_grad(f, example)
        assert [g(4.0), g(-4.0), g(0.25)] == [0.25, 0.0, 1.0]


def test_a_condition_entry_by_entry_is_part_of_the_program():
    def leaky(W, x):
        y = x @ W
        return np.mean(np.where(y > 0, y, 0.1 * y) ** 2)

    rng = np.random.default_rng(0)
    f = Calls(leaky)
    g = sg.compile_grad(f, rng.standard_normal((3, 2)), rng.standard_normal((5, 3)))
    count = f.count
    for _ in range(5):
        point = rng.standard_normal((3, 2)), rng.standard_normal((5, 3))
        check(leaky, g, *point)
    assert f.count == count


ESCAPES = {
    "a mask combined": lambda x: np.sum(np.where((x > 0) & (x < 1), x, x * x)),
    "a mask counted": lambda x: np.sum(np.where(x > 0, x, x * x)) * np.sum(x > 0),
    "a mask as an index": lambda x: np.sum(x[x > 0] ** 2),
    "a mask multiplied": lambda x: np.sum(x * (x > 0)),
    "any": lambda x: np.sum(x) if np.any(x > 1.5) else np.sum(x * x),
    "all": lambda x: np.sum(x) if (x > -1).all() else np.sum(x * x),
    "argmax": lambda x: x[np.argmax(x)] ** 2,
    "argsort": lambda x: np.sum(x[np.argsort(x)] * np.arange(4.0)),
    "isfinite": lambda x: np.sum(x * x) if np.isfinite(np.log(x)).all() else np.sum(x),
    "where with one argument": lambda x: np.sum(x[np.where(x > 0)] ** 2),
    "a number as a condition": lambda x: np.sum(np.where(np.maximum(x, 0), x, 3 * x)),
    "max of two": lambda x: max(x[0], x[1]) * min(x[2], x[3]),
    "sorted": lambda x: sorted(x)[1] ** 2,
    "truth": lambda x: np.sum(x) if np.maximum(x[0], 0) else np.prod(x),
    "equality": lambda x: np.sum(x) if x[0] == 1 else np.sum(x * x),
    "norm at zero": lambda x: np.linalg.norm(np.maximum(x, 0)) + np.linalg.norm(np.maximum(x, 0), 3),
    "std of equal entries": lambda x: np.std(np.maximum(x, 0)),
    "powers of zero": lambda x: np.sum(np.maximum(x, 0) ** np.maximum(x[::-1], 0)),
    "product with zeros": lambda x: np.prod(np.maximum(x, 0)) + np.prod(np.maximum(x[:2], 0)),
    "a derivative inside": lambda x: np.sum(sg.grad(lambda v: np.sum(np.where(v > 0, v, v * v) * np.max(v)))(x)),
    "a derivative of sorting inside": lambda x: np.sum(sg.grad(lambda v: np.sort(v)[0] * np.sort(v)[1] ** 2)(x)),
    "a branch in a derivative inside": lambda x: sg.grad(lambda v: v * v if v > 0 else v**3)(x[0]),
    "log-softmax": lambda x: nn.log_softmax(1000 * x)[1],
    "pooling": lambda x: np.sum(nn.max_pool2d(np.reshape(x, (1, 1, 2, 2)), 2) ** 2),
}


@pytest.mark.parametrize("name", ESCAPES)
def test_nothing_that_depends_on_values_is_lost(name):
    """Wherever else a function looks at values, other values are noticed."""
    f = ESCAPES[name]
    points = [
        np.array(p)
        for p in ([0.5, -1.0, 2.0, 0.25], [1.0, 0.3, -2.0, -0.5], [-1.0, -2.0, -0.5, -3.0], [2.0, 1.0, 3.0, 4.0])
    ] + [np.zeros(4), np.ones(4)]
    g = sg.compile_grad(f, points[0])
    for point in points + points[::-1]:
        check(f, g, point)


# Arguments ------------------------------------------------------------------------------------------------------------
def test_other_shapes_and_dtypes():
    def f(x, y):
        return np.sum(np.tanh(x * y))

    g = sg.compile_grad(f, np.ones(3), 2.0, argnums=(0, 1))
    rng = np.random.default_rng(0)
    for shape in ((3,), (2, 3), (), (0,)):
        for dtype in (np.float32, np.float64):
            for y in (0.5, rng.standard_normal((1,)), rng.standard_normal((2, 1)).astype(dtype)):
                check(f, g, rng.standard_normal(shape).astype(dtype), y, argnums=(0, 1))
    check(f, g, 0.5, 1.5, argnums=(0, 1))
    check(f, g, np.float32(0.5), 1.5, argnums=(0, 1))
    check(f, g, 1, 2, argnums=(0, 1))
    with pytest.raises(TypeError, match="this array holds integers"):
        g(np.arange(3), 1.0)


def test_containers():
    def f(parameters, x, labels):
        return nn.softmax_cross_entropy(np.tanh(x @ parameters["W"]) + parameters["b"][0], labels)

    rng = np.random.default_rng(0)

    def point():
        parameters = {"W": rng.standard_normal((3, 4)), "b": [rng.standard_normal(4), 1.0]}
        return parameters, rng.standard_normal((6, 3)), rng.integers(0, 4, 6)

    g = sg.compile_grad(f, *point())
    for _ in range(3):
        check(f, g, *point())
    both = sg.compile_grad(f, *point(), argnums=(1, 0), with_value=True)
    value, (by_x, by_parameters) = both(*(there := point()))
    np.testing.assert_allclose(value, f(*there))
    assert by_x.shape == (6, 3)
    assert by_parameters["b"][1] == 0.0


def test_other_arguments_are_what_f_wants_them_to_be():
    def f(x, power, name, step):
        return np.sum(x**power) * (2.0 if name == "two" else 1.0) * float(step)

    g = sg.compile_grad(f, np.ones(2), 2, "two", 0.5)
    for power in (2, 3):
        for name in ("one", "two"):
            for step in (0.5, 0.25):
                check(f, g, np.array([1.0, 2.0]), power, name, step)


def test_a_function_that_asks_for_types():
    def f(x, y):
        return np.sum(x * y) if isinstance(y, np.ndarray) else np.sum(x * x)

    g = sg.compile_grad(f, np.ones(3), np.arange(3.0))
    for y in (np.arange(3.0), np.ones(3), 2.0):
        check(f, g, np.ones(3), y)


def test_gradients_are_arrays_of_their_own():
    c = np.arange(3.0)
    for f in (np.sum, lambda x: np.sum(x * c), lambda x: c @ x, lambda x: np.sum(x + x[::-1])):
        x = np.ones(3)
        g = sg.compile_grad(f, x)
        first = g(x)
        first += 100
        check(f, g, x)
    a, b = sg.compile_grad(lambda a, b: np.sum(a + b), x, x, argnums=(0, 1))(x, x)
    a += 1
    assert np.array_equal(b, np.ones(3))
    assert np.array_equal(x, np.ones(3))


def test_it_can_be_differentiated():
    def f(x):
        return np.sum(np.sin(x) * x**2)

    x = np.array([0.5, 1.5])
    g = sg.compile_grad(f, x)
    np.testing.assert_allclose(sg.jacobian(g)(x), sg.hessian(f)(x), rtol=1e-14)
    second = sg.compile_grad(lambda x: np.sum(g(x) ** 2), x)
    check(lambda x: np.sum(sg.grad(f)(x) ** 2), second, x)


def test_a_function_of_what_another_differentiation_depends_on():
    def outer(a):
        return sg.compile_grad(lambda x: x * x * a, 3.0)(3.0)

    assert sg.grad(outer)(2.0) == 6.0


def test_a_long_chain():
    def f(x):
        for i in range(3000):
            x = np.sin(x) + 1e-3 * i / (1 + x * x)
        return x

    g = sg.compile_grad(f, 0.5)
    assert g(0.7) == sg.grad(f)(0.7)


def test_only_so_many_programs_are_kept(monkeypatch):
    monkeypatch.setattr(compiled, "MOST", 3)
    f = Calls(lambda x, n: x**n)
    g = sg.compile_grad(f, 2.0, 0)
    for n in (*range(1, 6), *range(6)):
        assert g(3.0, n) == sg.grad(lambda x, n=n: x**n)(3.0)


def test_a_function_that_is_never_the_same():
    state = {"calls": 0}

    def f(x):
        state["calls"] += 1
        return x * 2 if x > state["calls"] else x * 2 + 0

    g = sg.compile_grad(f, 0.5)
    assert [g(x) for x in (0.5, 1e9, 3.0)] == [2.0, 2.0, 2.0]


def test_wrong_calls_are_refused_with_grads_sentences():
    with pytest.raises(TypeError, match="what can be compiled is a function, not str"):
        sg.compile_grad("x1*x2", 1.0, 2.0)
    with pytest.raises(ValueError, match="needs an example of each argument"):
        sg.compile_grad(lecture)
    with pytest.raises(ValueError, match="needs a function with one scalar output"):
        sg.compile_grad(np.sin, np.ones(3))
    with pytest.raises(ValueError, match="argnums names argument 2"):
        sg.compile_grad(lecture, 1.0, 2.0, argnums=2)
    with pytest.raises(TypeError, match="integers"):
        sg.compile_grad(np.sum, np.arange(3))
    with pytest.raises(IndexError):
        sg.compile_grad(lambda x: x * (1.0, 2.0)[int(x.ndim) + 2], 1.0)
    g = sg.compile_grad(lecture, 1.0, 2.0)
    with pytest.raises(TypeError, match="positional argument"):
        g(1.0)


def test_an_expression_can_be_compiled():
    f = sg.expression("x1*x2 + sin(x1)")
    assert sg.compile_grad(f, 2, 3, argnums=(0, 1))(2, 3) == (2.5838531634528574, 2.0)
