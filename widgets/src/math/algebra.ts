/** What can be done with a formula tree without numbers; the twin of `stepgrad/documents/algebra.py`. */

import { HOLE, table } from "./notation";
import type { GraphNode, Tree } from "./types";

type Operation = readonly [string, ...Tree[]];

/** These name something; they cost no operation. */
const QUANTITIES = table({ dot: 1, bar: 1, partial: 1, number: 1 });

const isOperation = (tree: Tree): tree is Operation => typeof tree === "object" && !QUANTITIES[tree[0]];

/** What a tree is the negative of, if it is written as a negative. */
function opposite(tree: Tree): Tree | null {
  if (typeof tree === "number") return tree < 0 ? -tree : null;
  return typeof tree === "object" && tree[0] === "negative" && tree.length === 2 ? tree[1]! : null;
}

const negated = (tree: Tree): Tree => opposite(tree) ?? ["negative", tree];

function product(a: Tree, b: Tree): Tree {
  if (a === 1) return b;
  if (b === 1) return a;
  if (a === -1) return negated(b);
  if (b === -1) return negated(a);
  if (typeof b === "object") {
    if (b[0] === "divide" && b[1] === 1 && b.length === 3) return ["divide", a, b[2]!];
    if (b[0] === "reciprocal" && b.length === 2) return ["divide", a, b[1]!];
  }
  return ["multiply", a, b];
}

function sum(a: Tree, b: Tree): Tree {
  const less = opposite(b);
  return less === null ? ["add", a, b] : ["subtract", a, less];
}

/**
 * Tidy a formula without rearranging it: 1·a → a, −1·a → −a, a¹ → a, a/1 → a, a + (−b) → a − b, a − (−b) → a + b,
 * a·(1/b) → a/b, −(−a) → a, and numbers folded in + − × ÷ and whole powers. 0·a stays: a zero is information.
 */
export function simplify(tree: Tree): Tree {
  if (!isOperation(tree)) return tree;
  const [op, ...rest] = tree;
  const parts = rest.map(simplify);
  const number = folded(op, parts);
  if (number !== null) return number;
  const [a, b] = parts;
  if (op === "negative" && a !== undefined && parts.length === 1) return negated(a);
  if (a !== undefined && b !== undefined && parts.length === 2) {
    if (op === "multiply") return product(a, b);
    if (op === "add") return sum(a, b);
    if (op === "subtract") {
      const more = opposite(b);
      if (more !== null) return ["add", a, more];
    }
    if ((op === "divide" || op === "power") && b === 1) return a;
  }
  return [op, ...parts];
}

function folded(op: string, parts: readonly Tree[]): number | null {
  if (!parts.every((part) => typeof part === "number")) return null;
  const [a = Number.NaN, b = Number.NaN] = parts;
  const unary = parts.length === 1;
  let result = Number.NaN;
  if (unary && op === "negative") result = -a;
  else if (parts.length === 2) {
    if (op === "add") result = a + b;
    else if (op === "subtract") result = a - b;
    else if (op === "multiply") result = a * b;
    else if (op === "divide") result = a / b;
    else if (op === "power" && Number.isInteger(b) && b >= 0 && b <= 64) {
      result = 1; // by multiplications, which round alike in every language
      for (let i = 0; i < b; i++) result *= a;
    }
  }
  return Number.isFinite(result) ? result + 0 : null;
}

/** Count the elementary operations: one for each operation; numbers and variables cost nothing. */
export function operations(tree: Tree): number {
  if (!isOperation(tree)) return 0;
  let count = 1;
  for (let i = 1; i < tree.length; i++) count += operations(tree[i]!);
  return count;
}

/** The labels whose primal values a formula reads, each once, in order of appearance. */
export function variables(tree: Tree, found: string[] = []): string[] {
  if (typeof tree === "string") {
    if (tree !== HOLE && !found.includes(tree)) found.push(tree);
  } else if (isOperation(tree)) for (let i = 1; i < tree.length; i++) variables(tree[i]!, found);
  return found;
}

/** An argument through which derivatives flow, with its number and its local derivative, which documents hold tidied. */
export interface Path {
  readonly label: string;
  readonly argument: number;
  readonly partial: Tree;
}

/** The arguments of a node that are not constant. */
export const paths = (node: Pick<GraphNode, "arguments" | "partials">): Path[] =>
  node.arguments.flatMap((label, argument) => {
    const partial = node.partials[argument] ?? null;
    return typeof label === "string" && partial !== null ? [{ label, argument, partial }] : [];
  });

/** The sum of a product for each path, in their order. */
export const chainRule = (found: readonly Path[], factors: (path: Path) => readonly [Tree, Tree]): Tree =>
  found
    .map((path) => product(...factors(path)))
    .reduce<Tree | null>((all, term) => (all === null ? term : sum(all, term)), null) ?? 0;

/** What an adjoint step adds: the adjoint of `source` times its local derivative. */
export const adjointFormula = (source: string, { partial }: Path): Tree => product(["bar", source], partial);

/** The tangent of a node: the sum over its arguments of their tangents times the local derivatives. */
export const tangentFormula = (found: readonly Path[]): Tree =>
  found.every(({ partial }) => partial === 0) ? 0 : chainRule(found, ({ label, partial }) => [["dot", label], partial]);

/** The operations of one contribution: the local derivative and the multiplication by it; none for a derivative of 1. */
export const contributionCost = ({ partial }: Pick<Path, "partial">) => (partial === 1 ? 0 : operations(partial) + 1);
