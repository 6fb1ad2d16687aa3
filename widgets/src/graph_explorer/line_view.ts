/** The order as a line: places 1 … n with a node on each, and the edges as arcs, above if they point forward. */

import { button, html, listen, named, set, svg, watchWidth, write } from "../core/dom";
import { inlined } from "../core/exporting";
import { labelText } from "../math/notation";
import type { Edge } from "../math/orders";

export interface LineActions {
  order(order: string[], release: boolean): void;
  select(label: string): void;
}

const R = 17;

export function lineView(actions: LineActions, signal: AbortSignal) {
  const arcs = svg("g", { "aria-hidden": "true" });
  const chips = svg("g");
  const stage = svg("svg", named("Order of the nodes"), arcs, chips);
  const scroller = html("div.sg-linescroll", stage);
  const earlier = button("← Earlier", "Earlier", signal, () => shift(selected, -1));
  const later = button("Later →", "Later", signal, () => shift(selected, 1));
  const tools = html("div.sg-row.sg-linetools", named("Move the node in hand"), earlier, later);
  const element = html("div.sg-orderline", scroller, tools);
  const groups = new Map<string, SVGGElement>();
  let order: readonly string[] = [];
  let edges: readonly Edge[] = [];
  let selected = "";
  let fixed = false;
  let width = 600;
  let pitch = 60;
  let left = 0;
  let [middle, height] = [100, 200];
  let drag: { label: string; x: number; moved: number } | null = null;

  const at = (place: number) => left + R + 14 + place * pitch;

  function shift(label: string, by: number, release = true): void {
    const from = order.indexOf(label);
    const to = Math.max(0, Math.min(order.length - 1, from + by));
    if (fixed || from < 0 || to === from) return;
    const next = order.filter((other) => other !== label);
    next.splice(to, 0, label);
    actions.order(next, release);
  }

  function measure(): void {
    const n = Math.max(1, order.length - 1);
    pitch = Math.max(42, Math.min(130, (width - 2 * R - 28) / n));
    left = Math.max(0, (width - 2 * R - 28 - (order.length - 1) * pitch) / 2);
    const spans = edges.map(([a, b]) => order.indexOf(b) - order.indexOf(a));
    const rise = (span: number) => Math.min(26 + 15 * (span - 1), 96);
    const up = Math.max(0, ...spans.filter((span) => span > 1).map(rise));
    const down = Math.max(0, ...spans.filter((span) => span < 0).map((span) => rise(-span)));
    middle = R + 10 + up;
    height = middle + R + 22 + (down ? down + 8 : 0);
    set(stage, { width: Math.max(width, at(order.length - 1) + R + 14), height });
    order.forEach((label, place) => {
      const x = drag?.label === label ? drag.x : at(place);
      set(groups.get(label)!, { transform: `translate(${x},${middle})` });
      write(groups.get(label)!.children[2]!, `${place + 1}`);
    });
    const seen = new Map<string, number>();
    const drawn = edges.map(([a, b]) => {
      const [from, to] = [order.indexOf(a), order.indexOf(b)];
      const back = to < from;
      const twin = seen.get(`${a}>${b}`) ?? 0;
      seen.set(`${a}>${b}`, twin + 1);
      if (twin) return svg("g");
      const [x0, x1] = [at(from), at(to)];
      const span = Math.abs(to - from);
      const sign = back ? 1 : -1;
      const top = middle + sign * (R + (span > 1 || back ? rise(span) + 4 : 0));
      if (span === 1 && !back) {
        const end = x1 - R - 2;
        return link(back, `M${x0 + R} ${middle}L${end - 8} ${middle}`, `M${end} ${middle}l-10 -4v8z`, [a, b]);
      }
      const lean = back ? -1 : 1;
      const [sx, ex] = [x0 + lean * R * (back ? 0.75 : 0.5), x1 - lean * R * (back ? 0.75 : 0.5)];
      const drop = R * (back ? 0.66 : 0.87);
      const [sy, ey] = [middle + sign * drop, middle + sign * (drop + 2)];
      const line = `M${sx} ${sy}C${sx + lean * 6} ${top} ${ex - lean * 6} ${top} ${ex} ${ey + sign * 8}`;
      return link(back, line, `M${ex} ${ey}l-4 ${sign * 10}h8z`, [a, b]);
    });
    arcs.replaceChildren(...drawn);
  }

  const link = (back: boolean, line: string, head: string, [a, b]: Edge) =>
    svg(
      `g.sg-link${back ? ".backward" : ""}`,
      { "data-edge": `${a}>${b}` },
      svg("path.line", { d: line }),
      svg("path.head", { d: head }),
    );

  const labelOf = (event: Event) => (event.target as Element).closest<SVGGElement>("[data-node]")?.dataset.node;
  const place = (event: PointerEvent) => event.clientX - stage.getBoundingClientRect().x;
  listen(
    stage,
    ["pointerdown", "pointermove", "pointerup", "pointercancel"],
    (event) => {
      if (event.type === "pointerdown") {
        const label = labelOf(event);
        if (!label || event.button) return;
        drag = { label, x: place(event), moved: 0 };
        stage.setPointerCapture(event.pointerId);
      } else if (drag && event.type === "pointermove") {
        drag.moved += Math.abs(event.movementX) + Math.abs(event.movementY);
        if (drag.moved < 5 || fixed) return;
        drag.x = Math.max(at(0), Math.min(at(order.length - 1), place(event)));
        const to = Math.round((drag.x - at(0)) / pitch);
        if (to !== order.indexOf(drag.label)) shift(drag.label, to - order.indexOf(drag.label), false);
        else measure();
      } else if (drag) {
        const { label, moved } = drag;
        drag = null;
        measure();
        if (moved < 5) actions.select(label);
        else actions.order([...order], true);
      }
    },
    signal,
  );
  listen(
    stage,
    "keydown",
    (event) => {
      const label = labelOf(event);
      if (!label || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
      const by = { ArrowLeft: -1, ArrowRight: 1, Home: -order.length, End: order.length }[event.key];
      const walk = { ArrowUp: -1, ArrowDown: 1 }[event.key];
      if (by && !fixed) shift(label, by);
      else if (walk) groups.get(order[order.indexOf(label) + walk] ?? label)?.focus();
      else if (event.key === "Enter") actions.select(label);
      else return;
      event.preventDefault();
      event.stopPropagation();
    },
    signal,
  );
  listen(
    stage,
    "focusin",
    (event) => {
      const label = labelOf(event);
      if (label) for (const [other, group] of groups) set(group, { tabindex: other === label ? 0 : -1 });
    },
    signal,
  );
  watchWidth(scroller, signal, (now) => {
    if (Math.abs(now - width) < 1) return;
    width = now;
    measure();
  });

  return {
    element,
    draw(next: readonly string[], links: readonly Edge[], hand: string, locked: boolean) {
      const focused = [...groups].find(([, group]) => group === document.activeElement)?.[0];
      order = next;
      edges = links;
      selected = hand;
      fixed = locked;
      set(stage, { class: locked ? "" : "movable" });
      tools.hidden = locked;
      for (const tool of [earlier, later]) set(tool, { "aria-disabled": !hand && "true" });
      if (groups.size !== order.length || order.some((label) => !groups.has(label))) {
        groups.clear();
        for (const label of order)
          groups.set(
            label,
            svg(
              "g.sg-node",
              { "data-node": label, tabindex: groups.size ? -1 : 0, role: "img" },
              svg("circle", { r: R }),
              svg("text.m", { y: 5, "text-anchor": "middle" }, labelText(label)),
              svg("text.place", { y: R + 16, "text-anchor": "middle" }),
            ),
          );
        chips.replaceChildren(...groups.values());
        if (focused) groups.get(focused)?.focus();
      }
      measure();
    },
    paint(face: (label: string) => string) {
      for (const [i, label] of order.entries())
        set(groups.get(label)!, {
          class: `sg-node ${face(label)}`,
          "aria-label": `${labelText(label)}, place ${i + 1} of ${order.length}`,
        });
    },
    snapshot(): SVGSVGElement {
      const copy = inlined(stage, "text-anchor");
      set(copy, { xmlns: "http://www.w3.org/2000/svg" });
      const page = getComputedStyle(element.closest(".stepgrad") as Element).backgroundColor;
      copy.prepend(svg("rect", { width: stage.getAttribute("width"), height, fill: page }));
      return copy;
    },
  };
}
