/** Numbers and names as they are printed; the twin of `stepgrad/documents/notation.py`. */

import type { Value } from "./types";

export type Style = "text" | "latex" | "mathml";
export type Accent = "dot" | "bar";

/** The variable that stands for the tangent or cotangent in the formula of a linear map. */
export const HOLE = "□";

/** A look-up table in which no name is special: `constructor` and `__proto__` are absent like any other word. */
export function table<T>(entries: Record<string, T>): Record<string, T | undefined> {
  return Object.assign(Object.create(null), entries);
}

export const words = (line: string) => line.split(" ");

/** Make a word harmless in HTML, MathML and SVG. */
export function escapeHtml(word: string): string {
  return word.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
}

/** The number that a value of the document is; NaN for an array. */
export function toNumber(value: Value | null | undefined): number {
  return typeof value === "object" ? Number.NaN : Number(value);
}

/** Is a number that is not negative printed as a product with a power of ten? */
export function isScientific(size: number): boolean {
  return size !== 0 && size < Number.POSITIVE_INFINITY && !(size >= 1e-3 && size < 1e5);
}

const from = (alphabet: string, digits: string) =>
  digits.replace(/[-\d]/g, (digit) => alphabet["0123456789-".indexOf(digit)]!);

/** An integer in superscript digits. */
export const raised = (integer: number | string) => from("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", String(integer));

/**
 * Round a number for display: at most three decimals; three significant digits below 0.1; scientific notation below
 * 10⁻³ and from 10⁵ on; exact binary ties away from zero.
 */
export function formatNumber(v: number, style: Style = "text"): string {
  const pick = (text: string, latex: string, mathml: string) => ({ text, latex, mathml })[style];
  if (Number.isNaN(v)) return pick("NaN", "\\mathrm{NaN}", "<mi>NaN</mi>");
  const sign = v < 0 ? (style === "latex" ? "-" : "−") : "";
  const size = Math.abs(v);
  if (size === Number.POSITIVE_INFINITY) return pick(`${sign}∞`, `${sign}\\infty`, `<mn>${sign}∞</mn>`);
  if (isScientific(size)) {
    const [digits, exponent] = size.toExponential(2).split("e") as [string, string];
    const front = sign + stripped(digits);
    const power = exponent.replace("+", "");
    return pick(
      `${front}×10${raised(power)}`,
      `${front} \\times 10^{${power}}`,
      `<mn>${front}</mn><mo>×</mo><msup><mn>10</mn><mn>${power.replace("-", "−")}</mn></msup>`,
    );
  }
  const digits = sign + stripped(size && size < 0.1 ? size.toPrecision(3) : size.toFixed(3));
  return style === "mathml" ? `<mn>${digits}</mn>` : digits;
}

const stripped = (digits: string) => digits.replace(/\.?0+$/, "");

const LETTERS = "αβγδεζηθικλμνξπρστυφχψωΓΔΘΛΞΠΣΥΦΨΩ";
const NAMES = words(
  "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi pi rho sigma tau upsilon phi chi psi " +
    "omega Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega",
);
const greek = (word: string) => LETTERS[NAMES.indexOf(word)] ?? word;

/** Split a label into its letters and its subscripts; an unusual label is all base. */
function parse(label: string): [base: string, subscripts: string[]] {
  const match = /^([A-Za-zÀ-ɏͰ-Ͽ]+)([0-9]*)((?:_[A-Za-z0-9]+)*)_*$/.exec(label);
  if (!match) return [label, []];
  const parts = match[3]!.split("_").slice(1);
  return [match[1]!, match[2] ? [match[2], ...parts] : parts];
}

/** Print a label on one line: `x1` as x₁, `theta` as θ; with `accent` its tangent ẋ₁ or adjoint x̄₁. */
export function labelText(label: string, accent?: Accent): string {
  const [name, subscripts] = parse(label);
  let base = greek(name);
  if (accent) {
    const [first = "", ...rest] = base;
    base = (first + (accent === "dot" ? "\u0307" : "\u0304")).normalize("NFC") + rest.join("");
  }
  return subscripts.reduce(
    (text, part, index) => text + (index === 0 && /^\d+$/.test(part) ? from("₀₁₂₃₄₅₆₇₈₉", part) : `_${greek(part)}`),
    base,
  );
}

/** Make any word harmless in LaTeX. */
export const escapeLatex = (word: string) => word.replace(/[\\^~]/g, "").replace(/[#$%&_{}]/g, "\\$&");

/** Put more than one character in braces, as a LaTeX index or exponent needs it. */
export const braced = (inside: string) => ([...inside].length === 1 ? inside : `{${inside}}`);

function upright(word: string): string {
  if (word === HOLE) return "\\square";
  const index = word.length === 1 ? LETTERS.indexOf(word) : NAMES.indexOf(word);
  if (index >= 0) return `\\${NAMES[index]}`;
  return /^([A-Za-zÀ-ɏͰ-Ͽ]|[0-9]+)$/.test(word) ? word : `\\mathrm{${escapeLatex(word)}}`;
}

/** Set a label in LaTeX: `x1` as `x_1`, `w_hidden` as `w_{\mathrm{hidden}}`, an adjoint as `\bar{x}_1`. */
export function labelLatex(label: string, accent?: Accent): string {
  const [name, subscripts] = parse(label);
  let base = upright(name);
  if (accent) base = `\\${accent === "bar" && base.startsWith("\\mathrm") ? "overline" : accent}{${base}}`;
  return subscripts.length ? `${base}_${braced(subscripts.map(upright).join(","))}` : base;
}

const word = (part: string) => {
  const tag = /^\d+$/.test(part) ? "mn" : "mi";
  return `<${tag}>${escapeHtml(greek(part))}</${tag}>`;
};

/** Set a label in MathML, everything in it escaped. */
export function labelMathml(label: string, accent?: Accent): string {
  const [name, subscripts] = parse(label);
  let base = word(name);
  if (accent) base = `<mover accent="true">${base}<mo>${accent === "dot" ? "˙" : "¯"}</mo></mover>`;
  return subscripts.length ? `<msub>${base}<mrow>${subscripts.map(word).join("<mo>,</mo>")}</mrow></msub>` : base;
}
