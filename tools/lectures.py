"""Build the lectures' notebooks from their text sources, and check that they are in step.

    python tools/lectures.py build [03 ...]    execute the sources into notebooks; numbers or names choose some
    python tools/lectures.py check             say what is wrong with the notebooks that are there

A lecture is written as ``notebooks/lectures/NN_name.py`` in jupytext's percent format. The executed ``NN_name.ipynb``
beside it is made from it here, always in the same way: no time stamps, no random ids, no saved widget state.
"""

from __future__ import annotations

import argparse
import hashlib
import re
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import jupytext
import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from nbformat import NotebookNode

ROOT = Path(__file__).resolve().parents[1]
LECTURES = ROOT / "notebooks" / "lectures"
LARGEST = 500_000
SECONDS_A_CELL = 120
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
KEPT_CELL_METADATA = {"tags", "jp-MarkdownHeadingCollapsed", "jupyter", "cellView"}  # the last two fold a cell's code

# What a machine leaves behind in an output: its folders, and addresses of objects.
TRACES = re.compile(
    r"/(?:home|Users|root|tmp|private|var/folders)/[\w.-]+|[A-Z]:\\\\Users|site-packages|\bat 0x[0-9a-f]{6,}"
)


def sources(chosen: Sequence[str] = ()) -> list[Path]:
    """Return the lectures' text sources, those that start with one of the chosen names if any are given."""
    found = sorted(LECTURES.glob("[0-9]*.py"))
    return [path for path in found if not chosen or any(path.name.startswith(name) for name in chosen)]


def notebooks() -> list[Path]:
    """Return the executed notebooks."""
    return sorted(LECTURES.glob("*.ipynb"))


# ------------------------------------------------------------------- building


def read_source(source: Path) -> NotebookNode:
    """Read a text source as a notebook without outputs; a cell's id is made from its text, so it stays the same."""
    notebook = nbformat.from_dict(jupytext.read(source))
    seen: Counter[str] = Counter()
    for cell in notebook.cells:
        digest = hashlib.sha256(f"{cell.cell_type}\n{cell.source}".encode()).hexdigest()[:10]
        seen[digest] += 1
        cell["id"] = digest if seen[digest] == 1 else f"{digest}-{seen[digest]}"
        cell["metadata"] = {key: value for key, value in cell.metadata.items() if key in KEPT_CELL_METADATA}
    notebook["metadata"] = {
        "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
        "language_info": {"name": "python", "file_extension": ".py", "mimetype": "text/x-python"},
    }
    notebook["nbformat"], notebook["nbformat_minor"] = 4, 5
    return notebook


def execute(source: Path) -> NotebookNode:
    """Execute a text source from top to bottom and return the notebook as it is to be saved."""
    notebook = read_source(source)
    metadata = dict(notebook.metadata)
    client = NotebookClient(
        notebook,
        timeout=SECONDS_A_CELL,
        kernel_name="python3",
        record_timing=False,
        store_widget_state=False,
        extra_arguments=["--IPKernelApp.log_level=40"],  # what a kernel thinks of its connection is of no interest here
        resources={"metadata": {"path": str(source.parent)}},
    )
    client.execute()
    notebook["metadata"] = metadata
    for cell in notebook.cells:
        cell["metadata"] = {key: value for key, value in cell.metadata.items() if key in KEPT_CELL_METADATA}
        if cell.cell_type == "code":
            cell["outputs"] = merge_streams([without_widget_view(output) for output in cell.outputs])
    return notebook


def without_widget_view(output: NotebookNode) -> NotebookNode:
    """Drop the reference to a widget that has gone with its kernel; its picture and its text stay."""
    data = output.get("data", {})
    if WIDGET_VIEW in data and len(data) > 1:
        del data[WIDGET_VIEW]
    return output


def merge_streams(outputs: list[NotebookNode]) -> list[NotebookNode]:
    """Join neighbouring pieces of one stream: where a kernel cuts them is chance."""
    merged: list[NotebookNode] = []
    for output in outputs:
        last = merged[-1] if merged else None
        if last and output.output_type == last.output_type == "stream" and output.name == last.name:
            last["text"] += output.text
        else:
            merged.append(output)
    return merged


def build(source: Path) -> Path:
    """Execute a source and write its notebook, unless something is wrong with it."""
    notebook = execute(source)
    nbformat.validate(notebook)
    problems = list(problems_of(notebook))
    if problems:
        raise SystemExit(f"{source.name} was executed but not written:\n  " + "\n  ".join(problems))
    target = source.with_suffix(".ipynb")
    target.write_text(to_json(notebook), encoding="utf-8")
    return target


def to_json(notebook: NotebookNode) -> str:
    """Return a notebook as the text that is saved."""
    return nbformat.writes(notebook, version=nbformat.NO_CONVERT, indent=1).rstrip("\n") + "\n"


# ------------------------------------------------------------------- checking


def problems_of(notebook: NotebookNode) -> Iterator[str]:
    """Say what must not be in a notebook that is handed out."""
    size = len(to_json(notebook).encode())
    if size > LARGEST:
        yield f"it is {size:,} bytes large; {LARGEST:,} is the limit"
    if "widgets" in notebook.metadata:
        yield "it holds saved widget state (metadata.widgets)"
    for number, cell in enumerate(notebook.cells, start=1):
        if cell.cell_type != "code":
            continue
        may_raise = "raises-exception" in cell.metadata.get("tags", [])
        for output in cell.outputs:
            if output.output_type == "error" and not may_raise:
                yield f"cell {number} raised {output.ename}: {output.evalue}"
            trace = TRACES.search(printed(output))
            if trace is not None:
                yield f"cell {number} prints {trace.group()!r}, which differs from machine to machine"


def printed(output: NotebookNode) -> str:
    """Return all the text of an output."""
    if output.output_type == "stream":
        return str(output.text)
    return "\n".join(value for kind, value in output.get("data", {}).items() if kind.startswith("text/"))


def out_of_step(source: Path, notebook: NotebookNode) -> Iterator[str]:
    """Say where a notebook differs from what its text source says."""
    wanted = [(cell.cell_type, cell.source, cell.metadata) for cell in read_source(source).cells]
    there = [(cell.cell_type, cell.source, cell.metadata) for cell in notebook.cells]
    for number, (left, right) in enumerate(zip(wanted, there, strict=False), start=1):
        if left != right:
            yield f"cell {number} differs from {source.name}: run `make notebooks`"
            return
    if len(wanted) != len(there):
        yield f"it has {len(there)} cells where {source.name} has {len(wanted)}: run `make notebooks`"
    counts = [cell.execution_count for cell in notebook.cells if cell.cell_type == "code" and cell.source.strip()]
    if counts != list(range(1, len(counts) + 1)):
        yield "its cells were not executed once each from top to bottom: run `make notebooks`"


def problems_in(path: Path) -> list[str]:
    """Say all that is wrong with one notebook file."""
    notebook = nbformat.read(path, as_version=nbformat.NO_CONVERT)
    source = path.with_suffix(".py")
    if not source.is_file():
        return [f"it has no text source {source.name}"]
    return [*problems_of(notebook), *out_of_step(source, notebook)]


# ------------------------------------------------------------------- commands


def build_all(chosen: Sequence[str]) -> int:
    """Build the chosen notebooks, all if none is chosen."""
    found = sources(chosen)
    if not found:
        print("There is no such lecture in notebooks/lectures." if chosen else "There is no lecture yet.")
    for source in found:
        started = time.perf_counter()
        print(f"Executing {source.name} ...", end=" ", flush=True)
        try:
            target = build(source)
        except CellExecutionError as error:
            print(f"a cell failed:\n{error}")
            return 1
        print(f"{time.perf_counter() - started:.0f} s, {target.stat().st_size / 1000:.0f} kB")
    return 1 if chosen and not found else 0


def check_all() -> int:
    """Say what is wrong with the notebooks, and which sources have none."""
    wrong = [
        f"{source.name} has no notebook: run `make notebooks`"
        for source in sources()
        if not source.with_suffix(".ipynb").is_file()
    ]
    wrong += [f"{path.name}: {problem}" for path in notebooks() for problem in problems_in(path)]
    print("\n".join(wrong) if wrong else f"{len(notebooks())} notebooks are in step with their sources.")
    return 1 if wrong else 0


def main(arguments: Sequence[str] | None = None) -> int:
    """Build or check the lectures."""
    parser = argparse.ArgumentParser(description="Build or check the lectures' notebooks.")
    commands = parser.add_subparsers(dest="command", required=True)
    building = commands.add_parser("build", help="execute the text sources into notebooks")
    building.add_argument("chosen", nargs="*", help="numbers or names of lectures; all if none is given")
    commands.add_parser("check", help="check that the notebooks are in step")
    options = parser.parse_args(arguments)
    return build_all(options.chosen) if options.command == "build" else check_all()


if __name__ == "__main__":
    sys.exit(main())
