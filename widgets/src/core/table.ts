/** A real table whose cells hold one or more lines, each a formula and a value; what the graph shows, in words. */

import { html, listen, set, timer, typeset, watchWidth, write } from "./dom";

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

interface Painted<Line, Value> {
  line: Line;
  whole: HTMLElement;
  /** Where the value stands. */
  place: HTMLElement;
  value?: Value | undefined;
}

/** Rows out of sight are written this much later, so that what moves is what is seen. */
const LATER = 120;

/** `show` writes a value for the eye, `exact` in full. */
export function dataTable<Line extends TableLine, Value>(
  show: (value?: Value) => string,
  exact: (value?: Value) => string,
  signal: AbortSignal,
) {
  const table = html("table");
  const element = html("div.sg-table", { tabindex: 0, role: "group" }, table);
  let rows: { row: HTMLElement; lines: Painted<Line, Value>[] }[] = [];
  let face: (line: Line) => LineFace<Value>;
  const later = timer(signal);
  let present: HTMLElement | undefined;
  /** Scroll the table alone: scrollIntoView would move the page too. */
  const scroll = () => {
    if (!present) return;
    const { offsetTop, offsetHeight } = present;
    const above = offsetTop - (table.tHead?.offsetHeight ?? 0);
    if (above < element.scrollTop || offsetTop + offsetHeight > element.scrollTop + element.clientHeight)
      element.scrollTop = above - element.clientHeight / 3;
  };
  const fill = (part: typeof rows) => {
    for (const { lines } of part)
      for (const painted of lines) {
        const { line, whole, place } = painted;
        const now = face(line);
        set(whole, { class: `sg-line ${now.class}` });
        // Most lines of a long table stay as they were.
        if ("value" in painted && painted.value === now.value) continue;
        painted.value = now.value;
        write(place, show(now.value));
        set(place, { title: exact(now.value) });
      }
  };
  const rest = () => fill(rows);
  watchWidth(element, signal, scroll);
  listen(element, "scroll", () => later(rest), signal);
  return {
    element,
    build(caption: string, columns: string[], content: readonly TableRow<Line>[]) {
      set(element, { "aria-label": caption });
      rows = content.map(({ id, head, cells }) => {
        const lines: Painted<Line, Value>[] = [];
        const boxes = cells.map((cell) =>
          html(
            "td",
            ...cell.map((line) => {
              const place = html("span.sg-num");
              const whole = html("div", { "data-edge": line.edge }, typeset(html("span"), line.math), place);
              lines.push({ line, whole, place });
              return whole;
            }),
          ),
        );
        return { lines, row: html("tr", { "data-node": id }, html("th", { scope: "row" }, head), ...boxes) };
      });
      const heads = columns.map((title) => html("th", { scope: "col" }, title));
      table.replaceChildren(
        html("caption.sg-sr", caption),
        html("thead", html("tr", html("td"), ...heads)),
        html("tbody", ...rows.map(({ row }) => row)),
      );
    },
    /** Write the values; `now` is the row of the present step, `accent` its class. */
    paint(faces: typeof face, now: string, accent: string) {
      face = faces;
      for (const { row } of rows) {
        const here = row.dataset.node === now;
        set(row, { class: here && `now ${accent}`, "aria-current": here && "step" });
        if (!here || row === present) continue;
        present = row;
        scroll();
      }
      const { scrollTop, clientHeight } = element;
      const seen = clientHeight
        ? rows.filter(
            ({ row }) => row.offsetTop < scrollTop + clientHeight && row.offsetTop + row.offsetHeight > scrollTop,
          )
        : rows;
      fill(seen);
      later(seen.length < rows.length ? rest : undefined, LATER);
    },
  };
}
