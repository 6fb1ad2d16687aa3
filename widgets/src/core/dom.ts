/** The few helpers with which every widget makes and changes elements. Text goes in as text, never as markup. */

export type Attributes = Record<string, string | number | boolean | null | undefined>;
export type Child = Node | string | null | undefined | false;

/** Write attributes that differ: `null` and `false` take one away, `true` is the empty string. */
export function set<E extends Element>(element: E, attributes: Attributes): E {
  for (const name in attributes) {
    const value = attributes[name];
    if (value == null || value === false) element.removeAttribute(name);
    else {
      const text = value === true ? "" : `${value}`;
      if (element.getAttribute(name) !== text) element.setAttribute(name, text);
    }
  }
  return element;
}

export function html<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  return fill(set(document.createElement(tag), attributes), children);
}

export function svg<K extends keyof SVGElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: Child[]
): SVGElementTagNameMap[K] {
  return fill(set(document.createElementNS("http://www.w3.org/2000/svg", tag), attributes), children);
}

function fill<E extends Element>(element: E, children: Child[]): E {
  element.append(...children.filter((child): child is Node | string => !!child));
  return element;
}

/** Write the text of an element if it differs, so that untouched parts of a picture cost nothing. */
export function write(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

/** Put markup that our own mathematics has made (and escaped) into an element. */
export function typeset(element: Element, mathml: string): void {
  if (element.getAttribute("data-m") === mathml) return;
  element.setAttribute("data-m", mathml);
  element.innerHTML = mathml;
}

export function listen<K extends keyof HTMLElementEventMap>(
  target: EventTarget,
  types: K | K[],
  handler: (event: HTMLElementEventMap[K]) => void,
  signal: AbortSignal,
  options: AddEventListenerOptions = {},
): void {
  for (const type of [types].flat()) target.addEventListener(type, handler as EventListener, { ...options, signal });
}

/** A push button: `face` is a word or a drawn icon (an SVG path in a box of 14 × 12). */
export function button(
  face: { text: string } | { icon: string },
  label: string,
  signal: AbortSignal,
  press: () => void,
  attributes: Attributes = {},
): HTMLButtonElement {
  const inside =
    "text" in face
      ? face.text
      : svg("svg", { width: 14, height: 12, "aria-hidden": "true" }, svg("path", { d: face.icon }));
  const named = "text" in face && face.text === label ? {} : { "aria-label": label, title: label };
  const element = html("button", { type: "button", ...named, ...attributes }, inside);
  listen(element, "click", press, signal);
  return element;
}

/** A timer that ends with the view. Starting it again starts it anew. */
export function timer(signal: AbortSignal): { start(run: () => void, delay: number): void; stop(): void } {
  let id: ReturnType<typeof setTimeout> | undefined;
  const stop = () => clearTimeout(id);
  signal.addEventListener("abort", stop, { once: true });
  return {
    start(run, delay) {
      stop();
      if (!signal.aborted) id = setTimeout(run, delay);
    },
    stop,
  };
}
