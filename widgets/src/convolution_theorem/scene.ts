/** All that follows from a signal, a kernel and N; and what is known of it after some steps. */

import {
  type Complex,
  clean,
  convolve,
  inverse,
  multiply,
  polar,
  range,
  scale,
  transform,
  weight,
} from "../math/fourier";

export type Name = "x" | "w" | "y";
export type Stage = "signals" | "transform" | "multiply" | "back" | "compare";

export const STAGES: readonly Stage[] = ["signals", "transform", "multiply", "back", "compare"];

export interface Spectrum {
  readonly values: readonly Complex[];
  readonly magnitudes: readonly number[];
  /** In degrees; null where there is nothing. */
  readonly angles: readonly (number | null)[];
}

export interface Scene {
  readonly x: readonly number[];
  readonly w: readonly number[];
  readonly N: number;
  /** How many samples the convolution has, and how many of them come round. */
  readonly needed: number;
  readonly wrapped: number;
  /** How many frequencies there are from 0 to N/2, and how many steps. */
  readonly count: number;
  readonly steps: number;
  readonly spectra: Readonly<Record<Name, Spectrum>>;
  readonly circular: readonly number[];
  readonly direct: readonly number[];
}

export interface Moment {
  readonly position: number;
  readonly stage: Stage;
  /** The frequency that the step was about; none at the two ends. */
  readonly frequency: number | null;
  /** How many frequencies are transformed, multiplied and transformed back. */
  readonly transformed: number;
  readonly multiplied: number;
  readonly added: number;
  readonly compared: boolean;
}

function spectrum(values: readonly Complex[], most: number): Spectrum {
  const parts = values.map((value) => polar(value, most));
  return {
    values,
    magnitudes: parts.map(({ magnitude }) => magnitude),
    angles: parts.map(({ angle }) => (angle !== null && angle < -179.999999 ? 180 : angle)),
  };
}

export function sceneOf(x: readonly number[], w: readonly number[], N: number): Scene {
  const [X, W] = [transform(x, N), transform(w, N)];
  const Y = X.map((value, k) => multiply(value, W[k]!));
  const [most, gain] = [scale(x), scale(w)];
  const needed = x.length + w.length - 1;
  return {
    x,
    w,
    N,
    needed,
    wrapped: Math.max(0, needed - N),
    count: Y.length,
    steps: 3 * Y.length + 1,
    spectra: { x: spectrum(X, most), w: spectrum(W, gain), y: spectrum(Y, most * gain) },
    circular: inverse(Y, N).map((value) => clean(value, most * gain)),
    direct: convolve(x, w).map((value) => clean(value, most * gain)),
  };
}

/** Where a stage ends. */
export const endOf = ({ count, steps }: Scene, stage: Stage) =>
  stage === "compare" ? steps : STAGES.indexOf(stage) * count;

export function moment({ count, steps }: Scene, wanted: number): Moment {
  const position = Math.max(0, Math.min(steps, wanted));
  const done = (stage: number) => Math.max(0, Math.min(count, position - stage * count));
  const compared = position === steps;
  return {
    position,
    stage: compared ? "compare" : STAGES[Math.ceil(position / count)]!,
    frequency: position && !compared ? (position - 1) % count : null,
    transformed: done(0),
    multiplied: done(1),
    added: done(2),
    compared,
  };
}

/** The real wave that a frequency is a share of a signal by: its amplitude, and its value at any time. */
export function wave({ spectra, N }: Scene, name: Name, k: number) {
  const { magnitudes, angles } = spectra[name];
  const amplitude = (weight(k, N) * magnitudes[k]!) / N;
  const turn = ((angles[k] ?? 0) * Math.PI) / 180;
  return { amplitude, at: (n: number) => amplitude * Math.cos((2 * Math.PI * k * n) / N + turn) };
}

/** y as far as it is added up. */
export const partial = ({ spectra, N, x, w }: Scene, count: number) =>
  inverse(spectra.y.values, N, count).map((value) => clean(value, scale(x) * scale(w)));

/** A signal with zeros behind it, up to N. */
export const filled = (values: readonly number[], N: number) => range(N).map((n) => values[n] ?? 0);
