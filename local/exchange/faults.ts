import { codeFaults } from './code-faults.ts';
import { errorFaults } from './error-faults.ts';
import type { Executed, Fault, StaleRead } from './fault.ts';
import { bannedAnswer, tooManyAnswer } from './limits.ts';

/** Answers 429 with `Retry-After`; with `enforced` the exchange then throttles all calls. */
function tooMany(seconds: number, { enforced = false }: { readonly enforced?: boolean } = {}): Fault {
  const answer = (_now: number, weightLimit: number) => tooManyAnswer(weightLimit, seconds * 1000);
  const fault = { answer };
  return enforced ? { ...fault, throttleSeconds: seconds } : fault;
}

/**
 * Answers 418 with `Retry-After` and the end of the ban in its text; with `enforced` the exchange
 * then bans all calls.
 */
function banned(seconds: number, { enforced = false }: { readonly enforced?: boolean } = {}): Fault {
  const fault = { answer: (now: number) => bannedAnswer(now + seconds * 1000, seconds * 1000) };
  return enforced ? { ...fault, banSeconds: seconds } : fault;
}

/** Delays the call before it takes effect, after it, or both. */
function delay({
  beforeMs = 0,
  afterMs = 0,
}: {
  readonly beforeMs?: number;
  readonly afterMs?: number;
}): Fault {
  return { delayBeforeMs: beforeMs, delayAfterMs: afterMs };
}

/** The ways in which an exchange fails, by name. */
export const faults = {
  ...errorFaults,
  ...codeFaults,
  tooMany,
  banned,
  delay,
  hang: (options: Executed = {}): Fault => ({ ending: 'hang', executed: options.executed ?? false }),
  reset: (options: Executed = {}): Fault => ({ ending: 'reset', executed: options.executed ?? false }),
  /** Takes effect, and closes the connection halfway through the answer's body. */
  truncate: (): Fault => ({ ending: 'truncate' }),
  /** Takes effect, and stops halfway through the answer's body with the connection open. */
  stall: (): Fault => ({ ending: 'stall' }),
  /** Makes the next query or list lag. */
  staleRead: (read: StaleRead = 'as-placed'): Fault => ({ read }),
  /** Takes effect, and sends `mib` MiB of spaces after the answer. */
  huge: (mib: number): Fault => ({ padMiB: mib }),
  /** Takes effect, and answers with these headers added. */
  headers: (headers: Readonly<Record<string, string>>): Fault => ({ headers }),
} as const;
