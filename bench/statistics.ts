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

/** Returns the median, the first quartile and the third quartile. */
export function spread(values: readonly number[]) {
  return { median: median(values), low: quantile(values, 0.25), high: quantile(values, 0.75) };
}

/** Returns true if the interquartile ranges of two samples overlap. */
export function areEqual(a: readonly number[], b: readonly number[]): boolean {
  const [left, right] = [spread(a), spread(b)];
  return left.low <= right.high && right.low <= left.high;
}

/** Formats a number with two decimals below 10, one below 100 and none from 100 on. */
export function number(value: number): string {
  if (value >= 100) return String(Math.round(value));
  return value.toFixed(value >= 10 ? 1 : 2);
}

/** Formats the median with the interquartile range in brackets. */
export function spreadText(values: readonly number[]): string {
  const { median, low, high } = spread(values);
  return `${number(median)} (${number(low)}–${number(high)})`;
}
