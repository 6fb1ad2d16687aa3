/** ADStepper: one function, its graph and its sweeps, a step at a time. */

import { bridge, type Model } from "../core/bridge";
import { codeLines } from "../core/code_view";
import { button, html, listen, named, set, timer, typeset, watchWidth, write } from "../core/dom";
import { exportMenu } from "../core/exporting";
import { graphView } from "../core/graph_view";
import { linking } from "../core/linking";
import { player } from "../core/player";
import { predictBox } from "../core/predict";
import { numberField, slider } from "../core/slider";
import { dataTable } from "../core/table";
import {
  diagnose,
  explain,
  type Graph,
  type GraphNode,
  labelMathml,
  labelText,
  stepMath,
  type TraceDocument,
  type Value,
} from "../math";
import { expressionBox, pieces } from "./expression_box";
import { meter } from "./meter";
import { accentOf, arrowFace, cardFace, cards, type Line, lineFace, sheet } from "./pictures";
import { answered, openQuestion, reach } from "./questions";
import { resultLine } from "./result";
import { direction, exact, type Moment, moment, readDocument, type Scene, scenes, show, staysOnBranch } from "./scene";
import { tables } from "./trace_text";
import { TRAITS, type TraceRequest, type Traits, type ViewMode } from "./traits";
import { valuesPopover } from "./values_popover";

const MODES: ViewMode[] = ["primal", "forward", "reverse", "compare"];
/** How long the kernel may be silent before the page says so. */
const PATIENCE = 5000;
const SILENCE = "The kernel does not answer: it is busy, or this cell has to be run again. All else works without it.";

function render({ model, el }: { model: Model; el: HTMLElement }): () => void {
  const abort = new AbortController();
  const { signal } = abort;
  const patience = timer(signal);
  const speech = timer(signal);
  const sceneOf = scenes();
  let scene: Scene | undefined;
  let now: Moment | undefined;
  let drawn: Partial<Traits> & { scene?: Scene; graph?: Graph; lines?: number } = {};
  let asked = "";
  /** How wide the graph is drawn at least. */
  let across = 0;

  const { state, set: change } = bridge<Traits>(model, TRAITS, signal, refresh, hear);

  const root = html("div.stepgrad.sg-stepper", { tabindex: -1, role: "group", "data-lm-suppress-shortcuts": "true" });
  const light = linking(root, signal, (node, _edge, at) => {
    popover.point(node ?? "", at?.closest(".sg-card"));
    popover.paint(now?.known ?? {});
  });
  const expression = expressionBox(signal, (text) => request({ expression: text }), light);
  const modes = MODES.map((mode) => {
    const name = mode.replace(/^./, (letter) => letter.toUpperCase());
    return button(name, name, signal, () => turn(mode));
  });
  const predict = set(
    button("Predict", "Predict", signal, () => change({ predict: !state.predict, playing: false })),
    { title: "Predict each step before it is shown" },
  );
  const menu = exportMenu(
    {
      name: () => `ad-stepper-${state.mode}-step-${now?.position}`,
      drawing: () => graph.snapshot(),
      texts: {
        "This step as LaTeX": () =>
          [now?.tangent, now?.step]
            .map((step) => step?.latex ?? "")
            .join("\n")
            .trim(),
        "Table as text": () => (scene ? tables(scene, state.predict ? state.position : scene.length) : ""),
      },
    },
    signal,
  );
  const graph = graphView("Computation graph", signal, (id) => {
    const { inputs = [] } = scene?.graph ?? {};
    if (scene?.forward && inputs.includes(id)) reseed(inputs.map((label) => +(label === id)));
  });
  const table = dataTable<Line, Value>(show, exact, signal);
  const question = predictBox(
    { check, skip: () => pass("skipped"), reveal: () => pass("revealed"), leave: () => controls.focus() },
    signal,
  );
  const controls = player(
    {
      seek,
      next,
      play: (playing) => change({ playing }, !playing),
      pace: (speed) => change({ speed }),
    },
    signal,
  );
  const result = resultLine();
  const meters = [meter(), meter()] as const;
  const popover = valuesPopover();
  const notice = html("p.sg-say", { role: "status" });
  const inputs = html("div.sg-inputs", named("Inputs"));
  const code = html("pre", { tabindex: 0 }, named("Code of the function"));
  const rules = [html("div"), html("div")] as const;
  const said = html("p");
  const rule = html("div", ...rules, said);
  const live = html("div.sg-sr", { "aria-live": "polite" });
  const segments = html("div.sg-row.sg-seg", named("Mode"), ...modes);
  const meterBox = html("div.sg-meters", ...meters.map((each) => each.element));
  const side = html("div.sg-side", code, table.element);
  const top = html("div", graph.element, inputs);
  const body = [
    html("div.sg-row.sg-top", expression.element, segments, predict, menu),
    notice,
    html("div.sg-main", top, side),
    rule,
    question.element,
    controls.element,
    result.element,
    meterBox,
    live,
    popover.element,
  ];
  const parts = {
    mode: segments,
    inputs,
    player: controls.element,
    table: table.element,
    rule,
    meter: meterBox,
    predict,
    export: menu,
  };
  let sliders: ReturnType<typeof inputRow>[] = [];
  let output: ReturnType<typeof numberField> | undefined;

  listen(root, "keydown", controls.key, signal);
  listen(root, "keyup", () => change({}, true), signal);
  watchWidth(root, signal, arrange);
  el.append(root);
  expression.complain(state._error);
  refresh();
  return () => {
    abort.abort();
    root.remove();
  };

  // What the kernel is asked, and what it answers.

  function request(wanted: Partial<TraceRequest>, release = true): void {
    const { expression: text = state.expression, inputs = state.inputs, seed = state.seed } = wanted;
    asked = Math.random().toString(36);
    change(
      { inputs, seed, _request: { id: asked, kind: "trace", ...(text && { expression: text }), inputs, seed } },
      release,
    );
    expression.complain({});
    set(root, { "aria-busy": "true" });
    write(
      notice,
      wanted.expression
        ? "Tracing the new expression …"
        : scene?.graph.live
          ? "Another branch: asking the kernel for the new graph …"
          : "Asking the kernel for the new values …",
    );
    patience(() => {
      write(notice, SILENCE);
      set(root, { "aria-busy": null });
    }, PATIENCE);
  }

  function hear(name: string): void {
    const { id, message } = state._error;
    if (name === "_error") {
      expression.complain(state._error);
      if (message && id && id !== asked) return;
    } else if (name !== "_document") return;
    settle();
  }

  function settle(): void {
    asked = "";
    patience();
    write(notice, "");
    set(root, { "aria-busy": null });
  }

  // What the learner does.

  function move(index: number, value: number, release: boolean): void {
    const inputs = state.inputs.map((old, i) => (i === index ? value : old));
    if (scene && staysOnBranch(scene.graph, inputs)) {
      if (asked) settle();
      change({ inputs }, release);
    } else request({ inputs }, release);
  }

  function reseed(seed: readonly number[]): void {
    if (scene?.graph.live) change({ seed }, true);
    else request({ seed });
  }

  /** To a position, or to the question that stands in the way; there `answer` puts the cursor into its field. */
  function seek(position: number, release = false, answer = release): void {
    if (!scene) return;
    const to = Math.max(0, reach(scene, state, Math.min(state.position, scene.length), position));
    if (to !== state.position || release) change({ position: to }, release);
    if (to >= position || !openQuestion(scene, state, to)) return;
    refresh();
    if (answer) question.focus();
  }

  function next(from = state.position): boolean {
    if (from === state.position) seek(Math.min(from, scene?.length ?? 0) + 1, false, true);
    return state.position !== from;
  }

  /** To another mode; not past what is to be predicted there. */
  function turn(mode: ViewMode): void {
    const wanted = { ...state, mode };
    const there = sceneOf(state._document as TraceDocument, wanted);
    const position = there && state.predict ? reach(there, wanted, 0, state.position) : state.position;
    change({ mode, position, playing: false });
  }

  /** What feedback is about: it goes when any of this changes. */
  function topic(): string {
    const { predict, mode, expression, inputs, seed, adjoint_seed, position } = state;
    return JSON.stringify([predict, mode, expression, inputs, seed, adjoint_seed, position]);
  }

  function check(answer: number): void {
    const step = scene && openQuestion(scene, state, state.position);
    if (!scene || !step || !now) return;
    const { correct, kind, message } = diagnose(scene.graph, step, now.known, answer);
    const answers = answered(step, state, { answer, correct, kind });
    change({ answers, position: state.position + +correct }, true);
    question.say(message, correct ? "right" : "wrong", topic());
  }

  function pass(kind: "skipped" | "revealed"): void {
    const step = scene && openQuestion(scene, state, state.position);
    if (!step) return;
    const skip = kind === "skipped";
    const answers = answered(step, state, { skipped: true, kind });
    change({ answers, position: state.position + +skip }, true);
    question.say(skip ? "" : `${step.text}. Step on when you are ready.`, "", topic());
  }

  // What is shown.

  function refresh(): void {
    if (signal.aborted) return;
    const document = readDocument(state._document);
    const made = typeof document === "string" ? document : sceneOf(document, state);
    scene = typeof made === "string" ? undefined : made;
    if (!scene) {
      drawn = {};
      root.replaceChildren(typeof made === "string" ? made : `This trace holds no ${state.mode} sweep.`);
      return;
    }
    if (!drawn.scene) root.replaceChildren(...body);
    if (drawn.graph !== scene.graph || drawn.controls !== state.controls) buildFunction(scene);
    if (drawn.scene !== scene) buildSweep(scene);
    paint(scene);
  }

  function offers(name: string): boolean {
    return !state.controls.length || state.controls.includes(name);
  }

  /** Graph and table stand side by side where the graph has room; else the table comes after all that steers. */
  function arrange(width: number): void {
    const large = width >= 800;
    const room = (width - 64) * (state.mode === "compare" ? 0.4 : 0.55);
    const beside = large && 0.9 * across <= room;
    set(root, { "data-size": large ? "large" : width < 520 ? "small" : "medium" });
    const before = beside ? top : result.element;
    if (before.nextSibling !== side) before.after(side);
    shrink();
  }

  /** A formula does not wrap: a long one gets smaller letters before it must be scrolled. */
  function shrink(): void {
    for (const box of rules) box.style.fontSize = "";
    for (const box of rules) {
      const fits = box.clientWidth / box.scrollWidth;
      if (fits < 1) box.style.fontSize = `${Math.max(12, 18.8 * fits)}px`;
    }
  }

  /** What changes with the function. */
  function buildFunction({ graph: traced }: Scene): void {
    const { code: written, name, inputs: labels } = traced;
    for (const [part, element] of Object.entries(parts)) element.hidden = !offers(part);
    const lit = offers("code") ? pieces(traced) : [];
    const typed = written?.language === "expression" && offers("expression");
    expression.element.hidden = !typed;
    code.hidden = !written || typed || !offers("code");
    side.hidden = code.hidden && table.element.hidden;
    if (typed) expression.update(written.text, lit);
    code.replaceChildren(...codeLines(written?.text ?? "", lit));
    set(root, { "aria-label": `Steps of automatic differentiation of ${labelText(name)}` });
    sliders = state.inputs.length === labels.length ? labels.map(inputRow) : [];
    const bar = labelMathml(traced.output, "bar");
    output = numberField(`${labelText(traced.output, "bar")}, seed`, signal, (to) => {
      change({ adjoint_seed: to }, true);
      if (!traced.live) request({});
    });
    inputs.replaceChildren(
      ...sliders.map((each) => each.element),
      html("span.sg-row.sg-seed.adj", typeset(html("span"), bar), output.element),
    );
    drawn = { graph: drawn.graph, controls: state.controls };
  }

  function inputRow(label: string, index: number) {
    const value = slider(labelText(label), labelMathml(label), signal, (to, release) => move(index, to, release));
    const name = typeset(html("span"), labelMathml(label, "dot"));
    const seed = numberField(`${labelText(label, "dot")}, seed`, signal, (to) =>
      reseed(seeds().map((old, i) => (i === index ? to : old))),
    );
    value.element.append(html("span.sg-row.sg-seed.tan", name, seed.element));
    return { ...value, seed };
  }

  function seeds(): readonly number[] {
    return scene ? direction(scene.graph, state.seed) : [];
  }

  /** What changes with the sweep, not with the position. */
  function buildSweep(scene: Scene): void {
    const { graph: traced, forward, reverse } = scene;
    const lines = 1 + +!!forward + +!!reverse;
    if (drawn.graph !== traced || drawn.lines !== lines) across = graph.draw(...cards(scene), lines, 7);
    if (drawn.graph !== traced || drawn.mode !== state.mode) {
      table.build(`Evaluation trace of ${labelText(traced.name)}`, ...sheet(scene));
      set(root, { "data-mode": state.mode });
      modes.forEach((element, i) => void set(element, { "aria-pressed": `${MODES[i] === state.mode}` }));
    }
    arrange(root.clientWidth);
    result.build(scene);
    drawn = { ...drawn, scene, graph: traced, lines, mode: state.mode };
  }

  function paint(scene: Scene): void {
    const { graph: traced, main, forward, reverse, length } = scene;
    const before = now?.step;
    now = moment(scene, state.position);
    const { known, position, step, tangent } = now;
    const moment_ = now;
    const shown = tangent ?? step;
    const accent = shown ? accentOf(shown) : "pri";
    const nodes = new Map(traced.nodes.map((node) => [node.label, node]));
    // First, since it looks which rows are in sight.
    table.paint(lineFace(scene, position, state.predict), step?.node ?? "", accent);
    graph.paint((id) => cardFace(scene, moment_, nodes.get(id) as GraphNode, state.predict), arrowFace(now));
    if (step !== before) graph.follow(step?.node ?? "");
    // An adjoint step is about the operation it goes back through, and about where it arrives.
    for (const piece of root.querySelectorAll<HTMLElement>(".sg-piece"))
      set(piece, { class: `sg-piece ${[step?.node, step?.source].includes(piece.dataset.node) ? "now" : ""}` });

    set(rule, { class: `sg-row sg-rule ${accent}` });
    [tangent, step].forEach((each, i) => {
      const box = rules[i] as HTMLElement;
      typeset(box, each ? stepMath(traced, each, known) : "");
      box.hidden = !each;
    });
    popover.paint(known);
    const told = describe(scene, now);
    write(said, told);
    result.paint(scene, now);
    const words = `Step ${position} of ${length}. ${shown?.text ?? ""}. ${told}`;
    speech(() => write(live, words), state.playing ? 800 : 150);

    const open = openQuestion(scene, state, position);
    const bar = open && ({ primal: undefined, tangent: "dot", seed: "bar", adjoint: "bar" } as const)[open.phase];
    set(predict, { "aria-pressed": `${state.predict}` });
    question.ask(
      open
        ? {
            math: labelMathml(open.node, bar),
            words: `What will ${labelText(open.node, bar)} be?`,
          }
        : null,
      topic(),
    );
    controls.update({ position, length, playing: state.playing, speed: state.speed > 0 ? state.speed : 1 });

    const both = forward && reverse;
    meters[0].update(traced, both ? forward : main, position, both ? "Forward" : "");
    meters[1].element.hidden = !both;
    if (both) meters[1].update(traced, reverse, position, "Reverse");
    output?.update(state.adjoint_seed);
    sliders.forEach((each, i) => {
      each.update(state.inputs[i] ?? 0, state.input_ranges[i] ?? [-5, 5]);
      each.seed.update(seeds()[i] ?? 0);
    });
    // Last, since it measures.
    shrink();
  }
}

function describe(
  { graph, main, forward, reverse, length, values }: Scene,
  { step, tangent, position }: Moment,
): string {
  if (!step)
    return `Only the inputs${forward ? " and the direction ẋ" : ""} are known. Step on to compute the first value.`;
  const told = explain(graph, tangent ?? step, tangent && forward ? forward : main, position, values);
  if (!forward || !reverse || tangent) return told;
  const { inputs } = graph;
  return `${told} Forward has finished with one number, ∇f·ẋ = ${show(forward.result.derivative)}, and needs ${inputs.length} sweep${inputs.length > 1 ? "s, one an input" : ""}${position < length ? "" : "; reverse has the whole gradient from one"}.`;
}

export default { render };
