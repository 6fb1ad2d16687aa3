/** The map: what has come out so far, the maps of the other filters behind it, and what its colours mean. */

import { html, write } from "../core/dom";
import { short } from "../core/theme";
import {
  type Colours,
  type Face,
  frame,
  gray,
  grayPixel,
  hatch,
  type Look,
  ROOMY,
  type Sheet,
  shade,
  sheet,
  watcher,
  writeNumbers,
} from "./drawing";
import type { Engine, FeatureMap } from "./engine";
import { lines } from "./input_view";
import { stage } from "./stage";
import type { Place, Scene } from "./traits";

const LINES = 6;

export interface MapHooks {
  /** Point at an output: in slide mode the window goes there. */
  point(cell: Place | null, keep: boolean): void;
}

/** What is black and what is white: 0 and 1 in a map that looks like a picture. */
const grays = ({ low, high }: FeatureMap) => (low >= 0 && high <= 1 ? ([0, 1] as const) : ([low, high] as const));
/** Smaller numbers are rounding, beside the largest of a map: they are shown as 0. */
export const noise = (map: FeatureMap) => 1e-9 * most(map);
const most = ({ low, high }: FeatureMap) => Math.max(-low, high) || 1;

/** How a cell of a map looks. */
function faces(map: FeatureMap, tone: Scene["tone"], { faces: coloured }: Look): (value: number) => Face {
  const [from, to] = grays(map);
  const largest = most(map);
  return tone === "gray"
    ? (value) => gray((value - from) / (to - from || 1))
    : (value) => coloured[shade(value / largest)]!;
}

/** The pictures of maps, made again only when a map or the colours have changed. */
export function mapSheets(engine: Engine) {
  const made: { sheet: Sheet; changed: ReturnType<typeof watcher> }[] = [];
  return {
    /** Undefined for a map that isn't computed yet, unless it is `needed`. */
    of(i: number, { at, tone }: Scene, look: Look, needed = false): HTMLCanvasElement | undefined {
      const map = needed ? engine.map(i) : engine.ready(i);
      if (!map) return undefined;
      made[i] ??= { sheet: sheet(), changed: watcher() };
      const mine = made[i];
      if (mine.changed(map.version, tone, look)) {
        const [from, to] = grays(map);
        const scale = 1 / (tone === "gray" ? to - from || 1 : most(map));
        const { values } = map;
        const { packed } = look;
        const colour =
          tone === "gray"
            ? (k: number) => grayPixel((values[k]! - from) * scale)
            : (k: number) => packed[shade(values[k]! * scale)]!;
        mine.sheet.fill(at.outRows, at.outColumns, colour);
      }
      return mine.sheet.canvas;
    },
  };
}

export type MapSheets = ReturnType<typeof mapSheets>;

/** Draw the first `done` cells of a map; the rest is not computed yet, and is shown as such. */
export function drawMap(
  context: CanvasRenderingContext2D,
  picture: CanvasImageSource | undefined,
  { at: { outRows, outColumns }, done }: Scene,
  [x, y, cell]: readonly [number, number, number],
  { fill, line }: Colours,
): void {
  const [whole, rest] = [Math.floor(done / outColumns), done % outColumns];
  const [w, h] = [outColumns * cell, outRows * cell];
  if (done < outRows * outColumns || !picture)
    hatch(context, [x, y, w, h], fill, line, Math.max(5, Math.min(10, cell)));
  if (!picture) return;
  if (whole) context.drawImage(picture, 0, 0, outColumns, whole, x, y, w, whole * cell);
  if (rest) context.drawImage(picture, 0, whole, rest, 1, x, y + whole * cell, rest * cell, cell);
}

export function mapView(engine: Engine, sheets: MapSheets, { point }: MapHooks, signal: AbortSignal) {
  let scene: Scene | undefined;
  const redrawn = watcher();
  const moved = watcher();
  const told = watcher();
  const inside = ([row, column]: Place): Place | null => {
    if (!scene) return null;
    const { outRows, outColumns } = scene.at;
    const cell = [Math.floor(row), Math.floor(column)] as const;
    return cell[0] >= 0 && cell[1] >= 0 && cell[0] < outRows && cell[1] < outColumns ? cell : null;
  };
  const view = stage(
    "Activation map",
    {
      over: (place) => scene?.mode === "receptive" && point(place && inside(place), false),
      drag(place, release) {
        const cell = inside(place);
        if (cell && scene?.mode !== "backward") point(cell, release);
      },
    },
    signal,
  );
  const title = html("h4");
  const legend = html("p.sg-legend");

  function paintBase(now: Scene, look: Look): void {
    const { colours } = look;
    const context = view.paper(view.base);
    if (!context) return;
    const { left, top, cell, rows, columns } = view.grid();
    const count = now.filters.length;
    const step = view.step(count - 1);
    const [w, h] = [columns * cell, rows * cell];
    const others = now.filters.map((_, i) => i).filter((i) => i !== now.filter);
    for (let k = Math.min(5, others.length); k > 0; k--) {
      const [x, y] = [left + k * step, top - k * step];
      context.fillStyle = colours.page;
      context.fillRect(x, y, w, h);
      context.globalAlpha = 0.6;
      drawMap(context, sheets.of(others[k - 1]!, now, look), now, [x, y, cell], colours);
      context.globalAlpha = 1;
      context.lineWidth = 1;
      context.strokeStyle = colours.edge;
      context.strokeRect(x, y, w, h);
    }
    context.fillStyle = colours.page;
    context.fillRect(left, top, w, h);
    drawMap(context, sheets.of(now.filter, now, look, true), now, [left, top, cell], colours);
    if (cell >= LINES) lines(context, [left, top, w, h], cell);
    const map = engine.map(now.filter);
    const face = faces(map, now.tone, look);
    const ground = (i: number) => face(map.values[i]!);
    const least = noise(map);
    const clean = Array.from(cell < ROOMY ? [] : map.values, (value) => (Math.abs(value) < least ? 0 : value));
    writeNumbers(context, [left, top], { cell, columns }, now.done, clean, ground);
    context.strokeStyle = colours.edge;
    context.lineWidth = 1;
    context.strokeRect(left, top, w, h);
  }

  function paintOver(now: Scene, colours: Colours): void {
    const context = view.paper(view.over);
    if (!context) return;
    const { left, top, cell } = view.grid();
    const box = (row: number, column: number, size: number) =>
      [left + (column + 0.5) * cell - size / 2, top + (row + 0.5) * cell - size / 2, size, size] as const;
    if (now.mode !== "backward") {
      frame(context, box(now.row, now.column, Math.max(cell, 5)), colours, 2.5);
      return;
    }
    context.strokeStyle = colours.tangent;
    context.lineWidth = 1.5;
    for (const { row, column } of now.fed) context.strokeRect(...box(row, column, Math.max(1.5, cell - 1)));
    if (!now.fed.length) return;
    const rows = now.fed.map(({ row }) => row);
    const columns = now.fed.map(({ column }) => column);
    const [r0, r1] = [Math.min(...rows), Math.max(...rows)];
    const [c0, c1] = [Math.min(...columns), Math.max(...columns)];
    frame(context, [left + c0 * cell, top + r0 * cell, (c1 - c0 + 1) * cell, (r1 - r0 + 1) * cell], colours, 2.5);
  }

  function tell(now: Scene, { colours, faces: coloured }: Look): void {
    const { at, filters, filter } = now;
    const several = filters.length > 1 ? `, ${filter + 1} of ${filters.length}` : "";
    write(title, `Activation map · ${at.outRows}×${at.outColumns}${several}`);
    const map = engine.map(filter);
    const bar = html("i");
    const stops = [-1, -0.75, -0.5, -0.25, 0, 0.25, 0.5, 0.75, 1].map((part) => coloured[shade(part)]!.fill);
    const ends = (now.tone === "gray" ? grays(map) : [-most(map), most(map)]).map(short);
    bar.style.background = `linear-gradient(90deg, ${now.tone === "gray" ? "#000, #fff" : stops.join()})`;
    const wait = html("i.wait");
    wait.style.background = `repeating-linear-gradient(45deg, ${colours.line} 0 1px, ${colours.fill} 1px 6px)`;
    const still = now.done < at.outRows * at.outColumns;
    legend.replaceChildren(
      html("b", ends[0]!),
      bar,
      html("b", ends[1]!),
      ...(still ? [html("span.sg-row", wait, "not yet computed")] : []),
    );
  }

  return {
    element: html("div.sg-block.sg-map", title, view.element, legend),
    stage: view,
    update(now: Scene, look: Look, versions: readonly (number | undefined)[], room: number): void {
      scene = now;
      const { at, filter, filters, mode, row, column, cell, done, tone } = now;
      const fitted = view.fit(at.outRows, at.outColumns, filters.length - 1, room);
      const { version } = engine.map(filter);
      if (told(filter, filters.length, tone, at, look, version, done < at.outRows * at.outColumns)) tell(now, look);
      if (redrawn(filter, tone, at, look, done, version, ...versions) || fitted) paintBase(now, look);
      if (moved(mode, row, column, cell?.[0], cell?.[1], at, look) || fitted) paintOver(now, look.colours);
      view.label(
        mode === "backward"
          ? "Activation map: the outputs that the input feeds are framed."
          : "Activation map. Arrow keys move the output that is looked at.",
      );
    },
  };
}
