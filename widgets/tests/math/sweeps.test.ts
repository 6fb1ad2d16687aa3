import { describe, expect, it } from "vitest";
import { evaluate, type Graph, guardsHold, known, type Step, supports, sweep, type Values } from "../../src/math/index";
import { graph, lecture, node, randomGraph, single } from "./documents";

const at = (inputs: number[]) => evaluate(lecture, inputs);
const brief = ({ phase, node, source, argument, formula, accumulates, value, contribution, contributions }: Step) => ({
  phase,
  node,
  source,
  argument,
  formula,
  accumulates,
  value,
  contribution,
  contributions,
});
const rest = { source: null, argument: null, accumulates: false, contribution: null, contributions: null };

describe("x1*x2 + sin(x1) at (2, 3)", () => {
  const values = at([2, 3]);
  const primal = [
    { phase: "primal", node: "w1", formula: ["sin", "x1"], value: Math.sin(2), ...rest },
    { phase: "primal", node: "w2", formula: ["multiply", "x1", "x2"], value: 6, ...rest },
    { phase: "primal", node: "f", formula: ["add", "w2", "w1"], value: 6.909297426825682, ...rest },
  ];

  it("evaluates", () => {
    expect({ ...values }).toEqual({ x1: 2, x2: 3, w1: Math.sin(2), w2: 6, f: 6.909297426825682 });
  });

  it("sweeps primal", () => {
    const { steps, result } = sweep(lecture, values, "primal", []);
    expect(steps.map(brief)).toEqual(primal);
    expect(steps.map(({ text }) => text)).toEqual([
      "w₁ = sin x₁ = sin 2 = 0.909",
      "w₂ = x₁·x₂ = 2·3 = 6",
      "f = w₂ + w₁ = 6 + 0.909 = 6.909",
    ]);
    expect(steps.map(({ operations, held, bytes }) => [operations, held, bytes])).toEqual([
      [1, 3, 24],
      [2, 2, 16],
      [3, 1, 8],
    ]);
    expect(result).toEqual({ value: 6.909297426825682, derivative: null, gradient: null });
  });

  it("sweeps forward along (1, 0)", () => {
    const { steps, result, seed } = sweep(lecture, values, "forward", [1, 0]);
    const tangent = { phase: "tangent", ...rest };
    expect(steps.map(brief)).toEqual([
      { ...tangent, node: "w1", formula: ["multiply", ["dot", "x1"], ["cos", "x1"]], value: Math.cos(2) },
      {
        ...tangent,
        node: "w2",
        formula: ["add", ["multiply", ["dot", "x1"], "x2"], ["multiply", ["dot", "x2"], "x1"]],
        value: 3,
      },
      { ...tangent, node: "f", formula: ["add", ["dot", "w2"], ["dot", "w1"]], value: 2.5838531634528574 },
    ]);
    expect(steps.map(({ text }) => text)).toEqual([
      "ẇ₁ = ẋ₁·cos x₁ = 1·cos 2 = −0.416",
      "ẇ₂ = ẋ₁·x₂ + ẋ₂·x₁ = 1·3 + 0·2 = 3",
      "ḟ = ẇ₂ + ẇ₁ = 3 + (−0.416) = 2.584",
    ]);
    // a value and a tangent a step: 1 + 2, 1 + 1 + 1 + 1, 1 + 1
    expect(steps.map(({ operations, held }) => [operations, held])).toEqual([
      [3, 6],
      [7, 4],
      [9, 2],
    ]);
    expect([seed, result]).toEqual([
      [1, 0],
      { value: 6.909297426825682, derivative: 2.5838531634528574, gradient: null },
    ]);
    expect(sweep(lecture, values, "forward", [0, 1]).result.derivative).toBe(2);
  });

  it("sweeps reverse", () => {
    const { steps, result } = sweep(lecture, values, "reverse", 1);
    const adjoint = { phase: "adjoint", accumulates: false };
    expect(steps.map(brief)).toEqual([
      ...primal,
      { phase: "seed", node: "f", formula: 1, value: 1, ...rest },
      {
        ...adjoint,
        node: "w2",
        source: "f",
        argument: 0,
        formula: ["bar", "f"],
        value: 1,
        contribution: 1,
        contributions: [1],
      },
      {
        ...adjoint,
        node: "w1",
        source: "f",
        argument: 1,
        formula: ["bar", "f"],
        value: 1,
        contribution: 1,
        contributions: [1],
      },
      {
        ...adjoint,
        node: "x1",
        source: "w2",
        argument: 0,
        formula: ["multiply", ["bar", "w2"], "x2"],
        value: 3,
        contribution: 3,
        contributions: [3],
      },
      {
        ...adjoint,
        node: "x2",
        source: "w2",
        argument: 1,
        formula: ["multiply", ["bar", "w2"], "x1"],
        value: 2,
        contribution: 2,
        contributions: [2],
      },
      {
        ...adjoint,
        node: "x1",
        source: "w1",
        argument: 0,
        accumulates: true,
        formula: ["multiply", ["bar", "w1"], ["cos", "x1"]],
        value: 2.5838531634528574,
        contribution: Math.cos(2),
        contributions: [3, Math.cos(2)],
      },
    ]);
    expect(steps.slice(3).map(({ text }) => text)).toEqual([
      "f̄ = 1",
      "w̄₂ = f̄ = 1",
      "w̄₁ = f̄ = 1",
      "x̄₁ = w̄₂·x₂ = 1·3 = 3",
      "x̄₂ = w̄₂·x₁ = 1·2 = 2",
      "x̄₁ += w̄₁·cos x₁ = 1·cos 2 = −0.416",
    ]);
    expect(steps.at(-1)?.latex).toBe(
      "\\bar{x}_1 \\mathrel{+}= \\bar{w}_1 \\cdot \\cos x_1 = 1 \\cdot \\cos 2 = -0.416",
    );
    expect(steps.map(({ operations }) => operations)).toEqual([1, 2, 3, 3, 3, 3, 4, 5, 8]);
    // x1, x2, w1 | w1, w2 … | f, f̄ … : what the way back still reads, and results
    expect(steps.map(({ held }) => held)).toEqual([3, 4, 3, 4, 5, 5, 5, 5, 3]);
    expect(result).toEqual({ value: 6.909297426825682, derivative: null, gradient: [2.5838531634528574, 2] });
  });

  it("knows at each position what has been computed, and nothing else", () => {
    const reverse = sweep(lecture, values, "reverse", 1);
    expect({ ...known(lecture, reverse, 0, values) }).toEqual({ x1: 2, x2: 3 });
    expect({ ...known(lecture, reverse, 4, values) }).toEqual({
      x1: 2,
      x2: 3,
      w1: Math.sin(2),
      w2: 6,
      f: values.f,
      "bar f": 1,
    });
    expect(known(lecture, reverse, 7, values)["bar x1"]).toBe(3);
    expect(known(lecture, reverse, 9, values)["bar x1"]).toBe(2.5838531634528574);
    const forward = sweep(lecture, values, "forward", [1, 0]);
    expect({ ...known(lecture, forward, 1, values) }).toEqual({
      x1: 2,
      x2: 3,
      w1: Math.sin(2),
      "dot x1": 1,
      "dot x2": 0,
      "dot w1": Math.cos(2),
    });
  });
});

describe("odd graphs", () => {
  const gradient = (graph: Graph, inputs: number[]) =>
    sweep(graph, evaluate(graph, inputs), "reverse", 1).result.gradient;

  it("counts both paths of a square", () => {
    const square = single(["multiply", "a", "a"], ["a", "a"]);
    expect(gradient(square, [3])).toEqual([6]);
    expect(sweep(square, evaluate(square, [3]), "forward", [1]).steps[0]?.text).toBe("ḟ = ȧ·a + ȧ·a = 1·3 + 1·3 = 6");
  });

  it("gives inputs without a path gradient 0, and skips what no adjoint reaches", () => {
    const dead = graph(
      ["a", "b"],
      [
        node("w1", { arguments: ["b"], expression: ["sin", "b"], partials: [["cos", "b"]] }),
        node("f", { arguments: ["a"], expression: ["exp", "a"], partials: ["f"] }),
      ],
    );
    const { steps, result } = sweep(dead, evaluate(dead, [0, 1]), "reverse", 1);
    expect(result.gradient).toEqual([1, 0]);
    expect(steps.map(({ phase, node }) => `${phase} ${node}`)).toEqual([
      "primal w1",
      "primal f",
      "seed f",
      "adjoint a",
    ]);
    // exp's way back reads its own output only
    expect(steps.map(({ held }) => held)).toEqual([1, 1, 2, 2]);
  });

  it("takes a function that is its input", () => {
    const identity = graph(["a"], []);
    const { steps, result } = sweep(identity, evaluate(identity, [4]), "reverse", 1);
    expect([steps.length, result.value, result.gradient]).toEqual([1, 4, [1]]);
    expect(sweep(identity, evaluate(identity, [4]), "forward", [1]).result.derivative).toBe(1);
    expect(sweep(identity, evaluate(identity, [4]), "primal", []).steps).toEqual([]);
  });

  it("says 0 where nothing has a derivative", () => {
    const floor = single(["floor", "a"], [0]);
    expect(sweep(floor, evaluate(floor, [2.5]), "forward", [1]).steps[0]?.formula).toBe(0);
    expect(sweep(floor, evaluate(floor, [2.5]), "reverse", 1).result.gradient).toEqual([0]);
  });

  it("passes by arguments without a derivative", () => {
    const where = single(["where", "a", "b", "c"], [null, ["not_equal", "a", 0], ["equal", "a", 0]]);
    expect(gradient(where, [1, 5, 6])).toEqual([0, 1, 0]);
    expect(gradient(where, [0, 5, 6])).toEqual([0, 0, 1]);
  });

  it("is unmoved by labels that mean something to JavaScript", () => {
    const hostile = graph(
      ["__proto__", "constructor"],
      [
        node("toString", {
          arguments: ["__proto__", "constructor"],
          expression: ["multiply", "__proto__", "constructor"],
          partials: ["constructor", "__proto__"],
        }),
        node("hasOwnProperty", {
          arguments: ["toString"],
          expression: ["sin", "toString"],
          partials: [["cos", "toString"]],
        }),
      ],
    );
    const values = evaluate(hostile, [2, 3]);
    const all = sweep(hostile, values, "reverse", 1);
    expect(all.result.gradient).toEqual([3 * Math.cos(6), 2 * Math.cos(6)]);
    expect(known(hostile, all, 99, values)["bar __proto__"]).toBe(3 * Math.cos(6));
    expect(all.steps.map(({ text }) => text).join()).not.toContain("native code");
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });

  it("keeps numbers that are not finite", () => {
    const log = single(["log", "a"], [["divide", 1, "a"]]);
    const { steps, result } = sweep(log, evaluate(log, [0]), "reverse", 1);
    expect([result.value, result.gradient]).toEqual([Number.NEGATIVE_INFINITY, [Number.POSITIVE_INFINITY]]);
    expect(steps.map(({ text }) => text)).toEqual(["f = log a = log 0 = −∞", "f̄ = 1", "ā = f̄/a = 1/0 = ∞"]);
  });

  it("tells when a guard breaks, and what it cannot compute", () => {
    const guarded = { ...lecture, guards: [{ op: "greater", left: "x1", right: 0, outcome: true }] };
    expect(guardsHold(guarded, at([1, 1]))).toBeNull();
    expect(guardsHold(guarded, at([-1, 1]))).toBe(guarded.guards[0]);
    expect(
      guardsHold({ ...lecture, guards: [{ op: "less", left: "x1", right: "Infinity", outcome: true }] }, at([1, 1])),
    ).toBeNull();
    expect(supports(lecture)).toBe(true);
    expect(supports(single(["frobnicate", "a"], [1]))).toBe(false);
    expect(supports(single(["constructor", "a"], [1]))).toBe(false);
    expect(evaluate(single(["frobnicate", "a"], [1]), [1]).f).toBeNaN();
  });
});

describe("random graphs", () => {
  it.each(Array.from({ length: 40 }, (_, index) => index + 1))("agree with finite differences (seed %i)", (seed) => {
    const graph = randomGraph(seed, 4 + seed);
    const point = [0.3, -0.7, 1.1];
    const f = (inputs: number[]) => evaluate(graph, inputs).f!;
    const values = evaluate(graph, point);
    const gradient = sweep(graph, values, "reverse", 1).result.gradient as number[];
    point.forEach((_, k) => {
      const moved = (h: number) => f(point.map((x, j) => (j === k ? x + h : x)));
      const numeric = (moved(1e-5) - moved(-1e-5)) / 2e-5;
      const scale = Math.max(1, Math.abs(gradient[k]!));
      expect(Math.abs(gradient[k]! - numeric) / scale).toBeLessThan(1e-6);
      const seed = point.map((_, j) => +(j === k));
      const tangent = sweep(graph, values, "forward", seed).result.derivative as number;
      expect(Math.abs(gradient[k]! - tangent) / scale).toBeLessThan(1e-12);
    });
  });

  it("hold what a naive count holds", () => {
    for (const mode of ["primal", "forward", "reverse"] as const) {
      const graph = randomGraph(7, 60);
      const { steps } = sweep(graph, evaluate(graph, [1, 2, 3]), mode, mode === "forward" ? [1, 0, 0] : 1);
      expect(steps.map(({ held }) => held)).toEqual(naivelyHeld(graph, steps, mode));
    }
  });

  it("are fast enough for a slider", () => {
    const graph = randomGraph(11, 200, 4);
    const once = () => {
      const values: Values = evaluate(graph, [0.1, 0.2, 0.3, 0.4]);
      return sweep(graph, values, "reverse", 1).steps.length;
    };
    for (let i = 0; i < 20; i++) once();
    const times = Array.from({ length: 21 }, () => {
      const start = performance.now();
      once();
      return performance.now() - start;
    });
    expect(Math.min(...times)).toBeLessThan(3);
  });
});

/** Liveness by its definition, quadratic: for each position all that was written and is read later or is a result. */
function naivelyHeld(graph: Graph, steps: readonly Step[], mode: string): number[] {
  const find = (label: string | null) => graph.nodes.find((node) => node.label === label)!;
  const names = (tree: unknown): string[] =>
    typeof tree === "string" ? [tree] : Array.isArray(tree) ? tree.slice(1).flatMap(names) : [];
  const reads = ({ phase, node, source, argument }: Step): string[] => {
    const args = find(node).arguments as string[];
    if (phase === "primal") return args;
    if (phase === "tangent") return [...args, ...args.map((label) => `dot ${label}`)];
    return phase === "seed" ? [] : [`bar ${source}`, ...names(find(source).partials[argument!])];
  };
  const writes = ({ phase, node }: Step) =>
    phase === "primal" ? [node] : phase === "tangent" ? [node, `dot ${node}`] : [`bar ${node}`];
  const given = mode === "forward" ? graph.inputs.flatMap((label) => [label, `dot ${label}`]) : graph.inputs;
  const results = new Set([graph.output, `dot ${graph.output}`]);
  if (mode === "reverse") for (const label of graph.inputs) results.add(`bar ${label}`);
  return steps.map((_, index) => {
    const written = new Set([...given, ...steps.slice(0, index + 1).flatMap(writes)]);
    const later = new Set(steps.slice(index + 1).flatMap(reads));
    return [...written].filter((key) => later.has(key) || results.has(key)).length;
  });
}
