"""The document of parameter counts: three layers on one image, and what their sizes are compared with.

All counts are whole numbers without rounding. They can be larger than 2⁵³, which some readers of JSON round.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple, TypedDict

from ..autodiff.structured import human_bytes
from .schema import MismatchError, check
from .trace import DocumentError

__all__ = [
    "LIMITS", "NETWORKS", "TITLES", "Network", "Settings", "counts", "human_bytes", "problem", "rounded", "schema",
    "validate",
]  # fmt: skip

KIND, VERSION = "stepgrad.parameters", 1

TITLES = {
    "fully_connected": "fully connected",
    "locally_connected": "locally connected",
    "convolutional": "convolutional",
}
"""The layers' names in words."""


class Settings(TypedDict):
    """What the counts follow from; image and field are rows and columns."""

    image: list[int]
    channels: int
    hidden: int
    field: list[int]
    filters: int
    stride: int
    padding: int
    bias: bool


class Network(NamedTuple):
    """A network that people know, and who says how large it is."""

    name: str
    year: int
    parameters: int
    source: str


NETWORKS = (
    Network("LeNet-5", 1998, 60_000, "LeCun et al., Proc. IEEE 86 (1998), section II.B: 60,000"),
    Network("ResNet-50", 2016, 25_557_032, "He et al., CVPR (2016); torchvision's resnet50"),
    Network("AlexNet", 2012, 61_100_840, "Krizhevsky et al., NIPS (2012): 60 million; torchvision's alexnet"),
    Network("VGG-16", 2015, 138_357_544, "Simonyan and Zisserman, ICLR (2015): 138 million; torchvision's vgg16"),
    Network("GPT-2", 2019, 1_542_000_000, "Radford et al., Language models are … multitask learners (2019), table 2"),
)  # fmt: skip
"""Networks to compare with, from small to large."""

LIMITS = {
    "image": (1, 10_000),
    "channels": (1, 10_000),
    "hidden": (1, 1_000_000_000),
    "field": (1, 10_000),
    "filters": (1, 1_000_000),
    "stride": (1, 1_000),
    "padding": (0, 1_000),
}
"""The smallest and the largest number that may be set."""

_WORDS = {"image": "side of the image", "field": "side of the field", "hidden": "number of hidden units"}
_MANY = {"channels": "number of channels", "filters": "number of filters"}


def problem(settings: Mapping[str, Any]) -> str:
    """What is wrong with the settings, in one sentence; "" if nothing is. The browser says the same."""
    for name, (least, most) in LIMITS.items():
        value = settings[name]
        noun = (_WORDS | _MANY).get(name, name)
        if name in ("image", "field") and (not isinstance(value, (list, tuple)) or len(value) != 2):
            return f"The {name} takes two whole numbers, rows and columns."
        for number in value if isinstance(value, (list, tuple)) else (value,):
            if isinstance(number, bool) or not isinstance(number, int):
                return f"The {noun} is a whole number; this is {number!r}."
            if not least <= number <= most:
                return f"The {noun} is a whole number from {least:,} to {most:,}; this is {number:,}."
    padded = [n + 2 * settings["padding"] for n in settings["image"]]
    if any(k > n for k, n in zip(settings["field"], padded, strict=True)):
        image = f"{padded[0]:,} × {padded[1]:,}"
        with_padding = f"image with its padding, {image}" if settings["padding"] else f"image, {image}"
        field = f"{settings['field'][0]:,} × {settings['field'][1]:,}"
        return f"The field, {field}, does not fit in the {with_padding}: take a smaller field or a larger image."
    return ""


def counts(settings: Settings, layers: Sequence[Mapping[str, Any]], machine_bytes: int | None = None) -> dict[str, Any]:
    """The document of layers whose costs are known, one entry each with the members that the schema names."""
    return {
        "kind": KIND,
        "version": VERSION,
        "settings": dict(settings),
        "layers": [dict(layer) for layer in layers],
        "machine_bytes": machine_bytes,
        "networks": [network._asdict() for network in NETWORKS],
    }


def rounded(count: int, digits: int = 3) -> tuple[str, int, bool]:
    """A count in scientific notation: the factor in at most so many digits, the power of ten, and whether it is exact.

    Ties are rounded up. In whole numbers, for a float would round large counts once more.
    """
    power = len(str(count)) - 1
    unit = 10 ** max(0, power - digits + 1)
    kept = (count + unit // 2) // unit
    exact = kept * unit == count
    if kept >= 10**digits:
        kept, power = kept // 10, power + 1
    factor = f"{str(kept)[0]}.{str(kept)[1:]}".rstrip("0").rstrip(".")
    return factor, power, exact


@cache
def schema() -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of the document. Don't change it: it is read once."""
    loaded: dict[str, Any] = json.loads(Path(__file__).with_name("counting.schema.json").read_text(encoding="utf-8"))
    return loaded


def validate(document: object) -> dict[str, Any]:
    """Return the document if it is a valid one of this version; else raise DocumentError, which says where it isn't."""
    try:
        check(schema(), document)
    except MismatchError as mismatch:
        where = f" at {mismatch.path}" if mismatch.path else ""
        raise DocumentError(
            f"This is not a document of parameter counts, or malformed{where}: {mismatch.reason}."
        ) from None
    assert isinstance(document, dict)
    return document
