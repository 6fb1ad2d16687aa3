/** The traits of a FlipAndSlide, and where a position is among its steps. */

import { type Kind, type Mode, OWN, type Setting, type Signal, type Slide, signalOf, slide } from "../math/signals";

export interface Answer {
  question: "support" | "shape" | "value";
  about: string;
  answer: unknown;
  expected: unknown;
  correct: boolean;
  skipped: boolean;
  /** What was wrong, in a word. */
  kind: string;
}

export interface Traits {
  signal: string;
  kernel: string;
  signal_samples: readonly number[];
  kernel_samples: readonly number[];
  kind: Kind;
  flip: boolean;
  mode: Mode;
  centred: boolean;
  again: number;
  position: number;
  predict: boolean;
  answers: readonly Answer[];
  playing: boolean;
  speed: number;
  controls: readonly string[];
}

export const TRAITS: Traits = {
  signal: "box",
  kernel: "exponential",
  signal_samples: [],
  kernel_samples: [],
  kind: "continuous",
  flip: true,
  mode: "full",
  centred: false,
  again: 0,
  position: 4,
  predict: false,
  answers: [],
  playing: false,
  speed: 32,
  controls: [],
};

/** What the first steps show, at one place; the steps after them slide. */
export const STAGES = ["kernel", "flip", "shift", "product", "value", "slide"] as const;
export type Stage = (typeof STAGES)[number];
export const SLIDING = 5;

export const stageOf = (position: number): Stage => STAGES[Math.min(position, SLIDING)]!;
export const lastOf = ({ count }: Slide) => SLIDING + count - 1;
/** Which of its places the kernel is at; one with something to see, before it slides. */
export const placeAt = ({ count }: Slide, position: number) =>
  position < SLIDING ? Math.floor(count / 3) : Math.min(position - SLIDING, count - 1);

export type Role = "signal" | "kernel";

export const samplesOf = (traits: Traits, role: Role) =>
  role === "signal" ? traits.signal_samples : traits.kernel_samples;

export function signalIn(traits: Traits, role: Role): Signal {
  return signalOf(traits[role], samplesOf(traits, role), traits.kind, role === "kernel" && traits.centred);
}

export const slideOf = (traits: Traits): Slide =>
  slide(signalIn(traits, "signal"), signalIn(traits, "kernel"), traits as Setting);

/** All that what comes out depends on. */
export function topicOf(traits: Traits): string {
  const { signal, kernel, signal_samples, kernel_samples, kind, flip, mode, centred, again } = traits;
  const own = [signal === OWN && signal_samples, kernel === OWN && kernel_samples];
  return JSON.stringify([signal, kernel, ...own, kind, flip, mode, centred, again]);
}
