"""Timing tasks in turn.

Times are processor time: what other programs take of a shared machine doesn't count. For one thread of work that is the
time on the clock of an idle machine.
"""

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
    """Seconds per call in each round, and the most processors that were at work at a time."""

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
        processors = dict.fromkeys(tasks, 0.0)
        names = list(tasks)
        for _ in range(rounds):
            for name in names:
                used, passed = _batch(tasks[name], calls[name])
                seconds[name].append(used / calls[name])
                processors[name] = max(processors[name], used / passed)
            names.append(names.pop(0))  # who comes after whom changes from round to round
    return {name: Times(seconds[name], processors[name]) for name in tasks}


def ratio(ours: Times, theirs: Times) -> float:
    """Ours over theirs, taken within each round; the median of the rounds."""
    return median(a / b for a, b in zip(ours.seconds, theirs.seconds, strict=True))


def _batch(task: Task, calls: int) -> tuple[float, float]:
    """Seconds that so many calls used of the processors, and that passed meanwhile."""
    gc.collect()  # one library's garbage is not another's work
    task()  # and the processor's caches are this one's again
    repetitions = range(calls)
    passed, used = perf_counter(), process_time()
    for _ in repetitions:
        task()
    return process_time() - used, perf_counter() - passed


def _calls_in_a_batch(task: Task) -> int:
    """How many calls fill a batch; finding it out warms the task up."""
    calls = 1
    task()
    while True:
        used, _ = _batch(task, calls)
        if used > BATCH_SECONDS / 2:
            return max(1, round(calls * BATCH_SECONDS / used))
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
