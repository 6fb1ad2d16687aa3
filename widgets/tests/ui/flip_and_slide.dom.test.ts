import { describe, expect, it, vi } from "vitest";
import { fakeModel } from "../../demo/fake_model";
import widget from "../../src/flip_and_slide";
import { otherWay } from "../../src/flip_and_slide/diagnose";
import { choices } from "../../src/flip_and_slide/questions";
import { type Answer, slideOf, TRAITS, type Traits } from "../../src/flip_and_slide/traits";
import { closedForm, formula, mathml } from "../../src/flip_and_slide/words";
import { stage, useStage } from "../stage";

useStage(600);

const INTEGERS: Partial<Traits> = {
  signal: "own",
  kernel: "own",
  signal_samples: [1, 2, 3, 4],
  kernel_samples: [1, 0, -1],
  kind: "discrete",
  speed: 1,
};

function open(rest: Partial<Traits> = {}) {
  const model = fakeModel({ ...TRAITS, ...rest });
  const el = document.body.appendChild(document.createElement("div"));
  const close = widget.render({ model, el });
  const root = el.querySelector(".stepgrad") as HTMLElement;
  const find = <E extends Element = HTMLElement>(selector: string) => root.querySelector(selector) as E;
  const frame = (time = 300) => vi.advanceTimersByTime(time);
  const key = (name: string, target: Element = find(".sg-plot"), options: KeyboardEventInit = {}) => {
    target.dispatchEvent(new KeyboardEvent("keydown", { key: name, bubbles: true, cancelable: true, ...options }));
    frame();
  };
  const press = (name: string) => {
    const all = [...root.querySelectorAll<HTMLElement>("button")].filter((each) => !each.closest("[hidden]"));
    const found = all.find((each) => each.textContent === name || each.getAttribute("aria-label") === name);
    if (!found) throw new Error(`no button ${name}`);
    found.click();
    frame();
  };
  const choose = (label: string, value: string) => {
    const box = find<HTMLSelectElement>(`select[aria-label="${label}"]`);
    box.value = value;
    box.dispatchEvent(new Event("change", { bubbles: true }));
    frame();
  };
  const pointer = (kind: string, target: Element, x: number, y: number) => {
    target.dispatchEvent(new MouseEvent(kind, { clientX: x, clientY: y, bubbles: true }));
    frame();
  };
  const state = <T>(name: string): T => model.get(name) as T;
  const traits = () =>
    Object.fromEntries(Object.keys(TRAITS).map((name) => [name, model.get(name)])) as unknown as Traits;
  frame();
  const said = () => find(".sg-read p").textContent;
  const told = () => find(".sg-read > div").textContent;
  const aside = () => find(".sg-aside").textContent;
  return { model, root, close, find, frame, key, press, choose, pointer, state, traits, said, told, aside };
}

describe("step by step", () => {
  it("goes from the kernel as it is to the sum, and then slides", () => {
    const { key, said, told, state, find } = open({ ...INTEGERS, position: 0 });
    expect(told()).toBe("w[m]");
    key("ArrowRight");
    expect(told()).toBe("w[m]→w[−m]");
    expect(said()).toContain("what stood at m stands at −m");
    key("ArrowRight");
    expect(told()).toContain("w[n−m]");
    key("ArrowRight");
    expect(said()).toBe("Where both have a sample they are multiplied: 3 products.");
    key("ArrowRight");
    expect(told()).toBe("y[2]=∑mx[m]w[2−m]=1·(−1)+2·0+3·1=2");
    expect(said()).toContain("3 products add up to 2");
    key("ArrowRight");
    expect(told()).toBe("y[0]=∑mx[m]w[0−m]=1·1=1");
    key("End");
    expect(state("position")).toBe(10);
    expect(told()).toContain("=4·(−1)=−4");
    expect(find("[aria-live]").textContent).toContain("n = 5. 1 product adds up to −4");
    key("Home");
    expect(state("position")).toBe(0);
  });

  it("leaves the flip out, and says so", () => {
    const { press, said, told, state } = open({ ...INTEGERS, position: 1 });
    press("cross-correlation");
    expect(state("flip")).toBe(false);
    expect(told()).toBe("w[m]→w[m]");
    expect(said()).toContain("leaves the flip out");
    press("5 add up");
    expect(told()).toBe("y[0]=∑mx[m]w[m−0]=1·1+2·0+3·(−1)=−2");
  });

  it("turns the kernel before one's eyes, unless motion is unwanted", () => {
    stage.still = false;
    const { key, find, frame } = open({ signal: "box", kernel: "ramp", position: 0 });
    const drawn = () => find(".sg-plot .sg-w").getAttribute("d");
    const before = drawn();
    key("ArrowRight");
    const middle = drawn();
    frame(1000);
    const after = drawn();
    expect(new Set([before, middle, after]).size).toBe(3);
    frame(1000);
    expect(drawn()).toBe(after);
    stage.still = true;
    key("ArrowLeft");
    expect(drawn()).toBe(before);
  });

  it("shows what is not computed yet as missing", () => {
    const { key, find } = open({ ...INTEGERS, position: 3 });
    expect(find(".sg-point").getAttribute("visibility")).toBe("hidden");
    expect(find(".sg-y").getAttribute("d")).toBe("");
    key("ArrowRight");
    expect(find(".sg-point").getAttribute("visibility")).toBe(null);
    key("End");
    expect(find(".sg-y.sg-head").getAttribute("d")!.match(/M/g)!.length).toBe(6);
  });

  it("plays stages slowly and places at its speed", () => {
    const { press, state, frame } = open({ ...INTEGERS, position: 0, speed: 4 });
    press("Play");
    frame(1400);
    expect(state("position")).toBe(1);
    frame(1700 * 4);
    expect(state<number>("position")).toBeGreaterThan(5);
    frame(3000);
    expect(state("position")).toBe(10);
    expect(state("playing")).toBe(false);
  });
});

describe("by hand", () => {
  it("slides the kernel with the pointer, and below puts it where the pointer is", () => {
    const { pointer, find, state, traits } = open({ ...INTEGERS, position: 5 });
    const plot = find(".sg-plot");
    pointer("pointerdown", plot, 300, 330);
    const first = state<number>("position");
    pointer("pointermove", plot, 420, 330);
    const second = state<number>("position");
    pointer("pointerup", plot, 420, 330);
    expect(second).toBeGreaterThan(first);
    pointer("pointermove", plot, 100, 330);
    expect(state("position")).toBe(second);
    pointer("pointerdown", plot, 20, 330);
    expect(state("position")).toBe(5);
    pointer("pointermove", plot, 9999, 330);
    pointer("pointerup", plot, 9999, 330);
    expect(state("position")).toBe(4 + slideOf(traits()).count);
  });

  it("draws a sample with the pointer and with keys; a box becomes one's own", () => {
    const { find, key, state, told, root } = open({ signal: "box", kernel: "ramp", kind: "discrete", position: 4 });
    const [x] = root.querySelectorAll(".sg-editor");
    key("ArrowUp", x);
    expect(state("signal")).toBe("own");
    expect(state("signal_samples")).toEqual([1.5, 1, 1]);
    key("ArrowRight", x);
    key("ArrowDown", x, { shiftKey: true });
    expect(state("signal_samples")).toEqual([1.5, 0.9, 1]);
    expect(x!.getAttribute("aria-valuetext")).toBe("x[1] = 0.9");
    expect(find<HTMLSelectElement>("select").value).toBe("own");
    expect(told()).toContain("1.5·2+0.9·1=3.9");
  });

  it("draws a curve with one stroke, without a gap", () => {
    const { pointer, root, state } = open({ signal: "box", kernel: "box" });
    const [x] = root.querySelectorAll(".sg-editor");
    pointer("pointerdown", x!, 180, 90);
    pointer("pointermove", x!, 420, 40);
    pointer("pointerup", x!, 420, 40);
    const samples = state<number[]>("signal_samples");
    expect(samples.length).toBe(41);
    // From pen to pen along a line: every point between rises.
    const rising = samples.filter((value, i) => i > 0 && value > samples[i - 1]! && value < 1).length;
    expect(rising).toBeGreaterThan(11);
    expect(state("signal")).toBe("own");
  });

  it("gives and takes samples", () => {
    const { press, state } = open(INTEGERS);
    press("More samples of w");
    expect(state("kernel_samples")).toEqual([1, 0, -1, 0]);
    press("Fewer samples of x");
    expect(state("signal_samples")).toEqual([1, 2, 3]);
  });
});

describe("what is known of convolution", () => {
  it("commutes, which swapping shows", () => {
    const { press, state, aside, find } = open({ signal: "steps", kernel: "ramp" });
    press("Swap signal and kernel");
    expect([state("signal"), state("kernel")]).toEqual(["ramp", "steps"]);
    expect(aside()).toContain("x ∗ w = w ∗ x");
    expect(aside()).toContain("the largest difference is 0");
    expect(find(".sg-ghost").getAttribute("d")).not.toBe("");
    press("samples");
    expect(find(".sg-ghost").getAttribute("d")).toBe("");
  });

  it("does not commute without the flip", () => {
    const { press, aside } = open({ ...INTEGERS, flip: false });
    press("Swap signal and kernel");
    expect(aside()).toContain("does not commute");
    expect(aside()).not.toContain("difference is 0.");
  });

  it("tends to a Gaussian", () => {
    const { press, aside, find, state } = open({ signal: "box", kernel: "box" });
    press("∗ w again");
    expect(aside()).toContain("y₂ = x ∗ w ∗ w.");
    expect(aside()).toContain("variance 0.25");
    const far = () => +/is ([\d.]+), /.exec(aside() ?? "")![1]!;
    const first = far();
    for (let i = 1; i < 6; i++) press(`∗ w again (${i}×)`);
    expect(far()).toBeLessThan(first / 2);
    expect(state("again")).toBe(6);
    expect(find(".sg-bell").getAttribute("d")).not.toBe("");
    press("Reset");
    expect(state("again")).toBe(0);
  });

  it("says the whole curve where it is known", () => {
    const { key, said } = open({ signal: "box", kernel: "box" });
    key("End");
    expect(said()).toContain("the triangle, y(t) = 1 − |t|");
    expect(closedForm({ ...TRAITS, signal: "exponential", kernel: "box" })).toContain("decay");
    expect(closedForm({ ...TRAITS, flip: false })).toBe("");
  });
});

it("refuses what does not fit with a sentence, and keeps the rest", () => {
  const { press, root, state } = open({ ...INTEGERS, signal_samples: [1, 2], flip: false });
  press("valid");
  expect(root.querySelector("[role=alert]")?.textContent).toContain("lies inside the signal");
  expect(state("mode")).toBe("full");
  press("convolution (flip)");
  press("valid");
  expect(state("mode")).toBe("valid");
  expect(root.querySelector("[role=alert]")?.textContent).toBe("");
  const alone = open({ ...INTEGERS, signal_samples: [1] });
  alone.press("functions");
  expect(alone.state("kind")).toBe("discrete");
  expect(alone.root.querySelector("[role=alert]")?.textContent).toContain("2 samples or more");
});

describe("predicting", () => {
  const answers = (state: <T>(name: string) => T) =>
    state<Answer[]>("answers").map(({ question, correct, skipped, kind }) => [question, correct, skipped, kind]);

  it("asks for the support, the curve, and then every sum", () => {
    const { find, press, state, key, root } = open({ ...INTEGERS, predict: true, position: 0 });
    const fill = (values: string[]) => {
      const fields = [...root.querySelectorAll<HTMLInputElement>(".sg-predict input")].filter(
        (each) => !each.closest("[hidden]"),
      );
      values.forEach((value, i) => {
        fields[i]!.value = value;
      });
      press("Check");
    };
    const status = () =>
      [...root.querySelectorAll(".sg-predict [role=status]")].map((each) => each.textContent).join("");
    expect(find(".sg-picture").hidden).toBe(true);
    fill(["0", "3"]);
    expect(status()).toContain("That is where x is");
    fill(["−2", "3"]);
    expect(status()).toContain("You did not flip");
    fill(["0", "5"]);
    expect(status()).toContain("the ends add up");
    const offered = choices(slideOf({ ...TRAITS, ...INTEGERS }));
    const wrong = offered.findIndex(({ kind }) => kind === "not_flipped");
    const curves = [...root.querySelectorAll<HTMLElement>(".sg-curves button")];
    curves[wrong]!.click();
    vi.advanceTimersByTime(300);
    expect(status()).toContain("cross-correlation");
    curves[offered.findIndex(({ kind }) => kind === "right")]!.click();
    vi.advanceTimersByTime(300);
    expect(find(".sg-picture").hidden).toBe(false);
    for (let i = 0; i < 8; i++) key("ArrowRight");
    expect(state("position")).toBe(4);
    expect(find(".sg-read > div").textContent).toContain("= ?".replace(" ", ""));
    expect(find(".sg-point").getAttribute("visibility")).toBe("hidden");
    fill(["3"]);
    expect(status()).toContain("You did not flip: that is the cross-correlation, 3.");
    fill(["-1"]);
    expect(status()).toContain("One product is missing: 3·1 = 3, above 2.");
    fill(["-2"]);
    expect(status()).toContain("its sign is not");
    fill(["2"]);
    expect(status()).toContain("✓ Right: 1·(−1) + 2·0 + 3·1 = 2.");
    key("ArrowRight");
    expect(state("position")).toBe(5);
    press("Skip");
    expect(state("position")).toBe(6);
    press("Reveal");
    expect(status()).toContain("It is 2.");
    expect(answers(state)).toEqual([
      ["support", false, false, "signal"],
      ["support", false, false, "not_flipped"],
      ["support", true, false, "right"],
      ["shape", false, false, "not_flipped"],
      ["shape", true, false, "right"],
      ["value", false, false, "not_flipped"],
      ["value", false, false, "missing"],
      ["value", false, false, "sign"],
      ["value", true, false, "right"],
      ["value", false, true, "skipped"],
      ["value", false, true, "revealed"],
    ]);
    expect(state<Answer[]>("answers")[0]!.expected).toEqual([0, 5]);
  });

  it("asks anew, and shows nothing, when the signals change", () => {
    const { find, press, state, root } = open({ ...INTEGERS, predict: true, position: 0 });
    press("Skip");
    press("Skip");
    press("6 slide");
    for (let i = 0; i < 3; i++) press("Skip");
    expect(find(".sg-picture").hidden).toBe(false);
    expect(state<number>("position")).toBeGreaterThan(5);
    press("Swap signal and kernel");
    expect(find(".sg-picture").hidden).toBe(true);
    expect(state("position")).toBe(0);
    expect(root.querySelector(".sg-aside")?.textContent).toBe("");
  });

  it("offers curves that differ, the right one among them, for all pairs", () => {
    const places = new Set<number>();
    for (const kind of ["continuous", "discrete"] as const)
      for (const signal of ["box", "triangle", "gaussian", "exponential", "steps", "ramp", "edge"])
        for (const kernel of ["box", "ramp", "edge", "exponential"]) {
          const offered = choices(slideOf({ ...TRAITS, kind, signal, kernel }));
          expect(offered.length).toBeGreaterThan(1);
          expect(offered.filter(({ wrong }) => !wrong).length).toBe(1);
          places.add(offered.findIndex(({ wrong }) => !wrong));
        }
    expect(places.size).toBeGreaterThan(2);
  });
});

it("knows what the other way round gives", () => {
  const found = slideOf({ ...TRAITS, ...INTEGERS });
  expect([-2, 0, 3].map((n) => otherWay(found, n))).toEqual([-1, -2, 4]);
});

it("sets formulas as mathematics", () => {
  const found = slideOf({ ...TRAITS, signal: "box", kernel: "box" });
  const [left, right] = formula(found, 5 + 60, false) as [string, string];
  expect(left).toBe("y(0) = \\int x(\\tau)\\,w(0 - \\tau)\\,d\\tau");
  expect(right).toBe("= 1");
  expect(mathml(left)).toContain("<mo>∫</mo>");
});

it("shows only the parts that are asked for, and leaves nothing behind", () => {
  const { find, close, model } = open({ controls: ["player"] });
  expect(find(".sg-player").hidden).toBe(false);
  for (const part of [".sg-pair", ".sg-steps", ".sg-menu"]) expect(find(part).hidden).toBe(true);
  close();
  expect(stage.observers).toBe(0);
  expect((model as unknown as { listeners(): number }).listeners()).toBe(0);
  expect(document.querySelector(".stepgrad")).toBe(null);
});
