import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { moment, partial, sceneOf, wave } from "../../src/convolution_theorem/scene";
import {
  directCost,
  fftCost,
  type Layer,
  measuredCrossover,
  nextFastLength,
  predictedCrossover,
} from "../../src/math/fourier";

interface Golden {
  signal: number[];
  kernel: number[];
  length: number;
  needed: number;
  wrapped: number;
  transforms: Record<"signal" | "kernel" | "product", [number, number][]>;
  circular: number[];
  direct: number[];
}

const FOLDER = join(import.meta.dirname, "../../../tests/golden/fourier");
const read = (name: string) => JSON.parse(readFileSync(join(FOLDER, name), "utf8"));
const golden = readdirSync(FOLDER)
  .filter((name) => name !== "costs.json")
  .map((name) => [name.replace(".json", ""), read(name) as Golden] as const);

/** Equal to a few roundings of the largest sum that occurs. */
function expectClose(found: readonly number[], wanted: readonly number[], most: number): void {
  expect(found.length).toBe(wanted.length);
  found.forEach((value, i) => {
    expect(Math.abs(value - wanted[i]!)).toBeLessThanOrEqual(2e-14 * Math.max(1, most));
  });
}

const most = ({ signal, kernel }: Golden) =>
  signal.reduce((sum, x) => sum + Math.abs(x), 0) * kernel.reduce((sum, x) => sum + Math.abs(x), 0);

describe.each(golden)("the theorem for %s", (_name, document) => {
  const scene = sceneOf(document.signal, document.kernel, document.length);

  it("has the transforms that NumPy has", () => {
    const pairs = { x: "signal", w: "kernel", y: "product" } as const;
    for (const [mine, its] of Object.entries(pairs)) {
      const found = scene.spectra[mine as "x"].values.flatMap(({ re, im }) => [re, im]);
      expectClose(found, document.transforms[its].flat(), most(document));
    }
  });

  it("has what comes back, and the direct sums", () => {
    expectClose(scene.circular, document.circular, most(document));
    expectClose(scene.direct, document.direct, most(document));
    expect([scene.needed, scene.wrapped]).toEqual([document.needed, document.wrapped]);
  });

  it("adds the waves of the frequencies up to the signal", () => {
    for (const name of ["x", "w"] as const)
      document[name === "x" ? "signal" : "kernel"].forEach((value, n) => {
        const sum = scene.spectra[name].values.reduce((total, _, k) => total + wave(scene, name, k).at(n), 0);
        expect(sum).toBeCloseTo(value, 10);
      });
    expectClose(partial(scene, scene.count), document.circular, most(document));
  });

  it("folds the end of the convolution onto its beginning", () => {
    const folded = document.circular.map((_, n) => document.direct[n]! + (document.direct[n + document.length] ?? 0));
    const wanted = folded.map((value, n) => (n < document.direct.length ? value : 0));
    expectClose(scene.circular, wanted, most(document));
  });
});

it("goes through three stages of as many frequencies, and compares", () => {
  const scene = sceneOf([1, 2, 3, 4], [1, 1], 4);
  expect([scene.count, scene.steps]).toEqual([3, 10]);
  const stages = Array.from({ length: 11 }, (_, at) => {
    const { stage, frequency, transformed, multiplied, added } = moment(scene, at);
    return [stage, frequency, transformed, multiplied, added];
  });
  expect(stages[0]).toEqual(["signals", null, 0, 0, 0]);
  expect(stages[2]).toEqual(["transform", 1, 2, 0, 0]);
  expect(stages[3]).toEqual(["transform", 2, 3, 0, 0]);
  expect(stages[4]).toEqual(["multiply", 0, 3, 1, 0]);
  expect(stages[9]).toEqual(["back", 2, 3, 3, 3]);
  expect(stages[10]).toEqual(["compare", null, 3, 3, 3]);
  expect(moment(scene, 99)).toEqual(moment(scene, 10));
});

it("counts multiplications as Python does", () => {
  const { layers, fast } = read("costs.json") as {
    layers: { layer: Layer; direct: [number, number][]; fft: number; crossover: number | null }[];
    fast: [number, number][];
  };
  for (const { layer, direct, fft, crossover } of layers) {
    for (const [size, wanted] of direct) expect(directCost(layer, size)).toBe(wanted);
    expect(fftCost(layer).all / fft).toBeCloseTo(1, 12);
    expect(predictedCrossover(layer)).toBe(crossover);
  }
  for (const [n, wanted] of fast) expect(nextFastLength(n)).toBe(wanted);
});

it("finds where transforms are faster for good", () => {
  const points = (rows: number[][]) => rows.map(([size, direct, fft]) => ({ size: size!, direct: direct!, fft: fft! }));
  expect(measuredCrossover(points([[9, 3, 2], [3, 1, 2], [5, 3, 2], [7, 1, 2]]))).toEqual([7, 9]); // biome-ignore format: a table
  expect(measuredCrossover(points([[3, 3, 2]]))).toEqual([null, 3]);
  expect(measuredCrossover(points([[3, 1, 2]]))).toEqual([3, null]);
  expect(measuredCrossover([])).toEqual([null, null]);
});
