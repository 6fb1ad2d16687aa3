/** What a card, an arrow and a line of the table say at a moment. */

import type { Arrow, Card, CardFace } from "../core/graph_view";
import type { LineFace, TableRow } from "../core/table";
import {
  formatNumber,
  type GraphNode,
  labelMathml,
  labelText,
  mathml,
  type Step,
  text,
  toNumber,
  type Value,
} from "../math";
import { type Moment, type Scene, show } from "./scene";

const edgeId = (from: string, to: string | null, argument: number | null) => `${from}>${to}>${argument}`;

export const accentOf = ({ phase }: Step) => (phase === "primal" ? "pri" : phase === "tangent" ? "tan" : "adj");

export function cards({ graph }: Scene): [Card[], Arrow[]] {
  return [
    graph.nodes.map(({ label, role, symbol, x, y }) => ({
      id: label,
      label: labelText(label),
      symbol,
      badge: !!role,
      x,
      y,
    })),
    graph.edges.map((edge) => ({ ...edge, id: edgeId(edge.from, edge.to, edge.argument) })),
  ];
}

/** An adjoint as the sum it has just become: what was there, and what arrived. */
function arrival({ accumulates, value, contribution }: Step): string | false {
  const come = toNumber(contribution ?? 0);
  const before = toNumber(value) - come;
  // Arrays give NaN: they are told by their shape.
  if (!accumulates || !Number.isFinite(before)) return false;
  return `${formatNumber(before)} ${come < 0 ? "−" : "+"} ${formatNumber(Math.abs(come))}`;
}

/** What a card says; `veil` keeps back what would tell an adjoint that is still to be predicted. */
export function cardFace(
  { forward, reverse }: Scene,
  { known, step, tangent, position }: Moment,
  node: GraphNode,
  veil: boolean,
): CardFace {
  const { label, expression, kind } = node;
  // A role is about how adjoints flow.
  const veiled = !reverse || (veil && reverse.steps.slice(position).some(({ source }) => source === label));
  const role = (!veiled && node.role) || "";
  const here = step?.node === label && step;
  const lines: CardFace["lines"] = [];
  const line = (key: string, name: string, accent: string) => {
    const value = known[key];
    const sum = accent === "adj" && here && arrival(here);
    lines.push({ name, text: sum || show(value), class: value == null ? "none" : accent });
    return value != null;
  };
  const primal = line(label, labelText(label), "");
  const t = forward && line(`dot ${label}`, labelText(label, "dot"), "tan");
  const a = reverse && line(`bar ${label}`, labelText(label, "bar"), "adj");
  const accent = here ? `now ${accentOf(tangent ?? here)}` : a ? "adj" : t ? "tan" : "";
  const said = () =>
    lines.map((each, i) => `${i ? each.name : "primal"} ${each.text === "–" ? "not yet computed" : each.text}`);
  return {
    class: `${accent} ${primal ? (a || t) && "done" : "todo"}`,
    lines,
    badge: role.toUpperCase(),
    description: () =>
      [labelText(label), expression == null ? kind : text(expression), ...said(), role].filter(Boolean).join(", "),
  };
}

export function arrowFace({ step, tangent }: Moment): (id: string) => string {
  if (step?.phase === "adjoint") {
    const id = edgeId(step.node, step.source, step.argument);
    return (other) => (other === id ? "back adj" : "");
  }
  if (!step || step.phase === "seed") return () => "";
  return (id) => (id.includes(`>${step.node}>`) ? accentOf(tangent ?? step) : "");
}

export interface Line {
  math: string;
  edge?: string;
  accent: string;
  /** The number of the step that fills it, or −1 when it is given. */
  index: number;
  value(scene: Scene): Value | undefined;
}

/** The evaluation trace: every line of the table. It holds formulas alone: values are asked from the scene of the day. */
export function sheet({ graph, main, forward, reverse }: Scene): [string[], TableRow<Line>[]] {
  const titles = ["Primal ↓"];
  if (forward) titles.push("Tangent ↓");
  if (reverse) titles.push("Adjoint ↑");
  const rows = new Map<string, TableRow<Line>>();
  graph.nodes.forEach(({ label, expression }, i) => {
    const math = expression == null ? "" : mathml(expression);
    const cells: Line[][] = titles.map(() => []);
    const value = ({ values, graph }: Scene) => values?.[label] ?? graph.nodes[i]?.value;
    cells[0]?.push({ math, index: -1, value, accent: "pri" });
    if (forward && expression == null)
      cells[1]?.push({
        math: labelMathml(label, "dot"),
        index: -1,
        value: ({ forward }) => (forward?.seed as readonly Value[] | undefined)?.[i],
        accent: "tan",
      });
    rows.set(label, { id: label, head: labelText(label), cells });
  });
  const sweeps = { main, forward, reverse };
  for (const sweep of ["main", "forward", "reverse"] as const)
    if (sweep === "main" || sweeps[sweep] !== main)
      sweeps[sweep]?.steps.forEach((step, index) => {
        const { phase, node, source, argument, accumulates, formula } = step;
        const cells = rows.get(node)?.cells;
        const tangent = phase === "tangent";
        if (phase === "primal" || tangent) for (const line of cells?.[0] ?? []) line.index = index;
        if (phase === "primal") return;
        const sign = `<mo>${accumulates ? "+=" : "="}</mo>`;
        cells?.at(tangent ? 1 : -1)?.push({
          math: labelMathml(node, tangent ? "dot" : "bar") + (phase === "seed" ? "" : sign + mathml(formula)),
          edge: source ? edgeId(node, source, argument) : undefined,
          index,
          value: (scene) => scene[sweep]?.steps[index]?.value,
          accent: accentOf(step),
        });
      });
  graph.inputs.forEach((label, i) => {
    const last = rows.get(label)?.cells.at(-1);
    // No path from this input to the output: its adjoint is 0, known when the sweep has ended.
    if (reverse && !last?.length)
      last?.push({
        math: labelMathml(label, "bar"),
        index: reverse.steps.length - 1,
        value: ({ reverse }) => reverse?.result.gradient?.[i],
        accent: "adj",
      });
  });
  return [titles, [...rows.values()]];
}

/** A line at a position; `veil` hides the formulas that would tell what is asked. */
export function lineFace(scene: Scene, position: number, veil: boolean): (line: Line) => LineFace<Value> {
  return ({ index, value, accent }) => {
    const done = index < position;
    const on = done && index === position - 1 ? "on" : "";
    return { value: done ? value(scene) : undefined, class: done ? `${accent} ${on}` : `none ${veil ? "veiled" : ""}` };
  };
}
