"""Put the bundled front end and the lectures into the package while it is built.

The widgets' TypeScript (``widgets/``) becomes one ``.js`` and one ``.css`` a widget in ``src/stepgrad/widgets/static``.
Nothing is done where these are there and no older than their sources, as in a source distribution. Where they have to
be made and no Node.js is on PATH, the build asks for the wheel that holds one, so `pip install .` needs none.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

ROOT = Path(__file__).resolve().parent
FRONT_END = ROOT / "widgets"
STATIC = ROOT / "src" / "stepgrad" / "widgets" / "static"
SHARED = {"core", "math"}  # folders of widgets/src that are libraries, not widgets
LECTURES = ROOT / "notebooks" / "lectures"

sys.path.insert(0, str(ROOT / "tools"))
import node  # noqa: E402


def widgets() -> list[str]:
    """Return the names of the widgets: the folders of widgets/src that have an index.ts, but for the shared ones."""
    return sorted({entry.parent.name for entry in (FRONT_END / "src").glob("*/index.ts")} - SHARED)


def sources() -> Iterator[Path]:
    """Every file that the bundle is made from."""
    settings = ("build.mjs", "budgets.json", "package.json", "package-lock.json", "tsconfig.json")
    yield from (FRONT_END / name for name in settings)
    yield from (path for path in (FRONT_END / "src").rglob("*") if path.is_file())


def bundles() -> Iterator[Path]:
    """Every file that the build makes."""
    for name in widgets():
        yield STATIC / f"{name}.js"
        if (FRONT_END / "src" / name / "style.css").is_file():
            yield STATIC / f"{name}.css"


def bundle_is_fresh() -> bool:
    """Whether each widget has a bundle that is no older than any source."""
    newest = max((path.stat().st_mtime for path in sources() if path.is_file()), default=0.0)
    return all(bundle.is_file() and bundle.stat().st_mtime >= newest for bundle in bundles())


def build_bundle() -> None:
    """Run the front end's build: with the checkout's node_modules if it has them, else in a temporary copy."""
    tools = node.find()
    if tools is None:
        raise SystemExit("stepgrad: building the widgets needs Node.js 20 or newer with npm: https://nodejs.org")
    if all((FRONT_END / "node_modules" / tool).is_dir() for tool in ("esbuild", "terser")):
        run(tools, "node", "build.mjs", "--out", str(STATIC), where=FRONT_END)
        return
    with tempfile.TemporaryDirectory(prefix="stepgrad-widgets-") as temporary:
        copy = Path(temporary) / "widgets"
        shutil.copytree(FRONT_END, copy, ignore=shutil.ignore_patterns("node_modules", "tests"))
        run(
            tools,
            "npm",
            "ci",
            "--omit=dev",
            "--ignore-scripts",
            "--no-audit",
            "--no-fund",
            "--loglevel=error",
            where=copy,
        )
        run(tools, "node", "build.mjs", "--out", str(STATIC), where=copy)


def run(tools: node.Node, *command: str, where: Path) -> None:
    """Run node or npm; a failure ends the build with a sentence."""
    if tools.run(*command, cwd=where) != 0:
        raise SystemExit(f"stepgrad: building the widgets failed at `{' '.join(command[:2])}`; its output is above")


class FrontEndHook(BuildHookInterface[Any]):
    """The build hook that hatchling calls for wheels, editable installs and source distributions."""

    def dependencies(self) -> list[str]:
        """Ask for the wheel that holds Node.js only where it is needed."""
        return [] if bundle_is_fresh() or node.find() else [node.WHEEL]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Make the bundle if it is missing or old, and add the lectures to a wheel."""
        if not bundle_is_fresh():
            build_bundle()
        if self.target_name == "wheel" and version != "editable":
            for notebook in sorted(LECTURES.glob("*.ipynb")):
                build_data["force_include"][str(notebook)] = f"stepgrad/notebooks/{notebook.name}"
