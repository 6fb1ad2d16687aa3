/** What a Jacobian is, in numbers: beside the matrix, as a list and as bars on a logarithmic scale. */

import { html, typeset } from "../core/dom";
import type { Jacobian } from "../math/forms";
import { latexMathml } from "../math/latex";
import type { Facts } from "./traits";
import { bytes, counted, seconds, structureName } from "./words";

/** A bar: what it is of, how large, how that is written, and a class. */
type Bar = readonly [name: string, size: number | null, text: string, kind?: string];

const percent = (part: number) =>
  part === 0 ? "0 %" : part > 0.001 ? `${+(100 * part).toPrecision(3)} %` : `1 in ${counted(Math.round(1 / part))}`;

/** `from` is where the scale begins. */
function bars(list: readonly Bar[], from: number): HTMLElement {
  const most = Math.max(...list.map(([, size]) => size ?? 0), 10 * from);
  return html(
    "dl.sg-bars",
    ...list.flatMap(([name, size, text, kind]) => {
      const bar = html(`i.${kind ?? "own"}`);
      bar.style.width = `${(100 * Math.log(Math.max(1.5, (size ?? 0) / from))) / Math.log(most / from)}%`;
      return [
        html("dt", name),
        html(
          "dd",
          size === null ? html(`span.${text}`, text === "over" ? "does not fit" : "too large to time") : bar,
          html("b", size === null ? "–" : text),
        ),
      ];
    }),
  );
}

const heading = (text: string) => html("h4", text);

/** Everything is made anew with the Jacobian; nothing here moves. */
export function facts({ header, rows, columns, count }: Jacobian, { machine_bytes: machine, times = {} }: Facts) {
  const { structure, formula, nonzeros, kept_bytes: kept, dense_bytes: dense } = header;
  const size = rows * columns;
  const item = (name: string, ...what: (string | HTMLElement)[]) => [html("dt", name), html("dd", ...what)];
  const [most, own] = [counted(count), counted(nonzeros)];
  const list = html(
    "dl.sg-facts",
    ...item("shape", html("b", `${counted(rows)} × ${counted(columns)}`)),
    ...item("entries", counted(size)),
    ...item("nonzero", html("b", own), nonzeros < count ? ` of at most ${most}` : ""),
    ...item("density", size ? percent(nonzeros / size) : "–"),
    ...item(
      "structure",
      ...(formula ? [typeset(html("span"), latexMathml(formula))] : []),
      html(formula ? "small" : "span", structureName(structure)),
    ),
  );
  const memory = html(
    "div",
    heading("Memory, log scale"),
    bars(
      [
        ["kept here", kept, bytes(kept)],
        ...(machine ? [["this machine", machine, bytes(machine), "machine"] as const] : []),
        ["if dense", dense, bytes(dense), machine && dense > machine ? "over" : "dense"],
      ],
      1,
    ),
  );
  const { structured, sweep, dense: full } = times;
  const fits = !machine || dense <= machine ? "soft" : "over";
  const time = (name: string, value: number | null | undefined): Bar => [
    name,
    value ?? null,
    value == null ? fits : seconds(value),
  ];
  const speed = html(
    "div",
    heading("J·v, measured here, log scale"),
    bars(
      [time("structured", structured), ...(sweep != null ? [time("forward sweep", sweep)] : []), time("dense", full)],
      1e-7,
    ),
  );
  return { list, memory, speed: structured == null ? null : speed };
}
