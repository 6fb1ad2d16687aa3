/** What a sweep costs: operations done, values held (and how that grew), sweeps that the whole gradient takes. */

import { html, set, write } from "../core/dom";
import { sparkline } from "../core/player";
import type { Graph, Sweep } from "../math";
import { held } from "./scene";

export interface Meter {
  element: HTMLElement;
  update(graph: Graph, sweep: Sweep, position: number, name: string | null): void;
}

export function meter(): Meter {
  const name = html("span", { class: "sg-mode" });
  const done = html("b");
  const all = html("span");
  const now = html("b");
  const most = html("span");
  const fill = html("i");
  const curve = sparkline();
  const sweeps = html("b");
  const other = html("span");
  const element = html(
    "div",
    { class: "sg-meter" },
    name,
    html("span", {}, "operations ", done, all),
    html(
      "span",
      { class: "sg-held" },
      "values held ",
      html("span", { class: "sg-bar" }, fill),
      now,
      most,
      curve.element,
    ),
    html("span", {}, "sweeps for the gradient ", sweeps, other),
  );
  let of: Sweep | null = null;
  let series: number[] = [];
  return {
    element,
    update(graph, sweep, position, label) {
      if (sweep !== of) series = held(graph, sweep);
      of = sweep;
      const p = Math.min(position, sweep.steps.length);
      const top = Math.max(...series);
      write(name, label ?? "");
      set(element, {
        class: `sg-meter ${sweep.mode === "forward" ? "tan" : sweep.mode === "reverse" ? "adj" : "pri"}`,
      });
      write(done, `${sweep.steps[p - 1]?.operations ?? 0}`);
      write(all, ` of ${sweep.steps.at(-1)?.operations ?? 0}`);
      write(now, `${series[p]}`);
      write(most, ` of at most ${top}`);
      fill.style.width = `${(100 * (series[p] ?? 0)) / (top || 1)}%`;
      curve.update(series, p);
      // One forward sweep an input element; one reverse sweep for them all.
      const inputs = graph.nodes.reduce(
        (n, node) => n + (node.kind === "input" ? node.shape.reduce((a, b) => a * b, 1) : 0),
        0,
      );
      const primal = sweep.mode === "primal";
      write(sweeps, primal ? "–" : `${sweep.mode === "forward" ? inputs : 1}`);
      write(other, primal || label ? "" : sweep.mode === "forward" ? " (reverse: 1)" : ` (forward: ${inputs})`);
    },
  };
}
