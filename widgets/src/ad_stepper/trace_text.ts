/** The evaluation trace as text: what Python's `text()` gives, in the columns of the textbooks. */

import { formatNumber, type Known, known, labelText, type Sweep, type Tree, text, toNumber, type Value } from "../math";
import { firstEntries, isArray, type Scene, show } from "./scene";

/** A line, cell by cell: what, = or +=, symbols, numbers, value, and what an added contribution comes to. */
type Row = [name: string, relation: string, symbols: string, numbers: string, value: string, total: string];

/** How many columns a line takes in a monospaced font. */
const width = (line: string) => [...line.replace(/\p{M}/gu, "")].length;
const padded = (line: string, size: number) => line + " ".repeat(Math.max(0, size - width(line)));
const widest = (lines: readonly string[]) => Math.max(0, ...lines.map(width));

/** A number, or an array's shape and its first entries. */
function display(value: Value | null | undefined): string {
  return isArray(value) ? `${show(value)} ${firstEntries(value)}` : formatNumber(toNumber(value));
}

function row(left: Tree, formula: Tree | null, values: Known, value: Value | null | undefined, total?: Value): Row {
  const result = display(value);
  const symbols = formula === null ? "" : text(formula);
  const numbers = formula === null || isArray(value) ? "" : text(formula, values);
  return [
    text(left),
    total === undefined ? "=" : "+=",
    symbols === result ? "" : symbols,
    numbers === symbols || numbers === result ? "" : numbers,
    result,
    total === undefined ? "" : display(total),
  ];
}

/** A title, and rows whose cells stand in columns. */
function block(title: string, rows: readonly Row[]): string[] {
  const [name, relation, symbols, numbers, size] = [0, 1, 2, 3, 4].map((i) => widest(rows.map((row) => row[i] ?? "")));
  return [
    title,
    ...rows.map(([left, sign, formula, filled, value, total]) => {
      const start = `${padded(left, name ?? 0)} ${sign.padStart(relation ?? 0)} `;
      if (!formula && !filled) return start + value;
      const middle = numbers ? padded(filled && ` = ${filled}`, numbers + 3) : "";
      const end = total && `${" ".repeat((size ?? 0) - width(value))}  → ${total}`;
      return `${start}${padded(formula, symbols ?? 0)}${middle} = ${value}${end}`;
    }),
  ];
}

/** The table of one sweep, as far as it has come. */
function table({ graph, values, length }: Scene, sweep: Sweep, position: number): string {
  const { nodes, inputs, output, name, code } = graph;
  const { mode, seed, result } = sweep;
  const all = known(graph, sweep, Math.min(position, sweep.steps.length), values);
  const list = (pairs: readonly [string, Value | null | undefined][]) =>
    pairs.map(([what, value]) => `${what} = ${display(value)}`).join(", ");
  const of = (labels: readonly string[], accent?: "dot" | "bar") =>
    list(labels.map((label) => [labelText(label, accent), all[accent ? `${accent} ${label}` : label]]));
  const done = nodes.filter(({ label }) => all[label] !== undefined);
  const blocks = [
    block(
      "Primal trace",
      done.map(({ label, expression }) => row(label, expression, all, all[label])),
    ),
  ];
  const steps = sweep.steps.slice(0, position).filter(({ phase }) => phase !== "primal");
  if (mode === "forward")
    blocks.push(
      block("Tangent trace", [
        ...inputs.map((label) => row(["dot", label], null, all, all[`dot ${label}`])),
        ...steps.map(({ node, formula, value }) => row(["dot", node], formula, all, value)),
      ]),
    );
  if (mode === "reverse")
    blocks.push(
      block(
        "Adjoint trace",
        steps.map(({ phase, node, formula, contribution, value, accumulates }) =>
          row(
            ["bar", node],
            phase === "seed" ? null : formula,
            all,
            contribution ?? value,
            accumulates ? value : undefined,
          ),
        ),
      ),
    );
  const widths = blocks.map(widest);
  const line = (i: number) =>
    blocks
      .map((lines, j) => padded(lines[i] ?? "", widths[j] ?? 0))
      .join("    ")
      .trimEnd();
  const rule = "─".repeat(widths.reduce((sum, size) => sum + size + 4, -4));
  const signature = `${labelText(name)}(${inputs.map((label) => labelText(label)).join(", ")})`;
  const written = code?.language === "expression" ? ` = ${code.text.split(/\s+/).join(" ").trim()}` : "";
  const lines = [signature + written, `at ${of(inputs)}`];
  if (mode === "forward") lines.push(`forward mode, seed ${of(inputs, "dot")}`);
  if (mode === "reverse") lines.push(`reverse mode, seed ${labelText(output, "bar")} = ${display(seed as Value)}`);
  lines.push("", line(0), rule);
  for (let i = 1; i < Math.max(...blocks.map((lines) => lines.length)); i++) lines.push(line(i));
  lines.push(rule);
  if (position < length) return lines.join("\n");
  if (mode === "forward") {
    const chosen = inputs.filter((label) => all[`dot ${label}`] !== 0);
    const one = chosen.length === 1 && all[`dot ${chosen[0]}`] === 1;
    const left = one ? text(["partial", output, chosen[0] as string]) : `∇${labelText(output)}·ẋ`;
    lines.push(list([[left, result.derivative]]));
  } else if (mode === "reverse") {
    const left = (label: string) => text(seed === 1 ? ["partial", output, label] : ["bar", label]);
    lines.push(list(inputs.map((label, i) => [left(label), result.gradient?.[i]])));
  } else lines.push(of([output]));
  return lines.join("\n");
}

/** The tables of the sweeps that are shown, of so many steps. */
export const tables = (scene: Scene, position: number): string =>
  [...new Set([scene.forward, scene.reverse, scene.main])]
    .flatMap((sweep) => (sweep ? table(scene, sweep, position) : []))
    .join("\n\n");
