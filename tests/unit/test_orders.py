"""Orders of graphs: counts against brute force, bounds, cycles, and the two algorithms."""

from itertools import combinations, pairwise, permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import stepgrad as sg
from stepgrad.documents.orders import (
    DEPTH_FIRST_CODE,
    KAHN_CODE,
    TooManyError,
    backward_edges,
    bound_orders,
    count_orders,
    depth_first,
    find_cycle,
    kahn,
    path_between,
    undirected_cycle,
)


def by_trying(nodes, edges):
    """The topological orders, by looking at every order there is."""
    return [order for order in permutations(nodes) if all(order.index(a) < order.index(b) for a, b in edges)]


def dags(count):
    """Every graph on so many nodes whose edges lead from a lower to a higher number: each DAG, up to names."""
    pairs = list(combinations(range(count), 2))
    for chosen in range(1 << len(pairs)):
        yield list(range(count)), [pair for i, pair in enumerate(pairs) if chosen >> i & 1]


@pytest.mark.parametrize("count", range(6))
def test_every_graph_of_up_to_five_nodes(count):
    """1,024 graphs of five nodes, and all smaller ones."""
    for nodes, edges in dags(count):
        orders = by_trying(nodes, edges)
        assert count_orders(nodes, edges) == len(orders)
        low, high = bound_orders(nodes, edges)
        assert low <= len(orders) <= high
        assert tuple(kahn(nodes, edges)[-1].order) in orders
        assert tuple(depth_first(nodes, edges)[-1].order) in orders
        assert find_cycle(nodes, edges) is None


@st.composite
def graphs(draw, most=7, acyclic=True):
    count = draw(st.integers(0, most))
    names = draw(st.permutations([f"v{i}" for i in range(count)]))
    pairs = [(a, b) for i, a in enumerate(names) for j, b in enumerate(names) if i < j or (i != j and not acyclic)]
    edges = draw(st.lists(st.sampled_from(pairs), max_size=12)) if pairs else []
    return sorted(names), edges


@settings(max_examples=150)
@given(graphs())
def test_names_in_any_order_and_edges_that_stand_twice(graph):
    nodes, edges = graph
    orders = by_trying(nodes, edges) if len(nodes) < 7 else None
    exact = count_orders(nodes, edges)
    low, high = bound_orders(nodes, edges)
    assert low <= exact <= high
    if orders is not None:
        assert exact == len(orders)
    for order in (kahn(nodes, edges)[-1].order, depth_first(nodes, edges)[-1].order):
        assert sorted(order) == nodes
        assert backward_edges(order, edges) == []


@settings(max_examples=150)
@given(graphs(acyclic=False))
def test_a_cycle_is_found_exactly_if_there_is_one(graph):
    nodes, edges = graph
    cycle = find_cycle(nodes, edges)
    complete = len(kahn(nodes, edges)[-1].order) == len(nodes)
    assert (cycle is None) == complete == (count_orders(nodes, edges) > 0)
    if cycle is not None:
        assert cycle[0] == cycle[-1]
        assert len(set(cycle)) == len(cycle) - 1
        assert all(pair in edges for pair in pairwise(cycle))


@settings(max_examples=100)
@given(graphs())
def test_an_undirected_cycle_is_there_exactly_if_the_graph_is_no_forest(graph):
    nodes, edges = graph
    distinct = {frozenset(edge) for edge in edges}
    parts = {node: {node} for node in nodes}
    for a, b in edges:
        joined = parts[a] | parts[b]
        for node in joined:
            parts[node] = joined
    components = len({frozenset(part) for part in parts.values()})
    cycle = undirected_cycle(nodes, edges)
    assert (cycle is not None) == (len(distinct) > len(nodes) - components)
    if cycle is not None:
        assert cycle[0] == cycle[-1]
        assert len(cycle) > 3
        assert all({a, b} in distinct for a, b in pairwise(cycle))


def test_the_lectures_function():
    """x1, x2, w1 = sin x1, w2 = x1·x2, f: counted by hand.

    f is last and x1 before w1 and w2. Of the 4! orders of the others: w2 after x1 and x2, w1 after x1. If x1 is first,
    x2, w1, w2 have 3 orders with x2 before w2; if x2 is first, x1 must follow, and w1, w2 have 2 orders.
    """
    graph = sg.trace("x1*x2 + sin(x1)", 2.0, 3.0)
    assert len(graph.nodes) == 5
    assert graph.count_topological_orders() == 3 + 2
    assert graph.bound_topological_orders()[0] <= 5 <= graph.bound_topological_orders()[1]
    assert undirected_cycle(graph.topological_order(), [(e.source, e.target) for e in graph.edges]) is not None


def test_known_counts():
    chain = [(i, i + 1) for i in range(29)]
    assert count_orders(range(30), chain) == 1
    assert bound_orders(range(30), chain) == (1, 1)
    assert count_orders(range(20), []) == 2_432_902_008_176_640_000  # 20!
    tree = [(i, 2 * i + k) for i in range(1, 8) for k in (0, 1)]  # a heap of 15: 21,964,800, OEIS A056971
    assert count_orders(range(1, 16), tree) == 21_964_800 == bound_orders(range(1, 16), tree)[1]
    comb = [(2 * i, 2 * i + 2) for i in range(9)] + [(2 * i, 2 * i + 1) for i in range(10)]
    assert count_orders(range(20), comb) == 654_729_075  # 19!!, since each leaf may stand anywhere after its tooth


def test_too_many_are_said_to_be_so_and_bounded():
    layers = [((i, k), (i + 1, j)) for i in range(5) for k in range(8) for j in range(8) if (k + j) % 3]
    nodes = [(i, k) for i in range(6) for k in range(8)]
    with pytest.raises(TooManyError, match="too many orders to count exactly"):
        count_orders(nodes, layers, 200)
    low, high = bound_orders(nodes, layers)
    assert 10**6 < low < high


def test_a_cycle_that_an_edge_would_close_is_named():
    edges = [("v1", "v3"), ("v3", "v2"), ("v1", "v2"), ("v2", "v4")]
    assert path_between(edges, "v1", "v4") == ["v1", "v2", "v4"]  # an edge v4 → v1 would close it
    assert path_between(edges, "v4", "v1") is None
    assert find_cycle(["v1", "v2", "v3", "v4"], [*edges, ("v2", "v1")]) == ["v1", "v2", "v1"]
    assert undirected_cycle(["v1", "v2", "v3", "v4"], edges) == ["v1", "v3", "v2", "v1"]


@settings(max_examples=60)
@given(graphs())
def test_the_code_that_is_shown_does_what_the_steps_say(graph):
    nodes, edges = graph
    successors = {v: list(dict.fromkeys(b for a, b in edges if a == v)) for v in nodes}
    waiting = {v: len({a for a, b in edges if b == v}) for v in nodes}
    room = {}
    exec(KAHN_CODE + "\n" + DEPTH_FIRST_CODE, room)
    assert room["kahn"](nodes, successors, waiting) == kahn(nodes, edges)[-1].order
    assert room["depth_first"](nodes, successors) == depth_first(nodes, edges)[-1].order


def test_steps_of_the_lectures_function():
    nodes, edges = ["x1", "x2", "w1", "w2", "f"], [("x1", "w1"), ("x1", "w2"), ("x2", "w2"), ("w2", "f"), ("w1", "f")]
    steps = kahn(nodes, edges)
    assert [step.node for step in steps if step.event == "take"] == ["x1", "x2", "w1", "w2", "f"]
    assert steps[0].waiting == [0, 0, 1, 2, 2]
    assert steps[2].ready == ["x2", "w1"]
    assert [(step.event, step.node) for step in depth_first(nodes, edges)[1:]] == [
        ("visit", "x1"), ("visit", "w1"), ("visit", "f"), ("finish", "f"), ("finish", "w1"), ("visit", "w2"),
        ("finish", "w2"), ("finish", "x1"), ("visit", "x2"), ("finish", "x2"),
    ]  # fmt: skip


def test_golden_orders_are_as_written():
    import goldens
    import make_orders

    assert goldens.as_written(make_orders.content()) == goldens.read(make_orders.FILE)
