"""Find a Chromium for the browser tests, and get one where there is none.

    python tools/browser.py             prints the path of a Chromium, or fails with a sentence
    python tools/browser.py --ensure    gets one first if need be

The path goes to standard output, all that is said on the way to standard error. Looked at, in this order: the
environment variable STEPGRAD_CHROMIUM, Playwright's own Chromium, PATH. To get one, Playwright's own is downloaded;
where that cannot be done, the system's package manager installs its Chromium: the only step here that needs root.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

VARIABLE = "STEPGRAD_CHROMIUM"
COMMANDS = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "chrome")
APPLICATIONS = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)
DOWNLOAD_SECONDS = 300
INSTALL_SECONDS = 900

# What tests start Chromium with: no sandbox, since containers have none, and nothing that talks to the network.
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)

PACKAGE_MANAGERS = {
    "apt-get": (("update", "-qq"), ("install", "-y", "-qq", "--no-install-recommends", "chromium")),
    "dnf": (("install", "-y", "-q", "chromium"),),
    "apk": (("add", "--quiet", "chromium"),),
}


def say(sentence: str) -> None:
    """Tell the user; standard output stays free for the path."""
    print(sentence, file=sys.stderr, flush=True)


def runs(path: str | Path) -> bool:
    """Whether this is a browser that starts: a downloaded one may lack system libraries, a stub may do nothing."""
    try:
        said = subprocess.run([str(path), "--version"], capture_output=True, text=True, timeout=60, check=True).stdout
    except (OSError, subprocess.SubprocessError):
        return False
    return "Chrom" in said


def playwright_chromium() -> Path | None:
    """Playwright's own Chromium, if it is downloaded. Asked of another process: two Playwrights in one disagree."""
    question = (
        "from playwright.sync_api import sync_playwright as start\n"
        "with start() as playwright: print(playwright.chromium.executable_path)"
    )
    try:
        asked = subprocess.run([sys.executable, "-c", question], capture_output=True, text=True, timeout=60, check=True)
    except (OSError, subprocess.SubprocessError):
        return None
    path = Path(asked.stdout.strip())
    return path if path.is_file() else None


def find() -> str | None:
    """Return the path of a Chromium that runs, or None."""
    named = os.environ.get(VARIABLE)
    if named:
        if runs(named):
            return named
        say(f"{VARIABLE} names {named}, which does not run: looking elsewhere.")
    own = playwright_chromium()
    if own is not None and runs(own):
        return str(own)
    for command in COMMANDS:
        path = shutil.which(command)
        if path is not None and runs(path):
            return path
    return next((path for path in APPLICATIONS if runs(path)), None)


def download() -> bool:
    """Download Playwright's own Chromium. Needs no root."""
    say("No Chromium is here: downloading Playwright's own (about 170 MB, into your cache folder; no root needed) ...")
    command = [sys.executable, "-m", "playwright", "install", "chromium"]
    try:
        done = subprocess.run(
            command,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=DOWNLOAD_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        say(f"Playwright's Chromium was not there after {DOWNLOAD_SECONDS} seconds.")
        return False
    if done.returncode != 0:
        why = next((line.strip() for line in done.stdout.splitlines() if line.startswith("Error")), "it gave no reason")
        say(f"Playwright's Chromium cannot be downloaded here ({why}).")
        return False
    own = playwright_chromium()
    if own is None or not runs(own):
        say("Playwright's Chromium is downloaded but does not start here: system libraries that it needs are missing.")
        return False
    return True


def install_from_system() -> bool:
    """Install Chromium with the system's package manager, as root or through sudo."""
    manager = next((name for name in PACKAGE_MANAGERS if shutil.which(name)), None)
    if manager is None:
        say("This system has none of the package managers known here (" + ", ".join(PACKAGE_MANAGERS) + ").")
        return False
    as_root = root_prefix()
    if as_root is None:
        say(f"Installing Chromium with {manager} needs root, and there is no sudo.")
        return False
    with_whom = "through sudo" if as_root else "as root"
    say(f"Installing the system's Chromium with {manager} instead, {with_whom} (about half a minute) ...")
    environment = dict(os.environ, DEBIAN_FRONTEND="noninteractive")
    for arguments in PACKAGE_MANAGERS[manager]:
        command = [*as_root, manager, *arguments]
        try:
            done = subprocess.run(
                command, env=environment, capture_output=True, text=True, timeout=INSTALL_SECONDS, check=False
            )
        except subprocess.TimeoutExpired:
            say(f"`{' '.join(command)}` did not end within {INSTALL_SECONDS} seconds.")
            return False
        if done.returncode != 0:
            say(f"`{' '.join(command)}` failed:\n" + "\n".join((done.stdout + done.stderr).splitlines()[-5:]))
            return False
    return True


def root_prefix() -> Sequence[str] | None:
    """What to put before a command to run it as root: nothing, sudo, or None where neither works."""
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        return ()
    if shutil.which("sudo") is None:
        return None
    return ("sudo",) if sys.stdin.isatty() else ("sudo", "-n")


def ensure() -> str:
    """Return the path of a Chromium that runs; get one if there is none, saying which way is taken and why."""
    found = find()
    if found is None:
        for way in (download, install_from_system):
            if way():
                found = find()
                if found is not None:
                    break
    if found is None:
        raise SystemExit(
            f"The browser tests need a Chromium and none could be had. Install Chromium or Google Chrome, or let the "
            f"environment variable {VARIABLE} name one."
        )
    return found


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the path of a Chromium."""
    parser = argparse.ArgumentParser(description="Print the path of a Chromium for the browser tests.")
    parser.add_argument("--ensure", action="store_true", help="get one if there is none")
    options = parser.parse_args(arguments)
    path = ensure() if options.ensure else find()
    if path is None:
        say("There is no Chromium here. `python tools/browser.py --ensure` gets one.")
        return 1
    print(path)
    return 0


if __name__ == "__main__":
    sys.exit(main())
