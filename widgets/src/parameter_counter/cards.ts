/** The three layers side by side, each with its count: buttons that choose which one is drawn. */

import { html, listen, named, set, write } from "../core/dom";
import { cost, KINDS, type Kind, type Settings, told } from "../math/counting";
import { counted } from "../math/units";
import { capital, ratio, TITLES } from "./words";

const WHY: Readonly<Record<Kind, string>> = {
  fully_connected: "every unit reads the whole image",
  locally_connected: "own fields",
  convolutional: "shared weights",
};

/** `pick` hears which layer is to be drawn. */
export function cards(pick: (kind: Kind) => void, signal: AbortSignal) {
  const parts = KINDS.map((kind) => {
    const count = html("b");
    const exact = html("span.sg-exact");
    const fewer = html("small");
    const card = html("button.sg-card3", { type: "button" }, html("span", capital(TITLES[kind])), count, exact, fewer);
    listen(card, "click", () => pick(kind), signal);
    return { kind, card, count, exact, fewer };
  });
  const element = html("div.sg-cards", named("Layer"), ...parts.map(({ card }) => card));
  listen(
    element,
    "keydown",
    (event) => {
      const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
      const at = parts.findIndex(({ card }) => card === event.target);
      const next = by && parts[at + by];
      if (!by) return;
      event.preventDefault();
      if (!next) return;
      next.card.focus();
      pick(next.kind);
    },
    signal,
  );
  return {
    element,
    update(settings: Settings, layer: Kind, known: (kind: Kind) => boolean) {
      parts.forEach(({ kind, card, count, exact, fewer }, i) => {
        const { parameters } = cost(kind, settings);
        const shown = known(kind);
        set(card, { "aria-pressed": `${kind === layer}` });
        write(count, shown ? told(parameters) : "?");
        write(exact, shown ? `${counted(parameters)} parameter${parameters === 1n ? "" : "s"}` : "to be predicted");
        const before = KINDS[i - 1];
        const tells = before && shown && known(before);
        write(fewer, (tells ? `${ratio(cost(before, settings).parameters, parameters)}: ` : "") + WHY[kind]);
      });
    },
  };
}
