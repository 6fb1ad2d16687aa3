/** Predict, then see: a question, a field, and three ways on. What is right and what is said comes from the widget. */

import { button, html, listen, named, set, typeset, write } from "./dom";
import { typedNumber } from "./slider";

export interface Question {
  /** MathML of what is asked for. */
  math: string;
  words: string;
}

export function predictBox(
  actions: {
    check(answer: number): void;
    skip(): void;
    reveal(): void;
    /** Nothing is asked any more: take the focus. */
    leave(): void;
  },
  signal: AbortSignal,
) {
  const quantity = html("span");
  const field = html("input", { type: "text", inputmode: "decimal", autocomplete: "off" });
  const feedback = html("p.sg-say", { role: "status" });
  const check = () => {
    const answer = typedNumber(field.value);
    if (!Number.isFinite(answer)) say("Type a number, such as −0.42.", "wrong");
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
  /** Feedback stays as long as what it is about. */
  const say = (message: string, kind = "", about = asked) => {
    told = about;
    write(feedback, message);
    set(feedback, { class: `sg-say ${kind}` });
  };
  let [asked, told] = ["", ""];
  listen(field, "keydown", ({ key }) => key === "Enter" && check(), signal);
  const element = html("div.sg-predict", named("Predict"), form, feedback);
  return {
    element,
    say,
    /** Ask, or ask nothing. Where `about` differs, so does the question. */
    ask(question: Question | null, about: string) {
      if (!question && form.matches(":focus-within")) actions.leave();
      form.hidden = !question;
      if (told !== about) say("", "", about);
      element.hidden = !question && !feedback.textContent;
      if (asked !== about) field.value = "";
      asked = about;
      if (!question) return;
      typeset(quantity, question.math);
      set(field, { "aria-label": question.words });
    },
    focus: () => field.focus(),
  };
}
