import type { Diagnosis, Graph, Known, Step } from "./types";
export declare function diagnose(graph: Graph, step: Step, known: Known, answer: number): Diagnosis;
