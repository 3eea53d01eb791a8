import { setTimeout as delay } from 'node:timers/promises';

/** What the outside world gives to otherwise pure code, handed in so that tests can give their own. */
export interface Effects {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Resolves after `ms` milliseconds. */
  sleep(ms: number): Promise<void>;
  /** A number from 0 (included) to 1 (excluded). */
  random(): number;
}

/** The process's own clock, timers and randomness. */
export const realEffects: Effects = {
  now: Date.now,
  sleep: async (ms) => {
    await delay(ms);
  },
  random: Math.random,
};
