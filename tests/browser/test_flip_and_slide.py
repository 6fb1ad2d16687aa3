"""FlipAndSlide in JupyterLab: what a student does with mouse, finger and keys, the numbers, and how fast it is."""

import ast
import json
import re
from pathlib import Path

import numpy as np
import pytest
from alone import findings, kept, open_alone, overflow, small_targets
from playwright.sync_api import expect
from scipy import signal as scipy_signal

IMPORT = "from stepgrad.widgets import FlipAndSlide"


def cells(arguments):
    return [IMPORT, f"w = FlipAndSlide({arguments})\nw"]


class Slide:
    """A FlipAndSlide as a user sees it."""

    def __init__(self, page) -> None:
        self.page = page
        self.root = page.locator(".stepgrad.sg-flip").first
        self.plot = self.root.locator(".sg-plot")
        self.formula = self.root.locator(".sg-read > div")
        self.said = self.root.locator(".sg-read p")
        self.drawings = self.root.locator(".sg-editor")

    def ready(self):
        self.root.wait_for()
        return self

    def frames(self, count=3) -> None:
        self.page.evaluate(
            """async count => { for (let i = 0; i < count; i++) await new Promise(requestAnimationFrame); }""", count
        )

    def press(self, key: str, times: int = 1) -> None:
        for _ in range(times):
            self.page.keyboard.press(key)
        self.frames()

    def button(self, name: str):
        return self.root.get_by_role("button", name=name, exact=True)

    def place(self) -> str:
        return self.root.locator(".sg-count").inner_text()

    def value(self) -> float:
        """The number at the end of the formula."""
        return number(self.formula.inner_text())


def number(text: str) -> float:
    return float(re.findall(r"[=≈]([−\d.]+)$", "".join(text.split()))[0].replace("−", "-"))


@pytest.fixture
def slides(notebook):
    """Opens a FlipAndSlide: slides(name, arguments) gives the notebook page and the Slide."""

    def opener(name, arguments, **options):
        page = notebook(name, cells(arguments), **options)
        return page, Slide(page.page).ready()

    return opener


def test_by_keyboard_the_numbers_are_those_of_scipy(slides):
    x, w = [2.0, -1, 3, 0.5, -4], [1.0, 2, -3]
    page, slide = slides("flip_keys.ipynb", f"{x}, {w}, position=0")
    slide.plot.focus()
    expect(slide.said).to_contain_text("as it is given")
    slide.press("ArrowRight")
    expect(slide.said).to_contain_text("Turned round at 0")
    slide.press("ArrowRight", 4)
    expect(slide.root.locator(".sg-count")).to_have_text("n = 0")
    for n, y in enumerate(scipy_signal.convolve(x, w)):
        assert slide.place() == f"n = {n}"
        assert slide.value() == pytest.approx(y)
        expect(slide.plot).to_have_attribute("aria-valuetext", f"n = {n}")
        slide.press("ArrowRight")
    slide.button("cross-correlation").click()
    slide.plot.focus()
    slide.press("Home")
    slide.press("ArrowRight", 5)
    for n, y in enumerate(scipy_signal.correlate(x, w), -2):
        assert slide.place() == f"n = {n}".replace("-", "−")
        assert slide.value() == pytest.approx(y)
        slide.press("ArrowRight")
    expect(slide.root.locator("[aria-live]")).to_contain_text("n = 4")
    for mode in ("same", "valid"):
        slide.button(mode).click()
        slide.plot.focus()
        slide.press("End")
        assert slide.value() == pytest.approx(scipy_signal.correlate(x, w, mode)[-1])
    slide.drawings.nth(0).focus()
    slide.press("End")
    slide.press("ArrowUp", 3)
    expect(slide.drawings.nth(0)).to_have_attribute("aria-valuetext", "x[4] = −2.5")
    slide.page.wait_for_timeout(400)
    assert ast.literal_eval(page.evaluate("w.signal_samples")) == [2, -1, 3, 0.5, -2.5]
    assert float(page.evaluate("w.value")) == pytest.approx(
        scipy_signal.correlate([2, -1, 3, 0.5, -2.5], w, "valid")[-1]
    )
    assert page.foreign_requests() == []
    assert page.errors == []


def test_by_mouse_functions_have_their_closed_forms_while_the_kernel_is_busy(notebook):
    busy = "import time\nfor _ in range(300):\n    time.sleep(0.1)"
    page = notebook("flip_busy.ipynb", [*cells("'box', 'box', position=4"), busy], run=False, theme="dark")
    page.run_cell(0)
    page.run_cell(1)
    slide = Slide(page.page).ready()
    page.page.evaluate("() => { window.jupyterapp.shell.currentWidget.content.activeCellIndex = 2; }")
    page.start("notebook:run-cell")
    slide.plot.scroll_into_view_if_needed()
    box = slide.plot.bounding_box()
    seen = set()
    slide.page.mouse.move(box["x"] + 0.3 * box["width"], box["y"] + 340)
    slide.page.mouse.down()
    for part in (0.3, 0.45, 0.54, 0.6, 0.7):
        slide.page.mouse.move(box["x"] + part * box["width"], box["y"] + 340, steps=4)
        slide.frames()
        t = float(slide.place().split("=")[1].replace("−", "-"))
        assert slide.value() == pytest.approx(max(0, 1 - abs(t)), abs=6e-4)
        seen.add(t)
    slide.page.mouse.up()
    assert len(seen) == 5
    # Above, the kernel is taken hold of and goes with the pointer.
    before = slide.place()
    slide.page.mouse.move(box["x"] + 200, box["y"] + 90)
    slide.page.mouse.down()
    slide.page.mouse.move(box["x"] + 200, box["y"] + 92)
    assert slide.place() == before
    slide.page.mouse.move(box["x"] + 120, box["y"] + 92, steps=5)
    slide.page.mouse.up()
    assert slide.place() != before
    # Swapping, sliding again, another kernel, and a drawing by hand.
    slide.button("Swap signal and kernel").click()
    expect(slide.root.locator(".sg-aside")).to_contain_text("x ∗ w = w ∗ x")
    slide.button("∗ w again").click()
    expect(slide.root.locator(".sg-aside")).to_contain_text("variance 0.25")
    slide.button("Reset").click()
    slide.root.get_by_role("combobox", name="Kernel w").select_option("exponential")
    drawing = slide.drawings.nth(0)
    area = drawing.bounding_box()
    slide.page.mouse.move(area["x"] + 60, area["y"] + 40)
    slide.page.mouse.down()
    slide.page.mouse.move(area["x"] + 150, area["y"] + 80, steps=6)
    slide.page.mouse.up()
    slide.frames()
    expect(slide.root.get_by_role("combobox", name="Signal x")).to_have_value("own")
    shown = slide.value()
    page.command("notebook:interrupt-kernel")
    page.page.wait_for_timeout(500)
    assert page.evaluate("(w.signal, w.kernel, w.kind)") == "('own', 'exponential', 'continuous')"
    assert float(page.evaluate("w.value")) == pytest.approx(shown, abs=6e-4)
    page.evaluate("[setattr(w, 'signal', 'box'), setattr(w, 'kernel', 'box'), setattr(w, 'position', 4 + 60)]")
    expect(slide.root.locator(".sg-count")).to_have_text("t = −0.02")
    assert slide.value() == 0.98
    assert findings(page.page) == []
    assert page.errors == []


# On a page of its own -------------------------------------------------------------------------------------------------
def alone(chrome, *arguments, theme="light", width=1000, browser=None, **options):
    from stepgrad.widgets import FlipAndSlide

    page = open_alone(chrome, FlipAndSlide(*arguments, **options), theme, width, **(browser or {}))
    page.wait_for_timeout(100)
    return page


STATES = {
    "functions": (("steps", "ramp"), {"position": 110}),
    "samples": (([1, 2, 0, -1, 3], [1, 2, 3]), {"position": 9}),
    "again": (("box", "triangle"), {"again": 2, "position": 200}),
    "asked": (("box", "ramp"), {"predict": True}),
}


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("state", STATES)
def test_accessible_on_a_page_of_its_own(chrome, theme, state):
    arguments, options = STATES[state]
    page = alone(chrome, *arguments, theme=theme, width=1366, **options)
    for width in (1366, 390, 320):
        page.set_viewport_size({"width": width, "height": 1000})
        page.wait_for_timeout(50)
        assert width == 390 or findings(page) == []
        assert overflow(page) == 0
        assert small_targets(page) == []
    page.context.close()


def test_a_finger_slides_and_draws(chrome):
    page = alone(chrome, [1, 2, 3, 4], [1, 1], width=390, browser={"has_touch": True})
    client = page.context.new_cdp_session(page)
    slide = Slide(page)

    def drag(element, start, end):
        box = element.bounding_box()
        points = [(box["x"] + a, box["y"] + b) for a, b in (start, end)]
        steps = np.linspace(*points, 8)
        for i, (x, y) in enumerate(steps):
            kind = "touchMove" if i else "touchStart"
            client.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y}]})
        client.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
        page.wait_for_timeout(100)

    slide.plot.scroll_into_view_if_needed()
    drag(slide.plot, (120, 340), (300, 342))
    place = int(slide.place().split("=")[1])
    assert place >= 3
    assert slide.value() == np.convolve([1, 2, 3, 4], [1, 1])[place]
    slide.drawings.nth(0).scroll_into_view_if_needed()
    drag(slide.drawings.nth(0), (60, 30), (61, 100))
    samples = page.evaluate("() => window.state.signal_samples")
    assert samples != [1, 2, 3, 4]
    assert slide.value() == pytest.approx(np.convolve(samples, [1, 1])[place])
    page.context.close()


FRAME_TIMES = """async ({ selector, y, count }) => {
  const target = document.querySelector(selector);
  const box = target.getBoundingClientRect();
  target.setPointerCapture = () => {};
  const real = window.requestAnimationFrame;
  let painting = 0;
  window.requestAnimationFrame = run => real(time => {
    const start = performance.now();
    run(time);
    painting += performance.now() - start;
  });
  const send = (type, x, dy) => {
    const start = performance.now();
    target.dispatchEvent(new PointerEvent(type, {
      clientX: box.left + x, clientY: box.top + y + dy, bubbles: true, cancelable: true, pointerId: 1 }));
    return performance.now() - start;
  };
  const spent = [];
  send('pointerdown', 60, 0);
  for (let i = 0; i < count; i++) {
    painting = 0;
    const handler = send('pointermove', 60 + (box.width - 90) * (0.5 - 0.5 * Math.cos(i / 25)), 25 * Math.sin(i / 7));
    await new Promise(done => real(() => setTimeout(done)));
    spent.push(handler + painting);
  }
  send('pointerup', 60, 0);
  window.requestAnimationFrame = real;
  return spent;
}"""


@pytest.mark.parametrize(
    ("names", "selector", "y", "options"),
    [
        (("steps", "exponential"), ".sg-plot", 340, {}),
        (("exponential", "exponential"), ".sg-plot", 340, {"again": 3}),
        (("triangle", "gaussian"), ".sg-editor", 60, {"position": 200}),
    ],
    ids=["sliding", "again", "drawing"],
)
def test_frames_while_it_is_slid_and_drawn(chrome, names, selector, y, options):
    page = alone(chrome, *names, **options)
    page.evaluate(FRAME_TIMES, {"selector": selector, "y": y, "count": 20})  # the browser compiles what is run often
    runs = []
    for _ in range(3):  # the best of three, since the machine may have other work
        spent = sorted(page.evaluate(FRAME_TIMES, {"selector": selector, "y": y, "count": 40}))
        runs.append(spent[int(0.95 * len(spent))])
    print(f"{names}: p95 of script in a frame", ", ".join(f"{ms:.1f} ms" for ms in runs))
    assert min(runs) <= 20
    page.context.close()


def test_predict_then_see(chrome):
    page = alone(chrome, [1, 2, 3, 4], [1, 0, -1], predict=True)
    slide = Slide(page)
    root = slide.root
    expect(slide.plot).to_be_hidden()
    for ends, sentence in ((("-2", "3"), "You did not flip"), (("0", "5"), "the ends add up")):
        root.get_by_role("textbox", name="Begins at").fill(ends[0])
        root.get_by_role("textbox", name="Ends at").fill(ends[1])
        slide.press("Enter")
        expect(root.get_by_role("status").filter(has_text=sentence)).to_be_visible()
    curves = root.locator(".sg-curves button")
    names = [curve.get_attribute("aria-label") for curve in curves.all()]
    right = next(k for k, name in enumerate(names) if "largest 2 at 1, smallest −4" in name)
    curves.nth(right).focus()
    slide.press("Enter")
    expect(slide.plot).to_be_visible()
    slide.plot.focus()
    slide.press("ArrowRight", 5)
    field = root.get_by_role("textbox", name="What will y[2] be?")
    expect(field).to_be_focused()
    field.fill("3")
    slide.press("Enter")
    expect(root.get_by_text("You did not flip: that is the cross-correlation, 3.")).to_be_visible()
    field.fill("2")
    slide.press("Enter")
    expect(root.get_by_text("✓ Right: 1·(−1) + 2·0 + 3·1 = 2.")).to_be_visible()
    answers = page.evaluate("() => window.state.answers")
    assert [(a["question"], a["correct"]) for a in answers] == [
        ("support", False), ("support", True), ("shape", True), ("value", False), ("value", True),
    ]  # fmt: skip
    assert [a["kind"] for a in answers if not a["correct"]] == ["not_flipped", "not_flipped"]
    page.context.close()


def test_pictures_and_texts_are_taken_away(chrome):
    page = alone(chrome, [1, 2, 3, 4], [1, 0, -1], position=9)
    root = page.locator(".stepgrad")
    root.get_by_role("button", name="Export").click()
    for name, ending in (("Picture as SVG", "svg"), ("Picture as PNG", "png")):
        with page.expect_download() as saved:
            root.get_by_role("button", name=name).click()
        assert saved.value.suggested_filename == f"convolution-own-own.{ending}"
        content = Path(saved.value.path()).read_bytes()
        assert len(content) > 5000
        if ending == "svg":
            assert b"x[m]" in content
            assert b"var(--" not in content
    root.get_by_role("button", name="Step as LaTeX").click()
    assert root.get_by_role("textbox", name="Text to copy").input_value() == (
        r"y[4] = \sum_m x[m]\,w[4 - m] = 3 \cdot ({-1}) + 4 \cdot 0 = {-3}"
    )
    root.get_by_role("button", name="Numbers as text").click()
    numbers = root.get_by_role("textbox", name="Text to copy").input_value()
    assert "5\t−4" in numbers
    page.context.close()


def test_motion_is_left_out_where_it_is_unwanted(chrome):
    page = alone(chrome, "box", "ramp", position=0, browser={"reduced_motion": "reduce"})
    drawn = "() => document.querySelector('.sg-plot .sg-w').getAttribute('d')"
    page.locator(".sg-plot").focus()
    page.keyboard.press("ArrowRight")
    Slide(page).frames(3)
    at_once = page.evaluate(drawn)
    page.wait_for_timeout(800)
    assert page.evaluate(drawn) == at_once
    page.context.close()


def test_drawing_again_and_again_leaves_no_memory(chrome):
    page = alone(chrome, "box", "exponential", playing=True, position=20)
    left = kept(page, 60)
    assert left["nodes"] < 500
    assert left["listeners"] < 50
    assert left["bytes"] < 2e6
    page.context.close()


def test_the_state_is_plain_data(chrome):
    """What a page without a kernel is given is JSON, and it is all it needs."""
    page = alone(chrome, "gaussian", "steps")
    state = json.loads(page.evaluate("() => JSON.stringify(window.state)"))
    assert state["signal"] == "gaussian"
    assert len(json.dumps(state)) < 2000
    page.context.close()
