/** Which layer is looked at: buttons, its size and batch, and the text of a function of one's own. */

import { button, html, listen, named, set, write } from "../core/dom";
import { numberField } from "../core/slider";
import type { Choice, Traits } from "./traits";

export function picker(signal: AbortSignal, ask: (choice: Choice) => void) {
  const chips = html("div.sg-row.sg-chips", named("Layer"));
  const message = html("p.wrong", { role: "alert" });
  const field = html("input", {
    type: "text",
    spellcheck: "false",
    autocomplete: "off",
    autocapitalize: "off",
    "aria-label": "Function of x, entry by entry",
    placeholder: "x*tanh(x)",
  });
  let now: Choice = { layer: "", size: 0, batch: 1, expression: "" };
  let open = false;
  const whole = (change: (n: number) => Partial<Choice>) => (n: number) =>
    ask({ ...now, expression: now.layer === "expression" ? field.value.trim() : "", ...change(Math.round(n)) });
  const sizeField = numberField(
    "Size",
    signal,
    whole((n) => ({ size: n })),
  );
  const batchField = numberField(
    "Batch",
    signal,
    whole((n) => ({ batch: n })),
  );
  const numbers = html(
    "span.sg-row.sg-sizes",
    html("label.sg-row", html("span", "size", { "aria-hidden": "true" }), sizeField.element),
    html("label.sg-row", html("span", "batch", { "aria-hidden": "true" }), batchField.element),
  );
  const box = html("div.sg-row.sg-own", html("span", "f(x) =", { "aria-hidden": "true" }), field);
  const send = () => {
    const text = field.value.trim();
    const known = now.layer === "expression" ? now : { layer: "expression", size: 8, batch: 1 };
    if (text) ask({ ...known, expression: text });
  };
  listen(
    field,
    "keydown",
    ({ key }) => {
      if (key === "Enter") send();
      if (key === "Escape") field.value = now.expression;
    },
    signal,
  );
  let drawn: Traits["layers"] | undefined;
  return {
    element: html("div.sg-picker", html("div.sg-row", chips, numbers), box, message),
    complain(text: string) {
      write(message, text);
      set(field, { "aria-invalid": !!text && open && "true" });
    },
    update({ layers, layer, size: n, batch: m, expression }: Traits) {
      now = { layer, size: n, batch: m, expression };
      if (layer) open = layer === "expression";
      if (drawn !== layers) {
        drawn = layers;
        chips.replaceChildren(
          ...layers.map(({ name, title, size = 8, batch = 1 }) =>
            set(
              button(title, title, signal, () => {
                open = name === "expression";
                box.hidden = !open;
                if (open) field.focus();
                // A layer begins at a size of its own: what is chosen for another means nothing to it.
                if (!open) ask({ layer: name, size, batch, expression: "" });
              }),
              { "data-layer": name },
            ),
          ),
        );
      }
      for (const chip of chips.children)
        set(chip, { "aria-pressed": `${(chip as HTMLElement).dataset.layer === layer}` });
      box.hidden = !open;
      numbers.hidden = !layer;
      if (document.activeElement !== field) field.value = expression;
      sizeField.update(n);
      batchField.update(m);
    },
  };
}
