"""What a program's text needs besides itself: names, constants, imports, and objects that have no text."""

from __future__ import annotations

import builtins
import re
from itertools import count
from keyword import iskeyword
from typing import Any
from unicodedata import normalize

import numpy as np

_HOMES = {
    **dict.fromkeys(("conv2d", "relu", "sigmoid", "softmax", "softmax_cross_entropy"), "stepgrad.nn"),
    **dict.fromkeys(("conv2d_input_grad", "conv2d_weight_grad"), "stepgrad.convolution"),
    "softplus": "stepgrad.autodiff.primitives.elementwise",
    "logsumexp": "stepgrad.autodiff.primitives.reductions",
    "Fold": "stepgrad.autodiff.linear_maps",
    **dict.fromkeys(("selection_of_max", "selection_of_min"), "stepgrad.autodiff.primitives.reductions"),
    "selection_of_sort": "stepgrad.autodiff.primitives.shapes",
    **dict.fromkeys(("max_pool2d", "selection_of_max_pool"), "stepgrad.nn.pooling"),
    "sliding_window_view": "numpy.lib.stride_tricks",
}
"""Where the functions that aren't in `numpy` itself can be imported from, with the arguments that are written here."""

SMALL = 24
"""An array of at most so many numbers is written out."""


class Names:
    """Python names, each given away once."""

    def __init__(self) -> None:
        self.taken: set[str] = {"np", "scatter"}

    def new(self, wish: str) -> str:
        """The wished name, or one like it that is free and is a name in Python."""
        name = re.sub(r"\W", "_", normalize("NFKC", wish))  # as Python reads names
        if not name.isidentifier():
            name = f"_{name}"
        if iskeyword(name) or hasattr(builtins, name):
            name += "_"
        free, i = name, 2
        while free in self.taken:
            free, i = f"{name}_{i}", i + 1
        self.taken.add(free)
        return free


class Surroundings:
    """Names for what is not computed by the program itself.

    Attributes:
        imports: where the names are imported from; "module:name" where it is called otherwise there.
        constants: lines that define constant arrays.
        objects: what the namespace has to hold, by its names.
    """

    def __init__(self, names: Names) -> None:
        self.names = names
        self.imports: dict[str, str] = {}
        self.constants: list[str] = []
        self.objects: dict[str, Any] = {}
        self._known: dict[int, str] = {}
        self._kept: list[Any] = []  # what is known by its id must live as long

    def array(self, value: Any, wish: str | None = None) -> str:
        """The name of a constant array; a small one is written out above."""
        known = self._known.get(id(value))
        if known is not None:
            return known
        free = next(name for i in count(1) if (name := f"c{i}") not in self.names.taken)
        name = self.names.new(wish or free)
        array = np.asarray(value)
        if array.size <= SMALL and array.size and array.dtype.kind in "fib" and np.all(np.isfinite(array)):
            usual = array.dtype in (np.dtype(float), np.dtype(int), np.dtype(bool))
            dtype = "" if usual else f", dtype=np.{array.dtype.name}"
            self.constants.append(f"{name} = np.array({array.tolist()!r}{dtype})")
        else:
            self.objects[name] = value
        self._known[id(value)] = name
        self._kept.append(value)
        return name

    def object(self, value: Any, wish: str) -> str:
        """The name of a function, a map or a maker of maps: imported where that can be, else in the namespace."""
        known = self._known.get(id(value))
        if known is None:
            known = self._known[id(value)] = self.names.new(wish)
            self._kept.append(value)
            home = _HOMES.get(wish)
            if home is not None:
                self.imports[known] = home if known == wish else f"{home}:{wish}"
            else:
                self.objects[known] = value
        return known

    def literal(self, value: Any) -> str:
        """A parameter: a number, a text, a shape; what can't be written gets a name."""
        if type(value) is tuple:
            return f"({', '.join(map(self.literal, value))}{',' if len(value) == 1 else ''})"
        if type(value) is list:
            return f"[{', '.join(map(self.literal, value))}]"
        if isinstance(value, np.ndarray):
            return self.array(value)
        if isinstance(value, (float, np.floating)) and not np.isfinite(value):
            return "np.nan" if value != value else "np.inf" if value > 0 else "-np.inf"
        if isinstance(value, np.generic):
            value = value.item()
        if value is None or value is Ellipsis or isinstance(value, (bool, int, float, str)):
            return "..." if value is Ellipsis else repr(value)
        if isinstance(value, type) and issubclass(value, np.generic):
            return f"np.{value.__name__}"
        return self.object(value, getattr(value, "__name__", "parameter"))

    def index(self, index: Any) -> str:
        """What stands between the brackets of x[…]."""
        if not isinstance(index, tuple):
            return self._part(index)
        if not index:
            return "()"
        return ", ".join(map(self._part, index)) + ("," if len(index) == 1 and isinstance(index[0], tuple) else "")

    def _part(self, part: Any) -> str:
        if isinstance(part, slice):
            start, stop = ("" if bound is None else str(bound) for bound in (part.start, part.stop))
            return f"{start}:{stop}" + (f":{part.step}" if part.step not in (None, 1) else "")
        if isinstance(part, (list, np.ndarray)):
            array = np.asarray(part)
            return repr(array.tolist()) if 0 < array.size <= 8 and array.ndim else self.array(part)
        return self.literal(part)
