import { describe, expect, it } from "vitest";
import {
  evaluate,
  explain,
  type Graph,
  known,
  type Mode,
  mathml,
  stepMath,
  sweep,
  type Tree,
} from "../../src/math/index";
import { graph, lecture, node, single } from "./documents";

/** The sentences of a whole sweep. */
function told(graph: Graph, inputs: number[], mode: Mode, seed: number[] | number = 1): string[] {
  const values = evaluate(graph, inputs);
  const run = sweep(graph, values, mode, seed);
  return run.steps.map((step, index) => explain(graph, step, run, index + 1, values));
}

const last = (...parameters: Parameters<typeof told>) => told(...parameters).at(-1);

describe("one sentence a step", () => {
  it("tells reverse mode", () => {
    expect(told(lecture, [2, 3], "reverse")).toEqual([
      "Sin gives w₁ = sin x₁ = sin 2 = 0.909.",
      "The product gives w₂ = x₁·x₂ = 2·3 = 6.",
      "The sum gives f = w₂ + w₁ = 6 + 0.909 = 6.909.",
      "The seed: f̄ = ∂f/∂f = 1, for the output changes one to one with itself.",
      "The sum distributes: w₂ gets f̄ = 1 unchanged.",
      "The sum distributes: w₁ gets f̄ = 1 unchanged.",
      "The product is a switch: x₁ gets the other factor, x₂ = 3, times w̄₂.",
      "The product is a switch: x₂ gets the other factor, x₁ = 2, times w̄₂.",
      "The second path into x₁ arrives, through sin, and is added to the 3 that came through the product: x̄₁ = 2.584.",
    ]);
    expect(told(lecture, [2, 3], "reverse", 2)[3]).toBe(
      "The seed: f̄ = ∂f/∂f = 1, times 2, so that every adjoint is 2 times a derivative.",
    );
  });

  it("tells forward mode", () => {
    expect(told(lecture, [2, 3], "forward", [1, 0])).toEqual([
      "Sin stretches the tangent by its slope cos x₁ = −0.416 at x₁ = 2: ẇ₁ = −0.416.",
      "The product follows the product rule, each tangent times the other factor: ẇ₂ = 3.",
      "The sum adds the tangents: ḟ = 2.584.",
    ]);
    expect(told(lecture, [2, 3], "forward", [0, 1])[0]).toBe(
      "Nothing that sin depends on moves in this direction: ẇ₁ = 0.",
    );
  });

  it("says the convention at a kink", () => {
    const max = single(
      ["maximum", "a", "b"],
      [
        ["greater_equal", "a", "b"],
        ["greater", "b", "a"],
      ],
      { role: "router" },
    );
    const tie = "at the tie a = b the convention is that the first argument wins";
    expect(last(max, [3, 4], "reverse")).toBe("Max routes: b = 4 was chosen and gets all of f̄.");
    expect(last(max, [5, 4], "reverse")).toBe("Max routes: b = 4 was not chosen and gets nothing of f̄.");
    expect(last(max, [4, 4], "reverse")).toBe(`Max routes: b = 4 was not chosen and gets nothing of f̄; ${tie}.`);
    expect(last(max, [4, 4], "primal")).toBe(`Max gives f = max(a, b) = max(4, 4) = 4; ${tie}.`);
    expect(last(max, [5, 4], "forward", [1, 2])).toBe(
      "Max lets only the tangent of the argument it chose through, a = 5: ḟ = 1.",
    );
    const relu = single(["relu", "a"], [["greater", "a", 0]], { role: "router" });
    expect(last(relu, [2], "reverse")).toBe("Relu routes: a = 2 lets it through and gets all of f̄.");
    expect(last(relu, [0], "reverse")).toBe(
      "Relu routes: a = 0 blocks it and gets nothing of f̄; by convention the slope at 0 is 0.",
    );
  });

  it("knows signs, constants and general functions", () => {
    expect(last(single(["subtract", "a", "b"], [1, -1]), [1, 2], "reverse")).toBe(
      "The difference turns the sign: b gets −f̄.",
    );
    expect(last(single(["multiply", 2, "a"], [null, 2]), [3], "reverse")).toBe(
      "The product is a switch: a gets the other factor, 2, times f̄.",
    );
    expect(last(single(["multiply", 2, "a"], [null, 2]), [3], "forward", [1])).toBe(
      "The product stretches the tangent by its slope 2: ḟ = 2.",
    );
    expect(last(single(["sin", "a"], [["cos", "a"]]), [2], "reverse")).toBe(
      "Sin sends a its slope cos a = −0.416 times f̄.",
    );
    expect(last(single(["multiply", "a", "a"], ["a", "a"]), [3], "reverse")).toBe(
      "The second path into a arrives, through the product, and is added to the 3 that came through its other argument: ā = 6.",
    );
    const thrice = graph(
      ["a"],
      [
        node("w1", { arguments: ["a", "a"], expression: ["multiply", "a", "a"], partials: ["a", "a"] }),
        node("f", { arguments: ["w1", "a"], expression: ["add", "w1", "a"], partials: [1, 1] }),
      ],
    );
    expect(last(thrice, [3], "reverse")).toBe(
      "The third path into a arrives, through the product, and is added to the 4 that had arrived before: ā = 7.",
    );
  });

  it("tells arrays without numbers", () => {
    const array = { shape: [2, 2], data: [1, 2, 3, 4], truncated: false };
    const graph: Graph = {
      ...single(["matmul", "W", "x"], [null, null], {
        maps: [{ structure: "Kronecker", push: "□", pull: ["matmul", "□", ["transpose", "x"]] }, null],
        value: array,
      }),
      live: false,
    };
    const step = {
      phase: "adjoint" as const,
      node: "W",
      source: "f",
      argument: 0,
      formula: ["matmul", ["bar", "f"], ["transpose", "x"]] as Tree,
      accumulates: false,
      value: array,
      contribution: array,
      contributions: [array],
      operations: 4,
      held: 8,
      bytes: 64,
      latex: "",
      text: "",
    };
    const run = {
      mode: "reverse" as const,
      seed: 1,
      steps: [step],
      result: { value: array, derivative: null, gradient: [array] },
    };
    expect(explain(graph, step, run, 1)).toBe(
      "The matrix product pulls f̄ back into W by the transpose of its Jacobian (Kronecker).",
    );
    const forward = { ...step, phase: "tangent" as const, node: "f", source: null, argument: null };
    expect(explain(graph, forward, { ...run, mode: "forward", seed: [array], steps: [forward] }, 1)).toBe(
      "The matrix product pushes the tangents of its arguments forward by its Jacobian.",
    );
    expect(stepMath(graph, step, known(graph, run, 1))).toContain("<mo>⊤</mo>");
  });
});

describe("MathML", () => {
  const values = evaluate(lecture, [2, 3]);
  const reverse = sweep(lecture, values, "reverse", 1);
  const bare = (markup: string) => markup.replace(/<[^>]*>/g, "").replaceAll("\u2061", "");

  it("sets the whole step: chain rule, formula, numbers, value", () => {
    const step = reverse.steps.at(-1)!;
    const markup = stepMath(lecture, step, known(lecture, reverse, 9, values));
    expect(markup).toMatch(/^<math display="inline"><mrow>.*<\/mrow><\/math>$/);
    expect(bare(markup)).toBe("x¯1+=w¯1·∂w1∂x1=w¯1·cosx1=1·cos2=−0.416");
    const forward = sweep(lecture, values, "forward", [1, 0]);
    expect(bare(stepMath(lecture, forward.steps[1]!, known(lecture, forward, 2, values)))).toBe(
      "w˙2=x˙1·∂w2∂x1+x˙2·∂w2∂x2=x˙1·x2+x˙2·x1=1·3+0·2=3",
    );
    expect(bare(stepMath(lecture, reverse.steps[3]!, {}))).toBe("f¯=1");
  });

  it("is well formed for every construct", () => {
    const trees: Tree[] = [
      ["divide", ["sqrt", "a"], ["cbrt", ["add", "a", 1]]],
      ["power", ["negative", "a"], -2],
      ["exp", ["multiply", 1e-7, "a"]],
      ["absolute", ["floor", ["ceil", "a"]]],
      ["maximum", ["log2", "a"], ["log10", ["unheard_of", "a"]]],
      ["greater_equal", "w_hidden_1", "theta"],
      ["matmul", ["transpose", "W"], "□"],
      ["where", ["less", "a", 0], ["number", "NaN"], ["number", "-Infinity"]],
    ];
    for (const tree of trees) expect(unbalanced(mathml(tree)), mathml(tree)).toBe("");
    expect(mathml(["divide", 1, "x1"])).toBe(
      "<mfrac><mrow><mn>1</mn></mrow><mrow><msub><mi>x</mi><mrow><mn>1</mn></mrow></msub></mrow></mfrac>",
    );
  });

  it("stretches parentheses around fractions alone", () => {
    const plain = '<mo stretchy="false">(</mo>';
    expect(mathml(["multiply", "a", ["subtract", 1, ["square", "b"]]])).toContain(plain);
    expect(mathml(["copy", ["bar", "f"]])).toContain(plain);
    expect(mathml(["multiply", "a", ["negative", ["divide", "a", "b"]]])).toContain("<mo>(</mo>");
  });

  it("escapes whatever a document says", () => {
    const evil = '<img src=x onerror="alert(1)">&\'';
    const hostile = graph(
      [evil],
      [node(`${evil}2`, { arguments: [evil], expression: [evil, evil], partials: [[evil, ["bar", evil]]] })],
    );
    const values = evaluate(hostile, [1]);
    for (const mode of ["primal", "forward", "reverse"] as const) {
      const run = sweep(hostile, values, mode, mode === "forward" ? [1] : 1);
      run.steps.forEach((step, index) => {
        const markup = stepMath(hostile, step, known(hostile, run, index, values));
        expect(unbalanced(markup)).toBe("");
        expect(markup).not.toMatch(/<img|onerror="|&'/);
      });
    }
    const markup = mathml(["add", ["partial", evil, evil], ["dot", evil]]);
    expect(markup).not.toContain("<img");
    expect(markup).toContain("&#60;img");
  });
});

/** The tags that are opened and not closed, or the other way round. */
function unbalanced(markup: string): string {
  const open: string[] = [];
  for (const [, slash, name, empty] of markup.matchAll(/<(\/?)(\w+)[^>]*?(\/?)>/g)) {
    if (empty) continue;
    if (!slash) open.push(name!);
    else if (open.pop() !== name) return `</${name}>`;
  }
  return open.join();
}
