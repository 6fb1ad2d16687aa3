"""What a layer on an image costs, told from its sizes alone: parameters, memory and multiplications, exactly.

Three layers read an image of H × W pixels with C channels, each with fewer parameters than the one before:

- "fully_connected": each of m hidden units has a weight for every number of the image,
  H · W · C · m in all.
- "locally_connected": each unit has weights for the numbers of its own field of h × w pixels alone, h · w · C · m.
- "convolutional": all units of a map share the weights of one filter, so F filters have h · w · C · F, whatever the
  size of the image.

Python's integers have no largest one, so no count is rounded.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from typing import Any, Literal

import numpy as np

from ..convolution import output_size
from .arguments import pair, whole

__all__ = ["LAYER_KINDS", "LayerCost", "LayerKind", "layer_cost", "parameter_count"]

LayerKind = Literal["fully_connected", "locally_connected", "convolutional"]

LAYER_KINDS: tuple[LayerKind, ...] = ("fully_connected", "locally_connected", "convolutional")
"""From the most parameters to the fewest."""


@dataclass(frozen=True, slots=True)
class LayerCost:
    """What a layer costs; all numbers are exact.

    Attributes:
        kind: which of the three layers it is.
        inputs: the numbers that it reads, H · W · C.
        units: its hidden units, each of which makes one number.
        fan_in: how many inputs a unit has, padding included.
        maps: the shape of the units, (filters, rows, columns), where they stand in maps; else None.
        weights: how many different weights.
        biases: how many biases.
    """

    kind: LayerKind
    inputs: int
    units: int
    fan_in: int
    maps: tuple[int, int, int] | None
    weights: int
    biases: int

    @property
    def parameters(self) -> int:
        """Weights and biases."""
        return self.weights + self.biases

    @property
    def multiplications(self) -> int:
        """The multiplications for one image, which are the connections; those with the zeros of padding count too."""
        return self.units * self.fan_in

    def nbytes(self, dtype: Any = np.float32) -> int:
        """The bytes that the parameters take in a dtype."""
        return self.parameters * np.dtype(dtype).itemsize


def parameter_count(
    kind: LayerKind,
    image: int | tuple[int, int] | None = None,
    *,
    channels: int = 1,
    hidden: int | None = None,
    field: int | tuple[int, int] | None = None,
    filters: int | None = None,
    stride: int | tuple[int, int] = 1,
    padding: int | tuple[int, int] = 0,
    dilation: int | tuple[int, int] = 1,
    bias: bool = False,
) -> int:
    """How many parameters a layer on an image has.

    What a kind does not need may be given all the same, so that all three can be asked with the same arguments.

    Args:
        kind: "fully_connected", "locally_connected" or "convolutional".
        image: its rows and columns. A convolutional layer does not need it.
        channels: the image's numbers for each pixel.
        hidden: the hidden units of a fully or locally connected layer. For a locally connected one it may be left out:
            then there is a unit for each filter at each place that the field has in the image.
        field: the rows and columns that a unit sees; also called receptive field or kernel.
        filters: how many filters, each of which makes a map of hidden units.
        stride: how far the field moves from place to place.
        padding: pixels of zeros around the image.
        dilation: how far the pixels of a field stand apart.
        bias: count a bias for each hidden unit, or for each filter where they are shared.

    Returns:
        The number of weights and biases, an `int`.

    Raises:
        TypeError: a number that is not an integer, or one that the kind needs and that is missing.
        ValueError: no such kind, a number that is too small, or a field larger than the padded image.

    Source: Y. LeCun et al., Gradient-based learning applied to document recognition, Proc. IEEE 86 (1998), section II.
    """
    layer = _Layer.of(
        "parameter_count", kind, image, channels, hidden, field, filters, stride, padding, dilation, bias
    )  # fmt: skip
    return layer.weights + layer.biases


def layer_cost(
    kind: LayerKind,
    image: int | tuple[int, int],
    *,
    channels: int = 1,
    hidden: int | None = None,
    field: int | tuple[int, int] | None = None,
    filters: int | None = None,
    stride: int | tuple[int, int] = 1,
    padding: int | tuple[int, int] = 0,
    dilation: int | tuple[int, int] = 1,
    bias: bool = False,
) -> LayerCost:
    """What a layer costs on an image: parameters, memory, hidden units and multiplications.

    The arguments and errors are those of `parameter_count`; the image is needed for every kind, since how often shared
    weights are used depends on it.
    """
    layer = _Layer.of(
        "layer_cost", kind, image, channels, hidden, field, filters, stride, padding, dilation, bias
    )  # fmt: skip
    rows, columns = layer.need("image")
    return LayerCost(
        kind=layer.kind,
        inputs=rows * columns * layer.channels,
        units=layer.units,
        fan_in=layer.fan_in,
        maps=layer.maps,
        weights=layer.weights,
        biases=layer.biases,
    )


@dataclass(frozen=True, slots=True)
class _Layer:
    """The arguments, checked; what is not given is None until it is needed."""

    function: str
    kind: LayerKind
    image: tuple[int, int] | None
    channels: int
    hidden: int | None
    field: tuple[int, int] | None
    filters: int | None
    stride: tuple[int, int]
    padding: tuple[int, int]
    dilation: tuple[int, int]
    bias: bool

    @classmethod
    def of(
        cls, function: str, kind: Any, image: Any, channels: Any, hidden: Any, field: Any, filters: Any, stride: Any,
        padding: Any, dilation: Any, bias: bool,
    ) -> _Layer:  # fmt: skip
        if not isinstance(kind, str) or kind not in LAYER_KINDS:
            raise ValueError(
                f'{function} knows the kinds "fully_connected", "locally_connected" and "convolutional"; got {kind!r}'
            )
        if not isinstance(bias, (bool, np.bool_)):
            raise TypeError(f"{function} takes bias as True or False; got {bias!r}")
        layer = cls(
            function=function,
            kind=kind,
            image=None if image is None else pair(function, "image", image),
            channels=_count(function, "channels", channels),
            hidden=None if hidden is None else _count(function, "hidden", hidden),
            field=None if field is None else pair(function, "field", field),
            filters=None if filters is None else _count(function, "filters", filters),
            stride=pair(function, "stride", stride),
            padding=pair(function, "padding", padding, least=0),
            dilation=pair(function, "dilation", dilation),
            bias=bool(bias),
        )
        layer._check_field()
        return layer

    def _check_field(self) -> None:
        """A field that is wider or higher than the padded image has no place in it."""
        if self.kind == "fully_connected" or self.image is None or self.field is None or all(self.places):
            return
        spans = [d * (k - 1) + 1 for k, d in zip(self.field, self.dilation, strict=True)]
        padded = [n + 2 * z for n, z in zip(self.image, self.padding, strict=True)]
        raise ValueError(
            f"{self.function}'s field spans {spans[0]} × {spans[1]} pixels and doesn't fit in the padded image of "
            f"{padded[0]} × {padded[1]}: take a smaller field, a larger image or more padding"
        )

    def need(self, name: str) -> Any:
        """An argument that this kind of layer can't do without."""
        value = getattr(self, name)
        if value is None:
            needs = f"{name}, such as {name}={_EXAMPLES[name]}"
            if self.kind == "locally_connected" and name == "filters":
                needs = f"hidden, such as hidden={_EXAMPLES['hidden']}, or image and filters"
            raise TypeError(f"{self.function} of a {self.kind} layer needs {needs}")
        return value

    @property
    def places(self) -> tuple[int, int]:
        """How many places the field has in the image, down and across."""
        image, field = self.need("image"), self.need("field")
        down, across = map(output_size, image, field, self.stride, self.padding, self.dilation)
        return down, across

    @property
    def maps(self) -> tuple[int, int, int] | None:
        """The shape of the hidden units, where each belongs to a filter and a place."""
        if self.kind == "fully_connected" or (self.kind == "locally_connected" and self.hidden is not None):
            return None
        filters = self.need("filters")
        return (filters, *self.places)

    @property
    def units(self) -> int:
        return self.need("hidden") if self.maps is None else prod(self.maps)

    @property
    def fan_in(self) -> int:
        return prod(self.need("image" if self.kind == "fully_connected" else "field")) * self.channels

    @property
    def sets(self) -> int:
        """How many sets of weights: one for each unit, or for each filter where units share."""
        return int(self.need("filters")) if self.kind == "convolutional" else self.units

    @property
    def weights(self) -> int:
        return self.sets * self.fan_in

    @property
    def biases(self) -> int:
        return self.sets if self.bias else 0


_EXAMPLES = {"image": "(200, 200)", "hidden": "40_000", "field": "(10, 10)", "filters": "100"}


def _count(function: str, name: str, value: Any) -> int:
    """A whole number, 1 or more."""
    if not whole(value):
        raise TypeError(f"{function} takes {name} as an integer; got {value!r}")
    if value < 1:
        raise ValueError(f"{function} takes {name} of 1 or more; got {value}")
    return int(value)
