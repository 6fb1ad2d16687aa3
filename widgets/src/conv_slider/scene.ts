/** From the traits to what is seen at this moment. No DOM. */

import {
  boxMeans,
  fedOutputs,
  fromCanvas,
  layout,
  reducedSize,
  turned,
  unpackPicture,
  type Volume,
} from "../math/convolution";
import { fitted } from "./filters";
import type { Photo } from "./own_picture";
import type { Place, Scene, Traits } from "./traits";

/** The largest picture there is, and what a photograph of one's own is reduced to where nothing smaller is wanted. */
const LARGEST = 128;

/** Pictures by name and size; the last one is kept. */
export function library() {
  let kept: { name?: string; size?: number; from?: unknown; volume?: Volume } = {};
  /** Undefined for a picture that isn't here. */
  return (name: string, size: number, { pictures, _pictures }: Traits, photo: Photo | undefined) => {
    const i = pictures.findIndex((each) => each.name === name);
    const from = name === "mine" ? photo : _pictures[i];
    if (kept.name === name && kept.size === size && kept.from === from && kept.volume) return kept.volume;
    let volume: Volume | undefined;
    if (name === "mine" && photo) volume = fromCanvas(photo.rgba, photo.side, photo.side, size || LARGEST);
    else if (i >= 0 && from) {
      const whole = unpackPicture(pictures[i]!, from as DataView);
      volume = boxMeans(whole, ...reducedSize(whole.height, whole.width, size));
    }
    if (volume) kept = { name, size, from, volume };
    return volume;
  };
}

const equal = (a: object, b: object) =>
  Object.entries(a).every(([name, value]) => (b as typeof a)[name as never] === value);

/**
 * What there is to see, or undefined where nothing fits. What is the same as `before` stays the same object, so that
 * the parts of the page see that nothing has changed.
 */
export function sceneOf(
  state: Traits,
  volume: Volume | undefined,
  hovered: Place | null,
  before: Scene | undefined,
): Scene | undefined {
  if (!volume || !state.filters.length) return undefined;
  const fresh = layout(volume, state.kernel, state);
  if (!fresh.outRows) return undefined;
  const at = before && equal(fresh, before.at) ? before.at : fresh;
  const filters = state.filters.map((filter) => fitted(filter, volume.channels, state.kernel));
  const filter = Math.max(0, Math.min(filters.length - 1, state.filter));
  const { weights, bias } = filters[filter]!;
  const same = before?.filters[before.filter]?.weights === weights && before.flip === state.flip;
  const slid = same ? before.slid : state.flip ? turned(weights, volume.channels) : Float64Array.from(weights);

  const { mode } = state;
  const last = at.outRows * at.outColumns - 1;
  const position = Math.max(0, Math.min(last, state.position));
  const marked = hovered ?? state.selected;
  const inside = (rows: number, columns: number) => marked.length === 2 && marked[0]! < rows && marked[1]! < columns;
  const window: Place = [Math.floor(position / at.outColumns), position % at.outColumns];
  const place = marked as unknown as Place;
  const [row, column] = mode === "receptive" && inside(at.outRows, at.outColumns) ? place : window;
  const middle: Place = [Math.floor(at.height / 2), Math.floor(at.width / 2)];
  const cell = mode !== "backward" ? null : inside(at.height, at.width) ? place : middle;
  return {
    ...state,
    volume,
    at,
    filters,
    filter,
    slid,
    bias,
    position,
    row,
    column,
    cell,
    fed: cell ? fedOutputs(at, ...cell) : [],
    channel: volume.channels === 1 ? 0 : Math.min(state.channel, volume.channels - 1),
    done: mode === "slide" || mode === "matrix" ? position + 1 : last + 1,
    veiled: false,
  };
}
