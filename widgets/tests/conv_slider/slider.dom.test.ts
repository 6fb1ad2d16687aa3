import { describe, expect, it, vi } from "vitest";
import { fakeModel } from "../../demo/fake_model";
import widget from "../../src/conv_slider";
import { type Answer, type Filter, TRAITS, type Traits } from "../../src/conv_slider/traits";
import { stage, useStage } from "../stage";

useStage(1100);

/** A picture of 6 × 6 whole numbers, 0 to 5 along each row, and one in colour. */
const GRAY = Float32Array.from({ length: 36 }, (_, i) => i % 6);
const GRAY_WEIGHTS = new Array(36).fill(1);
const COLOUR = Uint8Array.from({ length: 8 * 8 * 3 }, (_, i) => (7 * i) % 256);
/** Squares of 0 to 5 along each row. */
const SQUARES = Float32Array.from({ length: 36 }, (_, i) => (i % 6) ** 2);
const PICTURES = [
  { name: "numbers", title: "numbers", height: 6, width: 6, channels: 1, kind: "floats" },
  { name: "photo", title: "photograph", height: 8, width: 8, channels: 3, kind: "bytes" },
] as const;
const SOBEL = [-1, 0, 1, -2, 0, 2, -1, 0, 1];
const kernel = (weights: number[]) => ({ channels: 1, rows: 3, columns: 3, weights, bias: 0 });
const PRESETS = [
  { name: "sobel_x", title: "vertical edges", kernels: [kernel(SOBEL)] },
  { name: "box", title: "box blur", kernels: [kernel(new Array(9).fill(1))] },
];

function open(rest: Partial<Traits> = {}) {
  const model = fakeModel({
    ...TRAITS,
    pictures: PICTURES,
    _pictures: [new DataView(GRAY.buffer), new DataView(COLOUR.buffer)],
    picture: "numbers",
    size: 0,
    kernel: [3, 3],
    presets: PRESETS,
    filters: [{ name: "sobel_x", weights: SOBEL, bias: 1 }],
    ...rest,
  });
  const el = document.body.appendChild(document.createElement("div"));
  const close = widget.render({ model, el });
  const root = el.querySelector(".stepgrad") as HTMLElement;
  const find = <E extends Element = HTMLElement>(selector: string) => root.querySelector(selector) as E;
  const frame = () => vi.advanceTimersByTime(300);
  const key = (name: string, target: Element = find("[role=application]"), options: KeyboardEventInit = {}) => {
    const event = new KeyboardEvent("keydown", { key: name, bubbles: true, cancelable: true, ...options });
    target.dispatchEvent(event);
    frame();
    return event;
  };
  const press = (name: string) => {
    const all = [...root.querySelectorAll<HTMLElement>("button")];
    const found = all.find((each) => each.textContent === name || each.getAttribute("aria-label") === name);
    if (!found) throw new Error(`there is no button ${name}`);
    found.click();
    frame();
  };
  const pick = (label: string, value: string | number) => {
    const select = find<HTMLSelectElement>(`select[aria-label="${label}"]`);
    select.value = `${value}`;
    select.dispatchEvent(new Event("change", { bubbles: true }));
    frame();
  };
  const weight = (row: number, column: number) =>
    find<HTMLInputElement>(`input[aria-label="Weight, row ${row}, column ${column}"]`);
  const type = (field: HTMLInputElement, text: string) => {
    field.focus();
    field.value = text;
    field.dispatchEvent(new InputEvent("input", { bubbles: true }));
    key("Enter", field);
  };
  frame();
  const state = model.get as <T>(name: string) => T;
  const value = () => Number(find(".sg-read div").dataset.exact);
  const weights = (i = 0) => state<Filter[]>("filters")[i]!.weights;
  return { model, close, root, find, frame, key, press, pick, type, weight, value, weights, state };
}

describe("the window", () => {
  it("goes on by keys, by a row too, and stays inside", () => {
    const { key, state } = open();
    key("ArrowRight");
    key("ArrowDown");
    expect(state("position")).toBe(5);
    key("End");
    key("ArrowDown");
    key("ArrowRight");
    expect(state("position")).toBe(15);
    key("Home");
    key("ArrowUp");
    expect(state("position")).toBe(0);
  });

  it("takes every key of a quick series", () => {
    const { find, state, frame, weight, weights } = open();
    const send = (name: string, target: Element) =>
      target.dispatchEvent(new KeyboardEvent("keydown", { key: name, bubbles: true, cancelable: true }));
    for (const name of ["ArrowDown", "ArrowDown", "ArrowRight"]) send(name, find("[role=application]"));
    for (let i = 0; i < 3; i++) send("ArrowUp", weight(1, 1));
    frame();
    expect(state("position")).toBe(9);
    expect(weights()[4]).toBeCloseTo(0.3, 12);
  });

  it("tells the dot product and its parts", () => {
    const { value, find } = open();
    expect(value()).toBe(8 + 1);
    expect(find(".sg-read").textContent).toContain("9 products and one bias: sum 8, bias 1.");
    expect(find("[aria-live]").textContent).toContain("Window 1 of 16: y[0, 0] = 9.");
  });

  it("plays to the end, and several windows at a time where that is asked for", () => {
    const { press, state, frame } = open({ speed: 240 });
    press("Play");
    expect(state<boolean>("playing") || state<number>("position") > 0).toBe(true);
    for (let i = 0; i < 10; i++) frame();
    expect(state("position")).toBe(15);
    expect(state("playing")).toBe(false);
  });
});

describe("the weights", () => {
  it("are typed, stepped by arrow keys, and what can't be read is given back", () => {
    const { weight, type, weights, key, value } = open();
    type(weight(1, 1), "0,5");
    expect(weights()[4]).toBe(0.5);
    expect(value()).toBe(9 + 0.5);
    type(weight(1, 1), "x");
    expect(weights()[4]).toBe(0.5);
    expect(weight(1, 1).value).toBe("0.50");
    key("ArrowUp", weight(1, 1));
    expect(weights()[4]).toBeCloseTo(0.6, 12);
    key("ArrowRight", weight(1, 1));
    expect(document.activeElement).toBe(weight(1, 2));
    expect(weight(1, 1).tabIndex).toBe(-1);
  });

  it("are dragged", () => {
    const { weight, weights, frame } = open();
    const cell = weight(0, 0);
    const send = (type: string, clientY: number) =>
      cell.dispatchEvent(new MouseEvent(type, { bubbles: true, clientY, button: 0 }));
    send("pointerdown", 100);
    send("pointermove", 60);
    frame();
    expect(weights()[0]).toBeCloseTo(0, 12);
    send("pointerup", 60);
    send("pointermove", 0);
    expect(weights()[0]).toBeCloseTo(0, 12);
  });

  it("are edited where they are seen: turned, and shared by the channels", () => {
    const flipped = open({ flip: true });
    flipped.type(flipped.weight(0, 0), "7");
    expect(flipped.weights()[8]).toBe(7);
    const third = SOBEL.map((w) => w / 3);
    const colour = open({
      picture: "photo",
      filters: [{ name: "", weights: [...third, ...third, ...third], bias: 0 }],
    });
    expect(colour.weight(1, 2).value).toBe("2");
    colour.type(colour.weight(1, 2), "5");
    for (const c of [0, 1, 2]) expect(colour.weights()[9 * c + 5]).toBeCloseTo(5 / 3, 12);
    colour.press("G");
    colour.type(colour.weight(0, 0), "4");
    expect(colour.weights()[9]).toBe(4);
    expect(colour.weights()[0]).toBeCloseTo(-1 / 3, 12);
  });

  it("come to what is typed, beside numbers of any size", () => {
    const third = new Array(27).fill(0).map((_, k) => (k % 9 ? 0 : [0.1, 0.2, 0.3][Math.floor(k / 9)]!));
    for (const weights of [new Array(27).fill(1 / 3), third]) {
      const { type, weight, find, value } = open({ picture: "photo", filters: [{ name: "", weights, bias: 0 }] });
      const now = () => Number(weight(0, 0).getAttribute("aria-valuenow"));
      const before = value();
      for (const [text, number] of [
        ["-5", -5],
        ["0", 0],
        ["1e20", 1e20],
        ["1.5", 1.5],
        ["1e-13", 1e-13],
      ] as const) {
        type(weight(0, 0), text);
        expect(now()).toBe(number);
      }
      type(weight(0, 0), weights[0] === 0.1 ? "0.6" : "1");
      if (weights !== third) expect(value()).toBeCloseTo(before, 9);
      expect(find("[role=alert]").textContent).toBe("");
    }
  });

  it("stay as they are where no number was typed, and the line says so", () => {
    const { type, weight, weights, find, state } = open();
    const alert = () => find("[role=alert]").textContent;
    const bias = find<HTMLInputElement>("input[aria-label=Bias]");
    const faults = [
      ["abc", "“abc” is not a number."],
      ["1e999", "“1e999” is too large"],
      ["-1e101", "“-1e101” is too large"],
      ["", "nothing was typed"],
    ] as const;
    for (const [text, said] of faults) {
      type(weight(0, 1), text);
      expect(alert()).toContain(`Weight, row 0, column 1: ${said}`);
      expect(weights()[1]).toBe(0);
      type(bias, text);
      expect(alert()).toContain(`Bias: ${said}`);
      expect(state<Filter[]>("filters")[0]!.bias).toBe(1);
    }
    type(bias, "2");
    expect(alert()).toBe("");
  });

  it("fit another picture's channels, and come back", () => {
    const { pick, weights } = open();
    pick("Picture", "photo");
    expect(weights()).toHaveLength(27);
    expect(weights()[2]).toBeCloseTo(1 / 3, 12);
    pick("Picture", "numbers");
    for (const [k, w] of SOBEL.entries()) expect(weights()[k]).toBeCloseTo(w, 12);
  });
});

describe("the bank", () => {
  it("grows, takes presets and names, and shrinks to one", () => {
    const { press, pick, state, weights, find } = open();
    press("Add a filter");
    expect(state<Filter[]>("filters").map(({ name }) => name)).toEqual(["sobel_x", "box"]);
    expect(state("filter")).toBe(1);
    expect(find(".sg-bank").textContent).toContain("2 · (9 weights + 1 bias) = 2 · 10 = 20 parameters");
    pick("Preset for this filter", 0);
    expect(weights(1)).toEqual(SOBEL);
    press("Remove this filter");
    press("Remove this filter");
    expect(state<Filter[]>("filters")).toHaveLength(1);
  });

  it("keeps the middle of a kernel in another size", () => {
    const { pick, weights, find } = open({ filters: [{ name: "mine", weights: SOBEL, bias: 0 }] });
    pick("Kernel size", 5);
    expect(weights()).toHaveLength(25);
    expect(weights()[12 + 1]).toBe(2);
    pick("Kernel size", 3);
    expect(weights()).toEqual(SOBEL);
    pick("Kernel size", 7);
    expect(find("[role=alert]").textContent).toContain("does not fit in the picture of 6 × 6");
    expect(weights()).toEqual(SOBEL);
  });
});

describe("sizes", () => {
  it("are told by the rule, and a stride that doesn't fit is said", () => {
    const { pick, find, state } = open();
    expect(find(".sg-rule").textContent).toContain("6−3+2·01+1=4");
    pick("stride", 2);
    expect(find(".sg-map").textContent).toContain("Stride 2 does not fit: 6 − 3 + 2·0 = 3 is no multiple of 2");
    pick("padding", 2);
    pick("dilation", 3);
    expect(find(".sg-rule").textContent).toContain("(3·2+1)");
    pick("padding", 0);
    expect(find("[role=alert]").textContent).toContain("does not fit");
    expect(state("padding")).toBe(2);
  });
});

describe("looking back and forth", () => {
  it("shows what an output reads", () => {
    const { press, key, find, state } = open();
    press("receptive field");
    key("ArrowDown");
    expect(state("selected")).toEqual([1, 0]);
    expect(find(".sg-read").textContent).toContain("Its receptive field: rows 1 to 3, columns 0 to 2");
    key("End");
    expect(state("selected")).toEqual([3, 3]);
    key(" ");
    expect(state("playing")).toBe(false);
    expect(state("position")).toBe(0);
  });

  it("shows which outputs an input feeds, and that some feed none", () => {
    const { press, key, find, model, frame } = open();
    press("backward");
    expect(find(".sg-read").textContent).toContain(
      "x at row 3, column 3 feeds 9 outputs: rows 1 to 3, columns 1 to 3.",
    );
    key("ArrowUp");
    key("ArrowUp");
    key("ArrowUp");
    expect(find(".sg-read").textContent).toContain("feeds 3 outputs");
    model.set("stride", 4);
    model.set("selected", [5, 5]);
    frame();
    expect(find(".sg-read").textContent).toContain("feeds no output, and its gradient is 0");
  });

  it("sums the gradient over all filters that read the input", () => {
    const { press, find } = open();
    press("backward");
    expect(find(".sg-read div").textContent).not.toContain("f");
    press("Add a filter");
    expect(find(".sg-read div").textContent).toContain("∑f,p,qȳ[f,p,q]w[f,3−p,3−q]".replace("ȳ", "y¯"));
  });

  it("says how much of the matrix is 0", () => {
    const { press, find, pick } = open({ filters: [{ name: "", weights: [2], bias: 0 }], kernel: [1, 1] });
    press("matrix");
    const facts = () => find(".sg-matrix").textContent;
    expect(facts()).toContain("with 97.2 % of them 0 and the rest shared");
    const whole = open({ mode: "matrix", kernel: [6, 6], filters: [{ name: "", weights: GRAY_WEIGHTS, bias: 0 }] });
    expect(whole.find(".sg-matrix").textContent).toContain("this one is it, with shared weights.");
    pick("padding", 0);
    expect(facts()).not.toContain("nearly all");
  });

  it("shows the matrix with its counts", () => {
    const { press, find } = open();
    press("matrix");
    expect(find(".sg-matrix").textContent).toContain("16 outputs × 36 inputs");
    expect(find(".sg-matrix").textContent).toContain(
      "Of 576 places 144 (25 %) are on the bands, and all of them hold 9 numbers",
    );
  });
});

describe("turning the kernel", () => {
  it("changes the number, and for a symmetric kernel says that it doesn't", () => {
    const { press, value, find } = open();
    press("convolution (flip)");
    expect(value()).toBe(-8 + 1);
    expect(find(".sg-read").textContent).toContain("the kernel is turned by half a turn before it slides");
    const box = open({ filters: [{ name: "box", weights: new Array(9).fill(1), bias: 0 }] });
    expect(box.find(".sg-read").textContent).toContain("the same after half a turn");
  });
});

describe("what Python says", () => {
  it("is a note at first, and later of what was refused", () => {
    const { model, find, frame } = open({ message: "The image is shown as 72 × 128." });
    const alert = () => find("[role=alert]").textContent;
    expect(find("[role=status].sg-say").textContent).toBe("The image is shown as 72 × 128.");
    expect(alert()).toBe("");
    model.set("message", "stride is a whole number from 1 to 8; got 0");
    frame();
    expect(alert()).toContain("got 0");
    model.set("message", "");
    frame();
    expect(alert()).toBe("");
  });
});

describe("predictions", () => {
  const answer = ({ find, press }: ReturnType<typeof open>, number: string) => {
    find<HTMLInputElement>(".sg-predict input").value = number;
    press("Check");
  };

  it("names what is wrong, then asks the next, and keeps what was answered", () => {
    const view = open({ predict: true, padding: 1 });
    const { find, state } = view;
    const feedback = () => find(".sg-predict p").textContent;
    expect(find(".sg-map").hidden).toBe(true);
    answer(view, "1e999");
    expect(feedback()).toContain("Type a number");
    answer(view, "4");
    expect(feedback()).toContain("without the padding");
    answer(view, "6");
    expect(feedback()).toContain("Right: 6");
    expect(find(".sg-map").hidden).toBe(false);
    // The first window: 1 · 2 + 1 · 1 of x, and the bias.
    expect(find(".sg-read").textContent).toContain("?");
    answer(view, "-2");
    expect(feedback()).toContain("You turned the kernel");
    answer(view, "3");
    expect(feedback()).toContain("The bias is missing");
    answer(view, "4");
    answer(view, "9");
    expect(feedback()).toContain("The biases are missing");
    answer(view, "10");
    expect(feedback()).toContain("Right: 10");
    const answers = state<Answer[]>("answers");
    expect(answers.map(({ question }) => question)).toEqual([
      "size",
      "size",
      "value",
      "value",
      "value",
      "parameters",
      "parameters",
    ]);
    expect(answers.map(({ correct }) => correct)).toEqual([false, true, false, false, true, false, true]);
  });

  it("tells nowhere what is still to be predicted", () => {
    const view = open({ predict: true, _pictures: [new DataView(SQUARES.buffer), new DataView(COLOUR.buffer)] });
    const { find, press, key, root } = view;
    const live = () => find("[aria-live]").textContent;
    const count = () => find(".sg-bank").hasAttribute("data-secret");
    expect(live()).toBe("");
    press("Skip");
    // 0 1 4 under −1 0 1 in the first row, and so on; the bias is 1.
    expect(find(".sg-read div").dataset.exact).toBeUndefined();
    for (const mode of ["receptive field", "matrix", "slide"]) {
      press(mode);
      expect(root.textContent).not.toContain("17");
      expect(live()).toMatch(/^Window 1 of 16: y\[0, 0\] is (asked for|still to be predicted)\.$/);
      expect(find<HTMLElement>(".sg-dot").hidden).toBe(true);
      expect(count()).toBe(true);
    }
    press("Skip");
    expect(view.value()).toBe(17);
    expect(live()).toContain("y[0, 0] = 17");
    expect(count()).toBe(true);
    press("receptive field");
    key("ArrowRight");
    expect(find(".sg-read div").textContent).toContain("?");
    press("Skip");
    expect(count()).toBe(false);
  });

  it("records what is skipped, and asks each window for its number", () => {
    const { press, state, find, key } = open({ predict: true });
    press("Skip");
    press("Skip");
    press("Skip");
    expect(state<Answer[]>("answers").map(({ skipped }) => skipped)).toEqual([true, true, true]);
    key("ArrowRight");
    expect(find(".sg-questions").textContent).toContain("row 0, column 1");
    key("ArrowRight");
    expect(state("position")).toBe(1);
  });
});

it("leaves nothing behind", () => {
  const { close, model, root } = open({ playing: true });
  expect(stage.observers).toBeGreaterThan(0);
  close();
  expect(stage.observers).toBe(0);
  expect(model.listeners()).toBe(0);
  expect(root.isConnected).toBe(false);
  expect(vi.getTimerCount()).toBe(0);
});
