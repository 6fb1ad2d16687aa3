import type { Graph, Known, Mode, Sweep, Values } from "./types";
export declare function sweep(graph: Graph, values: Values, mode: Mode, seed: readonly number[] | number): Sweep;
export declare function known(graph: Graph, sweep: Sweep, position: number, values?: Values): Known;
