"""How each primitive that is not elementwise is reached through NumPy, with random arguments.

A case is a function of hypothesis's `draw` that gives (f, arrays): calling f on Tensors of the arrays records, among
others, a node of the case's primitive. A primitive without a case makes test_registry.py fail.
"""

from importlib import import_module
from pkgutil import iter_modules

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, mutually_broadcastable_shapes

from stepgrad import nn
from stepgrad.autodiff import linear_maps as lm
from stepgrad.autodiff.primitive import General
from stepgrad.autodiff.primitives import linalg, reductions, shapes
from stepgrad.convolution.arguments import layout_of
from stepgrad.nn import convolution

LAYERS = [import_module(f"stepgrad.nn.{module.name}") for module in iter_modules(nn.__path__)]

REGISTERED = {
    primitive.name
    for module in (linalg, reductions, shapes, *LAYERS)
    for primitive in vars(module).values()
    if isinstance(primitive, General)
}

NOT_ANALYTIC = {"astype", "logsumexp", "max", "min", "p_norm", "softmax_cross_entropy", "std", "var"}
"""Those whose forward function takes no complex numbers."""


def values(draw, shape):
    """An array whose entries are all different and away from 0."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    size = int(np.prod(shape))
    return ((rng.permutation(size) + 0.5) / max(size, 1) * 4 - 2 + rng.uniform(0.02, 0.05)).reshape(shape)


def any_shape(draw, min_dims=0, max_dims=3, min_side=0, max_side=3):
    return draw(array_shapes(min_dims=min_dims, max_dims=max_dims, min_side=min_side, max_side=max_side))


def any_axes(draw, ndim):
    """None, one axis, or several; counted from either end."""
    if ndim == 0:
        return draw(st.sampled_from([None, ()]))
    one = st.integers(-ndim, ndim - 1)
    many = st.lists(one, unique_by=lambda a: a % ndim, max_size=ndim).map(tuple)
    return draw(st.one_of(st.none(), one, many))


def one_axis(draw, ndim):
    return draw(st.integers(-ndim, ndim - 1))


def reduction(function, min_side=0, **more):
    """A case for a function with axis and keepdims."""

    def case(draw):
        shape = any_shape(draw, min_side=min_side)
        keywords = {"axis": any_axes(draw, len(shape)), "keepdims": draw(st.booleans()), **more}
        return lambda x: function(x, **keywords), [values(draw, shape)]

    return case


def norm(draw):
    shape = any_shape(draw, min_dims=1, min_side=1)
    axis = one_axis(draw, len(shape))
    if len(shape) > 1 and draw(st.booleans()):
        axis = (axis % len(shape), (axis + 1) % len(shape))
    keepdims = draw(st.booleans())
    return lambda x: np.linalg.norm(x, axis=axis, keepdims=keepdims), [values(draw, shape)]


def p_norm(draw):
    shape, order = any_shape(draw, min_dims=1, min_side=1), draw(st.sampled_from([3, 1.5, 4, 0.5, -1]))
    axis, keepdims = one_axis(draw, len(shape)), draw(st.booleans())
    return lambda x: np.linalg.norm(x, order, axis, keepdims), [values(draw, shape)]


def cumsum(draw):
    shape = any_shape(draw)
    axis = draw(st.sampled_from([None, *range(-len(shape), len(shape))]))
    return lambda x: np.cumsum(x, axis), [values(draw, shape)]


def reshape(draw):
    shape = any_shape(draw, min_dims=1)
    target = draw(st.permutations([*shape, 1]))
    order = draw(st.sampled_from("CF"))
    return lambda x: np.reshape(x, target, order), [values(draw, shape)]


def transpose(draw):
    shape = any_shape(draw, min_dims=1)
    axes = draw(st.one_of(st.none(), st.permutations(range(-len(shape), 0))))
    return lambda x: np.transpose(x, axes), [values(draw, shape)]


def broadcast_to(draw):
    shapes_of = draw(mutually_broadcastable_shapes(num_shapes=2, max_dims=3, min_side=0, max_side=3))
    return lambda x: np.broadcast_to(x, shapes_of.result_shape), [values(draw, shapes_of.input_shapes[0])]


def select(draw):
    n = draw(st.integers(1, 4))
    index = draw(
        st.sampled_from(
            [
                (0, 1),
                -1,
                slice(None, None, -1),
                (slice(3, 0, -2), None),
                ...,
                (..., None, 0),
                [0, -1, 0],
                ([0, n - 1], [2, 2]),
                np.array([[0, 0], [n - 1, 0]]),
                np.arange(n) % 2 == 0,
                (np.arange(n) % 2 == 0, slice(1, None)),
                (slice(None), [True, False, True]),
                [],
                (np.array([0, 0])[:, None], np.array([1, 2, 1])),
                True,
            ]
        )
    )
    return lambda x: x[index], [values(draw, (n, 3))]


def sort(draw):
    shape = any_shape(draw, min_dims=1, min_side=1)
    axis = draw(st.sampled_from([None, *range(-len(shape), len(shape))]))
    return lambda x: np.sort(x, axis), [values(draw, shape)]


def pad(draw):
    shape = any_shape(draw, min_dims=1)
    width = draw(st.sampled_from([0, 2, (1, 2), [[1], [2]][:1], [(i, 1) for i in range(len(shape))], {-1: (0, 2)}]))
    constant = draw(st.sampled_from([0, 1.5]))
    return lambda x: np.pad(x, width, constant_values=constant), [values(draw, shape)]


def concatenate(draw):
    shape = list(any_shape(draw, min_dims=1))
    axis = draw(st.sampled_from([None, *range(-len(shape), len(shape))]))
    parts = []
    for _ in range(draw(st.integers(1, 3))):
        if axis is not None:
            shape[axis] = draw(st.integers(0, 3))
        parts.append(values(draw, tuple(shape)))
    return lambda *arrays: np.concatenate(arrays, axis), parts


def stack(draw):
    shape = any_shape(draw, max_dims=2)
    axis = draw(st.integers(-len(shape) - 1, len(shape)))
    return lambda *arrays: np.stack(arrays, axis), [values(draw, shape) for _ in range(draw(st.integers(1, 3)))]


def matmul(draw):
    n, k, m = (draw(st.integers(0, 3)) for _ in range(3))
    stacks = draw(mutually_broadcastable_shapes(num_shapes=2, max_dims=2, min_side=0, max_side=2)).input_shapes
    a = (k,) if draw(st.booleans()) else (*stacks[0], n, k)
    b = (k,) if draw(st.booleans()) else (*stacks[1], k, m)
    return np.matmul, [values(draw, a), values(draw, b)]


def einsum(draw):
    """Any einsum: repeated and lonely subscripts, axes of length 1 that broadcast, permuted outputs, ellipses."""
    letters = draw(st.lists(st.sampled_from("ijkl"), min_size=1, max_size=4, unique=True))
    sizes = {c: draw(st.integers(0, 3)) for c in letters}
    inputs, arrays = [], []
    for _ in range(draw(st.integers(1, 3))):
        own = "".join(draw(st.lists(st.sampled_from(letters), max_size=3)))
        thin = draw(st.booleans()) and len(set(own)) == len(own)
        shape = tuple(1 if thin and i == 0 else sizes[c] for i, c in enumerate(own))
        inputs.append(own)
        arrays.append((own, shape))
    broad = {}
    for own, shape in arrays:
        for c, n in zip(own, shape, strict=True):
            broad[c] = n if broad.get(c, 1) == 1 else broad[c]
    used = "".join(sorted(set("".join(inputs))))
    output = "".join(draw(st.permutations(used)))[: draw(st.integers(0, len(used)))]
    text = ",".join(inputs) + draw(st.sampled_from(["", f"->{output}"]))
    return lambda *operands: np.einsum(text, *operands), [values(draw, shape) for _, shape in arrays]


def trace(draw):
    shape = any_shape(draw, min_dims=2)
    offset, axes = draw(st.integers(-3, 3)), draw(st.permutations(range(len(shape))))[:2]
    return lambda x: np.trace(x, offset, *axes), [values(draw, shape)]


def softmax_cross_entropy(draw):
    batch = any_shape(draw, max_dims=2, min_side=1)
    labels = np.random.default_rng(draw(st.integers(0, 99))).integers(0, 3, batch)
    return lambda x: nn.softmax_cross_entropy(x, labels), [values(draw, (*batch, 3))]


def linear(draw):
    batch, n, m = any_shape(draw, max_dims=2), draw(st.integers(0, 3)), draw(st.integers(0, 3))
    biases = [values(draw, (m,))] if draw(st.booleans()) else []
    return nn.linear, [values(draw, (*batch, n)), values(draw, (m, n)), *biases]


def sliding(draw, leading=(0, 2)):
    """The arguments of Windows: an image and windows that fit in it; with no axes before its own, one, or two."""
    pairs = st.tuples(st.integers(1, 3), st.integers(1, 3))
    size, stride, dilation = draw(pairs), draw(pairs), draw(pairs)
    image = [lm.span(k, d) + draw(st.integers(0, 3)) for k, d in zip(size, dilation, strict=True)]
    before = draw(array_shapes(min_dims=leading[0], max_dims=leading[1], min_side=0, max_side=2))
    return (*before, *image), size, stride, dilation


def windows(draw):
    arguments = sliding(draw)
    return lm.Windows(*arguments).apply, [values(draw, arguments[0])]


def fold(draw):
    local = lm.Fold(*sliding(draw, leading=(0, 1)))
    return local.apply, [values(draw, local.in_shape)]


def layer(draw):
    """Any convolution: strides, paddings, dilations and groups; also of no images at all: images, kernels, keywords."""
    numbers, groups = st.tuples(st.integers(1, 2), st.integers(1, 2)), draw(st.integers(1, 2))
    each, per_group, size = draw(st.integers(1, 2)), draw(st.integers(1, 2)), draw(numbers)
    stride, dilation, padding = draw(numbers), draw(numbers), draw(st.tuples(st.integers(0, 2), st.integers(0, 2)))
    spans = [lm.span(k, d) for k, d in zip(size, dilation, strict=True)]
    image = [max(k - 2 * z, 0) + draw(st.integers(0, 2)) for k, z in zip(spans, padding, strict=True)]
    images, kernels = (draw(st.integers(0, 2)), groups * each, *image), (groups * per_group, each, *size)
    return images, kernels, {"stride": stride, "padding": padding, "dilation": dilation, "groups": groups}


def conv2d(draw):
    """With biases or without."""
    images, kernels, keywords = layer(draw)
    arrays = [values(draw, images), values(draw, kernels)]
    if draw(st.booleans()):
        arrays.append(values(draw, kernels[:1]))
    return lambda *operands: nn.conv2d(*operands, **keywords), arrays


def conv2d_gradient(primitive, place):
    """A gradient of the layer, of the cotangent and the array in a place: 0 for the images, 1 for the kernels."""

    def case(draw):
        images, kernels, keywords = layer(draw)
        layout = layout_of("conv2d", images, kernels, **keywords)
        other = values(draw, (images, kernels)[place])
        return lambda u, v: primitive(u, v, layout=layout), [values(draw, layout.output), other]

    return case


def pooling(function):
    def case(draw):
        shape, size, stride, _ = sliding(draw, leading=(2, 2))
        stride = draw(st.sampled_from([None, stride]))
        return lambda x: function(x, size, stride), [values(draw, shape)]

    return case


def softmax(draw):
    shape = any_shape(draw, min_dims=1, min_side=1)
    axis = one_axis(draw, len(shape))
    return lambda x: nn.softmax(x, axis), [values(draw, shape)]


CASES = {
    "astype": lambda draw: (lambda x: x.astype(np.float64), [values(draw, any_shape(draw))]),
    "avg_pool2d": pooling(nn.avg_pool2d),
    "concatenate": concatenate,
    "conv2d": conv2d,
    "conv2d_input_grad": conv2d_gradient(convolution._conv2d_input_grad, 1),
    "conv2d_weight_grad": conv2d_gradient(convolution._conv2d_weight_grad, 0),
    "copy": broadcast_to,
    "cumsum": cumsum,
    "einsum": einsum,
    "fold": fold,
    "linear": linear,
    "logsumexp": reduction(reductions.logsumexp, min_side=1),
    "matmul": matmul,
    "max": reduction(np.max, min_side=1),
    "max_pool2d": pooling(nn.max_pool2d),
    "mean": reduction(np.mean, min_side=1),
    "min": reduction(np.min, min_side=1),
    "norm": norm,
    "p_norm": p_norm,
    "prod": reduction(np.prod),
    "reshape": reshape,
    "scatter": pad,
    "select": lambda draw: draw(st.sampled_from([select, sort]))(draw),
    "softmax": softmax,
    "softmax_cross_entropy": softmax_cross_entropy,
    "stack": stack,
    "std": reduction(np.std, min_side=2),
    "sum": reduction(np.sum),
    "trace": trace,
    "transpose": transpose,
    "var": reduction(np.var, min_side=2),
    "windows": windows,
}
