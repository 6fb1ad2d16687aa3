import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, vi } from "vitest";
import { fakeModel } from "../../demo/fake_model";
import widget from "../../src/jacobian_inspector";
import { type Answer, TRAITS, type Traits } from "../../src/jacobian_inspector/traits";
import { type JacobianHeader, unpack } from "../../src/math/forms";
import { stage, useStage } from "../stage";

useStage(600);

const FOLDER = join(import.meta.dirname, "../../../tests/golden/jacobians");
const golden = (name: string): JacobianHeader =>
  JSON.parse(readFileSync(join(FOLDER, `${name}.json`), "utf8")).document;

const LAYERS = [
  { name: "relu", title: "ReLU", size: 4096, batch: 100 },
  { name: "expression", title: "my function" },
];

function open(name: string, rest: Partial<Traits> = {}) {
  const [header, buffers] = unpack(golden(name));
  const model = fakeModel({
    ...TRAITS,
    _header: header,
    _buffers: buffers,
    layers: LAYERS,
    layer: "relu",
    size: 8,
    ...rest,
  });
  const el = document.body.appendChild(document.createElement("div"));
  const close = widget.render({ model, el });
  const root = el.querySelector(".stepgrad") as HTMLElement;
  const find = <E extends Element = HTMLElement>(selector: string) => root.querySelector(selector) as E;
  const frame = () => vi.advanceTimersByTime(300);
  const key = (name: string, options: KeyboardEventInit = {}, target: Element = find("canvas")) => {
    const event = new KeyboardEvent("keydown", { key: name, bubbles: true, cancelable: true, ...options });
    target.dispatchEvent(event);
    frame();
    return event;
  };
  const press = (name: string) => {
    const all = [...root.querySelectorAll<HTMLElement>("button")];
    all.find((each) => each.textContent === name || each.getAttribute("aria-label") === name)?.click();
    frame();
  };
  const type = (label: string, text: string) => {
    const field = find<HTMLInputElement>(`input[aria-label="${label}"]`);
    field.value = text;
    field.dispatchEvent(new Event("change", { bubbles: true }));
    frame();
  };
  frame();
  const said = () => find(".sg-read p").textContent;
  return { model, close, root, find, frame, key, press, type, said, state: model.get as <T>(name: string) => T };
}

describe("what is said of a cell", () => {
  it("gives its exact value, its place, and the note of an open gate", () => {
    const { said, find } = open("relu", { selected: [0, 0], _facts: { notes: { nonzero: "The gate is open." } } });
    expect(said()).toContain("sample 0, unit 0 · row 0, column 0 · exactly");
    expect(find(".sg-read math").textContent).toContain("∂h0∂x0");
    expect(said()).toMatch(/exactly 1\. The gate is open\.|A factor is 0 here\./);
  });

  it("tells why it is zero: samples, units, windows", () => {
    expect(open("fc_x", { selected: [11, 3] }).said()).toContain("Sample 2 of h does not depend on sample 0 of x.");
    expect(open("relu", { selected: [3, 4] }).said()).toContain("Unit 3 of h does not depend on unit 4 of x.");
    expect(open("conv_padded_strided", { selected: [0, 41] }).said()).toContain(
      "The window covers row −1 to 1 of x".replace("−", "-"),
    );
    expect(open("max_pool", { selected: [0, 35] }).said()).toContain("Another entry was picked: ");
  });

  it("follows the arrow keys, and is read out once they rest", () => {
    const { key, state, find, said } = open("softmax", { selected: [3, 4] });
    key("ArrowDown");
    key("ArrowRight");
    expect(state("selected")).toEqual([4, 5]);
    expect(said()).toContain("row 4, column 5");
    expect(find("[aria-live]").textContent).toContain("∂s₄/∂x₀ = 0");
    expect(key("ArrowUp").defaultPrevented).toBe(true);
  });

  it("asks the kernel for what the document has rounded", () => {
    const header = { ...golden("fc_x"), exact: false };
    const { model, state, said, frame } = open("fc_x", { _header: header, selected: [0, 0] });
    expect(said()).toContain("about ");
    const { id, kind } = state<{ id: string; kind: string }>("_request");
    expect(kind).toBe("cell");
    model.set("_answer", { id, row: 0, column: 0, value: 0.123456789012345 });
    frame();
    expect(said()).toContain("exactly 0.123456789012345");
  });
});

describe("moving about", () => {
  it("zooms and pans by keys, within the matrix", () => {
    const { key, state } = open("relu_large", { selected: [12305, 12305] });
    key("+");
    const [row, column, scale] = state<number[]>("view") as [number, number, number];
    expect(scale).toBeGreaterThan(440 / 409_600);
    expect([row, column].every((n) => n >= 0)).toBe(true);
    key("Enter");
    expect(state<number[]>("view")[2]).toBe(26);
    expect(Math.abs(state<number[]>("view")[0]! + 8 - 12305)).toBeLessThan(3);
    key("End");
    expect(state<number[]>("view")[0]).toBeGreaterThan(409_500);
    key("ArrowLeft", { shiftKey: true });
    expect(state("selected")).toEqual([12305, 12305]);
    key("0");
    expect(state("view")).toEqual([]);
  });

  it("zooms about the pointer by the wheel, and lets the page scroll once all is seen", () => {
    const { find, state, frame } = open("relu_large");
    const wheel = (deltaY: number) => {
      const event = new WheelEvent("wheel", { deltaY, clientX: 262, clientY: 224, bubbles: true, cancelable: true });
      find("canvas").dispatchEvent(event);
      frame();
      return event;
    };
    expect(wheel(200).defaultPrevented).toBe(false);
    expect(wheel(-500).defaultPrevented).toBe(true);
    const [row, column, scale] = state<number[]>("view") as [number, number, number];
    const all = 446 / 409_600;
    expect(column + 200 / scale).toBeCloseTo(200 / all, 0);
    expect(row + 200 / scale).toBeCloseTo(200 / all, 0);
  });

  it("goes to a row and a column that are typed, and not outside", () => {
    const { type, state } = open("relu_large", { selected: [0, 0] });
    type("Row", "409599");
    type("Column", "999999999");
    expect(state("selected")).toEqual([409_599, 409_599]);
  });
});

describe("beside the matrix", () => {
  it("says shape, entries, nonzeros, structure and bytes", () => {
    const { find } = open("relu_large", {
      _facts: { machine_bytes: 16e9, times: { structured: 2e-4, dense: null, sweep: 3e-4 } },
    });
    const text = find(".sg-facts").textContent;
    for (const part of ["409,600 × 409,600", "167,772,160,000", "of at most 409,600", "Diagonal"])
      expect(text).toContain(part);
    const bars = [...document.querySelectorAll(".sg-bars dd")].map((each) => each.textContent);
    expect(bars).toEqual(["410 KB", "16 GB", "1.34 TB", "200 µs", "300 µs", "does not fit–"]);
  });

  it("selects by a click on a unit, and lights what it is connected to", () => {
    const { find, state, frame, root } = open("softmax", { selected: [2, 2] });
    find('[data-side="column"][data-unit="4"]').dispatchEvent(new MouseEvent("click", { bubbles: true }));
    frame();
    expect(state("selected")).toEqual([2, 4]);
    expect(root.querySelectorAll("line.chosen").length).toBe(1);
    expect(root.querySelectorAll("line.lit").length).toBeGreaterThan(4);
    expect(find(".sg-network p").textContent).toBe("s₂ depends on 5 inputs; x₄ reaches 5 outputs.");
  });

  it("multiplies a chain in either order, and counts", () => {
    const { find, state, press } = open("fc_relu_fc");
    const { orders } = golden("fc_relu_fc").chains[0]!;
    expect(find(".sg-chain").textContent).toContain(`${orders.reverse!.toLocaleString("en")} multiplications`);
    press("From the input");
    expect(state("order")).toBe("forward");
    expect(find(".sg-chain > p").textContent).toContain(`${orders.forward!.toLocaleString("en")} multiplications`);
  });
});

describe("another layer", () => {
  it("is asked of the kernel; a refusal is said, and the view stays", () => {
    const { press, state, find, model, frame } = open("softmax", { selected: [1, 1] });
    press("ReLU");
    const request = state<Record<string, unknown>>("_request");
    expect(request).toMatchObject({ kind: "layer", layer: "relu", size: 4096, batch: 100 });
    model.set("_answer", { id: request.id, message: "This Jacobian would be too large." });
    frame();
    expect(find("[role=alert]").textContent).toBe("This Jacobian would be too large.");
    expect(find(".sg-facts").textContent).toContain("15 × 15");
    expect(find(".stepgrad")).toBe(null);
  });

  it("comes as new numbers, and says when the kernel is silent", () => {
    const { press, model, find, frame, root } = open("softmax");
    press("ReLU");
    vi.advanceTimersByTime(6000);
    expect(root.querySelector(":scope > [role=status]")?.textContent).toContain("The kernel does not answer");
    const [header, buffers] = unpack(golden("conv_small"));
    model.set("_header", header);
    model.set("_buffers", buffers);
    frame();
    expect(find(".sg-facts").textContent).toContain("BlockToeplitz");
    expect(root.querySelector(":scope > [role=status]")?.textContent).toBe("");
  });

  it("can be a function of one's own", () => {
    const { press, find, key, state } = open("softmax");
    press("my function");
    const field = find<HTMLInputElement>(".sg-own input");
    field.value = "x*tanh(x)";
    key("Enter", {}, field);
    expect(state("_request")).toMatchObject({ layer: "expression", expression: "x*tanh(x)" });
  });
});

describe("predicting", () => {
  const small = {
    rows: 2,
    columns: 2,
    pattern: [
      [1, 0],
      [0, 1],
    ],
  };

  it("asks before it shows, and keeps the answers", () => {
    const { type, press, find, state, root, key } = open("fc_x", { predict: true, _facts: { small } });
    expect(find(".sg-main").hidden).toBe(true);
    type("Rows", "18");
    type("Columns", "15");
    press("Check");
    expect(find(".sg-predict [role=status]").textContent).toContain("The other way round.");
    type("Rows", "15");
    type("Columns", "18");
    press("Check");
    expect(find(".sg-predict").textContent).toContain("Right");
    press("Skip");
    const boxes = [...root.querySelectorAll<HTMLElement>(".sg-grid button")];
    boxes[0]!.click();
    press("Check");
    expect(find(".sg-predict [role=status]").textContent).toContain("1 missing");
    expect(boxes[3]!.dataset.off).toBe("");
    key("ArrowRight", {}, boxes[0]);
    expect(document.activeElement).toBe(boxes[1]);
    boxes[3]!.click();
    press("Check");
    expect(find(".sg-main").hidden).toBe(false);
    const answers = state<Answer[]>("answers");
    expect(answers.map((each) => [each.question, each.correct, each.skipped])).toEqual([
      ["size", false, false],
      ["size", true, false],
      ["numbers", false, true],
      ["pattern", false, false],
      ["pattern", true, false],
    ]);
    expect(answers[2]!.expected).toBe(30);
  });
});

it("shows only the parts that are asked for, and leaves nothing behind", () => {
  const { find, close, model } = open("relu", { controls: ["facts"], selected: [0, 0] });
  expect(find(".sg-facts").closest("[hidden]")).toBe(null);
  for (const part of [".sg-network", ".sg-picker", ".sg-menu"]) expect(find(part).hidden).toBe(true);
  close();
  expect(stage.observers).toBe(0);
  expect((model as unknown as { listeners(): number }).listeners()).toBe(0);
  expect(document.querySelector(".stepgrad")).toBe(null);
});

it("says what is missing instead of a picture", () => {
  const { root } = open("relu", { _buffers: [] });
  expect(root.textContent).toContain("missing");
});
