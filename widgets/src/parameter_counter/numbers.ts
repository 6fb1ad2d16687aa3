/** The same data as a table. */

import { html, listen } from "../core/dom";
import { cost, KINDS, type Kind, type Settings } from "../math/counting";
import { bytes, counted } from "../math/units";
import type { Facts } from "./traits";
import { memory, TITLES } from "./words";

const HEADS = ["", "hidden units", "parameters", "float32", "float64", "multiplications"];

export function numbers(signal: AbortSignal) {
  const body = html("tbody");
  const head = html("tr", ...HEADS.map((text) => (text ? html("th", { scope: "col" }, text) : html("td"))));
  const table = html("table", html("caption.sg-sr", "The layers in numbers"), html("thead", head), body);
  const scroller = html("div.sg-table", { tabindex: 0, role: "group", "aria-label": "The layers in numbers" }, table);
  const element = html("details.sg-numbers", html("summary", "As a table"), scroller);
  let fill = () => {};
  // Nobody sees a table that is folded.
  const shown = () => (element as HTMLDetailsElement).open && fill();
  listen(element, "toggle" as "input", shown, signal);
  return {
    element,
    update(
      settings: Settings,
      { networks = [], machine_bytes: machine }: Facts,
      layer: Kind,
      known: (k: Kind) => boolean,
    ) {
      fill = () => {
        const line = (name: string, cells: readonly string[], now = false) =>
          html(
            "tr",
            now && { class: "now" },
            html("th", { scope: "row" }, name),
            ...cells.map((text) => html("td", text || "–")),
          );
        const layers = KINDS.map((kind) => {
          const own = cost(kind, settings);
          const sizes = known(kind) ? [counted(own.parameters), ...memory(own).map(bytes)] : ["?", "?", "?"];
          const work = known(kind) ? counted(own.multiplications) : "?";
          return line(TITLES[kind], [counted(own.units), ...sizes, work], kind === layer);
        });
        const others = networks.map(({ name, year, parameters }) =>
          line(`${name} (${year})`, ["", counted(parameters), bytes(4 * parameters), bytes(8 * parameters), ""]),
        );
        const own = machine ? [line("this machine’s memory", ["", "", bytes(machine), bytes(machine), ""])] : [];
        body.replaceChildren(...layers, ...others, ...own);
      };
      shown();
    },
  };
}
