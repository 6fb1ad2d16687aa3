"""The order of vertices within the columns of a layered graph, such that few edges cross.

The methods are named in :mod:`stepgrad.documents.layout`, whose second stage this is. A graph is given as its columns
(``layers``, lists of vertices from top to bottom) and, for each vertex, its neighbours in the column at its left
(``before``) and at its right (``after``), one entry an edge.
"""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Iterator, Sequence
from itertools import islice, pairwise, permutations, product

__all__ = ["count_crossings", "places", "planar_order", "sweep_order"]

_SEARCH_WORK = 30_000  # vertices that the exact search may place
_SWEEP_WORK = 25_000  # vertices and edges that the sweeps may visit


def places(layer: Sequence[int]) -> dict[int, int]:
    """Where each vertex of a column stands, counted from the top."""
    return {vertex: place for place, vertex in enumerate(layer)}


def count_crossings(layers: Sequence[Sequence[int]], after: Sequence[Sequence[int]]) -> int:
    """The number of pairs of edges that cross: inversions of the right ends when the left ends are sorted."""
    total = 0
    for left, right in pairwise(layers):
        place = places(right)
        ends: list[int] = []
        for vertex in left:
            for end in sorted(place[other] for other in after[vertex]):
                total += len(ends) - bisect_right(ends, end)
                insort(ends, end)
    return total


def _planar_is_possible(layers: Sequence[Sequence[int]], before: Sequence[Sequence[int]]) -> bool:
    """Two columns of a and b vertices can be joined without a crossing by at most a + b − 1 different edges."""
    return all(
        sum(len(set(before[vertex])) for vertex in right) < len(left) + len(right) for left, right in pairwise(layers)
    )


def planar_order(layers: Sequence[Sequence[int]], before: Sequence[Sequence[int]]) -> list[list[int]] | None:
    """Orders of all columns with no crossing at all, or None if there are none or the search was given up.

    Once a column is ordered the next one is fixed up to the order of vertices that hang on one and the same
    vertex; so this tries the orders of the inputs (as given first) and of such groups, depth first.
    """
    if not _planar_is_possible(layers, before):
        return None
    work = _SEARCH_WORK
    trail: list[Iterator[tuple[int, ...]]] = [permutations(layers[0])]
    chosen: list[tuple[int, ...]] = []
    while trail:
        order = next(trail[-1], None)
        if order is None:
            trail.pop()
            if chosen:
                chosen.pop()
            continue
        if len(trail) == len(layers):
            return [*map(list, chosen), list(order)]
        following = layers[len(trail)]
        work -= len(following) + 1
        if work < 0:
            return None
        extensions = _planar_extensions(order, following, before)
        if extensions is not None:
            chosen.append(order)
            trail.append(extensions)
    return None


def _planar_extensions(
    order: Sequence[int], following: Sequence[int], before: Sequence[Sequence[int]]
) -> Iterator[tuple[int, ...]] | None:
    """All orders of the following column that cross nothing, or None."""
    place = places(order)
    groups: list[list[int]] = []
    last = (-1, -1)
    spans = []
    for vertex in following:
        ends = [place[other] for other in before[vertex]]
        spans.append((min(ends), max(ends)))
    for number in sorted(range(len(following)), key=spans.__getitem__):
        low, high = spans[number]
        if low < last[1]:
            return None
        if low == high and last == (low, high):
            groups[-1].append(following[number])
        else:
            groups.append([following[number]])
        last = (low, high)
    choices = product(*(list(islice(permutations(group), 720)) for group in groups))
    return (tuple(vertex for group in choice for vertex in group) for choice in choices)


def sweep_order(
    layers: Sequence[Sequence[int]], before: Sequence[Sequence[int]], after: Sequence[Sequence[int]]
) -> list[list[int]]:
    """Median sweeps and transpositions from several starts; the best order met, by crossings, then input order."""
    size = sum(map(len, layers)) + sum(map(len, after))
    rounds = max(4, min(120, _SWEEP_WORK // size))
    inputs = places(layers[0])

    def score(candidate: Sequence[Sequence[int]]) -> tuple[int, int]:
        first = [inputs[vertex] for vertex in candidate[0]]
        inversions = sum(a > b for number, a in enumerate(first) for b in first[number + 1 :])
        return count_crossings(candidate, after), inversions

    starts: list[tuple[list[list[int]], bool]] = [
        ([list(layer) for layer in layers], True),  # the inputs stay as they are
        ([list(layer) for layer in layers], False),
        ([list(layer) for layer in layers], False),  # begins from the right
        ([list(reversed(layer)) for layer in layers], False),
    ]
    best = [list(layer) for layer in layers]
    best_score = score(best)
    for number, (current, fixed) in enumerate(starts):
        stale = 0
        for turn in range(rounds // len(starts) or 1):
            rightwards = (turn + number // 2) % 2 == 0
            _median_sweep(current, before if rightwards else after, rightwards, fixed, turn % 4 >= 2)
            _transpose(current, before, after, fixed)
            reached = score(current)
            if reached < best_score:
                best, best_score, stale = [list(layer) for layer in current], reached, 0
            else:
                stale += 1
            if best_score == (0, 0) or stale >= 4:
                break
        if best_score == (0, 0):
            break
    mirrored = [list(reversed(layer)) for layer in best]
    return mirrored if score(mirrored) < best_score else best


def _median_sweep(
    layers: list[list[int]], neighbours: Sequence[Sequence[int]], rightwards: bool, fixed: bool, flip: bool
) -> None:
    """Sort each column by the (weighted) median place of its neighbours in the column before it."""
    order = range(1, len(layers)) if rightwards else range(len(layers) - 2, 0 if fixed else -1, -1)
    for number in order:
        place = places(layers[number - 1 if rightwards else number + 1])
        layer = layers[number]
        keys: dict[int, tuple[float, int]] = {}
        for current, vertex in enumerate(layer):
            ends = sorted([place[other] for other in neighbours[vertex]])
            keys[vertex] = (_median(ends, current), -current if flip else current)
        layer.sort(key=keys.__getitem__)


def _median(ends: Sequence[int], otherwise: float) -> float:
    """The median, for an even number weighted towards the side on which the places are closer together."""
    if not ends:
        return otherwise
    middle = len(ends) // 2
    if len(ends) % 2:
        return ends[middle]
    if len(ends) == 2:
        return (ends[0] + ends[1]) / 2
    left, right = ends[middle - 1] - ends[0], ends[-1] - ends[middle]
    if not left + right:
        return (ends[middle - 1] + ends[middle]) / 2
    return (ends[middle - 1] * right + ends[middle] * left) / (left + right)


def _transpose(
    layers: list[list[int]], before: Sequence[Sequence[int]], after: Sequence[Sequence[int]], fixed: bool
) -> None:
    """Exchange neighbours within a column as long as that takes crossings away."""
    columns = range(1 if fixed else 0, len(layers))
    waiting = {number for number in columns if len(layers[number]) > 1}
    for _ in range(4):
        changed = {number for number in sorted(waiting) if _transpose_column(layers, before, after, number)}
        waiting = {near for number in changed for near in (number - 1, number, number + 1) if near in columns}
        if not waiting:
            return


def _transpose_column(
    layers: list[list[int]], before: Sequence[Sequence[int]], after: Sequence[Sequence[int]], number: int
) -> bool:
    """Exchange neighbours in one column, from top to bottom; tell whether any were."""
    layer, changed = layers[number], False
    sides: list[dict[int, list[int]]] = []
    for neighbours, other in ((before, number - 1), (after, number + 1)):
        if 0 <= other < len(layers):
            place = places(layers[other])
            sides.append({vertex: sorted([place[end] for end in neighbours[vertex]]) for vertex in layer})
    for spot in range(len(layer) - 1):
        upper, lower = layer[spot], layer[spot + 1]
        gain = 0
        for side in sides:
            above, below = side[upper], side[lower]
            if above and below and above[-1] > below[0]:  # else nothing crosses as they stand
                gain += _inverted(above, below) - _inverted(below, above)
            else:
                gain -= _inverted(below, above)
        if gain > 0:
            layer[spot], layer[spot + 1] = lower, upper
            changed = True
    return changed


def _inverted(upper: Sequence[int], lower: Sequence[int]) -> int:
    """How many crossings there are between the edges of two vertices of which the first stands above."""
    if not upper or not lower or upper[-1] <= lower[0]:
        return 0
    if len(upper) == 1 and len(lower) == 1:
        return 1
    return sum([len(upper) - bisect_right(upper, place) for place in lower])
