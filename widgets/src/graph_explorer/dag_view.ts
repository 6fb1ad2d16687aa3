/** The graph as circles and arrows: nodes are moved and joined with the pointer, and walked by keyboard. */

import { html, listen, named, set, svg, watchWidth, write } from "../core/dom";
import { inlined } from "../core/exporting";
import { type DagNode, symbolOf } from "../math/dag";
import { formatNumber, labelText } from "../math/notation";
import type { Edge } from "../math/orders";

export interface NodeFace {
  /** "done", "now", "todo", "stuck", as the style knows them. */
  class: string;
  /** Below the circle: its number, and its adjoint. */
  value: string;
  adjoint: string;
  /** In the corner: its place in the order. */
  place: string;
  said: string;
}

export interface DagActions {
  select(label: string): void;
  move(label: string, x: number, y: number, release: boolean): void;
  /** Whether an edge may be drawn: "" or why not. The widget lights what stands in the way. */
  try(edge: Edge | null): boolean;
  connect(edge: Edge): void;
}

const R = 25;
const [LEFT, TOP] = [46, 46];
/** Below the lowest node: with and without numbers. */
const BOTTOM = { numbers: 62, none: 34 };
const HANDLE = 8;

const keyOf = ([a, b]: Edge) => `${a}>${b}`;

export function dagView(actions: DagActions, signal: AbortSignal) {
  const arrows = svg("g", { "aria-hidden": "true" });
  const rubber = svg("path.sg-rubber", { "aria-hidden": "true" });
  const circles = svg("g");
  const stage = svg("svg", named("Graph"), arrows, rubber, circles);
  const element = html("div.sg-dag", stage);
  let nodes: readonly DagNode[] = [];
  let edges: readonly Edge[] = [];
  let building = false;
  let numbers = false;
  let width = 600;
  let [pitchX, pitchY, left] = [100, 84, LEFT];
  let scale = 1;
  let drag: { label: string; join: boolean; moved: number; dx: number; dy: number } | null = null;
  const groups = new Map<string, SVGGElement>();
  const lines = new Map<string, SVGGElement>();

  const px = (node: DagNode) => left + node.x * pitchX;
  const py = (node: DagNode) => TOP + node.y * pitchY;
  const by = (label: string) => nodes.find((node) => node.label === label);

  function measure(): void {
    const right = Math.max(0, ...nodes.map((node) => node.x));
    const low = Math.max(0, ...nodes.map((node) => node.y));
    pitchX = Math.max(84, Math.min(160, right ? (width - 2 * LEFT) / right : 160));
    pitchY = numbers ? 104 : 90;
    const wide = Math.max(2 * LEFT + right * pitchX, 240);
    scale = Math.min(1, width / wide);
    left = LEFT + Math.max(0, (width / scale - wide) / 2);
    const high = TOP + low * pitchY + (numbers ? BOTTOM.numbers : BOTTOM.none);
    set(stage, { width, height: Math.round(high * scale), viewBox: `0 0 ${width / scale} ${high}` });
    layOut();
  }

  /** Where an edge runs: straight, or bent round nodes that stand in its way and beside others of the same ends. */
  function route([a, b]: Edge, beside: number): { line: string; head: string } | null {
    const [from, to] = [by(a), by(b)];
    if (!from || !to) return null;
    const [x0, y0, x1, y1] = [px(from), py(from), px(to), py(to)];
    const long = Math.hypot(x1 - x0, y1 - y0) || 1;
    const [ux, uy] = [(x1 - x0) / long, (y1 - y0) / long];
    let bend = beside * 22;
    for (const other of nodes) {
      if (other.label === a || other.label === b) continue;
      const along = (px(other) - x0) * ux + (py(other) - y0) * uy;
      const across = (px(other) - x0) * -uy + (py(other) - y0) * ux;
      if (along > R && along < long - R && Math.abs(across) < R + 6)
        bend = (across > 0 ? -1 : 1) * Math.max(Math.abs(bend), 2 * (R + 12 - Math.abs(across)) + 26);
    }
    const [cx, cy] = [(x0 + x1) / 2 - uy * bend, (y0 + y1) / 2 + ux * bend];
    const trim = (x: number, y: number, by: number): [number, number] => {
      const far = Math.hypot(cx - x, cy - y) || 1;
      return [x + ((cx - x) / far) * by, y + ((cy - y) / far) * by];
    };
    const [sx, sy] = trim(x0, y0, R);
    const [ex, ey] = trim(x1, y1, R + 2);
    const tilt = Math.atan2(ey - cy, ex - cx);
    const corner = (turn: number) => `${ex - 11 * Math.cos(tilt + turn)} ${ey - 11 * Math.sin(tilt + turn)}`;
    const [mx, my] = trim(x1, y1, R + 10);
    return { line: `M${sx} ${sy}Q${cx} ${cy} ${mx} ${my}`, head: `M${ex} ${ey}L${corner(0.42)}L${corner(-0.42)}z` };
  }

  function layOut(): void {
    for (const node of nodes) set(groups.get(node.label)!, { transform: `translate(${px(node)},${py(node)})` });
    const seen = new Map<string, number>();
    edges.forEach((edge, i) => {
      const group = lines.get(`${i}`)!;
      const twin = seen.get(keyOf(edge)) ?? 0;
      seen.set(keyOf(edge), twin + 1);
      const found = route(edge, twin % 2 ? -twin - 1 : twin);
      if (!found) return;
      set(group.children[0]!, { d: found.line });
      set(group.children[1]!, { d: found.head });
    });
  }

  const at = (event: PointerEvent): [number, number] => {
    const box = stage.getBoundingClientRect();
    return [(event.clientX - box.x) / scale, (event.clientY - box.y) / scale];
  };
  const over = ([x, y]: [number, number]) => nodes.find((node) => Math.hypot(px(node) - x, py(node) - y) < R + 8);
  const labelOf = (event: Event) => (event.target as Element).closest<SVGGElement>("[data-node]")?.dataset.node;

  listen(
    stage,
    "pointerdown",
    (event) => {
      const label = labelOf(event);
      const node = label === undefined ? undefined : by(label);
      if (!label || !node || event.button) return;
      const [x, y] = at(event);
      const join = building && !!(event.target as Element).closest(".sg-handle");
      drag = { label, join, moved: 0, dx: px(node) - x, dy: py(node) - y };
      stage.setPointerCapture(event.pointerId);
    },
    signal,
  );
  listen(
    stage,
    "pointermove",
    (event) => {
      if (!drag) return;
      const [x, y] = at(event);
      drag.moved += Math.abs(event.movementX) + Math.abs(event.movementY);
      if (drag.moved < 5) return;
      if (drag.join) {
        const from = by(drag.label)!;
        const target = over([x, y]);
        const free = !target || actions.try([drag.label, target.label]);
        if (!target) actions.try(null);
        set(rubber, {
          d: `M${px(from)} ${py(from)}L${target ? px(target) : x} ${target ? py(target) : y}`,
          class: `sg-rubber ${free ? "" : "wrong"}`,
        });
      } else if (building) actions.move(drag.label, (x + drag.dx - left) / pitchX, (y + drag.dy - TOP) / pitchY, false);
    },
    signal,
  );
  listen(
    stage,
    ["pointerup", "pointercancel"],
    (event) => {
      if (!drag) return;
      const { label, join, moved } = drag;
      drag = null;
      set(rubber, { d: "" });
      if (event.type === "pointercancel") return void actions.try(null);
      if (moved < 5) return actions.select(label);
      if (join) {
        const target = over(at(event));
        if (target) actions.connect([label, target.label]);
        else actions.try(null);
      } else if (building) {
        const node = by(label)!;
        actions.move(label, node.x, node.y, true);
      }
    },
    signal,
  );
  listen(
    stage,
    "keydown",
    (event) => {
      const label = labelOf(event);
      const node = label === undefined ? undefined : by(label);
      if (!label || !node || event.ctrlKey || event.metaKey || event.altKey) return;
      const step =
        building &&
        event.shiftKey &&
        { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] }[event.key];
      const walk = !event.shiftKey && { ArrowUp: -1, ArrowDown: 1 }[event.key];
      if (step) actions.move(label, node.x + step[0]! / 4, node.y + step[1]! / 4, true);
      else if (walk) {
        const next = nodes[nodes.indexOf(node) + walk];
        if (next) groups.get(next.label)?.focus();
      } else if (event.key === "Enter") actions.select(label);
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
  watchWidth(element, signal, (now) => {
    if (Math.abs(now - width) < 1) return;
    width = now;
    measure();
  });

  return {
    element,
    /** Show a graph. */
    draw(next: readonly DagNode[], links: readonly Edge[], build: boolean, valued: boolean) {
      const focused = [...groups].find(([, group]) => group === document.activeElement)?.[0];
      building = build;
      const same = next.length === nodes.length && next.every((node, i) => same_(node, nodes[i]!));
      const linked = links.length === edges.length && links.every((edge, i) => keyOf(edge) === keyOf(edges[i]!));
      const moved = next !== nodes || valued !== numbers;
      numbers = valued;
      nodes = next;
      edges = links;
      set(stage, { class: build ? "building" : "" });
      if (!same) {
        groups.clear();
        for (const node of nodes) {
          const group = svg(
            "g.sg-node",
            { "data-node": node.label, tabindex: groups.size ? -1 : 0 },
            svg("circle", { r: R }),
            svg("text.m", { y: symbolOf(node) ? -2 : 5, "text-anchor": "middle" }, labelText(node.label)),
            svg("text.op", { y: 13, "text-anchor": "middle" }, symbolOf(node)),
            svg("text.place", { y: -R - 6, "text-anchor": "middle" }),
            svg("text.value", { y: R + 15, "text-anchor": "middle" }),
            svg("text.adjoint", { y: R + 29, "text-anchor": "middle" }),
            svg("g.sg-handle", svg("circle.hit", { cx: R, r: 14 }), svg("circle.dot", { cx: R, r: HANDLE })),
          );
          groups.set(node.label, group);
        }
        circles.replaceChildren(...groups.values());
        if (focused) groups.get(focused)?.focus();
      }
      if (!linked) {
        lines.clear();
        edges.forEach((edge, i) => {
          lines.set(`${i}`, svg("g.sg-link", { "data-edge": keyOf(edge) }, svg("path.line"), svg("path.head")));
        });
        arrows.replaceChildren(...lines.values());
      }
      if (!same || !linked || moved) {
        if (drag) layOut();
        else measure();
      }
    },
    paint(face: (node: DagNode) => NodeFace, edge: (edge: Edge) => string) {
      for (const node of nodes) {
        const group = groups.get(node.label)!;
        const now = face(node);
        set(group, { class: `sg-node ${now.class}`, role: "img", "aria-label": now.said });
        const [, , , place, value, adjoint] = group.children;
        write(place!, now.place);
        write(value!, now.value);
        write(adjoint!, now.adjoint);
      }
      for (const [i, link] of edges.entries()) set(lines.get(`${i}`)!, { class: `sg-link ${edge(link)}` });
    },
    focus: (label: string) => groups.get(label)?.focus(),
    snapshot(): SVGSVGElement {
      const copy = inlined(stage, "text-anchor");
      const [, , wide, high] = (stage.getAttribute("viewBox") ?? "0 0 1 1").split(" ");
      set(copy, { xmlns: "http://www.w3.org/2000/svg", width: wide, height: high });
      const page = getComputedStyle(element.closest(".stepgrad") as Element).backgroundColor;
      copy.prepend(svg("rect", { width: wide, height: high, fill: page }));
      return copy;
    },
  };
}

/** Whether two nodes are drawn with the same elements. */
function same_(a: DagNode, b: DagNode): boolean {
  return a.label === b.label && symbolOf(a) === symbolOf(b);
}

export const shown = (value: number | undefined) => (value === undefined ? "" : formatNumber(value));
