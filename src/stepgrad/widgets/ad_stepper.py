"""ADStepper: a function's graph, stepped through in forward and reverse mode."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from math import isfinite
from typing import Any

import numpy as np
import traitlets as t

from ..documents.table import table
from ..documents.trace import TraceDocument, encode_value
from ..expressions import Expression, ExpressionError, expression
from ..tracing import Graph, Sweep, trace
from .base import DocumentWidget, Speed, front_end

MODES = ("primal", "forward", "reverse", "compare")


class ADStepper(DocumentWidget):
    """Steps through automatic differentiation of a function: its graph, its trace table, the rule of each step.

    Args:
        f: a function of arrays or numbers with one scalar output, written in NumPy; or text, such as "x1*x2 + sin(x1)".
        inputs: where to evaluate it; for text, in the natural order of its variables. Missing ones are 1.
        mode: "primal", "forward", "reverse" or "compare" (forward and reverse on one cursor).
        seed: the direction ẋ of forward mode, a number or array an input; by default 1 for the first input.
        predict: ask for each value before it is shown.
        options: any of the traits below.

    Traits that Python can set and observe, all of them also in the front end:
        position: how many steps have been done, at most as many as there are.
        inputs: the inputs as floats, where all are scalars (else empty).
        input_ranges: the ends of the sliders, [low, high] an input.
        seed, adjoint_seed: ẋ as floats, and the output's adjoint.
        expression: the text, if the function is one: set it to step through another.
        playing, speed: whether it plays, and how many steps a second.
        predict, answers: the predictions made, as dictionaries with `position`, `mode`, `node`, `phase`, `answer`,
            `expected`, `correct`, `skipped` and `kind`.
        controls: the parts to show, by name ("expression", "mode", "inputs", "player", "table", "code", "rule",
            "meter", "predict", "export"); all of them if empty.
        result: the exact results, read-only: {"value": f, "derivative": ∇f·ẋ, "gradient": {"x1": …}}, as the mode
            computes them.

    Raises:
        ExpressionError: the text can't be read.
        TypeError, ValueError: as `stepgrad.trace`.

    Everything but a new expression, arrays and another branch of the code is computed in the browser, by the same
    rules.
    """

    _esm = front_end("ad_stepper.js")
    _css = front_end("ad_stepper.css")

    _document = t.Dict().tag(sync=True)
    _request = t.Dict().tag(sync=True)
    _error = t.Dict().tag(sync=True)

    position = t.Int(0, min=0).tag(sync=True)
    mode = t.Enum(MODES, "reverse").tag(sync=True)
    inputs = t.List(t.Float()).tag(sync=True)
    input_ranges = t.List(t.List(t.Float(), minlen=2, maxlen=2)).tag(sync=True)
    seed = t.List(t.Float()).tag(sync=True)
    adjoint_seed = t.Float(1.0).tag(sync=True)
    expression = t.Unicode("").tag(sync=True)
    predict = t.Bool(False).tag(sync=True)
    answers = t.List(t.Dict()).tag(sync=True)
    playing = t.Bool(False).tag(sync=True)
    speed = Speed(1.0, min=0.1, max=20.0).tag(sync=True)
    controls = t.List(t.Unicode()).tag(sync=True)
    result = t.Dict(read_only=True).tag(sync=True, to_json=lambda result, _widget: _finite_json(result))

    def __init__(
        self,
        f: Callable[..., Any] | str,
        *inputs: Any,
        mode: str = "reverse",
        seed: Sequence[Any] | None = None,
        predict: bool = False,
        **options: Any,
    ) -> None:
        self._function: Callable[..., Any] = expression(f) if isinstance(f, str) else f
        self._arguments = _arguments(self._function, inputs)
        self._graph = _scalar(trace(self._function, *self._arguments))
        self._direction: tuple[Any, ...] = self._graph.forward_mode(seed).seed
        self._ready = False
        self._length = 0
        start = {
            "mode": mode,
            "predict": predict,
            "expression": self._function.text if isinstance(self._function, Expression) else "",
            **self._state(),
        }
        super().__init__(**{**start, **options})
        self._ready = True
        if options.keys() & {"inputs", "seed"}:
            self._moved()
        self._publish(force=True)

    # The traced function --------------------------------------------------------------------------------------------
    @property
    def graph(self) -> Graph:
        """The graph at the present inputs."""
        return self._graph

    def _state(self) -> dict[str, Any]:
        """The traits that follow from the function and its arguments."""
        if not _all_scalars(self._arguments):
            return {"inputs": [], "input_ranges": [], "seed": []}
        inputs = [float(a) for a in self._arguments]
        return {
            "inputs": inputs,
            "input_ranges": [_range(x) for x in inputs],
            "seed": [float(s) for s in self._direction],
        }

    def sweeps(self) -> list[Sweep]:
        """The sweeps of the present mode: two for "compare"."""
        makers = {
            "primal": [self._graph.primal],
            "forward": [lambda: self._graph.forward_mode(self._direction)],
            "reverse": [lambda: self._graph.reverse_mode(self.adjoint_seed)],
        }
        makers["compare"] = makers["forward"] + makers["reverse"]
        return [make() for make in makers[self.mode]]

    def _publish(self, force: bool = False) -> None:
        """Sends the document if the front end can't have it by itself, and the results."""
        document = self._graph.document()
        if not self._graph.live:
            every = [
                self._graph.primal(),
                self._graph.forward_mode(self._direction),
                self._graph.reverse_mode(self.adjoint_seed),
            ]
            document["sweeps"] = [sweep.document()["sweeps"][0] for sweep in every]
        if force or not self._graph.live or _shape_of(document) != _shape_of(self._document):
            self._document = dict(document)
        self.set_trait("result", self._results())
        self.position = min(self.position, self._length)

    def _results(self) -> dict[str, Any]:
        results: dict[str, Any] = {"value": _plain(self._graph.value)}
        sweeps = self.sweeps()
        self._length = len(sweeps[-1].steps)
        for sweep in sweeps:
            if sweep.mode == "forward":
                results["derivative"] = _plain(sweep.result)
            if sweep.mode == "reverse":
                results["gradient"] = dict(zip(self._graph.inputs, map(_plain, sweep.result), strict=True))
        return results

    # What changes ---------------------------------------------------------------------------------------------------
    @t.validate("position")
    def _within(self, proposal: Any) -> int:
        """No further than the last step."""
        position: int = proposal["value"]
        return min(position, self._length) if self._ready else position

    @t.validate("inputs", "seed")
    def _one_each(self, proposal: Any) -> list[float]:
        values: list[float] = proposal["value"]
        if not all(map(isfinite, values)):
            raise t.TraitError(f"{proposal['trait'].name} must be finite numbers, for a slider has ends; got {values}")
        count = len(self._graph.inputs) if _all_scalars(self._arguments) else 0
        if len(values) != count:
            what = "inputs" if proposal["trait"].name == "inputs" else "a seed"
            raise t.TraitError(
                f"this function takes {what} of {count} numbers ({', '.join(self._graph.inputs)}); got {len(values)}"
            )
        return values

    @t.observe("inputs", "seed", "adjoint_seed", "mode")
    def _change(self, _change: Any) -> None:
        if self._ready:
            self._moved()
            self._publish()

    def _moved(self) -> None:
        """Traces anew at the present inputs."""
        if _all_scalars(self._arguments):
            self._direction = tuple(self.seed)
            if [float(a) for a in self._arguments] != self.inputs:
                arguments = tuple(self.inputs)
                self._graph = _scalar(trace(self._function, *arguments))
                self._arguments = arguments

    @t.validate("expression")
    def _read(self, proposal: Any) -> str:
        """Bad text is refused, and the last good function stays."""
        text: str = proposal["value"]
        if self._ready and text:
            expression(text)
        return text

    @t.observe("expression")
    def _rewrite(self, change: Any) -> None:
        if self._ready and change["new"]:
            self._replace(expression(change["new"]), dict(zip(self._graph.inputs, self.inputs, strict=False)))

    def _replace(self, f: Expression, values: dict[str, float]) -> None:
        """Steps through another expression; a variable that was there keeps its value."""
        arguments = tuple(float(values.get(name, 1.0)) for name in f.variables)
        graph = _scalar(trace(f, *arguments))
        self._ready = False
        try:
            with self.hold_sync():
                self._function, self._arguments, self._graph = f, arguments, graph
                self._direction = graph.forward_mode().seed
                self.position = 0
                for name, value in self._state().items():
                    setattr(self, name, value)
                self.expression = f.text
                self._publish(force=True)
        finally:
            self._ready = True

    @t.observe("_request")
    def _answer(self, change: Any) -> None:
        """The front end asks for a new trace."""
        request = change["new"]
        if not self._ready or request.get("kind") != "trace":
            return
        answer = {"id": request.get("id")}
        try:
            text = request.get("expression")
            if isinstance(text, str) and text and text != self.expression:
                self._replace(expression(text), dict(zip(self._graph.inputs, self.inputs, strict=False)))
            else:
                self._moved()
                self._publish(force=True)
        except ExpressionError as error:
            answer |= {"message": str(error), "column": error.column, "expression": request.get("expression")}
        except (TypeError, ValueError, ArithmeticError) as error:
            answer |= {"message": str(error), "column": None, "expression": request.get("expression")}
        self._error = answer

    # Faces ----------------------------------------------------------------------------------------------------------
    def document(self) -> TraceDocument:
        """The trace document with the sweeps of the present mode, at the present inputs."""
        document = self._graph.document()
        document["sweeps"] = [sweep.document()["sweeps"][0] for sweep in self.sweeps()]
        return document

    def text(self) -> str:
        """The evaluation trace as a table: two of them, one under the other, for "compare"."""
        document = self.document()
        return "\n\n".join(table(document, sweep) for sweep in document["sweeps"])

    def figure(self, position: int | None = None, theme: str = "light") -> Any:
        """A matplotlib Figure of the graph and its table after `position` steps.

        By default all of them, but in predict mode no more than have been done: the answers stay out of sight. For
        "compare" it shows reverse mode.
        """
        from ..figures.trace import figure

        document = self.document()
        sweep = document["sweeps"][-1]
        if position is None and self.predict:
            position = min(self.position, len(sweep["steps"]))
        return figure(document, sweep, position, theme)  # type: ignore[arg-type]

    def _repr_text_(self) -> str:
        if self.predict:
            return f"{self!r}\nTo be predicted step by step in the widget; w.text() has the whole table."
        return self.text()

    def __repr__(self) -> str:
        what = repr(self.expression) if self.expression else getattr(self._function, "__name__", "f")
        return f"ADStepper({', '.join([what, *(f'{x:g}' for x in self.inputs)])}, mode={self.mode!r})"


def _scalar(graph: Graph) -> Graph:
    """The graph, if its output is one number."""
    if np.ndim(graph.value):
        raise ValueError(
            f"ADStepper steps through a function with one scalar output, and this one gave an array of shape "
            f"{np.shape(graph.value)}: take its sum, a norm, or one of its entries"
        )
    return graph


def _arguments(f: Callable[..., Any], inputs: tuple[Any, ...]) -> tuple[Any, ...]:
    """The inputs, with 1 for those that are missing."""
    try:
        parameters = inspect.signature(f).parameters.values()
    except (TypeError, ValueError):
        return inputs
    if isinstance(f, Expression):
        for value in inputs:
            if isinstance(value, (list, tuple)):
                each = ", ".join(map(str, value))
                raise TypeError(
                    f"an input is a number or an array, not a {type(value).__name__}: write {each}, one each"
                )
    wanted = [p for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    missing = [1.0 if p.default is p.empty else p.default for p in wanted[len(inputs) :]]
    values = (*inputs, *missing)
    return tuple(float(v) if isinstance(v, (int, np.integer)) and not isinstance(v, bool) else v for v in values)


def _all_scalars(arguments: Sequence[Any]) -> bool:
    return all(isinstance(a, float) or (isinstance(a, (np.ndarray, np.generic)) and a.ndim == 0) for a in arguments)


def _range(x: float) -> list[float]:
    """The ends of a slider: the roundest interval about zero that leaves room on both sides."""
    if not isfinite(x):
        return [-5.0, 5.0]
    size = 5.0
    for factor in (2.0, 2.0, 2.5) * 350:
        if size >= 1.5 * abs(x):
            break
        size *= factor
    return [-size, size]


def _plain(value: Any) -> Any:
    """A result as JSON can carry it."""
    return value if isinstance(value, float) else np.asarray(value).tolist()


def _finite_json(value: Any) -> Any:
    """Nested results with "NaN", "Infinity" and "-Infinity" for what JSON has no number for."""
    if isinstance(value, dict):
        return {key: _finite_json(entry) for key, entry in value.items()}
    if isinstance(value, list):
        return [_finite_json(entry) for entry in value]
    return encode_value(value) if isinstance(value, float) else value


def _shape_of(document: Any) -> Any:
    """What has to be the same for a front end to go on by itself: the graph without its numbers."""
    graph = document.get("graph", {})
    nodes = [(n["label"], n["expression"], n["partials"]) for n in graph.get("nodes", [])]
    return nodes, graph.get("guards"), graph.get("code")
