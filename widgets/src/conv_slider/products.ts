/** The dot product at one place: what the window sees, times the weights, and the sums of the products by channel. */

import { html, set, write } from "../core/dom";
import { short } from "../core/theme";
import { type Layout, type Products, readCell } from "../math/convolution";
import { formatNumber } from "../math/notation";
import { gray, type Look, numberGrid, range, signed, watcher } from "./drawing";
import { frontWeights } from "./kernel_editor";
import { channelName, type Scene } from "./traits";

/** More channels are not shown side by side. */
const SIDE_BY_SIDE = 4;
const NARROW = 460;
const TALL = 224;

function piece(sign: string) {
  const canvas = html("canvas", { role: "img" });
  const name = html("figcaption");
  const operator = html("span.sg-op", { "aria-hidden": "true" }, sign);
  return { canvas, name, operator, element: html("figure", name, canvas) };
}

const sum = (values: ArrayLike<number>) => Array.from(values).reduce((total, value) => total + value, 0);

export function productsView() {
  const pieces = [piece(""), piece("⊙"), piece("=")];
  const list = html("dl.sg-sums");
  const grids = html("div.sg-grids");
  const title = html("h4");
  const element = html("div.sg-block.sg-dot", title, html("div.sg-dotrow", grids, list));
  const changed = watcher();
  let arranged = "";

  function arrange(count: number, signs: string): void {
    const key = `${count}${signs}`;
    if (key === arranged) return;
    arranged = key;
    while (pieces.length < count) pieces.push(piece(""));
    grids.replaceChildren(
      ...pieces.slice(0, count).flatMap((each, i) => {
        each.operator.textContent = signs[i] ?? "";
        return i ? [each.operator, each.element] : [each.element];
      }),
    );
  }

  function sums(rows: readonly (readonly [string, string])[], total: readonly [string, string]): void {
    if (list.childElementCount !== 2 * rows.length + 2)
      list.replaceChildren(...Array.from({ length: rows.length + 1 }, () => [html("dt"), html("dd")]).flat());
    [...rows, total].forEach(([name, value], i) => {
      write(list.children[2 * i]!, name);
      write(list.children[2 * i + 1]!, value);
    });
  }

  return {
    element,
    /** The products of a window, in a room of so many pixels. */
    update(now: Scene, { inputs, products, channels, bias, value }: Products, look: Look, room: number): void {
      const { at, channel } = now;
      const { kernelRows: rows, kernelColumns: columns } = at;
      const area = rows * columns;
      const signs = 5;
      const apart = at.channels === 1 || channel >= 0 || at.channels > SIDE_BY_SIDE;
      const front = Math.max(0, channel);
      const count = apart ? 3 : at.channels;
      // Where there is little room they stand in two lines.
      const abreast = room < NARROW ? Math.min(2, count) : count;
      const fitting = Math.min((room - 40 * (abreast - 1)) / (abreast * columns), TALL / rows);
      const size = Math.max(9, Math.min(columns < 4 ? 46 : 36, Math.floor(fitting)));
      if (!changed(now.volume, at, now.row, now.column, now.slid, bias, channel, size, look)) return;
      const part = (array: Float64Array, c: number) => array.subarray(c * area, (c + 1) * area);
      const outside = (c: number) => (k: number) => !readCell(at, now.row, now.column, c * area + k).inside;
      const heat = (values: ArrayLike<number>, most: number) => (k: number) => signed(values[k]!, most, look);
      const largest = (values: ArrayLike<number>) => Array.from(values).reduce((m, v) => Math.max(m, Math.abs(v)), 0);
      const most = largest(products);
      if (apart) {
        arrange(3, " ⊙=");
        const [low, high] = range(now.volume);
        const seen = part(inputs, front);
        const weights = part(now.slid, front);
        const own = part(products, front);
        const name = channelName(front, at.channels);
        const [patch, kernel, product] = pieces as [(typeof pieces)[0], (typeof pieces)[0], (typeof pieces)[0]];
        write(patch.name, `x under the window${name && `, ${name}`}`);
        write(kernel.name, `w${now.flip ? ", turned" : ""}${name && `, ${name}`}`);
        write(product.name, "products");
        const shades = (k: number) => gray((seen[k]! - low) / (high - low || 1));
        numberGrid(
          patch.canvas,
          { rows, columns, signs, values: seen, face: shades, outside: outside(front) },
          size,
          look,
        );
        const strongest = largest(now.slid);
        numberGrid(
          kernel.canvas,
          { rows, columns, signs, values: weights, face: heat(weights, strongest) },
          size,
          look,
        );
        numberGrid(product.canvas, { rows, columns, signs, values: own, face: heat(own, most) }, size, look);
        for (const [each, values] of [
          [patch, seen],
          [kernel, weights],
          [product, own],
        ] as const)
          set(each.canvas, { "aria-label": `${each.name.textContent}: ${told(values, columns)}` });
      } else {
        arrange(count, ` ${"+".repeat(count - 1)}`);
        for (let c = 0; c < count; c++) {
          const own = part(products, c);
          const each = pieces[c]!;
          write(each.name, `products in ${channelName(c, at.channels)}`);
          numberGrid(
            each.canvas,
            { rows, columns, signs, values: own, face: heat(own, most), outside: outside(c) },
            size,
            look,
          );
          set(each.canvas, { "aria-label": `${each.name.textContent}: ${told(own, columns)}` });
        }
      }
      const n = at.channels * area;
      write(title, `The dot product at this place: ${n} products, their sum, and the bias`);
      const by = [...channels].map((part, c) => [channelName(c, at.channels) || "sum", formatNumber(part)] as const);
      const shown = by.length > 4 ? [["sum of all channels", formatNumber(sum(channels))] as const] : by;
      sums([...shown, ["bias β", formatNumber(bias)]], [`y[${now.row}, ${now.column}]`, formatNumber(value)]);
      list.lastElementChild?.setAttribute("data-exact", `${value}`);
    },
    /** In backward mode: the weights by which outputs receive an input. */
    backward(now: Scene, look: Look, room: number): void {
      const { at, fed, cell, channel } = now;
      if (!changed(at, cell?.[0], cell?.[1], now.slid, channel, room, look)) return;
      arrange(1, " ");
      const rows = [...new Set(fed.map(({ row }) => row))];
      const columns = [...new Set(fed.map(({ column }) => column))];
      const weights = frontWeights(now);
      const values = fed.map(({ a, b }) => weights[a * at.kernelColumns + b]!);
      const size = Math.max(9, Math.min(44, Math.floor(room / Math.max(1, columns.length))));
      const most = Math.max(...weights.map(Math.abs)) || 1;
      const name = channelName(Math.max(0, channel), at.channels);
      const of = name && (channel < 0 ? ", by the sum over the channels" : `, of channel ${name}`);
      const [only] = pieces as [(typeof pieces)[0]];
      write(only.name, fed.length ? `outputs y[${spanOf(rows)}, ${spanOf(columns)}]${of}` : "");
      only.canvas.hidden = !fed.length;
      if (fed.length) {
        const face = (k: number) => signed(values[k]!, most, look);
        numberGrid(only.canvas, { rows: rows.length, columns: columns.length, values, face }, size, look);
      }
      set(only.canvas, { "aria-label": `Weights: ${told(values, columns.length)}` });
      write(
        title,
        "The weight by which each of these outputs receives the input, and by which its gradient comes back",
      );
      const shares = new Set(fed.map(({ a, b }) => a * at.kernelColumns + b)).size;
      sums(
        [
          ["outputs fed", `${fed.length}`],
          ["entries of w used", `${shares} of ${weights.length}`],
        ],
        ["their sum", formatNumber(sum(values))],
      );
    },
  };
}

const spanOf = (numbers: readonly number[]) =>
  numbers.length > 1 ? `${Math.min(...numbers)}…${Math.max(...numbers)}` : `${numbers[0]}`;

/** Rows of numbers, to be read out. */
const told = (values: ArrayLike<number>, columns: number) =>
  Array.from(values, (value, k) => `${short(value)}${(k + 1) % columns ? "," : ";"}`).join(" ");

export type { Layout };
