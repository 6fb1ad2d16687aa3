/** A slider with a typed value beside it, and optional further number fields. */

import { html, listen, set, typeset } from "./dom";

/** A field for a number. `commit` hears whole numbers only, never half-typed text. */
export function numberField(label: string, signal: AbortSignal, commit: (value: number) => void) {
  const element = html("input", { type: "text", inputmode: "decimal", autocomplete: "off", "aria-label": label });
  let value = 0;
  const show = () => {
    if (document.activeElement !== element || element.value === "") element.value = `${value}`.replace("-", "−");
    set(element, { title: `${value}` });
  };
  const done = () => {
    const typed = element.value.trim().replace(",", ".").replace("−", "-");
    const next = typed === "" ? Number.NaN : Number(typed);
    element.value = "";
    if (Number.isFinite(next) && next !== value) commit(next);
    show();
  };
  listen(element, "change", done, signal);
  listen(element, "blur", show, signal);
  return {
    element,
    update(next: number) {
      value = next;
      show();
    },
  };
}

export function slider(
  name: { text: string; math: string },
  signal: AbortSignal,
  change: (value: number, release: boolean) => void,
) {
  const label = html("span", { class: "sg-name" });
  typeset(label, name.math);
  const range = html("input", { type: "range", "aria-label": name.text });
  const field = numberField(`${name.text}, exact`, signal, (value) => change(value, true));
  listen(range, "input", () => change(+range.value, false), signal);
  listen(range, "change", () => change(+range.value, true), signal);
  return {
    element: html("div", { class: "sg-slider" }, label, range, field.element),
    update(value: number, [low, high]: readonly [number, number]) {
      // A value from outside the range widens it rather than being bent to it.
      const [min, max] = [Math.min(low, value), Math.max(high, value)];
      set(range, { min, max, step: +((max - min) / 200).toPrecision(1) || "any" });
      range.value = `${value}`;
      range.style.setProperty("--at", `${max > min ? (value - min) / (max - min) : 0}`);
      field.update(value);
    },
  };
}
