/** ConvSlider: filters that slide over a picture, one dot product at a time. */

import { bridge, type Model } from "../core/bridge";
import { button, html, listen, set, timer, typeset, watchWidth, write } from "../core/dom";
import { exportMenu } from "../core/exporting";
import { player } from "../core/player";
import { theme } from "../core/theme";
import {
  layout,
  type Products,
  reducedSize,
  sizeSentence,
  type Volume,
  windowProducts,
  withoutNoise,
} from "../math/convolution";
import { formatNumber } from "../math/notation";
import { bank, MOST_FILTERS } from "./bank";
import { choice, numbers, upTo } from "./controls";
import { COLOURS, type Colours, type Look, lookOf } from "./drawing";
import { engine } from "./engine";
import { another, fitted, presetFilter, resized, withWeight } from "./filters";
import { inputView } from "./input_view";
import { kernelEditor } from "./kernel_editor";
import { mapSheets, mapView, noise } from "./map_view";
import { matrixView } from "./matrix_view";
import { ownPicture, type Photo } from "./own_picture";
import { type Open, predictions } from "./predict";
import { productsView } from "./products";
import { library, sceneOf } from "./scene";
import { snapshot } from "./snapshot";
import { channelName, type Filter, MODES, type Mode, type Place, type Scene, TRAITS, type Traits } from "./traits";
import {
  backwardMath,
  backwardWords,
  flipWords,
  RULE,
  receptiveWords,
  sizeMath,
  windowLatex,
  windowLine,
  windowMath,
  windowText,
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
/** Below this one they stand under each other. */
const NARROW = 300;
const lastOf = ({ at }: Scene) => at.outRows * at.outColumns - 1;

function render({ model, el }: { model: Model; el: HTMLElement }): () => void {
  const abort = new AbortController();
  const { signal } = abort;
  const speech = timer(signal);
  const rest = timer(signal);
  const maps = engine();
  const sheets = mapSheets(maps);
  const pictureOf = library();
  let scene: Scene | undefined;
  let products: Products | undefined;
  let open: Open = { asked: null, value: false, parameters: false, map: false };
  let hovered: Place | null = null;
  let photo: Photo | undefined;
  let width = 900;
  let frame = 0;
  let built = "";
  let spoken = "";

  const { state, set: change } = bridge<Traits>(model, TRAITS, signal, refresh, (name) => {
    // What Python says later is said of what was asked of it; what it says at first is of the picture.
    if (name === "message") complain(state.message);
  });
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
  input.element.append(html("div.sg-row.sg-under", channels, own.element));
  let planes: ReturnType<typeof choice<number>> | undefined;
  let planesOf = 0;
  let themed: Look | undefined;
  const kernel = kernelEditor(
    {
      write: (k, value, release) => editFilter((filter, now) => withWeight(filter, now, k, value), release),
      tell: complain,
    },
    signal,
  );
  const filters = bank(
    {
      choose: (filter) => change({ filter }, true),
      add: addFilter,
      remove: removeFilter,
      rename: (name) => editFilter((filter) => ({ ...filter, name })),
      bias: (bias) => editFilter((filter) => ({ ...filter, bias })),
      preset: (preset) => editFilter((_, now) => presetFilter(preset, now.kernel, now.at.channels)),
      resize: resizeKernel,
      tell: complain,
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
        snapshot(
          root,
          scene!,
          { input, output, matrix },
          kernel.element,
          line(),
          said.textContent ?? "",
          paints.colours(),
        ),
      texts: {
        "Window as text": () => (scene && products ? windowText(scene, products) : ""),
        "Window as LaTeX": () => (scene && products ? windowLatex(scene, products) : ""),
      },
    },
    signal,
  );
  const geometry = html("div.sg-row.sg-geometry", stride.element, padding.element, dilation.element);
  const source = html("div.sg-row.sg-source", pictures, size);
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
    set(root, {
      "data-size": now >= LARGE ? "large" : now < SMALL ? "small" : "medium",
      "data-narrow": now < NARROW,
    });
    refresh();
  });
  write(remark, state.message);
  el.append(root);
  refresh();
  return () => {
    abort.abort();
    cancelAnimationFrame(frame);
    root.remove();
  };

  // Pictures ---------------------------------------------------------------------------------------------------------

  function load(name: string, wanted: number): Volume | undefined {
    return pictureOf(name, wanted, state, photo);
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

  function editFilter(edit: (filter: Filter, now: Scene) => Filter | undefined, release = true): void {
    const now = see();
    if (!now) return;
    const filters = now.filters.map((each, i) => (i === now.filter ? (edit(each, now) ?? each) : each));
    change({ filters }, release);
  }

  function resizeKernel(side: number): void {
    const now = see();
    if (now) show({ kernel: [side, side], filters: resized(now.filters, now.presets, now.at, [side, side]) });
  }

  function addFilter(): void {
    const now = see();
    if (!now || now.filters.length >= MOST_FILTERS) return;
    const made = another(now.filters, now.presets, now.kernel, now.at.channels);
    change({ filters: [...now.filters, made], filter: now.filters.length }, true);
  }

  function removeFilter(): void {
    const now = see();
    if (!now || now.filters.length < 2) return;
    const { filters, filter } = now;
    change({ filters: filters.filter((_, i) => i !== filter), filter: Math.max(0, filter - 1) }, true);
  }

  // Where it is looked ------------------------------------------------------------------------------------------------

  function seek(position: number, release = false): void {
    const now = see();
    if (now) change({ position: Math.max(0, Math.min(lastOf(now), position)) }, release);
  }

  /** Windows on, as many as the speed asks for in the shortest time; a question about this one stands in the way. */
  function next(from?: number): boolean {
    const now = see();
    if (!now || open.asked === "value" || (from !== undefined && from !== now.position)) return false;
    if (now.position >= lastOf(now)) return false;
    seek(now.position + (state.playing ? Math.max(1, Math.round((state.speed * SHORTEST) / 1000)) : 1));
    return true;
  }

  function moveTo(row: number, column: number, release: boolean): void {
    const now = see();
    if (!now) return;
    if (now.mode === "receptive") change({ selected: [row, column] }, release);
    else change({ position: row * now.at.outColumns + column, playing: false }, release);
  }

  function point(cell: Place | null, keep: boolean): void {
    if (keep && cell) change({ selected: cell }, true);
    else if (`${cell}` !== `${hovered}`) {
      hovered = cell;
      refresh();
    }
  }

  /** Arrows take the window, or the cell that is looked at, in all four directions. */
  function key(event: KeyboardEvent): void {
    const target = event.target as Element;
    const modified = event.altKey || event.ctrlKey || event.metaKey || event.shiftKey;
    const free = !modified && !target.matches("input,select,textarea");
    const steps = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] } as const;
    const far = { Home: -1, End: 1 } as const;
    const step = steps[event.key as keyof typeof steps];
    const end = far[event.key as keyof typeof far];
    // As it is now: several keys may come before the next frame.
    const now = see();
    const still = now?.mode === "backward" || now?.mode === "receptive";
    const along = step && (still || step[0]);
    if (!now || !free || open.asked || !(along || (still && (end || event.key === " ")))) {
      play.key(event);
      return;
    }
    if (event.key === " " && target.matches("button")) return;
    event.preventDefault();
    event.stopPropagation();
    hovered = null;
    const { at, mode, row, column, cell } = now;
    const [rows, columns] = mode === "backward" ? [at.height, at.width] : [at.outRows, at.outColumns];
    const [r, c] = cell ?? [row, column];
    const kept = (n: number, count: number) => Math.max(0, Math.min(count - 1, n));
    const to = end
      ? ([kept(end * rows, rows), kept(end * columns, columns)] as const)
      : ([kept(r + (step?.[0] ?? 0), rows), kept(c + (step?.[1] ?? 0), columns)] as const);
    if (still) change({ selected: to });
    else seek(to[0] * columns + to[1]);
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
    return sceneOf(state, load(state.picture, state.size) ?? scene?.volume, hovered, scene);
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
    const whole = windowProducts(seen.volume, seen.at, seen.slid, seen.bias, seen.row, seen.column);
    products = withoutNoise(whole, noise(maps.map(seen.filter)));
    scene = seen;
    open = questions.update(seen, products);
    const going = seen.mode === "slide" || seen.mode === "matrix";
    const done = going ? seen.done - +open.value : open.map ? seen.position : seen.done;
    const now: Scene = { ...seen, veiled: open.asked === "size", done };
    scene = now;
    arrange(now);
    const look = looks(paints.colours());
    const versions = now.filters.map((_, i) => maps.ready(i)?.version);
    const small = width < SMALL;
    const inner = width - (small ? 26 : 42);
    const three = (inner - 310) / 2;
    const side = Math.min(
      306,
      width >= LARGE ? inner * 0.255 : width < NARROW ? inner : small ? (inner - 12) / 2 : three,
    );
    main.style.setProperty("--side", `${Math.ceil(side)}px`);
    input.update(now, look, side);
    kernel.update(now, look, small ? 32 : 34);
    if (!now.veiled) output.update(now, look, versions, side);
    filters.update(now, look, versions);
    tell(now, products);
    if (now.mode === "matrix") matrix.update(now, look, inner);
    else if (now.mode === "backward") dot.backward(now, look, Math.min(inner - 220, 560));
    else if (!open.value) dot.update(now, products, look, inner - (small ? 0 : 210));
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
      open,
      state.controls,
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
    own.element.hidden = !offers("own");
    geometry.hidden = !offers("geometry");
    flip.element.hidden = !offers("flip");
    predict.hidden = !offers("predict");
    menu.hidden = !offers("export") || now.veiled || open.value;
    filters.tools.hidden = !offers("filter");
    filters.element.hidden = !offers("bank") || now.veiled;
    output.element.hidden = now.veiled;
    set(main, { "data-veiled": now.veiled });
    modes.element.hidden = !offers("modes");
    play.element.hidden = !offers("player") || mode === "receptive" || mode === "backward";
    transport.hidden = now.veiled;
    readout.hidden = now.veiled || !offers("formula");
    dot.element.hidden = now.veiled || mode === "matrix" || (open.value && mode !== "backward") || !offers("products");
    matrix.element.hidden = now.veiled || mode !== "matrix";
    filters.element.toggleAttribute("data-secret", open.parameters);
  }

  function typesetRule({ at }: Scene): void {
    rule.replaceChildren(...[RULE, ...sizeMath(at)].map((piece) => typeset(html("span"), piece)));
    write(fitting, sizeSentence(at));
  }

  /** The formula in one line. */
  function line(): string {
    if (!scene || !products || scene.mode === "backward") return (formula.textContent ?? "").replace(/\s+/g, " ");
    return windowLine(scene, products);
  }

  /** The formula and the sentence of what is looked at. */
  function tell(now: Scene, { value }: Products): void {
    const hidden = open.value;
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
          ? `${hidden ? "" : windowWords(now, products!)} ${receptiveWords(now)}`
          : hidden
            ? ""
            : windowWords(now, products!);
    write(said, [words, flipWords(now)].filter(Boolean).join(" "));
    const unsaid = open.asked === "value" ? " is asked for." : " is still to be predicted.";
    const sentence = now.veiled
      ? ""
      : mode === "backward"
        ? words
        : `Window ${now.position + 1} of ${now.at.outRows * now.at.outColumns}: y[${row}, ${column}]${hidden ? unsaid : ` = ${formatNumber(value)}. ${said.textContent}`}`;
    if (sentence === spoken) return;
    spoken = sentence;
    // What is under the pointer is seen anyway, and while it plays it would only be interrupted.
    if (!hovered && !state.playing) speech(() => write(live, sentence), 150);
  }
}

export default { render };
