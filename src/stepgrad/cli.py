"""The command line: `stepgrad lab` opens the lectures in JupyterLab, `stepgrad notebooks` only copies them.

A student's work is never overwritten. A small file in the folder, ``.stepgrad.json``, records what each notebook
looked like when it was put there: one that still looks so is brought up to date, one that was edited is kept, and a
newer version of it is put beside it under another name.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import importlib.metadata
import importlib.util
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

MANIFEST = ".stepgrad.json"
MANIFEST_VERSION = 1
DEFAULT_FOLDER = "stepgrad-course"

# Default settings for JupyterLab as `stepgrad lab` starts it; the user's own come before them. The first thing on a
# student's screen is to be the lecture, not a question about news.
LAB_CONFIG = Path(__file__).resolve().parent / "lab_config"


class CommandError(Exception):
    """Something the user should know, in one sentence; the command ends with exit code 1."""


# ------------------------------------------------------------ the notebooks


def shipped_notebooks() -> list[Path]:
    """Return the lectures' notebooks: from the installed package, else from the checkout that it was installed from."""
    package = Path(__file__).resolve().parent
    for folder in (package / "notebooks", package.parents[1] / "notebooks" / "lectures"):
        found = sorted(folder.glob("[0-9]*.ipynb"))
        if found:
            return found
    return []


@dataclass(frozen=True)
class Outcome:
    """What became of one notebook: the file it is in, and a sentence if there is something to tell."""

    path: Path
    message: str | None = None


def copy_notebooks(folder: Path, notebooks: Sequence[Path]) -> list[Outcome]:
    """Put the notebooks into the folder, overwriting nothing that was edited there, and record what was put.

    Raises:
        CommandError: If the folder cannot be made or written to.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        manifest = Manifest.read(folder)
        outcomes = [_copy(notebook, folder, manifest) for notebook in notebooks]
        manifest.write(folder)
    except FileExistsError as error:
        raise CommandError(f"{folder} is a file: name a folder for the notebooks.") from error
    except OSError as error:
        raise CommandError(f"The notebooks cannot be put into {folder}: {error.strerror or error}.") from error
    return outcomes


def _copy(notebook: Path, folder: Path, manifest: Manifest) -> Outcome:
    content = notebook.read_bytes()
    target = folder / notebook.name
    state = manifest.state(target, content)
    if state == "same":
        manifest.record(target, content)
        return Outcome(target)
    if state in ("absent", "unedited"):
        _write(target, content, new=state == "absent")
        manifest.record(target, content)
        return Outcome(target, f"{target.name}: {'copied' if state == 'absent' else 'updated'}")
    if manifest.was_offered(target, content):
        return Outcome(target, f"{target.name}: kept as you edited it")
    beside = _put_beside(target, content, manifest)
    manifest.record_offer(target, content)
    return Outcome(target, f"{target.name}: kept as you edited it; the new version is beside it in {beside.name}")


def _put_beside(target: Path, content: bytes, manifest: Manifest) -> Path:
    """Write a new version under the first name beside the target that holds no work of the student's."""
    for beside in _names_beside(target):
        state = manifest.state(beside, content)
        if state == "edited":
            continue
        if state != "same":
            _write(beside, content, new=state == "absent")
        manifest.record(beside, content)
        return beside
    raise AssertionError("there is always another name")


def _names_beside(target: Path) -> Iterator[Path]:
    number = 1
    while True:
        yield target.with_name(f"{target.stem}-new{'' if number == 1 else number}{target.suffix}")
        number += 1


def _write(target: Path, content: bytes, *, new: bool) -> None:
    """Write a file whole or not at all; a new one only if still no file has its name."""
    if new:
        with target.open("xb") as file:
            file.write(content)
        return
    draft = target.with_name(target.name + ".part")
    draft.write_bytes(content)
    draft.replace(target)


# -------------------------------------------------------------- the manifest


class Manifest:
    """What was put into a folder: for each file, the fingerprint of what was written, and of what was offered since."""

    def __init__(self, files: dict[str, dict[str, str]]):
        self.files = files

    @classmethod
    def read(cls, folder: Path) -> Manifest:
        """Read a folder's manifest. One that is missing or not readable counts as empty: then all files are kept."""
        try:
            saved = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
            if saved["version"] != MANIFEST_VERSION:
                return cls({})
            return cls({str(name): dict(entry) for name, entry in saved["files"].items()})
        except (FileNotFoundError, ValueError, TypeError, KeyError, AttributeError):
            return cls({})

    def write(self, folder: Path) -> None:
        """Save the manifest in the folder."""
        saved = {"version": MANIFEST_VERSION, "files": dict(sorted(self.files.items()))}
        text = json.dumps(saved, indent=2) + "\n"
        _write(folder / MANIFEST, text.encode(), new=False)

    def state(self, path: Path, content: bytes) -> str:
        """Compare a file with new content: "absent", "same", "unedited" (as it was put there) or "edited"."""
        if not os.path.lexists(path):
            return "absent"
        if not path.is_file():
            return "edited"
        there = fingerprint(path.read_bytes())
        if there == fingerprint(content):
            return "same"
        return "unedited" if there == self.files.get(path.name, {}).get("written") else "edited"

    def record(self, path: Path, content: bytes) -> None:
        """Remember that this content was written to the file."""
        self.files[path.name] = {"written": fingerprint(content)}

    def record_offer(self, path: Path, content: bytes) -> None:
        """Remember that this content was put beside the edited file."""
        self.files.setdefault(path.name, {})["offered"] = fingerprint(content)

    def was_offered(self, path: Path, content: bytes) -> bool:
        """Whether the edited file descends from this content, or the content was already put beside it."""
        return fingerprint(content) in self.files.get(path.name, {}).values()


def fingerprint(content: bytes) -> str:
    """Return a digest of a notebook's cells: source, outputs, tags and all, however the file is laid out.

    JupyterLab saves a notebook that is opened and closed again with other metadata, since another Python opened it, and
    cuts its text into lines; that is no student's work. Whatever is in a cell is.
    """
    with contextlib.suppress(ValueError, TypeError, KeyError, RecursionError):  # no notebook: then each byte counts
        content = json.dumps(_joined(json.loads(content)["cells"]), sort_keys=True).encode()
    return hashlib.sha256(content).hexdigest()


def _joined(value: object) -> object:
    """Join a text that is cut into lines, anywhere in a notebook."""
    if isinstance(value, dict):
        return {key: _joined(item) for key, item in value.items()}
    if isinstance(value, list):
        if all(isinstance(item, str) for item in value):
            return "".join(value)
        return [_joined(item) for item in value]
    return value


# -------------------------------------------------------------- the commands


def notebooks_command(options: argparse.Namespace) -> int:
    """Copy the notebooks into a folder."""
    _put_notebooks(Path(options.folder))
    return 0


def lab_command(options: argparse.Namespace) -> int:
    """Copy the notebooks into a folder and open JupyterLab there, on the first of them."""
    if importlib.util.find_spec("jupyterlab") is None:
        raise CommandError('JupyterLab is not installed here. To install it: python -m pip install "stepgrad[lab]"')
    folder = Path(options.folder)
    outcomes = _put_notebooks(folder)
    first = outcomes[0].path.name if outcomes else None
    return _run(_jupyterlab(folder.resolve(), first, options))


def _put_notebooks(folder: Path) -> list[Outcome]:
    shipped = shipped_notebooks()
    if not shipped:
        _say("This installation of stepgrad holds no notebooks.")
        return []
    outcomes = copy_notebooks(folder, shipped)
    for outcome in outcomes:
        if outcome.message is not None:
            _say(f"  {outcome.message}")
    _say(f"{len(outcomes)} notebook{'s are' if len(outcomes) != 1 else ' is'} in {folder}")
    return outcomes


def _jupyterlab(folder: Path, first: str | None, options: argparse.Namespace) -> list[str]:
    """Return the command line that starts JupyterLab."""
    command = [sys.executable, "-m", "jupyterlab", f"--ServerApp.root_dir={folder}"]
    if first is not None:
        command.append(f"--LabApp.default_url=/lab/tree/{quote(first)}")
    if options.no_browser:
        command.append("--no-browser")
    if options.port is not None:
        command.append(f"--ServerApp.port={options.port}")
    if hasattr(os, "geteuid") and os.geteuid() == 0 and "--allow-root" not in options.extra:
        _say("You are root, as in a container: JupyterLab is told to allow that.")
        command.append("--allow-root")
    return [*command, *options.extra]


def _run(command: list[str]) -> int:
    """Become the command, so that signals reach it; where a system has no such thing, wait for it."""
    sys.stdout.flush()
    sys.stderr.flush()
    paths = [os.environ.get("JUPYTER_CONFIG_PATH"), str(LAB_CONFIG)]
    environment = dict(os.environ, JUPYTER_CONFIG_PATH=os.pathsep.join(filter(None, paths)))
    if os.name == "posix":
        os.execve(command[0], command, environment)
    try:
        return subprocess.call(command, env=environment)
    except KeyboardInterrupt:
        return 130


def _say(sentence: str) -> None:
    print(sentence, flush=True)


# ------------------------------------------------------------------ the parser


def _port(text: str) -> int:
    try:
        port = int(text)
    except ValueError:
        port = -1
    if not 0 <= port <= 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is no port: it is a number from 0 to 65535")
    return port


def build_parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    parser = argparse.ArgumentParser(prog="stepgrad", description="Step through automatic differentiation.")
    parser.add_argument("--version", action="version", version=f"stepgrad {importlib.metadata.version('stepgrad')}")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")

    lab = commands.add_parser(
        "lab",
        help="open the lectures in JupyterLab",
        description="Put the notebooks into a folder, overwriting nothing that was edited there, and open JupyterLab.",
        usage="stepgrad lab [DIR] [--no-browser] [--port N] [-- JUPYTER ARGUMENTS]",
    )
    lab.add_argument(
        "folder",
        nargs="?",
        default=DEFAULT_FOLDER,
        metavar="DIR",
        help=f"the folder to work in (default: {DEFAULT_FOLDER})",
    )
    lab.add_argument("--no-browser", action="store_true", help="do not open a browser; the address is printed")
    lab.add_argument(
        "--port", type=_port, metavar="N", help="the port to serve on (default: 8888 or the next free one)"
    )
    lab.set_defaults(command=lab_command)

    notebooks = commands.add_parser(
        "notebooks",
        help="copy the lectures' notebooks into a folder",
        description="Put the notebooks into a folder, overwriting nothing that was edited there.",
    )
    notebooks.add_argument("folder", metavar="DIR", help="the folder")
    notebooks.set_defaults(command=notebooks_command)
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code: 0 done, 1 not possible, 2 not understood."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    extra: list[str] = []
    if "--" in given:
        cut = given.index("--")
        given, extra = given[:cut], given[cut + 1 :]
    parser = build_parser()
    options = parser.parse_args(given)
    options.extra = extra
    if extra and options.command is not lab_command:
        parser.error("only `stepgrad lab` hands arguments after `--` on to Jupyter")
    try:
        code: int = options.command(options)
    except CommandError as error:
        print(f"stepgrad: {error}", file=sys.stderr)
        return 1
    return code


if __name__ == "__main__":
    sys.exit(main())
