"""Programs: executing the source of a sweep gives the sweep's numbers, for every primitive and for random graphs."""

import elementwise_cases
import general_cases
import map_cases
import numpy as np
import pytest
import random_functions
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, mutually_broadcastable_shapes

import stepgrad as sg
from stepgrad.autodiff.linear_maps import Product


def executed(program, *arguments):
    """What the function does that the source defines, executed as a reader would."""
    space = dict(program.namespace)
    exec(program.source, space)
    return space[program.mode](*arguments)


def same(found, expected):
    """Equal to rounding, relative to the largest entry, and in the same shape."""
    expected = np.asarray(expected)
    assert np.shape(found) == expected.shape
    rounding = 1e-4 if expected.dtype == np.float32 else 1e-11
    bound = rounding * max(1.0, float(np.max(np.abs(expected), initial=0.0, where=np.isfinite(expected))))
    np.testing.assert_allclose(found, expected, rtol=rounding, atol=bound)


def seed_of(value, rng):
    return float(rng.standard_normal()) if np.ndim(value) == 0 else rng.standard_normal(np.shape(value))


def check(graph, rng):
    """The three programs give what the three sweeps give, with random seeds."""
    inputs = [graph[label].value for label in graph.inputs]
    same(executed(graph.program("primal"), *inputs), graph.value)
    tangents = tuple(seed_of(x, rng) for x in inputs)
    forward, program = graph.forward_mode(tangents), graph.program("forward")
    with np.errstate(all="ignore"):
        value, tangent = executed(program, *inputs, *forward.seed)
    same(value, graph.value)
    same(tangent, forward.result)
    same(program.run(seed=tangents)[1], forward.result)
    reverse, program = graph.reverse_mode(seed_of(graph.value, rng)), graph.program("reverse")
    with np.errstate(all="ignore"):
        value, adjoints = executed(program, *inputs, reverse.seed)
    same(value, graph.value)
    ran = program.run(*inputs, seed=reverse.seed)[1]
    for found, again, expected, x in zip(adjoints, ran, reverse.result, inputs, strict=True):
        same(found, expected)
        same(again, expected)
        assert np.asarray(again).dtype == np.asarray(x).dtype
    return program


@pytest.mark.parametrize("name", sorted(elementwise_cases.CASES))
@settings(max_examples=8)
@given(data=st.data())
def test_every_elementwise_primitive(name, data):
    domain, primitive = elementwise_cases.CASES[name], elementwise_cases.REGISTERED[name]
    count = len(domain.intervals)
    shapes = data.draw(mutually_broadcastable_shapes(num_shapes=count, max_dims=3, min_side=1, max_side=3))
    rng = np.random.default_rng(data.draw(st.integers(0, 2**32)))
    arrays = domain.draw(rng, shapes.input_shapes)
    assume(domain.is_safe(arrays))
    if name == "where":
        condition = arrays.pop(0) > 0
        check(sg.trace(lambda a, b: np.where(condition, a, b), *arrays), rng)
    else:
        check(sg.trace(lambda *x: primitive(*x), *arrays), rng)
        constant = data.draw(st.integers(0, count - 1))
        if count > 1:
            rest = [x for k, x in enumerate(arrays) if k != constant]
            check(sg.trace(lambda *x: primitive(*x[:constant], arrays[constant], *x[constant:]), *rest), rng)


@pytest.mark.parametrize("name", sorted(elementwise_cases.CASES))
def test_every_elementwise_primitive_on_numbers(name):
    rng = np.random.default_rng(3)
    domain, primitive = elementwise_cases.CASES[name], elementwise_cases.REGISTERED[name]
    for _ in range(10):
        numbers = [float(a) for a in domain.draw(rng, [()] * len(domain.intervals))]
        if domain.is_safe(numbers):
            first = 1 if name == "where" else 0
            graph = sg.trace(lambda *x: primitive(*numbers[:first], *x), *numbers[first:])  # noqa: B023 - called here
            check(graph, rng)


@pytest.mark.parametrize("name", sorted(general_cases.CASES))
@settings(max_examples=10)
@given(data=st.data())
def test_every_other_primitive(name, data):
    f, arrays = general_cases.CASES[name](data.draw)
    check(sg.trace(f, *arrays), np.random.default_rng(0))


@pytest.mark.parametrize("kind", [k for k in map_cases.CASES if k is not Product], ids=lambda kind: kind.__name__)
@settings(max_examples=10)
@given(data=st.data())
def test_every_linear_map(kind, data):
    local = map_cases.CASES[kind](data.draw, None)
    assume(local is not None)
    x = general_cases.values(data.draw, local.in_shape)
    check(sg.trace(lambda x: local.apply(np.sin(x)), x), np.random.default_rng(0))


@pytest.mark.parametrize("name", random_functions.PRIMITIVES)
def test_random_functions(name):
    """More than three hundred in all; every primitive stands at any place among the others."""

    @settings(max_examples=-(-310 // len(random_functions.PRIMITIVES)), database=None, deadline=None)
    @given(data=st.data())
    def run(data):
        shape = data.draw(array_shapes(min_dims=0, max_dims=3, min_side=1, max_side=3))
        f, x = random_functions.function(data.draw, shape, name)
        try:
            graph = sg.trace(f, x)
        except ValueError:  # the function doesn't depend on x
            return
        check(graph, np.random.default_rng(1))

    run()


# What it looks like ---------------------------------------------------------------------------------------------------
def lecture(x1, x2):
    return x1 * x2 + np.sin(x1)


REVERSE = '''import numpy as np


def reverse(x1, x2, f_bar=1.0):
    """The value f and the adjoints x1_bar, x2_bar: reverse mode."""
    w1 = np.sin(x1)                # sin
    w2 = x1 * x2                   # multiply
    f = w2 + w1                    # add
    w2_bar = f_bar                 # add: ∂f/∂w₂ = 1
    w1_bar = f_bar                 # add: ∂f/∂w₁ = 1
    x1_bar = w2_bar * x2           # multiply: ∂w₂/∂x₁ = x₂
    x2_bar = w2_bar * x1           # multiply: ∂w₂/∂x₂ = x₁
    x1_bar += w1_bar * np.cos(x1)  # sin: ∂w₁/∂x₁ = cos x₁
    return f, (x1_bar, x2_bar)
'''

FORWARD = '''import numpy as np


def forward(x1, x2, x1_dot=1.0, x2_dot=0.0):
    """The value f and its tangent along (x1_dot, x2_dot): forward mode."""
    w1 = np.sin(x1)                     # sin
    w1_dot = x1_dot * np.cos(x1)        # sin: ẋ₁·cos x₁
    w2 = x1 * x2                        # multiply
    w2_dot = x1_dot * x2 + x2_dot * x1  # multiply: ẋ₁·x₂ + ẋ₂·x₁
    f = w2 + w1                         # add
    f_dot = w2_dot + w1_dot             # add: ẇ₂ + ẇ₁
    return f, f_dot
'''

PRIMAL = '''import numpy as np


def primal(x1, x2):
    """The value f."""
    w1 = np.sin(x1)  # sin
    w2 = x1 * x2     # multiply
    f = w2 + w1      # add
    return f
'''


def test_the_lectures_example():
    graph = sg.trace(lecture, 2, 3)
    assert graph.to_source("reverse") == REVERSE
    assert graph.to_source("forward") == FORWARD
    assert graph.to_source("primal") == PRIMAL
    assert sg.trace("sin(x1) + x1*x2", 2, 3).to_source("primal").endswith("f = w1 + w2      # add\n    return f\n")
    space = {}
    exec(graph.to_source("reverse"), space)
    value, adjoints = space["reverse"](2.0, 3.0)
    assert (value, adjoints) == (graph.value, graph.reverse_mode().result)  # to the last bit
    assert graph.program("primal").run(1.0, 4.0) == lecture(1.0, 4.0)
    assert graph.program("forward").run(seed=(0, 1)) == (graph.value, 2.0)


def test_an_unknown_mode_is_refused():
    graph = sg.trace(lecture, 2, 3)
    for call in (graph.to_source, graph.program):
        with pytest.raises(ValueError, match=r"^mode is 'primal', 'forward' or 'reverse', not 'backward'$"):
            call("backward")


@pytest.mark.parametrize("mode", ["primal", "forward", "reverse"])
def test_each_step_has_its_lines(mode):
    graph = sg.trace(lambda x, y: np.tanh(x @ y) * np.sum(x), np.ones(3), np.arange(3.0))
    sweep = {"primal": graph.primal, "forward": graph.forward_mode, "reverse": graph.reverse_mode}[mode]()
    program = graph.program(mode)
    assert "\n".join(line.text for line in program.lines) + "\n" == program.source
    for i, step in enumerate(sweep.steps):
        lines = [program.lines[k] for k in program.of_step(i)]
        assert len(lines) == (2 if mode == "forward" else 1)
        accent = {"primal": "", "tangent": "_dot", "seed": "_bar", "adjoint": "_bar"}[step.phase]
        assert f"{step.node}{accent}" in lines[-1].code
        if step.phase == "adjoint":
            assert lines[-1].node == step.source
            assert (" + " in lines[-1].code) == step.accumulates
        elif step.phase != "seed":
            assert lines[-1].node == step.node
    body = [line for line in program.lines if line.text.startswith("    ") and line.node]
    assert all(line.comment and line.text == line.text.rstrip() for line in body)


def test_common_work_is_done_once():
    graph = sg.trace(lambda x, y: np.arctan2(x, y) + np.sin(x) * np.cos(x) + np.cos(x), 0.5, 2.0)
    source = graph.to_source("reverse")
    assert source.count("np.cos(x)") == 1  # the function itself asks for it twice
    assert source.count("np.sin(x)") == 1
    assert source.count("np.square(x)") == 1
    check(graph, np.random.default_rng(0))


def test_contributions_are_added_in_the_sweeps_order():
    def f(x):
        return x * 1e16 + x - x * 1e16 + np.sin(x)

    graph = sg.trace(f, 0.3)
    assert graph.program("reverse").run()[1] == graph.reverse_mode().result


def test_an_adjoint_is_not_changed_under_another_name():
    """x̄ begins as the very array of w̄, and more is added to it."""
    x = np.arange(3.0)
    graph = sg.trace(lambda x: (x + np.sin(x)) * 2 + x, x)
    seed = np.ones(3)
    assert np.array_equal(executed(graph.program("reverse"), x, seed)[1][0], 3 + 2 * np.cos(x))
    assert np.array_equal(seed, np.ones(3))


def test_a_branch_is_asserted():
    def f(x, y):
        return np.sqrt(x) if x * y > 1 else x

    for point, branch in ((2.0, "assert w1 > 1.0"), (0.2, "assert not w1 > 1.0")):
        graph = sg.trace(f, point, 3.0)
        for mode in ("primal", "forward", "reverse"):
            program = graph.program(mode)
            assert branch in program.source
            program.run()
            with pytest.raises(AssertionError, match="another branch would be taken"):
                program.run(0.2 if point > 1 else 2.1, 3.5)


def test_a_condition_entry_by_entry_is_part_of_the_program():
    def f(x):
        return np.sum(np.where(x > 0.5, x, x * x))

    program = sg.trace(f, np.array([0.2, 0.9, -1.0])).program("reverse")
    assert "    c1 = x > 0.5 " in program.source
    assert "np.where(c1, x, w1)" in program.source
    other = np.array([0.7, -0.2, 0.4])
    assert np.array_equal(program.run(other)[1][0], sg.grad(f)(other))


FOUND = {
    "np.argmax(x) == 2": lambda x: x[np.argmax(x)] ** 2,
    "np.any(c1)": lambda x: np.sum(x) if np.any(x > 1.5) else np.sum(x * x),
    "np.array_equal(x > 0.0, c1)": lambda x: np.sum(x[x > 0] ** 2),
    "np.array_equal(np.argsort(x), c2)": lambda x: np.sum(x[np.argsort(x)] * np.arange(3)),
    "np.all(w1 != 0)": lambda x: np.sum(x[:1] ** (x[1:] * 2)),
}


@pytest.mark.parametrize("condition", FOUND)
def test_what_was_found_out_about_values_is_asserted(condition):
    f, x = FOUND[condition], np.array([0.5, -1.0, 2.0])
    if condition == "np.any(c1)":  # a truth value that NumPy itself makes of a comparison
        condition = "np.array_equal(x > 1.5, c1)"
    program = sg.trace(f, x).program("reverse")
    assert f"assert {condition}, " in program.source
    assert np.array_equal(program.run(x)[1][0], sg.grad(f)(x))
    other = np.array([2.0, -0.5, 0.0])
    with pytest.raises(AssertionError, match="would"):
        program.run(other)


def test_what_has_no_short_formula_is_called_by_name():
    x = np.random.default_rng(0).uniform(1, 2, (4, 5))
    graph = sg.trace(lambda x: np.prod(np.max(x, axis=0)), x)
    program = graph.program("reverse")
    assert "w1_by_x = selection_of_max(x, axes=(0,))" in program.source
    assert "x_bar = w1_by_x.T.apply(w1_bar)" in program.source
    assert "w1_bar = f_by_w1.T.apply(f_bar)" in program.source
    assert "# Given in the namespace: prod_map" in program.source
    other = np.random.default_rng(1).uniform(1, 2, (4, 5))  # other entries are the largest
    np.testing.assert_allclose(program.run(other)[1][0], sg.grad(lambda x: np.prod(np.max(x, axis=0)))(other))
    assert "np.max(x, axis=0)" in graph.to_source("primal")


def test_constants():
    small, large = np.array([0.5, -1.0, 2.0]), np.linspace(0, 1, 300)
    graph = sg.trace(lambda x: np.sum(x[:3] * small) + np.sum(x * large), np.ones(300))
    program = graph.program("reverse")
    assert "\nc2 = np.array([0.5, -1.0, 2.0])\n" in program.source
    assert program.namespace == {"c1": large}
    check(graph, np.random.default_rng(0))


def test_any_label_becomes_a_name():
    labels = ("np", "lambda", "x_bar", "θ", "a b", "x")
    graph = sg.trace(lambda *x: sum(np.sin(v) * k for k, v in enumerate(x)), *np.arange(6.0), names=labels)
    program = check(graph, np.random.default_rng(0))
    assert "def reverse(np_2, lambda_, x_bar, θ, a_b, x, f_bar=1.0):" in program.source


def test_no_label_becomes_code():
    labels = ("a\nraise SystemExit", "b;c", "x₁", "x1", "ﬁ", "fi")
    graph = sg.trace(lambda *x: sum(np.sin(v) * k for k, v in enumerate(x)), *np.arange(6.0), names=labels)
    program = check(graph, np.random.default_rng(0))
    assert "def reverse(a_raise_SystemExit, b_c, x1, x1_2, fi, fi_2, f_bar=1.0):" in program.source
    assert not any(text.startswith("raise") for text in program.source.split("\n"))


def test_where_numpy_has_an_answer_so_has_a_program():
    graph = sg.trace(lambda x: 1 / x + np.log(x), 1.0)
    value, (adjoint,) = graph.program("reverse").run(0.0)
    assert np.isnan(value)
    assert np.isnan(adjoint)
    assert graph.program("primal").run(np.inf) == np.inf


def test_wrong_inputs_are_refused_with_a_sentence():
    graph = sg.trace(lambda x: np.sum(x * x), np.ones(3))
    program = graph.program("reverse")
    with pytest.raises(ValueError, match=r"x has shape \(4,\), and it was traced with shape \(3,\)"):
        program.run(np.ones(4))
    with pytest.raises(ValueError, match="takes 1 inputs: x; got 2"):
        program.run(1.0, 2.0)
    with pytest.raises(TypeError, match="integers"):
        program.run(np.arange(3))
    vector = sg.trace(lambda x: x * x, np.ones(3)).program("reverse")
    with pytest.raises(ValueError, match="needs a seed of that shape"):
        vector.run()
    assert np.array_equal(vector.run(seed=np.arange(3.0))[1][0], [0, 2, 4])
    assert repr(program) == f"<Program reverse of f(x): {len(program.lines)} lines>"


def test_float32_stays():
    x = np.ones(5, np.float32)
    graph = sg.trace(lambda x: np.sum(np.tanh(x) * np.float32(0.5)), x)
    value, (adjoint,) = graph.program("reverse").run()
    assert value.dtype == adjoint.dtype == np.float32
    check(graph, np.random.default_rng(0))
