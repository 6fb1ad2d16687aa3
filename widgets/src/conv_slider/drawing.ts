/** How pictures, maps and kernels are drawn: colours for numbers, planes that stand behind each other, grids of numbers. */

import { html } from "../core/dom";
import { legible, type Rgb, rgb, short, type theme } from "../core/theme";
import type { Volume } from "../math/convolution";

export const COLOURS = ["ink", "soft", "fill", "page", "line", "edge", "positive", "negative", "tangent"] as const;
export type Colours = ReturnType<ReturnType<typeof theme<(typeof COLOURS)[number]>>["colours"]>;

export const mix = (a: Rgb, b: Rgb, part: number): Rgb => [
  a[0] + (b[0] - a[0]) * part,
  a[1] + (b[1] - a[1]) * part,
  a[2] + (b[2] - a[2]) * part,
];

const BLACK = "rgb(0 0 0)";
const WHITE = "rgb(255 255 255)";

/** What a cell is filled with, and what stands out from it: black or white always does, by 4.5 to 1. */
export interface Face {
  readonly fill: string;
  readonly text: string;
}

export const faceOf = (colour: Rgb): Face => ({
  fill: `rgb(${colour.map(Math.round).join(" ")})`,
  text: legible(colour, BLACK, WHITE),
});

const pack = ([r, g, b]: readonly number[]) => ((255 << 24) | (b! << 16) | (g! << 8) | r!) >>> 0;
const STEPS = 255;

/** Shades of gray from black to white. */
const GRAYS = Array.from({ length: STEPS + 1 }, (_, i) => faceOf([i, i, i]));
export const gray = (part: number): Face => GRAYS[Math.round(STEPS * Math.max(0, Math.min(1, part))) || 0]!;

/** The same, as a packed pixel. */
export const grayPixel = (part: number) => {
  const level = Math.round(STEPS * Math.max(0, Math.min(1, part)));
  return ((255 << 24) | (level << 16) | (level << 8) | level) >>> 0;
};

/** Whether anything differs from the last time it was asked. */
export function watcher() {
  let last: readonly unknown[] = [];
  return (...now: readonly unknown[]) => {
    const same = now.length === last.length && now.every((each, i) => Object.is(each, last[i]));
    last = now;
    return !same;
  };
}

export interface Look {
  readonly colours: Colours;
  /** 511 colours from −1 to 1, as faces and as packed pixels. */
  readonly faces: readonly Face[];
  readonly packed: Uint32Array;
  /** The face of nothing. */
  readonly empty: Face;
}

/** All that is drawn with in one theme: none of a colour at 0, of one hue above and of another below. */
export function lookOf(colours: Colours): Look {
  const [page, positive, negative] = [rgb(colours.page), rgb(colours.positive), rgb(colours.negative)];
  const shades = Array.from({ length: 2 * STEPS + 1 }, (_, i) => {
    const part = Math.abs(i / STEPS - 1);
    return mix(page, i < STEPS ? negative : positive, part && 0.08 + 0.87 * part ** 0.8);
  });
  const packed = Uint32Array.from(shades, (shade) => pack(shade.map(Math.round)));
  return { colours, faces: shades.map(faceOf), packed, empty: faceOf(rgb(colours.fill)) };
}

/** The place of a number between −1 and 1 among the colours. */
export const shade = (part: number) => Math.round(STEPS * Math.max(-1, Math.min(1, part))) + STEPS || 0;
/** The face of a number, beside the largest there is. */
export const signed = (value: number, largest: number, { faces, empty }: Look): Face =>
  value ? faces[shade(value / (largest || 1))]! : empty;

export interface Sheet {
  readonly canvas: HTMLCanvasElement;
  /** Colour cell `i` of it by `colour(i)`, a packed pixel. */
  fill(rows: number, columns: number, colour: (i: number) => number): void;
}

/** A picture of one pixel for each cell, to be drawn larger. */
export function sheet(): Sheet {
  const canvas = html("canvas");
  return {
    canvas,
    fill(rows, columns, colour) {
      canvas.width = columns;
      canvas.height = rows;
      const pixels = new Uint32Array(rows * columns);
      for (let i = 0; i < pixels.length; i++) pixels[i] = colour(i);
      canvas.getContext("2d")?.putImageData(new ImageData(new Uint8ClampedArray(pixels.buffer), columns, rows), 0, 0);
    },
  };
}

/** Between which numbers a picture is shown: 0 to 1, or from its least to its largest. */
export function range({ values }: Volume): readonly [number, number] {
  let [low, high] = [0, 1];
  for (const value of values) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  // Numbers that are not near 0 to 1 are stretched over all shades, and so are counts of 0 to 255.
  return [low, high];
}

/** What a channel of full strength looks like. */
const TINTS: readonly Rgb[] = [
  [255, 104, 92],
  [96, 220, 120],
  [112, 156, 255],
];
export const tint = (channel: number, channels: number): Rgb => (channels === 3 ? TINTS[channel]! : [255, 255, 255]);

/** The channels of a picture as sheets; the last one is all of them: in colour, or their mean. */
export function planes(volume: Volume, [low, high]: readonly [number, number]): Sheet[] {
  const { channels, height, width, values } = volume;
  const size = height * width;
  const bright = (i: number) => Math.max(0, Math.min(1, (values[i]! - low) / (high - low)));
  const sheets = Array.from({ length: channels }, (_, c) => {
    const made = sheet();
    const full = tint(c, channels);
    made.fill(height, width, (i) => pack(full.map((most) => Math.round(most * bright(c * size + i)))));
    return made;
  });
  const all = sheet();
  const mean = (i: number) => {
    let sum = 0;
    for (let c = 0; c < channels; c++) sum += bright(c * size + i);
    return sum / channels;
  };
  const seen = (i: number) =>
    channels === 3 ? [0, 1, 2].map((c) => bright(c * size + i)) : [mean(i), mean(i), mean(i)];
  all.fill(height, width, (i) => pack(seen(i).map((part) => Math.round(255 * part))));
  sheets.push(all);
  return sheets;
}

/** Where the cells of a picture or map stand on a canvas. */
export interface Grid {
  readonly left: number;
  readonly top: number;
  readonly cell: number;
  readonly rows: number;
  readonly columns: number;
}

export const RATIO = () => Math.min(2, globalThis.devicePixelRatio || 1);

/** Give a canvas its size in CSS pixels, and a context that draws in them. */
export function sized(canvas: HTMLCanvasElement, width: number, height: number): CanvasRenderingContext2D | null {
  const ratio = RATIO();
  const [w, h] = [Math.round(width * ratio), Math.round(height * ratio)];
  if (canvas.width !== w || canvas.height !== h) {
    canvas.width = w;
    canvas.height = h;
    canvas.style.width = `${width}px`;
    canvas.style.height = `${height}px`;
  }
  const context = canvas.getContext("2d");
  context?.setTransform(ratio, 0, 0, ratio, 0, 0);
  if (context) context.imageSmoothingEnabled = false;
  return context;
}

/** Draw a frame that is seen on any ground. */
export function frame(
  context: CanvasRenderingContext2D,
  [x, y, w, h]: readonly [number, number, number, number],
  { page, tangent }: Colours,
  width = 3,
): void {
  context.lineWidth = width + 2;
  context.strokeStyle = page;
  context.strokeRect(x, y, w, h);
  context.lineWidth = width;
  context.strokeStyle = tangent;
  context.strokeRect(x, y, w, h);
}

/** Stripes over a place where nothing is, or nothing is yet: drawn once on a tile, and laid. */
export function hatch(
  context: CanvasRenderingContext2D,
  [x, y, w, h]: readonly [number, number, number, number],
  ground: string | null,
  colour: string,
  gap = 6,
): void {
  if (w <= 0 || h <= 0) return;
  const side = Math.max(3, Math.round(gap));
  const key = `${side}${ground}${colour}`;
  const tiles = tilesOf(context.canvas);
  let tile = tiles.get(key);
  if (!tile) {
    const canvas = html("canvas", { width: side, height: side });
    const paper = canvas.getContext("2d");
    if (!paper) return;
    if (ground) {
      paper.fillStyle = ground;
      paper.fillRect(0, 0, side, side);
    }
    paper.fillStyle = colour;
    for (let i = 0; i < side; i++) paper.fillRect(i, i, 1, 1);
    tile = context.createPattern(canvas, "repeat") ?? undefined;
    if (!tile) return;
    tiles.set(key, tile);
  }
  context.fillStyle = tile;
  context.fillRect(x, y, w, h);
}

const patterns = new WeakMap<HTMLCanvasElement, Map<string, CanvasPattern>>();
function tilesOf(canvas: HTMLCanvasElement): Map<string, CanvasPattern> {
  const known = patterns.get(canvas) ?? new Map<string, CanvasPattern>();
  patterns.set(canvas, known);
  return known;
}

const MONO = "ui-monospace, 'DejaVu Sans Mono', monospace";
/** Cells of this many pixels have room for a number. */
export const ROOMY = 26;

/** Letters are this much of their height wide, at least so high, and so far from the border of their cell. */
const [LETTER, LEAST, MARGIN] = [0.61, 8, 3];

/** A number in fewer letters still: one digit after the point, or none. */
const shorter = (value: number) =>
  Number.isInteger(value) || Math.abs(value) >= 100 || (value && Math.abs(value) < 0.05)
    ? short(value)
    : value.toFixed(+(Math.abs(value) < 10)).replace("-", "−");

/** The numbers of cells of one size, in as many letters as all fit with, and how high these are; null if none do. */
export function fittingTexts(values: readonly number[], cell: number): { texts: string[]; high: number } | null {
  for (const told of [short, shorter]) {
    const texts = values.map(told);
    const longest = Math.max(...texts.map(({ length }) => length));
    const high = Math.min(15, cell / 3, (cell - 2 * MARGIN) / (longest * LETTER));
    if (high >= LEAST) return { texts, high };
  }
  return null;
}

/** Write the first `count` numbers into the cells of a grid, if they are large enough for all. */
export function writeNumbers(
  context: CanvasRenderingContext2D,
  [x, y]: readonly [number, number],
  { cell, columns }: { cell: number; columns: number },
  count: number,
  values: readonly number[],
  ground: (i: number) => Face,
): void {
  const fitting = cell < ROOMY ? null : fittingTexts(values, cell);
  if (!fitting) return;
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.font = `${fitting.high}px ${MONO}`;
  for (let i = 0; i < count; i++) {
    context.fillStyle = ground(i).text;
    context.fillText(fitting.texts[i]!, x + ((i % columns) + 0.5) * cell, y + (Math.floor(i / columns) + 0.5) * cell);
  }
}

export interface NumberCells {
  readonly rows: number;
  readonly columns: number;
  readonly values: ArrayLike<number>;
  readonly face: (i: number) => Face;
  /** Cells outside the picture, drawn in stripes. */
  readonly outside?: (i: number) => boolean;
  readonly text?: (i: number) => string;
  /** Letters are made for numbers of so many signs at least. */
  readonly signs?: number;
}

/** A grid of coloured cells with their numbers in them. */
export function numberGrid(canvas: HTMLCanvasElement, cells: NumberCells, size: number, { colours }: Look): void {
  const { rows, columns, values, face, outside, text = (i: number) => short(values[i]!), signs = 3 } = cells;
  const context = sized(canvas, columns * size - 1, rows * size - 1);
  if (!context) return;
  context.clearRect(0, 0, columns * size, rows * size);
  const texts = Array.from({ length: rows * columns }, (_, i) => text(i));
  const longest = Math.max(...texts.map(({ length }) => length), signs);
  const letter = Math.min(13, ((size - 3) / longest) * 1.66);
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.font = `${letter}px ${MONO}`;
  texts.forEach((word, i) => {
    const [x, y] = [(i % columns) * size, Math.floor(i / columns) * size];
    const none = outside?.(i);
    const { fill, text } = face(i);
    if (none) hatch(context, [x, y, size - 1, size - 1], colours.fill, colours.line, 5);
    else {
      context.fillStyle = fill;
      context.fillRect(x, y, size - 1, size - 1);
    }
    if (letter < 7 || !word) return;
    context.fillStyle = none ? colours.soft : text;
    context.fillText(word, x + (size - 1) / 2, y + size / 2);
  });
}
