import { describe, expect, it } from "vitest";
import { fittingTexts } from "../../src/conv_slider/drawing";
import { engine } from "../../src/conv_slider/engine";
import { stepOf } from "../../src/conv_slider/kernel_editor";
import { bandPlaces } from "../../src/conv_slider/matrix_view";
import type { Filter } from "../../src/conv_slider/traits";
import {
  type Geometry,
  layout,
  matrixRow,
  type Volume,
  windowProducts,
  withoutNoise,
} from "../../src/math/convolution";

/** Numbers between −1 and 1 that are the same in every run. */
function noise(count: number, seed = 1): Float64Array {
  let state = seed;
  return Float64Array.from({ length: count }, () => {
    state = (state * 1103515245 + 12345) % 2147483648;
    return state / 1073741824 - 1;
  });
}

const volume: Volume = { channels: 2, height: 9, width: 8, values: noise(2 * 9 * 8) };
const filter = (seed: number): Filter => ({ name: "", weights: [...noise(18, seed)], bias: seed / 8 });

/** The definition, entry by entry. */
function byDefinition(at: ReturnType<typeof layout>, { weights, bias }: Filter, flip: boolean): number[] {
  const made: number[] = [];
  for (let p = 0; p < at.outRows; p++)
    for (let q = 0; q < at.outColumns; q++) {
      let sum = bias;
      for (let c = 0; c < 2; c++)
        for (let a = 0; a < 3; a++)
          for (let b = 0; b < 3; b++) {
            const [i, j] = [at.stride * p + at.dilation * a - at.padding, at.stride * q + at.dilation * b - at.padding];
            if (i < 0 || j < 0 || i >= 9 || j >= 8) continue;
            const [m, n] = flip ? [2 - a, 2 - b] : [a, b];
            sum += weights[(c * 3 + m) * 3 + n]! * volume.values[(c * 9 + i) * 8 + j]!;
          }
      made.push(sum);
    }
  return made;
}

const GEOMETRIES: Geometry[] = [
  { stride: 1, padding: 0, dilation: 1 },
  { stride: 2, padding: 1, dilation: 1 },
  { stride: 1, padding: 3, dilation: 2 },
];

describe("maps of a bank", () => {
  for (const geometry of GEOMETRIES)
    for (const flip of [false, true])
      it(`follow edits with ${JSON.stringify(geometry)}${flip ? ", turned" : ""}`, () => {
        const at = layout(volume, [3, 3], geometry);
        const maps = engine();
        let filters = [filter(3), filter(5)];
        const update = () => maps.update({ volume, at, flip, filters });
        const check = () =>
          filters.forEach((each, i) => {
            const truth = byDefinition(at, each, flip);
            const { values, low, high } = maps.map(i);
            for (const [k, value] of truth.entries()) expect(values[k]).toBeCloseTo(value, 12);
            expect(low).toBeCloseTo(Math.min(...truth), 12);
            expect(high).toBeCloseTo(Math.max(...truth), 12);
          });
        update();
        check();
        for (const k of [0, 7, 17]) {
          filters = filters.map((each, i) =>
            i ? each : { ...each, bias: each.bias + 1, weights: each.weights.map((w, j) => (j === k ? w - 0.75 : w)) },
          );
          update();
          check();
        }
        expect(maps.settle()).toBe(true);
        check();
        filters = [filters[1]!, filter(11), filters[0]!];
        update();
        while (maps.work());
        check();
      });

  it("does nothing anew for filters that Python sends again, and all of it for another picture", () => {
    const at = layout(volume, [3, 3], GEOMETRIES[0]!);
    const maps = engine();
    maps.update({ volume, at, flip: false, filters: [filter(3)] });
    const { version } = maps.map(0);
    maps.update({ volume, at: { ...at }, flip: false, filters: [filter(3)] });
    expect(maps.map(0).version).toBe(version);
    maps.update({ volume: { ...volume }, at, flip: false, filters: [filter(3)] });
    expect(maps.ready(0)).toBeUndefined();
  });

  it("is made anew where numbers beyond all bounds were in it", () => {
    const at = layout(volume, [3, 3], GEOMETRIES[0]!);
    const maps = engine();
    const wild = { ...filter(3), weights: filter(3).weights.map((w, i) => (i ? w : Number.POSITIVE_INFINITY)) };
    maps.update({ volume, at, flip: false, filters: [wild] });
    maps.map(0);
    maps.update({ volume, at, flip: false, filters: [filter(3)] });
    const { values } = maps.map(0);
    for (const [k, value] of byDefinition(at, filter(3), false).entries()) expect(values[k]).toBeCloseTo(value, 12);
  });
});

describe("the matrix", () => {
  it.each(GEOMETRIES)("has as many places on its bands as its rows have entries: %o", (geometry) => {
    const at = layout(volume, [3, 3], geometry);
    let count = 0;
    for (let p = 0; p < at.outRows; p++)
      for (let q = 0; q < at.outColumns; q++) count += matrixRow(at, p, q).places.length;
    expect(bandPlaces(at)).toBe(count);
  });
});

describe("the step of a weight", () => {
  it.each([
    [1, 0.05],
    [12, 1],
    [4, 0.2],
    [0.111, 0.01],
    [0, 0.05],
  ])("for a largest weight of %d is %d", (largest, step) => expect(stepOf(largest)).toBe(step));
});

describe("numbers in cells", () => {
  it("keep their distance, in fewer digits or not at all", () => {
    expect(fittingTexts([-3.62, 2], 60)).toMatchObject({ texts: ["−3.62", "2"], high: 15 });
    expect(fittingTexts([-3.62, 2.05, 0, -12.4], 30)!.texts).toEqual(["−3.6", "2.0", "0", "−12"]);
    expect(fittingTexts([-3.62e-17], 30)).toBeNull();
    for (const cell of [26, 28, 30, 34, 40]) {
      const made = fittingTexts([-3.62, -2.05], cell);
      if (made)
        expect(Math.max(...made.texts.map((t) => t.length)) * 0.61 * made.high).toBeLessThanOrEqual(cell - 6 + 1e-9);
    }
  });

  it("are 0 where rounding left next to nothing", () => {
    const at = layout(volume, [3, 3], GEOMETRIES[0]!);
    const weights = [...filter(3).weights];
    const raw = windowProducts(volume, at, weights, 1e-12, 0, 0);
    const clean = withoutNoise({ ...raw, value: -8e-17 }, 1e-9);
    expect([clean.bias, clean.value]).toEqual([0, 0]);
    expect([...clean.products]).toEqual([...raw.products]);
  });
});
