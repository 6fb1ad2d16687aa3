import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { type DagNode, edgesOf, missing, OPERATIONS, run, tidy, treeOf } from "../../src/math/dag";
import { backwardEdges } from "../../src/math/orders";

const golden = JSON.parse(readFileSync(join(import.meta.dirname, "../../../tests/golden/dags.json"), "utf8"));

const node = (label: string, operation: string | null, ...read: (string | number)[]): DagNode => ({
  label, operation, arguments: read, value: null, x: 0, y: 0, symbol: null, partials: null,
}); // biome-ignore format: a table of its own

describe("what Python computes", () => {
  it("with these operations", () => {
    const ours = Object.entries(OPERATIONS).map(([name, { symbol, least, most }]) => [name, [symbol, least, most]]);
    expect(Object.fromEntries(ours)).toEqual(golden.operations);
  });

  it("is computed here too: values, adjoints, and what points backward", () => {
    expect(golden.documents.length).toBeGreaterThan(15);
    for (const document of golden.documents) {
      const { nodes, output, order, fault } = document;
      expect(backwardEdges(order, edgesOf(nodes))).toEqual(document.backward);
      expect(nodes.map((each: DagNode) => missing(each, (label) => label)).find(Boolean) ?? "").toBe(fault);
      if (fault) continue;
      const found = run(nodes, output);
      for (const [label, value] of Object.entries(document.values)) close(found.values[label], value);
      for (const [label, value] of Object.entries(document.adjoints)) close(found.adjoints[label], value);
    }
  });
});

function close(found: number | undefined, truth: unknown): void {
  if (typeof truth === "string") expect(`${found}`).toBe(truth);
  else expect(Math.abs(found! - (truth as number))).toBeLessThanOrEqual(1e-12 * Math.max(1, Math.abs(truth as number)));
}

it("says what a node lacks", () => {
  const say = (each: DagNode) => missing(each, (label) => label);
  expect(say(node("v", null))).toBe("v has no operation: choose one, and the graph can be run");
  expect(say(node("v", "sin", "a", "b"))).toBe("v is sin and reads 2 values; it takes 1 value");
  expect(say(node("v", "divide", "a"))).toBe("v is divide and reads 1 value; it takes 2 values");
  expect(say(node("v", "add"))).toBe("v is add and reads 0 values; it takes 1 value or more");
  expect(say(node("v", "add", "a"))).toBe("");
});

it("writes sums of many as sums of two", () => {
  expect(treeOf(node("v", "add", "a", 2, "b"))).toEqual(["add", ["add", "a", 2], "b"]);
  expect(treeOf(node("v", "input"))).toBeNull();
});

it("places a graph in columns by the longest path", () => {
  const placed = tidy([node("a", null), node("b", null, "a"), node("c", null, "a"), node("d", null, "b", "c", "a")]);
  expect(placed.map(({ x }) => x)).toEqual([0, 1, 1, 2]);
  expect(new Set(placed.slice(1, 3).map(({ y }) => y)).size).toBe(2);
  expect(Math.min(...placed.map(({ y }) => y))).toBe(0);
});
