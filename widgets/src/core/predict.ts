/** Predict, then see: a question, a field, and three ways on. What is right and what is said comes from the widget. */

import { button, html, listen, set, typeset, write } from "./dom";
import { typedNumber } from "./slider";

export interface Question {
  key: string;
  /** MathML of what is asked for. */
  math: string;
  words: string;
}

export function predictBox(
  actions: { check(answer: number): void; skip(): void; reveal(): void },
  signal: AbortSignal,
) {
  const quantity = html("span");
  const field = html("input", { type: "text", inputmode: "decimal", autocomplete: "off" });
  const feedback = html("p.sg-say", { role: "status" });
  const check = () => {
    const answer = typedNumber(field.value);
    if (Number.isNaN(answer)) say("Type a number, such as −0.42.", "wrong");
    else actions.check(answer);
    field.focus();
  };
  const form = html(
    "div.sg-row",
    html("span", "What will ", quantity, " be?"),
    field,
    set(button("Check", "Check", signal, check), { class: "sg-go" }),
    button("Skip", "Skip", signal, actions.skip),
    button("Reveal", "Reveal", signal, actions.reveal),
  );
  const say = (message: string, kind = "") => {
    write(feedback, message);
    set(feedback, { class: `sg-say ${kind}` });
  };
  let asked = "";
  listen(field, "keydown", ({ key }) => key === "Enter" && check(), signal);
  return {
    element: html("div.sg-predict", { role: "group", "aria-label": "Predict" }, form, feedback),
    say,
    ask(question: Question | null) {
      form.hidden = !question;
      if (!question || question.key === asked) return;
      asked = question.key;
      typeset(quantity, question.math);
      set(field, { "aria-label": question.words });
      field.value = "";
    },
    focus: () => field.focus(),
  };
}
