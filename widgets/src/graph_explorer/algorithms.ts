/** Kahn's algorithm and the depth-first one side by side: their code, what they hold, and the orders they make. */

import { button, html, named, set, write } from "../core/dom";
import { labelText } from "../math/notation";
import type { Scene } from "./scene";
import { searching } from "./words";

/** As they can be run in Python; the same text stands in `stepgrad/documents/orders.py`. */
export const KAHN_CODE = `def kahn(nodes, successors, waiting):
    ready = [v for v in nodes if waiting[v] == 0]
    order = []
    while ready:
        v = ready.pop(0)
        order.append(v)
        for w in successors[v]:
            waiting[w] -= 1
            if waiting[w] == 0:
                ready.append(w)
    return order`;
export const DEPTH_FIRST_CODE = `def depth_first(nodes, successors):
    order, seen = [], set()
    def visit(v):
        seen.add(v)
        for w in successors[v]:
            if w not in seen:
                visit(w)
        order.insert(0, v)
    for v in nodes:
        if v not in seen:
            visit(v)
    return order`;

/** Which lines a moment is in, from 1. */
const LINES: Record<string, readonly number[]> = { take: [5, 6], release: [7, 8, 9, 10], visit: [3, 4], finish: [8] };
const START = { kahn: [2, 3], depthFirst: [2] };

function column(title: string, code: string, rows: readonly string[], use: HTMLElement) {
  const lines = code.split("\n").map((line) => html("span.sg-codeline", line));
  const values = rows.map(() => html("dd.sg-chips"));
  const said = html("p");
  const element = html(
    "section",
    named(title),
    html("h4", title),
    html("pre.sg-listing", { tabindex: 0, role: "region", "aria-label": `${title}, its code` }, ...lines),
    said,
    html("dl", ...rows.flatMap((row, i) => [html("dt", row), values[i]!])),
    use,
  );
  return {
    element,
    update(lit: readonly number[], words: string, chips: readonly (readonly string[])[]) {
      for (const [i, line] of lines.entries()) set(line, { class: `sg-codeline ${lit.includes(i + 1) ? "now" : ""}` });
      write(said, words);
      chips.forEach((each, i) => {
        values[i]!.replaceChildren(
          ...(each.length ? each.map((word) => html("span.sg-chip", word)) : [html("i", "–")]),
        );
      });
    },
  };
}

export function algorithms(take: (order: string[]) => void, signal: AbortSignal) {
  let scene: Scene | null = null;
  const use = (name: string, of: () => string[]) => {
    const element = button("Use this order", `Use the order of ${name}`, signal, () => take(of()));
    return set(element, { title: "Put the nodes on the line in this order" });
  };
  const left = use("Kahn’s algorithm", () => [...(scene?.kahn.at(-1)?.order ?? [])]);
  const right = use("the depth-first algorithm", () => [...(scene?.depthFirst.at(-1)?.order ?? [])]);
  const first = column("Kahn’s algorithm", KAHN_CODE, ["waiting", "ready", "order"], left);
  const second = column("Depth first", DEPTH_FIRST_CODE, ["seen", "visiting", "order"], right);
  return {
    element: html("div.sg-algorithms", first.element, second.element),
    /** `secret`: how many are ready is still to be predicted. */
    update(now: Scene, position: number, secret: boolean) {
      scene = now;
      const one = now.kahn[Math.min(position, now.kahn.length - 1)]!;
      const other = now.depthFirst[Math.min(position, now.depthFirst.length - 1)]!;
      const [words, others] = searching(now, position);
      const taken = new Set(one.order);
      const waiting = now.labels.flatMap((label, i) =>
        taken.has(label) ? [] : [`${labelText(label)}: ${one.waiting[i]}`],
      );
      const text = (labels: readonly string[]) => labels.map((label) => labelText(label));
      const hide = secret ? ["?"] : null;
      first.update(LINES[one.event] ?? START.kahn, secret ? "Who is ready now?" : words, [
        hide ?? waiting,
        hide ?? text(one.ready),
        text(one.order),
      ]);
      second.update(LINES[other.event] ?? START.depthFirst, others, [
        text([...other.stack, ...other.order]),
        text(other.stack),
        text(other.order),
      ]);
      const done = position >= 2 * now.order.length;
      for (const each of [left, right]) each.hidden = !done;
    },
  };
}
