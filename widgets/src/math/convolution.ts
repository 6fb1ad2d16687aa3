/**
 * Convolution of a picture with a bank of filters, in the browser: maps, single windows, what reads what, and sizes.
 *
 *     y[f, p, q] = bias[f] + Σ_{c,a,b} w[f, c, a, b] · x[c, s·p + d·a − z, s·q + d·b − z],   x = 0 outside the picture
 *
 * with stride s, dilation d and padding z. This is cross-correlation; for true convolution hand over `turned` weights.
 * Volumes are kept channel by channel and weights in the order c, a, b. Numbers are float64. No DOM. Twin of
 * `stepgrad/documents/convolution.py`; both replay tests/golden/convolutions.
 */

/** A picture, or a stack of maps: `values` channel by channel, each row by row. */
export interface Volume {
  readonly channels: number;
  readonly height: number;
  readonly width: number;
  readonly values: Float64Array;
}

/** How the kernel moves. */
export interface Geometry {
  readonly stride: number;
  readonly padding: number;
  readonly dilation: number;
}

/** A picture's and a kernel's sizes, how it moves, and how many places it has: none where it doesn't fit. */
export interface Layout extends Geometry {
  readonly channels: number;
  readonly height: number;
  readonly width: number;
  readonly kernelRows: number;
  readonly kernelColumns: number;
  readonly outRows: number;
  readonly outColumns: number;
}

export type Numbers = readonly number[] | Float64Array;

/** What a picture's header says of its bytes. */
export interface PictureEntry {
  readonly name: string;
  readonly title: string;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  readonly kind: "bytes" | "floats";
}

// ---- sizes ---------------------------------------------------------------------------------------------------------

/** How many entries a kernel of k reaches over. */
export function span(k: number, dilation: number): number {
  return dilation * (k - 1) + 1;
}

/** ⌊(n + 2z − d(k − 1) − 1) / s⌋ + 1, or 0 where the kernel is longer than the padded picture. */
export function outputSize(n: number, k: number, { stride, padding, dilation }: Geometry): number {
  return Math.max(0, Math.floor((n + 2 * padding - span(k, dilation)) / stride) + 1);
}

/** How many entries at the end of the padded picture no window reaches: 0 where the stride fits. */
export function unreached(n: number, k: number, { stride, padding, dilation }: Geometry): number {
  const room = n + 2 * padding - span(k, dilation);
  return room < 0 ? 0 : room % stride;
}

export function layout(volume: Omit<Volume, "values">, kernel: readonly number[], geometry: Geometry): Layout {
  const { channels, height, width } = volume;
  const { stride, padding, dilation } = geometry;
  const [kernelRows, kernelColumns] = [kernel[0]!, kernel[1]!];
  const outRows = outputSize(height, kernelRows, geometry);
  const outColumns = outputSize(width, kernelColumns, geometry);
  const sizes = { channels, height, width, kernelRows, kernelColumns, stride, padding, dilation };
  return outRows && outColumns ? { ...sizes, outRows, outColumns } : { ...sizes, outRows: 0, outColumns: 0 };
}

/** The rule along one axis with its numbers: "(32 − 5 + 2·0)/1 + 1 = 28", with ⌊ ⌋ where the stride doesn't fit. */
export function sizeRule(n: number, k: number, geometry: Geometry): string {
  const room = `${n} − ${span(k, geometry.dilation)} + 2·${geometry.padding}`;
  const places = outputSize(n, k, geometry);
  if (!places) return `${room} = −${span(k, geometry.dilation) - n - 2 * geometry.padding} < 0`;
  const whole = unreached(n, k, geometry) ? `⌊(${room})/${geometry.stride}⌋` : `(${room})/${geometry.stride}`;
  return `${whole} + 1 = ${places}`;
}

/** A sentence on a kernel or a stride that doesn't fit; "" where both do. */
export function sizeSentence(at: Layout): string {
  const { height, width, kernelRows, kernelColumns, stride, padding, dilation } = at;
  if (!at.outRows)
    return (
      `The kernel spans ${span(kernelRows, dilation)} × ${span(kernelColumns, dilation)} and does not fit in the ` +
      `${padding ? "padded picture" : "picture"} of ${height + 2 * padding} × ${width + 2 * padding}.`
    );
  const rows = unreached(height, kernelRows, at);
  const columns = unreached(width, kernelColumns, at);
  if (!rows && !columns) return "";
  const [n, k] = rows ? [height, kernelRows] : [width, kernelColumns];
  const room = n + 2 * padding - span(k, dilation);
  const last = (count: number, what: string) =>
    count ? [count === 1 ? `the last ${what}` : `the last ${count} ${what}s`] : [];
  const missed = [...last(rows, "row"), ...last(columns, "column")].join(" and ");
  return (
    `Stride ${stride} does not fit: ${n} − ${span(k, dilation)} + 2·${padding} = ${room} is no multiple of ${stride}, ` +
    `and no window reaches ${missed}${padding ? " of the padded picture" : ""}.`
  );
}

/** What a layer of so many filters has to learn, and a fully connected one with the same inputs and outputs. */
export function parameters(at: Layout, filters: number) {
  const weights = at.channels * at.kernelRows * at.kernelColumns;
  const outputs = filters * at.outRows * at.outColumns;
  const inputs = at.channels * at.height * at.width;
  return { weights, each: weights + 1, total: filters * (weights + 1), connected: outputs * (inputs + 1) };
}

// ---- weights -------------------------------------------------------------------------------------------------------

/** Weights turned by half a turn in each channel: what slides in true convolution. */
export function turned(weights: Numbers, channels: number): Float64Array {
  const size = weights.length / channels;
  return Float64Array.from(weights, (_, k) => weights[k - (k % size) + size - 1 - (k % size)]!);
}

/**
 * Weights made for some channels, for another number of them: a kernel of one channel is shared out evenly, so that a
 * gray picture gives the same map in colour, and others are added up first.
 */
export function spread(weights: Numbers, from: number, to: number): Float64Array {
  if (from === to) return Float64Array.from(weights);
  const size = weights.length / from;
  const sum = new Float64Array(size);
  for (let k = 0; k < weights.length; k++) sum[k % size]! += weights[k]!;
  return Float64Array.from({ length: to * size }, (_, k) => sum[k % size]! / to);
}

// ---- maps ----------------------------------------------------------------------------------------------------------

/** The map of one filter, row by row, into `out` if that has the right size. Weights as they slide (see `turned`). */
export function forward(volume: Volume, at: Layout, weights: Numbers, bias: number, out?: Float64Array): Float64Array {
  const size = at.outRows * at.outColumns;
  const map = out?.length === size ? out : new Float64Array(size);
  const w = Float64Array.from(weights);
  map.fill(bias);
  for (let p = 0; p < at.outRows; p++)
    for (let c = 0; c < at.channels; c++)
      for (let a = 0; a < at.kernelRows; a++) {
        const i = at.stride * p + at.dilation * a - at.padding;
        if (i >= 0 && i < at.height) addRow(map, p, volume.values, (c * at.height + i) * at.width, w, c, a, at);
      }
  return map;
}

/** Add to row p of a map what row (c, a) of the kernel makes of the row of the picture that begins at `from`. */
function addRow(
  map: Float64Array,
  p: number,
  x: Float64Array,
  from: number,
  w: Float64Array,
  c: number,
  a: number,
  { stride, padding, dilation, width, kernelRows, kernelColumns, outColumns }: Layout,
): void {
  const first = (c * kernelRows + a) * kernelColumns;
  const to = p * outColumns;
  const reach = dilation * (kernelColumns - 1);
  for (let q = 0; q < outColumns; q++) {
    const j = stride * q - padding;
    let sum = 0;
    if (j >= 0 && j + reach < width)
      for (let b = 0, at = from + j; b < kernelColumns; b++, at += dilation) sum += w[first + b]! * x[at]!;
    else
      for (let b = 0, at = j; b < kernelColumns; b++, at += dilation)
        if (at >= 0 && at < width) sum += w[first + b]! * x[from + at]!;
    map[to + q]! += sum;
  }
}

/** What changing one weight does to a map: y += change · x, shifted. `k` counts the weights as they slide. */
export function nudge(map: Float64Array, volume: Volume, at: Layout, k: number, change: number): void {
  for (let p = 0; p < at.outRows; p++)
    for (let q = 0; q < at.outColumns; q++) {
      const { channel, row, column, inside } = readCell(at, p, q, k);
      if (inside)
        map[p * at.outColumns + q]! += change * volume.values[(channel * at.height + row) * at.width + column]!;
    }
}

// ---- one window ----------------------------------------------------------------------------------------------------

/** One number of a map as the dot product that it is; arrays in the order c, a, b. */
export interface Products {
  readonly inputs: Float64Array;
  readonly products: Float64Array;
  readonly channels: Float64Array;
  readonly bias: number;
  readonly value: number;
}

export function windowProducts(
  volume: Volume,
  at: Layout,
  weights: Numbers,
  bias: number,
  row: number,
  column: number,
): Products {
  const inputs = new Float64Array(weights.length);
  const products = new Float64Array(weights.length);
  const channels = new Float64Array(at.channels);
  for (let k = 0; k < weights.length; k++) {
    const { channel, row: i, column: j, inside } = readCell(at, row, column, k);
    inputs[k] = inside ? volume.values[(channel * at.height + i) * at.width + j]! : 0;
    products[k] = weights[k]! * inputs[k]!;
    channels[channel]! += products[k]!;
  }
  return { inputs, products, channels, bias, value: channels.reduce((sum, part) => sum + part, bias) };
}

/** Products with 0 for every number that is smaller than `least`: what rounding has left. */
export function withoutNoise({ inputs, ...rest }: Products, least: number): Products {
  const clean = (value: number) => (Math.abs(value) < least ? 0 : value);
  const { products, channels, bias, value } = rest;
  return {
    inputs,
    products: products.map(clean),
    channels: channels.map(clean),
    bias: clean(bias),
    value: clean(value),
  };
}

/** The input that kernel cell `k` meets in the window of output (row, column); it may be outside the picture. */
export function readCell(at: Layout, row: number, column: number, k: number) {
  const { stride, dilation, padding, kernelRows, kernelColumns } = at;
  const b = k % kernelColumns;
  const a = Math.floor(k / kernelColumns) % kernelRows;
  const i = stride * row + dilation * a - padding;
  const j = stride * column + dilation * b - padding;
  const inside = i >= 0 && i < at.height && j >= 0 && j < at.width;
  return { channel: Math.floor(k / (kernelColumns * kernelRows)), a, b, row: i, column: j, inside };
}

/** The inputs that output (row, column) reads, in every channel; those outside the picture are left out. */
export function receptiveField(at: Layout, row: number, column: number) {
  const cells = Array.from({ length: at.kernelRows * at.kernelColumns }, (_, k) => readCell(at, row, column, k));
  return cells.filter((cell) => cell.inside).map(({ row, column, a, b }) => ({ row, column, a, b }));
}

/** The outputs that input (row, column) feeds, and the kernel cell by which: the backward view. */
export function fedOutputs(at: Layout, row: number, column: number) {
  const found: { row: number; column: number; a: number; b: number }[] = [];
  const down = place(at, row, at.kernelRows, at.outRows);
  const across = place(at, column, at.kernelColumns, at.outColumns);
  for (const [p, a] of down) for (const [q, b] of across) found.push({ row: p, column: q, a, b });
  return found;
}

/** The places along one axis from which a kernel entry meets entry i of the picture, in their order. */
function place({ stride, padding, dilation }: Layout, i: number, k: number, places: number): [number, number][] {
  const found: [number, number][] = [];
  for (let a = k - 1; a >= 0; a--) {
    const p = (i + padding - dilation * a) / stride;
    if (Number.isInteger(p) && p >= 0 && p < places) found.push([p, a]);
  }
  return found;
}

// ---- the matrix ----------------------------------------------------------------------------------------------------

/** The nonzeros of a row or column of the matrix that the layer is: where, and which weight stands there. */
export interface MatrixEntries {
  readonly places: number[];
  readonly weights: number[];
}

/** The row of output (row, column): an input's column is c·H·W + i·W + j, the weight's number counts c, a, b. */
export function matrixRow(at: Layout, row: number, column: number): MatrixEntries {
  const [places, weights]: [number[], number[]] = [[], []];
  for (let k = 0; k < at.channels * at.kernelRows * at.kernelColumns; k++) {
    const cell = readCell(at, row, column, k);
    if (!cell.inside) continue;
    places.push((cell.channel * at.height + cell.row) * at.width + cell.column);
    weights.push(k);
  }
  return { places, weights };
}

/** The column of input (channel, row, column): an output's row is p·Q + q. */
export function matrixColumn(at: Layout, channel: number, row: number, column: number): MatrixEntries {
  const fed = fedOutputs(at, row, column);
  return {
    places: fed.map((cell) => cell.row * at.outColumns + cell.column),
    weights: fed.map(({ a, b }) => (channel * at.kernelRows + a) * at.kernelColumns + b),
  };
}

// ---- pictures ------------------------------------------------------------------------------------------------------

/** Numbers that lie anywhere, read as a picture: steps from a pixel, a row and a channel to the next. */
interface Source {
  readonly values: ArrayLike<number>;
  readonly start: number;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  readonly pixel: number;
  readonly row: number;
  readonly plane: number;
  readonly scale: number;
}

/** A picture as it crosses from Python: H×W×C row by row, bytes from 0 to 255 or little-endian 32-bit floats. */
export function unpackPicture(entry: PictureEntry, data: DataView | Uint8Array): Volume {
  const { height, width, channels } = entry;
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const size = height * width;
  const values = new Float64Array(channels * size);
  for (let k = 0; k < values.length; k++) {
    const number = entry.kind === "bytes" ? view.getUint8(k) / 255 : view.getFloat32(4 * k, true);
    values[(k % channels) * size + Math.floor(k / channels)] = number;
  }
  return { channels, height, width, values };
}

/** Rows and columns of a picture whose longer side is reduced to `size`; 0, or a smaller picture, leaves it as it is. */
export function reducedSize(height: number, width: number, size: number): [number, number] {
  const longer = Math.max(height, width);
  if (!size || longer <= size) return [height, width];
  const to = (n: number) => Math.max(1, Math.floor((n * size) / longer + 0.5));
  return [to(height), to(width)];
}

/** A picture in fewer pixels, each the mean of the box that it covers; parts of a pixel count in part. */
export function boxMeans(volume: Volume, rows: number, columns: number): Volume {
  const { channels, height, width, values } = volume;
  if (rows === height && columns === width) return volume;
  const plane = height * width;
  return means({ values, start: 0, height, width, channels, pixel: 1, row: width, plane, scale: 1 }, rows, columns);
}

/** The square in the middle of what a canvas gives (RGBA in bytes), reduced to size × size × 3 by box means. */
export function fromCanvas(rgba: ArrayLike<number>, width: number, height: number, size: number): Volume {
  const side = Math.min(width, height);
  const start = 4 * (Math.floor((height - side) / 2) * width + Math.floor((width - side) / 2));
  const row = 4 * width;
  const source = { values: rgba, start, height: side, width: side, channels: 3, pixel: 4, row, plane: 1 };
  return means({ ...source, scale: 1 / 255 }, size, size);
}

/** The pixels that each of `count` boxes along an axis of n covers, and how much of each. */
function boxes(n: number, count: number): [number, number][][] {
  return Array.from({ length: count }, (_, k) => {
    const [low, high] = [(k * n) / count, ((k + 1) * n) / count];
    const covered: [number, number][] = [];
    for (let i = Math.floor(low); i < high && i < n; i++)
      covered.push([i, (Math.min(high, i + 1) - Math.max(low, i)) / (high - low)]);
    return covered;
  });
}

function means(source: Source, rows: number, columns: number): Volume {
  const { values, channels, scale } = source;
  const across = boxes(source.width, columns);
  const out = new Float64Array(channels * rows * columns);
  boxes(source.height, rows).forEach((down, p) => {
    for (const [i, tall] of down)
      for (let c = 0; c < channels; c++) {
        const from = source.start + c * source.plane + i * source.row;
        const to = (c * rows + p) * columns;
        across.forEach((covered, q) => {
          let sum = 0;
          for (const [j, wide] of covered) sum += wide * values[from + j * source.pixel]!;
          out[to + q]! += tall * sum * scale;
        });
      }
  });
  return { channels, height: rows, width: columns, values: out };
}
