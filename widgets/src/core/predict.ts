/** Predict, then see: a question, a field, and three ways on. What is right and what is said of it comes from the widget. */

import { button, html, listen, set, typeset, write } from "./dom";

export interface PredictActions {
  check(answer: number): void;
  skip(): void;
  reveal(): void;
}

export interface PredictBox {
  element: HTMLElement;
  /** Ask for a quantity (MathML and words); `null` when there is nothing to ask. */
  ask(question: { key: string; math: string; words: string } | null): void;
  say(message: string, kind: "right" | "wrong" | "plain"): void;
  focus(): void;
}

export function predictBox(actions: PredictActions, signal: AbortSignal): PredictBox {
  const quantity = html("span");
  const field = html("input", { type: "text", inputmode: "decimal", autocomplete: "off", size: 9 });
  const feedback = html("p", { class: "sg-say", role: "status" });
  const question = html("span", { class: "sg-ask" }, "What will ", quantity, " be?");
  const form = html(
    "div",
    { class: "sg-form" },
    question,
    field,
    button({ text: "Check" }, "Check", signal, () => check(), { class: "sg-go" }),
    button({ text: "Skip" }, "Skip", signal, actions.skip),
    button({ text: "Reveal" }, "Reveal", signal, actions.reveal),
  );
  const element = html("div", { class: "sg-predict", role: "group", "aria-label": "Predict" }, form, feedback);
  let asked = "";

  const say = (message: string, kind: string) => {
    write(feedback, message);
    set(feedback, { class: `sg-say ${kind}` });
    set(field, { "aria-invalid": kind === "wrong" && "true" });
  };
  const check = () => {
    const typed = field.value.trim().replace(",", ".").replace("−", "-");
    const answer = typed === "" ? Number.NaN : Number(typed);
    if (Number.isNaN(answer)) say("Type a number, such as −0.42.", "wrong");
    else actions.check(answer);
    field.focus();
  };
  listen(
    field,
    "keydown",
    (event) => {
      if (event.key === "Enter") check();
    },
    signal,
  );

  return {
    element,
    say,
    ask(next) {
      form.hidden = !next;
      if (!next || next.key === asked) return;
      asked = next.key;
      typeset(quantity, next.math);
      set(field, { "aria-label": next.words });
      field.value = "";
    },
    focus: () => (form.hidden ? undefined : field.focus()),
  };
}
