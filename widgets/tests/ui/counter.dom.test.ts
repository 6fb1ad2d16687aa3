import { describe, expect, it, vi } from "vitest";
import { fakeModel } from "../../demo/fake_model";
import widget from "../../src/parameter_counter";
import {
  drawnField,
  drawnUnits,
  enlarged,
  fieldOf,
  isUnit,
  lineEnds,
  unitGrid,
} from "../../src/parameter_counter/geometry";
import { roundSteps } from "../../src/parameter_counter/panel";
import { type Answer, TRAITS, type Traits } from "../../src/parameter_counter/traits";
import { compared, ratio, reason, unitWords } from "../../src/parameter_counter/words";
import { stage, useStage } from "../stage";

useStage(640);

const FACTS = {
  machine_bytes: 16e9,
  networks: [
    { name: "LeNet-5", year: 1998, parameters: 60_000, source: "LeCun" },
    { name: "GPT-2", year: 2019, parameters: 1_542_000_000, source: "Radford" },
  ],
};

function open(rest: Partial<Traits> = {}) {
  const model = fakeModel({ ...TRAITS, _facts: FACTS, ...rest });
  const el = document.body.appendChild(document.createElement("div"));
  const close = widget.render({ model, el });
  const root = el.querySelector(".stepgrad") as HTMLElement;
  const find = <E extends Element = HTMLElement>(selector: string) => root.querySelector(selector) as E;
  const all = (selector: string) => [...root.querySelectorAll<HTMLElement>(selector)];
  const frame = (time = 1000) => vi.advanceTimersByTime(time);
  const press = (name: string) => {
    all("button")
      .find((each) => each.textContent?.startsWith(name) || each.getAttribute("aria-label") === name)
      ?.click();
    frame();
  };
  const type = (label: string, text: string) => {
    const field = find<HTMLInputElement>(`input[aria-label="${label}"]`);
    field.value = text;
    field.dispatchEvent(new Event("change", { bubbles: true }));
    frame();
  };
  const key = (target: Element, name: string) => {
    target.dispatchEvent(new KeyboardEvent("keydown", { key: name, bubbles: true, cancelable: true }));
    frame();
  };
  frame();
  return { model, close, root, find, all, frame, press, type, key, state: model.get as <T>(name: string) => T };
}

describe("what is drawn", () => {
  const settings = { ...TRAITS, image: [20, 30], hidden: 601, field: [4, 6], filters: 3, stride: 2, padding: 1 };

  it("stands in the image's proportions, or in maps", () => {
    expect(unitGrid("locally_connected", settings)).toEqual([20, 31]);
    expect(unitGrid("convolutional", settings)).toEqual([10, 14]);
    expect(isUnit("fully_connected", settings, [19, 12])).toBe(false);
    expect(isUnit("fully_connected", settings, [19, 11])).toBe(true);
    expect(drawnUnits("convolutional", settings, 4)).toHaveLength(16);
    expect(drawnUnits("fully_connected", { ...settings, hidden: 2 }, 4)).toHaveLength(2);
  });

  it("has fields where the layer has them", () => {
    expect(fieldOf("convolutional", settings, [3, 2])).toEqual({ top: 5, left: 3, rows: 4, columns: 6 });
    expect(fieldOf("locally_connected", settings, [0, 0])).toMatchObject({ top: 0, left: 0 });
    expect(fieldOf("locally_connected", settings, [19, 30])).toMatchObject({ top: 16, left: 24 });
    expect(fieldOf("fully_connected", settings, [7, 7])).toEqual({ top: 0, left: 0, rows: 20, columns: 30 });
  });

  it("draws small fields larger, within the image, with lines inside them", () => {
    const large = { ...settings, image: [200, 300], padding: 0, stride: 1 };
    expect(enlarged("locally_connected", large)).toBeCloseTo(8.5);
    for (const unit of [
      [0, 0],
      [196, 294],
      [100, 100],
    ] as const) {
      const { top, left, rows, columns } = drawnField("convolutional", large, unit);
      expect(Math.min(top, left)).toBeGreaterThanOrEqual(0);
      expect(top + rows).toBeLessThanOrEqual(200.001);
      expect(left + columns).toBeLessThanOrEqual(300.001);
      for (const [y, x] of lineEnds("convolutional", large, unit)) {
        expect(y > top && y < top + rows && x > left && x < left + columns).toBe(true);
      }
    }
  });

  it("shares nine colours among the lines of every unit, and moves from layer to layer", () => {
    stage.still = false;
    const { press, find, all, frame } = open();
    expect(find(".sg-net").getAttribute("data-kind")).toBe("fully_connected");
    const [before] = all(".sg-field").map((each) => each.getAttribute("d"));
    find<HTMLButtonElement>(".sg-cards button:nth-child(2)").click();
    frame(200);
    const [halfway] = all(".sg-field").map((each) => each.getAttribute("d"));
    frame(1000);
    const [after] = all(".sg-field").map((each) => each.getAttribute("d"));
    expect(new Set([before, halfway, after]).size).toBe(3);
    press("Convolutional");
    const own = [...(all(".sg-lines")[5]?.querySelectorAll(".sg-w[d]") ?? [])];
    expect(own).toHaveLength(9);
    expect(new Set(own.map((each) => each.getAttribute("class"))).size).toBe(9);
    expect(find(".sg-key").textContent).toContain("alike in colour and dashes");
  });
});

describe("settings", () => {
  it("count anew: typed numbers, with commas, as powers or products", () => {
    const { type, state, find } = open();
    type("Rows of the image", "1,000");
    type("Columns of the image", "10^3");
    expect(state("image")).toEqual([1000, 1000]);
    type("Number of hidden units", "1000*1000");
    expect(state("hidden")).toBe(1_000_000);
    expect(find(".sg-read").dataset.count).toBe("1000000000000");
    expect(find(".sg-exact").textContent).toBe("1,000,000,000,000 parameters");
  });

  it("answer what is wrong with a sentence, and stay", () => {
    const { type, state, find } = open();
    const said = () => find("[role=alert]").textContent;
    type("Number of filters", "0");
    expect(said()).toBe("The number of filters is a whole number from 1 to 1,000,000; this is 0.");
    type("Number of filters", "−3");
    expect(said()).toContain("this is -3");
    type("Number of hidden units", "2.5");
    expect(said()).toBe("The number of hidden units is a whole number; this is 2.5.");
    type("Rows of the field", "201");
    expect(said()).toContain("201 × 10, does not fit in the image, 200 × 200");
    type("stride", "many");
    expect(said()).toBe("stride: “many” is not a whole number.");
    expect(find<HTMLInputElement>("input[aria-label=stride]").value).toBe("1");
    expect([state("filters"), state("hidden"), state("field")]).toEqual([100, 40_000, [10, 10]]);
    type("Number of filters", "7");
    expect(said()).toBe("");
    expect(find(".sg-cards button:nth-child(3) b").textContent).toBe("700");
  });

  it("slide over round steps", () => {
    expect(roundSteps(1, 30)).toEqual([1, 2, 3, 4, 5, 6, 8, 10, 12, 15, 20, 25, 30]);
    const { find, state, frame } = open();
    const range = find<HTMLInputElement>('input[type=range][aria-label="hidden units"]');
    range.value = "0";
    range.dispatchEvent(new Event("input", { bubbles: true }));
    frame();
    expect(state("hidden")).toBe(1);
    expect(range.getAttribute("aria-valuetext")).toBe("1");
    expect(find(".sg-cards b").textContent).toBe("40,000");
  });

  it("keep the last good picture when Python sends what does not fit", () => {
    const { model, find, frame } = open();
    model.set("field", [500, 500]);
    frame();
    expect(find(".sg-cards button:nth-child(2) b").textContent).toBe("4 × 10⁶");
  });
});

describe("what is said", () => {
  it("has the formula in mathematics, sizes, and what compares", () => {
    const { find, press } = open();
    const text = () => `${find(".sg-read").textContent} ${find(".sg-large").textContent}`;
    expect(find(".sg-read math munder mtext").textContent).toBe("numbers in the image");
    for (const part of [
      "200·200·1·40,000",
      "=1,600,000,000",
      "more than all of GPT-2",
      "6.4 GB, 40 % of this machine's 16 GB",
    ])
      expect(text()).toContain(part);
    press("Locally");
    expect(text()).toContain("400 times fewer than fully connected");
    press("Convolutional");
    expect(text()).toContain("100 maps of 191 × 191 have 3,648,100 units");
    expect(text()).toContain("364,810,000 multiplications");
  });

  it("says what has to be said of memory without a kernel, of strides and of biases", () => {
    const { find, press } = open({ _facts: {}, stride: 4, bias: true, layer: "convolutional", measure: "memory" });
    expect(find(".sg-large").textContent).toContain("no kernel has told");
    expect(find(".sg-scale p").textContent).toContain("no kernel has told");
    expect(find(".sg-read").textContent).toContain("no field reaches the last 2 rows and 2 columns.");
    expect(find(".sg-read").textContent).toContain("+100=10,100");
    press("multiplications");
    expect(find(".sg-bars3").getAttribute("aria-label")).toContain(
      "Multiplications on a logarithmic scale: fully connected 1.6 × 10⁹",
    );
  });

  it("compares counts", () => {
    const one = { ...TRAITS, image: [40, 8], field: [40, 8], hidden: 3, filters: 1 };
    expect(reason("locally_connected", one)).toContain("its own field: as many as fully connected.");
    expect(reason("convolutional", one)).toContain("3 times fewer than locally connected");
    expect(reason("convolutional", one)).toContain("1 map of 1 × 1 has 1 unit.");
    expect(ratio(1000n, 10n)).toBe("100 times fewer");
    expect(ratio(10n, 25n)).toBe("2.5 times more");
    expect(ratio(10n, 10n)).toBe("as many");
    expect(compared(10n, FACTS.networks)).toBe("fewer than LeNet-5 (60,000)");
    expect(compared(10n ** 6n, FACTS.networks)).toBe("between LeNet-5 (60,000) and GPT-2 (1.54 × 10⁹)");
    expect(compared(10n ** 6n, [])).toBe("");
  });

  it("shows the field of a unit by pointer and by keys", () => {
    const { find, all, key, state, frame } = open({ layer: "convolutional", field: [20, 20] });
    const units = all(".sg-unit");
    expect(units).toHaveLength(16);
    units[5]!.dispatchEvent(new Event("pointerover", { bubbles: true }));
    expect(find(".sg-net").hasAttribute("data-lit")).toBe(true);
    find(".sg-net").dispatchEvent(new Event("pointerleave"));
    expect(find(".sg-net").hasAttribute("data-lit")).toBe(false);
    key(units[0]!, "ArrowRight");
    expect(state("unit")).toEqual([22, 67]);
    expect(find(".sg-unitsaid").textContent).toBe(unitWords("convolutional", { ...TRAITS, field: [20, 20] }, 22, 67));
    expect(find(".sg-unitsaid").textContent).toContain("rows 22 to 41 and columns 67 to 86: the same 400 weights");
    frame();
    expect(find("[aria-live=polite]").textContent).toContain("rows 22 to 41");
    key(find(".sg-unit.now"), "Escape");
    expect(state("unit")).toEqual([]);
  });
});

describe("predicting", () => {
  it("hides the counts, names mistakes, keeps the answers", () => {
    const { find, press, type, state, all } = open({ predict: true });
    const counts = () => all(".sg-cards b").map((each) => each.textContent);
    expect(counts()).toEqual(["?", "?", "?"]);
    expect(find(".sg-read").hidden).toBe(true);
    expect(find(".sg-numbers").textContent).not.toContain("1,600");
    expect(find(".sg-bars3").textContent).not.toContain("1.6");
    const check = (text: string) => {
      type("Parameters", text);
      press("Check");
      return find(".sg-predict [role=status]").textContent;
    };
    expect(check("lots")).toContain("Type a number");
    expect(check("200·200")).toContain("each of the 40,000 hidden units has 40,000 weights of its own");
    expect(check("2e9")).toBe("✓ Right: 1,600,000,000.");
    expect(counts()).toEqual(["1.6 × 10⁹", "?", "?"]);
    expect(state("layer")).toBe("locally_connected");
    expect(check("100")).toContain("Those are the weights of one unit");
    press("Skip");
    expect(find(".sg-predict").textContent).toContain("The locally connected layer has 4,000,000.");
    expect(check("10*10*100")).toBe("✓ Right: 10,000.");
    expect(counts()).toEqual(["1.6 × 10⁹", "4 × 10⁶", "10,000"]);
    expect(find(".sg-read").hidden).toBe(false);
    const answers = state<Answer[]>("answers");
    expect(answers.map((each) => [each.question, each.answer, each.correct, each.skipped])).toEqual([
      ["fully_connected", 40_000, false, false],
      ["fully_connected", 2e9, true, false],
      ["locally_connected", 100, false, false],
      ["locally_connected", null, false, true],
      ["convolutional", 10_000, true, false],
    ]);
    expect(answers.map((each) => each.expected)).toEqual([1_600_000_000, 1_600_000_000, 4_000_000, 4_000_000, 10_000]);
  });

  it("keeps counts above 2⁵³ as text, and asks again for other settings", () => {
    const { type, press, state, find } = open({ predict: true, image: [9999, 9999], hidden: 999_999_999 });
    press("Skip");
    expect(state<Answer[]>("answers")[0]?.expected).toBe(`${9999n * 9999n * 999_999_999n}`);
    type("Number of hidden units", "5");
    expect(find(".sg-predict p").textContent).toContain("Predict 1 of 3");
  });
});

it("shows only the parts that are asked for, and leaves nothing behind", () => {
  const { find, close, model } = open({ controls: ["layers"] });
  expect(find(".sg-cards").closest("[hidden]")).toBe(null);
  for (const part of [".sg-sizes", ".sg-top", ".sg-main", ".sg-numbers", ".sg-read"])
    expect(find(part).hidden).toBe(true);
  close();
  expect(stage.observers).toBe(0);
  expect((model as unknown as { listeners(): number }).listeners()).toBe(0);
  expect(document.querySelector(".stepgrad")).toBe(null);
});

it("repeats a number that is far too large as it was typed", () => {
  const { type, find } = open();
  type("Number of hidden units", "1e308");
  expect(find("[role=alert]").textContent).toBe(
    "The number of hidden units is a whole number from 1 to 1,000,000,000; this is 1e308.",
  );
});
