/** From the traits to what there is to show: the graph, its sweeps, and all that is known at a position. */

import {
  type ArrayValue,
  evaluate,
  formatNumber,
  type Graph,
  guardsHold,
  type Known,
  known,
  type Step,
  type Sweep,
  supports,
  sweep,
  type TraceDocument,
  toNumber,
  type Value,
  type Values,
} from "../math";
import type { Traits, ViewMode } from "./traits";

export interface Scene {
  graph: Graph;
  values: Values | undefined;
  /** Whether the inputs shown are older than those asked for, since another branch must be traced. */
  stale: boolean;
  mode: ViewMode;
  /** The sweep the cursor runs over; in compare mode reverse. */
  main: Sweep;
  forward: Sweep | null;
  reverse: Sweep | null;
  length: number;
}

/** The document, or the sentence that refuses it: never half-read. */
export function readDocument(document: unknown): TraceDocument | string {
  const given = (document ?? {}) as Partial<TraceDocument>;
  if (given.kind !== "stepgrad.trace")
    return given.kind === undefined
      ? "There is no trace to show yet."
      : "This document is not a stepgrad trace, so it is not shown.";
  if ((given.version as number) !== 1)
    return `This trace has version ${String(given.version)} and this widget reads version 1. Use the stepgrad that wrote it.`;
  if (given.graph?.live && !supports(given.graph))
    return "This trace holds an operation that this widget does not know. Use the stepgrad that wrote it.";
  return given as TraceDocument;
}

export const isArray = (value: Value | null | undefined): value is ArrayValue =>
  typeof value === "object" && value !== null;

/** "–" is not yet known; an array is told by its shape. */
export function show(value: Value | null | undefined): string {
  if (value == null) return "–";
  return isArray(value) ? value.shape.join("×") || "scalar" : formatNumber(toNumber(value));
}

export function exact(value: Value | null | undefined): string {
  if (value == null) return "not yet computed";
  return isArray(value) ? value.data.join(" ") + (value.truncated ? " …" : "") : `${toNumber(value)}`;
}

/** Would these inputs lead the function down another branch? */
export const staysOnBranch = (graph: Graph, inputs: readonly number[]) =>
  graph.live && !guardsHold(graph, evaluate(graph, inputs));

export function direction(graph: Graph, seed: readonly number[]): number[] {
  return seed.length === graph.inputs.length ? [...seed] : graph.inputs.map((_, i) => +!i);
}

/** Sweeps are made anew only when what they depend on has changed. */
export function scenes(): (
  document: TraceDocument,
  traits: Pick<Traits, "mode" | "inputs" | "seed" | "adjoint_seed">,
) => Scene | null {
  let key = "";
  let of: TraceDocument | null = null;
  let made: Scene | null = null;
  let good: number[] = [];
  return (document, { mode, inputs, seed, adjoint_seed }) => {
    const next = JSON.stringify([mode, inputs, seed, adjoint_seed]);
    if (document === of && next === key) return made;
    const { graph } = document;
    if (document !== of) good = graph.inputs.map((_, i) => toNumber(graph.nodes[i]?.value ?? Number.NaN));
    of = document;
    key = next;
    let values: Values | undefined;
    let stale = false;
    if (graph.live) {
      const fits = inputs.length === graph.inputs.length;
      stale = fits && !staysOnBranch(graph, inputs);
      if (fits && !stale) good = inputs;
      values = evaluate(graph, good);
    } else
      stale = inputs.some(
        (value, i) => !isArray(graph.nodes[i]?.value) && value !== toNumber(graph.nodes[i]?.value ?? value),
      );
    const run = (which: "primal" | "forward" | "reverse") =>
      values
        ? sweep(graph, values, which, which === "forward" ? direction(graph, seed) : adjoint_seed)
        : (document.sweeps.find((ready) => ready.mode === which) ?? null);
    const forward = mode === "forward" || mode === "compare" ? run("forward") : null;
    const reverse = mode === "reverse" || mode === "compare" ? run("reverse") : null;
    const main = reverse ?? forward ?? run("primal");
    made = main && { graph, values, stale, mode, main, forward, reverse, length: main.steps.length };
    return made;
  };
}

export interface Moment {
  known: Known;
  position: number;
  /** The step that was done last, and in compare mode the one of forward mode, while it still runs. */
  step: Step | null;
  tangent: Step | null;
}

export function moment(scene: Scene, position: number): Moment {
  const { graph, values, main, forward, reverse } = scene;
  const p = Math.max(0, Math.min(position, scene.length));
  const beside = forward && reverse ? forward : null;
  return {
    known: {
      ...known(graph, main, p, values),
      ...(beside && known(graph, beside, Math.min(p, beside.steps.length), values)),
    },
    position: p,
    step: main.steps[p - 1] ?? null,
    tangent: beside?.steps[p - 1] ?? null,
  };
}

/** How many values are held after each position, the start included. */
export function held(graph: Graph, sweep: Sweep): number[] {
  const start = graph.nodes.reduce(
    (sum, node) => sum + (node.kind === "input" ? node.shape.reduce((a, b) => a * b, 1) : 0),
    0,
  );
  return [sweep.mode === "forward" ? 2 * start : start, ...sweep.steps.map((step) => step.held)];
}
