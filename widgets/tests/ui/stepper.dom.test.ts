import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import lecture from "../../../tests/golden/traces/lecture.json";
import { arrays, baydin, first, large } from "../../demo/documents";
import { fakeModel, stepperTraits } from "../../demo/fake_model";
import widget from "../../src/ad_stepper";
import type { Answer, TraceRequest, Traits } from "../../src/ad_stepper/traits";

let observers = 0;

beforeEach(() => {
  vi.useFakeTimers({
    toFake: ["setTimeout", "clearTimeout", "requestAnimationFrame", "cancelAnimationFrame", "performance"],
  });
  vi.stubGlobal(
    "ResizeObserver",
    class {
      observe() {
        observers++;
      }
      disconnect() {
        observers--;
      }
    },
  );
});

afterEach(() => {
  document.body.replaceChildren();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

function open(given: object = first, rest: Partial<Traits> = {}) {
  const model = fakeModel(stepperTraits(given, rest));
  const el = document.body.appendChild(document.createElement("div"));
  const close = widget.render({ model, el });
  const root = el.querySelector(".stepgrad") as HTMLElement;
  const frame = () => vi.advanceTimersByTime(20);
  const key = (name: string, target: Element = root) => {
    const event = new KeyboardEvent("keydown", { key: name, bubbles: true, cancelable: true });
    target.dispatchEvent(event);
    frame();
    return event;
  };
  const find = <E extends Element = HTMLElement>(selector: string) => root.querySelector(selector) as E;
  const press = (name: string) => {
    const all = [...root.querySelectorAll<HTMLElement>("button")];
    all.find((each) => each.textContent === name || each.getAttribute("aria-label") === name)?.click();
    frame();
  };
  const results = () => [...root.querySelectorAll("data")].map((each) => each.getAttribute("data-exact"));
  return { model, el, close, root, frame, key, find, press, results, state: model.get as <T>(name: string) => T };
}

const exact = String(3 + Math.cos(2));

describe("stepping", () => {
  it("reaches both derivatives from one reverse sweep, by keyboard", () => {
    const { key, results, find } = open();
    for (let i = 0; i < 9; i++) {
      expect(results().slice(1)).toEqual([null, null]);
      key("ArrowRight");
    }
    expect(results()).toEqual([String(6 + Math.sin(2)), exact, "2"]);
    expect(find(".sg-count").textContent).toBe("step 9 of 9");
  });

  it("gives one directional derivative in forward mode, and the seed is chosen by an input node", () => {
    const { key, results, find, frame, state } = open(first, { mode: "forward" });
    key("End");
    expect(results()[1]).toBe(exact);
    find('.sg-card[data-node="x2"]').dispatchEvent(new MouseEvent("click", { bubbles: true }));
    frame();
    expect(state("seed")).toEqual([0, 1]);
    expect(results()[1]).toBe("2");
  });

  it("compares both modes under one cursor", () => {
    const { key, root, find } = open(first, { mode: "compare" });
    key("ArrowRight");
    expect(root.querySelectorAll(".sg-card")[2]?.textContent).toContain("ẇ");
    key("End");
    expect(find(".sg-rule p").textContent).toContain("Forward has finished");
    expect(root.querySelectorAll(".sg-meter")).toHaveLength(2);
  });

  it("shows what is not yet computed as such and never as 0", () => {
    const { root } = open();
    const f = root.querySelector('.sg-card[data-node="f"]') as Element;
    expect(f.classList).toContain("todo");
    expect([...f.querySelectorAll("text[text-anchor=end]")].map((text) => text.textContent)).toEqual(["–", "–"]);
    for (const line of root.querySelectorAll(".sg-line.none")) expect(line.textContent).toMatch(/–$/);
  });

  it("shows the adjoint that arrives as an addition", () => {
    const { find } = open(first, { position: 8 });
    expect(find('.sg-card[data-node="x1"]').textContent).toContain("−0.416 + 3");
    expect(find(".sg-arrow.back").dataset.edge).toBe("x1>w1>0");
  });

  it("leaves keys alone in text fields and on sliders", () => {
    const { key, find, state } = open(first, { position: 3 });
    key("ArrowRight", find('.sg-slider [type="range"]'));
    key("ArrowRight", find(".sg-code input"));
    expect(state("position")).toBe(3);
  });

  it("clamps a position from the kernel", () => {
    const { find, model, frame } = open();
    model.set("position", 99);
    frame();
    expect(find(".sg-count").textContent).toBe("step 9 of 9");
  });

  it("tells arrays by their shapes, results by their first entries, from ready sweeps", () => {
    const { key, root, find } = open(arrays);
    key("End");
    expect(find('.sg-card[data-node="W"]').textContent).toContain("(2, 3)");
    expect(find('.sg-card[data-node="w1"]').textContent).toContain("(2,)");
    expect([...root.querySelectorAll("data")].map((each) => each.textContent)).toEqual([
      "0.5",
      "[0, 0, 0, 1, …] (2, 3)",
      "[3, 0.25, −1] (3,)",
    ]);
  });

  it("gives all arrays of a node beside its card, as far as they are known at the moment", () => {
    const { key, find } = open(arrays);
    find('.sg-card[data-node="x"]').dispatchEvent(new FocusEvent("focusin", { bubbles: true }));
    const shown = () => [...find(".sg-pop").children].map((each) => each.textContent?.split(/\s+/));
    expect(shown()).toEqual([["x", "(3,)", "1", "2", "3"]]);
    key("End");
    expect(shown()).toEqual([
      ["x", "(3,)", "1", "2", "3"],
      ["x̄", "(3,)", "3", "0.25", "−1"],
    ]);
    find('.sg-card[data-node="x"]').dispatchEvent(new FocusEvent("focusout", { bubbles: true }));
    expect(find(".sg-pop").hidden).toBe(true);
  });

  it("keeps two views of a model in step, one step a beat when playing", () => {
    const one = open();
    const other = document.body.appendChild(document.createElement("div"));
    widget.render({ model: one.model, el: other });
    one.press("Play");
    vi.advanceTimersByTime(1100);
    expect(one.state("position")).toBe(1);
    expect(other.querySelector(".sg-count")?.textContent).toBe("step 1 of 9");
    vi.advanceTimersByTime(20_000);
    expect(one.state("playing")).toBe(false);
    expect(one.state("position")).toBe(9);
  });
});

describe("the graph", () => {
  /** A widget on a page of some size. */
  const sized = (given: object, width: number, height: number) => {
    vi.stubGlobal("innerHeight", height);
    const clientWidth = vi.spyOn(Element.prototype, "clientWidth", "get").mockReturnValue(width);
    const view = open(given);
    const stage = view.find<SVGSVGElement>(".sg-graph svg");
    const [, tx, ty, k] = /translate\((.+)px, ?(.+)px\) scale\((.+)\)/.exec(
      view.find<SVGGElement & HTMLElement>(".sg-world").style.transform,
    ) as unknown as [string, number, number, number];
    const boxes = [...view.root.querySelectorAll(".sg-card")].map((card) => {
      const [, x, y] = /translate\((.+),(.+)\)/.exec(card.getAttribute("transform") ?? "") as unknown as number[];
      const box = card.querySelector("rect") as Element;
      const [w, h] = ["width", "height"].map((name) => Number(box.getAttribute(name))) as [number, number];
      return { left: +tx + k * +x!, top: +ty + k * +y!, right: +tx + k * (+x! + w), bottom: +ty + k * (+y! + h) };
    });
    clientWidth.mockRestore();
    return { stage, boxes, scale: +k, high: Number(stage.getAttribute("height")) };
  };

  it.each([
    ["two inputs on a telephone", first, 294, 700],
    ["two inputs on a projector", first, 720, 768],
    ["forty nodes on a projector", large(40), 1300, 768],
  ])("of %s is seen whole", (_what, given, width, height) => {
    const { boxes, high } = sized(given, width, height);
    for (const { left, top, right, bottom } of boxes) {
      expect(left).toBeGreaterThanOrEqual(0);
      expect(top).toBeGreaterThanOrEqual(0);
      expect(right).toBeLessThanOrEqual(width);
      expect(bottom).toBeLessThanOrEqual(high);
    }
    expect(high).toBeLessThanOrEqual(0.42 * height + 1);
  });

  it("of twenty nodes on a telephone stays legible, and the present card in sight", () => {
    const { boxes } = sized(large(20), 364, 844);
    expect(boxes.every(({ left, right }) => right - left >= 112 / 2)).toBe(true);
    expect(boxes.some(({ left, right }) => left >= 0 && right <= 364)).toBe(true);
  });

  it("has arrows that begin and end at their cards", () => {
    const { root } = open(lecture);
    const top = (id: string) =>
      Number(/,(.+)\)/.exec(root.querySelector(`.sg-card[data-node="${id}"]`)?.getAttribute("transform") ?? "")?.[1]);
    for (const arrow of root.querySelectorAll<SVGGElement>(".sg-arrow")) {
      const [from, to] = (arrow.dataset.edge as string).split(">") as [string, string];
      const numbers = (arrow.querySelector(".line")?.getAttribute("d") ?? "").split(/[MCL ]+/).map(Number);
      for (const [y, id] of [
        [numbers[2], from],
        [numbers.at(-1), to],
      ] as [number, string][]) {
        expect(y).toBeGreaterThan(top(id));
        expect(y).toBeLessThan(top(id) + 56);
      }
    }
  });
});

describe("linking", () => {
  it("lights one thing everywhere", () => {
    const { root, find } = open(baydin);
    find('tr[data-node="w1"]').dispatchEvent(new Event("pointerover", { bubbles: true }));
    const lit = [...root.querySelectorAll<HTMLElement>("[data-lit]")];
    expect(lit.map((each) => each.tagName.toLowerCase()).sort()).toEqual(["g", "span", "tr"]);
  });
});

describe("the kernel", () => {
  it("hears at most four times a second while a slider moves, and once at release", () => {
    const { model, find, frame } = open(first, { position: 9 });
    const slider = find<HTMLInputElement>('.sg-slider [type="range"]');
    for (let i = 0; i < 50; i++) {
      slider.value = `${i / 20}`;
      slider.dispatchEvent(new Event("input"));
      frame();
    }
    expect(model.saves).toBeLessThanOrEqual(5);
    const before = model.saves;
    slider.dispatchEvent(new Event("change"));
    expect(model.saves).toBe(before + 1);
    vi.advanceTimersByTime(1000);
    expect(model.saves).toBe(before + 1);
  });

  it("hears of the last step when the key is released", () => {
    const { model, key, root } = open();
    for (let i = 0; i < 3; i++) key("ArrowRight");
    const before = model.saves;
    root.dispatchEvent(new KeyboardEvent("keyup", { key: "ArrowRight", bubbles: true }));
    expect(model.saves).toBe(before + 1);
  });

  it("computes a moved input in the browser", () => {
    const { find, frame, results } = open(first, { position: 9 });
    const slider = find<HTMLInputElement>('.sg-slider [type="range"]');
    slider.value = "0";
    slider.dispatchEvent(new Event("input"));
    frame();
    expect(results()).toEqual(["0", "4", "0"]);
  });

  it("is asked for a new expression; an error keeps the graph", () => {
    const { find, frame, key, state, model, root } = open();
    const field = find<HTMLInputElement>(".sg-code input");
    field.value = "x1*";
    key("Enter", field);
    const { id, expression } = state<TraceRequest>("_request");
    expect(expression).toBe("x1*");
    expect(root.getAttribute("aria-busy")).toBe("true");
    model.set("_error", { id, message: "Something is missing.", column: 3, expression });
    frame();
    expect(find('[role="alert"]').textContent).toBe("x1*\n   ^Something is missing.");
    expect(root.hasAttribute("aria-busy")).toBe(false);
    expect(root.querySelectorAll(".sg-card")).toHaveLength(5);
  });

  it("gets a text of any length, and what it says is shown with the place it is about", () => {
    const { find, frame, key, state, model } = open();
    const field = find<HTMLInputElement>(".sg-code input");
    const long = Array.from({ length: 700 }, () => "x1").join(" + ");
    expect(field.hasAttribute("maxlength")).toBe(false);
    field.value = long;
    key("Enter", field);
    const { id, expression } = state<TraceRequest>("_request");
    expect(expression).toBe(long);
    model.set("_error", { id, message: "The expression is too long.", column: 2000, expression });
    frame();
    expect(find('[role="alert"]').textContent).toContain("The expression is too long.");
    const [text = "", caret = ""] = find('[role="alert"] pre').textContent?.split("\n") ?? [];
    expect(text.length).toBeLessThan(100);
    expect(text[caret.length - 1]).toBe(long[2000]);
    expect(field.value).toBe(long);
  });

  it("that does not answer is said not to, and the graph stays", () => {
    const { find, key, root } = open();
    const field = find<HTMLInputElement>(".sg-code input");
    field.value = "x1 + 1";
    key("Enter", field);
    vi.advanceTimersByTime(6000);
    expect(find(".stepgrad > .sg-say").textContent).toContain("kernel does not answer");
    expect(find(".stepgrad > .sg-say").textContent).toContain("run again");
    expect(root.hasAttribute("aria-busy")).toBe(false);
    expect(root.querySelectorAll(".sg-card")).toHaveLength(5);
  });

  it("is asked when an input leads down another branch", () => {
    const branch = structuredClone(first);
    branch.graph.guards = [{ op: "greater", left: "x1", right: 0, outcome: true }];
    const { find, frame, state, results } = open(branch, { position: 9 });
    const slider = find<HTMLInputElement>('.sg-slider [type="range"]');
    slider.value = "-1";
    slider.dispatchEvent(new Event("input"));
    frame();
    expect(state<TraceRequest>("_request").inputs).toEqual([-1, 3]);
    expect(find(".stepgrad > .sg-say").textContent).toContain("Another branch");
    expect(results()[1]).toBe(exact);
  });
});

describe("prediction", () => {
  it("asks before each step, says what is wrong, and records", () => {
    const { key, press, find, state } = open(first, { predict: true, position: 7 });
    key("ArrowRight");
    expect(state("position")).toBe(7);
    const field = find<HTMLInputElement>(".sg-predict input");
    field.value = "2";
    press("Check");
    expect(state("position")).toBe(7);
    expect(find(".sg-predict .wrong").textContent).not.toBe("");
    field.value = "2,584";
    press("Check");
    expect(state("position")).toBe(8);
    press("Skip");
    expect(state("position")).toBe(9);
    const answers = state<Answer[]>("answers");
    expect(answers.map(({ position, correct, skipped }) => [position, correct, skipped])).toEqual([
      [7, false, false],
      [7, true, false],
      [8, false, true],
    ]);
    expect(answers[0]).toMatchObject({ mode: "reverse", node: "x1", phase: "adjoint", answer: 2 });
  });

  const answer = (view: ReturnType<typeof open>, text: string) => {
    view.find<HTMLInputElement>(".sg-predict input").value = text;
    view.press("Check");
  };
  const feedback = ({ find }: ReturnType<typeof open>) => find(".sg-predict .sg-say").textContent;

  it.each<[string, Partial<Traits>]>([
    ["the mode", { mode: "forward" }],
    ["the expression", { expression: "x1 + x2" }],
    ["an input", { inputs: [2, 4] }],
    ["a seed", { adjoint_seed: 2 }],
    ["the position", { position: 6 }],
  ])("takes feedback back when %s changes", (_what, change) => {
    const view = open(first, { predict: true, position: 7 });
    answer(view, "2");
    expect(feedback(view)).not.toBe("");
    for (const [name, value] of Object.entries(change)) view.model.set(name, value);
    view.frame();
    expect(feedback(view)).toBe("");
  });

  it("keeps what it says of a right answer until the next step", () => {
    const view = open(first, { predict: true, position: 7 });
    answer(view, "2.584");
    expect(view.state("position")).toBe(8);
    expect(feedback(view)).not.toBe("");
    expect(view.find<HTMLInputElement>(".sg-predict input").value).toBe("");
    view.key("ArrowRight");
    expect(view.find(".sg-predict").hidden).toBe(false);
    view.press("Skip");
    expect(feedback(view)).toBe("");
    expect(view.find(".sg-predict").hidden).toBe(true);
  });

  it("does not let a change of mode pass a question, and knows an answer again where modes share a step", () => {
    const { press, state } = open(first, { predict: true });
    press("Skip");
    press("Skip");
    expect(state("position")).toBe(2);
    press("Primal");
    expect(state("position")).toBe(2);
    press("Forward");
    expect(state("position")).toBe(0);
  });

  it("goes to the question that stands before the last step, into its field", () => {
    const { key, press, find, state } = open(first, { predict: true });
    press("Skip");
    press("Skip");
    key("Home");
    expect(find(".sg-predict .sg-row").hidden).toBe(true);
    press("Last step");
    expect(state("position")).toBe(2);
    expect(find(".sg-predict .sg-row").hidden).toBe(false);
    expect(document.activeElement).toBe(find(".sg-predict input"));
  });

  it("hands the focus to the next step when nothing is asked any more", () => {
    const view = open(first, { predict: true, position: 8 });
    const field = view.find<HTMLInputElement>(".sg-predict input");
    field.focus();
    field.value = "2";
    view.key("Enter", field);
    expect(view.state("position")).toBe(9);
    expect(document.activeElement?.getAttribute("aria-label")).toBe("Next step");
  });

  it("keeps roles back until their adjoints have been predicted", () => {
    const roles = ({ root }: ReturnType<typeof open>) =>
      [...root.querySelectorAll(".sg-card")].filter((card) => /DISTR|SWITCH/.test(card.textContent ?? "")).length;
    const view = open(first, { predict: true, position: 3 });
    expect(roles(view)).toBe(0);
    expect(view.find('.sg-card[data-node="w2"]').getAttribute("aria-label")).not.toContain("switcher");
    view.model.set("position", 6);
    view.frame();
    expect(roles(view)).toBe(1);
    view.model.set("predict", false);
    view.frame();
    expect(roles(view)).toBe(2);
    view.press("Forward");
    expect(roles(view)).toBe(0);
    view.press("Primal");
    expect(roles(view)).toBe(0);
    view.press("Compare");
    expect(roles(view)).toBe(2);
  });

  it("stops at the first open question, and lets pass what was revealed", () => {
    const { key, press, state } = open(first, { predict: true });
    key("End");
    expect(state("position")).toBe(0);
    press("Reveal");
    expect(state("position")).toBe(0);
    key("ArrowRight");
    expect(state("position")).toBe(1);
  });
});

describe("the seed of reverse mode", () => {
  it("has a field where adjoints are shown, and names the results for what they are", () => {
    const { find, frame, results, state } = open(first, { position: 9 });
    const field = find<HTMLInputElement>('[aria-label="f̄, seed"]');
    expect(field.value).toBe("1");
    expect(find(".sg-result").textContent).toContain("∂f");
    field.value = "2";
    field.dispatchEvent(new Event("change"));
    frame();
    expect(state("adjoint_seed")).toBe(2);
    expect(results()[1]).toBe(String(2 * (3 + Math.cos(2))));
    expect(find(".sg-result").textContent).not.toContain("∂f");
  });

  it("is asked of the kernel where it computes", () => {
    const { find, state } = open(arrays);
    const field = find<HTMLInputElement>('[aria-label="f̄, seed"]');
    field.value = "-1";
    field.dispatchEvent(new Event("change"));
    expect(state("adjoint_seed")).toBe(-1);
    expect(state<TraceRequest>("_request").kind).toBe("trace");
  });
});

describe("the table as text", () => {
  const copied = (view: ReturnType<typeof open>) => {
    view.press("Table as text");
    return view.find<HTMLTextAreaElement>("textarea").value;
  };

  it("is what Python's text() gives, of both sweeps when they are compared", () => {
    expect(copied(open(lecture, { mode: "compare", seed: [1, 0] }))).toBe(`f(x₁, x₂) = x1*x2 + sin(x1)
at x₁ = 2, x₂ = 3
forward mode, seed ẋ₁ = 1, ẋ₂ = 0

Primal trace                        Tangent trace
──────────────────────────────────────────────────────────────────────────────
x₁ = 2                              ẋ₁ = 1
x₂ = 3                              ẋ₂ = 0
w₁ = sin x₁  = sin 2     = 0.909    ẇ₁ = ẋ₁·cos x₁     = 1·cos 2      = −0.416
w₂ = x₁·x₂   = 2·3       = 6        ẇ₂ = ẋ₁·x₂ + ẋ₂·x₁ = 1·3 + 0·2    = 3
f  = w₂ + w₁ = 6 + 0.909 = 6.909    ḟ  = ẇ₂ + ẇ₁       = 3 + (−0.416) = 2.584
──────────────────────────────────────────────────────────────────────────────
∂f/∂x₁ = 2.584

f(x₁, x₂) = x1*x2 + sin(x1)
at x₁ = 2, x₂ = 3
reverse mode, seed f̄ = 1

Primal trace                        Adjoint trace
───────────────────────────────────────────────────────────────────────────────
x₁ = 2                              f̄   = 1
x₂ = 3                              w̄₂  = f̄                   = 1
w₁ = sin x₁  = sin 2     = 0.909    w̄₁  = f̄                   = 1
w₂ = x₁·x₂   = 2·3       = 6        x̄₁  = w̄₂·x₂     = 1·3     = 3
f  = w₂ + w₁ = 6 + 0.909 = 6.909    x̄₂  = w̄₂·x₁     = 1·2     = 2
                                    x̄₁ += w̄₁·cos x₁ = 1·cos 2 = −0.416  → 2.584
───────────────────────────────────────────────────────────────────────────────
∂f/∂x₁ = 2.584, ∂f/∂x₂ = 2`);
  });

  it("tells no more than has been predicted", () => {
    const text = copied(open(first, { predict: true, position: 1 }));
    expect(text).toContain("w₁ = ");
    expect(text).not.toContain("f  = ");
    expect(text).not.toContain("∂f/∂x₁");
  });
});

describe("exporting", () => {
  const status = ({ find }: ReturnType<typeof open>) => find('.sg-panel [role="status"]').textContent;
  const settled = () => vi.advanceTimersByTimeAsync(20);

  it("confirms that a step was copied, and again when it is copied again", async () => {
    const copied: string[] = [];
    vi.stubGlobal("navigator", { clipboard: { writeText: async (text: string) => void copied.push(text) } });
    const view = open(first, { position: 8 });
    for (let times = 1; times <= 2; times++) {
      view.press("This step as LaTeX");
      expect(status(view)).toBe("");
      await settled();
      expect(status(view)).toBe("✓ Copied");
      expect(copied).toHaveLength(times);
    }
    expect(copied[0]).toContain("\\bar{x}");
  });

  it("names a file by mode and step", async () => {
    const saved: string[] = [];
    vi.spyOn(HTMLAnchorElement.prototype, "click").mockImplementation(function (this: HTMLAnchorElement) {
      saved.push(this.download);
    });
    const view = open(first, { position: 5 });
    view.press("Graph as SVG");
    await settled();
    expect(saved).toEqual(["ad-stepper-reverse-step-5.svg"]);
    expect(status(view)).toContain("ad-stepper-reverse-step-5.svg");
    vi.restoreAllMocks();
  });
});

describe("documents", () => {
  it.each([
    [{}, "no trace"],
    [{ kind: "other", version: 1 }, "not a trace"],
    [{ ...first, version: 7 }, "version 7"],
  ])("are refused whole when they are not what they should be", (given, sentence) => {
    const model = fakeModel({ ...stepperTraits(first), _document: given });
    const el = document.createElement("div");
    widget.render({ model, el });
    expect(el.textContent).toContain(sentence);
    expect(el.querySelector("svg")).toBeNull();
  });

  it("put no markup on the page", () => {
    const evil = JSON.parse(JSON.stringify(first).replaceAll('"x1"', '"<img src=x onerror=alert(1)>"'));
    evil.graph.code.text = "<script>alert(1)</script>";
    evil.graph.nodes[2].symbol = "<b>";
    const { root, key } = open(evil);
    key("End");
    expect(root.querySelector("img, script, .sg-main b, .sg-top b")).toBeNull();
  });

  it("can be large, and parts can be hidden", () => {
    const { root, find } = open(large(200), { controls: ["player"] });
    expect(root.querySelectorAll(".sg-card")).toHaveLength(200);
    expect(find(".sg-table").hidden).toBe(true);
    expect(find(".sg-player").hidden).toBe(false);
  });
});

it("leaves nothing behind after 50 views", () => {
  const listeners = new Map<string, number>();
  for (const target of [window, document]) {
    const add = target.addEventListener.bind(target);
    vi.spyOn(target, "addEventListener").mockImplementation((type: string, handler: unknown, options: unknown) => {
      listeners.set(type, (listeners.get(type) ?? 0) + 1);
      (options as { signal?: AbortSignal }).signal?.addEventListener("abort", () =>
        listeners.set(type, (listeners.get(type) ?? 0) - 1),
      );
      add(type, handler as EventListener, options as AddEventListenerOptions);
    });
  }
  observers = 0;
  for (let i = 0; i < 50; i++) {
    const view = open(first, { playing: true, predict: i % 2 === 0 });
    view.key("ArrowRight");
    view.close();
    expect(view.model.listeners()).toBe(0);
    expect(view.el.childNodes).toHaveLength(0);
  }
  expect(observers).toBe(0);
  expect(vi.getTimerCount()).toBe(0);
  expect([...listeners.values()].every((count) => count === 0)).toBe(true);
  vi.restoreAllMocks();
});
