/** From numbers to pixels, and the marks along an axis. */

import { svg } from "../core/dom";

export interface Scale {
  (value: number): number;
  low: number;
  high: number;
  /** Pixels for 1. */
  unit: number;
}

/** From the interval of values to that of pixels, which may fall. */
export function scale(low: number, high: number, from: number, to: number): Scale {
  const unit = (to - from) / (high - low || 1);
  return Object.assign((value: number) => from + (value - low) * unit, { low, high, unit: Math.abs(unit) });
}

/** Round numbers between two others, at most so many. */
export function marks(low: number, high: number, most: number): number[] {
  const wanted = (high - low) / Math.max(1, most);
  const ten = 10 ** Math.floor(Math.log10(wanted || 1));
  const step = [1, 2, 5, 10].map((k) => k * ten).find((each) => each >= wanted * 0.999) ?? 1;
  const found: number[] = [];
  for (let k = Math.ceil(low / step - 1e-9); k * step <= high + step * 1e-9; k++)
    found.push(+(k * step).toPrecision(12));
  return found;
}

export const px = (value: number) => `${Math.round(value * 100) / 100}`;

/** A path through points. */
export const path = (points: Iterable<readonly [number, number]>) =>
  [...points].map(([x, y], i) => `${i ? "L" : "M"}${px(x)} ${px(y)}`).join("");

/** What stands beside an axis, pressed together where it would not fit. */
export const mark = (right: number, y: number, text: string) =>
  svg(
    "text.sg-mark",
    {
      x: right,
      y: px(y + 4),
      "text-anchor": "end",
      ...(text.length * 6.5 > right && { textLength: right - 1, lengthAdjust: "spacingAndGlyphs" }),
    },
    text,
  );
