/** Take the picture away: SVG, PNG, and text that is copied and also shown, for where the clipboard is closed. */

import { button, html, listen, set, write } from "./dom";

export function download(name: string, blob: Blob): void {
  const link = html("a", { href: URL.createObjectURL(blob), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

export function svgBlob(drawing: SVGSVGElement): Blob {
  return new Blob([new XMLSerializer().serializeToString(drawing)], { type: "image/svg+xml" });
}

/** The drawing as pixels, two for one. */
export async function pngBlob(drawing: SVGSVGElement): Promise<Blob> {
  const source = `data:image/svg+xml,${encodeURIComponent(await svgBlob(drawing).text())}`;
  const image = new Image();
  image.src = source;
  await image.decode();
  const canvas = html("canvas", { width: image.width * 2, height: image.height * 2 });
  canvas.getContext("2d")?.drawImage(image, 0, 0, canvas.width, canvas.height);
  return new Promise((resolve, reject) => {
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("the picture is too large"))));
  });
}

export interface ExportActions {
  name: string;
  drawing(): SVGSVGElement;
  /** Texts to copy: what the menu calls them, and how to make them. */
  texts: { label: string; make(): string }[];
}

export function exportMenu(actions: ExportActions, signal: AbortSignal): HTMLElement {
  const status = html("p", { class: "sg-say", role: "status" });
  const text = html("textarea", { readonly: true, rows: 4, hidden: true, "aria-label": "Text to copy" });
  const show = (open: boolean) => {
    panel.hidden = !open;
    set(toggle, { "aria-expanded": `${open}` });
    if (!open) text.hidden = true;
    write(status, "");
  };
  const attempt = async (work: () => Promise<string> | string) => {
    try {
      write(status, await work());
    } catch (error) {
      write(status, `This did not work: ${(error as Error).message}.`);
    }
  };
  const copy = (content: string) =>
    attempt(async () => {
      text.hidden = false;
      text.value = content;
      text.select();
      try {
        await navigator.clipboard.writeText(content);
        return "Copied.";
      } catch {
        return "Press Ctrl+C (⌘C) to copy.";
      }
    });
  const toggle = button({ text: "⋯" }, "Export", signal, () => show(panel.hidden));
  set(toggle, { "aria-expanded": "false" });
  const item = (label: string, run: () => void) => button({ text: label }, label, signal, run);
  const panel = html(
    "div",
    { class: "sg-panel", role: "group", "aria-label": "Export", hidden: true },
    item("Graph as SVG", () =>
      attempt(() => {
        download(`${actions.name}.svg`, svgBlob(actions.drawing()));
        return "Saved.";
      }),
    ),
    item("Graph as PNG", () =>
      attempt(async () => {
        download(`${actions.name}.png`, await pngBlob(actions.drawing()));
        return "Saved.";
      }),
    ),
    ...actions.texts.map(({ label, make }) => item(label, () => copy(make()))),
    text,
    status,
  );
  const element = html("div", { class: "sg-menu" }, toggle, panel);
  listen(
    element,
    "keydown",
    (event) => {
      if (event.key !== "Escape" || panel.hidden) return;
      event.stopPropagation();
      show(false);
      toggle.focus();
    },
    signal,
  );
  listen(
    document,
    "pointerdown",
    (event) => {
      if (!panel.hidden && !event.composedPath().includes(element)) show(false);
    },
    signal,
  );
  return element;
}
