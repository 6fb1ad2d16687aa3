/** Predict, then see: what wraps round, how long N must be, what a product is, where transforms become cheaper. */

import { button, html, listen, named, set, typeset, write } from "../core/dom";
import { typedNumber } from "../core/slider";
import { directCost, fftCost, type Layer, nextFastLength, predictedCrossover } from "../math/fourier";
import { large } from "./costs";
import type { Scene } from "./scene";
import type { Answer } from "./traits";
import { counted, degrees, listed, shown } from "./words";

export type Question = Answer["question"];
type Verdict = readonly [answer: unknown, expected: unknown, wrong: string];

const QUESTIONS: readonly Question[] = ["wrapped", "length", "product", "crossover"];

/** What an answer is of: other signals, or another layer, are other questions. */
export function topics({ x, w, N }: Scene, { image, batch, channels, filters }: Layer): Record<Question, string> {
  const lengths = `${x.length} and ${w.length} samples`;
  return {
    wrapped: `${lengths}, N = ${N}`,
    length: lengths,
    product: `${lengths}, N = ${N}`,
    crossover: `n = ${image}, S = ${batch}, f = ${channels}, f' = ${filters}`,
  };
}

/** The frequency that the product is asked of: one that is neither the first nor the last, with something in it. */
export function asked({ spectra, count }: Scene): number {
  const { magnitudes } = spectra.y;
  const inside = magnitudes.slice(1, -1);
  return count > 2 ? 1 + inside.indexOf(Math.max(...inside)) : 0;
}

export function judgeWrapped({ N, wrapped, needed }: Scene, answer: readonly number[]): Verdict {
  const expected = Array.from({ length: wrapped }, (_, n) => n);
  const more = answer.filter((n) => n >= wrapped).length;
  const less = expected.filter((n) => !answer.includes(n)).length;
  if (!more && !less) return [answer, expected, ""];
  const atEnd = answer.length === wrapped && answer.every((n) => n >= N - wrapped);
  const why = atEnd
    ? "The end of the convolution does not fall on the end of the circle: it goes on at its beginning, with sample 0."
    : `${listed([more && `${more} too many`, less && `${less} missing`].filter(Boolean) as string[])}: the convolution has ${needed} samples, and those from ${N} on come round. On which do they fall?`;
  return [answer, expected, `Not yet. ${why}`];
}

export function judgeLength({ x, w, needed }: Scene, answer: number): Verdict {
  const [n, k] = [x.length, w.length];
  if (answer === needed) return [answer, needed, ""];
  const why =
    answer === n + k
      ? "That is one too many: the first sample of w stands on a sample of x, not beside it."
      : answer === Math.max(n, k)
        ? `That is room for x alone: the last ${Math.min(n, k) - 1} samples of the convolution would come round.`
        : answer === nextFastLength(needed)
          ? "That is enough, and a length at which transforms are fast; but fewer would do."
          : answer > needed
            ? "That is enough, but fewer would do. Where is the last sample of the convolution that isn't 0?"
            : `Too short: the last sample of x, number ${n - 1}, and the last of w, number ${k - 1}, meet at sample ${n + k - 2}.`;
  return [answer, needed, `Not yet. ${why}`];
}

export function judgeProduct({ spectra }: Scene, k: number, length: number, angle: number): Verdict {
  const [a, b, expected] = [spectra.x, spectra.w, spectra.y].map(
    ({ magnitudes, angles }) => [magnitudes[k]!, angles[k] ?? 0] as const,
  ) as [readonly [number, number], readonly [number, number], readonly [number, number]];
  const near = (p: number, q: number) => Math.abs(p - q) <= 0.01 * Math.max(1, Math.abs(q));
  const turned = (p: number, q: number) => Math.abs(((p - q + 540) % 360) - 180) <= 1.5;
  const wrong: string[] = [];
  if (!near(length, expected[0]))
    wrong.push(
      near(length, a[0] + b[0])
        ? "You added the lengths; they are multiplied."
        : "The length of a product is the product of the lengths.",
    );
  if (!turned(angle, expected[1]))
    wrong.push(
      turned(angle, a[1] * b[1])
        ? "You multiplied the angles; they are added."
        : turned(angle, a[1] - b[1])
          ? "You took one angle from the other; they are added."
          : "The angle of a product is the sum of the angles.",
    );
  return [
    [length, angle],
    [+expected[0].toPrecision(6), Math.round(expected[1])],
    wrong.length ? `Not yet. ${wrong.join(" ")}` : "",
  ];
}

export function judgeCrossover(layer: Layer, answer: number): Verdict {
  const expected = predictedCrossover(layer);
  if (answer === expected) return [answer, expected, ""];
  const whole = Number.isInteger(answer) && answer >= 1 && answer <= layer.image;
  const why = !whole
    ? `Type the side of a kernel, a whole number up to ${layer.image}.`
    : answer % 2 === 0
      ? "Odd kernels only: 3, 5, 7, …"
      : `At ${answer} × ${answer} sums take ${large(directCost(layer, answer))} multiplications, transforms ${large(fftCost(layer).all)}: ${expected !== null && answer > expected ? "transforms win already, and did before" : "sums still win"}.`;
  return [answer, expected, `Not yet. ${why}`];
}

const field = (label: string) =>
  html("input", { type: "text", inputmode: "decimal", autocomplete: "off", "aria-label": label });

export function questions(record: (answer: Answer) => void, leave: () => void, signal: AbortSignal) {
  const words = html("p");
  const form = html("div.sg-row");
  const grid = html("div.sg-row.sg-toggles", named("Samples of the result"));
  const [whole, length, angle] = [field("Number"), field("Length"), field("Angle in degrees")];
  const feedback = html("p.sg-say", { role: "status" });
  const element = html("div.sg-predict", named("Predict"), words, form, feedback);
  const check = set(button("Check", "Check", signal, judge), { class: "sg-go" });
  const skip = button("Skip", "Skip", signal, pass);
  let scene: Scene;
  let layer: Layer;
  let open: Question | undefined;
  let topic = "";
  let tries = 0;

  const say = (text: string, kind = "") => {
    write(feedback, text);
    set(feedback, { class: `sg-say ${kind}` });
  };
  const boxes = () => [...grid.children] as HTMLElement[];
  const send = (answer: unknown, expected: unknown, correct: boolean, skipped: boolean) =>
    open && record({ question: open, about: topics(scene, layer)[open], answer, expected, correct, skipped });

  function judge(): void {
    if (!open) return;
    const typed = [whole, length, angle].map((input) => typedNumber(input.value.replace("°", ""))) as [
      number,
      number,
      number,
    ];
    const missing =
      open === "product" ? !typed.slice(1).every(Number.isFinite) : open !== "wrapped" && !Number.isFinite(typed[0]);
    if (missing) {
      say(open === "product" ? "Type a length and an angle." : "Type a whole number.", "wrong");
      return;
    }
    const pressed = boxes().flatMap((box, n) => (box.getAttribute("aria-pressed") === "true" ? [n] : []));
    const [answer, expected, wrong] =
      open === "wrapped"
        ? judgeWrapped(scene, pressed)
        : open === "length"
          ? judgeLength(scene, typed[0])
          : open === "product"
            ? judgeProduct(scene, asked(scene), typed[1], typed[2])
            : judgeCrossover(layer, typed[0]);
    tries++;
    if (wrong) say(wrong, "wrong");
    send(answer, expected, !wrong, false);
  }

  function pass(): void {
    if (!open) return;
    const expected = {
      wrapped: () => judgeWrapped(scene, [])[1],
      length: () => scene.needed,
      product: () => judgeProduct(scene, asked(scene), Number.NaN, Number.NaN)[1],
      crossover: () => predictedCrossover(layer),
    }[open]();
    send(null, expected, false, true);
  }

  for (const input of [whole, length, angle]) listen(input, "keydown", ({ key }) => key === "Enter" && judge(), signal);
  listen(
    grid,
    "click",
    ({ target }) => {
      const box = target as HTMLElement;
      if (box.parentElement === grid) set(box, { "aria-pressed": `${box.getAttribute("aria-pressed") !== "true"}` });
    },
    signal,
  );
  listen(
    grid,
    "keydown",
    (event) => {
      const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
      const all = boxes();
      const next = by && all[all.indexOf(event.target as HTMLElement) + by];
      if (!by) return;
      event.preventDefault();
      event.stopPropagation();
      if (!next) return;
      for (const box of all) box.tabIndex = box === next ? 0 : -1;
      next.focus();
    },
    signal,
  );

  function ask(): void {
    const { N, x, w, spectra } = scene;
    const k = asked(scene);
    const told = `Predict ${QUESTIONS.indexOf(open!) + 1} of ${QUESTIONS.length}: `;
    const each = (name: "x" | "w") =>
      `${name === "x" ? "X" : "W"}[${k}] has length ${shown(spectra[name].magnitudes[k]!)} and angle ${degrees(spectra[name].angles[k]!)}`;
    const text = {
      wrapped: `x and w are transformed with N = ${N}, multiplied and transformed back. Which samples of the result will not be those of the convolution?`,
      length: `how long must N be at least, so that none is wrong, with ${counted(x.length, "sample")} of x and ${w.length} of w?`,
      product: `${each("x")}, ${each("w")}. What is their product Y[${k}]?`,
      crossover: `an image of ${layer.image} × ${layer.image}${layer.batch * layer.channels * layer.filters > 1 ? `, S = ${layer.batch}, f = ${layer.channels}, f′ = ${layer.filters}` : ""}: counting multiplications, from which odd kernel k × k on do transforms take fewer?`,
    }[open!];
    write(words, told + text);
    for (const input of [whole, length, angle]) input.value = "";
    if (open === "wrapped") {
      grid.replaceChildren(
        ...Array.from({ length: N }, (_, n) =>
          html(
            "button",
            { type: "button", tabindex: n ? -1 : 0, "aria-pressed": "false", "aria-label": `Sample ${n}` },
            `${n}`,
          ),
        ),
      );
      form.replaceChildren(grid);
    } else if (open === "product")
      form.replaceChildren(html("span", "length"), length, html("span", "angle"), angle, html("span", "degrees"));
    else {
      const math = open === "length" ? "<mi>N</mi><mo>=</mo>" : "<mi>k</mi><mo>=</mo>";
      set(whole, { "aria-label": open === "length" ? "N" : "k" });
      form.replaceChildren(typeset(html("span"), math), whole);
    }
    form.append(check, skip);
  }

  return {
    element,
    /** Ask what has not been answered or skipped; says which question it is, if any. */
    update(now: Scene, of: Layer, answers: readonly Answer[]): Question | undefined {
      [scene, layer] = [now, of];
      const about = topics(scene, layer);
      const done = (question: Question) =>
        answers.some(
          (each) => each.question === question && each.about === about[question] && (each.correct || each.skipped),
        );
      const next = QUESTIONS.find((question) => !done(question));
      const subject = next ? `${next} ${about[next]}` : "";
      if (subject !== topic || next !== open) {
        const inside = element.contains(document.activeElement);
        const went = open !== undefined && tries > 0 && done(open);
        open = next;
        topic = subject;
        say(went ? "✓ Right." : "", "right");
        tries = 0;
        if (open) ask();
        if (inside) {
          if (open) form.querySelector<HTMLElement>("input, [tabindex='0']")?.focus();
          else leave();
        }
      }
      form.hidden = words.hidden = !open;
      element.hidden = !open && !feedback.textContent;
      return open;
    },
  };
}
