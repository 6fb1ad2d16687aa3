/** How cells, places, bytes and times are told. */

import { type Cell, cell, type Jacobian, type Reason, rowEntries, type Side, unravel, whyNot } from "../math/forms";
import { latexMathml } from "../math/latex";
import { formatNumber, labelMathml, labelText } from "../math/notation";
import { bytes, counted, seconds } from "../math/units";
import type { Facts } from "./traits";

export { bytes, counted, seconds };
export const structureName = (name: string) => name.replaceAll(" @ ", " · ");

const named = (axis: string) => (axis === "entry" ? "entry" : axis);

/** "sample 3, unit 17": axes of length 1 say nothing. */
export function place({ shape, axes }: Side, index: number): string {
  const told = unravel(index, shape).flatMap((i, k) =>
    shape[k]! > 1 ? [`${named(axes[k] ?? `axis ${k}`)} ${counted(i)}`] : [],
  );
  return told.join(", ") || "the only entry";
}

/** The indices that stand below the symbol; of which sample it is, is said in words. */
function indices({ shape, axes }: Side, index: number): number[] {
  const kept = shape.map((n, k) => n > 1 && axes[k] !== "sample");
  const places = unravel(index, shape);
  const below = places.filter((_, k) => kept[k]);
  return below.length ? below : places.filter((_, k) => shape[k]! > 1);
}

export function symbolText(side: Side, index: number): string {
  const below = indices(side, index);
  if (below.length === 1 && /^[a-zA-Z]$/.test(side.symbol)) return labelText(side.symbol + below[0]);
  return labelText(side.symbol) + (below.length ? `[${below.join(", ")}]` : "");
}

function symbol(side: Side, index: number): string {
  const below = indices(side, index).map((i) => `<mn>${i}</mn>`);
  return below.length
    ? `<msub>${labelMathml(side.symbol)}<mrow>${below.join("<mo>,</mo>")}</mrow></msub>`
    : labelMathml(side.symbol);
}

const number = (value: number) => formatNumber(value, "mathml");
const times = "<mo>·</mo>";

/** ∂h₁₇/∂x₁₇, = diag(1[x > 0])₁₇,₁₇, = 1: pieces between which a line may break, with what is multiplied and added. */
export function cellMath({ header }: Jacobian, row: number, column: number, { value, parts }: Cell): string[] {
  const { output, input, formula } = header;
  const quotient = `<mfrac><mrow><mo>∂</mo>${symbol(output, row)}</mrow><mrow><mo>∂</mo>${symbol(input, column)}</mrow></mfrac>`;
  const members = [quotient];
  if (formula && !formula.includes("\\text")) {
    const tight = /^[A-Za-z]$|^\\operatorname\{\w+\}\([^()]*\)$/.test(formula);
    const inside = latexMathml(formula);
    const whole = tight ? inside : `<mo stretchy="false">(</mo>${inside}<mo stretchy="false">)</mo>`;
    members.push(`<msub><mrow>${whole}</mrow><mrow><mn>${row}</mn><mo>,</mo><mn>${column}</mn></mrow></msub>`);
  }
  if (parts.length && parts.length < 5 && (parts.length > 1 || parts[0]!.length > 1)) {
    const products = parts.map((factors, i) => {
      const down = factors.filter((y) => y < 0).length % 2 === 1;
      const line = (factors.length ? factors : [1]).map((y) => number(Math.abs(y))).join(times);
      return (i || down ? `<mo${i ? "" : ' form="prefix"'}>${down ? "−" : "+"}</mo>` : "") + line;
    });
    members.push(products.join(""));
  }
  const last = number(value);
  if (members.at(-1) !== last) members.push(last);
  return members.map((member, i) => (i ? `<mo form="infix">=</mo>${member}` : member));
}

function why(jacobian: Jacobian, { kind, of, axis, other, place: at, low, high }: Reason, row: number): string {
  const { input, output } = jacobian.header;
  const [here, there] = of === "input" ? [input, output] : [output, input];
  const [mine, its] = [labelText(here.symbol), labelText(there.symbol)];
  const name = named(here.axes[axis] ?? "entry");
  if (kind === "same") {
    const theirs = `${named(there.axes[other] ?? "entry")} ${counted(low)} of ${its}`;
    const ours = `${name} ${counted(at)} of ${mine}`;
    return of === "input" ? `${theirs} does not depend on ${ours}.` : `${ours} does not depend on ${theirs}.`;
  }
  if (kind === "window")
    return `The window covers ${name} ${counted(low)}${high > low ? ` to ${counted(high)}` : ""} of ${mine}, and this is ${name} ${counted(at)}.`;
  if (kind === "table") {
    const [picked] = rowEntries(jacobian, row, 2);
    return `Another entry was picked${picked ? `: ${place(input, picked[0])} of ${labelText(input.symbol)}` : " there"}.`;
  }
  return `No path of the computation leads from this entry of ${labelText(input.symbol)} to this entry of ${labelText(output.symbol)}.`;
}

const sentence = (words: string) => words.replace(/^./u, (letter) => letter.toUpperCase());
const FEW = 2000;

/** What a cell is, in a sentence or two: its value, where it stands, and why. */
export function cellWords(
  jacobian: Jacobian,
  row: number,
  column: number,
  found: Cell,
  { notes = {} }: Facts,
  exact: string,
): string {
  const { input, output } = jacobian.header;
  const [from, to] = [place(input, column), place(output, row)];
  const where =
    from === to && output.axes.join() === input.axes.join()
      ? from
      : `${labelText(output.symbol)}: ${to}; ${labelText(input.symbol)}: ${from}`;
  const said = [`${where} · row ${counted(row)}, column ${counted(column)} · exactly ${exact}.`];
  if (!found.parts.length) {
    const reason = whyNot(jacobian, row, column);
    said.push(reason ? sentence(why(jacobian, reason, row)) : "The structure allows no number here.");
  } else if (found.value === 0)
    said.push(notes.zero ?? (found.parts.length > 1 ? "What is added here cancels." : "A factor is 0 here."));
  else if (notes.nonzero) said.push(notes.nonzero);
  if (found.parts.length) {
    const line = rowEntries(jacobian, row, FEW).length;
    if (line === 1 && found.value)
      said.push(`Every other entry of this row is 0: ${symbolText(output, row)} depends on nothing else.`);
    else if (line > 1 && line < FEW) said.push(`This row has ${counted(line)} places for numbers.`);
  }
  return said.join(" ");
}

export { cell };
