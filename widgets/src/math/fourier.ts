/**
 * Discrete Fourier transforms of short signals, what circular convolution makes of them, and what either way costs; the
 * twin of `stepgrad/documents/fourier.py`.
 */

export interface Complex {
  readonly re: number;
  readonly im: number;
}

export interface Polar {
  readonly magnitude: number;
  /** In degrees, above −180 up to 180; nothing has none. */
  readonly angle: number | null;
}

/** The most samples of a convolution that is shown. */
export const LIMIT = 64;
/** What is smaller than this share of a signal's sum is rounding. */
const NOTHING = 1e-12;

const { abs, PI } = Math;
export const range = (n: number) => Array.from({ length: n }, (_, i) => i);

/** The cosines and sines of a whole turn in N steps; those of quarter turns are exact. */
function circle(N: number): readonly [cos: readonly number[], sin: readonly number[]] {
  const cosine = (step: number) => ((4 * step) % N ? Math.cos((2 * PI * step) / N) : [1, 0, -1, 0][(4 * step) / N]!);
  const cos = range(N).map(cosine);
  const sin = range(N).map((step) => ((4 * step) % N ? Math.sin((2 * PI * step) / N) : [0, 1, 0, -1][(4 * step) / N]!));
  return [cos, sin];
}

/** X[k] = Σ x[n] e^(−2πi kn/N) for the frequencies 0 to N/2, by the definition; x is filled up with zeros. */
export function transform(x: readonly number[], N: number): Complex[] {
  const [cos, sin] = circle(N);
  return range(Math.floor(N / 2) + 1).map((k) => {
    let [re, im] = [0, 0];
    x.forEach((value, n) => {
      const step = (k * n) % N;
      re += value * cos[step]!;
      im -= value * sin[step]!;
    });
    return { re, im };
  });
}

/** How often a frequency counts: the one and its mirror image N − k are the two halves of a real wave. */
export const weight = (k: number, N: number) => (k && 2 * k !== N ? 2 : 1);

/** y[n] from the frequencies 0 to N/2, or from the first few of them. */
export function inverse(Y: readonly Complex[], N: number, count = Y.length): number[] {
  const [cos, sin] = circle(N);
  return range(N).map((n) => {
    let sum = 0;
    for (let k = 0; k < count; k++) {
      const step = (k * n) % N;
      sum += weight(k, N) * (Y[k]!.re * cos[step]! - Y[k]!.im * sin[step]!);
    }
    return sum / N;
  });
}

export const multiply = (a: Complex, b: Complex): Complex => ({
  re: a.re * b.re - a.im * b.im,
  im: a.re * b.im + a.im * b.re,
});

/** The convolution by the sums themselves, n + k − 1 samples. */
export function convolve(x: readonly number[], w: readonly number[]): number[] {
  const y: number[] = Array(x.length + w.length - 1).fill(0);
  x.forEach((a, n) => {
    w.forEach((b, m) => {
      y[n + m]! += a * b;
    });
  });
  return y;
}

/** The sum of the absolute values: what a transform can be at most, and 1 of nothing. */
export const scale = (x: readonly number[]) => x.reduce((sum, value) => sum + abs(value), 0) || 1;

/** Length and angle; what is rounding, compared with what could be, is left out. */
export function polar({ re, im }: Complex, most: number): Polar {
  const [x, y] = [re, im].map((part) => (abs(part) <= NOTHING * most ? 0 : part)) as [number, number];
  return { magnitude: Math.hypot(x, y), angle: x || y ? (Math.atan2(y, x) * 180) / PI : null };
}

export const clean = (value: number, most: number) => (abs(value) <= NOTHING * most ? 0 : value);

/** The least number from n on with no prime factor above 5. */
export function nextFastLength(n: number): number {
  for (; ; n++) {
    let rest = n;
    for (const factor of [2, 3, 5]) while (rest % factor === 0) rest /= factor;
    if (rest === 1) return n;
  }
}

export interface Layer {
  readonly image: number;
  readonly batch: number;
  readonly channels: number;
  readonly filters: number;
}

/** Real multiplications by sums: (n − k + 1)² k² for each pair of planes. */
export const directCost = ({ image, batch, channels, filters }: Layer, size: number) =>
  batch * channels * filters * (image - size + 1) ** 2 * size ** 2;

/** Of these the transforms, n² log₂ n² for each plane, and the products, 2 n² for each pair of planes. */
export function fftCost({ image, batch, channels, filters }: Layer) {
  const planes = batch * channels + channels * filters + batch * filters;
  const transforms = planes * image ** 2 * Math.log2(image ** 2);
  const products = 2 * batch * channels * filters * image ** 2;
  return { planes, transforms, products, all: transforms + products };
}

/** The smallest odd kernel from which on transforms take fewer multiplications, up to half the image. */
export function predictedCrossover(layer: Layer): number | null {
  const least = fftCost(layer).all;
  for (let k = 1; k <= Math.floor(layer.image / 2); k += 2) if (directCost(layer, k) > least) return k;
  return null;
}

export interface Point {
  readonly size: number;
  readonly direct: number;
  readonly fft: number;
  readonly method?: string;
}

/** Between which two measured sizes transforms become faster for good: the last slower, the first faster. */
export function measuredCrossover(points: readonly Point[]): readonly [number | null, number | null] {
  const ordered = [...points].sort((a, b) => a.size - b.size);
  const last = ordered.filter(({ direct, fft }) => fft >= direct).at(-1)?.size ?? null;
  return [last, ordered.find(({ size }) => last === null || size > last)?.size ?? null];
}
