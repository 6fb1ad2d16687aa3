/** Small controls: a row of buttons of which one is pressed, and a list of numbers to choose from. */

import { button, html, listen, named, set } from "../core/dom";

/** `kind` is a further class, with its point. */
export function choice<T extends string | number | boolean>(
  name: string,
  options: readonly (readonly [T, string])[],
  signal: AbortSignal,
  choose: (value: T) => void,
  kind = "",
) {
  const buttons = options.map(([value, face]) => button(face, face, signal, () => choose(value)));
  return {
    element: html(`div.sg-seg${kind}`, named(name), ...buttons),
    update: (now: T) => {
      for (const [i, [value]] of options.entries()) set(buttons[i]!, { "aria-pressed": `${value === now}` });
    },
  };
}

export function numbers(name: string, signal: AbortSignal, choose: (value: number) => void) {
  const select = html("select", { "aria-label": name });
  let offered = "";
  listen(select, "change", () => choose(+select.value), signal);
  return {
    element: html("label.sg-row", html("span", { "aria-hidden": "true" }, name), select),
    update(value: number, options: readonly number[]) {
      const all = [...new Set([...options, value])];
      if (`${all}` !== offered) {
        offered = `${all}`;
        select.replaceChildren(...all.map((n) => html("option", { value: n }, `${n}`)));
      }
      select.value = `${value}`;
    },
  };
}

export const upTo = (first: number, last: number) => Array.from({ length: last - first + 1 }, (_, i) => first + i);
