"""The workloads, one file a subject: every named subclass of `Workload` in this folder is a row of the table."""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules

from ..workload import Workload


def all_of_them() -> list[type[Workload]]:
    """The workloads in the order of their files, and in a file in the order in which they stand there."""
    found: list[type[Workload]] = []
    for file in iter_modules(__path__):
        module = import_module(f"{__name__}.{file.name}")
        found += [
            thing
            for thing in vars(module).values()
            if isinstance(thing, type)
            and issubclass(thing, Workload)
            and thing.__module__ == module.__name__
            and hasattr(thing, "name")
        ]
    return found
