/**
 * One thing in several pictures: elements that carry the same `data-node` (or `data-edge`) light together when one of
 * them is under the pointer or has the focus.
 */

import { listen } from "./dom";

/** Light a thing from outside, as when the pointer is over text that has no elements; `null` puts it out. */
export type Light = (node?: string | null, edge?: string | null, at?: Element | null) => void;

export function linking(root: Element, signal: AbortSignal, seen: Light): Light {
  let lit = "";
  const light: Light = (node = null, edge = null, at = null) => {
    const next = `${node} ${edge}`;
    if (next !== lit)
      for (const element of root.querySelectorAll<HTMLElement>("[data-node],[data-edge]")) {
        const data = element.dataset;
        element.toggleAttribute("data-lit", data.node ? data.node === node : data.edge === edge);
      }
    lit = next;
    seen(node, edge, at);
  };
  listen(
    root,
    ["pointerover", "focusin"],
    ({ target }) => {
      const at = (target as Element).closest<HTMLElement>("[data-node]");
      light(at?.dataset.node, (target as Element).closest<HTMLElement>("[data-edge]")?.dataset.edge, at);
    },
    signal,
  );
  listen(root, ["pointerleave", "focusout"], () => light(), signal);
  return light;
}
