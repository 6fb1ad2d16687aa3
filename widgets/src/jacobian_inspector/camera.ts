/** Which part of the matrix is seen, and at what scale. No DOM. */

export interface Size {
  readonly rows: number;
  readonly columns: number;
}

/** What the cells are drawn on, in pixels. */
export interface Plot {
  readonly width: number;
  readonly height: number;
}

export interface Camera {
  readonly row: number;
  readonly column: number;
  /** Pixels of a cell along its shorter side. */
  readonly scale: number;
  /** Pixels of a cell across and down: more than `scale` where the matrix is too long and thin to be seen otherwise. */
  readonly across: number;
  readonly down: number;
}

/** The largest a cell gets. */
export const CLOSEST = 64;
/** Longer than so many times its width, a matrix is stretched; and a stretched cell is no longer than so many pixels. */
const [THIN, STRETCHED] = [4, 24];

/** The camera that a view trait asks for, kept to where there is something to see. */
export function camera(view: readonly number[], { rows, columns }: Size, { width, height }: Plot): Camera {
  const [byRow, byColumn] = [height / rows, width / columns];
  const all = Math.min(byRow, byColumn, CLOSEST);
  const scale = Math.min(CLOSEST, Math.max(all, view[2] ?? all));
  const stretch = (own: number, other: number) =>
    own > THIN * other ? Math.max(scale, Math.min(own, STRETCHED)) : scale;
  const down = stretch(byRow, byColumn);
  const across = stretch(byColumn, byRow);
  const kept = (from: number, count: number, pixels: number) => Math.max(0, Math.min(from, count - pixels));
  return {
    row: kept(view[0] ?? 0, rows, height / down),
    column: kept(view[1] ?? 0, columns, width / across),
    scale,
    across,
    down,
  };
}

/** The view with another scale in which the point at (x, y) stays where it is. */
export function zoomed(now: Camera, scale: number, x: number, y: number, size: Size, plot: Plot): number[] {
  const next = camera([0, 0, scale], size, plot);
  const moved = [now.row + y / now.down - y / next.down, now.column + x / now.across - x / next.across];
  return viewOf(camera([...moved, next.scale], size, plot));
}

/** The view with a cell in the middle. */
export function centred(row: number, column: number, scale: number, size: Size, plot: Plot): number[] {
  const next = camera([0, 0, scale], size, plot);
  const first = row + 0.5 - plot.height / next.down / 2;
  return viewOf(camera([first, column + 0.5 - plot.width / next.across / 2, next.scale], size, plot));
}

/** The view with as little moved as it takes to see a cell, and some around it. */
export function following(now: Camera, row: number, column: number, size: Size, plot: Plot): number[] {
  const along = (from: number, at: number, pixels: number, cell: number) => {
    const seen = pixels / cell;
    const margin = Math.min(1, seen / 4);
    return Math.max(Math.min(from, at - margin), at + 1 + margin - seen);
  };
  const first = along(now.row, row, plot.height, now.down);
  return viewOf(camera([first, along(now.column, column, plot.width, now.across), now.scale], size, plot));
}

export const viewOf = ({ row, column, scale }: Camera) => [row, column, scale];

/** Part of the way from one view to another: the scale in equal ratios, and the middle with it. */
export function between(a: Camera, b: Camera, t: number, size: Size, plot: Plot): number[] {
  const scale = a.scale * (b.scale / a.scale) ** t;
  const part = a.scale === b.scale ? t : (1 / a.scale - 1 / scale) / (1 / a.scale - 1 / b.scale);
  const middle = (c: Camera) => [c.row + plot.height / c.down / 2, c.column + plot.width / c.across / 2] as const;
  const [[y0, x0], [y1, x1]] = [middle(a), middle(b)];
  return centred(y0 + (y1 - y0) * part - 0.5, x0 + (x1 - x0) * part - 0.5, scale, size, plot);
}
