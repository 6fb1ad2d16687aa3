/** Several pictures of the page as one drawing that stands alone. */

import { set, svg } from "../core/dom";

const INLINED =
  "fill fill-opacity stroke stroke-width stroke-dasharray stroke-linecap opacity font-family font-size font-style font-weight text-anchor";

/** The SVGs, signs and headings inside an element, each where it stands, with the styles they have here inlined. */
export function drawingOf(root: Element, selector: string): SVGSVGElement {
  const whole = root.getBoundingClientRect();
  const [width, height] = [Math.ceil(whole.width), Math.ceil(whole.height)];
  const page = getComputedStyle(root.closest(".stepgrad") ?? root).backgroundColor;
  const drawing = svg(
    "svg",
    { xmlns: "http://www.w3.org/2000/svg", width, height, viewBox: `0 0 ${width} ${height}` },
    svg("rect", { width, height, fill: page }),
  );
  const inline = (from: Element, to: Element) => {
    const style = getComputedStyle(from);
    set(to, {
      style: INLINED.split(" ")
        .map((name) => `${name}:${style.getPropertyValue(name)}`)
        .join(";"),
      class: null,
    });
  };
  for (const each of root.querySelectorAll(selector)) {
    const box = each.getBoundingClientRect();
    if (!box.width) continue;
    const [x, y] = [box.left - whole.left, box.top - whole.top];
    if (each instanceof SVGElement) {
      const copy = each.cloneNode(true) as SVGSVGElement;
      const originals = each.querySelectorAll("*");
      copy.querySelectorAll("*").forEach((part, i) => {
        inline(originals[i]!, part);
      });
      for (const { name } of [...copy.attributes])
        if (/^(aria-|role|tabindex|class)/.test(name)) copy.removeAttribute(name);
      drawing.append(set(copy, { x, y }));
    } else {
      const style = getComputedStyle(each);
      const text = svg("text", { x, y: y + box.height - 4, fill: style.color }, each.textContent ?? "");
      inline(each, text);
      drawing.append(set(text, { style: `${text.getAttribute("style")};fill:${style.color};stroke:none` }));
    }
  }
  return drawing;
}
