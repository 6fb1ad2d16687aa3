/** Which step is asked for, whether it has been answered, and what is recorded of an answer. */

import { type Step, toNumber } from "../math";
import { isArray, type Scene } from "./scene";
import type { Answer, Traits } from "./traits";

/** The step after a position, if it must be predicted before it is shown. */
export function openQuestion({ main }: Scene, { predict, answers }: Traits, position: number): Step | undefined {
  const step = main.steps[position];
  if (!predict || !step || isArray(step.value)) return undefined;
  const expected = toNumber(step.value);
  // A step that two modes share, such as a primal, is answered for both.
  const passed = (answer: Answer) =>
    (answer.correct || answer.skipped) &&
    answer.position === position &&
    answer.phase === step.phase &&
    answer.node === step.node &&
    answer.expected === expected;
  return answers.some(passed) ? undefined : step;
}

/** How far one may go from a position before a question stands in the way. */
export function reach(scene: Scene, traits: Traits, from: number, to: number): number {
  for (let position = from; position < to; position++) if (openQuestion(scene, traits, position)) return position;
  return Math.min(to, scene.length);
}

export function answered({ node, phase, value }: Step, { position, mode, answers }: Traits, made: Partial<Answer>) {
  const answer: Answer = {
    position,
    mode,
    node,
    phase,
    answer: null,
    expected: toNumber(value),
    correct: false,
    skipped: false,
    kind: "",
    ...made,
  };
  return [...answers, answer];
}
