import { describe, expect, it } from "vitest";
import { compute } from "../../src/math/arithmetic";
import type { Tree } from "../../src/math/index";

const { NaN: nan, POSITIVE_INFINITY: inf } = Number;
const value = (op: string, ...parts: number[]) => compute([op, ...parts], {});

describe("arithmetic is that of Python and NumPy", () => {
  it.each<[string, number[], number]>([
    ["add", [1, 2], 3],
    ["subtract", [1, 2], -1],
    ["multiply", [3, -2], -6],
    ["divide", [1, 0], inf],
    ["divide", [-1, 0], -inf],
    ["divide", [0, 0], nan],
    ["negative", [2], -2],
    ["power", [0, 0], 1],
    ["power", [-8, 1 / 3], nan],
    ["power", [-2, 3], -8],
    ["power", [1, nan], 1],
    ["power", [1, inf], 1],
    ["power", [-1, -inf], 1],
    ["power", [nan, 0], 1],
    ["power", [-1, nan], nan],
    ["power", [0, -1], inf],
    ["exp", [710], inf],
    ["exp2", [10], 1024],
    ["expm1", [1e-20], 1e-20],
    ["log", [-1], nan],
    ["log", [0], -inf],
    ["log2", [8], 3],
    ["log10", [1000], 3],
    ["log1p", [-1], -inf],
    ["sqrt", [-1], nan],
    ["cbrt", [-27], -3],
    ["square", [-3], 9],
    ["reciprocal", [4], 0.25],
    ["arcsin", [2], nan],
    ["arccos", [1], 0],
    ["arctan", [inf], Math.PI / 2],
    ["arctan2", [1, -1], (3 * Math.PI) / 4],
    ["arcsinh", [0], 0],
    ["arccosh", [0.5], nan],
    ["arctanh", [1], inf],
    ["absolute", [-3], 3],
    ["sign", [-3], -1],
    ["sign", [0], 0],
    ["sign", [-0], 0],
    ["sign", [nan], nan],
    ["maximum", [1, nan], nan],
    ["maximum", [1, 2], 2],
    ["minimum", [nan, 1], nan],
    ["minimum", [1, 2], 1],
    ["clip", [5, 0, 1], 1],
    ["clip", [-5, 0, 1], 0],
    ["clip", [nan, 0, 1], nan],
    ["where", [1, 2, 3], 2],
    ["where", [0, 2, 3], 3],
    ["where", [nan, 2, 3], 2],
    ["relu", [-1], 0],
    ["relu", [nan], nan],
    ["sigmoid", [0], 0.5],
    ["sigmoid", [1000], 1],
    ["sigmoid", [-1000], 0],
    ["softplus", [1000], 1000],
    ["softplus", [-1000], 0],
    ["softplus", [-inf], 0],
    ["softplus", [0], Math.LN2],
    ["logaddexp", [1000, 1000], 1000 + Math.LN2],
    ["logaddexp", [-inf, -inf], -inf],
    ["logaddexp", [0, -inf], 0],
    ["hypot", [3, 4], 5],
    ["floor", [-0.5], -1],
    ["ceil", [0.5], 1],
    ["round", [0.5], 0],
    ["round", [1.5], 2],
    ["round", [2.5], 2],
    ["round", [-1.5], -2],
    ["round", [-2.5], -2],
    ["round", [2.4], 2],
    ["round", [-2.6], -3],
    ["remainder", [7, 3], 1],
    ["remainder", [-7, 3], 2],
    ["remainder", [7, -3], -2],
    ["remainder", [-7, -3], -1],
    ["remainder", [5, 0], nan],
    ["remainder", [-5, inf], inf],
    ["remainder", [6, 3], 0],
    ["greater", [2, 1], 1],
    ["greater_equal", [1, 1], 1],
    ["less", [2, 1], 0],
    ["less_equal", [nan, 1], 0],
    ["equal", [1, 1], 1],
    ["not_equal", [nan, nan], 1],
  ])("%s %j", (op, parts, expected) => {
    expect(value(op, ...parts) + 0).toBe(expected);
  });

  it.each(["sin", "cos", "tan", "sinh", "cosh", "tanh", "exp", "log", "sqrt"] as const)("%s", (name) => {
    expect(value(name, 0.7)).toBe(Math[name](0.7));
  });

  it("knows constants that JSON cannot carry, and nothing that is not in its table", () => {
    const inside = (tree: Tree) => compute(tree, { x: 2 });
    expect(inside(["minimum", "x", ["number", "Infinity"]])).toBe(2);
    expect(inside(["maximum", "x", ["number", "-Infinity"]])).toBe(2);
    expect(inside(["number", "NaN"])).toBeNaN();
    for (const op of ["matmul", "constructor", "__proto__", "toString"]) expect(inside([op, "x", "x"])).toBeNaN();
    for (const label of ["y", "constructor", "__proto__"]) expect(inside(["add", label, 1])).toBeNaN();
  });
});
