/** The picture: its channels as planes behind each other, the border of zeros, and the window that slides over it. */

import { html, write } from "../core/dom";
import { readCell, span, unreached, type Volume } from "../math/convolution";
import {
  type Colours,
  faceOf,
  frame,
  hatch,
  type Look,
  mix,
  planes,
  range,
  type Sheet,
  tint,
  watcher,
  writeNumbers,
} from "./drawing";
import { stage } from "./stage";
import { channelName, type Place, type Scene } from "./traits";

/** Cells of this many pixels have lines between them. */
const LINES = 6;

export interface InputHooks {
  /** Take the window to an output. */
  move(row: number, column: number, release: boolean): void;
  /** Point at a cell of the picture in backward mode, for a moment or for good. */
  point(cell: Place | null, keep: boolean): void;
}

export function inputView({ move, point }: InputHooks, signal: AbortSignal) {
  let scene: Scene | undefined;
  let sheets: Sheet[] = [];
  let of: Volume | undefined;
  const redrawn = watcher();
  const moved = watcher();

  const inside = ([row, column]: Place): Place | null => {
    if (!scene) return null;
    const { padding, height, width } = scene.at;
    const cell = [Math.floor(row) - padding, Math.floor(column) - padding] as const;
    return cell[0] >= 0 && cell[1] >= 0 && cell[0] < height && cell[1] < width ? cell : null;
  };
  const view = stage(
    "Picture",
    {
      over: (place) => scene?.mode === "backward" && point(place && inside(place), false),
      drag(place, release) {
        if (!scene) return;
        const { at, mode } = scene;
        if (mode === "backward") {
          const cell = inside(place);
          if (cell) point(cell, release);
          return;
        }
        const along = (n: number, k: number, places: number) =>
          Math.max(0, Math.min(places - 1, Math.round((n - span(k, at.dilation) / 2) / at.stride)));
        move(along(place[0], at.kernelRows, at.outRows), along(place[1], at.kernelColumns, at.outColumns), release);
      },
    },
    signal,
  );
  const title = html("h4");

  /** The picture of channel k; −1 is all of them in colour. */
  const sheetOf = (k: number) => (k < 0 ? (sheets.at(-1) as Sheet) : (sheets[k] as Sheet));

  function paintBase({ at, channel, volume }: Scene, colours: Colours): void {
    const context = view.paper(view.base);
    if (!context) return;
    const { left, top, cell, rows, columns } = view.grid();
    const { padding, channels, height, width } = at;
    const behind = Math.max(0, Math.min(5, channels - 1));
    const step = view.step(channels - 1);
    const [w, h] = [columns * cell, rows * cell];
    const others = Array.from({ length: channels }, (_, c) => c).filter((c) => c !== Math.max(0, channel));
    for (let k = behind; k > 0; k--) {
      const [x, y] = [left + k * step, top - k * step];
      context.fillStyle = colours.page;
      context.fillRect(x, y, w, h);
      context.globalAlpha = k === 1 ? 0.75 : 0.5;
      context.drawImage(
        sheetOf(others[k - 1]!).canvas,
        x + padding * cell,
        y + padding * cell,
        width * cell,
        height * cell,
      );
      context.globalAlpha = 1;
      context.lineWidth = 1;
      context.strokeStyle = colours.edge;
      context.strokeRect(x, y, w, h);
    }
    if (padding) hatch(context, [left, top, w, h], colours.fill, colours.line, Math.max(4, cell));
    const [x, y] = [left + padding * cell, top + padding * cell];
    context.drawImage(sheetOf(channel).canvas, x, y, width * cell, height * cell);
    if (cell >= LINES) lines(context, [x, y, width * cell, height * cell], cell);
    if (channel >= 0) {
      const { values } = volume;
      const at0 = channel * height * width;
      const [low, high] = range(volume);
      const ground = (i: number) =>
        faceOf(mix([0, 0, 0], tint(channel, channels), (values[at0 + i]! - low) / (high - low)));
      writeNumbers(
        context,
        [x, y],
        { cell, columns: width },
        height * width,
        Array.from(values.subarray(at0, at0 + height * width)),
        ground,
      );
    }
    if (padding) {
      context.setLineDash([3, 3]);
      context.strokeStyle = colours.soft;
      context.strokeRect(x, y, width * cell, height * cell);
      context.setLineDash([]);
      if (cell >= 9) zeros(context, at, view.grid(), colours);
    }
    for (const [missed, low] of [
      [unreached(height, at.kernelRows, at), true],
      [unreached(width, at.kernelColumns, at), false],
    ] as const)
      if (missed) {
        const part = missed * cell;
        const box = low ? ([left, top + h - part, w, part] as const) : ([left + w - part, top, part, h] as const);
        hatch(context, box, null, colours.negative, 5);
      }
    context.strokeStyle = colours.edge;
    context.lineWidth = 1;
    context.strokeRect(left, top, w, h);
  }

  function paintOver(now: Scene, colours: Colours): void {
    const context = view.paper(view.over);
    if (!context) return;
    const { left, top, cell } = view.grid();
    const { at, mode, row, column } = now;
    const { padding, stride, dilation, kernelRows, kernelColumns } = at;
    if (mode === "backward") {
      if (!now.cell) return;
      const [x, y] = [left + (now.cell[1] + padding) * cell, top + (now.cell[0] + padding) * cell];
      const size = Math.max(cell, 5);
      frame(context, [x - (size - cell) / 2, y - (size - cell) / 2, size, size], colours, 2.5);
      return;
    }
    const [x, y] = [left + column * stride * cell, top + row * stride * cell];
    if (dilation > 1) {
      context.fillStyle = colours.tangent;
      context.globalAlpha = 0.5;
      for (let k = 0; k < kernelRows * kernelColumns; k++) {
        const read = readCell(at, row, column, k);
        context.fillRect(left + (read.column + padding) * cell, top + (read.row + padding) * cell, cell, cell);
      }
      context.globalAlpha = 1;
    }
    frame(context, [x, y, span(kernelColumns, dilation) * cell, span(kernelRows, dilation) * cell], colours);
  }

  return {
    element: html("div.sg-block.sg-input", title, view.element),
    stage: view,
    update(now: Scene, look: Look, room: number): void {
      scene = now;
      const { volume, at, channel, mode, row, column, cell } = now;
      if (of !== volume) {
        of = volume;
        sheets = planes(volume, range(volume));
      }
      const [rows, columns] = [at.height + 2 * at.padding, at.width + 2 * at.padding];
      const fitted = view.fit(rows, columns, at.channels - 1, room);
      if (redrawn(volume, channel, at, look) || fitted) {
        paintBase(now, look.colours);
        write(title, words(now));
      }
      if (moved(mode, row, column, cell?.[0], cell?.[1], volume, at, look) || fitted) paintOver(now, look.colours);
      view.label(
        mode === "backward"
          ? "Picture. Arrow keys move the input that is looked at."
          : "Picture with the window. Arrow keys move the window, or drag it.",
      );
    },
  };
}

function words({ at, channel }: Scene): string {
  const { height, width, channels, padding } = at;
  const size = `Input x · ${height}×${width}${channels > 1 ? `×${channels}` : ""}`;
  const border = padding ? ` · padding ${padding}` : "";
  return `${size}${channel >= 0 && channels > 1 ? ` · channel ${channelName(channel, channels)}` : ""}${border}`;
}

export function lines(
  context: CanvasRenderingContext2D,
  [x, y, w, h]: readonly [number, number, number, number],
  cell: number,
): void {
  context.fillStyle = "rgb(128 128 128 / 0.22)";
  for (let i = cell; i < w - 1; i += cell) context.fillRect(Math.round(x + i) - 0.5, y, 1, h);
  for (let i = cell; i < h - 1; i += cell) context.fillRect(x, Math.round(y + i) - 0.5, w, 1);
}

/** The zeros around the picture, written where there is room. */
function zeros(
  context: CanvasRenderingContext2D,
  { padding, height, width }: Scene["at"],
  { left, top, cell, rows, columns }: { left: number; top: number; cell: number; rows: number; columns: number },
  { soft }: Colours,
): void {
  context.fillStyle = soft;
  context.font = `${Math.min(12, cell - 2)}px ui-monospace, 'DejaVu Sans Mono', monospace`;
  context.textAlign = "center";
  context.textBaseline = "middle";
  for (let i = 0; i < rows; i++)
    for (let j = 0; j < columns; j++)
      if (i < padding || j < padding || i >= padding + height || j >= padding + width)
        context.fillText("0", left + (j + 0.5) * cell, top + (i + 0.5) * cell + 0.5);
}
