/** A plot of samples as stems: drawn as a handful of paths, one stop for the keyboard, heard sample by sample. */

import { atEnd, html, listen, set, svg, watchWidth, write } from "../core/dom";

export interface Plot {
  /** How many places there are, from 0 on. */
  readonly slots: number;
  /** What stands there; undefined is not yet known, null is known to be none. */
  readonly values: readonly (number | null | undefined)[];
  /** The ends of the vertical axis, and what is written at them. */
  readonly extent: readonly [low: number, high: number];
  readonly ticks: readonly (readonly [value: number, text: string])[];
  /** From where on there is only what was filled up. */
  readonly filled?: number;
  readonly chosen?: number | null;
  /** Rings: another row of values. */
  readonly rings?: readonly number[];
  /** A curve over the first so many places. */
  readonly curve?: { readonly at: (n: number) => number; readonly to: number } | null;
  /** A line after the last place of a transform, and how many ring values behind it come round. */
  readonly border?: number;
  readonly wrapped?: number;
}

export interface PlotHooks {
  /** Point at a place, or at none. */
  hover?(place: number | null): void;
  choose?(place: number): void;
  /** Change the value at a place. Without it the plot is not to be edited. */
  edit?(place: number, value: number, release: boolean): void;
  /** The words for a place. */
  words(place: number): string;
}

const LEFT = 44;
const RIGHT = 8;
const TOP = 16;
const FOOT = 18;
/** Room above the stems, where what comes round is drawn. */
const ARC = 16;

const fixed = (value: number) => value.toFixed(1);

export function stemPlot(
  name: string,
  height: number,
  labelled: boolean,
  marked: boolean,
  hooks: PlotHooks,
  signal: AbortSignal,
) {
  const foot = labelled ? FOOT : 6;
  const head = marked ? TOP : 8;
  const layers = {} as Record<string, SVGPathElement>;
  const path = (kind: string) => {
    layers[kind] = svg("path", { class: kind });
    return layers[kind];
  };
  const texts = svg("g");
  const border = svg("text", { class: "border", y: 11 });
  const picture = svg(
    "svg",
    { height, role: "slider", "aria-orientation": "vertical", tabindex: 0, "aria-label": name },
    ...["grid", "axis", "edge", "none", "wrap", "stem", "head", "fill", "picked", "picked-head"].map(path),
    ...["curve", "ring", "way", "tip"].map(path),
    texts,
    border,
  );
  const element = html("div.sg-plot", picture);
  let plot: Plot | undefined;
  let width = 0;
  let place = 0;
  let dragging = false;
  let frame = 0;

  const across = (n: number) => LEFT + ((n + 0.5) * (width - LEFT - RIGHT)) / (plot?.slots || 1);
  const down = (value: number) => {
    const [low, high] = plot!.extent;
    return height - foot - ((value - low) / (high - low || 1)) * (height - foot - head - (plot!.wrapped ? ARC : 0));
  };

  function later(): void {
    frame ||= requestAnimationFrame(() => {
      frame = 0;
      paint();
    });
  }
  atEnd(signal, () => cancelAnimationFrame(frame));
  watchWidth(element, signal, (available) => {
    if (available === width) return;
    width = available;
    set(picture, { width, viewBox: `0 0 ${width} ${height}` });
    paint();
  });

  function paint(): void {
    if (!plot || !width || signal.aborted) return;
    const { slots, values, extent, ticks, filled = slots, chosen, rings, curve, border: end, wrapped = 0 } = plot;
    const step = (width - LEFT - RIGHT) / slots;
    const ring = Math.min(6.5, 0.55 * step);
    const radius = Math.max(1.5, Math.min(4, step * 0.3));
    const base = down(Math.max(extent[0], Math.min(extent[1], 0)));
    const d: Record<string, string> = {};
    const add = (kind: string, piece: string) => {
      d[kind] = (d[kind] ?? "") + piece;
    };
    const dot = (x: number, y: number, r: number) =>
      `M${fixed(x - r)} ${fixed(y)}a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0z`;
    for (const [value] of ticks) if (value) add("grid", `M${LEFT} ${fixed(down(value))}H${width - RIGHT}`);
    add("axis", `M${LEFT} ${fixed(base)}H${width - RIGHT}`);
    values.forEach((value, n) => {
      const x = across(n);
      const picked = n === chosen;
      if (value === undefined) add("none", `M${fixed(x)} ${fixed(base - 4)}v8`);
      if (value == null) return;
      const y = down(value);
      if (n >= filled) {
        add("fill", dot(x, y, Math.min(radius, 2.5)));
        return;
      }
      add(picked ? "picked" : "stem", `M${fixed(x)} ${fixed(base)}V${fixed(y)}`);
      add(picked ? "picked-head" : "head", dot(x, y, picked ? radius + 1 : radius));
    });
    rings?.forEach((value, n) => {
      add("ring", dot(across(n), down(value), ring));
      const landed = n < wrapped ? values[n] : undefined;
      // What came round stands between what the sum says and what came back; behind the border from zero.
      if (landed != null) add("wrap", `M${fixed(across(n))} ${fixed(down(value))}V${fixed(down(landed))}`);
      if (end !== undefined && n >= end) add("wrap", `M${fixed(across(n))} ${fixed(base)}V${fixed(down(value))}`);
    });
    if (curve) {
      const dense = Math.min(360, Math.max(48, curve.to * 12));
      for (let i = 0; i <= dense; i++) {
        const n = -0.5 + (curve.to * i) / dense;
        add("curve", `${i ? "L" : "M"}${fixed(across(n))} ${fixed(down(curve.at(n)))}`);
      }
    }
    if (end !== undefined && end < slots) add("edge", `M${fixed(across(end - 0.5))} ${TOP - 2}V${height - foot}`);
    if (wrapped && end !== undefined) {
      const [from, to, top] = [across(end + (wrapped - 1) / 2), across((wrapped - 1) / 2), TOP + 4];
      const half = (wrapped * step) / 2 - 2;
      const brace = (x: number) => `M${fixed(x - half)} ${top + 6}v-6H${fixed(x + half)}v6`;
      add("way", `${brace(from)}${brace(to)}M${fixed(from)} ${top}V${top - 6}H${fixed(to)}V${top - 1}`);
      add("tip", `M${fixed(to)} ${top + 1}l-4 -7h8z`);
    }
    for (const [kind, layer] of Object.entries(layers)) set(layer, { d: d[kind] ?? "" });
    set(layers.wrap!, { style: `stroke-width:${Math.min(7, 0.7 * step).toFixed(1)}` });
    write(border, end === undefined || end >= slots ? "" : `N = ${end}`);
    set(border, { x: fixed(Math.min(width - 40, across(end ?? 0) - step / 2 + 4)) });
    label(step);
    describe();
  }

  let labels = "";
  /** Numbers at the axes: as many as there is room for. */
  function label(step: number): void {
    const { slots, ticks } = plot!;
    const every = [1, 2, 4, 5, 8, 10, 16, 20, 32].find((n) => n * step >= 20) ?? 64;
    const wanted = JSON.stringify([width, slots, ticks, plot!.wrapped]);
    if (wanted === labels) return;
    labels = wanted;
    const left = ticks.map(([value, text]) =>
      svg("text", { x: LEFT - 6, y: fixed(down(value) + 4), "text-anchor": "end" }, text),
    );
    const below = Array.from({ length: labelled ? Math.ceil(slots / every) : 0 }, (_, i) =>
      svg("text", { x: fixed(across(i * every)), y: height - 4, "text-anchor": "middle" }, `${i * every}`),
    );
    texts.replaceChildren(...left, ...below);
  }

  function describe(): void {
    const { slots, values, extent } = plot!;
    place = Math.min(place, slots - 1);
    const value = values[place];
    set(picture, {
      "aria-valuemin": +extent[0].toFixed(3),
      "aria-valuemax": +extent[1].toFixed(3),
      "aria-valuenow": value == null ? 0 : +value.toFixed(3),
      "aria-valuetext": hooks.words(place),
    });
  }

  // Pointer and keys ---------------------------------------------------------------------------------------------------

  const slotAt = (event: PointerEvent) => {
    const box = picture.getBoundingClientRect();
    const at = Math.floor(((event.clientX - box.left - LEFT) / (width - LEFT - RIGHT)) * plot!.slots);
    return at >= 0 && at < plot!.slots ? at : null;
  };
  const valueAt = (event: PointerEvent) => {
    const box = picture.getBoundingClientRect();
    const [low, high] = plot!.extent;
    const reach = height - foot - head;
    const value = low + ((height - foot - (event.clientY - box.top)) / reach) * (high - low);
    const fine = 10 ** Math.floor(Math.log10((high - low) / 20));
    // One step past the ends, so that a signal can grow; to a tenth or so of what the eye can tell.
    return +(Math.round(Math.max(low - 5 * fine, Math.min(high + 5 * fine, value)) / fine) * fine).toPrecision(9);
  };

  listen(
    picture,
    "pointerdown",
    (event) => {
      if (!plot || event.button) return;
      const at = slotAt(event);
      if (at === null) return;
      place = at;
      hooks.choose?.(at);
      if (hooks.edit && at < (plot.filled ?? plot.slots)) {
        dragging = true;
        picture.setPointerCapture?.(event.pointerId);
        hooks.edit(at, valueAt(event), false);
      }
      describe();
    },
    signal,
  );
  listen(
    picture,
    "pointermove",
    (event) => {
      if (!plot) return;
      if (dragging) hooks.edit?.(place, valueAt(event), false);
      else hooks.hover?.(slotAt(event));
    },
    signal,
  );
  listen(
    picture,
    ["pointerup", "pointercancel"],
    () => {
      const value = plot?.values[place];
      if (dragging && value != null) hooks.edit?.(place, value, true);
      dragging = false;
      later();
    },
    signal,
  );
  listen(picture, "pointerleave", () => !dragging && hooks.hover?.(null), signal);
  listen(picture, "blur", () => hooks.hover?.(null), signal);
  listen(
    picture,
    "keydown",
    (event) => {
      if (!plot || event.ctrlKey || event.metaKey || event.altKey) return;
      const last = hooks.edit ? (plot.filled ?? plot.slots) - 1 : plot.slots - 1;
      const to = { ArrowLeft: place - 1, ArrowRight: place + 1, Home: 0, End: last }[event.key];
      const by = { ArrowUp: 1, ArrowDown: -1, PageUp: 4, PageDown: -4 }[event.key];
      const value = plot.values[place];
      if (to !== undefined) {
        place = Math.max(0, Math.min(last, to));
        hooks.choose?.(place);
        hooks.hover?.(null);
      } else if (by && hooks.edit && value != null) {
        const fine = 10 ** Math.floor(Math.log10((plot.extent[1] - plot.extent[0]) / 4));
        hooks.edit(place, +(value + by * fine * (event.shiftKey ? 0.1 : 0.5)).toPrecision(9), true);
      } else return;
      event.preventDefault();
      event.stopPropagation();
      describe();
    },
    signal,
  );

  return {
    element,
    picture,
    get dragging() {
      return dragging;
    },
    get place() {
      return place;
    },
    update(next: Plot) {
      plot = next;
      set(picture, { class: hooks.edit ? "sg-edit" : "" });
      paint();
    },
  };
}
