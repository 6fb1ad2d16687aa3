/** What is drawn on a canvas with: the colours of the theme, and numbers in few letters that stand out from them. */

import { formatNumber } from "../math/notation";
import { html, listen } from "./dom";

/**
 * The colours called `names`, as numbers. `changed` runs when the theme has changed: the element, which has to be on
 * the page, has a colour of its own that changes with it, and that can be heard.
 */
export function theme<Name extends string>(names: readonly Name[], signal: AbortSignal, changed: () => void) {
  const element = html("i", { "aria-hidden": "true" }, ...names.map(() => html("i")));
  element.style.cssText = "position:absolute;width:0;height:0;color:var(--sg-ink);transition:color 1ms";
  let known: Record<Name, string> | undefined;
  listen(
    element,
    // JupyterLab cuts it short while it loads the other theme.
    ["transitionend", "transitioncancel"],
    () => {
      known = undefined;
      changed();
    },
    signal,
  );
  return {
    element,
    colours(): Record<Name, string> {
      known ??= Object.fromEntries(
        names.map((name, i) => {
          const part = element.children[i] as HTMLElement;
          part.style.color = `var(--sg-${name})`;
          return [name, getComputedStyle(part).color];
        }),
      ) as Record<Name, string>;
      return known;
    },
  };
}

export type Rgb = readonly [red: number, green: number, blue: number];

export const rgb = (colour: string) => (colour.match(/[\d.]+/g) ?? [0, 0, 0]).slice(0, 3).map(Number) as unknown as Rgb;

/** How light a colour looks, from 0 to 1. */
export const light = (colour: readonly number[]) =>
  colour.reduce((sum, v, i) => sum + [0.2126, 0.7152, 0.0722][i]! * (v / 255) ** 2.2, 0);

/** One of two colours, whichever stands out more from what is behind it. */
export function legible(behind: readonly number[], one: string, other: string): string {
  const ground = light(behind) + 0.05;
  const contrast = (text: string) => {
    const own = light(rgb(text)) + 0.05;
    return Math.max(own / ground, ground / own);
  };
  return contrast(one) > contrast(other) ? one : other;
}

/** A number in as few letters as say something. */
export function short(value: number): string {
  if (Number.isInteger(value) && Math.abs(value) < 1000) return formatNumber(value);
  const size = Math.abs(value);
  const digits =
    size >= 100 ? size.toPrecision(3) : size >= 0.01 ? size.toFixed(size >= 10 ? 1 : 2) : size.toExponential(0);
  return (value < 0 ? "−" : "") + (size >= 1e4 ? size.toExponential(0) : digits).replace("e+", "e").replace("e-", "e−");
}
