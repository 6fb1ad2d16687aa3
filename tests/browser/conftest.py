"""A real JupyterLab in a real headless Chromium, for the tests in this folder."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import browser as chromium  # tools/browser.py
import nbformat
import pytest

SETTINGS = {
    "@jupyterlab/apputils-extension/notification.jupyterlab-settings": {"fetchNews": "false", "checkForUpdates": False},
    "@jupyterlab/docmanager-extension/plugin.jupyterlab-settings": {"autosave": False},
}


def pytest_collection_modifyitems(items):
    here = Path(__file__).parent
    for item in items:
        if here in Path(item.fspath).parents:
            item.add_marker(pytest.mark.browser)


class Lab:
    """A running JupyterLab server and the folder it serves."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "work"
        self.settings = folder / "settings"
        self.folder.mkdir()
        for name, content in SETTINGS.items():
            path = self.settings / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps(content))
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        environment = {
            **os.environ,
            "JUPYTERLAB_SETTINGS_DIR": str(self.settings),
            "JUPYTER_CONFIG_DIR": str(folder / "config"),
            "JUPYTER_DATA_DIR": str(folder / "data"),
            "JUPYTER_RUNTIME_DIR": str(folder / "runtime"),
            "IPYTHONDIR": str(folder / "ipython"),
        }
        options = [
            "--no-browser",
            "--allow-root",
            "--ip=127.0.0.1",
            f"--port={self.port}",
            f"--ServerApp.root_dir={self.folder}",
            "--IdentityProvider.token=",
            "--LabApp.expose_app_in_browser=True",
            "--ServerApp.port_retries=0",
        ]
        self.log = (folder / "server.log").open("w")
        command = [sys.executable, "-m", "jupyterlab", *options]
        self.process = subprocess.Popen(command, env=environment, stdout=self.log, stderr=subprocess.STDOUT)
        self._wait()

    def _wait(self) -> None:
        for _ in range(240):
            if self.process.poll() is not None:
                break
            try:
                urllib.request.urlopen(f"{self.url}/api/status", timeout=2).close()
            except OSError:
                time.sleep(0.25)
            else:
                return
        raise RuntimeError(f"JupyterLab did not start:\n{Path(self.log.name).read_text()[-2000:]}")

    def close(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
        self.log.close()

    def write(self, name: str, cells: list[str]) -> Path:
        """A notebook of code cells in the served folder."""
        notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
        notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
        for number, cell in enumerate(notebook.cells):
            cell["id"] = f"cell{number}"
        path = self.folder / name
        nbformat.write(notebook, path)
        return path


@pytest.fixture(scope="session")
def lab(tmp_path_factory) -> Iterator[Lab]:
    server = Lab(tmp_path_factory.mktemp("lab"))
    yield server
    server.close()


@pytest.fixture(scope="session")
def chrome():
    from playwright.sync_api import sync_playwright

    path = chromium.find()
    if path is None:
        pytest.fail("no Chromium is here: run `python tools/browser.py --ensure`")
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=path, args=list(chromium.ARGUMENTS))
        yield running
        running.close()


def is_splash(error) -> bool:
    """Is it JupyterLab's own: its splash screen, shown twice at the start, is taken away twice, widgets or none?"""
    frames = [line for line in (error.stack or "").splitlines() if line.strip().startswith("at ")]
    return (
        error.message.startswith("Failed to execute 'removeChild' on 'Node'")
        and len(frames) == 1
        and "/static/lab/jlab_core." in frames[0]
    )


class NotebookPage:
    """A notebook open in JupyterLab, and all that its page asked the network for."""

    def __init__(self, page, lab: Lab) -> None:
        self.page = page
        self.lab = lab
        self.requests: list[str] = []
        self.errors: list[str] = []
        page.on("request", lambda request: self.requests.append(request.url))
        page.on("websocket", lambda socket: self.requests.append(socket.url))
        page.on("pageerror", lambda error: None if is_splash(error) else self.errors.append(str(error)))

    def open(self, name: str, theme: str = "light") -> None:
        self.page.goto(f"{self.lab.url}/lab/tree/{name}?reset", wait_until="domcontentloaded")
        self.page.wait_for_function("() => window.jupyterapp", timeout=60_000)
        self.page.evaluate(
            """async theme => {
              const app = window.jupyterapp;
              await app.restored;
              if (theme === 'dark') await app.commands.execute('apputils:change-theme', {theme: 'JupyterLab Dark'});
              else await app.commands.execute('apputils:change-theme', {theme: 'JupyterLab Light'});
              const beat = () => new Promise(resolve => setTimeout(resolve, 50));
              for (let i = 0; i < 200 && !app.shell.currentWidget?.context; i++) await beat();
              const current = app.shell.currentWidget;
              await current.context.ready;
              await current.sessionContext.ready;
              app.shell.collapseLeft();
            }""",
            theme,
        )

    def command(self, name: str, arguments: dict | None = None) -> None:
        """Runs one of JupyterLab's commands and waits for it."""
        self.page.evaluate("([name, args]) => window.jupyterapp.commands.execute(name, args ?? {})", [name, arguments])

    def start(self, name: str) -> None:
        """Runs one of JupyterLab's commands without waiting."""
        self.page.evaluate("name => { window.jupyterapp.commands.execute(name); }", name)

    def run_all(self) -> None:
        self.command("notebook:run-all-cells")

    def run_cell(self, number: int) -> None:
        self.page.evaluate("n => { window.jupyterapp.shell.currentWidget.content.activeCellIndex = n; }", number)
        self.command("notebook:run-cell")

    def restart_kernel(self) -> None:
        """Restarts the kernel without asking, and runs nothing."""
        self.page.evaluate("() => window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.restart()")

    def output(self, number: int) -> str:
        """The text output of a code cell."""
        return self.page.evaluate(
            """n => { const outputs = window.jupyterapp.shell.currentWidget.content.widgets[n].model.outputs;
                 const texts = []; for (let i = 0; i < outputs.length; i++) { const o = outputs.get(i).toJSON();
                 texts.push(o.text ?? o.data?.['text/plain'] ?? (o.traceback ?? []).join('\\n')); }
                 return texts.flat().join(''); }""",
            number,
        )

    def evaluate(self, expression: str) -> str:
        """What the kernel answers to an expression, by its repr: in a cell of its own."""
        count = self.page.evaluate("() => window.jupyterapp.shell.currentWidget.content.widgets.length")
        self.page.evaluate(
            """code => { const { content, context } = window.jupyterapp.shell.currentWidget;
                 context.model.sharedModel.insertCell(content.widgets.length, {cell_type: 'code', source: code});
                 content.activeCellIndex = content.widgets.length - 1; }""",
            f"print(repr({expression}))",
        )
        self.command("notebook:run-cell")
        return self.output(count).strip()

    @property
    def stepper(self) -> Stepper:
        """The first ADStepper on the page."""
        return Stepper(self.page.locator(".stepgrad").first)

    def foreign_requests(self) -> list[str]:
        """What the page asked of anyone but its own server."""
        own = (self.lab.url, self.lab.url.replace("http", "ws"), "data:", "blob:", "about:")
        return [url for url in self.requests if not url.startswith(own)]


class Stepper:
    """An ADStepper as a user sees it: by the names and roles of its parts."""

    def __init__(self, root) -> None:
        self.root = root
        self.page = root.page

    def ready(self) -> Stepper:
        self.root.wait_for()
        return self

    def mode(self, name: str) -> None:
        self.root.get_by_role("button", name=name, exact=True).click()

    def focus(self) -> None:
        self.root.get_by_role("slider", name="Step", exact=True).focus()

    def press(self, key: str, times: int = 1) -> None:
        for _ in range(times):
            self.page.keyboard.press(key)
        self.page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")

    def progress(self) -> str:
        """ "step 3 of 9" """
        return self.root.get_by_text("step", exact=False).filter(has_text=" of ").first.inner_text()

    def node(self, start: str):
        """The box of a node, by how its name begins: "x₁," """
        return self.root.locator(f'svg [aria-label^="{start}"]')

    def results(self) -> dict[str, str]:
        """The exact results shown, by the rounded text that is seen."""
        shown = self.root.locator("[data-exact]")
        return {e.inner_text(): e.get_attribute("data-exact") for e in shown.all() if e.is_visible()}


@pytest.fixture
def notebook(lab, chrome):
    """Opens notebooks: notebook(name, cells, theme=…, width=…, height=…) gives a NotebookPage that has run them."""
    contexts = []

    def opener(name, cells=None, *, theme="light", width=1366, height=1000, run=True, **options):
        if cells is not None:
            lab.write(name, cells)
        context = chrome.new_context(viewport={"width": width, "height": height}, **options)
        context.set_default_timeout(30_000)
        contexts.append(context)
        opened = NotebookPage(context.new_page(), lab)
        opened.open(name, theme)
        if run:
            opened.run_all()
        return opened

    yield opener
    for context in contexts:
        context.close()
