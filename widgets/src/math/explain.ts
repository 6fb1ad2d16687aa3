/** What a step says to a reader: its line of mathematics, and one sentence in the words of the field. */

import { paths, total } from "./algebra";
import { compute } from "./arithmetic";
import { chain, mathml, text } from "./formulas";
import { formatNumber, labelText, table, toNumber } from "./notation";
import { known as knownAfter, leftSide } from "./sweeps";
import type { Graph, GraphNode, Known, Step, Sweep, Tree, Value, Values } from "./types";

const find = (graph: Graph, label: string | null) => graph.nodes.find((node) => node.label === label);

/** The most terms for which the chain rule is written out in general before the particular formula. */
const MOST_TERMS = 3;

/** The chain rule as it stands before the local derivatives are known: w̄₁ · ∂w₁/∂x₁. */
function chainRule(graph: Graph, step: Step): Tree | null {
  const { phase, node, source } = step;
  if (phase === "adjoint" && source !== null) return ["multiply", ["bar", source], ["partial", source, node]];
  const computed = phase === "tangent" && find(graph, node);
  const found = computed ? paths(computed.arguments, computed.partials) : [];
  if (!found.length || found.length > MOST_TERMS) return null;
  return total(found, ({ label }) => ["multiply", ["dot", label], ["partial", node, label]]);
}

/** The whole line of a step as a `<math>` element: chain rule = formula = numbers = value. */
export function stepMath(graph: Graph, step: Step, known: Known): string {
  const { formula, accumulates, contribution, value } = step;
  const rule = chainRule(graph, step);
  const members = [formula, ...(rule ? [rule] : [])].reverse().map((tree) => mathml(tree));
  members.push(mathml(formula, known));
  const result = (accumulates && contribution) || value;
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
  reciprocal: "the reciprocal",
  absolute: "the absolute value",
  maximum: "max",
  minimum: "min",
  sqrt: "the square root",
  cbrt: "the cube root",
  matmul: "the matrix product",
});

/** What a node is called in a sentence. */
export const noun = (node: GraphNode | undefined) => NOUNS[node?.primitive ?? ""] ?? node?.primitive ?? "an operation";

const capital = (sentence: string) => sentence.replace(/^./, (letter) => letter.toUpperCase());
const ORDINALS = ["second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth"];

/** The words for one step, over all that is known when it is done. */
class Speaker {
  constructor(
    readonly graph: Graph,
    readonly known: Known,
  ) {}

  number(value: Value | null | undefined): string {
    return typeof value === "object" || value === undefined ? "" : formatNumber(toNumber(value));
  }

  /** "x₂ = 3", or "x₂" if the number is not known or is an array. */
  quantity(tree: Tree): string {
    const symbol = text(tree);
    const number = text(tree, this.known);
    return number === symbol ? symbol : `${symbol} = ${number}`;
  }

  /** "x₁ = 2 and x₂ = 3" for the arguments of a node. */
  point(node: GraphNode): string {
    const names = [...new Set(node.arguments.filter((argument) => typeof argument === "string"))];
    return names.map((label) => this.quantity(label)).join(" and ");
  }

  slope(partial: Tree): string {
    const value = compute(partial, this.known);
    const symbols = text(partial);
    const number = formatNumber(value);
    return Number.isNaN(value) || number === symbols ? symbols : `${symbols} = ${number}`;
  }

  primal(node: GraphNode, step: Step): string {
    const result = this.number(step.value);
    const point = this.point(node);
    const tie = this.tie(node);
    return `${capital(noun(node))} gives ${labelText(node.label)} = ${text(step.formula)}${result && ` = ${result}`}${point && ` at ${point}`}${tie && `; ${tie}`}.`;
  }

  /** Says the convention where a router's arguments are equal. */
  tie(node: GraphNode): string {
    const [a, b] = node.arguments;
    if (node.primitive === "relu" && typeof a === "string" && this.known[a] === 0)
      return "by convention its slope at 0 is 0";
    if (node.primitive === "absolute" && typeof a === "string" && this.known[a] === 0)
      return "by convention its slope at 0 is 0";
    if (!this.chooses(node) || typeof a === "object" || typeof b === "object" || a === undefined || b === undefined)
      return "";
    return compute(a, this.known) === compute(b, this.known)
      ? `at the tie ${text(a)} = ${text(b)} the convention is that the first argument wins`
      : "";
  }

  chooses({ primitive }: GraphNode): boolean {
    return primitive === "maximum" || primitive === "minimum";
  }

  tangent(node: GraphNode, step: Step): string {
    const found = paths(node.arguments, node.partials);
    const left = text(["dot", node.label]);
    const result = this.number(step.value);
    const value = result && `: ${left} = ${result}`;
    const moving = found.filter(({ label }) => this.known[`dot ${label}`] !== 0);
    if (found.length && !moving.length)
      return `Nothing that ${labelText(node.label)} depends on moves in this direction, so ${left} = 0.`;
    const [path] = found;
    if (!path) return `${labelText(node.label)} does not change with the inputs, so ${left} = 0.`;
    if (node.primitive === "add") return `The sum adds the tangents that come in${value}.`;
    if (node.primitive === "subtract" && found.length === 2)
      return `The difference takes the second tangent from the first${value}.`;
    if (node.primitive === "multiply" && found.length === 2)
      return `The product rule: each tangent times the other factor, added up${value}.`;
    if (node.primitive === "divide" && found.length === 2)
      return `The quotient rule: both tangents count, the denominator's with a minus${value}.`;
    if (node.primitive === "negative") return `The minus sign turns the tangent's sign${value}.`;
    if (this.chooses(node)) {
      const tie = this.tie(node);
      const through = found
        .filter(({ partial }) => compute(partial, this.known) !== 0)
        .map(({ label }) => labelText(label));
      return `${capital(noun(node))} lets only the tangent of the argument it chose${through.length === 1 ? `, ${through[0]},` : ""} through${tie && `; ${tie}`}${value}.`;
    }
    if (found.length === 1) {
      const tie = this.tie(node);
      const point = this.point(node);
      return `${capital(noun(node))} stretches the tangent by its slope ${this.slope(path.partial)}${point && ` at ${point}`}${tie && `; ${tie}`}${value}.`;
    }
    return `The chain rule: each tangent times its local derivative, added up${value}.`;
  }

  adjoint(source: GraphNode, step: Step): string {
    const node = labelText(step.node);
    const upstream = text(["bar", source.label]);
    const path = paths(source.arguments, source.partials).find(({ argument }) => argument === step.argument);
    const partial = path?.partial ?? 0;
    const other = source.arguments[step.argument === 0 ? 1 : 0];
    const name = noun(source);
    const subject = capital(name);
    if (source.primitive === "multiply" && source.arguments.length === 2) {
      if (typeof other === "number")
        return `The constant factor ${formatNumber(other)} scales the adjoint: ${node} gets ${upstream} times ${formatNumber(other)}`;
      if (typeof other === "string")
        return `${subject} is a switch: ${node} gets the other factor, ${this.quantity(other)}, times ${upstream}`;
    }
    if (source.primitive === "negative" || partial === -1)
      return `${subject} turns the sign: ${node} gets −${upstream}`;
    if (source.role === "distributor" || partial === 1)
      return `${subject} distributes: ${node} gets ${this.quantity(["bar", source.label])} unchanged`;
    const slope = compute(partial, this.known);
    if (source.role === "router" && !Number.isNaN(slope)) {
      const tie = this.tie(source);
      const because = tie ? `; ${tie}` : "";
      if (slope === 1)
        return `${subject} routes: ${this.quantity(step.node)} was chosen, so it gets all of ${upstream}${because}`;
      if (slope === 0)
        return `${subject} routes: ${this.quantity(step.node)} was not chosen, so it gets nothing of ${upstream}${because}`;
    }
    if (source.primitive === "divide" && step.argument === 0 && typeof other !== "object")
      return `The numerator ${node} gets ${upstream} divided by the denominator, ${this.quantity(other ?? 1)}`;
    if (typeof step.value === "object") {
      const structure = source.maps[step.argument ?? 0]?.structure;
      return `${upstream} is pulled back through ${name}${structure ? ` by the transpose of its Jacobian (${structure})` : ""} into ${node}`;
    }
    const tie = this.tie(source);
    return `${upstream} comes back through ${name}, times the slope ${this.slope(partial)}${tie && `; ${tie}`}`;
  }

  /** The sentence for an adjoint that is added to what has arrived. */
  arrival(source: GraphNode, step: Step, earlier: readonly Step[]): string {
    const node = labelText(step.node);
    const [first] = earlier;
    const before =
      step.contributions?.slice(0, -1).reduce((sum: number, part) => sum + toNumber(part), 0) ?? Number.NaN;
    const held = Number.isNaN(before) ? "what" : `the ${formatNumber(before)} that`;
    const same = earlier.length === 1 && first?.source === step.source;
    const through =
      earlier.length === 1 && first
        ? `came through ${same ? "its other argument" : noun(find(this.graph, first.source))}`
        : "had arrived before";
    return `The ${ORDINALS[earlier.length - 1] ?? "next"} path into ${node} arrives, through ${noun(source)}, and is added to ${held} ${through}`;
  }
}

/**
 * One plain sentence for a step, which is also what a screen reader hears. `position` is the number of steps that are
 * done with it; `values` are the primals if they are not those of the document.
 */
export function explain(graph: Graph, step: Step, sweep: Sweep, position: number, values?: Values): string {
  const speaker = new Speaker(graph, knownAfter(graph, sweep, position, values));
  const node = find(graph, step.node);
  const source = find(graph, step.source);
  if (step.phase === "seed") {
    const label = labelText(step.node);
    const seed = speaker.number(step.value);
    const start = `The seed: ${text(["bar", step.node])} = ∂${label}/∂${label}`;
    return toNumber(step.value) === 1 || !seed
      ? `${start} = 1, for the output changes one to one with itself.`
      : `${start} times ${seed}, so that every adjoint is ${seed} times a derivative of ${label}.`;
  }
  if (!node) return "";
  if (step.phase === "primal") return speaker.primal(node, step);
  if (step.phase === "tangent") return speaker.tangent(node, step);
  if (!source) return "";
  if (!step.accumulates) return `${speaker.adjoint(source, step)}.`;
  const earlier = sweep.steps
    .slice(0, position - 1)
    .filter(({ phase, node }) => phase === "adjoint" && node === step.node);
  const total = speaker.number(step.value);
  return `${speaker.arrival(source, step, earlier)}${total && `: ${text(["bar", step.node])} = ${total}`}.`;
}
