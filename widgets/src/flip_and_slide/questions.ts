/** Predict, then see: where what comes out begins and ends, which curve it is, and its value at each place. */

import { button, html, listen, named, set, svg, write } from "../core/dom";
import { predictBox } from "../core/predict";
import { typedNumber } from "../core/slider";
import { labelMathml } from "../math/notation";
import {
  at,
  type Curve,
  convolve,
  endless,
  farthest,
  mirrored,
  OWN,
  outputAt,
  placeOf,
  type Slide,
  supportOfOutput,
} from "../math/signals";
import { path, scale } from "./axes";
import { type Diagnosis, diagnoseSupport, diagnoseValue } from "./diagnose";
import { type Answer, placeAt, SLIDING, type Traits, topicOf } from "./traits";
import { shown } from "./words";

type Question = Answer["question"];

interface Choice {
  curve: Curve;
  kind: string;
  /** Why it is not the one. */
  wrong: string;
}

const passed = (answers: readonly Answer[], question: Question, about: string) =>
  answers.some((each) => each.question === question && each.about === about && (each.correct || each.skipped));

/** The part of a curve that a picture shows: an exponential never ends. */
function seen({ input, kernel, kind }: Slide, { step, first, values }: Curve): Curve {
  if (kind === "discrete") return { step, first, values };
  const wide = Math.max(...kernel.shown.map(Math.abs));
  const [low, high] = [input.shown[0] - wide, input.shown[1] + wide].map((t) => Math.round(t / step)) as [
    number,
    number,
  ];
  const start = Math.max(0, low - first);
  return { step, first: first + start, values: values.slice(start, Math.max(start + 1, high - first + 1)) };
}

/** The curves to choose from, in an order that tells nothing. */
export function choices(found: Slide): Choice[] {
  const { input, kernel, flip, output } = found;
  // A little more of a function, so that a jump at its beginning is seen.
  const around = found.kind === "continuous" ? 10 : 0;
  const [lowest, highest] = [output.first - around, output.first + output.values.length + around];
  const over = (of: (i: number) => number): Curve => ({
    step: output.step,
    first: lowest,
    values: Array.from({ length: highest - lowest }, (_, k) => of(lowest + k)),
  });
  const other = convolve(input, flip ? mirrored(kernel) : kernel);
  const all: Choice[] = [
    { curve: output, kind: "right", wrong: "" },
    {
      curve: other,
      kind: flip ? "not_flipped" : "flipped",
      wrong: flip
        ? "That is the cross-correlation: the kernel was not turned round."
        : "That is the convolution: the kernel was turned round.",
    },
    {
      curve: over((i) => at(input, i) * at(kernel, i)),
      kind: "product",
      wrong: "That is the product of x and w as they stand, at every place by itself: nothing slides.",
    },
    {
      curve: over((i) => at(input, i)),
      kind: "signal",
      wrong: "That is x itself: the kernel would have to be a single 1.",
    },
    {
      curve: over((i) => at(input, i) + at(kernel, i)),
      kind: "sum",
      wrong: "That is the sum of x and w, with nothing multiplied.",
    },
  ];
  for (const each of all) each.curve = seen(found, each.curve);
  const size = (curve: Curve) => Math.max(...curve.values.map(Math.abs));
  const distinct = all.filter(
    ({ curve }, i) =>
      (!i || size(curve) > 1e-6) &&
      all.slice(0, i).every((before) => farthest(before.curve, curve) > 0.02 * size(before.curve)),
  );
  // By the middle of each curve, so that the right one has no place of its own.
  const key = ({ curve, kind }: Choice) => (curve.values[curve.values.length >> 1] ?? 0) + kind.length * 0.37;
  return distinct.slice(0, 4).sort((a, b) => (key(a) % 1) - (key(b) % 1));
}

/** The questions before anything is shown. */
function openFirst(found: Slide, traits: Traits): Question | null {
  const { predict, answers, signal, kernel } = traits;
  if (!predict) return null;
  const about = topicOf(traits);
  const asked: Question[] = [];
  if (!endless(signal) && !endless(kernel) && supportOfOutput(found)) asked.push("support");
  if (choices(found).length > 1) asked.push("shape");
  return asked.find((each) => !passed(answers, each, about)) ?? null;
}

const aboutPlace = (found: Slide, traits: Traits, place: number) => `${topicOf(traits)} at ${placeOf(found, place)}`;

/** Whether the sum at a position is still to be predicted. */
export function openValue(found: Slide, traits: Traits, position = traits.position): boolean {
  if (!traits.predict || traits.kind !== "discrete" || position < SLIDING - 1) return false;
  return !passed(traits.answers, "value", aboutPlace(found, traits, placeAt(found, position)));
}

/** How far one may go from a position before a question stands in the way. */
export function reach(found: Slide, traits: Traits, from: number, to: number): number {
  for (let position = from; position < to; position++) if (openValue(found, traits, position)) return position;
  return to;
}

export function questions(record: (answer: Answer, go: boolean) => void, leave: () => void, signal: AbortSignal) {
  const words = html("p");
  const field = (label: string) =>
    html("input", { type: "text", inputmode: "decimal", autocomplete: "off", "aria-label": label });
  const [start, end] = [field("Begins at"), field("Ends at")];
  const form = html("div.sg-row");
  const feedback = html("p.sg-say", { role: "status" });
  const box = html("div.sg-predict", named("Predict"), words, form, feedback);
  const number = predictBox({ check: judgeValue, skip: () => pass(true), reveal: () => pass(false), leave }, signal);
  const curves = html("div.sg-row.sg-curves", named("Curves"));
  let found: Slide;
  let traits: Traits;
  let asked: Question | null = null;
  let about = "";
  let offered: Choice[] = [];

  const say = (message: string, kind = ""): void => {
    write(feedback, message);
    set(feedback, { class: `sg-say ${kind}` });
  };
  const answered = (question: Question, answer: unknown, expected: unknown, { correct, kind }: Diagnosis): Answer => ({
    question,
    about: question === "value" ? aboutPlace(found, traits, placeAt(found, traits.position)) : topicOf(traits),
    answer,
    expected,
    correct,
    skipped: kind === "skipped" || kind === "revealed",
    kind,
  });
  const skipped = { correct: false, kind: "skipped", message: "" };

  function judgeSupport(): void {
    const [a, b] = [typedNumber(start.value), typedNumber(end.value)];
    if (!Number.isFinite(a) || !Number.isFinite(b)) {
      say("Type two numbers: where it begins, where it ends.", "wrong");
      return;
    }
    const told = diagnoseSupport(found, a, b);
    say(told.message, told.correct ? "right" : "wrong");
    record(answered("support", [a, b], supportOfOutput(found), told), false);
  }
  function judgeShape(choice: Choice): void {
    const correct = choice.kind === "right";
    say(correct ? "✓ Right: that is y." : choice.wrong, correct ? "right" : "wrong");
    record(answered("shape", choice.kind, "right", { correct, kind: choice.kind, message: "" }), false);
  }
  function judgeValue(answer: number): void {
    const place = placeAt(found, traits.position);
    const told = diagnoseValue(found, place, answer);
    record(answered("value", answer, outputAt(found, place), told), false);
    number.say(told.message, told.correct ? "right" : "wrong", topicOfValue());
  }
  function pass(go: boolean): void {
    const expected = outputAt(found, placeAt(found, traits.position));
    record(answered("value", null, expected, { ...skipped, kind: go ? "skipped" : "revealed" }), go);
    if (!go) number.say(`It is ${shown(expected)}.`, "", topicOfValue());
  }
  const topicOfValue = () => aboutPlace(found, traits, placeAt(found, traits.position));
  function skip(): void {
    say("");
    if (asked) record(answered(asked, null, asked === "support" ? supportOfOutput(found) : "right", skipped), false);
  }
  for (const input of [start, end]) listen(input, "keydown", ({ key }) => key === "Enter" && judgeSupport(), signal);
  const check = set(button("Check", "Check", signal, judgeSupport), { class: "sg-go" });
  const next = button("Skip", "Skip", signal, skip);

  /** A curve as a small picture, the same axes for all of them. */
  function picture(choice: Choice, name: string): HTMLElement {
    const { curve } = choice;
    const ends = offered.flatMap(({ curve: { first, values, step } }) => [
      first * step,
      (first + values.length) * step,
    ]);
    const values = offered.flatMap((each) => [Math.min(0, ...each.curve.values), Math.max(0, ...each.curve.values)]);
    const across = scale(Math.min(...ends), Math.max(...ends), 6, 144);
    const down = scale(Math.min(...values), Math.max(...values), 66, 8);
    const points = curve.values.map((value, i): [number, number] => [
      across((curve.first + i) * curve.step),
      down(value),
    ]);
    const stems = points.map(([x, y]) => `M${x} ${down(0)}V${y}m-3 0h6`).join("");
    const top = curve.values.reduce((best, value, i) => (value > curve.values[best]! ? i : best), 0);
    const told = `largest ${shown(curve.values[top]!)} at ${shown((curve.first + top) * curve.step)}, smallest ${shown(Math.min(...curve.values))}`;
    return set(
      button(
        svg(
          "svg",
          { width: 150, height: 74, "aria-hidden": "true" },
          svg("path.sg-axis", { d: `M6 ${down(0)}H144M${across(0)} 8V66` }),
          svg("path.sg-y", { d: curve.step < 1 ? path(points) : stems }),
          svg("text.sg-mark", { x: 8, y: 14 }, name),
        ),
        `Curve ${name}`,
        signal,
        () => judgeShape(choice),
      ),
      { "aria-label": `Curve ${name}: ${told}` },
    );
  }

  function ask(): void {
    const [x, w] = [traits.signal, traits.kernel];
    const [y, letter] = traits.kind === "discrete" ? ["y[n]", "n"] : ["y(t)", "t"];
    if (asked === "support") {
      write(words, `Predict: from where to where is ${y} not 0?`);
      start.value = end.value = "";
      form.replaceChildren(html("span", `from ${letter} =`), start, html("span", "to"), end, check, next);
    } else {
      offered = choices(found);
      const told = (name: string, letter: string) => (name === OWN ? `your own ${letter}` : `${name} for ${letter}`);
      const sign = traits.flip ? "∗" : "⋆";
      write(words, `Predict: which of these is ${y}, x ${sign} w, with ${told(x, "x")} and ${told(w, "w")}?`);
      curves.replaceChildren(...offered.map((choice, i) => picture(choice, "ABCD"[i]!)));
      form.replaceChildren(curves, next);
    }
  }

  return {
    elements: [box, number.element] as const,
    focus: number.focus,
    /** Ask what is still to be asked. True while nothing may be shown. */
    update(shownNow: Slide, state: Traits): boolean {
      [found, traits] = [shownNow, state];
      const topic = topicOf(state);
      const open = openFirst(found, state);
      if (topic !== about) say("");
      if (open !== asked || topic !== about) {
        const inside = form.matches(":focus-within");
        asked = open;
        about = topic;
        if (open) ask();
        if (inside && open) form.querySelector<HTMLElement>("input, button")?.focus();
        else if (inside) leave();
      }
      form.hidden = words.hidden = !open;
      box.hidden = !state.predict || (!open && (!feedback.textContent || state.position > 0));
      const value = !open && openValue(found, state);
      const place = shown(placeOf(found, placeAt(found, state.position)));
      number.ask(
        value
          ? {
              math: `${labelMathml("y")}<mo stretchy="false">[</mo><mn>${place}</mn><mo stretchy="false">]</mo>`,
              words: `What will y[${place}] be?`,
            }
          : null,
        state.predict ? topicOfValue() : "",
      );
      return !!open;
    },
  };
}
