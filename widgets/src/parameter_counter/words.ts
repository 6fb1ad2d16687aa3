/** What is said of a layer: its formula, sentences, and the numbers in a table. */

import { by, type Cost, cost, KINDS, type Kind, rounded, type Settings, told, unreached } from "../math/counting";
import { raised } from "../math/notation";
import { bytes, counted } from "../math/units";
import { fieldOf, unitGrid } from "./geometry";
import type { Facts, Network } from "./traits";

export const TITLES: Readonly<Record<Kind, string>> = {
  fully_connected: "fully connected",
  locally_connected: "locally connected",
  convolutional: "convolutional",
};
export const capital = (text: string) => text.replace(/^./, (letter) => letter.toUpperCase());

/** The bytes of the parameters, in float32 and float64. */
export const memory = ({ parameters }: Cost) => [4n * parameters, 8n * parameters] as const;

const number = (n: number | bigint) => `<mn>${counted(n)}</mn>`;
const times = "<mo>·</mo>";

/** 1.6 × 10⁹ */
function power(count: bigint): string {
  const [factor, exponent] = rounded(count);
  const front = factor === "1" ? "" : `<mn>${factor}</mn><mo>×</mo>`;
  return `${front}<mn>10${raised(exponent)}</mn>`;
}

/** Symbols with what they count written below. */
const labelled = (letters: string, words: string) =>
  `<munder><mrow>${[...letters].map((letter) => `<mi>${letter}</mi>`).join("<mspace width='0.1em'/>")}</mrow><mtext>${words}</mtext></munder>`;

/** The count of parameters, as MathML: in symbols, with the numbers in, exactly and as a power of ten. */
export function formula(kind: Kind, settings: Settings): string[] {
  const { image, field, channels, hidden, filters, bias } = settings;
  const full = kind === "fully_connected";
  const inputs = full ? labelled("HWC", "numbers in the image") : labelled("hwC", "numbers in a field");
  const [sets, many] =
    kind === "convolutional" ? [labelled("F", "filters"), filters] : [labelled("m", "hidden units"), hidden];
  const sizes = [...(full ? image : field), channels, many].map((n, i) => `${i ? times : "<mo>=</mo>"}${number(n)}`);
  const biases = bias ? `<mo>+</mo>${kind === "convolutional" ? "<mi>F</mi>" : "<mi>m</mi>"}` : "";
  const { parameters } = cost(kind, settings);
  const steps = [
    `<mi>n</mi><mo>=</mo>${inputs}`,
    `${times}${sets}${biases}`,
    ...sizes,
    ...(bias ? [`<mo form="infix">+</mo>${number(many)}`] : []),
    `<mo>=</mo>${number(parameters)}`,
  ];
  if (parameters >= 100_000n) steps.push(`<mo>${rounded(parameters)[2] ? "=" : "≈"}</mo>${power(parameters)}`);
  return steps;
}

/** How many times more or fewer, in words: "400 times fewer". */
export function ratio(before: bigint, after: bigint): string {
  if (before === after) return "as many";
  const [more, less] = before > after ? [before, after] : [after, before];
  const part = Number(more) / Number(less);
  const factor = part < 9.95 ? `${+part.toPrecision(2)}` : told(BigInt(Math.round(part)));
  return `${factor} times ${before > after ? "fewer" : "more"}`;
}

const than = (before: bigint, after: bigint, kind: Kind) =>
  `${ratio(before, after)} ${before === after ? "as" : "than"} ${TITLES[kind]}`;

/** Between which networks a count lies. */
export function compared(count: bigint, networks: readonly Network[]): string {
  const size = ({ name, parameters }: Network) => `${name} (${told(BigInt(parameters))})`;
  const below = networks.filter(({ parameters }) => BigInt(parameters) <= count).at(-1);
  const above = networks.find(({ parameters }) => BigInt(parameters) > count);
  if (!below && !above) return "";
  if (!above) return `more than all of ${size(below!)}`;
  return below ? `between ${size(below)} and ${size(above)}` : `fewer than ${size(above)}`;
}

/** What share of the machine's memory that is. */
export function ofMachine(count: bigint, machine: number | null | undefined): string {
  if (!machine) return "; how much memory this machine has, no kernel has told";
  const share = Number(count) / machine;
  if (share > 1) return `, more than this machine's ${bytes(machine)}`;
  const percent = share >= 0.001 ? `${+(100 * share).toPrecision(2)} %` : "less than 0.1 %";
  return `, ${percent} of this machine's ${bytes(machine)}`;
}

const many = (n: number | bigint, noun: string) => `${counted(n)} ${noun}${Number(n) === 1 ? "" : "s"}`;

/** Why the layer has so many parameters. */
export function reason(kind: Kind, settings: Settings): string {
  const [full, local, shared] = KINDS.map((each) => cost(each, settings)) as [Cost, Cost, Cost];
  const field = by(settings.field);
  if (kind === "fully_connected")
    return `Each of the ${many(full.units, "hidden unit")} has a weight for every one of the ${counted(full.inputs)} numbers in the image.`;
  if (kind === "locally_connected")
    return `Each unit reads the ${field} pixels of its own field: ${than(full.parameters, local.parameters, "fully_connected")}.`;
  const maps = shared.maps!;
  const rest = unreached(settings);
  const short = rest.some(Boolean)
    ? ` The stride does not fit: no field reaches the last ${rest.flatMap((n, i) => (n ? [many(n, i ? "column" : "row")] : [])).join(" and ")}${settings.padding ? " of the padded image" : ""}.`
    : "";
  return `All places share the weights of a filter: ${than(local.parameters, shared.parameters, "locally_connected")}, whatever the image's size. ${many(maps[0]!, "map")} of ${by(maps.slice(1))} ${maps[0] === 1 ? "has" : "have"} ${many(shared.units, "unit")}.${short}`;
}

/** How its size compares. */
export function size(kind: Kind, settings: Settings, { networks = [], machine_bytes: machine }: Facts): string {
  const own = cost(kind, settings);
  const [single] = memory(own);
  const near = compared(own.parameters, networks);
  return `${capital(many(own.parameters, "parameter"))}${near && `, ${near}`}. In float32 they take ${bytes(single)}${ofMachine(single, machine)}. One image takes ${many(own.multiplications, "multiplication")}.`;
}

const range = (from: number, count: number, most: number) => {
  const [first, last] = [Math.max(0, from), Math.min(most, from + count) - 1];
  return first === last ? counted(first) : `${counted(first)} to ${counted(last)}`;
};

/** What a hidden unit reads. */
export function unitWords(kind: Kind, settings: Settings, row: number, column: number): string {
  const { image, filters } = settings;
  const { fanIn } = cost(kind, settings);
  const [rows, columns] = unitGrid(kind, settings);
  const index = row * columns + column;
  if (kind === "fully_connected")
    return `Unit ${counted(index)} reads the whole image: ${many(fanIn, "weight")} of its own.`;
  const { top, left, rows: high, columns: wide } = fieldOf(kind, settings, [row, column]);
  const where = `rows ${range(top, high, image[0]!)} and columns ${range(left, wide, image[1]!)}`;
  if (kind === "locally_connected")
    return `Unit ${counted(index)} reads ${where}: ${many(fanIn, "weight")} of its own.`;
  const outside = top < 0 || left < 0 || top + high > image[0]! || left + wide > image[1]!;
  return `The unit at row ${counted(row)}, column ${counted(column)} of a map reads ${where}${outside ? " and zeros around them" : ""}: the same ${many(fanIn, "weight")} as all ${counted(rows * columns)} units of its map${filters > 1 ? ", another set for each map" : ""}.`;
}
