/** The layer as a network: some inputs and outputs about the selected cell, and the connections that carry a gradient. */

import { html, listen, named, set, svg } from "../core/dom";
import { columnEntries, entries, type Jacobian, rowEntries } from "../math/forms";
import { counted, place, symbolText } from "./words";

const SHOWN = 5;
const GAP = 26;
const WIDTH = 300;
const [LEFT, RIGHT] = [108, 192];
const FEW = 400;

const around = (at: number, count: number) => {
  const size = Math.min(SHOWN, count);
  const first = Math.max(0, Math.min(count - size, at - Math.floor(size / 2)));
  return Array.from({ length: size }, (_, i) => first + i);
};

export function networkView(signal: AbortSignal, select: (row: number, column: number) => void) {
  const picture = svg("svg", { width: WIDTH, height: SHOWN * GAP });
  const said = html("p.sg-say");
  const element = html("div.sg-network", html("h4", "In the network"), picture, said);
  let now: readonly [number, number] = [0, 0];
  let sizes: readonly [number, number] = [0, 0];

  const pick = (target: EventTarget | null, by = 0): boolean => {
    const unit = (target as Element | null)?.closest<SVGElement>("[data-unit]");
    if (!unit) return false;
    const row = unit.dataset.side === "row";
    const index = Number(unit.dataset.unit) + by;
    if (index < 0 || index >= sizes[row ? 0 : 1]) return true;
    select(row ? index : now[0], row ? now[1] : index);
    if (by)
      requestAnimationFrame(() =>
        picture.querySelector<SVGElement>(`[data-side="${unit.dataset.side}"][tabindex="0"]`)?.focus(),
      );
    return true;
  };
  listen(picture, "click", ({ target }) => void pick(target), signal);
  listen(
    picture,
    "keydown",
    (event) => {
      const by = { ArrowUp: -1, ArrowDown: 1, Enter: 0, " ": 0 }[event.key];
      if (by === undefined || !pick(event.target, by)) return;
      event.preventDefault();
      event.stopPropagation();
    },
    signal,
  );

  return {
    element,
    update(jacobian: Jacobian, [row = 0, column = 0]: readonly number[]) {
      now = [row, column];
      const { rows, columns, header } = jacobian;
      sizes = [rows, columns];
      const [outs, ins] = [around(row, rows), around(column, columns)];
      const y = (list: readonly number[], index: number) =>
        (SHOWN * GAP) / 2 + (list.indexOf(index) - (list.length - 1) / 2) * GAP;
      const window = { row0: outs[0]!, row1: outs.at(-1)! + 1, column0: ins[0]!, column1: ins.at(-1)! + 1 };
      const found = entries(jacobian, window);
      const lit = ([r, c, v]: readonly number[]) => v !== 0 && (r === row || c === column);
      const lines = found
        .sort((a, b) => +lit(a) - +lit(b))
        .map((entry) => {
          const [r, c, value] = entry;
          const kind = value === 0 ? "shut" : r === row && c === column ? "chosen" : lit(entry) ? "lit" : "";
          return svg("line", { class: kind, x1: LEFT, y1: y(ins, c), x2: RIGHT, y2: y(outs, r) });
        });
      const unit = (side: "row" | "column", index: number) => {
        const input = side === "column";
        const of = input ? header.input : header.output;
        const [x, at] = input ? [LEFT, y(ins, index)] : [RIGHT, y(outs, index)];
        const chosen = index === (input ? column : row);
        const text = symbolText(of, index);
        return svg(
          "g.sg-unit",
          {
            role: "button",
            tabindex: chosen ? 0 : -1,
            "data-side": side,
            "data-unit": index,
            "aria-label": `${input ? "Column" : "Row"} ${counted(index)}: ${text}, ${place(of, index)}`,
            "aria-pressed": `${chosen}`,
            class: `sg-unit ${chosen ? "now" : ""}`,
          },
          svg("rect", { x: input ? 0 : x - 13, y: at - GAP / 2, width: LEFT + 13, height: GAP }),
          svg("circle", { cx: x, cy: at, r: 8 }),
          svg("text", { x: input ? x - 16 : x + 16, y: at + 4, "text-anchor": input ? "end" : "start" }, text),
        );
      };
      picture.replaceChildren(
        svg("g", { "aria-hidden": "true" }, ...lines),
        svg("g", named("Inputs"), ...ins.map((i) => unit("column", i))),
        svg("g", named("Outputs"), ...outs.map((i) => unit("row", i))),
      );
      set(picture, { viewBox: `0 0 ${WIDTH} ${SHOWN * GAP}`, role: "group", "aria-label": "Network" });
      const live = (list: [number, number][]) => list.filter(([, value]) => value).length;
      const told = (n: number) => (n >= FEW ? `at least ${FEW}` : counted(n));
      const [into, outOf] = [live(rowEntries(jacobian, row, FEW)), live(columnEntries(jacobian, column, FEW))];
      said.textContent = `${symbolText(header.output, row)} depends on ${told(into)} input${into === 1 ? "" : "s"}; ${symbolText(header.input, column)} reaches ${told(outOf)} output${outOf === 1 ? "" : "s"}.`;
    },
  };
}
