import { expect, it } from "vitest";
import { codeLines, pieceAt } from "../../src/core/code_view";

const piece = (id: string, start: number, end: number, line = 1) => ({ id, line, start, end });

it("nests pieces, and leaves out those that only overlap", () => {
  const [line] = codeLines("x1*x2 + sin(x1)", [
    piece("w2", 8, 15),
    piece("f", 0, 15),
    piece("w1", 0, 5),
    piece("x1", 0, 2),
    piece("x1", 12, 14),
    piece("odd", 3, 9),
  ]);
  expect(line?.textContent).toBe("x1*x2 + sin(x1)");
  const tree = (element: Element): unknown[] =>
    [...element.children].map((child) => [(child as HTMLElement).dataset.node, ...tree(child)]);
  expect(tree(line as Element)).toEqual([["f", ["w1", ["x1"]], ["w2", ["x1"]]]]);
});

it("keeps lines apart, and pieces that end beyond a line are clipped to nothing", () => {
  const lines = codeLines("a = 1\nb = a", [piece("b", 4, 5, 2), piece("far", 2, 99, 1)]);
  expect(lines.map((line) => line.innerHTML)).toEqual(["a = 1", 'b = <span class="sg-piece" data-node="b">a</span>']);
});

it("finds the innermost piece under a place", () => {
  const pieces = [piece("f", 0, 15), piece("w2", 8, 15), piece("x1", 12, 14)];
  expect([3, 9, 13, 20].map((column) => pieceAt(pieces, 1, column))).toEqual(["f", "w2", "x1", undefined]);
});
