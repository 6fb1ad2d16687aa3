import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import {
  type Cost,
  cost,
  isClose,
  KINDS,
  LIMITS,
  mistake,
  places,
  problem,
  rounded,
  type Settings,
  told,
  typedCount,
  unreached,
} from "../../src/math/counting";
import { bytes, counted } from "../../src/math/units";

const golden = JSON.parse(readFileSync(join(import.meta.dirname, "../../../tests/golden/counts.json"), "utf8"));
const LECTURE: Settings = golden.cases[0].settings;
const COLOUR: Settings = golden.cases[1].settings;

describe("what Python has counted", () => {
  it("is counted here too, to the last digit", () => {
    expect(golden.cases.length).toBeGreaterThan(50);
    for (const { settings, layers } of golden.cases)
      for (const kind of KINDS) {
        const { kind: _, sets, ...rest } = cost(kind, settings);
        const found = Object.fromEntries(
          Object.entries(rest).map(([name, n]) => [name, typeof n === "bigint" ? `${n}` : n]),
        );
        expect(found).toEqual(layers[kind]);
        expect(sets * rest.fanIn).toBe(rest.weights);
      }
  });

  it("has the same limits, and the same sentences on what is wrong", () => {
    expect(LIMITS).toEqual(golden.limits);
    for (const { settings } of golden.cases) expect(problem(settings)).toBe("");
    for (const { settings, sentence } of golden.wrong) expect(problem(settings)).toBe(sentence);
  });

  it("is written the same", () => {
    for (const { count, rounded: truth, bytes: size, counted: text } of golden.numbers) {
      expect(rounded(BigInt(count))).toEqual(truth);
      expect(counted(BigInt(count))).toBe(text);
      expect(bytes(BigInt(count))).toBe(size);
    }
  });
});

describe("numbers", () => {
  it("come out as the lecture has them, and exactly beyond 2⁵³", () => {
    expect(KINDS.map((kind) => told(cost(kind, LECTURE).parameters))).toEqual(["1.6 × 10⁹", "4 × 10⁶", "10,000"]);
    expect(cost("convolutional", COLOUR).parameters).toBe(456n);
    const large = { ...LECTURE, image: [9_999, 9_999], hidden: 999_999_999, channels: 3 };
    expect(cost("fully_connected", large).parameters).toBe(9_999n * 9_999n * 3n * 999_999_999n);
    expect(told(10n ** 12n)).toBe("10¹²");
  });

  it("tell where the field stands, and what a stride leaves over", () => {
    const settings = { ...LECTURE, image: [10, 12], field: [3, 4], stride: 3 };
    expect(places(settings)).toEqual([3, 3]);
    expect(unreached(settings)).toEqual([1, 2]);
  });
});

describe("typed counts", () => {
  it.each([
    ["40000", 40_000],
    ["40,000", 40_000],
    ["1 600 000 000", 1.6e9],
    ["1.6e9", 1.6e9],
    ["10^9", 1e9],
    ["10**9", 1e9],
    ["1.6 × 10⁹", 1.6e9],
    ["4 * 10^6", 4e6],
    ["200·200·40,000", 1.6e9],
    ["5x5x3", 75],
  ])("reads %s", (text, value) => {
    expect(typedCount(text)).toBeCloseTo(value, 6);
  });

  it.each(["", "many", "-4", "10^", "4,0", "2^2^2", "1..2", "3 +"])("does not read %j", (text) => {
    expect(typedCount(text)).toBeNaN();
  });
});

describe("predictions", () => {
  it("are right within half a power of ten", () => {
    const { parameters } = cost("fully_connected", LECTURE);
    expect([1e9, 1.6e9, 2e9, 5e9].every((guess) => isClose(guess, parameters))).toBe(true);
    expect([4e8, 6e9].some((guess) => isClose(guess, parameters))).toBe(false);
  });

  const count = (kind: Cost["kind"], name: "weights" | "units" | "fanIn" | "multiplications") =>
    Number(cost(kind, COLOUR)[name]);

  it.each([
    ["fully_connected", 3072, "You counted every input once"],
    ["fully_connected", 4704, "You counted the hidden units"],
    ["fully_connected", 3072 + 4704, "You added"],
    ["fully_connected", 1024 * 4704, "You left out the channels"],
    ["locally_connected", count("fully_connected", "weights"), "still fully connected"],
    ["locally_connected", 75, "the weights of one unit"],
    ["locally_connected", 450, "one set for each of 6 filters"],
    ["convolutional", count("locally_connected", "weights"), "weights of its own for every unit"],
    ["convolutional", 75, "the weights of one filter: there are 6"],
    ["convolutional", 6, "You counted the filters"],
    ["convolutional", 152, "You left out the channels"],
    ["convolutional", 1e6, "Too many, about 2,193 times: multiply the numbers in one field by the filters"],
    ["locally_connected", 1, "Too few, about 3.58 × 10⁵ times"],
  ] as const)("of a %s layer, %d: %s", (kind, guess, sentence) => {
    expect(mistake(kind, COLOUR, guess)).toContain(sentence);
  });

  it("tells multiplications from parameters", () => {
    const wide = { ...LECTURE, filters: 10 };
    expect(mistake("convolutional", wide, Number(cost("convolutional", wide).multiplications))).toContain(
      "You counted the multiplications",
    );
  });
});
