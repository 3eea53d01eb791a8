import { type Spread, spread } from '../statistics.ts';

/** Formats a number with two decimals below 10, one below 100 and none from 100 on. */
export function number(value: number): string {
  if (value >= 100) return String(Math.round(value));
  return value.toFixed(value >= 10 ? 1 : 2);
}

/** Formats the median with the interquartile range in brackets. */
export function spreadText(values: readonly number[], unit = 1): string {
  const { median, low, high }: Spread = spread(values.map((value) => value / unit));
  return `${number(median)} (${number(low)}–${number(high)})`;
}

export const MIB = 1024 * 1024;
export const KB = 1000;
