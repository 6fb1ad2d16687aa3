/**
 * A graph of cards and arrows that can be zoomed, panned and walked by keyboard. It knows where things stand and how
 * they are drawn; what a card says and how an arrow looks is asked from the widget at every paint.
 */

import { button, html, icon, listen, named, set, svg, watchWidth, write } from "./dom";
import { inlined } from "./exporting";

export interface Card {
  id: string;
  label: string;
  symbol: string | null;
  /** Whether it can have a word below. */
  badge: boolean;
  /** Grid units: column, row. */
  x: number;
  y: number;
}

export interface Arrow {
  id: string;
  from: string;
  to: string;
  /** Grid units, through the places that a long arrow was given in the columns between. */
  points: readonly (readonly [number, number])[];
}

export interface CardFace {
  class: string;
  /** The first line stands beside the label; the others have names of their own. */
  lines: { name: string; text: string; class: string }[];
  /** The word below. */
  badge: string;
  /** What a screen reader says of the card; asked when the card has changed. */
  description(): string;
}

const LINE = 22;
const MARGIN = 6;
/** The gaps between columns and between rows, and those where there is no room for the usual ones. */
const GAPS = [
  [56, 22],
  [26, 10],
] as const;
/** What a row needs more where words stand below its cards. */
const WORD = 12;
/** The width of a digit in a card. */
const DIGIT = 7.6;
/** How much of the window's height a graph takes at most, so that what steers it stays in sight. */
const SHARE = 0.42;
/** No whole graph is drawn smaller, on a telephone and elsewhere: the present card is followed instead. */
const least = (width: number) => (width < 500 ? 0.5 : 0.25);

export function graphView(label: string, signal: AbortSignal, press: (id: string) => void) {
  const arrowLayer = svg("g", { "aria-hidden": "true" });
  const cardLayer = svg("g");
  const world = svg("g.sg-world", arrowLayer, cardLayer);
  const stage = svg("svg", named(label), world);
  const cards = new Map<
    string,
    { group: SVGGElement; lines: SVGTextElement[][]; below: SVGTextElement; x: number; y: number }
  >();
  const arrows = new Map<string, SVGGElement>();
  const painted = new WeakMap<Element, string>();
  let draw = (_tight: boolean) => {};
  let [width, height, wide, high] = [0, 0, 1, 1];
  let [viewWidth, viewHeight] = [0, 0];
  let [k, tx, ty] = [1, 0, 0];
  let present = "";

  const place = (smooth = false) => {
    set(world, { class: `sg-world ${smooth ? "sg-smooth" : ""}` });
    world.style.transform = `translate(${tx.toFixed(1)}px,${ty.toFixed(1)}px) scale(${k.toFixed(3)})`;
  };
  /** The offset nearest to the wished one that leaves no empty place beside a large graph; a small one is centred. */
  const held = (wish: number, view: number, size: number) =>
    size * k < view ? (view - size * k) / 2 : Math.min(0, Math.max(view - size * k, wish));
  const fitting = () => Math.min(1, viewWidth / wide, viewHeight / high);
  const whole = (scale = fitting()) => {
    k = scale;
    tx = held(0, viewWidth, wide);
    ty = held(0, viewHeight, high);
    place();
  };
  const zoom = (factor: number, x = viewWidth / 2, y = viewHeight / 2) => {
    const next = Math.min(4, Math.max(Math.min(0.2, fitting()), k * factor));
    tx = x - ((x - tx) * next) / k;
    ty = y - ((y - ty) * next) / k;
    k = next;
    place();
  };
  const pan = (dx: number, dy: number) => {
    tx += dx;
    ty += dy;
    place();
  };
  const nearer = () => {
    zoom(1.3);
    reveal(present);
  };
  const farther = () => zoom(1 / 1.3);
  /** Draw all of it in the room there is. Narrow places get narrow gaps before they get small letters. */
  const measure = () => {
    viewHeight = Math.max(220, SHARE * innerHeight);
    draw(false);
    if (fitting() < 1) draw(true);
    const scale = Math.max(least(viewWidth), fitting());
    viewHeight = Math.round(Math.min(viewHeight, high * scale));
    set(stage, { width: viewWidth, height: viewHeight });
    whole(scale);
    reveal(present);
  };

  const element = html(
    "div.sg-graph",
    stage,
    html(
      "div.sg-row.sg-zoom",
      named("Zoom"),
      button("−", "Zoom out", signal, farther),
      button(icon("M1 4V1h4M9 1h4v3M13 8v3H9M5 11H1V8"), "Whole graph", signal, () => whole()),
      button("+", "Zoom in", signal, nearer),
    ),
  );

  const reveal = (id: string) => {
    const card = cards.get(id);
    if (!card) return;
    const left = card.x * k + tx;
    const top = card.y * k + ty;
    if (left >= 0 && top >= 0 && left + width * k <= viewWidth && top + height * k <= viewHeight) return;
    tx = held(viewWidth / 2 - (card.x + width / 2) * k, viewWidth, wide);
    ty = held(viewHeight / 2 - (card.y + height / 2) * k, viewHeight, high);
    place(true);
  };

  const idOf = (event: Event) => (event.target as Element).closest<SVGGElement>("[data-node]")?.dataset.node;
  let drag = Number.NaN;
  listen(
    stage,
    "wheel",
    (event) => {
      if (!event.ctrlKey && !event.metaKey && !stage.contains(document.activeElement)) return;
      event.preventDefault();
      const box = stage.getBoundingClientRect();
      zoom(Math.exp(-event.deltaY / 300), event.clientX - box.x, event.clientY - box.y);
    },
    signal,
  );
  listen(
    stage,
    ["pointerdown", "pointermove"],
    (event) => {
      if (event.type === "pointerdown") drag = 0;
      else if (event.buttons === 1 && drag >= 0) {
        drag += Math.abs(event.movementX) + Math.abs(event.movementY);
        // A hand that trembles on a card still presses it.
        if (drag < 5) return;
        stage.setPointerCapture(event.pointerId);
        pan(event.movementX, event.movementY);
      }
    },
    signal,
  );
  listen(
    stage,
    ["click", "focusin"],
    (event) => {
      const id = idOf(event);
      if (!id) return;
      if (event.type === "click") return drag >= 5 || press(id);
      // One tab stop: the card that had the focus last.
      for (const [other, { group }] of cards) set(group, { tabindex: other === id ? 0 : -1 });
      reveal(id);
    },
    signal,
  );
  listen(
    stage,
    "keydown",
    (event) => {
      const id = idOf(event);
      if (!id || event.ctrlKey || event.metaKey) return;
      const walk = (by: number) => () => {
        const all = [...cards.values()];
        all[all.indexOf(cards.get(id) as (typeof all)[0]) + by]?.group.focus();
      };
      const keys: Record<string, () => void> = event.shiftKey
        ? {
            ArrowUp: () => pan(0, 60),
            ArrowDown: () => pan(0, -60),
            ArrowLeft: () => pan(60, 0),
            ArrowRight: () => pan(-60, 0),
            "+": nearer,
          }
        : {
            ArrowUp: walk(-1),
            ArrowDown: walk(1),
            Enter: () => press(id),
            "+": nearer,
            "-": farther,
            "0": () => whole(),
          };
      const act = keys[event.key];
      if (!act) return;
      event.preventDefault();
      event.stopPropagation();
      act();
    },
    signal,
  );

  watchWidth(element, signal, (now) => {
    if (now === viewWidth) return;
    viewWidth = now;
    measure();
  });

  return {
    element,
    /** Follow a card: it stays in sight from now on. */
    follow(id: string) {
      present = id;
      reveal(id);
    },
    /**
     * Draw a graph whose cards have so many lines, with room for so many characters of numbers. Says how wide it is
     * where gaps are narrow.
     */
    draw(nodes: readonly Card[], links: readonly Arrow[], count: number, characters: number): number {
      height = 12 + LINE * count;
      width = 112;
      for (const { label, symbol } of nodes)
        width = Math.max(width, 40 + 9 * label.length + 8 * (symbol ?? "").length + DIGIT * characters);
      width = Math.round(Math.min(width, 210));
      const word = nodes.some((card) => card.badge) ? WORD : 0;
      cards.clear();
      for (const { id, label, symbol } of nodes) {
        const lines = Array.from({ length: count }, (_, i) => {
          const at = 1 + LINE * (i + 1);
          return [
            svg("text.m", { x: 14, y: at }, !i && label, !i && svg("tspan.op", { dx: 7 }, symbol)),
            svg("text", { x: width - 12, y: at, "text-anchor": "end" }),
          ];
        });
        const below = svg("text.badge", { x: width / 2, y: height + 17, "text-anchor": "middle" });
        const group = svg(
          "g",
          { "data-node": id, tabindex: cards.size ? -1 : 0 },
          svg("rect", { width, height, rx: 8 }),
          ...lines.flat(),
          below,
        );
        cards.set(id, { group, lines, below, x: 0, y: 0 });
      }
      cardLayer.replaceChildren(...[...cards.values()].map((card) => card.group));

      // Arrows that meet at a card meet side by side, in the order in which they come.
      const port = (arrow: Arrow, end: "from" | "to") => {
        const near = ({ points }: Arrow) => points.at(end === "to" ? -2 : 1)?.[1] ?? 0;
        const beside = links.filter((other) => other[end] === arrow[end]).sort((a, b) => near(a) - near(b));
        const pitch = Math.min(18, (height - 16) / beside.length);
        return height / 2 + (beside.indexOf(arrow) - (beside.length - 1) / 2) * pitch;
      };
      const ports = links.map((arrow) => [port(arrow, "from"), port(arrow, "to")] as const);
      arrows.clear();
      for (const { id } of links)
        arrows.set(id, svg("g", { "data-edge": id }, svg("path.line"), svg("path.head"), svg("path.tail")));
      arrowLayer.replaceChildren(...arrows.values());

      const last = Math.max(...nodes.map((card) => card.x));
      const lowest = Math.max(...nodes.map((card) => card.y));
      const across = (tight: boolean) => 2 * MARGIN + last * (width + GAPS[+tight]![0]) + width;
      draw = (tight) => {
        const [gap, apart] = GAPS[+tight]!;
        const px = (x: number) => MARGIN + x * (width + gap);
        const py = (y: number) => MARGIN + y * (height + apart + word);
        wide = across(tight);
        high = py(lowest) + height + word + 2 * MARGIN;
        for (const { id, x, y } of nodes) {
          const card = cards.get(id);
          if (!card) continue;
          card.x = px(x);
          card.y = py(y);
          set(card.group, { transform: `translate(${card.x},${card.y})` });
        }
        links.forEach(({ id, from, to, points }, i) => {
          const [leave, enter] = ports[i]!;
          // Its ends are where the cards stand; the points say which way it goes between.
          const [start, end] = [cards.get(from)!, cards.get(to)!];
          const [x0, y0] = [start.x + width, start.y + leave];
          let [x, y] = [x0, y0];
          let path = `M${x} ${y}`;
          const bend = (toX: number, toY: number) => {
            const half = (toX - x) / 2;
            path += `C${x + half} ${y} ${toX - half} ${toY} ${toX} ${toY}`;
            [x, y] = [toX, toY];
          };
          for (const [column, row] of points.slice(1, -1)) {
            bend(px(column), py(row) + height / 2);
            x += width;
            path += `L${x} ${y}`;
          }
          bend(end.x - 1, end.y + enter);
          const shapes = [path, `M${x - 9} ${y - 4}L${x} ${y}l-9 4z`, `M${x0 + 10} ${y0 - 5}L${x0 + 1} ${y0}l9 5z`];
          shapes.forEach((d, j) => void set(arrows.get(id)?.children[j] as Element, { d }));
        });
      };
      viewWidth = element.clientWidth || 500;
      measure();
      return across(true);
    },
    paint(face: (id: string) => CardFace, arrow: (id: string) => string) {
      for (const [id, { group, lines, below }] of cards) {
        const now = face(id);
        const key = JSON.stringify(now);
        if (painted.get(group) === key) continue;
        painted.set(group, key);
        set(group, {
          class: `sg-card ${now.class}`,
          role: "img",
          "aria-label": now.description(),
        });
        write(below, now.badge);
        lines.forEach(([key, value], i) => {
          const line = now.lines[i];
          if (!line || !key || !value) return;
          const small = line.text.length > (width - 56) / DIGIT && "small";
          write(value, line.text);
          set(value, { class: `${line.class} ${small || ""}` });
          if (!i) return;
          write(key, line.name);
          set(key, { class: `k ${line.class}` });
        });
      }
      for (const [id, group] of arrows) {
        const name = arrow(id);
        // The present arrows lie over the others.
        if (name && !group.matches(".on")) arrowLayer.append(group);
        set(group, { class: `sg-arrow ${name && `on ${name}`}` });
      }
    },
    /** The whole graph as a drawing that stands alone, with the styles it has here inlined. */
    snapshot(): SVGSVGElement {
      const copy = inlined(stage);
      set(copy, { xmlns: "http://www.w3.org/2000/svg", width: wide, height: high, viewBox: `0 0 ${wide} ${high}` });
      const page = getComputedStyle(element.closest(".stepgrad") as Element).backgroundColor;
      copy.prepend(svg("rect", { width: wide, height: high, fill: page }));
      return copy;
    },
  };
}
