"""ParameterCounter: the same image read by three layers, and what their weights come to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import floor, sqrt
from typing import Any

import numpy as np
import traitlets as t

from ..convolution.arguments import whole
from ..documents.counting import NETWORKS, TITLES, Settings, counts, human_bytes, problem
from ..nn import LAYER_KINDS, LayerCost, layer_cost
from .base import DocumentWidget, front_end, machine_bytes, small_png

MEASURES = ("parameters", "memory", "multiplications")

_SETTINGS = ("image", "channels", "hidden", "field", "filters", "stride", "padding", "bias")


class ParameterCounter(DocumentWidget):
    """Counts the parameters of a fully connected, a locally connected and a convolutional layer on one image.

    Args:
        image: rows and columns of the image.
        hidden: hidden units of the fully and of the locally connected layer; of the convolutional one they follow from
            the image, the field and the filters.
        field: rows and columns that a unit reads.
        filters: filters of the convolutional layer.
        predict: ask for each of the three counts before it is shown.
        options: any of the traits below.

    Traits that Python can set and observe, all of them also in the front end:
        image, hidden, field, filters: as above.
        channels, stride, padding, bias: the numbers of a pixel, how far the field moves, the pixels of zeros around the
            image, and whether there are biases.
        layer: the layer whose connections are drawn, "fully_connected", "locally_connected" or "convolutional".
        measure: what the scale shows, "parameters", "memory" or "multiplications".
        unit: [row, column] of the hidden unit whose connections stand out, or [] for none; counted as the units are
            drawn, in the convolutional layer in one of its maps.
        predict, answers: the predictions made, as dictionaries with `question` (the layer), `about`, `answer`,
            `expected`, `correct` and `skipped`. A prediction is right within half a power of ten. A number above 2⁵³ is
            kept as text, so that no digit is lost.
        controls: the parts to show, by name ("settings", "layers", "connections", "scale", "formula", "table",
            "predict", "export"); all of them if empty.

    Raises:
        TraitError: numbers that are not whole, too small or too large, a field larger than the padded image, or a unit
            that is not there. What was there before stays.

    The counts are those of `stepgrad.nn.layer_cost`; the browser makes them anew while a slider moves. They are
    compared with LeNet-5 (60,000 parameters; LeCun et al. 1998), ResNet-50 (25.6 million; He et al. 2016), AlexNet
    (61 million; Krizhevsky et al. 2012), VGG-16 (138 million; Simonyan and Zisserman 2015) and GPT-2 (1.54 billion;
    Radford et al. 2019); `stepgrad.documents.counting.NETWORKS` says where each number is from.
    """

    _esm = front_end("parameter_counter.js")
    _css = front_end("parameter_counter.css")

    _facts = t.Dict().tag(sync=True)

    image = t.List(default_value=[200, 200]).tag(sync=True)
    channels = t.Int(1).tag(sync=True)
    hidden = t.Int(40_000).tag(sync=True)
    field = t.List(default_value=[10, 10]).tag(sync=True)
    filters = t.Int(100).tag(sync=True)
    stride = t.Int(1).tag(sync=True)
    padding = t.Int(0).tag(sync=True)
    bias = t.Bool(False).tag(sync=True)
    layer = t.Enum(LAYER_KINDS, "fully_connected").tag(sync=True)
    measure = t.Enum(MEASURES, "parameters").tag(sync=True)
    unit: t.List[Any] = t.List().tag(sync=True)
    predict = t.Bool(False).tag(sync=True)
    answers = t.List(t.Dict()).tag(sync=True)
    controls = t.List(t.Unicode()).tag(sync=True)

    def __init__(
        self,
        image: int | Sequence[int] = (200, 200),
        hidden: int = 40_000,
        field: int | Sequence[int] = (10, 10),
        filters: int = 100,
        *,
        predict: bool = False,
        **options: Any,
    ) -> None:
        sizes = {"image": _pair("image", image), "field": _pair("field", field), "hidden": hidden, "filters": filters}
        super().__init__(predict=predict, **{name: _plain(value) for name, value in (sizes | options).items()})
        facts = {"machine_bytes": machine_bytes(), "networks": [network._asdict() for network in NETWORKS]}
        self.set_trait("_facts", facts)

    @t.validate(*_SETTINGS)
    def _fits(self, proposal: Any) -> Any:
        settings = {**self.settings, proposal["trait"].name: proposal["value"]}
        wrong = problem(settings)
        if wrong:
            raise t.TraitError(wrong)
        return proposal["value"]

    @t.validate("unit")
    def _present(self, proposal: Any) -> list[int]:
        unit = [_plain(n) for n in proposal["value"]]
        if not unit:
            return unit
        rows, columns = self._grid()
        if len(unit) == 2 and all(map(whole, unit)) and 0 <= unit[0] < rows and 0 <= unit[1] < columns:
            return unit
        raise t.TraitError(
            f"The unit is [row, column] of a hidden unit, within {rows:,} × {columns:,} here, or [] for none; "
            f"this is {proposal['value']}."
        )

    def _grid(self) -> tuple[int, int]:
        """Rows and columns of the hidden units as they are drawn; `unitGrid` in the browser says the same."""
        maps = self.cost(self.layer).maps
        if maps:
            return maps[1:]
        height, width = self.image
        rows = max(1, min(self.hidden, floor(sqrt(self.hidden * height / width) + 0.5)))
        return rows, -(-self.hidden // rows)

    @property
    def settings(self) -> Settings:
        """What the counts follow from."""
        return {name: getattr(self, name) for name in _SETTINGS}  # type: ignore[return-value]

    def cost(self, kind: str) -> LayerCost:
        """What a layer costs with these settings."""
        return layer_cost(kind, **_sizes(self.settings))  # type: ignore[arg-type]

    # Faces ----------------------------------------------------------------------------------------------------------
    def document(self) -> dict[str, Any]:
        """The settings, what the three layers cost, this machine's memory, and networks to compare with."""
        return counts(self.settings, [_entry(self.cost(kind)) for kind in LAYER_KINDS], self._facts["machine_bytes"])

    def text(self) -> str:
        """The three counts as a table."""
        s = self.settings
        sizes = f"{_by(s['image'])}{_channels(s['channels'])}, {_many(s['hidden'], 'hidden unit')}"
        head = f"an image of {sizes}, fields of {_by(s['field'])}, {_many(s['filters'], 'filter')}{_moved(s)}"
        titles = f"{'layer':19}{'hidden units':>15}{'parameters':>22}{'float32':>11}{'float64':>11}"
        lines = [
            f"{TITLES[entry['kind']]:19}{entry['units']:15,}{entry['parameters']:22,}"
            f"{human_bytes(entry['float32_bytes']):>11}{human_bytes(entry['float64_bytes']):>11}"
            f"{entry['multiplications']:25,}"
            for entry in self.document()["layers"]
        ]
        return "\n".join([head, f"{titles}{'multiplications':>25}", *lines])

    def figure(self, theme: str = "light") -> Any:
        """A matplotlib Figure: the three layers with some of their connections, and the counts on a log scale."""
        from ..figures.counting import figure

        return figure(self.document(), theme, hidden=self.predict)  # type: ignore[arg-type]

    def _repr_png_(self) -> bytes | None:
        """The figure as a notebook keeps it: without this machine's memory, for it is read on others."""
        try:
            from ..figures.counting import figure
        except ImportError:
            return None
        return small_png(figure({**self.document(), "machine_bytes": None}, hidden=self.predict))

    def _repr_text_(self) -> str:
        if self.predict:
            return f"{self!r}\nTo be predicted in the widget; w.text() has the counts."
        return self.text()

    def __repr__(self) -> str:
        s = self.settings
        return (
            f"ParameterCounter(image={tuple(s['image'])}, hidden={s['hidden']}, field={tuple(s['field'])}, "
            f"filters={s['filters']})"
        )


def _pair(name: str, value: Any) -> list[Any]:
    """Rows and columns, as a list; one number is both. What they are is checked with the other settings."""
    if isinstance(value, (int, np.integer)) and not isinstance(value, bool):
        return [_plain(value)] * 2
    if isinstance(value, (tuple, list, np.ndarray)):
        return [_plain(n) for n in value]
    raise t.TraitError(f"The {name} takes two whole numbers, rows and columns; got {value!r}.")


def _plain(value: Any) -> Any:
    """NumPy's integers as Python's, which alone are traits."""
    return int(value) if isinstance(value, np.integer) else value


def _sizes(settings: Settings) -> dict[str, Any]:
    """The settings as arguments of `layer_cost`."""
    return {**settings, "image": tuple(settings["image"]), "field": tuple(settings["field"])}


def _entry(cost: LayerCost) -> Mapping[str, Any]:
    """A layer of the document."""
    return {
        "kind": cost.kind,
        "inputs": cost.inputs,
        "units": cost.units,
        "fan_in": cost.fan_in,
        "maps": list(cost.maps) if cost.maps else None,
        "weights": cost.weights,
        "biases": cost.biases,
        "parameters": cost.parameters,
        "multiplications": cost.multiplications,
        "float32_bytes": cost.nbytes(np.float32),
        "float64_bytes": cost.nbytes(np.float64),
    }


def _by(sizes: Sequence[int]) -> str:
    return " × ".join(f"{n:,}" for n in sizes)


def _many(n: int, noun: str) -> str:
    return f"{n:,} {noun}{'' if n == 1 else 's'}"


def _channels(n: int) -> str:
    return "" if n == 1 else f" × {n:,}"


def _moved(s: Settings) -> str:
    """What is not as usual."""
    parts = [
        f"stride {s['stride']}" if s["stride"] != 1 else "",
        f"padding {s['padding']}" if s["padding"] else "",
        "with biases" if s["bias"] else "",
    ]
    return "".join(f", {part}" for part in parts if part)


__all__ = ["ParameterCounter"]
