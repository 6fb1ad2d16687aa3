"""`python -m benchmarks`: times stepgrad beside its peers and prints one table."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from . import workloads
from .memory import peak
from .report import Measured, Results, document, remarks, tables
from .timing import alternate
from .workload import Workload


def main(arguments: list[str] | None = None) -> int:
    """Runs the chosen workloads and prints the table; 1 if libraries disagree about the numbers."""
    known = {workload.name: workload for workload in workloads.all_of_them()}
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks", description="Time stepgrad beside its peers, on one thread."
    )
    groups = dict.fromkeys(workload.group for workload in known.values())
    parser.add_argument(
        "names",
        nargs="*",
        metavar="name",
        help=f"workloads to run, of: {', '.join(known)}; or all of a group: {', '.join(groups)} (default: all)",
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write every measurement to FILE")
    parser.add_argument(
        "--rounds", type=int, default=21, help="how often each library has its turn (default: %(default)s)"
    )
    chosen = parser.parse_args(arguments)
    unknown = [name for name in chosen.names if name not in known and name not in groups]
    if unknown or chosen.rounds < 1:
        parser.error(
            f"no workload is called {unknown[0]!r}; there are {', '.join(known)}, and the groups {', '.join(groups)}"
            if unknown
            else "--rounds is 1 or more"
        )

    results: Results = []
    for kind in _chosen(chosen.names or list(groups), known):
        workload, name = kind(), kind.name
        print(f"{name}: {workload.title}", file=sys.stderr, flush=True)
        tasks = workload.tasks()
        try:
            workload.check(tasks)
        except AssertionError as error:
            print(error, file=sys.stderr)
            return 1
        times = alternate(tasks, min(chosen.rounds, workload.rounds or chosen.rounds))
        found = {name: peak(workload, name, task) for name, task in tasks.items()} if workload.measures_memory else {}
        results.append(Measured(workload, times, {name: held for name, held in found.items() if held is not None}))

    print(
        "\nMedian processor time of one call; in parentheses stepgrad's over it (below 1: stepgrad is faster), for\n"
        "Jacobians with the structure alone / with all values; then the memory at the peak of one call.\n"
        f"\n{tables(results)}\n"
    )
    print("\n".join(remarks(results)))
    if chosen.json:
        chosen.json.parent.mkdir(parents=True, exist_ok=True)
        chosen.json.write_text(json.dumps(document(results, chosen.rounds), indent=1) + "\n", encoding="utf-8")
    return 0


def _chosen(names: list[str], known: dict[str, type[Workload]]) -> list[type[Workload]]:
    """The workloads of these names, and all of a group where one is named."""
    return [kind for name in names for kind in known.values() if name in (kind.name, kind.group)]


if __name__ == "__main__":
    sys.exit(main())
