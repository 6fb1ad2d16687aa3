"""The results as a table to read and as JSON to keep."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterator
from typing import Any, NamedTuple

from .jacobian import Jacobian
from .timing import Times, ratio
from .workload import COLUMNS, Workload, missing, versions

HEADINGS = {"stepgrad": "stepgrad", "values": "… with values", "numpy": "by hand"}


class Measured(NamedTuple):
    """What was measured of a workload, by column."""

    workload: Workload
    times: dict[str, Times]
    peaks: dict[str, int]


Results = list[Measured]


def tables(results: Results) -> str:
    """A table for each group of workloads."""
    groups = dict.fromkeys(measured.workload.group for measured in results)
    return "\n\n".join(_table([m for m in results if m.workload.group == group]) for group in groups)


def _table(results: Results) -> str:
    """A row for each workload: our time, and beside each other library's time the ratio ours / theirs."""
    columns = [name for name in COLUMNS if any(name in measured.times for measured in results)]
    header = ["", *(HEADINGS.get(name, name) for name in columns)]
    rows = [[measured.workload.name, *(_cell(measured, name) for name in columns)] for measured in results]
    widths = [max(len(row[i]) for row in [header, *rows]) for i in range(len(header))]
    lines = [_line(header, widths), _line(["-" * width for width in widths], widths)]
    return "\n".join([*lines, *(_line(row, widths) for row in rows)])


def _line(cells: list[str], widths: list[int]) -> str:
    return "| " + " | ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)) + " |"


def _cell(measured: Measured, name: str) -> str:
    workload, times, peaks = measured
    if name not in times:
        return "–"
    cell = duration(times[name].median)
    if name not in workload.ours:
        cell += f" ({' / '.join(f'{ratio(times[own], times[name]):.3g}' for own in workload.ours)})"
    if name in peaks:
        cell += f", {amount(peaks[name])}"
    return cell


def duration(seconds: float) -> str:
    """Seconds with three digits, in the unit that suits."""
    for unit, size in (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6)):
        if seconds >= size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds / 1e-9:.3g} ns"


def amount(count: int) -> str:
    """Bytes with three digits, in the unit that suits."""
    for unit, size in (("GiB", 2**30), ("MiB", 2**20), ("KiB", 2**10)):
        if count >= size:
            return f"{count / size:.3g} {unit}"
    return f"{count} bytes"


def remarks(results: Results) -> list[str]:
    """Whether each target is met, what else there is to know of the times, and which libraries were compared."""
    lines = []
    for measured in results:
        workload, times, _ = measured
        lines += [*_verdicts(measured), *(f"{workload.name}: {note}" for note in workload.notes())]
        for name, timed in times.items():
            if timed.processors > 1.2:
                lines.append(
                    f"{workload.name}: {name} kept {timed.processors:.1f} processors busy, so its time isn't comparable"
                )
        if isinstance(workload, Jacobian):
            spent = [f"{name} {duration(seconds)}" for name, seconds in workload.preparation.items()]
            lines += [f"{workload.name}: preparation, not counted: {', '.join(spent)}"] if spent else []
            if workload.dense_is_too_large:
                lines.append(f"{workload.name}: a dense Jacobian would take {amount(workload.dense_nbytes)}")
    here = [f"{library} {number}" for library, number in versions().items()]
    lines.append(f"Python {platform.python_version()}; {', '.join(here)}")
    if missing():
        lines.append(f"Not installed, so not compared: {', '.join(missing())}")
    return lines


def _verdicts(measured: Measured) -> Iterator[str]:
    workload, times, peaks = measured
    wanted = [("stepgrad", workload.targets)]
    if isinstance(workload, Jacobian):
        wanted.append(("values", workload.value_targets))
    for own, targets in wanted:
        label = workload.name if own == "stepgrad" else f"{workload.name} with values"
        for name, target in targets.items():
            if name in times:
                found = ratio(times[own], times[name])
                yield f"{label}: {found:.3g} × {name}, target {target:g}: {_verdict(found <= target)}"
    if isinstance(workload, Jacobian) and workload.seconds_limit is not None:
        found, limit = times["stepgrad"].median, workload.seconds_limit
        yield f"{workload.name}: {duration(found)}, target {duration(limit)}: {_verdict(found <= limit)}"
    if isinstance(workload, Jacobian) and workload.peak_limit is not None:
        held, most = peaks["stepgrad"], workload.peak_limit
        yield f"{workload.name}: {amount(held)}, target {amount(most)}: {_verdict(held <= most)}"


def _verdict(met: bool) -> str:
    return "met" if met else "MISSED"


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
                    name: ratio(times["stepgrad"], timed) for name, timed in times.items() if name not in workload.ours
                },
                "rounds": {name: timed.seconds for name, timed in times.items()},
                **_of_jacobian(workload, times, peaks),
            }
            for workload, times, peaks in results
        ],
    }


def _of_jacobian(workload: Workload, times: dict[str, Times], peaks: dict[str, int]) -> dict[str, Any]:
    if not isinstance(workload, Jacobian):
        return {}
    return {
        "value_targets": workload.value_targets,
        "value_ratios": {
            name: ratio(times["values"], timed) for name, timed in times.items() if name not in workload.ours
        },
        "seconds_limit": workload.seconds_limit,
        "peak_limit": workload.peak_limit,
        "peak_bytes": peaks,
        "preparation_seconds": workload.preparation,
        "dense_bytes": workload.dense_nbytes,
    }
