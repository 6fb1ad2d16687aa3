"""How many bytes one call holds at its peak.

What NumPy holds is counted by tracemalloc. Other libraries have allocators of their own, so for them the process is
asked: `python -m benchmarks.memory WORKLOAD LIBRARY` makes the call twice and prints by how much the second one raised
the memory that is resident (Linux alone tells that).
"""

from __future__ import annotations

import gc
import os
import subprocess
import sys
import tracemalloc
from pathlib import Path

from .workload import Task, Workload


def peak(workload: Workload, name: str, task: Task) -> int | None:
    """The bytes at the peak of one call, its result included; None where they can't be told."""
    if name in workload.ours:
        return _of_numpy(task)
    command = [sys.executable, "-m", "benchmarks.memory", workload.name, name]
    # large arrays straight from the system and back to it, so that the resident memory is what is in use
    environment = {**os.environ, "MALLOC_MMAP_THRESHOLD_": "65536", "MALLOC_TRIM_THRESHOLD_": "65536"}
    done = subprocess.run(command, env=environment, capture_output=True, encoding="utf-8", check=False)
    return int(done.stdout) if done.returncode == 0 else None


def _of_numpy(task: Task) -> int:
    task()
    gc.collect()
    tracemalloc.start()
    try:
        result = task()
        bytes_at_peak = tracemalloc.get_traced_memory()[1]
        del result
    finally:
        tracemalloc.stop()
    return bytes_at_peak


def _of_this_process(task: Task) -> int:
    task()
    gc.collect()
    Path("/proc/self/clear_refs").write_text("5")  # the peak is what is resident now
    before = _status("VmHWM")
    result = task()
    after = _status("VmHWM")
    del result
    return after - before


def _status(key: str) -> int:
    """A line of what Linux says about this process, in bytes."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(1024 * int(line.split()[1]) for line in lines if line.startswith(key))


def main() -> None:
    from . import workloads

    name, library = sys.argv[1:]
    workload = next(workload for workload in workloads.all_of_them() if workload.name == name)()
    print(_of_this_process(getattr(workload, library)()))


if __name__ == "__main__":
    main()
