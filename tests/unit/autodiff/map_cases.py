"""Random linear maps of every kind that has a form, each with an input of a given shape, so that they can be chained.

A case is a function of hypothesis's `draw` and a shape. It gives a map whose input has that shape, or None where its
kind takes no such input; where the shape is None it chooses one that fits. A kind without a case makes test_forms.py
fail.
"""

from importlib import import_module
from math import prod
from pkgutil import walk_packages

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, basic_indices

import stepgrad
from stepgrad.autodiff import linear_maps as lm
from stepgrad.autodiff.primitives import operators, reductions, shapes
from stepgrad.convolution.arguments import layout_of
from stepgrad.nn.convolution import IMAGES, KERNELS, OUTPUT, LayerMap
from stepgrad.nn.linear import _Weights
from stepgrad.nn.losses import _RankOne, _SoftmaxMap
from stepgrad.nn.pooling import _MaxPool, _Unpool

LARGEST = 150
"""No array of a chain has more entries than this, so that all matrices can be made dense."""


def kinds():
    """Every class of linear maps in the package, wherever it is defined."""
    for room in ("autodiff", "nn"):
        for module in walk_packages(import_module(f"stepgrad.{room}").__path__, f"stepgrad.{room}."):
            import_module(module.name)
    return {kind for kind in below(lm.LinearMap) if kind.__module__.startswith(f"{stepgrad.__name__}.")}


def below(kind):
    """All subclasses of a class."""
    return {sub for child in kind.__subclasses__() for sub in {child, *below(child)}}


def numbers(draw, shape):
    """Random entries of a shape; some of them 0 now and then."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    array = rng.uniform(-2, 2, shape)
    return np.where(rng.random(shape) < 0.2, 0.0, array) if draw(st.booleans()) else array


def some_shape(draw, min_dims=0, max_dims=4, min_side=1):
    return draw(array_shapes(min_dims=min_dims, max_dims=max_dims, min_side=min_side, max_side=3))


def stretched(draw, shape):
    """A shape that broadcasts with this one: some lengths 1, some axes in front missing."""
    thin = [1 if draw(st.integers(0, 3)) == 0 else n for n in shape]
    return tuple(thin[draw(st.integers(0, len(thin))) if draw(st.booleans()) else 0 :])


def axes_of(draw, shape):
    return tuple(sorted(draw(st.sets(st.integers(0, len(shape) - 1))))) if shape else ()


def identity(draw, shape):
    return lm.Identity(some_shape(draw) if shape is None else shape)


def cast(draw, shape):
    return operators._Cast(some_shape(draw) if shape is None else shape, np.dtype(float), np.dtype(float))


def scaling(draw, shape):
    return lm.Scaling(draw(st.sampled_from([-2.5, 1.0, 3.0, 0.5])), some_shape(draw) if shape is None else shape)


def diagonal(draw, shape):
    shape = some_shape(draw) if shape is None else shape
    return lm.Diagonal(numbers(draw, stretched(draw, shape)), shape)


def mask(draw, shape):
    shape = some_shape(draw) if shape is None else shape
    return lm.Mask(numbers(draw, stretched(draw, shape)) > 0, shape)


def added(draw, shape):
    shape = some_shape(draw) if shape is None else shape
    axes = axes_of(draw, shape)
    keep = draw(st.booleans())
    small = [1 if k in axes else n for k, n in enumerate(shape) if keep or k not in axes]
    return lm.Sum(shape, axes, tuple(small))


def mean(draw, shape):
    adds = added(draw, shape)
    return reductions._MeanMap(adds, prod(adds.in_shape[a] for a in adds.axes))


def copied(draw, shape):
    shape = some_shape(draw) if shape is None else shape
    large = [draw(st.integers(1, 3)) if n == 1 else n for n in shape]
    return lm.Copy(*_copy_arguments((*some_shape(draw, max_dims=1), *large), shape))


def _copy_arguments(large, small):
    extra = len(large) - len(small)
    repeated = [k + extra for k, n in enumerate(small) if n != large[k + extra]]
    return large, (*range(extra), *repeated), small


def reshape(draw, shape):
    shape = some_shape(draw, max_dims=3) if shape is None else shape
    rest, target = prod(shape), []
    while rest > 1 and len(target) < 4:
        target.append(draw(st.sampled_from([d for d in range(1, rest + 1) if rest % d == 0])))
        rest //= target[-1]
    return lm.Reshape(shape, (*target, rest))


def permutation(draw, shape):
    shape = some_shape(draw) if shape is None else shape
    return lm.Permutation(shape, tuple(draw(st.permutations(range(len(shape))))))


def any_index(draw, shape):
    """Any NumPy index: integers, slices of any step, None, ellipses, arrays that broadcast, repeat and count back,
    truth values; arrays together and apart.
    """
    if draw(st.booleans()):
        return draw(basic_indices(shape, allow_newaxis=True))
    parts, common = [], some_shape(draw, max_dims=2)
    axis = 0
    while axis < len(shape):
        n = shape[axis]
        kinds = ["integer", "slice", "array", "mask", "none", "list", "range", "stop"]
        kind = draw(st.sampled_from(kinds if n else ["slice", "none", "stop"]))  # an empty axis has no places
        if kind == "stop":
            break
        if kind == "none":
            parts.append(None)
            if len(parts) < 5:
                continue
            break
        if kind == "integer":
            parts.append(draw(st.integers(-n, n - 1)))
        elif kind == "slice":
            parts.append(draw(st.slices(n)))
        elif kind == "mask":
            # as many chosen as broadcast with the others
            chosen = draw(st.sets(st.integers(0, n - 1), min_size=1, max_size=1))
            if common[-1:] and common[-1] <= n and draw(st.booleans()):
                chosen = set(draw(st.permutations(range(n)))[: common[-1]])
            parts.append(np.isin(np.arange(n), list(chosen)))
        elif kind == "range":
            parts.append(np.arange(n) if not common or common[-1] in (1, n) else 0)
            common = common if not isinstance(parts[-1], np.ndarray) or not common else (*common[:-1], n)
        else:
            array = np.random.default_rng(draw(st.integers(0, 999))).integers(-n, n, stretched(draw, common))
            parts.append(array.tolist() if kind == "list" else array)
        axis += 1
    if draw(st.booleans()) and not any(part is Ellipsis for part in parts):
        parts.insert(draw(st.integers(0, len(parts))), Ellipsis)
    return tuple(parts)


def selection(draw, shape, kind=lm.Selection):
    shape = some_shape(draw, max_dims=3) if shape is None else shape
    if shape and prod(shape) and draw(st.integers(0, 9)) == 0:
        index = numbers(draw, shape) > 0
        index.flat[0] = True
    else:
        index = any_index(draw, shape)
    try:
        out_shape = np.broadcast_to(np.int8(0), shape)[index].shape
    except (IndexError, ValueError):  # its arrays don't broadcast
        return None
    return kind(shape, index, draw(st.sampled_from([None, (*out_shape, 1), (1, *out_shape)])))


def extremum(draw, shape):
    shape = some_shape(draw, min_dims=1, max_dims=3) if shape is None else shape
    if not shape or 0 in shape:
        return None
    axis = draw(st.integers(0, len(shape) - 1))
    index = list(np.ogrid[tuple(slice(n) for k, n in enumerate(shape) if k != axis)]) if len(shape) > 1 else []
    rest = tuple(n for k, n in enumerate(shape) if k != axis)
    index.insert(axis, np.random.default_rng(draw(st.integers(0, 99))).integers(0, shape[axis], rest))
    kept = (*shape[:axis], 1, *shape[axis + 1 :])
    return reductions._Extremum("max", shape, tuple(index), draw(st.sampled_from([rest, kept])))


def in_order(draw, shape):
    shape = some_shape(draw, min_dims=1, max_dims=3) if shape is None else shape
    if not shape:
        return None
    local = shapes.selection_of_sort(numbers(draw, shape), draw(st.integers(0, len(shape) - 1)))
    local.recipe = None  # it is a map of its own here, and needn't fit what it is applied to
    return local


def max_pool(draw, shape, apart=False):
    shape = draw(array_shapes(min_dims=4, max_dims=4, min_side=1, max_side=4)) if shape is None else shape
    if len(shape) != 4 or 0 in shape:
        return None
    size, stride, _ = window_of(draw, shape[-2:], dilated=False)
    return _MaxPool(lm.Windows(shape, size, size if apart else stride), numbers(draw, shape))


def scatter(draw, shape):
    """Zero padding, strided placing, and places that meet."""
    shape = some_shape(draw, max_dims=3) if shape is None else shape
    way = draw(st.sampled_from(["pad", "stride", "backwards", "one of more", "meet", "any"]))
    if way == "any":
        gather = selection(draw, None)
        return gather.T if gather and gather.out_shape == shape else None
    if way == "meet":
        target = draw(st.integers(1, 4))
        places = np.random.default_rng(draw(st.integers(0, 99))).integers(0, target, shape)
        return lm.Scatter(shape, places, (target,))
    if way == "one of more":
        axis, n = draw(st.integers(0, len(shape))), draw(st.integers(1, 3))
        index = (*[slice(None)] * axis, draw(st.integers(-n, n - 1)))
        return lm.Scatter(shape, index, (*shape[:axis], n, *shape[axis:]))
    index, large = [], []
    for n in shape:
        before, after = draw(st.integers(0, 2)), draw(st.integers(0, 2))
        step = draw(st.integers(2, 3)) if way == "stride" else 1
        reach = step * (n - 1) + 1 if n else 0
        large.append(before + reach + after)
        if way == "backwards" and n:
            index.append(slice(before + n - 1, before - 1 if before else None, -1))
        else:
            index.append(slice(before, before + reach, step))
    return lm.Scatter(shape, tuple(index), tuple(large))


def unpool(draw, shape):
    local = max_pool(draw, None, apart=True).T
    return local if shape in (None, local.in_shape) else None


def cumulative(draw, shape):
    shape = some_shape(draw, min_dims=1) if shape is None else shape
    return lm.Cumulative(shape, draw(st.integers(0, len(shape) - 1)), draw(st.booleans())) if shape else None


def window_of(draw, image, dilated=True):
    """The size, stride and dilation of windows that fit in an image."""
    size, stride, dilation = [], [], []
    for n in image:
        size.append(draw(st.integers(1, min(3, n))))
        most = (n - 1) // (size[-1] - 1) if size[-1] > 1 else 3
        dilation.append(draw(st.integers(1, min(most, 3))) if dilated else 1)
        stride.append(draw(st.integers(1, 3)))
    return tuple(size), tuple(stride), tuple(dilation)


def windows(draw, shape):
    if shape is None:
        shape = (*some_shape(draw, max_dims=2), *draw(st.tuples(st.integers(1, 5), st.integers(1, 5))))
    if len(shape) < 2 or 0 in shape:
        return None
    return lm.Windows(shape, *window_of(draw, shape[-2:]))


def fold(draw, shape):
    if shape is None:
        return windows(draw, None).T
    if len(shape) < 4 or 0 in shape:
        return None
    stride, dilation = draw(st.tuples(*[st.integers(1, 3)] * 2)), draw(st.tuples(*[st.integers(1, 2)] * 2))
    image = [
        s * (p - 1) + lm.span(k, d) + draw(st.integers(0, s - 1))
        for p, k, s, d in zip(shape[-4:-2], shape[-2:], stride, dilation, strict=True)
    ]
    return lm.Fold((*shape[:-4], *image), tuple(shape[-2:]), stride, dilation)


def _stacks(draw, inside):
    """The stacks of a matrix and of the output: NumPy broadcasts the output's, or the input's by the transpose."""
    stack = stretched(draw, tuple(draw(st.integers(1, 2)) if n == 1 else n for n in inside))
    outside = np.broadcast_shapes(stack, inside)
    smaller = stretched(draw, outside)
    return stack, smaller if np.broadcast_shapes(stack, smaller) == inside else outside


def left_matmul(draw, shape):
    shape = some_shape(draw, min_dims=2) if shape is None else shape
    if len(shape) < 2:
        return None
    (stack, outside), rows = _stacks(draw, shape[:-2]), draw(st.integers(1, 3))
    return lm.LeftMatmul(numbers(draw, (*stack, rows, shape[-2])), shape, (*outside, rows, shape[-1]))


def right_matmul(draw, shape):
    shape = some_shape(draw, min_dims=1) if shape is None else shape
    if not shape:
        return None
    stack, outside = _stacks(draw, shape[:-2]) if len(shape) > 1 else ((), ())
    columns = draw(st.integers(1, 3))
    return lm.RightMatmul(numbers(draw, (*stack, shape[-1], columns)), shape, (*outside, *shape[-2:-1], columns))


def contraction(draw, shape):
    shape = some_shape(draw, max_dims=3) if shape is None else shape
    letters = "abcdefgh"[: len(shape)]
    sizes = dict(zip(letters, shape, strict=True)) | {c: draw(st.integers(1, 3)) for c in "xyz"}
    others = ["".join(draw(st.lists(st.sampled_from([*sizes]), max_size=3, unique=True))) for _ in range(2)]
    others = others[: draw(st.integers(1, 2))]
    free = [c for c in sizes if any(c in other for other in others) or c in letters]
    output = "".join(draw(st.lists(st.sampled_from(free), max_size=4, unique=True))) if free else ""
    everywhere = [letters, *others]
    # each letter of the open operand stands in the output, or in another operand
    output += "".join(c for c in letters if c not in output and not any(c in other for other in others))
    k = draw(st.integers(0, len(others)))
    everywhere.insert(k, everywhere.pop(0))
    operands = [None if i == k else numbers(draw, [sizes[c] for c in x]) for i, x in enumerate(everywhere)]
    operands[k] = np.broadcast_to(np.int8(0), shape)
    out_shape = tuple(sizes[c] for c in output)
    return lm.Contraction(tuple(everywhere), output, tuple(operands), k, shape, out_shape)


def weights(draw, shape):
    shape = some_shape(draw, min_dims=2, max_dims=2) if shape is None else shape
    if len(shape) != 2:
        return None
    x = numbers(draw, (*some_shape(draw, max_dims=2), shape[1]))
    return _Weights(x, shape, (*x.shape[:-1], shape[0]))


def rank_one(draw, shape):
    shape = some_shape(draw, min_dims=1) if shape is None else shape
    return _RankOne(numbers(draw, shape), draw(st.integers(0, len(shape) - 1))) if shape else None


def layer_map(draw, shape):
    """A convolutional layer by one of its arrays: of images of a given shape, or any of the six."""
    if shape is not None and (len(shape) != 4 or 0 in shape):
        return None
    images = some_shape(draw, 4, 4) if shape is None else shape
    groups = draw(st.sampled_from([n for n in (1, 2, 3) if images[1] % n == 0]))
    kernels = (groups * draw(st.integers(1, 2)), images[1] // groups, *draw(st.tuples(*[st.integers(1, 3)] * 2)))
    numbers_ = st.tuples(*[st.integers(1, 2)] * 2)
    stride, dilation = draw(numbers_), draw(numbers_)
    spans = [lm.span(k, d) for k, d in zip(kernels[2:], dilation, strict=True)]
    least = [max(0, -((n - k) // 2)) for n, k in zip(images[2:], spans, strict=True)]
    padding = tuple(z + draw(st.integers(0, 1)) for z in least)
    layout = layout_of("conv2d", images, kernels, stride, padding, dilation, groups)
    source, target = (IMAGES, OUTPUT) if shape else draw(st.permutations((IMAGES, KERNELS, OUTPUT)))[:2]
    given = IMAGES + KERNELS + OUTPUT - source - target
    return LayerMap(layout, numbers(draw, (layout.images, layout.kernels, layout.output)[given]), source, target)


def product(draw, shape):
    return chain(draw, shape, draw(st.integers(2, 3)))


CASES = {
    lm.Identity: identity,
    operators._Cast: cast,
    lm.Scaling: scaling,
    lm.Diagonal: diagonal,
    lm.Mask: mask,
    lm.Sum: added,
    reductions._MeanMap: mean,
    lm.Copy: copied,
    lm.Reshape: reshape,
    lm.Permutation: permutation,
    lm.Selection: selection,
    reductions._Extremum: extremum,
    shapes._Sorted: in_order,
    _MaxPool: max_pool,
    lm.Scatter: scatter,
    _Unpool: unpool,
    lm.Cumulative: cumulative,
    lm.Windows: windows,
    lm.Fold: fold,
    lm.LeftMatmul: left_matmul,
    lm.RightMatmul: right_matmul,
    lm.Contraction: contraction,
    _Weights: weights,
    LayerMap: layer_map,
    _RankOne: rank_one,
    lm.Product: product,
}

WITHOUT_FORM = {
    lm.Zero,  # nothing to describe
    _SoftmaxMap,  # a sum of two maps that have forms
}

LINKS = [case for kind, case in CASES.items() if kind is not lm.Product]


def chain(draw, shape, length):
    """A product of maps, each of the shape that the last one gave."""
    factors = []
    while len(factors) < length:
        local = draw(st.sampled_from(LINKS))(draw, shape)
        if local is None or prod(local.out_shape) > LARGEST:
            local = diagonal(draw, shape)
        factors.append(local)
        shape = local.out_shape
    return lm.Product(tuple(reversed(factors)))
