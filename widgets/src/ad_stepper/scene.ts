/** From the traits to what there is to show: the graph, its sweeps, and all that is known at a position. */

import {
  type ArrayValue,
  evaluate,
  formatNumber,
  type Graph,
  guardsHold,
  type Known,
  known,
  type Mode,
  type Step,
  type Sweep,
  supports,
  sweep,
  type TraceDocument,
  toNumber,
  type Value,
  type Values,
} from "../math";
import type { Traits } from "./traits";

export interface Scene {
  graph: Graph;
  values: Values | undefined;
  /** The sweep the cursor runs over; in compare mode reverse. */
  main: Sweep;
  forward: Sweep | undefined;
  reverse: Sweep | undefined;
  length: number;
}

/** The document, or the sentence that refuses it: never half-read. */
export function readDocument(given: unknown): TraceDocument | string {
  const { kind, version, graph } = given as TraceDocument;
  if (!kind) return "There is no trace to show yet.";
  if (kind !== "stepgrad.trace") return "This document is not a trace, so it is not shown.";
  if (version !== 1 || (graph.live && !supports(graph)))
    return `This trace was written by another version of stepgrad (trace version ${version}); this widget reads version 1.`;
  return given as TraceDocument;
}

export const isArray = (value: Value | null | undefined): value is ArrayValue => typeof value === "object" && !!value;

/** "–" is not yet known; an array is told by its shape, as NumPy prints it. */
export const show = (value: Value | null | undefined): string =>
  value == null
    ? "–"
    : isArray(value)
      ? `(${value.shape.join(", ")}${value.shape.length === 1 ? "," : ""})`
      : formatNumber(toNumber(value));

/** The first entries of an array. */
export function firstEntries({ data, truncated }: ArrayValue): string {
  const entries = data.slice(0, 4).map(show);
  if (truncated || data.length > 4) entries.push("…");
  return `[${entries.join(", ")}]`;
}

export const exact = (value: Value | null | undefined): string =>
  value == null ? "not yet computed" : isArray(value) ? value.data.join(" ") : `${toNumber(value)}`;

/** Whether the browser can answer for these inputs: the function takes the branches that were traced. */
export const staysOnBranch = (graph: Graph, inputs: readonly number[]) =>
  graph.live && inputs.length === graph.inputs.length && !guardsHold(graph, evaluate(graph, inputs));

export const direction = (graph: Graph, seed: readonly number[]): readonly number[] =>
  seed.length === graph.inputs.length ? seed : graph.inputs.map((_, i) => +!i);

/** Sweeps are made anew only when what they depend on has changed. */
export function scenes() {
  let key = "";
  let of: TraceDocument | undefined;
  let made: Scene | undefined;
  let good: readonly number[] = [];
  return (document: TraceDocument, { mode, inputs, seed, adjoint_seed }: Traits): Scene | undefined => {
    const { graph, sweeps } = document;
    if (document !== of) good = graph.inputs.map((_, i) => toNumber(graph.nodes[i]?.value as Value));
    if (staysOnBranch(graph, inputs)) good = inputs;
    const next = JSON.stringify([mode, good, seed, adjoint_seed]);
    if (document === of && next === key) return made;
    of = document;
    key = next;
    const values = graph.live ? evaluate(graph, good) : undefined;
    const run = (which: Mode) =>
      values
        ? sweep(graph, values, which, which === "forward" ? direction(graph, seed) : adjoint_seed)
        : sweeps.find((ready) => ready.mode === which);
    const forward = mode === "forward" || mode === "compare" ? run("forward") : undefined;
    const reverse = mode === "reverse" || mode === "compare" ? run("reverse") : undefined;
    const main = mode === "primal" ? run("primal") : mode === "forward" ? forward : reverse;
    made = main && { graph, values, main, forward, reverse, length: main.steps.length };
    return made;
  };
}

export interface Moment {
  known: Known;
  position: number;
  /** The step that was done last. */
  step: Step | undefined;
  /** In compare mode the step of forward mode, while it still runs. */
  tangent: Step | undefined;
}

export function moment({ graph, values, main, forward, reverse, length }: Scene, wanted: number): Moment {
  const position = Math.max(0, Math.min(wanted, length));
  const beside = reverse && forward;
  return {
    known: {
      ...known(graph, main, position, values),
      ...(beside && known(graph, beside, Math.min(position, beside.steps.length), values)),
    },
    position,
    step: main.steps[position - 1],
    tangent: beside?.steps[position - 1],
  };
}

/** How many numbers the inputs hold: so many forward sweeps does the whole gradient take. */
export const inputSize = (graph: Graph) =>
  graph.nodes.reduce((sum, { kind, shape }) => sum + (kind === "input" ? shape.reduce((a, b) => a * b, 1) : 0), 0);
