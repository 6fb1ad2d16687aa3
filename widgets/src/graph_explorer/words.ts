/** What GraphExplorer says. */

import { formatNumber, labelText } from "../math/notation";
import type { Edge } from "../math/orders";
import { type Progress, readers, type Scene, sources } from "./scene";

export const many = (n: number, noun: string) => `${n} ${noun}${n === 1 ? "" : "s"}`;

export const listed = (labels: readonly string[], none = "none") =>
  labels.length ? labels.map((label) => labelText(label)).join(", ") : none;

const joined = (parts: readonly string[]) =>
  parts.length < 2 ? parts.join("") : `${parts.slice(0, -1).join(", ")} and ${parts.at(-1)}`;

export const arrow = ([a, b]: Edge) => `${labelText(a)} → ${labelText(b)}`;

export const path = (cycle: readonly string[], sign = " → ") => cycle.map((label) => labelText(label)).join(sign);

/** A count with commas, or what bounds it. */
export function counted({ count, bounds: [low, high] }: Scene): string {
  return count === null ? `between ${rounded(low)} and ${rounded(high)}` : grouped(count);
}

export const grouped = (n: bigint) => `${n}`.replace(/\B(?=(\d{3})+$)/g, ",");

function rounded(n: bigint): string {
  const digits = `${n}`;
  if (digits.length < 7) return grouped(n);
  const raised = `${digits.length - 1}`.replace(/\d/g, (digit) => "⁰¹²³⁴⁵⁶⁷⁸⁹"[+digit]!);
  return `${digits[0]}.${digits[1]} × 10${raised}`;
}

/** A refused edge. */
export const refusal = ([a, b]: Edge, back: readonly string[]) =>
  a === b
    ? `${labelText(a)} can't read itself: that is a directed cycle of one node. The edge was not added.`
    : `The edge ${arrow([a, b])} would close the cycle ${path([...back, back[0]!])}: ${labelText(a)} would have to wait for itself. It was not added.`;

/** What kind of graph it is. */
export function shape({ nodes, edges, undirected }: Scene): string {
  if (!nodes.length) return "An empty graph: add a node.";
  const size = `${many(nodes.length, "node")}, ${many(edges.length, "edge")}, no directed cycle.`;
  if (!undirected) return `${size} Without its arrows it has no cycle either: it is a forest.`;
  if (undirected.length === 2) return size;
  return `${size} Without its arrows it has one, ${path(undirected, " – ")}, and that is fine: nobody goes round it along the arrows.`;
}

/** What the present order is. */
export function ordering(scene: Scene, secret: boolean): string {
  const { backward, edges, nodes } = scene;
  const distinct = new Set(edges.map(([a, b]) => `${a}>${b}`)).size;
  if (!nodes.length) return "";
  if (!backward.length) {
    const all =
      distinct === 0
        ? "There are no edges"
        : distinct === 1
          ? "The edge points forward"
          : `All ${distinct} edges point forward`;
    const which = secret ? "" : `, ${scene.count === 1n ? "the only one" : `one of ${counted(scene)}`}`;
    return `${all}: this order σ is topological${which}.`;
  }
  const first = backward[0]!;
  const which = backward.length > 3 ? `${backward.slice(0, 3).map(arrow).join(", ")}, …` : joined(backward.map(arrow));
  return `${backward.length} of ${many(distinct, "edge")} point${backward.length === 1 ? "s" : ""} backward: ${which}. ${labelText(first[1])} reads ${labelText(first[0])}, which comes later.`;
}

/** A step of a run, forward or back. */
export function running(scene: Scene, now: Progress, position: number): string {
  const { node, back, stuck } = now;
  const total = scene.order.length;
  if (!scene.run) return `${scene.fault}.`.replace("..", ".");
  if (!position) return `Forward along the order, then back against it: ${many(2 * total, "step")}.`;
  if (stuck) {
    const late = scene.backward.filter(([, target]) => target === node).map(([source]) => labelText(source));
    return `Here it stops: ${labelText(node)} reads ${joined(late)}, which come${late.length === 1 ? "s" : ""} later in this order. Move it, in Order.`;
  }
  const { values, adjoints, partials } = scene.run;
  const value = (label: string) => formatNumber(values[label] ?? Number.NaN);
  if (!back) {
    const read = sources(scene, node);
    return read.length
      ? `Forward, place ${position}: ${joined(read.map((a) => labelText(a)))} ${read.length === 1 ? "is" : "are"} known, so ${labelText(node)} can be computed: ${value(node)}.`
      : `Forward, place ${position}: ${labelText(node)} = ${value(node)} reads nothing.`;
  }
  const bar = `${labelText(node, "bar")} = ${formatNumber(adjoints[node] ?? Number.NaN)}`;
  const who = readers(scene, node);
  const why =
    node === scene.output
      ? `${bar} is the seed`
      : who.length
        ? `${joined(who.map((b) => labelText(b)))} ${who.length === 1 ? "has" : "have"} sent what belongs to it, so ${bar} is complete`
        : `nobody reads it, so ${bar}`;
  const own = scene.nodes.find(({ label }) => label === node)!;
  const sent = own.arguments.flatMap((a, k) =>
    typeof a === "string"
      ? [`${formatNumber(adjoints[node] ? adjoints[node]! * partials[node]![k]! : 0)} to ${labelText(a)}`]
      : [],
  );
  return `Back, place ${2 * total + 1 - position}: ${why}${sent.length ? `. It sends ${joined(sent)}` : ""}.`;
}

/** A moment of the two algorithms. */
export function searching({ kahn, depthFirst, order }: Scene, position: number): [string, string] {
  const one = kahn[position] ?? kahn.at(-1)!;
  const other = depthFirst[position] ?? depthFirst.at(-1)!;
  const left = one.node === null ? "" : labelText(one.node);
  const right = other.node === null ? "" : labelText(other.node);
  const ready = listed(one.ready, "nobody");
  const done = position >= 2 * order.length;
  const first =
    one.event === "start"
      ? `These wait for nobody: ${ready}.`
      : one.event === "take"
        ? `${left} waits for nobody, so it is next.`
        : `Those that waited for ${left} wait for one less. Ready: ${ready}.`;
  const second =
    other.event === "start"
      ? "Nothing is visited yet."
      : other.event === "visit"
        ? `${right} is visited: first goes all that it leads to.`
        : `All that ${right} leads to stands in the order: ${right} goes in front.`;
  return [done ? `${first} Every node has its place.` : first, done ? `${second} Every node has its place.` : second];
}
