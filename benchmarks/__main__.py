"""`python -m benchmarks`: times stepgrad beside its peers and prints one table."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from . import workloads
from .report import Results, document, remarks, table
from .timing import alternate


def main(arguments: list[str] | None = None) -> int:
    """Runs the chosen workloads and prints the table; 1 if libraries disagree about the numbers."""
    known = {workload.name: workload for workload in workloads.all_of_them()}
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks", description="Time stepgrad beside its peers, on one thread."
    )
    parser.add_argument(
        "names", nargs="*", metavar="name", help=f"workloads to run, of: {', '.join(known)} (default: all)"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write every measurement to FILE")
    parser.add_argument(
        "--rounds", type=int, default=21, help="how often each library has its turn (default: %(default)s)"
    )
    chosen = parser.parse_args(arguments)
    unknown = [name for name in chosen.names if name not in known]
    if unknown or chosen.rounds < 1:
        parser.error(
            f"no workload is called {unknown[0]!r}; there are {', '.join(known)}"
            if unknown
            else "--rounds is 1 or more"
        )

    results: Results = []
    for name in chosen.names or known:
        workload = known[name]()
        print(f"{name}: {workload.title}", file=sys.stderr, flush=True)
        tasks = workload.tasks()
        try:
            workload.check(tasks)
        except AssertionError as error:
            print(error, file=sys.stderr)
            return 1
        results.append((workload, alternate(tasks, chosen.rounds)))

    print(
        "\nMedian processor time of one call; in parentheses stepgrad's over it (below 1: stepgrad is faster).\n"
        f"\n{table(results)}\n"
    )
    print("\n".join(remarks(results)))
    if chosen.json:
        chosen.json.parent.mkdir(parents=True, exist_ok=True)
        chosen.json.write_text(json.dumps(document(results, chosen.rounds), indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
