/** JacobianInspector: a window into a Jacobian of any size, from all of it down to single numbers. */

import { bridge, type Model } from "../core/bridge";
import { button, html, listen, set, timer, typeset, watchWidth, write } from "../core/dom";
import { exportMenu } from "../core/exporting";
import { numberField } from "../core/slider";
import { cell, type Jacobian, readJacobian } from "../math/forms";
import { chainView } from "./chain_view";
import { facts } from "./facts";
import { matrixView } from "./matrix_view";
import { networkView } from "./network";
import type { CellAt } from "./painter";
import { picker } from "./picker";
import { predictions } from "./predict";
import { type Answer, type Choice, TRAITS, type Traits } from "./traits";
import { cellMath, cellWords, symbolText } from "./words";

/** How long the kernel may be silent before the page says so. */
const PATIENCE = 5000;
const SILENCE = "The kernel does not answer: it is busy, or this cell has to be run again. All else works without it.";

function render({ model, el }: { model: Model; el: HTMLElement }): () => void {
  const abort = new AbortController();
  const { signal } = abort;
  const patience = timer(signal);
  const speech = timer(signal);
  const asking = timer(signal);
  let jacobian: Jacobian | undefined;
  let drawn: Partial<Traits> = {};
  let asked = "";
  let hovered: CellAt | null = null;
  /** The exact value of a cell, where the document has it rounded. */
  let told: { row?: number; column?: number; value?: number; id?: string } = {};

  const { state, set: change } = bridge<Traits>(model, TRAITS, signal, refresh, hear);

  const root = html("div.stepgrad.sg-jacobian", {
    tabindex: -1,
    role: "group",
    "aria-label": "Jacobian inspector",
    "data-lm-suppress-shortcuts": "true",
  });
  const layers = picker(signal, request);
  const predict = set(
    button("Predict", "Predict", signal, () => change({ predict: !state.predict }, true)),
    { title: "Predict what it looks like before it is shown" },
  );
  const matrix = matrixView(
    {
      look: (view) => change({ view }),
      select: (row, column) => change({ selected: [row, column] }),
      hover(at) {
        hovered = at;
        read();
      },
    },
    signal,
  );
  const chain = chainView(signal, (order) => change({ order }, true));
  const network = networkView(signal, select);
  const questions = predictions(signal, answer, () => matrix.focus());
  const menu = exportMenu(
    {
      what: "View",
      name: () => `jacobian-${state.layer || "inspector"}`,
      drawing: matrix.snapshot,
      texts: { "Cell as text": () => said.textContent ?? "" },
    },
    signal,
  );
  const notice = html("p.sg-say", { role: "status" });
  const formula = html("div");
  const said = html("p.sg-say");
  const live = html("div.sg-sr", { "aria-live": "polite" });
  const rowField = numberField("Row", signal, (row) => select(row, state.selected[1] ?? 0));
  const columnField = numberField("Column", signal, (column) => select(state.selected[0] ?? 0, column));
  const places = html(
    "div.sg-row.sg-goto",
    html("label.sg-row", html("span", "row", { "aria-hidden": "true" }), rowField.element),
    html("label.sg-row", html("span", "column", { "aria-hidden": "true" }), columnField.element),
  );
  const readout = html("div.sg-row.sg-read", formula, said);
  matrix.under.firstElementChild?.after(places);
  const [list, memory, times] = [html("div"), html("div"), html("div")];
  const map = html("div.sg-mapbox", matrix.map);
  const side = html("div.sg-side", html("div.sg-what", list, map), memory, times, network.element);
  const main = html("div.sg-main", matrix.element, side);
  const top = html("div.sg-row.sg-top", layers.element, predict, menu);
  const body = [top, notice, questions.element, main, readout, chain.element, live];

  listen(root, "keyup", () => change({}, true), signal);
  listen(root, "pointerup", () => change({}, true), signal);
  watchWidth(root, signal, (width) =>
    set(root, { "data-size": width >= 760 ? "large" : width < 520 ? "small" : "medium" }),
  );
  el.append(root);
  refresh();
  return () => {
    abort.abort();
    root.remove();
  };

  // What the kernel is asked, and what it answers.

  function request(choice: Choice): void {
    asked = Math.random().toString(36);
    change({ _request: { kind: "layer", id: asked, ...choice } }, true);
    layers.complain("");
    set(root, { "aria-busy": "true" });
    write(notice, "Asking the kernel for this Jacobian …");
    patience(() => {
      write(notice, SILENCE);
      set(root, { "aria-busy": null });
    }, PATIENCE);
  }

  function settle(): void {
    patience();
    write(notice, "");
    set(root, { "aria-busy": null });
  }

  function hear(name: string): void {
    if (name === "_header") settle();
    if (name !== "_answer") return;
    const { id, message } = state._answer;
    if (id && id === asked) {
      settle();
      layers.complain(message ?? "");
    } else if (id && id === told.id) told = { ...told, ...state._answer };
  }

  /** Ask for what the document has rounded, once the cell is settled on. */
  function exactly(row: number, column: number): void {
    if (!jacobian || jacobian.header.exact || (told.row === row && told.column === column)) return;
    asking(() => {
      const id = Math.random().toString(36);
      told = { id };
      change({ _request: { kind: "cell", id, row, column } }, true);
    }, 200);
  }

  // What the learner does.

  function select(row: number, column: number): void {
    if (!jacobian) return;
    const kept = (n: number, count: number) => Math.max(0, Math.min(count - 1, Math.round(n)));
    const at = [kept(row, jacobian.rows), kept(column, jacobian.columns)] as const;
    change({ selected: at }, true);
    matrix.follow(at);
  }

  /** Which Jacobian predictions are of. */
  function about(): string {
    const { layer, size, batch, expression, _header: header } = state;
    return [layer, expression, size, batch, header.rows, header.columns].filter(Boolean).join(" ");
  }

  function answer(given: Omit<Answer, "about">): void {
    change({ answers: [...state.answers, { ...given, about: about() }] }, true);
  }

  // What is shown.

  function refresh(): void {
    if (signal.aborted) return;
    if (drawn._header !== state._header || drawn._buffers !== state._buffers) {
      const made = readJacobian(state._header, state._buffers);
      if (typeof made !== "string") jacobian = made;
      else if (!jacobian) root.replaceChildren(made);
    }
    if (!jacobian) return;
    if (!drawn._header) root.replaceChildren(...body);
    const fresh = drawn._header !== state._header || drawn._facts !== state._facts;
    if (fresh) {
      const parts = facts(jacobian, state._facts);
      list.replaceChildren(parts.list);
      memory.replaceChildren(parts.memory);
      times.replaceChildren(...(parts.speed ? [parts.speed] : []));
      told = {};
      hovered = null;
    }
    if (fresh || drawn.selected !== state.selected) {
      const { selected } = state;
      network.element.hidden = !offers("network") || selected.length < 2;
      if (selected.length === 2 && offers("network")) network.update(jacobian, selected);
      rowField.update(selected[0] ?? 0);
      columnField.update(selected[1] ?? 0);
    }
    if (fresh || drawn.order !== state.order || drawn.controls !== state.controls)
      chain.element.hidden = !chain.update(jacobian, state.order) || !offers("chain");
    const chosen = (["layers", "layer", "size", "batch", "expression"] as const).some(
      (name) => drawn[name] !== state[name],
    );
    if (chosen) layers.update(state);
    if (
      fresh ||
      chosen ||
      drawn.predict !== state.predict ||
      drawn.answers !== state.answers ||
      drawn.controls !== state.controls
    )
      arrange(jacobian);
    if (fresh || drawn.selected !== state.selected || drawn._answer !== state._answer) read();
    matrix.update(jacobian, state.view, state.selected);
    drawn = { ...state };
  }

  function offers(name: string): boolean {
    return !state.controls.length || state.controls.includes(name);
  }

  function arrange(shown: Jacobian): void {
    const asks = state.predict && questions.update(shown, state._facts, state.answers, about());
    if (!state.predict) questions.element.hidden = true;
    set(predict, { "aria-pressed": `${state.predict}` });
    main.hidden = readout.hidden = asks;
    if (asks) chain.element.hidden = true;
    else chain.element.hidden = !chain.update(shown, state.order) || !offers("chain");
    layers.element.hidden = !state.layers.length || !offers("layers");
    predict.hidden = !offers("predict");
    menu.hidden = !offers("export") || asks;
    list.hidden = !offers("facts");
    memory.hidden = !offers("memory");
    times.hidden = !offers("times");
    map.hidden = !offers("map");
    side.hidden = [...side.children].every((each) => (each as HTMLElement).hidden) && list.hidden && map.hidden;
  }

  /** Tell the cell under the pointer, or the selected one. */
  function read(): void {
    if (!jacobian) return;
    const [row, column] = hovered ?? state.selected;
    if (row === undefined || column === undefined || row >= jacobian.rows || column >= jacobian.columns) {
      formula.replaceChildren();
      write(said, "Point at a cell, or press the arrow keys in the matrix: it says its value, what it is, and why.");
      return;
    }
    const found = cell(jacobian, row, column);
    const known = told.row === row && told.column === column ? told.value : undefined;
    const value = known ?? found.value;
    exactly(row, column);
    const exact =
      jacobian.header.exact || known !== undefined ? `${value}`.replace("-", "−") : `about ${+value.toPrecision(7)}`;
    const pieces = cellMath(jacobian, row, column, { ...found, value });
    formula.replaceChildren(...pieces.map((piece) => typeset(html("span"), piece)));
    const words = cellWords(jacobian, row, column, { ...found, value }, state._facts, exact);
    write(said, words);
    set(said, { "data-exact": exact });
    const { output, input } = jacobian.header;
    const sentence = `∂${symbolText(output, row)}/∂${symbolText(input, column)} = ${exact}. ${words}`;
    // What is under the pointer is seen anyway; what keys select is told.
    if (!hovered) speech(() => write(live, sentence), 150);
  }
}

export default { render };
