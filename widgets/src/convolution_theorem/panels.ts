/** The six plots: above the signals and what comes back, below their transforms. */

import { html, set, typeset, write } from "../core/dom";
import { GREATEST, numberField } from "../core/slider";
import { type Moment, moment, type Name, partial, type Scene, wave } from "./scene";
import { type Plot, stemPlot } from "./stem_plot";
import { capital, frequencyWords, resultWords, sampleWords, shown } from "./words";

export interface PanelHooks {
  edit(name: "x" | "w", values: readonly number[], release: boolean): void;
  /** A frequency is pointed at, or none. */
  hover(k: number | null): void;
  choose(k: number): void;
  /** Say what is wrong with a typed number, or "" for nothing. */
  tell(fault: string): void;
}

const TITLES = { x: "Signal", w: "Kernel", y: "Convolution" } as const;
const NAMES: readonly Name[] = ["x", "w", "y"];
const HEIGHT = { time: 136, magnitude: 84, angle: 74 };

/** An axis that holds the values, with ends that are easy to read: 1, 2, 5 and so on, and a little room. */
export function axis(values: readonly number[], both = true): readonly [number, number] {
  const nice = (value: number) => {
    const unit = 10 ** Math.floor(Math.log10(value));
    return unit * [1, 1.5, 2, 3, 4, 5, 6, 8, 10].find((part) => part * unit >= value * 0.9999)!;
  };
  const [low, high] = [Math.min(0, ...values), Math.max(0, ...values)];
  const top = high > 0 ? nice(high) : 0;
  const bottom = low < 0 ? -nice(-low) : 0;
  if (!both) return [0, top || 1];
  const most = Math.max(top, -bottom) || 1;
  return [Math.min(bottom, -0.2 * most), Math.max(top, 0.2 * most)];
}

const ends = ([low, high]: readonly [number, number], values: readonly number[]) => {
  const ticks: (readonly [number, string])[] = [[0, "0"]];
  if (high >= 0.25 * (high - low)) ticks.push([high, shown(high)]);
  if (values.some((value) => value < 0) && -low >= 0.2 * (high - low)) ticks.push([low, shown(low)]);
  return ticks;
};

const ANGLES: Plot["ticks"] = [
  [0, "0°"],
  [180, "180°"],
  [-180, "−180°"],
];

export function panels(hooks: PanelHooks, signal: AbortSignal) {
  let scene: Scene;
  let now: Moment = { ...moment({ count: 1, steps: 4 } as Scene, 0) };
  let veiled = false;
  const kept: Partial<Record<Name, readonly [number, number]>> = {};

  const time = (name: Name) => {
    const heading = html("h4");
    const edited = name === "y" ? undefined : name;
    const field = numberField(
      `${name}, value of the chosen sample`,
      signal,
      (value) => change(plot.place, value, true),
      hooks.tell,
    );
    const index = html("span");
    const change = (n: number, value: number, release: boolean) => {
      if (!edited || Math.abs(value) > GREATEST) return;
      hooks.edit(
        edited,
        scene[edited].map((old, i) => (i === n ? value : old)),
        release,
      );
    };
    const plot = stemPlot(
      edited
        ? `${TITLES[name]} ${name}: arrow keys left and right choose a sample, up and down change it`
        : "Result y: arrow keys choose a sample",
      HEIGHT.time,
      true,
      true,
      {
        ...(edited && { edit: change }),
        choose: () => show(),
        words: (n) => (edited ? sampleWords(scene, edited, n) : resultWords(scene, now, n)),
      },
      signal,
    );
    const show = () => {
      if (!edited) return;
      const n = Math.min(plot.place, scene[edited].length - 1);
      typeset(
        index,
        `<mi>${name}</mi><mo stretchy="false">[</mo><mn>${n}</mn><mo stretchy="false">]</mo><mo form="infix">=</mo>`,
      );
      field.update(scene[edited][n] ?? 0);
    };
    const typed = html("label.sg-row.sg-typed", index, field.element);
    const head = html("div.sg-row.sg-head", heading, edited && typed);
    return { element: html(`div.sg-cell.sg-${name}`, head, plot.element), heading, plot, show };
  };

  const spectrum = (name: Name) => {
    const heading = html("h4");
    const until = () => (name === "y" ? now.multiplied : now.transformed);
    const words = (k: number) => frequencyWords(scene, name, k, until());
    const pointed = { hover: hooks.hover, choose: hooks.choose, words };
    const label = `Transform ${capital[name]}: arrow keys choose a frequency`;
    const magnitude = stemPlot(label, HEIGHT.magnitude, false, false, pointed, signal);
    const angle = stemPlot("", HEIGHT.angle, true, false, pointed, signal);
    // The other plot says the angles, too: one stop is enough.
    set(angle.picture, {
      role: null,
      "aria-label": null,
      "aria-orientation": null,
      tabindex: null,
      "aria-hidden": "true",
    });
    return {
      element: html(
        `div.sg-cell.sg-${capital[name]}`,
        html("div.sg-row.sg-head", heading),
        magnitude.element,
        angle.element,
      ),
      heading,
      magnitude,
      angle,
      until,
    };
  };

  const times = { x: time("x"), w: time("w"), y: time("y") };
  const spectra = { x: spectrum("x"), w: spectrum("w"), y: spectrum("y") };
  const sign = (place: string, text: string, words = "") =>
    html(`div.sg-op.sg-${place}`, { "aria-hidden": "true" }, html("b", text), words);
  const element = html(
    "div.sg-square",
    times.x.element,
    times.w.element,
    sign("convolve", "∗"),
    sign("is", "="),
    sign("down1", "↓", "transform"),
    sign("down2", "↓", "transform"),
    sign("up", "↑", "transform back"),
    spectra.x.element,
    sign("times", "·"),
    spectra.w.element,
    sign("equals", "="),
    spectra.y.element,
    times.y.element,
  );

  /** Axes stay as they are while a sample is dragged. */
  function extent(name: Name, values: readonly number[]): readonly [number, number] {
    const held = times.x.plot.dragging || times.w.plot.dragging;
    const wanted = axis(values);
    const old = kept[name];
    kept[name] = held && old ? [Math.min(old[0], wanted[0]), Math.max(old[1], wanted[1])] : wanted;
    if (held && old && name !== "y") kept[name] = old;
    return kept[name];
  }

  function paintTime(name: Name, k: number | null): void {
    const { N, needed, wrapped, direct, circular } = scene;
    // The places behind N would tell what is to be predicted.
    const slots = veiled ? N : Math.max(N, needed);
    const border = wrapped && !veiled ? N : undefined;
    const curve =
      k !== null && (name === "y" ? k < now.multiplied : k < now.transformed)
        ? { at: wave(scene, name, k).at, to: N }
        : null;
    const { plot, heading, show } = times[name];
    if (name === "y") {
      const back = now.added ? partial(scene, now.added) : [];
      const values = Array.from({ length: N }, (_, n) => back[n]);
      const every = [...direct, ...circular, ...back];
      const ends_ = extent(name, every);
      plot.update({
        slots,
        values,
        extent: ends_,
        ticks: ends(ends_, every),
        curve,
        ...(border !== undefined && { border }),
        ...(now.compared && { rings: direct, wrapped }),
      });
      write(
        heading,
        `y[n] · ${now.compared ? "back, and ○ direct sum" : now.added ? `${now.added} of ${scene.count} frequencies` : "to come"}`,
      );
      return;
    }
    const own = scene[name];
    // Room for the waves that it consists of, too, whichever is looked at.
    const most = Math.max(...scene.spectra[name].magnitudes.map((_, n) => wave(scene, name, n).amplitude));
    const ends_ = extent(name, [...own, most, -most]);
    plot.update({
      slots,
      values: Array.from({ length: N }, (_, n) => own[n] ?? 0),
      filled: own.length,
      extent: ends_,
      ticks: ends(ends_, own),
      curve,
      ...(border !== undefined && { border }),
    });
    write(
      heading,
      `${TITLES[name]} ${name} · ${own.length}${N > own.length ? ` + ${N - own.length} zero${N > own.length + 1 ? "s" : ""}` : ""}`,
    );
    show();
  }

  function paintSpectrum(name: Name, k: number | null): void {
    const { magnitude, angle, heading, until } = spectra[name];
    const { magnitudes, angles } = scene.spectra[name];
    const known = until();
    const high = axis(magnitudes, false);
    const cut = <T>(values: readonly T[]) => values.map((value, i) => (i < known ? value : undefined));
    const slots = scene.count;
    magnitude.update({ slots, values: cut(magnitudes), extent: high, ticks: ends(high, []), chosen: k });
    angle.update({ slots, values: cut(angles), extent: [-180, 180], ticks: ANGLES, chosen: k });
    write(heading, name === "y" ? "Y[k] = X[k] · W[k]" : `|${capital[name]}[k]| and its angle`);
  }

  return {
    element,
    times,
    spectra,
    focus: () => spectra.x.magnitude.picture.focus(),
    /** `k` is the frequency whose waves are drawn; veiled is what would tell how long the convolution is. */
    update(made: Scene, at: Moment, k: number | null, veil: boolean) {
      [scene, now, veiled] = [made, at, veil];
      for (const name of NAMES) {
        paintTime(name, k);
        paintSpectrum(name, k);
      }
    },
  };
}
