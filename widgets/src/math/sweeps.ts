/** The three sweeps over a graph of scalars, step by step as the trace document tells them. */

import { adjointFormula, contributionCost, type Path, paths, tangentFormula, variables } from "./algebra";
import { compute } from "./arithmetic";
import { chain, print } from "./formulas";
import { formatNumber } from "./notation";
import type { Graph, GraphNode, Known, Mode, Phase, Step, Sweep, Tree, Value, Values } from "./types";

/** What a step is whatever the numbers are. */
interface Plan {
  readonly phase: Phase;
  readonly node: string;
  readonly source: string | null;
  readonly argument: number | null;
  readonly formula: Tree;
  readonly accumulates: boolean;
  /** The local derivatives it needs. */
  readonly paths: readonly Path[];
  readonly expression: Tree | null;
  readonly cost: number;
  readonly reads: readonly string[];
  readonly writes: readonly string[];
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

const labels = (node: GraphNode) => node.arguments.filter((argument) => typeof argument === "string");

function makeSchedule(graph: Graph, mode: Mode): Schedule {
  const plans: Plan[] = [];
  const plan = (phase: Phase, node: string, formula: Tree, more: Partial<Plan>) =>
    plans.push({
      phase,
      node,
      formula,
      source: null,
      argument: null,
      accumulates: false,
      paths: [],
      expression: null,
      cost: 1,
      reads: [],
      writes: [phase === "primal" ? node : `bar ${node}`],
      ...more,
    });
  const steps = graph.nodes.filter((node) => node.kind === "operation");
  for (const node of steps) {
    const { label, expression } = node;
    if (mode === "forward") {
      const found = paths(node.arguments, node.partials);
      const cost = found.reduce((sum, { partial }) => sum + contributionCost(partial) + 1, found.length ? 0 : 1);
      const reads = [...labels(node), ...found.map((path) => `dot ${path.label}`)];
      plan("tangent", label, tangentFormula(found), {
        paths: found,
        expression,
        cost,
        reads,
        writes: [label, `dot ${label}`],
      });
    } else plan("primal", label, expression ?? label, { expression, reads: labels(node) });
  }
  const given = [...graph.inputs];
  const results = [graph.output];
  if (mode === "forward") {
    given.push(...graph.inputs.map((label) => `dot ${label}`));
    results.push(`dot ${graph.output}`);
  }
  if (mode === "reverse") {
    results.push(...graph.inputs.map((label) => `bar ${label}`));
    const arrived = new Set([graph.output]);
    plan("seed", graph.output, 1, { cost: 0 });
    for (const { label: source, arguments: args, partials } of steps.reverse()) {
      if (!arrived.has(source)) continue;
      for (const path of paths(args, partials)) {
        const { label, argument, partial } = path;
        const accumulates = arrived.has(label);
        plan("adjoint", label, adjointFormula(source, partial), {
          source,
          argument,
          accumulates,
          paths: [path],
          cost: contributionCost(partial) + +accumulates,
          reads: [`bar ${source}`, ...variables(partial)],
        });
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

/** Does the seed belong to the forward sweep: one number an input? */
const isDirection = (seed: readonly number[] | number): seed is readonly number[] => typeof seed === "object";

/**
 * Run a sweep of a live graph. The seed is a direction, one number an input, in forward mode, and the output's adjoint
 * in reverse mode; a primal sweep has none.
 */
export function sweep(graph: Graph, values: Values, mode: Mode, seed: readonly number[] | number): Sweep {
  const { plans, operations, held } = scheduled(graph, mode);
  const all: Known = Object.assign(Object.create(null), values);
  graph.inputs.forEach((label, index) => {
    if (mode === "forward") all[`dot ${label}`] = isDirection(seed) ? (seed[index] ?? 0) : 0;
  });
  const arrived = new Map<string, readonly number[]>();
  const steps = plans.map((plan, index): Step => {
    const { phase, node, source, argument, accumulates } = plan;
    let value: number;
    let contribution: number | null = null;
    let contributions: readonly number[] | null = null;
    let formula = plan.formula;
    if (phase === "primal") value = values[node]!;
    else if (phase === "tangent") {
      value = plan.paths.reduce(
        (sum, { label, partial }) => sum + (all[`dot ${label}`] as number) * compute(partial, values),
        0,
      );
      all[`dot ${node}`] = value;
    } else {
      if (phase === "seed") formula = value = isDirection(seed) ? (seed[0] ?? 1) : seed;
      else {
        contribution = (all[`bar ${source}`] as number) * compute(plan.paths[0]!.partial, values);
        contributions = [...(arrived.get(node) ?? []), contribution];
        arrived.set(node, contributions);
        value = accumulates ? (all[`bar ${node}`] as number) + contribution : contribution;
      }
      all[`bar ${node}`] = value;
    }
    const line = (style: "latex" | "text") => {
      const members = [print(formula, style), print(formula, style, all), formatNumber(contribution ?? value, style)];
      return chain(style, leftSide(plan), members, accumulates);
    };
    return {
      phase,
      node,
      source,
      argument,
      formula,
      accumulates,
      value,
      contribution,
      contributions,
      operations: operations[index]!,
      held: held[index]!,
      bytes: 8 * held[index]!,
      // made when somebody reads them
      get latex() {
        return line("latex");
      },
      get text() {
        return line("text");
      },
    };
  });
  const result = {
    value: values[graph.output]!,
    derivative: mode === "forward" ? all[`dot ${graph.output}`]! : null,
    gradient: mode === "reverse" ? graph.inputs.map((label) => all[`bar ${label}`] ?? 0) : null,
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
    if (mode === "forward" && Array.isArray(seed)) found[`dot ${label}`] = seed[index] as Value;
  });
  for (const { phase, node, value } of steps.slice(0, position)) {
    if (phase === "primal" || phase === "tangent") found[node] = primals.get(node);
    if (phase === "tangent") found[`dot ${node}`] = value;
    else if (phase !== "primal") found[`bar ${node}`] = value;
  }
  return found;
}
