"""JacobianInspector: a window into a Jacobian of any size, from all of it down to single numbers."""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter
from typing import Any

import numpy as np
import traitlets as t

from ..autodiff import jvp
from ..autodiff.structured import StructuredJacobian, human_bytes, structured_jacobian
from ..documents.jacobian import encode, side, to_document
from ..expressions import ExpressionError
from .base import DocumentWidget, front_end, machine_bytes
from .layers import LARGEST, LAYERS, Problem, pattern_of, problem

SMALL = 8
"""The rows and columns of the example that a learner draws."""

DENSE_LIMIT = 32_000_000
"""The bytes up to which J is made dense, to time its product."""

BROKEN = (
    "the function has no derivative at this point: its value or an entry of its Jacobian is infinite or not a number. "
    "Move the point off the place where it breaks, such as the 0 of a logarithm or a root"
)


class JacobianInspector(DocumentWidget):
    """Shows the Jacobian of a function at a point: its structure, its size, and any entry of it.

    Args:
        f: a function of one array, written in NumPy; or a StructuredJacobian; or the name of a layer: "relu", "fc_x",
            "fc_w", "fc_b", "fc_relu_fc", "softmax", "conv", "max_pool"; or the text of a function of one variable,
            which is applied entry by entry.
        x: where to take it, an array; not for layers and text, which have a size and a batch.
        predict: ask for its size, its look and what has to be kept before anything is shown.
        options: any of the traits below.

    Traits that Python can set and observe, all of them also in the front end:
        layer, size, batch, expression: the layer that is shown, or "" for a function or a Jacobian of one's own.
        selected: [row, column], or [] for none.
        view: [first row, first column, pixels a cell]; [] for all of it.
        order: "reverse" or "forward", in which a chain of factors is multiplied.
        predict, answers: the predictions made, as dictionaries with `question`, `answer`, `expected`, `correct` and
            `skipped`.
        controls: the parts to show, by name; all of them if empty.

    Raises:
        TypeError: f is a function and there is no x.
        ValueError: no such layer, more than 1,048,576 rows or columns, or derivatives that are not finite there.
        ExpressionError: the text can't be read.
        DocumentError: it has too many entries without a closed form.

    All drawing is done in the browser, from the forms of the Jacobian's factors: no matrix crosses to it.
    """

    _esm = front_end("jacobian_inspector.js")
    _css = front_end("jacobian_inspector.css")

    _header = t.Dict().tag(sync=True)
    _buffers: t.List[bytes] = t.List().tag(sync=True)
    _facts = t.Dict().tag(sync=True)
    _request = t.Dict().tag(sync=True)
    _answer = t.Dict().tag(sync=True)
    layers = t.List(t.Dict(), read_only=True).tag(sync=True)

    layer = t.Unicode("").tag(sync=True)
    size = t.Int(0, min=0).tag(sync=True)
    batch = t.Int(1, min=1).tag(sync=True)
    expression = t.Unicode("").tag(sync=True)
    selected = t.List(t.Int(), maxlen=2).tag(sync=True)
    view = t.List(t.Float(), maxlen=3).tag(sync=True)
    order = t.Enum(("reverse", "forward"), "reverse").tag(sync=True)
    predict = t.Bool(False).tag(sync=True)
    answers = t.List(t.Dict()).tag(sync=True)
    controls = t.List(t.Unicode()).tag(sync=True)

    def __init__(
        self,
        f: Callable[[Any], Any] | StructuredJacobian | str = "relu",
        x: Any = None,
        *,
        predict: bool = False,
        **options: Any,
    ) -> None:
        self._ready = False
        chosen: dict[str, Any] = {}
        if isinstance(f, str):
            name = f if f in LAYERS else "expression"
            size, batch = LAYERS[name].default if name in LAYERS else (SMALL, 1)
            chosen = {
                "layer": name,
                "size": int(options.pop("size", size)),
                "batch": int(options.pop("batch", batch)),
                "expression": "" if name in LAYERS else f,
            }
            self._take(problem(name, chosen["size"], chosen["batch"], chosen["expression"]))
        elif isinstance(f, StructuredJacobian):
            self._take(None, f)
        else:
            self._take(_own(f, x))
        super().__init__(predict=predict, **{**chosen, **options, **self._state(chosen.get("layer", ""))})
        titles = [
            {"name": each.name, "title": each.title, "size": each.default[0], "batch": each.default[1]}
            for each in LAYERS.values()
        ]
        self.set_trait("layers", [*titles, {"name": "expression", "title": "my function"}])
        self._ready = True

    # What is shown --------------------------------------------------------------------------------------------------
    @property
    def jacobian(self) -> StructuredJacobian:
        """The Jacobian that is shown."""
        return self._jacobian

    def _take(self, posed: Problem | None, jacobian: StructuredJacobian | None = None) -> None:
        """Finds the Jacobian of a problem and writes its document; what was shown before stays where this fails."""
        if jacobian is None:
            assert posed is not None
            with np.errstate(all="ignore"):  # what is not finite is told in words
                jacobian = structured_jacobian(posed.function, posed.point)
                value = posed.function(posed.point)
            if not np.all(np.isfinite(value)):
                raise ValueError(BROKEN)
        rows, columns = jacobian.shape
        if max(rows, columns) > LARGEST:
            raise ValueError(
                f"this Jacobian is {rows:,} × {columns:,}, and the inspector goes up to {LARGEST:,} rows and columns"
            )
        _refuse_infinite(jacobian)
        sides = (posed.rows, posed.columns, posed.formula or None) if posed else (None, None, None)
        encoded = encode(jacobian, *sides)
        self._posed, self._jacobian, self._encoded = posed, jacobian, encoded

    def _state(self, layer: str) -> dict[str, Any]:
        """The traits that follow from what is shown."""
        posed = self._posed
        facts = {
            "machine_bytes": machine_bytes(),
            "times": _times(self._jacobian, posed),
            "notes": posed.notes if posed else {},
            "small": self._small(layer),
        }
        return {"_header": self._encoded.header, "_buffers": list(self._encoded.buffers), "_facts": facts}

    def _small(self, layer: str) -> dict[str, Any]:
        """The small example of a layer; of anything else its first rows and columns."""
        if layer in LAYERS:
            posed = LAYERS[layer].small()
            matrix = structured_jacobian(posed.function, posed.point).to_dense()
        else:
            matrix = np.stack([self._jacobian.row(i)[:SMALL] for i in range(min(SMALL, self._jacobian.shape[0]))])
        pattern = pattern_of(matrix)
        return {"rows": len(pattern), "columns": len(pattern[0]), "pattern": pattern}

    def _show(self, layer: str, size: int, batch: int, text: str) -> None:
        """Shows a layer, or the function that a text is."""
        self._take(problem(layer, size, batch, text))
        self._ready = False
        try:
            with self.hold_sync():
                self.layer, self.size, self.batch, self.expression = layer, size, batch, text
                self.selected, self.view = [], []
                for name, value in self._state(layer).items():
                    setattr(self, name, value)
        finally:
            self._ready = True

    @t.observe("layer", "size", "batch", "expression")
    def _change(self, change: Any) -> None:
        """Python has chosen another layer; a wrong choice is taken back."""
        if not self._ready:
            return
        try:
            self._show(self.layer, self.size, self.batch, self.expression)
        except Exception:
            self._ready = False
            self.set_trait(change["name"], change["old"])
            self._ready = True
            raise

    @t.validate("selected")
    def _inside(self, proposal: Any) -> list[int]:
        cell: list[int] = proposal["value"]
        rows, columns = self._jacobian.shape
        if cell and (len(cell) != 2 or not (0 <= cell[0] < rows and 0 <= cell[1] < columns)):
            raise t.TraitError(f"a cell is [row, column] within {rows:,} × {columns:,}; got {cell}")
        return cell

    @t.observe("_request")
    def _on_request(self, change: Any) -> None:
        """The front end asks for another layer, or for the exact value of a cell."""
        request = change["new"]
        if not self._ready or not request:
            return
        answer = {"id": request.get("id")}
        try:
            if request.get("kind") == "cell":
                row, column = int(request["row"]), int(request["column"])
                answer |= {"row": row, "column": column, "value": float(self._jacobian[row, column])}
            elif request.get("kind") == "layer":
                text = str(request.get("expression") or "")
                self._show(str(request["layer"]), int(request["size"]), int(request["batch"]), text)
        except ExpressionError as error:
            answer |= {"message": str(error), "column": error.column}
        except (TypeError, ValueError, ArithmeticError, IndexError, MemoryError) as error:
            answer |= {"message": str(error)}
        self._answer = answer

    # Faces ----------------------------------------------------------------------------------------------------------
    def document(self) -> dict[str, Any]:
        """The Jacobian document, its buffers in Base64."""
        return to_document(self._encoded)

    def text(self) -> str:
        """What the Jacobian is, in a few lines, and its first rows and columns."""
        J = self._jacobian
        rows, columns = J.shape
        lines = [
            f"Jacobian of {rows:,} × {columns:,} entries, {J.nnz:,} of them not zero ({J.density:.2g} of all)",
            f"structure   {J.structure}",
            f"kept        {human_bytes(J.nbytes)}",
            f"if dense    {human_bytes(J.dense_nbytes)}",
            f"first {min(rows, 6)} × {min(columns, 6)}",
        ]
        for i in range(min(rows, 6)):
            numbers = " ".join(f"{float(J[i, j]):8.4g}" for j in range(min(columns, 6)))
            lines.append(f"  {numbers}{' …' if columns > 6 else ''}")
        return "\n".join([*lines, *(["  …"] if rows > 6 else [])])

    def figure(self, theme: str = "light") -> Any:
        """A matplotlib Figure of the whole matrix and the facts beside it."""
        from ..figures.jacobian import figure

        return figure(self.document(), theme, hidden=self.predict)  # type: ignore[arg-type]

    def _repr_text_(self) -> str:
        if self.predict:
            return f"{self!r}\nTo be predicted in the widget; w.text() says what it is."
        return self.text()

    def __repr__(self) -> str:
        rows, columns = self._jacobian.shape
        what = repr(self.expression or self.layer) if self.layer else "f"
        return f"JacobianInspector({what}, {rows:,} × {columns:,})"


def _own(f: Callable[[Any], Any], x: Any) -> Problem:
    """A function that a user gives, at a point."""
    if x is None:
        raise TypeError("JacobianInspector of a function needs the point x: JacobianInspector(f, x)")
    point = np.asarray(x)
    if point.dtype.kind not in "fiub":
        raise TypeError(f"x is an array of real numbers, not of {point.dtype}")
    if point.dtype.kind != "f":
        point = point.astype(float)
    try:
        with np.errstate(all="ignore"):
            out_shape = np.shape(f(point))
    except ValueError as error:
        raise ValueError(f"the function can't take x of shape {point.shape}: {error}") from error
    return Problem(f, point, side("y", out_shape), side("x", point.shape), "")


def _refuse_infinite(jacobian: StructuredJacobian) -> None:
    """Refuses a Jacobian whose numbers are not all finite: the function has no derivative there."""
    for chain in jacobian.chains:
        for piece in chain.pieces:
            arrays = [array for _, array in piece.factors] if hasattr(piece, "factors") else [piece.matrix.data]
            if not all(np.all(np.isfinite(array)) for array in arrays):
                raise ValueError(BROKEN)


def _times(jacobian: StructuredJacobian, posed: Problem | None) -> dict[str, float | None]:
    """Seconds for J v in three ways, the best of three runs; None where it doesn't fit, or isn't known."""
    v = np.ones(jacobian.shape[1], jacobian.dtype)
    times: dict[str, float | None] = {"structured": _best(lambda: jacobian.matvec(v)), "dense": None, "sweep": None}
    if jacobian.dense_nbytes <= DENSE_LIMIT:
        dense = jacobian.to_dense()
        times["dense"] = _best(lambda: dense @ v)
    if posed is not None:
        tangent = v.reshape(posed.point.shape)
        times["sweep"] = _best(lambda: jvp(posed.function, (posed.point,), (tangent,)))
    return times


def _best(run: Callable[[], Any]) -> float:
    times = []
    for _ in range(3):
        start = perf_counter()
        run()
        times.append(perf_counter() - start)
    return min(times)


__all__ = ["JacobianInspector"]
