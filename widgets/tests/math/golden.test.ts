import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { adjointFormula, contributionCost, paths, tangentFormula } from "../../src/math/algebra";
import { chain, print } from "../../src/math/formulas";
import {
  type Argument,
  formatNumber,
  type Known,
  labelLatex,
  labelText,
  latex,
  operations,
  simplify,
  type Tree,
  text,
  toNumber,
  type Value,
  variables,
} from "../../src/math/index";

/** What Python prints: tests/unit/test_formulas.py writes this file. */
interface Golden {
  known: Known;
  numbers: { value: Value; text: string; latex: string }[];
  labels: { label: string; accent: "dot" | "bar" | null; text: string; latex: string }[];
  trees: [Tree, string, string, string, string, number, string[], number, Tree?][];
  tangents: { arguments: Argument[]; partials: (Tree | null)[]; formula: Tree; cost: number }[];
  equations: { left: Tree; formula: Tree; value: number | null; accumulates: boolean; latex: string; text: string }[];
}

const path = new URL("../../../tests/golden/formulas.json", import.meta.url);
const golden = JSON.parse(readFileSync(path, "utf8")) as Golden;
const known: Known = Object.assign(Object.create(null), golden.known);

describe("the golden formulas that Python wrote", () => {
  it.each(golden.numbers)("number $value", ({ value, text, latex }) => {
    expect([formatNumber(toNumber(value)), formatNumber(toNumber(value), "latex")]).toEqual([text, latex]);
  });

  it.each(golden.labels)("label $label $accent", ({ label, accent, text, latex }) => {
    expect([labelText(label, accent ?? undefined), labelLatex(label, accent ?? undefined)]).toEqual([text, latex]);
  });

  it("trees", () => {
    expect(golden.trees.length).toBeGreaterThan(500);
    for (const [tree, ...expected] of golden.trees) {
      const simplified = simplify(tree);
      const same = JSON.stringify(simplified) === JSON.stringify(tree);
      const lines = [text(tree), latex(tree), text(tree, known), latex(tree, known)];
      const counts = [operations(tree), variables(tree), contributionCost({ partial: simplified })];
      expect([...lines, ...counts, ...(same ? [] : [simplified])], JSON.stringify(tree)).toEqual(expected);
    }
  });

  it.each(golden.tangents)("tangent $arguments $partials", ({ arguments: args, partials, formula, cost }) => {
    const tidy = partials.map((partial) => (partial === null ? null : simplify(partial)));
    const found = paths({ arguments: args, partials: tidy });
    expect(tangentFormula(found)).toEqual(formula);
    const costs = found.map(contributionCost);
    expect(costs.reduce((sum, each) => sum + each, Math.max(found.length - 1, 0))).toBe(cost);
  });

  it.each(golden.equations)("$text", ({ left, formula, value, accumulates, latex, text }) => {
    const line = (style: "latex" | "text") => {
      const members = [print(formula, style), print(formula, style, known)];
      if (value !== null) members.push(formatNumber(value, style));
      return chain(style, left, members, accumulates);
    };
    expect([line("latex"), line("text")]).toEqual([latex, text]);
  });

  it("pulls an adjoint back", () => {
    expect(adjointFormula("w1", { label: "x1", argument: 0, partial: ["divide", 1, "x1"] })).toEqual([
      "divide",
      ["bar", "w1"],
      "x1",
    ]);
  });
});
