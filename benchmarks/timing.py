"""Timing tasks in turn."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from statistics import median
from time import perf_counter, process_time
from typing import NamedTuple

from .workload import Task

BATCH_SECONDS = 0.02
"""A task is repeated for about this long: long against the clock's ticks, short against a machine's moods."""


class Times(NamedTuple):
    """Seconds per call in each round, and how many processors were at work on average."""

    seconds: list[float]
    processors: float

    @property
    def median(self) -> float:
        """The middle one of the rounds."""
        return median(self.seconds)


def alternate(tasks: dict[str, Task], rounds: int) -> dict[str, Times]:
    """Times the tasks round by round, each task once a round, so that every round sees the machine in one mood."""
    with _only_own_garbage():
        calls = {name: _calls_in_a_batch(task) for name, task in tasks.items()}
        seconds: dict[str, list[float]] = {name: [] for name in tasks}
        busy = dict.fromkeys(tasks, 0.0)
        names = list(tasks)
        for _ in range(rounds):
            for name in names:
                wall, processor = _batch(tasks[name], calls[name])
                seconds[name].append(wall / calls[name])
                busy[name] += processor
            names.append(names.pop(0))  # who comes after whom changes from round to round
    return {name: Times(times, busy[name] / (sum(times) * calls[name])) for name, times in seconds.items()}


def ratio(ours: Times, theirs: Times) -> float:
    """Ours over theirs, taken within each round; the median of the rounds."""
    return median(a / b for a, b in zip(ours.seconds, theirs.seconds, strict=True))


def _batch(task: Task, calls: int) -> tuple[float, float]:
    """Wall and processor seconds of so many calls."""
    gc.collect()  # one library's garbage is not another's work
    repetitions = range(calls)
    processor, wall = process_time(), perf_counter()
    for _ in repetitions:
        task()
    return perf_counter() - wall, process_time() - processor


def _calls_in_a_batch(task: Task) -> int:
    """How many calls fill a batch; finding it out warms the task up."""
    calls = 1
    task()
    while True:
        wall, _ = _batch(task, calls)
        if wall > BATCH_SECONDS / 2:
            return max(1, round(calls * BATCH_SECONDS / wall))
        calls *= 2


@contextmanager
def _only_own_garbage() -> Iterator[None]:
    """Garbage collection stays on, as it is for users, but passes over what was imported and prepared before."""
    gc.collect()
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()
