import type { KillOutcomeKind, OutcomeKind } from './outcome.ts';

/** The source of a request. */
export type Trigger = 'api' | 'queue' | 'schedule';

/**
 * The next thing that happens to a request: `done` ends it, `back` returns the message to its queue
 * (a dead letter on the last receive), `dead-letter` keeps the request in the dead-letter queue,
 * and `handed-over` sends a kill to the kill queue, where it goes on.
 */
export type Next = 'done' | 'back' | 'dead-letter' | 'handed-over';

/** The level an outcome is logged at, and what each trigger does next. */
export interface Consequence extends Readonly<Record<Trigger, Next>> {
  readonly log: 'info' | 'warn' | 'error';
}

/** The consequences of every outcome. README shows the same table to users. */
export const CONSEQUENCES: Readonly<Record<OutcomeKind, Consequence>> = {
  canceled: { log: 'info', api: 'done', queue: 'done', schedule: 'done' },
  accepted: { log: 'warn', api: 'dead-letter', queue: 'back', schedule: 'dead-letter' },
  filled: { log: 'warn', api: 'done', queue: 'done', schedule: 'done' },
  closed: { log: 'warn', api: 'done', queue: 'done', schedule: 'done' },
  'not-found': { log: 'warn', api: 'done', queue: 'back', schedule: 'dead-letter' },
  'invalid-request': { log: 'warn', api: 'done', queue: 'dead-letter', schedule: 'dead-letter' },
  expired: { log: 'warn', api: 'done', queue: 'dead-letter', schedule: 'dead-letter' },
  throttled: { log: 'error', api: 'dead-letter', queue: 'back', schedule: 'dead-letter' },
  credentials: { log: 'error', api: 'dead-letter', queue: 'back', schedule: 'dead-letter' },
  forbidden: { log: 'error', api: 'dead-letter', queue: 'back', schedule: 'dead-letter' },
  unavailable: { log: 'error', api: 'dead-letter', queue: 'back', schedule: 'dead-letter' },
  unknown: { log: 'error', api: 'dead-letter', queue: 'back', schedule: 'dead-letter' },
};

/** Goes on in the kill queue. */
const GOES_ON: Consequence = { log: 'error', api: 'handed-over', queue: 'back', schedule: 'handed-over' };

/** The consequences of every outcome of a kill. docs/reference.md shows the same table to users. */
export const KILL_CONSEQUENCES: Readonly<Record<KillOutcomeKind, Consequence>> = {
  emptied: { log: 'info', api: 'done', queue: 'done', schedule: 'done' },
  'dry-run': { log: 'info', api: 'done', queue: 'done', schedule: 'done' },
  'not-emptied': GOES_ON,
  throttled: GOES_ON,
  credentials: GOES_ON,
  forbidden: GOES_ON,
  unavailable: GOES_ON,
  unknown: GOES_ON,
  'invalid-request': CONSEQUENCES['invalid-request'],
  expired: CONSEQUENCES.expired,
};

/**
 * A throttle or ban of more than 15 minutes is an incident: a message hidden for hours cannot be
 * brought back early.
 */
const LONGEST_BACK_MS = 15 * 60_000;

/** The circumstances that turn a message's way back to its queue into a dead letter. */
export interface Stuck {
  readonly isLastReceive: boolean;
  /** Milliseconds until the exchange may be called again. */
  readonly throttledForMs: number;
}

/** The circumstances of a cancel. */
export interface Circumstances extends Stuck {
  /** True when the caller of the API asked not to have an accepted cancel confirmed. */
  readonly isUnconfirmed: boolean;
}

/** Returns what happens to a request after its outcome. */
export function nextOf(outcome: OutcomeKind, trigger: Trigger, circumstances: Circumstances): Next {
  if (outcome === 'accepted' && trigger === 'api' && circumstances.isUnconfirmed) return 'done';
  return unlessStuck(CONSEQUENCES[outcome][trigger], circumstances);
}

/** Returns what happens to a kill after its outcome. */
export function nextOfKill(outcome: KillOutcomeKind, trigger: Trigger, circumstances: Stuck): Next {
  return unlessStuck(KILL_CONSEQUENCES[outcome][trigger], circumstances);
}

/**
 * Returns true if nothing more happens to a request by itself. Through the API `back` is final too:
 * its dead letter could not be written, and it has no queue to go back to.
 */
export function isFinal(next: Next, trigger: Trigger | 'preflight'): boolean {
  return next === 'back' ? trigger === 'api' : next !== 'handed-over';
}

function unlessStuck(next: Next, { isLastReceive, throttledForMs }: Stuck): Next {
  const isStuck = isLastReceive || throttledForMs > LONGEST_BACK_MS;
  return next === 'back' && isStuck ? 'dead-letter' : next;
}
