/** The arrays of a node as far as they are known, beside its card. */

import { html } from "../core/dom";
import { type Known, labelText, type Value } from "../math";
import { isArray, show } from "./scene";

/** No line is longer than so many entries. */
const ACROSS = 8;
const ACCENTS = [
  ["pri", undefined, ""],
  ["tan", "dot", "dot "],
  ["adj", "bar", "bar "],
] as const;

function block(name: string, value: Value | undefined, accent: string): HTMLElement[] {
  if (!isArray(value)) return [];
  const columns = value.shape.at(-1) || 1;
  const entries = value.data.map((entry, i) => ((i % columns) % ACROSS ? "" : "\n") + show(entry).padStart(8));
  return [html(`div.${accent}`, `${name}  ${show(value)}${entries.join("")}${value.truncated ? "\n…" : ""}`)];
}

export function valuesPopover() {
  const element = html("div.sg-pop", { role: "tooltip", hidden: true });
  let [label, card] = ["", null as Element | null];
  return {
    element,
    /** Stand beside a card, or go. */
    point(to: string, at: Element | null | undefined) {
      label = to;
      card = at ?? null;
    },
    /** Give what is known now. */
    paint(known: Known) {
      const blocks = ACCENTS.flatMap(([accent, sign, key]) =>
        card ? block(labelText(label, sign), known[key + label], accent) : [],
      );
      element.hidden = !blocks.length;
      if (!card || !blocks.length) return;
      element.replaceChildren(...blocks);
      const box = card.getBoundingClientRect();
      const frame = element.offsetParent?.getBoundingClientRect() ?? box;
      element.style.left = `${Math.max(4, Math.min(box.left - frame.left, frame.width - element.offsetWidth - 4))}px`;
      element.style.top = `${box.bottom - frame.top + 6}px`;
    },
  };
}
