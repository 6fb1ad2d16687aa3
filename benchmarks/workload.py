"""What a benchmark is: one task, done by each library in its own idiom."""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import version
from importlib.util import find_spec
from typing import Any, ClassVar

import numpy as np

import stepgrad

Task = Callable[[], Any]
"""Does the work once and returns its numbers: the value and the derivatives."""

LIBRARIES = ("stepgrad", "numpy", "scipy", "micrograd", "autograd", "torch", "jax", "asdex", "sparsejac")
"""By the names they are imported and installed by; `numpy` stands for the same thing written by hand."""

COLUMNS = ("stepgrad", "values", *LIBRARIES[1:])
"""What the tables have columns for: `values` is ours again, where a workload has it twice."""


class Workload:
    """One row of the table. A subclass has a method for each library that can do it, called by the library's name.

    The method prepares everything that isn't to be timed (and imports the library, so that the others run without it)
    and returns the task. The table compares `stepgrad` with each of the others.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    group: ClassVar[str] = "gradients"
    """Which table it is in."""
    ours: ClassVar[tuple[str, ...]] = ("stepgrad",)
    """The columns that are ours."""
    measures_memory: ClassVar[bool] = False
    targets: ClassVar[dict[str, float]]
    """The highest wanted ratio stepgrad / other, by library."""
    rounds: ClassVar[int | None] = None
    """How many rounds are enough, where some library takes seconds for one call."""
    tolerance: ClassVar[float] = 1e-9
    """How far the libraries' numbers may differ, relative to the largest."""

    def tasks(self) -> dict[str, Task]:
        """A task for each installed library that this workload is written for; ours comes first."""
        here = (*self.ours, *installed())
        return {name: getattr(self, name)() for name in COLUMNS if name in here and hasattr(self, name)}

    def notes(self) -> list[str]:
        """What else there is to know of it."""
        return []

    def check(self, tasks: dict[str, Task]) -> None:
        """Holds every library's numbers against ours.

        Raises:
            AssertionError: some library's numbers are others.
        """
        ours = numbers(tasks["stepgrad"]())
        for library, task in tasks.items():
            theirs = numbers(task())
            if theirs.shape != ours.shape:
                raise AssertionError(f"{self.name}: {library} gives {theirs.size} numbers, stepgrad {ours.size}")
            error = float(np.max(np.abs(theirs - ours)) / np.max(np.abs(ours)))
            if not error <= self.tolerance:
                raise AssertionError(
                    f"{self.name}: {library} and stepgrad differ by {error:.1e}, relative to the largest number"
                )


def numbers(result: Any) -> np.ndarray[Any, np.dtype[np.float64]]:
    """All numbers in nested tuples and lists of scalars and arrays, in one row."""
    if isinstance(result, (tuple, list)):
        return np.concatenate([numbers(part) for part in result])
    return np.ravel(np.asarray(result, dtype=np.float64))


def installed() -> list[str]:
    """The libraries that are here."""
    return [library for library in LIBRARIES if find_spec(library)]


def missing() -> list[str]:
    """The libraries that aren't."""
    return [library for library in LIBRARIES if not find_spec(library)]


def versions() -> dict[str, str]:
    """The version of each library that is here."""
    return {library: stepgrad.__version__ if library == "stepgrad" else version(library) for library in installed()}
