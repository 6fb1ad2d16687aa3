/** The trace document (version 1) as the browser reads it: see the schema beside `documents/trace.py`. */

/** A formula: a number, a variable (a node's label), or an operation on formulas. */
export type Tree = number | string | readonly [string, ...Tree[]];

/** How JSON carries a number that is not finite. */
export type NotFinite = "NaN" | "Infinity" | "-Infinity";

/** An array: its shape and its first entries in row-major order. */
export interface ArrayValue {
  readonly shape: readonly number[];
  readonly data: readonly (number | NotFinite)[];
  readonly truncated: boolean;
}

export type Value = number | NotFinite | ArrayValue;

/** A constant array among a node's arguments. */
export interface ConstantArgument {
  readonly constant: string;
  readonly shape: readonly number[];
}

/** A node's label, a constant number, or a constant array. */
export type Argument = string | number | ConstantArgument;

export type Role = "distributor" | "switcher" | "router";
export type Mode = "primal" | "forward" | "reverse";
export type Phase = "primal" | "tangent" | "seed" | "adjoint";
export type Point = readonly [x: number, y: number];

/** Where a node was computed: a piece of one line of the code; columns from 0, `end` exclusive, lines from 1. */
export interface Span {
  readonly line: number;
  readonly start: number;
  readonly end: number;
}

export interface Code {
  readonly text: string;
  readonly first_line: number;
  readonly language: "expression" | "python";
}

/** A local Jacobian as a linear map; `"□"` in `push` and `pull` is the hole that the (co)tangent fills. */
export interface LocalMap {
  readonly structure: string;
  readonly push: Tree;
  readonly pull: Tree;
}

export interface GraphNode {
  readonly label: string;
  readonly kind: "input" | "operation";
  readonly primitive: string | null;
  readonly symbol: string | null;
  readonly arguments: readonly Argument[];
  readonly expression: Tree | null;
  readonly partials: readonly (Tree | null)[];
  readonly maps: readonly (LocalMap | null)[];
  readonly role: Role | null;
  readonly value: Value;
  readonly shape: readonly number[];
  readonly dtype: string;
  readonly x: number;
  readonly y: number;
  readonly span: Span | null;
}

export interface Edge {
  readonly from: string;
  readonly to: string;
  readonly argument: number;
  readonly points: readonly Point[];
}

/** A comparison that chose a branch while tracing; with another outcome the graph would be another. */
export interface Guard {
  readonly op: string;
  readonly left: string | number;
  readonly right: string | number;
  readonly outcome: boolean;
}

export interface Graph {
  readonly name: string;
  /** Every node is a float64 scalar: the browser can compute everything anew. */
  readonly live: boolean;
  readonly code: Code | null;
  readonly inputs: readonly string[];
  readonly output: string;
  readonly columns: number;
  readonly rows: number;
  readonly nodes: readonly GraphNode[];
  readonly edges: readonly Edge[];
  readonly guards: readonly Guard[];
}

export interface Step {
  readonly phase: Phase;
  /** Whose primal, tangent or adjoint this step computes. */
  readonly node: string;
  /** Adjoint only: whose adjoint is pulled back, and through which of its arguments. */
  readonly source: string | null;
  readonly argument: number | null;
  readonly formula: Tree;
  readonly accumulates: boolean;
  readonly value: Value;
  readonly contribution: Value | null;
  readonly contributions: readonly Value[] | null;
  readonly operations: number;
  readonly held: number;
  readonly bytes: number;
  /** In a sweep made here the two lines are made when they are read, and are not copied by `{...step}`. */
  readonly latex: string;
  readonly text: string;
}

export interface SweepResult {
  readonly value: Value;
  readonly derivative: Value | null;
  readonly gradient: readonly Value[] | null;
}

export interface Sweep {
  readonly mode: Mode;
  readonly seed: Value | readonly Value[];
  readonly steps: readonly Step[];
  readonly result: SweepResult;
}

export interface TraceDocument {
  readonly kind: "stepgrad.trace";
  readonly version: 1;
  readonly graph: Graph;
  readonly sweeps: readonly Sweep[];
}

/** Primal values by label. Made without a prototype, so that no label is special. */
export type Values = Record<string, number>;

/** All that is known at a moment: `x1` is a primal, `dot x1` its tangent, `bar x1` its adjoint. */
export type Known = Record<string, Value | undefined>;

/** What predict-then-reveal says to an answer; `kind` names the mistake, or `exact` / `rounded`. */
export interface Diagnosis {
  readonly correct: boolean;
  readonly kind: string;
  readonly message: string;
}
