import type { Effects } from '../../lib/effects.ts';

/** Clocks that stand still until they are moved, sleep that only moves them, and the middle of every random range. */
export interface ManualEffects extends Effects {
  /** Lets `ms` milliseconds pass at once. */
  advance(ms: number): void;
  /** Sets the wall clock back (or ahead, when negative) by `ms`; the monotonic clock goes on. */
  setBack(ms: number): void;
}

/** Starts at a full minute, `2026-01-31T12:00:00Z` unless another time (ms since the epoch) is given. */
export function manualEffects(startAt: number = Date.UTC(2026, 0, 31, 12)): ManualEffects {
  let elapsed = 0;
  let wall = startAt;
  const advance = (ms: number) => {
    elapsed += ms;
  };
  return {
    now: () => wall + elapsed,
    monotonic: () => elapsed,
    advance,
    setBack: (ms) => {
      wall -= ms;
    },
    sleep: async (ms) => advance(ms),
    random: () => 0.5,
  };
}
