/** The function as text: typed in one line, with the pieces that made each node lit behind the letters. */

import { type CodePiece, pieceAt } from "../core/code_view";
import { html, listen, set, write } from "../core/dom";
import type { Graph } from "../math";

/** Every place of the code that a node stands for; inputs wherever their names are read. */
export function pieces(graph: Graph): CodePiece[] {
  const found: CodePiece[] = graph.nodes.flatMap((node) => (node.span ? [{ id: node.label, ...node.span }] : []));
  const names = new Set(graph.inputs);
  graph.code?.text.split("\n").forEach((line, i) => {
    for (const word of line.matchAll(/[\p{L}_][\p{L}\p{N}_]*/gu))
      if (names.has(word[0]) && line[word.index - 1] !== ".")
        found.push({ id: word[0], line: i + 1, start: word.index, end: word.index + word[0].length });
  });
  return found;
}

export interface ExpressionBox {
  element: HTMLElement;
  /** Show a text and its pieces; what is being typed stays. */
  update(text: string, parts: readonly CodePiece[], lines: HTMLElement[]): void;
  /** Show what is wrong with the text last sent, and where; `null` takes it away. */
  complain(error: { message: string; column: number | null; expression: string } | null): void;
}

export function expressionBox(
  name: string,
  signal: AbortSignal,
  commit: (text: string) => void,
  over: (node: string | null) => void,
): ExpressionBox {
  const behind = html("div", { class: "sg-behind", "aria-hidden": "true" });
  const field = html("input", {
    type: "text",
    spellcheck: "false",
    autocomplete: "off",
    autocapitalize: "off",
    maxlength: 2000,
    "aria-label": `Expression of ${name}`,
  });
  const where = html("pre", { "aria-hidden": "true" });
  const message = html("p");
  const error = html("div", { class: "sg-error", role: "alert", hidden: true }, where, message);
  const element = html(
    "div",
    { class: "sg-expression" },
    html(
      "div",
      { class: "sg-field" },
      html("i", { "aria-hidden": "true" }, name),
      html("div", { class: "sg-code" }, behind, field),
    ),
    error,
  );
  let text = "";
  let sent = "";
  let parts: readonly CodePiece[] = [];

  const ready = () => {
    behind.hidden = field.value !== text;
  };
  const send = () => {
    const typed = field.value.trim();
    if (!typed) field.value = text;
    else if (typed !== text && typed !== sent) {
      sent = typed;
      commit(typed);
    }
    ready();
  };
  listen(
    field,
    "input",
    () => {
      sent = "";
      error.hidden = true;
      ready();
    },
    signal,
  );
  listen(field, "blur", send, signal);
  listen(
    field,
    "keydown",
    (event) => {
      if (event.key === "Enter") send();
      else if (event.key === "Escape") {
        field.value = text;
        error.hidden = true;
        ready();
      }
    },
    signal,
  );
  listen(
    field,
    "scroll",
    () => {
      behind.style.transform = `translateX(${-field.scrollLeft}px)`;
    },
    signal,
  );
  listen(
    field,
    "pointermove",
    (event) => {
      event.stopPropagation();
      if (behind.hidden || !text) return;
      const box = behind.getBoundingClientRect();
      over(pieceAt(parts, 1, Math.floor(((event.clientX - box.left) / box.width) * text.length)));
    },
    signal,
  );
  // The field holds no pieces itself: the pointer's place in the text says which is meant.
  listen(field, "pointerover", (event) => event.stopPropagation(), signal);
  listen(field, "pointerleave", () => over(null), signal);

  return {
    element,
    update(next, places, lines) {
      if (document.activeElement !== field || field.value === text || field.value.trim() === next) field.value = next;
      if (next !== text) sent = "";
      text = next;
      parts = places;
      behind.replaceChildren(...lines);
      ready();
    },
    complain(wrong) {
      error.hidden = !wrong;
      set(field, { "aria-invalid": wrong && "true" });
      if (!wrong) return;
      write(message, wrong.message);
      where.hidden = wrong.column == null;
      write(where, `${wrong.expression}\n${" ".repeat(wrong.column ?? 0)}^`);
    },
  };
}
