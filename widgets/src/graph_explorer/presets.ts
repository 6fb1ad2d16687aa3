/** Graphs to begin with, which need no kernel. */

import { type DagNode, INPUT, tidy } from "../math/dag";

type Reads = readonly (string | number)[];
const node = (label: string, operation: string | null, reads: Reads = [], value: number | null = null): DagNode => ({
  label,
  operation,
  arguments: reads,
  value,
  x: 0,
  y: 0,
  symbol: null,
  partials: null,
});
const input = (label: string, value: number) => node(label, INPUT, [], value);
const plain = (label: string, ...reads: string[]) => node(label, null, reads);

export const PRESETS: Readonly<Record<string, readonly DagNode[]>> = {
  "x₁·x₂ + sin x₁": tidy([
    input("x1", 2),
    input("x2", 3),
    node("w1", "sin", ["x1"]),
    node("w2", "multiply", ["x1", "x2"]),
    node("f", "add", ["w2", "w1"]),
  ]),
  "2·(x·y + max(z, w))": tidy([
    input("x", 3),
    input("y", -4),
    input("z", 2),
    input("w", -1),
    node("w1", "multiply", ["x", "y"]),
    node("w2", "maximum", ["z", "w"]),
    node("w3", "add", ["w1", "w2"]),
    node("f", "multiply", [2, "w3"]),
  ]),
  diamond: tidy([plain("a"), plain("b", "a"), plain("c", "a"), plain("d", "b", "c")]),
  chain: tidy([
    input("x", 1),
    node("v1", "sin", ["x"]),
    node("v2", "exp", ["v1"]),
    node("v3", "square", ["v2"]),
    node("f", "tanh", ["v3"]),
  ]),
  "two layers": tidy([
    plain("a1"),
    plain("a2"),
    plain("a3"),
    plain("b1", "a1", "a2", "a3"),
    plain("b2", "a1", "a2", "a3"),
    plain("b3", "a1", "a2", "a3"),
    plain("y", "b1", "b2", "b3"),
  ]),
  "getting dressed": tidy([
    plain("socks"),
    plain("trousers"),
    plain("shirt"),
    plain("shoes", "socks", "trousers"),
    plain("belt", "trousers"),
    plain("tie", "shirt"),
    plain("jacket", "belt", "tie"),
  ]),
  empty: [],
};
