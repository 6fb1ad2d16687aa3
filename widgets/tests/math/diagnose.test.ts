import { describe, expect, it } from "vitest";
import { diagnose, evaluate, formatNumber, type Graph, known, type Mode, sweep } from "../../src/math/index";
import { lecture, randomGraph, single } from "./documents";

/** Ask for one step of a sweep, as a learner who sees what is known before it. */
function asked(graph: Graph, inputs: number[], mode: Mode, seed: number[] | number, index: number) {
  const values = evaluate(graph, inputs);
  const run = sweep(graph, values, mode, seed);
  const step = run.steps.at(index)!;
  const before = known(graph, run, run.steps.indexOf(step), values);
  return (answer: number) => diagnose(graph, step, before, answer);
}

describe("feedback to a prediction", () => {
  const x1 = asked(lecture, [2, 3], "reverse", 1, 6); // x̄₁ = w̄₂·x₂
  const arrives = asked(lecture, [2, 3], "reverse", 1, -1); // x̄₁ += w̄₁·cos x₁

  it.each([
    [2.5838531634528574, true, "exact"],
    [2.584, true, "rounded"],
    [2.58, true, "rounded"],
    [2.6, false, "close"],
    [-2.5838531634528574, false, "sign"],
    [-0.416, false, "contribution"],
    [3, false, "before"],
    [3.416, false, "sign"],
    [2, false, "primal"],
    [4, false, "upstream only"],
    [3.909, false, "not differentiated"],
    [1 / 2.5838531634528574, false, "reciprocal"],
    [Number.NaN, false, "empty"],
    [17, false, "other"],
  ])("x̄₁ += w̄₁·cos x₁, answer %d", (answer, correct, kind) => {
    expect(arrives(answer)).toMatchObject({ correct, kind });
  });

  it("says what is wrong", () => {
    expect(x1(2).message).toBe("You multiplied by x₁; the switch gives you the other factor, x₂.");
    expect(x1(-3).message).toBe("The right size, but the wrong sign.");
    expect(x1(1).message).toBe("That is only what comes in, w̄₂: multiply by the local derivative, x₂.");
    expect(x1(0).message).toBe("Not 0: put the numbers into w̄₂·x₂.");
    expect(x1(3).message).toBe("Exactly right.");
    expect(arrives(-0.416).message).toBe(
      "That is the contribution that arrives now; add it to the 3 that x₁ already holds.",
    );
    expect(arrives(17).message).toBe("Not this; the rule is x̄₁ += w̄₁·cos x₁, added to what had arrived.");
    expect(asked(lecture, [2, 3], "reverse", 2, 6)(3).message).toBe(
      "That is the local derivative, x₂, alone: multiply by what comes in, w̄₂.",
    );
  });

  it("knows the mistakes of forward mode", () => {
    const product = asked(lecture, [2, 3], "forward", [1, 5], 1); // 1·3 + 5·2 = 13
    expect(product(1 * 2 + 5 * 3)).toMatchObject({ kind: "own factor" });
    expect(product(5)).toMatchObject({ kind: "local only" });
    expect(product(6)).toMatchObject({ kind: "upstream only" });
    expect(product(10)).toMatchObject({ kind: "term" });
    expect(product(13)).toMatchObject({ kind: "exact", correct: true });
    const primal = asked(lecture, [2, 3], "forward", [3, 2], 1); // 3·3 + 2·2 = 13
    expect(primal(6).kind).toBe("primal");
  });

  it("knows degrees from radians", () => {
    const sine = asked(lecture, [2, 3], "primal", 1, 0);
    expect(sine(Math.sin((2 * Math.PI) / 180)).kind).toBe("degrees");
    expect(sine(2).kind).toBe("argument");
    const slope = asked(lecture, [2, 3], "forward", [1, 0], 0);
    expect(slope(Math.cos((2 * Math.PI) / 180)).kind).toBe("degrees");
    const arc = single(["arctan", "a"], [["divide", 1, ["add", 1, ["square", "a"]]]]);
    expect(asked(arc, [1], "primal", 1, 0)(45).kind).toBe("degrees");
  });

  it("judges the seed, zeros and numbers that are not finite", () => {
    expect(asked(lecture, [2, 3], "reverse", 1, 3)(6.909)).toMatchObject({ correct: false, kind: "seed" });
    expect(asked(lecture, [2, 3], "forward", [0, 1], 0)(0)).toMatchObject({ correct: true, kind: "exact" });
    expect(asked(lecture, [2, 3], "forward", [0, 1], 0)(1e-5)).toMatchObject({ correct: true });
    const log = single(["log", "a"], [["divide", 1, "a"]]);
    expect(asked(log, [0], "primal", 1, 0)(Number.NEGATIVE_INFINITY)).toMatchObject({ correct: true });
    expect(asked(log, [0], "primal", 1, 0)(0).correct).toBe(false);
    expect(asked(log, [-1], "primal", 1, 0)(Number.NaN)).toMatchObject({ correct: true });
  });

  it("never calls a wrong number right, nor a rounded truth wrong", () => {
    for (let seed = 1; seed < 15; seed++) {
      const graph = randomGraph(seed, 12);
      const values = evaluate(graph, [0.3, -0.7, 1.1]);
      for (const [mode, start] of [
        ["primal", 1],
        ["forward", [1, 0.5, -2]],
        ["reverse", 1.5],
      ] as const) {
        const run = sweep(graph, values, mode, start);
        run.steps.forEach((step, index) => {
          const truth = step.value as number;
          const before = known(graph, run, index, values);
          const judge = (answer: number) => diagnose(graph, step, before, answer).correct;
          expect(judge(truth)).toBe(true);
          expect(judge(Number(truth.toPrecision(3)))).toBe(true);
          expect(judge(Number(formatNumber(truth).replace("−", "-").replace(/×10.*/, "")))).toBe(
            !formatNumber(truth).includes("×"),
          );
          for (const wrong of [truth + 1, truth * 1.06 || 1, Number.POSITIVE_INFINITY])
            expect(judge(wrong)).toBe(false);
        });
      }
    }
  });
});
