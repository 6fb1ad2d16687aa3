/** A real table whose cells hold one or more lines, each a formula and a value; what the graph shows, in words. */

import { html, set, typeset, watchWidth, write } from "./dom";

export interface TableLine {
  /** MathML made by our own mathematics, already escaped. */
  math: string;
  edge?: string | null;
}

export interface TableRow<Line extends TableLine> {
  id: string;
  /** The row's name: plain text, since browsers do not read a header that is only MathML. */
  head: string;
  /** For every column its lines. */
  cells: Line[][];
}

export interface LineFace<Value> {
  /** Undefined as long as it is not known. */
  value: Value | undefined;
  class: string;
}

/** `show` writes a value for the eye, `exact` in full. */
export function dataTable<Line extends TableLine, Value>(
  show: (value?: Value) => string,
  exact: (value?: Value) => string,
  signal: AbortSignal,
) {
  const table = html("table");
  const element = html("div.sg-table", { tabindex: 0, role: "group" }, table);
  let lines: [Line, HTMLElement, HTMLElement][] = [];
  const painted = new WeakMap<HTMLElement, Value | undefined>();
  let rows: HTMLElement[] = [];
  let present: HTMLElement | undefined;
  /** Scroll the table alone: scrollIntoView would move the page too. */
  const scroll = () => {
    if (!present) return;
    const { offsetTop, offsetHeight } = present;
    const above = offsetTop - (table.tHead?.offsetHeight ?? 0);
    if (above < element.scrollTop || offsetTop + offsetHeight > element.scrollTop + element.clientHeight)
      element.scrollTop = above - element.clientHeight / 3;
  };
  watchWidth(element, signal, scroll);
  return {
    element,
    build(caption: string, columns: string[], content: readonly TableRow<Line>[]) {
      set(element, { "aria-label": caption });
      lines = [];
      rows = content.map((row) =>
        html(
          "tr",
          { "data-node": row.id },
          html("th", { scope: "row" }, row.head),
          ...row.cells.map((cell) =>
            html(
              "td",
              ...cell.map((line) => {
                const value = html("span.sg-num");
                const whole = html("div", { "data-edge": line.edge }, typeset(html("span"), line.math), value);
                lines.push([line, whole, value]);
                return whole;
              }),
            ),
          ),
        ),
      );
      const heads = columns.map((title) => html("th", { scope: "col" }, title));
      table.replaceChildren(
        html("caption.sg-sr", caption),
        html("thead", html("tr", html("td"), ...heads)),
        html("tbody", ...rows),
      );
    },
    /** Write the values; `now` is the row of the present step, `accent` its class. */
    paint(face: (line: Line) => LineFace<Value>, now: string, accent: string) {
      for (const [line, whole, value] of lines) {
        const now = face(line);
        set(whole, { class: `sg-line ${now.class}` });
        // Most lines of a long table stay as they were.
        if (painted.has(value) && painted.get(value) === now.value) continue;
        painted.set(value, now.value);
        write(value, show(now.value));
        set(value, { title: exact(now.value) });
      }
      for (const row of rows) {
        const here = row.dataset.node === now;
        set(row, { class: here && `now ${accent}`, "aria-current": here && "step" });
        if (!here || row === present) continue;
        present = row;
        scroll();
      }
    },
  };
}
