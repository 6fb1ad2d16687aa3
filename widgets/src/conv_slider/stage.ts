/** Two canvases, one over the other: what stays, and what moves with the window; and where the pointer is on them. */

import { html, listen, set } from "../core/dom";
import { type Grid, sized } from "./drawing";
import type { Place } from "./traits";

/** Planes that stand behind the front one, so many pixels to the right and up. */
export const MOST_BEHIND = 5;

export interface StageHooks {
  /** The pointer is over a cell, or over none. Rows and columns may have fractions. */
  over(place: Place | null): void;
  /** The pointer is pressed and moved; `release` at its end. */
  drag(place: Place, release: boolean): void;
}

export function stage(name: string, hooks: StageHooks, signal: AbortSignal) {
  const base = html("canvas", { "aria-hidden": "true" });
  const over = html("canvas", { tabindex: 0, role: "application", "aria-label": name });
  const element = html("div.sg-plane", base, over);
  let grid: Grid = { left: 0, top: 0, cell: 1, rows: 1, columns: 1 };
  let size = { width: 0, height: 0 };
  let held = false;

  /** Where the canvas is, asked for once a drag: the page would have to be laid out for each answer. */
  let box: DOMRect | undefined;
  const place = ({ clientX, clientY }: MouseEvent): Place => {
    if (!held || !box) box = over.getBoundingClientRect();
    return [(clientY - box.top - grid.top) / grid.cell, (clientX - box.left - grid.left) / grid.cell];
  };
  listen(
    over,
    ["pointerdown", "pointermove", "pointerup", "pointercancel"],
    (event) => {
      if (event.type === "pointerdown") {
        if (event.button) return;
        box = undefined;
        held = true;
        over.setPointerCapture?.(event.pointerId);
        hooks.drag(place(event), false);
      } else if (event.type === "pointermove") {
        if (held) hooks.drag(place(event), false);
        if (event.pointerType !== "touch") hooks.over(place(event));
      } else if (held) {
        held = false;
        if (event.type === "pointerup") hooks.drag(place(event), true);
      }
    },
    signal,
  );
  listen(over, "pointerleave", () => hooks.over(null), signal);

  return {
    element,
    base,
    over,
    /** Lay out so many cells in a room of so many pixels, with planes behind. True if anything has changed. */
    fit(rows: number, columns: number, behind: number, room: number): boolean {
      const step = room < 220 ? 3 : behind > 2 ? 6 : 7;
      const depth = Math.min(MOST_BEHIND, behind) * step;
      const free = (room - depth - 3) / Math.max(rows, columns);
      const cell = free >= 2 ? Math.floor(free) : free;
      const next = { left: 1.5, top: depth + 1.5, cell, rows, columns };
      const [width, height] = [Math.ceil(columns * cell + depth + 3), Math.ceil(rows * cell + depth + 3)];
      const same = JSON.stringify([next, width, height]) === JSON.stringify([grid, size.width, size.height]);
      grid = next;
      size = { width, height };
      return !same;
    },
    grid: () => grid,
    /** The offset of the planes behind each other. */
    step: (behind: number) => (behind ? (grid.top - 1.5) / Math.min(MOST_BEHIND, behind) : 0),
    /** A cleared context of one of the canvases. */
    paper(canvas: HTMLCanvasElement) {
      const context = sized(canvas, size.width, size.height);
      context?.clearRect(0, 0, size.width, size.height);
      return context;
    },
    label: (text: string) => set(over, { "aria-label": text }),
    size: () => size,
  };
}

export type Stage = ReturnType<typeof stage>;
