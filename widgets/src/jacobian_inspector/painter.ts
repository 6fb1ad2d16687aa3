/** Draws a part of the matrix on a canvas: pixels that stand for many cells, cells, or cells with their numbers. */

import { legible, rgb, short } from "../core/theme";
import { type Jacobian, raster } from "../math/forms";
import type { Camera, Plot } from "./camera";
import { counted } from "./words";

export interface Colours {
  readonly ink: string;
  readonly soft: string;
  readonly fill: string;
  readonly page: string;
  readonly line: string;
  readonly chosen: string;
  readonly negative: string;
}

export type CellAt = readonly [row: number, column: number];

/** Room for the numbers of rows and of columns. */
export const GUTTER = { left: 62, top: 24 };
/** Cells of this many pixels have gaps between them, and then "0" or "−" in them. */
const [GAPS, MARKS] = [7, 13];
const SPARSE = 0.02;
const FONT = "11px ui-monospace, 'DejaVu Sans Mono', monospace";
const LETTER = 6.7;

/** How dark a number is: zero inside the pattern can be seen, and small numbers too. */
const shade = (part: number) => 0.28 + 0.72 * Math.sqrt(part);

/** Ink or paper, whichever stands out more from a colour laid over the ground. */
function inkOver(colour: string, alpha: number, { ink, page, fill }: Colours): string {
  const ground = rgb(fill);
  const behind = rgb(colour).map((v, i) => alpha * v + (1 - alpha) * ground[i]!);
  return legible(behind, ink, page);
}

/** A round step of at least so many. */
export function roundStep(least: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(1, least)));
  return [1, 2, 5, 10].map((n) => n * power).find((step) => step >= least) ?? 1;
}

export function painter() {
  let bins = new Float64Array(0);
  let pixels = new Uint8ClampedArray(0);
  let lut = { key: "", colours: new Uint32Array(0) };
  const sheet = document.createElement("canvas");

  function table({ ink, negative }: Colours): Uint32Array {
    const key = ink + negative;
    if (lut.key === key) return lut.colours;
    const colours = new Uint32Array(514);
    [ink, negative].forEach((colour, k) => {
      const [r, g, b] = rgb(colour);
      for (let i = 0; i <= 256; i++) {
        const alpha = i ? shade(i / 256) : 0.13;
        colours[257 * k + i] = ((Math.round(255 * alpha) << 24) | (b << 16) | (g << 8) | r) >>> 0;
      }
    });
    lut = { key, colours };
    return colours;
  }

  /** From afar a diagonal is a hairline: where little is drawn, each point also takes the places right of and below it. */
  function thicken(columns: number, count: number): void {
    let drawn = 0;
    for (let i = 0; i < count; i++) drawn += +!Number.isNaN(bins[i]!);
    if (drawn > SPARSE * count) return;
    for (let i = count - 1; i >= columns; i--)
      if (Number.isNaN(bins[i]!)) {
        const [left, above] = [i % columns ? bins[i - 1]! : Number.NaN, bins[i - columns]!];
        bins[i] = Number.isNaN(left) ? above : left;
      }
  }

  /** Draw the cells that `camera` sees into a plot whose corner is the origin. */
  function cells(context: CanvasRenderingContext2D, jacobian: Jacobian, camera: Camera, plot: Plot, colours: Colours) {
    const { across, down } = camera;
    const perRow = Math.max(1, 1 / down);
    const perColumn = Math.max(1, 1 / across);
    const row0 = perRow === 1 ? Math.floor(camera.row) : camera.row;
    const column0 = perColumn === 1 ? Math.floor(camera.column) : camera.column;
    const [high, wide] = [down * perRow, across * perColumn];
    const rows = Math.min(Math.ceil(plot.height / high) + 1, Math.ceil((jacobian.rows - row0) / perRow));
    const columns = Math.min(Math.ceil(plot.width / wide) + 1, Math.ceil((jacobian.columns - column0) / perColumn));
    const [top, left] = [(row0 - camera.row) * down, (column0 - camera.column) * across];
    const [bottom, right] = [(jacobian.rows - camera.row) * down, (jacobian.columns - camera.column) * across];
    context.fillStyle = colours.fill;
    context.fillRect(0, 0, Math.min(plot.width, right), Math.min(plot.height, bottom));
    if (rows <= 0 || columns <= 0) return;

    const count = rows * columns;
    if (bins.length < count) {
      bins = new Float64Array(count);
      pixels = new Uint8ClampedArray(4 * count);
    }
    raster(jacobian, { row0, column0, perRow, perColumn, rows, columns }, bins);
    if (perRow > 1 && perColumn > 1) thicken(columns, count);
    const close = Math.min(across, down) >= MARKS;
    const words = new Uint32Array(pixels.buffer, 0, count);
    const known = table(colours);
    const full = 256 / (jacobian.largest || 1);
    for (let i = 0; i < count; i++) {
      const value = bins[i]!;
      // Nothing, or a zero that is written as such.
      if (Number.isNaN(value) || (close && value === 0)) words[i] = 0;
      else {
        const part = Math.min(256, Math.ceil(Math.abs(value) * full));
        words[i] = known[value < 0 ? 257 + part : part]!;
      }
    }
    if (sheet.width < columns) sheet.width = columns;
    if (sheet.height < rows) sheet.height = rows;
    const paper = sheet.getContext("2d");
    paper?.putImageData(new ImageData(pixels.subarray(0, 4 * count), columns, rows), 0, 0);
    context.imageSmoothingEnabled = false;
    context.drawImage(sheet, 0, 0, columns, rows, left, top, columns * wide, rows * high);

    if (Math.min(across, down) < GAPS) return;
    context.fillStyle = colours.page;
    for (let i = 0; i <= rows; i++) context.fillRect(0, Math.round(top + i * down) - 1, Math.min(plot.width, right), 1);
    for (let j = 0; j <= columns; j++)
      context.fillRect(Math.round(left + j * across) - 1, 0, 1, Math.min(plot.height, bottom));
    if (!close) return;
    const texts: [number, string][] = [];
    let longest = 1;
    for (let i = 0; i < count; i++) {
      const value = bins[i]!;
      if (Number.isNaN(value)) continue;
      const text = short(value);
      longest = Math.max(longest, text.length);
      texts.push([i, text]);
    }
    const fits = longest * LETTER <= across - 3;
    context.font = FONT;
    context.textAlign = "center";
    context.textBaseline = "middle";
    for (const [i, text] of texts) {
      const value = bins[i]!;
      const part = Math.min(1, Math.abs(value) / (jacobian.largest || 1));
      // Where its number has no room, a negative one is still told from a positive one by more than its colour.
      const shown = fits || value === 0 ? text : value < 0 ? "−" : "";
      context.fillStyle =
        value === 0 ? colours.soft : inkOver(value < 0 ? colours.negative : colours.ink, shade(part), colours);
      if (shown)
        context.fillText(
          shown,
          left + ((i % columns) + 0.5) * across,
          top + (Math.floor(i / columns) + 0.5) * down + 0.5,
        );
    }
  }

  /** The numbers of rows and columns at the edges. */
  function edges(
    context: CanvasRenderingContext2D,
    { rows, columns }: Jacobian,
    camera: Camera,
    plot: Plot,
    colours: Colours,
    chosen?: CellAt,
  ) {
    context.font = FONT;
    context.textBaseline = "middle";
    const along = (vertical: boolean, from: number, count: number, cell: number, room: number, chosen?: number) => {
      const letters = counted(Math.min(count, Math.ceil(from + room / cell)) - 1).length;
      const least = vertical ? 20 : letters * LETTER + 12;
      const step = roundStep(least / cell);
      const last = Math.min(count - 1, from + room / cell - 0.5);
      const numbers: number[] = [];
      for (let i = Math.max(0, Math.ceil((from - 0.5) / step) * step); i <= last; i += step) numbers.push(i);
      const middle = (i: number) => (i + 0.5 - from) * cell;
      const seen = chosen !== undefined && middle(chosen) >= 0 && middle(chosen) <= room;
      for (const i of seen
        ? [...numbers.filter((n) => n !== chosen && Math.abs(middle(n) - middle(chosen)) >= least - 4), chosen]
        : numbers) {
        const now = seen && i === chosen;
        context.fillStyle = now ? colours.chosen : colours.soft;
        context.font = now ? `600 ${FONT}` : FONT;
        context.textAlign = vertical ? "right" : "center";
        const half = vertical ? 6 : (counted(i).length * LETTER) / 2;
        const at = Math.max(half, Math.min(room - half, middle(i)));
        context.fillText(counted(i), vertical ? -8 : at, vertical ? at : -11);
      }
    };
    along(true, camera.row, rows, camera.down, plot.height, chosen?.[0]);
    along(false, camera.column, columns, camera.across, plot.width, chosen?.[1]);
  }

  /** A frame about a cell, and lines to the edges while it is too small to be found without. */
  function mark(
    context: CanvasRenderingContext2D,
    camera: Camera,
    plot: Plot,
    [row, column]: CellAt,
    colour: string,
    width: number,
  ) {
    const [x, y] = [(column - camera.column) * camera.across, (row - camera.row) * camera.down];
    const [w, h] = [Math.max(camera.across, 7), Math.max(camera.down, 7)];
    const [cx, cy] = [x + camera.across / 2, y + camera.down / 2];
    context.strokeStyle = colour;
    if (width > 1 && camera.scale < GAPS) {
      context.lineWidth = 1;
      context.setLineDash([2, 3]);
      context.beginPath();
      if (cy >= 0 && cy <= plot.height) context.rect(0, Math.round(cy) - 0.5, plot.width, 0);
      if (cx >= 0 && cx <= plot.width) context.rect(Math.round(cx) - 0.5, 0, 0, plot.height);
      context.stroke();
      context.setLineDash([]);
    }
    context.lineWidth = width;
    context.strokeRect(cx - w / 2 - 0.5, cy - h / 2 - 0.5, w, h);
  }

  return {
    paint(
      context: CanvasRenderingContext2D,
      jacobian: Jacobian,
      camera: Camera,
      plot: Plot,
      colours: Colours,
      chosen?: CellAt,
      hovered?: CellAt | null,
    ) {
      context.fillStyle = colours.page;
      context.fillRect(0, 0, plot.width + GUTTER.left, plot.height + GUTTER.top);
      context.save();
      context.translate(GUTTER.left, GUTTER.top);
      edges(context, jacobian, camera, plot, colours, chosen);
      context.beginPath();
      context.rect(-1, -1, plot.width + 1, plot.height + 1);
      context.clip();
      cells(context, jacobian, camera, plot, colours);
      if (hovered) mark(context, camera, plot, hovered, colours.soft, 1);
      if (chosen) mark(context, camera, plot, chosen, colours.chosen, 2.5);
      context.restore();
    },
    /** All of it, for the small map. */
    all(context: CanvasRenderingContext2D, jacobian: Jacobian, camera: Camera, plot: Plot, colours: Colours) {
      cells(context, jacobian, camera, plot, colours);
    },
  };
}
