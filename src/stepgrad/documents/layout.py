"""Where the nodes of a computational graph stand: layered graph layout on a grid, in plain Python.

The method is that of Sugiyama, Tagawa and Toda (*Methods for visual understanding of hierarchical system
structures*, IEEE Trans. SMC 11, 1981), in four stages:

1. a node's column is the length of the longest path that leads to it, so inputs stand at the left and the
   output alone at the right, and a long edge gets a *dummy* in every column it passes;
2. the order within the columns is sought first by an exact search for an order without crossings, then, where
   there is none or it is not found in bounded time, by median sweeps and transpositions (Gansner, Koutsofios,
   North, Vo, *A technique for drawing directed graphs*, IEEE Trans. Softw. Eng. 19, 1993), with crossings
   counted exactly (Barth, Mutzel, Jünger, *Simple and efficient bilayer cross counting*, JGAA 8, 2004);
3. rows come from Brandes and Köpf (*Fast and simple horizontal coordinate assignment*, Graph Drawing 2001;
   with the block compaction of its 2020 erratum in mind, blocks are placed by longest paths in the graph of
   blocks): four extreme alignments, of which the two medians are averaged, so that long edges are straight;
4. an edge is routed through its dummies, and leaves and enters its nodes at ports that don't cross.

Nothing here is random and nothing recurses: the same graph always has the same picture.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from .crossings import count_crossings, places, planar_order, sweep_order

__all__ = ["BOX_HALF_HEIGHT", "Layout", "layout"]

Point = tuple[float, float]

BOX_HALF_HEIGHT = 0.36
"""A node's box may reach this far from its centre, in rows: a passing edge stays farther away than that."""

_NODE_GAP = 1.0  # rows between two nodes of one column
_PASSING_GAP = 0.65  # … between a node and a long edge that passes it
_EDGE_GAP = 0.35  # … between two passing edges
_PORT_GAP, _PORT_SPAN = 0.16, 0.4  # … between two edges at one side of a box, and for all of them
_DUMMY_LIMIT = 400  # above this many dummies long edges with one source share theirs


@dataclass(frozen=True, slots=True)
class Layout:
    """A placed graph, in grid units: x is the column, y the row (it may be fractional) counted downwards.

    ``positions`` has a point for each node; ``routes`` has one polyline an edge, in the order of the edges.
    A route starts in its source and ends in its target at the right column and at the height of its port
    (so parallel edges have routes of their own). Between them it has points in columns that it passes: there, and
    in the columns between two such points at one height, it must be drawn horizontally over the width of the boxes,
    and elsewhere as a cubic curve with horizontal tangents at its ends: then no box is touched.
    ``columns`` and ``rows`` are the extent: every point has 0 ≤ x ≤ columns − 1 and 0 ≤ y ≤ rows − 1, save for
    ports, which may leave it by 0.2.
    """

    positions: dict[str, Point]
    routes: list[list[Point]]
    columns: int
    rows: float
    crossings: int


def layout(nodes: Sequence[str], edges: Sequence[tuple[str, str]], output: str | None = None) -> Layout:
    """Place the nodes of a directed acyclic graph on a grid and route its edges.

    ``nodes`` are distinct labels, inputs in the order in which they should stand from top to bottom where that
    costs no crossing; ``edges`` are pairs (from, to), and a pair that stands twice is drawn twice. ``output``
    is put in the last column even if an unused node lies as far from the inputs.

    Raises ValueError for a label that stands twice, an edge to an unknown node, and a cycle.
    """
    index = {label: number for number, label in enumerate(nodes)}
    if len(index) != len(nodes):
        raise ValueError("a node label stands twice in the graph")
    for source, target in edges:
        if source not in index or target not in index:
            raise ValueError(f"the edge {source} → {target} names a node that is not in the graph")
    if not nodes:
        return Layout({}, [[] for _ in edges], 0, 0, 0)
    pairs = [(index[source], index[target]) for source, target in edges]
    columns = _columns(len(nodes), pairs, None if output is None else index.get(output))

    def placed(shared: bool) -> tuple[int, _Layers]:
        layers = _Layers(columns, pairs, shared)
        return layers.order(), layers

    dummies = sum(columns[target] - columns[source] - 1 for source, target in pairs)
    sources = [source for source, target in pairs if columns[target] - columns[source] > 1]
    crossings, layers = placed(shared=len(set(sources)) < len(sources))
    if crossings and len(set(sources)) < len(sources) and dummies <= _DUMMY_LIMIT:
        apart, others = placed(shared=False)
        if apart < crossings:
            crossings, layers = apart, others
    rows = _rows(layers)
    top = min(rows)
    rows = [round(row - top, 4) for row in rows]
    positions = {label: (float(columns[number]), rows[number]) for label, number in index.items()}
    return Layout(positions, _routes(layers, rows), max(columns) + 1, max(rows) + 1, crossings)


def _columns(count: int, pairs: Sequence[tuple[int, int]], output: int | None) -> list[int]:
    """Each node's column, the length of the longest path that leads to it (Kahn's order, so cycles are found)."""
    successors: list[list[int]] = [[] for _ in range(count)]
    waiting = [0] * count
    for source, target in pairs:
        successors[source].append(target)
        waiting[target] += 1
    ready = [node for node in range(count) if not waiting[node]]
    column = [0] * count
    for node in ready:  # grows as it is read
        for target in successors[node]:
            column[target] = max(column[target], column[node] + 1)
            waiting[target] -= 1
            if not waiting[target]:
                ready.append(target)
    if len(ready) < count:
        raise ValueError("the graph has a cycle: a value cannot depend on itself")
    if output is not None and column[output] and not successors[output]:
        others = max((column[node] for node in range(count) if node != output), default=0)
        column[output] = max(column[output], others + 1)
    return column


class _Layers:
    """The graph with its dummies: ``layers[c]`` lists the vertices of column c from top to bottom.

    Vertices below ``real`` are nodes, the others dummies. ``before`` and ``after`` hold a vertex's neighbours in the
    columns at its left and right (one entry an edge). ``chains`` holds the dummies of every edge.
    """

    def __init__(self, columns: Sequence[int], pairs: Sequence[tuple[int, int]], shared: bool) -> None:
        self.real = len(columns)
        self.columns = list(columns)
        self.pairs = pairs
        self.layers: list[list[int]] = [[] for _ in range(max(columns) + 1)]
        for node, column in enumerate(columns):
            self.layers[column].append(node)
        self.before: list[list[int]] = [[] for _ in columns]
        self.after: list[list[int]] = [[] for _ in columns]
        self.chains: list[list[int]] = []
        trunks: dict[tuple[int, int], int] = {}
        for source, target in pairs:
            last, chain = source, []
            for column in range(columns[source] + 1, columns[target]):
                dummy = trunks.get((source, column)) if shared else None
                if dummy is None:
                    dummy = trunks[source, column] = self._add(column)
                    self._join(last, dummy)
                chain.append(dummy)
                last = dummy
            self._join(last, target)
            self.chains.append(chain)

    def _add(self, column: int) -> int:
        self.columns.append(column)
        self.before.append([])
        self.after.append([])
        self.layers[column].append(len(self.columns) - 1)
        return len(self.columns) - 1

    def _join(self, left: int, right: int) -> None:
        self.after[left].append(right)
        self.before[right].append(left)

    def order(self) -> int:
        """Order every layer for few crossings; return how many are left."""
        self._start()
        found = planar_order(self.layers, self.before)
        if found is not None:
            self.layers = found
            return 0
        self.layers = sweep_order(self.layers, self.before, self.after)
        return count_crossings(self.layers, self.after)

    def _start(self) -> None:
        """Let every layer begin in the order in which a depth-first walk from the inputs meets its vertices."""
        seen: dict[int, int] = {}
        stack = list(reversed(self.layers[0]))
        while stack:
            vertex = stack.pop()
            if vertex not in seen:
                seen[vertex] = len(seen)
                stack.extend(reversed(self.after[vertex]))
        for layer in self.layers[1:]:
            layer.sort(key=seen.__getitem__)


# ---- rows --------------------------------------------------------------------------------------------------------


def _rows(graph: _Layers) -> list[float]:
    """The row of each vertex: the mean of the two medians of Brandes and Köpf's four alignments."""
    conflicts = _conflicts(graph)
    results = []
    for leftwards in (False, True):
        layers = graph.layers[::-1] if leftwards else graph.layers
        neighbours = graph.after if leftwards else graph.before
        for upwards in (False, True):
            view = [layer[::-1] for layer in layers] if upwards else layers
            root = _align(view, neighbours, conflicts)
            rows = _compact(view, root, graph.real)
            results.append([-row for row in rows] if upwards else rows)
    narrow = min(results, key=lambda rows: max(rows) - min(rows))
    low, high = min(narrow), max(narrow)
    for number, rows in enumerate(results):
        shift = high - max(rows) if number % 2 else low - min(rows)
        results[number] = [row + shift for row in rows]
    return [sum(sorted(four)[1:3]) / 2 for four in zip(*results, strict=True)]


def _conflicts(graph: _Layers) -> set[tuple[int, int]]:
    """Segments that may not be made straight, because an inner segment (one between two dummies) goes first.

    Either they cross it (type 1 conflicts), or they branch off from a long edge that goes on.
    """
    marked: set[tuple[int, int]] = set()
    for left, right in pairwise(graph.layers):
        place = places(left)
        lowest, scanned = 0, 0
        for number, vertex in enumerate(right):
            inner = vertex >= graph.real and graph.before[vertex][0] >= graph.real
            if not inner and number < len(right) - 1:
                continue
            highest = place[graph.before[vertex][0]] if inner else len(left) - 1
            for other in right[scanned : number + 1]:
                for end in graph.before[other]:
                    if not lowest <= place[end] <= highest:
                        marked |= {(end, other), (other, end)}
            lowest, scanned = highest, number + 1
    for dummy in range(graph.real, len(graph.after)):
        if any(other >= graph.real for other in graph.after[dummy]):
            for other in graph.after[dummy]:
                if other < graph.real:
                    marked |= {(dummy, other), (other, dummy)}
    return marked


def _align(
    layers: Sequence[Sequence[int]], neighbours: Sequence[Sequence[int]], conflicts: set[tuple[int, int]]
) -> list[int]:
    """The block each vertex belongs to: vertices aligned with a median neighbour where no aligned pair crosses."""
    root = list(range(len(neighbours)))
    for previous, layer in pairwise(layers):
        place = places(previous)
        taken = -1
        for vertex in layer:
            ends = sorted(neighbours[vertex], key=place.__getitem__)
            if not ends:
                continue
            for end in ends[(len(ends) - 1) // 2 : len(ends) // 2 + 1]:
                if root[vertex] == vertex and (end, vertex) not in conflicts and place[end] > taken:
                    root[vertex] = root[end]
                    taken = place[end]
    return root


def _compact(layers: Sequence[Sequence[int]], root: Sequence[int], real: int) -> list[float]:
    """Place whole blocks, as near to the start as the gaps let them, then back towards what follows them."""
    follows: dict[int, dict[int, float]] = {block: {} for block in set(root)}
    precedes: dict[int, dict[int, float]] = {block: {} for block in follows}
    for layer in layers:
        for upper, lower in pairwise(layer):
            apart = max(follows[root[upper]].get(root[lower], 0), _gap(upper < real, lower < real))
            follows[root[upper]][root[lower]] = precedes[root[lower]][root[upper]] = apart
    waiting = {block: len(above) for block, above in precedes.items()}
    sequence = sorted(block for block, count in waiting.items() if not count)
    row = dict.fromkeys(follows, 0.0)
    for block in sequence:  # grows as it is read
        for lower, apart in follows[block].items():
            row[lower] = max(row[lower], row[block] + apart)
            waiting[lower] -= 1
            if not waiting[lower]:
                sequence.append(lower)
    for block in reversed(sequence):
        if follows[block]:
            row[block] = max(row[block], min(row[lower] - apart for lower, apart in follows[block].items()))
    return [row[block] for block in root]


def _gap(upper_is_node: bool, lower_is_node: bool) -> float:
    if upper_is_node and lower_is_node:
        return _NODE_GAP
    return _PASSING_GAP if upper_is_node or lower_is_node else _EDGE_GAP


# ---- routes ------------------------------------------------------------------------------------------------------


def _routes(graph: _Layers, rows: Sequence[float]) -> list[list[Point]]:
    """Each edge through its dummies, from port to port; of a straight run only the ends are told."""
    leaving = _ports(graph, rows, outgoing=True)
    entering = _ports(graph, rows, outgoing=False)
    routes = []
    for number, (source, target) in enumerate(graph.pairs):
        route: list[Point] = [(float(graph.columns[source]), round(rows[source] + leaving[number], 4))]
        for dummy in graph.chains[number]:
            if len(route) > 2 and route[-2][1] == route[-1][1] == rows[dummy]:
                del route[-1]  # it goes straight on
            route.append((float(graph.columns[dummy]), rows[dummy]))
        route.append((float(graph.columns[target]), round(rows[target] + entering[number], 4)))
        routes.append(route)
    return routes


def _ports(graph: _Layers, rows: Sequence[float], outgoing: bool) -> list[float]:
    """How far from its node's centre each edge leaves it (or enters it), in the order of where it goes."""
    bundles: dict[int, dict[tuple[float, int], list[int]]] = {}
    for number, (source, target) in enumerate(graph.pairs):
        chain = graph.chains[number]
        node = source if outgoing else target
        towards = (chain[0] if outgoing else chain[-1]) if chain else (target if outgoing else source)
        trunk = towards if outgoing and chain else -1 - number  # edges that share a trunk share a port
        bundles.setdefault(node, {}).setdefault((rows[towards], trunk if trunk >= 0 else number), []).append(number)
    offsets = [0.0] * len(graph.pairs)
    for ports in bundles.values():
        step = min(_PORT_GAP, _PORT_SPAN / max(1, len(ports) - 1))
        for place, key in enumerate(sorted(ports)):
            for number in ports[key]:
                offsets[number] = (place - (len(ports) - 1) / 2) * step
    return offsets
