/** How formula trees are printed: text, LaTeX, MathML; the twin of `stepgrad/documents/formulas.py`. */

import {
  type Accent,
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
  words,
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

/** What a sign looks like; LaTeX takes the text if it has nothing of its own, MathML the text as an operator. */
type Sign = readonly [text: string, latex?: string, mathml?: string];
type Infix = readonly [level: number, left: number, right: number, ...sign: Sign];

const SPACE = '<mspace width="0.17em"/>';
const named = (name: string): Sign => [name, `\\${name}`];
const operator = (name: string): Sign => [name, `\\operatorname{${escapeLatex(name)}}`];
const each = (names: string, sign: (name: string) => Sign) =>
  Object.fromEntries(words(names).map((name) => [name, sign(name)]));

const INFIX = table<Infix>({
  add: [SUM, SUM, MATMUL, " + "],
  subtract: [SUM, SUM, MATMUL, " − ", " - "],
  multiply: [PRODUCT, PRODUCT, PRODUCT, "·", " \\cdot "],
  divide: [PRODUCT, PRODUCT, FUNCTION, "/"],
  matmul: [MATMUL, FUNCTION, FUNCTION, " @ ", " \\, ", SPACE],
});
const COMPARISONS = table<Sign>({
  greater: [" > "],
  greater_equal: [" ≥ ", " \\ge "],
  less: [" < "],
  less_equal: [" ≤ ", " \\le "],
  equal: [" = "],
  not_equal: [" ≠ ", " \\ne "],
});
const FENCES = table<readonly [text: string, latex: string]>({
  absolute: ["||", "vert"],
  floor: ["⌊⌋", "floor"],
  ceil: ["⌈⌉", "ceil"],
});
const ROOTS = table<Sign>({
  sqrt: ["√", "\\sqrt", ""],
  cbrt: ["∛", "\\sqrt[3]", "<mn>3</mn>"],
});
const FUNCTIONS = table<Sign>({
  ...each("exp log sin cos tan arcsin arccos arctan sinh cosh tanh", named),
  ...each("arcsinh arccosh arctanh sign round relu sigmoid softplus sum", operator),
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
export const print = (tree: Tree, style: Style, known: Known = {}) => show(filled(tree, known, 0), style);

/** left = first member = second member …, leaving out members that read like the one before. */
export function chain(style: Style, left: Tree, members: readonly string[], accumulates: boolean): string {
  const kept = members.filter((member, index) => member !== members[index - 1]);
  const relation: Sign = accumulates ? [" += ", " \\mathrel{+}= "] : [" = "];
  return print(left, style) + pick(style, relation) + kept.join(pick(style, [" = "]));
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

function pick(style: Style, [text, latex = text, mathml]: Sign): string {
  if (style === "mathml") return mathml ?? `<mo>${escapeHtml(text.trim())}</mo>`;
  return style === "text" ? text : latex;
}

const label = (name: string, style: Style, accent?: Accent) =>
  (style === "text" ? labelText : style === "latex" ? labelLatex : labelMathml)(name, accent);

function level(tree: Tree, style: Style): number {
  if (typeof tree === "number") return tree < 0 ? NEGATIVE : isScientific(tree) ? PRODUCT : ATOM;
  if (typeof tree === "string") return ATOM;
  const [op] = tree;
  const flat = style === "text";
  if (INFIX[op] && tree.length === 3) return INFIX[op][0];
  if (tree.length === 2) {
    if (op === "negative") return NEGATIVE;
    if (op === "exp" && !flat) return POWER;
    if (ROOTS[op]) return flat ? FUNCTION : ATOM;
    if (FUNCTIONS[op]) return FUNCTION;
  }
  if (op === "partial") return PRODUCT;
  return op === "power" || op === "transpose" ? POWER : ATOM;
}

/**
 * Print a filled tree, in parentheses if it holds together less than `least`; `tight`: something follows directly, so
 * that a function needs parentheses: sin(x)·y.
 */
function show(tree: Tree, style: Style, least = SUM, tight = false): string {
  return level(tree, style) < least ? fenced(body(tree, style, false), style) : body(tree, style, tight);
}

/** In MathML, one element. */
const row = (inside: string, style: Style) => (style === "mathml" ? `<mrow>${inside}</mrow>` : inside);

function fenced(inside: string, style: Style, open: Sign = ["("], close: Sign = [")"]): string {
  if (style === "latex" && open[0] === "(" && inside.includes("\\frac")) return `\\left(${inside}\\right)`;
  const edge = (sign: Sign) =>
    inside.includes("<mfrac") ? pick(style, sign) : pick(style, sign).replace("<mo>", '<mo stretchy="false">');
  return row(edge(open) + inside + edge(close), style);
}

function fraction(over: string, under: string, style: Style): string {
  if (style === "mathml") return `<mfrac>${row(over, style)}${row(under, style)}</mfrac>`;
  return style === "text" ? `${over}/${under}` : `\\frac{${over}}{${under}}`;
}

/** A superscript in two dimensions. */
const above = (base: string, exponent: string, style: Style) =>
  style === "mathml" ? `<msup>${row(base, style)}${row(exponent, style)}</msup>` : `${base}^${braced(exponent)}`;

function body(tree: Tree, style: Style, tight: boolean): string {
  if (typeof tree === "number") return formatNumber(tree, style);
  if (typeof tree === "string") return label(tree, style);
  const flat = style === "text";
  const [op, ...parts] = tree;
  const [a = "", b = ""] = parts;
  const inner = (part: Tree, least?: number, tight?: boolean) => show(part, style, least, tight);
  if (parts.length === 2) {
    if (op === "partial") {
      const d = (name: Tree) => pick(style, ["∂", "\\partial "]) + label(String(name), style);
      return fraction(d(a), d(b), style);
    }
    if (op === "divide" && !flat) return fraction(inner(a), inner(b), style);
    if (op === "power") return power(a, b, style);
    const infix = INFIX[op];
    if (infix) {
      const [own, left, right, ...sign] = infix;
      return inner(a, left, own > SUM) + pick(style, sign) + inner(b, right, tight);
    }
    const comparison = COMPARISONS[op];
    if (comparison) return fenced(inner(a) + pick(style, comparison) + inner(b), style, ["["], ["]"]);
  } else if (parts.length === 1) {
    if (op === "dot" || op === "bar") return label(String(a), style, op);
    if (op === "negative") return pick(style, ["−", "-", '<mo form="prefix">−</mo>']) + inner(a, MATMUL, tight);
    if (op === "transpose")
      return flat ? `${inner(a, ATOM)}ᵀ` : above(inner(a, ATOM), pick(style, ["⊤", "\\top"]), style);
    if (op === "exp" && !flat) return above(pick(style, ["", "e", "<mi>e</mi>"]), inner(a), style);
    const fence = FENCES[op];
    if (fence) {
      const [[open, close], name] = fence as unknown as [[string, string], string];
      return fenced(inner(a), style, [open, `\\l${name} `], [close, ` \\r${name}`]);
    }
    const root = ROOTS[op];
    if (root) {
      if (flat) return root[0] + argument(a, style, "", tight);
      if (style === "latex") return `${root[1]}{${inner(a)}}`;
      return root[2] ? `<mroot>${row(inner(a), style)}${root[2]}</mroot>` : `<msqrt>${inner(a)}</msqrt>`;
    }
    const sign = FUNCTIONS[op];
    if (sign) return applied(sign, style) + argument(a, style, style === "mathml" ? SPACE : " ", tight);
  }
  const list = parts.map((part) => inner(part)).join(pick(style, [", "]));
  return applied(CALLS[op] ?? operator(op), style) + fenced(list, style);
}

/** The name of a function, in MathML with the invisible sign of application. */
const applied = ([name, latex, mathml = `<mi>${escapeHtml(name)}</mi>`]: Sign, style: Style) =>
  pick(style, [name, latex, `${mathml}<mo>\u2061</mo>`]);

const argument = (part: Tree, style: Style, space: string, tight: boolean) =>
  tight || level(part, style) < ATOM ? fenced(show(part, style), style) : space + show(part, style);

function power(base: Tree, exponent: Tree, style: Style): string {
  const below = show(base, style, ATOM);
  if (style !== "text") return above(below, show(exponent, style), style);
  const whole = typeof exponent === "number" && Number.isInteger(exponent) && !isScientific(Math.abs(exponent));
  return below + (whole ? raised(exponent + 0) : `^${show(exponent, style, ATOM)}`);
}
