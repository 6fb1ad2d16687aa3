/** The picture: signal and kernel above, their product in the middle, what comes out below; all over the same axis. */

import { atEnd, listen, set, svg, write } from "../core/dom";
import {
  at,
  type Bell,
  type Curve,
  outline,
  outputAt,
  placeOf,
  type Signal,
  type Slide,
  type Term,
  terms,
  timeOf,
} from "../math/signals";
import { mark, marks, path, px, type Scale, scale } from "./axes";
import { lastOf, placeAt, SLIDING, type Traits } from "./traits";
import { inputName, kernelWords, outputName, shown } from "./words";

/** The kernel's pose: turned by 1 … −1, and shifted. */
interface Pose {
  turn: number;
  shift: number;
}

export interface Shown {
  found: Slide;
  traits: Traits;
  bell: Bell | null;
  /** A curve from before, to compare with. */
  ghost: Curve | null;
  /** Leave out what is to be predicted here. */
  hidden: boolean;
}

const PANELS = { input: [22, 138], product: [188, 258], output: [284, 384] } as const;
const [LEFT, RIGHT, HEIGHT] = [40, 14, 406];
const TURNING = 600;
const INLINED = "fill stroke stroke-width stroke-dasharray font text-anchor visibility".split(" ");

type Panel = keyof typeof PANELS;
type Points = [number, number][];

const range = (values: Iterable<number>): [number, number] => {
  let [low, high] = [0, 0];
  for (const value of values) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return [low, high];
};

const stem = (x: number, zero: number, y: number) => `M${px(x)} ${px(zero)}V${px(y)}`;
export const dot = (x: number, y: number) => `M${px(x - 4)} ${px(y)}a4 4 0 1 0 8 0a4 4 0 1 0-8 0`;
export const square = (x: number, y: number) => `M${px(x - 4)} ${px(y - 4)}h8v8h-8z`;

/** The points of a signal's drawing: of a function the outline, of samples the samples. */
function pointsOf(signal: Signal, name: string | null, own: readonly number[]): Points {
  if (signal.step === 1) return signal.values.map((value, i) => [signal.first + i, value]);
  if (name) return outline(name, own);
  const [a, b] = signal.shown;
  return signal.values
    .map((value, i): [number, number] => [(signal.first + i + 0.5) * signal.step, value])
    .filter(([t]) => t >= a && t <= b);
}

export function stageView(seek: (place: number, release: boolean) => void, signal: AbortSignal) {
  const id = `sg-hatch-${Math.random().toString(36).slice(2)}`;
  const hatch = svg(
    "pattern",
    { id, width: 5, height: 5, patternUnits: "userSpaceOnUse", patternTransform: "rotate(-45)" },
    svg("path.sg-hatch", { d: "M0 0V5" }),
  );
  const frame = svg("g");
  const pieces = {
    above: svg("path.sg-above"),
    below: svg("path.sg-below", { style: `fill:url(#${id})` }),
    product: svg("path.sg-product"),
    x: svg("path.sg-x"),
    xHeads: svg("path.sg-x.sg-head"),
    w: svg("path.sg-w"),
    wHeads: svg("path.sg-w.sg-hollow"),
    ghost: svg("path.sg-ghost"),
    bell: svg("path.sg-bell"),
    y: svg("path.sg-y"),
    yHeads: svg("path.sg-y.sg-head"),
    line: svg("path.sg-now"),
    origin: svg("path.sg-origin"),
    point: svg("circle.sg-point", { r: 5.5 }),
  };
  const numbers = svg("g.sg-numbers");
  const kernelName = svg("tspan.sg-key-name");
  const titles = { input: svg("text.sg-title"), product: svg("text.sg-title"), output: svg("text.sg-title") };
  const element = svg(
    "svg.sg-plot",
    { tabindex: 0, role: "slider", "aria-valuemin": 0, height: HEIGHT },
    svg("defs", hatch),
    frame,
    ...Object.values(titles),
    ...Object.values(pieces),
    numbers,
  );
  let width = 0;
  let now: Shown | undefined;
  let built: Slide | undefined;
  let builtWidth = 0;
  let [inputPoints, kernelPoints]: [Points, Points] = [[], []];
  let across: Scale;
  let down: Record<Panel, Scale>;
  let pose: Pose = { turn: 1, shift: 0 };
  let flight: { from: Pose; to: Pose; start: number } | undefined;
  let request = 0;

  const later = () => {
    request ||= requestAnimationFrame(() => {
      request = 0;
      paint();
    });
  };
  atEnd(signal, () => cancelAnimationFrame(request));

  // What changes with the signals ---------------------------------------------------------------------------------------

  function build({ found, traits, bell, ghost }: Shown): void {
    built = found;
    builtWidth = width;
    const { input, kernel, output, kind, again } = found;
    const discrete = kind === "discrete";
    inputPoints = pointsOf(input, again ? null : traits.signal, traits.signal_samples);
    kernelPoints = pointsOf(kernel, traits.kernel, traits.kernel_samples);
    const last = timeOf(found, found.count - 1);
    const [a, b] = found.slid.shown;
    const ends = [...input.shown, ...kernel.shown, a, b, timeOf(found, 0) + a, last + b, timeOf(found, 0), last];
    if (ghost) ends.push(ghost.first * ghost.step, (ghost.first + ghost.values.length) * ghost.step);
    const room = discrete ? 0.6 : 0.1;
    across = scale(Math.min(...ends) - room, Math.max(...ends) + room, LEFT, width - RIGHT);
    const heights: Record<Panel, [number, number]> = {
      input: range([...inputPoints, ...kernelPoints].map(([, value]) => value)),
      product: range(products(found)),
      output: range([...output.values, ...(bell ? [bell.of(bell.mean)] : []), ...(ghost?.values ?? [])]),
    };
    const made = Object.entries(PANELS).map(([name, [top, bottom]]) => {
      const [low, high] = heights[name as Panel];
      const spare = (high - low || 1) * 0.06;
      return [name, scale(low - (low < 0 ? spare : 0), high + spare || 1, bottom, top)];
    });
    down = Object.fromEntries(made) as typeof down;
    set(element, { width, viewBox: `0 0 ${width} ${HEIGHT}` });
    frame.replaceChildren(...grid(discrete));
    const x = inputName(traits);
    titles.input.replaceChildren(...legend(x, discrete));
    write(titles.output, `${width > 460 ? "what comes out, " : ""}${outputName(traits)}${discrete ? "[n]" : "(t)"}`);
    for (const [name, title] of Object.entries(titles)) set(title, { x: LEFT, y: PANELS[name as Panel][0] - 9 });
    const zero = down.input(0);
    set(pieces.x, {
      d: discrete
        ? inputPoints.map(([m, value]) => stem(across(m) - 5, zero, down.input(value))).join("")
        : path(inputPoints.map(([t, value]) => [across(t), down.input(value)])),
    });
    const heads = discrete ? inputPoints.map(([m, value]) => dot(across(m) - 5, down.input(value))) : [];
    set(pieces.xHeads, { d: heads.join("") });
    set(pieces.ghost, { d: ghost ? curve(ghost, ghost.first, ghost.first + ghost.values.length - 1, true) : "" });
    const spread = Array.from({ length: 201 }, (_, i) => across.low + ((across.high - across.low) * i) / 200);
    set(pieces.bell, { d: bell ? path(spread.map((t) => [across(t), down.output(bell.of(t))])) : "" });
    set(element, { "aria-valuemax": lastOf(found), "data-kind": kind });
  }

  function* products(found: Slide): Generator<number> {
    const every = found.kind === "discrete" ? 1 : 6;
    for (let k = 0; k < found.count; k += every)
      for (const { product } of terms(found, placeOf(found, k))) yield product;
  }

  /** What the lines above are, in the order of the picture. */
  function legend(x: string, discrete: boolean) {
    return [
      svg("tspan.sg-key-x", discrete ? "● " : "━ "),
      svg("tspan", `${x}${discrete ? "[m]" : "(τ)"}   `),
      svg("tspan.sg-key-w", discrete ? "□ " : "╍ "),
      kernelName,
    ];
  }

  /** Axes with their marks, in each of the panels. */
  function grid(discrete: boolean): Element[] {
    const [left, right] = [LEFT, width - RIGHT];
    const parts: Element[] = [];
    const most = (right - left) / (discrete ? 34 : 48);
    let times = marks(across.low, across.high, most);
    times = times.filter((t) => across(t) < right - 14 && (!discrete || Number.isInteger(t)));
    for (const [name, [top, bottom]] of Object.entries(PANELS)) {
      const y = down[name as Panel];
      // Above, there is room for the mark of the kernel's origin.
      const low = name === "input" ? 20 : 14;
      for (const value of marks(y.low, y.high, name === "product" ? 2 : 3)) {
        parts.push(
          svg("path.sg-grid", { d: `M${left} ${px(y(value))}H${right}` }),
          mark(left - 6, y(value), shown(value)),
        );
      }
      parts.push(svg("path.sg-axis", { d: `M${left} ${px(y(0))}H${right}` }));
      for (const t of times)
        if (name === "product") parts.push(svg("path.sg-grid", { d: `M${px(across(t))} ${top}V${bottom}` }));
        else
          parts.push(
            svg("path.sg-grid", { d: `M${px(across(t))} ${top}V${bottom}` }),
            svg("text.sg-mark", { x: px(across(t)), y: bottom + low, "text-anchor": "middle" }, shown(t)),
          );
      if (name !== "product")
        parts.push(
          svg(
            "text.sg-letter",
            { x: right + 2, y: bottom + low, "text-anchor": "middle" },
            discrete ? (name === "input" ? "m" : "n") : name === "input" ? "τ" : "t",
          ),
        );
    }
    return parts;
  }

  // What changes with the place -----------------------------------------------------------------------------------------

  function curve(of: Curve, first: number, last: number, stems = false): string {
    if (of.step < 1)
      return path(
        (function* () {
          for (let i = first; i <= last; i++) yield [across(i * of.step), down.output(at(of, i))] as const;
        })(),
      );
    let line = "";
    for (let i = first; i <= last; i++)
      line += stems
        ? square(across(i), down.output(at(of, i)))
        : stem(across(i), down.output(0), down.output(at(of, i)));
    return line;
  }

  function paint(): void {
    if (!now || !width || signal.aborted) return;
    if (built !== now.found || builtWidth !== width) build(now);
    if (flight) {
      const part = Math.min(1, (performance.now() - flight.start) / TURNING);
      const eased = part * part * (3 - 2 * part);
      const mix = (a: number, b: number) => a + (b - a) * eased;
      pose = { turn: mix(flight.from.turn, flight.to.turn), shift: mix(flight.from.shift, flight.to.shift) };
      if (part < 1) later();
      else flight = undefined;
    }
    const { found, traits, hidden } = now;
    const { position } = traits;
    const discrete = found.kind === "discrete";
    const place = placeAt(found, position);
    const index = placeOf(found, place);
    drawKernel(discrete);
    const name = kernelWords(found, position);
    write(kernelName, name);
    write(titles.product, `${width > 460 ? "product " : ""}${inputName(traits)}${discrete ? "[m]" : "(τ)"} · ${name}`);
    const seen = position >= 3 && !hidden && !flight;
    drawProducts(found, seen ? terms(found, index) : [], discrete);
    drawOutput(found, position, place, hidden || !!flight);
    const x = across(pose.shift);
    const upTo = position >= 4 ? down.output(0) : PANELS.input[1];
    set(pieces.line, { d: position >= 2 ? `M${px(x)} ${PANELS.input[0]}V${px(upTo)}` : "" });
    set(pieces.origin, { d: `M${px(x)} ${px(PANELS.input[1] + 1)}l5 8h-10z` });
    set(element, {
      "aria-valuenow": position,
      "aria-valuetext": position < 2 ? "not shifted yet" : `${discrete ? "n" : "t"} = ${shown(timeOf(found, place))}`,
    });
  }

  function drawKernel(discrete: boolean): void {
    const zero = down.input(0);
    const placed = kernelPoints.map(([t, value]) => [across(pose.turn * t + pose.shift), down.input(value)] as const);
    if (!discrete) {
      set(pieces.w, { d: path(placed) });
      set(pieces.wHeads, { d: "" });
      return;
    }
    set(pieces.w, { d: placed.map(([x, y]) => stem(x + 5, zero, y)).join("") });
    set(pieces.wHeads, { d: placed.map(([x, y]) => square(x + 5, y)).join("") });
  }

  function drawProducts(found: Slide, products: readonly Term[], discrete: boolean): void {
    const y = down.product;
    const zero = y(0);
    const areaOf = (sign: number) => {
      if (!products.length) return "";
      const kept = (product: number) => y(product * sign > 0 ? product : 0);
      if (discrete) {
        const half = Math.min(14, across.unit * 0.3);
        return products
          .filter(({ product }) => product * sign > 0)
          .map(
            ({ m, product }) => `M${px(across(m) - half)} ${px(zero)}V${px(y(product))}h${px(2 * half)}V${px(zero)}z`,
          )
          .join("");
      }
      const step = found.output.step;
      const [start, end] = [products[0]!.m * step, (products.at(-1)!.m + 1) * step];
      // Cells much narrower than a pixel are not all drawn.
      const every = Math.max(1, Math.floor(0.8 / (across.unit * step)));
      const points: (readonly [number, number])[] = [[across(start), zero]];
      products.forEach(({ m, product }, i) => {
        if (i % every === 0) points.push([across((m + 0.5) * step), kept(product)]);
      });
      points[1] = [across(start), points[1]![1]];
      points.push([across(end), kept(products.at(-1)!.product)], [across(end), zero]);
      return path(points);
    };
    const [above, below] = [areaOf(1), areaOf(-1)];
    set(pieces.above, { d: above });
    set(pieces.below, { d: below });
    set(pieces.product, { d: above + below });
    const written = discrete && across.unit >= 30 ? products : [];
    if (written.length || numbers.childElementCount)
      numbers.replaceChildren(
        ...written.map(({ m, product }) =>
          svg(
            "text",
            { x: px(across(m)), y: px(y(product) + (product < 0 ? 11 : -3)), "text-anchor": "middle" },
            shown(product),
          ),
        ),
      );
    if (!discrete && products.length) signsOf(found, products);
  }

  /** A plus in the area above the axis and a minus in that below: no colour speaks alone. */
  function signsOf(found: Slide, products: readonly Term[]): void {
    const step = found.output.step;
    const marked = [1, -1].flatMap((sign) => {
      const own = products.filter(({ product }) => product * sign > 0);
      if (own.length * step * across.unit < 18) return [];
      const middle = own.reduce((a, b) => (Math.abs(b.product) > Math.abs(a.product) ? b : a));
      const height = Math.abs(down.product(middle.product) - down.product(0));
      if (height < 16) return [];
      const weight = own.reduce((sum, { product }) => sum + product, 0);
      const centre = own.reduce((sum, { m, product }) => sum + (m + 0.5) * product, 0) / weight;
      return [
        svg(
          "text",
          { x: px(across(centre * step)), y: px(down.product(middle.product / 2) + 5), "text-anchor": "middle" },
          sign > 0 ? "+" : "−",
        ),
      ];
    });
    numbers.replaceChildren(...marked);
  }

  function drawOutput(found: Slide, position: number, place: number, hidden: boolean): void {
    const { output } = found;
    const discrete = found.kind === "discrete";
    const index = placeOf(found, place);
    const sliding = position >= SLIDING;
    const upTo = hidden && discrete ? index - 1 : index;
    const first = sliding ? placeOf(found, 0) : index;
    set(pieces.y, { d: position >= (discrete ? 4 : SLIDING) ? curve(output, first, upTo) : "" });
    let heads = "";
    if (discrete && sliding) for (let i = first; i <= upTo; i++) heads += dot(across(i), down.output(at(output, i)));
    set(pieces.yHeads, { d: heads });
    const shownPoint = position >= 4 && !hidden;
    set(pieces.point, {
      cx: px(across(index * output.step)),
      cy: px(down.output(outputAt(found, place))),
      visibility: shownPoint ? null : "hidden",
    });
  }

  // Sliding by hand -------------------------------------------------------------------------------------------------------

  let grip: number | undefined;
  const pointer = (event: PointerEvent) => {
    const { left, top } = element.getBoundingClientRect();
    return [event.clientX - left, event.clientY - top] as const;
  };
  /** The place nearest to where the pointer is, less where it took hold of the kernel. */
  const to = (x: number, release: boolean) => {
    if (!now) return;
    const { found } = now;
    const t = (x - (grip ?? 0) - LEFT) / across.unit + across.low;
    const k = Math.round((t / found.output.step - found.first) / found.stride);
    seek(Math.max(0, Math.min(found.count - 1, k)), release);
  };
  listen(
    element,
    "pointerdown",
    (event) => {
      if (event.button || !now) return;
      const [x, y] = pointer(event);
      element.setPointerCapture?.(event.pointerId);
      set(element, { "data-drag": true });
      // Below, the kernel comes to the pointer; above, it is taken hold of.
      grip = y > PANELS.output[0] || now.traits.position < 2 ? 0 : x - across(pose.shift);
      if (!grip) to(x, false);
    },
    signal,
  );
  listen(
    element,
    "pointermove",
    (event) => {
      if (grip !== undefined) to(pointer(event)[0], false);
    },
    signal,
  );
  listen(
    element,
    ["pointerup", "pointercancel"],
    (event) => {
      if (grip === undefined) return;
      if (event.type === "pointerup") to(pointer(event)[0], true);
      grip = undefined;
      set(element, { "data-drag": null });
    },
    signal,
  );

  return {
    element,
    resize(available: number) {
      if (available === width) return;
      width = available;
      later();
    },
    update(next: Shown) {
      const before = now;
      now = next;
      const { found, traits } = next;
      const { position } = traits;
      const target: Pose = {
        turn: position >= 1 && found.flip ? -1 : 1,
        shift: position >= 2 ? timeOf(found, placeAt(found, position)) : 0,
      };
      const still = globalThis.matchMedia?.("(prefers-reduced-motion: reduce)").matches;
      const old = before?.traits.position ?? position;
      const turned = target.turn !== (flight?.to ?? pose).turn;
      const stepped = Math.abs(position - old) === 1 && Math.min(position, old) < SLIDING;
      const moved = target.turn !== pose.turn || target.shift !== pose.shift;
      if (!before || still || !moved) flight = undefined;
      else if (turned || stepped) flight = { from: pose, to: target, start: performance.now() };
      else if (!flight || flight.to.shift !== target.shift) flight = undefined;
      if (!flight) pose = target;
      if (before && (before.bell !== next.bell || before.ghost !== next.ghost)) built = undefined;
      // At once, so that what a key moves is painted in the same frame.
      paint();
    },
    focus: () => element.focus(),
    /** The picture as a drawing that stands alone, with the styles it has here. */
    snapshot(): SVGSVGElement {
      const copy = element.cloneNode(true) as SVGSVGElement;
      const originals = element.querySelectorAll("*");
      copy.querySelectorAll("*").forEach((each, i) => {
        const style = getComputedStyle(originals[i] as Element);
        set(each, { style: INLINED.map((name) => `${name}:${style.getPropertyValue(name)}`).join(";"), class: null });
      });
      for (const name of [...copy.attributes]
        .map((each) => each.name)
        .filter((name) => /^(aria|role|tab|class)/.test(name)))
        copy.removeAttribute(name);
      set(copy, { xmlns: "http://www.w3.org/2000/svg", width, height: HEIGHT });
      const page = getComputedStyle(element.closest(".stepgrad") as Element).backgroundColor;
      copy.prepend(svg("rect", { width, height: HEIGHT, fill: page }));
      return copy;
    },
  };
}
