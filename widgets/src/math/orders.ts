/**
 * Orders of the nodes of a directed graph: cycles, topological orders, how many there are, and two ways to find one. The
 * twin of `stepgrad/documents/orders.py`, which has the sources.
 */

export type Edge = readonly [source: string, target: string];

/** How many sets of first nodes are looked at, at most, to count the orders. */
export const LIMIT = 50_000;

type Neighbours = Map<string, string[]>;

/** For each node those that an edge leads to, each once. */
function successors(nodes: readonly string[], edges: readonly Edge[]): Neighbours {
  const after = new Map<string, Set<string>>(nodes.map((node) => [node, new Set()]));
  for (const [source, target] of edges) after.get(source)?.add(target);
  return new Map([...after].map(([node, targets]) => [node, [...targets]]));
}

const turned = (edges: readonly Edge[]): Edge[] => edges.map(([source, target]) => [target, source]);

const predecessors = (nodes: readonly string[], edges: readonly Edge[]) => successors(nodes, turned(edges));

// Cycles

/** A shortest path along the edges, with both ends; null if there is none. An edge end → start would close a cycle. */
export function pathBetween(edges: readonly Edge[], start: string, end: string): string[] | null {
  const after = successors([...new Set([start, ...edges.flat()])], edges);
  const came = new Map<string, string | null>([[start, null]]);
  for (const node of came.keys()) {
    if (node === end) {
      const path: string[] = [];
      for (let at: string | null | undefined = node; at != null; at = came.get(at)) path.unshift(at);
      return path;
    }
    for (const target of after.get(node) ?? []) if (!came.has(target)) came.set(target, node);
  }
  return null;
}

/** A directed cycle as v₁, v₂, …, v₁, the shortest through the first node that is on any; null if there is none. */
export function findCycle(nodes: readonly string[], edges: readonly Edge[]): string[] | null {
  for (const node of nodes) {
    let best: string[] | null = null;
    for (const [source, target] of edges) {
      const rest = source === node ? pathBetween(edges, target, node) : null;
      if (rest && (!best || rest.length < best.length)) best = rest;
    }
    if (best) return [node, ...best];
  }
  return null;
}

/** A cycle of the graph with its arrows taken off, as v₁, v₂, …, v₁; null if it is a forest. */
export function undirectedCycle(edges: readonly Edge[]): string[] | null {
  const joined: Edge[] = [];
  for (const [source, target] of edges) {
    if (source === target) return [source, source];
    if (joined.some(([a, b]) => (a === source && b === target) || (a === target && b === source))) continue;
    const path = pathBetween([...joined, ...turned(joined)], source, target);
    if (path) return [...path, source];
    joined.push([source, target]);
  }
  return null;
}

// Orders

/** The edges that don't point forward in an order, each once. */
export function backwardEdges(order: readonly string[], edges: readonly Edge[]): Edge[] {
  const place = new Map(order.map((node, i) => [node, i]));
  const seen = new Set<string>();
  return edges.filter(([a, b]) => {
    const known = seen.has(`${a}>${b}`);
    seen.add(`${a}>${b}`);
    return !known && place.get(a)! >= place.get(b)!;
  });
}

function parts(nodes: readonly string[], edges: readonly Edge[]): string[][] {
  const beside = successors(nodes, [...edges, ...turned(edges)]);
  const partOf = new Map<string, number>();
  const found: string[][] = [];
  for (const node of nodes) {
    if (partOf.has(node)) continue;
    const reached = new Set([node]);
    for (const one of reached) for (const other of beside.get(one) ?? []) reached.add(other);
    for (const one of reached) partOf.set(one, found.length);
    found.push(nodes.filter((one) => reached.has(one)));
  }
  return found;
}

/** n over k. */
function choose(n: number, k: number): bigint {
  let product = 1n;
  for (let i = 1; i <= k; i++) product = (product * BigInt(n - k + i)) / BigInt(i);
  return product;
}

/**
 * How many topological orders there are, exactly; 0 if there is a cycle; null where more than `limit` sets of first
 * nodes would have to be looked at.
 */
export function countOrders(nodes: readonly string[], edges: readonly Edge[], limit = LIMIT): bigint | null {
  let [total, placed, seen] = [1n, 0, 0];
  for (const part of parts(nodes, edges)) {
    const bit = new Map(part.map((node, i) => [node, 1n << BigInt(i)]));
    const before = predecessors(
      part,
      edges.filter(([source]) => bit.has(source)),
    );
    const needs = part.map((node) => (before.get(node) ?? []).reduce((sum, a) => sum | bit.get(a)!, 0n));
    const bits = part.map((node) => bit.get(node)!);
    let ways = new Map<bigint, bigint>([[0n, 1n]]);
    for (let step = 0; step < part.length; step++) {
      const longer = new Map<bigint, bigint>();
      for (const [done, count] of ways)
        for (let i = 0; i < part.length; i++)
          if (!(done & bits[i]!) && !(needs[i]! & ~done)) {
            const next = done | bits[i]!;
            longer.set(next, (longer.get(next) ?? 0n) + count);
          }
      ways = longer;
      seen += ways.size;
      if (seen > limit) return null;
    }
    placed += part.length;
    total *= [...ways.values()].reduce((sum, count) => sum + count, 0n) * choose(placed, part.length);
  }
  return total;
}

/** A lower and an upper bound for the number of topological orders of a graph without cycles; both are proved. */
export function boundOrders(nodes: readonly string[], edges: readonly Edge[]): [low: bigint, high: bigint] {
  const everything = nodes.reduce((product, _, i) => product * BigInt(i + 1), 1n);
  let [low, high] = [1n, everything];
  for (const pairs of [[...edges], turned(edges)]) {
    const after = successors(nodes, pairs);
    const before = predecessors(nodes, pairs);
    const order = kahn(nodes, pairs).at(-1)!.order;
    const reach = new Map<string, Set<string>>();
    const depth = new Map<string, number>();
    const size = new Map<string, number>(nodes.map((node) => [node, 1]));
    for (const node of [...order].reverse())
      reach.set(node, new Set([node, ...after.get(node)!.flatMap((target) => [...reach.get(target)!])]));
    for (const node of order) depth.set(node, 1 + Math.max(0, ...before.get(node)!.map((a) => depth.get(a)!)));
    for (const node of [...order].reverse()) {
      const [first, ...others] = before.get(node)!;
      if (first === undefined) continue;
      const deepest = others.reduce((best, a) => (depth.get(a)! > depth.get(best)! ? a : best), first);
      size.set(deepest, size.get(deepest)! + size.get(node)!);
    }
    const product = (counts: Iterable<number>) => [...counts].reduce((all, n) => all * BigInt(n), 1n);
    const hooks = product([...reach.values()].map((below) => below.size));
    const atLeast = (everything + hooks - 1n) / hooks;
    const atMost = everything / product(size.values());
    if (atLeast > low) low = atLeast;
    if (atMost < high) high = atMost;
  }
  return [low, high];
}

// Two ways to find an order

export interface KahnStep {
  event: "start" | "take" | "release";
  node: string | null;
  /** The queue. */
  ready: string[];
  /** For each node, in the order of the nodes, for how many others it still waits. */
  waiting: number[];
  order: string[];
}

export interface DepthFirstStep {
  event: "start" | "visit" | "finish";
  node: string | null;
  /** The nodes that are visited and not finished, the last one on top. */
  stack: string[];
  order: string[];
}

/** Take a node that waits for no other, and let go those that waited for it. */
export function kahn(nodes: readonly string[], edges: readonly Edge[]): KahnStep[] {
  const after = successors(nodes, edges);
  const waiting = new Map([...predecessors(nodes, edges)].map(([node, before]) => [node, before.length]));
  const ready = nodes.filter((node) => !waiting.get(node));
  const order: string[] = [];
  const steps: KahnStep[] = [];
  const write = (event: KahnStep["event"], node: string | null) =>
    void steps.push({ event, node, ready: [...ready], waiting: [...waiting.values()], order: [...order] });
  write("start", null);
  for (let node = ready.shift(); node !== undefined; node = ready.shift()) {
    order.push(node);
    write("take", node);
    for (const target of after.get(node) ?? []) {
      const left = waiting.get(target)! - 1;
      waiting.set(target, left);
      if (!left) ready.push(target);
    }
    write("release", node);
  }
  return steps;
}

/** Put a node in front when all that it leads to has been put there. The graph must have no cycle. */
export function depthFirst(nodes: readonly string[], edges: readonly Edge[]): DepthFirstStep[] {
  const after = successors(nodes, edges);
  const seen = new Set<string>();
  const stack: string[] = [];
  const order: string[] = [];
  const steps: DepthFirstStep[] = [];
  const write = (event: DepthFirstStep["event"], node: string | null) =>
    void steps.push({ event, node, stack: [...stack], order: [...order] });
  const visit = (node: string) => {
    seen.add(node);
    stack.push(node);
    write("visit", node);
  };
  write("start", null);
  for (const root of nodes) {
    if (seen.has(root)) continue;
    visit(root);
    while (stack.length) {
      const fresh = after.get(stack.at(-1)!)!.find((target) => !seen.has(target));
      if (fresh !== undefined) visit(fresh);
      else {
        const node = stack.pop()!;
        order.unshift(node);
        write("finish", node);
      }
    }
  }
  return steps;
}
