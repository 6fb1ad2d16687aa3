"""ConvolutionTheorem: a convolution by Fourier transforms, step by step, and what it costs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import inf
from time import perf_counter
from typing import Any

import numpy as np
import traitlets as t

from ..convolution import choose, conv2d_forward
from ..convolution.arguments import whole
from ..documents.fourier import (
    FourierDocument,
    check_sizes,
    costs_text,
    fourier_document,
    measured_crossover,
    next_fast_length,
    predicted_crossover,
    samples,
    theorem_text,
)
from .base import DocumentWidget, Speed, front_end

SIGNAL = (1.0, 3.0, 4.0, 2.0, -1.0, -3.0, -2.0, 0.0, 2.0, 3.0, 3.0, 1.0)
KERNEL = (1.0, 0.75, 0.5, 0.25, 0.25)

SIZES = (3, 5, 7, 9, 11, 15, 21, 31)
"""The kernel sizes that are measured."""

VIEWS = ("steps", "costs")


class ConvolutionTheorem(DocumentWidget):
    """Steps through a convolution by the convolution theorem: transform, multiply, transform back.

    Above stand the signal x, the kernel w and their convolution; below their Fourier transforms, of which the third is
    the product of the first two, frequency by frequency. Transforms of a length N that is too short make the end of the
    convolution come round and fall on its beginning. A second view draws what either way costs.

    Args:
        signal: x, up to 64 real numbers; a signal of twelve by default.
        kernel: w, likewise; n + k − 1 is 64 at most.
        padded: fill up with zeros to the next fast length, so that nothing wraps round.
        length: N, if it is to be another: from the longer of the two to the next fast length after n + k − 1.
        predict: ask what will wrap, how long N must be, what a product is and where transforms become cheaper.
        options: any of the traits below.

    Traits that Python can set and observe, all of them also in the front end:
        signal, kernel: the samples as floats. Setting them keeps the padding: none, or all that is needed.
        length, padded: N, and whether it is long enough; setting either sets the other.
        position: how many steps have been done: a frequency each, first transformed, then multiplied, then transformed
            back; the last step compares with the direct sum.
        frequency: the frequency whose sine is drawn over the signals; −1 for that of the present step.
        view: "steps" or "costs".
        image, batch, channels, filters: the layer whose cost is drawn: `batch` images of `channels` planes of
            image × image, with `filters` kernels each.
        measurements: what `measure` found: {"image", "batch", "channels", "filters", "points": [{"size", "direct",
            "fft", "method"}]}, in seconds.
        playing, speed: whether it plays, and how many steps a second.
        predict, answers: the predictions made, as dictionaries with `question`, `about`, `answer`, `expected`,
            `correct` and `skipped`.
        controls: the parts to show, by name ("view", "length", "player", "reading", "predict", "export"); all of them
            if empty.

    Raises:
        TypeError: samples that are not real numbers.
        ValueError: samples that are not one line of finite numbers, too many of them, a length that doesn't fit.

    All but measuring is computed in the browser.
    """

    _esm = front_end("convolution_theorem.js")
    _css = front_end("convolution_theorem.css")

    _request = t.Dict().tag(sync=True)
    _answer = t.Dict().tag(sync=True)

    signal = t.List(t.Float()).tag(sync=True)
    kernel = t.List(t.Float()).tag(sync=True)
    length = t.Int(1, min=1).tag(sync=True)
    padded = t.Bool(False).tag(sync=True)
    position = t.Int(0, min=0).tag(sync=True)
    frequency = t.Int(-1, min=-1).tag(sync=True)
    view = t.Enum(VIEWS, "steps").tag(sync=True)
    image = t.Int(512, min=8, max=4096).tag(sync=True)
    batch = t.Int(1, min=1, max=4096).tag(sync=True)
    channels = t.Int(1, min=1, max=4096).tag(sync=True)
    filters = t.Int(1, min=1, max=4096).tag(sync=True)
    measurements = t.Dict().tag(sync=True)
    playing = t.Bool(False).tag(sync=True)
    speed = Speed(2.0, min=0.1, max=20.0).tag(sync=True)
    predict = t.Bool(False).tag(sync=True)
    answers = t.List(t.Dict()).tag(sync=True)
    controls = t.List(t.Unicode()).tag(sync=True)

    def __init__(
        self,
        signal: Any = SIGNAL,
        kernel: Any = KERNEL,
        *,
        padded: bool = False,
        length: int | None = None,
        predict: bool = False,
        **options: Any,
    ) -> None:
        self._ready = False
        self._reached = False  # the last step
        x, w = samples(signal, "signal"), samples(kernel, "kernel")
        N = _length(x, w, padded) if length is None else length
        if not isinstance(N, (int, np.integer)) or isinstance(N, bool):
            raise TypeError(f"length is a whole number; got {length!r}")
        check_sizes(x, w, N)
        given = {"signal": x, "kernel": w, "length": int(N), "padded": len(x) + len(w) - 1 <= N}
        super().__init__(**given, predict=predict, **options)
        self._ready = True
        self.position = min(self.position, self.steps)

    @property
    def steps(self) -> int:
        """How many steps there are: three for each frequency from 0 to N/2, and the comparison."""
        return 3 * (self.length // 2 + 1) + 1

    @property
    def crossover(self) -> tuple[int | None, int | None]:
        """The largest measured kernel for which sums were as fast, and the next, from which on transforms were faster.

        None stands for what was not found, and for both before `measure`.
        """
        return measured_crossover(self.measurements.get("points", []))

    @property
    def predicted_crossover(self) -> int | None:
        """The smallest odd kernel from which on transforms take fewer multiplications, counted."""
        return predicted_crossover(self.image, self.batch, self.channels, self.filters)

    # What changes ---------------------------------------------------------------------------------------------------
    @t.validate("signal", "kernel")
    def _read(self, proposal: Any) -> list[float]:
        return samples(proposal["value"], proposal["trait"].name) if self._ready else proposal["value"]

    @t.validate("measurements")
    def _measured(self, proposal: Any) -> dict[str, Any]:
        found: dict[str, Any] = proposal["value"]
        points = found.get("points", [])
        if not isinstance(points, (list, tuple)):
            raise t.TraitError(f"measurements holds its points as a list; got {points!r}")
        for place, point in enumerate(points):
            if not _is_point(point):
                raise t.TraitError(
                    "a point of measurements is a dict with size, a whole number, and direct and fft, in seconds; "
                    f"point {place} is {point!r}"
                )
        return found

    @t.observe("signal", "kernel", "length", "padded")
    def _change(self, change: Any) -> None:
        """One of what belongs together has changed: the others follow, and what doesn't fit is taken back."""
        if not self._ready:
            return
        self._ready = False
        length = self.length
        before = {"length": self.length, "padded": self.padded, change["name"]: change["old"]}
        try:
            with self.hold_sync():
                self._follow(change["name"])
        except ValueError:
            for name, value in before.items():
                self.set_trait(name, value)
            raise
        finally:
            self._ready = True
        # The end stays the end where another length has followed; one that the front end sends brings its position.
        followed = self._reached and self.length != length
        self.position = self.steps if followed else min(self.position, self.steps)

    def _follow(self, name: str) -> None:
        needed = len(self.signal) + len(self.kernel) - 1
        least, most = max(len(self.signal), len(self.kernel)), next_fast_length(needed)
        kept = needed <= self.length <= most if self.padded else least <= self.length < needed
        if name in ("signal", "kernel") and not kept:
            self.length = _length(self.signal, self.kernel, self.padded)
        if name == "padded" and self.padded != (self.length >= needed):
            self.length = _length(self.signal, self.kernel, self.padded)
        check_sizes(self.signal, self.kernel, self.length)
        self.padded = self.length >= needed

    @t.validate("position")
    def _within(self, proposal: Any) -> int:
        """No further than the last step."""
        position: int = proposal["value"]
        return min(position, self.steps) if self._ready else position

    @t.observe("position")
    def _reach(self, change: Any) -> None:
        self._reached = change["new"] == self.steps

    # Measuring ------------------------------------------------------------------------------------------------------
    def measure(self, sizes: Sequence[int] = SIZES, repeats: int = 5) -> dict[str, Any]:
        """Times the layer on this machine, by sums and by transforms, for square kernels of these sizes in float32.

        By sums means stepgrad's methods without transforms: the quicker of the two that its cost model ranks first.

        Args:
            sizes: of the kernels; those larger than the image are left out.
            repeats: how often each is run, unless that takes more than some seconds; the shortest time counts.

        Returns:
            What `measurements` holds from then on.

        Raises:
            MemoryError: the layer's arrays would take more than 1 GB.
            TypeError: sizes that are not whole numbers.
            ValueError: no size fits.
        """
        fitting = sorted({size for size in _whole_sizes(sizes) if size <= self.image})
        if not fitting:
            raise ValueError(f"kernels are measured from 1 × 1 to the image's {self.image} × {self.image}; got {sizes}")
        self.measurements = {**self._layer(), "points": measured(self._layer(), fitting, repeats)}
        return self.measurements

    def _layer(self) -> dict[str, int]:
        return {name: getattr(self, name) for name in ("image", "batch", "channels", "filters")}

    @t.observe("_request")
    def _on_request(self, change: Any) -> None:
        """The front end asks for measurements."""
        request = change["new"]
        if not self._ready or request.get("kind") != "measure":
            return
        answer = {"id": request.get("id")}
        try:
            self.measure()
        except (ValueError, MemoryError, ImportError) as error:
            answer["message"] = str(error)
        self._answer = answer

    # Faces ----------------------------------------------------------------------------------------------------------
    def document(self) -> FourierDocument:
        """The convolution theorem document."""
        return fourier_document(self.signal, self.kernel, self.length)

    def text(self) -> str:
        """The transforms and the samples as two tables; in the view "costs" the multiplications and times."""
        if self.view == "costs":
            return costs_text(**self._layer(), points=self.measurements.get("points", []))
        return theorem_text(self.document())

    def figure(self, theme: str = "light") -> Any:
        """A matplotlib Figure of the signals above and their transforms below; in predict mode without the result.

        In the view "costs" of the multiplications and the times.
        """
        from ..figures.fourier import costs_figure, figure

        if self.view == "costs" and not self.predict:
            return costs_figure(**self._layer(), points=self.measurements.get("points", []), theme=theme)
        return figure(self.document(), theme, hidden=self.predict)  # type: ignore[arg-type]

    def _repr_text_(self) -> str:
        if self.predict:
            return f"{self!r}\nTo be predicted in the widget; w.text() says what it is."
        return self.text()

    def __repr__(self) -> str:
        return f"ConvolutionTheorem({len(self.signal)} samples, kernel of {len(self.kernel)}, length={self.length})"


def _whole_sizes(sizes: Any) -> list[int]:
    """The sizes of kernels that are to be measured, those from 1 on."""
    try:
        found = list(sizes)
    except TypeError:
        found = [None]
    if not all(map(whole, found)):
        raise TypeError(f"measure takes sizes as a list of whole numbers, such as [3, 5, 7]; got {sizes!r}")
    return [int(size) for size in found if size >= 1]


def _is_point(point: Any) -> bool:
    """Whether this is what was measured for one kernel: its size, and the seconds by sums and by transforms."""
    if not isinstance(point, Mapping) or not whole(point.get("size")) or point["size"] < 1:
        return False
    times = [point.get("direct"), point.get("fft")]
    return all(isinstance(time, (int, float)) and not isinstance(time, bool) and 0 < time < inf for time in times)


def _length(signal: Sequence[float], kernel: Sequence[float], padded: bool) -> int:
    """N without padding, or the next fast length at which nothing wraps round."""
    return next_fast_length(len(signal) + len(kernel) - 1) if padded else max(len(signal), len(kernel))


LARGEST = 1 << 30
"""The bytes up to which a layer is measured."""

BUDGET = 6.0
"""The seconds after which no other round of measurements is begun."""


def measured(layer: dict[str, int], sizes: Sequence[int], repeats: int) -> list[dict[str, Any]]:
    """The times of a layer with kernels of some sizes, in seconds, and the method that was the quickest by sums.

    All are run in turn, again and again, so that what else the machine does for a while falls on all of them.
    """
    n, S, f, F = (layer[name] for name in ("image", "batch", "channels", "filters"))
    if 8 * n * n * (S * f + f * F + S * F) > LARGEST:  # complex numbers of two float32
        raise MemoryError(
            f"{S} × {f} planes of {n} × {n} with {F} filters take more than 1 GB to transform; choose a smaller layer"
        )
    generator = np.random.default_rng(0)
    x = generator.standard_normal((S, f, n, n), dtype=np.float32)
    kernels = {size: generator.standard_normal((F, f, size, size), dtype=np.float32) for size in sizes}
    times: dict[int, dict[str, float]] = {size: {} for size in sizes}
    end = perf_counter() + BUDGET
    for round_ in range(max(1, repeats)):
        if round_ and perf_counter() > end:
            break
        for size, w in kernels.items():
            for method in ("fft", *_by_sums(x.shape, w.shape)):
                start = perf_counter()
                conv2d_forward(x, w, method=method)
                now = perf_counter() - start
                times[size][method] = min(now, times[size].get(method, now))
    points = []
    for size, found in times.items():
        method = min(found.keys() - {"fft"}, key=found.__getitem__)
        points.append({"size": size, "direct": found[method], "fft": found["fft"], "method": method})
    return points


def _by_sums(images: tuple[int, ...], kernels: tuple[int, ...]) -> list[str]:
    """The two methods without transforms that the cost model ranks first."""
    return [method for method in choose(images, kernels).seconds if method != "fft"][:2]


__all__ = ["ConvolutionTheorem"]
