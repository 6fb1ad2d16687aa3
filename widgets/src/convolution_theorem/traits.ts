/** The traits that ConvolutionTheorem shares with the kernel. */

import type { Layer, Point } from "../math/fourier";

export interface Measurements extends Partial<Layer> {
  readonly points?: readonly Point[];
}

/** What the kernel says to a request. */
export interface Reply {
  readonly id?: string;
  readonly message?: string;
}

/** A prediction, as a grader reads it. `about` is the signals or the layer that it is of. */
export interface Answer {
  readonly question: "wrapped" | "length" | "product" | "crossover";
  readonly about: string;
  readonly answer: unknown;
  readonly expected: unknown;
  readonly correct: boolean;
  readonly skipped: boolean;
}

export interface Traits extends Layer {
  readonly _request: object;
  readonly _answer: Reply;
  readonly signal: readonly number[];
  readonly kernel: readonly number[];
  /** N, and whether it is long enough that nothing wraps. */
  readonly length: number;
  readonly padded: boolean;
  readonly position: number;
  /** The frequency whose sine is drawn; −1 for that of the present step. */
  readonly frequency: number;
  readonly view: "steps" | "costs";
  readonly measurements: Measurements;
  readonly playing: boolean;
  readonly speed: number;
  readonly predict: boolean;
  readonly answers: readonly Answer[];
  readonly controls: readonly string[];
}

export const TRAITS: Traits = {
  _request: {},
  _answer: {},
  signal: [1],
  kernel: [1],
  length: 1,
  padded: true,
  position: 0,
  frequency: -1,
  view: "steps",
  image: 512,
  batch: 1,
  channels: 1,
  filters: 1,
  measurements: {},
  playing: false,
  speed: 2,
  predict: false,
  answers: [],
  controls: [],
};
