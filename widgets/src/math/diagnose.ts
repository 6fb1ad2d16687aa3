/** Predict, then reveal: what an answer says about the mistake behind it. */

import { paths } from "./algebra";
import { compute } from "./arithmetic";
import { noun } from "./explain";
import { text } from "./formulas";
import { formatNumber, labelText, toNumber } from "./notation";
import { leftSide } from "./sweeps";
import type { Diagnosis, Graph, Known, Step, Tree } from "./types";

/** Half a unit in the third significant digit of the truth: as exact as the numbers on the screen. */
function near(answer: number, truth: number): boolean {
  if (Object.is(answer, truth) || answer === truth) return true;
  const size = Math.abs(truth);
  const unit = size > 1e-9 ? 10 ** (Math.floor(Math.log10(size)) - 2) : 1e-3;
  return Math.abs(answer - truth) <= 0.5001 * unit;
}

/** The formula as a calculator in degrees would have it. */
function inDegrees(tree: Tree): Tree {
  if (typeof tree !== "object") return tree;
  const [op, ...rest] = tree;
  const parts = rest.map(inDegrees);
  if (/^(sin|cos|tan)$/.test(op)) return [op, ["multiply", parts[0]!, Math.PI / 180]];
  if (/^arc(sin|cos|tan)2?$/.test(op)) return ["multiply", [op, ...parts], 180 / Math.PI];
  return [op, ...parts];
}

interface Mistake {
  readonly kind: string;
  readonly value: number;
  readonly message: string;
}

/**
 * Judge an answer to "what is this step's number?": a primal, a tangent, or an adjoint after the step, with all that
 * has arrived. `known` is what was known before the step or after it.
 */
export function diagnose(graph: Graph, step: Step, known: Known, answer: number): Diagnosis {
  const truth = toNumber(step.value);
  const asked = text(leftSide(step));
  const say = (correct: boolean, kind: string, message: string): Diagnosis => ({ correct, kind, message });
  if (Number.isNaN(answer) && !Number.isNaN(truth)) return say(false, "empty", "Type a number.");
  if (Object.is(answer, truth) || Math.abs(answer - truth) <= 1e-9 * Math.abs(truth))
    return say(true, "exact", "Exactly right.");
  if (near(answer, truth)) return say(true, "rounded", `Right: ${asked} = ${formatNumber(truth)}.`);
  const mistakes =
    step.phase === "seed"
      ? []
      : step.phase === "adjoint"
        ? adjointMistakes(graph, step, known)
        : forwardMistakes(graph, step, known);
  const common: Mistake[] = [
    { kind: "sign", value: -truth, message: "The size is right, the sign is not." },
    {
      kind: "reciprocal",
      value: 1 / truth,
      message: "That is the reciprocal: multiply and divide have changed places.",
    },
    { kind: "zero", value: 0, message: `Not 0: there is a path, and ${asked} follows from its formula.` },
  ];
  const known_ = [
    ...mistakes.filter(({ kind }) => kind === "contribution" || kind === "before"),
    common[0]!,
    ...mistakes,
    ...common,
  ];
  const found = known_.find(({ value }) => Number.isFinite(value) && !near(value, truth) && near(answer, value));
  if (found) return say(false, found.kind, found.message);
  if (truth !== 0 && Math.abs(answer - truth) <= 0.02 * Math.abs(truth))
    return say(false, "close", "Close: keep at least three significant digits.");
  if (step.phase === "seed")
    return say(
      false,
      "seed",
      `The seed is ∂${labelText(step.node)}/∂${labelText(step.node)}: how fast the output changes with itself.`,
    );
  const accumulate = step.accumulates ? `, added to what has arrived` : "";
  return say(
    false,
    "other",
    `Not this: the rule is ${asked} ${step.accumulates ? "+=" : "="} ${text(step.formula)}${accumulate}.`,
  );
}

function adjointMistakes(graph: Graph, step: Step, known: Known): Mistake[] {
  const source = graph.nodes.find(({ label }) => label === step.source);
  if (!source) return [];
  const found = paths(source.arguments, source.partials);
  const path = found.find(({ argument }) => argument === step.argument);
  if (!path) return [];
  const node = labelText(step.node);
  const bar = text(["bar", source.label]);
  const upstream = toNumber(known[`bar ${source.label}`]);
  const slope = compute(path.partial, known);
  const own = toNumber(known[step.node]);
  const contribution = upstream * slope;
  const before = step.accumulates ? toNumber(step.value) - toNumber(step.contribution) : 0;
  const rule = text(path.partial);
  const other = found.find(({ argument }) => argument !== step.argument);
  const list: Mistake[] = [];
  const add = (kind: string, value: number, message: string) => {
    list.push({ kind, value: before + value, message });
    if (step.accumulates)
      list.push({
        kind,
        value,
        message: `${message.slice(0, -1)}, and add it to the ${formatNumber(before)} that had arrived.`,
      });
  };
  if (step.accumulates) {
    const held = formatNumber(before);
    list.push(
      {
        kind: "contribution",
        value: contribution,
        message: `That is the contribution that arrives now: add it to the ${held} that ${node} already holds.`,
      },
      {
        kind: "before",
        value: before,
        message: `That is what had arrived before; another path into ${node} adds to it now.`,
      },
      {
        kind: "sign",
        value: before - contribution,
        message: "The contribution has the right size, but the wrong sign.",
      },
    );
  }
  if (source.primitive === "multiply" && other)
    add(
      "own factor",
      upstream * own,
      `You multiplied by ${node}; the switch gives you the other factor, ${labelText(other.label)}.`,
    );
  add(
    "local only",
    slope,
    `That is the local derivative ${rule} alone: multiply it by what comes from upstream, ${bar}.`,
  );
  add("upstream only", upstream, `That is ${bar} alone: multiply it by the local derivative, ${rule}.`);
  add(
    "degrees",
    upstream * compute(inDegrees(path.partial), known),
    "That is the angle in degrees: derivatives of sin and cos need radians.",
  );
  if (other && source.primitive !== "multiply")
    add(
      "other argument",
      upstream * compute(other.partial, known),
      `That is what ${labelText(other.label)} gets; the derivative in ${node} is ${rule}.`,
    );
  add(
    "not differentiated",
    upstream * toNumber(known[source.label]),
    `You multiplied by the value of ${noun(source)}; take its derivative in ${node}, ${rule}.`,
  );
  add("reciprocal", upstream / slope, `You divided by the local derivative ${rule}; multiply by it.`);
  list.push({
    kind: "primal",
    value: own,
    message: `That is the primal ${node}; the adjoint is how fast the output changes with it.`,
  });
  return list;
}

function forwardMistakes(graph: Graph, step: Step, known: Known): Mistake[] {
  const node = graph.nodes.find(({ label }) => label === step.node);
  if (!node) return [];
  const list: Mistake[] = [];
  const add = (kind: string, value: number, message: string) => list.push({ kind, value, message });
  if (step.phase === "primal") {
    add("degrees", compute(inDegrees(step.formula), known), "That is the angle in degrees: sin and cos take radians.");
    const [a, b] = node.arguments.map((argument) =>
      typeof argument === "object" ? Number.NaN : compute(argument, known),
    );
    if (a === undefined) return list;
    if (b === undefined) add("argument", a, `That is the argument of ${noun(node)}, not its value.`);
    else {
      if (node.primitive === "multiply") add("sum", a + b, "You added; this gate multiplies.");
      if (node.primitive === "add") add("product", a * b, "You multiplied; this gate adds.");
      if (node.primitive === "subtract")
        add("order", b - a, "The other way round: the first argument minus the second.");
      if (node.primitive === "divide") add("order", b / a, "The other way round: the first argument over the second.");
      if (node.primitive === "power") add("order", b ** a, "The other way round: the first argument is the base.");
      if (node.role === "router")
        for (const value of [a, b])
          add("other argument", value, `That is the argument that ${noun(node)} did not choose.`);
    }
    return list;
  }
  const found = paths(node.arguments, node.partials);
  const terms = found.map(({ label, partial }) => toNumber(known[`dot ${label}`]) * compute(partial, known));
  const sum = (value: (path: (typeof found)[number]) => number) =>
    found.reduce((total, path) => total + value(path), 0);
  const dot = (label: string) => toNumber(known[`dot ${label}`]);
  if (node.primitive === "multiply" && found.length === 2)
    add(
      "own factor",
      sum(({ label }) => dot(label) * toNumber(known[label])),
      "You multiplied each tangent by its own factor; the product rule takes the other one.",
    );
  if (found.length === 2)
    terms.forEach((term, index) => {
      const missing = found[1 - index]!;
      add(
        "term",
        term,
        `A term is missing: ${labelText(missing.label)} moves too, with ${text(["dot", missing.label])} = ${formatNumber(dot(missing.label))}.`,
      );
    });
  add(
    "local only",
    sum(({ partial }) => compute(partial, known)),
    `That is the local derivative alone: multiply it by the tangent that comes in${found.length === 1 ? `, ${text(["dot", found[0]!.label])}` : ""}.`,
  );
  add(
    "upstream only",
    sum(({ label }) => dot(label)),
    "That is the tangent that comes in: multiply it by the local derivative.",
  );
  add(
    "degrees",
    sum(({ label, partial }) => dot(label) * compute(inDegrees(partial), known)),
    "That is the angle in degrees: derivatives of sin and cos need radians.",
  );
  add(
    "primal",
    compute(node.expression ?? node.label, known),
    `That is the primal ${labelText(node.label)}; the tangent is how fast it changes in this direction.`,
  );
  return list;
}
