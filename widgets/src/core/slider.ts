/** A slider with a typed value beside it, and number fields of their own. */

import { html, listen, set, typeset } from "./dom";

/** What someone typed as a number: a comma for the point and a true minus are fine; NaN if it is none. */
export function typedNumber(text: string): number {
  const plain = text.trim().replace(",", ".").replace("−", "-");
  return plain ? Number(plain) : Number.NaN;
}

/** The largest magnitude of a number that is typed: products and sums of such are still numbers. */
export const GREATEST = 1e100;

/** Which numbers a field takes. */
export interface Range {
  readonly low: number;
  readonly high: number;
  readonly whole?: boolean;
}
const ANY: Range = { low: -GREATEST, high: GREATEST };

/** What is wrong with a text as a number, in a sentence; "" if nothing is. */
export function numberFault(label: string, text: string, { low, high, whole = false }: Range = ANY): string {
  const value = typedNumber(text);
  const own = text.trim().length > 20 ? `${text.trim().slice(0, 20)}…` : text.trim();
  const kind = whole ? "a whole number" : "a number";
  if (!own) return `${label}: nothing was typed; type ${kind}.`;
  if (Number.isNaN(value) || (whole && !Number.isInteger(value) && Number.isFinite(value)))
    return `${label}: “${own}” is not ${kind}.`;
  if (value >= low && value <= high) return "";
  return Math.abs(value) > GREATEST && high >= GREATEST
    ? `${label}: “${own}” is too large; type a number up to 10¹⁰⁰.`
    : `${label}: type ${kind} from ${low.toLocaleString("en")} to ${high.toLocaleString("en")}; this is ${own}.`;
}

/**
 * A field for a number. `commit` never hears half-typed text. Where faults are told, "" for none, what is outside of
 * the range is refused.
 */
export function numberField(
  label: string,
  signal: AbortSignal,
  commit: (value: number) => void,
  tell?: (fault: string) => void,
  range: () => Range = () => ANY,
) {
  const element = html("input", { type: "text", inputmode: "decimal", autocomplete: "off", "aria-label": label });
  let value = 0;
  const shown = () => `${+value.toPrecision(10)}`.replace("-", "−");
  const show = () => {
    element.value = shown();
    element.title = `${value}`;
  };
  const send = () => {
    // After Enter the browser tells of a change, too: what was said of it stays.
    if (tell && element.value === shown()) return;
    const next = typedNumber(element.value);
    const fault = tell ? numberFault(label, element.value, range()) : "";
    tell?.(fault);
    if (!fault && Number.isFinite(next)) commit(next);
    show();
  };
  listen(element, "change", send, signal);
  // JupyterLab keeps the Enter from a field in a cell whose key it has a use for: then no change is heard.
  listen(element, "keydown", ({ key }) => key === "Enter" && send(), signal);
  return {
    element,
    update(next: number) {
      if (Object.is(next, value) && element.value) return;
      value = next;
      show();
    },
  };
}

export function slider(
  name: string,
  math: string,
  signal: AbortSignal,
  change: (value: number, release: boolean) => void,
  tell?: (fault: string) => void,
  limits?: () => Range,
) {
  const range = html("input", { type: "range", "aria-label": name });
  const field = numberField(`${name}, exact`, signal, (value) => change(value, true), tell, limits);
  listen(range, ["input", "change"], ({ type }) => change(+range.value, type === "change"), signal);
  return {
    element: html("div.sg-row.sg-slider", typeset(html("span"), math), range, field.element),
    update(value: number, [low, high]: readonly [number, number]) {
      // A value from outside the range widens it rather than being bent to it.
      const min = Math.min(low, value);
      const max = Math.max(high, value);
      const step = +((max - min) / 200).toPrecision(1);
      set(range, { min, max, step: step || "any" });
      range.value = `${value}`;
      range.style.setProperty("--at", `${(value - min) / (max - min || 1)}`);
      field.update(value);
    },
  };
}
