import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import {
  cell,
  columnEntries,
  type Jacobian,
  type JacobianHeader,
  raster,
  readJacobian,
  rowEntries,
  unpack,
  unravel,
  whyNot,
} from "../../src/math/forms";

interface Golden {
  document: JacobianHeader;
  cells: [number, number, number][];
  rows: { row: number; columns: number[]; values: number[] }[];
  matrix: number[][] | null;
}

const FOLDER = join(import.meta.dirname, "../../../tests/golden/jacobians");
const golden = readdirSync(FOLDER).map((file) => {
  const content: Golden = JSON.parse(readFileSync(join(FOLDER, file), "utf8"));
  return [file.replace(".json", ""), content] as const;
});

function read(document: JacobianHeader): Jacobian {
  const made = readJacobian(...unpack(document));
  if (typeof made === "string") throw new Error(made);
  return made;
}

const named = (name: string) => read(golden.find(([other]) => other === name)![1].document);

/** Products of more than two numbers may be rounded in another order, and sums too. */
const closeTo = (dtype: string) => (a: number, b: number) =>
  Math.abs(a - b) <= (dtype === "float32" ? 1e-6 : 4e-15) * Math.max(1, Math.abs(b));

describe.each(golden)("the Jacobian %s", (_name, { document, cells, rows, matrix }) => {
  const jacobian = read(document);
  const close = closeTo(document.dtype);
  it("has the entries that Python tells", () => {
    for (const [row, column, value] of cells) {
      const read = cell(jacobian, row, column).value;
      if (!close(read, value)) expect([row, column, read]).toEqual([row, column, value]);
    }
  });
  it("has the same rows", () => {
    for (const { row, columns, values } of rows) {
      const found = rowEntries(jacobian, row);
      const wanted = columns.map((column, k) => [column, values[k]!] as const);
      // A term's entry may be outside the range, and a structure may allow what is zero: compare what is not.
      const plain = (list: readonly (readonly [number, number])[]) => list.filter(([, v]) => v).map(([c]) => c);
      expect(plain(found)).toEqual(plain(wanted));
      const by = new Map(found);
      for (const [column, value] of wanted) expect(close(by.get(column) ?? 0, value)).toBe(true);
    }
  });
  it("has the whole matrix", () => {
    if (!matrix) return;
    const out = new Float64Array(jacobian.rows * jacobian.columns);
    const size = { rows: jacobian.rows, columns: jacobian.columns };
    raster(jacobian, { row0: 0, column0: 0, perRow: 1, perColumn: 1, ...size }, out);
    let nonzeros = 0;
    matrix.forEach((line, i) => {
      line.forEach((value, j) => {
        const read = out[i * jacobian.columns + j] || 0;
        if (!close(read, value)) expect([i, j, read]).toEqual([i, j, value]);
        nonzeros += +(value !== 0);
      });
    });
    expect(nonzeros).toBe(document.nonzeros);
    for (let j = 0; j < jacobian.columns; j++) {
      const column = matrix.flatMap((line, i) => (line[j] ? [i] : []));
      expect(columnEntries(jacobian, j).flatMap(([i, value]) => (Math.abs(value) > 1e-300 ? [i] : []))).toEqual(column);
    }
  });
  it("is drawn from afar where it has entries, and nowhere else", () => {
    if (!matrix) return;
    for (const per of [1.7, 3, 40]) {
      const [rows, columns] = [Math.ceil(jacobian.rows / per), Math.ceil(jacobian.columns / per)];
      const out = new Float64Array(rows * columns);
      raster(jacobian, { row0: 0, column0: 0, perRow: per, perColumn: per, rows, columns }, out);
      out.forEach((value, i) => {
        if (Number.isNaN(value)) return;
        const [y, x] = [Math.floor(i / columns), i % columns];
        const lines = matrix.slice(Math.ceil(y * per), Math.ceil((y + 1) * per));
        const inside = lines.flatMap((line) => line.slice(Math.ceil(x * per), Math.ceil((x + 1) * per)));
        // Terms that meet are added only where a bin is one cell.
        if (document.terms.length === 1) expect(inside.some((entry) => close(entry, value))).toBe(true);
      });
    }
  });
});

describe("pictures of large matrices", () => {
  const draw = (jacobian: Jacobian, bins: number, span: number, row0 = 0, column0 = 0) => {
    const out = new Float64Array(bins * bins);
    const per = span / bins;
    raster(jacobian, { row0, column0, perRow: per, perColumn: per, rows: bins, columns: bins }, out);
    return out;
  };

  it("draws the ReLU of a batch as an unbroken diagonal, at every scale", () => {
    const relu = named("relu_large");
    for (const span of [409_600, 100_000, 7777, 300]) {
      const out = draw(relu, 300, span, 1000, 1000);
      for (let i = 0; i < 300 && 1000 + ((i + 1) * span) / 300 < 409_600; i++)
        expect(Number.isNaN(out[i * 300 + i]!), `span ${span}, pixel ${i}`).toBe(false);
      const off = out.filter((value, k) => !Number.isNaN(value) && Math.abs(Math.floor(k / 300) - (k % 300)) > 1);
      expect(off.length).toBe(0);
    }
  });

  it("finds almost no closed gates where many share a pixel", () => {
    const out = draw(named("relu_large"), 400, 409_600);
    const diagonal = Array.from({ length: 400 }, (_, i) => out[i * 401]!);
    expect(diagonal.filter((value) => value === 1).length).toBeGreaterThan(390);
  });

  it.each(["relu_large", "fc_w_large", "conv"])("takes little time for a frame of %s", (name) => {
    const jacobian = named(name);
    const out = new Float64Array(560 * 440);
    const times: number[] = [];
    let per = Math.max(jacobian.rows / 440, jacobian.columns / 560);
    for (; per > 1 / 40; per /= 1.1) {
      const most = Math.max(1, per);
      const start = performance.now();
      const at = { row0: Math.floor(jacobian.rows / 3), column0: Math.floor(jacobian.columns / 3) };
      raster(jacobian, { ...at, perRow: most, perColumn: most, rows: 440, columns: 560 }, out);
      times.push(performance.now() - start);
    }
    times.sort((a, b) => a - b);
    // The median: other work on the machine makes some frames late. What counts is measured in a browser.
    expect(times[times.length >> 1]).toBeLessThan(40);
  });
});

describe("why a cell has no entry", () => {
  it("names the axis on which both sides must be at one place", () => {
    const jacobian = named("fc_x");
    const [row, column] = [2 * 5 + 1, 1 * 6 + 4];
    expect(unravel(row, jacobian.header.output.shape)).toEqual([2, 1]);
    expect(whyNot(jacobian, row, column)).toMatchObject({
      kind: "same",
      of: "input",
      axis: 0,
      other: 0,
      place: 1,
      low: 2,
    });
  });
  it("says what a window covers", () => {
    const jacobian = named("conv_padded_strided");
    const found = whyNot(jacobian, 0, 7 * 5 + 6);
    expect(found).toMatchObject({ kind: "window", of: "input", axis: 2, place: 5, low: -1, high: 1 });
  });
  it("says that another was picked, or that no path leads there", () => {
    expect(whyNot(named("max_pool"), 0, 35)?.kind).toBe("table");
    expect(whyNot(named("sparse"), 0, 0)?.kind).toBe("path");
  });
});

it("refuses what is not a document, or has lost its numbers", () => {
  const { document } = golden[0]![1];
  expect(readJacobian({ ...document, version: 2 }, [])).toContain("version 1");
  expect(readJacobian(golden.find(([name]) => name === "conv")![1].document, [])).toContain("missing");
});
