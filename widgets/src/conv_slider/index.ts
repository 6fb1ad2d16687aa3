/** ConvSlider: filters that slide over a picture, one dot product at a time. */

import { bridge, type Model } from "../core/bridge";
import { button, html, listen, named, set, timer, typeset, watchWidth, write } from "../core/dom";
import { exportMenu } from "../core/exporting";
import { player } from "../core/player";
import { theme } from "../core/theme";
import {
  boxMeans,
  fedOutputs,
  fromCanvas,
  layout,
  type Products,
  reducedSize,
  sizeSentence,
  spread,
  turned,
  unpackPicture,
  type Volume,
  windowProducts,
} from "../math/convolution";
import { formatNumber } from "../math/notation";
import { bank, fits, MOST_FILTERS } from "./bank";
import { COLOURS, type Colours, type Look, lookOf } from "./drawing";
import { engine } from "./engine";
import { inputView } from "./input_view";
import { kernelEditor } from "./kernel_editor";
import { mapSheets, mapView } from "./map_view";
import { matrixView } from "./matrix_view";
import { ownPicture, type Photo } from "./own_picture";
import { type Asked, predictions } from "./predict";
import { productsView } from "./products";
import { snapshot } from "./snapshot";
import {
  channelName,
  type Filter,
  MODES,
  type Mode,
  type Place,
  type Preset,
  type Scene,
  TRAITS,
  type Traits,
} from "./traits";
import {
  backwardMath,
  backwardWords,
  flipWords,
  RULE,
  receptiveWords,
  sizeMath,
  windowMath,
  windowWords,
} from "./words";

const MODE_NAMES: Record<Mode, string> = {
  slide: "slide",
  receptive: "receptive field",
  backward: "backward",
  matrix: "matrix",
};
const SPEEDS = [2, 8, 16, 60, 240];
/** The shortest time that a window is seen, in milliseconds: faster playing takes several at a time. */
const SHORTEST = 16;
const SIZES = [32, 64, 128];
/** From this width on everything stands side by side; below this one picture and map stand over the filter. */
const [LARGE, SMALL] = [960, 740];
/** A row of buttons of which one is pressed. */
function choice<T extends string | number | boolean>(
  name: string,
  options: readonly (readonly [T, string])[],
  signal: AbortSignal,
  choose: (value: T) => void,
  kind = "",
) {
  const buttons = options.map(([value, face]) => button(face, face, signal, () => choose(value)));
  return {
    element: html(`div.sg-seg${kind}`, named(name), ...buttons),
    update: (now: T) => {
      for (const [i, [value]] of options.entries()) set(buttons[i]!, { "aria-pressed": `${value === now}` });
    },
  };
}

/** A list of numbers to choose from, with its name. */
function numbers(name: string, signal: AbortSignal, choose: (value: number) => void) {
  const select = html("select", { "aria-label": name });
  let offered = "";
  listen(select, "change", () => choose(+select.value), signal);
  return {
    element: html("label.sg-row", html("span", { "aria-hidden": "true" }, name), select),
    update(value: number, options: readonly number[], show = (n: number) => `${n}`) {
      const all = [...new Set([...options, value])];
      if (`${all}` !== offered) {
        offered = `${all}`;
        select.replaceChildren(...all.map((n) => html("option", { value: n }, show(n))));
      }
      select.value = `${value}`;
    },
  };
}

const upTo = (first: number, last: number) => Array.from({ length: last - first + 1 }, (_, i) => first + i);

function render({ model, el }: { model: Model; el: HTMLElement }): () => void {
  const abort = new AbortController();
  const { signal } = abort;
  const speech = timer(signal);
  const rest = timer(signal);
  const maps = engine();
  const sheets = mapSheets(maps);
  let scene: Scene | undefined;
  let products: Products | undefined;
  let asked: Asked = null;
  let hovered: Place | null = null;
  let photo: Photo | undefined;
  let loaded: { key?: string; from?: unknown; volume?: Volume } = {};
  let width = 900;
  let frame = 0;
  let built = "";
  let spoken = "";

  const { state, set: change } = bridge<Traits>(model, TRAITS, signal, refresh, () => {});
  const paints = theme(COLOURS, signal, () => refresh());

  const root = html("div.stepgrad.sg-conv", {
    tabindex: -1,
    role: "group",
    "aria-label": "Convolution slider",
    "data-lm-suppress-shortcuts": "true",
  });

  // What is chosen above the picture.
  const pictures = html("select", { "aria-label": "Picture" });
  listen(pictures, "change", () => show({ picture: pictures.value }), signal);
  const size = html("select", { "aria-label": "Size of the picture" });
  listen(size, "change", () => show({ size: +size.value }), signal);
  const own = ownPicture(signal, takePhoto, (text) => complain(text));
  const stride = numbers("stride", signal, (n) => show({ stride: n }));
  const padding = numbers("padding", signal, (n) => show({ padding: n }));
  const dilation = numbers("dilation", signal, (n) => show({ dilation: n }));
  const flip = choice(
    "Orientation of the kernel",
    [
      [false, "cross-correlation"],
      [true, "convolution (flip)"],
    ],
    signal,
    (on) => change({ flip: on }, true),
  );
  const predict = set(
    button("Predict", "Predict", signal, () => change({ predict: !state.predict }, true)),
    { title: "Predict what comes out before it is shown" },
  );
  const notice = html("p.wrong", { role: "alert" });
  const remark = html("p.sg-say", { role: "status" });

  // The picture, the filter, the map.
  const input = inputView({ move: moveTo, point: (cell, keep) => point(cell, keep) }, signal);
  own.dropOn(input.element);
  const channels = html("div");
  input.element.append(channels);
  let planes: ReturnType<typeof choice<number>> | undefined;
  let planesOf = 0;
  let themed: Look | undefined;
  const kernel = kernelEditor({ write: writeWeight }, signal);
  const filters = bank(
    {
      choose: (filter) => change({ filter }, true),
      add: addFilter,
      remove: removeFilter,
      rename: (name) => editFilter((filter) => ({ ...filter, name })),
      bias: (bias) => editFilter((filter) => ({ ...filter, bias })),
      preset: applyPreset,
      resize: resizeKernel,
    },
    sheets,
    signal,
  );
  kernel.below(filters.tools);
  const output = mapView(
    maps,
    sheets,
    {
      point: (cell, keep) => (state.mode === "receptive" ? point(cell, keep) : cell && moveTo(cell[0], cell[1], keep)),
    },
    signal,
  );
  const tone = choice(
    "Colours of the maps",
    [
      ["signed", "± colours"],
      ["gray", "gray"],
    ] as const,
    signal,
    (value) => change({ tone: value }, true),
    ".sg-minor",
  );
  output.element.append(tone.element);
  const rule = html("p.sg-rule");
  const fitting = html("p.sg-say");
  output.element.append(rule, fitting);
  const operator = (sign: string) => html("span.sg-op", { "aria-hidden": "true" }, sign);
  const main = html(
    "div.sg-main",
    input.element,
    operator("⊙"),
    kernel.element,
    operator("="),
    output.element,
    filters.element,
  );

  // What is told of the present window.
  const formula = html("div");
  const said = html("p.sg-say");
  const readout = html("div.sg-row.sg-read", formula, said);
  const live = html("div.sg-sr", { "aria-live": "polite" });
  const questions = predictions(
    signal,
    (answer) => change({ answers: [...state.answers, answer] }, true),
    () => input.stage.over.focus(),
  );
  const play = player(
    {
      seek: (position, release) => seek(position, release),
      next,
      play: (playing) => change({ playing }, true),
      pace: (speed) => change({ speed }, true),
    },
    signal,
  );
  const modes = choice(
    "What is looked at",
    MODES.map((mode) => [mode, MODE_NAMES[mode]] as const),
    signal,
    (mode) => {
      hovered = null;
      change({ mode, selected: [], playing: false }, true);
    },
    ".sg-modes",
  );
  const transport = html("div.sg-row.sg-transport", play.element, modes.element);
  const dot = productsView();
  const matrix = matrixView(moveTo, signal);
  const menu = exportMenu(
    {
      what: "View",
      name: () => `convolution-${state.picture}`,
      drawing: () =>
        snapshot(root, scene!, { input, output }, kernel.element, formula, said.textContent ?? "", paints.colours()),
      texts: { "Window as text": windowText, "Window as LaTeX": windowLatex },
    },
    signal,
  );
  const ownPart = own.element;
  const geometry = html("div.sg-row.sg-geometry", stride.element, padding.element, dilation.element);
  const source = html("div.sg-row.sg-source", pictures, size, ownPart);
  const end = html("div.sg-row.sg-end", predict, menu);
  const top = html("div.sg-row.sg-top", source, geometry, flip.element, end);
  root.append(
    ...[
      top,
      own.finder,
      notice,
      remark,
      questions.element,
      main,
      readout,
      transport,
      dot.element,
      matrix.element,
      live,
    ],
    paints.element,
  );

  listen(root, "keydown", key, signal);
  listen(root, ["keyup", "pointerup"], () => change({}, true), signal);
  watchWidth(root, signal, (now) => {
    width = now;
    set(root, { "data-size": now >= LARGE ? "large" : now < SMALL ? "small" : "medium" });
    refresh();
  });
  el.append(root);
  refresh();
  return () => {
    abort.abort();
    cancelAnimationFrame(frame);
    root.remove();
  };

  // Pictures ---------------------------------------------------------------------------------------------------------

  /** The picture of that name in that size; undefined if it isn't here. */
  function load(name: string, wanted: number): Volume | undefined {
    const i = state.pictures.findIndex((each) => each.name === name);
    const from = name === "mine" ? photo : state._pictures[i];
    const id = `${name} ${wanted}`;
    if (loaded.key === id && loaded.from === from && loaded.volume) return loaded.volume;
    let volume: Volume | undefined;
    if (name === "mine" && photo) volume = fromCanvas(photo.rgba, photo.side, photo.side, wanted || 128);
    else if (i >= 0 && from) {
      const whole = unpackPicture(state.pictures[i]!, from as DataView);
      volume = boxMeans(whole, ...reducedSize(whole.height, whole.width, wanted));
    }
    if (volume) loaded = { key: id, from, volume };
    return volume;
  }

  function takePhoto(taken: Photo, name: string): void {
    photo = taken;
    show({ picture: "mine" });
    write(
      remark,
      `${name === "the camera" ? "A picture of the camera" : `“${name}”`}, reduced and cut to a square in this page. It stays in this page.`,
    );
  }

  function complain(text: string): void {
    write(notice, text);
  }

  // What the learner changes -----------------------------------------------------------------------------------------

  /** Take another picture or geometry, with filters that fit it; refused with a sentence where there is no place. */
  function show(
    changes: Partial<Pick<Traits, "picture" | "size" | "stride" | "padding" | "dilation" | "kernel" | "filters">>,
  ): void {
    const wanted = { ...state, ...changes };
    const volume = load(wanted.picture, wanted.size);
    if (!volume) return;
    const at = layout(volume, wanted.kernel, wanted);
    if (!at.outRows) {
      complain(sizeSentence(at));
      refresh();
      return;
    }
    complain("");
    if (changes.picture) write(remark, "");
    const adapted = wanted.filters.map((filter) => fitted(filter, volume.channels, wanted.kernel));
    // What is done stays done in proportion: the first window again only where there was no other.
    const last = at.outRows * at.outColumns - 1;
    const before = scene ? scene.at.outRows * scene.at.outColumns - 1 : 0;
    const position = state.position >= before ? last : Math.min(state.position, last);
    hovered = null;
    const channel = state.channel < volume.channels ? state.channel : -1;
    change({ ...changes, filters: adapted, channel, position, selected: [] }, true);
  }

  function editFilter(edit: (filter: Filter) => Filter, release = true): void {
    if (!scene) return;
    const { filters, filter } = scene;
    change({ filters: filters.map((each, i) => (i === filter ? edit(each) : each)) }, release);
  }

  function writeWeight(k: number, value: number, release: boolean): void {
    if (!scene) return;
    const { at, channel, flip: turn } = scene;
    const area = at.kernelRows * at.kernelColumns;
    const own_ = turn ? area - 1 - k : k;
    editFilter((filter) => {
      const weights = [...filter.weights];
      if (channel >= 0) weights[channel * area + own_] = value;
      else {
        let sum = 0;
        for (let c = 0; c < at.channels; c++) sum += weights[c * area + own_]!;
        if (Math.abs(value - sum) < 1e-12) return filter;
        for (let c = 0; c < at.channels; c++) weights[c * area + own_]! += (value - sum) / at.channels;
      }
      return { ...filter, weights };
    }, release);
  }

  function applyPreset({ name, kernels }: Preset): void {
    const made = kernels.find((each) => fits(each, state.kernel));
    if (!scene || !made) return;
    const weights = [...spread(made.weights, made.channels, scene.at.channels)];
    editFilter(() => ({ name, weights, bias: made.bias }));
  }

  function resizeKernel(side: number): void {
    if (!scene) return;
    const { filters: old, at } = scene;
    const wanted = [side, side];
    const filters = old.map((filter) => {
      const preset = state.presets.find(({ name, title }) => [name, title].includes(filter.name));
      const made = preset?.kernels.find((each) => fits(each, wanted));
      if (made) return { ...filter, weights: [...spread(made.weights, made.channels, at.channels)] };
      return { ...filter, weights: centred(filter.weights, [at.kernelRows, at.kernelColumns], wanted, at.channels) };
    });
    show({ kernel: wanted, filters });
  }

  function addFilter(): void {
    if (!scene || scene.filters.length >= MOST_FILTERS) return;
    const { filters, presets, at } = scene;
    const used = filters.map(({ name }) => name);
    const free = presets.find(
      (each) => !used.includes(each.name) && each.kernels.some((own) => fits(own, state.kernel)),
    );
    const made = free?.kernels.find((each) => fits(each, state.kernel));
    const blank = { name: `filter ${filters.length + 1}`, weights: centred([1], [1, 1], state.kernel, 1), bias: 0 };
    const next = free && made ? { name: free.name, weights: made.weights, bias: made.bias } : blank;
    const weights = [...spread(next.weights, made?.channels ?? 1, at.channels)];
    change({ filters: [...filters, { ...next, weights }], filter: filters.length }, true);
  }

  function removeFilter(): void {
    if (!scene || scene.filters.length < 2) return;
    const { filters, filter } = scene;
    change({ filters: filters.filter((_, i) => i !== filter), filter: Math.max(0, filter - 1) }, true);
  }

  // Where it is looked ------------------------------------------------------------------------------------------------

  function seek(position: number, release = false): void {
    if (!scene) return;
    const last = scene.at.outRows * scene.at.outColumns - 1;
    change({ position: Math.max(0, Math.min(last, position)) }, release);
  }

  /** Windows on, as many as the speed asks for in the shortest time; a question about this one stands in the way. */
  function next(from?: number): boolean {
    if (!scene || asked === "value" || (from !== undefined && from !== state.position)) return false;
    const last = scene.at.outRows * scene.at.outColumns - 1;
    if (state.position >= last) return false;
    const by = state.playing ? Math.max(1, Math.round((state.speed * SHORTEST) / 1000)) : 1;
    seek(state.position + by);
    return true;
  }

  function moveTo(row: number, column: number, release: boolean): void {
    if (!scene) return;
    if (state.mode === "receptive") change({ selected: [row, column] }, release);
    else change({ position: row * scene.at.outColumns + column, playing: false }, release);
  }

  function point(cell: Place | null, keep: boolean): void {
    if (keep && cell) change({ selected: cell }, true);
    else if (`${cell}` !== `${hovered}`) {
      hovered = cell;
      refresh();
    }
  }

  function key(event: KeyboardEvent): void {
    const target = event.target as Element;
    const free = !target.matches("input,select,textarea") && !event.altKey && !event.ctrlKey && !event.metaKey;
    const step = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key];
    if (scene && free && !event.shiftKey && step && !asked) {
      const [down, across] = step as [number, number];
      const { at, mode, row, column, cell } = scene;
      const [r, c, rows, columns] =
        mode === "backward" ? [...cell!, at.height, at.width] : [row, column, at.outRows, at.outColumns];
      const kept = (n: number, count: number) => Math.max(0, Math.min(count - 1, n));
      if (mode === "backward" || mode === "receptive" || down) {
        event.preventDefault();
        event.stopPropagation();
        hovered = null;
        const to = [kept(r! + down, rows!), kept(c! + across, columns!)] as const;
        if (mode === "backward" || mode === "receptive") change({ selected: to });
        else seek(to[0] * at.outColumns + to[1]);
        return;
      }
    }
    play.key(event);
  }

  // What is shown -----------------------------------------------------------------------------------------------------

  function offers(name: string): boolean {
    return !state.controls.length || state.controls.includes(name);
  }

  /** What the theme's colours make; the same as long as they are. */
  function looks(colours: Colours): Look {
    if (themed?.colours !== colours) themed = lookOf(colours);
    return themed;
  }

  function see(): Scene | undefined {
    const volume = load(state.picture, state.size) ?? scene?.volume;
    if (!volume || !state.filters.length) return undefined;
    const fresh = layout(volume, state.kernel, state);
    if (!fresh.outRows) return undefined;
    // What is the same stays the same object, so that the parts of the page see that nothing has changed.
    const at = scene && JSON.stringify(scene.at) === JSON.stringify(fresh) ? scene.at : fresh;
    const filters = state.filters.map((filter) => fitted(filter, volume.channels, state.kernel));
    const filter = Math.max(0, Math.min(filters.length - 1, state.filter));
    const { weights, bias } = filters[filter]!;
    const same = scene && scene.filters[scene.filter]?.weights === weights && scene.flip === state.flip;
    const slid = same ? scene!.slid : state.flip ? turned(weights, volume.channels) : Float64Array.from(weights);
    const last = at.outRows * at.outColumns - 1;
    const position = Math.max(0, Math.min(last, state.position));
    let [row, column] = [Math.floor(position / at.outColumns), position % at.outColumns];
    const marked = hovered ?? state.selected;
    const inside = (rows: number, columns: number) => marked.length === 2 && marked[0]! < rows && marked[1]! < columns;
    const { mode } = state;
    if (mode === "receptive" && inside(at.outRows, at.outColumns)) [row, column] = marked as [number, number];
    const cell: Place | null =
      mode !== "backward"
        ? null
        : inside(at.height, at.width)
          ? (marked as unknown as Place)
          : [Math.floor(at.height / 2), Math.floor(at.width / 2)];
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

  function refresh(): void {
    if (signal.aborted || frame) return;
    frame = requestAnimationFrame(() => {
      frame = 0;
      paint();
    });
  }

  function paint(): void {
    const seen = see();
    if (!seen) {
      if (!scene) write(remark, state.message || "There is no picture to show yet.");
      return;
    }
    maps.update(seen);
    products = windowProducts(seen.volume, seen.at, seen.slid, seen.bias, seen.row, seen.column);
    scene = seen;
    asked = questions.update(seen, products);
    const now: Scene = { ...seen, veiled: asked === "size", done: seen.done - +(asked === "value") };
    scene = now;
    arrange(now);
    const look = looks(paints.colours());
    const versions = now.filters.map((_, i) => maps.ready(i)?.version);
    const small = width < SMALL;
    const inner = width - (small ? 26 : 42);
    const three = (inner - 310) / 2;
    const side = Math.min(306, width >= LARGE ? inner * 0.28 : small ? (inner - 12) / 2 : three);
    main.style.setProperty("--side", `${Math.ceil(side)}px`);
    input.update(now, look, side);
    kernel.update(now, look, small ? 32 : 34);
    if (!now.veiled) {
      output.update(now, look, versions, side);
      filters.update(now, look, versions);
    }
    tell(now, products);
    if (now.mode === "matrix") matrix.update(now, look, inner);
    else if (now.mode === "backward") dot.backward(now, look, Math.min(inner - 220, 560));
    else if (asked !== "value") dot.update(now, products, look, inner - (small ? 0 : 210));
    const { outRows, outColumns } = now.at;
    play.update({
      position: now.position,
      length: outRows * outColumns - 1,
      playing: state.playing,
      speed: state.speed,
      speeds: SPEEDS,
      words: `window ${(now.position + 1).toLocaleString("en")} of ${(outRows * outColumns).toLocaleString("en")}`,
      wait: Math.max(SHORTEST, 1000 / state.speed),
    });
    if (maps.work()) refresh();
    else rest(() => maps.settle() && refresh(), 400);
  }

  /** Which parts are seen, and what stands in the controls. */
  function arrange(now: Scene): void {
    const { at, mode, volume } = now;
    const chosen = [
      state.pictures,
      state.picture,
      state.size,
      at,
      now.flip,
      mode,
      now.channel,
      now.tone,
      state.predict,
      asked,
      state.controls,
      state.message,
      width,
      photo,
    ]
      .map((each) =>
        each && typeof each === "object" ? JSON.stringify(each, (k, v) => (k === "rgba" ? 0 : v)) : `${each}`,
      )
      .join();
    if (chosen === built) return;
    built = chosen;
    const list = [
      ...state.pictures.map(({ name, title }) => [name, title]),
      ...(photo ? [["mine", "my picture"]] : []),
    ];
    pictures.replaceChildren(...list.map(([value, title]) => html("option", { value: value! }, title!)));
    pictures.value = state.picture;
    const entry = state.pictures.find(({ name }) => name === state.picture);
    const longest = entry ? Math.max(entry.height, entry.width) : 128;
    const sizes = SIZES.filter((n) => n < longest || (n === longest && state.size));
    const all = [...new Set([...sizes, state.size])];
    size.replaceChildren(
      ...all.map((n) => {
        const [rows, columns] = entry ? reducedSize(entry.height, entry.width, n) : [n, n];
        return html("option", { value: n }, `${rows}×${columns}${volume.channels > 1 ? `×${volume.channels}` : ""}`);
      }),
    );
    size.value = `${state.size}`;
    const reach = at.dilation * (at.kernelRows - 1) + 1;
    stride.update(at.stride, upTo(1, 8));
    padding.update(at.padding, upTo(0, Math.min(12, reach - 1)));
    dilation.update(at.dilation, upTo(1, 4));
    flip.update(now.flip);
    modes.update(mode);
    tone.update(now.tone);
    set(predict, { "aria-pressed": `${state.predict}` });
    if (planesOf !== volume.channels) {
      planesOf = volume.channels;
      const each = upTo(0, planesOf - 1).map((c) => [c, channelName(c, planesOf)] as const);
      planes = choice(
        "Channel in front",
        [[-1, "all"], ...each],
        signal,
        (channel) => change({ channel }, true),
        ".sg-minor",
      );
      channels.replaceChildren(...(planesOf > 1 ? [planes.element] : []));
    }
    planes?.update(now.channel);
    typesetRule(now);
    source.hidden = !offers("picture");
    ownPart.hidden = !offers("own");
    geometry.hidden = !offers("geometry");
    flip.element.hidden = !offers("flip");
    predict.hidden = !offers("predict");
    menu.hidden = !offers("export") || now.veiled;
    filters.tools.hidden = !offers("filter");
    filters.element.hidden = !offers("bank") || now.veiled;
    output.element.hidden = now.veiled;
    set(main, { "data-veiled": now.veiled });
    modes.element.hidden = !offers("modes");
    play.element.hidden = !offers("player") || mode === "receptive" || mode === "backward";
    transport.hidden = now.veiled;
    readout.hidden = now.veiled || !offers("formula");
    dot.element.hidden = now.veiled || mode === "matrix" || asked === "value" || !offers("products");
    matrix.element.hidden = now.veiled || mode !== "matrix";
    filters.element.toggleAttribute("data-secret", asked === "parameters");
    if (state.message) complain(state.message);
  }

  function typesetRule({ at }: Scene): void {
    rule.replaceChildren(...[RULE, ...sizeMath(at)].map((piece) => typeset(html("span"), piece)));
    write(fitting, sizeSentence(at));
  }

  /** The formula and the sentence of what is looked at. */
  function tell(now: Scene, { value }: Products): void {
    const hidden = asked === "value";
    const { mode, row, column, cell } = now;
    const pieces = mode === "backward" && cell ? backwardMath(now, cell) : windowMath(now, hidden ? null : value);
    while (formula.childElementCount < pieces.length) formula.append(html("span"));
    while (formula.childElementCount > pieces.length) formula.lastElementChild?.remove();
    for (const [i, piece] of pieces.entries()) typeset(formula.children[i]!, piece);
    set(formula, { "data-exact": mode === "backward" || hidden ? null : `${value}` });
    const words =
      mode === "backward"
        ? backwardWords(now)
        : mode === "receptive"
          ? `${windowWords(now, products!)} ${receptiveWords(now)}`
          : hidden
            ? ""
            : windowWords(now, products!);
    write(said, [words, flipWords(now)].filter(Boolean).join(" "));
    const sentence =
      mode === "backward"
        ? words
        : `Window ${now.position + 1} of ${now.at.outRows * now.at.outColumns}: y[${row}, ${column}]${hidden ? " is asked for." : ` = ${formatNumber(value)}. ${said.textContent}`}`;
    if (sentence === spoken) return;
    spoken = sentence;
    // What is under the pointer is seen anyway, and while it plays it would only be interrupted.
    if (!hovered && !state.playing) speech(() => write(live, sentence), 150);
  }

  function windowText(): string {
    if (!scene || !products) return "";
    const { at, row, column } = scene;
    const { inputs, bias, value } = products;
    const terms = [...scene.slid].flatMap((weight, k) =>
      weight ? [`${formatNumber(inputs[k]!)}·${formatNumber(weight)}`] : [],
    );
    const n = at.channels * at.kernelRows * at.kernelColumns;
    return `y[${row}, ${column}] = ${[...terms, formatNumber(bias)].join(" + ")} = ${formatNumber(value)}   (${n} products, those by 0 left out)`;
  }

  function windowLatex(): string {
    if (!scene || !products) return "";
    const { at, row, column, flip: turn } = scene;
    const many = at.channels > 1;
    const index = (start: number, name: string) => `${start} + ${at.dilation > 1 ? `${at.dilation}${name}` : name}`;
    const entry = (k: number, name: string) => (turn ? `${k - 1} - ${name}` : name);
    const x = `x[${many ? "c, " : ""}${index(row * at.stride - at.padding, "a")}, ${index(column * at.stride - at.padding, "b")}]`;
    const w = `w[${many ? "c, " : ""}${entry(at.kernelRows, "a")}, ${entry(at.kernelColumns, "b")}]`;
    return `y[${row}, ${column}] = \\sum_{${many ? "c, " : ""}a, b} ${x}\\, ${w} + \\beta = ${formatNumber(products.value, "latex")}`;
  }
}

/** A filter with as many weights as the picture's channels and the kernel's size ask for. */
function fitted(filter: Filter, channels: number, kernel: readonly number[]): Filter {
  const area = kernel[0]! * kernel[1]!;
  const had = filter.weights.length / area;
  if (had === channels) return filter;
  const weights =
    Number.isInteger(had) && had > 0
      ? [...spread(filter.weights, had, channels)]
      : new Array<number>(channels * area).fill(0);
  return { ...filter, weights };
}

/** A kernel of another size with the same middle: zeros around it, or its border left out. */
function centred(
  weights: readonly number[],
  [rows, columns]: readonly number[],
  [tall, wide]: readonly number[],
  channels: number,
): number[] {
  const [down, across] = [Math.floor((tall! - rows!) / 2), Math.floor((wide! - columns!) / 2)];
  const made = new Array<number>(channels * tall! * wide!).fill(0);
  for (let k = 0; k < weights.length; k++) {
    const b = (k % columns!) + across;
    const a = (Math.floor(k / columns!) % rows!) + down;
    const c = Math.floor(k / (rows! * columns!));
    if (a >= 0 && b >= 0 && a < tall! && b < wide!) made[(c * tall! + a) * wide! + b] = weights[k]!;
  }
  return made;
}

export default { render };
