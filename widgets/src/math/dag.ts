/** A graph that a hand can build, and what it computes in an order; the twin of `stepgrad/documents/dag.py`. */

import { compute } from "./arithmetic";
import { type Edge, kahn } from "./orders";
import type { Known, Tree, Values } from "./types";

export interface DagNode {
  readonly label: string;
  /** "input", what it does, or null for a node that only has a place in the order. */
  readonly operation: string | null;
  /** What it reads: labels, and constant numbers. */
  readonly arguments: readonly (string | number)[];
  readonly value: number | null;
  readonly x: number;
  readonly y: number;
  readonly symbol: string | null;
  readonly partials: readonly (Tree | null)[] | null;
}

export const INPUT = "input";
export const MOST_NODES = 60;
export const MOST_READ = 12;

interface Operation {
  readonly symbol: string;
  /** How many values it reads. */
  readonly least: number;
  readonly most: number;
  /** The local derivative by argument k, at these arguments and this value. */
  partial(k: number, a: readonly number[], y: number): number;
}

const of = (symbol: string, least: number, most: number, partial: Operation["partial"]): Operation => ({
  symbol,
  least,
  most,
  partial,
});
const unary = (symbol: string, partial: (x: number, y: number) => number) =>
  of(symbol, 1, 1, (_, [x = 0], y) => partial(x, y));
/** The first that is the extremum gets all, as in the pairwise rule: at a tie the first argument wins. */
const router = (symbol: string) => of(symbol, 1, MOST_READ, (k, a, y) => +(a.indexOf(y) === k));

export const OPERATIONS: Readonly<Record<string, Operation>> = {
  add: of("+", 1, MOST_READ, () => 1),
  subtract: of("−", 2, 2, (k) => (k ? -1 : 1)),
  multiply: of("×", 1, MOST_READ, (k, a) => a.reduce((product, v, i) => (i === k ? product : product * v), 1)),
  divide: of("÷", 2, 2, (k, [a = 0, b = 0]) => (k ? -a / (b * b) : 1 / b)),
  maximum: router("max"),
  minimum: router("min"),
  power: of("^", 2, 2, (k, [a = 0, b = 0], y) => (k ? (y ? y * Math.log(a) : 0) : b ? b * a ** (b - 1) : 0)),
  negative: unary("−", () => -1),
  square: unary("( )²", (x) => 2 * x),
  sqrt: unary("√", (_, y) => 1 / (2 * y)),
  exp: unary("exp", (_, y) => y),
  log: unary("log", (x) => 1 / x),
  sin: unary("sin", (x) => Math.cos(x)),
  cos: unary("cos", (x) => -Math.sin(x)),
  tanh: unary("tanh", (_, y) => 1 - y * y),
  relu: unary("relu", (x) => +(x > 0)),
  sigmoid: unary("σ", (_, y) => y * (1 - y)),
};
const known = (name: string | null) => (name && Object.hasOwn(OPERATIONS, name) ? OPERATIONS[name] : undefined);

export const edgesOf = (nodes: readonly DagNode[]): Edge[] =>
  nodes.flatMap((node) =>
    node.arguments.filter((a): a is string => typeof a === "string").map((a): Edge => [a, node.label]),
  );

/** What a picture says of a node's operation. */
export const symbolOf = ({ symbol, operation }: DagNode): string =>
  symbol || known(operation)?.symbol || (operation === INPUT || !operation ? "" : operation);

/** What a node computes, as a formula; null for an input, and for what has no operation. */
export function treeOf({ operation, arguments: read }: DagNode): Tree | null {
  if (!operation || operation === INPUT || !read.length) return null;
  if ((known(operation)?.most ?? 0) < 3) return [operation, ...read];
  return read.slice(1).reduce<Tree>((total, each) => [operation, total, each], read[0] as Tree);
}

/** Why a node can't be computed; "" if it can. `print` writes labels. */
export function missing(node: DagNode, print: (label: string) => string): string {
  const { operation, label, arguments: read } = node;
  if (operation === null) return `${print(label)} has no operation: choose one, and the graph can be run`;
  const rule = known(operation);
  if (!rule || (rule.least <= read.length && read.length <= rule.most)) return "";
  const wanted = `${rule.least} value${rule.least > 1 ? "s" : ""}${rule.most > rule.least ? " or more" : ""}`;
  return `${print(label)} is ${operation} and reads ${read.length} value${read.length === 1 ? "" : "s"}; it takes ${wanted}`;
}

export interface Run {
  readonly values: Values;
  readonly adjoints: Record<string, number>;
  /** The local derivative of each node by each of its arguments. */
  readonly partials: Record<string, number[]>;
}

/** The value of each node, and its adjoint for an output whose adjoint is 1. Every node must be computable. */
export function run(nodes: readonly DagNode[], output: string): Run {
  const by = new Map(nodes.map((node) => [node.label, node]));
  const values: Values = Object.create(null);
  const partials: Record<string, number[]> = Object.create(null);
  const order = kahn([...by.keys()], edgesOf(nodes)).at(-1)?.order ?? [];
  for (const label of order) {
    const node = by.get(label)!;
    const tree = treeOf(node);
    const value = tree === null ? (node.value ?? 0) : compute(tree, values as Known);
    values[label] = value;
    const numbers = node.arguments.map((a) => (typeof a === "number" ? a : values[a]!));
    const rule = known(node.operation);
    partials[label] = numbers.map((_, k) =>
      rule ? rule.partial(k, numbers, value) : compute(node.partials?.[k] ?? Number.NaN, values as Known),
    );
  }
  const adjoints: Record<string, number> = Object.assign(
    Object.create(null),
    Object.fromEntries(order.map((label) => [label, +(label === output)])),
  );
  for (const label of [...order].reverse())
    by.get(label)!.arguments.forEach((a, k) => {
      // What is not reached hands nothing on, whatever its derivative.
      if (typeof a === "string" && adjoints[label]) adjoints[a]! += adjoints[label]! * partials[label]![k]!;
    });
  return { values, adjoints, partials };
}

/** Columns by the longest path that leads to a node, rows so that edges cross little: for a graph made by hand. */
export function tidy(nodes: readonly DagNode[]): DagNode[] {
  const edges = edgesOf(nodes);
  const order = kahn(
    nodes.map(({ label }) => label),
    edges,
  ).at(-1)!.order;
  const column = new Map<string, number>();
  for (const label of order)
    column.set(label, Math.max(0, ...edges.filter(([, b]) => b === label).map(([a]) => column.get(a)! + 1)));
  const columns = Array.from({ length: 1 + Math.max(-1, ...column.values()) }, (_, x) =>
    order.filter((label) => column.get(label) === x),
  );
  const row = new Map<string, number>();
  const place = (each: string[]) => each.forEach((label, i) => void row.set(label, i - (each.length - 1) / 2));
  columns.forEach(place);
  for (let sweep = 0; sweep < 4; sweep++)
    for (const each of sweep % 2 ? [...columns].reverse() : columns) {
      const middle = (label: string) => {
        const beside = edges.flatMap(([a, b]) =>
          b === label && !(sweep % 2) ? [a] : a === label && sweep % 2 ? [b] : [],
        );
        return beside.length
          ? beside.reduce((sum, other) => sum + row.get(other)!, 0) / beside.length
          : row.get(label)!;
      };
      const wish = new Map(each.map((label) => [label, middle(label)]));
      each.sort((a, b) => wish.get(a)! - wish.get(b)!);
      place(each);
    }
  const top = Math.min(0, ...row.values());
  return nodes.map((node) => ({ ...node, x: column.get(node.label)!, y: row.get(node.label)! - top }));
}
