"""Nested tuples, lists and dictionaries of arrays: taken apart into a flat list of leaves, and put together again."""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from operator import itemgetter
from typing import Any

import numpy as np

from .tensor import Tensor

Rebuild = Callable[[list[Any]], Any]

LEAVES = frozenset((float, int, np.float64, np.ndarray, Tensor))
"""Types that surely hold no others."""


def flatten(tree: Any) -> tuple[list[Any], Rebuild]:
    """The leaves of a tree in order, and the function that builds the same tree from other leaves.

    Named tuples and subclasses of dict keep their type; None is a tree without leaves.
    """
    if type(tree) in LEAVES:  # the usual outputs and the usual arguments need no walk
        return [tree], itemgetter(0)
    if type(tree) is tuple and LEAVES.issuperset(map(type, tree)):
        return list(tree), tuple
    leaves: list[Any] = []
    build = _walk(tree, leaves)
    return leaves, build


def _walk(tree: Any, leaves: list[Any]) -> Rebuild:
    if isinstance(tree, dict):
        return _walk_dictionary(tree, leaves)
    if isinstance(tree, (tuple, list)):
        kind = type(tree)
        if kind in (tuple, list) and LEAVES.issuperset(map(type, tree)):
            some = slice(len(leaves), len(leaves) + len(tree))
            leaves.extend(tree)
            return lambda new: kind(new[some])
        parts = [_walk(item, leaves) for item in tree]
        if hasattr(kind, "_fields"):  # a named tuple
            return lambda new: kind(*[part(new) for part in parts])
        return lambda new: kind([part(new) for part in parts])
    if tree is None:
        return lambda new: None
    position = len(leaves)
    leaves.append(tree)
    return lambda new: new[position]


def _walk_dictionary(tree: dict[Any, Any], leaves: list[Any]) -> Rebuild:
    parts = {key: _walk(item, leaves) for key, item in tree.items()}
    if type(tree) is dict:
        return lambda new: {key: part(new) for key, part in parts.items()}

    def build(new: list[Any]) -> Any:
        same_kind = copy(tree)  # an OrderedDict or a defaultdict stays one
        same_kind.update({key: part(new) for key, part in parts.items()})
        return same_kind

    return build


def leaves_like(pattern: Any, tree: Any) -> list[Any]:
    """The leaves of a tree in the order of those of `pattern`: dictionaries are matched by their keys.

    What stands where the pattern has a leaf is a leaf, a list of numbers too. Lists and tuples may stand for each
    other.

    Raises:
        ValueError: the structures differ.
    """
    if isinstance(pattern, dict):
        if not isinstance(tree, dict) or tree.keys() != pattern.keys():
            raise ValueError(f"expected a dictionary with the keys {list(pattern)}, got {_described(tree)}")
        return [leaf for key, item in pattern.items() for leaf in leaves_like(item, tree[key])]
    if isinstance(pattern, (tuple, list)):
        if not isinstance(tree, (tuple, list)) or len(tree) != len(pattern):
            raise ValueError(f"expected a {type(pattern).__name__} of {len(pattern)}, got {_described(tree)}")
        return [leaf for item, part in zip(pattern, tree, strict=True) for leaf in leaves_like(item, part)]
    if pattern is None:
        if tree is not None:
            raise ValueError(f"expected None, got {_described(tree)}")
        return []
    return [tree]


def _described(tree: Any) -> str:
    if isinstance(tree, dict):
        return f"a dictionary with the keys {list(tree)}"
    if isinstance(tree, (tuple, list)):
        return f"a {type(tree).__name__} of {len(tree)}"
    return "None" if tree is None else f"one {type(tree).__name__}"


def tree_map(function: Callable[..., Any], tree: Any, *others: Any) -> Any:
    """The tree with `function` applied to each leaf, together with the leaves that stand there in the other trees.

    Raises:
        ValueError: the trees have different structures.
    """
    leaves, build = flatten(tree)
    columns = [leaves_like(tree, other) for other in others]
    return build([function(*row) for row in zip(leaves, *columns, strict=True)])
