import { type Spread, spread } from '../statistics.ts';

/** Three significant digits, but no fraction of a whole above a hundred. */
export function number(value: number): string {
  if (value >= 100) return String(Math.round(value));
  return value.toFixed(value >= 10 ? 1 : 2);
}

/** Median, and in brackets the middle half. */
export function spreadText(values: readonly number[], unit = 1): string {
  const { median, low, high }: Spread = spread(values.map((value) => value / unit));
  return `${number(median)} (${number(low)}–${number(high)})`;
}

export const MIB = 1024 * 1024;
export const KB = 1000;
