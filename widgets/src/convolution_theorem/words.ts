/** What a step, a sample and a frequency are, in formulas and in sentences. */

import { clean, scale, weight } from "../math/fourier";
import { formatNumber } from "../math/notation";
import { filled, type Moment, type Name, partial, type Scene, wave } from "./scene";

export const counted = (n: number, what: string) => `${n} ${what}${n === 1 ? "" : "s"}`;
export const shown = (value: number) => formatNumber(value);
export const degrees = (angle: number | null) => (angle === null ? "–" : `${shown(Math.round(angle))}°`);

const sign = (text: string) => `<mo stretchy="false">${text}</mo>`;
const number = (value: number) => formatNumber(value, "mathml");
const indexed = (name: string, index: string) => `<mi>${name}</mi>${sign("[")}${index}${sign("]")}`;
const at = (name: string, index: number) => indexed(name, `<mn>${index}</mn>`);
const equals = '<mo form="infix">=</mo>';
const sum = (below: string, above: string) =>
  `<munderover><mo>∑</mo><mrow>${below}</mrow><mrow>${above}</mrow></munderover>`;
const from0 = (index: string) => `<mi>${index}</mi><mo>=</mo><mn>0</mn>`;
const exponential = (minus: string, turns: string, N: number) =>
  `<msup><mi mathvariant="normal">e</mi><mrow>${minus}<mn>2</mn><mi>π</mi><mi mathvariant="normal">i</mi><mo>·</mo>${turns}<mo>/</mo><mn>${N}</mn></mrow></msup>`;
const angled = (magnitude: number, angle: number | null) =>
  `${number(magnitude)}${angle === null ? "" : `<mspace width="0.3em"/><mo>∠</mo><mn>${degrees(angle)}</mn>`}`;

export const capital = { x: "X", w: "W", y: "Y" } as const;

/** The formula of a moment, in pieces between which a line may break. */
export function formula(scene: Scene, now: Moment, k: number | null): string[] {
  const { N, spectra } = scene;
  const stage = k === null || k === now.frequency ? now.stage : known(now, k);
  const polar = (name: Name) => angled(spectra[name].magnitudes[k!]!, spectra[name].angles[k!]!);
  if (k !== null && stage === "transform")
    return (["x", "w"] as const).map(
      (name, i) =>
        `${at(capital[name], k)}${equals}${i ? "" : `${sum(from0("n"), `<mn>${N - 1}</mn>`)}${indexed("x", "<mi>n</mi>")}${exponential("<mo>−</mo>", `<mn>${k}</mn><mi>n</mi>`, N)}${equals}`}${polar(name)}`,
    );
  if (k !== null && stage === "multiply")
    return [
      `${at("Y", k)}${equals}${at("X", k)}<mo>·</mo>${at("W", k)}`,
      `${equals}${number(spectra.x.magnitudes[k]!)}<mo>·</mo>${number(spectra.w.magnitudes[k]!)}<mspace width="0.3em"/><mo>∠</mo><mn>${sumOfAngles(scene, k)}</mn>`,
      `${equals}${polar("y")}`,
    ];
  if (stage === "back")
    return [
      `${indexed("y", "<mi>n</mi>")}${equals}<mfrac><mn>1</mn><mn>${N}</mn></mfrac>${sum(from0("k"), `<mn>${N - 1}</mn>`)}${indexed("Y", "<mi>k</mi>")}${exponential("", "<mi>k</mi><mi>n</mi>", N)}`,
    ];
  if (stage === "compare" && scene.wrapped) {
    const { direct, circular } = scene;
    return [
      `<msub><mi>y</mi><mn>${N}</mn></msub>${sign("[")}<mn>0</mn>${sign("]")}${equals}${at("y", 0)}<mo>+</mo>${at("y", N)}`,
      `${equals}${number(direct[0]!)}<mo>${direct[N]! < 0 ? "−" : "+"}</mo>${number(Math.abs(direct[N]!))}${equals}${number(circular[0]!)}`,
    ];
  }
  return [
    `${indexed("y", "<mi>n</mi>")}${equals}${sum("<mi>m</mi>", "")}${indexed("x", "<mi>m</mi>")}${indexed("w", "<mi>n</mi><mo>−</mo><mi>m</mi>")}`,
    `<mo form="infix">⟺</mo>${indexed("Y", "<mi>k</mi>")}${equals}${indexed("X", "<mi>k</mi>")}<mo>·</mo>${indexed("W", "<mi>k</mi>")}`,
  ];
}

/** How far a frequency has come. */
function known({ transformed, multiplied, added, compared }: Moment, k: number): Moment["stage"] {
  if (k < added || compared) return "multiply";
  return k < multiplied ? "multiply" : k < transformed ? "transform" : "signals";
}

function sumOfAngles({ spectra }: Scene, k: number): string {
  const [a, b] = [spectra.x.angles[k], spectra.w.angles[k]];
  if (a == null || b == null) return "–";
  return `${degrees(a)} ${b < 0 ? "−" : "+"} ${degrees(Math.abs(b))}`;
}

/** "3, 2 and 0.25" */
export function listed(values: readonly string[]): string {
  return values.length < 2 ? values.join("") : `${values.slice(0, -1).join(", ")} and ${values.at(-1)}`;
}

const turns = (k: number) => (k === 1 ? "one turn" : `${k} turns`);

function aboutFrequency(scene: Scene, now: Moment, k: number): string {
  const { N, spectra } = scene;
  const stage = k === now.frequency ? now.stage : known(now, k);
  const mirrored = weight(k, N) === 2 ? ` Frequency ${N - k} is its mirror image and comes with it.` : "";
  if (stage === "signals") return `Frequency ${k}: ${turns(k)} in ${counted(N, "sample")}. It is not transformed yet.`;
  const [a, b, c] = [spectra.x.magnitudes[k]!, spectra.w.magnitudes[k]!, spectra.y.magnitudes[k]!];
  if (stage === "multiply") {
    if (!c)
      return `Frequency ${k}: ${a ? "w lets nothing of this wave through" : "x holds nothing of this wave"}, so the product is 0.`;
    const [p, q, r] = [spectra.x.angles[k]!, spectra.w.angles[k]!, spectra.y.angles[k]!];
    const over = Math.abs(Math.round(p + q) - Math.round(r)) > 2 ? ", less a whole turn" : "";
    return `Frequency ${k}: lengths multiply, ${shown(a)} · ${shown(b)} = ${shown(c)}, and angles add, ${sumOfAngles(scene, k)} = ${degrees(r)}${over}.`;
  }
  if (stage === "back") {
    const { amplitude } = wave(scene, "y", k);
    const off = Math.max(...partial(scene, k + 1).map((value, n) => Math.abs(value - scene.circular[n]!)));
    const rest = clean(off, scale(scene.circular) * 1e3);
    return `The wave of frequency ${k}, of amplitude ${shown(amplitude)}, is added to the result. ${rest ? `What is still missing is ${shown(rest)} at most.` : "Nothing is missing any more."}`;
  }
  if (!k) return "Frequency 0: the exponential is 1 everywhere, so X[0] and W[0] are the sums of the samples.";
  if (2 * k === N)
    return `Frequency ${k}, the fastest: the exponential is 1, −1, 1, −1, … so samples are added with alternating signs.`;
  const { amplitude } = wave(scene, "x", k);
  return `Frequency ${k}: ${turns(k)} in ${counted(N, "sample")}. x holds this wave with amplitude ${shown(amplitude)}; w multiplies it by ${shown(b)}${spectra.w.angles[k] === null ? "" : ` and turns it by ${degrees(spectra.w.angles[k]!)}`}.${mirrored}`;
}

/** What wraps round, or why nothing does. */
export function wrapping({ x, w, N, needed, wrapped }: Scene): string {
  const sizes = `x has ${counted(x.length, "sample")} and w ${w.length}, so their convolution has ${x.length} + ${w.length} − 1 = ${needed}.`;
  if (wrapped)
    return `${sizes} Transforms of N = ${N} have no room for the last ${wrapped === 1 ? "one: it comes round and falls" : `${wrapped}: they come round and fall`} on the first.`;
  return `${sizes} N = ${N} has room for all of them: both are filled up with zeros, and nothing comes round.`;
}

/** So many errors are listed; of more the largest is told. */
const MANY = 6;

function comparison(scene: Scene): string {
  const { N, wrapped, direct, circular, needed } = scene;
  if (!wrapped)
    return `What came back is the convolution: ${needed > 1 ? `all ${needed} samples are the direct sums` : "its only sample is the direct sum"}, to rounding. Nothing has come round, since N = ${N} is at least ${needed}.`;
  const offs = Array.from({ length: wrapped }, (_, n) => clean(circular[n]! - direct[n]!, scale(direct)));
  const wrong =
    wrapped > MANY ? `up to ${shown(Math.max(...offs.map(Math.abs)))}` : listed(offs.map((value) => shown(value)));
  const which = wrapped === 1 ? `Sample 0 is wrong, by ${wrong}` : `Samples 0 to ${wrapped - 1} are wrong, by ${wrong}`;
  const tail = wrapped === 1 ? `sample ${N}` : `samples ${N} to ${needed - 1}`;
  return `${which}: ${tail} of the convolution ${wrapped === 1 ? "has" : "have"} come round. The others agree with the direct sum. N = ${needed} would be enough.`;
}

/** The sentence of a moment. */
export function sentence(scene: Scene, now: Moment, k: number | null): string {
  if (k !== null) return aboutFrequency(scene, now, k);
  return now.stage === "compare" ? comparison(scene) : wrapping(scene);
}

/** What a plot says of one of its samples. */
export function sampleWords(scene: Scene, name: "x" | "w", n: number): string {
  const values = scene[name];
  return `${name}[${n}] = ${n < values.length ? shown(values[n]!) : "0, filled up"}`;
}

export function resultWords(scene: Scene, now: Moment, n: number): string {
  const { N, direct, wrapped, needed } = scene;
  const back = now.added && n < N ? shown(partial(scene, now.added)[n]!) : "not yet computed";
  if (!now.compared) return `y[${n}]: ${n < N ? back : "beyond N"}`;
  const sums = n < needed ? shown(direct[n]!) : "0";
  if (n >= N) return `Sample ${n} of the convolution, ${sums}, comes round to sample ${n - N}`;
  return `y[${n}]: transformed back ${back}, direct sum ${sums}${n < wrapped ? `, wrong by ${shown(filled(direct, needed)[n + N]!)}` : ""}`;
}

export function frequencyWords({ spectra }: Scene, name: Name, k: number, until: number): string {
  if (k >= until) return `${capital[name]}[${k}] not yet computed`;
  const { magnitudes, angles } = spectra[name];
  return `${capital[name]}[${k}]: length ${shown(magnitudes[k]!)}, angle ${degrees(angles[k]!)}`;
}
