import { describe, expect, it, vi } from "vitest";
import { fakeModel } from "../../demo/fake_model";
import widget from "../../src/convolution_theorem";
import {
  asked,
  judgeCrossover,
  judgeLength,
  judgeProduct,
  judgeWrapped,
} from "../../src/convolution_theorem/questions";
import { moment, sceneOf } from "../../src/convolution_theorem/scene";
import { type Answer, TRAITS, type Traits } from "../../src/convolution_theorem/traits";
import { formula, sentence } from "../../src/convolution_theorem/words";
import { stage, useStage } from "../stage";

const SIGNAL = [1, 3, 4, 2, -1, -3, -2, 0, 2, 3, 3, 1];
const KERNEL = [1, 0.75, 0.5, 0.25, 0.25];

useStage(300);

function open(rest: Partial<Traits> = {}) {
  const given = { ...TRAITS, signal: SIGNAL, kernel: KERNEL, length: 12, padded: false, ...rest };
  const model = fakeModel(given as unknown as Record<string, unknown>);
  const el = document.body.appendChild(document.createElement("div"));
  const close = widget.render({ model, el });
  const root = el.querySelector(".stepgrad") as HTMLElement;
  const find = <E extends Element = HTMLElement>(selector: string) => root.querySelector(selector) as E;
  const frame = () => vi.advanceTimersByTime(300);
  const plot = (name: string) => find<SVGSVGElement>(`svg[aria-label^="${name}"]`);
  const key = (target: Element, name: string, options: KeyboardEventInit = {}) => {
    target.dispatchEvent(new KeyboardEvent("keydown", { key: name, bubbles: true, cancelable: true, ...options }));
    frame();
  };
  const press = (name: string) => {
    const all = [...root.querySelectorAll<HTMLElement>("button")];
    all.find((each) => each.textContent === name || each.getAttribute("aria-label") === name)?.click();
    frame();
  };
  frame();
  const said = () => find(".sg-read p").textContent ?? "";
  const state = <K extends keyof Traits>(name: K) => model.get(name) as Traits[K];
  return { model, close, root, find, frame, plot, key, press, said, state };
}

describe("what is said", () => {
  const at = (x: number[], w: number[], N: number, position: number) => {
    const scene = sceneOf(x, w, N);
    const now = moment(scene, position);
    return sentence(scene, now, now.frequency);
  };

  it("is of one sample that wraps, and of several", () => {
    expect(at([1, 2], [1, 1], 2, 99)).toContain("Sample 0 is wrong, by 2: sample 2 of the convolution has come round.");
    expect(at(SIGNAL, KERNEL, 12, 99)).toContain("Samples 0 to 3 are wrong, by 3.5, 2, 1 and 0.25");
    expect(at([1, 2], [1, 1], 2, 0)).toContain("no room for the last one: it comes round and falls on the first.");
    expect(at([1, 2], [3], 2, 99)).toContain("all 2 samples are the direct sums");
  });

  it("is of nothing where a frequency holds nothing", () => {
    const signal = [1, -1, 1, -1, 1, -1, 1, -1];
    expect(at(signal, [1, 2], 8, 5 + 2)).toContain("x holds nothing of this wave, so the product is 0.");
    expect(at([1, 2, 0, 0, 0, 0, 0, 0], [1, 1], 8, 10)).toContain("w lets nothing of this wave through");
    expect(at(signal, [1, 1], 8, 5)).toContain("1, −1, 1, −1, …");
  });

  it("has formulas of every step, with balanced tags", () => {
    const scene = sceneOf(SIGNAL, KERNEL, 12);
    for (let position = 0; position <= scene.steps; position++) {
      const now = moment(scene, position);
      for (const k of [now.frequency, 3]) {
        const pieces = formula(scene, now, k).join("");
        const made = new DOMParser().parseFromString(`<math>${pieces}</math>`, "application/xml");
        expect(made.querySelector("parsererror")).toBeNull();
        expect(pieces).not.toMatch(/NaN|undefined|null/);
      }
    }
  });
});

describe("what is told of a wrong prediction", () => {
  const scene = sceneOf(SIGNAL, KERNEL, 12);

  it("of the samples that wrap", () => {
    expect(judgeWrapped(scene, [0, 1, 2, 3])).toEqual([[0, 1, 2, 3], [0, 1, 2, 3], ""]);
    expect(judgeWrapped(scene, [8, 9, 10, 11])[2]).toContain("it goes on at its beginning");
    expect(judgeWrapped(scene, [0, 5])[2]).toContain("1 too many and 3 missing");
    expect(judgeWrapped(sceneOf(SIGNAL, KERNEL, 16), [])[2]).toBe("");
  });

  it("of the length", () => {
    const told = (answer: number) => judgeLength(scene, answer)[2];
    expect(told(16)).toBe("");
    expect(told(17)).toContain("one too many");
    expect(told(12)).toContain("the last 4 samples");
    expect(told(24)).toContain("fewer would do");
    expect(told(15)).toContain("meet at sample 15");
    expect(judgeLength(sceneOf([1, 2, 3, 4], [1, 2, 3, 4, 5, 6, 7, 8], 8), 12)[2]).toContain("one too many");
    expect(judgeLength(sceneOf([1, 2, 3, 4], [1, 2, 3, 4, 5, 6, 7], 8), 12)[2]).toContain("fewer would do");
  });

  it("of the product, by length and by angle", () => {
    const k = asked(scene);
    const [, expected] = judgeProduct(scene, k, 0, 0) as [unknown, [number, number], string];
    const { x, w, y } = scene.spectra;
    expect(expected).toEqual([+y.magnitudes[k]!.toPrecision(6), Math.round(y.angles[k]!)]);
    const told = (length: number, angle: number) => judgeProduct(scene, k, length, angle)[2];
    expect(told(...expected)).toBe("");
    expect(told(expected[0], expected[1] + 360)).toBe("");
    expect(told(x.magnitudes[k]! + w.magnitudes[k]!, expected[1])).toBe(
      "Not yet. You added the lengths; they are multiplied.",
    );
    expect(told(expected[0], x.angles[k]! - w.angles[k]!)).toContain("You took one angle from the other");
    expect(told(1e4, 77)).toContain("The angle of a product is the sum of the angles.");
  });

  it("of the crossover", () => {
    const layer = { image: 512, batch: 1, channels: 1, filters: 1 };
    const told = (answer: number) => judgeCrossover(layer, answer)[2];
    expect(told(9)).toBe("");
    expect(told(7)).toContain("At 7 × 7 sums take 12.5 million multiplications, transforms 14.7 million: sums still");
    expect(told(31)).toContain("transforms win already, and did before");
    expect(told(8)).toContain("Odd kernels only");
    expect(told(2.5)).toContain("a whole number up to 512");
  });
});

describe("the widget", () => {
  it("goes by keys through the steps, and says each", () => {
    const { key, root, said, state, find } = open();
    key(root, "ArrowRight");
    expect(state("position")).toBe(1);
    expect(said()).toContain("Frequency 0");
    expect(find("[aria-live]").textContent).toContain("Step 1 of 22, Transform.");
    key(root, "End");
    expect(state("position")).toBe(22);
    key(root, "ArrowRight");
    expect(state("position")).toBe(22);
    key(root, "Home");
    expect(state("position")).toBe(0);
  });

  it("plays to the end", () => {
    const { press, state } = open({ position: 19, speed: 4 });
    press("Play");
    vi.advanceTimersByTime(3000);
    expect([state("position"), state("playing")]).toEqual([22, false]);
  });

  it("changes a sample by keys alone, and not beyond the signal", () => {
    const { key, plot, state } = open({ length: 16, padded: true });
    key(plot("Kernel"), "End");
    key(plot("Kernel"), "ArrowUp");
    expect(state("kernel")[4]).toBeGreaterThan(0.25);
    expect(state("kernel").length).toBe(5);
    expect(plot("Kernel").getAttribute("aria-valuetext")).toContain("w[4] = ");
    expect(state("position")).toBe(0);
    const before = state("signal");
    key(plot("Result"), "ArrowUp");
    expect(state("signal")).toBe(before);
  });

  it("pads and unpads, and stays at its stage", () => {
    const { press, state, said } = open({ position: 22 });
    press("Padded");
    expect([state("length"), state("padded"), state("position")]).toEqual([16, true, 28]);
    expect(said()).toContain("Nothing has come round");
    press("No padding");
    expect([state("length"), state("padded"), state("position")]).toEqual([12, false, 22]);
  });

  it("follows what Python sets, also one trait after the other", () => {
    const { model, frame, said, state, find } = open({ position: 22 });
    model.set("padded", true);
    frame();
    expect(state("length")).toBe(16);
    model.set("signal", [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18]);
    frame();
    expect(find(".sg-x h4").textContent).toBe("Signal x · 18");
    model.set("length", 22);
    model.set("position", 37);
    frame();
    expect(said()).toContain("all 22 samples are the direct sums");
  });

  it("hears the kernel's answer to a wish for measurements", () => {
    const { model, press, state, find, frame } = open({ view: "costs" });
    press("Measure here");
    const { id, kind } = state("_request") as { id: string; kind: string };
    expect(kind).toBe("measure");
    expect(find('p[role="status"].sg-say').textContent).toContain("Measuring");
    model.set("_answer", { id, message: "too large a layer" });
    frame();
    const said = [...document.querySelectorAll("p.sg-say")].map((each) => each.textContent);
    expect(said).toContain("too large a layer");
    model.set("measurements", { ...TRAITS, points: [{ size: 3, direct: 1, fft: 2 }, { size: 5, direct: 3, fft: 2 }] }); // biome-ignore format: a line
    frame();
    expect(find(".sg-told").textContent).toContain("transforms are faster from 5 × 5 on, and sums still at 3 × 3");
  });

  it("shows nothing that is asked, and records what is answered", () => {
    const { press, state, find, root } = open({ predict: true });
    expect(root.dataset.open).toBe("wrapped");
    expect(find(".sg-x .edge").getAttribute("d")).toBe(""); // it would tell how long the convolution is
    for (let i = 0; i < 4; i++) press("Skip");
    expect(root.dataset.open).toBeUndefined();
    const answers = state("answers") as Answer[];
    expect(answers.map(({ question, expected }) => [question, expected]).slice(0, 2)).toEqual([
      ["wrapped", [0, 1, 2, 3]],
      ["length", 16],
    ]);
    expect(answers.every(({ skipped, correct }) => skipped && !correct)).toBe(true);
  });

  it("shows only the parts that are asked for", () => {
    const { find } = open({ controls: ["player"] });
    expect(find(".sg-player").hidden).toBe(false);
    for (const part of [".sg-padding", ".sg-read", ".sg-menu"]) expect(find(part).hidden).toBe(true);
  });

  it("leaves nothing behind", () => {
    const { close, model } = open({ playing: true });
    close();
    expect(document.querySelector(".stepgrad")).toBeNull();
    expect(stage.observers).toBe(0);
    expect(model.listeners()).toBe(0);
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe("a typed number that cannot be taken", () => {
  const type = ({ find, frame }: ReturnType<typeof open>, label: string, text: string) => {
    const field = find<HTMLInputElement>(`input[aria-label="${label}"]`);
    field.value = text;
    field.dispatchEvent(new Event("change", { bubbles: true }));
    frame();
  };

  it("changes nothing, and the status line says why", () => {
    const view = open();
    const said_ = () => view.find(":scope > p[role=status]").textContent;
    const N = "Length N of the transforms, exact";
    for (const [text, said] of [
      ["1e308", "type a whole number from 12 to 16; this is 1e308."],
      ["-5", "type a whole number from 12 to 16; this is -5."],
      ["13,5", "“13,5” is not a whole number."],
    ] as const) {
      type(view, N, text);
      expect(said_()).toContain(said);
      expect(view.state("length")).toBe(12);
    }
    type(view, N, "14");
    expect([said_(), view.state("length")]).toEqual(["", 14]);
    type(view, "x, value of the chosen sample", "1e308");
    expect(said_()).toContain("“1e308” is too large");
    expect(view.state("signal")).toEqual(SIGNAL);
    view.press("Cost");
    type(view, "batch S", "1.5");
    expect(said_()).toContain("batch S: “1.5” is not a whole number.");
    type(view, "image n", "1e308");
    expect(said_()).toContain("image n: type a whole number from 8 to 4,096; this is 1e308.");
    expect([view.state("batch"), view.state("image")]).toEqual([1, 512]);
  });
});

it("tells nothing aloud that a question hides", () => {
  const { find, press, frame } = open({ predict: true });
  frame();
  expect(find("[aria-live]").textContent).toBe("");
  for (let i = 0; i < 4; i++) press("Skip");
  frame();
  expect(find("[aria-live]").textContent).toContain("Step 0 of");
});

it("speaks of a single sample", () => {
  const scene = sceneOf([1], [2], 1);
  expect(sentence(scene, moment(scene, 99), null)).toContain("its only sample is the direct sum");
});
