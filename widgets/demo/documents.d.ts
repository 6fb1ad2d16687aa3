import type { TraceDocument } from "../src/math";

type Writable<T> = { -readonly [K in keyof T]: T[K] extends object ? Writable<T[K]> : T[K] };
export type Draft = Writable<TraceDocument>;
export const first: Draft;
export const gates: Draft;
export const baydin: Draft;
export const arrays: Draft;
export function large(count: number): Draft;
