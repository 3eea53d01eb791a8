import type { Effects } from '../../lib/effects.ts';

/** A clock that stands still until it is moved, sleep that only moves it, and the middle of every range by chance. */
export interface ManualEffects extends Effects {
  /** Lets `ms` milliseconds pass at once. */
  advance(ms: number): void;
}

/** Starts at a full minute, `2026-01-31T12:00:00Z` unless another time (ms since the epoch) is given. */
export function manualEffects(startAt: number = Date.UTC(2026, 0, 31, 12)): ManualEffects {
  let now = startAt;
  const advance = (ms: number) => {
    now += ms;
  };
  return { now: () => now, advance, sleep: async (ms) => advance(ms), random: () => 0.5 };
}
