/** ConvolutionTheorem: transform, multiply, transform back, step by step; and what that costs. */

import { bridge, type Model } from "../core/bridge";
import { button, html, listen, named, set, timer, typeset, watchWidth, write } from "../core/dom";
import { exportMenu } from "../core/exporting";
import { player } from "../core/player";
import { slider } from "../core/slider";
import { nextFastLength } from "../math/fourier";
import { costs } from "./costs";
import { dials } from "./dials";
import { drawingOf } from "./drawing";
import { panels } from "./panels";
import { asked, questions } from "./questions";
import { endOf, moment, type Scene, STAGES, type Stage, sceneOf } from "./scene";
import { TRAITS, type Traits } from "./traits";
import { formula, sentence } from "./words";

/** How long the kernel may be silent before the page says so; to measure takes it some seconds. */
const PATIENCE = 15_000;
const SILENCE =
  "The kernel has not answered yet: it is busy, or this cell has to be run again. Only measuring needs it.";

const STAGE_NAMES: Record<Stage, string> = {
  signals: "Signals",
  transform: "Transform",
  multiply: "Multiply",
  back: "Back",
  compare: "Compare",
};

function render({ model, el }: { model: Model; el: HTMLElement }): () => void {
  const abort = new AbortController();
  const { signal } = abort;
  const patience = timer(signal);
  const speech = timer(signal);
  const { state, set: change } = bridge<Traits>(model, TRAITS, signal, refresh, hear);
  let scene: Scene = sceneOf([1], [1], 1);
  let made: readonly unknown[] = [];
  let wasPadded = state.padded;
  let hovered: number | null = null;
  let request = "";

  const root = html("div.stepgrad.sg-theorem", {
    tabindex: -1,
    role: "group",
    "aria-label": "Convolution theorem",
    "data-lm-suppress-shortcuts": "true",
  });
  const views = (["steps", "costs"] as const).map((view) => {
    const face = view === "steps" ? "Steps" : "Cost";
    return set(
      button(face, face, signal, () => change({ view, playing: false }, true)),
      { "data-view": view },
    );
  });
  const predict = set(
    button("Predict", "Predict", signal, () => change({ predict: !state.predict, playing: false }, true)),
    { title: "Predict what comes out before it is shown" },
  );
  const menu = exportMenu(
    {
      what: "View",
      name: () => `convolution-theorem-${state.view}`,
      drawing: () =>
        state.view === "costs"
          ? drawingOf(cost.element, "h4, .sg-plot svg, .sg-axis")
          : drawingOf(square.element, "h4, .sg-plot svg, .sg-op b"),
      texts: { "This step as text": () => said.textContent ?? "" },
    },
    signal,
  );
  const square = panels(
    {
      edit: (name, values, release) => change(name === "x" ? { signal: values } : { kernel: values }, release),
      hover(k) {
        if (k === hovered) return;
        hovered = k;
        paint();
      },
      choose: (k) => change({ frequency: k, playing: false }),
      tell,
    },
    signal,
  );
  const cost = costs((layer) => change(layer, true), measure, tell, signal);
  const asks = questions(
    (answer) => change({ answers: [...state.answers, answer] }, true),
    () => controls.focus(),
    signal,
  );
  const lengths = () => ({ low: least(), high: nextFastLength(scene.needed), whole: true });
  const length = slider("Length N of the transforms", "<mi>N</mi>", signal, stretch, tell, lengths);
  const short = button("No padding", "No padding", signal, () => stretch(least(), true));
  const long = button("Padded", "Padded", signal, () => stretch(nextFastLength(scene.needed), true));
  const padding = html("div.sg-row.sg-padding", named("Padding"), short, long, length.element);
  const controls = player(
    {
      seek,
      next(from = state.position) {
        if (from === state.position) seek(from + 1);
        return state.position !== from;
      },
      play: (playing) => change({ playing, frequency: -1 }, !playing),
      pace: (speed) => change({ speed }),
    },
    signal,
  );
  const stages = STAGES.map((stage) =>
    button(STAGE_NAMES[stage], STAGE_NAMES[stage], signal, () => seek(endOf(scene, stage), true)),
  );
  const stepping = html("div.sg-row.sg-stages", named("Stage"), ...stages);
  const notice = html("p.sg-say", { role: "status" });
  const pointers = dials();
  const math = html("div.sg-math");
  const said = html("p");
  const reading = html("div.sg-row.sg-read", math, pointers.element, said);
  const live = html("div.sg-sr", { "aria-live": "polite" });
  const segments = html("div.sg-row.sg-seg", named("View"), ...views);
  const steps = html("div.sg-steps", square.element, reading, html("div.sg-row.sg-drive", controls.element, stepping));
  root.append(
    html("div.sg-row.sg-top", segments, padding, html("span.sg-space"), predict, menu),
    notice,
    asks.element,
    steps,
    cost.element,
    live,
  );

  listen(root, "keydown", ({ key }) => key === "Escape" && state.frequency >= 0 && change({ frequency: -1 }), signal);
  listen(root, "keydown", (event) => state.view === "steps" && !steps.hidden && controls.key(event), signal);
  listen(root, ["keyup", "pointerup"], () => change({}, true), signal);
  watchWidth(root, signal, (width) =>
    set(root, { "data-size": width >= 700 ? "large" : width < 520 ? "small" : "medium" }),
  );
  el.append(root);
  refresh();
  return () => {
    abort.abort();
    root.remove();
  };

  // What the learner does.

  function least(): number {
    return Math.max(scene.x.length, scene.w.length);
  }

  function stretch(wanted: number, release: boolean): void {
    const to = Math.max(least(), Math.min(nextFastLength(scene.needed), Math.round(wanted)));
    const there = endOf(sceneOf(scene.x, scene.w, to), stageNow());
    // What has been reached of the theorem stays reached, though there are other frequencies now.
    change({ length: to, padded: to >= scene.needed, position: there, frequency: -1 }, release);
  }

  function stageNow(): Stage {
    return moment(scene, state.position).stage;
  }

  function seek(position: number, release = false): void {
    change({ position: Math.max(0, Math.min(scene.steps, position)), frequency: -1 }, release);
  }

  function measure(): void {
    if (request) return;
    request = Math.random().toString(36);
    change({ _request: { kind: "measure", id: request } }, true);
    cost.busy(true);
    write(notice, "Measuring on the kernel's machine …");
    patience(() => settle(SILENCE), PATIENCE);
  }

  /** What is wrong with a typed number; nothing more of it once one is right. */
  function tell(fault: string): void {
    if (fault || !request) write(notice, fault);
  }

  function settle(words: string): void {
    patience();
    request = "";
    cost.busy(false);
    write(notice, words);
  }

  function hear(name: string): void {
    if (name !== "_answer") return;
    const { id, message } = state._answer;
    if (id && id === request) settle(message ?? "");
  }

  // What is shown.

  function offers(name: string): boolean {
    return !state.controls.length || state.controls.includes(name);
  }

  function refresh(): void {
    if (signal.aborted) return;
    const { signal: x, kernel: w, length: N } = state;
    const before = made[2];
    if (made[0] !== x || made[1] !== w || made[2] !== N) {
      // Between two messages of the kernel the three may not fit.
      scene = sceneOf(x, w, Math.max(N, x.length, w.length));
      made = [x, w, N];
      hovered = null;
    }
    // Another control has asked for padding, or for none, and no one for a length.
    const { padded } = state;
    if (padded !== wasPadded && N === before && padded !== N >= scene.needed)
      stretch(padded ? nextFastLength(scene.needed) : least(), true);
    wasPadded = padded;
    paint();
  }

  function paint(): void {
    const { predict: predicting, view } = state;
    const open = predicting ? asks.update(scene, state, state.answers) : undefined;
    if (!predicting) asks.element.hidden = true;
    // What holds the answer waits: of the product the factors may be seen, of the rest only the signals.
    const at = open === "product" ? endOf(scene, "transform") : open ? 0 : state.position;
    const now = moment(scene, at);
    const shown =
      open === "product"
        ? asked(scene)
        : open
          ? null
          : (hovered ?? (state.frequency >= 0 ? state.frequency : now.frequency));
    const k = shown === null ? null : Math.min(shown, scene.count - 1);
    set(root, { "data-open": open ?? null });
    set(predict, { "aria-pressed": `${predicting}` });
    for (const each of views) set(each, { "aria-pressed": `${each.dataset.view === view}` });
    const showsCost = view === "costs" && !open;
    steps.hidden = showsCost || open === "crossover";
    cost.element.hidden = !showsCost;
    segments.hidden = !offers("view") || !!open;
    predict.hidden = !offers("predict");
    menu.hidden = !offers("export") || !!open;
    padding.hidden = !offers("length") || !!open || showsCost;
    controls.element.hidden = !offers("player") || !!open;
    stepping.hidden = controls.element.hidden;
    reading.hidden = !offers("reading") || !!open;
    if (showsCost) {
      cost.update(state);
      return;
    }
    square.update(scene, now, k, !!open);
    set(short, { "aria-pressed": `${scene.N === least()}` });
    set(long, { "aria-pressed": `${scene.N >= scene.needed}` });
    length.update(scene.N, [least(), nextFastLength(scene.needed)]);
    length.element.querySelector("input")?.setAttribute("step", "1");
    stages.forEach((each, i) => {
      set(each, { "aria-pressed": `${STAGES[i] === now.stage}` });
    });
    controls.update({
      position: now.position,
      length: scene.steps,
      playing: state.playing && !open,
      speed: state.speed,
    });
    const pieces = formula(scene, now, k);
    while (math.childElementCount < pieces.length) math.append(html("span"));
    [...math.children].forEach((each, i) => {
      typeset(each, pieces[i] ?? "");
    });
    pointers.element.hidden = k === null || k >= now.transformed;
    if (k !== null) pointers.update(scene, k, k < now.multiplied);
    const told = sentence(scene, now, k);
    write(said, told);
    // What is told holds the answers.
    if (hovered === null || open)
      speech(
        () => write(live, open ? "" : `Step ${now.position} of ${scene.steps}, ${STAGE_NAMES[now.stage]}. ${told}`),
        state.playing ? 800 : 150,
      );
  }
}

export default { render };
