/**
 * Signals, slid over one another: convolution and cross-correlation of samples and of functions of time; the twin of
 * `stepgrad/documents/signals.py`. No DOM.
 *
 * A function of time is kept as its means over cells of width `STEP`. The integral of a product is then a sum over cells,
 * exact at every multiple of `STEP` where one of the two is constant in each cell, and within 10⁻⁴ for the others here.
 */

import { table } from "./notation";

export type Kind = "discrete" | "continuous";
export type Mode = "full" | "same" | "valid";

export const STEP = 0.01;
/** Cells from one place of the kernel to the next. */
export const STRIDE = 2;
/** Places before the two meet, and after. */
const MARGIN = 10;
export const OWN = "own";
export const MAX_SAMPLES = 64;
export const MAX_AGAIN = 6;

/** Samples at `first`, `first + 1`, …; or means over the cells from `first · step` on. */
export interface Signal {
  readonly step: number;
  readonly first: number;
  readonly values: readonly number[];
  /** From where to where a picture shows it: an exponential never ends. */
  readonly shown: readonly [number, number];
}

/** Values at the points `first · step`, `(first + 1) · step`, … */
export interface Curve {
  readonly step: number;
  readonly first: number;
  readonly values: readonly number[];
}

interface Shape {
  title: string;
  /** As a function of time, and where it is not 0. */
  of(t: number): number;
  support: readonly [number, number];
  shown: readonly [number, number];
  samples: readonly number[];
  endless?: boolean;
}

const bell = (t: number) => Math.sqrt(2 / Math.PI) * Math.exp(-2 * t * t);
const between = (a: number, b: number) => [a, b] as const;
const shape = (
  title: string,
  samples: readonly number[],
  support: readonly [number, number],
  of: (t: number) => number,
  shown = support,
): Shape => ({ title, of, support, shown, samples, endless: shown !== support });

const SHAPES: [string, Shape][] = [
  ["box", shape("box", [1, 1, 1], between(-0.5, 0.5), () => 1)],
  ["triangle", shape("triangle", [1, 2, 3, 2, 1], between(-1, 1), (t) => 1 - Math.abs(t))],
  [
    "gaussian",
    shape(
      "Gaussian",
      [-3, -2, -1, 0, 1, 2, 3].map((n) => Math.exp((-n * n) / 2)),
      between(-3, 3),
      bell,
      between(-1.5, 1.5),
    ),
  ],
  [
    "exponential",
    shape("exponential", [1, 0.5, 0.25, 0.125, 0.0625], between(0, 12), (t) => Math.exp(-t), between(0, 4)),
  ],
  ["steps", shape("steps", [1, 1, 3, 3, -1, -1], between(-1.5, 1.5), (t) => (t < -0.5 ? 0.5 : t < 0.5 ? 1 : -0.5))],
  ["ramp", shape("ramp", [1, 2, 3], between(0, 2), (t) => t / 2)],
  ["edge", shape("edge", [1, 0, -1], between(-0.5, 0.5), (t) => (t < 0 ? 1 : -1))],
];
const KNOWN = table<Shape>(Object.fromEntries(SHAPES));

export const NAMES: readonly (readonly [name: string, title: string])[] = SHAPES.map(([name, { title }]) => [
  name,
  title,
]);
export const endless = (name: string) => !!KNOWN[name]?.endless;

/** How far apart the points of one's own function are. */
export const spacing = (count: number) => (count > 16 ? 0.1 : 0.5);
/** Where its first point stands: the middle one at 0. */
export const startOf = (count: number) => -Math.floor((count - 1) / 2) * spacing(count);

function polyline(points: readonly number[]): Shape {
  const wide = spacing(points.length);
  const start = startOf(points.length);
  const support = between(start, start + (points.length - 1) * wide);
  const of = (t: number) => {
    const at = Math.min(Math.max(0, (t - start) / wide), points.length - 1);
    const k = Math.min(Math.floor(at), points.length - 2);
    return points[k]! + (at - k) * (points[k + 1]! - points[k]!);
  };
  return shape("my own", points, support, of);
}

const shapeOf = (name: string, own: readonly number[]) => KNOWN[name] ?? polyline(own);

const NODE = Math.sqrt(0.6) / 2;

/** The mean over a cell, by the rule of Gauss with three points. */
function mean(of: (t: number) => number, cell: number): number {
  const at = (part: number) => of((cell + 0.5 + part) * STEP);
  return (5 * at(-NODE) + 8 * at(0) + 5 * at(NODE)) / 18;
}

/** A signal by its name, or of one's own samples. A centred one has its middle sample at 0. */
export function signalOf(name: string, own: readonly number[], kind: Kind, centred = false): Signal {
  const { samples, support, shown, of } = shapeOf(name, own);
  if (kind === "discrete") {
    const first = centred ? -Math.floor((samples.length - 1) / 2) : 0;
    return { step: 1, first, values: samples, shown: [first, first + samples.length - 1] };
  }
  const first = Math.round(support[0] / STEP);
  const count = Math.round((support[1] - support[0]) / STEP);
  return { step: STEP, first, values: Array.from({ length: count }, (_, i) => mean(of, first + i)), shown };
}

/** The points through which a picture draws a function: where it jumps, two at one time. */
export function outline(name: string, own: readonly number[]): [number, number][] {
  const { of, shown, support } = shapeOf(name, own);
  const [a, b] = shown;
  const tiny = 1e-9;
  const points: [number, number][] = [[a, a === support[0] ? 0 : of(a)]];
  for (let i = 0; i <= Math.round((b - a) * 50); i++) {
    const t = a + i / 50;
    const [before, after] = [of(Math.max(a, t - tiny)), of(Math.min(b - tiny, t + tiny))];
    points.push([t, before]);
    if (Math.abs(after - before) > 1e-6) points.push([t, after]);
  }
  points.push([b, b === support[1] ? 0 : of(b)]);
  return points;
}

/** What one begins to change a signal from: its own points. */
export function pointsOf(name: string, own: readonly number[], kind: Kind): number[] {
  if (!KNOWN[name]) return [...own];
  const { of, support, samples, shown } = KNOWN[name]!;
  if (kind === "discrete") return [...samples];
  const reach = Math.min(3, Math.max(2, Math.abs(shown[0]) + 0.5, Math.abs(shown[1]) + 0.5));
  const inside = (t: number) => (t > support[0] && t < support[1] ? of(t) : 0);
  // At a jump half of it, which keeps the area.
  const value = (t: number) => (inside(t - 1e-9) + inside(t + 1e-9)) / 2;
  return Array.from({ length: 20 * reach + 1 }, (_, i) => +value(i / 10 - reach).toFixed(4) + 0);
}

/** The signal turned round at 0. */
export function mirrored({ step, first, values, shown: [a, b] }: Signal): Signal {
  const last = first + values.length - +(step === 1);
  return { step, first: -last || 0, values: [...values].reverse(), shown: [-b || 0, -a || 0] };
}

/** Σ x[m] w[n − m], or ∫ x(τ) w(t − τ) dτ at the ends of the cells. */
export function convolve(x: Signal, w: Signal): Curve {
  const values = new Array<number>(x.values.length + w.values.length - 1).fill(0);
  x.values.forEach((a, i) => {
    const scaled = a * x.step;
    if (a) for (let j = 0; j < w.values.length; j++) values[i + j]! += scaled * w.values[j]!;
  });
  return { step: x.step, first: x.first + w.first + +(x.step < 1), values };
}

/** A curve as a signal that can be slid over again: its samples, or means over cells, with 0 around it. */
function again({ step, first, values }: Curve, shown: readonly [number, number]): Signal {
  if (step === 1) return { step, first, values, shown };
  const means = Array.from({ length: values.length + 1 }, (_, i) => ((values[i - 1] ?? 0) + (values[i] ?? 0)) / 2);
  return { step, first: first - 1, values: means, shown };
}

export interface Setting {
  kind: Kind;
  flip: boolean;
  mode: Mode;
  again: number;
}

/** All that sliding one signal over another gives. */
export interface Slide extends Setting {
  signal: Signal;
  kernel: Signal;
  /** What the kernel is slid over: the signal, or what came out before. */
  input: Signal;
  /** The kernel as it is slid, at the place 0. */
  slid: Signal;
  output: Curve;
  /** The places of the kernel: the first, in steps, and how many; a place is `stride` steps after the one before. */
  first: number;
  count: number;
  stride: number;
}

/** Why these can't be slid in this mode; "" where they can. */
export function refusal({ values: x }: Signal, { values: w }: Signal, { kind, flip, mode, again }: Setting): string {
  const outside = kind === "discrete" && mode === "valid" && !flip && w.length > x.length;
  if (outside)
    return `Without the flip, “valid” takes a kernel that lies inside the signal; this one has ${w.length} samples, the signal ${x.length}.`;
  if (again && kind === "discrete" && mode !== "full")
    return "“again” takes what came out whole: choose the mode full.";
  return "";
}

/** Slide the kernel over the signal. Any setting gives something: what `refusal` names is done in mode full. */
export function slide(signal: Signal, kernel: Signal, setting: Setting): Slide {
  const { kind, flip, again: rounds } = setting;
  const mode = kind === "continuous" || refusal(signal, kernel, setting) ? "full" : setting.mode;
  const turned = mirrored(kernel);
  const u = flip ? kernel : turned;
  let input = signal;
  for (let i = 0; i < rounds; i++) input = again(convolve(input, u), sum(input.shown, u.shown));
  let output = convolve(input, u);
  const [n, k] = [input.values.length, kernel.values.length];
  if (mode === "same") output = part(output, Math.floor((k - 1) / 2), n);
  if (mode === "valid") output = part(output, Math.min(n, k) - 1, Math.abs(n - k) + 1);
  const fixed = { ...setting, mode, signal, kernel, input, slid: flip ? turned : kernel, output };
  if (kind === "discrete") return { ...fixed, first: output.first, count: output.values.length, stride: 1 };
  // A little before they meet, and after.
  const [a, b] = sum(input.shown, u.shown);
  const first = Math.round(a / STEP) - MARGIN * STRIDE;
  const count = Math.floor(Math.round((b - a) / STEP) / STRIDE) + 2 * MARGIN + 1;
  return { ...fixed, first, count, stride: STRIDE };
}

const sum = (a: readonly [number, number], b: readonly [number, number]) => between(a[0] + b[0], a[1] + b[1]);
const part = ({ step, first, values }: Curve, from: number, count: number): Curve => ({
  step,
  first: first + from,
  values: values.slice(from, from + count),
});

/** The index, in steps, of the k-th place, and its time. */
export const placeOf = ({ first, stride }: Slide, k: number) => first + k * stride;
export const timeOf = (s: Slide, k: number) => placeOf(s, k) * s.output.step;
export const at = ({ first, values }: Pick<Curve, "first" | "values">, index: number) => values[index - first] ?? 0;
export const outputAt = (s: Slide, k: number) => at(s.output, placeOf(s, k));

export interface Term {
  /** The index in the signal, in the kernel, and what stands there. */
  m: number;
  j: number;
  x: number;
  w: number;
  product: number;
}

/** What lies above one another with the kernel at an index, and the products: of samples, or of means over cells. */
export function terms({ input, slid, flip, kind }: Slide, index: number): Term[] {
  const start = Math.max(input.first, slid.first + index);
  const end = Math.min(input.first + input.values.length, slid.first + index + slid.values.length);
  const found: Term[] = [];
  for (let m = start; m < end; m++) {
    const [x, w] = [at(input, m), at(slid, m - index)];
    found.push({ m, j: flip ? index - m - +(kind === "continuous") : m - index, x, w, product: x * w });
  }
  return found;
}

/** The areas above and below the axis. */
export function areas(products: readonly Term[], step: number): { above: number; below: number } {
  let [above, below] = [0, 0];
  for (const { product } of products)
    if (product > 0) above += product * step;
    else below += product * step;
  return { above, below };
}

/** From where to where a signal is not 0; null where it is 0 everywhere. In a function of time, the ends of cells. */
export function support({ step, first, values }: Signal): readonly [number, number] | null {
  const start = values.findIndex(Boolean);
  if (start < 0) return null;
  let end = values.length;
  while (!values[end - 1]) end--;
  return [(first + start) * step, (first + end - +(step === 1)) * step];
}

/** From where to where the output is not 0, by what is known of the two: the ends add up. */
export function supportOfOutput({ input, kernel, flip, mode, output }: Slide): readonly [number, number] | null {
  const [x, w] = [support(input), support(flip ? kernel : mirrored(kernel))];
  if (!x || !w) return null;
  const ends = sum(x, w);
  if (mode === "full") return ends;
  const [first, last] = [output.first, output.first + output.values.length - 1];
  return ends[0] > last || ends[1] < first ? null : [Math.max(ends[0], first), Math.min(ends[1], last)];
}

export interface Moments {
  area: number;
  mean: number;
  variance: number;
}

export function moments({ step, first, values }: Signal): Moments {
  const middle = step === 1 ? 0 : 0.5;
  let [area, one, two] = [0, 0, 0];
  values.forEach((value, i) => {
    const t = (first + i + middle) * step;
    area += value * step;
    one += value * step * t;
    two += value * step * t * t;
  });
  const mean = one / area;
  // A cell is a box, and has a variance of its own.
  return { area, mean, variance: two / area - mean * mean + (step === 1 ? 0 : (step * step) / 12) };
}

export interface Bell extends Moments {
  of(t: number): number;
  /** The largest distance to the output, and where. */
  distance: number;
  where: number;
}

/** The Gaussian of the output's area, mean and variance, if it has one: areas multiply, means and variances add. */
export function gaussianOf({ signal, kernel, flip, again, output, mode }: Slide): Bell | null {
  const [x, w] = [moments(signal), moments(flip ? kernel : mirrored(kernel))];
  const rounds = again + 1;
  const [area, mean] = [x.area * w.area ** rounds, x.mean + rounds * w.mean];
  const variance = x.variance + rounds * w.variance;
  const signed = [...signal.values, ...kernel.values].some((value) => value < 0);
  if (signed || mode !== "full" || !(area > 0) || !(variance > 1e-9)) return null;
  const of = (t: number) => (area / Math.sqrt(2 * Math.PI * variance)) * Math.exp(-((t - mean) ** 2) / (2 * variance));
  let [distance, where] = [0, 0];
  output.values.forEach((value, i) => {
    const t = (output.first + i) * output.step;
    const far = Math.abs(value - of(t));
    if (far > distance) [distance, where] = [far, t];
  });
  return { area, mean, variance, of, distance, where };
}

/** The largest distance of two curves. */
export function farthest(a: Curve, b: Curve): number {
  const first = Math.min(a.first, b.first);
  const last = Math.max(a.first + a.values.length, b.first + b.values.length);
  let far = 0;
  for (let i = first; i < last; i++) far = Math.max(far, Math.abs(at(a, i) - at(b, i)));
  return far;
}
