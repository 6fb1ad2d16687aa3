/** ParameterCounter: the same image read by three layers, and what their weights come to. */

import { bridge, type Model } from "../core/bridge";
import { button, html, listen, set, svg, timer, typeset, watchWidth, write } from "../core/dom";
import { exportMenu } from "../core/exporting";
import { cost, KINDS, type Kind, problem, type Settings } from "../math/counting";
import { counted } from "../math/units";
import { cards } from "./cards";
import { connections } from "./connections";
import { isUnit, type Point } from "./geometry";
import { numbers } from "./numbers";
import { panel } from "./panel";
import { isKnown, predictions, topicOf } from "./predict";
import { scale } from "./scale";
import { TRAITS, type Traits } from "./traits";
import { capital, formula, reason, size, TITLES, unitWords } from "./words";

const HINT = "Point at a hidden unit, or press the arrow keys on one: it shows what it reads.";

function render({ model, el }: { model: Model; el: HTMLElement }): () => void {
  const abort = new AbortController();
  const { signal } = abort;
  const speech = timer(signal);
  const { state, set: change } = bridge<Traits>(model, TRAITS, signal, refresh, () => {});
  let spoken = "";
  let hovered: Point | null = null;

  const root = html("div.stepgrad.sg-counter", {
    tabindex: -1,
    role: "group",
    "aria-label": "Parameter counter",
    "data-lm-suppress-shortcuts": "true",
  });
  const settings = panel(
    {
      propose(changes, release) {
        const wrong = problem({ ...state, ...changes });
        if (!wrong) go(changes, release);
        return wrong;
      },
    },
    signal,
  );
  const layers = cards((layer) => go({ layer, unit: [] }), signal);
  const net = connections(
    {
      select: (unit) => go({ unit }),
      hover(over) {
        hovered = over;
        read(state);
      },
    },
    signal,
  );
  const bars = scale((measure) => go({ measure }), signal);
  const table = numbers(signal);
  const questions = predictions(
    {
      record(answer) {
        const answers = [...state.answers, answer];
        const open = KINDS.find((kind) => !isKnown(answers, answer.about, kind));
        go({ answers, layer: open ?? state.layer });
      },
      leave: () => layers.element.querySelector<HTMLElement>("[aria-pressed=true]")?.focus(),
    },
    signal,
  );
  const predict = set(
    button("Predict", "Predict", signal, () => go({ predict: !state.predict, layer: KINDS[0] })),
    { title: "Predict the counts before they are shown" },
  );
  const menu = exportMenu(
    { what: "Picture", name: () => `parameters-${state.layer}`, drawing: picture, texts: { "Counts as text": asText } },
    signal,
  );
  const equation = html("div");
  const why = html("p");
  const large = html("p.sg-large");
  const unit = html("p.sg-say.sg-unitsaid");
  const readout = html("div.sg-read", equation, why);
  const live = html("div.sg-sr", { "aria-live": "polite" });
  const [sizes, smalls, message] = settings.parts;
  const top = html("div.sg-row.sg-top", smalls, html("div.sg-row", predict, menu));
  const left = html("div.sg-left", net.element, unit);
  const right = html("div", bars.element, large);
  const main = html("div.sg-main", left, right);
  root.append(sizes, top, message, questions.element, layers.element, readout, main, table.element, live);

  listen(root, "keyup", () => change({}, true), signal);
  listen(root, "pointerup", () => change({}, true), signal);
  // JupyterLab's single-key shortcuts match a focused element before they look at data-lm-suppress-shortcuts above it.
  listen(
    root,
    "keydown",
    (event) => !(event.altKey || event.ctrlKey || event.metaKey) && event.stopPropagation(),
    signal,
  );
  watchWidth(root, signal, (width) =>
    set(root, { "data-size": width >= 760 ? "large" : width < 520 ? "small" : "medium" }),
  );
  el.append(root);
  refresh();
  return () => {
    abort.abort();
    root.remove();
  };

  /** Change traits; the next frame shows it. */
  function go(changes: Partial<Traits>, release = true): void {
    change(changes, release);
  }

  function offers(name: string): boolean {
    return !state.controls.length || state.controls.includes(name);
  }

  function known(kind: Kind): boolean {
    return !state.predict || isKnown(state.answers, topicOf(state), kind);
  }

  function refresh(): void {
    if (signal.aborted) return;
    // What Python or another page has set may not fit: the last good picture stays.
    if (problem(state)) return;
    const { layer, measure, _facts: facts } = state;
    settings.update(state);
    questions.update(state, state.predict, state.answers);
    layers.update(state, layer, known);
    net.update(layer, state, state.unit);
    bars.update(state, facts, layer, measure, known);
    table.update(state, facts, layer, known);
    set(predict, { "aria-pressed": `${state.predict}` });
    sizes.hidden = smalls.hidden = !offers("settings");
    layers.element.hidden = !offers("layers");
    left.hidden = !offers("connections");
    bars.element.hidden = !offers("scale");
    large.hidden = !offers("formula") || !known(layer);
    right.hidden = bars.element.hidden && large.hidden;
    main.hidden = left.hidden && right.hidden;
    table.element.hidden = !offers("table");
    predict.hidden = !offers("predict");
    menu.hidden = !offers("export");
    top.hidden = smalls.hidden && predict.hidden && menu.hidden;
    readout.hidden = !offers("formula") || !known(layer);
    read(state);
  }

  function read(now: Settings): void {
    const { layer, unit: chosen, _facts: facts } = state;
    const parts = formula(layer, now);
    while (equation.children.length > parts.length) equation.lastChild?.remove();
    parts.forEach((part, i) => void typeset(equation.children[i] ?? equation.appendChild(html("span")), part));
    set(readout, { "data-count": `${cost(layer, now).parameters}` });
    write(why, reason(layer, now));
    write(large, size(layer, now, facts));
    const words = (place: Point) => isUnit(layer, now, place) && unitWords(layer, now, ...place);
    const own = chosen.length === 2 && words(chosen as unknown as Point);
    write(unit, (hovered && words(hovered)) || own || HINT);
    const counts = known(layer) ? `${counted(cost(layer, now).parameters)} parameters. ${why.textContent}` : "";
    const sentence = `${capital(TITLES[layer])}: ${own || counts}`;
    // The first picture is there to be read; what changes is told.
    if (spoken && spoken !== sentence) speech(() => write(live, sentence), 250);
    spoken = sentence;
  }

  function asText(): string {
    return KINDS.filter(known)
      .map((kind) => `${capital(TITLES[kind])}: ${counted(cost(kind, state).parameters)} parameters`)
      .join("\n");
  }

  /** Connections and scale, side by side or one below the other as they stand here. */
  function picture(): SVGSVGElement {
    const [net_, bars_] = [net.snapshot(), bars.snapshot()];
    const beside = root.dataset.size === "large";
    const gap = 24;
    const width = beside ? net_.width + gap + bars_.width : Math.max(net_.width, bars_.width);
    const height = beside ? Math.max(net_.height, bars_.height) : net_.height + gap + bars_.height;
    set(bars_.drawing, beside ? { x: net_.width + gap } : { y: net_.height + gap });
    const page = getComputedStyle(root).backgroundColor;
    return svg(
      "svg",
      { xmlns: "http://www.w3.org/2000/svg", width, height, viewBox: `0 0 ${width} ${height}` },
      svg("rect", { width, height, fill: page }),
      net_.drawing,
      bars_.drawing,
    );
  }
}

export default { render };
