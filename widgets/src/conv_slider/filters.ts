/** What is done to filters: edited, made to fit, made from presets. No DOM. */

import { type Layout, spread } from "../math/convolution";
import type { Filter, Preset, PresetKernel, Scene } from "./traits";

type Size = readonly number[];

const fits = ({ rows, columns }: PresetKernel, kernel: Size) => rows === kernel[0] && columns === kernel[1];

/** The kernel of a preset in a size, if it comes in that. */
export const kernelIn = ({ kernels }: Preset, size: Size) => kernels.find((each) => fits(each, size));

export const isPreset = (filter: Filter, { name, title }: Preset) => filter.name === name || filter.name === title;

/** A filter with as many weights as the picture's channels and the kernel's size ask for. */
export function fitted(filter: Filter, channels: number, kernel: Size): Filter {
  const area = kernel[0]! * kernel[1]!;
  const had = filter.weights.length / area;
  if (had === channels) return filter;
  const some = Number.isInteger(had) && had > 0;
  const weights = some ? [...spread(filter.weights, had, channels)] : new Array<number>(channels * area).fill(0);
  return { ...filter, weights };
}

/** A kernel of another size with the same middle: zeros around it, or its border left out. */
function centred(weights: readonly number[], [rows, columns]: Size, [tall, wide]: Size, channels: number): number[] {
  const [down, across] = [Math.floor((tall! - rows!) / 2), Math.floor((wide! - columns!) / 2)];
  const made = new Array<number>(channels * tall! * wide!).fill(0);
  for (let k = 0; k < weights.length; k++) {
    const b = (k % columns!) + across;
    const a = (Math.floor(k / columns!) % rows!) + down;
    const c = Math.floor(k / (rows! * columns!));
    if (a >= 0 && b >= 0 && a < tall! && b < wide!) made[(c * tall! + a) * wide! + b] = weights[k]!;
  }
  return made;
}

/**
 * Weight `k`, as it slides, of the channel in front becomes a number; of all channels, their sum does: equal weights
 * share it out evenly, others are moved alike, and the last one makes the sum exact.
 */
export function withWeight(filter: Filter, { at, channel, flip }: Scene, k: number, value: number): Filter {
  const area = at.kernelRows * at.kernelColumns;
  const own = flip ? area - 1 - k : k;
  const weights = [...filter.weights];
  if (channel >= 0) weights[channel * area + own] = value;
  else {
    const before = Array.from({ length: at.channels }, (_, c) => weights[c * area + own]!);
    const add = (numbers: readonly number[]) => numbers.reduce((total, part) => total + part, 0);
    const sum = add(before);
    if (value === +sum.toPrecision(12)) return filter;
    const shared = before.map(() => value / at.channels);
    const moved = before.map((weight) => weight + (value - sum) / at.channels);
    moved[moved.length - 1] = value - add(moved.slice(0, -1));
    // Beside far larger weights the sum would drown in rounding.
    const even = before.every((weight) => weight === before[0]) || +add(moved).toPrecision(12) !== value;
    (even ? shared : moved).forEach((weight, c) => {
      weights[c * area + own] = weight;
    });
  }
  return { ...filter, weights };
}

/** A preset as a filter; undefined where it doesn't come in this size. */
export function presetFilter(preset: Preset, size: Size, channels: number): Filter | undefined {
  const made = kernelIn(preset, size);
  return made && { name: preset.name, weights: [...spread(made.weights, made.channels, channels)], bias: made.bias };
}

/** Filters in another size: presets as they come in it, others with the same middle. */
export function resized(filters: readonly Filter[], presets: readonly Preset[], at: Layout, size: Size): Filter[] {
  return filters.map((filter) => {
    const preset = presets.find((each) => isPreset(filter, each));
    const made = preset && presetFilter(preset, size, at.channels);
    const weights = made?.weights ?? centred(filter.weights, [at.kernelRows, at.kernelColumns], size, at.channels);
    return { ...filter, weights };
  });
}

/** One more filter: the first preset that isn't there yet, or one that hands on what is in its middle. */
export function another(filters: readonly Filter[], presets: readonly Preset[], size: Size, channels: number): Filter {
  const free = presets.find((each) => kernelIn(each, size) && !filters.some((filter) => isPreset(filter, each)));
  const made = free && presetFilter(free, size, channels);
  if (made) return made;
  const weights = [...spread(centred([1], [1, 1], size, 1), 1, channels)];
  return { name: `filter ${filters.length + 1}`, weights, bias: 0 };
}
