"""Imports run one way, and `import stepgrad` needs NumPy alone."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import stepgrad

PACKAGE = Path(stepgrad.__file__).parent
MODULES = sorted(path for path in PACKAGE.rglob("*.py") if "static" not in path.parts)

# For each room, the other rooms of stepgrad that it may import. A room that is not named here may import any, except
# that nothing but the command line itself imports cli.
ALLOWED = {
    "autodiff": set(),
    "documents": {"autodiff"},
    "convolution": set(),
    "expression_syntax": set(),
    "expressions": {"autodiff", "expression_syntax"},
    "numeric": {"autodiff", "expressions"},
    "nn": {"autodiff", "convolution"},
    "tracing": {"autodiff", "documents", "expressions"},  # text may be traced too
    "symbolic": {"autodiff", "documents", "expressions", "expression_syntax", "tracing"},
    "figures": {"documents"},
    "homework": set(),
    "widgets": {"autodiff", "convolution", "nn", "tracing", "documents", "figures", "expressions", "expression_syntax"},
}

# What is imported only where it is first used.
LATE = ("scipy", "sympy", "matplotlib", "ipywidgets", "anywidget", "IPython", "traitlets")


def room_of(path):
    """The part of stepgrad that a module belongs to: the folder or the module right below the package."""
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return "stepgrad" if parts == ("__init__",) else parts[0]


def imported_rooms(path):
    """Every room that a module imports, anywhere in it (functions and TYPE_CHECKING included), with the line."""
    package = ("stepgrad", *path.relative_to(PACKAGE).parent.parts)
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = ".".join(package[: len(package) - node.level + 1]) if node.level else ""
            base = ".".join(part for part in (base, node.module) if part)
            names = [f"{base}.{alias.name}" for alias in node.names]
        else:
            continue
        for name in names:
            top, *rest = name.split(".")
            if top == "stepgrad":
                yield (
                    (
                        rest[0]
                        if rest and (PACKAGE / rest[0]).exists() | (PACKAGE / f"{rest[0]}.py").exists()
                        else "stepgrad"
                    ),
                    node.lineno,
                )


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_run_one_way(path):
    room = room_of(path)
    wrong = [
        f"line {line} imports {other}"
        for other, line in imported_rooms(path)
        if other != room and (other == "cli" or (room in ALLOWED and other not in ALLOWED[room]))
    ]
    assert wrong == [], f"{room} may import {sorted(ALLOWED.get(room, []))} of stepgrad"


def test_the_reader_of_imports_sees_every_form(tmp_path, monkeypatch):
    monkeypatch.setattr(sys.modules[__name__], "PACKAGE", tmp_path)
    for room in ("autodiff", "documents", "figures", "widgets"):
        (tmp_path / room).mkdir()
    module = tmp_path / "documents" / "trace.py"
    module.write_text(
        "import numpy\n"
        "import stepgrad.autodiff.tensor\n"
        "from stepgrad import figures\n"
        "from ..widgets import x\n"
        "from .. import autodiff\n"
        "from . import layout\n"
        "def f():\n"
        "    from stepgrad.figures.trace import draw\n"
        "    import stepgrad as sg\n"
    )
    assert sorted(imported_rooms(module), key=lambda pair: pair[1]) == [
        ("autodiff", 2),
        ("figures", 3),
        ("widgets", 4),
        ("autodiff", 5),
        ("documents", 6),
        ("figures", 8),
        ("stepgrad", 9),
    ]


def run(code):
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_importing_stepgrad_imports_numpy_alone():
    loaded = run(f"import sys, stepgrad; print(*[name for name in {LATE} if name in sys.modules])")
    assert loaded == ""


def test_stepgrad_works_where_nothing_but_numpy_is_installed():
    blocked = f"import sys; sys.modules.update(dict.fromkeys({LATE}))\n"
    assert run(blocked + "import stepgrad as sg\nprint(callable(getattr(sg, 'grad', len)))") == "True"
