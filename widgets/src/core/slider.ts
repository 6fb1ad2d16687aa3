/** A slider with a typed value beside it, and number fields of their own. */

import { html, listen, set, typeset } from "./dom";

/** What someone typed as a number: a comma for the point and a true minus are fine; NaN if it is none. */
export function typedNumber(text: string): number {
  const plain = text.trim().replace(",", ".").replace("−", "-");
  return plain ? Number(plain) : Number.NaN;
}

/** A field for a number. `commit` never hears half-typed text. */
export function numberField(label: string, signal: AbortSignal, commit: (value: number) => void) {
  const element = html("input", { type: "text", inputmode: "decimal", autocomplete: "off", "aria-label": label });
  let value = 0;
  const show = () => {
    element.value = `${+value.toPrecision(10)}`.replace("-", "−");
    element.title = `${value}`;
  };
  const send = () => {
    const next = typedNumber(element.value);
    if (Number.isFinite(next)) commit(next);
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
) {
  const range = html("input", { type: "range", "aria-label": name });
  const field = numberField(`${name}, exact`, signal, (value) => change(value, true));
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
