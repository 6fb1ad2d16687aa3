"""What ConvSlider is given for filters: read, checked, and fitted to a picture's channels and a kernel's size."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np

from ..convolution.arguments import whole
from ..documents.magnitude import too_large
from .kernels import DEFAULT, PRESETS, SIZES, kernel_entry, preset, spread

Array = np.ndarray[Any, Any]

MOST = 64
"""How many filters there can be."""


class Filters(NamedTuple):
    """A bank of filters of one shape.

    Attributes:
        entries: each with its name, its weights as a flat list in the order c, a, b, and its bias.
        kernel: rows and columns.
        learned: the arrays that came without a name of PRESETS, (C, HH, WW) by name.
    """

    entries: list[dict[str, Any]]
    kernel: tuple[int, int]
    learned: dict[str, Array]


def read_filters(filters: Any, bias: Any, shape: tuple[int, int, int], kernel: Any, padding: int = 0) -> Filters:
    """The filters that ConvSlider is given.

    Args:
        filters: as `ConvSlider` takes them.
        bias: one for each, one for all, or None for 0.
        shape: the picture's channels, height and width.
        kernel: the size of filters that are given by name, a number or a pair; None for 5, or 3 on a small picture.
        padding: zeros around the picture.

    Raises:
        TypeError: filters or biases that are not made of real numbers.
        ValueError: no such name, shapes that don't fit, NaN or infinity, too many.
    """
    channels, height, width = shape
    if filters is None or isinstance(filters, str):
        filters = list(DEFAULT) if filters is None else [filters]
    if isinstance(filters, (list, tuple)) and filters and all(isinstance(name, str) for name in filters):
        named: dict[str, Array] = {}
        k = _square(kernel, min(height, width) + 2 * padding)
        for name in filters:
            named[_free(name, named)] = spread(preset(name, k), channels)
        learned: dict[str, Array] = {}
    else:
        if kernel is not None:
            raise ValueError("the kernel's size is that of the array of filters: leave out kernel")
        named = learned = _arrays(filters, channels)
    _check_bank(named)
    biases = _biases(bias, len(named))
    found = [
        {"name": name, "weights": weights.ravel().tolist(), "bias": value}
        for (name, weights), value in zip(named.items(), biases, strict=True)
    ]
    rows, columns = next(iter(named.values())).shape[1:]
    return Filters(found, (rows, columns), learned)


def _square(kernel: Any, side: int) -> int:
    """The size of kernels that are made by name."""
    if kernel is None:
        return 5 if side >= 10 else 3
    pair = tuple(kernel) if isinstance(kernel, (tuple, list)) else (kernel, kernel)
    if not all(map(whole, pair)):
        raise TypeError(f"kernel, the size of filters by name, is an integer or a pair of integers; got {kernel!r}")
    if len(pair) != 2 or pair[0] != pair[1] or pair[0] not in SIZES:
        sizes = " and ".join(f"{size} × {size}" for size in SIZES)
        raise ValueError(f"filters by name come in {sizes}; got kernel={kernel!r}")
    return int(pair[0])


def _free(name: str, taken: Mapping[str, Any]) -> str:
    """A name that is not taken: the second "random" is "random 2"."""
    number = 2
    free = name
    while free in taken:
        free, number = f"{name} {number}", number + 1
    return free


def _arrays(filters: Any, channels: int) -> dict[str, Array]:
    """Filters given as arrays, (C, HH, WW) by name."""
    if isinstance(filters, Mapping):
        return {str(name): _one(str(name), kernel, channels) for name, kernel in filters.items()}
    if isinstance(filters, Iterator):
        raise TypeError("filters are a list, an array or a dict; got a generator: make a list of it")
    if isinstance(filters, (list, tuple)) and any(isinstance(each, str) for each in filters):
        odd = next(each for each in filters if not isinstance(each, str))
        raise TypeError(f"a list of filters holds names alone or numbers alone; beside names it has {odd!r}")
    bank = numbers("filters", filters)
    if bank.ndim == 2:
        return {"filter 1": _one("filters", bank, channels)}
    if bank.ndim != 4:
        hint = ": write filters[np.newaxis] for one filter, or filters[:, np.newaxis] for filters of one channel"
        hint = hint if bank.ndim == 3 else ""
        raise ValueError(f"filters have the shape (HH, WW) or (F, C, HH, WW); got {bank.shape}{hint}")
    if bank.shape[1] != channels:
        raise ValueError(
            f"filters for this picture have {_channels(channels)}, (F, {channels}, HH, WW); got shape {bank.shape}"
        )
    return {f"filter {k + 1}": kernel for k, kernel in enumerate(bank)}


def _one(name: str, kernel: Any, channels: int) -> Array:
    """One filter, (HH, WW) for all channels alike or (C, HH, WW)."""
    array = numbers(name, kernel)
    if array.ndim == 2:
        return spread(array[np.newaxis], channels) if array.size else array[np.newaxis]
    if array.ndim != 3 or array.shape[0] != channels:
        raise ValueError(
            f"{name} for a picture of {_channels(channels)} has the shape (HH, WW) or ({channels}, HH, WW); "
            f"got {array.shape}"
        )
    return array


def _channels(count: int) -> str:
    return f"{count} channel{'s' * (count > 1)}"


def numbers(name: str, values: Any) -> Array:
    """An array of finite real numbers in float64.

    Raises:
        TypeError: something else than real numbers.
        ValueError: NaN or infinity.
    """
    try:
        array = np.asarray(values)
    except ValueError as error:
        raise TypeError(f"{name} takes an array of numbers; its rows differ in length") from error
    if array.dtype.kind not in "fiub":
        raise TypeError(f"{name} takes an array of real numbers, not of {_held(array)}")
    array = array.astype(np.float64)
    if not np.isfinite(array).all():
        place = tuple(int(k) for k in np.argwhere(~np.isfinite(array))[0])
        raise ValueError(f"{name} has a number that is not finite, {array[place]} at {list(place)}")
    beyond = too_large(array)
    if beyond is not None:
        at = f" at {list(beyond)}" if beyond else ""
        raise ValueError(f"{name} takes numbers of at most 1e100; got {array[beyond]:g}{at}")
    return array


def _held(array: Array) -> str:
    """What an array holds that are no real numbers, in a word."""
    words = {"U": "text", "S": "bytes", "c": "complex numbers"}
    if array.dtype == object and array.size:
        return f"objects such as {type(array.flat[0]).__name__}"
    return words.get(array.dtype.kind, str(array.dtype))


def _check_bank(named: Mapping[str, Array]) -> None:
    if not 1 <= len(named) <= MOST:
        raise ValueError(f"there are 1 to {MOST} filters; got {len(named)}")
    shapes = {kernel.shape for kernel in named.values()}
    if len(shapes) > 1:
        raise ValueError(f"all filters have one shape; got {' and '.join(map(str, sorted(shapes)))}")
    if 0 in next(iter(shapes)):
        raise ValueError("a filter has one row and one column at least; got an empty one")


def _biases(bias: Any, count: int) -> list[float]:
    if bias is None:
        return [0.0] * count
    array = numbers("bias", bias)
    if array.ndim == 0:
        array = np.full(count, array)
    if array.shape != (count,):
        raise ValueError(f"bias is one number, or one for each of the {count} filters; got shape {array.shape}")
    return [float(value) for value in array]


def own_presets(presets: Mapping[str, Any], bank: Filters) -> list[dict[str, Any]]:
    """Filters of one's own to choose from: those that are passed for that, and those that the widget begins with."""
    if not isinstance(presets, Mapping):
        raise TypeError(f"presets are a dict of names and arrays; got {presets!r}")
    kernels: dict[str, Array] = {}
    for name, kernel in presets.items():
        array = numbers(str(name), kernel)
        if array.ndim not in (2, 3) or not array.size:
            raise ValueError(f"the preset {name!r} has the shape (HH, WW) or (C, HH, WW); got {array.shape}")
        if name in PRESETS:
            raise ValueError(f"there is a filter {name!r} already: give this one another name")
        kernels[str(name)] = array if array.ndim == 3 else array[np.newaxis]
    biases = {each["name"]: each["bias"] for each in bank.entries}
    kernels |= {name: kernel for name, kernel in bank.learned.items() if name not in PRESETS}
    return [
        {"name": name, "title": name, "kernels": [kernel_entry(kernel, biases.get(name, 0.0))]}
        for name, kernel in kernels.items()
    ]


def resized(
    entry: Mapping[str, Any], before: tuple[int, int], channels: int, kernel: tuple[int, int]
) -> dict[str, Any]:
    """A filter for another number of channels or another kernel's size.

    One that has a preset's name is made anew; another is cut, or filled up with 0, around its middle.
    """
    name, (rows, columns) = entry["name"], kernel
    if before != kernel and name in PRESETS and rows == columns and rows in PRESETS[name].sizes:
        weights = preset(name, rows)
    else:
        weights = _centred(np.reshape(entry["weights"], (-1, *before)), kernel)
    return {**entry, "weights": spread(weights, channels).ravel().tolist()}


def _centred(weights: Array, kernel: tuple[int, int]) -> Array:
    """The middle of a kernel (C, HH, WW), or the kernel in the middle of zeros."""
    out = np.zeros((len(weights), *kernel))
    here, there = [], []
    for old, new in zip(weights.shape[1:], kernel, strict=True):
        shift = (new - old) // 2
        here.append(slice(max(0, shift), max(0, shift) + min(old, new)))
        there.append(slice(max(0, -shift), max(0, -shift) + min(old, new)))
    out[:, here[0], here[1]] = weights[:, there[0], there[1]]
    return out


__all__ = ["MOST", "Filters", "numbers", "own_presets", "read_filters", "resized"]
