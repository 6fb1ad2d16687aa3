"""The results as a table to read and as JSON to keep."""

from __future__ import annotations

import os
import platform
from typing import Any

from .timing import Times, ratio
from .workload import Workload, installed, missing, versions

Results = list[tuple[Workload, dict[str, Times]]]


def table(results: Results) -> str:
    """A row for each workload: our time, and beside each other library's time the ratio ours / theirs."""
    libraries = [name for name in installed() if any(name in times for _, times in results)]
    header = ["", *("by hand" if name == "numpy" else name for name in libraries)]
    rows = [[workload.name, *(_cell(times, name) for name in libraries)] for workload, times in results]
    widths = [max(len(row[i]) for row in [header, *rows]) for i in range(len(header))]
    lines = [_line(header, widths), _line(["-" * width for width in widths], widths)]
    return "\n".join([*lines, *(_line(row, widths) for row in rows)])


def _line(cells: list[str], widths: list[int]) -> str:
    return "| " + " | ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)) + " |"


def _cell(times: dict[str, Times], name: str) -> str:
    if name not in times:
        return "–"
    time = duration(times[name].median)
    return time if name == "stepgrad" else f"{time} ({ratio(times['stepgrad'], times[name]):.3g})"


def duration(seconds: float) -> str:
    """Seconds with three digits, in the unit that suits."""
    for unit, size in (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6)):
        if seconds >= size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds / 1e-9:.3g} ns"


def remarks(results: Results) -> list[str]:
    """Whether each target is met, which library didn't keep to one thread, and which libraries were compared."""
    lines = []
    for workload, times in results:
        for name, target in workload.targets.items():
            if name in times:
                measured = ratio(times["stepgrad"], times[name])
                verdict = "met" if measured <= target else "MISSED"
                lines.append(f"{workload.name}: {measured:.3g} × {name}, target {target:g}: {verdict}")
        for name, timed in times.items():
            if timed.processors > 1.2:
                lines.append(
                    f"{workload.name}: {name} kept {timed.processors:.1f} processors busy, so its time isn't comparable"
                )
    here = [f"{library} {number}" for library, number in versions().items()]
    lines.append(f"Python {platform.python_version()}; {', '.join(here)}")
    if missing():
        lines.append(f"Not installed, so not compared: {', '.join(missing())}")
    return lines


def document(results: Results, rounds: int) -> dict[str, Any]:
    """Everything measured, JSON-ready."""
    return {
        "kind": "stepgrad.benchmarks",
        "version": 1,
        "machine": {"processor": platform.machine(), "processors": os.cpu_count(), "python": platform.python_version()},
        "libraries": versions(),
        "missing": missing(),
        "rounds": rounds,
        "workloads": [
            {
                "name": workload.name,
                "title": workload.title,
                "targets": workload.targets,
                "seconds": {name: timed.median for name, timed in times.items()},
                "ratios": {
                    name: ratio(times["stepgrad"], timed) for name, timed in times.items() if name != "stepgrad"
                },
                "rounds": {name: timed.seconds for name, timed in times.items()},
            }
            for workload, times in results
        ],
    }
