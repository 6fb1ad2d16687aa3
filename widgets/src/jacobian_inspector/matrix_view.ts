/** The canvas over the matrix: zoomed and panned by wheel, drag, pinch and keys; and a small map of where one is. */

import { atEnd, button, html, listen, named, set, svg, watchWidth, write } from "../core/dom";
import { theme } from "../core/theme";
import { entries, type Jacobian } from "../math/forms";
import { between, type Camera, CLOSEST, camera, centred, following, type Plot, viewOf, zoomed } from "./camera";
import { type CellAt, type Colours, GUTTER, painter } from "./painter";
import { counted } from "./words";

const NAMES = ["ink", "soft", "fill", "page", "line", "tangent", "negative"] as const;
/** What a press of + or −, and a turn of the wheel, zoom by. */
const STEP = 2;
const PER_PIXEL = 1.0022;
/** How long a jump to another place takes, in milliseconds. */
const FLIGHT = 240;
/** Cells of fewer pixels are hard to hit: the nearest number is meant. */
const HARD = 4;
const MAP = 96;

export interface MatrixHooks {
  look(view: readonly number[]): void;
  select(row: number, column: number): void;
  hover(cell: CellAt | null): void;
}

export function matrixView({ look, select, hover }: MatrixHooks, signal: AbortSignal) {
  const draw = painter();
  const paints = theme(NAMES, signal, () => {
    mapped = {};
    later();
  });
  const canvas = html("canvas.sg-matrix", { tabindex: 0, role: "application" });
  const map = html("canvas.sg-map", {
    role: "img",
    "aria-label": "Map of the whole matrix: the frame is what is seen",
  });
  const legend = html("p.sg-legend");
  const shades = html("span.sg-shades");
  const scaleOf = html("span");
  const zooms = html(
    "div.sg-row",
    named("Zoom"),
    button("+", "Zoom in", signal, () => zoomTo(now().scale * STEP ** 1.5)),
    button("−", "Zoom out", signal, () => zoomTo(now().scale / STEP ** 1.5)),
    button("All", "See all of it", signal, () => fly([])),
    button("Cell", "To the selected cell", signal, () => toCell()),
  );
  legend.append(shades, scaleOf);
  const under = html("div.sg-row.sg-under", zooms, legend);
  const element = html("div.sg-stage", canvas, under, paints.element);

  let jacobian: Jacobian | undefined;
  let view: readonly number[] = [];
  let chosen: CellAt | undefined;
  let hovered: CellAt | null = null;
  /** Where the pointer is: what is under it changes with the view, too. */
  let pointer: readonly [number, number] | null = null;
  let width = 0;
  let height = 0;
  let frame = 0;
  let mapped: { of?: Jacobian; key?: string; picture?: HTMLCanvasElement } = {};
  let flight: { from: Camera; to: Camera; whole: boolean; start: number } | undefined;

  const plot = (): Plot => ({ width: width - GUTTER.left, height: height - GUTTER.top });
  const now = () => camera(view, jacobian!, plot());

  function colours(): Colours {
    const { tangent: chosen, ...others } = paints.colours();
    return { ...others, chosen };
  }

  function later(): void {
    frame ||= requestAnimationFrame(() => {
      frame = 0;
      paint();
    });
  }
  atEnd(signal, () => cancelAnimationFrame(frame));

  function resize(available: number): void {
    width = available;
    height = Math.round(Math.max(260, Math.min(470, available * 0.86)));
    canvas.style.height = `${height}px`;
    later();
  }
  watchWidth(element, signal, resize);

  function paint(): void {
    if (!jacobian || !width || signal.aborted) return;
    if (flight) {
      const t = Math.min(1, (performance.now() - flight.start) / FLIGHT);
      const eased = t * t * (3 - 2 * t);
      view = t < 1 ? between(flight.from, flight.to, eased, jacobian, plot()) : flight.whole ? [] : viewOf(flight.to);
      if (t < 1) later();
      else flight = undefined;
      look(view);
    }
    const ratio = Math.min(2, globalThis.devicePixelRatio || 1);
    const [w, h] = [Math.round(width * ratio), Math.round(height * ratio)];
    if (canvas.width !== w || canvas.height !== h) {
      canvas.width = w;
      canvas.height = h;
    }
    const context = canvas.getContext("2d", { alpha: false });
    if (!context) return;
    const known = colours();
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    const seen = now();
    if (pointer && !canvas.hasAttribute("data-drag")) overCell();
    draw.paint(context, jacobian, seen, plot(), known, chosen, hovered);
    paintMap(seen, known);
    const per = (scale: number) => counted(Math.max(1, Math.round(1 / scale)));
    write(
      scaleOf,
      seen.scale < 1
        ? `a pixel is ${per(seen.down)} × ${per(seen.across)} cells`
        : `a cell is ${Math.round(seen.down)} × ${Math.round(seen.across)} pixels`,
    );
  }

  function paintMap(seen: Camera, colours: Colours): void {
    if (!jacobian) return;
    const { rows, columns } = jacobian;
    const longest = Math.max(rows, columns);
    const size = (n: number) => Math.max(24, Math.round((MAP * n) / longest));
    const small = { width: size(columns), height: size(rows) };
    if (mapped.of !== jacobian) {
      const picture = html("canvas", { width: small.width, height: small.height });
      const paper = picture.getContext("2d");
      const whole = { row: 0, column: 0, scale: 0, across: small.width / columns, down: small.height / rows };
      // No gaps: a map of few cells has large ones.
      if (paper) draw.all(paper, jacobian, whole, small, colours);
      mapped = { of: jacobian, picture };
      set(map, { width: small.width * 2, height: small.height * 2 });
      map.style.width = `${small.width}px`;
    }
    const { width, height } = plot();
    const box = [
      seen.column / columns,
      seen.row / rows,
      width / seen.across / columns,
      height / seen.down / rows,
    ] as const;
    const [x, y, w, h] = box.map((part, i) => Math.min(1, part) * (i % 2 ? small.height : small.width)) as [
      number,
      number,
      number,
      number,
    ];
    const key = [x, y, w, h].join();
    if (mapped.key === key) return;
    mapped.key = key;
    const context = map.getContext("2d");
    if (!context || !mapped.picture) return;
    context.setTransform(2, 0, 0, 2, 0, 0);
    context.imageSmoothingEnabled = false;
    context.drawImage(mapped.picture, 0, 0);
    const shownW = Math.min(small.width - 2, Math.max(7, w));
    const shownH = Math.min(small.height - 2, Math.max(7, h));
    context.strokeStyle = colours.chosen;
    context.lineWidth = 2;
    const left = Math.max(1, Math.min(small.width - shownW - 1, x - (shownW - w) / 2));
    context.strokeRect(left, Math.max(1, Math.min(small.height - shownH - 1, y - (shownH - h) / 2)), shownW, shownH);
  }

  // Moving -------------------------------------------------------------------------------------------------------------

  function show(next: readonly number[]): void {
    flight = undefined;
    view = next;
    look(next);
    later();
  }

  function fly(next: readonly number[]): void {
    if (!jacobian) return;
    const still = globalThis.matchMedia?.("(prefers-reduced-motion: reduce)").matches;
    if (still) show(next);
    else flight = { from: now(), to: camera(next, jacobian, plot()), whole: !next.length, start: performance.now() };
    later();
  }

  /** Zoom about the selected cell, if it is seen, or the middle. */
  function zoomTo(scale: number): void {
    if (!jacobian) return;
    const seen = flight?.to ?? now();
    const { width, height } = plot();
    let [x, y] = [width / 2, height / 2];
    if (chosen) {
      const [cx, cy] = [(chosen[1] + 0.5 - seen.column) * seen.across, (chosen[0] + 0.5 - seen.row) * seen.down];
      if (cx >= 0 && cy >= 0 && cx <= width && cy <= height) [x, y] = [cx, cy];
    }
    fly(zoomed(seen, scale, x, y, jacobian, plot()));
  }

  function toCell(): void {
    if (!jacobian) return;
    const [row, column] = chosen ?? middle();
    if (!chosen) select(row, column);
    fly(centred(row, column, Math.max(now().scale, jacobian.whole ? 26 : 42), jacobian, plot()));
  }

  /** The cell in the middle, or a number near it. */
  function middle(): CellAt {
    const { width, height } = plot();
    return at(width / 2, height / 2, 40);
  }

  /** The cell at a point, or the nearest number where cells are too small to be hit. */
  function at(x: number, y: number, about = HARD): CellAt {
    const seen = now();
    const { rows, columns } = jacobian!;
    const within = (n: number, count: number) => Math.max(0, Math.min(count - 1, Math.floor(n)));
    const [row, column] = [within(seen.row + y / seen.down, rows), within(seen.column + x / seen.across, columns)];
    if (seen.scale >= HARD) return [row, column];
    let best: CellAt = [row, column];
    let distance = Number.POSITIVE_INFINITY;
    const [up, side] = [about / seen.down, about / seen.across];
    const window = {
      row0: within(row - up, rows),
      row1: within(row + up, rows) + 1,
      column0: within(column - side, columns),
      column1: within(column + side, columns) + 1,
    };
    for (const [r, c] of entries(jacobian!, window, 400)) {
      const far = Math.hypot((r - row) * seen.down, (c - column) * seen.across);
      if (far < distance) [best, distance] = [[r, c], far];
    }
    return best;
  }

  const point = ({ clientX, clientY }: MouseEvent) => {
    const { left, top } = canvas.getBoundingClientRect();
    return [clientX - left - GUTTER.left, clientY - top - GUTTER.top] as const;
  };

  listen(
    canvas,
    "wheel",
    (event) => {
      if (!jacobian) return;
      const seen = now();
      const pixels = event.deltaY * (event.deltaMode ? 16 : 1) * (event.ctrlKey ? 4 : 1);
      const next = zoomed(seen, seen.scale * PER_PIXEL ** -pixels, ...point(event), jacobian, plot());
      // All of it is seen and it gets no smaller: the page may scroll.
      if (next[2] === seen.scale && pixels > 0) return;
      event.preventDefault();
      show(next);
    },
    signal,
  );

  const fingers = new Map<number, readonly [number, number]>();
  let dragged = 0;
  listen(
    canvas,
    "pointerdown",
    (event) => {
      if (event.button) return;
      fingers.set(event.pointerId, point(event));
      if (fingers.size === 1) dragged = 0;
      canvas.setPointerCapture?.(event.pointerId);
    },
    signal,
  );
  listen(
    canvas,
    "pointermove",
    (event) => {
      if (!jacobian) return;
      const here = point(event);
      const before = fingers.get(event.pointerId);
      if (!before) {
        pointAt(here);
        return;
      }
      const seen = now();
      const others = [...fingers].filter(([id]) => id !== event.pointerId);
      fingers.set(event.pointerId, here);
      const other = others[0]?.[1];
      if (other) {
        const far = (p: readonly [number, number]) => Math.hypot(p[0] - other[0], p[1] - other[1]) || 1;
        dragged = 9;
        const [x, y] = [(here[0] + other[0]) / 2, (here[1] + other[1]) / 2];
        show(zoomed(seen, (seen.scale * far(here)) / far(before), x, y, jacobian, plot()));
        return;
      }
      const [dx, dy] = [here[0] - before[0], here[1] - before[1]];
      dragged += Math.abs(dx) + Math.abs(dy);
      if (dragged > 4) {
        set(canvas, { "data-drag": true });
        show(viewOf(camera([seen.row - dy / seen.down, seen.column - dx / seen.across, seen.scale], jacobian, plot())));
      }
    },
    signal,
  );
  listen(
    canvas,
    ["pointerup", "pointercancel"],
    (event) => {
      const here = fingers.get(event.pointerId);
      fingers.delete(event.pointerId);
      set(canvas, { "data-drag": null });
      if (!here || dragged > 4 || event.type === "pointercancel" || !jacobian || !isOver(here)) return;
      select(...at(...here));
    },
    signal,
  );
  listen(
    canvas,
    "dblclick",
    (event) => jacobian && fly(zoomed(now(), now().scale * 6, ...point(event), jacobian, plot())),
    signal,
  );
  listen(canvas, "pointerleave", () => pointAt(null), signal);

  const isOver = ([x, y]: readonly [number, number]) => {
    const seen = now();
    return (
      x >= 0 && y >= 0 && seen.row + y / seen.down < jacobian!.rows && seen.column + x / seen.across < jacobian!.columns
    );
  };

  function pointAt(here: readonly [number, number] | null): void {
    pointer = here;
    if (overCell()) later();
  }

  /** See what is under the pointer; true if it is another cell. */
  function overCell(): boolean {
    const next = pointer && jacobian && isOver(pointer) ? at(...pointer) : null;
    if (next?.join() === hovered?.join()) return false;
    hovered = next;
    hover(next);
    return true;
  }

  const drag = (event: PointerEvent) => {
    if (!jacobian || !event.buttons) return;
    const box = map.getBoundingClientRect();
    const [row, column] = [
      ((event.clientY - box.top) / box.height) * jacobian.rows,
      ((event.clientX - box.left) / box.width) * jacobian.columns,
    ];
    event.preventDefault();
    show(centred(row - 0.5, column - 0.5, now().scale, jacobian, plot()));
  };
  listen(map, ["pointerdown", "pointermove"], drag, signal);

  listen(
    canvas,
    "keydown",
    (event) => {
      if (!jacobian || event.ctrlKey || event.metaKey || event.altKey) return;
      const { key, shiftKey } = event;
      const seen = flight?.to ?? now();
      const page = [plot().height / seen.down, plot().width / seen.across] as const;
      const pan = (down: number, across: number) =>
        show(
          viewOf(camera([seen.row + down * page[0], seen.column + across * page[1], seen.scale], jacobian!, plot())),
        );
      const arrow = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[key] as
        | CellAt
        | undefined;
      if (arrow && shiftKey) pan(arrow[0] / 4, arrow[1] / 4);
      else if (arrow) move(...arrow);
      else if (key === "+" || key === "=") zoomTo((flight?.to.scale ?? seen.scale) * STEP);
      else if (key === "-" || key === "−") zoomTo((flight?.to.scale ?? seen.scale) / STEP);
      else if (key === "0") fly([]);
      else if (key === "Enter") toCell();
      else if (key === "Home") pan(-1e9, -1e9);
      else if (key === "End") pan(1e9, 1e9);
      else if (key === "PageUp" || key === "PageDown") pan(key === "PageUp" ? -0.9 : 0.9, 0);
      else return;
      event.preventDefault();
    },
    signal,
  );

  function move(down: number, across: number): void {
    if (!jacobian) return;
    const { rows, columns } = jacobian;
    const [row, column] = chosen ?? middle();
    const to = chosen
      ? ([Math.max(0, Math.min(rows - 1, row + down)), Math.max(0, Math.min(columns - 1, column + across))] as const)
      : ([row, column] as const);
    chosen = to;
    select(...to);
    const next = following(now(), ...to, jacobian, plot());
    if (next.some((part, i) => Math.abs(part - viewOf(now())[i]!) > 1e-9)) show(next);
  }

  return {
    element,
    map,
    under,
    focus: () => canvas.focus(),
    /** See to it that a cell is seen. */
    follow([row, column]: CellAt) {
      if (jacobian && width) {
        const next = following(now(), row, column, jacobian, plot());
        if (next.some((part, i) => Math.abs(part - viewOf(now())[i]!) > 1e-9)) show(next);
      }
    },
    update(shown: Jacobian, wanted: readonly number[], cell: readonly number[]) {
      if (shown !== jacobian) {
        flight = undefined;
        hovered = null;
        const { rows, columns, largest, signed } = shown;
        set(canvas, {
          "aria-label": `Jacobian of ${counted(rows)} × ${counted(columns)}. Arrow keys move the selected cell, with Shift the view; + and − zoom, 0 shows all, Enter goes to the cell.`,
        });
        const most = `${+largest.toPrecision(2)}`;
        shades.replaceChildren(
          ...(signed ? [html("b", `−${most}`), html("i.neg")] : []),
          html("b", "0"),
          html("i"),
          html("b", most),
        );
      }
      jacobian = shown;
      if (!flight) view = wanted;
      chosen = cell.length === 2 ? [cell[0]!, cell[1]!] : undefined;
      later();
    },
    /** The picture as it is now, two pixels for one, inside an SVG. */
    snapshot(): SVGSVGElement {
      const sheet = html("canvas", { width: 2 * width, height: 2 * height });
      const context = sheet.getContext("2d");
      if (context && jacobian) {
        context.scale(2, 2);
        draw.paint(context, jacobian, now(), plot(), colours(), chosen);
      }
      return svg(
        "svg",
        { xmlns: "http://www.w3.org/2000/svg", width, height, viewBox: `0 0 ${width} ${height}` },
        svg("image", { href: sheet.toDataURL(), width, height }),
      );
    },
  };
}

export { CLOSEST };
