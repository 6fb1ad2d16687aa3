/** Curves and points over the size of the kernel, both axes logarithmic. */

import { html, listen, set, svg, watchWidth } from "../core/dom";

export interface Line {
  readonly kind: "direct" | "fft";
  readonly points: readonly (readonly [size: number, value: number])[];
  /** Points are joined, and marked where they were measured. */
  readonly marked?: boolean;
}

const [LEFT, RIGHT, TOP, FOOT, HEIGHT] = [58, 14, 12, 26, 236];
const SIZES = [1, 3, 5, 7, 11, 15, 21, 31, 63];
const LOWER = { direct: "sums", fft: "transforms" } as const;

export function chart(
  name: string,
  tick: (value: number) => string,
  signal: AbortSignal,
  choose: (size: number) => void,
  words: () => string,
) {
  const picture = svg("svg", { height: HEIGHT, role: "slider", tabindex: 0, "aria-label": name });
  const element = html("div.sg-plot", picture);
  let width = 0;
  let lines: readonly Line[] = [];
  let sizes: readonly number[] = [];
  let chosen = 0;
  let cross: readonly [from: number, to: number, text: string] | null = null;

  const across = (size: number) => {
    const [first, last] = [sizes[0] ?? 1, sizes.at(-1) ?? 2];
    return LEFT + (Math.log(size / first) / Math.log(last / first || 2)) * (width - LEFT - RIGHT);
  };

  watchWidth(element, signal, (available) => {
    if (available === width) return;
    width = available;
    set(picture, { width, viewBox: `0 0 ${width} ${HEIGHT}` });
    paint();
  });

  function paint(): void {
    if (!width || !sizes.length) return;
    const values = lines.flatMap(({ points }) => points.map(([, value]) => value)).filter((value) => value > 0);
    const [low, high] = [
      Math.floor(Math.log10(Math.min(...values, 1e12))),
      Math.ceil(Math.log10(Math.max(...values, 1e-12))),
    ];
    const down = (value: number) =>
      HEIGHT - FOOT - ((Math.log10(value) - low) / (high - low || 1)) * (HEIGHT - FOOT - TOP);
    const parts: SVGElement[] = [];
    const add = (kind: string, d: string) => parts.push(svg("path", { class: kind, d }));
    const text = (x: number, y: number, anchor: string, words: string, kind = "") =>
      parts.push(svg("text", { x: x.toFixed(1), y: y.toFixed(1), "text-anchor": anchor, class: kind || null }, words));
    for (let power = low; power <= high; power++) {
      const y = down(10 ** power);
      add("grid", `M${LEFT} ${y.toFixed(1)}H${width - RIGHT}`);
      text(LEFT - 6, y + 4, "end", tick(10 ** power), "number");
    }
    const seen: number[] = [];
    for (const size of SIZES.filter((each) => sizes.includes(each))) {
      const x = across(size);
      if (seen.some((other) => Math.abs(other - x) < 20)) continue;
      seen.push(x);
      text(x, HEIGHT - 8, "middle", `${size}`, "number");
    }
    if (cross) {
      const [a, b] = [across(cross[0]), across(cross[1])];
      const left = Math.max(LEFT, Math.min(a, b - 1));
      parts.push(
        svg("rect", {
          class: "cross",
          x: left.toFixed(1),
          y: TOP,
          width: Math.max(2, b - left).toFixed(1),
          height: HEIGHT - FOOT - TOP,
        }),
      );
      const beside = b > width - 130;
      text(beside ? left - 5 : b + 5, HEIGHT - FOOT - 8, beside ? "end" : "start", cross[2], "crossing");
    }
    for (const { kind, points, marked } of lines) {
      add(
        kind,
        points
          .map(([size, value], i) => `${i ? "L" : "M"}${across(size).toFixed(1)} ${down(value).toFixed(1)}`)
          .join(""),
      );
      if (marked)
        for (const [size, value] of points) {
          const [x, y] = [across(size), down(value)];
          add(
            `${kind} mark`,
            kind === "fft" ? `M${x - 3.5} ${y - 3.5}h7v7h-7z` : `M${x - 4} ${y}a4 4 0 1 0 8 0a4 4 0 1 0 -8 0z`,
          );
        }
      const [last, value] = points.at(-1) ?? [1, 1];
      const other = lines.find((line) => line.kind !== kind)?.points.at(-1)?.[1] ?? 0;
      text(across(last) - 4, down(value) + (value >= other ? -7 : 16), "end", LOWER[kind], `name ${kind}`);
    }
    if (sizes.includes(chosen)) add("look", `M${across(chosen).toFixed(1)} ${TOP}V${HEIGHT - FOOT}`);
    picture.replaceChildren(...parts);
    set(picture, {
      "aria-valuemin": sizes[0],
      "aria-valuemax": sizes.at(-1),
      "aria-valuenow": chosen,
      "aria-valuetext": words(),
    });
  }

  const nearest = (event: PointerEvent) => {
    const at = event.clientX - picture.getBoundingClientRect().left;
    const far = (size: number) => Math.abs(across(size) - at);
    return sizes.reduce((best, size) => (far(size) < far(best) ? size : best), sizes[0] ?? 1);
  };
  listen(picture, ["pointerdown", "pointermove"], (event) => choose(nearest(event)), signal);
  listen(
    picture,
    "keydown",
    (event) => {
      const last = sizes.length - 1;
      const place = sizes.indexOf(chosen);
      const to = {
        ArrowLeft: place - 1,
        ArrowRight: place + 1,
        ArrowDown: place - 1,
        ArrowUp: place + 1,
        Home: 0,
        End: last,
      }[event.key];
      if (to === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      event.stopPropagation();
      choose(sizes[Math.max(0, Math.min(last, to))]!);
    },
    signal,
  );

  return {
    element,
    picture,
    update(next: readonly Line[], across: readonly number[], size: number, crossing: typeof cross) {
      [lines, sizes, chosen, cross] = [next, across, size, crossing];
      paint();
    },
  };
}
