/** The traits that ParameterCounter shares with the kernel. */

import type { Kind, Settings } from "../math/counting";

export const MEASURES = ["parameters", "memory", "multiplications"] as const;
export type Measure = (typeof MEASURES)[number];

export interface Network {
  readonly name: string;
  readonly year: number;
  readonly parameters: number;
  readonly source: string;
}

export interface Facts {
  /** The memory of the machine that the kernel runs on. */
  readonly machine_bytes?: number | null;
  /** From small to large. */
  readonly networks?: readonly Network[];
}

/** A prediction, as a grader reads it. `about` is what settings it is of; numbers above 2⁵³ are text. */
export interface Answer {
  readonly question: Kind;
  readonly about: string;
  readonly answer: number | null;
  readonly expected: number | string;
  readonly correct: boolean;
  readonly skipped: boolean;
}

export interface Traits extends Settings {
  readonly _facts: Facts;
  readonly layer: Kind;
  readonly measure: Measure;
  /** The row and column of the hidden unit whose connections stand out; empty for none. */
  readonly unit: readonly number[];
  readonly predict: boolean;
  readonly answers: readonly Answer[];
  readonly controls: readonly string[];
}

export const TRAITS: Traits = {
  _facts: {},
  image: [200, 200],
  channels: 1,
  hidden: 40_000,
  field: [10, 10],
  filters: 100,
  stride: 1,
  padding: 0,
  bias: false,
  layer: "fully_connected",
  measure: "parameters",
  unit: [],
  predict: false,
  answers: [],
  controls: [],
};
