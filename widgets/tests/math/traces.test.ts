import { existsSync, readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import {
  evaluate,
  guardsHold,
  type Step,
  supports,
  sweep,
  type TraceDocument,
  toNumber,
  type Value,
} from "../../src/math/index";

/** Replays every trace document that Python wrote: the two engines must tell the same steps. */
const folder = new URL("../../../tests/golden/traces/", import.meta.url);
const files = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith(".json")) : [];

function same(ours: Value | null, theirs: Value | null, where: string): void {
  if (ours === null || theirs === null) {
    expect(ours, where).toBe(theirs);
    return;
  }
  const [a, b] = [toNumber(ours), toNumber(theirs)];
  if (Number.isFinite(b) && b !== 0) expect(Math.abs(a - b) / Math.max(Math.abs(b), 1e-300), where).toBeLessThan(1e-12);
  else expect(a + 0, where).toBe(b + 0);
}

const exact = ({
  phase,
  node,
  source,
  argument,
  formula,
  accumulates,
  operations,
  held,
  bytes,
  latex,
  text,
}: Step) => ({
  phase,
  node,
  source,
  argument,
  formula,
  accumulates,
  operations,
  held,
  bytes,
  latex,
  text,
});

describe.skipIf(!files.length)("golden traces", () => {
  it.each(files)("%s", (name) => {
    const { graph, sweeps } = JSON.parse(readFileSync(new URL(name, folder), "utf8")) as TraceDocument;
    if (!graph.live) return;
    expect(supports(graph)).toBe(true);
    const inputs = graph.inputs.map((label) => toNumber(graph.nodes.find((node) => node.label === label)!.value));
    const values = evaluate(graph, inputs);
    for (const { label, value } of graph.nodes) same(values[label]!, value, label);
    expect(guardsHold(graph, values)).toBeNull();
    for (const { mode, seed, steps, result } of sweeps) {
      const numbers = Array.isArray(seed) ? seed.map(toNumber) : toNumber((seed ?? 1) as Value);
      const ours = sweep(graph, values, mode, numbers);
      expect(ours.steps.map(exact)).toEqual(steps.map(exact));
      ours.steps.forEach((step, index) => {
        const theirs = steps[index]!;
        same(step.value, theirs.value, step.text);
        same(step.contribution, theirs.contribution, step.text);
        expect(step.contributions?.length).toBe(theirs.contributions?.length);
        step.contributions?.forEach((part, k) => {
          same(part, theirs.contributions![k]!, step.text);
        });
      });
      same(ours.result.value, result.value, "value");
      same(ours.result.derivative, result.derivative, "derivative");
      result.gradient?.forEach((part, k) => {
        same(ours.result.gradient![k]!, part, `gradient ${k}`);
      });
    }
  });
});
