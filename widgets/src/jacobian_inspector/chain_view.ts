/** The factors of a chain, drawn as small matrices that are multiplied, in either order. */

import { button, html, named, set, svg } from "../core/dom";
import type { ChainEntry, Jacobian } from "../math/forms";
import { counted, structureName } from "./words";

/** What each structure looks like, in a square of 1 × 1. */
const LOOKS: readonly (readonly [RegExp, string])[] = [
  [/Dense|RankOne|Product/, "M0 0H1V1H0Z"],
  [/Lower/, "M0 0V1H1Z"],
  [/Upper/, "M0 0H1V1Z"],
  [/Kronecker|BlockDiagonal|Sum|Mean|Copy/, "M0 0H.34V.34H0ZM.34 .34H.67V.67H.34ZM.67 .67H1V1H.67Z"],
  [/BlockToeplitz|Toeplitz/, "M0 0H.14L1 .86V1H.86L0 .14ZM.4 0H.52L1 .48V.6ZM0 .4V.52L.48 1H.6Z"],
  [
    /Permutation|Selection|Scatter|Sparse/,
    "M.3 .05H.42V.17H.3ZM.75 .25H.87V.37H.75ZM.05 .45H.17V.57H.05ZM.55 .65H.67V.77H.55ZM.15 .83H.27V.95H.15Z",
  ],
  [/Diagonal|Identity/, "M0 0H.1L1 .9V1H.9L0 .1Z"],
];
const LONGEST = 64;
const SHORTEST = 20;

export function chainView(signal: AbortSignal, turn: (order: "reverse" | "forward") => void) {
  const list = html("div");
  const said = html("p.sg-say");
  const orders = (["reverse", "forward"] as const).map((order) => {
    const name = order === "reverse" ? "From the output" : "From the input";
    return set(
      button(name, name, signal, () => turn(order)),
      { class: order === "reverse" ? "adj" : "tan", "data-order": order },
    );
  });
  const choice = html("span.sg-row.sg-orders", named("Order of multiplication"), ...orders);
  const element = html(
    "div.sg-chain",
    html("div.sg-row", html("h4", "The chain rule, factor by factor"), choice),
    list,
    said,
  );

  function picture({ factors }: ChainEntry, order: string, longest: number): HTMLElement {
    const side = (n: number) => SHORTEST + ((LONGEST - SHORTEST) * Math.log(n || 1)) / Math.log(Math.max(2, longest));
    const drawn = factors.map(({ structure, rows, columns }) => {
      const [w, h] = [side(columns), side(rows)];
      const look = LOOKS.find(([name]) => name.test(structure.split(" @ ").at(-1) ?? ""))?.[1] ?? "";
      const path = svg("path", { d: look, transform: `translate(1 1) scale(${w} ${h})` });
      return html(
        "span.sg-factor",
        svg(
          "svg",
          { width: w + 2, height: h + 2, "aria-hidden": "true" },
          svg("rect", { x: 0.5, y: 0.5, width: w + 1, height: h + 1 }),
          path,
        ),
        html("b", structureName(structure)),
        html("small", `${counted(rows)} × ${counted(columns)}`),
      );
    });
    // Brackets grow from the side that is multiplied first.
    const bracket = (sign: string) => html("span.sg-bracket", { "aria-hidden": "true" }, sign);
    const inner = Math.max(0, factors.length - 2);
    const parts: Node[] = [];
    const forward = order === "forward";
    drawn.forEach((each, i) => {
      if (i) parts.push(html("span", { "aria-hidden": "true" }, "·"));
      if (!forward && !i) parts.push(...Array.from({ length: inner }, () => bracket("(")));
      if (forward && i && i <= inner) parts.push(bracket("("));
      parts.push(each);
      if (!forward && i && i <= inner) parts.push(bracket(")"));
      if (forward && i === factors.length - 1) parts.push(...Array.from({ length: inner }, () => bracket(")")));
    });
    return html("div.sg-row.sg-factors", ...parts);
  }

  return {
    element,
    /** False if there is nothing to multiply. */
    update({ header }: Jacobian, order: "reverse" | "forward"): boolean {
      const chains = header.chains.filter(({ factors }) => factors.length > 1).slice(0, 3);
      if (!chains.length) return false;
      const longest = Math.max(
        ...chains.flatMap(({ factors }) => factors.flatMap(({ rows, columns }) => [rows, columns])),
      );
      list.replaceChildren(...chains.map((chain) => picture(chain, order, longest)));
      for (const each of orders) set(each, { "aria-pressed": `${each.dataset.order === order}` });
      const sum = (name: string) => chains.reduce((total, chain) => total + (chain.orders[name] ?? 0), 0);
      const [reverse, forward] = [sum("reverse"), sum("forward")];
      const now = order === "reverse" ? reverse : forward;
      const other = order === "reverse" ? forward : reverse;
      const cheaper =
        now === other
          ? "as many as in the other order"
          : `${now < other ? "fewer" : "more"} than the ${counted(other)} of the other order`;
      const way = order === "reverse" ? "From the output, as in reverse mode" : "From the input, as in forward mode";
      said.textContent = now ? `${way}: ${counted(now)} multiplications, ${cheaper}.` : `${way}.`;
      choice.hidden = !chains.some(({ factors }) => factors.length > 2) && !now;
      return true;
    },
  };
}
