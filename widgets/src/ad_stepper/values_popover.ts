/** The values of an array node, beside its card. */

import { html, write } from "../core/dom";
import { labelText, type Value } from "../math";
import { isArray, show } from "./scene";

export function valuesPopover() {
  const element = html("div.sg-pop", { role: "tooltip", hidden: true });
  return {
    element,
    show(label: string, value: Value | undefined, card: Element | null | undefined) {
      element.hidden = !card || !isArray(value);
      if (!card || !isArray(value)) return;
      const { shape, data, truncated } = value;
      const columns = shape.at(-1) || 1;
      const entries = data.map((entry, i) => (i % columns ? "" : "\n") + show(entry).padStart(8));
      write(element, `${labelText(label)}  ${show(value)}${entries.join("")}${truncated ? "\n…" : ""}`);
      const box = card.getBoundingClientRect();
      const frame = element.offsetParent?.getBoundingClientRect() ?? box;
      element.style.left = `${Math.max(4, Math.min(box.left - frame.left, frame.width - element.offsetWidth - 4))}px`;
      element.style.top = `${box.bottom - frame.top + 6}px`;
    },
  };
}
