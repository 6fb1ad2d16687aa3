/** The few helpers with which every widget makes and changes elements. Text goes in as text, never as markup. */

export type Attributes = Record<string, string | number | boolean | null | undefined>;
export type Part = Node | string | false | null | undefined | Attributes;

/** Write the attributes that differ: `null`, `undefined` and `false` take one away, `true` is the empty string. */
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

function make(space: string, spec: string, parts: Part[]): Element {
  const [tag, ...classes] = spec.split(".");
  const element = document.createElementNS(`http://www.w3.org/${space}`, tag as string);
  if (classes[0]) set(element, { class: classes.join(" ") });
  for (const part of parts) {
    if (typeof part === "string" || part instanceof Node) element.append(part);
    else if (part) set(element, part);
  }
  return element;
}

/** `html("div.sg-row", {tabindex: 0}, "text", child)`: attributes, text and children in any order. */
export function html<K extends keyof HTMLElementTagNameMap>(
  spec: K | `${K}.${string}`,
  ...parts: Part[]
): HTMLElementTagNameMap[K] {
  return make("1999/xhtml", spec, parts) as HTMLElementTagNameMap[K];
}

export function svg<K extends keyof SVGElementTagNameMap>(
  spec: K | `${K}.${string}`,
  ...parts: Part[]
): SVGElementTagNameMap[K] {
  return make("2000/svg", spec, parts) as SVGElementTagNameMap[K];
}

/** Write the text of an element if it differs, so that untouched parts of a picture cost nothing. */
export function write(element: Element, text: string): void {
  const { firstChild, childNodes, textContent } = element;
  if (textContent === text) return;
  // A text that is changed costs less than another text.
  if (firstChild instanceof Text && childNodes.length === 1) firstChild.data = text;
  else element.textContent = text;
}

const typesetAs = new WeakMap<Element, string>();

/** Put in MathML that our own mathematics has made, and escaped. */
export function typeset<E extends Element>(element: E, mathml: string): E {
  if (typesetAs.get(element) !== mathml) {
    typesetAs.set(element, mathml);
    element.innerHTML = mathml && `<math>${mathml}</math>`;
  }
  return element;
}

/** What makes an element a group with a name. */
export const named = (name: string) => ({ role: "group", "aria-label": name });

export function listen<K extends keyof HTMLElementEventMap>(
  target: EventTarget,
  types: K | K[],
  handler: (event: HTMLElementEventMap[K]) => void,
  signal: AbortSignal,
): void {
  // Not passive: the graph keeps the page from zooming when it zooms itself.
  for (const type of [types].flat())
    target.addEventListener(type, handler as EventListener, { signal, passive: false });
}

/** A drawn face for a button: a path in a box of 14 × 12. */
export const icon = (path: string) =>
  svg("svg", { width: 14, height: 12, "aria-hidden": "true" }, svg("path", { d: path }));

/** A push button. A face that is not its name in words gets the name as its label and title. */
export function button(face: string | Node, name: string, signal: AbortSignal, press: () => void) {
  const element = html("button", { type: "button" }, face);
  if (face !== name) set(element, { "aria-label": name, title: name });
  listen(element, "click", press, signal);
  return element;
}

/** Do something when the view ends. */
export const atEnd = (signal: AbortSignal, run: () => void) => signal.addEventListener("abort", run, { once: true });

/** A timer that ends with the view. Starting it again starts it anew. */
export function timer(signal: AbortSignal): (run?: () => void, delay?: number) => void {
  let id: ReturnType<typeof setTimeout> | undefined;
  const start = (run?: () => void, delay?: number) => {
    clearTimeout(id);
    if (run && !signal.aborted) id = setTimeout(run, delay);
  };
  atEnd(signal, () => start());
  return start;
}

/** Hear of the width of an element, now and whenever it changes. */
export function watchWidth(element: Element, signal: AbortSignal, hear: (width: number) => void): void {
  const observer = new ResizeObserver(() => element.clientWidth && hear(element.clientWidth));
  observer.observe(element);
  atEnd(signal, () => observer.disconnect());
}
