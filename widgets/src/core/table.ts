/** A real table whose cells hold one or more lines, each a formula and a value; what the graph shows, in words. */

import { html, set, typeset, write } from "./dom";

export interface TableLine {
  /** MathML made by our own mathematics, already escaped. */
  math: string;
  edge?: string | null;
}

export interface TableRow<Line extends TableLine> {
  id: string;
  /** MathML of the row's name. */
  head: string;
  /** For every column its lines. */
  cells: Line[][];
}

export interface LineFace {
  text: string;
  title: string;
  class: string;
}

export function dataTable<Line extends TableLine>() {
  const table = html("table");
  const element = html("div.sg-table", { tabindex: 0, role: "region" }, table);
  let lines: [Line, HTMLElement, HTMLElement][] = [];
  let rows: HTMLElement[] = [];
  let shown = "";
  return {
    element,
    build(caption: string, columns: string[], content: readonly TableRow<Line>[]) {
      set(element, { "aria-label": caption });
      lines = [];
      rows = content.map((row) =>
        html(
          "tr",
          { "data-node": row.id },
          typeset(html("th", { scope: "row" }), row.head),
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
    paint(face: (line: Line) => LineFace, now: string, accent: string) {
      for (const [line, whole, value] of lines) {
        const { text, title, class: name } = face(line);
        write(value, text);
        set(value, { title });
        set(whole, { class: `sg-line ${name}` });
      }
      for (const row of rows) {
        const here = row.dataset.node === now;
        set(row, { class: here && `now ${accent}`, "aria-current": here && "step" });
        if (!here || now === shown) continue;
        shown = now;
        // Scroll the table alone: scrollIntoView would move the page too.
        const above = row.offsetTop - (table.tHead?.offsetHeight ?? 0);
        if (above < element.scrollTop || row.offsetTop + row.offsetHeight > element.scrollTop + element.clientHeight)
          element.scrollTop = above - element.clientHeight / 3;
      }
    },
  };
}
