/** The weights of a filter, changed by dragging, by typing or by the arrow keys; and the turn by which they are flipped. */

import { html, listen, named, set, write } from "../core/dom";
import { GREATEST, numberFault, typedNumber } from "../core/slider";
import { short } from "../core/theme";
import { type Look, signed, watcher } from "./drawing";
import { channelName, type Scene } from "./traits";

/** Pixels of a drag that change a weight by a step. */
const PIXELS = 4;
/** Further than this a press becomes a drag. */
const SLACK = 3;
const TURN = 700;
/** The widest that a kernel gets, and the largest a cell of a small one. */
const [WIDEST, LARGEST] = [224, 44];
/** The width of a letter of this height 1, in a typeface of one width. */
const LETTER = 0.61;

/** A round step of about a twentieth of a number. */
export function stepOf(largest: number): number {
  const least = (largest || 1) / 20;
  const power = 10 ** Math.floor(Math.log10(least));
  return +([1, 2, 5, 10].map((n) => n * power).find((step) => step >= least * 0.999) ?? power).toPrecision(1);
}

const exact = (value: number) => `${+value.toPrecision(12)}`.replace("-", "−");

export interface KernelHooks {
  /** Weight `k`, as it slides, of the plane in front becomes a number. */
  write(k: number, value: number, release: boolean): void;
  /** Say what is wrong with a typed number, or "" for nothing. */
  tell(fault: string): void;
}

export function kernelEditor(hooks: KernelHooks, signal: AbortSignal) {
  const grid = html("div.sg-kernel", { role: "group" });
  const title = html("h4");
  const hint = html("p.sg-say");
  const element = html("div.sg-block.sg-filter", title, grid, hint);
  let cells: HTMLInputElement[] = [];
  let values: number[] = [];
  let step = 0.05;
  let editing: HTMLInputElement | undefined;
  let held: { cell: HTMLInputElement; y: number; from: number; step: number; moved: boolean } | undefined;
  const changed = watcher();
  /** What each cell shows, so that only what changes is written. */
  let shown: { value: number; fill: string }[] = [];
  let turnedAs: boolean | undefined;

  const at = (target: EventTarget | null) => cells.indexOf(target as HTMLInputElement);
  const put = (k: number, value: number, release: boolean) => {
    if (!(Math.abs(value) <= GREATEST)) return;
    // Several keys may come before the next frame.
    values[k] = +value.toPrecision(12);
    hooks.write(k, values[k], release);
  };
  const restore = (cell: HTMLInputElement) => {
    cell.value = short(values[at(cell)] ?? 0);
    if (editing === cell) editing = undefined;
  };
  const commit = (cell: HTMLInputElement) => {
    if (editing !== cell) return;
    const value = typedNumber(cell.value);
    editing = undefined;
    const fault = numberFault(cell.getAttribute("aria-label") ?? "", cell.value);
    hooks.tell(fault);
    if (!fault) put(at(cell), value, true);
    restore(cell);
  };
  const go = (k: number) => {
    const cell = cells[(k + cells.length) % cells.length];
    cell?.focus();
    cell?.select();
  };

  listen(
    grid,
    "pointerdown",
    (event) => {
      const cell = event.target as HTMLInputElement;
      if (event.button || at(cell) < 0 || editing === cell) return;
      const largest = Math.max(...values.map(Math.abs));
      held = { cell, y: event.clientY, from: values[at(cell)]!, step: stepOf(largest), moved: false };
      cell.setPointerCapture?.(event.pointerId);
    },
    signal,
  );
  // A press selects no text: it may become a drag.
  listen(
    grid,
    "mousedown",
    (event) => at(event.target) >= 0 && editing !== event.target && event.preventDefault(),
    signal,
  );
  listen(
    grid,
    "pointermove",
    (event) => {
      if (!held) return;
      const up = held.y - event.clientY;
      held.moved ||= Math.abs(up) > SLACK;
      if (!held.moved) return;
      const fine = event.shiftKey ? held.step / 10 : held.step;
      put(at(held.cell), Math.round((held.from + (up / PIXELS) * fine) / fine) * fine, false);
    },
    signal,
  );
  listen(
    grid,
    ["pointerup", "pointercancel"],
    ({ type }) => {
      if (!held) return;
      const { cell, moved } = held;
      held = undefined;
      if (moved) put(at(cell), values[at(cell)]!, true);
      else if (type === "pointerup") go(at(cell));
    },
    signal,
  );
  listen(
    grid,
    "focusin",
    ({ target }) => {
      if (at(target) < 0) return;
      for (const cell of cells) cell.tabIndex = cell === target ? 0 : -1;
      (target as HTMLInputElement).select();
    },
    signal,
  );
  listen(grid, "focusout", ({ target }) => at(target) >= 0 && commit(target as HTMLInputElement), signal);
  listen(
    grid,
    "input",
    ({ target }) => {
      editing = target as HTMLInputElement;
    },
    signal,
  );
  listen(
    grid,
    "keydown",
    (event) => {
      const cell = event.target as HTMLInputElement;
      const k = at(cell);
      if (k < 0 || event.ctrlKey || event.metaKey || event.altKey) return;
      const by = { ArrowUp: 1, ArrowDown: -1, PageUp: 10, PageDown: -10 }[event.key];
      const across = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
      if (by) {
        commit(cell);
        step = stepOf(Math.max(...values.map(Math.abs)));
        put(k, Math.round((values[k]! + by * step) / step) * step, true);
        cell.select();
      } else if (across && editing !== cell) go(k + across);
      else if (event.key === "Enter") {
        commit(cell);
        cell.select();
      } else if (event.key === "Escape") {
        restore(cell);
        cell.select();
      } else return;
      event.preventDefault();
    },
    signal,
  );

  function build(rows: number, count: number, size: number): void {
    grid.style.gridTemplateColumns = `repeat(${count}, ${size}px)`;
    grid.style.gridAutoRows = `${size}px`;
    if (cells.length === rows * count && grid.dataset.columns === `${count}`) return;
    grid.dataset.columns = `${count}`;
    editing = undefined;
    shown = [];
    cells = Array.from({ length: rows * count }, (_, k) =>
      html("input", {
        type: "text",
        inputmode: "decimal",
        autocomplete: "off",
        role: "spinbutton",
        tabindex: k ? -1 : 0,
        "aria-label": `Weight, row ${Math.floor(k / count)}, column ${k % count}`,
      }),
    );
    grid.replaceChildren(...cells);
  }

  /** Half a turn, the numbers staying upright. */
  function turn(): void {
    if (globalThis.matchMedia?.("(prefers-reduced-motion: reduce)").matches || !grid.animate) return;
    const timing = { duration: TURN, easing: "cubic-bezier(0.4, 0, 0.2, 1)" };
    grid.animate([{ transform: "rotate(-180deg)" }, { transform: "none" }], timing);
    for (const cell of cells) cell.animate([{ transform: "rotate(180deg)" }, { transform: "none" }], timing);
  }

  return {
    element,
    /** What stands below it. */
    below: (...parts: HTMLElement[]) => element.append(...parts),
    update(now: Scene, look: Look, size: number): void {
      const { at: layer, slid, channel, flip, filters, filter } = now;
      const { kernelRows, kernelColumns, channels } = layer;
      values = frontWeights(now);
      const fitting = Math.max(24, Math.min(kernelColumns > 3 ? size : LARGEST, Math.floor(WIDEST / kernelColumns)));
      if (!changed(slid, channel, layer, flip, filters[filter]?.name, filter, fitting, look)) return;
      build(kernelRows, kernelColumns, fitting);
      const longest = Math.max(3, ...values.map((value) => short(value).length));
      grid.style.fontSize = `${Math.min(13, (fitting - 3) / longest / LETTER).toFixed(1)}px`;
      const largest = Math.max(...slid.map(Math.abs), ...values.map(Math.abs)) || 1;
      const depth = channels > 1 ? `×${channels}` : "";
      write(title, `Filter w · ${kernelRows}×${kernelColumns}${depth}${flip ? " · turned" : ""}`);
      const plane =
        channels > 1 ? (channel < 0 ? ", sum over the channels" : `, channel ${channelName(channel, channels)}`) : "";
      set(grid, named(`Weights of ${filters[filter]?.name || `filter ${filter + 1}`}${plane}`));
      cells.forEach((cell, k) => {
        const value = values[k]!;
        const { fill, text } = signed(value, largest, look);
        const before = shown[k];
        if (before?.fill !== fill) {
          cell.style.background = fill;
          cell.style.color = text;
        }
        if (cell !== editing) cell.value = short(value);
        if (before?.value !== value)
          set(cell, { "aria-valuenow": value, "aria-valuetext": exact(value), title: exact(value) });
        shown[k] = { value, fill };
      });
      write(
        hint,
        channels > 1 && channel < 0
          ? "sum over the channels · drag a cell, or type"
          : "drag a cell up or down, or type",
      );
      if (turnedAs !== undefined && turnedAs !== flip) turn();
      turnedAs = flip;
    },
  };
}

/** The weights of the channel in front as they slide, or their sums over all channels. */
export function frontWeights({ at, slid, channel }: Scene): number[] {
  const size = at.kernelRows * at.kernelColumns;
  if (channel >= 0) return [...slid.subarray(channel * size, (channel + 1) * size)];
  const sums = new Array<number>(size).fill(0);
  slid.forEach((weight, k) => {
    sums[k % size]! += weight;
  });
  return sums.map((sum) => +sum.toPrecision(12));
}
