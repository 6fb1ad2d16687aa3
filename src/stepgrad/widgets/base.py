"""What all widgets have in common: a document with three faces, and a front end handed over as text."""

from __future__ import annotations

import os
from math import isfinite
from pathlib import Path
from typing import Any

import anywidget
import traitlets as t

_STATIC = Path(__file__).with_name("static")

_NOT_BUILT = """export default {{ render({{ el }}) {{
  el.textContent = "The front end of this widget ({name}) has not been built. In a clone of stepgrad run: make dev";
}} }};"""


def front_end(name: str) -> Any:
    """The text of a built file of the front end.

    Text and not a path, since anywidget watches a path and so keeps closed widgets alive; with ANYWIDGET_HMR=1, for
    development, a path after all.
    """
    path = _STATIC / name
    if os.environ.get("ANYWIDGET_HMR") == "1":
        return path
    if path.exists():
        return path.read_text(encoding="utf-8")
    return _NOT_BUILT.format(name=name) if name.endswith(".js") else ""


def machine_bytes() -> int | None:
    """The memory of the machine that the kernel runs on; None where it can't be told."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, OSError, ValueError):
        return None


class Speed(t.Float[float, float]):
    """A number of steps a second; one that is not a number is refused, which traitlets lets pass by any limits."""

    def validate(self, obj: Any, value: Any) -> float:
        """The number, if it is one."""
        speed = float(super().validate(obj, value))
        if not isfinite(speed):
            raise t.TraitError(f"speed is a finite number; got {speed}")
        return speed


class DocumentWidget(anywidget.AnyWidget):
    """A widget over a document: what it shows is also a text, a matplotlib figure and plain data.

    A notebook keeps, beside the live view, the figure as a PNG and the text: so that the content is there on GitHub,
        in an
    export, for a screen reader, and wherever no JavaScript runs.
    """

    def __init__(self, **keywords: Any) -> None:
        unknown = [key for key in keywords if not self.has_trait(key)]
        if unknown:
            known = ", ".join(sorted(name for name in self.own_traits()))
            raise TypeError(f"{type(self).__name__} has no option {unknown[0]!r}; it has {known}")
        super().__init__(**keywords)

    @classmethod
    def own_traits(cls) -> list[str]:
        """The names of the public traits that the widget itself adds."""
        return [name for name in cls.class_own_traits() if not name.startswith("_")]

    def text(self) -> str:
        """The document as a table of text."""
        raise NotImplementedError  # abstract: each widget has its own

    def figure(self) -> Any:
        """The document as a matplotlib Figure."""
        raise NotImplementedError  # abstract: each widget has its own

    def document(self) -> Any:
        """The document as plain data."""
        raise NotImplementedError  # abstract: each widget has its own

    def _repr_png_(self) -> bytes | None:
        """The figure as a PNG; None where matplotlib is not installed."""
        try:
            figure = self.figure()
        except ImportError:
            return None
        return small_png(figure)

    def _repr_text_(self) -> str:
        """What a notebook keeps as text beside the view."""
        return self.text()

    def _repr_mimebundle_(self, **keywords: Any) -> Any:
        from base64 import b64encode

        view = super()._repr_mimebundle_(**keywords)
        if view is None:
            return None
        data, metadata = view if isinstance(view, tuple) else (view, {})
        data = {**data, "text/plain": self._repr_text_()}
        png = self._repr_png_()
        if png:
            data["image/png"] = b64encode(png).decode("ascii")
        return data, metadata


def small_png(figure: Any, dpi: int = 96, colours: int = 96) -> bytes:
    """A matplotlib Figure as a PNG with a palette: a third of the bytes, for a notebook keeps it with every widget."""
    from io import BytesIO

    from PIL import Image

    buffer = BytesIO()
    figure.savefig(buffer, format="png", dpi=dpi)
    buffer.seek(0)
    picture = Image.open(buffer).convert("RGB").quantize(colours, dither=Image.Dither.NONE)
    small = BytesIO()
    picture.save(small, format="png", optimize=True)
    return small.getvalue()
