import type { AnsweredOrder } from './order.ts';

/** Why something went wrong, safe to show: the exchange's HTTP status, `code` and `msg` where it gave them, and a sentence. */
export interface Reason {
  readonly detail: string;
  readonly status?: number;
  readonly code?: number;
  readonly msg?: string;
}

/**
 * How a cancel ended.
 * - `canceled`, `filled`, `closed` (rejected or expired): proven by a terminal status of that very order
 * - `accepted`: the exchange took the cancel, and has not shown the order in a terminal status yet
 * - `not-found`: the exchange knows no such order
 * - `invalid-request`, `expired`: not sent, or refused because a parameter is wrong
 * - `throttled`, `credentials`, `forbidden`, `unavailable`: the exchange did not carry it out
 * - `unknown`: the exchange may or may not have carried it out
 */
export type Outcome =
  | { readonly kind: 'canceled' | 'accepted' | 'filled' | 'closed'; readonly order: AnsweredOrder }
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
      readonly reason: Reason;
    };

export type OutcomeKind = Outcome['kind'];

/** An outcome, and what it took to reach it. */
export interface Settlement {
  readonly outcome: Outcome;
  /** The order's id, where it is known. */
  readonly orderId: string | undefined;
  /** Cancel calls sent to the exchange. */
  readonly attempts: number;
  readonly latencyMs: number;
  /** Milliseconds until the exchange may be called again; 0 when it has not throttled this address. */
  readonly throttledForMs: number;
  /** The exchange's weight used by this address in this minute, as its last answer reported it. */
  readonly usedWeight: number | undefined;
}

/** Returns the outcome `unknown` for this reason. */
export const unknown = (reason: Reason): Outcome => ({ kind: 'unknown', reason });

/** Describes an outcome in one sentence. */
export function detailOf(outcome: Outcome): string {
  return 'reason' in outcome
    ? outcome.reason.detail
    : `the order is ${outcome.order.status ?? 'in an unknown status'}`;
}
