"""The convolutional layer.

What is called a convolution in neural networks is a cross-correlation: the kernel is slid over the image as it is, not
flipped. It is linear in the image and in the kernels, so each local Jacobian is the layer itself with the other one
held fixed. With ⟨a, b⟩ for Σ a b, output, input gradient and weight gradient are one form, linear in three arrays,

    ⟨conv2d(x, w), u⟩ = ⟨x, input gradient(u, w)⟩ = ⟨w, weight gradient(u, x)⟩

asked in three ways: each local Jacobian of each of the three is another of them, which is how they are differentiable
to any order. `LayerMap` is that map. It acts by the kernels of `stepgrad.convolution`. In words it is a product of
maps: pad, take the windows, contract them; the transposed product, contract, fold, cut off the padding, is the
"transposed convolution".

Sources: LeCun et al., Gradient-based learning applied to document recognition (1998); Dumoulin and Visin, A guide to
convolution arithmetic for deep learning (2016).
"""

from __future__ import annotations

from math import prod
from typing import Any, NamedTuple

import numpy as np

from ..autodiff.forms import Axis, Factor, Form, Label, factor, labels_for
from ..autodiff.forms.axes import read_at
from ..autodiff.linear_maps import Contraction, Copy, Identity, LinearMap, Reshape, Scatter, Windows
from ..autodiff.primitive import General
from ..autodiff.tensor import raw, shape_of
from ..convolution.arguments import KINDS, layout_of
from ..convolution.choice import Operation
from ..convolution.kernels import run
from ..convolution.layout import Layout
from .arguments import numeric

IMAGES, KERNELS, OUTPUT = 0, 1, 2
"""The three arrays of the form, by their places in it."""


def conv2d(
    x: Any,
    w: Any,
    b: Any = None,
    stride: int | tuple[int, int] = 1,
    padding: int | tuple[int, int] = 0,
    dilation: int | tuple[int, int] = 1,
    groups: int = 1,
) -> Any:
    """A convolutional layer: the cross-correlation of images with kernels, and a bias for each kernel.

    y[n, f, p, q] = b[f] + Σ_{c,u,v} w[f, c, u, v] x[n, c, s p + d u − z, s q + d v − z], with x = 0 outside the image,
    stride s, dilation d and padding z.

    Args:
        x: images, shape (N, C, H, W).
        w: kernels, shape (F, C / groups, HH, WW).
        b: biases, shape (F,); None for none.
        stride: how far the kernel moves, for rows and columns or one for both.
        padding: how many zeros are put before and after the rows, and the columns.
        dilation: how far the kernel's entries stand apart.
        groups: into how many groups channels and kernels are split; each group of kernels sees its own channels alone.

    Returns:
        An array of shape (N, F, P, Q), where P = ⌊(H + 2·padding − dilation·(HH − 1) − 1) / stride⌋ + 1, and so for Q.

    Raises:
        ValueError: shapes that don't fit, a kernel that is larger than the padded image, groups that channels or
            kernels can't be split into, a number that is too small.
        TypeError: a stride, padding, dilation or number of groups that is not an integer; an array that is not made of
            numbers.
    """
    x, w = numeric("conv2d", "x", x), numeric("conv2d", "w", w)
    layout = layout_of("conv2d", shape_of(x), shape_of(w), stride, padding, dilation, groups)
    if b is None:
        return _conv2d(x, w, layout=layout)
    b = numeric("conv2d", "b", b)
    if shape_of(b) != layout.kernels[:1]:
        raise ValueError(f"conv2d takes one bias for each of the {layout.kernels[0]} kernels; got shape {shape_of(b)}")
    return _conv2d(x, w, b, layout=layout)


class LayerMap(LinearMap):
    """The layer as a linear function of one of its three arrays that gives another, the third one held fixed.

    Args:
        layout: of the layer.
        given: the array that is held fixed.
        source: what the map is applied to: IMAGES, KERNELS or OUTPUT.
        target: what it gives; the third is `given`.
    """

    __slots__ = ("given", "layout", "source", "target")
    role = "switcher"

    def __init__(self, layout: Layout, given: Any, source: int, target: int) -> None:
        shapes = (layout.images, layout.kernels, layout.output)
        super().__init__(shapes[source], shapes[target])
        self.layout = layout
        self.given = given
        self.source = source
        self.target = target

    def apply(self, tangent: Any) -> Any:
        """The layer, or one of its gradients: a primitive, so that it can be differentiated itself."""
        return self._asked(tangent, self.source, self.target)

    def pull(self, cotangent: Any) -> Any:
        """The same with source and target exchanged."""
        return self._asked(cotangent, self.target, self.source)

    def _asked(self, vector: Any, source: int, target: int) -> Any:
        operation, first = _OPERATIONS[target]
        arguments = (vector, self.given) if source == first else (self.given, vector)
        if type(vector) is type(self.given) is np.ndarray:  # nothing to record: spare small images the time
            return operation.function(*arguments, layout=self.layout)
        return operation(*arguments, layout=self.layout)

    def transpose(self) -> LayerMap:
        """Source and target exchanged."""
        return LayerMap(self.layout, self.given, self.target, self.source)

    @property
    def third(self) -> int:
        """Which array is given."""
        return IMAGES + KERNELS + OUTPUT - self.source - self.target

    # What it is said to be --------------------------------------------------------------------------------------------
    def form(self) -> Form | None:
        """The definition: where its terms stand in source and target, and the third array; None where it has none."""
        if self.layout.empty:
            return None
        axes, factors = _definition(self.layout, self.third, raw(self.given))
        return Form(self.out_shape, axes[self.target], self.in_shape, axes[self.source], factors)

    def described(self) -> LinearMap:
        """The same map as a product of maps: a contraction of windows with what is given, and what leads there."""
        if (self.source, self.target) not in ((IMAGES, OUTPUT), (KERNELS, OUTPUT), (IMAGES, KERNELS)):
            return self.transpose().described().transpose()
        parts, third = _parts(self.layout), self.third
        ends = (parts.windows, parts.kernels, parts.output)
        fixed = ends[third].pull(self.given) if third == OUTPUT else ends[third].apply(self.given)
        inside = ends[self.source].out_shape
        outside = ends[OUTPUT].in_shape if self.target == OUTPUT else ends[self.target].out_shape
        hole, places = np.broadcast_to(np.int8(0), inside), sorted((self.source, third))
        operands = tuple(hole if place == self.source else fixed for place in places)
        inputs = tuple(parts.subscripts[place] for place in places)
        k, output = places.index(self.source), parts.subscripts[self.target]
        local = Contraction(inputs, output, operands, k, inside, outside) @ ends[self.source]
        last = ends[OUTPUT] if self.target == OUTPUT else ends[self.target].transpose()
        return local if type(last) is Identity else last @ local

    @property
    def structure(self) -> str:  # type: ignore[override]
        """The structures of the product's factors."""
        return self.described().structure

    def formula(self) -> Any:
        """The product's."""
        return self.described().formula()

    @property
    def operations(self) -> int:
        """A multiplication and an addition for each term of the definition."""
        return self.layout.flops


Axes = tuple[Axis, Axis, Axis, Axis]


def _definition(layout: Layout, third: int, given: Any) -> tuple[tuple[Axes, Axes, Axes], list[Factor]]:
    """Where a term w[f, c, u, v] x[n, c, s p + d u − z, s q + d v − z] stands in each array, and the array in a place.

    With several groups, channels and kernels are counted in each, and g counts the groups.
    """
    (N, _, H, W), (F, each, HH, WW), (P, Q), G = layout.images, layout.kernels, layout.places, layout.groups
    n, g, f, c, p, q, u, v = labels_for((N, G, F // G, each, P, Q, HH, WW))
    (top, left), (down, across), (high, wide) = layout.before, layout.stride, layout.dilation
    row, column = ((p, down), (u, high)), ((q, across), (v, wide))
    image, channel, kernel = _axis(0, (n, 1)), _axis(0, (g, each), (c, 1)), _axis(0, (g, F // G), (f, 1))
    axes = (
        (image, channel, _axis(-top, *row), _axis(-left, *column)),
        (kernel, _axis(0, (c, 1)), _axis(0, (u, 1)), _axis(0, (v, 1))),
        (image, kernel, _axis(0, (p, 1)), _axis(0, (q, 1))),
    )
    if third == KERNELS:
        return axes, [factor((g, f, c, u, v), given.reshape(G, F // G, each, HH, WW))]
    if third == OUTPUT:
        return axes, [factor((n, g, f, p, q), given.reshape(N, G, F // G, P, Q))]
    if top or left:
        given = np.pad(given, ((0, 0), (0, 0), (top, top), (left, left)))
    i, j = Label(H + 2 * top), Label(W + 2 * left)
    own = tuple(label for label in (n, g, c, i, j) if label is not None)
    images = own, given.reshape([label.size for label in own])
    labels, windows = read_at(images, {i: _axis(0, *row), j: _axis(0, *column)})  # a view
    order = [label for label in (n, g, c, p, q, u, v) if label in labels]
    return axes, [(tuple(order), windows.transpose([labels.index(label) for label in order]))]


def _axis(offset: int, *terms: tuple[Label | None, int]) -> Axis:
    """The sum of an offset and labels with coefficients; no label counts over a single place."""
    return Axis(offset, {label: coefficient for label, coefficient in terms if label is not None})


class _Parts(NamedTuple):
    """The layer as maps around one contraction.

    Attributes:
        windows: from the images to their windows, (N, C, P, Q, HH, WW).
        kernels: from the kernels to what they are in the contraction.
        output: from the contraction's result to (N, F, P, Q).
        subscripts: of the windows, the kernels and the result in `numpy.einsum`'s manner.

    With several groups, an axis of groups stands before that of the channels and before that of the kernels.
    """

    windows: LinearMap
    kernels: LinearMap
    output: LinearMap
    subscripts: tuple[str, str, str]


def _parts(layout: Layout) -> _Parts:
    (batch, channels, *size), (filters, each, *window), groups = layout.images, layout.kernels, layout.groups
    one = groups == 1
    split = (batch, channels, *size) if one else (batch, groups, each, *size)
    padded = (*split[:-2], *(n + 2 * z for n, z in zip(size, layout.before, strict=True)))
    inside = (..., *(slice(z, z + n) for n, z in zip(size, layout.before, strict=True)))
    windows: LinearMap = Windows(padded, tuple(window), layout.stride, layout.dilation)
    if any(layout.before):
        windows = windows @ Scatter(split, inside, padded)
    output = layout.output
    result = output if one else (batch, groups, filters // groups, *layout.places)
    return _Parts(
        windows if one else windows @ Reshape(layout.images, split),
        Identity(layout.kernels) if one else Reshape(layout.kernels, (groups, filters // groups, each, *window)),
        Identity(result) if one else Reshape(result, output),
        ("ncpquv", "fcuv", "nfpq") if one else ("ngcpquv", "gfcuv", "ngfpq"),
    )


# The three operations -------------------------------------------------------------------------------------------------
def _forward(x: Any, w: Any, b: Any = None, *, layout: Layout) -> Any:
    y = _run("forward", x, w, layout)
    if b is None:
        return y
    return np.add(y, b[:, np.newaxis, np.newaxis], out=y) if b.dtype == y.dtype else y + b[:, np.newaxis, np.newaxis]


def _input_grad(u: Any, w: Any, *, layout: Layout) -> Any:
    return _run("input_grad", u, w, layout)


def _weight_grad(u: Any, x: Any, *, layout: Layout) -> Any:
    return _run("weight_grad", u, x, layout)


def _run(operation: Operation, a: Any, b: Any, layout: Layout) -> Any:
    """An operation on plain arrays: in float32 and float64 by the fastest method, in others by the definition."""
    if a.dtype.char != b.dtype.char:
        dtype = np.result_type(a, b)
        a, b = a.astype(dtype, copy=False), b.astype(dtype, copy=False)
    return run(operation, a, b, layout, "auto" if a.dtype.char in KINDS else "direct")


def _by(source: int, target: int, given: int) -> Any:
    """The rule of one argument: the map from it, the argument in place `given` held fixed."""
    return lambda _y, *arguments, layout: LayerMap(layout, arguments[given], source, target)


def _by_biases(y: Any, _x: Any, _w: Any, b: Any, **_parameters: Any) -> LinearMap:
    return Copy(shape_of(y), (0, 2, 3), shape_of(b))


def _cost(y: Any, _x: Any, w: Any, _b: Any = None) -> int:
    return 2 * int(np.size(raw(y))) * prod(shape_of(w)[1:])


def _input_grad_cost(_y: Any, u: Any, w: Any) -> int:
    return 2 * int(np.size(raw(u))) * prod(shape_of(w)[1:])


def _weight_grad_cost(y: Any, u: Any, _x: Any) -> int:
    return 2 * int(np.size(raw(u))) * prod(shape_of(y)[1:])


_conv2d = General("conv2d", _forward, (_by(IMAGES, OUTPUT, 1), _by(KERNELS, OUTPUT, 0), _by_biases), cost=_cost)
_conv2d_input_grad = General(
    "conv2d_input_grad", _input_grad, (_by(OUTPUT, IMAGES, 1), _by(KERNELS, IMAGES, 0)), cost=_input_grad_cost
)
_conv2d_weight_grad = General(
    "conv2d_weight_grad", _weight_grad, (_by(OUTPUT, KERNELS, 1), _by(IMAGES, KERNELS, 0)), cost=_weight_grad_cost
)
_OPERATIONS = {
    IMAGES: (_conv2d_input_grad, OUTPUT),
    KERNELS: (_conv2d_weight_grad, OUTPUT),
    OUTPUT: (_conv2d, IMAGES),
}
"""What gives each of the arrays, and which array is its first argument."""
