/** A signal on its own: its name, and its samples or its curve, drawn and changed by hand. */

import { button, html, listen, set, svg, write } from "../core/dom";
import { type Kind, MAX_SAMPLES, NAMES, OWN, outline, pointsOf, signalOf, spacing, startOf } from "../math/signals";
import { mark, marks, path, px, type Scale, scale } from "./axes";
import { dot, square } from "./stage_view";
import { type Role, samplesOf, type Traits } from "./traits";
import { shown } from "./words";

const [LEFT, RIGHT, TOP, BOTTOM] = [30, 10, 12, 18];

export interface EditorActions {
  choose(role: Role, name: string): void;
  /** Another shape by hand: `release` is false while it is still drawn. */
  draw(role: Role, samples: number[], release: boolean): void;
}

export function editor(role: Role, actions: EditorActions, signal: AbortSignal) {
  const letter = role === "signal" ? "x" : "w";
  const choice = html(
    "select",
    { "aria-label": role === "signal" ? "Signal x" : "Kernel w" },
    ...NAMES.map(([name, title]) => html("option", { value: name }, title)),
    html("option", { value: OWN }, "my own"),
  );
  const frame = svg("g");
  const line = svg("path", { class: role === "signal" ? "sg-x" : "sg-w" });
  const heads = svg("path", { class: role === "signal" ? "sg-x sg-head" : "sg-w sg-hollow" });
  const chosen = svg("circle.sg-chosen", { r: 8 });
  const numbers = svg("g.sg-numbers");
  const plot = svg(
    "svg.sg-editor",
    { tabindex: 0, role: "slider", "aria-roledescription": "drawing" },
    frame,
    line,
    heads,
    chosen,
    numbers,
  );
  const title = html("label.sg-row", html("span.sg-name", letter), choice);
  const fewer = button("−", `Fewer samples of ${letter}`, signal, () => resize(-1));
  const more = button("+", `More samples of ${letter}`, signal, () => resize(1));
  const count = html("span.sg-row", fewer, more);
  const element = html("div.sg-own", html("div.sg-row", title, count), plot);
  let traits: Traits | undefined;
  let points: number[] = [];
  let [width, height] = [0, 0];
  let [across, down] = [scale(0, 1, 0, 1), scale(0, 1, 1, 0)] as [Scale, Scale];
  let drawn = "";
  let at = 0;
  let last: number | undefined;

  const kind = (): Kind => traits?.kind ?? "continuous";
  const own = () => (traits ? samplesOf(traits, role) : []);
  const discrete = () => kind() === "discrete";
  /** By how much a key or a finger changes a sample. */
  const grain = () => (discrete() ? 0.5 : 0.1);
  const start = () =>
    discrete()
      ? signalOf(OWN, points, "discrete", !!traits?.centred && role === "kernel").first
      : startOf(points.length);
  const wide = () => (discrete() ? 1 : spacing(points.length));
  const timeOf = (k: number) => start() + k * wide();

  /** As they are now: several keys may come before the next frame. */
  const fresh = () => {
    if (traits) points = pointsOf(traits[role], own(), kind());
    return points;
  };

  function resize(by: number): void {
    fresh();
    const next = by < 0 ? points.slice(0, -1) : [...points, 0];
    if (next.length >= (discrete() ? 1 : 2) && next.length <= MAX_SAMPLES) actions.draw(role, next, true);
  }

  function paint(): void {
    if (!traits || !width) return;
    const name = traits[role];
    const curve: readonly (readonly [number, number])[] = discrete()
      ? points.map((value, k) => [timeOf(k), value])
      : outline(name, own());
    const times = curve.map(([t]) => t);
    const values = curve.map(([, value]) => value);
    const room = discrete() ? 0.6 : 0.5;
    across = scale(Math.min(0, ...times) - room, Math.max(0, ...times) + room, LEFT, width - RIGHT);
    // While it is drawn the axis stays.
    if (last === undefined) {
      const [low, high] = [Math.min(discrete() ? -1 : -0.5, ...values), Math.max(discrete() ? 2 : 1, ...values)];
      const spare = (high - low) * (discrete() ? 0.2 : 0.12);
      down = scale(low - spare, high + spare, height - BOTTOM, TOP);
    }
    set(plot, { "data-kind": kind(), width, height, viewBox: `0 0 ${width} ${height}` });
    const zero = down(0);
    const most = (width - LEFT) / (discrete() ? 26 : 44);
    frame.replaceChildren(
      ...marks(down.low, down.high, 3).flatMap((value) => [
        svg("path.sg-grid", { d: `M${LEFT} ${px(down(value))}H${width - RIGHT}` }),
        mark(LEFT - 5, down(value), shown(value)),
      ]),
      svg("path.sg-axis", { d: `M${LEFT} ${px(zero)}H${width - RIGHT}` }),
      svg("path.sg-axis", { d: `M${px(across(0))} ${TOP}V${height - BOTTOM}` }),
      ...marks(across.low, across.high, most)
        .filter((t) => !discrete() || Number.isInteger(t))
        .map((t) => svg("text.sg-mark", { x: px(across(t)), y: height - 5, "text-anchor": "middle" }, shown(t))),
    );
    const placed = curve.map(([t, value]) => [across(t), down(value)] as const);
    const head = role === "signal" ? dot : square;
    set(line, {
      d: discrete() ? placed.map(([x, y]) => `M${px(x)} ${px(zero)}V${px(y)}`).join("") : path(placed),
    });
    set(heads, { d: discrete() ? placed.map(([x, y]) => head(x, y)).join("") : "" });
    at = Math.max(0, Math.min(points.length - 1, at));
    const value = points[at] ?? 0;
    set(chosen, { cx: px(across(timeOf(at))), cy: px(down(value)) });
    const written = discrete() && across.unit >= 24 ? placed : [];
    numbers.replaceChildren(
      ...written.map(([x, y], k) =>
        svg("text", { x: px(x), y: px(y + (points[k]! < 0 ? 16 : -8)), "text-anchor": "middle" }, shown(points[k]!)),
      ),
    );
    const place = `${letter}${discrete() ? `[${shown(timeOf(at))}]` : `(${shown(timeOf(at))})`}`;
    set(plot, {
      "aria-label": `${letter} by hand: left and right choose a ${discrete() ? "sample" : "point"}, up and down change it`,
      "aria-valuenow": value,
      "aria-valuemin": -99,
      "aria-valuemax": 99,
      "aria-valuetext": `${place} = ${shown(value)}`,
    });
  }

  const from = (event: PointerEvent) => {
    const box = plot.getBoundingClientRect();
    const t = (event.clientX - box.left - LEFT) / across.unit + across.low;
    const value = down.low + (height - BOTTOM - (event.clientY - box.top)) / down.unit;
    const k = Math.max(0, Math.min(points.length - 1, Math.round((t - start()) / wide())));
    const fine = discrete() ? grain() : 0.01;
    return [k, Math.round(value / fine) * fine] as const;
  };
  /** The points between the last and this one lie on the line from pen to pen: a quick stroke leaves none out. */
  const stroke = (event: PointerEvent, release: boolean) => {
    const [k, value] = from(event);
    const level = Math.max(down.low, Math.min(down.high, value));
    const before = last ?? k;
    const old = before === k ? level : (fresh()[before] ?? level);
    const part = (i: number) => (i === k ? 1 : (i - before) / (k - before));
    const next = fresh().map((each, i) =>
      (i - before) * (i - k) <= 0 ? +(old + (level - old) * part(i)).toFixed(3) + 0 : each,
    );
    at = k;
    last = k;
    actions.draw(role, next, release);
  };
  listen(
    plot,
    "pointerdown",
    (event) => {
      if (event.button) return;
      plot.setPointerCapture?.(event.pointerId);
      last = from(event)[0];
      stroke(event, false);
    },
    signal,
  );
  listen(
    plot,
    "pointermove",
    (event) => {
      if (last !== undefined) stroke(event, false);
    },
    signal,
  );
  listen(
    plot,
    ["pointerup", "pointercancel"],
    () => {
      if (last === undefined) return;
      last = undefined;
      actions.draw(role, points, true);
      paint();
    },
    signal,
  );
  listen(
    plot,
    "keydown",
    (event) => {
      if (event.altKey || event.ctrlKey || event.metaKey) return;
      const step = event.shiftKey ? grain() / 5 : grain();
      const side = { ArrowLeft: -1, ArrowRight: 1, Home: -points.length, End: points.length }[event.key];
      const up = { ArrowUp: step, ArrowDown: -step }[event.key];
      if (side === undefined && up === undefined) return;
      event.preventDefault();
      event.stopPropagation();
      if (side) {
        at = Math.max(0, Math.min(points.length - 1, at + side));
        paint();
      } else {
        // A key may leave the axis that a finger can't; it widens.
        const value = +((fresh()[at] ?? 0) + (up ?? 0)).toFixed(3) + 0;
        const next = points.map((each, i) => (i === at ? Math.max(-99, Math.min(99, value)) : each));
        actions.draw(role, next, true);
      }
    },
    signal,
  );
  listen(choice, "change", () => actions.choose(role, choice.value), signal);

  return {
    element,
    choice,
    resize(w: number, h: number) {
      if (w === width && h === height) return;
      [width, height] = [w, h];
      paint();
    },
    update(next: Traits) {
      traits = next;
      const shape = JSON.stringify([next[role], next.kind, samplesOf(next, role), next.centred]);
      if (shape === drawn) return;
      drawn = shape;
      points = pointsOf(next[role], own(), next.kind);
      choice.value = next[role];
      count.hidden = next[role] !== OWN || next.kind !== "discrete";
      write(title.firstElementChild as Element, letter);
      paint();
    },
  };
}
