/** The maps of a bank of filters, kept and changed with as little work as an edit asks for. No DOM. */

import { forward, type Layout, nudge, turned, type Volume } from "../math/convolution";
import type { Filter } from "./traits";

export interface FeatureMap {
  readonly values: Float64Array;
  readonly low: number;
  readonly high: number;
  /** Another number whenever a value has changed. */
  readonly version: number;
}

/** Of this many changed weights a map is made by adding what they change; of more, anew. */
const FEW = 8;
/** A map is made anew where a weight goes that was so many times the largest that stays. */
const DROWNING = 1e6;

export function engine() {
  let volume: Volume | undefined;
  let at: Layout | undefined;
  let flip = false;
  let filters: readonly Filter[] = [];
  let maps: (FeatureMap | undefined)[] = [];
  let versions = 0;
  /** Maps that were only added to since they were made: rounding has gathered in them. */
  const drifted = new Set<number>();

  const finish = (values: Float64Array): FeatureMap => {
    let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (const value of values) {
      if (value < low) low = value;
      if (value > high) high = value;
    }
    return { values, low, high, version: ++versions };
  };

  /** What an edit of a filter does to its map. */
  function follow(i: number, before: Filter | undefined, now: Filter): void {
    const map = maps[i];
    if (!map || before === now || !volume || !at) return;
    if (before?.weights.length !== now.weights.length) {
      maps[i] = undefined;
      return;
    }
    const changed: number[] = [];
    for (let k = 0; k < now.weights.length; k++) if (now.weights[k] !== before.weights[k]) changed.push(k);
    if (!changed.length && before.bias === now.bias) return;
    // A map that is not of numbers doesn't become one by adding, and far smaller numbers would drown in its rounding.
    const largest = Math.max(...now.weights.map(Math.abs), Math.abs(now.bias));
    const drowned = changed.some((k) => Math.abs(before.weights[k]!) > DROWNING * largest);
    if (changed.length > FEW || drowned || !Number.isFinite(map.low + map.high)) {
      maps[i] = undefined;
      return;
    }
    const size = at.kernelRows * at.kernelColumns;
    for (const k of changed) {
      const slid = flip ? k - (k % size) + size - 1 - (k % size) : k;
      nudge(map.values, volume, at, slid, now.weights[k]! - before.weights[k]!);
    }
    const rise = now.bias - before.bias;
    if (rise) for (let j = 0; j < map.values.length; j++) map.values[j]! += rise;
    maps[i] = finish(map.values);
    drifted.add(i);
  }

  const weights = (i: number) => {
    const kept = filters[i]!.weights;
    return flip ? turned(kept, at!.channels) : kept;
  };

  function map(i: number): FeatureMap {
    maps[i] ??= finish(forward(volume!, at!, weights(i), filters[i]!.bias));
    return maps[i]!;
  }

  return {
    map,
    /** A map that is there already. */
    ready: (i: number) => maps[i],
    update(now: { volume: Volume; at: Layout; flip: boolean; filters: readonly Filter[] }): void {
      const other =
        now.volume !== volume || now.flip !== flip || (now.at !== at && JSON.stringify(now.at) !== JSON.stringify(at));
      if (other) {
        maps = [];
        drifted.clear();
      }
      const before = filters;
      ({ volume, at, flip, filters } = now);
      maps.length = filters.length;
      if (!other && before !== filters) for (const [i, filter] of filters.entries()) follow(i, before[i], filter);
    },
    /** Make the next map that is missing. True while there is more to do. */
    work(): boolean {
      const next = filters.findIndex((_, i) => !maps[i]);
      if (next >= 0) map(next);
      return next >= 0;
    },
    /** Make maps anew that were only added to. True if there were any. */
    settle(): boolean {
      for (const i of drifted) maps[i] = undefined;
      const some = drifted.size > 0;
      drifted.clear();
      return some;
    },
  };
}

export type Engine = ReturnType<typeof engine>;
