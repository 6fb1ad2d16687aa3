import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import {
  boxMeans,
  fedOutputs,
  forward,
  fromCanvas,
  type Layout,
  layout,
  matrixColumn,
  matrixRow,
  nudge,
  parameters,
  receptiveField,
  reducedSize,
  sizeRule,
  sizeSentence,
  spread,
  turned,
  unpackPicture,
  type Volume,
  windowProducts,
} from "../../src/math/convolution";

interface Golden {
  document: {
    picture: { height: number; width: number; channels: number };
    pixels: { type: string; data: string };
    kernel: number[];
    filters: { weights: number[]; bias: number }[];
    stride: number;
    padding: number;
    dilation: number;
    flip: boolean;
    output: number[];
    filter: number;
    position: number;
    window: {
      row: number;
      column: number;
      inputs: number[];
      products: number[];
      channels: number[];
      bias: number;
      value: number;
    };
  };
  maps: number[][];
  matrix: [number, number][][] | null;
  rules: string[];
  sentence: string;
}

const FOLDER = join(import.meta.dirname, "../../../tests/golden/convolutions");
const load = (path: string) => JSON.parse(readFileSync(join(FOLDER, path), "utf8"));
const golden = readdirSync(FOLDER)
  .filter((file) => file.endsWith(".json"))
  .map((file) => [file.replace(".json", ""), load(file) as Golden] as const);

/** Numbers pixel by pixel, as Python keeps them, channel by channel. */
function volume(height: number, width: number, channels: number, pixels: ArrayLike<number>): Volume {
  const size = height * width;
  const values = Float64Array.from(
    { length: channels * size },
    (_, k) => pixels[(k % size) * channels + Math.floor(k / size)]!,
  );
  return { channels, height, width, values };
}

function read({ document }: Golden) {
  const { height, width, channels } = document.picture;
  const bytes = Uint8Array.from(Buffer.from(document.pixels.data, "base64"));
  const pixels = document.pixels.type === "u1" ? Array.from(bytes, (n) => n / 255) : new Float64Array(bytes.buffer);
  const picture = volume(height, width, channels, pixels);
  const sliding = document.filters.map((each) => (document.flip ? turned(each.weights, channels) : each.weights));
  return { picture, at: layout(picture, document.kernel, document), sliding };
}

function close(found: ArrayLike<number>, wanted: ArrayLike<number>) {
  expect(found.length).toBe(wanted.length);
  for (let k = 0; k < found.length; k++)
    if (!(Math.abs(found[k]! - wanted[k]!) <= 1e-12 * Math.max(1, Math.abs(wanted[k]!))))
      expect([k, found[k]]).toEqual([k, wanted[k]]);
}

describe.each(golden)("the convolution %s", (_name, file) => {
  const { document, maps } = file;
  const { picture, at, sliding } = read(file);

  it("has SciPy's maps", () => {
    expect([document.filters.length, at.outRows, at.outColumns]).toEqual(document.output);
    sliding.forEach((weights, f) => {
      close(forward(picture, at, weights, document.filters[f]!.bias), maps[f]!);
    });
  });

  it("has every window's number as a dot product", () => {
    sliding.forEach((weights, f) => {
      const { bias } = document.filters[f]!;
      const values = maps[f]!.map((_, k) => {
        const found = windowProducts(picture, at, weights, bias, Math.floor(k / at.outColumns), k % at.outColumns);
        close([found.products.reduce((sum, product) => sum + product, bias)], [found.value]);
        return found.value;
      });
      close(values, maps[f]!);
    });
  });

  it("has the window of the document", () => {
    const { window, filter, position } = document;
    expect([window.row, window.column]).toEqual([Math.floor(position / at.outColumns), position % at.outColumns]);
    const { bias } = document.filters[filter]!;
    const found = windowProducts(picture, at, sliding[filter]!, bias, window.row, window.column);
    close(found.inputs, window.inputs);
    close(found.products, window.products);
    close(found.channels, window.channels);
    close([found.value, found.bias], [window.value, window.bias]);
  });

  it("follows the change of a single weight", () => {
    sliding.forEach((weights, f) => {
      const map = forward(picture, at, weights, document.filters[f]!.bias);
      const changed = Float64Array.from(weights);
      for (const [k, by] of [
        [0, 0.5],
        [weights.length - 1, -2],
        [weights.length >> 1, 0.125],
      ] as const) {
        changed[k]! += by;
        nudge(map, picture, at, k, by);
      }
      close(map, forward(picture, at, changed, document.filters[f]!.bias));
    });
  });

  it("has the matrix of the definition, row by row and column by column", () => {
    if (!file.matrix) return;
    const columns: [number, number][][] = Array.from({ length: picture.values.length }, () => []);
    file.matrix.forEach((wanted, row) => {
      const { places, weights } = matrixRow(at, Math.floor(row / at.outColumns), row % at.outColumns);
      expect(places.map((place, n) => [place, weights[n]])).toEqual(wanted);
      for (const [column, weight] of wanted) columns[column]!.push([row, weight]);
    });
    const size = at.height * at.width;
    columns.forEach((wanted, column) => {
      const [channel, pixel] = [Math.floor(column / size), column % size];
      const { places, weights } = matrixColumn(at, channel, Math.floor(pixel / at.width), pixel % at.width);
      expect(places.map((place, n) => [place, weights[n]])).toEqual(wanted);
    });
  });

  it("reads backwards what it reads forwards", () => {
    const forwards = new Set<string>();
    for (let p = 0; p < at.outRows; p++)
      for (let q = 0; q < at.outColumns; q++)
        for (const { row, column, a, b } of receptiveField(at, p, q))
          forwards.add(`${p} ${q} ${row} ${column} ${a} ${b}`);
    const backwards = new Set<string>();
    for (let i = 0; i < at.height; i++)
      for (let j = 0; j < at.width; j++)
        for (const { row, column, a, b } of fedOutputs(at, i, j)) backwards.add(`${row} ${column} ${i} ${j} ${a} ${b}`);
    expect([...backwards].sort()).toEqual([...forwards].sort());
  });

  it("says the size rule as Python does", () => {
    const { height, width, kernelRows, kernelColumns } = at;
    expect([sizeRule(height, kernelRows, at), sizeRule(width, kernelColumns, at)]).toEqual(file.rules);
    expect(sizeSentence(at)).toBe(file.sentence);
  });
});

describe("sizes", () => {
  interface Size extends Volume {
    kernel: number[];
    stride: number;
    padding: number;
    dilation: number;
    places: number[];
    rules: string[];
    sentence: string;
  }

  it("are counted, ruled and told as in Python, also where nothing fits", () => {
    const sizes: Size[] = load("rules/sizes.json");
    expect(sizes.some((size) => !size.places[0])).toBe(true);
    for (const size of sizes) {
      const at: Layout = layout({ channels: 1, height: size.height, width: size.width }, size.kernel, size);
      expect([at.outRows, at.outColumns]).toEqual(size.places);
      expect([sizeRule(at.height, at.kernelRows, at), sizeRule(at.width, at.kernelColumns, at)]).toEqual(size.rules);
      expect(sizeSentence(at)).toBe(size.sentence);
    }
  });

  it("are the lecture's", () => {
    const image = { channels: 3, height: 32, width: 32 };
    const at = layout(image, [5, 5], { stride: 1, padding: 0, dilation: 1 });
    expect([at.outRows, at.outColumns]).toEqual([28, 28]);
    expect(parameters(at, 6)).toEqual({ weights: 75, each: 76, total: 456, connected: 28 * 28 * 6 * 3073 });
    expect(sizeRule(32, 5, at)).toBe("(32 − 5 + 2·0)/1 + 1 = 28");
  });

  it("count as a walk along the axis does", () => {
    for (let n = 1; n < 14; n++)
      for (const [k, stride, padding, dilation] of [
        [3, 1, 0, 1],
        [3, 2, 1, 1],
        [2, 3, 0, 4],
        [5, 2, 2, 1],
      ] as const) {
        let places = 0;
        let last = -1;
        for (let start = -padding; start + dilation * (k - 1) < n + padding; start += stride) {
          places++;
          last = start + dilation * (k - 1);
        }
        const at = layout({ channels: 1, height: n, width: 30 }, [k, 1], { stride, padding, dilation });
        expect(at.outRows).toBe(places);
        if (places) expect(sizeSentence({ ...at, width: 1, kernelColumns: 1 }) === "").toBe(last === n + padding - 1);
      }
  });
});

describe("weights", () => {
  it("are turned in each channel, and twice is not at all", () => {
    const weights = [1, 2, 3, 4, 5, 6, 10, 20, 30, 40, 50, 60];
    expect([...turned(weights, 2)]).toEqual([6, 5, 4, 3, 2, 1, 60, 50, 40, 30, 20, 10]);
    expect([...turned(turned(weights, 2), 2)]).toEqual(weights);
  });

  it("are shared out and added up over channels", () => {
    expect([...spread([3, 6], 1, 3)]).toEqual([1, 2, 1, 2, 1, 2]);
    expect([...spread([1, 2, 1, 2, 1, 2], 3, 1)]).toEqual([3, 6]);
    expect([...spread([1, 2, 3, 4], 2, 2)]).toEqual([1, 2, 3, 4]);
    expect([...spread([1, 2, 3, 4], 2, 4)]).toEqual([1, 1.5, 1, 1.5, 1, 1.5, 1, 1.5]);
  });
});

describe("pictures", () => {
  interface Reduction {
    height: number;
    width: number;
    channels: number;
    size: number;
    pixels: number[];
    rows: number;
    columns: number;
    means: number[];
  }

  it("are reduced to the means of boxes", () => {
    for (const { height, width, channels, size, pixels, rows, columns, means } of load(
      "rules/reductions.json",
    ) as Reduction[]) {
      expect(reducedSize(height, width, size)).toEqual([rows, columns]);
      const small = boxMeans(volume(height, width, channels, pixels), rows, columns);
      expect([small.channels, small.height, small.width]).toEqual([channels, rows, columns]);
      close(small.values, volume(rows, columns, channels, means).values);
    }
    expect(reducedSize(4320, 7680, 128)).toEqual([72, 128]);
    expect(reducedSize(20, 30, 0)).toEqual([20, 30]);
  });

  it("cross as bytes and as floats", () => {
    const entry = { name: "", title: "", height: 2, width: 1, channels: 3 };
    const bytes = unpackPicture({ ...entry, kind: "bytes" }, Uint8Array.of(0, 51, 102, 153, 204, 255));
    close(bytes.values, [0, 0.6, 0.2, 0.8, 0.4, 1]);
    const memory = new DataView(new ArrayBuffer(32), 4, 24);
    [1, 2, 3, -4, 5.5, 6].forEach((number, k) => {
      memory.setFloat32(4 * k, number, true);
    });
    expect([...unpackPicture({ ...entry, kind: "floats" }, memory).values]).toEqual([1, -4, 2, 5.5, 3, 6]);
  });

  it("come from a canvas as the square in their middle", () => {
    const [width, height] = [6, 4];
    const rgba = Array.from({ length: width * height }, (_, k) => [k % width, Math.floor(k / width), 100, 255]).flat();
    const { values, ...sizes } = fromCanvas(rgba, width, height, 2);
    expect(sizes).toEqual({ channels: 3, height: 2, width: 2 });
    const scaled = [1.5, 3.5, 1.5, 3.5, 0.5, 0.5, 2.5, 2.5, 100, 100, 100, 100].map((n) => n / 255);
    close(values, scaled);
  });
});
