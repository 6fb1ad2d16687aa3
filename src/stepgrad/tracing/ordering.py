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
