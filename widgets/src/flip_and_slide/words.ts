/** What is written beside the picture: the formula of a place, and a sentence that says what is seen. */

import { latexMathml } from "../math/latex";
import { formatNumber } from "../math/notation";
import {
  areas,
  at,
  type Bell,
  gaussianOf,
  outputAt,
  placeOf,
  type Slide,
  supportOfOutput,
  terms,
  timeOf,
} from "../math/signals";
import { lastOf, placeAt, type Stage, stageOf, type Traits } from "./traits";

/** So many products are written out. */
const WRITTEN = 6;

export const shown = (value: number) => formatNumber(Math.abs(value) < 1e-12 ? 0 : value);
const plain = (value: number) => formatNumber(Math.abs(value) < 1e-12 ? 0 : value, "latex");
/** In braces, so that a minus is one of the number and not between two. */
const latexNumber = (value: number) => (value < -1e-12 ? `{${plain(value)}}` : plain(value));
const bracketed = (value: number) => (value < 0 ? `(${latexNumber(value)})` : latexNumber(value));
/** Is it written as it is, or rounded? */
const exact = (value: number) => Math.abs(value - +plain(value)) < 1e-9;

/** What the kernel is slid over, and what comes out, in letters. */
export const inputName = ({ again }: Pick<Traits, "again">) => (again ? `y${"₀₁₂₃₄₅₆₇"[again]}` : "x");
export const outputName = ({ again }: Pick<Traits, "again">) => (again ? `y${"₀₁₂₃₄₅₆₇"[again + 1]}` : "y");

/** The kernel as it lies there at a step. */
export function kernelWords({ kind, flip }: Slide, position: number): string {
  const [tau, open, close, letter] = kind === "discrete" ? ["m", "[", "]", "n"] : ["τ", "(", ")", "t"];
  const inside =
    position < 1 || (position < 2 && !flip)
      ? tau
      : position < 2
        ? `−${tau}`
        : flip
          ? `${letter} − ${tau}`
          : `${tau} − ${letter}`;
  return `w${open}${inside}${close}`;
}

const shift = (flip: boolean, by: string, dummy: string) => (flip ? `${by} - ${dummy}` : `${dummy} - ${by}`);

/** The formula of this step, in pieces between which a line may break, as LaTeX. */
export function formula(found: Slide, position: number, hidden: boolean): string[] {
  const { kind, flip, again } = found;
  const stage = stageOf(position);
  const discrete = kind === "discrete";
  const [tau, open, close, letter] = discrete ? ["m", "[", "]", "n"] : ["\\tau", "(", ")", "t"];
  const x = again ? `y_${again}` : "x";
  const y = again ? `y_${again + 1}` : "y";
  const kernel = (inside: string) => `w${open}${inside}${close}`;
  if (stage === "kernel") return [kernel(tau)];
  if (stage === "flip") return [kernel(tau), "\\to", kernel(flip ? `{-${tau}}` : tau)];
  const k = placeAt(found, position);
  const n = latexNumber(timeOf(found, k));
  const place = n.startsWith("{") && !flip ? `(${n})` : n;
  if (stage === "shift") return [kernel(shift(flip, letter, tau)), `\\quad ${letter} = ${n}`];
  const product = `${x}${open}${tau}${close}\\,${kernel(shift(flip, place, tau))}`;
  if (stage === "product") return [product];
  const sum = discrete ? `\\sum_${tau} ${product}` : `\\int ${product}\\,d${tau}`;
  const left = `${y}${open}${n}${close} = ${sum}`;
  if (hidden) return [left, "= \\text{?}"];
  const value = outputAt(found, k);
  const equals = exact(value) ? "=" : "\\approx";
  if (!discrete) return [left, `${equals} ${latexNumber(value)}`];
  const products = terms(found, placeOf(found, k));
  const written = products.slice(0, WRITTEN).map((term) => `${bracketed(term.x)} \\cdot ${bracketed(term.w)}`);
  if (products.length > WRITTEN) written.push("\\dots");
  if (!products.length) return [left, "= 0"];
  return [left, `= ${written.join(" + ")}`, `${equals} ${latexNumber(value)}`];
}

/** Formulas as MathML; ≈ and ∫ are no letters of `latexMathml`. */
export const mathml = (latex: string) =>
  latexMathml(latex.replaceAll("\\approx", "≈").replaceAll("\\int", "∫").replaceAll("d\\tau", "\\mathrm{d}\\tau"));

/** The ways the output is known in closed form. */
const CLOSED: Record<string, string> = {
  "box box": "the triangle, y(t) = 1 − |t|",
  "gaussian gaussian": "a Gaussian again: variances add, ¼ + ¼ = ½",
  "exponential exponential": "y(t) = t·e⁻ᵗ",
  "box exponential": "1 − e^−(t + ½) while the box comes in, and after it decay by e⁻ᵗ",
  "box triangle": "the same as box ∗ box ∗ box, parabolas joined smoothly",
};

export function closedForm({ signal, kernel, kind, flip, again }: Traits): string {
  if (kind !== "continuous" || again || !flip) return "";
  return CLOSED[`${signal} ${kernel}`] ?? CLOSED[`${kernel} ${signal}`] ?? "";
}

/** The bell beside the output, in a sentence. */
export function bellWords(
  traits: Pick<Traits, "again" | "flip">,
  { distance, where, of, mean, variance }: Bell,
): string {
  const share = (100 * distance) / of(mean);
  const sign = traits.flip ? " ∗ w" : " ⋆ w";
  return `${outputName(traits)} = x${sign.repeat(traits.again + 1)}. The dashed Gaussian has the same area, mean ${shown(mean)} and variance ${shown(variance)}. The largest distance to it is ${shown(distance)}, ${+share.toPrecision(2)} % of its height, at ${shown(where)}.`;
}

/** What is seen at this step, and why. */
export function sentence(found: Slide, traits: Traits, hidden: boolean): string {
  const { flip, kind } = found;
  const { position } = traits;
  const stage: Stage = stageOf(position);
  const discrete = kind === "discrete";
  const [tau, letter] = discrete ? ["m", "n"] : ["τ", "t"];
  const k = placeAt(found, position);
  const time = shown(timeOf(found, k));
  const x = inputName(traits);
  const same = isSymmetric(found) ? " This kernel is symmetric: turned round at its middle it is the same." : "";
  if (stage === "kernel") return `The kernel w as it is given. Step on to turn it round.`;
  if (stage === "flip")
    return flip
      ? `Turned round at 0: what stood at ${tau} stands at −${tau}.${same}`
      : `Cross-correlation leaves the flip out: the kernel stays as it is.${same}`;
  if (stage === "shift")
    return `Shifted by ${letter} = ${time}: its origin now lies at ${letter}. One place is worked out first; then it slides over all of them.`;
  const products = terms(found, placeOf(found, k));
  const { above, below } = areas(products, found.output.step);
  if (position >= lastOf(found) && !hidden) {
    const closed = closedForm(traits);
    if (closed) return `The whole curve is known: ${closed}.`;
  }
  if (!products.length) return `The kernel and ${x} do not meet here: every product is 0, and so is y.`;
  if (hidden) return `Multiply what stands above one another, and add the products.`;
  if (stage === "product")
    return discrete
      ? `Where both have a sample they are multiplied: ${products.length} product${products.length > 1 ? "s" : ""}.`
      : `Multiplied at every τ. Above the axis lies an area of ${shown(above)}, below it ${shown(-below)}.`;
  const value = shown(outputAt(found, k));
  return discrete
    ? `${products.length} product${products.length > 1 ? "s add" : " adds"} up to ${value}: the point at n = ${time} below.`
    : below < -1e-12
      ? `Area above the axis less area below: ${shown(above)} − ${shown(-below)} = ${value}, the point at t = ${time} below.`
      : `The shaded area is ${value}: the point at t = ${time} below.`;
}

/** Whether a kernel turned round at its middle is the same. */
export function isSymmetric({ kernel: { values } }: Slide): boolean {
  return values.every((value, i) => Math.abs(value - values[values.length - 1 - i]!) < 1e-9);
}

/** The document as text that can be copied: the same facts as the picture. */
export function asText(found: Slide, traits: Traits): string {
  const { output, flip, kind } = found;
  const discrete = kind === "discrete";
  const name = flip ? "convolution" : "cross-correlation";
  const lines = [
    `${name} of ${traits.signal} with ${traits.kernel}${traits.again ? `, ${traits.again} more times` : ""}`,
    sentence(found, traits, false),
  ];
  const ends = supportOfOutput(found);
  if (ends) lines.push(`y is 0 outside of ${shown(ends[0])} … ${shown(ends[1])}`);
  const every = discrete ? 1 : 10;
  for (let i = Math.ceil(output.first / every) * every; i < output.first + output.values.length; i += every)
    lines.push(`${shown(i * output.step)}\t${shown(at(output, i))}`);
  const bell = traits.again ? gaussianOf(found) : null;
  if (bell) lines.push(bellWords(traits, bell));
  return lines.join("\n");
}
