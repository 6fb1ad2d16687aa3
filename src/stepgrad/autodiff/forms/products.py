"""Products of forms: the axes between them equated, their factors joined."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from math import gcd, prod

import numpy as np

from .axes import Axis, Factor, Label, digits_of, labels_of, mixed_radix, read_at
from .form import Form
from .names import MOVES, SCALES


def compose(outer: Form, inner: Form) -> Form | None:
    """The form of outer @ inner: the axes between them equated, the factors joined; None where this can't be done.

    Raises:
        ValueError: the shapes between them differ.
    """
    if outer.in_shape != inner.out_shape:
        raise ValueError(f"{outer} can't follow {inner}")
    if not outer.labels.isdisjoint(inner.labels):
        inner = inner.renamed()
    pairs = list(zip(outer.in_axes, inner.out_axes, strict=True))
    known = _read_off(pairs)
    in_axes = [axis.substitute(known) for axis in inner.in_axes]
    factors = [read_at(factor, known) for factor in inner.factors]
    joint = Form(outer.out_shape, outer.out_axes, inner.in_shape, in_axes, (*outer.factors, *factors))
    open_pairs = [(a, b.substitute(known)) for a, b in pairs]
    system = _System(joint, [a.plus(b, -1) for a, b in open_pairs if a is not b], outer.labels | inner.labels)
    system.labels.difference_update(known)
    while system.equations:
        if not system.solve_one():
            return None
    return system.form()


def melted(outer: Form, inner: Form) -> Form | None:
    """The product of two forms that both only move entries, or both only scale them, as one more such form; else None.

    The identity (a reshape, say) melts into everything.
    """
    if outer.count > max(outer.shape) or inner.count > max(inner.shape):
        return None  # rows and columns with several entries: whatever its name is, it isn't one of these
    names = {outer.name, inner.name}
    if "Identity" in names or names <= SCALES:
        return compose(outer, inner)
    if names <= MOVES:
        together = compose(outer, inner)
        return together if together is not None and together.name in MOVES else None
    return None


def _read_off(pairs: Iterable[tuple[Axis, Axis]]) -> dict[Label, Axis]:
    """What the inner form's labels are, where nothing need be solved: an axis that is a label equals the outer's axis.

    Most products are done by this alone. An axis that leaves the label's range (padding) isn't so easy.
    """
    known: dict[Label, Axis] = {}
    for outer, inner in pairs:
        label = inner.label
        if label is not None and label not in known:
            low, high = outer.bounds()
            if low >= 0 and high < label.size:
                known[label] = outer
    return known


def merge_windows(form: Form) -> Form:
    """The form with the windows of a window as one: in p + u + v, with u and v at no other place, w stands for u + v.

    So the convolution of a convolution is one with a larger kernel, the sum over u of both kernels; and each cell of
    the matrix has one term of the sum, which tells it from the others.
    """
    axes = (*form.out_axes, *form.in_axes)
    if all(len(axis.terms) < 2 for axis in axes):
        return form
    everywhere = Counter(label for axis in axes for label in axis.labels)
    windows = [
        {label: c for label, c in axis.terms.items() if everywhere[label] == 1} for axis in axes if not axis.tables
    ]
    windows = [own for own in windows if len(own) > 1 and mixed_radix(Axis(0, own)) is None]
    if not windows:
        return form
    system = _System(form, [], form.labels)
    for own in windows:
        single = next((label for label, c in own.items() if abs(c) == 1), None)
        if single is None:
            continue
        low, high = Axis(0, own).bounds()
        whole = Label(high - low + 1)
        system.labels.add(whole)
        rest = Axis(low, {whole: 1}).plus(Axis(0, {label: c for label, c in own.items() if label is not single}), -1)
        system.put(single, rest if own[single] == 1 else Axis().plus(rest, -1))
    return system.form()


class _System:
    """Equations between the axes of forms, and what is left of the forms while they are solved.

    Args:
        joint: the forms' outer axes, and all their factors.
        equations: axes that have to be 0.
        labels: all labels that were in the forms, since each is summed over.
    """

    def __init__(self, joint: Form, equations: list[Axis], labels: Iterable[Label]) -> None:
        self.out_shape, self.in_shape = joint.out_shape, joint.in_shape
        self.out_axes, self.in_axes = list(joint.out_axes), list(joint.in_axes)
        self.factors = list(joint.factors)
        self.equations = equations
        self.labels = set(labels)

    def solve_one(self) -> bool:
        """Takes the easiest equation and puts its solution everywhere; False where none can be solved."""
        best: tuple[int, int, Label, Axis] | None = None
        in_factors = {label for labels, _ in self.factors for label in labels}
        outside = set(labels_of(self.out_axes))
        for number, equation in enumerate(self.equations):
            if not equation.terms and not equation.tables:
                self.equations.pop(number)
                if equation.offset:
                    self.factors.append(((), np.zeros((), np.int8)))
                return True
            signed = equation if min(equation.terms.values(), default=0) > 0 else Axis().plus(equation, -1)
            digits = digits_of(signed, 0)
            if digits is not None:  # only one side of the equation has labels: the other says what they are
                self.equations.pop(number)
                for label, digit in digits[0].items() if digits else ():
                    self.put(label, Axis(digit))
                if not digits:
                    self.factors.append(((), np.zeros((), np.int8)))
                return True
            for rank, label, value in _solutions(equation, in_factors, outside):
                if best is None or rank < best[0]:
                    best = rank, number, label, value
        if best is not None:
            _, number, label, value = best
            self.equations.pop(number)
            self.put(label, value)
            return True
        return any(self._split(number) for number in range(len(self.equations)))

    def put(self, label: Label, value: Axis) -> None:
        """Puts an axis in a label's place everywhere; what lies outside the label's range becomes zero."""
        low, high = value.bounds()
        if low < 0 or high >= label.size:
            self._guard(label, value)
        by = {label: value}
        self.out_axes = [axis.substitute(by) for axis in self.out_axes]
        self.in_axes = [axis.substitute(by) for axis in self.in_axes]
        self.equations = [axis.substitute(by) for axis in self.equations]
        self.factors = [read_at(factor, by) for factor in self.factors]
        self.labels.discard(label)

    def _guard(self, label: Label, value: Axis) -> None:
        """Sees to it that nothing is added for values outside the label's range."""
        if any(label in labels for labels, _ in self.factors):
            return  # the factor is read as zero there
        sides = (
            *zip(self.out_axes, self.out_shape, strict=True),
            *zip(self.in_axes, self.in_shape, strict=True),
        )
        if any(axis.label is label and label.size == n for axis, n in sides):
            return  # the axis leaves its range there
        order = value.labels
        position = value.positions(order)
        self.factors.append((tuple(order), (position >= 0) & (position < label.size)))

    def _split(self, number: int) -> bool:
        """Compares the last digits of two positions in mixed radix, such as 25 c + 5 p + q = 10 a + b."""
        equation = self.equations[number]
        if equation.tables or equation.offset:
            return False
        smallest = min(abs(c) for c in equation.terms.values())
        last = [label for label, c in equation.terms.items() if abs(c) == smallest]
        left = [label for label in last if equation.terms[label] > 0]
        right = [label for label in last if equation.terms[label] < 0]
        if len(left) != 1 or len(right) != 1:
            return False
        (a,), (b,) = left, right
        radix = min(a.size, b.size)
        others = gcd(*(c for label, c in equation.terms.items() if label not in last), 0)
        if others % (smallest * radix):
            return False
        for label in (a, b):
            if label.size > radix:
                if label.size % radix:
                    return False
                high, low = Label(label.size // radix), Label(radix)
                self.labels |= {high, low}
                self.put(label, Axis(0, {high: radix, low: 1}))
                return True
        self.put(b, Axis(0, {a: 1}))
        return True

    def form(self) -> Form:
        """What is left when no equation is."""
        factors = [f for f in _multiplied_out(self.factors) if f[0] or f[1].dtype == bool or f[1] != 1]
        form = Form(self.out_shape, self.out_axes, self.in_shape, self.in_axes, factors)
        gone = self.labels - form.labels
        if not gone:
            return form
        repeats = (), np.array(float(prod(label.size for label in gone)))
        return Form(self.out_shape, self.out_axes, self.in_shape, self.in_axes, [*factors, repeats])


def _solutions(equation: Axis, in_factors: set[Label], outside: set[Label]) -> Iterable[tuple[int, Label, Axis]]:
    """The labels for which an equation can be solved, with what they are, by rank: the smallest is the best.

    Best is what stays in its label's range, then what changes no factor, then what needs no tables, then what leaves
    the output's axes as they are, so that rows stay in order.
    """
    in_tables = {label for labels, _ in equation.tables for label in labels}
    for label, coefficient in equation.terms.items():
        if abs(coefficient) != 1 or label in in_tables:
            continue
        rest = Axis(0, {label: coefficient}).plus(equation, -1)  # coefficient · label = rest
        value = rest if coefficient == 1 else Axis().plus(rest, -1)
        low, high = value.bounds()
        stays = low >= 0 and high < label.size
        if not stays and len(equation.terms) > 2 and _mixed(equation):
            continue  # digits against digits: `_split` compares them one by one
        yield 8 * (not stays) + 4 * (label in in_factors) + 2 * bool(value.tables) + (label in outside), label, value


def _mixed(equation: Axis) -> bool:
    """Whether each side of the equation is a position in mixed radix."""
    signs = [c > 0 for c in equation.terms.values()]
    return min(signs.count(True), signs.count(False)) > 1 and not equation.tables and not equation.offset


def _multiplied_out(factors: list[Factor]) -> list[Factor]:
    """The factors with those on the same labels multiplied, entry by entry."""
    by_labels: dict[frozenset[Label], Factor] = {}
    for labels, array in factors:
        key = frozenset(labels)
        if key in by_labels:
            before, other = by_labels[key]
            moved = array.transpose([labels.index(label) for label in before])
            by_labels[key] = before, other & moved if other.dtype == moved.dtype == bool else other * moved
        else:
            by_labels[key] = labels, array
    return list(by_labels.values())
