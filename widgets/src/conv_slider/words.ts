/** What is seen, in formulas and sentences. */

import { type Layout, outputSize, type Products, span, unreached } from "../math/convolution";
import { formatNumber } from "../math/notation";
import { channelName, type Place, type Scene } from "./traits";

export const counted = (n: number) => n.toLocaleString("en").replace("-", "−");

const mi = (name: string) => `<mi>${name}</mi>`;
const mn = (n: number) => (n < 0 ? `<mo form="prefix">−</mo><mn>${-n}</mn>` : `<mn>${n}</mn>`);
const mo = (sign: string) => `<mo>${sign}</mo>`;
const indexed = (name: string, ...indices: string[]) =>
  `${mi(name)}<mo stretchy="false" form="prefix">[</mo>${indices.join("<mo separator='true'>,</mo>")}<mo stretchy="false" form="postfix">]</mo>`;
/** An operator at the beginning of a piece stands between this one and the last. */
const infix = (sign: string) => `<mo form="infix">${sign}</mo>`;
const gap = '<mspace width="0.2em"/>';
const sumOver = (...names: string[]) =>
  `<munder><mo movablelimits="false">∑</mo><mrow>${names.map(mi).join("<mo separator='true'>,</mo>")}</mrow></munder>`;

/** 18 + a, 18 + 2a, a − 1. */
function place(start: number, dilation: number, name: string): string {
  const moved = dilation > 1 ? `${mn(dilation)}${mi(name)}` : mi(name);
  if (!start) return moved;
  return start < 0 ? `${moved}${mo("−")}${mn(-start)}` : `${mn(start)}${mo("+")}${moved}`;
}

/** y[10, 18] = Σ x[c, 10 + a, 18 + b] w[c, a, b] + β = 1.284: pieces between which a line may break. */
export function windowMath({ at, flip, row, column }: Scene, value: number | null): string[] {
  const many = at.channels > 1;
  const channel = many ? [mi("c")] : [];
  const entry = (name: string, k: number) => (flip ? `${mn(k - 1)}${mo("−")}${mi(name)}` : mi(name));
  const x = indexed(
    "x",
    ...channel,
    place(row * at.stride - at.padding, at.dilation, "a"),
    place(column * at.stride - at.padding, at.dilation, "b"),
  );
  const w = indexed("w", ...channel, entry("a", at.kernelRows), entry("b", at.kernelColumns));
  return [
    `${indexed("y", mn(row), mn(column))}${mo("=")}${sumOver(...(many ? ["c"] : []), "a", "b")}`,
    `${x}${gap}${w}`,
    `${infix("+")}${mi("β")}`,
    `${infix("=")}${value === null ? mi("?") : formatNumber(value, "mathml")}`,
  ];
}

/** x̄[c, 12, 20] = Σ ȳ[f, p, q] w[f, c, 12 − p, 20 − q]; a single filter goes without f. */
export function backwardMath({ at, flip, filters }: Scene, [row, column]: Place): string[] {
  const channel = at.channels > 1 ? [mi("c")] : [];
  const filter = filters.length > 1 ? ["f"] : [];
  const bar = (name: string) => `<mover accent="true">${mi(name)}<mo>¯</mo></mover>`;
  const index = (n: number, name: string, k: number) => {
    const from = n + at.padding;
    const back = at.stride > 1 ? `${mn(at.stride)}${mi(name)}` : mi(name);
    const through = `${mn(from)}${mo("−")}${back}`;
    const entry = at.dilation > 1 ? `<mfrac><mrow>${through}</mrow>${mn(at.dilation)}</mfrac>` : through;
    return flip
      ? `${mn(k - 1)}${mo("−")}${at.dilation > 1 ? entry : `<mo stretchy="false">(</mo>${entry}<mo stretchy="false">)</mo>`}`
      : entry;
  };
  const open = '<mo stretchy="false" form="prefix">[</mo>';
  const close = '<mo stretchy="false" form="postfix">]</mo>';
  const comma = "<mo separator='true'>,</mo>";
  const w = indexed(
    "w",
    ...filter.map(mi),
    ...channel,
    index(row, "p", at.kernelRows),
    index(column, "q", at.kernelColumns),
  );
  return [
    `${bar("x")}${open}${[...channel, mn(row), mn(column)].join(comma)}${close}${mo("=")}${sumOver(...filter, "p", "q")}`,
    `${bar("y")}${open}${[...filter, "p", "q"].map(mi).join(comma)}${close}${gap}${w}`,
  ];
}

/** (32 − 5 + 2·0)/1 + 1 = 28 as mathematics, with ⌊ ⌋ where the stride doesn't fit. */
function ruleMath(n: number, k: number, at: Layout): string {
  const kernel =
    at.dilation > 1
      ? `<mo stretchy="false">(</mo>${mn(at.dilation)}<mo>·</mo>${mn(k - 1)}${mo("+")}${mn(1)}<mo stretchy="false">)</mo>`
      : mn(k);
  const top = `<mrow>${mn(n)}${mo("−")}${kernel}${mo("+")}${mn(2)}<mo>·</mo>${mn(at.padding)}</mrow>`;
  const quotient = `<mfrac>${top}${mn(at.stride)}</mfrac>`;
  const whole = unreached(n, k, at) ? `<mo>⌊</mo>${quotient}<mo>⌋</mo>` : quotient;
  return `<mrow>${whole}${mo("+")}${mn(1)}${mo("=")}${mn(outputSize(n, k, at))}</mrow>`;
}

/** The rule of the output's size with its numbers, for rows and, where it differs, for columns. */
export function sizeMath(at: Layout): string[] {
  const rows = ruleMath(at.height, at.kernelRows, at);
  const columns = ruleMath(at.width, at.kernelColumns, at);
  const named = (name: string, rule: string) => `<mtext>${name}:\u00a0</mtext>${rule}`;
  return rows === columns ? [rows] : [named("rows", rows), named("columns", columns)];
}

/** The rule in letters, which the numbers follow. */
export const RULE =
  "<mrow><mfrac><mrow><mi>N</mi><mo>−</mo><mi>F</mi><mo>+</mo><mn>2</mn><mi>P</mi></mrow><mi>S</mi></mfrac><mo>+</mo><mn>1</mn><mo>=</mo></mrow>";

export function windowWords(scene: Scene, { channels, bias }: Products): string {
  const { at } = scene;
  const n = at.channels * at.kernelRows * at.kernelColumns;
  const parts =
    at.channels > 1 && at.channels < 5
      ? [...channels].map((sum, c) => `${channelName(c, at.channels)} ${formatNumber(sum)}`)
      : [`sum ${formatNumber(channels.reduce((total, part) => total + part, 0))}`];
  return `${counted(n)} product${n > 1 ? "s" : ""} and one bias: ${[...parts, `bias ${formatNumber(bias)}`].join(", ")}.`;
}

/** Rows 10 to 14, of the padded picture too. */
const reach = (from: number, k: number, at: Layout) => {
  const first = from * at.stride - at.padding;
  return `${formatNumber(first)} to ${formatNumber(first + span(k, at.dilation) - 1)}`;
};

export function receptiveWords(scene: Scene): string {
  const { at, row, column } = scene;
  const n = at.channels * at.kernelRows * at.kernelColumns;
  const apart = at.dilation > 1 ? `, every ${at.dilation === 2 ? "second" : `${at.dilation}th`} one` : "";
  const deep = at.channels > 1 ? ` in all ${at.channels} channels` : "";
  return `Its receptive field: rows ${reach(row, at.kernelRows, at)}, columns ${reach(column, at.kernelColumns, at)}${apart}${deep}: ${counted(n)} inputs. No other input can change it.`;
}

export function backwardWords({ at, fed, cell, filters, flip }: Scene): string {
  if (!cell) return "";
  const [row, column] = cell;
  const all = at.kernelRows * at.kernelColumns;
  if (!fed.length)
    return `No window reads x at row ${row}, column ${column}: it feeds no output, and its gradient is 0.`;
  const range = (numbers: readonly number[]) => {
    const [low, high] = [Math.min(...numbers), Math.max(...numbers)];
    return low === high ? `${low}` : `${low} to ${high}`;
  };
  const rows = range(fed.map((each) => each.row));
  const columns = range(fed.map((each) => each.column));
  const turned = flip ? "w as it was given" : "w turned by half a turn";
  const why =
    fed.length === all && at.stride === 1
      ? `The weights stand there as ${turned}: the gradient of a convolution is a convolution.`
      : fed.length < all && at.stride > 1
        ? `Stride ${at.stride} skips the others.`
        : fed.length < all
          ? "Near the border fewer windows reach it."
          : "";
  const maps = filters.length > 1 ? ` of each of the ${filters.length} maps` : "";
  return `x at row ${row}, column ${column} feeds ${fed.length} output${fed.length > 1 ? "s" : ""}${maps}: rows ${rows}, columns ${columns}. ${why}`;
}

/** What the flip changes, or that it changes nothing. */
export function flipWords({ flip, slid, at }: Scene): string {
  const size = at.kernelRows * at.kernelColumns;
  const same = slid.every((weight, k) => weight === slid[k - (k % size) + size - 1 - (k % size)]);
  if (same) return "This kernel is the same after half a turn: convolution and cross-correlation give the same map.";
  return flip ? "Convolution: the kernel is turned by half a turn before it slides." : "";
}

/** y[10, 18] = Σ x[c, 10 + a, 18 + b] · w[c, a, b] + β = 1.284 in one line. */
export function windowLine(scene: Scene, { value }: Products): string {
  const { at, row, column, flip } = scene;
  const c = at.channels > 1 ? "c, " : "";
  const entry = (k: number, name: string) => (flip ? `${k - 1} − ${name}` : name);
  const x = `x[${c}${linear(at, row, "a")}, ${linear(at, column, "b")}]`;
  const w = `w[${c}${entry(at.kernelRows, "a")}, ${entry(at.kernelColumns, "b")}]`;
  return `y[${row}, ${column}] = Σ ${x} · ${w} + β = ${formatNumber(value)}`;
}

/** 18 + a, 2a − 1, as text. */
function linear(at: Layout, place: number, name: string): string {
  const start = place * at.stride - at.padding;
  const moved = `${at.dilation > 1 ? at.dilation : ""}${name}`;
  if (!start) return moved;
  return start < 0 ? `${moved} − ${-start}` : `${start} + ${moved}`;
}

/** The dot product in one line, its terms by 0 left out. */
export function windowText({ at, row, column, slid }: Scene, { inputs, bias, value }: Products): string {
  const terms = [...slid].flatMap((weight, k) =>
    weight ? [`${formatNumber(inputs[k]!)}·${formatNumber(weight)}`] : [],
  );
  const n = at.channels * at.kernelRows * at.kernelColumns;
  const sum = [...terms, formatNumber(bias)].join(" + ");
  return `y[${row}, ${column}] = ${sum} = ${formatNumber(value)}   (${n} products, those by 0 left out)`;
}

export function windowLatex({ at, row, column, flip }: Scene, { value }: Products): string {
  const c = at.channels > 1 ? "c, " : "";
  const entry = (k: number, name: string) => (flip ? `${k - 1} - ${name}` : name);
  const x = `x[${c}${linear(at, row, "a")}, ${linear(at, column, "b")}]`.replaceAll("−", "-");
  const w = `w[${c}${entry(at.kernelRows, "a")}, ${entry(at.kernelColumns, "b")}]`;
  return `y[${row}, ${column}] = \\sum_{${c}a, b} ${x}\\, ${w} + \\beta = ${formatNumber(value, "latex")}`;
}
