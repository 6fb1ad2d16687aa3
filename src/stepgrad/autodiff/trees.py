"""Nested tuples, lists and dictionaries of arrays: taken apart into a flat list of leaves, and put together again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Rebuild = Callable[[list[Any]], Any]


def flatten(tree: Any) -> tuple[list[Any], Rebuild]:
    """The leaves of a tree in order, and the function that builds the same tree from other leaves."""
    leaves: list[Any] = []
    build = _walk(tree, leaves)
    return leaves, build


def _walk(tree: Any, leaves: list[Any]) -> Rebuild:
    if isinstance(tree, dict):
        keys = list(tree)
        parts = [_walk(tree[key], leaves) for key in keys]
        return lambda new: {key: part(new) for key, part in zip(keys, parts, strict=True)}
    if isinstance(tree, (tuple, list)):
        parts = [_walk(item, leaves) for item in tree]
        kind = type(tree)
        if hasattr(kind, "_fields"):  # a named tuple
            return lambda new: kind(*[part(new) for part in parts])
        return lambda new: kind([part(new) for part in parts])
    if tree is None:
        return lambda new: None
    position = len(leaves)
    leaves.append(tree)
    return lambda new: new[position]


def tree_map(function: Callable[..., Any], tree: Any, *others: Any) -> Any:
    """The tree with `function` applied to each leaf, together with the leaves that stand there in the other trees."""
    leaves, build = flatten(tree)
    columns = [flatten(other)[0] for other in others]
    if any(len(column) != len(leaves) for column in columns):
        raise ValueError("the trees have different structures")
    return build([function(*row) for row in zip(leaves, *columns, strict=True)])
