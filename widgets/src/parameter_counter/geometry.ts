/** What is drawn of a layer: a few of its hidden units, their fields, and a few of the lines that reach them. No DOM. */

import { type Kind, places, type Settings } from "../math/counting";

/** Lines to a unit that is drawn, in each direction: from all over the image, or merged in its field. */
export const LINES = 6;
/** Weights of a field that are drawn, in each direction. */
const WEIGHTS = 3;

export type Point = readonly [x: number, y: number];

/** Rows and columns of a field, from where on, in pixels of the image; it may begin before the image. */
export interface Field {
  readonly top: number;
  readonly left: number;
  readonly rows: number;
  readonly columns: number;
}

/** The rows and columns in which the hidden units stand: of a map, or in the proportions of the image. */
export function unitGrid(kind: Kind, settings: Settings): readonly [rows: number, columns: number] {
  if (kind === "convolutional") return places(settings) as [number, number];
  const [height = 1, width = 1] = settings.image;
  const { hidden } = settings;
  const rows = Math.max(1, Math.min(hidden, Math.round(Math.sqrt((hidden * height) / width))));
  return [rows, Math.ceil(hidden / rows)];
}

/** Whether there is a unit at a place: the last row of a grid need not be full. */
export function isUnit(kind: Kind, settings: Settings, [row, column]: Point): boolean {
  const [rows, columns] = unitGrid(kind, settings);
  if (row >= rows || column >= columns) return false;
  return kind === "convolutional" || row * columns + column < settings.hidden;
}

/** The field that a unit reads. Those of locally connected units are spread evenly over the image. */
export function fieldOf(kind: Kind, settings: Settings, unit: Point): Field {
  const { image, field, stride, padding } = settings;
  if (kind === "fully_connected") return { top: 0, left: 0, rows: image[0]!, columns: image[1]! };
  const count = unitGrid(kind, settings);
  const [top, left] = unit.map((at, i) => {
    if (kind === "convolutional") return at * stride - padding;
    const room = image[i]! - field[i]!;
    return count[i]! > 1 ? Math.round((at * room) / (count[i]! - 1)) : Math.floor(room / 2);
  }) as [number, number];
  return { top, left, rows: field[0]!, columns: field[1]! };
}

/** So many of `count` places, each in the middle of an equal part. */
export function spread(count: number, most: number): number[] {
  const n = Math.min(count, most);
  return Array.from({ length: n }, (_, i) => Math.floor(((i + 0.5) * count) / n));
}

/** The units that are drawn: at most `most` rows and columns of them. */
export function drawnUnits(kind: Kind, settings: Settings, most: number): Point[] {
  const [rows, columns] = unitGrid(kind, settings);
  const found = spread(rows, most).flatMap((row) => spread(columns, most).map((column): Point => [row, column]));
  return found.filter((unit) => isUnit(kind, settings, unit));
}

/** How many weights of a field are drawn, down and across. */
export const drawnWeights = ({ field }: Settings) => field.map((n) => Math.min(WEIGHTS, n)) as [number, number];

/** Of which drawn weight each line is; lines that are one in the field have the same. */
export function weightOf(settings: Settings, line: number): readonly [row: number, column: number] {
  const [down, across] = drawnWeights(settings);
  const [a, b] = [Math.floor(line / LINES), line % LINES];
  return [Math.floor((a * down) / LINES), Math.floor((b * across) / LINES)];
}

/** The least part of the image's side that a field is drawn as, so that its lines can be told apart. */
const SEEN = 0.17;

/** How many times larger than they are fields are drawn. */
export function enlarged(kind: Kind, { image, field }: Settings): number {
  if (kind === "fully_connected") return 1;
  return Math.max(1, SEEN / Math.max(...field.map((n, i) => n / image[i]!)));
}

/** A unit's field as it is drawn: enlarged about its middle, and still within the image if it was. */
export function drawnField(kind: Kind, settings: Settings, unit: Point): Field {
  const { top, left, rows, columns } = fieldOf(kind, settings, unit);
  const times = enlarged(kind, settings);
  const begin = (first: number, size: number, side: number) => {
    const wanted = first - ((times - 1) * size) / 2;
    return Math.max(Math.min(0, first), Math.min(Math.max(side, first + size) - times * size, wanted));
  };
  return {
    top: begin(top, rows, settings.image[0]!),
    left: begin(left, columns, settings.image[1]!),
    rows: times * rows,
    columns: times * columns,
  };
}

/** Where each line of a unit begins, as row and column in pixels of the image. */
export function lineEnds(kind: Kind, settings: Settings, unit: Point): Point[] {
  const { top, left, rows, columns } = drawnField(kind, settings, unit);
  const [down, across] = drawnPerField(kind, settings);
  return Array.from({ length: LINES * LINES }, (_, line) => {
    const a = Math.floor((Math.floor(line / LINES) * down) / LINES);
    const b = Math.floor(((line % LINES) * across) / LINES);
    return [top + ((a + 0.5) * rows) / down, left + ((b + 0.5) * columns) / across];
  });
}

/** How many lines to a unit are drawn, down and across. */
export const drawnPerField = (kind: Kind, settings: Settings) =>
  kind === "fully_connected"
    ? (settings.image.map((n) => Math.min(LINES, n)) as [number, number])
    : drawnWeights(settings);

/** A plane seen from the side: its lower left corner's x, its top, how far its columns go right and up, its height. */
export interface Plane {
  readonly x: number;
  readonly y: number;
  readonly across: number;
  readonly rise: number;
  readonly height: number;
}

/** A place on a plane, u from 0 to 1 along the columns, v along the rows. */
export const onPlane = ({ x, y, across, rise, height }: Plane, u: number, v: number): Point => [
  x + u * across,
  y + (1 - u) * rise + v * height,
];

/** A plane with the proportions of rows and columns, in the middle of another. */
export function fitted(room: Plane, rows: number, columns: number): Plane {
  const wide = Math.max(0.22, Math.min(1, columns / rows));
  const high = Math.max(0.22, Math.min(1, rows / columns));
  return {
    x: room.x + (room.across * (1 - wide)) / 2,
    y: room.y + (room.rise * (1 - wide)) / 2 + (room.height * (1 - high)) / 2,
    across: room.across * wide,
    rise: room.rise * wide,
    height: room.height * high,
  };
}
