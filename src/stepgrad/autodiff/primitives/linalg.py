"""Primitives of linear algebra: matmul, dot, tensordot, einsum, outer, inner, trace.

Each is linear in every argument, so a local Jacobian is the same product with that argument left open: LeftMatmul,
RightMatmul or a Contraction. Source: Giles, Collected matrix derivative results for forward and reverse mode (2008).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index

from ..linear_maps import Contraction, LeftMatmul, LinearMap, Reshape, RightMatmul, Selection, Shape, Sum
from ..primitive import General
from ..tensor import raw, shape_of
from . import elementwise as ew
from .arguments import refuse
from .reductions import sum as add_along
from .shapes import getitem, moveaxis, reshape, transpose


# matmul ---------------------------------------------------------------------------------------------------------------
def _as_matrices(a_shape: Shape, b_shape: Shape) -> tuple[Shape, Shape, Shape]:
    """The shapes of the factors and the product as stacks of matrices: a vector is a row at the left, else a column."""
    a = a_shape if len(a_shape) > 1 else (1, *a_shape)
    b = b_shape if len(b_shape) > 1 else (*b_shape, 1)
    return a, b, (*np.broadcast_shapes(a[:-2], b[:-2]), a[-2], b[-1])


def _between(outer: LinearMap, in_shape: Shape, out_shape: Shape) -> LinearMap:
    """The map with its input and output reshaped where they are vectors."""
    if outer.in_shape != in_shape:
        outer = outer @ Reshape(in_shape, outer.in_shape)
    if outer.out_shape != out_shape:
        outer = Reshape(outer.out_shape, out_shape) @ outer
    return outer


def _matmul_left(y: Any, a: Any, b: Any) -> LinearMap:
    a_shape, b_shape, y_shape = _as_matrices(shape_of(a), shape_of(b))
    matrix = b if shape_of(b) == b_shape else reshape(b, b_shape)
    return _between(RightMatmul(matrix, a_shape, y_shape), shape_of(a), shape_of(y))


def _matmul_right(y: Any, a: Any, b: Any) -> LinearMap:
    a_shape, b_shape, y_shape = _as_matrices(shape_of(a), shape_of(b))
    matrix = a if shape_of(a) == a_shape else reshape(a, a_shape)
    return _between(LeftMatmul(matrix, b_shape, y_shape), shape_of(b), shape_of(y))


def _matmul_cost(y: Any, a: Any, b: Any) -> int:
    return 2 * int(np.size(raw(y))) * shape_of(a)[-1]


matmul = General("matmul", np.matmul, (_matmul_left, _matmul_right), "@", cost=_matmul_cost)


_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"  # in the order in which an implicit output has them


# einsum ---------------------------------------------------------------------------------------------------------------
def _parse(subscripts: str, shapes: Sequence[Shape]) -> tuple[list[str], str]:
    """Subscripts written out: no ellipsis, an explicit output."""
    text = subscripts.replace(" ", "")
    left, arrow, right = text.partition("->")
    inputs = left.split(",")
    if len(inputs) != len(shapes):
        raise ValueError(f"einsum {subscripts!r} names {len(inputs)} operands, and {len(shapes)} were given")
    free = [c for c in _LETTERS if c not in text]
    dots = max(
        (len(s) - len(i.replace("...", "")) for i, s in zip(inputs, shapes, strict=True) if "..." in i), default=0
    )
    stand = "".join(free[:dots])
    out_dots = stand if "..." in left else ""
    written = []
    for i, s in zip(inputs, shapes, strict=True):
        missing = len(s) - len(i.replace("...", ""))
        written.append(i.replace("...", stand[dots - missing :]) if "..." in i else i)
        if len(written[-1]) != len(s):
            raise ValueError(f"einsum operand {i!r} does not fit an array of shape {s}")
    if arrow:
        output = right.replace("...", out_dots)
    else:
        letters = "".join(i.replace("...", "") for i in inputs)
        output = out_dots + "".join(sorted(c for c in set(letters) if letters.count(c) == 1))
    return written, output


def einsum(
    subscripts: Any,
    *operands: Any,
    out: Any = None,
    dtype: Any = None,
    order: str = "K",
    casting: str = "safe",
    optimize: Any = False,
) -> Any:
    """`numpy.einsum` in every form: implicit, repeated, ellipsis, broadcasting, lists of numbers for subscripts.

    Repeated subscripts, those that one operand alone has, and axes of length 1 that broadcast, are dealt with before,
    by selections and sums; what remains is a contraction in which every subscript is shared.
    """
    refuse("einsum", out=out, dtype=dtype)
    if not isinstance(subscripts, str):
        subscripts, operands = _from_lists((subscripts, *operands))
    inputs, output = _parse(subscripts, [shape_of(x) for x in operands])
    sizes: dict[str, int] = {}
    for letters, x in zip(inputs, operands, strict=True):
        for c, n in zip(letters, shape_of(x), strict=True):
            if sizes.setdefault(c, n) == 1:
                sizes[c] = n
            elif n not in (1, sizes[c]):
                raise ValueError(f"einsum subscript {c!r} stands for lengths {sizes[c]} and {n}")
    arrays = list(operands)
    for i, letters in enumerate(inputs):
        arrays[i], inputs[i] = _without_repeats(arrays[i], letters)
    for i, letters in enumerate(inputs):  # axes of length 1 that broadcast
        shape = shape_of(arrays[i])
        thin = [k for k, c in enumerate(letters) if shape[k] == 1 and sizes[c] != 1]
        arrays[i], inputs[i] = _add_along(arrays[i], letters, thin)
    for i, letters in enumerate(inputs):
        elsewhere = set(output).union(*(set(o) for j, o in enumerate(inputs) if j != i))
        arrays[i], inputs[i] = _add_along(arrays[i], letters, [k for k, c in enumerate(letters) if c not in elsewhere])
    missing = [c for c in output if not any(c in letters for letters in inputs)]
    if missing:
        raise ValueError(f"einsum output subscript {missing[0]!r} stands in no operand with that length")
    return _einsum(*arrays, inputs=tuple(inputs), output=output)


def _add_along(x: Any, letters: str, axes: list[int]) -> tuple[Any, str]:
    """The sum along axes, and the subscripts of those that remain."""
    if not axes:
        return x, letters
    return add_along(x, tuple(axes)), "".join(c for k, c in enumerate(letters) if k not in axes)


def _from_lists(given: tuple[Any, ...]) -> tuple[str, tuple[Any, ...]]:
    """The form einsum(a, [0, 1], b, [1, 2], [0, 2]) in letters: the subscripts and the operands."""

    def letters(numbers: Any) -> str:
        return "".join("..." if n is Ellipsis else _LETTERS[n] for n in numbers)

    count = len(given) // 2
    operands, lists = given[: 2 * count : 2], given[1 : 2 * count : 2]
    arrow = f"->{letters(given[-1])}" if len(given) % 2 else ""
    return ",".join(map(letters, lists)) + arrow, operands


def _without_repeats(x: Any, letters: str) -> tuple[Any, str]:
    """The diagonal along axes that carry the same subscript."""
    while len(set(letters)) < len(letters):
        c = next(c for c in letters if letters.count(c) > 1)
        i, j = [k for k, d in enumerate(letters) if d == c][:2]
        x = moveaxis(x, (i, j), (0, 1))
        steps = np.arange(shape_of(x)[0])
        x = getitem(x, (steps, steps))
        letters = c + "".join(d for k, d in enumerate(letters) if k not in (i, j))
    return x, letters


def _einsum_value(*operands: Any, inputs: tuple[str, ...], output: str) -> Any:
    return np.einsum(f"{','.join(inputs)}->{output}", *operands, optimize=len(operands) > 1)[()]


def _einsum_map(k: int, y: Any, *operands: Any, inputs: tuple[str, ...], output: str) -> LinearMap:
    return Contraction(inputs, output, operands, k, shape_of(operands[k]), shape_of(y))


def _einsum_cost(y: Any, *operands: Any) -> int:
    return int(max(np.size(raw(y)), *(np.size(raw(x)) for x in operands)))


_einsum = General("einsum", _einsum_value, (_einsum_map,), "∑", variadic=True, cost=_einsum_cost)


def tensordot(a: Any, b: Any, axes: Any = 2) -> Any:
    """`numpy.tensordot`."""
    na, nb = len(shape_of(a)), len(shape_of(b))
    if isinstance(axes, (int, np.integer)):
        of_a, of_b = list(range(na - axes, na)), list(range(axes))
    else:
        of_a, of_b = ([int(i) for i in np.atleast_1d(part)] for part in axes)
    of_a, of_b = [normalize_axis_index(i, na) for i in of_a], [normalize_axis_index(j, nb) for j in of_b]
    if [shape_of(a)[i] for i in of_a] != [shape_of(b)[j] for j in of_b]:
        raise ValueError(f"axes of different lengths to add along: shapes {shape_of(a)} and {shape_of(b)}, axes {axes}")
    left = list(_LETTERS[:na])
    right = list(_LETTERS[na : na + nb])
    for i, j in zip(of_a, of_b, strict=True):
        right[j] = left[i]
    shared = set(left) & set(right)
    output = [c for c in left + right if c not in shared]
    return einsum(f"{''.join(left)},{''.join(right)}->{''.join(output)}", a, b)


def dot(a: Any, b: Any, out: Any = None) -> Any:
    """`numpy.dot`."""
    refuse("dot", out=out)
    na, nb = len(shape_of(a)), len(shape_of(b))
    if na == 0 or nb == 0:
        return ew.multiply(a, b)
    if na <= 2 and nb <= 2:
        return matmul(a, b)
    return tensordot(a, b, (na - 1, max(nb - 2, 0)))


def inner(a: Any, b: Any) -> Any:
    """`numpy.inner`."""
    if not shape_of(a) or not shape_of(b):
        return ew.multiply(a, b)
    return tensordot(a, b, (-1, -1))


def outer(a: Any, b: Any, out: Any = None) -> Any:
    """`numpy.outer`."""
    refuse("outer", out=out)
    return einsum("i,j->ij", reshape(a, -1), reshape(b, -1))


def vdot(a: Any, b: Any) -> Any:
    """`numpy.vdot` of real arrays."""
    return matmul(reshape(a, -1), reshape(b, -1))


def trace(a: Any, offset: int = 0, axis1: int = 0, axis2: int = 1, dtype: Any = None, out: Any = None) -> Any:
    """`numpy.trace`: a selection of the diagonal, added up."""
    refuse("trace", dtype=dtype, out=out)
    moved = moveaxis(a, (axis1, axis2), (-2, -1))
    shape = shape_of(moved)
    rows = np.arange(max(0, min(shape[-2] + min(offset, 0), shape[-1] - max(offset, 0))))
    chosen = Selection(shape, (..., rows - min(offset, 0), rows + max(offset, 0)))
    adds = Sum(chosen.out_shape, (len(shape) - 2,), chosen.out_shape[:-1])
    return _trace(moved, map=adds @ chosen)


_trace = General("trace", lambda x, map: map.apply(x), (lambda y, x, map: map,), "tr")

__all__ = ["dot", "einsum", "inner", "matmul", "outer", "tensordot", "trace", "transpose", "vdot"]
