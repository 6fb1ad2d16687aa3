/** What has come out: the value, and the derivatives once their sweep has ended. */

import { html, named, set, typeset, write } from "../core/dom";
import { labelMathml, mathml, type Tree, toNumber, type Value } from "../math";
import { exact, firstEntries, isArray, type Moment, type Scene, show } from "./scene";

export function resultLine() {
  const element = html("div.sg-row.sg-result", named("Result"));
  let data: HTMLElement[] = [];
  return {
    element,
    build({ graph, forward, reverse }: Scene) {
      const { inputs, output } = graph;
      const items: [math: string, accent: string][] = [[labelMathml(output), "pri"]];
      if (forward) {
        const seed = (forward.seed as readonly Value[]).map(toNumber);
        const one = seed.indexOf(1);
        const unit = one >= 0 && seed.filter(Boolean).length === 1;
        items.push([
          unit
            ? mathml(["partial", output, inputs[one] as string])
            : `<mo>∇</mo>${labelMathml(output)}<mo>·</mo>${labelMathml("x", "dot")}`,
          "tan",
        ]);
      }
      // With another seed the adjoints are multiples of the derivatives.
      const name = (label: string): Tree => (reverse?.seed === 1 ? ["partial", output, label] : ["bar", label]);
      if (reverse) for (const label of inputs) items.push([mathml(name(label)), "adj"]);
      data = items.map(() => html("data.sg-num"));
      element.replaceChildren(
        ...items.map(([math, accent], i) =>
          html(`span.sg-row.${accent}`, typeset(html("span"), `${math}<mo>=</mo>`), data[i]),
        ),
      );
    },
    paint({ graph, forward, reverse, length }: Scene, { known, position }: Moment) {
      const values: (Value | null | undefined)[] = [known[graph.output]];
      if (forward) values.push(position >= forward.steps.length ? forward.result.derivative : null);
      for (const value of reverse?.result.gradient ?? []) values.push(position >= length ? value : null);
      data.forEach((item, i) => {
        const value = values[i];
        const all = exact(value);
        write(item, isArray(value) ? `${firstEntries(value)} ${show(value)}` : show(value));
        set(item, { title: all, "data-exact": value != null && all, value: value != null && all });
      });
    },
  };
}
