/** The traits that GraphExplorer shares with the kernel. */

import type { DagNode } from "../math/dag";

export const MODES = ["build", "order", "algorithms", "run"] as const;
export type Mode = (typeof MODES)[number];

/** A prediction, as a grader reads it. `about` is what graph it is of; a count may have more digits than a number. */
export interface Answer {
  readonly question: "count" | "ready";
  readonly about: string;
  readonly answer: number | null;
  readonly expected: number | string;
  readonly correct: boolean;
  readonly skipped: boolean;
}

export interface TextError {
  readonly id: string;
  readonly message: string;
  readonly column: number | null;
  readonly expression: string;
}

export interface Traits {
  readonly nodes: readonly DagNode[];
  readonly order: readonly string[];
  readonly output: string;
  readonly mode: Mode;
  readonly position: number;
  readonly selected: string;
  readonly playing: boolean;
  readonly speed: number;
  readonly expression: string;
  readonly predict: boolean;
  readonly answers: readonly Answer[];
  readonly controls: readonly string[];
  readonly _request: { readonly id?: string; readonly kind?: string; readonly expression?: string };
  readonly _error: Partial<TextError>;
}

export const TRAITS: Traits = {
  nodes: [],
  order: [],
  output: "",
  mode: "order",
  position: 0,
  selected: "",
  playing: false,
  speed: 1,
  expression: "",
  predict: false,
  answers: [],
  controls: [],
  _request: {},
  _error: {},
};
