/** What the kernel and the page share. */

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
  inputs: readonly number[];
  seed: readonly number[];
}

export interface TraceError {
  message: string;
  /** From 0. */
  column: number | null;
  expression: string | null;
  /** Of the request that it answers. */
  id: string;
}

/** The traits, and what holds where a page has none of a name. */
export const TRAITS = {
  _document: {} as unknown,
  _request: {} as Partial<TraceRequest>,
  _error: {} as Partial<TraceError>,
  position: 0,
  mode: "reverse" as ViewMode,
  inputs: [] as readonly number[],
  input_ranges: [] as readonly (readonly [number, number])[],
  seed: [] as readonly number[],
  adjoint_seed: 1,
  expression: "",
  predict: false,
  answers: [] as readonly Answer[],
  speed: 1,
  playing: false,
  controls: [] as readonly string[],
};

export type Traits = typeof TRAITS;
