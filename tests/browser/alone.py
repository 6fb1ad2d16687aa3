"""A widget on a page of its own, with no JupyterLab around it and no kernel behind it, and what must hold there.

JupyterLab's layers hide low contrast and its own leaks cover ours, so that some things are looked at without it.
"""

from __future__ import annotations

import base64
import json
import re
from pathlib import Path
from typing import Any

from anywidget import AnyWidget

ROOT = Path(__file__).parents[2]
STATIC = ROOT / "src" / "stepgrad" / "widgets" / "static"
AXE = ROOT / "widgets" / "node_modules" / "axe-core" / "axe.min.js"
KINDS = {"html": "text/html", "js": "text/javascript", "css": "text/css"}

PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>{bundle}</title>
<meta name="viewport" content="width=device-width">
<link rel="stylesheet" href="./{bundle}.css">
<body data-jp-theme-light="{light}" style="margin:0"><main id="here"></main>
<script type="module">
import widget from "./{bundle}.js";
const bytes = text => new DataView(Uint8Array.from(atob(text), sign => sign.charCodeAt(0)).buffer);
const state = JSON.parse({state}, (_, value) => (typeof value?.$bytes === "string" ? bytes(value.$bytes) : value));
const heard = {{}};
window.state = state;
const model = {{
  get: name => state[name],
  set(name, value) {{ state[name] = value; for (const run of heard[`change:${{name}}`] ?? []) run(); }},
  save_changes() {{}},
  on(event, run) {{ (heard[event] ??= []).push(run); }},
  off(event, run) {{ heard[event] = heard[event].filter(other => other !== run); }},
}};
window.draw = el => widget.render({{ model, el }});
window.draw(document.getElementById("here"));
</script>"""


def open_alone(chrome, widget, theme: str = "light", width: int = 1000, **options):
    """A page with nothing but this widget on it; its traits are `window.state`, and `window.draw(el)` draws it again.

    Args:
        widget: a widget of stepgrad, in the state to be shown.
        options: for the browser's context, such as `has_touch`.
    """
    bundle = re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", type(widget).__name__).lower()
    names = set(widget.traits(sync=True)) - {"_esm", "_css", *AnyWidget.class_trait_names()}
    state = {name: getattr(widget, name) for name in sorted(names)}
    text = PAGE.format(
        bundle=bundle, light=str(theme == "light").lower(), state=json.dumps(json.dumps(state, default=_bytes))
    )

    def serve(route):
        name = route.request.url.rsplit("/", 1)[1]
        body = text if name == "index.html" else (STATIC / name).read_text(encoding="utf-8")
        route.fulfill(body=body, content_type=f"{KINDS[name.rsplit('.', 1)[1]]}; charset=utf-8")

    page = chrome.new_context(viewport={"width": width, "height": 1000}, **options).new_page()
    page.route("http://page.test/**", serve)
    page.goto("http://page.test/index.html")
    page.locator(".stepgrad").wait_for()
    return page


def _bytes(value: Any) -> dict[str, str]:
    return {"$bytes": base64.b64encode(value).decode()}


def findings(page) -> list[str]:
    """What axe-core has to say of the widgets on a page."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    result = page.evaluate("async () => await axe.run('.stepgrad')")
    return [f"{v['id']}: {n['target']} {n['failureSummary']}" for v in result["violations"] for n in v["nodes"]]


def overflow(page) -> int:
    """How many pixels the page is wider than the window."""
    return page.evaluate("() => Math.max(0, document.documentElement.scrollWidth - innerWidth)")


def small_targets(page, selector: str = "button, input, select") -> list[str]:
    """The names of what is to be hit with a finger and is smaller than 24 × 24 pixels."""
    return page.evaluate(
        """selector => [...document.querySelectorAll('.stepgrad')].flatMap(root => [...root.querySelectorAll(selector)])
             .map(each => [each.getAttribute('aria-label') ?? each.textContent, each.getBoundingClientRect()])
             .filter(([, box]) => box.width && (box.width < 24 || box.height < 24)).map(([name]) => name)""",
        selector,
    )


def kept(page, count: int, wait: int = 15) -> dict[str, int]:
    """What is kept after so many views more were drawn, each for `wait` milliseconds, and taken away again."""
    client = page.context.new_cdp_session(page)
    client.send("Performance.enable")

    def measure(times):
        page.evaluate(
            """async ([times, wait]) => {
              for (let i = 0; i < times; i++) {
                const el = document.body.appendChild(document.createElement('div'));
                const stop = window.draw(el);
                await new Promise(done => setTimeout(done, wait));
                await stop();
                el.remove();
              }
            }""",
            [times, wait],
        )
        for _ in range(3):
            client.send("HeapProfiler.collectGarbage")
        found = {m["name"]: m["value"] for m in client.send("Performance.getMetrics")["metrics"]}
        return {
            "nodes": found["Nodes"], "listeners": found["JSEventListeners"], "bytes": found["JSHeapUsedSize"]
        }  # fmt: skip

    measure(10)  # what is made once and kept
    before, after = measure(1), measure(count)
    client.detach()
    return {name: after[name] - before[name] for name in before}
