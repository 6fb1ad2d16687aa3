/** Predict, then see: how large the map is, which number comes out of a window, how many parameters there are. */

import { html, write } from "../core/dom";
import { predictBox } from "../core/predict";
import { outputSize, type Products, parameters, span, turned, unreached } from "../math/convolution";
import { formatNumber } from "../math/notation";
import type { Answer, Scene } from "./traits";
import { channelName } from "./traits";
import { counted } from "./words";

const QUESTIONS = ["size", "value", "parameters"] as const;
export type Asked = (typeof QUESTIONS)[number] | null;

/** What is open: the question that stands there, and what is still to be predicted and shown nowhere. */
export interface Open {
  readonly asked: Asked;
  readonly value: boolean;
  readonly parameters: boolean;
  /** The map can be calculated by hand everywhere: what hasn't been reached waits in every mode. */
  readonly map: boolean;
}

/** With more products, or larger numbers, nobody calculates by hand. */
const MOST_PRODUCTS = 27;
const LARGEST = 100;

/** Which layer a prediction is of. */
export function topic({ at, filters, picture, flip }: Scene): string {
  const kernel = `${filters.length} filter${filters.length > 1 ? "s" : ""} ${at.kernelRows}×${at.kernelColumns}×${at.channels}`;
  const moves = [
    at.stride > 1 && `stride ${at.stride}`,
    at.padding && `padding ${at.padding}`,
    at.dilation > 1 && `dilation ${at.dilation}`,
    flip && "flip",
  ].filter(Boolean);
  return [`${picture} ${at.height}×${at.width}`, kernel, ...moves].join(", ");
}

const small = (value: number) => Number.isInteger(value) && Math.abs(value) <= LARGEST;

function calculable({ slid, bias }: Scene, { inputs, products }: Products): boolean {
  const some = products.filter((product) => product !== 0).length;
  return inputs.every(small) && slid.every(small) && small(bias) && some > 0 && some <= MOST_PRODUCTS;
}

export function predictions(signal: AbortSignal, record: (answer: Answer) => void, leave: () => void) {
  const setting = html("p");
  let scene: Scene;
  let seen: Products;
  let asked: Asked = null;
  /** What is said of an answer once the next question stands there. */
  let kept: [string, string] | null = null;
  const about = () =>
    `${topic(scene)}${asked === "value" ? `, filter ${scene.filter}, window [${scene.row}, ${scene.column}]` : ""}`;
  const expected = () => {
    if (asked === "size") return scene.at.outRows;
    return asked === "value" ? seen.value : parameters(scene.at, scene.filters.length).total;
  };
  const give = (answer: number | null, correct: boolean, skipped: boolean) =>
    asked && record({ question: asked, about: about(), answer, expected: expected(), correct, skipped });
  const box = predictBox(
    {
      check(answer) {
        const right = expected();
        const correct = Math.abs(answer - right) <= 1e-9 * Math.max(1, Math.abs(right));
        const told = asked === "size" ? sizeFault : asked === "value" ? valueFault : parameterFault;
        if (correct) kept = [`✓ Right: ${counted(right)}.`, "right"];
        else box.say(told(answer), "wrong");
        give(answer, correct, false);
      },
      skip: () => give(null, false, true),
      reveal() {
        kept = [`It is ${counted(expected())}.`, ""];
        give(null, false, true);
      },
      leave,
    },
    signal,
  );
  const element = html("div.sg-questions", setting, box.element);

  function sizeFault(answer: number): string {
    const { height: n, kernelRows: k, stride, padding, dilation } = scene.at;
    const room = n - span(k, dilation) + 2 * padding;
    const plain = { stride, padding, dilation };
    if (answer === outputSize(n, k, { ...plain, padding: 0 }) && padding)
      return `That is without the padding: ${padding} of zeros above and ${padding} below make the picture ${n + 2 * padding} rows high.`;
    if (answer === outputSize(n, k, { ...plain, stride: 1 }) && stride > 1)
      return `That is with stride 1: the window moves by ${stride}, so that ${room} rows of room are gone through in steps of ${stride}.`;
    if (answer === outputSize(n, k, { ...plain, dilation: 1 }) && dilation > 1)
      return `That is without the dilation: ${k} cells that stand ${dilation} apart span ${span(k, dilation)} rows.`;
    if (answer === n)
      return `That is the picture's own size: a window of ${span(k, dilation)} rows can't start in its last ${span(k, dilation) - 1}.`;
    if (answer === Math.floor(room / stride))
      return "One more: the window also stands where it begins, before its first step.";
    if (answer === n - 2 * (k - 1)) return "The window loses K − 1 rows in all, not at each side.";
    if (unreached(n, k, scene.at) && answer === Math.ceil(room / stride) + 1)
      return `The last step would leave the picture: ${room} is no multiple of ${stride}, and is rounded down.`;
    return "Count the places: where does the window start first, where last, and how far is it moved at a time?";
  }

  function valueFault(answer: number): string {
    const { slid, at, bias, flip } = scene;
    const near = (value: number) => Math.abs(answer - value) < 1e-9;
    const other = turned(slid, at.channels).reduce((sum, weight, k) => sum + weight * seen.inputs[k]!, bias);
    const c = [...seen.channels].findIndex((sum) => near(sum + bias) || near(sum));
    if (bias && near(seen.value - bias)) return `The bias is missing: add ${formatNumber(bias)}.`;
    if (near(other))
      return flip
        ? "That is the cross-correlation: in a convolution the kernel is turned by half a turn first."
        : "You turned the kernel: that is the convolution. Here it slides as it is.";
    if (at.channels > 1 && c >= 0)
      return `That is channel ${channelName(c, at.channels)} alone: the products of all channels are added.`;
    if (near(-seen.value)) return "The sign is the other way round.";
    if (near(slid.reduce((sum, weight) => sum + weight, 0)))
      return "That is the sum of the weights: multiply each by the input under it first.";
    if (near(seen.inputs.reduce((sum, input) => sum + input, 0)))
      return "That is the sum of the inputs: multiply each by its weight first.";
    return "Multiply each input under the window by the weight over it, add the products, then the bias.";
  }

  function parameterFault(answer: number): string {
    const { at, filters } = scene;
    const n = filters.length;
    const { weights, each, connected } = parameters(at, n);
    const area = at.kernelRows * at.kernelColumns;
    if (answer === n * weights) return `The biases are missing: one for each of the ${n} filter${n > 1 ? "s" : ""}.`;
    if (answer === each || answer === weights) return n > 1 ? `That is one filter: there are ${n}.` : "";
    if (at.channels > 1 && (answer === n * (area + 1) || answer === n * area))
      return `A filter goes through the whole depth: ${area} weights in each of ${at.channels} channels.`;
    if (answer === n * weights + 1) return `Each filter has a bias of its own: ${n} of them.`;
    if (answer === connected)
      return "So many has a fully connected layer of this size: here all places share the same weights.";
    if (answer === n * each * at.outRows * at.outColumns)
      return "The same weights are used at every place: they count once.";
    return `Count the weights of one filter${at.channels > 1 ? ` in all ${at.channels} channels` : ""}, and its bias; then the filters.`;
  }

  const ask = (question: Asked): { math: string; words: string } | null => {
    const { at, filters, row, column } = scene;
    const moves = [
      `stride ${at.stride}`,
      `padding ${at.padding}`,
      ...(at.dilation > 1 ? [`dilation ${at.dilation}`] : []),
    ];
    const picture = `${at.height}×${at.width}${at.channels > 1 ? `×${at.channels}` : ""}`;
    if (question === "size") {
      write(
        setting,
        `A picture of ${picture}, a kernel of ${at.kernelRows}×${at.kernelColumns}, ${moves.join(", ")}. How many rows has the map?`,
      );
      return { math: "<mi>P</mi>", words: "Rows of the map" };
    }
    if (question === "value") {
      write(
        setting,
        `The window stands at row ${row}, column ${column}, the bias is ${formatNumber(scene.bias)}. Which number comes out?`,
      );
      const index = `<mrow><mn>${row}</mn><mo separator="true">,</mo><mn>${column}</mn></mrow>`;
      return {
        math: `<mi>y</mi><mo stretchy="false">[</mo>${index}<mo stretchy="false">]</mo>`,
        words: "Value at this window",
      };
    }
    if (question === "parameters") {
      const n = filters.length;
      write(
        setting,
        `${n} filter${n > 1 ? "s" : ""} of ${at.kernelRows}×${at.kernelColumns} on a picture of ${picture}. How many numbers are there to learn?`,
      );
      return { math: "<mtext>the number of parameters</mtext>", words: "Parameters" };
    }
    return null;
  };

  return {
    element,
    /** Ask what is still to be asked; says what is open. */
    update(now: Scene, products: Products): Open {
      scene = now;
      seen = products;
      const open = QUESTIONS.filter((question) => {
        asked = question;
        const own = about();
        if (!now.predict || (question === "value" && !calculable(now, products))) return false;
        return !now.answers.some(
          (each) => each.question === question && each.about === own && (each.correct || each.skipped),
        );
      });
      // Where the place is pointed at, it would be another question with every cell.
      const still = now.mode === "receptive" || now.mode === "backward";
      asked = open.find((question) => question !== "value" || !still) ?? null;
      setting.hidden = !asked;
      const question = ask(asked);
      box.ask(question, asked ? about() : "");
      if (kept) box.say(...kept);
      kept = null;
      element.hidden = !now.predict;
      return {
        asked,
        value: open.includes("value"),
        parameters: open.includes("parameters"),
        map: now.predict && small(now.bias) && now.slid.every(small) && now.volume.values.every(small),
      };
    },
    focus: box.focus,
  };
}
