/** Predict, then reveal: what an answer says about the mistake behind it. */

import { paths } from "./algebra";
import { compute } from "./arithmetic";
import { find } from "./explain";
import { text } from "./formulas";
import { formatNumber, labelText, toNumber } from "./notation";
import { leftSide } from "./sweeps";
import type { Diagnosis, Graph, Known, Step, Tree } from "./types";

/** Is it the same to three significant digits? */
function near(answer: number, truth: number): boolean {
  const size = Math.abs(truth);
  const unit = size > 1e-9 ? 10 ** (Math.floor(Math.log10(size)) - 2) : 1e-3;
  return answer === truth || (Number.isFinite(truth) && Math.abs(answer - truth) <= 0.5001 * unit);
}

/** The formula as a calculator set to degrees would have it. */
function inDegrees(tree: Tree): Tree {
  if (typeof tree !== "object") return tree;
  const [op, ...rest] = tree;
  const parts = rest.map(inDegrees);
  if (/^(sin|cos|tan)$/.test(op)) return [op, ["multiply", parts[0] ?? 0, Math.PI / 180]];
  return /^arc(sin|cos|tan2?)$/.test(op) ? ["multiply", [op, ...parts], 180 / Math.PI] : [op, ...parts];
}

type Mistake = readonly [kind: string, value: number, message: string];

/**
 * Judge an answer to "which number does this step give?": a primal, a tangent, or an adjoint after the step, with all
 * that has arrived by then. `known` is what is known before the step or after it.
 */
export function diagnose(graph: Graph, step: Step, known: Known, answer: number): Diagnosis {
  const truth = toNumber(step.value);
  const left = text(leftSide(step));
  const say = (correct: boolean, kind: string, message: string): Diagnosis => ({ correct, kind, message });
  const distance = (value: number) => Math.abs(answer - value);
  const small = Number.isFinite(truth) ? Math.abs(truth) : 0;
  if (Object.is(answer, truth) || distance(truth) <= 1e-9 * small) return say(true, "exact", "Exactly right.");
  if (Number.isNaN(answer)) return say(false, "empty", "Type a number.");
  if (near(answer, truth)) return say(true, "rounded", `Right: ${left} = ${formatNumber(truth)}.`);
  const [mistake] = mistakes(graph, step, known, truth)
    .filter(([, value]) => Number.isFinite(value) && !near(value, truth) && near(answer, value))
    .sort((a, b) => distance(a[1]) - distance(b[1]));
  if (mistake) return say(false, mistake[0], mistake[2]);
  if (distance(truth) <= 0.02 * small) return say(false, "close", "Close: keep three significant digits.");
  if (step.phase === "seed")
    return say(false, "seed", `The seed says how fast ${labelText(step.node)} changes with itself.`);
  const { accumulates, formula } = step;
  return say(
    false,
    "other",
    `Not this; the rule is ${left} ${accumulates ? "+=" : "="} ${text(formula)}${accumulates ? ", added to what had arrived" : ""}.`,
  );
}

/** The numbers that typical mistakes give, the likeliest first. */
function mistakes(graph: Graph, step: Step, known: Known, truth: number): Mistake[] {
  const { phase, source, argument, accumulates, contribution } = step;
  const node = find(graph, source ?? step.node);
  if (!node || phase === "seed") return [];
  const here: Known = Object.assign(Object.create(null), known);
  if (phase !== "adjoint") here[node.label] = compute(node.expression ?? node.label, known);
  const number = (key: string) => toNumber(here[key]);
  const label = labelText(step.node);
  const found: Mistake[] = [];
  const backward = phase === "adjoint";
  const all = paths(node).map((path) => ({
    ...path,
    own: number(path.label),
    coming: number(backward ? `bar ${source}` : `dot ${path.label}`),
    slope: compute(path.partial, here),
  }));
  const terms = backward ? all.filter((path) => path.argument === argument) : all;
  const before = accumulates ? truth - toNumber(contribution) : 0;
  const held = formatNumber(before);
  const add = (kind: string, value: (term: (typeof all)[number]) => number, message: string) => {
    const sum = terms.reduce((sum, term) => sum + value(term), 0);
    found.push([kind, before + sum, `${message}.`]);
    if (accumulates) found.push([kind, sum, `${message}, and add it to the ${held} that had arrived.`]);
  };
  if (accumulates)
    found.push(
      [
        "contribution",
        toNumber(contribution),
        `That is the contribution that arrives now; add it to the ${held} that ${label} already holds.`,
      ],
      ["before", before, `That is what had arrived before; another path into ${label} adds to it now.`],
      ["sign", before - toNumber(contribution), "The contribution has the right size but the wrong sign."],
    );
  found.push(["sign", -truth, "The right size, but the wrong sign."]);
  const [term] = terms;
  if (phase !== "primal" && term) {
    const single = terms.length === 1;
    const rule = single ? `the local derivative, ${text(term.partial)}` : "the local derivatives";
    const coming = backward ? text(["bar", node.label]) : single ? text(["dot", term.label]) : "the tangents";
    const other = all.find((path) => path.argument !== term.argument);
    if (node.primitive === "multiply" && other)
      add(
        "own factor",
        ({ own, coming }) => own * coming,
        `You multiplied by ${backward ? label : "its own factor"}; the ${backward ? "switch gives you" : "product rule takes"} the other factor${backward ? `, ${labelText(other.label)}` : ""}`,
      );
    add("local only", ({ slope }) => slope, `That is ${rule}, alone: multiply by what comes in, ${coming}`);
    add("upstream only", ({ coming }) => coming, `That is only what comes in, ${coming}: multiply by ${rule}`);
    add(
      "degrees",
      ({ coming, partial }) => coming * compute(inDegrees(partial), here),
      "That takes the angle in degrees: the derivatives need radians",
    );
    add(
      "not differentiated",
      ({ coming }) => coming * number(node.label),
      `You multiplied by ${labelText(node.label)} itself: take ${rule}`,
    );
    add("reciprocal", ({ coming, slope }) => coming / slope, `You divided: multiply by ${rule}`);
    if (!backward && !single)
      for (const { coming, slope } of terms)
        found.push(["term", coming * slope, "A term is missing: every argument that moves counts."]);
    found.push([
      "primal",
      number(step.node),
      `That is the primal ${label}; ${left(step)} is how fast ${backward ? "the output changes with it" : "it changes"}.`,
    ]);
  } else if (phase === "primal") {
    found.push(["degrees", compute(inDegrees(step.formula), known), "That takes the angle in degrees: use radians."]);
    for (const given of node.arguments)
      if (typeof given === "string")
        found.push([
          "argument",
          number(given),
          `That is ${labelText(given)}, which goes in: apply ${text(step.formula)}.`,
        ]);
  }
  found.push(
    ["reciprocal", 1 / truth, "That is the reciprocal."],
    ["zero", 0, `Not 0: put the numbers into ${text(step.formula)}.`],
  );
  return found;
}

const left = (step: Step) => text(leftSide(step));
