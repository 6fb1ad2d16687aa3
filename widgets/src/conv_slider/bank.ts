/** The bank: every filter with its map, as buttons; and what is done with the current one. */

import { button, html, listen, named, set, write } from "../core/dom";
import { numberField } from "../core/slider";
import { parameters } from "../math/convolution";
import { type Look, signed, sized, watcher } from "./drawing";
import { isPreset, kernelIn } from "./filters";
import { drawMap, type MapSheets } from "./map_view";
import type { Filter, Preset, Scene } from "./traits";

/** Pixels of a kernel and of a map, in a bank of few filters and of many. */
const FACES = [
  [24, 54],
  [16, 38],
] as const;
const FEW = 6;
export const MOST_FILTERS = 16;
const SIZES = [3, 5, 7];

export interface BankHooks {
  choose(i: number): void;
  add(): void;
  remove(): void;
  rename(name: string): void;
  bias(value: number): void;
  preset(preset: Preset): void;
  resize(size: number): void;
  /** Say what is wrong with a typed number, or "" for nothing. */
  tell(fault: string): void;
}

const counted = (n: number) => n.toLocaleString("en");

export function bank(hooks: BankHooks, sheets: MapSheets, signal: AbortSignal) {
  const list = html("div.sg-filters", named("Filters and their maps"));
  const title = html("h4");
  const count = html("p.sg-say");
  const add = set(button("+", "Add a filter", signal, hooks.add), { class: "sg-mini" });
  const remove = set(button("−", "Remove this filter", signal, hooks.remove), { class: "sg-mini" });
  const element = html(
    "div.sg-block.sg-bank",
    html("div.sg-row.sg-heading", title, html("span.sg-row", add, remove)),
    list,
    count,
  );
  const presets = html("select", { "aria-label": "Preset for this filter" });
  const size = html("select", { "aria-label": "Kernel size" });
  const name = html("input", {
    type: "text",
    autocomplete: "off",
    spellcheck: "false",
    "aria-label": "Name of this filter",
  });
  const bias = numberField("Bias", signal, hooks.bias, hooks.tell);
  const tools = html(
    "div.sg-tools",
    html("label", html("span", "preset"), presets),
    html("label", html("span", "size"), size),
    html("label", html("span", "name"), name),
    html("label", html("span", "bias β"), bias.element),
  );
  listen(
    presets,
    "change",
    () => {
      const chosen = offered[+presets.value];
      if (chosen) hooks.preset(chosen);
    },
    signal,
  );
  listen(size, "change", () => hooks.resize(+size.value), signal);
  listen(name, "change", () => hooks.rename(name.value.trim()), signal);
  listen(name, "keydown", ({ key }) => key === "Enter" && hooks.rename(name.value.trim()), signal);

  let offered: readonly Preset[] = [];
  let of: readonly Preset[] | undefined;
  let faces: {
    item: HTMLButtonElement;
    canvas: HTMLCanvasElement;
    label: HTMLElement;
    changed: ReturnType<typeof watcher>;
  }[] = [];
  let sized_ = "";

  function build(n: number): void {
    const had = faces.length;
    if (had === n) return;
    faces = Array.from({ length: n }, (_, i) => {
      const canvas = html("canvas", { "aria-hidden": "true" });
      const label = html("span.sg-name");
      const item = html("button.sg-face", { type: "button" }, canvas, label);
      listen(item, "click", () => hooks.choose(i), signal);
      return { item, canvas, label, changed: watcher() };
    });
    list.replaceChildren(...faces.map(({ item }) => item));
  }

  function paint(
    canvas: HTMLCanvasElement,
    i: number,
    now: Scene,
    filter: Filter,
    look: Look,
    [small, side]: readonly [number, number],
  ): void {
    const { at } = now;
    const { kernelRows, kernelColumns, channels, outRows, outColumns } = at;
    const context = sized(canvas, small + 4 + side, side);
    if (!context) return;
    context.clearRect(0, 0, small + 4 + side, side);
    const cell = side / Math.max(outRows, outColumns);
    const picture = sheets.of(i, now, look);
    drawMap(context, picture, now, [small + 4, 0, cell], look.colours);
    const area = kernelRows * kernelColumns;
    const sums = new Float64Array(area);
    filter.weights.forEach((weight, k) => {
      sums[k % area]! += weight / channels;
    });
    if (now.flip) sums.reverse();
    const most = Math.max(...sums.map(Math.abs)) || 1;
    const part = small / Math.max(kernelRows, kernelColumns);
    sums.forEach((sum, k) => {
      context.fillStyle = signed(sum, most, look).fill;
      context.fillRect((k % kernelColumns) * part, Math.floor(k / kernelColumns) * part, part, part);
    });
    context.strokeStyle = look.colours.edge;
    context.strokeRect(0.5, 0.5, part * kernelColumns - 1, part * kernelRows - 1);
  }

  return {
    element,
    tools,
    update(now: Scene, look: Look, versions: readonly (number | undefined)[]): void {
      const { filters, filter, at, done, kernel } = now;
      if (of !== now.presets || sized_ !== kernel.join()) {
        of = now.presets;
        sized_ = kernel.join();
        offered = now.presets.filter((each) => kernelIn(each, kernel));
        presets.replaceChildren(
          html("option", { value: "" }, "choose …"),
          ...offered.map(({ title }, i) => html("option", { value: i }, title)),
        );
        const sizes = [...new Set([...SIZES, kernel[0]!])].sort((a, b) => a - b);
        size.replaceChildren(
          ...sizes.map((n) => html("option", { value: n }, `${n}×${kernel[0] === n ? kernel[1] : n}`)),
        );
      }
      const current = filters[filter]!;
      const known = offered.findIndex((each) => isPreset(current, each));
      presets.value = known < 0 ? "" : `${known}`;
      size.value = `${kernel[0]}`;
      if (document.activeElement !== name) name.value = current.name;
      bias.update(current.bias);
      const size_ = FACES[+(filters.length > FEW)]!;
      list.style.setProperty("--face", `${size_[0] + size_[1] + 14}px`);
      build(filters.length);
      faces.forEach((face, i) => {
        const each = filters[i]!;
        const told = each.name.replaceAll("_", " ") || `filter ${i + 1}`;
        write(face.label, told);
        set(face.item, {
          "aria-pressed": `${i === filter}`,
          "aria-label": `Filter ${i + 1}: ${told}`,
          title: now.presets.find((one) => isPreset(each, one))?.title ?? told,
        });
        // Of a map whose cells are smaller than a pixel or two, whole rows are enough.
        const cell = size_[1] / Math.max(at.outRows, at.outColumns);
        const shown = cell < 2 && done < at.outRows * at.outColumns ? done - (done % at.outColumns) : done;
        if (face.changed(versions[i], each.weights, now.flip, shown, at, look, now.tone, size_))
          paint(face.canvas, i, { ...now, done: shown }, each, look, size_);
      });
      set(add, { "aria-disabled": filters.length >= MOST_FILTERS && "true" });
      set(remove, { "aria-disabled": filters.length < 2 && "true" });
      const { weights, each, total } = parameters(at, filters.length);
      const n = filters.length;
      write(title, n > 1 ? `${n} maps · ${at.outRows}×${at.outColumns}×${n}` : "1 filter, 1 map");
      const one = `${weights} weights + 1 bias`;
      write(
        count,
        n > 1 ? `${n} · (${one}) = ${n} · ${each} = ${counted(total)} parameters` : `${one} = ${each} parameters`,
      );
      set(count, { "data-exact": total });
    },
  };
}
