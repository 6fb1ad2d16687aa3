/** What a sweep costs: operations done, values held (and how that grew), sweeps that the whole gradient takes. */

import { html, set, write } from "../core/dom";
import { sparkline } from "../core/sparkline";
import type { Graph, Sweep } from "../math";
import { inputSize } from "./scene";

export function meter() {
  const [name, operations, held, most, sweeps] = [html("span.sg-mode"), html("b"), html("b"), html("span"), html("b")];
  const [all, other, fill, curve] = [html("span"), html("span"), html("i"), sparkline()];
  const element = html(
    "div",
    name,
    html("span", "operations ", operations, all),
    html("span", "values held ", html("span.sg-bar", fill), held, most, " ", curve.element),
    html("span", "sweeps for the gradient ", sweeps, other),
  );
  return {
    element,
    /** Show a sweep; with a title where two are compared, so that each need not name the other. */
    update(graph: Graph, { mode, steps }: Sweep, position: number, title: string) {
      const forward = mode === "forward";
      const inputs = inputSize(graph);
      const series = [forward ? 2 * inputs : inputs, ...steps.map((step) => step.held)];
      const at = Math.min(position, steps.length);
      const top = Math.max(...series);
      set(element, { class: `sg-row sg-meter ${forward ? "tan" : mode === "reverse" ? "adj" : "pri"}` });
      write(name, title);
      write(operations, `${steps[at - 1]?.operations ?? 0}`);
      write(all, ` of ${steps.at(-1)?.operations ?? 0}`);
      write(held, `${series[at]}`);
      write(most, ` of at most ${top}`);
      fill.style.width = `${(100 * (series[at] ?? 0)) / top}%`;
      curve.update(series, at);
      write(sweeps, mode === "primal" ? "–" : `${forward ? inputs : 1}`);
      write(other, title || mode === "primal" ? "" : forward ? " (reverse: 1)" : ` (forward: ${inputs})`);
    },
  };
}
