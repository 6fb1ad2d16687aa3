/**
 * A structured Jacobian in the browser: any cell, row or picture of any part, from the forms of its terms.
 *
 *     J[out; in] = Σ over labels of  Π factors[labels] · [out = axes(labels)] · [in = axes(labels)]
 *
 * Everything is one recursion over the labels of a term (`scanForm`): fix one after the other, the one that moves
 * furthest first, and leave out those values for which the box of all that is left misses the window. In a picture in
 * which many cells share a bin, what is left stops as soon as it is within one, and labels that move less than that
 * are sampled. Twin of `stepgrad/autodiff/forms/entries.py`; the document is `stepgrad/documents/jacobian.py`.
 */

export interface ArrayEntry {
  readonly labels: readonly number[];
  readonly buffer: number;
  readonly offset: number;
  readonly strides: readonly number[];
}

export interface AxisEntry {
  readonly offset: number;
  readonly terms: readonly (readonly number[])[];
  readonly tables: readonly ArrayEntry[];
}

export interface TermEntry {
  readonly output?: readonly AxisEntry[];
  readonly input?: readonly AxisEntry[];
  readonly factors?: readonly ArrayEntry[];
  readonly sparse?: { readonly starts: number; readonly columns: number; readonly values: number };
}

/** What stands at the rows, or at the columns. */
export interface Side {
  readonly symbol: string;
  readonly shape: readonly number[];
  readonly axes: readonly string[];
}

export interface ChainEntry {
  readonly factors: readonly {
    readonly structure: string;
    readonly rows: number;
    readonly columns: number;
    readonly entries: number;
  }[];
  readonly orders: Readonly<Record<string, number>>;
}

/** The document's header (version 1): see the schema beside `documents/jacobian.py`. */
export interface JacobianHeader {
  readonly kind: string;
  readonly version: number;
  readonly rows: number;
  readonly columns: number;
  readonly dtype: string;
  readonly output: Side;
  readonly input: Side;
  readonly structure: string;
  readonly formula: string | null;
  readonly exact: boolean;
  readonly labels: readonly number[];
  readonly terms: readonly TermEntry[];
  readonly buffers: readonly { readonly type: string; readonly length: number; readonly data?: string }[];
  readonly nonzeros: number;
  readonly kept_bytes: number;
  readonly dense_bytes: number;
  readonly chains: readonly ChainEntry[];
}

type Numbers = Float64Array | Float32Array | Int32Array | Uint8Array;

/** A strided view; `steps` has a stride for each of the term's labels, 0 where it has none. */
interface Strided {
  readonly data: Numbers;
  readonly bits: boolean;
  readonly offset: number;
  readonly steps: readonly number[];
}

interface Table extends Strided {
  readonly times: number;
  readonly low: number;
  readonly high: number;
}

/** A position as a function of labels; it is there if it is in 0 … size − 1. */
interface Place {
  readonly base: number;
  readonly steps: readonly number[];
  readonly tables: readonly Table[];
  readonly size: number;
}

interface Form {
  readonly entry: TermEntry;
  /** Its labels' numbers in the document, and their sizes. */
  readonly labels: readonly number[];
  readonly sizes: readonly number[];
  readonly row: Place;
  readonly column: Place;
  /** Axes that may leave their range. */
  readonly guards: readonly Place[];
  readonly factors: readonly Strided[];
}

interface Sparse {
  readonly starts: Numbers;
  readonly columns: Numbers;
  readonly values: Numbers;
}

export interface Jacobian {
  readonly header: JacobianHeader;
  readonly rows: number;
  readonly columns: number;
  readonly terms: readonly (Form | Sparse)[];
  /** How many entries the structure allows. */
  readonly count: number;
  /** The largest size of an entry, as far as a look at all of it from afar tells. */
  readonly largest: number;
  readonly signed: boolean;
  /** Nothing but 0 and 1 is multiplied. */
  readonly whole: boolean;
  readonly round: (value: number) => number;
}

/** Rows and columns from, and up to but not including; how many cells a bin has, and the bins' number on a side. */
export interface Window {
  readonly row0: number;
  readonly row1: number;
  readonly column0: number;
  readonly column1: number;
  readonly perRow?: number;
  readonly perColumn?: number;
}

/** Takes one entry of one term, with the values of its labels; true stops. */
type Sink = (row: number, column: number, value: number, at: Int32Array | null) => unknown;

const KINDS = { f8: Float64Array, f4: Float32Array, i4: Int32Array, bit: Uint8Array } as const;
const product = (numbers: readonly number[]) => numbers.reduce((a, b) => a * b, 1);

// Reading --------------------------------------------------------------------------------------------------------------

/** The Jacobian of a header and its buffers; a sentence if they don't belong together. */
export function readJacobian(header: JacobianHeader, buffers: readonly DataView[]): Jacobian | string {
  if (header?.kind !== "stepgrad.jacobian" || header.version !== 1)
    return "This is not a Jacobian document of version 1: update stepgrad on both sides.";
  const memory: Numbers[] = [];
  for (const [i, { type, length }] of header.buffers.entries()) {
    const Kind = KINDS[type as keyof typeof KINDS];
    const view = buffers[i];
    const size = type === "bit" ? Math.ceil(length / 8) : length;
    if (!Kind || view?.byteLength !== size * Kind.BYTES_PER_ELEMENT) return "The numbers of this Jacobian are missing.";
    const { buffer, byteOffset } = view;
    const aligned = byteOffset % Kind.BYTES_PER_ELEMENT === 0;
    memory.push(
      aligned
        ? new Kind(buffer as ArrayBuffer, byteOffset, size)
        : new Kind((buffer as ArrayBuffer).slice(byteOffset, byteOffset + view.byteLength)),
    );
  }
  const terms = header.terms.map((term) => (term.sparse ? sparse(term.sparse, memory) : form(header, term, memory)));
  const made = {
    header,
    rows: header.rows,
    columns: header.columns,
    terms,
    count: terms.reduce((sum, term) => sum + ("sizes" in term ? product(term.sizes) : term.values.length), 0),
    largest: 0,
    signed: false,
    whole: terms.every((term) => "sizes" in term && term.factors.every(({ bits }) => bits)),
    round: header.dtype === "float32" ? Math.fround : (value: number) => value,
  };
  return { ...made, ...extremes(made) };
}

/** The header and buffers of a document in one piece, whose buffers are in Base64. */
export function unpack(document: JacobianHeader): [JacobianHeader, DataView[]] {
  const buffers = document.buffers.map(({ data = "" }) => {
    const text = atob(data);
    return new DataView(Uint8Array.from(text, (sign) => sign.charCodeAt(0)).buffer);
  });
  return [document, buffers];
}

const sparse = (entry: NonNullable<TermEntry["sparse"]>, memory: Numbers[]): Sparse => ({
  starts: memory[entry.starts]!,
  columns: memory[entry.columns]!,
  values: memory[entry.values]!,
});

function form(header: JacobianHeader, entry: TermEntry, memory: Numbers[]): Form {
  const { output = [], input = [], factors = [] } = entry;
  const axes = [...output, ...input];
  const arrays = [...factors, ...axes.flatMap((axis) => axis.tables)];
  const labels = [...new Set([...axes.flatMap((a) => a.terms.map((t) => t[0]!)), ...arrays.flatMap((a) => a.labels)])];
  const strided = ({ labels: own, buffer, offset, strides }: ArrayEntry): Strided => ({
    data: memory[buffer]!,
    bits: header.buffers[buffer]!.type === "bit",
    offset,
    steps: labels.map((label) => own.reduce((sum, other, i) => (other === label ? sum + strides[i]! : sum), 0)),
  });
  const sizes = labels.map((label) => header.labels[label]!);
  const place = (axis: AxisEntry, size: number): Place => ({
    base: axis.offset,
    steps: labels.map((label) => axis.terms.reduce((sum, [other, c]) => (other === label ? sum + c! : sum), 0)),
    tables: axis.tables.map((table) => {
      const own = strided(table);
      let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
      for (const value of own.data) {
        low = Math.min(low, value);
        high = Math.max(high, value);
      }
      return { ...own, times: 1, low, high };
    }),
    size,
  });
  const sideOf = (entries: readonly AxisEntry[], { shape }: Side) => entries.map((axis, k) => place(axis, shape[k]!));
  const [outs, ins] = [sideOf(output, header.output), sideOf(input, header.input)];
  return {
    entry,
    labels,
    sizes,
    row: flat(outs, labels.length),
    column: flat(ins, labels.length),
    guards: [...outs, ...ins].filter((axis) => {
      const [low, high] = reach(axis, sizes);
      return low < 0 || high >= axis.size;
    }),
    factors: factors.map(strided),
  };
}

/** The place in C order. */
function flat(axes: readonly Place[], labels: number): Place {
  const steps: number[] = Array(labels).fill(0);
  const tables: Table[] = [];
  let [base, stride] = [0, 1];
  for (const axis of [...axes].reverse()) {
    base += stride * axis.base;
    axis.steps.forEach((step, i) => {
      steps[i]! += stride * step;
    });
    for (const table of axis.tables) {
      const ends = [table.low * stride, table.high * stride] as const;
      tables.push({ ...table, times: stride, low: ends[0], high: ends[1] });
    }
    stride *= axis.size;
  }
  return { base, steps, tables, size: stride };
}

/** The smallest and the largest that a position may be. */
function reach({ base, steps, tables }: Place, sizes: readonly number[]): [number, number] {
  let [low, high] = [base, base];
  steps.forEach((step, i) => {
    const far = step * (sizes[i]! - 1);
    low += Math.min(0, far);
    high += Math.max(0, far);
  });
  for (const table of tables) {
    low += table.low;
    high += table.high;
  }
  return [low, high];
}

const read = ({ data, bits }: Strided, at: number) => (bits ? (data[at >> 3]! >> (at & 7)) & 1 : data[at]!);
const look = (array: Strided, at: Int32Array) =>
  read(
    array,
    array.steps.reduce((sum, step, i) => sum + step * at[i]!, array.offset),
  );

/** A number below `n` that looks like chance, and is the same in each frame. */
const chance = (seed: number, n: number) => (Math.imul(seed + 1, 0x9e3779b1) >>> 9) % n;

// Scanning -------------------------------------------------------------------------------------------------------------

/** Hand every entry in a window to the sink; where bins have many cells, some for each. True if the sink stopped it. */
export function scan(jacobian: Jacobian, term: Form | Sparse, window: Window, sink: Sink): boolean {
  return "sizes" in term ? scanForm(term, window, jacobian.round, sink) : scanSparse(term, window, sink);
}

function scanSparse({ starts, columns, values }: Sparse, window: Window, sink: Sink): boolean {
  const { row0, row1, column0, column1 } = window;
  for (let row = row0; row < row1; row++)
    for (let k = starts[row]!; k < starts[row + 1]!; k++) {
      const column = columns[k]!;
      if (column >= column0 && column < column1 && sink(row, column, values[k]!, null)) return true;
    }
  return false;
}

/** How many entries a picture takes a look at, more or less, before it looks at fewer of each bin. */
const LOOKS = 60_000;

function scanForm(
  { sizes, row, column, guards, factors }: Form,
  window: Window,
  round: (value: number) => number,
  sink: Sink,
): boolean {
  const { row0, row1, column0, column1, perRow = 1, perColumn = 1 } = window;
  if (sizes.includes(0) || row0 >= row1 || column0 >= column1) return false;
  const coarse = perRow > 1 || perColumn > 1;
  const depth = sizes.length;
  const move = sizes.map((_, i) => Math.max(Math.abs(row.steps[i]!) / perRow, Math.abs(column.steps[i]!) / perColumn));
  const order = sizes.map((_, i) => i).sort((a, b) => move[b]! - move[a]!);
  const tables = [
    ...row.tables.map((t) => ({ ...t, down: true })),
    ...column.tables.map((t) => ({ ...t, down: false })),
  ];
  /** After how many labels a table can be read. */
  const ready = tables.map((table) => 1 + Math.max(-1, ...order.flatMap((i, d) => (table.steps[i] ? [d] : []))));

  // The reach of what is left from each depth on, before and after the tables that are ready there.
  const [open, rest] = [0, 1].map((after) =>
    Array.from({ length: depth + 1 }, (_, d) => {
      const left = order.slice(d);
      return [row, column].map((place) => {
        let [low, high] = [0, 0];
        for (const i of left) {
          const far = place.steps[i]! * (sizes[i]! - 1);
          low += Math.min(0, far);
          high += Math.max(0, far);
        }
        tables.forEach((table, k) => {
          if (table.down !== (place === row) || ready[k]! < d + after) return;
          low += table.low;
          high += table.high;
        });
        return [low, high] as const;
      }) as [readonly [number, number], readonly [number, number]];
    }),
  ) as [
    [readonly [number, number], readonly [number, number]][],
    [readonly [number, number], readonly [number, number]][],
  ];

  // How far apart the values of a label are looked at: half a bin, and closer where that costs little.
  const bins = Math.max((row1 - row0) / perRow, (column1 - column0) / perColumn);
  const stride = order.map((i) => {
    if (!coarse) return 1;
    const by = move[i]! ? 0.5 / move[i]! : sizes[i]! / 4096;
    return Math.max(1, Math.min(sizes[i]!, Math.floor(by)));
  });
  const looks = order.reduce((sum, i, d) => (sum * Math.min(sizes[i]!, 1 + bins / (move[i]! || 1e-9))) / stride[d]!, 1);
  const samples = Math.max(1, Math.min(8, Math.floor(LOOKS / looks)));
  if (depth) stride[depth - 1] = Math.max(1, Math.floor(stride[depth - 1]! / samples));

  const at = new Int32Array(depth);
  const count = factors.length;
  const offsets = new Int32Array(count * (depth + 1));
  factors.forEach((factor, f) => {
    offsets[f] = factor.offset;
  });
  const only = count === 1 ? factors[0] : undefined;
  const lonely = !guards.length && !ready.includes(depth);

  const inside = () =>
    guards.every(({ base, steps, tables: own, size }) => {
      let position = base;
      for (let i = 0; i < depth; i++) position += steps[i]! * at[i]!;
      for (const table of own) position += look(table, at);
      return position >= 0 && position < size;
    });
  const value = (from: number) => {
    let y = 1;
    for (let f = 0; f < count; f++)
      y = f ? round(y * read(factors[f]!, offsets[from + f]!)) : read(factors[f]!, offsets[from]!);
    return y;
  };
  const within = (r: number, c: number) => r >= row0 && r < row1 && c >= column0 && c < column1;
  const fix = (d: number, i: number) => {
    const label = order[d]!;
    at[label] = i;
    const [from, to] = [d * count, (d + 1) * count];
    for (let f = 0; f < count; f++) offsets[to + f] = offsets[from + f]! + factors[f]!.steps[label]! * i;
  };
  const resolve = (d: number, down: boolean) => {
    let sum = 0;
    for (let k = 0; k < tables.length; k++) {
      const table = tables[k]!;
      if (ready[k] === d && table.down === down) sum += table.times * look(table, at);
    }
    return sum;
  };

  /** All that is left is in one bin: look at some of it, and tell the largest. */
  function probe(from: number, r: number, c: number): unknown {
    let [best, bestRow, bestColumn] = [Number.NaN, 0, 0];
    for (let t = 0; t < samples; t++) {
      let [y, x] = [r, c];
      for (let d = from; d < depth; d++) {
        const label = order[d]!;
        const i = chance(y * 31 + x * 17 + t * 7919 + d, sizes[label]!);
        fix(d, i);
        y += row.steps[label]! * i + (tables.length ? resolve(d + 1, true) : 0);
        x += column.steps[label]! * i + (tables.length ? resolve(d + 1, false) : 0);
      }
      if (!within(y, x) || (guards.length && !inside())) continue;
      const now = value(depth * count);
      if (Math.abs(best) >= Math.abs(now)) continue;
      [best, bestRow, bestColumn] = [now, y, x];
    }
    return !Number.isNaN(best) && sink(bestRow, bestColumn, best, at);
  }

  function visit(d: number, r: number, c: number): unknown {
    if (tables.length) {
      r += resolve(d, true);
      c += resolve(d, false);
    }
    if (d === depth) return within(r, c) && inside() && sink(r, c, value(d * count), at);
    const [[top, bottom], [left, right]] = rest[d]!;
    if (coarse && bottom - top < perRow && right - left < perColumn) return probe(d, r, c);
    const label = order[d]!;
    const [a, b] = [row.steps[label]!, column.steps[label]!];
    const [[top1, bottom1], [left1, right1]] = open[d + 1]!;
    let lo = 0;
    let hi = sizes[label]! - 1;
    // Those values for which the box of the rest meets the window.
    const clip = (step: number, low: number, high: number) => {
      if (step > 0) {
        lo = Math.max(lo, Math.ceil(low / step));
        hi = Math.min(hi, Math.floor(high / step));
      } else if (step < 0) {
        lo = Math.max(lo, Math.ceil(high / step));
        hi = Math.min(hi, Math.floor(low / step));
      } else if (low > 0 || high < 0) hi = -1;
    };
    clip(a, row0 - bottom1 - r, row1 - 1 - top1 - r);
    clip(b, column0 - right1 - c, column1 - 1 - left1 - c);
    const k = stride[d]!;
    if (d === depth - 1 && lonely) {
      // The innermost loop, where most of the time goes.
      const step = only?.steps[label] ?? 0;
      const from = only ? offsets[d]! : 0;
      for (let j = lo - (lo % k); j <= hi; j += k) {
        const i = k > 1 ? Math.max(lo, Math.min(hi, j + chance(j, k))) : j;
        let y: number;
        if (only) {
          at[label] = i;
          y = read(only, from + step * i);
        } else {
          fix(d, i);
          y = value(depth * count);
        }
        if (sink(r + a * i, c + b * i, y, at)) return true;
      }
      return false;
    }
    for (let j = lo - (lo % k); j <= hi; j += k) {
      const i = k > 1 ? Math.max(lo, Math.min(hi, j + chance(j, k))) : j;
      fix(d, i);
      if (visit(d + 1, r + a * i, c + b * i)) return true;
    }
    return false;
  }

  return !!visit(0, row.base, column.base);
}

// Asking ---------------------------------------------------------------------------------------------------------------

export interface Cell {
  /** The sum of the parts; 0 where there are none. */
  readonly value: number;
  /** For each term that has an entry there, its factors' numbers; a sparse term's is one. */
  readonly parts: readonly (readonly number[])[];
}

/** One entry, and what it is made of. */
export function cell(jacobian: Jacobian, row: number, column: number): Cell {
  const window = { row0: row, row1: row + 1, column0: column, column1: column + 1 };
  const parts: number[][] = [];
  let sum = 0;
  for (const term of jacobian.terms)
    scan(jacobian, term, window, (_r, _c, value, at) => {
      parts.push("sizes" in term && at ? term.factors.map((factor) => look(factor, at)) : [value]);
      sum = jacobian.round(sum + value);
      return false;
    });
  return { value: sum, parts };
}

/** The entries in a window that the structure allows, added up where terms meet, in no order: [row, column, value]. */
export function entries(
  jacobian: Jacobian,
  window: Window,
  limit = Number.POSITIVE_INFINITY,
): [number, number, number][] {
  const found = new Map<number, [number, number, number]>();
  for (const term of jacobian.terms)
    scan(jacobian, term, window, (row, column, value) => {
      const key = row * jacobian.columns + column;
      const known = found.get(key);
      if (known) known[2] = jacobian.round(known[2] + value);
      else found.set(key, [row, column, value]);
      return found.size >= limit;
    });
  return [...found.values()];
}

const whole = ({ rows, columns }: { rows: number; columns: number }) => ({
  row0: 0,
  row1: rows,
  column0: 0,
  column1: columns,
});

/** The entries of a row, in order of their columns: [column, value]. */
export function rowEntries(jacobian: Jacobian, row: number, limit?: number): [number, number][] {
  const found = entries(jacobian, { ...whole(jacobian), row0: row, row1: row + 1 }, limit);
  return found.map(([, column, value]): [number, number] => [column, value]).sort((a, b) => a[0] - b[0]);
}

/** The entries of a column, in order of their rows: [row, value]. */
export function columnEntries(jacobian: Jacobian, column: number, limit?: number): [number, number][] {
  const found = entries(jacobian, { ...whole(jacobian), column0: column, column1: column + 1 }, limit);
  return found.map(([row, , value]): [number, number] => [row, value]).sort((a, b) => a[0] - b[0]);
}

export interface Picture {
  /** The first row and column; whole numbers where a bin is one cell. */
  readonly row0: number;
  readonly column0: number;
  /** Cells in a bin, at least 1. */
  readonly perRow: number;
  readonly perColumn: number;
  /** How many bins. */
  readonly rows: number;
  readonly columns: number;
}

/** Fill `out` with the picture: NaN where there is no entry; the entry, or the largest that was looked at in a bin. */
export function raster(jacobian: Jacobian, picture: Picture, out: Float64Array): void {
  const { row0, column0, perRow, perColumn, rows, columns } = picture;
  const exact = perRow === 1 && perColumn === 1;
  const window = {
    row0: Math.max(0, Math.ceil(row0)),
    row1: Math.min(jacobian.rows, Math.ceil(row0 + rows * perRow)),
    column0: Math.max(0, Math.ceil(column0)),
    column1: Math.min(jacobian.columns, Math.ceil(column0 + columns * perColumn)),
    perRow,
    perColumn,
  };
  out.fill(Number.NaN, 0, rows * columns);
  for (const term of jacobian.terms)
    scan(jacobian, term, window, (row, column, value) => {
      const y = exact ? row - row0 : Math.floor((row - row0) / perRow);
      const x = exact ? column - column0 : Math.floor((column - column0) / perColumn);
      const i = y * columns + x;
      const old = out[i]!;
      if (exact) out[i] = Number.isNaN(old) ? value : old + value;
      // Written so that it is true where there was nothing.
      else if (!(Math.abs(old) >= Math.abs(value))) out[i] = value;
    });
}

const AFAR = 128;

function extremes(jacobian: Jacobian): { largest: number; signed: boolean } {
  const out = new Float64Array(AFAR * AFAR);
  const rows = Math.min(AFAR, jacobian.rows);
  const columns = Math.min(AFAR, jacobian.columns);
  const size = { row0: 0, column0: 0, perRow: jacobian.rows / rows, perColumn: jacobian.columns / columns };
  if (rows && columns) raster(jacobian, { ...size, rows, columns }, out);
  let [largest, signed] = [0, false];
  for (const value of out.subarray(0, rows * columns)) {
    if (Math.abs(value) > largest) largest = Math.abs(value);
    signed ||= value < 0;
  }
  return { largest, signed };
}

// Why a cell has no entry ----------------------------------------------------------------------------------------------

/** Where in its array an entry is. */
export function unravel(index: number, shape: readonly number[]): number[] {
  const places: number[] = [];
  for (const size of [...shape].reverse()) {
    places.unshift(index % size);
    index = Math.floor(index / size);
  }
  return places;
}

/**
 * Why the structure allows no entry: of axis `axis` of one side (`of`), only `low` … `high` are met from where the other
 * side is, and it is at `place`. `kind`: "same", both sides must be at one place of this axis, and axis `other` of the
 * other side says which; "window", what a window covers; "table", what is picked there; "path", none leads there.
 */
export interface Reason {
  readonly kind: "same" | "window" | "table" | "path";
  readonly of: "input" | "output";
  readonly axis: number;
  readonly other: number;
  readonly place: number;
  readonly low: number;
  readonly high: number;
}

/** Why a cell without an entry has none, or null if that can't be told in a word. */
export function whyNot({ header, terms }: Jacobian, row: number, column: number): Reason | null {
  const places = { output: unravel(row, header.output.shape), input: unravel(column, header.input.shape) };
  const found: (Reason | null)[] = [];
  const weight = (term: Form | Sparse) => ("sizes" in term ? product(term.sizes) : term.values.length);
  for (const term of [...terms].sort((a, b) => weight(b) - weight(a)))
    if ("sizes" in term) found.push(reason(term, places, "input") ?? reason(term, places, "output"));
  return (
    found.find((each) => each) ??
    (terms.some((term) => "sizes" in term)
      ? null
      : { kind: "path", of: "input", axis: 0, other: 0, place: 0, low: 0, high: 0 })
  );
}

/** Fix the labels that the other side tells, and see which axes of this side can't be where they are. */
function reason(
  { entry, labels, sizes, factors }: Form,
  places: Record<"input" | "output", readonly number[]>,
  of: "input" | "output",
): Reason | null {
  void factors;
  const others = entry[of === "input" ? "output" : "input"] ?? [];
  const there = places[of === "input" ? "output" : "input"];
  const known = new Map<number, number>();
  const teller = new Map<number, number>();
  others.forEach(({ offset, terms, tables }, k) => {
    const [only, ...more] = terms;
    if (!only || more.length || tables.length) return;
    known.set(only[0]!, (there[k]! - offset) / only[1]!);
    teller.set(only[0]!, k);
  });
  const size = (label: number) => sizes[labels.indexOf(label)]!;
  for (const [axis, { offset, terms, tables }] of (entry[of] ?? []).entries()) {
    const place = places[of][axis]!;
    let [low, high] = [offset, offset];
    for (const [label, c] of terms as readonly [number, number][]) {
      const far = c * (size(label) - 1);
      const value = known.get(label);
      low += value === undefined ? Math.min(0, far) : c * value;
      high += value === undefined ? Math.max(0, far) : c * value;
    }
    if (tables.length) continue;
    if (place >= low && place <= high) continue;
    const [only, ...more] = terms;
    const same = only && !more.length && known.has(only[0]!);
    return { kind: same ? "same" : "window", of, axis, other: teller.get(only?.[0] ?? -1) ?? 0, place, low, high };
  }
  return (entry[of] ?? []).some(({ tables }) => tables.length)
    ? { kind: "table", of, axis: 0, other: 0, place: 0, low: 0, high: 0 }
    : null;
}
