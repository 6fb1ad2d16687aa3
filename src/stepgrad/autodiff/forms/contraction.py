"""Sums of products of labelled arrays, two at a time, each by the fastest thing NumPy has.

The order in which the labels between the factors are summed *is* the choice of a mode: from the output's side each
step multiplies a row block from the left, which is reverse mode; from the input's side it is forward mode.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import prod
from typing import NamedTuple

import numpy as np

from .axes import Array, Factor, Label, flat_positions, reindex, spread, stretched
from .form import Form


class Order(NamedTuple):
    """One order in which the factors of a product can be multiplied, and what it takes."""

    name: str
    """ "reverse" from the output's side, "forward" from the input's."""
    multiplications: int


def orders(form: Form) -> tuple[Order, Order]:
    """What both orders of multiplying a form's factors out take."""
    keep = [*form.out_labels, *form.in_labels]
    return (
        Order("reverse", _multiplications(form.factors, keep)),
        Order("forward", _multiplications(form.factors[::-1], keep)),
    )


def _multiplications(factors: Sequence[Factor], keep: Iterable[Label]) -> int:
    """The multiplications of folding the factors from the first to the last."""
    if not factors:
        return 0
    wanted, total = set(keep), 0
    labels = set(factors[0][0])
    for number, (others, _) in enumerate(factors[1:], 1):
        both = labels.union(others)
        total += prod(label.size for label in both)
        labels = both & wanted.union(*(needed for needed, _ in factors[number + 1 :]))
    return total


def contract(factors: Sequence[Factor], keep: Sequence[Label]) -> Factor:
    """The product of the factors, summed over all labels but those to keep.

    It is folded from one end or the other, whichever takes fewer multiplications. The result carries those of the
    labels to keep that any factor has, in their order.
    """
    if not factors:
        return (), np.ones(())
    if _multiplications(factors[::-1], keep) < _multiplications(factors, keep):
        factors = factors[::-1]
    labels, array = factors[0]
    wanted, place = set(keep), {label: k for k, label in enumerate(keep)}
    for number, (others, other) in enumerate(factors[1:], 1):
        later = wanted.union(*(needed for needed, _ in factors[number + 1 :]))
        labels, array = _pair((labels, array), (others, other), later, place)
    labels, array = _summed((labels, array), wanted)
    order = [label for label in keep if label in labels]
    return tuple(order), array.transpose([labels.index(label) for label in order])


def _summed(factor: Factor, keep: Iterable[Label]) -> Factor:
    """A factor added along the labels that need not be kept."""
    labels, array = factor
    wanted = set(keep)
    gone = tuple(k for k, label in enumerate(labels) if label not in wanted)
    if not gone:
        return factor
    return tuple(label for label in labels if label in wanted), array.sum(axis=gone)


def _pair(left: Factor, right: Factor, keep: set[Label], place: dict[Label, int]) -> Factor:
    """The product of two factors, summed over the labels that nothing later needs.

    Labels that are to stay stand where the result will have them, and those to sum last: then little is moved later.
    """
    left = _summed(left, keep.union(right[0]))
    right = _summed(right, keep.union(left[0]))
    (a_labels, a), (b_labels, b) = left, right
    inner = [label for label in a_labels if label in b_labels and label not in keep]
    if not inner:
        order = sorted(dict.fromkeys((*a_labels, *b_labels)), key=lambda label: place.get(label, len(place)))
        return tuple(order), spread(a_labels, a, order) * spread(b_labels, b, order)
    a, b = _as_numbers(a, b), _as_numbers(b, a)
    batch = [label for label in a_labels if label in b_labels and label in keep]
    of_a = [label for label in a_labels if label not in b_labels]
    of_b = [label for label in b_labels if label not in a_labels]
    if not batch:
        axes = [a_labels.index(label) for label in inner], [b_labels.index(label) for label in inner]
        return (*of_a, *of_b), np.tensordot(a, b, axes)
    left_matrix = _stacked(a_labels, a, batch, of_a, inner)
    right_matrix = _stacked(b_labels, b, batch, inner, of_b)
    result = np.matmul(left_matrix, right_matrix)
    return (*batch, *of_a, *of_b), result.reshape([label.size for label in (*batch, *of_a, *of_b)])


def _stacked(labels: Sequence[Label], array: Array, *groups: Sequence[Label]) -> Array:
    """The array as a stack of matrices: three groups of labels, each made one axis."""
    order = [labels.index(label) for group in groups for label in group]
    return array.transpose(order).reshape([prod(label.size for label in group) for group in groups])


def _as_numbers(array: Array, beside: Array) -> Array:
    """Truth values as numbers, so that they can be added."""
    if array.dtype != bool:
        return array
    return array.astype(beside.dtype if beside.dtype != bool else np.float64)


def contracted(form: Form) -> Form:
    """The form with its hidden labels summed: the product multiplied out. Factors without hidden labels stay apart."""
    hidden = set(form.hidden)
    if not hidden:
        return form
    tied = [f for f in form.factors if not hidden.isdisjoint(f[0])]
    keep = [*form.out_labels, *form.in_labels]
    rest = [f for f in form.factors if hidden.isdisjoint(f[0])]
    factors = [contract(tied, keep), *rest]
    return Form(form.out_shape, form.out_axes, form.in_shape, form.in_axes, factors)


def values(form: Form) -> tuple[list[Label], Array]:
    """The numbers of a form: an array over the output's labels, then those of the input alone.

    It is a view of the factors where it can be: not to be written to.
    """
    order = [*form.out_labels, *form.in_labels]
    labels, array = contract(form.factors, order)
    return order, stretched(spread(labels, array, order), order)


def multiply(form: Form, vector: Array) -> Array:
    """J v, for v of the form's `in_shape`: v is one more factor, read where the input stands."""
    outside = form.out_labels
    labels, array = contract([*form.factors, _read(vector, form)], outside)
    return _placed(stretched(spread(labels, array, outside), outside), form, outside)


def _read(vector: Array, form: Form) -> Factor:
    """A vector at the places where the input stands, and 0 where these are outside."""
    own = [Label(n) for n in form.in_shape]
    factor: Factor = tuple(own), vector
    for label, axis in zip(own, form.in_axes, strict=True):
        factor = reindex(*factor, label, axis)
    return factor


def _placed(terms: Array, form: Form, order: list[Label]) -> Array:
    """The output, of terms added at the places where the output stands."""
    full = terms.size == prod(form.out_shape)
    if full and [axis.label for axis, n in zip(form.out_axes, form.out_shape, strict=True) if n != 1] == order:
        return np.ascontiguousarray(terms).reshape(form.out_shape)
    place, inside = flat_positions(form.out_axes, form.out_shape, order)
    place, weights = np.broadcast_to(place, terms.shape).reshape(-1), terms.reshape(-1)
    if inside is not None:
        kept = np.broadcast_to(inside, terms.shape).reshape(-1)
        place, weights = place[kept], weights[kept]
    total = np.bincount(place, weights, minlength=prod(form.out_shape))
    return total.astype(terms.dtype, copy=False).reshape(form.out_shape)
