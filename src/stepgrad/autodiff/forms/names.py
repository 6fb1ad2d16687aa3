"""The names that people read, such as Identity, Diagonal and Kronecker, read off a form.

| name | when |
|---|---|
| Zero, Identity, ScaledIdentity, Diagonal | output and input stand at the same place, and what is there |
| Permutation | each entry of the input goes to one place of the output, and all places are taken |
| Selection, Scatter | a row, or a column, has at most one entry, and it is 1 |
| Copy, Sum, Mean | the output has labels that the input has not; or the other way about |
| Kronecker | I ⊗ A: labels are shared, and the factor does not know them |
| BlockDiagonal | labels are shared, and the factor does: each block is another |
| Toeplitz, BlockToeplitz | a window slides: a position of the input is a position of the output and a distance |
| LowerTriangular, UpperTriangular | running sums |
| RankOne | an outer product of numbers of the output's and numbers of the input's |
| Dense | nothing is shared |

Products of these are written with `@`.
"""

from __future__ import annotations

from math import prod

import numpy as np

from .axes import Axis, Label, flat_axis, flat_positions, labels_of, mixed_radix
from .form import Form

SCALES = frozenset(("Zero", "Identity", "ScaledIdentity", "Diagonal"))
"""The structures that leave entries where they are: products of them are again like that."""

MOVES = frozenset(("Identity", "Permutation", "Selection", "Scatter", "Copy"))
"""The structures that only move entries: products of them mostly are again like that."""


def name_of(form: Form) -> str:
    """The name of a form's structure; a form with labels to sum is called a Product."""
    arrays = [(labels, array) for labels, array in form.factors if labels]
    scale = prod([float(array) for labels, array in form.factors if not labels])
    if scale == 0:
        return "Zero"
    if form.hidden:
        return "Product"
    out, inside = set(form.out_labels), set(labels_of(form.in_axes))
    if out == inside:
        return _one_to_one(form, bool(arrays), scale)
    if not arrays and (inside < out or out < inside):
        copies = _copies(form, inside < out, scale)
        if copies is not None:
            return copies
    shared = out & inside
    if _slides(form, shared):
        return (
            "Toeplitz" if len(out) == 1 and not any(shared & set(labels) for labels, _ in arrays) else "BlockToeplitz"
        )
    if not shared:
        return "RankOne" if arrays and _is_outer_product(form) else _dense(form)
    if not any(shared & set(labels) for labels, _ in arrays):
        return "Kronecker"
    return "BlockDiagonal"


def _one_to_one(form: Form, weighted: bool, scale: float) -> str:
    """Output and input have the same labels: the terms are moved from places to places."""
    rows, columns = form.shape
    if form.count == rows == columns and _at_one_place(form):
        return "Diagonal" if weighted else "Identity" if scale == 1 else "ScaledIdentity"
    one_a_row, one_a_column = _apart(form.out_axes), _apart(form.in_axes)
    if one_a_row and one_a_column and form.count == rows == columns:
        name = "Permutation"
    elif one_a_row and form.count == rows:
        name = "Selection"
    elif one_a_column:
        name = "Scatter"
    else:
        return "Product"  # a scatter of a selection
    return f"Diagonal @ {name}" if weighted or scale != 1 else name


def _at_one_place(form: Form) -> bool:
    """Whether each term stands in a row and a column of one number."""
    if form.out_axes == form.in_axes and form.out_shape == form.in_shape:
        return True
    if not any(axis.tables for axis in (*form.out_axes, *form.in_axes)):
        out, inside = flat_axis(form.out_axes, form.out_shape), flat_axis(form.in_axes, form.in_shape)
        return (out.offset, out.terms) == (inside.offset, inside.terms)
    order = form.out_labels
    row, _ = flat_positions(form.out_axes, form.out_shape, order)
    column, _ = flat_positions(form.in_axes, form.in_shape, order)
    return bool(np.all(row == column))


def _copies(form: Form, copies: bool, scale: float) -> str | None:
    """One side has labels that the other has not, and nothing is multiplied; None where several terms meet in it."""
    small_axes, small_shape = (form.in_axes, form.in_shape) if copies else (form.out_axes, form.out_shape)
    large_axes = form.out_axes if copies else form.in_axes
    if not _apart(large_axes):
        return None
    plain = all(axis.label is not None for axis, n in zip(small_axes, small_shape, strict=True) if n != 1)
    if not plain:
        name = "Selection" if copies else "Scatter"
        return name if scale == 1 else f"Diagonal @ {name}"
    shared = int(np.prod([label.size for label in form.shared]))
    if scale == 1:
        name = "Copy" if copies else "Sum"
    elif not copies and np.isclose(scale * form.count / shared, 1):
        name = "Mean"
    else:
        name = "ScaledIdentity @ Copy" if copies else "ScaledIdentity @ Sum"
    if form.count == form.shape[0 if copies else 1]:
        return name
    return f"Scatter @ {name}" if copies else f"{name} @ Selection"  # it leaves some entries out


def _apart(axes: tuple[Axis, ...]) -> bool:
    """Whether no two terms stand at one place of these axes."""
    labels = [label for axis in axes for label in axis.labels]
    return len(set(labels)) == len(labels) and all(
        mixed_radix(axis) is not None or (len(axis.terms) == 1 and not axis.tables) for axis in axes
    )


def _slides(form: Form, shared: set[Label]) -> bool:
    """Whether an axis adds a label that both sides have to one that a single side has: a window."""
    return any(
        0 < len(shared & set(axis.labels)) < len(axis.labels) and (axis.tables or mixed_radix(axis) is None)
        for axis in (*form.out_axes, *form.in_axes)
    )


def _is_outer_product(form: Form) -> bool:
    """Whether no factor knows both an output's label and an input's."""
    inside = set(form.in_labels)
    return not any(0 < len(inside & set(labels)) < len(labels) for labels, _ in form.factors) and bool(
        inside and form.out_labels
    )


def _dense(form: Form) -> str:
    """A block of numbers without shared labels; one of truth values may be a triangle."""
    if len(form.factors) == 1:
        (labels, array), *_ = form.factors
        if array.dtype == bool and array.ndim == 2 and array.shape == form.shape and len(array) > 1:
            by_row = array if labels[0] in form.out_labels else array.T
            if np.array_equal(by_row, np.tri(len(array), dtype=bool)):
                return "LowerTriangular"
            if np.array_equal(by_row, np.tri(len(array), dtype=bool).T):
                return "UpperTriangular"
    return "Dense"
