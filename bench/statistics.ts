export const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

/**
 * Returns the quantile `q` (0 to 1), interpolated between neighbours.
 *
 * @throws RangeError for no values
 */
export function quantile(values: readonly number[], q: number): number {
  if (values.length === 0) throw new RangeError('no values');
  const sorted = values.toSorted((a, b) => a - b);
  const at = (sorted.length - 1) * q;
  const low = sorted[Math.floor(at)] ?? Number.NaN;
  const high = sorted[Math.ceil(at)] ?? Number.NaN;
  return low + (high - low) * (at - Math.floor(at));
}

export const median = (values: readonly number[]): number => quantile(values, 0.5);

/** Returns the first quartile and the third. */
const quartiles = (values: readonly number[]) => [quantile(values, 0.25), quantile(values, 0.75)] as const;

/** Returns true if the interquartile ranges of two samples overlap. */
export function areEqual(a: readonly number[], b: readonly number[]): boolean {
  const [[lowA, highA], [lowB, highB]] = [quartiles(a), quartiles(b)];
  return lowA <= highB && lowB <= highA;
}

/** Formats a number with two decimals below 10, one below 100 and none from 100 on. */
export function number(value: number): string {
  if (value >= 100) return String(Math.round(value));
  return value.toFixed(value >= 10 ? 1 : 2);
}

/** Formats the median with the interquartile range in brackets. */
export function spreadText(values: readonly number[]): string {
  const [low, high] = quartiles(values);
  return `${number(median(values))} (${number(low)}–${number(high)})`;
}
