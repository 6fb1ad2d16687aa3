/** The view as one SVG: pictures as they are seen, the kernel and all words as shapes and letters. */

import { svg } from "../core/dom";
import type { Colours } from "./drawing";
import type { Stage } from "./stage";
import type { Scene } from "./traits";

const SANS = "system-ui, sans-serif";

export interface Pictures {
  readonly input: { readonly stage: Stage };
  readonly output: { readonly stage: Stage };
  readonly matrix: { readonly canvases: readonly HTMLCanvasElement[]; size(): { width: number; height: number } };
}

export function snapshot(
  root: HTMLElement,
  scene: Scene,
  { input, output, matrix }: Pictures,
  kernel: HTMLElement,
  formula: string,
  words: string,
  colours: Colours,
): SVGSVGElement {
  const [margin, gap, top] = [16, 40, 40];
  const parts: SVGElement[] = [];
  const text = (x: number, y: number, size: number, content: string, rest = {}) => {
    parts.push(svg("text", { x, y, "font-size": size, "font-family": SANS, fill: colours.ink, ...rest }, content));
  };
  const picture = (stage: Stage, x: number) => {
    const { width, height } = stage.size();
    for (const canvas of [stage.base, stage.over])
      parts.push(svg("image", { href: canvas.toDataURL(), x, y: top, width, height }));
    return { width, height };
  };
  const heading = (x: number, element: Element, y = 28) =>
    text(x, y, 12, element.textContent ?? "", { fill: colours.soft });
  const [inputTitle, kernelTitle, outputTitle] = [".sg-input h4", ".sg-filter h4", ".sg-map h4"].map(
    (name) => root.querySelector(name) as Element,
  ) as [Element, Element, Element];
  let x = margin;
  const seen = picture(input.stage, x);
  heading(x, inputTitle);
  x += Math.max(seen.width, 180) + gap;
  text(x - gap / 2, top + 110, 24, "⊙", { "text-anchor": "middle", fill: colours.soft });
  heading(x, kernelTitle);
  const cell = 34;
  const inputs = [...kernel.querySelectorAll<HTMLInputElement>(".sg-kernel input")];
  inputs.forEach((each, k) => {
    const { kernelColumns } = scene.at;
    const [cx, cy] = [x + (k % kernelColumns) * cell, top + Math.floor(k / kernelColumns) * cell];
    parts.push(svg("rect", { x: cx, y: cy, width: cell - 1, height: cell - 1, fill: each.style.background }));
    const middle = { "text-anchor": "middle", "font-family": "monospace", fill: each.style.color };
    const letters = Math.min(12, (cell - 3) / each.value.length / 0.61);
    text(cx + cell / 2, cy + cell / 2 + 4, letters, each.value, middle);
  });
  x += Math.max(scene.at.kernelColumns * cell, 130) + gap;
  text(x - gap / 2, top + 110, 24, "=", { "text-anchor": "middle", fill: colours.soft });
  heading(x, outputTitle);
  const map = picture(output.stage, x);
  const plot = scene.mode === "matrix" ? matrix.size() : { width: 0, height: 0 };
  const width = Math.max(x + Math.max(map.width, 180), margin + plot.width) + margin;
  const end = top + Math.max(seen.height, map.height, scene.at.kernelRows * cell);
  if (plot.height) {
    heading(margin, root.querySelector(".sg-matrix h4") as Element, end + 26);
    for (const canvas of matrix.canvases)
      parts.push(svg("image", { href: canvas.toDataURL(), x: margin, y: end + 34, ...plot }));
  }
  const low = end + 34 + (plot.height && plot.height + 34);
  text(margin, low, 17, formula, {
    "font-family": "serif",
    "font-style": "italic",
  });
  // Lines of about as many letters as there is room for.
  const lines = words.match(new RegExp(`.{1,${Math.floor((width - 2 * margin) / 6.6)}}(\\s|$)`, "g")) ?? [];
  for (const [i, line] of lines.entries()) text(margin, low + 26 + 18 * i, 13, line.trim(), { fill: colours.soft });
  const height = low + 26 + 18 * lines.length + 4;
  return svg(
    "svg",
    { xmlns: "http://www.w3.org/2000/svg", width, height, viewBox: `0 0 ${width} ${height}` },
    svg("rect", { width, height, fill: colours.page }),
    ...parts,
  );
}
