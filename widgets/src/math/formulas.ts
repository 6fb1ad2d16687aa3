/** How formula trees are printed: text, LaTeX, MathML; the twin of `stepgrad/documents/formulas.py`. */

import {
  braced,
  escapeHtml,
  escapeLatex,
  formatNumber,
  isScientific,
  labelLatex,
  labelMathml,
  labelText,
  raised,
  type Style,
  table,
  toNumber,
} from "./notation";
import type { Known, Tree } from "./types";

const MAX_DEPTH = 100;

// How tightly a formula holds together, from a sum to an atom.
const SUM = 1;
const NEGATIVE = 2;
const MATMUL = 3;
const PRODUCT = 4;
const FUNCTION = 5;
const POWER = 6;
const ATOM = 7;

type Sign = readonly [text: string, latex: string, mathml?: string];
type Infix = readonly [level: number, left: number, right: number, sign: Sign];

const INFIX = table<Infix>({
  add: [SUM, SUM, MATMUL, [" + ", " + "]],
  subtract: [SUM, SUM, MATMUL, [" − ", " - "]],
  multiply: [PRODUCT, PRODUCT, PRODUCT, ["·", " \\cdot "]],
  divide: [PRODUCT, PRODUCT, FUNCTION, ["/", "/"]],
  matmul: [MATMUL, FUNCTION, FUNCTION, [" @ ", " \\, ", '<mspace width="0.17em"/>']],
});
const COMPARISONS = table<Sign>({
  greater: [" > ", " > "],
  greater_equal: [" ≥ ", " \\ge "],
  less: [" < ", " < "],
  less_equal: [" ≤ ", " \\le "],
  equal: [" = ", " = "],
  not_equal: [" ≠ ", " \\ne "],
});
const FENCES = table<readonly [open: Sign, close: Sign]>({
  absolute: [
    ["|", "\\lvert "],
    ["|", " \\rvert"],
  ],
  floor: [
    ["⌊", "\\lfloor "],
    ["⌋", " \\rfloor"],
  ],
  ceil: [
    ["⌈", "\\lceil "],
    ["⌉", " \\rceil"],
  ],
});
const ROOTS = table<readonly [text: string, latex: string, index: string]>({
  sqrt: ["√", "\\sqrt", ""],
  cbrt: ["∛", "\\sqrt[3]", "<mn>3</mn>"],
});
const named = (name: string): Sign => [name, `\\${name}`];
const operator = (name: string): Sign => [name, `\\operatorname{${escapeLatex(name)}}`];
const all = (names: string, sign: (name: string) => Sign) =>
  Object.fromEntries(names.split(" ").map((n) => [n, sign(n)]));
const FUNCTIONS = table<Sign>({
  ...all("exp log sin cos tan arcsin arccos arctan sinh cosh tanh", named),
  ...all("arcsinh arccosh arctanh sign round relu sigmoid softplus sum", operator),
  log2: ["log₂", "\\log_2", "<msub><mi>log</mi><mn>2</mn></msub>"],
  log10: ["log₁₀", "\\log_{10}", "<msub><mi>log</mi><mn>10</mn></msub>"],
});
const CALLS = table<Sign>({ maximum: named("max"), minimum: named("min") });
const SHORTHANDS = table<(part: Tree) => Tree>({
  square: (x) => ["power", x, 2],
  reciprocal: (x) => ["divide", 1, x],
  exp2: (x) => ["power", 2, x],
  expm1: (x) => ["subtract", ["exp", x], 1],
  log1p: (x) => ["log", ["add", 1, x]],
});

/** Print a formula in one line of Unicode; `known` has numbers to put in: `x1`, `dot x1`, `bar x1`. */
export const text = (tree: Tree, known?: Known) => print(tree, "text", known);
/** Print a formula in LaTeX. */
export const latex = (tree: Tree, known?: Known) => print(tree, "latex", known);
/** Print a formula as MathML elements, to stand in `<math>`; everything is escaped. */
export const mathml = (tree: Tree, known?: Known) => print(tree, "mathml", known);

/** Print a formula in a style. */
export const print = (tree: Tree, style: Style, known: Known = {}) => new Printer(style).show(filled(tree, known, 0));

/** left = first member = second member …, leaving out members that read like the one before. */
export function chain(style: Style, left: Tree, members: readonly string[], accumulates: boolean): string {
  const equals = style === "mathml" ? "<mo>=</mo>" : " = ";
  const relation = { text: " += ", latex: " \\mathrel{+}= ", mathml: "<mo>+=</mo>" }[style];
  const kept = members.filter((member, index) => member !== members[index - 1]);
  return print(left, style) + (accumulates ? relation : equals) + kept.join(equals);
}

/** Put the numbers in and write shorthands as what they stand for. */
function filled(tree: Tree, known: Known, depth: number): Tree {
  if (depth > MAX_DEPTH) throw new RangeError(`the formula is nested deeper than ${MAX_DEPTH} levels`);
  const lookUp = (key: string) => {
    const value = Object.hasOwn(known, key) ? known[key] : undefined;
    return value === undefined || typeof value === "object" ? tree : toNumber(value);
  };
  if (typeof tree === "number") return tree;
  if (typeof tree === "string") return lookUp(tree);
  const [op, ...parts] = tree;
  if (op === "number") return Number(parts[0]);
  if (op === "dot" || op === "bar") return lookUp(`${op} ${parts[0]}`);
  if (op === "partial") return tree;
  const inside = parts.map((part) => filled(part, known, depth + 1));
  const shorthand = inside.length === 1 && SHORTHANDS[op];
  return shorthand ? shorthand(inside[0]!) : [op, ...inside];
}

class Printer {
  constructor(readonly style: Style) {}

  /** Pick what this style needs; MathML takes the text's sign as an operator if it has none of its own. */
  pick([text, latex, mathml]: Sign): string {
    if (this.style === "mathml") return mathml ?? `<mo>${escapeHtml(text.trim())}</mo>`;
    return this.style === "text" ? text : latex;
  }

  level(tree: Tree): number {
    const flat = this.style === "text";
    if (typeof tree === "number") return tree < 0 ? NEGATIVE : isScientific(tree) ? PRODUCT : ATOM;
    if (typeof tree === "string") return ATOM;
    const [op, ...parts] = tree;
    if (INFIX[op] && parts.length === 2) return INFIX[op][0];
    if (parts.length === 1) {
      if (op === "negative") return NEGATIVE;
      if (op === "exp" && !flat) return POWER;
      if (ROOTS[op] && !flat) return ATOM;
      if (FUNCTIONS[op] || ROOTS[op]) return FUNCTION;
    }
    if (op === "partial") return PRODUCT;
    return op === "power" || op === "transpose" ? POWER : ATOM;
  }

  /**
   * Print a filled tree, in parentheses if it holds together less than `least`; `tight`: something follows directly,
   * so that a function needs parentheses: sin(x)·y.
   */
  show(tree: Tree, least = SUM, tight = false): string {
    return this.level(tree) < least ? this.fenced(this.body(tree, false)) : this.body(tree, tight);
  }

  /** As one MathML element. */
  row(tree: Tree, least = SUM): string {
    const inside = this.show(tree, least);
    return this.style === "mathml" ? `<mrow>${inside}</mrow>` : inside;
  }

  fenced(inside: string, open: Sign = ["(", "("], close: Sign = [")", ")"]): string {
    if (this.style === "mathml") return `<mrow>${this.pick(open)}${inside}${this.pick(close)}</mrow>`;
    if (this.style === "latex" && open[0] === "(" && inside.includes("\\frac")) return `\\left(${inside}\\right)`;
    return this.pick(open) + inside + this.pick(close);
  }

  label(label: string, accent?: "dot" | "bar"): string {
    return { text: labelText, latex: labelLatex, mathml: labelMathml }[this.style](label, accent);
  }

  fraction(over: string, under: string): string {
    return { text: `${over}/${under}`, latex: `\\frac{${over}}{${under}}`, mathml: `<mfrac>${over}${under}</mfrac>` }[
      this.style
    ];
  }

  /** A superscript in two dimensions. */
  above(base: string, exponent: string): string {
    return this.style === "mathml" ? `<msup>${base}${exponent}</msup>` : `${base}^${braced(exponent)}`;
  }

  body(tree: Tree, tight: boolean): string {
    const flat = this.style === "text";
    const math = this.style === "mathml";
    if (typeof tree === "number") return formatNumber(tree, this.style);
    if (typeof tree === "string") return this.label(tree);
    const [op, ...parts] = tree;
    const [a, b] = parts;
    if (typeof a === "string" && (op === "dot" || op === "bar")) return this.label(a, op);
    if (a !== undefined && b !== undefined && parts.length === 2) {
      if (op === "partial" && typeof a === "string" && typeof b === "string") {
        const d = (label: string) => {
          const inside = { text: "∂", latex: "\\partial ", mathml: "<mo>∂</mo>" }[this.style] + this.label(label);
          return math ? `<mrow>${inside}</mrow>` : inside;
        };
        return this.fraction(d(a), d(b));
      }
      if (op === "divide" && !flat) return this.fraction(this.row(a), this.row(b));
      if (op === "power") return this.power(a, b);
      const infix = INFIX[op];
      if (infix) {
        const [level, left, right, sign] = infix;
        return this.show(a, left, level > SUM) + this.pick(sign) + this.show(b, right, tight);
      }
      const comparison = COMPARISONS[op];
      if (comparison) return this.fenced(this.show(a) + this.pick(comparison) + this.show(b), ["[", "["], ["]", "]"]);
    } else if (a !== undefined && parts.length === 1) {
      if (op === "negative") return this.pick(["−", "-", '<mo form="prefix">−</mo>']) + this.show(a, MATMUL, tight);
      if (op === "transpose")
        return flat ? `${this.show(a, ATOM)}ᵀ` : this.above(this.row(a, ATOM), math ? "<mo>⊤</mo>" : "\\top");
      if (op === "exp" && !flat) return this.above(math ? "<mi>e</mi>" : "e", this.row(a));
      const fence = FENCES[op];
      if (fence) return this.fenced(this.show(a), ...fence);
      const root = ROOTS[op];
      if (root) {
        if (flat) return root[0] + this.argument(a, "", tight);
        if (!math) return `${root[1]}{${this.show(a)}}`;
        return root[2] ? `<mroot>${this.row(a)}${root[2]}</mroot>` : `<msqrt>${this.row(a)}</msqrt>`;
      }
      const sign = FUNCTIONS[op];
      if (sign) return this.named(sign) + this.argument(a, math ? '<mspace width="0.17em"/>' : " ", tight);
    }
    const comma = this.pick([", ", ", "]);
    return this.named(CALLS[op] ?? operator(op)) + this.fenced(parts.map((part) => this.show(part)).join(comma));
  }

  /** The name of a function, with the invisible sign of application in MathML. */
  named(sign: Sign): string {
    return this.style === "mathml" ? `${sign[2] ?? `<mi>${escapeHtml(sign[0])}</mi>`}<mo>\u2061</mo>` : this.pick(sign);
  }

  argument(part: Tree, space: string, tight: boolean): string {
    return tight || this.level(part) < ATOM ? this.fenced(this.show(part)) : space + this.show(part);
  }

  power(base: Tree, exponent: Tree): string {
    if (this.style !== "text") return this.above(this.row(base, ATOM), this.row(exponent));
    const whole = typeof exponent === "number" && Number.isInteger(exponent) && !isScientific(Math.abs(exponent));
    return this.show(base, ATOM) + (whole ? raised(exponent + 0) : `^${this.show(exponent, ATOM)}`);
  }
}
