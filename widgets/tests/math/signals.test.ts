import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import {
  areas,
  type Curve,
  convolve,
  farthest,
  gaussianOf,
  type Kind,
  type Mode,
  mirrored,
  outline,
  outputAt,
  pointsOf,
  refusal,
  type Signal,
  STEP,
  signalOf,
  slide,
  supportOfOutput,
  terms,
  timeOf,
} from "../../src/math/signals";

interface Golden {
  traits: {
    signal: string;
    kernel: string;
    signal_samples: number[];
    kernel_samples: number[];
    kind: Kind;
    flip: boolean;
    mode: Mode;
    centred: boolean;
    again: number;
    position: number;
  };
  document: {
    signal: Signal;
    kernel: Signal;
    input: Signal;
    output: Curve;
    places: { first: number; count: number; stride: number };
    place: { index: number; time: number; above: number; below: number; value: number; terms: number[][] };
  };
}

const FOLDER = join(import.meta.dirname, "../../../tests/golden/signals");
const golden = readdirSync(FOLDER).map((file): [string, Golden] => [
  file.replace(".json", ""),
  JSON.parse(readFileSync(join(FOLDER, file), "utf8")),
]);

const made = ({ traits: t }: Golden) =>
  slide(signalOf(t.signal, t.signal_samples, t.kind), signalOf(t.kernel, t.kernel_samples, t.kind, t.centred), t);

const close = (found: readonly number[], wanted: readonly number[]) => {
  expect(found.length).toBe(wanted.length);
  const worst = Math.max(...found.map((value, i) => Math.abs(value - wanted[i]!)));
  expect(worst).toBeLessThan(1e-12);
};

describe.each(golden)("the slide %s", (_name, each) => {
  const { document, traits } = each;
  const found = made(each);

  it("has the signals and the output that Python tells", () => {
    for (const part of ["signal", "kernel", "input"] as const) {
      const { step, first, shown, values } = document[part];
      expect([found[part].step, found[part].first, found[part].shown]).toEqual([step, first, shown]);
      close(found[part].values, values);
    }
    const { step, first, values } = document.output;
    expect([found.output.step, found.output.first]).toEqual([step, first]);
    close(found.output.values, values);
  });

  it("has the same places, and at one of them the same products", () => {
    const { first, count, stride } = document.places;
    expect([found.first, found.count, found.stride]).toEqual([first, count, stride]);
    const k = traits.position < 5 ? Math.floor(count / 3) : traits.position - 5;
    expect(timeOf(found, k)).toBeCloseTo(document.place.time, 12);
    expect(outputAt(found, k)).toBeCloseTo(document.place.value, 12);
    const products = terms(found, document.place.index);
    const { above, below } = areas(products, found.output.step);
    close([above, below, above + below], [document.place.above, document.place.below, document.place.value]);
    if (traits.kind === "discrete")
      close(
        products.flatMap(({ m, j, x, w, product }) => [m, j, x, w, product]),
        document.place.terms.flat(),
      );
  });
});

const setting = { kind: "continuous" as Kind, flip: true, mode: "full" as Mode, again: 0 };
const named = (name: string) => signalOf(name, [], "continuous");
const of = (x: string, w: string, rest = {}) => slide(named(x), named(w), { ...setting, ...rest });
const truth = (curve: Curve, f: (t: number) => number) =>
  Math.max(...curve.values.map((value, i) => Math.abs(value - f((curve.first + i) * curve.step))));

describe("closed forms", () => {
  it("box ∗ box is the triangle, exactly", () => {
    expect(truth(of("box", "box").output, (t) => Math.max(0, 1 - Math.abs(t)))).toBeLessThan(1e-14);
  });
  it("Gaussian ∗ Gaussian is the Gaussian whose variance is the sum", () => {
    const wanted = (t: number) => Math.exp(-t * t) / Math.sqrt(Math.PI);
    expect(truth(of("gaussian", "gaussian").output, wanted)).toBeLessThan(1e-4);
  });
  it("exponential ∗ exponential is t times it", () => {
    const { output } = of("exponential", "exponential");
    const upTo = { ...output, values: output.values.slice(0, 8 / STEP) };
    expect(truth(upTo, (t) => t * Math.exp(-t))).toBeLessThan(1e-4);
  });
  it("box ∗ exponential charges and decays", () => {
    const wanted = (t: number) =>
      t < -0.5 ? 0 : t < 0.5 ? 1 - Math.exp(-t - 0.5) : Math.exp(0.5 - t) - Math.exp(-t - 0.5);
    expect(
      truth(
        { ...of("box", "exponential").output, values: of("box", "exponential").output.values.slice(0, 1100) },
        wanted,
      ),
    ).toBeLessThan(1e-12);
  });
  it("three boxes are the quadratic B-spline", () => {
    const wanted = (t: number) =>
      Math.abs(t) < 0.5 ? 0.75 - t * t : Math.abs(t) < 1.5 ? (1.5 - Math.abs(t)) ** 2 / 2 : 0;
    expect(truth(of("box", "box", { again: 1 }).output, wanted)).toBeLessThan(1e-14);
  });
});

describe("what is known of convolution", () => {
  const names = ["box", "triangle", "steps", "ramp", "edge", "gaussian"];
  it("commutes; cross-correlation gives the curve turned round", () => {
    for (const x of names)
      for (const w of names) {
        expect(farthest(of(x, w).output, of(w, x).output)).toBeLessThan(1e-13);
        const turned = of(w, x, { flip: false }).output;
        const back = {
          ...turned,
          first: -(turned.first + turned.values.length - 1),
          values: turned.values.slice().reverse(),
        };
        expect(farthest(of(x, w, { flip: false }).output, back)).toBeLessThan(1e-13);
      }
  });
  it("has the support that the ends add up to", () => {
    expect(supportOfOutput(of("box", "ramp"))).toEqual([-0.5, 2.5]);
    expect(supportOfOutput(of("box", "ramp", { flip: false }))).toEqual([-2.5, 0.5]);
    const samples = slide(signalOf("own", [0, 1, 2, 0], "discrete"), signalOf("own", [3, 4], "discrete"), {
      ...setting,
      kind: "discrete",
    });
    expect(supportOfOutput(samples)).toEqual([1, 3]);
    expect(supportOfOutput(slide(signalOf("own", [0, 0], "discrete"), samples.kernel, samples))).toBe(null);
  });
  it("tends to a Gaussian, whose variance is the sum", () => {
    const bells = [0, 1, 2, 4].map((again) => gaussianOf(of("box", "box", { again }))!);
    bells.forEach(({ variance, mean, area }, i) => {
      expect(variance).toBeCloseTo(([0, 1, 2, 4][i]! + 2) / 12, 12);
      expect(mean).toBeCloseTo(0, 12);
      expect(area).toBeCloseTo(1, 12);
    });
    const far = bells.map(({ distance, of: bell }) => distance / bell(0));
    expect(far[0]).toBeGreaterThan(far[1]!);
    expect(far[2]).toBeGreaterThan(far[3]!);
    expect(far[3]).toBeLessThan(0.026);
    expect(gaussianOf(of("box", "edge"))).toBe(null);
  });
});

it("refuses what does not fit, and goes on in mode full", () => {
  const [x, w] = [signalOf("own", [1, 2], "discrete"), signalOf("own", [1, 2, 3], "discrete")];
  const wrong = { kind: "discrete" as Kind, flip: false, mode: "valid" as Mode, again: 0 };
  expect(refusal(x, w, wrong)).toContain("lies inside the signal");
  expect(slide(x, w, wrong).count).toBe(4);
  expect(refusal(x, w, { ...wrong, flip: true })).toBe("");
  expect(refusal(x, w, { ...wrong, flip: true, again: 1 })).toContain("mode full");
});

it("gives points to draw from that keep the area", () => {
  for (const name of ["box", "triangle", "steps", "ramp", "edge"]) {
    const own = signalOf("own", pointsOf(name, [], "continuous"), "continuous");
    const area = (signal: Signal) => signal.values.reduce((sum, value) => sum + value * signal.step, 0);
    expect(area(own)).toBeCloseTo(area(named(name)), 10);
  }
  expect(pointsOf("own", [1, 2], "discrete")).toEqual([1, 2]);
  expect(mirrored(mirrored(named("ramp")))).toEqual(named("ramp"));
  expect(convolve(named("box"), named("box")).values.length).toBe(199);
});

it("draws a jump as a jump", () => {
  const points = outline("box", []);
  expect(points[0]).toEqual([-0.5, 0]);
  expect(points.at(-1)).toEqual([0.5, 0]);
  expect(points.filter(([t]) => t === -0.5).map(([, value]) => value)).toEqual([0, 1]);
});
