import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import {
  backwardEdges,
  boundOrders,
  countOrders,
  depthFirst,
  type Edge,
  findCycle,
  kahn,
  pathBetween,
  undirectedCycle,
} from "../../src/math/orders";

const golden = JSON.parse(readFileSync(join(import.meta.dirname, "../../../tests/golden/orders.json"), "utf8"));

describe("what Python says of graphs", () => {
  it("is counted here too, for every graph of up to five nodes", () => {
    for (const { nodes: count, counts } of golden.every) {
      const nodes = Array.from({ length: count }, (_, i) => `${i}`);
      const pairs = nodes.flatMap((a, i) => nodes.slice(i + 1).map((b): Edge => [a, b]));
      expect(counts.length).toBe(2 ** pairs.length);
      counts.forEach((truth: number, chosen: number) => {
        const edges = pairs.filter((_, i) => (chosen >> i) & 1);
        expect(countOrders(nodes, edges)).toBe(BigInt(truth));
      });
    }
  });

  it("is said here too: cycles, bounds and the steps of both algorithms", () => {
    expect(golden.cases.length).toBeGreaterThan(30);
    for (const truth of golden.cases) {
      const { nodes, edges } = truth;
      expect(findCycle(nodes, edges)).toEqual(truth.cycle);
      expect(undirectedCycle(edges)).toEqual(truth.undirected);
      expect(backwardEdges(nodes, edges)).toEqual(truth.backward);
      const count = countOrders(nodes, edges);
      expect(count === null ? null : `${count}`).toBe(truth.count);
      expect(kahn(nodes, edges)).toEqual(truth.kahn);
      if (truth.cycle) continue;
      expect(boundOrders(nodes, edges).map(String)).toEqual(truth.bounds);
      expect(depthFirst(nodes, edges)).toEqual(truth.depth_first);
    }
  });
});

it("names the path that an edge would close to a cycle", () => {
  const edges: Edge[] = [
    ["v1", "v3"],
    ["v3", "v2"],
    ["v2", "v4"],
  ];
  expect(pathBetween(edges, "v1", "v2")).toEqual(["v1", "v3", "v2"]);
  expect(pathBetween(edges, "v2", "v1")).toBeNull();
  expect(pathBetween(edges, "v1", "v1")).toEqual(["v1"]);
});
