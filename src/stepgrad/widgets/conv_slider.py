"""ConvSlider: a bank of filters that slides over a picture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import traitlets as t

from ..convolution import conv2d_forward
from ..documents.convolution import Layout, encode, size_sentence, turned
from ..documents.convolution_table import table
from ..documents.magnitude import LARGEST_MAGNITUDE
from .base import DocumentWidget, Speed, front_end, small_png
from .filters import MOST, own_presets, read_filters, resized
from .kernels import PRESETS, SIZES, entries
from .pictures import LARGEST, Picture, box_means, built_in, own_picture, reduced_size

MODES = ("slide", "receptive", "backward", "matrix")
RANGES = {"stride": (1, 8), "padding": (0, 16), "dilation": (1, 4)}
"""The least and the greatest of each."""

MINE = "mine"
"""The name of a picture that a student opened in the browser: Python never sees it."""

Array = np.ndarray[Any, Any]


class ConvSlider(DocumentWidget):
    """Slides filters over a picture: each number of a map as the dot product that it is.

    Args:
        image: the name of a picture: "card" (a drawn test card), "numbers" (small whole numbers, for sums by hand), or
            one of the photographs "grace_hopper" (which comes with matplotlib), "china" and "flower" (with
            scikit-learn). Or an array (H, W) or (H, W, C): uint8 as a photograph, with 255 for 1; any other type of
            number as it is. More than 128 pixels on a side are reduced to the means of boxes, and `message` says so.
        filters: the name of a filter ("identity", "box", "gaussian", "sharpen", "sobel_x", "sobel_y", "laplacian",
            "emboss", "gabor", "random", and of 5 × 5 "learned_lying", "learned_standing", "learned_edge"), or a list of
            names; or an array, (HH, WW) for one filter that treats all channels alike, or (F, C, HH, WW) as
            `stepgrad.nn.conv2d` takes it; or a dict of a name for each array (HH, WW) or (C, HH, WW). By default six
            of those names.
        stride: how far the window moves, 1 to 8.
        padding: zeros on each side of the picture, 0 to 16.
        dilation: how far the kernel's entries stand apart, 1 to 4.
        flip: turn the kernel by half a turn first: true convolution instead of cross-correlation.
        bias: one for each filter, or one for all; 0 by default.
        presets: further filters to choose from, a dict of names and arrays (HH, WW) or (C, HH, WW).
        predict: ask for the output's size, for parameters and for windows' numbers before they are shown.
        options: any of the traits below; `kernel`, a number or a pair, is the size of filters that are given by name.

    Traits that Python can set and observe, all of them also in the front end:
        picture: the name of the one that is shown; "own" is an array that was handed over, "mine" one that was opened
            in the browser, of which Python knows nothing but that.
        size: the longer side to which the picture is reduced: 32, 64, 128, or 0 for as it is.
        filters: dictionaries with `name`, `weights` (a flat list in the order channel, row, column) and `bias`.
        kernel: [rows, columns] of a filter. Set it, and filters by name are made anew, and others cut or filled up
            with 0 around their middle.
        filter: the number of the filter in front, counted from 0.
        stride, padding, dilation, flip: as above.
        mode: "slide", "receptive" (what an output reads), "backward" (which outputs an input feeds) or "matrix".
        position: the window, counted row by row from 0.
        channel: the input channel in front, −1 for all in colour.
        selected: [row, column] of an output, in the mode "backward" of an input; [] for none.
        tone: how maps are coloured: "signed" by the sign, "gray" as pictures are.
        predict, answers: the predictions made, as dictionaries with `question` ("size", "value" or "parameters"),
            `about`, `answer`, `expected`, `correct` and `skipped`.
        playing, speed: whether it plays, and how fast.
        controls: the parts to show, by name; all of them if empty.
        message: a sentence on what was refused or reduced.
        pictures, presets: what there is to choose from, read-only.

    Raises:
        TypeError: an image or filters that are not made of real numbers.
        ValueError: no such picture or filter; shapes that don't fit; NaN or infinity; a kernel that is larger than the
            padded picture; a stride, padding or dilation out of range. Set later, a wrong value is a TraitError that
            says the same, and what was there stays.

    Everything a student does is computed in the browser.
    """

    _esm = front_end("conv_slider.js")
    _css = front_end("conv_slider.css")

    pictures = t.List(t.Dict(), read_only=True).tag(sync=True)
    _pictures: t.List[bytes] = t.List().tag(sync=True)
    presets = t.List(t.Dict(), read_only=True).tag(sync=True)

    picture = t.Unicode("card").tag(sync=True)
    size = t.Enum((0, 32, 64, 128), 32).tag(sync=True)
    filters = t.List(t.Dict()).tag(sync=True)
    kernel = t.List(t.Int(), [5, 5], minlen=2, maxlen=2).tag(sync=True)
    filter = t.Int(0).tag(sync=True)
    stride = t.Int(1).tag(sync=True)
    padding = t.Int(0).tag(sync=True)
    dilation = t.Int(1).tag(sync=True)
    flip = t.Bool(False).tag(sync=True)
    mode = t.Enum(MODES, "slide").tag(sync=True)
    position = t.Int(0).tag(sync=True)
    channel = t.Int(-1).tag(sync=True)
    selected = t.List(t.Int(), maxlen=2).tag(sync=True)
    tone = t.Enum(("signed", "gray"), "signed").tag(sync=True)
    predict = t.Bool(False).tag(sync=True)
    answers = t.List(t.Dict()).tag(sync=True)
    playing = t.Bool(False).tag(sync=True)
    speed = Speed(10.0, min=0.1, max=1000.0).tag(sync=True)
    controls = t.List(t.Unicode()).tag(sync=True)
    message = t.Unicode("").tag(sync=True)

    def __init__(
        self,
        image: Any = "card",
        filters: Any = None,
        stride: int = 1,
        padding: int = 0,
        dilation: int = 1,
        flip: bool = False,
        *,
        bias: Any = None,
        presets: Mapping[str, Any] | None = None,
        predict: bool = False,
        **options: Any,
    ) -> None:
        self._ready = False
        shown, note = self._open(image)
        size = options.pop("size", 32 if isinstance(image, str) else 0)
        sizes = {name: _in_range(name, value) for name, value in
                 (("stride", stride), ("padding", padding), ("dilation", dilation))}  # fmt: skip
        shape = self._shape_of(shown, size)
        bank = read_filters(filters, bias, shape, options.pop("kernel", None), sizes["padding"])
        at = Layout(*shape, bank.kernel, **sizes)
        if not all(at.places):
            raise ValueError(size_sentence(at))
        super().__init__(
            picture=shown, size=size, filters=bank.entries, kernel=list(bank.kernel), flip=flip, predict=predict,
            message=note, **sizes, **options,
        )  # fmt: skip
        everything = self._found.values()
        self.set_trait("pictures", [each.entry for each in everything])
        self._pictures = [each.data for each in everything]
        self.set_trait("presets", [*entries(), *own_presets({} if presets is None else presets, bank)])
        self._ready = True
        self._settle()

    # Pictures -------------------------------------------------------------------------------------------------------
    def _open(self, image: Any) -> tuple[str, str]:
        """Collects the pictures that there are; the name of the first one shown, and a sentence on it."""
        self._found: dict[str, Picture] = built_in()
        if isinstance(image, str):
            if image not in self._found:
                raise ValueError(f"there is no picture {image!r} here; there are {', '.join(self._found)}")
            return image, ""
        own, note = own_picture(image)
        self._found = {"own": own, **self._found}
        return "own", note

    def _shape_of(self, picture: str, size: int) -> tuple[int, int, int]:
        """Channels, height and width of a picture as it is shown."""
        if picture == MINE:
            side = min(size or LARGEST, LARGEST)
            return 3, side, side
        height, width, channels = self._found[picture].pixels.shape
        return channels, *reduced_size(height, width, size)

    def _pixels(self) -> Array | None:
        """The numbers of the picture as it is shown, (H, W, C); None where the browser alone has them."""
        if self.picture == MINE:
            return None
        key = (self.picture, self.size)
        if self._kept[0] != key:
            picture = self._found[self.picture]
            height, width, _ = picture.pixels.shape
            small = box_means(picture.values, *reduced_size(height, width, self.size))
            self._kept = (key, small)
        return self._kept[1]

    _kept: tuple[tuple[str, int], Array] = (("", 0), np.zeros(0))
    """The picture that was asked for last, as it is shown."""

    # What is shown --------------------------------------------------------------------------------------------------
    def _at(self, changes: Mapping[str, Any]) -> Layout:
        """The sizes with some traits changed."""
        now = {name: changes.get(name, getattr(self, name)) for name in ("picture", "size", "kernel", *RANGES)}
        moves = (now["stride"], now["padding"], now["dilation"])
        return Layout(*self._shape_of(now["picture"], now["size"]), tuple(now["kernel"]), *moves)

    def _check(self, changes: Mapping[str, Any]) -> None:
        """Refuses a kernel that would not fit."""
        at = self._at(changes)
        if not all(at.places):
            raise t.TraitError(size_sentence(at))

    @t.validate("stride", "padding", "dilation")
    def _movable(self, proposal: Any) -> int:
        name, value = proposal["trait"].name, proposal["value"]
        if self._ready:
            try:
                _in_range(name, value)
            except (TypeError, ValueError) as error:
                raise t.TraitError(str(error)) from error
            self._check({name: value})
        return int(value)

    @t.validate("picture")
    def _known(self, proposal: Any) -> str:
        name: str = proposal["value"]
        if name not in self._found and not (name == MINE and self._ready):
            raise t.TraitError(f"there is no picture {name!r} here; there are {', '.join(self._found)}")
        if self._ready:
            self._check({"picture": name})
        return name

    @t.validate("size", "kernel")
    def _fitting(self, proposal: Any) -> Any:
        name, value = proposal["trait"].name, proposal["value"]
        if name == "kernel" and min(value) < 1:
            raise t.TraitError(f"a kernel has one row and one column at least; got {value}")
        if self._ready:
            self._check({name: value})
        return value

    @t.validate("filters")
    def _whole(self, proposal: Any) -> list[dict[str, Any]]:
        wanted = self._at({}).channels * self.kernel[0] * self.kernel[1]
        return _filter_entries(proposal["value"], wanted if self._ready else None, self.kernel)

    @t.validate("position")
    def _within(self, proposal: Any) -> int:
        if not self._ready:
            return int(proposal["value"])
        rows, columns = self._at({}).places
        return max(0, min(int(proposal["value"]), rows * columns - 1))

    @t.validate("filter")
    def _present(self, proposal: Any) -> int:
        return max(0, min(int(proposal["value"]), len(self.filters) - 1)) if self._ready else int(proposal["value"])

    @t.validate("channel")
    def _in_front(self, proposal: Any) -> int:
        last = self._at({}).channels - 1 if self._ready else MOST
        return max(-1, min(int(proposal["value"]), last))

    @t.validate("selected")
    def _inside(self, proposal: Any) -> list[int]:
        cell: list[int] = proposal["value"]
        if self._ready and cell and not self._holds(cell):
            rows, columns = self._cells()
            what = "input" if self.mode == "backward" else "output"
            raise t.TraitError(f"selected is [row, column] of an {what} within {rows} × {columns}; got {cell}")
        return cell

    def _cells(self) -> tuple[int, int]:
        """Rows and columns of what can be selected."""
        at = self._at({})
        return (at.height, at.width) if self.mode == "backward" else at.places

    def _holds(self, cell: Sequence[int]) -> bool:
        rows, columns = self._cells()
        return len(cell) == 2 and 0 <= cell[0] < rows and 0 <= cell[1] < columns

    @t.observe("picture", "size", "kernel", "stride", "padding", "dilation", "filters", "mode")
    def _change(self, _change: Any) -> None:
        if self._ready:
            self._settle()

    def _settle(self) -> None:
        """Fits what depends on sizes to them: filters, and what is pointed at."""
        at = self._at({})
        self._ready = False  # one after the other: in between they need not fit
        try:
            with self.hold_sync():
                if any(len(each["weights"]) != at.channels * at.kernel[0] * at.kernel[1] for each in self.filters):
                    self.filters = [resized(each, self._filled, at.channels, at.kernel) for each in self.filters]
                self._filled = at.kernel
                rows, columns = at.places
                self.position = max(0, min(self.position, rows * columns - 1))
                self.filter = max(0, min(self.filter, len(self.filters) - 1))
                self.channel = max(-1, min(self.channel, at.channels - 1))
                if self.selected and not self._holds(self.selected):
                    self.selected = []
        finally:
            self._ready = True

    _filled: tuple[int, int] = (0, 0)
    """The kernel's size that the filters have."""

    def set_filters(self, filters: Any, bias: Any = None) -> None:
        """Puts another bank in the place of the present one.

        Args:
            filters: as the class takes them; named ones come in the present kernel's size, if they do in that.
            bias: as the class takes it.

        Raises:
            TypeError, ValueError: as the class; what was there stays.
        """
        at = self._at({})
        rows, columns = self.kernel
        kernel = rows if _named(filters) and rows == columns and rows in SIZES else None
        bank = read_filters(filters, bias, (at.channels, at.height, at.width), kernel, at.padding)
        with self.hold_trait_notifications():
            self.kernel, self.filters = list(bank.kernel), bank.entries

    def set_state(self, sync_data: dict[str, Any]) -> None:
        """Takes what the browser sends; what can't be is taken back, and `message` says why."""
        try:
            super().set_state(sync_data)
        except t.TraitError as error:
            self.message, self._refused = str(error), True
            self.send_state([name for name in sync_data if name in self.keys])
        else:
            if self._refused:
                self.message, self._refused = "", False

    _refused = False
    """Whether `message` is about what the browser sent last."""

    # Results --------------------------------------------------------------------------------------------------------
    def weights(self) -> tuple[Array, Array]:
        """The filters as arrays: weights (F, C, HH, WW), not turned, and biases (F,)."""
        at = self._at({})
        shape = (len(self.filters), at.channels, *at.kernel)
        return np.reshape([each["weights"] for each in self.filters], shape), np.array(
            [f["bias"] for f in self.filters]
        )

    def output(self) -> Array:
        """The stack of maps, (F, P, Q) in float64, by `stepgrad.convolution`.

        Raises:
            ValueError: the picture was opened in the browser, which keeps it to itself.
        """
        pixels = self._pixels()
        if pixels is None:
            raise ValueError("this picture was opened in the browser and stays there, so Python has no maps of it")
        weights, biases = self.weights()
        sliding = turned(weights) if self.flip else weights
        moves = (self.stride, self.padding, self.dilation)
        maps: Array = conv2d_forward(pixels.transpose(2, 0, 1)[np.newaxis], sliding, biases, *moves)[0]
        return maps

    def document(self) -> dict[str, Any]:
        """The convolution document (see `stepgrad.documents.convolution`)."""
        title = "a picture of one's own" if self.picture == MINE else self._found[self.picture].title
        named = {"name": self.picture, "title": title}
        return encode(named, self._pixels(), self._at({}), self.filters, self.flip, self.filter, self.position)

    def text(self) -> str:
        """Sizes, parameters, the window as a dot product, and the filters."""
        return table(self.document(), {name: each.title for name, each in PRESETS.items()})

    def figure(self, theme: str = "light") -> Any:
        """A matplotlib Figure of the picture, the filter, the map up to the window, and the window's number."""
        from ..figures.convolution import figure

        titles = {name: each.title for name, each in PRESETS.items()}
        return figure(self.document(), theme, self.predict, titles)  # type: ignore[arg-type]

    def _repr_png_(self) -> bytes | None:
        """The figure as a PNG, with colours enough for a photograph; None where matplotlib is not installed."""
        try:
            return small_png(self.figure(), colours=256)
        except ImportError:
            return None

    def _repr_text_(self) -> str:
        if self.predict:
            return f"{self!r}\nTo be predicted in the widget; w.text() says what comes out."
        return self.text()

    def __repr__(self) -> str:
        at = self._at({})
        moves = [f"{name}={getattr(self, name)}" for name, (least, _) in RANGES.items() if getattr(self, name) != least]
        count = len(self.filters)
        parts = [
            repr(self.picture),
            f"{at.height} × {at.width} × {at.channels}",
            f"{count} filter{'s' * (count > 1)} of {at.kernel[0]} × {at.kernel[1]}",
            *moves,
            *["flip=True"] * self.flip,
        ]
        return f"ConvSlider({', '.join(parts)})"


def _in_range(name: str, value: Any) -> int:
    """A stride, padding or dilation, if it is one."""
    least, greatest = RANGES[name]
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)):
        raise TypeError(f"{name} is an integer from {least} to {greatest}; got {value!r}")
    if not least <= value <= greatest:
        raise ValueError(f"{name} is an integer from {least} to {greatest}; got {value}")
    return int(value)


def _named(filters: Any) -> bool:
    """Whether filters are given by name."""
    return filters is None or isinstance(filters, str) or (
        isinstance(filters, (list, tuple)) and all(isinstance(name, str) for name in filters)
    )  # fmt: skip


def _is_number(value: Any) -> bool:
    """Whether a weight or a bias can be shown; truth values are no numbers."""
    real = isinstance(value, (int, float)) and not isinstance(value, bool)
    return real and abs(value) <= LARGEST_MAGNITUDE  # compared exactly, whatever an integer's size; NaN is not


def _filter_entries(filters: Any, wanted: int | None, kernel: Sequence[int]) -> list[dict[str, Any]]:
    """Filters as the trait holds them, checked one by one."""
    if not 1 <= len(filters) <= MOST:
        raise t.TraitError(f"there are 1 to {MOST} filters; got {len(filters)}")
    for number, each in enumerate(filters):
        if not {"name", "weights", "bias"} <= each.keys():
            raise t.TraitError(f"filter {number} is a dict with name, weights and bias; got {sorted(each)}")
        if not isinstance(each["weights"], (list, tuple)):
            raise t.TraitError(
                f"filter {number} ({each['name']}) takes its weights as a list of numbers; got {each['weights']!r}"
            )
        numbers = [*each["weights"], each["bias"]]
        if not all(map(_is_number, numbers)):
            raise t.TraitError(
                f"filter {number} ({each['name']}) has a weight or bias that is not a finite number of at most 1e100"
            )
        if wanted is not None and len(numbers) - 1 != wanted:
            channels = wanted // (kernel[0] * kernel[1])
            raise t.TraitError(
                f"filter {number} ({each['name']}) takes {channels} × {kernel[0]} × {kernel[1]} = {wanted} weights, "
                f"channel by channel; got {len(numbers) - 1}"
            )
    return list(filters)


__all__ = ["ConvSlider"]
