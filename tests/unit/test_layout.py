from itertools import combinations, pairwise, permutations, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stepgrad.documents.layout import BOX_HALF_HEIGHT, layout

LECTURE = (["x1", "x2", "w1", "w2", "f"], ["x1 w1", "x1 w2", "x2 w2", "w1 f", "w2 f"])
LECTURE_OTHER_ORDER = (["x1", "x2", "w1", "w2", "f"], ["x1 w1", "x2 w1", "x1 w2", "w1 f", "w2 f"])
GATES = (["x", "y", "z", "w", "w1", "w2", "w3", "f"], ["x w1", "y w1", "z w2", "w w2", "w1 w3", "w2 w3", "w3 f"])
SURVEY = (
    ["x1", "x2", "w1", "w2", "w3", "w4", "f"],
    ["x1 w1", "x1 w2", "x2 w2", "x2 w3", "w1 w4", "w2 w4", "w4 f", "w3 f"],
)
# every pair of three inputs is joined: a ring of 2·3 in two columns crosses 3 − 1 times
TRIANGLE = (["a", "b", "c", "w1", "w2", "w3"], ["a w1", "b w1", "b w2", "c w2", "c w3", "a w3"])


def of(graph, **options):
    nodes, edges = graph
    return layout(nodes, [tuple(edge.split()) for edge in edges], **options)


@st.composite
def graphs(draw, most=24):
    inputs = draw(st.integers(1, 5))
    count = draw(st.integers(inputs, most))
    nodes = [f"x{number}" for number in range(inputs)] + [f"w{number}" for number in range(inputs, count)]
    edges = []
    for number in range(inputs, count):
        sources = draw(st.lists(st.integers(0, number - 1), min_size=1, max_size=3))
        edges += [(nodes[source], nodes[number]) for source in sources]
    return nodes, edges


def columns_of(placed):
    columns = {}
    for x, y in placed.positions.values():
        columns.setdefault(x, []).append(y)
    return columns


def crossings_of(placed):
    """Pairs of routes that change sides between two columns, counted from the picture alone."""
    pieces = set()
    for route in placed.routes:
        for (x0, y0), (x1, y1) in pairwise(route):
            pieces |= {(column, y0, y1) for column in range(round(x0), round(x1))}
    return sum(a[0] == b[0] and (a[1] - b[1]) * (a[2] - b[2]) < 0 for a, b in combinations(pieces, 2))


@pytest.mark.parametrize(
    "graph", [LECTURE, LECTURE_OTHER_ORDER, GATES, SURVEY], ids=["lecture", "swapped", "gates", "survey"]
)
def test_known_graphs_have_no_crossings(graph):
    placed = of(graph)
    assert placed.crossings == 0
    assert crossings_of(placed) == 0
    inputs = [label for label in graph[0] if placed.positions[label][0] == 0]
    assert inputs == sorted(inputs, key=lambda label: placed.positions[label][1])


def test_a_graph_that_must_cross_crosses_as_little_as_it_can():
    placed = of(TRIANGLE)
    assert placed.crossings == crossings_of(placed) == 2


def test_lecture_graph_stands_as_in_the_lecture():
    placed = of(LECTURE)
    assert placed.columns == 3
    assert placed.rows == 2
    assert placed.positions == {"x1": (0, 0), "x2": (0, 1), "w1": (1, 0), "w2": (1, 1), "f": (2, 0.5)}


def test_balance():
    placed = of(GATES)
    y = {label: position[1] for label, position in placed.positions.items()}
    assert y["w1"] == (y["x"] + y["y"]) / 2
    assert y["w2"] == (y["z"] + y["w"]) / 2
    assert y["w3"] == y["f"] == (y["w1"] + y["w2"]) / 2


def test_parallel_edges_have_routes_of_their_own():
    square = layout(["x", "f"], [("x", "f"), ("x", "f")])
    assert square.routes[0] != square.routes[1]
    far = layout(["x", "w1", "w2", "f"], [("x", "w1"), ("w1", "w2"), ("w2", "f"), ("x", "f"), ("x", "f")])
    assert far.routes[3] != far.routes[4]


def test_long_edges_with_one_source_share_their_way():
    edges = [("x", "w1"), ("w1", "w2"), ("w2", "w3"), ("w3", "f"), ("x", "w3"), ("x", "f")]
    placed = layout(["x", "w1", "w2", "w3", "f"], edges)
    assert placed.routes[4][:2] == placed.routes[5][:2]
    assert placed.routes[4][-2][1] == placed.routes[5][-2][1]


def test_output_stands_alone_in_the_last_column():
    nodes, edges = ["x", "w1", "w2", "f"], [("x", "w1"), ("w1", "w2"), ("x", "f")]
    assert layout(nodes, edges).positions["f"][0] == 1
    placed = layout(nodes, edges, output="f")
    assert [label for label, (x, _) in placed.positions.items() if x == placed.columns - 1] == ["f"]


def test_trivial_graphs():
    assert layout([], []).positions == {}
    alone = layout(["x"], [], output="x")
    assert (alone.positions, alone.columns, alone.rows) == ({"x": (0, 0)}, 1, 1)


@pytest.mark.parametrize(
    ("nodes", "edges", "reason"),
    [
        (["x", "x"], [], "stands twice"),
        (["x"], [("x", "y")], "x → y names a node"),
        (["x", "y"], [("x", "y"), ("y", "x")], "cycle"),
        (["x"], [("x", "x")], "cycle"),
    ],
)
def test_what_is_no_graph_is_refused(nodes, edges, reason):
    with pytest.raises(ValueError, match=reason):
        layout(nodes, edges)


@settings(deadline=None, max_examples=150)
@given(graphs())
def test_properties(graph):
    nodes, edges = graph
    placed = layout(nodes, edges)
    assert list(placed.positions) == nodes
    assert len(placed.routes) == len(edges)
    for rows in columns_of(placed).values():
        rows.sort()
        assert all(lower - upper >= 0.999 for upper, lower in pairwise(rows))
    for x, y in placed.positions.values():
        assert x in range(placed.columns)
        assert -1e-9 <= y <= placed.rows - 1 + 1e-9
    targets = {target for _, target in edges}
    assert all((placed.positions[label][0] == 0) == (label not in targets) for label in nodes)
    columns = columns_of(placed)
    for (source, target), route in zip(edges, placed.routes, strict=True):
        assert [point[0] for point in (route[0], route[-1])] == [
            placed.positions[source][0],
            placed.positions[target][0],
        ]
        assert placed.positions[source][0] < placed.positions[target][0]
        assert abs(route[0][1] - placed.positions[source][1]) <= 0.2001
        assert abs(route[-1][1] - placed.positions[target][1]) <= 0.2001
        assert all(left[0] < right[0] for left, right in pairwise(route))
        between = range(round(placed.positions[source][0]) + 1, round(placed.positions[target][0]))
        assert bool(between) == (len(route) > 2)
        assert all(x in between for x, _ in route[1:-1])
        for column in between:  # straight past the boxes of the column, and away from them
            flat = [
                left for left, right in pairwise(route[1:-1]) if left[0] < column < right[0] and left[1] == right[1]
            ]
            (y,) = {y for x, y in [*route[1:-1], *flat] if x == column or (x, y) in flat}
            assert all(abs(y - row) > BOX_HALF_HEIGHT + 0.2 for row in columns[column])
    distinct = {(pair, tuple(route)) for pair, route in zip(edges, placed.routes, strict=True)}
    assert len(distinct) == len(edges)
    assert layout(nodes, edges) == placed


@settings(deadline=None, max_examples=100)
@given(graphs(most=8))
def test_no_crossing_where_none_is_needed(graph):
    """By trying all orders of all columns, with the long edges of a source apart."""
    nodes, edges = graph
    placed = layout(nodes, edges)
    if placed.crossings and _can_be_drawn_without(nodes, edges, placed):
        pytest.fail(f"{placed.crossings} crossings where none is needed")


def _can_be_drawn_without(nodes, edges, placed):
    column = {label: round(placed.positions[label][0]) for label in nodes}
    layers = [[label for label in nodes if column[label] == number] for number in range(placed.columns)]
    segments = set()
    for number, (source, target) in enumerate(edges):
        last = source
        for between in range(column[source] + 1, column[target]):
            layers[between].append((number, between))
            segments.add((between - 1, last, (number, between)))
            last = (number, between)
        segments.add((column[target] - 1, last, target))
    possible = set(permutations(layers[0]))
    for number in range(1, placed.columns):
        joined = [segment[1:] for segment in segments if segment[0] == number - 1]
        pairs = [(a, c, b, d) for (a, b), (c, d) in combinations(joined, 2) if a != c and b != d]
        orders = list(permutations(layers[number])) if len(layers[number]) < 6 else []
        if len(possible) * len(orders) > 3000:
            return False  # too many to try
        places = [{vertex: place for place, vertex in enumerate(order)} for order in orders]
        lefts = [{vertex: place for place, vertex in enumerate(order)} for order in possible]
        possible = {
            tuple(right)
            for left, right in product(lefts, places)
            if all((left[a] < left[c]) == (right[b] < right[d]) for a, c, b, d in pairs)
        }
    return bool(possible)


def test_two_hundred_nodes_are_placed_without_recursion_and_soon():
    """A polynomial by Horner's rule: one input is read in every second column."""
    nodes = ["x", "c", *(f"w{number}" for number in range(198))]
    edges = [(nodes[number + 1], nodes[number + 2]) for number in range(198)]
    edges += [("x", nodes[number + 2]) for number in range(0, 198, 2)]
    placed = layout(nodes, edges)
    assert placed.columns == 199
    assert placed.rows <= 3
    assert placed.crossings == 0
