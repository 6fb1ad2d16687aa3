/** What is wrong with a prediction: most wrong answers are the right answer to another question. */

import {
  convolve,
  mirrored,
  outputAt,
  placeOf,
  type Slide,
  support,
  supportOfOutput,
  type Term,
  terms,
} from "../math/signals";
import { shown } from "./words";

export interface Diagnosis {
  correct: boolean;
  kind: string;
  message: string;
}

const near = (a: number, b: number) => Math.abs(a - b) <= 0.0051 * Math.max(1, Math.abs(b) * 0.2);
const right = (message: string): Diagnosis => ({ correct: true, kind: "right", message });
const wrong = (kind: string, message: string): Diagnosis => ({ correct: false, kind, message });

/** What sliding the kernel the other way round gives at an index: without the flip, or with it. */
export function otherWay({ input, kernel, flip }: Slide, index: number): number {
  const { first, values } = convolve(input, flip ? mirrored(kernel) : kernel);
  return values[index - first] ?? 0;
}

const total = (list: readonly Term[], of: (term: Term) => number) => list.reduce((sum, term) => sum + of(term), 0);
const bracketed = (value: number) => (value < 0 ? `(${shown(value)})` : shown(value));

/** The sum at a place, of samples. */
export function diagnoseValue(found: Slide, place: number, answer: number): Diagnosis {
  const index = placeOf(found, place);
  const value = outputAt(found, place);
  const list = terms(found, index);
  const written = list.map(({ x, w }) => `${bracketed(x)}·${bracketed(w)}`).join(" + ") || "nothing meets";
  const said = shown(answer);
  if (near(answer, value)) return right(`✓ Right: ${written} = ${shown(value)}.`);
  if (!list.length) return wrong("apart", "Not yet: do the two meet here at all?");
  if (near(answer, otherWay(found, index)))
    return found.flip
      ? wrong("not_flipped", `You did not flip: that is the cross-correlation, ${said}.`)
      : wrong("flipped", `You flipped the kernel: that is the convolution, ${said}. Here it stays as it is.`);
  const lost = list.find(({ product }) => product && near(answer, value - product));
  if (lost)
    return wrong(
      "missing",
      `One product is missing: ${bracketed(lost.x)}·${bracketed(lost.w)} = ${shown(lost.product)}, above ${lost.m}.`,
    );
  const side = [-1, 1].find(
    (by) => near(answer, outputAt(found, place + by)) && place + by >= 0 && place + by < found.count,
  );
  if (side) {
    const n = shown((index + side * found.stride) * found.output.step);
    return wrong("neighbour", `That is y[${n}]: the kernel one place too far to the ${side < 0 ? "left" : "right"}.`);
  }
  if (near(answer, -value)) return wrong("sign", "The number is right, its sign is not.");
  if (
    near(
      answer,
      total(list, ({ x, w }) => x + w),
    )
  )
    return wrong("added", "You added what stands above one another: multiply it, then add the products.");
  if (near(answer, total(list, ({ x }) => x) * total(list, ({ w }) => w)))
    return wrong("product_of_sums", "You multiplied the sums: multiply pair by pair, then add the products.");
  if (
    near(
      answer,
      total(list, ({ product }) => Math.abs(product)),
    )
  )
    return wrong("absolute", "A product is negative: it is taken away.");
  return wrong(
    "other",
    `Not yet: ${list.length} pair${list.length > 1 ? "s stand" : " stands"} above one another. Multiply each, and add the products.`,
  );
}

/** From where to where the output is not 0. */
export function diagnoseSupport(found: Slide, start: number, end: number): Diagnosis {
  const wanted = supportOfOutput(found);
  const [x, w] = [support(found.input), support(found.kernel)];
  const u = support(found.flip ? found.kernel : mirrored(found.kernel));
  if (!wanted || !x || !w || !u) return right("✓");
  const letters = found.flip
    ? "the ends add up"
    : "without the flip the kernel's ends are taken away: the last one from x's first, the first from x's last";
  const pair = ([a, b]: readonly [number, number]) => `${shown(a)} … ${shown(b)}`;
  if (near(start, wanted[0]) && near(end, wanted[1]))
    return right(`✓ Right: x on ${pair(x)}, w on ${pair(w)}; ${letters}.`);
  const is = (a: number, b: number) => near(start, a) && near(end, b);
  if (start > end) return wrong("order", "The end lies before the beginning.");
  if (is(...x)) return wrong("signal", "That is where x is. The kernel reaches x before its middle does.");
  if (is(Math.max(x[0], w[0]), Math.min(x[1], w[1])))
    return wrong("overlap", "That is where x and w overlap as they stand. But the kernel slides.");
  const flipped = [x[0] + w[0], x[1] + w[1]] as const;
  const kept = [x[0] - w[1], x[1] - w[0]] as const;
  if (is(...(found.flip ? kept : flipped)))
    return found.flip
      ? wrong("not_flipped", "You did not flip: so far the cross-correlation reaches.")
      : wrong("flipped", "You flipped the kernel: so far the convolution reaches.");
  if (near(start, wanted[0]))
    return wrong("end", "The beginning is right. At the end the last of the kernel leaves x's last.");
  if (near(end, wanted[1]))
    return wrong("start", "The end is right. At the beginning the first of the kernel meets x's first.");
  return wrong("other", "Not yet: slide the kernel in your mind. Where do the two first meet, and where do they part?");
}
