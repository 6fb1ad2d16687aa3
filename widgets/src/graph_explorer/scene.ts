/** From the traits to what there is to show: the graph, its orders, and where each mode stands. */

import { type DagNode, edgesOf, INPUT, missing, type Run, run } from "../math/dag";
import { labelText } from "../math/notation";
import {
  backwardEdges,
  boundOrders,
  countOrders,
  type DepthFirstStep,
  depthFirst,
  type Edge,
  findCycle,
  type KahnStep,
  kahn,
  undirectedCycle,
} from "../math/orders";
import type { Traits } from "./traits";

export interface Scene {
  readonly nodes: readonly DagNode[];
  readonly labels: readonly string[];
  readonly edges: readonly Edge[];
  readonly order: readonly string[];
  readonly output: string;
  readonly backward: readonly Edge[];
  /** A cycle without regard to arrows. */
  readonly undirected: readonly string[] | null;
  /** How many topological orders there are; null where they are too many to be counted. */
  readonly count: bigint | null;
  readonly bounds: readonly [bigint, bigint];
  readonly kahn: readonly KahnStep[];
  readonly depthFirst: readonly DepthFirstStep[];
  /** What it computes, or why it can't. */
  readonly run: Run | null;
  readonly fault: string;
  /** The place in the order at which a node is met that reads one that comes later; −1 if there is none. */
  readonly blocked: number;
}

/** The scene of a graph and an order; what does not depend on the order is made once. */
export function scenes(): (traits: Traits) => Scene | null {
  let of: readonly DagNode[] | undefined;
  let output = "";
  let graph: Omit<Scene, "order" | "backward" | "blocked"> | null = null;
  return ({ nodes, order, output: wanted }) => {
    if (nodes !== of || wanted !== output) {
      of = nodes;
      output = wanted;
      graph = graphOf(nodes, wanted);
    }
    if (!graph || order.length !== graph.labels.length || graph.labels.some((label) => !order.includes(label)))
      return null;
    const backward = backwardEdges(order, graph.edges);
    const late = new Set(backward.map(([, target]) => target));
    return { ...graph, order, backward, blocked: order.findIndex((label) => late.has(label)) };
  };
}

function graphOf(nodes: readonly DagNode[], output: string): Omit<Scene, "order" | "backward" | "blocked"> | null {
  const labels = nodes.map(({ label }) => label);
  const edges = edgesOf(nodes);
  if (new Set(labels).size < labels.length || edges.some(([source]) => !labels.includes(source))) return null;
  if (findCycle(labels, edges)) return null;
  const fault = nodes.map((node) => missing(node, labelText)).find(Boolean) ?? "";
  return {
    nodes,
    labels,
    edges,
    output,
    undirected: undirectedCycle(edges),
    count: countOrders(labels, edges),
    bounds: boundOrders(labels, edges),
    kahn: kahn(labels, edges),
    depthFirst: depthFirst(labels, edges),
    run: fault || !labels.length ? null : run(nodes, output),
    fault: labels.length ? fault : "The graph is empty: add a node.",
  };
}

/** How many steps the present mode has. */
export function lengthOf({ order, blocked, run }: Scene, mode: Traits["mode"]): number {
  if (mode === "algorithms") return 2 * order.length;
  if (mode === "run") return blocked < 0 ? 2 * order.length : blocked + 1;
  return 0 * +!run;
}

/** What has been computed after so many steps of a run. */
export interface Progress {
  /** The node of the last step; "" before the first. */
  readonly node: string;
  readonly back: boolean;
  readonly values: ReadonlySet<string>;
  readonly adjoints: ReadonlySet<string>;
  /** The node can't be computed: something that it reads comes later. */
  readonly stuck: boolean;
}

export function progress({ order, blocked }: Scene, position: number): Progress {
  const n = order.length;
  const back = position > n;
  const stuck = blocked >= 0 && position > blocked;
  return {
    node: position ? (order[back ? 2 * n - position : position - 1] ?? "") : "",
    back,
    values: new Set(order.slice(0, stuck ? blocked : position)),
    adjoints: new Set(back ? order.slice(2 * n - position) : []),
    stuck,
  };
}

export const isInput = (node: DagNode | undefined) => node?.operation === INPUT;
export const readers = ({ edges }: Scene, label: string) => [
  ...new Set(edges.filter(([source]) => source === label).map(([, target]) => target)),
];
export const sources = ({ edges }: Scene, label: string) => [
  ...new Set(edges.filter(([, target]) => target === label).map(([source]) => source)),
];
