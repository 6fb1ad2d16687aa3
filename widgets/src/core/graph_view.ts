/**
 * A graph of cards and arrows that can be zoomed, panned and walked by keyboard. It knows where things stand and how
 * they are drawn; what a card says and how an arrow looks is asked from the widget at every paint.
 */

import { button, html, listen, set, svg, write } from "./dom";

export interface Card {
  id: string;
  label: string;
  symbol: string | null;
  badge: string | null;
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
  lines: { name?: string; text: string; class?: string; title?: string }[];
  /** What a screen reader says of the card. */
  description: string;
  /** Whether the card can be pressed. */
  action?: boolean;
}

export interface GraphView {
  element: HTMLElement;
  draw(cards: readonly Card[], arrows: readonly Arrow[], lines: number, characters: number): void;
  paint(face: (id: string) => CardFace, arrow: (id: string) => string): void;
  /** Bring a card into sight if it is out of it. */
  reveal(id: string): void;
  /** The whole graph as a drawing that stands alone: what shows, with its styles inlined. */
  snapshot(): SVGSVGElement;
}

interface Drawn {
  group: SVGGElement;
  texts: [SVGTextElement | null, SVGTextElement][];
  x: number;
  y: number;
}

const LINE = 22;
const MARGIN = 10;
const INLINED = [
  "fill,stroke,stroke-width,stroke-dasharray,font-family,font-size,font-style,font-weight",
  "letter-spacing,text-anchor,opacity,visibility,display",
]
  .join()
  .split(",");

export function graphView(label: string, signal: AbortSignal, press: (id: string) => void): GraphView {
  const arrowLayer = svg("g", { "aria-hidden": "true" });
  const cardLayer = svg("g");
  const world = svg("g", { class: "sg-world" }, arrowLayer, cardLayer);
  const stage = svg("svg", { role: "group", "aria-label": label }, world);
  const cards = new Map<string, Drawn>();
  const arrows = new Map<string, SVGGElement>();
  let order: string[] = [];
  let width = 132;
  let height = 56;
  let gap = 56;
  let extent = [0, 0] as [number, number];
  let view = [500, 200] as [number, number];
  let [k, tx, ty] = [1, 0, 0];
  let moved = false;
  let again: (() => void) | null = null;

  const place = (smooth = false) => {
    world.classList.toggle("sg-smooth", smooth);
    world.style.transform = `translate(${tx.toFixed(1)}px,${ty.toFixed(1)}px) scale(${k.toFixed(3)})`;
  };
  const fitting = () => Math.min(1, view[0] / extent[0], view[1] / extent[1]);
  const frame = (scale = fitting()) => {
    k = scale;
    tx = Math.max(0, (view[0] - extent[0] * k) / 2);
    ty = Math.max(0, (view[1] - extent[1] * k) / 2);
    moved = false;
    place();
  };
  const zoom = (factor: number, x = view[0] / 2, y = view[1] / 2) => {
    const next = Math.min(4, Math.max(Math.min(0.1, fitting()), k * factor));
    tx = x - ((x - tx) * next) / k;
    ty = y - ((y - ty) * next) / k;
    k = next;
    moved = true;
    place();
  };
  const pan = (dx: number, dy: number) => {
    tx += dx;
    ty += dy;
    moved = true;
    place();
  };
  const measure = () => {
    const w = element.clientWidth || 500;
    // Narrow places get narrow gaps before they get small letters.
    const wanted = w < 480 ? 30 : 56;
    if (wanted !== gap && again) {
      gap = wanted;
      again();
      return;
    }
    const tall = Math.min(440, Math.max(150, extent[1] * Math.min(1, Math.max(0.5, w / extent[0]))));
    view = [w, Math.round(tall)];
    set(stage, { width: w, height: view[1] });
    if (!moved) frame(Math.max(fitting(), 0.4));
  };

  const zooms = html(
    "div",
    { class: "sg-zoom", role: "group", "aria-label": "Zoom" },
    button({ text: "−" }, "Zoom out", signal, () => zoom(1 / 1.3)),
    button({ icon: "M1 4V1h4M9 1h4v3M13 8v3H9M5 11H1V8" }, "Whole graph", signal, () => frame()),
    button({ text: "+" }, "Zoom in", signal, () => zoom(1.3)),
  );
  const element = html("div", { class: "sg-graph" }, stage, zooms);

  if (typeof ResizeObserver === "function") {
    const observer = new ResizeObserver(() => {
      if (element.clientWidth && element.clientWidth !== view[0]) measure();
    });
    observer.observe(element);
    signal.addEventListener("abort", () => observer.disconnect(), { once: true });
  }

  listen(
    stage,
    "wheel",
    (event) => {
      if (!event.ctrlKey && !event.metaKey && !stage.contains(document.activeElement)) return;
      event.preventDefault();
      const box = stage.getBoundingClientRect();
      zoom(Math.exp(-event.deltaY / 300), event.clientX - box.left, event.clientY - box.top);
    },
    signal,
    { passive: false },
  );

  let hold: { x: number; y: number; dragging: boolean } | null = null;
  listen(
    stage,
    "pointerdown",
    (event) => {
      if (!event.button) hold = { x: event.clientX, y: event.clientY, dragging: false };
    },
    signal,
  );
  listen(
    stage,
    "pointermove",
    (event) => {
      if (!hold) return;
      const dx = event.clientX - hold.x;
      const dy = event.clientY - hold.y;
      if (!hold.dragging && Math.hypot(dx, dy) < 4) return;
      if (!hold.dragging) stage.setPointerCapture(event.pointerId);
      hold = { x: event.clientX, y: event.clientY, dragging: true };
      pan(dx, dy);
    },
    signal,
  );
  listen(
    stage,
    ["pointerup", "pointercancel"],
    () => {
      // The click that ends a drag comes after this: let it see that it was one.
      setTimeout(() => {
        hold = null;
      });
    },
    signal,
  );

  const idOf = (target: EventTarget | null) =>
    (target as Element | null)?.closest?.<SVGGElement>("[data-node]")?.dataset.node;
  listen(
    stage,
    "click",
    (event) => {
      const id = idOf(event.target);
      if (id && !hold?.dragging) press(id);
    },
    signal,
  );
  listen(
    stage,
    "focusin",
    (event) => {
      const id = idOf(event.target);
      if (!id) return;
      for (const [other, { group }] of cards) set(group, { tabindex: other === id ? 0 : -1 });
      reveal(id);
    },
    signal,
  );
  listen(
    stage,
    "keydown",
    (event) => {
      const id = idOf(event.target);
      if (event.ctrlKey || event.metaKey || event.altKey || !id) return;
      const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
      const shift = { ArrowUp: [0, 60], ArrowDown: [0, -60], ArrowLeft: [60, 0], ArrowRight: [-60, 0] }[event.key];
      if (event.shiftKey && shift) pan(shift[0] as number, shift[1] as number);
      else if (step) cards.get(order[order.indexOf(id) + step] ?? "")?.group.focus();
      else if (event.key === "Enter") press(id);
      else if (event.key === "+" || event.key === "=") zoom(1.3);
      else if (event.key === "-") zoom(1 / 1.3);
      else if (event.key === "0") frame();
      else return;
      event.preventDefault();
      event.stopPropagation();
    },
    signal,
  );

  const reveal = (id: string) => {
    const card = cards.get(id);
    if (!card) return;
    const left = card.x * k + tx;
    const top = card.y * k + ty;
    if (left >= 0 && top >= 0 && left + width * k <= view[0] && top + height * k <= view[1]) return;
    tx = view[0] / 2 - (card.x + width / 2) * k;
    ty = view[1] / 2 - (card.y + height / 2) * k;
    place(true);
  };

  function draw(nodes: readonly Card[], links: readonly Arrow[], lines: number, characters: number): void {
    again = () => draw(nodes, links, lines, characters);
    height = 12 + LINE * lines;
    const room = (card: Card) => 40 + 9 * card.label.length + 8 * (card.symbol?.length ?? 0) + 7.6 * characters;
    width = Math.round(Math.min(210, Math.max(112, ...nodes.map(room))));
    const rowGap = nodes.some((card) => card.badge) ? 34 : 22;
    const px = (x: number) => MARGIN + x * (width + gap);
    const py = (y: number) => MARGIN + y * (height + rowGap);
    extent = [
      px(Math.max(0, ...nodes.map((card) => card.x))) + width + MARGIN,
      py(Math.max(0, ...nodes.map((card) => card.y))) + height + rowGap,
    ];

    order = nodes.map((card) => card.id);
    cards.clear();
    cardLayer.replaceChildren(
      ...nodes.map((card, i) => {
        const texts = Array.from({ length: lines }, (_, line): [SVGTextElement | null, SVGTextElement] => {
          const y = 1 + LINE * (line + 1);
          return [
            line ? svg("text", { x: 14, y }) : null,
            svg("text", { class: "v", x: width - 12, y, "text-anchor": "end" }),
          ];
        });
        const group = svg(
          "g",
          { "data-node": card.id, tabindex: i ? -1 : 0, transform: `translate(${px(card.x)},${py(card.y)})` },
          svg("rect", { width, height, rx: 8 }),
          svg(
            "text",
            { class: "m", x: 14, y: 1 + LINE },
            card.label,
            card.symbol ? svg("tspan", { class: "op", dx: 7 }, card.symbol) : null,
          ),
          ...texts.flat(),
          card.badge
            ? svg("text", { class: "badge", x: width / 2, y: height + 17, "text-anchor": "middle" }, card.badge)
            : null,
          svg("title"),
        );
        cards.set(card.id, { group, texts, x: px(card.x), y: py(card.y) });
        return group;
      }),
    );

    // Arrows that meet at a card meet side by side, in the order in which they come.
    const port = (arrow: Arrow, end: "from" | "to") => {
      const near = (other: Arrow) => (end === "to" ? other.points.at(-2) : other.points[1])?.[1] ?? 0;
      const beside = links.filter((other) => other[end] === arrow[end]);
      const rank = beside.sort((a, b) => near(a) - near(b)).indexOf(arrow);
      const pitch = Math.min(18, (height - 16) / beside.length);
      return (rank - (beside.length - 1) / 2) * pitch;
    };
    arrows.clear();
    arrowLayer.replaceChildren(
      ...links.map((arrow) => {
        const points = arrow.points;
        const [first, end] = [points[0] as [number, number], points.at(-1) as [number, number]];
        let [x, y] = [px(first[0]) + width, py(first[1]) + height / 2 + port(arrow, "from")];
        const [tail, tailY] = [x, y];
        let path = `M${x} ${y}`;
        const curve = (toX: number, toY: number) => {
          const d = (toX - x) / 2;
          path += `C${x + d} ${y} ${toX - d} ${toY} ${toX} ${toY}`;
        };
        for (const [column, row] of points.slice(1, -1)) {
          const middle = py(row) + height / 2;
          curve(px(column), middle);
          path += `H${px(column) + width}`;
          [x, y] = [px(column) + width, middle];
        }
        const [head, headY] = [px(end[0]), py(end[1]) + height / 2 + port(arrow, "to")];
        curve(head - 1, headY);
        const group = svg(
          "g",
          { "data-edge": arrow.id },
          svg("path", { class: "line", d: path }),
          svg("path", { class: "head", d: `M${head - 10} ${headY - 4.5}L${head - 1} ${headY}l-9 4.5z` }),
          svg("path", { class: "tail", d: `M${tail + 11} ${tailY - 5.5}L${tail + 1} ${tailY}l10 5.5z` }),
        );
        arrows.set(arrow.id, group);
        return group;
      }),
    );
    moved = false;
    measure();
  }

  return {
    element,
    draw,
    reveal,
    paint(face, arrow) {
      for (const [id, { group, texts }] of cards) {
        const { class: name, lines, description, action } = face(id);
        const lit = group.classList.contains("lit") ? " lit" : "";
        set(group, { class: `sg-card ${name}${lit}`, role: action ? "button" : "img", "aria-label": description });
        write(
          group.lastChild as Element,
          lines
            .map((line) => line.title)
            .filter(Boolean)
            .join("\n"),
        );
        texts.forEach(([key, value], i) => {
          const line = lines[i];
          if (!line) return;
          const room = Math.floor((width - 30 - (key ? 22 : 34)) / 7.6);
          write(value, line.text);
          set(value, { class: `v ${line.class ?? ""}${line.text.length > room ? " small" : ""}` });
          if (!key) return;
          write(key, line.name ?? "");
          set(key, { class: `k ${line.class ?? ""}` });
        });
      }
      for (const [id, group] of arrows) {
        const name = arrow(id);
        const lit = group.classList.contains("lit") ? " lit" : "";
        // The present arrow lies over the others.
        if (name && !group.classList.contains("on")) arrowLayer.append(group);
        set(group, { class: `sg-arrow ${name}${name && " on"}${lit}` });
      }
    },
    snapshot() {
      const copy = stage.cloneNode(true) as SVGSVGElement;
      const originals = stage.querySelectorAll("*");
      copy.querySelectorAll("*").forEach((element, i) => {
        const style = getComputedStyle(originals[i] as Element);
        const inline = INLINED.map((name) => `${name}:${style.getPropertyValue(name)}`).join(";");
        set(element, { style: inline, class: null, tabindex: null, role: null, "data-node": null, "data-edge": null });
      });
      const [w, h] = extent.map(Math.round) as [number, number];
      set(copy, { xmlns: "http://www.w3.org/2000/svg", width: w, height: h, viewBox: `0 0 ${w} ${h}`, role: "img" });
      const page = getComputedStyle(element.closest(".stepgrad") ?? element).backgroundColor;
      copy.prepend(svg("rect", { width: w, height: h, fill: page }));
      return copy;
    },
  };
}
