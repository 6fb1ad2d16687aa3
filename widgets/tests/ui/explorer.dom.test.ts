import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, vi } from "vitest";
import { fakeModel } from "../../demo/fake_model";
import widget from "../../src/graph_explorer";
import { DEPTH_FIRST_CODE, KAHN_CODE } from "../../src/graph_explorer/algorithms";
import { PRESETS } from "../../src/graph_explorer/presets";
import { countFault, readyFault } from "../../src/graph_explorer/questions";
import { progress, scenes } from "../../src/graph_explorer/scene";
import { TRAITS, type Traits } from "../../src/graph_explorer/traits";
import { counted, ordering, refusal, running, shape } from "../../src/graph_explorer/words";
import type { DagNode } from "../../src/math/dag";
import { stage, useStage } from "../stage";

useStage(600);

const golden = JSON.parse(readFileSync(join(import.meta.dirname, "../../../tests/golden/dags.json"), "utf8"));
const LECTURE: readonly DagNode[] = golden.documents[0].nodes;
const ORDER = LECTURE.map(({ label }) => label);
const given = (rest: Partial<Traits> = {}): Traits => ({
  ...TRAITS,
  nodes: LECTURE,
  order: ORDER,
  output: "f",
  ...rest,
});
const sceneOf = (rest: Partial<Traits> = {}) => scenes()(given(rest))!;

function open(rest: Partial<Traits> = {}) {
  const model = fakeModel(given(rest) as unknown as Record<string, unknown>);
  const el = document.body.appendChild(document.createElement("div"));
  const close = widget.render({ model, el });
  const root = el.querySelector(".stepgrad") as HTMLElement;
  const frame = () => vi.advanceTimersByTime(400);
  const press = (name: string) => {
    const all = [...root.querySelectorAll<HTMLElement>("button")];
    all.find((each) => each.textContent === name || each.getAttribute("aria-label") === name)?.click();
    frame();
  };
  frame();
  const state = <K extends keyof Traits>(name: K) => model.get(name) as Traits[K];
  return { model, close, root, frame, press, state };
}

it("shows the algorithms as they can be run in Python", () => {
  expect({ kahn: KAHN_CODE, depth_first: DEPTH_FIRST_CODE }).toEqual(golden.code);
});

it("begins with graphs that are what they are called", () => {
  for (const [name, nodes] of Object.entries(PRESETS)) {
    const labels = nodes.map(({ label }) => label);
    const scene = scenes()(given({ nodes, order: labels, output: labels.at(-1) ?? "" }));
    expect(scene, name).not.toBeNull();
    expect(scene?.backward).toEqual([]);
  }
});

describe("what is said", () => {
  it("of an order", () => {
    expect(ordering(sceneOf(), false)).toBe("All 5 edges point forward: this order σ is topological, one of 5.");
    expect(ordering(sceneOf(), true)).toBe("All 5 edges point forward: this order σ is topological.");
    expect(ordering(sceneOf({ order: [...ORDER].reverse() }), false)).toContain("5 of 5 edges point backward:");
    expect(counted({ ...sceneOf(), count: null, bounds: [12n, 345_678_901n] })).toBe("between 12 and 3.4 × 10⁸");
  });

  it("of a graph and of an edge that is refused", () => {
    expect(shape(sceneOf())).toContain("5 nodes, 5 edges, no directed cycle.");
    expect(shape(sceneOf({ nodes: [], order: [] }))).toBe("An empty graph: add a node.");
    expect(refusal(["f", "x1"], ["x1", "w1", "f"])).toContain("would close the cycle x₁ → w₁ → f → x₁");
    expect(refusal(["f", "f"], ["f"])).toContain("can't read itself");
  });

  it("of a run, forward and back, and where it stops", () => {
    const scene = sceneOf();
    const at = (position: number, of = scene) => running(of, progress(of, position), position);
    expect(at(0)).toContain("10 steps");
    expect(at(3)).toBe("Forward, place 3: x₁ is known, so w₁ can be computed: 0.909.");
    expect(at(6)).toBe("Back, place 5: f̄ = 1 is the seed. It sends 1 to w₂ and 1 to w₁.");
    expect(at(10)).toBe("Back, place 1: w₁ and w₂ have sent what belongs to it, so x̄₁ = 2.584 is complete.");
    const late = sceneOf({ order: ["w1", "x1", "x2", "w2", "f"] });
    expect(at(1, late)).toContain("Here it stops: w₁ reads x₁, which comes later");
    const plain = LECTURE.map((node) => ({ ...node, operation: node.label === "w1" ? null : node.operation }));
    expect(at(1, sceneOf({ nodes: plain }))).toBe("w₁ has no operation: choose one, and the graph can be run.");
  });

  it("of wrong predictions", () => {
    const scene = sceneOf();
    expect(countFault(scene, 120)).toContain("5!, every order");
    expect(countFault(scene, 1)).toContain("can change places");
    expect(countFault(scene, 2)).toContain("Too few");
    expect(countFault(scene, 30)).toContain("Too many");
    expect(countFault(scene, 0.5)).toContain("whole number");
    expect(readyFault(scene, 2, 2 + 1)).toContain("in the order, too");
    expect(readyFault(scene, 4, -1)).toContain("whole number");
    expect(readyFault(scene, 0, 5)).toContain("Too many");
    expect(readyFault(scene, 0, 1)).toContain("Too few");
  });
});

describe("the widget", () => {
  it("keeps the last good picture when what comes makes no graph", () => {
    const { model, root, frame } = open();
    const before = root.querySelectorAll(".sg-dag [data-node]").length;
    model.set("nodes", [{ ...LECTURE[0]!, arguments: ["nowhere"] }]);
    frame();
    model.set("order", ["x1"]);
    frame();
    expect(root.querySelectorAll(".sg-dag [data-node]").length).toBe(before);
  });

  it("adds, undoes and starts afresh", () => {
    const { press, state, root, frame } = open({ mode: "build" });
    press("Add node");
    expect(state("order").at(-1)).toBe("v1");
    expect(state("expression")).toBe("");
    press("Undo");
    expect(state("nodes")).toBe(LECTURE);
    const preset = root.querySelector("select") as HTMLSelectElement;
    preset.value = "diamond";
    preset.dispatchEvent(new Event("change", { bubbles: true }));
    frame();
    expect(state("order")).toEqual(["a", "b", "c", "d"]);
    press("Clear");
    expect(state("nodes")).toEqual([]);
    expect(root.textContent).toContain("An empty graph");
  });

  it("gives no count away that is to be predicted, nor who is ready", () => {
    const { root, press, frame } = open({ predict: true });
    frame();
    expect(root.querySelector(".sg-counted")?.textContent).not.toMatch(/\d/);
    expect(root.querySelector("[aria-live]")?.textContent).not.toContain("one of");
    press("Algorithms");
    const [first] = root.querySelectorAll(".sg-algorithms section");
    expect(first?.textContent).toContain("?");
    expect(root.querySelector(".sg-dag")?.textContent).not.toContain("ready");
  });

  it("leaves nothing behind", () => {
    const { close, root } = open({ mode: "run", playing: true });
    close();
    expect(root.isConnected).toBe(false);
    expect(stage.observers).toBe(0);
    expect(vi.getTimerCount()).toBe(0);
  });
});
