"""GraphExplorer in Python: what it takes and refuses, its traits, and its faces."""

import json
from itertools import permutations

import goldens
import make_dags
import numpy as np
import pytest
import traitlets as t

import stepgrad as sg
from stepgrad.documents import dag
from stepgrad.documents.trace import DocumentError
from stepgrad.expressions import ExpressionError
from stepgrad.widgets import GraphExplorer

DIAMOND = [("a", "b"), ("a", "c"), ("b", "d"), ("c", "d")]


@pytest.fixture
def lecture():
    return GraphExplorer("x1*x2 + sin(x1)", 2, 3)


def test_the_lectures_graph(lecture):
    assert [node["label"] for node in lecture.nodes] == ["x1", "x2", "w1", "w2", "f"]
    assert sorted(lecture.edges) == [("w1", "f"), ("w2", "f"), ("x1", "w1"), ("x1", "w2"), ("x2", "w2")]
    assert lecture.count_topological_orders() == 5
    assert lecture.output == "f"
    document = lecture.document()
    assert document["values"]["f"] == 6.909297426825682
    assert document["adjoints"] == {"x1": 3 + np.cos(2), "x2": 2.0, "w1": 1.0, "w2": 1.0, "f": 1.0}
    assert document["undirected_cycle"] is not None
    dag.validate(document)
    assert json.loads(json.dumps(document)) == goldens.as_written(document)


def test_every_order_is_either_topological_or_says_what_points_backward(lecture):
    valid = 0
    for order in permutations(lecture.order):
        lecture.order = list(order)
        late = [(a, b) for a, b in lecture.edges if order.index(a) > order.index(b)]
        assert lecture.is_topological == (not late)
        assert sorted(map(tuple, lecture.document()["backward"])) == sorted(late)
        valid += not late
    assert valid == 5


@pytest.mark.parametrize(("text", "point"), make_dags.TEXTS)
def test_values_and_adjoints_are_those_of_grad(text, point):
    f = sg.expression(text)
    document = GraphExplorer(text, *point).document()
    assert document["values"][document["output"]] == f(*point)
    gradient = sg.grad(f, argnums=tuple(range(len(point))))(*point)
    np.testing.assert_allclose([document["adjoints"][name] for name in f.variables], gradient, rtol=1e-14)


def test_it_takes_functions_traces_and_graphs_by_hand():
    def f(x, y):
        return np.tanh(x * y) - x

    by_function, by_graph = GraphExplorer(f, 0.5, 2.0), GraphExplorer(sg.trace(f, 0.5, 2.0))
    assert by_function.nodes == by_graph.nodes
    assert by_function.document()["adjoints"]["x"] == pytest.approx(sg.grad(f)(0.5, 2.0))
    hand = GraphExplorer(edges=DIAMOND)
    assert [node["label"] for node in hand.nodes] == ["a", "b", "c", "d"]
    assert hand.count_topological_orders() == 2
    assert hand.document()["fault"] == "a has no operation: choose one, and the graph can be run"
    nodes = [
        {"label": "x", "operation": "input", "value": 3},
        {"label": "y", "operation": "multiply", "arguments": ["x", "x", 2]},
    ]
    made = GraphExplorer(nodes=nodes)
    assert made.document()["values"] == {"x": 3.0, "y": 18.0}
    assert made.document()["adjoints"] == {"x": 12.0, "y": 1.0}
    assert GraphExplorer(nodes=[]).document()["count"] == "1"


def test_arrays_can_be_ordered_but_not_run():
    graph = GraphExplorer(lambda W, x: np.sum(np.tanh(W @ x)), np.eye(2), np.ones(2))
    assert graph.count_topological_orders() == 2
    assert "has no operation" in graph.document()["fault"]
    assert "@" in graph.text() or "matmul" in graph.text()


@pytest.mark.parametrize(
    ("options", "error", "sentence"),
    [
        ({"edges": [("a", "b"), ("b", "a")]}, t.TraitError, "the cycle a → b → a goes round in a circle"),
        ({"edges": [("a", "a")]}, t.TraitError, "the cycle a → a goes round"),
        ({"edges": [("a", 1)]}, TypeError, r"an edge is a pair of labels \(source, target\), not \('a', 1\)"),
        ({"edges": ["ab"]}, TypeError, "an edge is a pair"),
        ({"nodes": ["a"], "edges": [("a", "b")]}, ValueError, "names a node that is not in the graph"),
        ({"nodes": ["a", "a"]}, t.TraitError, "two nodes are called a"),
        ({"nodes": [3]}, TypeError, "a node is a label or a dictionary, not 3"),
        ({"nodes": [{"label": "x y"}]}, t.TraitError, "a node's label is a letter followed by"),
        ({"nodes": [{"label": "<b>"}]}, t.TraitError, "a node's label is a letter"),
        ({"nodes": [{"label": "a", "operation": "explode"}]}, t.TraitError, "a node made by hand is one of add"),
        ({"nodes": [{"label": "a", "operation": 3}]}, t.TraitError, "the operation of a is a name or None"),
        ({"nodes": [{"label": "a", "operation": "input", "value": "7"}]}, t.TraitError, "is a number up to 10¹⁰⁰"),
        ({"nodes": [{"label": "a", "operation": "input", "value": float("nan")}]}, t.TraitError, "is a number up to"),
        ({"nodes": [{"label": "a", "operation": "add", "arguments": [10**400]}]}, t.TraitError, "labels and numbers"),
        ({"nodes": [{"label": "a", "operation": "add", "arguments": [True]}]}, t.TraitError, "labels and numbers"),
        ({"nodes": [{"label": "a", "operation": "add", "arguments": ["b"]}]}, t.TraitError, "there is no node of that"),
        ({"nodes": [f"v{i}" for i in range(61)]}, t.TraitError, "at most 60 nodes"),
        ({"edges": DIAMOND, "order": ["a", "b"]}, t.TraitError, "The order has to name every node once: a, b, c, d"),
        ({"edges": DIAMOND, "order": ["a", "b", "c", "c"]}, t.TraitError, "name every node once"),
        ({"edges": DIAMOND, "output": "z"}, t.TraitError, "There is no node 'z'"),
        ({"f": "x", "edges": DIAMOND}, TypeError, "a function or a graph by hand, not both"),
        ({"f": "x +"}, ExpressionError, "is missing after +"),
        ({"edges": DIAMOND, "mode": "fly"}, t.TraitError, "mode"),
        ({"edges": DIAMOND, "speed": float("nan")}, t.TraitError, "speed"),
    ],
)  # fmt: skip
def test_what_makes_no_graph_is_refused_in_a_sentence(options, error, sentence):
    with pytest.raises(error, match=sentence):
        GraphExplorer(**options)


def test_a_graph_that_is_too_large_is_refused():
    with pytest.raises(ValueError, match="GraphExplorer shows up to 60"):
        GraphExplorer(lambda x: sum((np.sin(x) for _ in range(60)), x), 1.0)


def test_traits_follow_the_nodes(lecture):
    lecture.selected = "w1"
    lecture.nodes = [node for node in lecture.nodes if node["label"] in ("x1", "w1")]
    assert lecture.order == ["x1", "w1"]
    assert lecture.output == "w1"
    lecture.nodes = [*lecture.nodes, {"label": "g", "operation": "exp", "arguments": ["w1"]}]
    assert lecture.order == ["x1", "w1", "g"]
    lecture.nodes = [node for node in lecture.nodes if node["label"] != "w1" and node["label"] != "g"]
    assert lecture.selected == ""
    before = list(lecture.nodes)
    for wrong in (None, [1], [{"label": "a"}], [{"label": "a", "operation": "add", "arguments": ["a"]}]):
        with pytest.raises(t.TraitError):
            lecture.nodes = wrong
        assert lecture.nodes == before
    with pytest.raises(t.TraitError, match="There is no node 'q'; there are x1"):
        lecture.output = "q"
    with pytest.raises(t.TraitError, match="name every node once"):
        lecture.order = ["x1", "x1"]
    assert lecture.order == ["x1"]


def test_another_expression_keeps_the_values_it_can(lecture):
    lecture.expression = "x1**2 + y"
    assert {n["label"]: n["value"] for n in lecture.nodes if n["operation"] == "input"} == {"x1": 2.0, "y": 1.0}
    assert lecture.order == [node["label"] for node in lecture.nodes]
    with pytest.raises(ExpressionError):
        lecture.expression = "x1 +* 2"
    assert lecture.expression == "x1**2 + y"
    lecture._request = {"id": "1", "kind": "trace", "expression": "sin(y"}
    assert lecture._error["id"] == "1"
    assert lecture._error["message"]
    lecture._request = {"id": "2", "kind": "trace", "expression": "sin(y)"}
    assert lecture.expression == "sin(y)"
    assert "message" not in lecture._error
    lecture._request = {"id": "3", "kind": "trace", "expression": None}
    assert lecture._error["message"]


def test_faces(lecture):
    assert repr(lecture) == "GraphExplorer('x1*x2 + sin(x1)', mode='order')"
    assert repr(GraphExplorer(edges=DIAMOND)) == "GraphExplorer(4 nodes, 4 edges, mode='order')"
    assert lecture.text().splitlines()[-1] == "topological orders: 5"
    lecture.order = ["x1", "w2", "x2", "w1", "f"]
    assert "x₁, x₂   ← x₂ comes later" in lecture.text()
    assert "1 edge of 5 points backward" in lecture.text()
    data = lecture._repr_mimebundle_()[0]
    assert data["text/plain"] == lecture.text()
    assert data["image/png"]
    secret = GraphExplorer("x1*x2 + sin(x1)", predict=True)
    assert "topological orders" not in secret._repr_mimebundle_()[0]["text/plain"]
    for theme in ("light", "dark"):
        lecture.figure(theme)
    with pytest.raises(ValueError, match="theme"):
        lecture.figure("pink")


def test_counts_that_are_too_large_are_bounded():
    wide = GraphExplorer(edges=[(f"v{i}", f"v{i + step}") for step in (11, 14) for i in range(55 - step)])
    document = wide.document()
    assert document["count"] is None
    low, high = map(int, document["bounds"])
    assert 10**6 < low < high
    assert "too many to be counted here" in wide.text()


@pytest.mark.parametrize(
    ("damage", "sentence"),
    [
        ({"kind": "else"}, "its kind is 'else'"),
        ({"version": 2}, "version 2 of the graph document"),
        ({"order": ["x1"]}, "name every node once"),
        ({"nodes": 3}, "nodes"),
        ({"count": 5}, "count"),
        ({"kahn": [{}]}, r"kahn\[0\]"),
    ],
)
def test_damaged_documents_are_refused(lecture, damage, sentence):
    with pytest.raises(DocumentError, match=sentence):
        dag.validate({**goldens.as_written(lecture.document()), **damage})


def test_golden_documents_are_as_written():
    written, made = goldens.read(make_dags.FILE), goldens.as_written(make_dags.content())
    assert goldens.close(made, written)
    for document in written["documents"]:
        dag.validate(document)
