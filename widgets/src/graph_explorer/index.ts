/** GraphExplorer: build a graph, put its nodes in order, find orders step by step, and run it in one. */

import { bridge, type Model } from "../core/bridge";
import { button, html, listen, named, set, timer, typeset, watchWidth, write } from "../core/dom";
import { exportMenu } from "../core/exporting";
import { player } from "../core/player";
import { mathml } from "../math";
import { type DagNode, INPUT, MOST_NODES, MOST_READ, tidy, treeOf } from "../math/dag";
import { formatNumber, labelMathml, labelText } from "../math/notation";
import { type Edge, pathBetween } from "../math/orders";
import { algorithms } from "./algorithms";
import { builder } from "./builder";
import { dagView, type NodeFace, shown } from "./dag_view";
import { lineView } from "./line_view";
import { PRESETS } from "./presets";
import { countIsOpen, questions, reach, readyIsOpen } from "./questions";
import { lengthOf, type Progress, progress, type Scene, scenes } from "./scene";
import { MODES, type Mode, TRAITS, type Traits } from "./traits";
import { counted, ordering, refusal, running, searching, shape } from "./words";

const PATIENCE = 4000;
const SILENCE = "The kernel has not answered yet. Another expression needs it; everything else works without.";
const NAME = /^[\p{L}_][\p{L}\d_]{0,11}$/u;
const TITLES: Record<Mode, string> = { build: "Build", order: "Order", algorithms: "Algorithms", run: "Run" };

interface Refused {
  readonly edge: Edge;
  readonly path: readonly string[];
}

function render({ model, el }: { model: Model; el: HTMLElement }): () => void {
  const abort = new AbortController();
  const { signal } = abort;
  const patience = timer(signal);
  const speech = timer(signal);
  const { state, set: change } = bridge<Traits>(model, TRAITS, signal, refresh, hear);
  const sceneOf = scenes();
  let scene: Scene | null = null;
  let refused: Refused | null = null;
  let lit: readonly string[] = [];
  let request = "";
  const past: Pick<Traits, "nodes" | "order" | "output" | "expression">[] = [];
  let ours: readonly DagNode[] | null = null;
  let dragging = false;

  const root = html("div.stepgrad.sg-explorer", {
    tabindex: -1,
    role: "group",
    "aria-label": "Graph explorer",
    "data-lm-suppress-shortcuts": "true",
  });
  const modes = MODES.map((mode) =>
    set(
      button(TITLES[mode], TITLES[mode], signal, () => go({ mode, position: 0, playing: false })),
      { "data-mode": mode },
    ),
  );
  const preset = html(
    "select",
    { "aria-label": "Graph" },
    html("option", { value: "" }, "another graph …"),
    ...Object.keys(PRESETS).map((name) => html("option", { value: name }, name)),
  );
  listen(
    preset,
    "change",
    () => {
      const nodes = PRESETS[preset.value];
      preset.value = "";
      if (nodes) rebuild(nodes, { order: nodes.map(({ label }) => label), output: lastOf(nodes) });
    },
    signal,
  );
  const field = html("input", {
    type: "text",
    spellcheck: "false",
    autocomplete: "off",
    autocapitalize: "off",
    "aria-label": "Expression of f",
    placeholder: "an expression",
  });
  const typed = () => {
    const text = field.value.trim();
    if (!text || text === state.expression) return;
    request = `${Date.now()}-${Math.random()}`;
    complain("");
    change({ _request: { id: request, kind: "trace", expression: text } }, true);
    patience(() => tell(SILENCE), PATIENCE);
  };
  listen(field, "change", typed, signal);
  listen(field, "keydown", ({ key }) => key === "Enter" && typed(), signal);
  const where = html("pre");
  const what = html("p.sg-say.wrong");
  const error = html("div", { role: "alert", hidden: true }, where, what);
  const predict = set(
    button("Predict", "Predict", signal, () => go({ predict: !state.predict, position: 0, playing: false })),
    { title: "Predict how many orders there are, and who is ready, before it is shown" },
  );
  const menu = exportMenu(
    {
      what: "Graph",
      name: () => "graph",
      drawing: () => graph.snapshot(),
      texts: {
        "This step as text": () => said.textContent ?? "",
        "Order as text": () => state.order.join(", "),
        "Graph as Python": asPython,
      },
    },
    signal,
  );
  const graph = dagView(
    {
      select: (label) => go({ selected: label === state.selected ? "" : label }),
      move(label, x, y, release) {
        dragging = !release;
        const nodes = state.nodes.map((node) => (node.label === label ? { ...node, x: round(x), y: round(y) } : node));
        change({ nodes: shifted(nodes, release) }, release);
      },
      try(edge) {
        if (!edge) {
          refuse(null);
          return true;
        }
        const closing = closes(edge);
        refuse(closing && { edge, path: closing });
        return !closing;
      },
      connect,
    },
    signal,
  );
  const line = lineView(
    {
      order: (order, release) => go({ order, position: 0, playing: false }, release),
      select: (label) => go({ selected: label === state.selected ? "" : label }),
    },
    signal,
  );
  const build = builder(
    {
      add,
      remove: (label) =>
        rebuild(
          state.nodes
            .filter((node) => node.label !== label)
            .map((node) =>
              node.arguments.includes(label)
                ? reading(
                    node,
                    node.arguments.filter((a) => a !== label),
                  )
                : node,
            ),
          { selected: "" },
        ),
      rename,
      operate: (label, operation) =>
        replace(label, (node) => ({
          ...node,
          operation,
          symbol: null,
          partials: null,
          arguments: operation === INPUT ? [] : node.arguments,
          value: operation === INPUT ? (node.value ?? 1) : null,
        })),
      value: (label, value) => replace(label, (node) => ({ ...node, value })),
      connect,
      disconnect: ([a, b]) =>
        replace(b, (node) => {
          const at = node.arguments.indexOf(a);
          return reading(
            node,
            node.arguments.filter((_, i) => i !== at),
          );
        }),
      undo,
      tidy: () => rebuild(tidy(state.nodes), {}),
      clear: () => rebuild([], { selected: "" }),
      tell,
    },
    signal,
  );
  const search = algorithms((order) => go({ order, mode: "order", position: 0, playing: false }), signal);
  const asks = questions(
    (answer) => go({ answers: [...state.answers, answer] }),
    () => controls.focus(),
    signal,
  );
  const controls = player(
    {
      seek,
      next(from = state.position) {
        if (from === state.position) seek(from + 1);
        return state.position !== from;
      },
      play: (playing) => change({ playing }, !playing),
      pace: (speed) => change({ speed }),
    },
    signal,
  );
  const outputs = html("select", { "aria-label": "Output" });
  listen(outputs, "change", () => go({ output: outputs.value, position: 0 }), signal);
  const seeding = html("label.sg-row.sg-output", "output ", outputs);
  const notice = html("p.sg-say", { role: "status" });
  const about = html("span");
  const cycle = button("Show the cycle", "Show the cycle", signal, () => {
    lit = lit.length ? [] : (scene?.undirected ?? []);
    refused = null;
    paint();
  });
  const facts = html("p.sg-facts", about, " ", cycle);
  const count = html("p.sg-counted");
  const math = html("div.sg-math");
  const said = html("p");
  const reading_ = html("div.sg-row.sg-read", math, said);
  const live = html("div.sg-sr", { "aria-live": "polite" });
  const source = html(
    "div.sg-row.sg-source",
    preset,
    html("label.sg-row.sg-text", html("i", "f", { "aria-hidden": "true" }), field),
  );
  const segments = html("div.sg-row.sg-seg", named("Mode"), ...modes);
  const drive = html("div.sg-row.sg-drive", controls.element, seeding);
  root.append(
    html("div.sg-row.sg-top", source, segments, html("span.sg-space"), html("div.sg-row", predict, menu)),
    error,
    notice,
    asks.element,
    build.element,
    graph.element,
    facts,
    count,
    line.element,
    search.element,
    reading_,
    drive,
    live,
  );

  listen(root, "keydown", (event) => controls.key(event), signal);
  listen(root, ["keyup", "pointerup"], () => change({}, true), signal);
  watchWidth(root, signal, (width) =>
    set(root, { "data-size": width >= 760 ? "large" : width < 520 ? "small" : "medium" }),
  );
  el.append(root);
  refresh();
  return () => {
    abort.abort();
    root.remove();
  };

  // What the learner does.

  function go(changes: Partial<Traits>, release = true): void {
    if (!("answers" in changes)) tell("");
    refused = null;
    lit = [];
    change(changes, release);
  }

  /** Another graph: the order and the output keep what is still there. It can be undone. */
  function rebuild(nodes: readonly DagNode[], changes: Partial<Traits>): void {
    past.push({ nodes: state.nodes, order: state.order, output: state.output, expression: state.expression });
    if (past.length > 50) past.shift();
    ours = nodes;
    const labels = nodes.map(({ label }) => label);
    const kept = state.order.filter((label) => labels.includes(label));
    const order = [...kept, ...labels.filter((label) => !kept.includes(label))];
    const output = labels.includes(state.output) && isEnd(nodes, state.output) ? state.output : lastOf(nodes);
    go({ nodes, order, output, expression: "", position: 0, playing: false, ...changes });
  }

  function undo(): void {
    const before = past.pop();
    if (!before) return;
    ours = before.nodes;
    go({
      ...before,
      selected: before.order.includes(state.selected) ? state.selected : "",
      position: 0,
      playing: false,
    });
  }

  function replace(label: string, make: (node: DagNode) => DagNode): void {
    rebuild(
      state.nodes.map((node) => (node.label === label ? make(node) : node)),
      {},
    );
  }

  /** A node that reads other things: what was known of another operation's derivatives no longer holds. */
  function reading(node: DagNode, read: DagNode["arguments"]): DagNode {
    return { ...node, arguments: read, symbol: null, ...(node.partials && { operation: null, partials: null }) };
  }

  function closes([a, b]: Edge): readonly string[] | null {
    return a === b ? [a] : pathBetween(scene?.edges ?? [], b, a);
  }

  function connect(edge: Edge): void {
    const [a, b] = edge;
    const closing = closes(edge);
    const node = state.nodes.find(({ label }) => label === b);
    if (closing) {
      refuse({ edge, path: closing });
      tell(refusal(edge, closing), "wrong");
    } else if (node?.operation === INPUT)
      tell(`${labelText(b)} is an input, and inputs read nothing: give it an operation first.`, "wrong");
    else if ((node?.arguments.length ?? 0) >= MOST_READ)
      tell(`${labelText(b)} reads ${MOST_READ} values already, and that is the most.`, "wrong");
    else {
      replace(b, (old) => reading(old, [...old.arguments, a]));
      tell(`${labelText(b)} now reads ${labelText(a)}.`);
    }
  }

  function refuse(next: Refused | null): void {
    if (next?.edge.join() === refused?.edge.join()) return;
    refused = next;
    if (next) tell(refusal(next.edge, next.path), "wrong");
    paint();
  }

  function add(): void {
    if (state.nodes.length >= MOST_NODES) {
      tell(`A graph here has at most ${MOST_NODES} nodes.`, "wrong");
      return;
    }
    let number = 1;
    while (state.nodes.some(({ label }) => label === `v${number}`)) number++;
    const label = `v${number}`;
    const right = Math.max(0, ...state.nodes.map(({ x }) => x));
    const taken = (x: number, y: number) => state.nodes.some((node) => Math.hypot(node.x - x, node.y - y) < 0.6);
    let [x, y] = [state.nodes.length ? right : 0, 0];
    while (taken(x, y)) y += 1;
    if (y > 3) [x, y] = [right + 1, 0];
    const node: DagNode = { label, operation: null, arguments: [], value: null, x, y, symbol: null, partials: null };
    rebuild([...state.nodes, node], { selected: label });
    tell(`${labelText(label)} was added and is in hand.`);
  }

  function rename(label: string, name: string): void {
    const fault = !NAME.test(name)
      ? "A name is a letter followed by letters, digits or _, up to 12 of them."
      : state.nodes.some((node) => node.label === name)
        ? `There is another node called ${labelText(name)}.`
        : "";
    if (fault) {
      tell(fault, "wrong");
      return;
    }
    const swap = (each: string) => (each === label ? name : each);
    rebuild(
      state.nodes.map((node) => ({
        ...node,
        label: swap(node.label),
        arguments: node.arguments.map((a) => (typeof a === "string" ? swap(a) : a)),
        ...(node.partials && { partials: null, operation: null }),
      })),
      { order: state.order.map(swap), output: swap(state.output), selected: name },
    );
  }

  function seek(wanted: number, release = false): void {
    if (!scene) return;
    const to = Math.max(0, Math.min(wanted, reach(scene, state, lengthOf(scene, state.mode))));
    if (to < wanted && to === state.position && readyIsOpen(scene, state, to)) asks.focus();
    refused = null;
    lit = [];
    change({ position: to, ...(readyIsOpen(scene, state, to) && { playing: false }) }, release);
  }

  // What the kernel says.

  function hear(name: string): void {
    if (name === "_error" && state._error.id === request) {
      patience();
      const { message = "", column = null, expression = "" } = state._error;
      if (message) complain(message, column, expression);
      else tell("");
    }
    if (name === "expression") field.value = state.expression;
    // A graph that Python has set is nothing to undo.
    if (name === "nodes" && ours && state.nodes !== ours && !dragging) ours = null;
  }

  function complain(message: string, column: number | null = null, text = ""): void {
    error.hidden = !message;
    set(field, { "aria-invalid": !!message && "true" });
    write(what, message);
    where.hidden = column === null;
    const from = Math.max(0, (column ?? 0) - 40);
    write(where, `${text.slice(from, from + 80)}\n${" ".repeat((column ?? 0) - from)}^`);
  }

  function tell(words: string, kind = ""): void {
    write(notice, words);
    set(notice, { class: `sg-say ${kind}` });
  }

  // What is shown.

  function offers(name: string): boolean {
    return !state.controls.length || state.controls.includes(name);
  }

  function refresh(): void {
    if (signal.aborted) return;
    // What Python or a saved page has set may not fit: the last good picture stays.
    const next = sceneOf(state);
    if (!next) return;
    scene = next;
    const { mode } = state;
    set(root, { "data-view": mode });
    if (document.activeElement !== field) field.value = state.expression;
    for (const each of modes) set(each, { "aria-pressed": `${each.dataset.mode === mode}` });
    set(predict, { "aria-pressed": `${state.predict}` });
    source.hidden = !offers("source");
    segments.hidden = !offers("mode");
    predict.hidden = !offers("predict");
    menu.hidden = !offers("export");
    build.element.hidden = mode !== "build";
    line.element.hidden = mode === "build" || mode === "algorithms" || !scene.order.length;
    search.element.hidden = mode !== "algorithms";
    facts.hidden = mode !== "build" && mode !== "order";
    count.hidden = mode !== "order";
    drive.hidden = mode !== "algorithms" && mode !== "run";
    seeding.hidden = mode !== "run";
    cycle.hidden = !scene.undirected || scene.undirected.length < 3;
    graph.draw(scene.nodes, scene.edges, mode === "build", mode !== "order");
    line.draw(scene.order, scene.edges, state.selected, mode === "run");
    if (mode === "build") build.update(scene.nodes, state.selected, past.length > 0);
    if (`${scene.labels}` !== outputs.dataset.of) {
      outputs.dataset.of = `${scene.labels}`;
      outputs.replaceChildren(...scene.labels.map((label) => html("option", { value: label }, labelText(label))));
    }
    outputs.value = state.output;
    paint();
  }

  function paint(): void {
    if (!scene) return;
    const now = scene;
    const { mode } = state;
    const length = lengthOf(now, mode);
    const position = Math.min(state.position, length);
    const step = progress(now, mode === "run" && now.run ? position : 0);
    const secret = readyIsOpen(now, state, position);
    const open = countIsOpen(now, state);
    asks.update(now, state);
    search.update(now, mode === "algorithms" ? position : 0, secret);
    graph.paint(
      (node) => face(now, node, step, position, secret),
      (edge) => edgeFace(now, edge, step, position),
    );
    const late = new Set(now.backward.flat());
    line.paint((label) =>
      [
        label === state.selected && "hand",
        mode === "run"
          ? label === step.node
            ? step.back
              ? "now adj"
              : step.stuck
                ? "stuck"
                : "now"
            : step.values.has(label)
              ? "done"
              : "todo"
          : late.has(label)
            ? "late"
            : "done",
      ]
        .filter(Boolean)
        .join(" "),
    );
    write(about, shape(now));
    write(cycle, lit.length ? "Hide the cycle" : "Show the cycle");
    write(
      count,
      open
        ? "How many topological orders are there? Yours to predict."
        : `Topological orders of this graph: ${counted(now)}.`,
    );
    const words =
      mode === "run"
        ? running(now, step, position)
        : mode === "algorithms"
          ? secret
            ? ""
            : searching(now, position).join(" ")
          : mode === "order"
            ? ordering(now, open)
            : "";
    write(said, mode === "algorithms" ? "" : words);
    typeset(math, mode === "run" ? formula(now, step) : "");
    reading_.hidden = !said.textContent;
    set(reading_, {
      class: `sg-row sg-read ${step.back ? "adj" : now.backward.length && mode === "order" ? "wrongly" : ""}`,
    });
    controls.update({ position, length, playing: state.playing && length > 0, speed: state.speed });
    speech(() => write(live, refused ? "" : words || (mode === "build" ? shape(now) : "")), 350);
  }

  function face(
    { run, order, labels, kahn, depthFirst, nodes }: Scene,
    node: DagNode,
    step: Progress,
    position: number,
    secret: boolean,
  ): NodeFace {
    const { mode } = state;
    const { label } = node;
    const place = mode === "build" || mode === "algorithms" ? "" : `${order.indexOf(label) + 1}`;
    const input = node.operation === INPUT && node.value !== null ? `= ${formatNumber(node.value)}` : "";
    const base = { value: mode === "build" ? input : "", adjoint: "", place };
    let kind = "";
    if (mode === "run" && run) {
      const known = step.values.has(label);
      const adjoint = step.adjoints.has(label);
      base.value = known ? shown(run.values[label]) : "";
      base.adjoint = adjoint ? shown(run.adjoints[label]) : "";
      kind =
        label === step.node
          ? step.stuck
            ? "stuck"
            : `now ${step.back ? "adj" : ""}`
          : adjoint
            ? "done adj"
            : known
              ? "done"
              : "todo";
    } else if (mode === "algorithms") {
      const one = kahn[Math.min(position, kahn.length - 1)]!;
      const other = depthFirst[Math.min(position, depthFirst.length - 1)]!;
      const taken = one.order.includes(label);
      const left = one.waiting[labels.indexOf(label)];
      base.value = taken || secret ? "" : left ? `waits for ${left}` : "ready";
      kind = `${taken ? "done" : "todo"} ${one.node === label ? "now" : ""} ${other.stack.includes(label) ? "visiting" : ""}`;
    }
    const cycle = refused ? [...refused.path, ...refused.edge] : lit;
    const classes = [
      kind,
      label === state.selected && mode !== "run" && "hand",
      cycle.includes(label) && (refused ? "cyc" : "ring"),
    ];
    const reads =
      nodes.length && node.arguments.map((a) => (typeof a === "string" ? labelText(a) : formatNumber(a))).join(", ");
    const said = [
      labelText(label),
      node.operation ?? "no operation",
      reads && `reads ${reads}`,
      place && `place ${place}`,
      base.value,
      base.adjoint && `adjoint ${base.adjoint}`,
      label === state.selected && "in hand",
    ];
    return { ...base, class: classes.filter(Boolean).join(" "), said: said.filter(Boolean).join(", ") };
  }

  function edgeFace({ backward, kahn }: Scene, [a, b]: Edge, step: Progress, position: number): string {
    const { mode } = state;
    const round = refused ? [...refused.path] : lit;
    const on = round.some((label, i) => {
      const next = round[i + 1];
      return (label === a && next === b) || (!refused && label === b && next === a);
    });
    if (on) return refused ? "cyc" : "ring";
    if (mode === "run") return b === step.node && !step.stuck ? (step.back ? "on adj" : "on") : "";
    if (mode === "algorithms") return kahn[Math.min(position, kahn.length - 1)]!.order.includes(a) ? "gone" : "";
    return mode === "order" && backward.some(([x, y]) => x === a && y === b) ? "backward" : "";
  }

  /** What the present step of a run computes. */
  function formula({ nodes, run, edges, output }: Scene, { node: label, back, stuck }: Progress): string {
    const node = nodes.find((each) => each.label === label);
    if (!node || !run || stuck) return "";
    const equals = "<mo>=</mo>";
    if (!back) {
      const tree = treeOf(node);
      const value = formatNumber(run.values[label] ?? Number.NaN, "mathml");
      return tree === null
        ? `${labelMathml(label)}${equals}${value}`
        : [labelMathml(label), mathml(tree), mathml(tree, run.values), value].join(equals);
    }
    const value = formatNumber(run.adjoints[label] ?? Number.NaN, "mathml");
    const left = labelMathml(label, "bar");
    if (label === output) return `${left}${equals}${value}`;
    const terms = nodes.flatMap((reader) =>
      reader.arguments.flatMap((a, k) => {
        if (a !== label) return [];
        const partial = run.partials[reader.label]![k]!;
        const number = formatNumber(partial, "mathml");
        return [
          `${labelMathml(reader.label, "bar")}<mo>·</mo>${partial < 0 ? `<mo>(</mo>${number}<mo>)</mo>` : number}`,
        ];
      }),
    );
    return [left, ...(edges.length && terms.length ? [terms.join("<mo>+</mo>")] : []), value].join(equals);
  }

  function asPython(): string {
    const nodes = state.nodes.map((node) => {
      const parts = [`"label": ${JSON.stringify(node.label)}`];
      if (node.operation) parts.push(`"operation": ${JSON.stringify(node.operation)}`);
      if (node.arguments.length) parts.push(`"arguments": ${JSON.stringify(node.arguments)}`);
      if (node.value !== null) parts.push(`"value": ${node.value}`);
      return `    {${parts.join(", ")}},`;
    });
    return `GraphExplorer(nodes=[\n${nodes.join("\n")}\n])`;
  }
}

const round = (x: number) => Math.round(x * 100) / 100;

/** After a move nothing stands left of or above the page. */
function shifted(nodes: readonly DagNode[], release: boolean): DagNode[] {
  if (!release) return [...nodes];
  const left = Math.min(...nodes.map(({ x }) => x));
  const top = Math.min(...nodes.map(({ y }) => y));
  return nodes.map((node) => ({ ...node, x: round(node.x - left), y: round(node.y - top) }));
}

const isEnd = (nodes: readonly DagNode[], label: string) => !nodes.some((node) => node.arguments.includes(label));

/** The last node that nobody reads: what the graph computes. */
function lastOf(nodes: readonly DagNode[]): string {
  return nodes.filter(({ label }) => isEnd(nodes, label)).at(-1)?.label ?? "";
}

export default { render };
