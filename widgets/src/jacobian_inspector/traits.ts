/** The traits that JacobianInspector shares with the kernel. */

import type { JacobianHeader } from "../math/forms";

export interface Facts {
  readonly machine_bytes?: number | null;
  readonly times?: Readonly<Partial<Record<"structured" | "dense" | "sweep", number | null>>>;
  /** Sentences on entries: "zero" and "nonzero". */
  readonly notes?: Readonly<Partial<Record<string, string>>>;
  /** A small example of the same layer, for predict mode. */
  readonly small?: {
    readonly rows: number;
    readonly columns: number;
    readonly pattern: readonly (readonly number[])[];
  };
}

export interface Choice {
  readonly layer: string;
  readonly size: number;
  readonly batch: number;
  readonly expression: string;
}

/** What the kernel says to a request. */
export interface Reply {
  readonly id?: string;
  readonly message?: string;
  readonly row?: number;
  readonly column?: number;
  readonly value?: number;
}

/** A prediction, as a grader reads it. `about` is what Jacobian it is of. */
export interface Answer {
  readonly question: "size" | "numbers" | "pattern";
  readonly about: string;
  readonly answer: unknown;
  readonly expected: unknown;
  readonly correct: boolean;
  readonly skipped: boolean;
}

export interface Traits extends Choice {
  readonly _header: JacobianHeader;
  readonly _buffers: readonly DataView[];
  readonly _facts: Facts;
  readonly _request: object;
  readonly _answer: Reply;
  /** What the picker offers, each with the size and batch that it begins with. */
  readonly layers: readonly {
    readonly name: string;
    readonly title: string;
    readonly size?: number;
    readonly batch?: number;
  }[];
  readonly selected: readonly number[];
  /** The first row and column, and the pixels of a cell; empty for all of it. */
  readonly view: readonly number[];
  readonly order: "reverse" | "forward";
  readonly predict: boolean;
  readonly answers: readonly Answer[];
  readonly controls: readonly string[];
}

export const TRAITS: Traits = {
  _header: {} as JacobianHeader,
  _buffers: [],
  _facts: {},
  _request: {},
  _answer: {},
  layers: [],
  layer: "",
  size: 0,
  batch: 1,
  expression: "",
  selected: [],
  view: [],
  order: "reverse",
  predict: false,
  answers: [],
  controls: [],
};
