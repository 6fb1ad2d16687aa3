/** The function as text: typed in one line, with the pieces that made each node lit behind the letters. */

import { type CodePiece, codeLines, pieceAt } from "../core/code_view";
import { html, listen, set, write } from "../core/dom";
import type { Graph } from "../math";
import type { TraceError } from "./traits";

/** Every place of the code that a node stands for; inputs wherever their names are read. */
export function pieces({ nodes, inputs, code }: Graph): CodePiece[] {
  const found: CodePiece[] = nodes.flatMap(({ label, span }) => (span ? [{ id: label, ...span }] : []));
  code?.text.split("\n").forEach((line, i) => {
    for (const { 0: word, index } of line.matchAll(/(?<![.\w])[\p{L}_][\p{L}\d_]*/gu))
      if (inputs.includes(word)) found.push({ id: word, line: i + 1, start: index, end: index + word.length });
  });
  return found;
}

/** So much of a long text is shown on either side of what is wrong with it. */
const AROUND = 40;

export function expressionBox(signal: AbortSignal, commit: (text: string) => void, over: (node?: string) => void) {
  const behind = html("div.sg-behind", { "aria-hidden": "true" });
  const field = html("input", {
    type: "text",
    spellcheck: "false",
    autocomplete: "off",
    autocapitalize: "off",
    "aria-label": "Expression of f",
  });
  const where = html("pre");
  const message = html("p.sg-say.wrong");
  const error = html("div", { role: "alert", hidden: true }, where, message);
  let text = "";
  let sent = "";
  let parts: readonly CodePiece[] = [];

  /** The lit pieces are right only behind the text they were made from. */
  const typed = () => {
    behind.hidden = field.value !== text;
  };
  const send = () => {
    const now = field.value.trim();
    if (!now) field.value = text;
    else if (now !== text && now !== sent) {
      sent = now;
      commit(now);
    }
    typed();
  };
  listen(
    field,
    "input",
    () => {
      sent = "";
      error.hidden = true;
      typed();
    },
    signal,
  );
  listen(field, "blur", send, signal);
  listen(
    field,
    "keydown",
    ({ key }) => {
      if (key === "Escape") field.value = text;
      if (key === "Escape" || key === "Enter") send();
    },
    signal,
  );
  listen(
    field,
    "scroll",
    () => {
      behind.style.left = `${-field.scrollLeft}px`;
    },
    signal,
  );
  // The field holds no pieces itself: the pointer's place in the text says which is meant.
  listen(
    field,
    ["pointerover", "pointermove", "pointerleave"],
    (event) => {
      event.stopPropagation();
      const { x, width } = behind.getBoundingClientRect();
      const inside = width && event.type !== "pointerleave";
      over(inside ? pieceAt(parts, 1, Math.floor(((event.clientX - x) / width) * text.length)) : undefined);
    },
    signal,
  );

  return {
    element: html(
      "div.sg-expression",
      html("div.sg-row.sg-field", html("i", "f", { "aria-hidden": "true" }), html("div.sg-code", behind, field)),
      error,
    ),
    /** Show a text and its pieces; what is being typed stays. */
    update(next: string, places: readonly CodePiece[]) {
      if (document.activeElement !== field || field.value === text) field.value = next;
      text = next;
      sent = "";
      parts = places;
      behind.replaceChildren(...codeLines(text, parts));
      typed();
    },
    /** Show what is wrong with the text last sent, and where. */
    complain({ message: what = "", column, expression }: Partial<TraceError>) {
      error.hidden = !what;
      set(field, { "aria-invalid": !!what && "true" });
      write(message, what);
      where.hidden = column == null;
      const at = column ?? 0;
      const from = Math.max(0, at - AROUND);
      write(where, `${expression?.slice(from, at + AROUND)}\n${" ".repeat(at - from)}^`);
    },
  };
}
