/** Counts, bytes and times as people read them. */

// To make one takes longer than to use it a hundred times.
const format = new Intl.NumberFormat("en");
export const counted = (n: number | bigint) => format.format(n);

function scaled(n: number, step: number, units: readonly string[]): string {
  let i = 0;
  for (; n >= 999.5 && i < units.length - 1; i++) n /= step;
  return `${+n.toPrecision(3)} ${units[i]}`;
}

/** 51.2 KB, 1.34 TB: the same as `human_bytes` in Python. */
export const bytes = (n: number | bigint) => scaled(Number(n), 1000, ["bytes", "KB", "MB", "GB", "TB", "PB", "EB"]);
export const seconds = (n: number) => (n < 1e-6 ? "< 1 µs" : scaled(n * 1e6, 1000, ["µs", "ms", "s"]));
