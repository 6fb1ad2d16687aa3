"""The order in which an evaluation trace lists its operations.

Statements stand in the order in which they ran. Within one statement, where Python's order of evaluation is an
accident of how the formula is written, operations stand as one computes by hand: by depth, and within a depth by the
arguments they read. So `x1*x2 + sin(x1)` gives w1 = sin x1, w2 = x1·x2 however it is written, and the survey's
example its published table.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from itertools import groupby
from typing import TypeVar

N = TypeVar("N", bound=Hashable)


def evaluation_order(
    inputs: Sequence[N], operations: Sequence[N], arguments: Mapping[N, Sequence[N]], statement: Mapping[N, int]
) -> list[N]:
    """The operations in the order of the trace.

    Args:
        inputs: the graph's inputs.
        operations: the operations in the order in which they ran.
        arguments: the nodes each operation reads.
        statement: the number of the statement each operation was part of.
    """
    rank = {node: i for i, node in enumerate(inputs)}
    ordered: list[N] = []
    for _, group in groupby(operations, key=lambda node: statement[node]):
        for layer in _layers(list(group), arguments):
            for node in sorted(layer, key=lambda node: sorted(rank[a] for a in arguments[node])):
                rank[node] = len(rank)
                ordered.append(node)
    return ordered


def _layers(group: Sequence[N], arguments: Mapping[N, Sequence[N]]) -> list[list[N]]:
    """The nodes of one statement by depth: first those that read none of the others."""
    depth: dict[N, int] = {}
    for node in group:
        depth[node] = 1 + max((depth[a] for a in arguments[node] if a in depth), default=-1)
    layers: list[list[N]] = [[] for _ in range(max(depth.values()) + 1)]
    for node in group:
        layers[depth[node]].append(node)
    return layers


def count_orders(arguments: Mapping[N, Sequence[N]], limit: int) -> int:
    """The number of topological orders, exactly, by counting over the sets of nodes that can come first.

    Raises:
        ValueError: more than `limit` such sets would have to be looked at.
    """
    nodes = list(arguments)
    bit = {node: 1 << i for i, node in enumerate(nodes)}
    needs = [sum(bit[a] for a in dict.fromkeys(arguments[node])) for node in nodes]
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
            raise ValueError(f"this graph has too many orders to count exactly (more than {limit} sets of first nodes)")
    return sum(ways.values())
