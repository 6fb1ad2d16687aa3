"""GraphExplorer: what a student does by mouse, finger and keys, against what Python says of the same graph."""

import ast
import re
from itertools import permutations

import alone
import pytest
from playwright.sync_api import expect

from stepgrad.widgets import GraphExplorer

IMPORT = "from stepgrad.widgets import GraphExplorer"
LECTURE = ("x1*x2 + sin(x1)", 2, 3)
DIAMOND = [("a", "b"), ("a", "c"), ("b", "d"), ("c", "d")]


class Explorer:
    """A GraphExplorer as a user sees it."""

    def __init__(self, page) -> None:
        self.page = page
        self.root = page.locator(".stepgrad.sg-explorer").first
        self.notice = self.root.locator("p[role=status].sg-say").first
        self.said = self.root.locator(".sg-read p").first

    def button(self, name: str):
        return self.root.get_by_role("button", name=name, exact=True)

    def node(self, label: str):
        return self.root.locator(f".sg-dag [data-node='{label}']")

    def chip(self, label: str):
        return self.root.locator(f".sg-orderline [data-node='{label}']")

    def centre(self, thing) -> tuple[float, float]:
        box = thing.locator("circle").first.bounding_box()
        return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2

    def drag(self, start, end) -> None:
        self.page.mouse.move(*start)
        self.page.mouse.down()
        self.page.mouse.move((start[0] + end[0]) / 2, (start[1] + end[1]) / 2, steps=3)
        self.page.mouse.move(*end, steps=3)

    def join(self, source: str, target: str, drop: bool = True) -> None:
        """Draw an edge from the dot at a node's right."""
        x, y = self.centre(self.node(source))
        width = self.node(source).locator("circle").first.bounding_box()["width"]
        self.drag((x + width / 2, y), self.centre(self.node(target)))
        if drop:
            self.page.mouse.up()

    def state(self, name: str):
        return self.page.evaluate("name => window.state[name]", name)

    def edges(self) -> set[str]:
        return {f"{a}>{node['label']}" for node in self.state("nodes") for a in node["arguments"] if isinstance(a, str)}

    def drawn(self) -> set[str]:
        return set(self.root.locator(".sg-dag [data-edge]").evaluate_all("all => all.map(e => e.dataset.edge)"))


@pytest.fixture
def open_page(chrome):
    pages = []

    def opener(*arguments, theme="light", width=1000, options=None, **traits):
        page = alone.open_alone(chrome, GraphExplorer(*arguments, **traits), theme, width, **(options or {}))
        errors: list[str] = []
        page.on("pageerror", lambda error: errors.append(str(error)))
        pages.append((page, errors))
        return Explorer(page)

    yield opener
    for page, errors in pages:
        page.context.close()
        assert errors == []


def test_a_graph_is_built_by_mouse_and_a_cycle_is_refused_as_it_is_drawn(open_page):
    shown = open_page(edges=DIAMOND, mode="build")
    shown.button("Add node").click()
    expect(shown.notice).to_contain_text("v₁ was added and is in hand")
    shown.join("d", "v1")
    expect(shown.notice).to_contain_text("v₁ now reads d")
    assert shown.edges() == shown.drawn() == {"a>b", "a>c", "b>d", "c>d", "d>v1"}
    shown.join("v1", "a", drop=False)  # still held: it is refused the moment it is drawn
    expect(shown.notice).to_contain_text("The edge v₁ → a would close the cycle a → b → d → v₁ → a")
    lit = shown.root.locator(".sg-dag .sg-link.cyc")
    assert set(lit.evaluate_all("all => all.map(e => e.dataset.edge)")) == {"a>b", "b>d", "d>v1"}
    shown.page.mouse.up()
    assert "v1>a" not in shown.edges()
    expect(shown.notice).to_contain_text("It was not added.")
    shown.join("b", "b", drop=False)
    expect(shown.root.locator(".sg-facts")).to_contain_text(
        "Without its arrows it has one, c – a – b – d – c, and that is"
    )
    shown.page.mouse.up()
    shown.button("Show the cycle").click()
    assert lit.count() == 0
    assert shown.root.locator(".sg-dag .sg-link.ring").count() == 4
    before = shown.centre(shown.node("c"))
    shown.drag(before, (before[0] + 60, before[1] + 20))
    shown.page.mouse.up()
    after = shown.centre(shown.node("c"))
    assert abs(after[0] - before[0]) > 20
    for _ in range(2):
        shown.button("Undo").click()
    expect(shown.node("v1")).to_have_count(0)
    assert shown.edges() == {"a>b", "a>c", "b>d", "c>d"}


def test_a_graph_is_built_by_keyboard_alone_and_computes(open_page):
    shown = open_page(nodes=[{"label": "x", "operation": "input", "value": 3}], mode="build")
    page = shown.page
    shown.button("Add node").focus()
    page.keyboard.press("Enter")
    name = shown.root.get_by_label("Name of the node")
    name.fill("y")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    shown.root.get_by_label("What the node does").select_option("multiply")
    other = shown.root.get_by_label("The other node")
    other.select_option("x")
    for _ in range(2):
        shown.button("Read it").focus()
        page.keyboard.press("Enter")
    expect(shown.root.locator(".sg-reads button")).to_have_count(2)
    shown.button("Send to it").focus()
    page.keyboard.press("Enter")
    expect(shown.notice).to_contain_text("The edge y → x would close the cycle x → y → x")
    name.fill("2y")
    page.keyboard.press("Enter")
    expect(shown.notice).to_contain_text("A name is a letter followed by")
    assert [(n["label"], n["operation"], n["arguments"]) for n in shown.state("nodes")] == [
        ("x", "input", []), ("y", "multiply", ["x", "x"]),
    ]  # fmt: skip
    shown.node("x").focus()
    page.keyboard.press("Enter")
    value = shown.root.get_by_label("Value of the input")
    value.fill("1e999")
    page.keyboard.press("Enter")
    expect(shown.notice).to_contain_text("too large")
    value.fill("-4")
    page.keyboard.press("Enter")
    place = shown.state("nodes")[0]["y"]
    shown.node("x").focus()
    page.keyboard.press("Shift+ArrowDown")
    page.keyboard.press("Shift+ArrowDown")
    assert shown.state("nodes")[0]["y"] != place or shown.state("nodes")[1]["y"] != place
    shown.button("Run").click()
    shown.root.locator(".sg-player input").focus()
    page.keyboard.press("End")
    expect(shown.said).to_have_text("Back, place 1: y has sent what belongs to it, so x̄ = −8 is complete.")
    assert shown.root.locator(".sg-dag .adjoint").all_text_contents() == ["−8", "1"]


def test_nodes_are_put_in_order_by_mouse_and_by_keys(open_page):
    shown = open_page(*LECTURE, order=["x1", "w2", "x2", "w1", "f"])
    expect(shown.said).to_have_text("1 of 5 edges points backward: x₂ → w₂. w₂ reads x₂, which comes later.")
    assert shown.root.locator(".sg-dag .sg-link.backward").evaluate_all("all => all.map(e => e.dataset.edge)") == [
        "x2>w2"
    ]
    x, y = shown.centre(shown.chip("x2"))
    step = x - shown.centre(shown.chip("w2"))[0]
    shown.drag((x, y), (x - step, y))
    shown.page.mouse.up()
    expect(shown.said).to_have_text("All 5 edges point forward: this order σ is topological, one of 5.")
    assert shown.state("order") == ["x1", "x2", "w2", "w1", "f"]
    shown.chip("f").focus()
    shown.page.keyboard.press("Home")
    expect(shown.said).to_contain_text("2 of 5 edges point backward: w₂ → f and w₁ → f.")
    shown.page.keyboard.press("ArrowRight")
    assert shown.state("order")[1] == "f"
    shown.page.keyboard.press("Enter")  # in hand: the buttons move it
    shown.button("Later").click()
    assert shown.state("order")[2] == "f"
    shown.button("Run").click()
    shown.root.locator(".sg-player input").focus()
    shown.page.keyboard.press("End")
    expect(shown.said).to_contain_text("Here it stops: f reads w₂ and w₁, which come later in this order.")


def test_counts_of_orders_are_those_of_trying_all(open_page):
    shown = open_page(edges=[("a", "b"), ("c", "d")])
    found = sum(o.index("a") < o.index("b") and o.index("c") < o.index("d") for o in permutations("abcd"))
    expect(shown.root.locator(".sg-counted")).to_have_text(f"Topological orders of this graph: {found}.")
    shown.root.get_by_role("combobox", name="Graph").select_option("two layers")
    expect(shown.root.locator(".sg-counted")).to_have_text("Topological orders of this graph: 36.")  # 3!·3!
    shown.root.get_by_role("combobox", name="Graph").select_option("empty")
    expect(shown.root.locator(".sg-facts")).to_contain_text("An empty graph: add a node.")


def test_both_algorithms_and_a_run_forward_and_back(open_page):
    widget = GraphExplorer(*LECTURE)
    truth = widget.document()
    shown = open_page(*LECTURE, mode="algorithms")
    columns = shown.root.locator(".sg-algorithms section")
    lit = columns.nth(0).locator(".sg-codeline.now")
    for position, (one, other) in enumerate(zip(truth["kahn"], truth["depth_first"], strict=True)):
        for column, name, step in ((0, "ready", one["ready"]), (1, "visiting", other["stack"])):
            chips = columns.nth(column).locator("dd").nth(1)
            assert chips.inner_text().split() == ([alone_label(v) for v in step] or ["–"]), (position, name)
        shown.page.keyboard.press("ArrowRight") if position else shown.button("Next step").click()
        shown.page.wait_for_timeout(30)
    assert lit.count() > 0
    shown.root.get_by_role("button", name="Use the order of the depth-first algorithm").click()
    expect(shown.said).to_contain_text("this order σ is topological")
    assert shown.state("order") == truth["depth_first"][-1]["order"]
    shown.button("Run").click()
    shown.root.locator(".sg-player input").focus()
    for _ in range(10):
        shown.page.keyboard.press("ArrowRight")
    expect(shown.root.locator(".sg-count")).to_have_text("step 10 of 10")
    adjoints = shown.root.locator(".sg-dag .adjoint").all_text_contents()
    assert [float(text.replace("−", "-")) for text in adjoints] == pytest.approx(
        list(truth["adjoints"].values()), abs=5e-4
    )


def alone_label(label: str) -> str:
    return re.sub(r"\d", lambda digit: "₀₁₂₃₄₅₆₇₈₉"[int(digit[0])], label)


def test_predict_then_see(open_page):
    shown = open_page(*LECTURE, predict=True)
    field = shown.root.locator(".sg-predict input")
    feedback = shown.root.locator(".sg-predict p")
    assert "5" not in shown.root.locator(".sg-counted").inner_text()
    assert "one of" not in shown.said.inner_text()
    for answer, told in (("120", "every order of 5 nodes"), ("1", "There is more than one"), ("4", "Too few")):
        field.fill(answer)
        shown.page.keyboard.press("Enter")
        expect(feedback).to_contain_text(told)
    field.fill("5")
    shown.page.keyboard.press("Enter")
    expect(feedback).to_contain_text("✓ Right. There are 5 topological orders.")
    expect(shown.root.locator(".sg-counted")).to_contain_text("5")
    shown.button("Algorithms").click()
    expect(shown.root.locator(".sg-algorithms section").first).to_contain_text("?")
    shown.button("Last step").click()
    expect(shown.root.locator(".sg-count")).to_have_text("step 0 of 10")  # a question stands in the way
    field.fill("2")
    shown.page.keyboard.press("Enter")
    expect(feedback).to_contain_text("✓ Right. Ready: x₁, x₂.")
    shown.button("Next step").click()
    shown.button("Next step").click()
    expect(shown.root.locator(".sg-count")).to_have_text("step 2 of 10")
    field.fill("2")
    shown.page.keyboard.press("Enter")
    answers = shown.state("answers")
    assert [a["question"] for a in answers].count("ready") == 2
    assert answers[-1]["correct"]


@pytest.mark.parametrize(("theme", "width"), [("light", 1366), ("dark", 1366), ("light", 390), ("dark", 320)])
def test_accessible_on_a_page_of_its_own(open_page, theme, width):
    shown = open_page("2*(x*y + max(z, w))", 3, -4, 2, -1, theme=theme, width=width, predict=theme == "dark")
    for mode in ("Build", "Order", "Algorithms", "Run"):
        shown.button(mode).click()
        if mode == "Build":
            shown.page.evaluate(
                "document.querySelector('.sg-dag [data-node]').dispatchEvent(new Event('focusin', {bubbles: true}))"
            )
            shown.node("x").focus()
            shown.page.keyboard.press("Enter")
        if mode == "Run":
            shown.root.locator(".sg-player input").focus()
            shown.page.keyboard.press("End")
        shown.page.wait_for_timeout(120)
        assert alone.findings(shown.page) == [], mode
        assert alone.overflow(shown.page) == 0, mode
        assert alone.small_targets(shown.page) == [], mode


def test_by_finger(open_page):
    shown = open_page(*LECTURE, width=390, options={"has_touch": True, "is_mobile": True})
    shown.chip("f").tap()
    expect(shown.button("Earlier")).not_to_have_attribute("aria-disabled", "true")
    shown.button("Earlier").tap()
    expect(shown.said).to_contain_text("points backward")
    shown.button("Later").tap()
    expect(shown.said).to_contain_text("is topological")
    shown.button("Build").tap()
    shown.node("w1").tap()
    expect(shown.root.get_by_label("Name of the node")).to_have_value("w1")


def test_drawing_again_and_again_leaves_nothing(open_page):
    shown = open_page(*LECTURE, mode="run", position=4, playing=True, speed=20.0)
    left = alone.kept(shown.page, 60)
    assert left["nodes"] < 500
    assert left["listeners"] < 60


def test_in_jupyterlab_with_python_and_while_the_kernel_is_busy(notebook):
    busy = "import time\nfor _ in range(300):\n    time.sleep(0.1)"
    call = "w = GraphExplorer('x1*x2 + sin(x1)', 2, 3)\nw"
    page = notebook("graphs.ipynb", [IMPORT, call, busy], run=False)
    page.run_cell(0)
    page.run_cell(1)
    shown = Explorer(page.page)
    expect(shown.root).to_be_visible()
    field = shown.root.get_by_label("Expression of f")
    field.fill("sin(x1")
    page.page.keyboard.press("Enter")
    expect(shown.root.get_by_role("alert")).to_contain_text("(")
    field.fill("exp(x1) * y")
    page.page.keyboard.press("Enter")
    expect(shown.node("y")).to_be_visible()
    expect(shown.root.get_by_role("alert")).to_be_hidden()
    assert ast.literal_eval(page.evaluate("w.order")) == ["x1", "y", "w1", "f"]
    page.page.evaluate("() => { window.jupyterapp.shell.currentWidget.content.activeCellIndex = 2; }")
    page.start("notebook:run-cell")
    shown.chip("f").focus()
    page.page.keyboard.press("Home")
    expect(shown.said).to_contain_text("2 of 3 edges point backward")
    shown.button("Algorithms").click()
    shown.button("Next step").click()
    expect(shown.root.locator(".sg-count")).to_have_text("step 1 of 8")
    shown.button("Build").click()
    shown.button("Add node").click()
    expect(shown.node("v1")).to_be_visible()
    page.command("notebook:interrupt-kernel")
    page.page.wait_for_timeout(800)
    assert ast.literal_eval(page.evaluate("[w.order, w.mode, len(w.nodes)]")) == [
        ["f", "x1", "y", "w1", "v1"],
        "build",
        5,
    ]
    page.evaluate("[setattr(w, 'mode', 'order'), setattr(w, 'order', ['v1', 'x1', 'y', 'w1', 'f'])]")
    expect(shown.said).to_contain_text("All 3 edges point forward")
    assert page.errors == []
