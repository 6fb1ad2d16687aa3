/** Documents for tests, written by hand as the format says. */

import type { Graph, GraphNode, Tree } from "../../src/math/index";

/** A node with everything that sweeps don't look at filled in. */
export function node(label: string, more: Partial<GraphNode> = {}): GraphNode {
  return {
    label,
    kind: more.expression === undefined ? "input" : "operation",
    primitive: Array.isArray(more.expression) ? more.expression[0] : null,
    symbol: null,
    arguments: [],
    expression: null,
    partials: [],
    maps: [],
    role: null,
    value: 0,
    shape: [],
    dtype: "float64",
    x: 0,
    y: 0,
    span: null,
    ...more,
  };
}

export function graph(inputs: string[], operations: GraphNode[], more: Partial<Graph> = {}): Graph {
  return {
    name: "f",
    live: true,
    code: null,
    inputs,
    output: operations.at(-1)?.label ?? inputs[0]!,
    columns: 1,
    rows: 1,
    nodes: [...inputs.map((label) => node(label)), ...operations],
    edges: [],
    guards: [],
    ...more,
  };
}

/** f(x1, x2) = x1·x2 + sin x1 at (2, 3), as the lecture has it. */
export const lecture: Graph = {
  name: "f",
  live: true,
  code: { text: "x1*x2 + sin(x1)", first_line: 1, language: "expression" },
  inputs: ["x1", "x2"],
  output: "f",
  columns: 3,
  rows: 2,
  nodes: [
    node("x1", { value: 2 }),
    node("x2", { value: 3, y: 1 }),
    node("w1", {
      primitive: "sin",
      symbol: "sin",
      arguments: ["x1"],
      expression: ["sin", "x1"],
      partials: [["cos", "x1"]],
      value: 0.9092974268256817,
      x: 1,
      span: { line: 1, start: 8, end: 15 },
    }),
    node("w2", {
      primitive: "multiply",
      symbol: "×",
      arguments: ["x1", "x2"],
      expression: ["multiply", "x1", "x2"],
      partials: ["x2", "x1"],
      role: "switcher",
      value: 6,
      x: 1,
      y: 1,
      span: { line: 1, start: 0, end: 5 },
    }),
    node("f", {
      primitive: "add",
      symbol: "+",
      arguments: ["w2", "w1"],
      expression: ["add", "w2", "w1"],
      partials: [1, 1],
      role: "distributor",
      value: 6.909297426825682,
      x: 2,
      y: 0.5,
      span: { line: 1, start: 0, end: 15 },
    }),
  ],
  edges: [],
  guards: [],
};

/** One operation on inputs named a, b, c as wanted. */
export function single(
  expression: [string, ...Tree[]],
  partials: (Tree | null)[],
  more: Partial<GraphNode> = {},
): Graph {
  const args = expression.slice(1) as (string | number)[];
  const inputs = [...new Set(args.filter((argument) => typeof argument === "string"))];
  return graph(inputs, [node("f", { arguments: args, expression, partials, ...more })]);
}

/** A small generator of random numbers, the same ones in each run. */
export function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Operations that are smooth everywhere, with their derivatives: a small table for tests only. */
const SMOOTH: [
  arity: 1 | 2,
  make: (a: Tree, b: Tree, own: Tree) => [expression: [string, ...Tree[]], partials: Tree[]],
][] = [
  [
    2,
    (a, b) => [
      ["add", a, b],
      [1, 1],
    ],
  ],
  [
    2,
    (a, b) => [
      ["subtract", a, b],
      [1, -1],
    ],
  ],
  [
    2,
    (a, b) => [
      ["multiply", a, b],
      [b, a],
    ],
  ],
  [1, (a) => [["sin", a], [["cos", a]]]],
  [1, (a) => [["cos", a], [["negative", ["sin", a]]]]],
  [1, (a, _, own) => [["tanh", a], [["subtract", 1, ["square", own]]]]],
  [1, (a, _, own) => [["sigmoid", a], [["multiply", own, ["subtract", 1, own]]]]],
  [1, (a) => [["arctan", a], [["divide", 1, ["add", 1, ["square", a]]]]]],
  [1, (a) => [["negative", a], [-1]]],
];

/** A random graph of smooth operations. */
export function randomGraph(seed: number, size: number, inputs = 3): Graph {
  const next = random(seed);
  const labels = Array.from({ length: inputs }, (_, index) => `x${index + 1}`);
  const known = [...labels];
  const operations = Array.from({ length: size }, (_, index) => {
    const label = index === size - 1 ? "f" : `w${index + 1}`;
    const pick = () => known[Math.floor(known.length * (1 - next() ** 3 * 0.999) - 1e-9)] ?? known[0]!;
    const [arity, make] = SMOOTH[Math.floor(next() * SMOOTH.length)]!;
    const args = arity === 2 ? [pick(), pick()] : [pick()];
    const [expression, partials] = make(args[0]!, args[1] ?? 0, label);
    known.push(label);
    return node(label, { arguments: args, expression, partials });
  });
  return graph(labels, operations);
}
