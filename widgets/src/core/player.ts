/** The player: first, previous, play, next, last, a scrubber with tick marks, the speed, and the keys for all of it. */

import { button, html, icon, listen, named, set, timer, write } from "./dom";

export interface PlayerState {
  position: number;
  length: number;
  playing: boolean;
  /** Steps a second. */
  speed: number;
  /** The speeds to choose from. */
  speeds?: readonly number[];
  /** Where it stands, in words of the widget's own; "step 3 of 9", if nothing is said. */
  words?: string;
  /** Milliseconds to wait here while it plays, where that is not told by the speed. */
  wait?: number;
}

export interface PlayerActions {
  /** Go to a position; `release` is false while the scrubber is still held. */
  seek(position: number, release?: boolean): void;
  /**
   * One step on, as far as the widget lets (a question may stand in the way), and only if it still stands where
   * `from` says. Says whether it has moved.
   */
  next(from?: number): boolean;
  play(playing: boolean): void;
  pace(speed: number): void;
}

const PLAY = "M3 0v12l9-6z";
const PAUSE = "M2 0h3.5v12H2zM8.5 0H12v12H8.5z";

export function player(actions: PlayerActions, signal: AbortSignal) {
  let state: PlayerState = { position: 0, length: 0, playing: false, speed: 1 };
  let beat = "";
  let offered = "";
  const tick = timer(signal);

  const first = () => actions.seek(0, true);
  const back = () => actions.seek(state.position - 1);
  const on = () => void actions.next();
  const last = () => actions.seek(state.length, true);
  const toggle = () => {
    if (!state.playing && state.position >= state.length) actions.seek(0);
    actions.play(!state.playing);
  };
  const face = icon(PLAY);
  const play = set(button(face, "Play", signal, toggle), { class: "sg-go" });
  const before = [
    button(icon("M1 0h2v12H1zM13 0v12L4 6z"), "First step", signal, first),
    button(icon("M10 0v12L2 6z"), "Previous step", signal, back),
  ];
  const after = [
    button(icon("M4 0v12l8-6z"), "Next step", signal, on),
    button(icon("M1 0v12l9-6zM11 0h2v12h-2z"), "Last step", signal, last),
  ];

  const range = html("input", { type: "range", min: 0, step: 1, "aria-label": "Step" });
  listen(range, ["input", "change"], ({ type }) => actions.seek(+range.value, type === "change"), signal);
  const scrubber = html("div.sg-scrub", range);
  const count = html("span.sg-count");
  const speed = html("select", { "aria-label": "Speed, steps a second" });
  listen(speed, "change", () => actions.pace(+speed.value), signal);

  return {
    /** Go on from here. */
    focus: () => after[0]?.focus(),
    element: html(
      "div.sg-row.sg-player",
      named("Player"),
      html("div.sg-row", ...before, play, ...after),
      scrubber,
      count,
      speed,
    ),
    update(now: PlayerState) {
      state = now;
      const { position, length, playing } = now;
      const words = now.words ?? `step ${position} of ${length}`;
      set(range, { max: length, "aria-valuetext": words });
      range.value = `${position}`;
      range.style.setProperty("--at", `${position / (length || 1)}`);
      // Marks that would stand closer than the eye can part are left out.
      scrubber.style.setProperty("--steps", `${length > 60 ? 1 : length || 1}`);
      write(count, words);
      set(face.firstElementChild as Element, { d: playing ? PAUSE : PLAY });
      const name = playing ? "Pause" : "Play";
      set(play, { "aria-label": name, title: name });
      for (const control of before) set(control, { "aria-disabled": position <= 0 && "true" });
      for (const control of after) set(control, { "aria-disabled": position >= length && "true" });
      const speeds = [...new Set([...(now.speeds ?? [0.5, 1, 2, 4]), now.speed])];
      if (`${speeds}` !== offered) {
        offered = `${speeds}`;
        speed.replaceChildren(...speeds.map((value) => html("option", { value }, `${value}/s`)));
      }
      speed.value = `${now.speed}`;

      // Any move starts the wait anew, and a beat counts only where it was begun: two views make one step together.
      const next = `${playing} ${position} ${now.speed}`;
      if (next === beat) return;
      beat = next;
      tick();
      if (playing && position >= length) actions.play(false);
      else if (playing) tick(() => actions.next(position) || actions.play(false), now.wait ?? 1000 / now.speed);
    },
    /** Handle a key pressed anywhere in the widget. */
    key(event: KeyboardEvent) {
      const target = event.target as Element;
      if (event.altKey || event.ctrlKey || event.metaKey) return;
      // JupyterLab's single-key shortcuts match a focused element before they look at data-lm-suppress-shortcuts above it.
      event.stopPropagation();
      if (event.shiftKey) return;
      if (target.matches("textarea,select,[inputmode],[type=text]")) return;
      const own = target !== range && target.matches(event.key === " " ? "button" : "input");
      const act = { ArrowLeft: back, ArrowRight: on, Home: first, End: last, " ": toggle }[event.key];
      if (!act || own) return;
      event.preventDefault();
      act();
    },
  };
}
