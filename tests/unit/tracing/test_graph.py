"""Graphs: what is recorded, how it is named and ordered, where in the code it was computed."""

import sys
from math import cos, log, sin

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import stepgrad as sg


def lecture(x1, x2):
    return x1 * x2 + np.sin(x1)


def helper(a):
    return np.exp(a) * 2


def several_lines(x, y):
    total = helper(x)
    for _ in range(2):
        total = total + (
            x
            * y
        )  # fmt: skip
    return np.tanh(total)


def test_labels_follow_the_lecture_however_it_is_written():
    for text in ("x1*x2 + sin(x1)", "sin(x1) + x1*x2", "sin(x1) + x2*x1"):
        graph = sg.trace(text, 2, 3)
        assert graph.topological_order() == ("x1", "x2", "w1", "w2", "f")
        assert graph["w1"].primitive == "sin"
        assert graph["w2"].value == 6.0
        assert graph.value == 6.909297426825682


def test_nodes_and_edges():
    graph = sg.trace(lecture, 2, 3)
    assert [node.id for node in graph.nodes] == [0, 1, 2, 3, 4]
    assert graph.inputs == ("x1", "x2")
    assert graph.output == "f"
    assert {(e.source, e.target) for e in graph.edges} == {
        ("x1", "w1"), ("x1", "w2"), ("x2", "w2"), ("w1", "f"), ("w2", "f"),
    }  # fmt: skip
    assert graph["w2"].inputs == ("x1", "x2")
    assert graph["w2"].expression == "x₁·x₂"
    assert repr(graph) == "<Graph of f(x1, x2): 5 nodes, 5 edges>"
    with pytest.raises(KeyError, match="no node is called 'w9'"):
        graph["w9"]


def test_topological_orders():
    graph = sg.trace(lecture, 2, 3)
    assert graph.is_topological(["x1", "w1", "x2", "w2", "f"])
    assert graph.is_topological([0, 1, 2, 3, 4])
    assert not graph.is_topological(["x1", "w2", "x2", "w1", "f"])
    assert not graph.is_topological(["x1", "x2", "w1", "f"])
    assert graph.count_topological_orders() == 5
    wide = sg.trace(lambda *x: np.sum(np.stack([np.sin(v) for v in x])), *np.arange(9.0))
    assert wide.count_topological_orders() > 10**9  # 18 free nodes in 9 chains of two: 18!/2⁹ orders of them
    with pytest.raises(ValueError, match="too many orders"):
        wide.count_topological_orders(limit=100)


def _brute_force(arguments, done=()):
    left = [v for v in arguments if v not in done]
    if not left:
        return 1
    return sum(_brute_force(arguments, (*done, v)) for v in left if set(arguments[v]) <= set(done))


@given(st.lists(st.lists(st.integers(0, 5), max_size=3), min_size=1, max_size=6))
def test_count_is_the_brute_force_count(choices):
    from stepgrad.documents.orders import count_orders

    arguments = {i: sorted({a for a in chosen if a < i}) for i, chosen in enumerate(choices)}
    edges = [(source, node) for node, sources in arguments.items() for source in sources]
    assert count_orders(list(arguments), edges) == _brute_force(arguments)


def test_statements_stand_in_the_order_in_which_they_ran():
    graph = sg.trace(several_lines, 1.0, 2.0)
    assert [node.primitive for node in graph.operations] == [
        "exp",
        "multiply",
        "multiply",
        "add",
        "multiply",
        "add",
        "tanh",
    ]
    code = graph.source.text.split("\n")
    spans = {n.label: code[n.span.line - 1][n.span.start : n.span.end] for n in graph.operations if n.span}
    assert spans["w1"] == "helper(x)"
    assert spans["f"] == "np.tanh(total)"


def test_the_very_subexpression_is_known():
    graph = sg.trace(lambda x, y: np.exp(x) ** 2 / y + 1, 1.0, 2.0)
    assert graph.source.text == "lambda x, y: np.exp(x) ** 2 / y + 1"
    pieces = [graph.source.text[n.span.start : n.span.end] for n in graph.operations]
    assert pieces == ["np.exp(x)", "np.exp(x) ** 2", "np.exp(x) ** 2 / y", "np.exp(x) ** 2 / y + 1"]
    typed = sg.trace("a * exp( b )", 1, 2)
    assert [typed.source.text[n.span.start : n.span.end] for n in typed.operations] == ["exp( b )", "a * exp( b )"]


def test_tracing_leaves_a_debugger_in_place():
    def debugger(frame, event, argument):
        return None

    before = sys.gettrace()
    sys.settrace(debugger)
    try:
        sg.trace(lecture, 2, 3)
        assert sys.gettrace() is debugger
    finally:
        sys.settrace(before)


def test_code_without_source_can_be_traced():
    space = {"np": np}
    exec("def f(x):\n    return np.sin(x) * x", space)
    graph = sg.trace(space["f"], 2.0)
    assert graph.source is None
    assert [n.primitive for n in graph.operations] == ["sin", "multiply"]
    assert sg.trace(np.sin, 1.0).value == sin(1)


def test_constants_and_constant_arrays():
    graph = sg.trace(lambda x: np.sum(np.array([1.0, 2.0]) * x * 3), 2.0)
    document = graph.document()
    assert document["graph"]["nodes"][1]["arguments"] == [{"constant": "c1", "shape": [2]}, "x"]
    assert not graph.live
    sweep = graph.reverse_mode()
    assert sweep.result == (9.0,)


def test_comparisons_are_kept_as_guards():
    def f(x, y):
        return np.sqrt(x) if x * y > 1 else x

    graph = sg.trace(f, 2.0, 3.0)
    assert graph.guards == (("greater", "w1", 1.0, True),)
    assert graph.live
    assert graph["w1"].primitive == "multiply"
    assert graph.reverse_mode().result == (0.5 / 2**0.5, 0.0)


def test_what_cannot_be_traced_is_said():
    with pytest.raises(ValueError, match="does not depend on the inputs"):
        sg.trace(lambda x: 3.0, 1.0)
    with pytest.raises(TypeError, match="several"):
        sg.trace(lambda x: (x, x), 1.0)
    with pytest.raises(ValueError, match="distinct"):
        sg.trace(lecture, 1.0, 2.0, names=("a", "a"))
    with pytest.raises(ValueError, match="3 names were given for 2 inputs"):
        sg.trace(lecture, 1.0, 2.0, names=("a", "b", "c"))
    with pytest.raises(TypeError, match="integers"):
        sg.trace(np.sin, np.arange(3))


def test_names_of_inputs():
    assert sg.trace(lecture, 1.0, 2.0, names=("a", "b")).inputs == ("a", "b")
    assert sg.trace(lambda *xs: xs[0] * xs[1], 1.0, 2.0).inputs == ("x1", "x2")
    assert sg.trace(lambda p: p[0] * p[1], (1.0, 2.0)).inputs == ("p1", "p2")
    taken = sg.trace(lambda w1, f: w1 * f + w1, 1.0, 2.0)
    assert taken.topological_order() == ("w1", "f", "w2", "y")


def test_cost_is_counted():
    graph = sg.trace(lecture, 2, 3)
    forward, reverse = graph.cost("forward"), graph.cost("reverse")
    assert (forward.sweeps, reverse.sweeps) == (2, 1)
    assert reverse.operations < forward.operations
    deep = sg.trace(lambda x: np.tanh(np.tanh(np.tanh(np.tanh(np.tanh(x))))), 0.5)
    assert deep.cost("reverse").bytes > deep.cost("forward").bytes
    with pytest.raises(ValueError, match="'forward' or 'reverse'"):
        graph.cost("sideways")


def test_two_hundred_nodes():
    def long(x):
        for i in range(100):
            x = np.sin(x) + 0.5 * i
        return x

    graph = sg.trace(long, 1.0)
    assert len(graph.nodes) == 201
    steps = graph.reverse_mode().steps
    assert len(steps) == 401
    assert graph.document()["graph"]["columns"] == 201
    assert log(1) == 0
    assert cos(0) == 1
