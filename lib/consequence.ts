import type { OutcomeKind } from './outcome.ts';

/** What starts a cancel. */
export type Trigger = 'api' | 'queue' | 'schedule';

/**
 * What happens to a request after its outcome: `done` ends it, `back` returns the message to its queue
 * (a dead letter on the last receive), `dead-letter` keeps the request in the dead-letter queue.
 */
export type Next = 'done' | 'back' | 'dead-letter';

/** The level an outcome is logged at, and what each trigger does next. */
export interface Consequence extends Readonly<Record<Trigger, Next>> {
  readonly log: 'info' | 'warn' | 'error';
}

/** The consequences of every outcome. README shows the same table to users. */
export const CONSEQUENCES: Readonly<Record<OutcomeKind, Consequence>> = {
  canceled: { log: 'info', api: 'done', queue: 'done', schedule: 'done' },
  accepted: { log: 'info', api: 'done', queue: 'back', schedule: 'done' },
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
