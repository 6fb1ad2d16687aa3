/** The connections, drawn: the image, some hidden units, and lines between; from layer to layer they move. */

import { atEnd, html, listen, named, set, svg, watchWidth, write } from "../core/dom";
import { inlined } from "../core/exporting";
import { by, cost, type Kind, type Settings, told } from "../math/counting";
import { counted } from "../math/units";
import {
  drawnField,
  drawnPerField,
  drawnUnits,
  enlarged,
  fitted,
  isUnit,
  LINES,
  lineEnds,
  onPlane,
  type Plane,
  type Point,
  unitGrid,
  weightOf,
} from "./geometry";
import { unitWords } from "./words";

/** How long the lines move, in milliseconds. */
const FLIGHT = 700;
const MARGIN = 14;
/** Maps behind the front one. */
const BEHIND = 2;
const OFFSET = 9;
const NUMBERS = 10 + 2 * LINES * LINES;

export interface ConnectionHooks {
  select(unit: readonly number[]): void;
  /** The unit under the pointer. */
  hover(unit: Point | null): void;
}

const path = (points: readonly Point[]) => `M${points.map(([x, y]) => `${x.toFixed(1)} ${y.toFixed(1)}`).join("L")}`;

const same = ([row, column]: Point, unit: readonly number[]) => row === unit[0] && column === unit[1];

export function connections({ select, hover }: ConnectionHooks, signal: AbortSignal) {
  const ground = svg("g", { "aria-hidden": "true" });
  const lines = svg("g", { "aria-hidden": "true" });
  const dots = svg("g", named("Hidden units"));
  const captions = [svg("text.sg-caption"), svg("text.sg-caption", { "text-anchor": "end" })];
  const stage = svg("svg.sg-net", named("Connections"), ground, lines, dots, ...captions);
  const thinned = html("p.sg-say");
  const key = html("p.sg-say.sg-key");
  const element = html("div.sg-connections", stage, key, thinned);

  let width = 0;
  let height = 0;
  let kind: Kind = "fully_connected";
  let settings: Settings;
  let chosen: readonly number[] = [];
  let hovered: Point | null = null;
  let units: Point[] = [];
  /** For each unit: its place, its field's corners, the beginnings of its lines; as drawn, and where they go. */
  let shown: Float64Array = new Float64Array(0);
  let wanted: Float64Array = new Float64Array(0);
  let flight: { from: Float64Array; start: number } | undefined;
  let frame = 0;
  let groups: { field: SVGPathElement; weights: SVGPathElement[]; whole: SVGGElement; dot: SVGGElement }[] = [];
  let drawn = "";

  const later = () => {
    frame ||= requestAnimationFrame(() => {
      frame = 0;
      move();
    });
  };
  atEnd(signal, () => cancelAnimationFrame(frame));
  watchWidth(element, signal, (available) => {
    if (available === width) return;
    width = available;
    height = Math.round(Math.max(220, Math.min(330, available * 0.5)));
    set(stage, { viewBox: `0 0 ${width} ${height}`, width, height });
    if (settings) update(kind, settings, chosen);
  });

  const most = () => (width >= 480 ? 4 : 3);

  /** The image's plane, and that of the units. */
  function planes(): readonly [image: Plane, hidden: Plane] {
    const across = Math.min(170, width * 0.25);
    const rise = across * 0.5;
    const down = { y: MARGIN, across, rise, height: height - rise - MARGIN - 34 };
    const [rows = 1, columns = 1] = settings.image;
    const right = width - across - MARGIN - (kind === "convolutional" ? 2 * OFFSET : OFFSET);
    return [fitted({ ...down, x: MARGIN }, rows, columns), fitted({ ...down, x: right }, ...unitGrid(kind, settings))];
  }

  /** Where all that moves goes. */
  function target([image, hidden]: readonly [Plane, Plane]): Float64Array {
    const [rows = 1, columns = 1] = settings.image;
    const grid = unitGrid(kind, settings);
    const inside = (n: number, most: number) => Math.max(0, Math.min(1, n / most));
    const at = ([row, column]: Point) => onPlane(image, inside(column, columns), inside(row, rows));
    return Float64Array.from(
      units.flatMap((unit) => {
        const { top, left, rows: high, columns: wide } = drawnField(kind, settings, unit);
        const corners: Point[] = [
          [top, left],
          [top, left + wide],
          [top + high, left + wide],
          [top + high, left],
        ];
        const [v, u] = unit.map((n, i) => (n + 0.5) / grid[i]!) as [number, number];
        return [onPlane(hidden, u, v), ...corners.map(at), ...lineEnds(kind, settings, unit).map(at)].flat();
      }),
    );
  }

  const outline = (plane: Plane) =>
    `${path([onPlane(plane, 0, 0), onPlane(plane, 1, 0), onPlane(plane, 1, 1), onPlane(plane, 0, 1)])}Z`;

  /** Lines at every pixel, or every 10, 100 …, so that they stand apart. */
  function ruled(plane: Plane, counts: readonly number[]): string {
    const [rows = 1, columns = 1] = counts;
    const step = (count: number, room: number) => {
      let apart = 1;
      while ((room * apart) / count < 5) apart *= 10;
      return Array.from({ length: Math.ceil(count / apart) - 1 }, (_, i) => ((i + 1) * apart) / count);
    };
    return [
      ...step(columns, plane.across).map((u) => path([onPlane(plane, u, 0), onPlane(plane, u, 1)])),
      ...step(rows, plane.height).map((v) => path([onPlane(plane, 0, v), onPlane(plane, 1, v)])),
    ].join("");
  }

  function build(): void {
    // While a slider moves the same units stay.
    if (groups.length !== units.length) {
      groups = units.map((_, i) => {
        const weights = Array.from({ length: 9 }, (_, w) => svg(`path.sg-w.r${Math.floor(w / 3)}.c${w % 3}` as "path"));
        const field = svg("path.sg-field");
        const dot = svg(
          "g.sg-unit",
          { role: "button", "data-i": i },
          svg("rect", { width: 25, height: 25 }),
          svg("circle", { r: width >= 480 ? 5.5 : 4.5 }),
        );
        return { field, weights, dot, whole: svg("g.sg-lines", field, ...weights) };
      });
      lines.replaceChildren(...groups.map(({ whole }) => whole));
      dots.replaceChildren(...groups.map(({ dot }) => dot));
    }
    groups.forEach(({ dot }, i) => {
      const [row, column] = units[i]!;
      set(dot, { "aria-label": unitWords(kind, settings, row, column) });
    });
  }

  function paintGround([image, hidden]: readonly [Plane, Plane]): void {
    const shared = kind === "convolutional";
    const back = shared ? Math.min(BEHIND, settings.filters - 1) : 0;
    const behind = Array.from({ length: back }, (_, i) => {
      const by = (back - i) * OFFSET;
      return svg("path.sg-plane", { d: outline({ ...hidden, x: hidden.x + by, y: hidden.y - by * 0.6 }) });
    });
    ground.replaceChildren(
      svg("path.sg-plane", { d: outline(image) }),
      svg("path.sg-ruled", { d: ruled(image, settings.image) }),
      ...behind,
      svg("path.sg-plane", { d: outline(hidden) }),
    );
    const { maps } = cost(kind, settings);
    const small = width < 420;
    const words = [
      `image ${by([...settings.image, settings.channels])}`,
      maps
        ? `${counted(maps[0]!)} map${maps[0] === 1 ? "" : "s"} of ${by(maps.slice(1))}`
        : `${counted(settings.hidden)} ${small ? "units" : "hidden units"}`,
    ];
    captions.forEach((caption, i) => {
      write(caption, words[i]!);
      set(caption, { x: i ? width - 2 : 2, y: height - 8 });
    });
  }

  /** One frame of the way from where things are to where they go. */
  function move(): void {
    if (signal.aborted || !width) return;
    let part = 1;
    if (flight) {
      part = Math.min(1, (performance.now() - flight.start) / FLIGHT);
      const eased = part * part * (3 - 2 * part);
      const { from } = flight;
      shown = wanted.map((end, i) => from[i]! + (end - from[i]!) * eased);
      if (part < 1) later();
      else flight = undefined;
    } else shown = wanted;
    paint(part);
  }

  function paint(part: number): void {
    // In a field some of the lines are one: at rest it is drawn once.
    const merged = kind !== "fully_connected" && part === 1;
    groups.forEach(({ field, weights, dot }, i) => {
      const at = (n: number): Point => [shown[i * NUMBERS + 2 * n]!, shown[i * NUMBERS + 2 * n + 1]!];
      const unit = at(0);
      set(field, { d: `${path([at(1), at(2), at(3), at(4)])}Z` });
      const parts = Array.from({ length: 9 }, () => "");
      for (let line = 0; line < LINES * LINES; line++) {
        const [row, column] = weightOf(settings, line);
        const w = 3 * row + column;
        if (merged && parts[w]) continue;
        parts[w] += path([at(5 + line), unit]);
      }
      weights.forEach((each, w) => void set(each, { d: parts[w] || null }));
      set(dot.children[0]!, { x: unit[0] - 12.5, y: unit[1] - 12.5 });
      set(dot.children[1]!, { cx: unit[0], cy: unit[1] });
    });
  }

  /** Light the unit under the pointer, or else the chosen one. */
  function light(): void {
    const lit = units.findIndex((unit) => same(unit, hovered ?? chosen));
    const own = units.findIndex((unit) => same(unit, chosen));
    set(stage, { "data-lit": lit >= 0 && "" });
    groups.forEach(({ whole, dot }, i) => {
      set(whole, { class: `sg-lines ${i === lit ? "lit" : ""}` });
      set(dot, {
        class: `sg-unit ${i === lit ? "now" : ""}`,
        tabindex: i === Math.max(0, own) ? 0 : -1,
        "aria-pressed": `${i === own}`,
      });
    });
    const whole = groups[lit]?.whole;
    if (whole && whole !== lines.lastChild) lines.append(whole);
  }

  function tell(): void {
    const { multiplications } = cost(kind, settings);
    const [down, across] = drawnPerField(kind, settings);
    const each = down * across;
    const larger = enlarged(kind, settings);
    const share = multiplications / BigInt(Math.max(1, units.length * each));
    write(
      thinned,
      `Drawn: ${units.length} of ${counted(cost(kind, settings).units)} units, ${each} of ${counted(cost(kind, settings).fanIn)} lines to each; ${share > 1n ? `1 in ${told(share)} of all connections` : "all connections"}.${larger > 1 ? ` Fields are drawn ${+larger.toPrecision(2)} times as large.` : ""}`,
    );
    if (key.dataset.of === kind) return;
    key.dataset.of = kind;
    const shared = kind === "convolutional";
    const marks = (shared ? [".r0.c0", ".r1.c1", ".r2.c2"] : [""]).map((look) =>
      svg("svg", { width: 26, height: 8, "aria-hidden": "true" }, svg(`path.sg-w${look}` as "path", { d: "M0 4h26" })),
    );
    const words = shared
      ? "Lines alike in colour and dashes have the same weight."
      : "Every line has a weight of its own.";
    key.replaceChildren(...marks, html("span", words));
  }

  const unitAt = (target: EventTarget | null) => {
    const i = (target as Element | null)?.closest<SVGElement>("[data-i]")?.dataset.i;
    return i === undefined ? undefined : units[+i];
  };
  listen(
    stage as unknown as HTMLElement,
    ["pointerover", "pointerleave"],
    (event) => {
      const over = event.type === "pointerover" ? (unitAt(event.target) ?? null) : null;
      if (over === hovered) return;
      hovered = over;
      light();
      hover(over);
    },
    signal,
  );
  listen(
    stage as unknown as HTMLElement,
    "click",
    ({ target }) => {
      const unit = unitAt(target);
      if (unit) select(same(unit, chosen) ? [] : unit);
    },
    signal,
  );
  listen(
    stage as unknown as HTMLElement,
    "keydown",
    (event) => {
      const unit = unitAt(event.target);
      if (!unit) return;
      if (event.key === "Enter" || event.key === " ") {
        event.preventDefault();
        select(same(unit, chosen) ? [] : unit);
      }
      if (event.key === "Escape") select([]);
      const by = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key];
      if (!by) return;
      event.preventDefault();
      const sides = [0, 1].map((side) => [...new Set(units.map((each) => each[side]!))].sort((a, b) => a - b));
      const next = unit.map((n, side) => sides[side]![sides[side]!.indexOf(n) + by[side]!] ?? n);
      const found = units.findIndex((each) => same(each, next));
      if (found < 0) return;
      select(next);
      requestAnimationFrame(() => groups[found]?.dot.focus());
    },
    signal,
  );

  function update(layer: Kind, next: Settings, unit: readonly number[]): void {
    const changed = layer !== kind;
    kind = layer;
    settings = next;
    chosen = unit;
    if (!width) return;
    const found = drawnUnits(kind, settings, most());
    const own = chosen as unknown as Point;
    // A unit that Python chooses stands among those that are drawn.
    if (own.length && isUnit(kind, settings, own) && !found.some((each) => same(each, own))) found.push(own);
    const { image, channels, hidden, field, filters, stride, padding } = next;
    const now = JSON.stringify([kind, width, image, channels, hidden, field, filters, stride, padding, found]);
    if (now !== drawn) {
      drawn = now;
      const before = units.length;
      units = found;
      const room = planes();
      wanted = target(room);
      const still = globalThis.matchMedia?.("(prefers-reduced-motion: reduce)").matches;
      if (changed && !still && before === units.length && shown.length === wanted.length)
        flight = { from: shown, start: performance.now() };
      else flight = undefined;
      build();
      set(stage, { "data-kind": kind });
      paintGround(room);
      tell();
      move();
    }
    light();
  }

  return {
    element,
    update,
    /** The drawing alone, and its size. */
    snapshot: () => ({ drawing: inlined(stage, "opacity stroke-opacity fill-opacity text-anchor"), width, height }),
  };
}
