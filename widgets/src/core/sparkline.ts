/** A small drawing of a quantity over the steps, with a mark at the present one. */

import { set, svg } from "./dom";

export function sparkline() {
  const line = svg("path");
  const mark = svg("circle", { r: 2.5 });
  const element = svg(
    "svg.sg-spark",
    { viewBox: "-3 -3 96 22", width: 96, height: 22, "aria-hidden": "true" },
    line,
    mark,
  );
  return {
    element,
    update(values: readonly number[], at: number) {
      const top = Math.max(1, ...values);
      const x = (i: number) => ((90 * i) / (values.length - 1 || 1)).toFixed(1);
      const y = (value: number) => (16 - (15 * value) / top).toFixed(1);
      set(line, { d: `M0 16${values.map((value, i) => `L${x(i)} ${y(value)}`).join("")}L90 16z` });
      set(mark, { cx: x(at), cy: y(values[at] ?? 0) });
    },
  };
}
