/** Predict, then see: how large the matrix is, how many numbers have to be kept, and where they stand in a small one. */

import { button, html, listen, named, set, write } from "../core/dom";
import { typedNumber } from "../core/slider";
import type { Jacobian } from "../math/forms";
import type { Answer, Facts } from "./traits";
import { bytes, counted } from "./words";

const QUESTIONS = ["size", "numbers", "pattern"] as const;

/** The numbers that the document's factors are made of, or the places that its tables hold. */
export function numbersKept({ header, rows }: Jacobian): number {
  const seen = new Set<number>();
  const places = new Set<number>();
  for (const { factors, output, input, sparse } of header.terms) {
    for (const { buffer } of factors ?? []) seen.add(buffer);
    for (const axis of [...(output ?? []), ...(input ?? [])]) for (const table of axis.tables) places.add(table.buffer);
    if (sparse) seen.add(sparse.values);
  }
  const sum = (buffers: Iterable<number>) =>
    [...buffers].reduce((total, i) => total + (header.buffers[i]?.length ?? 0), 0);
  return sum(seen) || (places.size ? rows : 0);
}

const whole = (field: HTMLInputElement) => typedNumber(field.value.replace(/[,\s]/g, ""));
const field = (label: string) =>
  html("input", { type: "text", inputmode: "numeric", autocomplete: "off", "aria-label": label });

export function predictions(signal: AbortSignal, record: (answer: Omit<Answer, "about">) => void, leave: () => void) {
  const words = html("p");
  const [rows, columns, numbers] = [field("Rows"), field("Columns"), field("Numbers to be kept")];
  const form = html("div.sg-row");
  const grid = html("div.sg-grid", named("Nonzeros of the small example"));
  const feedback = html("p.sg-say", { role: "status" });
  const element = html("div.sg-predict", named("Predict"), words, form, feedback);
  let jacobian: Jacobian;
  let small: NonNullable<Facts["small"]> = { rows: 0, columns: 0, pattern: [] };
  let stage = -1;
  let topic = "";
  let tries = 0;
  const check = set(button("Check", "Check", signal, judge), { class: "sg-go" });
  const skip = button("Skip", "Skip", signal, () => pass());

  const say = (text: string, kind = "") => {
    write(feedback, text);
    set(feedback, { class: `sg-say ${kind}` });
  };
  const boxes = () => [...grid.children] as HTMLElement[];
  const drawn = () => {
    const on = boxes().map((box) => +(box.getAttribute("aria-pressed") === "true"));
    return Array.from({ length: small.rows }, (_, i) => on.slice(i * small.columns, (i + 1) * small.columns));
  };

  function expected(): unknown {
    const { header } = jacobian;
    return [[header.rows, header.columns], numbersKept(jacobian), small.pattern][stage];
  }

  function pass(): void {
    const question = QUESTIONS[stage];
    if (question) record({ question, answer: null, expected: expected(), correct: false, skipped: true });
  }

  function judge(): void {
    const question = QUESTIONS[stage];
    const { header } = jacobian;
    if (!question) return;
    tries++;
    const say_ = (answer: unknown, wrong: string) => {
      const correct = !wrong;
      if (!correct) say(wrong, "wrong");
      record({ question, answer, expected: expected(), correct, skipped: false });
    };
    if (question === "size") {
      const [m, n] = [whole(rows), whole(columns)];
      if (!Number.isInteger(m) || !Number.isInteger(n)) {
        say("Type two whole numbers: how many rows, how many columns.", "wrong");
        return;
      }
      const right = m === header.rows && n === header.columns;
      const { output, input } = header;
      const how = `A row is an entry of ${output.symbol} (${output.shape.join(" × ")}), a column an entry of ${input.symbol} (${input.shape.join(" × ")}).`;
      say_(
        [m, n],
        right ? "" : m === header.columns && n === header.rows ? `The other way round. ${how}` : `Not yet. ${how}`,
      );
    } else if (question === "numbers") {
      const n = whole(numbers);
      if (!Number.isFinite(n)) {
        say("Type a whole number.", "wrong");
        return;
      }
      const right = numbersKept(jacobian);
      const all = header.rows * header.columns;
      const hint =
        n === all
          ? `That is every entry, ${bytes(header.dense_bytes)} of them, and most are 0 wherever one looks.`
          : n === header.nonzeros || n === jacobian.count
            ? "So many entries may differ from 0, but many of them are the same number, or can be told from others."
            : n > right
              ? "Fewer: which numbers tell all the rest?"
              : "More than that: which numbers can't be told from others?";
      say_(n, n === right ? "" : hint);
    } else {
      const answer = drawn();
      let [more, less] = [0, 0];
      answer.forEach((line, i) => {
        line.forEach((on, j) => {
          const want = small.pattern[i]?.[j] ?? 0;
          more += +(on && !want);
          less += +(!on && want);
          set(boxes()[i * small.columns + j]!, { "data-off": on !== want });
        });
      });
      const wrong = [more && `${more} too many`, less && `${less} missing`].filter(Boolean).join(", ");
      say_(
        answer,
        wrong &&
          `Not yet: ${wrong}. Those are framed. A cell is not 0 where the output of its row depends on the input of its column.`,
      );
    }
  }

  for (const input of [rows, columns, numbers])
    listen(input, "keydown", ({ key }) => key === "Enter" && judge(), signal);
  listen(grid, "click", ({ target }) => toggle(target as HTMLElement), signal);
  listen(
    grid,
    "keydown",
    (event) => {
      const all = boxes();
      const at = all.indexOf(event.target as HTMLElement);
      const by = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -small.columns, ArrowDown: small.columns }[event.key];
      const next = by && all[at + by];
      if (!by) return;
      event.preventDefault();
      if (!next) return;
      for (const box of all) box.tabIndex = box === next ? 0 : -1;
      next.focus();
    },
    signal,
  );
  function toggle(box: HTMLElement): void {
    if (box.parentElement !== grid) return;
    set(box, { "aria-pressed": `${box.getAttribute("aria-pressed") !== "true"}`, "data-off": null });
  }

  function ask(): void {
    const question = QUESTIONS[stage];
    const { header } = jacobian;
    const { output, input } = header;
    const told = `Predict ${stage + 1} of ${QUESTIONS.length}: `;
    if (question === "size") {
      const of = `∂${output.symbol}/∂${input.symbol}`;
      write(
        words,
        `${told}${output.symbol} has the shape ${output.shape.join(" × ")}, ${input.symbol} ${input.shape.join(" × ")}. How large is the Jacobian ${of}?`,
      );
      form.replaceChildren(rows, html("span", "rows ×"), columns, html("span", "columns"));
    } else if (question === "numbers") {
      write(
        words,
        `${told}it has ${counted(header.rows)} × ${counted(header.columns)} entries. How many numbers have to be kept to know all of them?`,
      );
      form.replaceChildren(numbers, html("span", "numbers"));
    } else if (question === "pattern") {
      const { rows: m, columns: n } = small;
      write(
        words,
        `${told}a small example of this layer, ${m} × ${n}. Where may its entries differ from 0? Click the cells, or use arrow keys and Space.`,
      );
      grid.style.gridTemplateColumns = `repeat(${n}, 30px)`;
      grid.replaceChildren(
        ...Array.from({ length: m * n }, (_, k) =>
          html("button", {
            type: "button",
            tabindex: k ? -1 : 0,
            "aria-pressed": "false",
            "aria-label": `Row ${Math.floor(k / n)}, column ${k % n}`,
          }),
        ),
      );
      form.replaceChildren(grid);
    }
    form.append(check, skip);
    for (const input of [rows, columns, numbers]) input.value = "";
  }

  return {
    element,
    /** Ask what is still to be asked of this Jacobian. True while something is. */
    update(shown: Jacobian, facts: Facts, answers: readonly Answer[], about: string): boolean {
      const { small: example } = facts;
      const done = (question: string) =>
        answers.some((each) => each.about === about && each.question === question && (each.correct || each.skipped));
      const asked = QUESTIONS.filter((each) => each !== "pattern" || example?.rows);
      const open = asked.find((each) => !done(each));
      const next = open ? QUESTIONS.indexOf(open) : -1;
      if (topic !== about || next !== stage) {
        const moved = topic === about && next !== stage;
        const inside = form.contains(document.activeElement);
        jacobian = shown;
        small = example ?? small;
        stage = next;
        topic = about;
        if (moved) say(tries ? "✓ Right." : "", "right");
        else say("");
        tries = 0;
        if (open) ask();
        if (inside) {
          const first = form.querySelector<HTMLElement>("input, [tabindex='0']");
          if (open) first?.focus();
          else leave();
        }
      }
      form.hidden = words.hidden = !open;
      element.hidden = !open && !feedback.textContent;
      return !!open;
    },
  };
}
