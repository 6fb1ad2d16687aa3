"""The convolutional layer.

What is called a convolution in neural networks is a cross-correlation: the kernel is slid over the image as it is, not
flipped. It is linear in the image and in the kernels, so each local Jacobian is the layer itself with the other one
held fixed. With ⟨a, b⟩ for Σ a b, output, input gradient and weight gradient are one form, linear in three arrays,

    ⟨conv2d(x, w), u⟩ = ⟨x, input gradient(u, w)⟩ = ⟨w, weight gradient(u, x)⟩

asked in three ways: each local Jacobian of each of the three is another of them, which is how they are differentiable
to any order. `Share` is that map. It acts by the kernels of `stepgrad.convolution`, and is described as a product of
maps: pad, take the windows, contract them; the transposed product, contract, fold, cut off the padding, is the
"transposed convolution".

Sources: LeCun et al., Gradient-based learning applied to document recognition (1998); Dumoulin and Visin, A guide to
convolution arithmetic for deep learning (2016).
"""

from __future__ import annotations

from math import prod
from typing import Any, NamedTuple

import numpy as np

from ..autodiff.forms import Form
from ..autodiff.linear_maps import Contraction, Copy, Identity, LinearMap, Reshape, Scatter, Windows
from ..autodiff.primitive import General
from ..autodiff.tensor import raw, shape_of
from ..convolution.arguments import layout_of
from ..convolution.kernels import run
from ..convolution.layout import Layout

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
        TypeError: a stride, padding, dilation or number of groups that is not an integer.
    """
    layout = layout_of("conv2d", shape_of(x), shape_of(w), stride, padding, dilation, groups)
    if b is None:
        return _conv2d(x, w, layout=layout)
    if shape_of(b) != shape_of(w)[:1]:
        raise ValueError(f"conv2d takes one bias for each of the {shape_of(w)[0]} kernels; got shape {shape_of(b)}")
    return _conv2d(x, w, b, layout=layout)


class Share(LinearMap):
    """One of the three arrays as a linear function of another, the third one given.

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
        operation, arguments = _OPERATIONS[self.target]
        first, second = (tangent, self.given) if arguments[0] == self.source else (self.given, tangent)
        return operation(first, second, layout=self.layout)

    def transpose(self) -> Share:
        """Source and target exchanged."""
        return Share(self.layout, self.given, self.target, self.source)

    # What it is said to be --------------------------------------------------------------------------------------------
    def described(self) -> LinearMap:
        """The same map as a product of maps: a contraction of windows with what is given, and what leads there."""
        if self.source > self.target or (self.source, self.target) == (KERNELS, IMAGES):
            return self.transpose().described().transpose()
        parts = _parts(self.layout)
        ends = (parts.windows, parts.kernels, parts.output)
        third = IMAGES + KERNELS + OUTPUT - self.source - self.target
        fixed = ends[third].pull(self.given) if third == OUTPUT else ends[third].apply(self.given)
        shape = ends[self.source].out_shape
        hole, places = np.broadcast_to(np.int8(0), shape), sorted((self.source, third))
        operands = tuple(hole if place == self.source else fixed for place in places)
        inputs = tuple(parts.subscripts[place] for place in places)
        result = ends[self.target].in_shape if self.target == OUTPUT else ends[self.target].out_shape
        contraction = Contraction(
            inputs, parts.subscripts[self.target], operands, places.index(self.source), shape, result
        )
        last = ends[self.target] if self.target == OUTPUT else ends[self.target].transpose()
        local = contraction @ ends[self.source]
        return local if type(last) is Identity else last @ local

    @property
    def structure(self) -> str:  # type: ignore[override]
        """The structures of the product's factors."""
        return self.described().structure

    def formula(self) -> Any:
        """The product's."""
        return self.described().formula()

    def form(self) -> Form | None:
        """The product's; None where there are no windows."""
        return self.described().form()

    def summands(self) -> list[LinearMap]:
        """The product: its factors have forms even where it has none."""
        return [self.described()]

    @property
    def operations(self) -> int:
        """A multiplication and an addition for each term of the form."""
        return self.layout.flops


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
    y = _run("forward", x, w, layout, IMAGES, OUTPUT)
    if b is None:
        return y
    return np.add(y, b[:, np.newaxis, np.newaxis], out=y) if b.dtype == y.dtype else y + b[:, np.newaxis, np.newaxis]


def _input_grad(u: Any, w: Any, *, layout: Layout) -> Any:
    return _run("input_grad", u, w, layout, OUTPUT, IMAGES)


def _weight_grad(u: Any, x: Any, *, layout: Layout) -> Any:
    return _run("weight_grad", u, x, layout, OUTPUT, KERNELS)


def _run(operation: Any, a: Any, b: Any, layout: Layout, source: int, target: int) -> Any:
    """An operation on plain arrays: by the fast kernels in float32 and float64, else by the description."""
    if a.dtype.char != b.dtype.char:
        dtype = np.result_type(a, b)
        a, b = a.astype(dtype, copy=False), b.astype(dtype, copy=False)
    if a.dtype.char in "fd":
        return run(operation, a, b, layout)
    return Share(layout, b, source, target).described().apply(a)


def _by(source: int, target: int, given: int) -> Any:
    """The rule of one argument: the map from it, the argument in place `given` held fixed."""
    return lambda _y, *arguments, layout: Share(layout, arguments[given], source, target)


def _by_biases(y: Any, _x: Any, _w: Any, b: Any, **_parameters: Any) -> LinearMap:
    return Copy(shape_of(y), (0, 2, 3), shape_of(b))


def _cost(y: Any, _x: Any, w: Any, _b: Any = None) -> int:
    return 2 * int(np.size(raw(y))) * prod(shape_of(w)[1:])


def _gradient_cost(_y: Any, u: Any, other: Any) -> int:
    return 2 * int(np.size(raw(u))) * prod(shape_of(other)[1:])


_conv2d = General("conv2d", _forward, (_by(IMAGES, OUTPUT, 1), _by(KERNELS, OUTPUT, 0), _by_biases), cost=_cost)
_conv2d_input_grad = General(
    "conv2d_input_grad", _input_grad, (_by(OUTPUT, IMAGES, 1), _by(KERNELS, IMAGES, 0)), cost=_gradient_cost
)
_conv2d_weight_grad = General(
    "conv2d_weight_grad", _weight_grad, (_by(OUTPUT, KERNELS, 1), _by(IMAGES, KERNELS, 0)), cost=_gradient_cost
)
_OPERATIONS = {
    IMAGES: (_conv2d_input_grad, (OUTPUT, KERNELS)),
    KERNELS: (_conv2d_weight_grad, (OUTPUT, IMAGES)),
    OUTPUT: (_conv2d, (IMAGES, KERNELS)),
}
