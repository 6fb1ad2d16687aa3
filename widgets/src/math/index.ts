/**
 * The browser's arithmetic: formulas, evaluation, sweeps, and what can be said about a step. No DOM.
 *
 * ```ts
 * evaluate(graph: Graph, inputs: readonly number[]): Values                    // primal of every node
 * guardsHold(graph: Graph, values: Values): Guard | null                       // first guard that broke
 * supports(graph: Graph): boolean                                              // every operation is known here
 * sweep(graph: Graph, values: Values, mode: Mode, seed: readonly number[] | number): Sweep
 * known(graph: Graph, sweep: Sweep, position: number, values?: Values): Known  // all that is known after that many steps
 * stepMath(graph: Graph, step: Step, known: Known): string                     // <math>…</math> of the step
 * explain(graph: Graph, step: Step, sweep: Sweep, position: number, values?: Values): string
 * diagnose(graph: Graph, step: Step, known: Known, answer: number): Diagnosis
 * latex | text | mathml(tree: Tree, known?: Known): string                     // mathml: elements without <math>
 * labelText | labelLatex | labelMathml(label: string, accent?: "dot" | "bar"): string
 * formatNumber(v: number, style?: "text" | "latex" | "mathml"): string
 * escapeHtml(word: string): string
 * simplify(tree: Tree): Tree; operations(tree: Tree): number; variables(tree: Tree): string[]
 * toNumber(value: Value): number                                               // "NaN" and friends too; arrays give NaN
 * ```
 * In `explain`, `position` is the number of steps done once `step` is: `sweep.steps[position - 1] === step`.
 */
export { operations, simplify, variables } from "./algebra";
export { evaluate, guardsHold, supports } from "./arithmetic";
export { diagnose } from "./diagnose";
export { explain, stepMath } from "./explain";
export { latex, mathml, text } from "./formulas";
export { escapeHtml, formatNumber, labelLatex, labelMathml, labelText, toNumber } from "./notation";
export { known, sweep } from "./sweeps";
export type * from "./types";
