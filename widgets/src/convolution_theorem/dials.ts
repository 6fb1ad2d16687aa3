/** Three complex numbers as arrows: lengths multiply, angles add. */

import { html, set, svg, typeset } from "../core/dom";
import type { Name, Scene } from "./scene";
import { capital, degrees } from "./words";

const RADIUS = 30;
const HALF = 33;

function dial() {
  const arc = svg("path", { class: "arc" });
  const hand = svg("path", { class: "hand" });
  const tip = svg("path", { class: "tip" });
  const picture = svg(
    "svg",
    { width: 2 * HALF, height: 2 * HALF, viewBox: `${-HALF} ${-HALF} ${2 * HALF} ${2 * HALF}`, "aria-hidden": "true" },
    svg("circle", { r: RADIUS, class: "rim" }),
    svg("path", { d: `M0 0H${RADIUS}`, class: "zero" }),
    arc,
    hand,
    tip,
  );
  return {
    picture,
    /** `share` is the length compared with the largest of its kind but the mean, which is often far larger. */
    update(share: number, angle: number | null) {
      const turn = ((angle ?? 0) * Math.PI) / 180;
      const reach = angle === null ? 0 : Math.max(12, Math.min(1, share) * RADIUS);
      const [x, y] = [Math.cos(turn), -Math.sin(turn)];
      set(hand, { d: angle === null ? "" : `M0 0L${reach * x} ${reach * y}` });
      const [bx, by] = [(reach - 8) * x, (reach - 8) * y];
      set(tip, {
        d:
          angle === null
            ? ""
            : `M${reach * x} ${reach * y}L${bx - 3.5 * y} ${by + 3.5 * x}L${bx + 3.5 * y} ${by - 3.5 * x}z`,
      });
      set(arc, {
        d: angle && Math.abs(angle) > 4 ? `M10 0A10 10 0 0 ${angle < 0 ? 1 : 0} ${10 * x} ${10 * y}` : "",
      });
    },
  };
}

export function dials() {
  const names: readonly Name[] = ["x", "w", "y"];
  const each = names.map(() => dial());
  const captions = names.map(() => html("span"));
  const parts = names.map((_, i) => html("span.sg-dial", each[i]!.picture, captions[i]!));
  const element = html("div.sg-dials", parts[0]!, html("b", "·"), parts[1]!, html("b", "="), parts[2]!);
  return {
    element,
    update({ spectra }: Scene, k: number, multiplied: boolean) {
      names.forEach((name, i) => {
        const { magnitudes, angles } = spectra[name];
        const open = name === "y" && !multiplied;
        each[i]!.update(magnitudes[k]! / (Math.max(...magnitudes.slice(1)) || 1), open ? null : angles[k]!);
        typeset(
          captions[i]!,
          `<mi>${capital[name]}</mi><mo stretchy="false">[</mo><mn>${k}</mn><mo stretchy="false">]</mo>`,
        );
        set(parts[i]!, { title: open ? "not yet multiplied" : degrees(angles[k]!), "data-open": open });
      });
    },
  };
}
