import { setTimeout as delay } from 'node:timers/promises';

/**
 * The clocks, waits and randomness of otherwise pure code, handed in so that tests can replace
 * them.
 */
export interface Effects {
  /** Returns milliseconds since the epoch. Only timestamps use it: a wall clock may be set back. */
  now(): number;
  /**
   * Returns whole milliseconds of a clock that never goes back. Deadlines, idle times and throttles
   * use it.
   */
  monotonic(): number;
  /** Resolves after `ms` milliseconds. */
  sleep(ms: number): Promise<void>;
  /** Returns a number from 0 (included) to 1 (excluded). */
  random(): number;
}

/** The process's own clock, timers and randomness. */
export const realEffects: Effects = {
  now: Date.now,
  monotonic: () => Math.round(performance.now()),
  sleep: async (ms) => {
    await delay(ms);
  },
  random: Math.random,
};

/**
 * Resolves with what `work` resolves to, or with undefined after `ms` milliseconds. Rejects when
 * `work` does.
 */
export async function within<T>(ms: number, work: Promise<T>): Promise<T | undefined> {
  const { promise: late, resolve } = Promise.withResolvers<undefined>();
  const timer = setTimeout(resolve, Math.max(0, ms), undefined);
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Returns a function that loads once for all of its callers, and again after a failure. */
export function loadedOnce<T>(load: () => Promise<T>): () => Promise<T> {
  let loading: Promise<T> | undefined;
  return () => {
    loading ??= load().catch((error) => {
      loading = undefined;
      throw error;
    });
    return loading;
  };
}
