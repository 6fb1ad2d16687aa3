/** What a step says to a reader: its line of mathematics, and one sentence in the words of the field. */

import { chainRule, type Path, paths } from "./algebra";
import { compute } from "./arithmetic";
import { chain, mathml, text } from "./formulas";
import { formatNumber, labelText, table, toNumber, words } from "./notation";
import { known as knownAfter, leftSide } from "./sweeps";
import type { Graph, GraphNode, Known, Step, Sweep, Tree, Value, Values } from "./types";

/** The most terms for which the chain rule is written out in general before the particular formula. */
const MOST_TERMS = 3;

export const find = (graph: Graph, label: string | null) => graph.nodes.find((node) => node.label === label);

/** The chain rule as it stands before the local derivatives are known: w̄₁ · ∂w₁/∂x₁. */
function generally(graph: Graph, { phase, node, source }: Step): Tree | null {
  if (source !== null) return ["multiply", ["bar", source], ["partial", source, node]];
  const computed = phase === "tangent" && find(graph, node);
  const found = computed ? paths(computed) : [];
  if (!found.length || found.length > MOST_TERMS) return null;
  return chainRule(found, ({ label }) => [
    ["dot", label],
    ["partial", node, label],
  ]);
}

/** The whole line of a step as a `<math>` element: chain rule = formula = numbers = value. */
export function stepMath(graph: Graph, step: Step, known: Known): string {
  const { formula, accumulates, contribution, value } = step;
  const rule = generally(graph, step);
  const members = [...(rule ? [mathml(rule)] : []), mathml(formula), mathml(formula, known)];
  const result = contribution ?? value;
  if (typeof result !== "object") members.push(formatNumber(toNumber(result), "mathml"));
  return `<math display="inline"><mrow>${chain("mathml", leftSide(step), members, accumulates)}</mrow></math>`;
}

const NOUNS = table({
  add: "the sum",
  subtract: "the difference",
  multiply: "the product",
  divide: "the quotient",
  negative: "the minus sign",
  power: "the power",
  square: "the square",
  absolute: "the absolute value",
  maximum: "max",
  minimum: "min",
  matmul: "the matrix product",
});

/** What tangents do where two meet. */
const MEETINGS = table({
  add: "adds the tangents",
  subtract: "subtracts the tangents",
  multiply: "follows the product rule, each tangent times the other factor",
  divide: "follows the quotient rule",
});

const ORDINALS = words("second third fourth fifth sixth seventh eighth ninth");

/** What a node is called in a sentence. */
export const noun = (node: GraphNode) => NOUNS[node.primitive ?? ""] ?? node.primitive ?? node.label;

/**
 * One plain sentence for a step, which is also what a screen reader hears. `position` is the number of steps that are
 * done with it; `values` are the primals if they are not those of the document.
 */
export function explain(graph: Graph, step: Step, sweep: Sweep, position: number, values?: Values): string {
  const known = knownAfter(graph, sweep, position, values);
  const target = labelText(step.node);
  const left = text(leftSide(step));
  const value = typeof step.value === "object" ? "" : formatNumber(toNumber(step.value));
  if (step.phase === "seed")
    return `The seed: ${left} = ∂${target}/∂${target} = 1, ${value === "1" || !value ? "for the output changes one to one with itself" : `times ${value}, so that every adjoint is ${value} times a derivative`}.`;
  const node = find(graph, step.source ?? step.node);
  if (!node) return "";
  const name = noun(node);
  const found = paths(node);
  let sentence: string;
  let result = value && `: ${left} = ${value}`;
  if (step.phase === "primal") {
    sentence = `${name} gives ${step.text}${tie(node, known)}`;
    result = "";
  } else if (step.phase === "tangent") sentence = tangent(node, name, found, known);
  else if (step.accumulates) {
    const earlier = sweep.steps
      .slice(0, position - 1)
      .filter((other) => other.phase === "adjoint" && other.node === step.node);
    const first = find(graph, earlier[0]?.source ?? null);
    const before = formatNumber(
      (step.contributions ?? []).slice(0, -1).reduce((sum: number, part: Value) => sum + toNumber(part), 0),
    );
    const came =
      earlier.length > 1 || !first
        ? "had arrived before"
        : `came through ${first === node ? "its other argument" : noun(first)}`;
    sentence = `the ${ORDINALS[earlier.length - 1] ?? "next"} path into ${target} arrives, through ${name}, and is added to ${value ? `the ${before} that` : "what"} ${came}`;
  } else {
    sentence = adjoint(node, name, found, step, known);
    result = "";
  }
  return `${sentence.replace(/^./, (letter) => letter.toUpperCase())}${result}.`;
}

/** "x₂ = 3", or "x₂" if its number is not known or is an array. */
function quantity(tree: Tree, known: Known): string {
  const [symbol, number] = [text(tree), text(tree, known)];
  return number === symbol ? symbol : `${symbol} = ${number}`;
}

/** "x₁ = 2 and x₂ = 3": where a node's local derivative is taken. */
const point = (found: readonly Path[], known: Known) =>
  [...new Set(found.map(({ label }) => quantity(label, known)))].join(" and ");

/** "cos x₁ = −0.416" */
function slope({ partial }: Path, known: Known): string {
  const [symbols, number] = [text(partial), formatNumber(compute(partial, known))];
  return number === symbols || number === "NaN" ? symbols : `${symbols} = ${number}`;
}

/** Says the convention where there is a kink. */
function tie({ primitive, arguments: args }: GraphNode, known: Known): string {
  const [a = Number.NaN, b = Number.NaN] = args.map((argument) =>
    typeof argument === "object" ? Number.NaN : argument,
  );
  if ((primitive === "relu" || primitive === "absolute") && compute(a, known) === 0)
    return "; by convention the slope at 0 is 0";
  const equal = (primitive === "maximum" || primitive === "minimum") && compute(a, known) === compute(b, known);
  return equal ? `; at the tie ${text(a)} = ${text(b)} the convention is that the first argument wins` : "";
}

function tangent(node: GraphNode, name: string, found: readonly Path[], known: Known): string {
  const [path] = found;
  // What maps arrays may have no derivative that is a formula.
  if (!path && node.maps.some((map) => map && map.structure !== "Zero"))
    return `${name} pushes the tangents of its arguments forward by its Jacobian`;
  if (!path || (known[`dot ${node.label}`] === 0 && found.every(({ label }) => known[`dot ${label}`] === 0)))
    return `nothing that ${name} depends on moves in this direction`;
  const kink = tie(node, known);
  if (node.role === "router" && found.length > 1) {
    const through = found.filter(({ partial }) => compute(partial, known) !== 0);
    return `${name} lets only the tangent of the argument it chose through, ${point(through, known)}${kink}`;
  }
  if (found.length > 1)
    return `${name} ${MEETINGS[node.primitive ?? ""] ?? "adds each tangent times its local derivative"}`;
  if (path.partial === 1) return `${name} passes the tangent on unchanged`;
  if (path.partial === -1) return `${name} turns the tangent's sign`;
  return `${name} stretches the tangent by its slope ${slope(path, known)}${typeof path.partial === "number" ? "" : ` at ${point(found, known)}`}${kink}`;
}

function adjoint(node: GraphNode, name: string, found: readonly Path[], step: Step, known: Known): string {
  const target = labelText(step.node);
  const upstream = text(["bar", node.label]);
  const path = found.find(({ argument }) => argument === step.argument);
  const structure = node.maps[step.argument ?? 0]?.structure;
  if (!path || typeof step.value === "object")
    return `${name} pulls ${upstream} back into ${target}${structure ? ` by the transpose of its Jacobian (${structure})` : ""}`;
  const other = node.arguments[step.argument ? 0 : 1];
  if (node.primitive === "multiply" && (typeof other === "string" || typeof other === "number"))
    return `${name} is a switch: ${target} gets the other factor, ${quantity(other, known)}, times ${upstream}`;
  if (path.partial === 1)
    return `${name} distributes: ${target} gets ${quantity(["bar", node.label], known)} unchanged`;
  if (path.partial === -1) return `${name} turns the sign: ${target} gets −${upstream}`;
  const kink = tie(node, known);
  const factor = compute(path.partial, known);
  if (node.role === "router" && (factor === 0 || factor === 1)) {
    const chosen =
      found.length > 1 ? (factor ? "was chosen" : "was not chosen") : factor ? "lets it through" : "blocks it";
    return `${name} routes: ${quantity(step.node, known)} ${chosen} and gets ${factor ? "all" : "nothing"} of ${upstream}${kink}`;
  }
  return `${name} sends ${target} its slope ${slope(path, known)} times ${upstream}${kink}`;
}
