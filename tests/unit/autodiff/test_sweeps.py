"""The sweeps: deep graphs without recursion, shared nodes visited once, memory let go of, no circles left behind."""

import gc
import sys
import threading
import time
import tracemalloc
import weakref

import numpy as np
import pytest

import stepgrad as sg
from stepgrad import Tensor
from stepgrad.autodiff.derivatives import Linearization
from stepgrad.autodiff.primitive import Binary, General, Unary
from stepgrad.autodiff.sweeps import in_order


def on_a_small_stack(work):
    """Runs `work` in a thread with little stack, where recursion over a deep graph would crash; gives its result."""
    outcome = []
    before = threading.stack_size(256 * 1024)
    try:
        thread = threading.Thread(target=lambda: outcome.append(work()))
        thread.start()
        thread.join()
    finally:
        threading.stack_size(before)
    (result,) = outcome
    return result


# Depth ----------------------------------------------------------------------------------------------------------------
DEPTH = 100_000


def chain(x):
    for _ in range(DEPTH // 2):
        x = np.sin(x) + 0.1
    return x


def slope_of_chain(x):
    slope = 1.0
    for _ in range(DEPTH // 2):
        slope *= np.cos(x)
        x = np.sin(x) + 0.1
    return slope


@pytest.mark.parametrize(
    "differentiate",
    [
        lambda: sg.grad(chain)(0.5),
        lambda: sg.value_and_grad(chain)(0.5)[1],
        lambda: sg.jvp(chain, (0.5,), (1.0,))[1],
        lambda: sg.vjp(chain, 0.5)[1](1.0)[0],
    ],
    ids=["grad", "value_and_grad", "jvp", "vjp"],
)
def test_a_chain_of_a_hundred_thousand_operations(differentiate):
    started = time.perf_counter()
    assert on_a_small_stack(differentiate) == pytest.approx(slope_of_chain(0.5), rel=1e-9)
    assert time.perf_counter() - started < 20  # a second or so; far more would mean that a sweep isn't linear


def test_a_deep_graph_is_let_go_of_without_recursion():
    def work():
        x = Tensor(0.5)
        y = chain(x)
        y.backward()
        node = weakref.ref(y)
        del y
        return node(), x.grad

    assert on_a_small_stack(work) == (None, pytest.approx(slope_of_chain(0.5), rel=1e-9))


def test_a_deep_chain_of_arrays():
    def f(x):
        for _ in range(5_000):
            x = x[::-1] * 1.001 + np.zeros(3)
        return np.sum(x)

    np.testing.assert_allclose(sg.grad(f)(np.ones(3)), 1.001**5000)
    np.testing.assert_allclose(sg.jvp(f, (np.ones(3),), (np.ones(3),))[1], 3 * 1.001**5000)


def test_a_deep_chain_differentiated_twice():
    def f(x):
        for _ in range(2_000):
            x = x * 1.0001
        return x * x

    assert on_a_small_stack(lambda: sg.grad(sg.grad(f))(1.0)) == pytest.approx(2 * 1.0001**4000)


# Sharing --------------------------------------------------------------------------------------------------------------
def counting(calls):
    """An addition whose rule counts how often it is asked."""

    def rule(*_):
        calls.append(1)
        return 1.0

    return Binary("counting", np.add, lambda a, b: a + b, (rule, rule))


@pytest.mark.parametrize("start", [1.0, np.ones(2)], ids=["float", "array"])
def test_forty_doublings_are_forty_steps(start):
    calls = []
    add = counting(calls)

    def f(x):
        for _ in range(40):
            x = add(x, x)
        return x

    linear = Linearization(f, (start,))
    assert len(linear.nodes) == 40
    np.testing.assert_array_equal(linear.pull([start])[0], 2.0**40 * start)
    assert len(calls) == 80
    calls.clear()
    np.testing.assert_array_equal(linear.push([start])[0], 2.0**40 * start)
    assert len(calls) == 80
    doubled = Tensor(start)
    y = f(doubled)
    assert len(in_order([y])) == 41
    y.backward(start)
    np.testing.assert_array_equal(doubled.grad, 2.0**40 * start)


def test_doubling_a_hundred_times_in_every_mode():
    def f(x):
        for _ in range(100):
            x = x + x
        return x

    assert sg.grad(f)(1.0) == sg.jvp(f, (1.0,), (1.0,))[1] == sg.jacobian(f, mode="forward")(1.0) == 2.0**100
    assert sg.hessian(lambda x: f(x) * x)(1.0) == 2.0**101


def test_diamonds():
    def f(x):
        for _ in range(30):
            left, right = np.sin(x), np.cos(x)
            x = left * left + right * right * x
        return x

    slope = (f(0.5 + 1e-6) - f(0.5 - 1e-6)) / 2e-6
    assert sg.grad(f)(0.5) == pytest.approx(slope, rel=1e-6)
    assert sg.jvp(f, (0.5,), (1.0,))[1] == pytest.approx(slope, rel=1e-6)


def test_wide_fan_out_and_fan_in():
    n = 5_000
    f = lambda x: sum(x * k for k in range(n))  # noqa: E731
    assert sg.grad(f)(1.0) == n * (n - 1) / 2
    g = lambda v: np.sum(np.stack([np.sin(v)] * 500) * np.arange(500.0)[:, None])  # noqa: E731
    np.testing.assert_allclose(sg.grad(g)(np.zeros(2)), [500 * 499 / 2] * 2)


def test_only_what_leads_to_the_output_is_swept():
    calls = []
    add = counting(calls)

    def f(x):
        for _ in range(10):
            add(x, x)  # of no use
        return x * 2

    assert sg.grad(f)(1.0) == 2.0
    assert sg.jvp(f, (1.0,), (1.0,))[1] == 2.0
    assert calls == []


# Memory ---------------------------------------------------------------------------------------------------------------
SIZE, STEPS = 50_000, 60
ONE = 8 * SIZE


def wave(x):
    for _ in range(STEPS):
        x = np.sin(x)
    return x


def peak_of(work):
    """How much memory `work` takes at once, in arrays of SIZE."""
    gc.collect()
    tracemalloc.start()
    try:
        work()
        return tracemalloc.get_traced_memory()[1] / ONE
    finally:
        tracemalloc.stop()


def test_a_reverse_sweep_lets_go_of_adjoints():
    x = np.ones(SIZE)
    linear = Linearization(wave, (x,))
    assert peak_of(lambda: linear.pull([x])) < 6


def test_a_forward_sweep_lets_go_of_tangents():
    x = np.ones(SIZE)
    linear = Linearization(wave, (x,))
    assert peak_of(lambda: linear.push([x])) < 6


def test_an_adjoint_is_gone_once_it_was_pulled_back():
    alive = []

    def rule(y, x):
        return lambda_map(np.shape(x))

    def lambda_map(shape):
        from stepgrad.autodiff.linear_maps import Diagonal

        class Watching(Diagonal):
            def transpose(self):
                return self

            def apply(self, tangent):
                result = np.array(tangent)
                alive.append((weakref.ref(result), sum(ref() is not None for ref, _ in alive)))
                return result

        return Watching(1.0, shape)

    watched = General("watched", lambda x: x + 0.0, (rule,))

    def f(x):
        for _ in range(10):
            x = watched(x)
        return x

    linear = Linearization(f, (np.ones(3),))
    linear.pull([np.ones(3)])
    assert max(count for _, count in alive) <= 2
    alive.clear()
    linear.push([np.ones(3)])
    assert max(count for _, count in alive) <= 2


def differentiations():
    x, w = np.ones((3, 2)), np.ones((2, 2))
    f = lambda a, b: np.sum(np.tanh(a @ b) + np.max(a, axis=0)) + np.linalg.norm(b)  # noqa: E731
    return {
        "grad": lambda: sg.grad(f, (0, 1))(x, w),
        "scalars": lambda: sg.grad(lambda a, b: a * b + np.sin(a))(2.0, 3.0),
        "vjp": lambda: sg.vjp(f, x, w)[1](1.0),
        "jvp": lambda: sg.jvp(f, (x, w), (x, w)),
        "jacobian": lambda: sg.jacobian(f)(x, w),
        "hessian": lambda: sg.hessian(lambda b: f(x, b))(w),
        "nested": lambda: sg.grad(lambda a: sg.grad(lambda b: a * b**3)(a))(2.0),
        "backward": lambda: np.sum(Tensor(x) @ w).backward(),
        "trees": lambda: sg.grad(lambda p: p["w"][0] * p["b"])({"w": (1.0, None), "b": 2.0}),
    }


@pytest.mark.parametrize("name", differentiations())
def test_no_circles_are_left_behind(name):
    work = differentiations()[name]
    work()
    gc.collect()
    gc.disable()
    try:
        work()
        assert gc.collect() == 0
    finally:
        gc.enable()


def test_the_graph_is_gone_when_the_result_is_there():
    nodes = []

    def f(x):
        y = np.sin(x)
        nodes.extend([weakref.ref(x), weakref.ref(y)])
        return np.sum(y * y)

    gc.disable()
    try:
        for differentiate in (
            sg.grad(f),
            lambda x: sg.jvp(f, (x,), (x,)),
            sg.jacobian(f),
            lambda x: sg.vjp(f, x)[1](1.0),
        ):
            differentiate(np.ones(3))
            assert [ref() for ref in nodes] == [None] * len(nodes)
        with pytest.raises(ValueError, match="scalar"):
            sg.grad(lambda x: f(x) * x)(np.ones(3))
    finally:
        gc.enable()


def test_a_node_is_light():
    x = Tensor(1.0) * 2.0
    assert sys.getsizeof(x) <= 120
    assert not hasattr(x, "__dict__")
    assert Unary("u", np.sin, np.sin, (0,)).arity == 1
