/** A real table whose cells hold one or more lines, each a formula and a value; what the graph shows, in words. */

import { html, set, typeset, write } from "./dom";

export interface TableLine {
  /** MathML made by our own mathematics, already escaped. */
  math: string;
  class?: string;
  edge?: string | null;
}

export interface TableRow {
  id: string;
  /** MathML of the row's name. */
  head: string;
  /** For every column its lines. */
  cells: TableLine[][];
}

export interface TableFace {
  text: string;
  title?: string;
  class: string;
  /** Whether the formula is hidden, as when it would tell what is asked. */
  veiled?: boolean;
}

export interface DataTable {
  element: HTMLElement;
  build(caption: string, columns: { title: string; class: string }[], rows: readonly TableRow[]): void;
  paint(line: (row: string, column: number, index: number) => TableFace, now: readonly string[]): void;
}

export function dataTable(): DataTable {
  const table = html("table");
  const element = html("div", { class: "sg-table", tabindex: 0, role: "region" }, table);
  let lines: { row: string; column: number; index: number; line: HTMLElement; value: HTMLElement }[] = [];
  const rowOf = new Map<string, HTMLElement>();
  let shown = "";

  return {
    element,
    build(caption, columns, rows) {
      set(element, { "aria-label": caption });
      lines = [];
      rowOf.clear();
      const body = rows.map((row) => {
        const name = html("th", { scope: "row" });
        typeset(name, row.head);
        const cells = row.cells.map((cell, column) => {
          const inside = cell.map((content, index) => {
            const formula = html("span");
            typeset(formula, content.math);
            const value = html("span", { class: "sg-num" });
            const line = html("div", { "data-edge": content.edge ?? null }, formula, value);
            lines.push({ row: row.id, column, index, line, value });
            return line;
          });
          return html("td", { class: columns[column]?.class ?? "" }, ...inside);
        });
        const element = html("tr", { "data-node": row.id }, name, ...cells);
        rowOf.set(row.id, element);
        return element;
      });
      const heads = columns.map((column) => html("th", { scope: "col", class: column.class }, column.title));
      table.replaceChildren(
        html("caption", { class: "sg-sr" }, caption),
        html(
          "thead",
          {},
          html("tr", {}, html("th", { scope: "col" }, html("span", { class: "sg-sr" }, "Node")), ...heads),
        ),
        html("tbody", {}, ...body),
      );
    },
    paint(face, now) {
      for (const { row, column, index, line, value } of lines) {
        const { text, title, class: name, veiled } = face(row, column, index);
        write(value, text);
        set(value, { title: title ?? null });
        set(line, {
          class: `sg-line ${name}${line.classList.contains("lit") ? " lit" : ""}${veiled ? " veiled" : ""}`,
        });
      }
      for (const [id, row] of rowOf) {
        row.classList.toggle("now", now.includes(id));
        set(row, { "aria-current": now.includes(id) && "step" });
      }
      const current = rowOf.get(now[0] ?? "");
      if (!current || shown === now[0]) return;
      shown = now[0] as string;
      // Scroll the table alone: scrollIntoView would move the page too.
      const head = table.tHead?.offsetHeight ?? 0;
      const top = current.offsetTop - head;
      if (
        top < element.scrollTop ||
        current.offsetTop + current.offsetHeight > element.scrollTop + element.clientHeight
      )
        element.scrollTop = top - element.clientHeight / 3;
    },
  };
}
