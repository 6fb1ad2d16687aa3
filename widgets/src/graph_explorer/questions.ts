/** Predict, then see: how many topological orders there are, and how many nodes are ready. */

import { predictBox } from "../core/predict";
import type { Scene } from "./scene";
import type { Answer, Traits } from "./traits";
import { grouped, listed, many } from "./words";

type Question = Answer["question"];

/** Counts that a number holds exactly are asked for. */
const MOST = 10n ** 15n;

export const topicOf = ({ edges, labels }: Scene) =>
  `${labels.join(" ")}: ${edges.map(([a, b]) => `${a}>${b}`).join(" ")}`;

const passed = ({ answers }: Traits, question: Question, about: string) =>
  answers.some((each) => each.question === question && each.about === about && (each.correct || each.skipped));

const aboutStep = (scene: Scene, position: number) => `${topicOf(scene)}, after step ${position}`;

/** Whether the number of orders is still to be predicted: then it is shown nowhere. */
export function countIsOpen(scene: Scene, traits: Traits): boolean {
  const { predict } = traits;
  return (
    predict &&
    scene.labels.length > 1 &&
    scene.count !== null &&
    scene.count < MOST &&
    !passed(traits, "count", topicOf(scene))
  );
}

/** Whether it is still to be predicted how many nodes are ready at a position. */
export function readyIsOpen(scene: Scene, traits: Traits, position: number): boolean {
  const step = scene.kahn[position];
  if (
    !traits.predict ||
    traits.mode !== "algorithms" ||
    !step ||
    step.event === "take" ||
    position >= 2 * scene.labels.length
  )
    return false;
  return !passed(traits, "ready", aboutStep(scene, position));
}

/** How far one may go before a question stands in the way. */
export function reach(scene: Scene, traits: Traits, to: number): number {
  for (let position = 0; position < to; position++) if (readyIsOpen(scene, traits, position)) return position;
  return to;
}

export function questions(record: (answer: Answer) => void, leave: () => void, signal: AbortSignal) {
  let scene: Scene;
  let traits: Traits;
  let asked: Question | null = null;
  /** What is said of an answer once the next question stands there. */
  let kept: [string, string] | null = null;
  const about = () => (asked === "ready" ? aboutStep(scene, traits.position) : topicOf(scene));
  const expected = () => (asked === "ready" ? scene.kahn[traits.position]!.ready.length : Number(scene.count ?? 0n));
  const give = (answer: number | null, correct: boolean, skipped: boolean) =>
    asked && record({ question: asked, about: about(), answer, expected: expected(), correct, skipped });
  const told = () =>
    asked === "ready"
      ? `Ready: ${listed(scene.kahn[traits.position]!.ready, "nobody")}.`
      : `There ${scene.count === 1n ? "is 1 topological order" : `are ${grouped(scene.count ?? 0n)} topological orders`}.`;
  const box = predictBox(
    {
      check(answer) {
        const correct = answer === expected();
        if (correct) kept = [`✓ Right. ${told()}`, "right"];
        else
          box.say(asked === "ready" ? readyFault(scene, traits.position, answer) : countFault(scene, answer), "wrong");
        give(answer, correct, false);
      },
      skip: () => give(null, false, true),
      reveal() {
        kept = [told(), ""];
        give(null, false, true);
      },
      leave,
    },
    signal,
  );
  return {
    element: box.element,
    focus: box.focus,
    update(now: Scene, state: Traits) {
      scene = now;
      traits = state;
      asked = !state.predict
        ? null
        : state.mode === "algorithms"
          ? readyIsOpen(now, state, state.position)
            ? "ready"
            : null
          : countIsOpen(now, state) && state.mode !== "run"
            ? "count"
            : null;
      const words = asked === "ready" ? "the number of nodes that are ready now" : "the number of topological orders";
      box.ask(
        asked && { math: `<mtext>${words}</mtext>`, words },
        `${asked} ${asked ? about() : `${topicOf(now)} ${state.mode} ${state.position}`}`,
      );
      if (kept) box.say(...kept);
      kept = null;
    },
  };
}

export function readyFault(scene: Scene, position: number, answer: number): string {
  const step = scene.kahn[position]!;
  if (!Number.isInteger(answer) || answer < 0) return "It is a whole number: count nodes.";
  const free = scene.labels.filter((_, i) => !step.waiting[i]).length;
  if (answer === free && free !== step.ready.length)
    return "That counts those in the order, too: they are no longer in the queue.";
  const before = scene.kahn[position - 2]?.ready.length;
  if (step.event === "release" && answer === before)
    return `That is how many were ready before ${listed([step.node!])} was taken.`;
  const waiting = scene.labels.length - step.order.length - step.ready.length;
  if (answer === waiting) return "That is how many still wait for another.";
  return answer > step.ready.length
    ? "Too many: a node is ready only if all that it reads stands in the order."
    : "Too few: every node that waits for nobody is in the queue, and not yet in the order.";
}

export function countFault(scene: Scene, answer: number): string {
  const exact = Number(scene.count ?? 0n);
  const n = scene.labels.length;
  let all = 1;
  for (let i = 2; i <= n; i++) all *= i;
  if (!Number.isInteger(answer) || answer < 1)
    return "It is a whole number, and at least 1: a graph without a cycle has an order.";
  if (answer === all)
    return `That is ${n}!, every order of ${many(n, "node")}, with edges that point backward among them.`;
  if (answer === scene.edges.length) return "That is how many edges there are.";
  if (answer === n) return "That is how many nodes there are.";
  if (answer === 1) return "There is more than one: two nodes that don't wait for each other can change places.";
  return answer > exact
    ? "Too many: in some of those an edge points backward."
    : "Too few: try which nodes can be the first, and go on from each.";
}
