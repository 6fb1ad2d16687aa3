/** Evaluating formulas as Python and NumPy do. Derivatives are not here: they come as trees in the document. */

import { table, toNumber, words } from "./notation";
import type { Graph, Guard, Known, NotFinite, Tree, Values } from "./types";

const { abs, max, min, round, exp, log1p } = Math;
const INFINITY = Number.POSITIVE_INFINITY;

type Arithmetic = (a: number, b: number, c: number) => number;

/** Take functions from `Math`, whose names differ from NumPy's by a prefix only. */
const borrowed = (names: string, ours = "", theirs = "") =>
  Object.fromEntries(words(names).map((name) => [ours + name, Math[(theirs + name) as "sin"] as Arithmetic]));

/** Every operation on scalars that the browser can compute. */
const FUNCTIONS = table<Arithmetic>({
  ...borrowed("exp expm1 log log2 log10 log1p sqrt cbrt sin cos tan sinh cosh tanh floor ceil trunc"),
  ...borrowed("sin cos tan tan2 sinh cosh tanh", "arc", "a"),
  add: (a, b) => a + b,
  subtract: (a, b) => a - b,
  multiply: (a, b) => a * b,
  divide: (a, b) => a / b,
  negative: (a) => -a,
  positive: (a) => a,
  // NumPy: one to any power is one, and so is minus one to an infinite power
  power: (a, b) => (a === 1 || (a === -1 && abs(b) === INFINITY) ? 1 : a ** b),
  exp2: (a) => 2 ** a,
  square: (a) => a * a,
  reciprocal: (a) => 1 / a,
  absolute: abs,
  sign: (a) => Math.sign(a) + 0,
  maximum: (a, b) => max(a, b),
  minimum: (a, b) => min(a, b),
  clip: (a, low, high) => min(max(a, low), high),
  where: (condition, a, b) => (condition !== 0 ? a : b),
  relu: (a) => max(a, 0),
  sigmoid: (a) => (a >= 0 ? 1 / (1 + exp(-a)) : exp(a) / (1 + exp(a))),
  softplus: (a) => max(a, 0) + log1p(exp(-abs(a))),
  logaddexp: (a, b) => (a === b ? a + Math.LN2 : max(a, b) + log1p(exp(-abs(a - b)))),
  hypot: (a, b) => Math.hypot(a, b),
  round: (a) => (abs(a % 1) === 0.5 ? 2 * round(a / 2) : round(a)), // half to even
  remainder: (a, b) => {
    const rest = a % b;
    return rest !== 0 && rest < 0 !== b < 0 ? rest + b : rest; // the sign of the divisor
  },
  greater: (a, b) => +(a > b),
  greater_equal: (a, b) => +(a >= b),
  less: (a, b) => +(a < b),
  less_equal: (a, b) => +(a <= b),
  equal: (a, b) => +(a === b),
  not_equal: (a, b) => +(a !== b),
});

/** The number that a formula is; NaN if something in it is unknown. */
export function compute(tree: Tree | undefined, known: Known): number {
  if (typeof tree === "number") return tree;
  if (typeof tree === "string") return toNumber(known[tree] ?? (tree as NotFinite)); // a label, or a number that JSON cannot carry
  if (!tree) return Number.NaN;
  const [op, a, b, c] = tree;
  if (op === "number") return Number(a);
  if (op === "dot" || op === "bar") return toNumber(known[`${op} ${a}`]);
  return FUNCTIONS[op]?.(compute(a, known), compute(b, known), compute(c, known)) ?? Number.NaN;
}

/** The primal value of every node. */
export function evaluate(graph: Graph, inputs: readonly number[]): Values {
  const values: Values = Object.create(null);
  for (const node of graph.nodes) {
    const given = graph.inputs.indexOf(node.label);
    values[node.label] =
      given >= 0
        ? (inputs[given] ?? toNumber(node.value))
        : node.expression === null
          ? toNumber(node.value)
          : compute(node.expression, values);
  }
  return values;
}

/** The first comparison that now comes out differently, so that the graph must be traced anew; null if none does. */
export function guardsHold(graph: Graph, values: Values): Guard | null {
  return (
    graph.guards.find(({ op, left, right, outcome }) => (compute([op, left, right], values) !== 0) !== outcome) ?? null
  );
}

/** Does the browser know every operation of the graph? */
export function supports(graph: Graph): boolean {
  const known = (tree: Tree | null): boolean =>
    tree === null ||
    typeof tree !== "object" ||
    tree[0] === "number" ||
    (!!FUNCTIONS[tree[0]] && tree.slice(1).every(known));
  return graph.nodes.every((node) => known(node.expression) && node.partials.every(known));
}
