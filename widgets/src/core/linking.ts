/**
 * One thing in several pictures: elements that carry the same `data-node` (or `data-edge`) light together when one of
 * them is under the pointer or has the focus.
 */

import { listen } from "./dom";

export interface Linking {
  /** Light a thing from outside, as when the pointer is over text that has no elements; `null` puts it out. */
  light(node: string | null, edge?: string | null): void;
}

export function linking(
  root: HTMLElement,
  signal: AbortSignal,
  seen: (node: string | null, element: Element | null) => void = () => {},
): Linking {
  let lit = "";
  const light = (node: string | null, edge: string | null = null, at: Element | null = null) => {
    const next = JSON.stringify([node, edge]);
    if (next !== lit) {
      lit = next;
      for (const element of root.querySelectorAll<HTMLElement>("[data-node],[data-edge]"))
        element.classList.toggle(
          "lit",
          (node != null && element.dataset.node === node) || (edge != null && element.dataset.edge === edge),
        );
    }
    seen(node, at);
  };
  const enter = (event: Event) => {
    const at = (event.target as Element).closest<HTMLElement>("[data-node]");
    const line = (event.target as Element).closest<HTMLElement>("[data-edge]");
    light(at?.dataset.node ?? null, line?.dataset.edge, at);
  };
  listen(root, ["pointerover", "focusin"], enter, signal);
  listen(root, ["pointerleave", "focusout"], () => light(null), signal);
  return { light };
}
