import type { Graph, Guard, Values } from "./types";
export declare function evaluate(graph: Graph, inputs: readonly number[]): Values;
export declare function guardsHold(graph: Graph, values: Values): Guard | null;
export declare function supports(graph: Graph): boolean;
