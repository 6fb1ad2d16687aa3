/** What a layer costs by sums and by transforms: counted for any layer, and measured on the kernel's machine. */

import { button, html, named, set, typeset, write } from "../core/dom";
import { numberField } from "../core/slider";
import { directCost, fftCost, type Layer, measuredCrossover, predictedCrossover } from "../math/fourier";
import { raised } from "../math/notation";
import { chart } from "./chart";
import type { Traits } from "./traits";

const FIELDS = [
  ["image", "image n", 8, 4096],
  ["batch", "batch S", 1, 4096],
  ["channels", "channels f", 1, 4096],
  ["filters", "filters f′", 1, 4096],
] as const;

const MOST = 63;

const counted = (n: number) => n.toLocaleString("en");

/** 12.6 million: three digits. */
export function large(n: number): string {
  for (const [size, name] of [
    [1e12, "trillion"],
    [1e9, "billion"],
    [1e6, "million"],
  ] as const)
    if (n >= size) return `${+(n / size).toPrecision(3)} ${name}`;
  return counted(Math.round(n));
}

function time(seconds: number): string {
  if (seconds >= 1) return `${+seconds.toPrecision(3)} s`;
  return seconds >= 1e-3 ? `${+(seconds * 1e3).toPrecision(3)} ms` : `${+(seconds * 1e6).toPrecision(3)} µs`;
}

const power = (value: number) => `10${raised(Math.round(Math.log10(value)))}`;
const tickTime = (value: number) => time(value);

/** The kernels that are drawn: odd ones, up to half the image. */
export const kernelSizes = ({ image }: Layer) =>
  Array.from({ length: MOST }, (_, i) => i + 1).filter((k) => k % 2 && k <= Math.max(3, image / 2));

export function costs(
  change: (layer: Partial<Layer>) => void,
  measure: () => void,
  tell: (fault: string) => void,
  signal: AbortSignal,
) {
  let state: Traits;
  let size = 7;
  const fields = FIELDS.map(([name, label, low, high]) => {
    const range = { low, high, whole: true };
    const field = numberField(
      label,
      signal,
      (value) => change({ [name]: value }),
      tell,
      () => range,
    );
    return {
      name,
      field,
      element: html("label.sg-row", html("span", label, { "aria-hidden": "true" }), field.element),
    };
  });
  const choose = (to: number) => {
    if (to === size) return;
    size = to;
    update(state);
  };
  const counts = chart("Multiplications over the kernel size", power, signal, choose, () => said());
  const times = chart("Measured seconds over the kernel size", tickTime, signal, choose, () => toldTimes());
  const sentence = html("p");
  const measured = html("p.sg-say");
  const go = set(button("Measure here", "Measure here", signal, measure), {
    title: "Times both ways on the machine that the kernel runs on",
  });
  const formulas = html("div.sg-formulas");
  const empty = html(
    "p.sg-empty",
    "Not measured yet. “Measure here” asks the kernel, which takes some seconds; in Python w.measure() does the same.",
  );
  const under = html("p.sg-axis", "side k of the kernel");
  const element = html(
    "div.sg-costs",
    html("div.sg-row.sg-fields", named("Layer"), ...fields.map((each) => each.element), go),
    html(
      "div.sg-charts",
      html("div", html("h4", "Multiplications, counted"), counts.element, html("p.sg-axis", "side k of the kernel")),
      html("div", html("h4", "Time, measured here"), times.element, under, empty),
    ),
    html("div.sg-row.sg-read", formulas, html("div.sg-told", sentence, measured)),
  );

  function said(): string {
    const direct = directCost(state, size);
    const { all } = fftCost(state);
    const cross = predictedCrossover(state);
    const which =
      all < direct
        ? `transforms take ${+(direct / all).toPrecision(2)} times fewer`
        : `sums take ${+(all / direct).toPrecision(2)} times fewer`;
    return `With kernels of ${size} × ${size}: ${large(direct)} multiplications by sums, ${large(all)} by transforms; ${which}. ${cross ? `Transforms win from ${cross} × ${cross} on.` : "Sums win at all sizes."}`;
  }

  function reuse(): string {
    const { batch, channels, filters } = state;
    const { planes, transforms, all } = fftCost(state);
    const pairs = batch * channels * filters;
    const share = Math.round((100 * transforms) / all);
    return pairs === 1
      ? `Three transforms serve one pair of planes: they are ${share} % of the work.`
      : `${counted(planes)} transforms serve ${counted(pairs)} pairs of planes, since each is used again with every image or filter: they are ${share} % of the work.`;
  }

  function toldTimes(): string {
    const { points = [] } = state.measurements;
    if (!points.length) return "Not measured yet";
    const point = points.find((each) => each.size === size);
    const [last, first] = measuredCrossover(points);
    const here = point
      ? `${size} × ${size}: ${time(point.direct)} by sums (${point.method}), ${time(point.fft)} by transforms. `
      : "";
    if (first === null) return `${here}On this machine sums were faster at every measured size.`;
    if (last === null) return `${here}On this machine transforms were faster at every measured size.`;
    return `${here}On this machine transforms are faster from ${first} × ${first} on, and sums still at ${last} × ${last}.`;
  }

  function update(next: Traits): void {
    state = next;
    const sizes = kernelSizes(state);
    if (!sizes.includes(size)) size = sizes.at(-1)!;
    for (const { name, field } of fields) field.update(state[name]);
    const cross = predictedCrossover(state);
    const { all } = fftCost(state);
    counts.update(
      [
        { kind: "direct", points: sizes.map((k) => [k, directCost(state, k)]) },
        { kind: "fft", points: sizes.map((k) => [k, all]) },
      ],
      sizes,
      size,
      cross && sizes.includes(cross) ? [cross, cross, `from ${cross} × ${cross}`] : null,
    );
    const { points = [], ...layer } = state.measurements;
    const [last, first] = measuredCrossover(points);
    empty.hidden = !!points.length;
    times.element.hidden = under.hidden = !points.length;
    if (points.length)
      times.update(
        (["direct", "fft"] as const).map((kind) => ({
          kind,
          marked: true,
          points: points.map((point) => [point.size, point[kind]]),
        })),
        points.map((point) => point.size),
        size,
        last !== null && first !== null ? [last, first, `between ${last} and ${first}`] : null,
      );
    write(sentence, `${said()} ${reuse()}`);
    const { image, batch, channels, filters } = state;
    const same = !points.length || FIELDS.every(([name]) => layer[name] === state[name]);
    const stale = same
      ? ""
      : ` (It was measured for n = ${layer.image}, S = ${layer.batch}, f = ${layer.channels}, f′ = ${layer.filters}.)`;
    write(measured, points.length ? toldTimes() + stale : "");
    const n = `<mn>${image}²</mn>`;
    const side = image - size + 1;
    const pairs = batch * channels * filters;
    const times_ = "<mo>·</mo>";
    const front = pairs > 1 ? `<mn>${counted(pairs)}</mn>${times_}` : "";
    const line = (name: string, ...pieces: string[]) =>
      html("div", html("span", name), ...pieces.map((piece) => typeset(html("span"), piece)));
    formulas.replaceChildren(
      line("sums", `${front}<mn>${side}²</mn>${times_}<mn>${size}²</mn>`),
      line(
        "transforms",
        `<mn>${counted(fftCost(state).planes)}</mn>${times_}${n}<mspace width="0.2em"/><msub><mi>log</mi><mn>2</mn></msub><mspace width="0.2em"/>${n}`,
        `<mo form="infix">+</mo><mn>2</mn>${times_}${front}${n}`,
      ),
    );
  }

  return {
    element,
    update,
    focus: () => counts.picture.focus(),
    busy: (on: boolean) => set(go, { "aria-disabled": on && "true" }),
  };
}
