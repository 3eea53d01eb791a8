import type { Fault } from './exchange/result.ts';
import type { Order } from './order.ts';

/**
 * How a cancel ended.
 * - `canceled`, `filled`, `closed` (rejected or expired): proven by a terminal status for that very order
 * - `accepted`: the exchange took the cancel, and the order was not seen in a terminal status yet
 * - `not-found`: the exchange knows no such order
 * - `invalid-request`, `expired`: not sent, or refused as wrong
 * - `throttled`, `credentials`, `forbidden`, `unavailable`: the exchange did not carry it out
 * - `unknown`: it may or may not have
 */
export type Outcome =
  | { readonly kind: 'canceled' | 'accepted' | 'filled' | 'closed'; readonly order: Order }
  | {
      readonly kind:
        | 'not-found'
        | 'invalid-request'
        | 'expired'
        | 'throttled'
        | 'credentials'
        | 'forbidden'
        | 'unavailable'
        | 'unknown';
      readonly fault: Fault;
    };

/** The outcome of which nothing is known but why. */
export const unknown = (fault: Fault): Outcome => ({ kind: 'unknown', fault });

/** Not sent: `expiresAt` (milliseconds since the epoch) was past. `again` where it may have been sent before. */
export const expired = (expiresAt: number, again: boolean): Outcome => ({
  kind: 'expired',
  fault: { detail: `not sent${again ? ' again' : ''}: expiresAt was ${new Date(expiresAt).toISOString()}` },
});

export type OutcomeKind = Outcome['kind'];

/** An outcome and what it took. */
export interface Settlement {
  readonly outcome: Outcome;
  /** Cancels that were sent to the exchange. */
  readonly attempts: number;
  readonly latencyMs: number;
  /** Milliseconds until the exchange may be called again; 0 when it has not throttled us. */
  readonly throttledForMs: number;
  /** The exchange's weight used by our IP in this minute, where its last answer said so. */
  readonly usedWeight: number | undefined;
}

/** What an outcome means for this order, in a sentence. */
export function detailOf(outcome: Outcome): string {
  return 'fault' in outcome
    ? outcome.fault.detail
    : `the order is ${outcome.order.status ?? 'in no known status'}`;
}
