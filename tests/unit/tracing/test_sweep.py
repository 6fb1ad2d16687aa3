"""Sweeps step by step: the numbers of the lecture, the tables of the literature, what is counted and held."""

from math import cos, sin

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import stepgrad as sg


def survey(x1, x2):
    return np.log(x1) + x1 * x2 - np.sin(x2)


# Baydin et al., Automatic differentiation in machine learning: a survey (2018), tables 2 and 3, rounded as there.
PRIMAL = {"w1": 0.693, "w2": 10, "w3": -0.959, "w4": 10.693, "f": 11.652}
TANGENT = {"w1": 0.5, "w2": 5, "w3": 0, "w4": 5.5, "f": 5.5}
ADJOINT = [
    ("f", 1), ("w4", 1), ("w3", -1), ("w1", 1), ("w2", 1), ("x2", -0.284), ("x1", 5), ("x2", 1.716), ("x1", 5.5),
]  # fmt: skip


@pytest.mark.parametrize("f", [survey, "log(x1) + x1*x2 - sin(x2)"])
def test_tables_of_the_survey(f):
    graph = sg.trace(f, 2, 5)
    assert {node.label: round(node.value, 3) for node in graph.operations} == PRIMAL
    forward = graph.forward_mode((1, 0))
    assert {step.node: round(step.value, 3) for step in forward.steps} == TANGENT
    reverse = graph.reverse_mode()
    adjoints = [(step.node, round(step.value, 3)) for step in reverse.steps if step.phase != "primal"]
    assert adjoints == ADJOINT
    assert [round(a, 3) for a in reverse.result] == [5.5, 1.716]


def test_printed_tables_of_the_survey():
    graph = sg.trace("log(x1) + x1*x2 - sin(x2)", 2, 5)
    forward = graph.forward_mode((1, 0)).text()
    for row in (
        "w₁ = log x₁",
        "w₄ = w₁ + w₂",
        "10.693",
        "11.652",
        "ẇ₁ = ẋ₁/x₁",
        "ẇ₂ = ẋ₁·x₂ + ẋ₂·x₁",
        "ẇ₃ = ẋ₂·cos x₂",
        "ḟ  = ẇ₄ − ẇ₃",
        "5.5",
    ):
        assert row in forward
    reverse = graph.reverse_mode().text().split("\n")
    adjoint = [" ".join(line[line.index("Adj") :].split()) if "Adj" in line else line for line in reverse]
    joined = "\n".join(" ".join(line.split()) for line in adjoint)
    for row in (
        "f̄ = 1", "w̄₄ = f̄ = 1", "w̄₃ = −f̄ = −1", "w̄₁ = w̄₄ = 1", "w̄₂ = w̄₄ = 1", "x̄₂ = w̄₃·cos x₂ = (−1)·cos 5 = −0.284",
        "x̄₁ = w̄₂·x₂ = 1·5 = 5", "x̄₂ += w̄₂·x₁ = 1·2 = 2 → 1.716", "x̄₁ += w̄₁/x₁ = 1/2 = 0.5 → 5.5",
        "∂f/∂x₁ = 5.5, ∂f/∂x₂ = 1.716",
    ):  # fmt: skip
        assert row in joined


def test_forward_mode_of_the_lecture():
    graph = sg.trace("x1*x2 + sin(x1)", 2, 3)
    sweep = graph.forward_mode((1, 0))
    assert sweep.result == 2.5838531634528574
    assert [s.value for s in sweep.steps] == [cos(2), 3.0, 2.5838531634528574]
    assert graph.forward_mode((0, 1)).result == 2.0
    assert graph.forward_mode((0.5, -1)).result == pytest.approx(0.5 * 2.5838531634528574 - 2, rel=1e-15)


def test_reverse_mode_of_the_lecture():
    sweep = sg.trace("x1*x2 + sin(x1)", 2, 3).reverse_mode()
    assert sweep.result == (2.5838531634528574, 2.0)
    into_x1 = [s for s in sweep.steps if s.node == "x1"]
    assert [s.contribution for s in into_x1] == [3.0, cos(2)]
    assert [s.accumulates for s in into_x1] == [False, True]
    assert into_x1[-1].contributions == (3.0, cos(2))
    assert into_x1[-1].formula == r"\bar{x}_1 \mathrel{+}= \bar{w}_1 \cdot \cos x_1 = 1 \cdot \cos 2 = -0.416"
    assert [s.phase for s in sweep.steps] == ["primal"] * 3 + ["seed"] + ["adjoint"] * 5


def test_what_is_held():
    """An addition stores nothing for the way back, a product its factors, exp its own output."""
    adding = sg.trace("a + b + c + d", 1, 2, 3, 4).reverse_mode().steps
    assert max(step.live_values for step in adding) == 5  # the value and the adjoints of the four inputs
    chain = sg.trace(lambda x: np.sin(np.sin(np.sin(np.sin(x)))), 1.0)
    held = [step.live_values for step in chain.reverse_mode().steps]
    assert held[:4] == [2, 3, 4, 5]  # grows with depth, on the way forward
    assert held[-1] == 2  # and shrinks on the way back: f and x̄ are left
    assert [step.live_values for step in chain.forward_mode().steps] == [2, 2, 2, 2]  # constant
    assert [step.live_bytes for step in chain.forward_mode().steps] == [16] * 4


def test_operations_only_grow():
    for sweep in (sg.trace(survey, 2.0, 5.0).forward_mode(), sg.trace(survey, 2.0, 5.0).reverse_mode()):
        counts = [step.operations for step in sweep.steps]
        assert counts == sorted(counts)


def test_seeds_are_checked():
    graph = sg.trace("x1*x2", 2, 3)
    with pytest.raises(ValueError, match="2 inputs: x1, x2"):
        graph.forward_mode((1,))
    with pytest.raises(ValueError, match="shape"):
        graph.forward_mode((1, np.ones(3)))
    vector = sg.trace(lambda x: x * 2, np.ones(3))
    with pytest.raises(ValueError, match="needs a seed of that shape"):
        vector.reverse_mode()
    assert np.array_equal(vector.reverse_mode(np.arange(3.0)).result[0], [0, 2, 4])


def test_at_a_tie_the_first_argument_wins():
    sweep = sg.trace("max(z, w)", 2, 2).reverse_mode()
    assert sweep.result == (0.0, 1.0)  # w stands before z among the inputs, but max(z, w) names z first


UNARY = ["sin", "cos", "exp", "tanh", "arctan", "sigmoid", "softplus"]


@st.composite
def programs(draw):
    """Random expressions of two variables."""
    text = draw(st.sampled_from(["x", "y"]))
    for _ in range(draw(st.integers(1, 8))):
        other = draw(st.sampled_from(["x", "y", "0.5", "2"]))
        form = draw(
            st.sampled_from(
                ["{t} + {o}", "({t})*{o}", "{o} - ({t})", "{u}({t})", "max({t}, {o})", "({t})/(2 + {o}**2)"]
            )
        )
        text = form.format(t=text, o=other, u=draw(st.sampled_from(UNARY)))
    return text


@given(programs(), st.floats(-2, 2), st.floats(-2, 2))
@settings(max_examples=60, deadline=None)
def test_steps_end_in_what_the_engine_computes(text, x, y):
    f = sg.expression(text)
    if not f.variables:
        return
    at = [{"x": x, "y": y}[name] for name in f.variables]
    try:
        graph = sg.trace(f, *at)
    except ValueError:
        return
    gradient = sg.grad(f, tuple(range(len(at))))(*at)
    assert graph.reverse_mode().result == pytest.approx(gradient, rel=1e-12, abs=1e-12, nan_ok=True)
    for i, expected in enumerate(gradient):
        seed = [float(i == j) for j in range(len(at))]
        assert graph.forward_mode(seed).result == pytest.approx(expected, rel=1e-9, abs=1e-9, nan_ok=True)


def test_arrays_go_through():
    W, x = np.arange(6.0).reshape(2, 3) / 10, np.array([1.0, 2.0, 3.0])

    def f(W, x):
        return np.sum(np.tanh(W @ x) ** 2)

    graph = sg.trace(f, W, x)
    by_sweep = graph.reverse_mode().result
    by_grad = sg.grad(f, (0, 1))(W, x)
    for a, b in zip(by_sweep, by_grad, strict=True):
        assert np.allclose(a, b, rtol=1e-14)
    direction = (np.ones_like(W), np.zeros(3))
    assert graph.forward_mode(direction).result == pytest.approx(np.sum(by_grad[0]))
    text = graph.reverse_mode().text()
    assert "W̄" in text
    assert "w̄₁ @ xᵀ" in text


def test_float32_is_counted_in_its_bytes():
    graph = sg.trace(lambda x: np.sum(x * x), np.ones(5, np.float32))
    assert graph.reverse_mode().result[0].dtype == np.float32
    assert graph.primal().steps[0].live_bytes == 5 * 4
    assert sin(0) == 0
