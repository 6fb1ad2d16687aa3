/** The traits that ConvSlider shares with the kernel, and what is seen at one moment. */

import type { fedOutputs, Layout, PictureEntry, Volume } from "../math/convolution";

export interface Filter {
  readonly name: string;
  /** In the order channel, row, column. */
  readonly weights: readonly number[];
  readonly bias: number;
}

export interface PresetKernel {
  readonly channels: number;
  readonly rows: number;
  readonly columns: number;
  readonly weights: readonly number[];
  readonly bias: number;
}

/** A kernel to begin with, or one learned, in the sizes that it comes in. */
export interface Preset {
  readonly name: string;
  readonly title: string;
  readonly kernels: readonly PresetKernel[];
}

export const MODES = ["slide", "receptive", "backward", "matrix"] as const;
export type Mode = (typeof MODES)[number];

/** A prediction, as a grader reads it. `about` is what layer it is of. */
export interface Answer {
  readonly question: "size" | "value" | "parameters";
  readonly about: string;
  readonly answer: unknown;
  readonly expected: unknown;
  readonly correct: boolean;
  readonly skipped: boolean;
}

export interface Traits {
  readonly pictures: readonly PictureEntry[];
  readonly _pictures: readonly DataView[];
  readonly picture: string;
  /** The longer side that pictures are reduced to; 0 for as they are. */
  readonly size: number;
  readonly filters: readonly Filter[];
  readonly kernel: readonly number[];
  readonly filter: number;
  readonly presets: readonly Preset[];
  readonly stride: number;
  readonly padding: number;
  readonly dilation: number;
  readonly flip: boolean;
  readonly mode: Mode;
  /** Windows done, less one. */
  readonly position: number;
  /** The channel in front, or −1 for all. */
  readonly channel: number;
  /** In mode "receptive" a cell of the map, in mode "backward" one of the picture. */
  readonly selected: readonly number[];
  readonly tone: "signed" | "gray";
  readonly predict: boolean;
  readonly answers: readonly Answer[];
  readonly playing: boolean;
  readonly speed: number;
  readonly controls: readonly string[];
  readonly message: string;
}

export const TRAITS: Traits = {
  pictures: [],
  _pictures: [],
  picture: "card",
  size: 32,
  filters: [],
  kernel: [5, 5],
  filter: 0,
  presets: [],
  stride: 1,
  padding: 0,
  dilation: 1,
  flip: false,
  mode: "slide",
  position: 0,
  channel: -1,
  selected: [],
  tone: "signed",
  predict: false,
  answers: [],
  playing: false,
  speed: 16,
  controls: [],
  message: "",
};

export type Place = readonly [row: number, column: number];

/** Everything that the parts of the page draw from. */
export interface Scene extends Traits {
  readonly volume: Volume;
  readonly at: Layout;
  readonly filter: number;
  /** The weights of the current filter as they slide: turned if `flip`. */
  readonly slid: Float64Array;
  readonly bias: number;
  /** The window that is looked at: the present one, or the one of the output that is pointed at. */
  readonly row: number;
  readonly column: number;
  /** In backward mode the input looked at, and the outputs that it feeds. */
  readonly cell: Place | null;
  readonly fed: ReturnType<typeof fedOutputs>;
  /** So many cells of the map are computed. */
  readonly done: number;
  /** What comes out is still to be predicted. */
  readonly veiled: boolean;
}

const COLOURS = ["R", "G", "B"];
export const channelName = (channel: number, channels: number) =>
  channels === 1 ? "" : channels === 3 ? COLOURS[channel]! : `c${channel}`;
