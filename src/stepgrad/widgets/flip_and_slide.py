"""FlipAndSlide: convolution as it is done by hand, the kernel turned round and slid over the signal."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

import numpy as np
import traitlets as t

from ..documents.magnitude import too_large
from ..documents.signals import OWN, SHAPES, Signal, signal_of, table
from .base import DocumentWidget, Speed, front_end
from .sliding import MODES, Slide, refusal, slide, to_document

if TYPE_CHECKING:
    from .conv_slider import ConvSlider

LARGEST = 64
"""The most samples that a signal or a kernel has."""

MAX_AGAIN = 6
STAGES = ("kernel", "flip", "shift", "product", "value")
"""What the first steps show, at one place; the steps after them slide."""


class FlipAndSlide(DocumentWidget):
    """Shows how a convolution comes about: flip the kernel, shift it to t, multiply, add up; then slide.

    Args:
        signal: "box", "triangle", "gaussian", "exponential", "steps", "ramp" or "edge", or an array of samples.
        kernel: the same.
        kind: "discrete" for samples and sums, "continuous" for functions of time and integrals. Where nothing is said,
            arrays are discrete and names are continuous. An array as a function of time is joined by straight lines,
            its points 0.5 apart (0.1, if they are more than 16), the middle one at 0.
        options: any of the traits below.

    Traits that Python can set and observe, all of them also in the front end:
        signal, kernel: their names, "own" for samples of one's own.
        signal_samples, kernel_samples: these samples.
        kind: "discrete" or "continuous".
        flip: True for convolution, ∫ x(τ) w(t − τ) dτ, False for cross-correlation, ∫ x(τ) w(τ − t) dτ.
        mode: "full", "same" or "valid", of samples.
        centred: put the kernel's middle sample at 0, not its first.
        again: how often the kernel has been slid over what came out, up to 6 times.
        position: the step. 0 shows the kernel as it is, 1 turned round, 2 shifted, 3 the product, 4 the sum or area at
            one place; from 5 on the kernel slides from place to place.
        predict, answers: the predictions made, as dictionaries with `question`, `about`, `answer`, `expected`,
            `correct`, `skipped` and `kind`, which says what was wrong.
        playing, speed: whether it plays, and how many places a second.
        controls: the parts to show, by name; all of them if empty.

    Raises:
        TypeError: a signal that is not a name or an array of real numbers.
        ValueError: an unknown name, an array that is empty, too long, not of one axis, or has a NaN in it.

    All that is shown is computed in the browser; `time`, `value` and `output` tell it in Python.
    """

    _esm = front_end("flip_and_slide.js")
    _css = front_end("flip_and_slide.css")

    signal = t.Unicode("box").tag(sync=True)
    kernel = t.Unicode("exponential").tag(sync=True)
    signal_samples = t.List(t.Float()).tag(sync=True)
    kernel_samples = t.List(t.Float()).tag(sync=True)
    kind = t.Enum(("discrete", "continuous"), "continuous").tag(sync=True)
    flip = t.Bool(True).tag(sync=True)
    mode = t.Enum(MODES, "full").tag(sync=True)
    centred = t.Bool(False).tag(sync=True)
    again = t.Int(0, min=0, max=MAX_AGAIN).tag(sync=True)
    position = t.Int(4, min=0).tag(sync=True)
    predict = t.Bool(False).tag(sync=True)
    answers = t.List(t.Dict()).tag(sync=True)
    playing = t.Bool(False).tag(sync=True)
    speed = Speed(32.0, min=0.1, max=100.0).tag(sync=True)
    controls = t.List(t.Unicode()).tag(sync=True)

    def __init__(
        self, signal: Any = "box", kernel: Any = "exponential", kind: str | None = None, **options: Any
    ) -> None:
        chosen: dict[str, Any] = {}
        for role, given in (("signal", signal), ("kernel", kernel)):
            chosen[role], samples = _read(role, given)
            if samples:
                chosen[f"{role}_samples"] = samples
        if kind is None:
            kind = "discrete" if OWN in chosen.values() else "continuous"
        chosen |= {"kind": kind, "speed": 1.0 if kind == "discrete" else 32.0}
        if options.get("predict"):
            chosen["position"] = 0
        self._ready = False
        super().__init__(**{**chosen, **options})
        self._ready = True
        complaint = self._complaint()
        if complaint:
            self.close()
            raise ValueError(complaint)
        self.position = min(self.position, self._last)

    # What is shown --------------------------------------------------------------------------------------------------
    @property
    def _signals(self) -> tuple[Signal, Signal]:
        return (
            signal_of(self.signal, self.signal_samples, self.kind),
            signal_of(self.kernel, self.kernel_samples, self.kind, self.centred),
        )

    @property
    def _slide(self) -> Slide:
        return slide(*self._signals, self.flip, self.mode, self.again)

    @property
    def _last(self) -> int:
        return self._slide.places + len(STAGES) - 1

    @property
    def place(self) -> int:
        """Which of its places the kernel is at, from 0."""
        count = self._slide.places
        return count // 3 if self.position < len(STAGES) else min(self.position - len(STAGES), count - 1)

    @property
    def stage(self) -> str:
        """What the step shows: "kernel", "flip", "shift", "product", "value" or "slide"."""
        return STAGES[self.position] if self.position < len(STAGES) else "slide"

    @property
    def time(self) -> float:
        """To where the kernel is shifted; of samples, n."""
        found = self._slide
        return found.index_of(self.place) * found.output.step

    @property
    def value(self) -> float:
        """What comes out there: y(t), or y[n]."""
        found = self._slide
        return found.output.at(found.index_of(self.place))

    @property
    def output(self) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
        """All that comes out: the times, or n, and the values y."""
        step, first, values = self._slide.output
        return (first + np.arange(len(values))) * step, values.copy()

    def in_two_dimensions(self, image: Any = "card", **options: Any) -> ConvSlider:
        """The same in two dimensions: a ConvSlider with the kernel w[a] w[b], turned by half a turn if `flip`.

        Args:
            image: what it slides over, as ConvSlider takes it.
            options: for ConvSlider.

        Raises:
            ValueError: as ConvSlider does, for instance where the kernel is larger than the picture.
        """
        from .conv_slider import ConvSlider

        w = signal_of(self.kernel, self.kernel_samples, "discrete").values
        return ConvSlider(image, {f"{self.kernel}, by rows and columns": np.outer(w, w)}, flip=self.flip, **options)

    # What changes ---------------------------------------------------------------------------------------------------
    @t.validate("signal", "kernel")
    def _known(self, proposal: Any) -> str:
        name: str = proposal["value"]
        role = proposal["trait"].name
        if name != OWN and name not in SHAPES:
            raise t.TraitError(_unknown(role, name))
        return name

    @t.validate("signal_samples", "kernel_samples")
    def _finite(self, proposal: Any) -> list[float]:
        role = proposal["trait"].name
        try:
            return _samples(role, proposal["value"]) if proposal["value"] else []
        except ValueError as error:
            raise t.TraitError(str(error)) from error

    @t.validate("position")
    def _within(self, proposal: Any) -> int:
        position: int = proposal["value"]
        return min(position, self._last) if self._ready else position

    def _complaint(self) -> str:
        """Why what is chosen can't be shown; "" where it can."""
        for role, name, samples in (
            ("signal", self.signal, self.signal_samples),
            ("kernel", self.kernel, self.kernel_samples),
        ):
            if name == OWN and not samples:
                return f'the {role} is "own": give its samples, {role}_samples, first'
            if name == OWN and self.kind == "continuous" and len(samples) < 2:
                return f"a {role} as a function of time takes 2 samples or more; this one has 1"
        return refusal(*self._signals, self.flip, self.mode, self.again)

    @t.observe("signal", "kernel", "signal_samples", "kernel_samples", "kind", "flip", "mode", "centred", "again")
    def _change(self, change: Any) -> None:
        """A choice that doesn't fit the others is taken back."""
        if not self._ready:
            return
        complaint = self._complaint()
        if complaint:
            self._ready = False
            self.set_trait(change["name"], change["old"])
            self._ready = True
            raise t.TraitError(complaint)
        self.position = min(self.position, self._last)

    # Faces ----------------------------------------------------------------------------------------------------------
    def document(self) -> dict[str, Any]:
        """The signals document: the two, what comes out, and the place of the kernel."""
        names = (self.signal, self.kernel)
        return to_document(self._slide, names, self.flip, self.mode, self.again, self.position, self.place)

    def text(self) -> str:
        """What is slid over what, the value at this place, and what comes out."""
        return table(self.document())

    def figure(self, theme: str = "light") -> Any:
        """A matplotlib Figure: the signal and the kernel at its place, and the output so far."""
        from ..figures.signals import figure

        return figure(self.document(), theme, hidden=self.predict)  # type: ignore[arg-type]

    def _repr_text_(self) -> str:
        if self.predict:
            return f"{self!r}\nTo be predicted in the widget; w.text() says what comes out."
        return self.text()

    def __repr__(self) -> str:
        sign = "∗" if self.flip else "⋆"
        return f"FlipAndSlide({self.signal} {sign} {self.kernel}, {self.kind}, position={self.position})"


def _read(role: str, given: Any) -> tuple[str, list[float]]:
    """A name, or "own" and the samples."""
    if isinstance(given, str):
        if given not in SHAPES:
            raise ValueError(_unknown(role, given))
        return given, []
    return OWN, _samples(role, given)


def _samples(role: str, given: Any) -> list[float]:
    """An array of samples as a list; what is wrong with it in a sentence."""
    try:
        array = np.asarray(given)
    except ValueError:
        raise ValueError(f"{role} takes one row of samples; these lists have different lengths") from None
    if array.dtype.kind not in "fiub":
        raise TypeError(f"{role} takes a name or an array of real numbers, not {_what(given, array)}")
    if array.ndim != 1:
        advice = "; for a picture there is ConvSlider" if array.ndim == 2 else ""
        raise ValueError(f"{role} takes one row of samples, shape (n,); got shape {array.shape}{advice}")
    if not 1 <= array.size <= LARGEST:
        raise ValueError(f"{role} takes 1 to {LARGEST} samples; got {array.size}")
    wrong = np.flatnonzero(~np.isfinite(array))
    if wrong.size:
        raise ValueError(f"{role} takes finite numbers; sample {wrong[0]} is {array[wrong[0]]}")
    beyond = too_large(array)
    if beyond:
        raise ValueError(f"{role} takes numbers of at most 1e100; sample {beyond[0]} is {array[beyond]:g}")
    return [float(value) for value in array]


def _what(given: Any, array: Any) -> str:
    if array.dtype.kind == "O":
        return f"{type(given).__name__}" if array.ndim == 0 else "an array of objects"
    return {"U": "text", "S": "text", "c": "complex numbers"}.get(array.dtype.kind, f"an array of {array.dtype}")


def _unknown(role: str, name: str) -> str:
    near = get_close_matches(name.lower(), SHAPES, n=2, cutoff=0.5)
    hint = f"did you mean {' or '.join(near)}" if near else f"there are {', '.join(SHAPES)}"
    return f"there is no {role} {name!r}: {hint}?" if near else f"there is no {role} {name!r}: {hint}"
