/** FlipAndSlide: convolution as it is done by hand, the kernel turned round and slid over the signal. */

import { bridge, type Model } from "../core/bridge";
import { button, html, icon, listen, named, set, timer, typeset, watchWidth, write } from "../core/dom";
import { exportMenu } from "../core/exporting";
import { player } from "../core/player";
import {
  type Bell,
  type Curve,
  farthest,
  gaussianOf,
  type Kind,
  MAX_AGAIN,
  type Mode,
  OWN,
  pointsOf,
  refusal,
  type Slide,
  timeOf,
} from "../math/signals";
import { editor } from "./editor";
import { openValue, questions, reach } from "./questions";
import { stageView } from "./stage_view";
import {
  lastOf,
  placeAt,
  type Role,
  SLIDING,
  STAGES,
  samplesOf,
  signalIn,
  slideOf,
  stageOf,
  TRAITS,
  type Traits,
  topicOf,
} from "./traits";
import { asText, bellWords, formula, mathml, sentence, shown } from "./words";

const SPEEDS = { discrete: [0.5, 1, 2, 4], continuous: [8, 16, 32, 60] } as const;
const TITLES = ["w as it is", "flip", "shift", "multiply", "add up", "slide"];
const SWAP = "M4 0 0 3l4 3V4h9V2H4zM10 6v2H1v2h9v2l4-3z";

function render({ model, el }: { model: Model; el: HTMLElement }): () => void {
  const abort = new AbortController();
  const { signal } = abort;
  const speech = timer(signal);
  let found: Slide | undefined;
  let made: { about: string; slide: Slide } | undefined;
  let bell: Bell | null = null;
  let topic = "";
  /** The curve from before the two were swapped, and what has become of it. */
  let ghost: { curve: Curve; words: string; about: string } | null = null;

  const { state, set: change } = bridge<Traits>(model, TRAITS, signal, refresh, () => {});

  const root = html("div.stepgrad.sg-flip", {
    tabindex: -1,
    role: "group",
    "aria-label": "Flip and slide",
    "data-lm-suppress-shortcuts": "true",
  });
  const toggles = <Value>(
    name: string,
    faces: readonly (readonly [string, Value])[],
    choose: (value: Value) => void,
  ) => {
    const buttons = faces.map(([face, value]) => button(face, face, signal, () => choose(value)));
    const element = html("div.sg-row.sg-seg", named(name), ...buttons);
    return {
      element,
      update: (now: Value) =>
        buttons.forEach((each, i) => void set(each, { "aria-pressed": `${faces[i]![1] === now}` })),
    };
  };
  const kinds = toggles<Kind>(
    "Kind of signals",
    [
      ["samples", "discrete"],
      ["functions", "continuous"],
    ],
    (kind) => settle({ kind, speed: kind === "discrete" ? 1 : 32 }),
  );
  const flips = toggles(
    "Flip",
    [
      ["convolution (flip)", true],
      ["cross-correlation", false],
    ],
    (flip) => settle({ flip }),
  );
  const modes = toggles<Mode>(
    "Mode",
    [
      ["full", "full"],
      ["same", "same"],
      ["valid", "valid"],
    ],
    (mode) => settle({ mode }),
  );
  const centred = button("centred", "centred", signal, () => settle({ centred: !state.centred }));
  set(centred, { title: "The kernel's middle sample is w[0]" });
  const swap = button(icon(SWAP), "Swap signal and kernel", signal, exchange);
  const more = button("∗ w again", "∗ w again", signal, () => repeat(state.again + 1));
  set(more, { title: "Slide the kernel over what came out" });
  const undo = button("Reset", "Reset", signal, () => repeat(0));
  const predict = set(
    button("Predict", "Predict", signal, () => settle({ predict: !state.predict, position: state.predict ? 4 : 0 })),
    { title: "Predict what comes out before it is shown" },
  );
  const editors = (["signal", "kernel"] as const).map((role) => editor(role, { choose, draw }, signal));
  const stage = stageView((place, release) => seek(SLIDING + place, release), signal);
  const asked = questions(
    (answer, go) => change({ answers: [...state.answers, answer], position: state.position + +go }, true),
    () => stage.focus(),
    signal,
  );
  const chips = TITLES.map((title, i) => button(`${i + 1} ${title}`, `${i + 1} ${title}`, signal, () => seek(i, true)));
  const steps = html("div.sg-row.sg-steps", named("Steps"), ...chips);
  const controls = player(
    { seek, next, play: (playing) => change({ playing }, true), pace: (speed) => change({ speed }, true) },
    signal,
  );
  const menu = exportMenu(
    {
      what: "Picture",
      name: () => `${state.flip ? "convolution" : "cross-correlation"}-${state.signal}-${state.kernel}`,
      drawing: stage.snapshot,
      texts: {
        "Step as LaTeX": () => (found ? formula(found, state.position, false).join(" ") : ""),
        "Numbers as text": () => (found ? asText(found, state) : ""),
      },
    },
    signal,
  );
  const notice = html("p.wrong", { role: "alert" });
  const math = html("div");
  const said = html("p");
  const aside = html("p.sg-aside");
  const live = html("div.sg-sr", { "aria-live": "polite" });
  const readout = html("div.sg-row.sg-read", math, said);
  const own = html(
    "div.sg-pair",
    editors[0]!.element,
    html("div.sg-row.sg-between", swap, more, undo),
    editors[1]!.element,
  );
  const picture = html("div.sg-picture", steps, stage.element);
  const main = html("div.sg-main", own, picture);
  const parts: Record<string, HTMLElement[]> = {
    signals: [own],
    kind: [kinds.element],
    flip: [flips.element],
    mode: [modes.element, centred],
    steps: [steps],
    player: [controls.element],
    predict: [predict],
    export: [menu],
  };
  root.append(
    html(
      "div.sg-row.sg-top",
      kinds.element,
      flips.element,
      modes.element,
      centred,
      html("span.sg-space"),
      predict,
      menu,
    ),
    notice,
    main,
    ...asked.elements,
    readout,
    aside,
    controls.element,
    live,
  );

  listen(root, "keydown", controls.key, signal);
  listen(root, ["keyup", "pointerup"], () => change({}, true), signal);
  watchWidth(root, signal, (width) =>
    set(root, { "data-size": width >= 820 ? "large" : width < 520 ? "small" : "medium" }),
  );
  watchWidth(picture, signal, stage.resize);
  for (const each of editors) watchWidth(each.element, signal, (width) => each.resize(width, 138));
  el.append(root);
  refresh();
  return () => {
    abort.abort();
    root.remove();
  };

  /** The slide of these traits; it is asked for again at once, by the frame that shows it. */
  function sliding(traits: Traits): Slide {
    const about = topicOf(traits);
    if (made?.about !== about) made = { about, slide: slideOf(traits) };
    return made.slide;
  }

  function complaintOf(traits: Traits): string {
    if (traits.kind === "continuous") return "";
    return refusal(signalIn(traits, "signal"), signalIn(traits, "kernel"), traits);
  }

  // What the learner does.

  /** Another choice, if the others allow it; else the sentence that says why not, and all stays. */
  function settle(changes: Partial<Traits>): void {
    const next = { ...state, ...changes };
    if (next.again && next.kind === "discrete" && next.mode !== "full" && changes.mode) next.again = 0;
    const lone = (["signal", "kernel"] as const).find(
      (role) => next[role] === OWN && samplesOf(next, role).length < (next.kind === "continuous" ? 2 : 1),
    );
    const complaint = lone ? `A ${lone} as a function of time takes 2 samples or more.` : complaintOf(next);
    write(notice, complaint);
    if (complaint) return;
    const last = lastOf(sliding(next));
    const wasLast = found && state.position >= lastOf(found);
    const kept = wasLast && changes.position === undefined ? last : Math.min(next.position, last);
    change({ ...changes, again: next.again, position: kept, playing: false }, true);
  }

  function choose(role: Role, name: string): void {
    if (name === OWN) draw(role, pointsOf(state[role], samplesOf(state, role), state.kind), true);
    else settle({ [role]: name });
  }

  function draw(role: Role, samples: number[], release: boolean): void {
    const named =
      role === "signal" ? { signal: OWN, signal_samples: samples } : { kernel: OWN, kernel_samples: samples };
    const next = { ...state, ...named };
    const complaint = complaintOf(next);
    write(notice, complaint);
    if (complaint) return;
    change({ ...named, position: Math.min(state.position, lastOf(sliding(next))) }, release);
  }

  function exchange(): void {
    const before = found;
    if (!before) return;
    const { signal: x, kernel: w, signal_samples, kernel_samples } = state;
    const changes = {
      signal: w,
      kernel: x,
      signal_samples: kernel_samples,
      kernel_samples: signal_samples,
      again: 0,
    };
    const plain = { ...state, again: 0 };
    const old = sliding(plain).output;
    const next = { ...plain, ...changes };
    settle(changes);
    if (notice.textContent) return;
    // A learner is asked anew, and must not see the answer.
    if (state.predict) return;
    const after = sliding(next);
    change({ position: lastOf(after) }, true);
    ghost = { curve: old, words: swapped(after, farthest(old, after.output)), about: topicOf(next) };
    topic = "";
    refresh();
  }

  function swapped(after: Slide, far: number): string {
    const largest = `the largest difference is ${far < 1e-12 ? "0" : shown(far)}`;
    if (after.mode !== "full")
      return `Swapped, in mode ${after.mode}: another part of the same curve may be kept; ${largest}.`;
    if (after.flip && state.centred && after.kind === "discrete")
      return far < 1e-12
        ? `Swapped: x ∗ w = w ∗ x, and ${largest}.`
        : `Swapped: x ∗ w = w ∗ x, but centring moves it; ${largest}.`;
    if (after.flip) return `Swapped: x ∗ w = w ∗ x. The dotted curve is the one from before, and ${largest}.`;
    return far < 1e-9
      ? `Swapped: cross-correlation does not commute in general. Here the curve is symmetric, and ${largest}.`
      : `Swapped: cross-correlation does not commute. The curve comes out turned round, w ⋆ x at t is x ⋆ w at −t; ${largest}.`;
  }

  function repeat(again: number): void {
    const next = { ...state, again: Math.min(MAX_AGAIN, again) };
    settle({ again: next.again, position: lastOf(sliding(next)) });
  }

  /** To a position, or to the question that stands in the way. */
  function seek(position: number, release = false): void {
    if (!found) return;
    const wanted = Math.max(0, Math.min(lastOf(found), position));
    const to = wanted > state.position ? reach(found, state, state.position, wanted) : wanted;
    if (to !== state.position || release) change({ position: to }, release);
  }

  function next(from = state.position): boolean {
    if (from !== state.position || !found) return state.position !== from;
    seek(from + 1);
    if (state.position === from && openValue(found, state)) {
      refresh();
      asked.focus();
    }
    return state.position !== from;
  }

  // What is shown.

  function offers(name: string): boolean {
    return !state.controls.length || state.controls.includes(name);
  }

  function refresh(): void {
    if (signal.aborted) return;
    const about = topicOf(state);
    if (about !== topic || !found) {
      if (found && topic && state.predict && state.position) change({ position: 0, playing: false }, true);
      found = sliding(state);
      if (ghost && ghost.about !== about) ghost = null;
      bell = state.again ? gaussianOf(found) : null;
      topic = about;
    }
    const discrete = state.kind === "discrete";
    for (const [name, elements] of Object.entries(parts)) for (const each of elements) each.hidden = !offers(name);
    modes.element.hidden ||= !discrete;
    centred.hidden ||= !discrete;
    kinds.update(state.kind);
    flips.update(state.flip);
    modes.update(state.mode);
    set(centred, { "aria-pressed": `${state.centred}` });
    set(predict, { "aria-pressed": `${state.predict}` });
    undo.hidden = !state.again;
    const whole = !discrete || state.mode === "full";
    set(more, { "aria-disabled": (!whole || state.again >= MAX_AGAIN) && "true" });
    write(more, state.again ? `∗ w again (${state.again}×)` : "∗ w again");
    for (const each of editors) each.update(state);
    const veiled = asked.update(found, state);
    set(root, { "data-veiled": veiled });
    picture.hidden = readout.hidden = controls.element.hidden = veiled;
    menu.hidden ||= veiled;
    if (!offers("player")) controls.element.hidden = true;
    paint(found, veiled);
  }

  function paint(slide: Slide, veiled: boolean): void {
    const position = Math.min(state.position, lastOf(slide));
    const traits = { ...state, position };
    const hidden = openValue(slide, traits);
    stage.update({ found: slide, traits, bell, ghost: ghost?.curve ?? null, hidden });
    const current = stageOf(position);
    STAGES.forEach((name, i) => void set(chips[i]!, { "aria-current": name === current && "step" }));
    math.replaceChildren(...formula(slide, position, hidden).map((piece) => typeset(html("span"), mathml(piece))));
    const words = sentence(slide, traits, hidden);
    write(said, words);
    write(aside, veiled ? "" : (ghost?.words ?? (bell ? bellWords(state, bell) : plane(traits))));
    const letter = slide.kind === "discrete" ? "n" : "t";
    const place =
      position < 2 ? (TITLES[position] as string) : `${letter} = ${shown(timeOf(slide, placeAt(slide, position)))}`;
    const length = lastOf(slide);
    const spoken = `${place}. ${words}${ghost ? ` ${ghost.words}` : ""}`;
    if (!veiled) speech(() => write(live, spoken), state.playing ? 800 : 150);
    controls.update({
      position,
      length,
      playing: state.playing,
      speed: state.speed,
      speeds: SPEEDS[state.kind],
      words: place,
      ...(position < SLIDING && { wait: 1600 }),
    });
  }

  function plane({ position }: Traits): string {
    if (!found || position < lastOf(found)) return "";
    return "In two dimensions the kernel is turned by 180° and slid over rows and columns: w.in_two_dimensions() opens ConvSlider.";
  }
}

export default { render };
