"""Orders of the nodes of a directed graph: cycles, topological orders, how many there are, and two ways to find one.

A graph here is a list of nodes and a list of edges (source, target); an edge may stand twice, as in x·x. The browser
computes the same in `widgets/src/math/orders.ts`.

An order of the nodes is *topological* if every edge points forward in it. A graph has one exactly if it has no directed
cycle (Kahn, *Topological sorting of large networks*, CACM 5, 1962). To count them is #P-complete (Brightwell and
Winkler, *Counting linear extensions*, Order 8, 1991), so that there is a limit, and bounds beyond it.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from math import comb, factorial, prod
from typing import NamedTuple, TypeVar, cast

__all__ = [
    "LIMIT", "DepthFirstStep", "KahnStep", "TooManyError", "backward_edges", "bound_orders", "count_orders",
    "depth_first", "find_cycle", "kahn", "path_between", "undirected_cycle",
]  # fmt: skip

N = TypeVar("N", bound=Hashable)
LIMIT = 50_000
"""How many sets of first nodes are looked at, at most, to count the orders for a widget."""


class TooManyError(ValueError):
    """There are too many orders to count them exactly within a limit."""


def _successors(nodes: Iterable[N], edges: Iterable[tuple[N, N]]) -> dict[N, list[N]]:
    """For each node those that an edge leads to, each once."""
    after: dict[N, dict[N, None]] = {node: {} for node in nodes}
    for source, target in edges:
        after[source][target] = None
    return {node: list(targets) for node, targets in after.items()}


def _predecessors(nodes: Iterable[N], edges: Iterable[tuple[N, N]]) -> dict[N, list[N]]:
    return _successors(nodes, [(target, source) for source, target in edges])


# Cycles -------------------------------------------------------------------------------------------------------------


def path_between(edges: Sequence[tuple[N, N]], start: N, end: N) -> list[N] | None:
    """A shortest path along the edges, with both ends; None if there is none. An edge end → start closes a cycle."""
    after = _successors({node: None for edge in edges for node in edge} | {start: None}, edges)
    came: dict[N, N | None] = {start: None}
    waiting = [start]
    for node in waiting:  # grows as it is read
        if node == end:
            path = [node]
            while (before := came[path[-1]]) is not None:
                path.append(before)
            return path[::-1]
        for target in after[node]:
            if target not in came:
                came[target] = node
                waiting.append(target)
    return None


def find_cycle(nodes: Sequence[N], edges: Sequence[tuple[N, N]]) -> list[N] | None:
    """A directed cycle as v₁, v₂, …, v₁, the shortest through the first node that is on any; None if there is none."""
    for node in nodes:
        rest = [path for source, target in edges if source == node and (path := path_between(edges, target, node))]
        if rest:
            return [node, *min(rest, key=len)]
    return None


def undirected_cycle(nodes: Sequence[N], edges: Sequence[tuple[N, N]]) -> list[N] | None:
    """A cycle of the graph with its arrows taken off, as v₁, v₂, …, v₁; None if it is a forest.

    Two edges between the same nodes count as one.
    """
    beside: dict[N, list[N]] = {node: [] for node in nodes}
    joined: set[tuple[N, N]] = set()
    for source, target in edges:
        if source == target:
            return [source, source]
        if (source, target) in joined or (target, source) in joined:
            continue
        path = path_between([(a, b) for a in beside for b in beside[a]], source, target)
        if path is not None:
            return [*path, source]
        joined.add((source, target))
        beside[source].append(target)
        beside[target].append(source)
    return None


# Orders -------------------------------------------------------------------------------------------------------------


def backward_edges(order: Sequence[N], edges: Sequence[tuple[N, N]]) -> list[tuple[N, N]]:
    """The edges that don't point forward in an order, each once."""
    place = {node: i for i, node in enumerate(order)}
    return [edge for edge in dict.fromkeys(edges) if place[edge[0]] >= place[edge[1]]]


def count_orders(nodes: Sequence[N], edges: Sequence[tuple[N, N]], limit: int = LIMIT) -> int:
    """How many topological orders there are, exactly; 0 if there is a cycle.

    Parts that no edge joins are counted by themselves, and their orders shuffled into each other in every way. In a
    part every set of nodes that can come first is looked at once.

    Raises:
        TooManyError: more than `limit` such sets would have to be looked at.
    """
    total, placed, seen = 1, 0, 0
    for part in _parts(nodes, edges):
        inside = set(part)
        count, looked = _count_part(part, [edge for edge in edges if edge[0] in inside], limit - seen)
        seen += looked
        placed += len(part)
        total *= count * comb(placed, len(part))
    return total


def _parts(nodes: Sequence[N], edges: Sequence[tuple[N, N]]) -> list[list[N]]:
    """The nodes by connected part, in their order."""
    beside = _successors(nodes, [*edges, *((target, source) for source, target in edges)])
    part_of: dict[N, int] = {}
    parts: list[list[N]] = []
    for node in nodes:
        if node in part_of:
            continue
        waiting = [node]
        part_of[node] = len(parts)
        for one in waiting:  # grows as it is read
            for other in beside[one]:
                if other not in part_of:
                    part_of[other] = len(parts)
                    waiting.append(other)
        parts.append([one for one in nodes if part_of.get(one) == len(parts)])
    return parts


def _count_part(nodes: Sequence[N], edges: Sequence[tuple[N, N]], limit: int) -> tuple[int, int]:
    """The orders, and how many sets were looked at."""
    bit = {node: 1 << i for i, node in enumerate(nodes)}
    before = _predecessors(nodes, edges)
    needs = [sum(bit[a] for a in before[node]) for node in nodes]
    ways, seen = {0: 1}, 0
    for _ in nodes:
        longer: dict[int, int] = {}
        for done, count in ways.items():
            for i, need in enumerate(needs):
                if not done >> i & 1 and need & ~done == 0:
                    longer[done | 1 << i] = longer.get(done | 1 << i, 0) + count
        ways = longer
        seen += len(ways)
        if seen > limit:
            raise TooManyError(
                f"this graph has too many orders to count exactly (more than {limit} sets of first nodes)"
            )
    return sum(ways.values()), seen


def bound_orders(nodes: Sequence[N], edges: Sequence[tuple[N, N]]) -> tuple[int, int]:
    """A lower and an upper bound for the number of topological orders of a graph without cycles; both are proved.

    In a forest, where each node waits for at most one other, a random order is topological with the probability
    ∏ 1/(size of the subtree below v), exactly (Knuth, TAOCP 3, section 5.1.4, exercise 20). Leaving out edges until a
    forest is left can only make orders valid: that bounds the number from above. For any graph, ∏ 1/(number of nodes
    that come after v, with v) is at most the probability (Hammett and Pittel, *How often are two permutations
    comparable?*, Trans. AMS 360, 2008): that bounds it from below. Each is taken both with the graph and with all its
    edges turned round, and the better one counts.
    """
    everything = factorial(len(nodes))
    low, high = 1, everything
    for turned in (False, True):
        pairs = [(target, source) for source, target in edges] if turned else list(edges)
        after, before = _successors(nodes, pairs), _predecessors(nodes, pairs)
        order = cast("list[N]", kahn(nodes, pairs)[-1].order)
        reach: dict[N, set[N]] = {}
        depth: dict[N, int] = {}
        for node in reversed(order):
            reach[node] = {node}.union(*(reach[target] for target in after[node]))
        for node in order:
            depth[node] = 1 + max((depth[source] for source in before[node]), default=0)
        size = dict.fromkeys(nodes, 1)
        for node in reversed(order):
            if before[node]:
                size[max(before[node], key=depth.__getitem__)] += size[node]
        low = max(low, -(-everything // prod(len(below) for below in reach.values())))
        high = min(high, everything // prod(size.values()))
    return low, high


# Two ways to find an order --------------------------------------------------------------------------------------------

KAHN_CODE = """\
def kahn(nodes, successors, waiting):
    ready = [v for v in nodes if waiting[v] == 0]
    order = []
    while ready:
        v = ready.pop(0)
        order.append(v)
        for w in successors[v]:
            waiting[w] -= 1
            if waiting[w] == 0:
                ready.append(w)
    return order"""

DEPTH_FIRST_CODE = """\
def depth_first(nodes, successors):
    order, seen = [], set()
    def visit(v):
        seen.add(v)
        for w in successors[v]:
            if w not in seen:
                visit(w)
        order.insert(0, v)
    for v in nodes:
        if v not in seen:
            visit(v)
    return order"""


class KahnStep(NamedTuple):
    """A moment of Kahn's algorithm.

    Attributes:
        event: "start"; "take", a node leaves the queue and joins the order; or "release", its edges are done with.
        node: the node in question; None at the start.
        ready: the queue.
        waiting: for each node, in the order of the nodes, for how many others it still waits.
        order: what has been ordered.
    """

    event: str
    node: Hashable | None
    ready: list[Hashable]
    waiting: list[int]
    order: list[Hashable]


class DepthFirstStep(NamedTuple):
    """A moment of the depth-first algorithm.

    Attributes:
        event: "start"; "visit", a node is come to for the first time; or "finish", all that it leads to is ordered.
        node: the node in question; None at the start.
        stack: the nodes that are visited and not finished, the last one on top.
        order: what has been ordered: each node is put in front.
    """

    event: str
    node: Hashable | None
    stack: list[Hashable]
    order: list[Hashable]


def kahn(nodes: Sequence[N], edges: Sequence[tuple[N, N]]) -> list[KahnStep]:
    """Kahn's algorithm, step by step: take a node that waits for no other, and let go those that waited for it.

    Where there is a cycle, the nodes on it and after it are never ready: the order is shorter than the graph.
    """
    after = _successors(nodes, edges)
    waiting = {node: len(before) for node, before in _predecessors(nodes, edges).items()}
    ready = [node for node in nodes if not waiting[node]]
    order: list[N] = []
    steps = [KahnStep("start", None, list(ready), list(waiting.values()), [])]
    while ready:
        node = ready.pop(0)
        order.append(node)
        steps.append(KahnStep("take", node, list(ready), list(waiting.values()), list(order)))
        for target in after[node]:
            waiting[target] -= 1
            if not waiting[target]:
                ready.append(target)
        steps.append(KahnStep("release", node, list(ready), list(waiting.values()), list(order)))
    return steps


def depth_first(nodes: Sequence[N], edges: Sequence[tuple[N, N]]) -> list[DepthFirstStep]:
    """The depth-first algorithm, step by step: a node is put in front when all that it leads to has been put there.

    The graph must have no cycle.
    """
    after = _successors(nodes, edges)
    seen: set[N] = set()
    order: list[N] = []
    steps = [DepthFirstStep("start", None, [], [])]
    for root in nodes:
        if root in seen:
            continue
        stack, places = [root], [0]
        seen.add(root)
        steps.append(DepthFirstStep("visit", root, list(stack), list(order)))
        while stack:
            fresh = next((w for w in after[stack[-1]][places[-1] :] if w not in seen), None)
            if fresh is None:
                node = stack.pop()
                places.pop()
                order.insert(0, node)
                steps.append(DepthFirstStep("finish", node, list(stack), list(order)))
            else:
                places[-1] = after[stack[-1]].index(fresh) + 1
                seen.add(fresh)
                stack.append(fresh)
                places.append(0)
                steps.append(DepthFirstStep("visit", fresh, list(stack), list(order)))
    return steps
