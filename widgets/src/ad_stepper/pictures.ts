/** What a node, an arrow and a table line say at a moment. */

import type { Arrow, Card, CardFace } from "../core/graph_view";
import type { TableFace, TableRow } from "../core/table";
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
import { exact, isArray, type Moment, type Scene, show } from "./scene";

export const edgeId = (from: string, to: string, argument: number | null) => `${from}>${to}>${argument}`;

export const math = (inside: string) => `<math>${inside}</math>`;

export function cards({ graph }: Scene): [Card[], Arrow[]] {
  return [
    graph.nodes.map(({ label, symbol, role, x, y }) => ({
      id: label,
      label: labelText(label),
      symbol,
      badge: role && role.toUpperCase(),
      x,
      y,
    })),
    graph.edges.map(({ from, to, argument, points }) => ({ id: edgeId(from, to, argument), from, to, points })),
  ];
}

/** The value of the present step's node, as the sum it became: what was there, and what just arrived. */
function arrival(step: Step): string | null {
  if (!step.accumulates || isArray(step.contribution) || isArray(step.value)) return null;
  const [total, come] = [toNumber(step.value), toNumber(step.contribution as Value)];
  const before = (step.contributions ?? []).slice(0, -1).reduce<number>((sum, value) => sum + toNumber(value), 0);
  if (!Number.isFinite(total)) return null;
  return `${formatNumber(before)} ${come < 0 ? "−" : "+"} ${formatNumber(Math.abs(come))}`;
}

export function cardFace(scene: Scene, now: Moment, node: GraphNode): CardFace {
  const { forward, reverse } = scene;
  const { label } = node;
  const { step, tangent, known } = now;
  const primal = known[label];
  const lines: CardFace["lines"] = [
    { text: show(primal), title: `${labelText(label)} = ${exact(primal)}`, class: primal == null ? "none" : "" },
  ];
  const line = (accent: "dot" | "bar", kind: string) => {
    const value = known[`${accent} ${label}`];
    const name = labelText(label, accent);
    const sum = accent === "bar" && step?.phase === "adjoint" && step.node === label ? arrival(step) : null;
    lines.push({
      name,
      text: sum ?? show(value),
      class: kind + (value == null ? " none" : ""),
      title: `${name} = ${exact(value)}`,
    });
    return value != null;
  };
  const t = !!forward && line("dot", "tan");
  const a = !!reverse && line("bar", "adj");
  const current = step?.node === label;
  const accent = current ? accentOf(tangent ?? (step as Step)) : a ? "adj" : t ? "tan" : "";
  const described = lines.map(
    (entry) => `${entry.name ?? "primal"} ${entry.text === "–" ? "not yet computed" : entry.text}`,
  );
  const what = node.expression == null ? "input" : text(node.expression);
  return {
    class: `${accent} ${primal == null ? "todo" : t || a ? "done" : ""} ${current ? "now" : ""}`,
    lines,
    description: [`${labelText(label)}, ${what}`, ...described, node.role].filter(Boolean).join(", "),
    action: !!forward && node.kind === "input",
  };
}

export const accentOf = (step: Step) => ({ primal: "pri", tangent: "tan", seed: "adj", adjoint: "adj" })[step.phase];

export function arrowFace(scene: Scene, { step, tangent }: Moment): (id: string) => string {
  if (!step) return () => "";
  if (step.phase === "adjoint") {
    const id = edgeId(step.node, step.source ?? "", step.argument);
    return (other) => (other === id ? "back adj" : "");
  }
  const into = new Set(
    scene.graph.edges.filter((edge) => edge.to === step.node).map((edge) => edgeId(edge.from, edge.to, edge.argument)),
  );
  const name = `ahead ${accentOf(tangent ?? step)}`;
  return (id) => (step.phase !== "seed" && into.has(id) ? name : "");
}

interface Line {
  math: string;
  plain: string;
  edge: string | null;
  /** The number of the step that fills it, or −1 when it is given. */
  index: number;
  value: Value | null;
  kind: "pri" | "tan" | "adj";
}

export interface Sheet {
  columns: { title: string; class: string }[];
  rows: TableRow[];
  lines: Map<string, Line[][]>;
}

/** The evaluation trace: every line of the table, filled or not. */
export function sheet({ graph, main, forward, reverse, values }: Scene): Sheet {
  const columns = [{ title: "Primal ↓", class: "pri" }];
  if (forward) columns.push({ title: "Tangent ↓", class: "tan" });
  if (reverse) columns.push({ title: "Adjoint ↑", class: "adj" });
  const lines = new Map<string, Line[][]>();
  const entry = (label: string) => lines.get(label) as Line[][];
  graph.nodes.forEach((node, i) => {
    const given = values ? (values[node.label] as number) : node.value;
    const own: Line[][] = [[]];
    own[0]?.push({
      math: node.expression == null ? "" : mathml(node.expression),
      plain: node.expression == null ? "" : text(node.expression),
      edge: null,
      index: -1,
      value: given,
      kind: "pri",
    });
    if (forward) {
      const seed = (forward.seed as readonly Value[])[i] ?? null;
      own.push(
        node.kind === "input"
          ? [
              {
                math: labelMathml(node.label, "dot"),
                plain: labelText(node.label, "dot"),
                edge: null,
                index: -1,
                value: seed,
                kind: "tan",
              },
            ]
          : [],
      );
    }
    if (reverse) own.push([]);
    lines.set(node.label, own);
  });
  for (const sweep of new Set([main, forward, reverse]))
    sweep?.steps.forEach((step, index) => {
      const own = entry(step.node);
      const primal = own[0]?.[0] as Line;
      if (step.phase === "primal" || step.phase === "tangent") primal.index = index;
      if (step.phase === "primal") return;
      const tangent = step.phase === "tangent";
      const sign = step.accumulates ? "+=" : "=";
      const accent = tangent ? "dot" : "bar";
      const seed = step.phase === "seed";
      own[tangent ? 1 : own.length - 1]?.push({
        math: labelMathml(step.node, accent) + (seed ? "" : `<mo>${sign}</mo>${mathml(step.formula)}`),
        plain: labelText(step.node, accent) + (seed ? "" : ` ${sign} ${text(step.formula)}`),
        edge: tangent || seed ? null : edgeId(step.node, step.source ?? "", step.argument),
        index,
        value: step.value,
        kind: tangent ? "tan" : "adj",
      });
    });
  if (reverse)
    graph.inputs.forEach((label, i) => {
      const own = entry(label).at(-1);
      // No path from this input to the output: its adjoint is 0, and that is known when the sweep has ended.
      if (own && !own.length)
        own.push({
          math: labelMathml(label, "bar"),
          plain: labelText(label, "bar"),
          edge: null,
          index: reverse.steps.length - 1,
          value: reverse.result.gradient?.[i] ?? 0,
          kind: "adj",
        });
    });
  const rows = graph.nodes.map((node) => ({
    id: node.label,
    head: math(labelMathml(node.label)),
    cells: entry(node.label).map((cell) => cell.map((line) => ({ ...line, math: line.math && math(line.math) }))),
  }));
  return { columns, rows, lines };
}

export function lineFace(
  table: Sheet,
  position: number,
  veil: boolean,
): (row: string, column: number, index: number) => TableFace {
  return (row, column, index) => {
    const line = table.lines.get(row)?.[column]?.[index] as Line;
    const done = line.index < position;
    return {
      text: done ? show(line.value) : "–",
      title: done ? exact(line.value) : "not yet computed",
      class: `${line.kind}${done ? "" : " none"}${line.index === position - 1 && line.index >= 0 ? " on" : ""}`,
      veiled: veil && !done,
    };
  };
}

/** The table as plain text, as far as it has been computed. */
export function plainTable(table: Sheet, position: number): string {
  const grid = [["", ...table.columns.map((column) => column.title)]];
  for (const [label, cells] of table.lines)
    for (let i = 0; i < Math.max(...cells.map((cell) => cell.length)); i++)
      grid.push([
        i ? "" : labelText(label),
        ...cells.map((cell) => {
          const line = cell[i];
          return line ? `${line.plain} = ${line.index < position ? show(line.value) : "–"}`.replace(/^ = /, "") : "";
        }),
      ]);
  const length = (cell: string) => [...cell.normalize("NFC").replace(/\p{M}/gu, "")].length;
  const widths = (grid[0] as string[]).map((_, c) => Math.max(...grid.map((row) => length(row[c] as string))));
  return grid
    .map((row) =>
      row
        .map((cell, c) => cell + " ".repeat((widths[c] as number) - length(cell)))
        .join("   ")
        .trimEnd(),
    )
    .join("\n");
}
