"""Labels and axes: positions as affine functions of indices, and what becomes of an array that is read at them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from math import prod
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import as_strided

Shape = tuple[int, ...]
Array = np.ndarray[Any, Any]


class Label:
    """An index that runs over range(size). Two labels are the same only if they are one object."""

    __slots__ = ("size",)

    def __init__(self, size: int) -> None:
        self.size = size


Labels = tuple[Label, ...]
Factor = tuple[Labels, Array]
"""An array with a label for each of its axes; a number has none."""


class Axis:
    """A position as a function of labels: offset + Σ coefficient · label + Σ table[labels]."""

    __slots__ = ("offset", "tables", "terms")

    def __init__(self, offset: int = 0, terms: dict[Label, int] | None = None, tables: tuple[Factor, ...] = ()) -> None:
        self.offset = offset
        self.terms = terms or {}
        self.tables = tables

    @property
    def labels(self) -> list[Label]:
        """The labels that it depends on, each once."""
        if not self.tables:
            return list(self.terms)
        return list(dict.fromkeys([*self.terms, *(label for labels, _ in self.tables for label in labels)]))

    @property
    def label(self) -> Label | None:
        """The one label that it is, where it is no more than that."""
        if len(self.terms) == 1 and not self.offset and not self.tables:
            ((label, coefficient),) = self.terms.items()
            if coefficient == 1:
                return label
        return None

    def bounds(self) -> tuple[int, int]:
        """A smallest and a largest value that hold for all labels (exact where no label is met twice)."""
        low = high = self.offset
        for label, coefficient in self.terms.items():
            reach = coefficient * (label.size - 1)
            low, high = low + min(0, reach), high + max(0, reach)
        for _, table in self.tables:
            low, high = low + int(table.min(initial=0)), high + int(table.max(initial=0))
        return low, high

    def substitute(self, by: Mapping[Label, Axis]) -> Axis:
        """The axis with other axes in the place of labels."""
        own = self.label
        if own is not None:
            return by.get(own, self)
        terms: dict[Label, int] = {}
        offset, tables = self.offset, [read_at(table, by) for table in self.tables]
        for label, coefficient in self.terms.items():
            axis = by.get(label)
            if axis is None:
                terms[label] = terms.get(label, 0) + coefficient
                continue
            offset += coefficient * axis.offset
            for other, inner in axis.terms.items():
                terms[other] = terms.get(other, 0) + coefficient * inner
            tables += [(labels, coefficient * table) for labels, table in axis.tables]
        return Axis(offset, {label: c for label, c in terms.items() if c}, tuple(tables))

    def plus(self, other: Axis, sign: int = 1) -> Axis:
        """The sum of two axes, or their difference."""
        terms = dict(self.terms)
        for label, coefficient in other.terms.items():
            terms[label] = terms.get(label, 0) + sign * coefficient
        tables = (*self.tables, *((labels, sign * table) for labels, table in other.tables))
        return Axis(self.offset + sign * other.offset, {k: c for k, c in terms.items() if c}, tables)

    def positions(self, order: Sequence[Label]) -> Array:
        """Its values, as an array with an axis for each label of `order` (of length 1 where it makes no difference)."""
        low, high = self.bounds()
        integer = np.int32 if low > -(2**31) and high < 2**31 else np.int64
        values = np.full((1,) * len(order), self.offset, integer)
        for run in self._runs(order):  # labels next to each other that count up together take one arange
            first, size = self.terms[run[-1]], prod(label.size for label in run)
            steps = np.arange(0, first * size, first, dtype=integer)
            steps = steps.reshape([label.size if label in run else 1 for label in order])
            values = steps if values.size == 1 and not self.offset else values + steps
        for labels, table in self.tables:
            values = values + spread(labels, table.astype(integer, copy=False), order)
        return values

    def _runs(self, order: Sequence[Label]) -> list[list[Label]]:
        """The labels of its terms, as they stand in `order`, in runs that are digits of one number."""
        runs: list[list[Label]] = []
        place = -2
        for k, label in enumerate(order):
            if label not in self.terms:
                continue
            last = runs[-1][-1] if runs else None
            if last is not None and k == place + 1 and self.terms[last] == self.terms[label] * label.size:
                runs[-1].append(label)
            else:
                runs.append([label])
            place = k
        return runs


def spread(labels: Sequence[Label], array: Array, order: Sequence[Label]) -> Array:
    """The array with an axis for each label of `order`, of length 1 where it has none."""
    where = {label: i for i, label in enumerate(order)}
    places = [where[label] for label in labels]
    moved = array.transpose(sorted(range(len(places)), key=places.__getitem__))
    return moved.reshape([label.size if label in labels else 1 for label in order])


def stretched(array: Array, order: Sequence[Label]) -> Array:
    """An array over some labels at full length along each: itself where it is that already, else a read-only view."""
    shape = tuple([label.size for label in order])
    return array if array.shape == shape else np.broadcast_to(array, shape)


def read_at(factor: Factor, by: Mapping[Label, Axis]) -> Factor:
    """A factor read at axes where it was read at labels; the axes know other labels than the factor."""
    for label in factor[0]:
        if label in by:
            factor = reindex(*factor, label, by[label])
    return factor


def reindex(labels: Labels, array: Array, label: Label, by: Axis) -> Factor:
    """An array read at an axis where it was read at a label: array[…, by, …], and 0 where `by` leaves its range."""
    if label not in labels:
        return labels, array
    k, other = labels.index(label), by.label
    if other is not None and other not in labels and other.size == label.size:
        return (*labels[:k], other, *labels[k + 1 :]), array
    low, high = by.bounds()
    if by.tables:
        return _look_up(labels, array, k, by, low < 0 or high >= label.size)
    offset = by.offset
    if low < 0 or high >= label.size:
        width = [(0, 0)] * array.ndim
        width[k] = (max(0, -low), max(0, high + 1 - label.size))
        array, offset = np.pad(array, width), offset + width[k][0]
    inner, stride = tuple(by.terms), array.strides[k]
    start = array[(slice(None),) * k + (slice(offset, None),)]
    shape = (*array.shape[:k], *(other.size for other in inner), *array.shape[k + 1 :])
    strides = (*array.strides[:k], *(stride * by.terms[other] for other in inner), *array.strides[k + 1 :])
    view = as_strided(start, shape, strides, writeable=False)
    return _diagonal((*labels[:k], *inner, *labels[k + 1 :]), view)


def _diagonal(labels: Labels, array: Array) -> Factor:
    """The array with a label that stands twice standing once: its diagonal."""
    for label in dict.fromkeys(labels):
        while labels.count(label) > 1:
            i = labels.index(label)
            j = labels.index(label, i + 1)
            array = np.moveaxis(np.diagonal(array, axis1=i, axis2=j), -1, i)
            labels = (*labels[:j], *labels[j + 1 :])
    return labels, array


def _look_up(labels: Labels, array: Array, k: int, by: Axis, leaves: bool) -> Factor:
    """`reindex` by integer tables: a copy."""
    order = [label for label in dict.fromkeys((*labels, *by.labels)) if label is not labels[k] or label in by.labels]
    position = by.positions(order)
    inside = (position >= 0) & (position < labels[k].size)
    index = [
        np.where(inside, position, 0) if i == k else spread((label,), np.arange(label.size), order)
        for i, label in enumerate(labels)
    ]
    found = array[tuple(index)]
    if leaves:
        found = np.where(inside, found, np.zeros((), array.dtype))
    return tuple(order), np.broadcast_to(found, [label.size for label in order])


def labels_of(axes: Iterable[Axis]) -> list[Label]:
    """The labels of some axes, each once."""
    return list(dict.fromkeys([label for axis in axes for label in axis.labels]))


def mixed_radix(axis: Axis) -> list[Label] | None:
    """The labels of an axis that is a position in mixed radix, the last digit first; None where it is none."""
    if axis.tables:
        return None
    reach = 0
    digits = sorted(axis.terms, key=axis.terms.__getitem__)
    for label in digits:
        if axis.terms[label] <= reach:
            return None
        reach += axis.terms[label] * (label.size - 1)
    return digits


def digits_of(axis: Axis, place: int) -> list[dict[Label, int]] | None:
    """The digits of a place in mixed radix, [] if it has none; None where the axis is no such position."""
    ordered = mixed_radix(axis)
    if ordered is None:
        return None
    place -= axis.offset
    digits: dict[Label, int] = {}
    for label in reversed(ordered):
        digit = min(place // axis.terms[label], label.size - 1)
        place -= digit * axis.terms[label]
        if digit < 0:
            return []
        digits[label] = digit
    return [digits] if place == 0 else []


def runs_in_order(axes: Sequence[Axis], shape: Shape) -> bool:
    """Whether the labels of some axes, counted up in their order, run through all places in C order."""
    return all(
        axis.label is not None and axis.label.size == n for axis, n in zip(axes, shape, strict=True) if n != 1
    ) and (len(labels_of(axes)) == sum(n != 1 for n in shape))


def flat_axis(axes: Sequence[Axis], shape: Shape) -> Axis:
    """Where terms stand on one side, counted in C order, as one axis."""
    total, stride = Axis(), 1
    for axis, n in zip(reversed(axes), reversed(shape), strict=True):
        if axis.terms or axis.offset or axis.tables:
            total = total.plus(axis, stride)
        stride *= n
    return total


def flat_positions(axes: Sequence[Axis], shape: Shape, order: Sequence[Label]) -> tuple[Array, Array | None]:
    """The positions of `flat_axis`, and which of the terms are inside the range (None: all)."""
    inside = None
    for axis, n in zip(axes, shape, strict=True):
        low, high = axis.bounds()
        if low < 0 or high >= n:
            position = axis.positions(order)
            within = (position >= 0) & (position < n)
            inside = within if inside is None else inside & within
    return flat_axis(axes, shape).positions(order), inside


def counts_up(axis: Axis, digits: Sequence[Label]) -> bool:
    """Whether an axis grows with every step of some labels that count as digits do, the last one fastest."""
    if any(label in labels for labels, _ in axis.tables for label in digits):
        return False
    reach = 0
    for label in reversed(digits):
        step = axis.terms.get(label, 0)
        if step <= reach:
            return False
        reach += step * (label.size - 1)
    return True
