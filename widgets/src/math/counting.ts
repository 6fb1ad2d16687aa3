/** What three layers on an image cost, in whole numbers without rounding; the twin of `stepgrad/nn/counting.py`. */

import { raised } from "./notation";
import { counted } from "./units";

export const KINDS = ["fully_connected", "locally_connected", "convolutional"] as const;
export type Kind = (typeof KINDS)[number];

/** What the counts follow from; image and field are rows and columns. */
export interface Settings {
  readonly image: readonly number[];
  readonly channels: number;
  readonly hidden: number;
  readonly field: readonly number[];
  readonly filters: number;
  readonly stride: number;
  readonly padding: number;
  readonly bias: boolean;
}

export interface Cost {
  readonly kind: Kind;
  /** The numbers that the layer reads. */
  readonly inputs: bigint;
  /** Its hidden units, each of which makes one number. */
  readonly units: bigint;
  /** How many inputs a unit has, padding included. */
  readonly fanIn: bigint;
  /** The shape of the units where they stand in maps: filters, rows, columns. */
  readonly maps: readonly number[] | null;
  /** How many sets of weights there are: one for each unit, or for each filter where units share. */
  readonly sets: bigint;
  readonly weights: bigint;
  readonly biases: bigint;
  readonly parameters: bigint;
  /** For one image: the connections. */
  readonly multiplications: bigint;
}

type Limits = Readonly<Record<Exclude<keyof Settings, "bias">, readonly [least: number, most: number]>>;

/** The smallest and the largest number that may be set. */
export const LIMITS: Limits = {
  image: [1, 10_000],
  channels: [1, 10_000],
  hidden: [1, 1_000_000_000],
  field: [1, 10_000],
  filters: [1, 1_000_000],
  stride: [1, 1_000],
  padding: [0, 1_000],
};

const NOUNS: Readonly<Record<string, string>> = {
  image: "side of the image",
  field: "side of the field",
  hidden: "number of hidden units",
  channels: "number of channels",
  filters: "number of filters",
};

/** "200 × 200" */
export const by = (sizes: readonly (number | bigint)[]) => sizes.map(counted).join(" × ");

/** What is wrong with the settings, in one sentence; "" if nothing is. Python says the same. */
export function problem(settings: Settings): string {
  for (const [name, [least, most]] of Object.entries(LIMITS)) {
    const value = settings[name as keyof Limits] as number | readonly number[];
    if ((name === "image" || name === "field") && (value as readonly number[]).length !== 2)
      return `The ${name} takes two whole numbers, rows and columns.`;
    const noun = NOUNS[name] ?? name;
    for (const number of [value].flat() as number[]) {
      if (!Number.isInteger(number)) return `The ${noun} is a whole number; this is ${number}.`;
      if (number < least || number > most)
        return `The ${noun} is a whole number from ${counted(least)} to ${counted(most)}; this is ${counted(number)}.`;
    }
  }
  const { image, field, padding } = settings;
  const padded = image.map((n) => n + 2 * padding);
  if (field.every((k, i) => k <= padded[i]!)) return "";
  return `The field, ${by(field)}, does not fit in the image${padding ? " with its padding" : ""}, ${by(padded)}: take a smaller field or a larger image.`;
}

const product = (numbers: readonly number[]) => numbers.reduce((all, n) => all * BigInt(n), 1n);

/** How many places the field has in the image, down and across. */
export const places = ({ image, field, stride, padding }: Settings) =>
  image.map((n, i) => Math.floor((n + 2 * padding - field[i]!) / stride) + 1);

/** The pixels at the end of the rows and of the columns that the field never reaches, since the stride does not fit. */
export const unreached = ({ image, field, stride, padding }: Settings) =>
  image.map((n, i) => (n + 2 * padding - field[i]!) % stride);

export function cost(kind: Kind, settings: Settings): Cost {
  const { image, channels, hidden, field, filters, bias } = settings;
  const shared = kind === "convolutional";
  const maps = shared ? [filters, ...places(settings)] : null;
  const units = maps ? product(maps) : BigInt(hidden);
  const fanIn = product([...(kind === "fully_connected" ? image : field), channels]);
  const sets = shared ? BigInt(filters) : units;
  const weights = sets * fanIn;
  const biases = bias ? sets : 0n;
  return {
    kind,
    inputs: product([...image, channels]),
    units,
    fanIn,
    maps,
    sets,
    weights,
    biases,
    parameters: weights + biases,
    multiplications: units * fanIn,
  };
}

/** A count in scientific notation: the factor in three digits, ties up, the power of ten, and whether it is exact. */
export function rounded(count: bigint, digits = 3): readonly [factor: string, power: number, exact: boolean] {
  let power = `${count}`.length - 1;
  const unit = 10n ** BigInt(Math.max(0, power - digits + 1));
  let kept = (count + unit / 2n) / unit;
  const exact = kept * unit === count;
  if (kept >= 10n ** BigInt(digits)) {
    kept /= 10n;
    power++;
  }
  const text = `${kept}`;
  return [`${text[0]}.${text.slice(1)}`.replace(/\.?0*$/, ""), power, exact];
}

const SIGNS = "⁰¹²³⁴⁵⁶⁷⁸⁹";

/** "1.6 × 10⁹"; below 10⁵ the number itself. */
export function told(count: bigint): string {
  if (count < 100_000n) return counted(count);
  const [factor, power] = rounded(count);
  return `${factor === "1" ? "" : `${factor} × `}10${raised(power)}`;
}

/** What someone typed as a count: 40000, 40,000, 1.6e9, 4 × 10^6, 200·200·40000; NaN if it is none. */
export function typedCount(text: string): number {
  const plain = text
    .trim()
    .replace(/[⁰¹²³⁴⁵⁶⁷⁸⁹]+/g, (signs) => `^${[...signs].map((sign) => SIGNS.indexOf(sign)).join("")}`)
    .replace(/(\d)[,\s_'\u00a0\u202f](?=\d{3}(?!\d))/g, "$1")
    .replace(/\*\*/g, "^");
  const factors = plain.split(/\s*[*×·x]\s*/).map((part) => {
    const [base = "", power, ...rest] = part.split("^").map((number) => number.trim());
    const value = (number: string) => (/^\d+(\.\d+)?(e\+?\d+)?$/i.test(number) ? Number(number) : Number.NaN);
    if (rest.length) return Number.NaN;
    return power === undefined ? value(base) : value(base) ** value(power);
  });
  return factors.reduce((all, n) => all * n, 1);
}

/** As close as a prediction of the power of ten has to be: half a power either way. */
const CLOSE = 0.5;
/** A guess that was meant to be this number. */
const same = (guess: number, n: bigint | number) => Math.abs(Math.log10(guess) - Math.log10(Number(n))) < 0.02;

export const isClose = (guess: number, count: bigint) =>
  Math.abs(Math.log10(guess) - Math.log10(Number(count))) <= CLOSE;

/** What a wrong prediction of a count mistook, in a sentence. */
export function mistake(kind: Kind, settings: Settings, guess: number): string {
  const { channels, filters } = settings;
  const [full, local, shared] = KINDS.map((each) => cost(each, settings)) as [Cost, Cost, Cost];
  const own = { fully_connected: full, locally_connected: local, convolutional: shared }[kind];
  const [units, inputs] = [counted(full.units), counted(full.inputs)];
  const field = by(settings.field);
  const mistakes: Record<Kind, readonly (readonly [n: bigint | number, sentence: string])[]> = {
    fully_connected: [
      [
        full.inputs,
        `You counted every input once: each of the ${units} hidden units has ${inputs} weights of its own.`,
      ],
      [full.units, `You counted the hidden units: each of them has a weight for every one of the ${inputs} inputs.`],
      [full.inputs + full.units, "You added inputs and units: every input is connected to every unit, so multiply."],
      [local.weights, `That is with fields of ${field}: here every unit reads all ${inputs} inputs.`],
    ],
    locally_connected: [
      [full.weights, `That is still fully connected: here a unit reads the ${field} pixels of its field alone.`],
      [local.fanIn, `Those are the weights of one unit: there are ${units}, and each has its own.`],
      [
        shared.weights,
        `That is one set for each of ${counted(filters)} filters: here every unit has a set of its own, ${units} in all.`,
      ],
      [local.units, `You counted the units: each of them has a weight for every input in its field of ${field}.`],
    ],
    convolutional: [
      [local.weights, "That is with weights of its own for every unit: here all places share the weights of a filter."],
      [shared.fanIn, `Those are the weights of one filter: there are ${counted(filters)}.`],
      [
        shared.multiplications,
        "You counted the multiplications: the same weights are used at every place, and count once.",
      ],
      [shared.units, "You counted the hidden units: they share the weights of their filter."],
      [filters, `You counted the filters: each has a weight for every input in its field of ${field}.`],
    ],
  };
  const found = mistakes[kind].find(([n]) => same(guess, n));
  if (found) return found[1];
  if (channels > 1 && same(guess * channels, own.parameters))
    return `You left out the channels: a pixel has ${counted(channels)} numbers, and each has its weight.`;
  const off = Math.log10(guess) - Math.log10(Number(own.parameters));
  const times = told(BigInt(Math.round(10 ** Math.abs(off))));
  return `Too ${off > 0 ? "many" : "few"}, about ${times} times: ${HINTS[kind]}`;
}

const HINTS: Readonly<Record<Kind, string>> = {
  fully_connected: "multiply the numbers in the image by the hidden units.",
  locally_connected: "multiply the numbers in one field by the hidden units.",
  convolutional: "multiply the numbers in one field by the filters, and by nothing else.",
};
