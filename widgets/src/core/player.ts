/** The player: first, previous, play, next, last, a scrubber with tick marks, the speed, and the keys for all of it. */

import { button, html, listen, set, svg, timer, write } from "./dom";

export interface PlayerState {
  position: number;
  length: number;
  playing: boolean;
  speed: number;
}

export interface PlayerActions {
  /** Go to a position; `release` is false while the scrubber is still held. */
  seek(position: number, release: boolean): void;
  /** One step on, as far as the widget lets (a question may stand in the way). Says whether it moved. */
  next(): boolean;
  play(playing: boolean): void;
  pace(speed: number): void;
}

export interface Player {
  element: HTMLElement;
  update(state: PlayerState): void;
  /** Handle a key pressed anywhere in the widget. */
  key(event: KeyboardEvent): void;
}

const ICONS = {
  first: "M1 0h2v12H1zM13 0v12L4 6z",
  previous: "M10 0v12L2 6z",
  play: "M3 0v12l9-6z",
  pause: "M2 0h3.5v12H2zM8.5 0H12v12H8.5z",
  next: "M4 0v12l8-6z",
  last: "M1 0v12l9-6zM11 0h2v12h-2z",
};
const SPEEDS = [0.5, 1, 2, 4];

export function player(actions: PlayerActions, signal: AbortSignal): Player {
  let state: PlayerState = { position: 0, length: 0, playing: false, speed: 1 };
  let ticking = "";
  const tick = timer(signal);

  const back = () => actions.seek(Math.max(0, state.position - 1), false);
  const toggle = () => {
    if (!state.playing && state.position >= state.length) actions.seek(0, false);
    actions.play(!state.playing);
  };
  const icon = (name: keyof typeof ICONS, label: string, press: () => void) =>
    button({ icon: ICONS[name] }, label, signal, press);
  const first = icon("first", "First step", () => actions.seek(0, true));
  const previous = icon("previous", "Previous step", back);
  const play = set(icon("play", "Play", toggle), { class: "sg-go" });
  const next = icon("next", "Next step", () => actions.next());
  const last = icon("last", "Last step", () => actions.seek(state.length, true));
  const face = play.querySelector("path") as SVGPathElement;

  const range = html("input", { type: "range", min: 0, step: 1, "aria-label": "Step" });
  const scrubber = html("div", { class: "sg-scrub" }, range);
  listen(range, "input", () => actions.seek(+range.value, false), signal);
  listen(range, "change", () => actions.seek(+range.value, true), signal);

  const count = html("span", { class: "sg-count" });
  const speed = html("select", { "aria-label": "Speed, steps a second", title: "Speed" });
  listen(speed, "change", () => actions.pace(+speed.value), signal);
  const offer = (value: number) => {
    if (![...speed.options].some((option) => +option.value === value))
      speed.append(html("option", { value }, `${value}/s`));
    if (speed.value !== `${value}`) speed.value = `${value}`;
  };
  SPEEDS.forEach(offer);

  const element = html(
    "div",
    { class: "sg-player", role: "group", "aria-label": "Player" },
    html("div", { class: "sg-buttons" }, first, previous, play, next, last),
    scrubber,
    count,
    speed,
  );

  const pulse = () => {
    // Any move starts the wait anew, so two views of one model together still make one step a beat.
    const beat = `${state.playing} ${state.position} ${state.speed}`;
    if (beat === ticking) return;
    ticking = beat;
    tick.stop();
    if (!state.playing) return;
    if (state.position >= state.length) actions.play(false);
    else tick.start(() => void (actions.next() || actions.play(false)), 1000 / state.speed);
  };

  return {
    element,
    update(now) {
      state = now;
      const { position, length } = now;
      set(range, { max: length });
      range.value = `${position}`;
      set(range, { "aria-valuetext": `step ${position} of ${length}` });
      scrubber.style.setProperty("--at", `${length ? position / length : 0}`);
      scrubber.style.setProperty("--steps", length > 60 ? "1" : `${length || 1}`);
      write(count, `step ${position} of ${length}`);
      set(face, { d: now.playing ? ICONS.pause : ICONS.play });
      const label = now.playing ? "Pause" : "Play";
      set(play, { "aria-label": label, title: label });
      for (const [control, off] of [
        [first, position <= 0],
        [previous, position <= 0],
        [next, position >= length],
        [last, position >= length],
      ] as const)
        set(control, { "aria-disabled": off && "true" });
      offer(now.speed);
      pulse();
    },
    key(event) {
      const target = event.target as Element;
      if (event.defaultPrevented || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
      if (target.matches("textarea,select,input:not([type=range])")) return;
      const slides = target.matches("input");
      const act: Record<string, (() => void) | false> = {
        ArrowLeft: !slides && back,
        ArrowRight: !slides && (() => void actions.next()),
        Home: !slides && (() => actions.seek(0, true)),
        End: !slides && (() => actions.seek(state.length, true)),
        " ": !target.matches("button") && toggle,
      };
      const run = act[event.key];
      if (!run) return;
      event.preventDefault();
      event.stopPropagation();
      run();
    },
  };
}

/** A small drawing of a quantity over the steps, with a mark at the present one. */
export function sparkline(): { element: SVGSVGElement; update(values: readonly number[], at: number): void } {
  const line = svg("path", { class: "sg-curve" });
  const mark = svg("circle", { r: 2.5 });
  const element = svg(
    "svg",
    { class: "sg-spark", viewBox: "-3 -3 96 22", width: 96, height: 22, "aria-hidden": "true" },
    line,
    mark,
  );
  let drawn: readonly number[] | null = null;
  const x = (i: number, n: number) => ((90 * i) / Math.max(1, n - 1)).toFixed(1);
  return {
    element,
    update(values, at) {
      const top = Math.max(1, ...values);
      const y = (v: number) => (16 - (15 * v) / top).toFixed(1);
      if (values !== drawn) {
        drawn = values;
        set(line, { d: `M0 16${values.map((v, i) => `L${x(i, values.length)} ${y(v)}`).join("")}L90 16z` });
      }
      set(mark, { cx: x(at, values.length), cy: y(values[at] ?? 0) });
    },
  };
}
