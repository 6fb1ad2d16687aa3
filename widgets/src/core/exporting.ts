/** Take the picture away: SVG, PNG, and text that is copied and also shown, for where the clipboard is closed. */

import { button, html, listen, named, set, write } from "./dom";

export interface ExportActions {
  /** What the picture is called in the menu; a graph, if nothing is said. */
  what?: string;
  /** What a file is called, without its extension. */
  name(): string;
  drawing(): SVGSVGElement;
  /** Texts to copy: what the menu calls them, and how to make them. */
  texts: Record<string, () => string>;
}

function download(name: string, href: string): string {
  html("a", { href, download: name }).click();
  return `✓ Saved as ${name}`;
}

const INLINED = "fill stroke stroke-width stroke-dasharray font visibility";

/** A drawing that stands alone: a copy with the styles that it has on the page inlined; `more` of them are named. */
export function inlined(drawing: SVGSVGElement, more = ""): SVGSVGElement {
  const copy = drawing.cloneNode(true) as SVGSVGElement;
  const originals = drawing.querySelectorAll("*");
  copy.querySelectorAll("*").forEach((each, i) => {
    const style = getComputedStyle(originals[i] as Element);
    const inline = `${INLINED} ${more}`
      .trim()
      .split(" ")
      .map((name) => `${name}:${style.getPropertyValue(name)}`);
    set(each, { style: inline.join(";"), class: null, tabindex: null });
  });
  return copy;
}

const address = (drawing: SVGSVGElement) =>
  `data:image/svg+xml,${encodeURIComponent(new XMLSerializer().serializeToString(drawing))}`;

/** The drawing as pixels, two for one. */
async function pixels(drawing: SVGSVGElement): Promise<string> {
  const image = new Image();
  image.src = address(drawing);
  await image.decode();
  const canvas = html("canvas", { width: image.width * 2, height: image.height * 2 });
  canvas.getContext("2d")?.drawImage(image, 0, 0, canvas.width, canvas.height);
  return canvas.toDataURL();
}

export function exportMenu({ what = "Graph", name, drawing, texts }: ExportActions, signal: AbortSignal): HTMLElement {
  const status = html("p", { role: "status" });
  const text = html("textarea", { readonly: true, hidden: true, "aria-label": "Text to copy" });
  const open = (shown: boolean) => {
    panel.hidden = !shown;
    set(toggle, { "aria-expanded": `${shown}` });
  };
  const item = (label: string, run: () => string | Promise<string>) =>
    button(label, label, signal, async () => {
      // The same words again would not be read out.
      write(status, "");
      try {
        write(status, await run());
      } catch {
        write(status, "This page does not allow it.");
      }
    });
  const copy = (make: () => string) => async () => {
    text.hidden = false;
    text.value = make();
    text.select();
    try {
      await navigator.clipboard.writeText(text.value);
      return "✓ Copied";
    } catch {
      return "Press Ctrl+C (⌘C) to copy.";
    }
  };
  const toggle = set(
    button("⋯", "Export", signal, () => open(!!panel.hidden)),
    { "aria-expanded": "false" },
  );
  const panel = html(
    "div.sg-panel",
    named("Export"),
    { hidden: true },
    item(`${what} as SVG`, () => download(`${name()}.svg`, address(drawing()))),
    item(`${what} as PNG`, async () => download(`${name()}.png`, await pixels(drawing()))),
    ...Object.entries(texts).map(([label, make]) => item(label, copy(make))),
    text,
    status,
  );
  const element = html("div.sg-menu", toggle, panel);
  listen(
    element,
    "keydown",
    (event) => {
      if (event.key !== "Escape") return;
      event.stopPropagation();
      open(false);
      toggle.focus();
    },
    signal,
  );
  listen(document, "pointerdown", (event) => event.composedPath().includes(element) || open(false), signal);
  return element;
}
