/** The three layers on a logarithmic scale, beside this machine's memory and networks that people know. */

import { button, html, named, set, svg, watchWidth, write } from "../core/dom";
import { inlined } from "../core/exporting";
import { type Cost, cost, KINDS, type Kind, type Settings, told } from "../math/counting";
import { raised } from "../math/notation";
import { bytes } from "../math/units";
import { type Facts, MEASURES, type Measure } from "./traits";
import { capital, memory, TITLES } from "./words";

interface Row {
  readonly name: string;
  /** From the largest: the bar of the last one lies over the others. */
  readonly sizes: readonly bigint[];
  readonly text: string;
  readonly class: string;
}

const ROW = 28;
const tenTo = (power: number) => `10${raised(power)}`;
/** A unit of bytes, where a power of ten is one. */
const byteTick = (power: number) => bytes(10n ** BigInt(power)).replace("bytes", "B");

export function scale(choose: (measure: Measure) => void, signal: AbortSignal) {
  const tabs = MEASURES.map((measure) => button(measure, measure, signal, () => choose(measure)));
  const stage = svg("svg.sg-bars3", { role: "img" });
  const note = html("p.sg-say");
  const plot = html("div", stage);
  const element = html("div.sg-scale", html("div.sg-row.sg-tabs", named("Scale"), ...tabs), plot, note);
  let width = 0;
  let height = 0;
  let again = () => {};
  watchWidth(plot, signal, (available) => {
    if (available === width) return;
    width = available;
    again();
  });

  function rows(
    measure: Measure,
    costs: readonly Cost[],
    facts: Facts,
    layer: Kind,
    known: (k: Kind) => boolean,
  ): Row[] {
    const { networks = [], machine_bytes: machine } = facts;
    const own = costs.map((each): Row => {
      const name = TITLES[each.kind];
      const marked = `own ${each.kind === layer ? "now" : ""}`;
      if (!known(each.kind)) return { name, sizes: [], text: "?", class: marked };
      if (measure === "memory") {
        const [single, double] = memory(each);
        return { name, sizes: [double, single], text: `${bytes(single)} · ${bytes(double)}`, class: marked };
      }
      return { name, sizes: [each[measure]], text: told(each[measure]), class: marked };
    });
    if (measure === "multiplications") return own;
    const others = networks.map(({ name, parameters }): Row => {
      const n = BigInt(parameters);
      const both = [8n * n, 4n * n];
      return measure === "memory"
        ? { name, sizes: both, text: both.reverse().map(bytes).join(" · "), class: "other" }
        : { name, sizes: [n], text: told(n), class: "other" };
    });
    if (measure === "memory" && machine)
      others.push({ name: "this machine", sizes: [BigInt(machine)], text: bytes(machine), class: "machine" });
    return [...own, ...others];
  }

  return {
    element,
    update(settings: Settings, facts: Facts, layer: Kind, measure: Measure, known: (kind: Kind) => boolean) {
      tabs.forEach((tab, i) => void set(tab, { "aria-pressed": `${MEASURES[i] === measure}` }));
      const costs = KINDS.map((kind) => cost(kind, settings));
      again = () => {
        if (!width) return;
        const all = rows(measure, costs, facts, layer, known);
        const powers = all.flatMap(({ sizes }) => sizes.map((n) => Math.log10(Number(n))));
        const low = Math.max(0, Math.floor(Math.min(...powers, 4)) - 1);
        const high = Math.max(low + 2, Math.ceil(Math.max(...powers, 6)));
        const both = measure === "memory";
        const left = width < 370 ? 122 : 136;
        const right = both ? 126 : 78;
        const top = both ? 20 : 4;
        const room = width - left - right;
        const x = (power: number) => left + (room * (power - low)) / (high - low);
        const bottom = top + all.length * ROW;
        height = bottom + 24;
        const step = Math.ceil((high - low) / Math.max(2, Math.floor(room / 46)));
        const ticks = [];
        for (let power = low; power <= high; power += step)
          ticks.push(
            svg("path.sg-tick", { d: `M${x(power).toFixed(1)} ${top}V${bottom + 4}` }),
            svg(
              "text.sg-ticks",
              { x: x(power), y: bottom + 18, "text-anchor": "middle" },
              both ? byteTick(power) : tenTo(power),
            ),
          );
        const bars = all.flatMap(({ name, sizes, text, class: kind }, i) => {
          const middle = top + (i + 0.5) * ROW;
          const thick = kind.startsWith("own") ? 16 : 7;
          const parts = sizes.map((n, k) =>
            svg(`rect.sg-bar${k < sizes.length - 1 ? ".double" : ""}` as "rect", {
              x: left,
              y: middle - thick / 2,
              width: Math.max(1, x(Math.log10(Number(n))) - left).toFixed(1),
              height: thick,
            }),
          );
          const words = svg("text.sg-name", { x: left - 8, y: middle + 4.5, "text-anchor": "end" }, name);
          const value = svg("text.sg-value", { x: width - 2, y: middle + 4.5, "text-anchor": "end" }, text);
          return [set(svg("g", words, ...parts, value), { class: `sg-bargroup ${kind}` })];
        });
        if (both) ticks.push(svg("text.sg-ticks", { x: width - 2, y: 12, "text-anchor": "end" }, "float32 · float64"));
        stage.replaceChildren(...ticks, ...bars);
        set(stage, { viewBox: `0 0 ${width} ${height}`, width, height });
        const spoken = all.map(({ name, text }) => `${name} ${text}`).join(", ");
        set(stage, { "aria-label": `${capital(measure)} on a logarithmic scale: ${spoken}` });
        const { machine_bytes: machine } = facts;
        const unknown = machine ? "" : "How much memory this machine has, no kernel has told.";
        write(note, { parameters: "", memory: unknown, multiplications: "For one image, forwards." }[measure]);
      };
      again();
    },
    snapshot: () => ({ drawing: inlined(stage, "text-anchor opacity"), width, height }),
  };
}
