"""A linear map in closed form."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property
from math import prod
from typing import Any

import numpy as np

from .axes import Array, Axis, Factor, Label, Labels, Shape, labels_of


class Form:
    """A linear map in closed form (see the module).

    Args:
        out_shape, out_axes: the output's shape, and for each of its axes where a term of the sum stands in it.
        in_shape, in_axes: the same of the input.
        factors: the arrays that are multiplied; none is 1.

    Each label is in an axis or in a factor. A form doesn't change; what is asked of it often is found once.
    """

    def __init__(
        self,
        out_shape: Shape,
        out_axes: Sequence[Axis],
        in_shape: Shape,
        in_axes: Sequence[Axis],
        factors: Sequence[Factor] = (),
    ) -> None:
        self.out_shape = out_shape
        self.out_axes = tuple(out_axes)
        self.in_shape = in_shape
        self.in_axes = tuple(in_axes)
        self.factors = tuple(factors)

    @cached_property
    def shape(self) -> tuple[int, int]:
        """The shape of the matrix."""
        return prod(self.out_shape), prod(self.in_shape)

    @property
    def T(self) -> Form:  # noqa: N802 - NumPy's name
        """The transpose: output and input swapped."""
        return Form(self.in_shape, self.in_axes, self.out_shape, self.out_axes, self.factors)

    @cached_property
    def out_labels(self) -> list[Label]:
        """The labels of the output."""
        return labels_of(self.out_axes)

    @cached_property
    def in_labels(self) -> list[Label]:
        """The labels of the input that the output has not."""
        out = set(self.out_labels)
        return [label for label in labels_of(self.in_axes) if label not in out]

    @cached_property
    def shared(self) -> list[Label]:
        """The labels that output and input have both: the Kronecker deltas."""
        inside = set(labels_of(self.in_axes))
        return [label for label in self.out_labels if label in inside]

    @cached_property
    def hidden(self) -> list[Label]:
        """The labels of factors alone: those that a product sums over."""
        seen = {*self.out_labels, *self.in_labels}
        in_factors = dict.fromkeys([label for labels, _ in self.factors for label in labels])
        return [label for label in in_factors if label not in seen]

    @cached_property
    def labels(self) -> set[Label]:
        """All labels, of axes and of factors."""
        of_axes = [label for axis in (*self.out_axes, *self.in_axes) for label in axis.labels]
        return {*of_axes, *[label for labels, _ in self.factors for label in labels]}

    @cached_property
    def count(self) -> int:
        """How many entries the pattern has (a bound: those outside a range are counted, and those that meet)."""
        return prod([label.size for label in self.out_labels]) * prod([label.size for label in self.in_labels])

    @cached_property
    def name(self) -> str:
        """The name of its structure (see `names`)."""
        from .names import name_of

        return name_of(self)

    @property
    def nbytes(self) -> int:
        """The bytes of its factors and tables; an array that several of them are views of counts once."""
        tables = (table for axis in (*self.out_axes, *self.in_axes) for table in axis.tables)
        return sum(dict(_extent(array) for _, array in (*self.factors, *tables)).values())

    def __matmul__(self, other: Form) -> Form | None:
        """The product, or None where it has no such form."""
        from .products import compose

        return compose(self, other)

    def renamed(self) -> Form:
        """The same with labels of its own."""
        new: dict[Label, Label] = {}

        def of(labels: Iterable[Label]) -> Labels:
            return tuple([new.setdefault(label, Label(label.size)) for label in labels])

        def axis(old: Axis) -> Axis:
            terms = dict(zip(of(old.terms), old.terms.values(), strict=True))
            return Axis(old.offset, terms, tuple((of(labels), table) for labels, table in old.tables))

        out_axes, in_axes = [axis(a) for a in self.out_axes], [axis(a) for a in self.in_axes]
        factors = [(of(labels), array) for labels, array in self.factors]
        return Form(self.out_shape, out_axes, self.in_shape, in_axes, factors)

    def __repr__(self) -> str:
        return f"<form {self.out_shape} ← {self.in_shape}, {len(self.factors)} factors>"


def _extent(array: Array) -> tuple[int, int]:
    """The address of an array's memory, and the bytes that are really there: a strided view shares."""
    reach = sum((n - 1) * abs(stride) for n, stride in zip(array.shape, array.strides, strict=True))
    return array.__array_interface__["data"][0], array.itemsize + reach if array.size else 0


# Making forms ---------------------------------------------------------------------------------------------------------
ORIGIN = Axis()
"""An axis of length 1: the position is 0, and no label is needed."""


def labels_for(shape: Sequence[int]) -> list[Label | None]:
    """A new label for each axis of a shape; None for one of length 1."""
    return [None if n == 1 else Label(n) for n in shape]


def axes_for(labels: Iterable[Label | None]) -> list[Axis]:
    """The axes that are these labels."""
    return [ORIGIN if label is None else Axis(0, {label: 1}) for label in labels]


def factor(labels: Sequence[Label | None], array: Any) -> Factor:
    """An array whose last axes carry these labels; where it has length 1 it depends on none, as NumPy broadcasts."""
    array = np.asarray(array)
    last = labels[len(labels) - array.ndim :]
    own = tuple([label for label, n in zip(last, array.shape, strict=True) if n != 1 and label is not None])
    return own, array if len(own) == array.ndim else array.reshape([label.size for label in own])


def diagonal(shape: Shape, *arrays: Any) -> Form:
    """The form of v ↦ a · v, for arrays that broadcast to the shape; none gives the identity."""
    labels = labels_for(shape)
    axes = axes_for(labels)
    return Form(shape, axes, shape, axes, [factor(labels, array) for array in arrays])
