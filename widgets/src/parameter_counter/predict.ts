/** Predict, then see: the power of ten of each count. */

import { button, html, listen, named, set, write } from "../core/dom";
import { by, cost, isClose, KINDS, type Kind, mistake, type Settings, typedCount } from "../math/counting";
import { counted } from "../math/units";
import type { Answer } from "./traits";
import { TITLES } from "./words";

/** What the settings are, in a line: predictions are of them. */
export const topicOf = ({ image, channels, hidden, field, filters, stride, padding, bias }: Settings) =>
  `${by([...image, channels])}, ${hidden} units, ${by(field)}, ${filters} filters, stride ${stride}, padding ${padding}${bias ? ", biases" : ""}`;

/** A count for a grader: text where a number would lose digits. */
const kept = (n: bigint) => (n <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(n) : `${n}`);

export const isKnown = (answers: readonly Answer[], topic: string, kind: Kind) =>
  answers.some((each) => each.about === topic && each.question === kind && (each.correct || each.skipped));

export function predictions(actions: { record(answer: Answer): void; leave(): void }, signal: AbortSignal) {
  const words = html("p");
  const field = html("input", { type: "text", inputmode: "decimal", autocomplete: "off", "aria-label": "Parameters" });
  const feedback = html("p.sg-say", { role: "status" });
  const form = html(
    "div.sg-row",
    field,
    html("span", "parameters"),
    set(button("Check", "Check", signal, judge), { class: "sg-go" }),
    button("Skip", "Skip", signal, () => answer(null, false)),
  );
  const element = html("div.sg-predict", named("Predict"), words, form, feedback);
  let settings: Settings;
  let asked: Kind | undefined;
  let topic = "";

  const say = (text: string, kind = "") => {
    write(feedback, text);
    set(feedback, { class: `sg-say ${kind}` });
  };

  function answer(value: number | null, correct: boolean): void {
    if (!asked) return;
    const { parameters } = cost(asked, settings);
    if (correct) say(`✓ Right: ${counted(parameters)}.`, "right");
    if (value === null) say(`The ${TITLES[asked]} layer has ${counted(parameters)}.`);
    const entry = { question: asked, about: topic, answer: value, expected: kept(parameters), correct };
    actions.record({ ...entry, skipped: value === null });
  }

  function judge(): void {
    if (!asked) return;
    const guess = typedCount(field.value);
    if (!(guess > 0 && guess < Number.POSITIVE_INFINITY)) {
      say("Type a number, such as 30000, 3e4, 3·10^4, or a product such as 30·40·25.", "wrong");
      return;
    }
    const correct = isClose(guess, cost(asked, settings).parameters);
    if (!correct) say(`Not yet. ${mistake(asked, settings, guess)}`, "wrong");
    answer(guess, correct);
  }
  listen(field, "keydown", ({ key }) => key === "Enter" && judge(), signal);

  function ask(kind: Kind): void {
    const { image, channels, hidden, field: size, filters } = settings;
    const numbers = channels > 1 ? ` and ${counted(channels)} channels` : "";
    const of: Record<Kind, string> = {
      fully_connected: `each of ${counted(hidden)} hidden units reads all of an image of ${by(image)} pixels${numbers}`,
      locally_connected: `each of the ${counted(hidden)} hidden units reads its own field of ${by(size)} pixels${numbers} alone`,
      convolutional: `${counted(filters)} filter${filters > 1 ? "s" : ""} of ${by(size)} pixels${numbers}, and every place of the image uses the same`,
    };
    write(
      words,
      `Predict ${KINDS.indexOf(kind) + 1} of ${KINDS.length}. ${TITLES[kind].replace(/^./, (c) => c.toUpperCase())}: ${of[kind]}. How many parameters${settings.bias ? ", biases included" : ""}? The power of ten is enough.`,
    );
    field.value = "";
  }

  return {
    element,
    /** Ask what is still to be asked; which layer that is of, if any. */
    update(next: Settings, active: boolean, answers: readonly Answer[]): Kind | undefined {
      settings = next;
      const about = topicOf(next);
      const open = active ? KINDS.find((kind) => !isKnown(answers, about, kind)) : undefined;
      if (!active || (topic && topic !== about)) say("");
      if (open && (open !== asked || topic !== about)) ask(open);
      const inside = element.contains(signal.aborted ? null : document.activeElement);
      if (asked && !open && inside) actions.leave();
      else if (inside && open !== asked) field.focus();
      asked = open;
      topic = about;
      form.hidden = words.hidden = !open;
      element.hidden = !open && !feedback.textContent;
      return open;
    },
  };
}
