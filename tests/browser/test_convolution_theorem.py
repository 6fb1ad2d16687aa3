"""ConvolutionTheorem: what a student does by mouse, finger and keys, against NumPy; and how fast it is."""

import ast
import json
import re
from pathlib import Path

import alone
import numpy as np
import pytest
from playwright.sync_api import expect

from stepgrad.widgets import ConvolutionTheorem
from stepgrad.widgets.convolution_theorem import KERNEL, SIGNAL

IMPORT = "from stepgrad.widgets import ConvolutionTheorem"
POINTS = [
    {"size": k, "direct": k * k * 1e-4, "fft": 5e-3 + k * 1e-5, "method": "strips"}
    for k in (3, 5, 7, 9, 11, 15, 21, 31)
]
MEASURED = {"image": 512, "batch": 1, "channels": 1, "filters": 1, "points": POINTS}


def number(text: str) -> float:
    return float(text.replace("−", "-").replace("°", ""))


class Theorem:
    """A ConvolutionTheorem as a user sees it."""

    def __init__(self, page) -> None:
        self.page = page
        self.root = page.locator(".stepgrad.sg-theorem").first
        self.said = self.root.locator(".sg-read p").first

    def plot(self, start: str):
        return self.root.get_by_role("slider", name=re.compile(f"^{start}"))

    def button(self, name: str):
        return self.root.get_by_role("button", name=name, exact=True)

    def frames(self, count=3) -> None:
        self.page.evaluate(
            "async count => { for (let i = 0; i < count; i++) await new Promise(requestAnimationFrame); }", count
        )

    def press(self, key: str, times: int = 1) -> None:
        for _ in range(times):
            self.page.keyboard.press(key)
        self.frames()

    def words(self, start: str) -> list[str]:
        """What a plot says of each of its places, from the first on, by the keyboard."""
        plot = self.plot(start)
        plot.focus()
        self.press("Home")
        told = [plot.get_attribute("aria-valuetext")]
        while True:
            self.press("ArrowRight")
            now = plot.get_attribute("aria-valuetext")
            if now == told[-1]:
                return told
            told.append(now)

    def place(self, start: str, n: int, slots: int) -> tuple[float, float]:
        """Where the stem of a sample stands on the page, at the middle of the plot's height."""
        box = self.plot(start).bounding_box()
        return box["x"] + 44 + (n + 0.5) * (box["width"] - 52) / slots, box["y"] + box["height"] / 2


@pytest.fixture
def theorem(notebook):
    """Opens a widget in JupyterLab: theorem(name, arguments) gives the notebook page and the Theorem."""

    def opener(name, arguments="", **options):
        page = notebook(name, [IMPORT, f"w = ConvolutionTheorem({arguments})\nw"], **options)
        shown = Theorem(page.page)
        shown.said.wait_for(state="attached")
        return page, shown

    return opener


@pytest.fixture
def lone(chrome):
    """Opens a widget on a page of its own, without a kernel."""
    contexts = []

    def opener(widget=None, theme="light", width=960, **options):
        page = alone.open_alone(chrome, widget or ConvolutionTheorem(), theme, width, **options)
        page.set_default_timeout(10_000)
        contexts.append(page.context)
        return Theorem(page)

    yield opener
    for context in contexts:
        context.close()


# Numbers on the screen ------------------------------------------------------------------------------------------------
def test_numbers_on_the_screen_are_numpys(lone):
    shown = lone(ConvolutionTheorem(position=22))
    for letter, values in (("X", SIGNAL), ("W", KERNEL)):
        told = shown.words(f"Transform {letter}")
        truth = np.fft.rfft(values, 12)
        for k, (words, z) in enumerate(zip(told, truth, strict=True)):
            length, angle = re.fullmatch(rf"{letter}\[{k}\]: length (\S+), angle (\S+)", words).groups()
            assert number(length) == pytest.approx(abs(z), abs=6e-4)
            assert (number(angle) - np.degrees(np.angle(z)) + 180) % 360 - 180 == pytest.approx(0, abs=0.51)
    truth = np.convolve(SIGNAL, KERNEL)
    back = np.fft.irfft(np.fft.rfft(SIGNAL, 12) * np.fft.rfft(KERNEL, 12), 12)
    for n, words in enumerate(shown.words("Result y")):
        if n < 12:
            found = re.match(rf"y\[{n}\]: transformed back (\S+), direct sum ([^\s,]+)", words).groups()
            assert [number(part) for part in found] == pytest.approx([back[n], truth[n]], abs=6e-4)
        else:
            assert words == f"Sample {n} of the convolution, {truth[n]:g}, comes round to sample {n - 12}"
    shown.press("Escape")  # no frequency is looked at any more
    expect(shown.said).to_contain_text("Samples 0 to 3 are wrong, by 3.5, 2, 1 and 0.25")


def test_the_wrap_goes_away_with_padding(lone):
    shown = lone(ConvolutionTheorem(position=22))
    way = shown.root.locator(".sg-y .way")
    assert way.get_attribute("d")
    field = shown.root.get_by_role("textbox", name="Length N of the transforms, exact")
    for N, sentence in ((14, "Samples 0 to 1 are wrong, by 1 and 0.25"), (15, "Sample 0 is wrong, by 0.25")):
        field.fill(str(N))
        field.press("Enter")
        expect(shown.said).to_contain_text(sentence)
    shown.button("Padded").click()
    expect(shown.said).to_contain_text("all 16 samples are the direct sums, to rounding")
    assert not way.get_attribute("d")
    assert shown.page.evaluate("[state.length, state.padded]") == [16, True]
    shown.button("No padding").click()
    expect(shown.said).to_contain_text("Samples 0 to 3 are wrong")
    assert shown.page.evaluate("[state.length, state.padded]") == [12, False]


def test_every_step_is_told(lone):
    shown = lone()
    shown.root.get_by_role("slider", name="Step", exact=True).focus()
    told = []
    for _ in range(22):
        shown.press("ArrowRight")
        told.append(shown.said.inner_text())
    assert len(set(told)) == 22
    assert "Frequency 0: the exponential is 1 everywhere" in told[0]
    x, w = np.fft.rfft(SIGNAL, 12)[1], np.fft.rfft(KERNEL, 12)[1]
    assert f"Frequency 1: lengths multiply, {abs(x):.3f} · {abs(w):.3f} = {abs(x * w):.3f}" in told[8]
    assert "Nothing is missing any more." in told[20]
    live = shown.root.locator("[aria-live]")
    expect(live).to_contain_text(f"Step 22 of 22, Compare. {told[21]}")
    shown.press("ArrowLeft")
    expect(live).to_contain_text("Step 21 of 22, Back. The wave of frequency 6")


# By mouse, finger and keys --------------------------------------------------------------------------------------------
def test_a_sample_is_dragged(lone):
    shown = lone(ConvolutionTheorem(position=22))
    x, y = shown.place("Signal", 5, 16)
    shown.page.mouse.move(x, y)
    shown.page.mouse.down()
    shown.page.mouse.move(x + 60, y - 40, steps=5)  # sideways it stays the same sample
    shown.page.mouse.up()
    shown.frames()
    signal = shown.page.evaluate("state.signal")
    assert signal[5] > 0
    assert [value for n, value in enumerate(signal) if n != 5] == [value for n, value in enumerate(SIGNAL) if n != 5]
    truth = np.convolve(signal, KERNEL)
    wrong = [f"{value:.3f}".rstrip("0").rstrip(".") for value in truth[12:]]
    expect(shown.said).to_contain_text(f"wrong, by {', '.join(wrong[:-1])} and {wrong[-1]}")


def test_samples_are_changed_by_keys_and_typed(lone):
    shown = lone()
    shown.plot("Kernel").focus()
    shown.press("ArrowRight", 2)
    shown.press("ArrowUp")
    shown.press("Shift+ArrowDown")
    kernel = shown.page.evaluate("state.kernel")
    assert kernel[2] > KERNEL[2]
    assert kernel[:2] + kernel[3:] == [*KERNEL[:2], *KERNEL[3:]]
    assert shown.page.evaluate("state.position") == 0  # the arrows were the plot's, not the player's
    field = shown.root.get_by_role("textbox", name="w, value of the chosen sample")
    assert number(field.input_value()) == kernel[2]
    field.fill("−2,5")
    field.press("Enter")
    assert shown.page.evaluate("state.kernel")[2] == -2.5
    field.fill("much")
    field.press("Enter")
    assert shown.page.evaluate("state.kernel")[2] == -2.5
    assert number(field.input_value()) == -2.5


def test_a_finger_changes_a_sample_and_steps(lone):
    shown = lone(width=390, has_touch=True)
    client = shown.page.context.new_cdp_session(shown.page)

    def touch(kind, *points):
        client.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": a, "y": b} for a, b in points]})

    x, y = shown.place("Signal", 2, 16)
    touch("touchStart", (x, y))
    for i in range(1, 7):
        touch("touchMove", (x, y + 5 * i))
    touch("touchEnd")
    shown.frames()
    assert shown.page.evaluate("state.signal[2]") < 0
    shown.page.wait_for_timeout(300)  # a tap at once after a drag is taken for its end by the browser
    shown.button("Next step").tap()
    shown.page.wait_for_function("state.position === 1")
    shown.button("Multiply").tap()
    expect(shown.said).to_contain_text("Frequency 6: lengths multiply")


def test_a_frequency_shows_its_wave(lone):
    shown = lone(ConvolutionTheorem(position=22))
    curve = shown.root.locator(".sg-x .curve")
    assert not curve.get_attribute("d")
    x, y = shown.place("Transform X", 2, 7)
    shown.page.mouse.move(x, y)
    expect(shown.said).to_contain_text("Frequency 2: lengths multiply")
    # The wave's height on the page is its amplitude, 2|X|/N, on the axis of the plot.
    ys = [float(part) for part in re.findall(r"[ML][\d.]+ ([\d.]+)", curve.get_attribute("d"))]
    grid = [float(part) for part in re.findall(r" ([\d.]+)H", shown.root.locator(".sg-x .grid").get_attribute("d"))]
    unit = abs(grid[1] - grid[0]) / (max(SIGNAL) - min(SIGNAL))
    amplitude = 2 * abs(np.fft.rfft(SIGNAL, 12)[2]) / 12
    assert (max(ys) - min(ys)) / 2 == pytest.approx(amplitude * unit, rel=0.02)
    shown.page.mouse.move(5, 5)
    expect(shown.said).to_contain_text("Samples 0 to 3 are wrong")
    shown.plot("Transform W").focus()
    shown.press("ArrowRight", 3)
    assert shown.page.evaluate("state.frequency") == 3
    expect(shown.said).to_contain_text("Frequency 3: lengths multiply")
    expect(shown.root.locator(".sg-dials")).to_be_visible()
    shown.button("Compare").click()
    assert shown.page.evaluate("state.frequency") == -1


# Predict --------------------------------------------------------------------------------------------------------------
def test_predict_then_see(lone):
    shown = lone(ConvolutionTheorem(predict=True))
    root, page = shown.root, shown.page
    expect(shown.plot("Result")).to_have_count(0)
    expect(root.locator(".sg-y")).to_be_hidden()
    for n in (8, 9, 10, 11):
        shown.button(f"Sample {n}").click()
    shown.button("Check").click()
    expect(root.get_by_text("it goes on at its beginning, with sample 0")).to_be_visible()
    for n in (8, 9, 10, 11):
        shown.button(f"Sample {n}").click()
    shown.button("Sample 0").focus()
    for n in range(4):
        shown.press("Space")
        if n < 3:
            shown.press("ArrowRight")
    shown.button("Check").click()
    field = root.get_by_role("textbox", name="N", exact=True)
    for answer, sentence in (
        ("17", "one too many"),
        ("12", "room for x alone"),
        ("20", "fewer would do"),
        ("13", "meet"),
    ):
        field.fill(answer)
        field.press("Enter")
        expect(root.get_by_text(sentence)).to_be_visible()
    field.fill("16")
    field.press("Enter")
    length, angle = root.get_by_role("textbox", name="Length", exact=True), root.get_by_role("textbox", name="Angle")
    expect(root.locator(".sg-X")).to_be_visible()
    expect(root.locator(".sg-Y")).to_be_hidden()
    k = int(re.search(r"Y\[(\d)\]", root.locator(".sg-predict p").first.inner_text())[1])
    x, w = np.fft.rfft(SIGNAL, 12)[k], np.fft.rfft(KERNEL, 12)[k]
    length.fill(f"{abs(x) + abs(w)}")
    angle.fill(f"{np.degrees(np.angle(x) - np.angle(w)):.1f}")
    shown.button("Check").click()
    expect(root.get_by_text("You added the lengths; they are multiplied. You took one angle from")).to_be_visible()
    length.fill(f"{abs(x * w):.2f}")
    angle.fill(f"{np.degrees(np.angle(x * w)):.0f}°")
    angle.press("Enter")
    k = root.get_by_role("textbox", name="k", exact=True)
    k.fill("7")
    k.press("Enter")
    expect(root.get_by_text("sums still win")).to_be_visible()
    shown.button("Skip").click()
    expect(shown.plot("Result")).to_be_visible()
    answers = page.evaluate("state.answers")
    kinds = [(a["question"], a["correct"], a["skipped"]) for a in answers]
    assert kinds == [
        ("wrapped", False, False), ("wrapped", True, False), *[("length", False, False)] * 4, ("length", True, False),
        ("product", False, False), ("product", True, False), ("crossover", False, False), ("crossover", False, True),
    ]  # fmt: skip
    assert answers[1]["answer"] == answers[1]["expected"] == [0, 1, 2, 3]
    assert answers[-1]["expected"] == 9


# Costs ----------------------------------------------------------------------------------------------------------------
def test_costs_are_counted_and_measured_points_drawn(lone):
    shown = lone(ConvolutionTheorem(view="costs", measurements=MEASURED))
    counts, times = shown.plot("Multiplications"), shown.plot("Measured")
    told = shown.root.locator(".sg-told")
    expect(told).to_contain_text("12.5 million multiplications by sums, 14.7 million by transforms")
    expect(told).to_contain_text("Transforms win from 9 × 9 on.")
    expect(told).to_contain_text("transforms are faster from 9 × 9 on, and sums still at 7 × 7")
    expect(times.locator(".fft.mark")).to_have_count(len(POINTS))
    counts.focus()
    shown.press("ArrowRight")
    expect(told).to_contain_text("With kernels of 9 × 9: 20.6 million multiplications")
    field = shown.root.get_by_role("textbox", name="batch S", exact=True)
    for name, value in (("batch S", 128), ("channels f", 96), ("filters f′", 256)):
        field = shown.root.get_by_role("textbox", name=name, exact=True)
        field.fill(str(value))
        field.press("Enter")
    expect(told).to_contain_text("Transforms win from 3 × 3 on.")
    expect(told).to_contain_text("69,632 transforms serve 3,145,728 pairs of planes")
    expect(told).to_contain_text("It was measured for n = 512, S = 1, f = 1, f′ = 1.")


def test_without_a_kernel_it_says_what_is_needed(lone):
    shown = lone(ConvolutionTheorem(view="costs"))
    expect(shown.root.get_by_text("Not measured yet")).to_be_visible()
    shown.page.clock.install()
    shown.button("Measure here").click()
    expect(shown.root.get_by_text("Measuring on the kernel's machine …")).to_be_visible()
    shown.page.clock.run_for(16_000)
    expect(shown.root.get_by_text("Only measuring needs it.")).to_be_visible()


# In JupyterLab --------------------------------------------------------------------------------------------------------
def test_python_and_the_page_keep_in_step(theorem):
    page, shown = theorem("theorem.ipynb", "position=22")
    page.evaluate("setattr(w, 'padded', True)")
    expect(shown.said).to_contain_text("all 16 samples are the direct sums")
    shown.plot("Signal").focus()
    shown.press("ArrowUp")
    page.page.wait_for_timeout(400)
    signal = ast.literal_eval(page.evaluate("w.signal"))
    assert signal[0] > SIGNAL[0]
    found = json.loads(page.evaluate("__import__('json').dumps(w.document())")[1:-1])
    np.testing.assert_allclose(found["direct"], np.convolve(signal, KERNEL))
    page.evaluate("setattr(w, 'view', 'costs')")
    page.evaluate("setattr(w, 'image', 64)")
    shown.button("Measure here").click()
    expect(shown.plot("Measured").locator(".direct.mark")).to_have_count(8)
    assert len(ast.literal_eval(page.evaluate("w.measurements"))["points"]) == 8
    assert alone.findings(page.page) == []
    assert page.foreign_requests() == []
    assert page.errors == []


def test_it_works_while_the_kernel_is_busy(notebook):
    busy = "import time\nfor _ in range(300):\n    time.sleep(0.1)"
    page = notebook(
        "busy_theorem.ipynb", [IMPORT, "w = ConvolutionTheorem(position=22)\nw", busy], theme="dark", run=False
    )
    page.run_cell(0)
    page.run_cell(1)
    shown = Theorem(page.page)
    shown.said.wait_for()
    page.page.evaluate("() => { window.jupyterapp.shell.currentWidget.content.activeCellIndex = 2; }")
    page.start("notebook:run-cell")
    shown.plot("Signal").focus()
    shown.press("End")
    shown.press("ArrowDown")
    field = shown.root.get_by_role("textbox", name="x, value of the chosen sample")
    value = number(field.input_value())
    assert value < SIGNAL[-1]
    tail = np.convolve([*SIGNAL[:-1], value], KERNEL)[12:]
    expect(shown.said).to_contain_text(f"wrong, by {tail[0]:.4g}".replace("-", "−"))
    shown.button("Padded").click()
    expect(shown.said).to_contain_text("to rounding")
    assert alone.findings(page.page) == []
    page.command("notebook:interrupt-kernel")


DRAG = """async ({ moves, x, y }) => {
  const picture = document.querySelector('.sg-x svg');
  const at = i => ({ pointerId: 1, clientX: x, clientY: y + 25 * Math.sin(i / 3), bubbles: true, button: 0 });
  picture.setPointerCapture = () => {};
  picture.dispatchEvent(new PointerEvent('pointerdown', at(0)));
  for (let i = 0; i < moves; i++) {
    picture.dispatchEvent(new PointerEvent('pointermove', at(i)));
    await new Promise(requestAnimationFrame);
  }
  picture.dispatchEvent(new PointerEvent('pointerup', at(0)));
}"""

PRESS = """async ({ keys, moves }) => {
  for (let i = 0; i < moves; i++) {
    const key = keys[i % keys.length];
    document.activeElement.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }));
    await new Promise(done => requestAnimationFrame(() => setTimeout(done)));
  }
}"""


def test_dragging_is_smooth_and_keys_are_answered_at_once(lone):
    """With the longest signals that are shown: the processor's time for a frame, whatever else the machine does."""
    rng = np.random.default_rng(0)
    w = ConvolutionTheorem(rng.normal(size=48).round(2), rng.normal(size=17).round(2), padded=True, position=95)
    shown = lone(w)
    client = shown.page.context.new_cdp_session(shown.page)
    client.send("Performance.enable", {"timeDomain": "threadTicks"})

    def cost(script, **options):
        """Milliseconds of the page's thread for one move, with style, layout and paint; the best of three runs."""

        def spent():
            found = {m["name"]: m["value"] for m in client.send("Performance.getMetrics")["metrics"]}
            return found["TaskDuration"]

        runs = []
        for _ in range(3):
            before = spent()
            shown.page.evaluate(script, {"moves": 40, **options})
            runs.append(1000 * (spent() - before) / 40)
        return min(runs)

    x, y = shown.place("Signal", 20, 64)
    drag = cost(DRAG, x=x, y=y)
    shown.plot("Signal").focus()
    sample = cost(PRESS, keys=["ArrowUp", "ArrowDown"])
    shown.root.get_by_role("slider", name="Step", exact=True).focus()
    step = cost(PRESS, keys=["ArrowLeft", "ArrowRight"])
    print(f"thread: {drag:.1f} ms a frame dragged, {sample:.1f} ms for a key in a plot, {step:.1f} ms for a step")
    assert drag <= 16
    assert max(sample, step) <= 25  # a hundred at a quarter of the speed


# For everyone ---------------------------------------------------------------------------------------------------------
STATES = {
    "start": {},
    "compared": {"position": 22},
    "multiplied": {"position": 11, "frequency": 2},
    "costs": {"view": "costs", "measurements": MEASURED},
    "predict": {"predict": True},
}


AS = """async state => {
  Object.assign(window.state, state);
  const here = document.getElementById('here');
  here.replaceChildren();
  window.draw(here);
  for (let i = 0; i < 3; i++) await new Promise(requestAnimationFrame);
}"""


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1366])
def test_accessible_on_a_page_of_its_own(lone, theme, width):
    shown = lone(theme=theme, width=width)
    plain = shown.page.evaluate("({ ...state })")
    for name, state in STATES.items():
        shown.page.evaluate(AS, {**plain, **state})
        assert alone.findings(shown.page) == [], name
        assert alone.overflow(shown.page) == 0, name
        assert alone.small_targets(shown.page) == [], name


def test_pictures_are_saved(lone):
    shown = lone(ConvolutionTheorem(position=22))
    for view, least in (("steps", 20), ("costs", 5)):
        if view == "costs":
            shown.button("Cost").click()
        shown.button("Export").click()
        for button, ending in (("View as SVG", "svg"), ("View as PNG", "png")):
            with shown.page.expect_download() as saved:
                shown.root.get_by_role("button", name=button).click()
            assert saved.value.suggested_filename == f"convolution-theorem-{view}.{ending}"
            content = Path(saved.value.path()).read_bytes()
            if ending == "svg":
                assert content.count(b"<path") > least
                assert b"var(--" not in content
            else:
                assert len(content) > 10_000


def test_drawing_again_and_again_leaves_nothing(lone):
    shown = lone(ConvolutionTheorem(position=11, playing=True, speed=20.0))
    left = alone.kept(shown.page, 40)
    assert left["nodes"] < 500
    assert left["listeners"] < 50
    assert left["bytes"] < 2e6
