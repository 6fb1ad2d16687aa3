/** What the kernel and the page share. */

import type { Bridge } from "../core/bridge";

export type ViewMode = "primal" | "forward" | "reverse" | "compare";

export interface Answer {
  /** How many steps were done when the question was asked: it is about `steps[position]`. */
  position: number;
  mode: ViewMode;
  node: string;
  phase: string;
  answer: number | null;
  expected: number;
  correct: boolean;
  skipped: boolean;
  /** What diagnosis named the answer, or "skipped" or "revealed". */
  kind: string;
}

export interface TraceRequest {
  id: string;
  kind: "trace";
  expression?: string;
  inputs: number[];
  seed: number[];
}

export interface TraceError {
  message?: string;
  column?: number | null;
  expression?: string | null;
  id?: string;
}

export interface Traits {
  _document: unknown;
  _request: TraceRequest | Record<string, never>;
  _error: TraceError;
  position: number;
  mode: ViewMode;
  inputs: number[];
  input_ranges: [number, number][];
  seed: number[];
  adjoint_seed: number;
  expression: string;
  predict: boolean;
  answers: Answer[];
  speed: number;
  playing: boolean;
  controls: string[];
}

export const TRAITS: (keyof Traits)[] = [
  "_document",
  "_request",
  "_error",
  "position",
  "mode",
  "inputs",
  "input_ranges",
  "seed",
  "adjoint_seed",
  "expression",
  "predict",
  "answers",
  "speed",
  "playing",
  "controls",
];

export type TraitBridge = Bridge<Traits>;
