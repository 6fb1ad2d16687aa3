"""ADStepper in JupyterLab: what a student does with keys, mouse and text, and what Python gets of it."""

import ast
import json
import math

import nbformat
import pytest
from playwright.sync_api import expect

LECTURE = "from stepgrad.widgets import ADStepper\nw = ADStepper('x1*x2 + sin(x1)', 2, 3{options})\nw"
EXACT = 2.5838531634528574


def cells(options=""):
    return [LECTURE.format(options=options)]


@pytest.mark.parametrize(("seed", "derivative", "shown"), [((1, 0), EXACT, "2.584"), ((0, 1), 2.0, "2")])
def test_forward_mode_to_the_end_by_keyboard(notebook, seed, derivative, shown):
    page = notebook(f"forward{seed[0]}.ipynb", cells(f", mode='forward', seed={seed}"))
    stepper = page.stepper.ready()
    stepper.focus()
    for step in range(1, 4):
        stepper.press("ArrowRight")
        expect(stepper.root.get_by_text(f"step {step} of 3").first).to_be_visible()
    assert float(stepper.results()[shown]) == derivative
    assert ast.literal_eval(page.evaluate("w.position")) == 3
    assert ast.literal_eval(page.evaluate("w.result['derivative']")) == derivative


def test_reverse_mode_gives_both_from_one_sweep(notebook):
    page = notebook("reverse.ipynb", cells())
    stepper = page.stepper.ready()
    stepper.focus()
    stepper.press("ArrowRight", 7)
    expect(stepper.node("x₁,")).to_contain_text("3")
    expect(stepper.node("x₂,")).to_contain_text("–")  # not yet computed, and not shown as 0
    stepper.press("End")
    expect(stepper.root.get_by_text("step 9 of 9").first).to_be_visible()
    expect(stepper.node("x₁,")).to_contain_text("3 − 0.416")
    results = stepper.results()
    assert float(results["2.584"]) == EXACT
    assert float(results["2"]) == 2.0
    gradient = ast.literal_eval(page.evaluate("w.result['gradient']"))
    assert gradient == {"x1": EXACT, "x2": 2.0}
    document = json.loads(ast.literal_eval(page.evaluate("__import__('json').dumps(w.document())")))
    last = [s for s in document["sweeps"][0]["steps"] if s["node"] == "x1" and s["phase"] == "adjoint"][-1]
    assert last["contributions"] == [3.0, math.cos(2)]


def test_keys_space_home_and_arrows(notebook):
    stepper = notebook("keys.ipynb", cells(", speed=20")).stepper.ready()
    stepper.focus()
    stepper.press("End")
    stepper.press("ArrowLeft")
    expect(stepper.root.get_by_text("step 8 of 9").first).to_be_visible()
    stepper.press("Home")
    expect(stepper.root.get_by_text("step 0 of 9").first).to_be_visible()
    stepper.press("Space")
    expect(stepper.root.get_by_text("step 9 of 9").first).to_be_visible()


def test_seed_is_chosen_by_clicking_an_input(notebook):
    page = notebook("seed.ipynb", cells(", mode='forward'"))
    stepper = page.stepper.ready()
    stepper.node("x₂,").click()
    stepper.focus()
    stepper.press("End")
    assert float(stepper.results()["2"]) == 2.0
    page.page.wait_for_timeout(400)
    assert ast.literal_eval(page.evaluate("w.seed")) == [0.0, 1.0]


def test_compare_shows_tangents_beside_adjoints(notebook):
    stepper = notebook("compare.ipynb", cells(", mode='compare'")).stepper.ready()
    stepper.focus()
    stepper.press("End")
    box = stepper.node("x₁,")
    for text in ("ẋ₁", "x̄₁", "3 − 0.416"):
        expect(box).to_contain_text(text)
    assert {float(v) for v in stepper.results().values()} >= {EXACT, 2.0}


def test_slider_moves_the_numbers_while_the_kernel_is_busy(notebook):
    busy = "import time\nfor _ in range(300):\n    time.sleep(0.1)"
    page = notebook("busy.ipynb", [*cells(), busy], run=False)
    page.run_cell(0)
    stepper = page.stepper.ready()
    stepper.focus()
    stepper.press("End")
    page.page.evaluate("() => { window.jupyterapp.shell.currentWidget.content.activeCellIndex = 1; }")
    page.start("notebook:run-cell")
    # Not the kernel's status: that is "idle" after a widget's message, which it answers beside a running cell.
    state = "() => window.jupyterapp.shell.currentWidget.content.widgets[1].model.executionState"
    page.page.wait_for_function(f"() => ({state})() === 'running'")
    exact = stepper.root.get_by_role("textbox", name="x₁, exact")
    exact.fill("1")
    exact.press("Enter")
    expect(stepper.node("w₂,")).to_contain_text("3")
    assert math.isclose(float(stepper.results()["3.54"]), 3 + math.cos(1), rel_tol=1e-15)
    slider = stepper.root.get_by_role("slider", name="x₂", exact=True)
    slider.focus()
    slider.press("ArrowRight")
    assert "3.54" not in stepper.results()
    assert page.page.evaluate(state) == "running"
    page.command("notebook:interrupt-kernel")
    page.page.wait_for_function(f"() => ({state})() !== 'running'")
    inputs = ast.literal_eval(page.evaluate("w.inputs"))
    assert inputs[0] == 1.0
    assert inputs[1] > 3.0


def test_seed_of_reverse_mode_has_a_field(notebook):
    page = notebook("adjoint_seed.ipynb", cells(", position=9"))
    stepper = page.stepper.ready()
    field = stepper.root.get_by_role("textbox", name="f̄, seed")
    field.fill("2")
    field.press("Enter")
    expect(stepper.node("f,")).to_contain_text("2")
    assert float(stepper.results()["5.168"]) == 2 * EXACT
    assert ast.literal_eval(page.evaluate("w.result['gradient']['x1']")) == 2 * EXACT
    stepper.mode("Forward")
    expect(field).to_be_hidden()


def test_table_as_text_is_what_python_gives(notebook):
    page = notebook("text.ipynb", cells(", mode='compare'"))
    root = page.stepper.ready().root
    root.get_by_role("button", name="Export").click()
    root.get_by_role("button", name="Table as text").click()
    shown = root.get_by_role("textbox", name="Text to copy").input_value()
    assert shown == ast.literal_eval(page.evaluate("w.text()"))


def test_what_is_exported_is_named_and_confirmed(notebook):
    page = notebook("export.ipynb", cells(", position=5"), permissions=["clipboard-read", "clipboard-write"])
    root = page.stepper.ready().root
    root.get_by_role("button", name="Export").click()
    root.get_by_role("button", name="This step as LaTeX").click()
    expect(root.get_by_role("status").filter(has_text="Copied")).to_be_visible()
    assert "\\bar{w}" in page.page.evaluate("() => navigator.clipboard.readText()")
    for button, ending in (("Graph as SVG", "svg"), ("Graph as PNG", "png")):
        with page.page.expect_download() as saved:
            root.get_by_role("button", name=button).click()
        assert saved.value.suggested_filename == f"ad-stepper-reverse-step-5.{ending}"


@pytest.mark.parametrize("mode", ["forward", "reverse", "compare"])
def test_the_lecture_function_fits_on_a_small_screen(notebook, mode):
    page = notebook(f"fits_{mode}.ipynb", cells(f", mode='{mode}'"), height=768)
    stepper = page.stepper.ready()
    stepper.focus()
    stepper.press("End")
    assert stepper.root.bounding_box()["height"] <= 690
    for slider in stepper.root.get_by_role("slider").all():
        assert slider.bounding_box()["width"] >= 90


@pytest.mark.parametrize(
    "expression",
    [
        "sin(cos(exp(x1*x2)/x3))*tanh(x1 + x2*x3) - log(x2*x2 + 1)*sqrt(x3)",
        "+".join(f"x{i}*sin(x{i})" for i in range(12)),
    ],
    ids=["deep", "wide"],
)
def test_graph_rule_and_player_are_seen_together_on_a_projector(notebook, expression):
    page = notebook(
        "projector.ipynb", [f"from stepgrad.widgets import ADStepper\nADStepper({expression!r})"], height=768
    )
    root = page.stepper.ready().root
    player, graph = root.get_by_role("group", name="Player"), root.get_by_role("group", name="Computation graph")
    expect(player.get_by_text("step 0 of")).to_be_visible()
    box, seen = root.bounding_box(), page.page.locator(".jp-WindowedPanel-outer").bounding_box()
    end = player.bounding_box()
    assert end["y"] + end["height"] - box["y"] <= seen["height"]
    assert graph.bounding_box()["y"] < end["y"] < root.get_by_role("table").bounding_box()["y"]
    whole, zoom = graph.bounding_box(), root.get_by_role("group", name="Zoom").bounding_box()
    for node in root.locator(".sg-card rect").all():
        card = node.bounding_box()
        assert whole["x"] <= card["x"] <= whole["x"] + whole["width"] - card["width"]
        assert whole["y"] <= card["y"] <= zoom["y"] - card["height"]


def test_a_telephone_shows_graph_rule_and_player_whole(notebook):
    root = notebook("telephone.ipynb", cells(", position=8"), width=390, height=844).stepper.ready().root
    stage = root.get_by_role("group", name="Computation graph")
    whole = stage.bounding_box()
    for node in root.locator(".sg-card rect").all():
        card = node.bounding_box()
        assert whole["x"] <= card["x"] <= whole["x"] + whole["width"] - card["width"]
    rule = root.locator(".sg-rule div:visible")
    expect(rule).to_have_count(1)
    assert rule.evaluate("box => box.scrollWidth - box.clientWidth") <= 1
    step, speed = root.get_by_role("slider", name="Step").bounding_box(), root.get_by_role("combobox").bounding_box()
    assert speed["y"] < step["y"] + step["height"]  # on one line


def test_indices_can_be_read_from_afar(notebook):
    root = notebook("indices.ipynb", cells(", position=7")).stepper.ready().root
    sizes = root.evaluate(
        """root => { const size = element => parseFloat(getComputedStyle(element).fontSize);
             const indices = [...root.querySelectorAll(':is(.sg-rule, .sg-result) msub > :last-child')];
             return indices.map(index => size(index) / size(index.closest('div'))); }"""
    )
    assert len(sizes) > 5
    assert min(sizes) >= 0.75


def test_wrong_expression_says_what_and_keeps_the_graph(notebook):
    page = notebook("wrong.ipynb", cells())
    stepper = page.stepper.ready()
    box = stepper.root.get_by_role("textbox", name="Expression of f")
    box.fill("x1*x2 + sine(x1)")
    box.press("Enter")
    expect(stepper.root.get_by_text("Did you mean sin?").first).to_be_visible()
    expect(stepper.node("w₂,")).to_be_visible()
    assert ast.literal_eval(page.evaluate("w.expression")) == "x1*x2 + sin(x1)"
    box.fill("exp(x1) / y")
    box.press("Enter")
    expect(stepper.node("y,")).to_be_visible()
    expect(stepper.root.get_by_text("Did you mean sin?")).to_have_count(0)
    assert ast.literal_eval(page.evaluate("(w.expression, w.inputs)")) == ("exp(x1) / y", [2.0, 1.0])


def test_text_that_is_too_long_is_refused_whole(notebook):
    page = notebook("long.ipynb", cells())
    stepper = page.stepper.ready()
    box = stepper.root.get_by_role("textbox", name="Expression of f")
    text = " + ".join(["x1"] * 600)
    box.fill(text)
    box.press("Enter")
    expect(stepper.root.get_by_text("The expression is too long")).to_be_visible()
    expect(box).to_have_value(text)
    expect(stepper.node("w₂,")).to_be_visible()


def test_a_kernel_that_was_restarted_is_said_not_to_answer(notebook):
    page = notebook("restarted.ipynb", cells())
    stepper = page.stepper.ready()
    page.restart_kernel()
    box = stepper.root.get_by_role("textbox", name="Expression of f")
    box.fill("exp(x1) / y")
    box.press("Enter")
    expect(stepper.root.get_by_text("The kernel does not answer")).to_be_visible(timeout=10_000)
    expect(stepper.root.get_by_text("run again")).to_be_visible()
    exact = stepper.root.get_by_role("textbox", name="x₁, exact")
    exact.fill("1")
    exact.press("Enter")
    expect(stepper.node("w₂,")).to_be_visible()
    stepper.focus()
    stepper.press("End")
    assert "3.54" in stepper.results()
    assert page.errors == []
    page.run_all()
    expect(page.stepper.ready().root.get_by_text("step 0 of 9").first).to_be_visible()


def test_another_branch_is_traced_anew(notebook):
    code = (
        "import numpy as np\nfrom stepgrad.widgets import ADStepper\n"
        "def f(x):\n    if x > 0:\n        return np.sqrt(x)\n    return x * x * x\n"
        "w = ADStepper(f, 4.0)\nw"
    )
    page = notebook("branch.ipynb", [code])
    stepper = page.stepper.ready()
    expect(stepper.root.get_by_text("return np.sqrt(x)").first).to_be_visible()
    exact = stepper.root.get_by_role("textbox", name="x, exact")
    exact.fill("-2")
    exact.press("Enter")
    stepper.focus()
    expect(stepper.node("w₁,")).to_be_visible()
    stepper.press("End")
    assert float(stepper.results()["12"]) == 12.0


def test_predictions_are_judged_and_kept(notebook):
    page = notebook("predict.ipynb", cells(", predict=True, position=6"))
    stepper = page.stepper.ready()
    field = stepper.root.get_by_role("textbox", name="What will")
    field.fill("2")
    stepper.root.get_by_role("button", name="Check").click()
    expect(stepper.root.get_by_text("the other factor").first).to_be_visible()
    field.fill("3")
    stepper.root.get_by_role("button", name="Check").click()
    expect(stepper.root.get_by_text("step 7 of 9").first).to_be_visible()
    stepper.root.get_by_role("button", name="Skip").click()
    page.page.wait_for_timeout(400)
    answers = ast.literal_eval(page.evaluate("w.answers"))
    assert [a["correct"] for a in answers] == [False, True, False]
    assert [a["skipped"] for a in answers] == [False, False, True]
    assert answers[0]["expected"] == 3.0


def test_predictions_by_keyboard_alone(notebook):
    page = notebook("predict_keys.ipynb", cells(", predict=True, position=6"))
    stepper = page.stepper.ready()
    root = stepper.root
    field = root.get_by_role("textbox", name="What will")
    stepper.focus()
    stepper.press("End")
    expect(field).to_be_focused()
    expect(root.get_by_text("DISTRIBUTOR", exact=True)).to_be_visible()  # what it does has been answered
    expect(root.get_by_text("SWITCHER", exact=True)).to_have_count(0)
    for answer in ("3", "2", "2.584"):
        field.fill(answer)
        stepper.press("Enter")
    expect(root.get_by_text("step 9 of 9").first).to_be_visible()
    expect(root.get_by_role("button", name="Next step")).to_be_focused()
    stepper.press("ArrowLeft")
    expect(root.get_by_text("step 8 of 9").first).to_be_visible()
    root.get_by_role("button", name="Forward", exact=True).click()
    expect(root.get_by_text("step 0 of 3").first).to_be_visible()


def test_python_drives_the_widget_and_two_views_agree(notebook):
    page = notebook("drive.ipynb", [*cells(), "w"])
    views = page.page.locator(".stepgrad")
    expect(views).to_have_count(2)
    page.evaluate("[setattr(w, 'mode', 'forward'), setattr(w, 'position', 2), setattr(w, 'inputs', [1.0, 4.0])]")
    for i in range(2):
        expect(views.nth(i).get_by_text("step 2 of 3").first).to_be_visible()
        expect(views.nth(i).locator('svg [aria-label^="x₂,"]')).to_contain_text("4")


def test_arrays_show_shape_and_values(notebook):
    code = (
        "import numpy as np\nfrom stepgrad.widgets import ADStepper\n"
        "W, x = np.arange(6.).reshape(2, 3) / 10, np.array([1., 2, 3])\n"
        "w = ADStepper(lambda W, x: np.sum(np.tanh(W @ x) ** 2), W, x)\nw"
    )
    page = notebook("arrays.ipynb", [code])
    stepper = page.stepper.ready()
    stepper.focus()
    stepper.press("End")
    box = stepper.node("W,")
    expect(box).to_contain_text("(2, 3)")
    assert any(text.endswith(", …] (2, 3)") for text in stepper.results())
    box.hover()
    values = page.page.get_by_role("tooltip").first
    expect(values).to_contain_text("0.5")
    expect(values).to_contain_text("W̄  (2, 3)")


def test_saved_closed_and_reopened(notebook, lab):
    page = notebook("saved.ipynb", cells())
    stepper = page.stepper.ready()
    stepper.focus()
    stepper.press("ArrowRight", 5)
    page.page.wait_for_timeout(400)
    page.command("docmanager:save")
    saved = nbformat.read(lab.folder / "saved.ipynb", as_version=4)
    data = saved.cells[0].outputs[0].data
    assert {"application/vnd.jupyter.widget-view+json", "image/png", "text/plain"} <= data.keys()
    assert "x̄₁ += w̄₁·cos x₁" in data["text/plain"]
    assert "widgets" not in saved.metadata
    assert (lab.folder / "saved.ipynb").stat().st_size < 200_000
    page.command("application:close")
    page.open("saved.ipynb")
    stepper = page.stepper.ready()  # the kernel still runs: the widget comes back as it was
    expect(stepper.root.get_by_text("step 5 of 9").first).to_be_visible()
    page.run_all()
    expect(page.stepper.ready().root.get_by_text("step 0 of 9").first).to_be_visible()


def test_sits_inside_other_widgets_and_links(notebook):
    code = (
        "import ipywidgets as wd\nfrom stepgrad.widgets import ADStepper\n"
        "w = ADStepper('x*x', 3)\ns = wd.IntSlider(max=5)\nwd.jslink((s, 'value'), (w, 'position'))\n"
        "wd.Tab([wd.VBox([s, w]), wd.Label('other')])"
    )
    page = notebook("inside.ipynb", [code])
    stepper = page.stepper.ready()
    page.evaluate("setattr(s, 'value', 2)")
    expect(stepper.root.get_by_text("step 2 of 4").first).to_be_visible()
