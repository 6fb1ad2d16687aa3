import type { Graph, Known, Step, Sweep, Values } from "./types";
export declare function stepMath(graph: Graph, step: Step, known: Known): string;
export declare function explain(graph: Graph, step: Step, sweep: Sweep, position: number, values?: Values): string;
