/** The three sweeps over a graph of scalars, step by step as the trace document tells them. */

import { adjointFormula, contributionCost, type Path, paths, tangentFormula, variables } from "./algebra";
import { compute } from "./arithmetic";
import { chain, print } from "./formulas";
import { formatNumber, type Style } from "./notation";
import type { Graph, Known, Mode, Phase, Step, Sweep, Tree, Value, Values } from "./types";

/** What a step is whatever the numbers are. */
interface Plan {
  readonly step: Pick<Step, "phase" | "node" | "source" | "argument" | "formula" | "accumulates">;
  readonly cost: number;
  readonly reads: readonly string[];
  readonly writes: readonly string[];
  /** The arguments whose local derivatives it needs. */
  readonly found: readonly Path[];
}

interface Schedule {
  readonly plans: readonly Plan[];
  readonly operations: readonly number[];
  readonly held: readonly number[];
}

/** Schedules depend on the graph alone, so that a moving slider only computes numbers. */
const schedules = new WeakMap<Graph, Map<Mode, Schedule>>();

function scheduled(graph: Graph, mode: Mode): Schedule {
  const made = schedules.get(graph) ?? new Map<Mode, Schedule>();
  schedules.set(graph, made);
  const schedule = made.get(mode) ?? makeSchedule(graph, mode);
  made.set(mode, schedule);
  return schedule;
}

const dot = (label: string) => `dot ${label}`;
const bar = (label: string) => `bar ${label}`;

function makeSchedule({ nodes, inputs, output }: Graph, mode: Mode): Schedule {
  const plans: Plan[] = [];
  const plan = (phase: Phase, node: string, formula: Tree, more: Partial<Plan>, step?: Partial<Plan["step"]>) =>
    plans.push({
      step: { phase, node, source: null, argument: null, formula, accumulates: false, ...step },
      cost: 1,
      reads: [],
      writes: [phase === "primal" ? node : bar(node)],
      found: [],
      ...more,
    });
  const steps = nodes.filter((node) => node.kind === "operation");
  for (const node of steps) {
    const { label, expression } = node;
    const reads = node.arguments.filter((argument) => typeof argument === "string");
    if (mode === "forward") {
      const found = paths(node);
      const cost = found.reduce((sum, path) => sum + contributionCost(path) + 1, found.length ? 0 : 1);
      for (const path of found) reads.push(dot(path.label));
      plan("tangent", label, tangentFormula(found), { cost, reads, writes: [label, dot(label)], found });
    } else plan("primal", label, expression ?? label, { reads });
  }
  const given = [...inputs];
  const results = [output];
  if (mode === "forward") {
    given.push(...inputs.map(dot));
    results.push(dot(output));
  } else if (mode === "reverse") {
    results.push(...inputs.map(bar));
    const arrived = new Set([output]);
    plan("seed", output, 1, { cost: 0 });
    for (const node of steps.reverse()) {
      const source = node.label;
      if (!arrived.has(source)) continue;
      for (const path of paths(node)) {
        const { label, argument, partial } = path;
        const accumulates = arrived.has(label);
        const cost = contributionCost(path) + +accumulates;
        const reads = [bar(source), ...variables(partial)];
        plan(
          "adjoint",
          label,
          adjointFormula(source, path),
          { cost, reads, found: [path] },
          { source, argument, accumulates },
        );
        arrived.add(label);
      }
    }
  }
  let done = 0;
  return { plans, operations: plans.map(({ cost }) => (done += cost)), held: liveness(plans, given, results) };
}

/** How many numbers are alive after each step: written or given, and still to be read or a result. */
function liveness(plans: readonly Plan[], given: readonly string[], results: readonly string[]): number[] {
  const first = new Map(given.map((key) => [key, 0]));
  const last = new Map<string, number>(); // alive up to this position
  plans.forEach(({ reads, writes }, index) => {
    for (const key of reads) last.set(key, index);
    for (const key of writes) if (!first.has(key)) first.set(key, index + 1);
  });
  for (const key of results) last.set(key, plans.length);
  const change = new Array<number>(plans.length + 2).fill(0);
  for (const [key, start] of first) {
    const end = last.get(key) ?? -1;
    if (end >= start) {
      change[start]!++;
      change[end + 1]!--;
    }
  }
  let alive = change[0]!;
  return plans.map((_, index) => (alive += change[index + 1]!));
}

/** The strings of a step, made when somebody reads them. */
class Printed {
  declare formula: Tree;
  declare value: number;
  declare contribution: number | null;
  declare accumulates: boolean;
  declare phase: Phase;
  declare node: string;
  readonly #all: Known;

  constructor(all: Known) {
    this.#all = all;
  }

  get latex(): string {
    return this.#line("latex");
  }

  get text(): string {
    return this.#line("text");
  }

  #line(style: Style): string {
    const { formula, contribution, value, accumulates } = this;
    const last = formatNumber(contribution ?? value, style);
    return chain(style, leftSide(this), [print(formula, style), print(formula, style, this.#all), last], accumulates);
  }
}

/**
 * Run a sweep of a live graph. The seed is a direction, one number an input, in forward mode, and the output's adjoint
 * in reverse mode; a primal sweep has none.
 */
export function sweep(graph: Graph, values: Values, mode: Mode, seed: readonly number[] | number): Sweep {
  const { plans, operations, held } = scheduled(graph, mode);
  const all: Values = Object.assign(Object.create(null), values);
  const start = typeof seed === "object" ? seed : [seed];
  if (mode === "forward")
    graph.inputs.forEach((label, index) => {
      all[dot(label)] = start[index] ?? 0;
    });
  const arrived = new Map<string, readonly number[]>();
  const steps = plans.map(({ step, found }, index): Step => {
    const { phase, node, source, accumulates } = step;
    let { formula } = step;
    let value = values[node]!;
    let contribution: number | null = null;
    let contributions: readonly number[] | null = null;
    if (phase === "tangent") {
      value = found.reduce((sum, { label, partial }) => sum + all[dot(label)]! * compute(partial, values), 0);
      all[dot(node)] = value;
    } else if (phase !== "primal") {
      if (source === null) formula = value = start[0] ?? 1;
      else {
        contribution = all[bar(source)]! * compute(found[0]?.partial, values);
        contributions = [...(arrived.get(node) ?? []), contribution];
        arrived.set(node, contributions);
        value = accumulates ? all[bar(node)]! + contribution : contribution;
      }
      all[bar(node)] = value;
    }
    const numbers = { formula, value, contribution, contributions, operations: operations[index]!, held: held[index]! };
    return Object.assign(new Printed(all), step, numbers, { bytes: 8 * numbers.held });
  });
  const result = {
    value: values[graph.output]!,
    derivative: all[dot(graph.output)] ?? null,
    gradient: mode === "reverse" ? graph.inputs.map((label) => all[bar(label)] ?? 0) : null,
  };
  return { mode, seed, steps, result };
}

/** What a step computes: a primal, a tangent or an adjoint. */
export function leftSide({ phase, node }: Pick<Step, "phase" | "node">): Tree {
  return phase === "primal" ? node : [phase === "tangent" ? "dot" : "bar", node];
}

/**
 * All that is known after the first `position` steps; what is absent is not yet computed.
 * `values` are the primals if they are not those of the document.
 */
export function known(graph: Graph, { mode, seed, steps }: Sweep, position: number, values?: Values): Known {
  const found: Known = Object.create(null);
  const primals = new Map<string, Value>(graph.nodes.map(({ label, value }) => [label, values?.[label] ?? value]));
  graph.inputs.forEach((label, index) => {
    found[label] = primals.get(label);
    if (mode === "forward") found[dot(label)] = (seed as readonly Value[])[index];
  });
  for (const { phase, node, value } of steps.slice(0, position)) {
    if (phase === "seed" || phase === "adjoint") found[bar(node)] = value;
    else found[node] = primals.get(node);
    if (phase === "tangent") found[dot(node)] = value;
  }
  return found;
}
