/** The settings: sizes by sliders whose steps are a tenth of a power of ten and by typed numbers, and the small numbers. */

import { html, listen, named, set, write } from "../core/dom";
import { LIMITS, type Settings, typedCount } from "../math/counting";
import { counted } from "../math/units";

const TENTHS = [1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8];

/** Round numbers from the least to the most, about ten for each power of ten. */
export function roundSteps(least: number, most: number): number[] {
  const found = new Set([least, most]);
  for (let power = 1; power <= most; power *= 10)
    for (const tenth of TENTHS) {
      const step = Math.round(tenth * power);
      if (step > least && step < most) found.add(step);
    }
  return [...found].sort((a, b) => a - b);
}

/** A typed whole number, of either sign, so that what is wrong with it can be said; NaN if it is none. */
const typedWhole = (text: string) => {
  const [, minus, rest = ""] = /^\s*([-−]?)(.*)$/s.exec(text) ?? [];
  return typedCount(rest) * (minus ? -1 : 1);
};

type Name = Exclude<keyof Settings, "bias">;

export interface PanelHooks {
  /** Try settings; a sentence if they are refused. */
  propose(changes: Partial<Settings>, release: boolean): string;
}

export function panel({ propose }: PanelHooks, signal: AbortSignal) {
  const message = html("p.wrong", { role: "alert" });
  let now: Settings;
  const updates: (() => void)[] = [];
  const update = () => {
    for (const each of updates) each();
  };
  const send = (changes: Partial<Settings>, release: boolean, reword = (wrong: string) => wrong) => {
    write(message, reword(propose(changes, release)));
    update();
  };

  /** A field for one number of a setting; `part` is which one, where there are two. */
  function whole(label: string, name: Name, part?: number): HTMLInputElement {
    const field = html("input", { type: "text", inputmode: "numeric", autocomplete: "off", "aria-label": label });
    const value = () => (part === undefined ? (now[name] as number) : (now[name] as readonly number[])[part]!);
    const commit = () => {
      const next = typedWhole(field.value);
      const typed = field.value.trim();
      const own = typed.length > 20 ? `${typed.slice(0, 20)}…` : typed;
      if (next === value()) return show();
      if (Number.isNaN(next)) {
        write(message, `${label}: “${own}” is not a whole number.`);
        return show();
      }
      const all = now[name];
      send(
        { [name]: part === undefined ? next : (all as readonly number[]).map((n, i) => (i === part ? next : n)) },
        true,
        // In the words it was typed in: 10³⁰⁸ has more digits than anyone reads.
        (wrong) => wrong.replace(/this is [^ ]{25,}\.$/, `this is ${own}.`),
      );
    };
    const show = () => {
      field.value = counted(value());
    };
    listen(field, "change", commit, signal);
    // JupyterLab keeps the Enter from a field in a cell whose key it has a use for: then no change is heard.
    listen(field, "keydown", ({ key }) => key === "Enter" && commit(), signal);
    updates.push(() => field.value !== counted(value()) && show());
    return field;
  }

  /** A slider over round steps, and the number or the two numbers that it sets. */
  function sized(title: string, name: Name, most: () => number, ...labels: string[]): HTMLElement {
    const range = html("input", { type: "range", min: 0, step: 1, "aria-label": title });
    const pair = labels.length > 1;
    let steps: number[] = [];
    let limit = 0;
    let at = 0;
    const slide = (release: boolean) => {
      // After a refusal the thumb is back, and its release changes nothing.
      if (+range.value === at) return;
      const value = steps[+range.value] ?? 1;
      send({ [name]: pair ? [value, value] : value }, release);
    };
    listen(range, ["input", "change"], ({ type }) => slide(type === "change"), signal);
    updates.push(() => {
      const value = pair ? Math.max(...(now[name] as readonly number[])) : (now[name] as number);
      if (limit !== most()) {
        limit = most();
        steps = roundSteps(LIMITS[name][0], limit);
        set(range, { max: steps.length - 1 });
      }
      const above = steps.findIndex((step) => step >= value);
      at = above < 0 ? steps.length - 1 : above;
      range.value = `${at}`;
      range.style.setProperty("--at", `${at / (steps.length - 1 || 1)}`);
      set(range, {
        "aria-valuetext": [now[name]]
          .flat()
          .map((n) => counted(n as number))
          .join(" × "),
      });
    });
    const fields = labels.flatMap((label, i) => [
      ...(i ? [html("span", "×", { "aria-hidden": "true" })] : []),
      whole(label, name, pair ? i : undefined),
    ]);
    return html(
      "div.sg-size",
      named(title),
      html("span", title, { "aria-hidden": "true" }),
      range,
      html("span.sg-row", ...fields),
    );
  }

  const small = (title: string, name: Name) =>
    html("label.sg-row", html("span", title, { "aria-hidden": "true" }), whole(title, name));
  const bias = html("input", { type: "checkbox", "aria-label": "biases" });
  listen(bias, "change", () => send({ bias: bias.checked }, true), signal);
  updates.push(() => {
    bias.checked = now.bias;
  });

  const sizes = html(
    "div.sg-sizes",
    named("Sizes"),
    sized("image", "image", () => 2000, "Rows of the image", "Columns of the image"),
    sized("hidden units", "hidden", () => 10_000_000, "Number of hidden units"),
    sized(
      "field",
      "field",
      () => Math.max(1, Math.min(...now.image) + 2 * now.padding),
      "Rows of the field",
      "Columns of the field",
    ),
    sized("filters", "filters", () => 10_000, "Number of filters"),
  );
  const smalls = html(
    "div.sg-row.sg-smalls",
    small("channels", "channels"),
    small("stride", "stride"),
    small("padding", "padding"),
    html("label.sg-row", bias, html("span", "biases", { "aria-hidden": "true" })),
  );
  return {
    /** The sliders, the small numbers, and what is wrong. */
    parts: [sizes, smalls, message] as const,
    update(settings: Settings) {
      now = settings;
      update();
    },
  };
}
