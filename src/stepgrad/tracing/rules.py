"""The local rule of a node as formulas: its partial derivatives, and its linear maps both ways.

A rule is written in primitives, so running it on *symbolic* Tensors, named leaves of a level of their own, writes
down its formula. There is no second table.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from ..autodiff.linear_maps import LinearMap, formula_of
from ..autodiff.primitive import Elementwise, Primitive
from ..autodiff.tensor import Level, leaf
from ..documents.formulas import Tree, simplify


class Rule(NamedTuple):
    """The local derivative by one argument.

    Attributes:
        partial: the partial derivative where the primitive is elementwise, else None.
        structure: the name of the local Jacobian's structure.
        push, pull: what the map does to a tangent and its transpose to an adjoint, with "□" for it.
        role: what it does to a backward flow.
        operations: multiplications and additions that one application takes.
    """

    partial: Tree | None
    structure: str
    push: Tree
    pull: Tree
    role: str | None
    operations: int


def rule_of(
    primitive: Primitive,
    k: int,
    label: str,
    value: Any,
    labels: Sequence[str | None],
    values: Sequence[Any],
    parameters: dict[str, Any],
) -> Rule:
    """The rule by argument k of a node called `label`, whose arguments are called `labels` (None for plain numbers)."""
    level = Level(symbolic=True)
    output = leaf(value, level, label)
    arguments = tuple(v if name is None else leaf(v, level, name) for v, name in zip(values, labels, strict=True))
    with np.errstate(all="ignore"):
        local = primitive.local_map(k, output, arguments, parameters)
        partial = None
        if isinstance(primitive, Elementwise) and primitive.partials[k] is not None:
            partial = simplify(formula_of(primitive.partial(k, output, arguments)))
        push, pull = (simplify(_without_reshapes(m.formula())) for m in (local, local.transpose()))
    return Rule(partial, local.structure, push, pull, _role(primitive, local), local.operations)


def _without_reshapes(tree: Tree, inside: bool = False) -> Tree:
    """A formula in which a vector in a matrix product is not said to be a matrix of one column first."""
    if not isinstance(tree, list):
        return tree
    if tree[0] == "reshape" and (inside or (isinstance(tree[1], list) and tree[1][0] == "matmul")):
        return _without_reshapes(tree[1], inside)
    return [tree[0], *(_without_reshapes(part, inside or tree[0] == "matmul") for part in tree[1:])]


def _role(primitive: Primitive, local: LinearMap) -> str | None:
    """Binary gates have a role in a backward flow; a function of one argument just scales."""
    if isinstance(primitive, Elementwise):
        if primitive.role == "router":
            return "router"
        if primitive.name in ("add", "subtract"):
            return "distributor"
        return "switcher" if primitive.name == "multiply" else None
    return local.role
