"""What holds for every widget: no foreign request, no accessibility finding, nothing left alive, a small bundle."""

import gzip
import json
from itertools import pairwise

import pytest
from alone import ROOT, STATIC, findings, kept, open_alone, overflow
from playwright.sync_api import expect

CODE = """from stepgrad.widgets import ADStepper
w = ADStepper('x1*x2 + sin(x1)', 2, 3, mode={mode!r}, position={position})
w"""


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_accessible_in_lab(notebook, theme):
    names = {"primal": 2, "forward": 2, "reverse": 9, "compare": 8}
    page = notebook(
        f"axe_{theme}.ipynb",
        [CODE.format(mode=mode, position=position) for mode, position in names.items()],
        theme=theme,
    )
    expect(page.page.locator(".stepgrad")).to_have_count(4)
    dark = page.stepper.root.evaluate(
        "e => getComputedStyle(e).backgroundColor.match(/\\d+/g).slice(0, 3).every(c => c < 90)"
    )
    assert dark == (theme == "dark")
    assert findings(page.page) == []
    assert page.foreign_requests() == []
    assert page.errors == []


def alone(chrome, theme="light", width=1000, **options):
    """A page with nothing but a stepper on it."""
    from stepgrad.widgets import ADStepper

    return open_alone(chrome, ADStepper("x1*x2 + sin(x1)", 2, 3, **options), theme, width)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 390, 1366])
def test_contrast_on_a_page_of_its_own(chrome, theme, width):
    """JupyterLab's layers hide low contrast from axe-core, so the same widget is looked at without it."""
    page = alone(chrome, theme, width, mode="compare", position=8, predict=True)
    assert findings(page) == []
    assert overflow(page) == 0
    page.context.close()


CYCLES = """
import time
from IPython.display import display, clear_output
from stepgrad.widgets import ADStepper

class Empty(ADStepper):
    _esm = "export default {{ render() {{}} }}; // " + " " * len(ADStepper._esm)

for i in range({count}):
    w = {widget}('x1*x2 + sin(x1)', 2, 3, playing=True)
    display(w)
    time.sleep(0.15)
    w.close()
    clear_output(wait=False)
"""


def test_fifty_widgets_come_and_go(notebook):
    """Fifty steppers leave no more behind than fifty widgets of the same state that draw nothing.

    What those leave is JupyterLab's and anywidget's own: above all the browser keeps every module it has imported.
    """
    page = notebook("cycles.ipynb", ["1"])
    client = page.page.context.new_cdp_session(page.page)
    client.send("Performance.enable")

    def cycle(widget, count):
        page.evaluate(f"exec({CYCLES.format(widget=widget, count=count)!r})")
        page.page.wait_for_timeout(1500)
        for _ in range(3):
            client.send("HeapProfiler.collectGarbage")
        metrics = {m["name"]: m["value"] for m in client.send("Performance.getMetrics")["metrics"]}
        return metrics["Nodes"], metrics["JSEventListeners"]

    cycle("ADStepper", 3)
    marks = [cycle("Empty", 3), cycle("Empty", 50), cycle("ADStepper", 50)]
    assert page.page.locator(".stepgrad").count() == 0
    empty, steppers = ([b - a for a, b in zip(*pair, strict=True)] for pair in pairwise(marks))
    assert steppers[0] - empty[0] < 500  # nodes: one widget alone has about 500 …
    assert steppers[1] - empty[1] < 50  # … and more listeners than this
    assert page.errors == []


def test_drawing_again_and_again_leaves_no_memory(chrome):
    """One module, 200 views drawn, played and taken away: the heap is as before."""
    page = alone(chrome, position=3, playing=True, speed=20.0)
    left = kept(page, 200)
    assert left["nodes"] < 500
    assert left["listeners"] < 50
    assert left["bytes"] < 1e6
    page.context.close()


@pytest.mark.parametrize("script", sorted(STATIC.glob("*.js")), ids=lambda path: path.stem)
def test_bundle_is_within_its_size(script):
    budgets = json.loads((ROOT / "widgets" / "budgets.json").read_text())
    budget = budgets.get(script.stem, budgets["default"])
    code, style = script.read_bytes(), script.with_suffix(".css").read_bytes()
    assert len(code) <= budget["js"] <= budgets["limit"]["js"]
    assert len(gzip.compress(code, 9)) <= budget["jsGzip"]
    assert len(style) <= budget["css"]
    assert b"http://" not in code.replace(b"http://www.w3.org/", b"")
    assert b"https://" not in code
