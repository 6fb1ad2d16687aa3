/** The layer as the matrix that it is: all of it, and magnified around the row of the present window. */

import { html, listen, write } from "../core/dom";
import { rgb, short } from "../core/theme";
import { type Layout, matrixRow, readCell } from "../math/convolution";
import { type Colours, type Face, faceOf, frame, type Look, numberGrid, RATIO, sized, watcher } from "./drawing";
import { channelName, type Scene } from "./traits";
import { counted } from "./words";

const CELL = 26;
const AROUND = 4;
/** Above so many pixels cells are drawn one by one. */
const LARGE = 3;

/** A colour for each entry of a kernel: one hue a row, lighter from column to column; the same in every channel. */
function entryColour(k: number, { kernelRows, kernelColumns }: Layout): string {
  const b = k % kernelColumns;
  const a = Math.floor(k / kernelColumns) % kernelRows;
  const hue = 25 + (360 * a) / kernelRows;
  return `hsl(${hue % 360} ${62}% ${34 + (34 * (b + 0.5)) / kernelColumns}%)`;
}

/** Colours as numbers, which a canvas is asked for once. */
function entryColours(at: Layout) {
  const canvas = html("canvas", { width: 1, height: 1 });
  const context = canvas.getContext("2d", { willReadFrequently: true });
  return Array.from({ length: at.kernelRows * at.kernelColumns }, (_, k) => {
    if (!context) return [0, 0, 0] as const;
    context.fillStyle = entryColour(k, at);
    context.fillRect(0, 0, 1, 1);
    const [r, g, b] = context.getImageData(0, 0, 1, 1).data;
    return [r!, g!, b!] as const;
  });
}

/** How many places of the matrix are on its bands. */
export function bandPlaces({ channels, height, width, kernelRows, kernelColumns, ...at }: Layout): number {
  const along = (n: number, k: number, places: number) => {
    let count = 0;
    for (let a = 0; a < k; a++)
      for (let p = 0; p < places; p++) {
        const i = at.stride * p + at.dilation * a - at.padding;
        count += +(i >= 0 && i < n);
      }
    return count;
  };
  return channels * along(height, kernelRows, at.outRows) * along(width, kernelColumns, at.outColumns);
}

export function matrixView(go: (row: number, column: number, release: boolean) => void, signal: AbortSignal) {
  const base = html("canvas", { "aria-hidden": "true" });
  const over = html("canvas", { tabindex: 0, role: "application" });
  const lens = html("canvas", { role: "img" });
  const key = html("canvas", { role: "img" });
  const title = html("h4");
  const heads = html("p.sg-heads.sg-say", { "aria-hidden": "true" });
  const lensName = html("figcaption");
  const facts = html("p.sg-say");
  const element = html(
    "div.sg-block.sg-matrix",
    title,
    heads,
    html("div.sg-plane", base, over),
    html(
      "div.sg-row.sg-lens",
      html("figure", lensName, lens),
      html("figure", html("figcaption", "w, a colour for each entry"), key),
    ),
    facts,
  );
  let scene: Scene | undefined;
  let plot = { width: 0, height: 0 };
  const changed = watcher();
  const moved = watcher();
  let colourOf: (readonly [number, number, number])[] = [];
  let faceOfEntry: Face[] = [];

  function paintBase(at: Layout, colours: Colours): void {
    const { width, height } = plot;
    const context = sized(base, width, height);
    if (!context) return;
    const rows = at.outRows * at.outColumns;
    const columns = at.channels * at.height * at.width;
    context.fillStyle = colours.fill;
    context.fillRect(0, 0, width, height);
    const [across, down] = [width / columns, height / rows];
    const area = at.kernelRows * at.kernelColumns;
    if (Math.min(across, down) >= LARGE) {
      for (let r = 0; r < rows; r++) {
        const { places, weights } = matrixRow(at, Math.floor(r / at.outColumns), r % at.outColumns);
        places.forEach((place, i) => {
          context.fillStyle = faceOfEntry[weights[i]! % area]!.fill;
          context.fillRect(place * across, r * down, across - 0.5, down - 0.5);
        });
      }
    } else bands(context, at, colours);
    context.fillStyle = colours.edge;
    for (let c = 1; c < at.channels; c++) context.fillRect(Math.round((c * width) / at.channels), 0, 1, height);
    context.strokeStyle = colours.edge;
    context.lineWidth = 1;
    context.strokeRect(0.5, 0.5, width - 1, height - 1);
  }

  /** Pixels for entries that are smaller than pixels: the last one that falls on a pixel is seen. */
  function bands(context: CanvasRenderingContext2D, at: Layout, colours: Colours): void {
    const ratio = RATIO();
    const [w, h] = [Math.round(plot.width * ratio), Math.round(plot.height * ratio)];
    const rows = at.outRows * at.outColumns;
    const columns = at.channels * at.height * at.width;
    const area = at.kernelRows * at.kernelColumns;
    const pack = ([r, g, b]: readonly number[]) => ((255 << 24) | (b! << 16) | (g! << 8) | r!) >>> 0;
    const packed = colourOf.map(pack);
    const ground = pack(rgb(colours.fill));
    const pixels = new Uint32Array(w * h).fill(ground);
    const thick = Math.max(1, Math.ceil(w / columns));
    // One row of the matrix for each row of pixels.
    for (let y = 0; y < h; y++) {
      const r = Math.min(rows - 1, Math.floor(((y + 0.5) * rows) / h));
      const [p, q] = [Math.floor(r / at.outColumns), r % at.outColumns];
      for (let k = 0; k < at.channels * area; k++) {
        const cell = readCell(at, p, q, k);
        if (!cell.inside) continue;
        const x = Math.floor((((cell.channel * at.height + cell.row) * at.width + cell.column) * w) / columns);
        pixels.fill(packed[k % area]!, y * w + x, y * w + Math.min(w, x + thick));
      }
    }
    context.putImageData(new ImageData(new Uint8ClampedArray(pixels.buffer), w, h), 0, 0);
  }

  function paintOver({ at, row, column }: Scene, colours: Colours): void {
    const { width, height } = plot;
    const context = sized(over, width, height);
    if (!context) return;
    context.clearRect(0, 0, width, height);
    const rows = at.outRows * at.outColumns;
    const size = Math.max(3, height / rows);
    const y = ((row * at.outColumns + column + 0.5) * height) / rows - size / 2;
    frame(context, [1, Math.max(1, Math.min(height - size - 1, y)), width - 2, size], colours, 1.5);
  }

  /** A few rows about the present one, and the columns where its kernel's middle row meets the channel in front. */
  function paintLens({ at, row, column, slid, channel }: Scene, look: Look, room: number): void {
    const rows = at.outRows * at.outColumns;
    const columns = at.channels * at.height * at.width;
    const area = at.kernelRows * at.kernelColumns;
    const now = row * at.outColumns + column;
    const high = Math.min(rows, 2 * AROUND + 1);
    const wide = Math.min(columns, Math.max(6, Math.floor(room / CELL)));
    const front = Math.max(0, channel);
    const middle = front * area + Math.floor(at.kernelRows / 2) * at.kernelColumns + Math.floor(at.kernelColumns / 2);
    const at_ = readCell(at, row, column, middle);
    const inside =
      Math.max(0, Math.min(at.height - 1, at_.row)) * at.width + Math.max(0, Math.min(at.width - 1, at_.column));
    const focus = front * at.height * at.width + inside;
    const row0 = Math.max(0, Math.min(rows - high, now - AROUND));
    const column0 = Math.max(0, Math.min(columns - wide, focus - Math.floor(wide / 2)));
    const entry = new Int32Array(high * wide).fill(-1);
    for (let i = 0; i < high; i++) {
      const r = row0 + i;
      const { places, weights } = matrixRow(at, Math.floor(r / at.outColumns), r % at.outColumns);
      places.forEach((place, k) => {
        if (place >= column0 && place < column0 + wide) entry[i * wide + place - column0] = weights[k]!;
      });
    }
    const values = Array.from(entry, (k) => (k < 0 ? 0 : slid[k]!));
    const face = (i: number) => (entry[i]! < 0 ? look.empty : faceOfEntry[entry[i]! % area]!);
    const text = (i: number) => (entry[i]! < 0 ? "" : short(values[i]!));
    numberGrid(lens, { rows: high, columns: wide, values, face, text }, CELL, look);
    const context = lens.getContext("2d");
    if (context) frame(context, [1, (now - row0) * CELL, wide * CELL - 3, CELL - 1], look.colours, 2);
    write(
      lensName,
      `rows ${counted(row0)} to ${counted(row0 + high - 1)}, columns ${counted(column0)} to ${counted(column0 + wide - 1)}`,
    );
    lens.setAttribute("aria-label", `Part of the matrix: row ${now} is output ${row}, ${column}`);
    const weights = slid.subarray(front * area, (front + 1) * area);
    const size = Math.max(14, Math.min(38, Math.floor(200 / at.kernelColumns)));
    const own = { rows: at.kernelRows, columns: at.kernelColumns, values: weights };
    numberGrid(key, { ...own, face: (k) => faceOfEntry[k]! }, size, look);
    key.setAttribute("aria-label", "The weights, each in the colour that it has in the matrix");
  }

  const seek = (event: PointerEvent) => {
    if (!scene || (event.type === "pointermove" && !event.buttons)) return;
    if (event.type === "pointerdown") over.setPointerCapture?.(event.pointerId);
    const box = over.getBoundingClientRect();
    const { outRows, outColumns } = scene.at;
    const count = outRows * outColumns;
    const r = Math.max(0, Math.min(count - 1, Math.floor(((event.clientY - box.top) / box.height) * count)));
    go(Math.floor(r / outColumns), r % outColumns, event.type === "pointerup");
  };
  listen(over, ["pointerdown", "pointermove", "pointerup"], seek, signal);

  return {
    element,
    /** What it is drawn on, each over the one before. */
    canvases: [base, over],
    size: () => plot,
    update(now: Scene, look: Look, room: number): void {
      scene = now;
      const { at, row, column, slid, channel } = now;
      const rows = at.outRows * at.outColumns;
      const columns = at.channels * at.height * at.width;
      const height = Math.round(Math.max(130, Math.min(240, (room * rows) / columns)));
      const anew = changed(room, height, at, look);
      if (anew) {
        plot = { width: room, height };
        colourOf = entryColours(at);
        faceOfEntry = colourOf.map(faceOf);
        paintBase(at, look.colours);
        const places = bandPlaces(at);
        const weights = slid.length;
        write(title, `The same layer as a matrix · ${counted(rows)} outputs × ${counted(columns)} inputs`);
        heads.replaceChildren(
          ...Array.from({ length: at.channels }, (_, c) =>
            html("span", at.channels > 1 ? `inputs of ${channelName(c, at.channels)}` : "inputs, row by row"),
          ),
        );
        over.setAttribute(
          "aria-label",
          `Matrix of ${counted(rows)} × ${counted(columns)}. Arrow keys move the window, and with it the row.`,
        );
        const all = rows * columns;
        const percent = (part: number) => `${+((100 * part) / all).toPrecision(3)} %`;
        const rest =
          places < all ? `with ${percent(all - places)} of them 0 and the rest shared` : "with shared weights";
        write(
          facts,
          `Of ${counted(all)} places ${counted(places)} (${percent(places)}) are on the bands, and all of them hold ${weights} numbers, each again and again in its own colour. A fully connected layer of this size would learn ${counted(all)} weights for this map: this one is it, ${rest}.`,
        );
        facts.dataset.exact = `${places}`;
      }
      if (moved(row, column, channel, slid) || anew) {
        paintOver(now, look.colours);
        paintLens(now, look, Math.max(160, room - 240 > 320 ? room - 240 : room));
      }
    },
  };
}
