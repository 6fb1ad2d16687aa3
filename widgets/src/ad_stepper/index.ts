/** ADStepper: one function, its graph and its sweeps, a step at a time. */

import { bridge, type Model } from "../core/bridge";
import { codeLines } from "../core/code_view";
import { button, html, listen, set, timer, typeset, write } from "../core/dom";
import { exportMenu } from "../core/exporting";
import { graphView } from "../core/graph_view";
import { linking } from "../core/linking";
import { player } from "../core/player";
import { predictBox } from "../core/predict";
import { numberField, slider } from "../core/slider";
import { dataTable } from "../core/table";
import { diagnose, explain, labelMathml, labelText, mathml, type Step, stepMath, toNumber, type Value } from "../math";
import { expressionBox, pieces } from "./expression_box";
import { meter } from "./meter";
import { accentOf, arrowFace, cardFace, cards, lineFace, math, plainTable, type Sheet, sheet } from "./pictures";
import {
  direction,
  exact,
  isArray,
  type Moment,
  moment,
  readDocument,
  type Scene,
  scenes,
  show,
  staysOnBranch,
} from "./scene";
import { type Answer, TRAITS, type Traits, type ViewMode } from "./traits";

const MODES: [ViewMode, string][] = [
  ["primal", "Primal"],
  ["forward", "Forward"],
  ["reverse", "Reverse"],
  ["compare", "Compare"],
];
const PATIENCE = 5000;

function render({ model, el }: { model: Model; el: HTMLElement }): () => void {
  const abort = new AbortController();
  const { signal } = abort;
  const sceneOf = scenes();
  let scene: Scene | null = null;
  let table: Sheet | null = null;
  let now: Moment | null = null;
  let drawn: { document?: unknown; scene?: Scene | null; lines?: number; controls?: string; step?: Step | null } = {};
  let asked: string | null = null;
  const patience = timer(signal);
  const speech = timer(signal);

  const traits = bridge<Traits>(model, TRAITS, signal, refresh, (name) => {
    if (name === "_document" || name === "_error") answered();
  });
  const { get } = traits;
  const number = (name: "position" | "speed" | "adjoint_seed", otherwise: number) => {
    const value = get(name);
    return typeof value === "number" && Number.isFinite(value) ? value : otherwise;
  };
  const list = <T>(value: readonly T[] | undefined): readonly T[] => (Array.isArray(value) ? value : []);

  // The parts.
  const root = html("div", {
    class: "stepgrad sg-stepper",
    tabindex: -1,
    role: "group",
    "data-lm-suppress-shortcuts": "true",
  });
  const links = linking(root, signal, (node, at) => popover(node, at));
  const expression = expressionBox("f", signal, (text) => request({ expression: text }), links.light);
  const modes = MODES.map(([mode, label]) =>
    button({ text: label }, label, signal, () => traits.set({ mode, playing: false })),
  );
  const predictToggle = button({ text: "?" }, "Predict each step before it is shown", signal, () => {
    traits.set({ predict: !get("predict"), playing: false });
  });
  const menu = exportMenu(
    {
      name: "stepgrad",
      drawing: () => graph.snapshot(),
      texts: [
        {
          label: "This step as LaTeX",
          make: () =>
            [now?.tangent, now?.step]
              .map((step) => step?.latex)
              .filter(Boolean)
              .join("\n"),
        },
        { label: "Table as text", make: () => (table && now ? plainTable(table, now.position) : "") },
      ],
    },
    signal,
  );
  const notice = html("p", { class: "sg-notice", role: "status" });
  const graph = graphView("Computation graph", signal, (id) => {
    if (!scene?.forward) return;
    const at = scene.graph.inputs.indexOf(id);
    if (at >= 0) reseed(scene.graph.inputs.map((_, i) => +(i === at)));
  });
  const inputs = html("div", { class: "sg-inputs", role: "group", "aria-label": "Inputs" });
  const code = html("pre", { class: "sg-source", tabindex: 0, "aria-label": "Code of the function", role: "region" });
  const grid = dataTable();
  const rules = [html("div"), html("div")] as const;
  const say = html("p");
  const rule = html("div", { class: "sg-rule" }, ...rules, say);
  const result = html("div", { class: "sg-result", role: "group", "aria-label": "Result" });
  const question = predictBox({ check, skip: () => pass("skipped"), reveal: () => pass("revealed") }, signal);
  const controls = player(
    {
      seek: (position, release) => go(position, release),
      next,
      play: (playing) => traits.set({ playing }, !playing),
      pace: (speed) => traits.set({ speed }),
    },
    signal,
  );
  const meters = [meter(), meter()] as const;
  const meterBox = html("div", { class: "sg-meters" }, ...meters.map((one) => one.element));
  const live = html("div", { class: "sg-sr", "aria-live": "polite" });
  const pop = html("div", { class: "sg-pop", role: "tooltip", hidden: true });
  const segments = html("div", { class: "sg-seg", role: "group", "aria-label": "Mode" }, ...modes);
  const top = html("div", { class: "sg-top" }, expression.element, segments, predictToggle, menu);
  const side = html("div", { class: "sg-side" }, code, grid.element);
  const main = html("div", { class: "sg-main" }, html("div", {}, graph.element, inputs), side);
  const body = [top, notice, main, rule, result, question.element, controls.element, meterBox, live, pop];
  const refusal = html("p", { class: "sg-refusal" });
  let fields: { slider: ReturnType<typeof slider>; seed: ReturnType<typeof numberField> }[] = [];

  listen(root, "keydown", controls.key, signal);
  if (typeof ResizeObserver === "function") {
    const observer = new ResizeObserver(() => size());
    observer.observe(root);
    signal.addEventListener("abort", () => observer.disconnect(), { once: true });
  }
  el.append(root);
  size();
  refresh();
  return () => {
    abort.abort();
    root.remove();
  };

  function size(): void {
    const width = root.clientWidth || 940;
    set(root, { "data-size": width < 520 ? "small" : width < 800 ? "medium" : "large" });
  }

  // What the kernel is asked, and what it answers.

  function request(change: { expression?: string; inputs?: number[]; seed?: number[] }, release = true): void {
    asked = Math.random().toString(36).slice(2);
    const text = change.expression ?? get("expression");
    traits.set(
      {
        ...(change.inputs && { inputs: change.inputs }),
        ...(change.seed && { seed: change.seed }),
        _request: {
          id: asked,
          kind: "trace",
          ...(text && { expression: text }),
          inputs: [...(change.inputs ?? list(get("inputs")))],
          seed: [...(change.seed ?? list(get("seed")))],
        },
      },
      release,
    );
    if (change.expression) expression.complain(null);
    write(
      notice,
      change.expression ? "Tracing the new expression …" : "Another branch: asking the kernel for the new graph.",
    );
    if (scene && !scene.graph.live) write(notice, "Asking the kernel for the new values …");
    set(root, { "aria-busy": "true" });
    patience.start(() => {
      write(
        notice,
        `${change.expression ? "A new expression needs" : "This needs"} a running kernel, and none has answered yet.`,
      );
    }, PATIENCE);
  }

  function answered(): void {
    const error = get("_error");
    if (error?.message && asked && error.id && error.id !== asked) return;
    asked = null;
    patience.stop();
    write(notice, "");
    set(root, { "aria-busy": null });
  }

  // What the learner does.

  function move(index: number, value: number, release: boolean): void {
    if (!scene) return;
    const next = list(get("inputs")).map((old, i) => (i === index ? value : old));
    if (staysOnBranch(scene.graph, next)) {
      if (asked) answered();
      traits.set({ inputs: next }, release);
    } else request({ inputs: next }, release);
  }

  function reseed(seed: number[]): void {
    if (scene?.graph.live) traits.set({ seed }, true);
    else request({ seed });
  }

  /** The step to predict at a position, or null when there is nothing to ask or it has been answered. */
  function openQuestion(position: number): Step | null {
    const step = scene?.main.steps[position];
    if (!get("predict") || !step || isArray(step.value)) return null;
    const passed = list(get("answers")).some(
      (answer) =>
        (answer.correct || answer.skipped) &&
        answer.position === position &&
        answer.mode === scene?.mode &&
        answer.node === step.node &&
        answer.expected === toNumber(step.value),
    );
    return passed ? null : step;
  }

  function go(position: number, release: boolean): void {
    if (!now) return;
    let to = Math.max(0, Math.min(position, scene?.length ?? 0));
    for (let p = now.position; p < to; p++) if (openQuestion(p)) to = p;
    if (to < position && openQuestion(to)) question.focus();
    if (to !== get("position")) traits.set({ position: to }, release);
  }

  function next(): boolean {
    const from = now?.position ?? 0;
    // The trait, not the last frame: keys can come faster than frames.
    const position = Math.max(from, Math.min(number("position", 0), scene?.length ?? 0));
    if (position >= (scene?.length ?? 0)) return false;
    if (openQuestion(position)) {
      question.focus();
      return false;
    }
    traits.set({ position: position + 1 });
    return true;
  }

  function record(step: Step, answer: Partial<Answer>): void {
    if (!now || !scene) return;
    const entry: Answer = {
      position: now.position,
      mode: scene.mode,
      node: step.node,
      phase: step.phase,
      answer: null,
      expected: toNumber(step.value),
      correct: false,
      skipped: false,
      kind: "skipped",
      ...answer,
    };
    traits.set({ answers: [...list(get("answers")), entry] }, true);
  }

  function check(answer: number): void {
    const step = now && openQuestion(now.position);
    if (!step || !scene || !now) return;
    const { correct, kind, message } = diagnose(scene.graph, step, now.known, answer);
    record(step, { answer, correct, kind });
    question.say(message, correct ? "right" : "wrong");
    if (correct) traits.set({ position: now.position + 1 });
  }

  function pass(kind: "skipped" | "revealed"): void {
    const step = now && openQuestion(now.position);
    if (!step || !now) return;
    record(step, { skipped: true, kind });
    question.say(kind === "revealed" ? `${step.text}. Step on when you are ready.` : "", "plain");
    if (kind === "skipped") traits.set({ position: now.position + 1 });
  }

  // What is shown.

  function refresh(): void {
    if (signal.aborted) return;
    const document = readDocument(get("_document"));
    const mode = MODES.some(([known]) => known === get("mode")) ? get("mode") : "reverse";
    const made =
      typeof document === "string"
        ? document
        : (sceneOf(document, {
            mode,
            inputs: [...list(get("inputs"))],
            seed: [...list(get("seed"))],
            adjoint_seed: number("adjoint_seed", 1),
          }) ?? `This trace holds no ${mode} sweep.`);
    if (typeof made === "string") {
      scene = null;
      write(refusal, made);
      root.replaceChildren(refusal);
      return;
    }
    if (root.firstChild !== top) root.replaceChildren(...body);
    scene = made;
    build(scene);
    paint(scene);
  }

  /** What changes with the graph or the sweep, not with the position. */
  function build(scene: Scene): void {
    const { graph: traced, mode } = scene;
    const given = JSON.stringify(list(get("controls")));
    if (given !== drawn.controls) {
      const has = (name: string) => given === "[]" || list(get("controls")).includes(name);
      const parts: [string, HTMLElement][] = [
        ["expression", expression.element],
        ["mode", segments],
        ["inputs", inputs],
        ["player", controls.element],
        ["table", grid.element],
        ["rule", rule],
        ["meter", meterBox],
        ["predict", predictToggle],
        ["export", menu],
      ];
      for (const [name, element] of parts) element.hidden = !has(name);
    }
    const lines = 1 + +!!scene.forward + +!!scene.reverse;
    if (get("_document") !== drawn.document || lines !== drawn.lines) {
      const [nodes, arrows] = cards(scene);
      const array = traced.nodes.some((node) => node.shape.length);
      graph.draw(nodes, arrows, lines, lines > 1 && !array ? 8 : 7);
    }
    if (get("_document") !== drawn.document || given !== drawn.controls) {
      set(root, { "aria-label": `Steps of automatic differentiation of ${labelText(traced.name)}` });
      const has = (name: string) => given === "[]" || list(get("controls")).includes(name);
      const written = traced.code;
      const typed = written?.language === "expression" && has("expression");
      const places = pieces(traced);
      expression.element.hidden = !typed;
      if (written && typed)
        expression.update(written.text, has("code") ? places : [], codeLines(written.text, has("code") ? places : []));
      code.hidden = !written || typed || !has("code");
      if (written) code.replaceChildren(...codeLines(written.text, places));
      fields = traced.inputs.map((label, i) => {
        const name = { text: labelText(label), math: math(labelMathml(label)) };
        const one = slider(name, signal, (value, release) => move(i, value, release));
        const seed = numberField(`${labelText(label, "dot")}, seed`, signal, (value) => {
          const seeds = direction(traced, list(get("seed")));
          seeds[i] = value;
          reseed(seeds);
        });
        const seedName = html("span", { class: "sg-name tan" });
        typeset(seedName, math(labelMathml(label, "dot")));
        one.element.append(html("span", { class: "sg-seed" }, seedName, seed.element));
        return { slider: one, seed };
      });
      const sliders = list(get("inputs")).length === fields.length;
      inputs.replaceChildren(...(sliders ? fields.map((field) => field.slider.element) : []));
      side.hidden = grid.element.hidden && code.hidden;
    }
    if (scene !== drawn.scene) {
      table = sheet(scene);
      grid.build(`Evaluation trace of ${labelText(traced.name)}`, table.columns, table.rows);
      set(root, { "data-mode": mode });
      modes.forEach((element, i) => void set(element, { "aria-pressed": `${MODES[i]?.[0] === mode}` }));
      buildResult(scene);
    }
    drawn = { ...drawn, document: get("_document"), scene, lines, controls: given };
  }

  function paint(scene: Scene): void {
    const { graph: traced, main: sweep, forward, reverse, length } = scene;
    now = moment(scene, number("position", 0));
    const { position, step, tangent } = now;
    const moment_ = now;
    const nodes = new Map(traced.nodes.map((node) => [node.label, node]));
    graph.paint(
      (id) => cardFace(scene, moment_, nodes.get(id) as (typeof traced.nodes)[number]),
      arrowFace(scene, now),
    );
    if (step !== drawn.step) {
      if (step) graph.reveal(step.node);
      drawn.step = step;
    }
    const open = openQuestion(position);
    if (table) grid.paint(lineFace(table, position, !!get("predict")), step ? [step.node] : []);
    for (const piece of root.querySelectorAll<HTMLElement>(".sg-piece")) {
      // An adjoint step is about the operation it goes back through, and about where it arrives.
      const on = piece.dataset.node === (step?.source ?? step?.node);
      piece.classList.toggle("now", on || piece.dataset.node === step?.node);
    }

    const accent = step ? accentOf(tangent ?? step) : "pri";
    set(rule, { class: `sg-rule ${accent}` });
    typeset(rules[0], tangent ? stepMath(traced, tangent, now.known) : "");
    typeset(rules[1], step ? stepMath(traced, step, now.known) : "");
    rules[0].hidden = !tangent;
    rules[1].hidden = !step;
    const told = describe(scene, now);
    write(say, told);
    paintResult(scene, now);

    set(predictToggle, { "aria-pressed": `${!!get("predict")}` });
    question.element.hidden = !get("predict");
    const accentName = { primal: undefined, tangent: "dot", seed: "bar", adjoint: "bar" } as const;
    question.ask(
      open && {
        key: `${scene.mode} ${position} ${toNumber(open.value)}`,
        math: math(labelMathml(open.node, accentName[open.phase])),
        words: `What will ${labelText(open.node, accentName[open.phase])} be?`,
      },
    );
    const speed = number("speed", 1);
    controls.update({ position, length, playing: !!get("playing"), speed: speed > 0 ? speed : 1 });

    const both = !!forward && !!reverse;
    meters[0].update(traced, forward ?? sweep, position, both ? "Forward" : null);
    meters[1].element.hidden = !both;
    if (reverse && both) meters[1].update(traced, reverse, position, "Reverse");

    const seeds = direction(traced, list(get("seed")));
    const values = list(get("inputs"));
    const ranges = list(get("input_ranges"));
    fields.forEach((field, i) => {
      const value = values[i] ?? 0;
      field.slider.update(value, ranges[i] ?? [Math.min(-5, value), Math.max(5, value)]);
      field.seed.update(seeds[i] ?? 0);
    });
    const error = get("_error");
    expression.complain(
      error?.message
        ? { message: error.message, column: error.column ?? null, expression: error.expression ?? "" }
        : null,
    );
    const sentence = `Step ${position} of ${length}. ${step ? `${(tangent ?? step).text}. ` : ""}${told}`;
    speech.start(() => write(live, sentence), get("playing") ? 800 : 150);
  }

  function describe(
    { graph: traced, main: sweep, forward, reverse, length, values }: Scene,
    { step, tangent, position }: Moment,
  ): string {
    if (!step)
      return forward
        ? "The inputs and the direction ẋ are known. The first step computes a value and its tangent."
        : "Only the inputs are known. Step on to compute the first value.";
    const told =
      tangent && forward
        ? explain(traced, tangent, forward, position, values)
        : explain(traced, step, sweep, position, values);
    if (!forward || !reverse || tangent || position <= forward.steps.length) return told;
    const n = traced.inputs.length;
    return `${told} Forward has finished: one number, ∇f·ẋ = ${show(forward.result.derivative)}, and it needs ${n === 1 ? "one sweep" : `${n} sweeps, one an input`}${position === length ? "; reverse has them all from one" : ""}.`;
  }

  function buildResult(scene: Scene): void {
    const { graph: traced, forward, reverse } = scene;
    const item = (name: string, kind: string) =>
      html("span", { class: kind }, html("span", {}), html("data", { class: "sg-num" }), name && null);
    const names: [string, string][] = [[labelMathml(traced.output), "pri"]];
    const seed = direction(traced, forward ? (forward.seed as readonly Value[]).map(toNumber) : []);
    const unit = seed.filter((value) => value !== 0).length === 1 && seed.indexOf(1) >= 0 ? seed.indexOf(1) : -1;
    if (forward)
      names.push([
        unit < 0
          ? "<mo>∇</mo><mi>f</mi><mo>·</mo><mover><mi>x</mi><mo>˙</mo></mover>"
          : mathml(["partial", traced.output, traced.inputs[unit] as string]),
        "tan",
      ]);
    if (reverse) for (const label of traced.inputs) names.push([mathml(["partial", traced.output, label]), "adj"]);
    result.replaceChildren(
      ...names.map(([name, kind]) => {
        const element = item("", kind);
        typeset(element.firstChild as Element, math(`${name}<mo>=</mo>`));
        return element;
      }),
    );
  }

  function paintResult(
    { graph: traced, main: sweep, forward, reverse, length }: Scene,
    { known: all, position }: Moment,
  ): void {
    const done = position >= length;
    const values: (Value | null | undefined)[] = [all[traced.output]];
    if (forward) values.push(position >= forward.steps.length ? forward.result.derivative : null);
    if (reverse) values.push(...(reverse.result.gradient ?? []).map((value) => (done ? value : null)));
    else if (sweep === forward && !done) values[1] = null;
    values.forEach((value, i) => {
      const data = result.children[i]?.lastElementChild;
      if (!data) return;
      write(data, show(value));
      set(data, {
        value: value == null ? null : exact(value),
        "data-exact": value == null ? null : exact(value),
        title: exact(value),
      });
    });
  }

  /** The values of an array node, beside it. */
  function popover(node: string | null, at: Element | null): void {
    const card = at?.closest(".sg-card");
    const value = node && now ? now.known[node] : null;
    pop.hidden = !card || !isArray(value);
    if (!card || !isArray(value) || !scene) return;
    const of = scene.graph.nodes.find((other) => other.label === node);
    const columns = value.shape.at(-1) || 1;
    const rows: string[] = [];
    for (let i = 0; i < value.data.length; i += columns)
      rows.push(
        value.data
          .slice(i, i + columns)
          .map((entry) => show(entry).padStart(8))
          .join(""),
      );
    write(
      pop,
      `${labelText(node as string)}  ${show(value)}  ${of?.dtype ?? ""}\n${rows.join("\n")}${value.truncated ? "\n…" : ""}`,
    );
    const [box, frame] = [card.getBoundingClientRect(), root.getBoundingClientRect()];
    pop.style.left = `${Math.max(4, Math.min(box.left - frame.left, frame.width - pop.offsetWidth - 4))}px`;
    pop.style.top = `${box.bottom - frame.top + 6}px`;
  }
}

export default { render };
