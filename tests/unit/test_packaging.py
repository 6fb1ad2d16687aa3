"""What is in the wheel and in the source distribution."""

import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
STATIC = ROOT / "src" / "stepgrad" / "widgets" / "static"
LECTURES = ROOT / "notebooks" / "lectures"


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """Build both, here and now: hatchling and the bundle are there."""
    folder = tmp_path_factory.mktemp("dist")
    done = subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-d", str(folder)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    (wheel,) = folder.glob("*.whl")
    (source,) = folder.glob("*.tar.gz")
    with zipfile.ZipFile(wheel) as archive:
        in_wheel = set(archive.namelist())
    with tarfile.open(source) as archive:
        in_source = {name.partition("/")[2] for name in archive.getnames()}
    return in_wheel, in_source


def bundled():
    return {path.name for path in STATIC.glob("*.*s*") if path.suffix in (".js", ".css")}


def widgets():
    entries = (ROOT / "widgets" / "src").glob("*/index.ts")
    return {entry.parent.name for entry in entries} - {"core", "math"}


def test_each_widget_is_bundled(built):
    assert {f"{name}.js" for name in widgets()} <= bundled()


def test_the_wheel_holds_the_package_the_front_end_and_the_lectures(built):
    in_wheel, _ = built
    assert "stepgrad/__init__.py" in in_wheel
    assert "stepgrad/py.typed" in in_wheel
    assert "stepgrad/documents/trace.schema.json" in in_wheel
    assert {f"stepgrad/widgets/static/{name}" for name in bundled()} <= in_wheel
    assert {f"stepgrad/notebooks/{path.name}" for path in LECTURES.glob("*.ipynb")} <= in_wheel


def test_the_wheel_holds_nothing_else(built):
    in_wheel, _ = built
    strange = {name for name in in_wheel if not name.startswith(("stepgrad/", "stepgrad-"))}
    strange |= {name for name in in_wheel if name.endswith((".ts", ".map", ".pyc")) or "node_modules" in name}
    assert strange == set()


def test_the_source_distribution_builds_without_node_and_can_be_tested(built):
    _, in_source = built
    assert {f"src/stepgrad/widgets/static/{name}" for name in bundled()} <= in_source
    needed = {"pyproject.toml", "hatch_build.py", "Makefile", "LICENSE", "README.md", "tools/node.py"}
    needed |= {"widgets/package-lock.json", "widgets/build.mjs", "tests/unit/test_packaging.py"}
    assert needed <= in_source
    assert not [
        name for name in in_source if "node_modules" in name or "__pycache__" in name or name.startswith(".venv")
    ]
