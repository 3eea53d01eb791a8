import type { AnsweredOrder } from './order.ts';

/**
 * The reason why something went wrong, safe to show: the exchange's HTTP status, `code` and `msg`
 * where it gave them, and a sentence.
 */
export interface Reason {
  readonly detail: string;
  readonly status?: number;
  readonly code?: number;
  readonly msg?: string;
}

/**
 * The end of a cancel.
 * - `canceled`, `filled`, `closed` (rejected or expired): proven by a terminal status of that very
 *   order
 * - `accepted`: the exchange took the cancel, and has not shown the order in a terminal status yet
 * - `not-found`: the exchange knows no such order
 * - `invalid-request`, `expired`: not sent, or refused because a parameter is wrong
 * - `throttled`, `credentials`, `forbidden`, `unavailable`: the exchange did not carry it out
 * - `unknown`: the exchange may or may not have carried it out
 */
export type Outcome =
  | {
      readonly kind: 'canceled' | 'accepted' | 'filled' | 'closed';
      readonly order: AnsweredOrder;
      /** True if no answer shows it: an old order that was open is missing after our cancel. */
      readonly isInferred?: true;
    }
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
  /**
   * Milliseconds until the exchange may be called again; 0 when it has not throttled this address.
   */
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

/**
 * The end of a kill.
 * - `emptied`: two lists, at least a second apart, showed no covered order, and no query
 *   contradicted them
 * - `not-emptied`: time was up before that was proven
 * - `dry-run`: the orders that it covers are listed, and nothing was canceled
 * - `invalid-request`, `expired`, `throttled`, `credentials`, `forbidden`, `unavailable`,
 *   `unknown`: as of a cancel
 */
export type KillOutcomeKind =
  | 'emptied'
  | 'not-emptied'
  | 'dry-run'
  | Extract<
      OutcomeKind,
      'invalid-request' | 'expired' | 'throttled' | 'credentials' | 'forbidden' | 'unavailable' | 'unknown'
    >;

/**
 * The covered orders that lists showed, by what became of them: `seen` is the sum of the next five.
 */
export interface KillCounts {
  readonly seen: number;
  readonly canceled: number;
  readonly filled: number;
  readonly closed: number;
  /** Not in the last list, and not examined one by one. */
  readonly unexamined: number;
  readonly left: number;
  /**
   * Orders created after the kill was asked for, canceled or left alone: somebody is still trading.
   */
  readonly newer: number;
}

/** One order as a kill has shown it. */
export interface KilledOrder {
  readonly orderId: string;
  readonly symbol: string;
  readonly clientOrderId: string | undefined;
  readonly outcome: 'canceled' | 'filled' | 'closed' | 'unexamined' | 'left';
  readonly executedQty: string | undefined;
}

/** The calls that a kill made. */
export interface KillCalls {
  readonly mass: number;
  readonly lists: number;
  readonly cancels: number;
  readonly queries: number;
}

/** The end of a kill, and the orders that it has shown. */
export interface KillEnd {
  readonly outcome: KillOutcomeKind;
  /** The reason why it was not emptied. */
  readonly reason: Reason | undefined;
  /** True if it covered only orders created until five seconds after it was asked for. */
  readonly late: boolean;
  /**
   * No covered order that was placed before this moment is open; milliseconds of the exchange's
   * clock.
   */
  readonly asOf: number | undefined;
  readonly orders: KillCounts;
  /** At most 200. */
  readonly results: readonly KilledOrder[];
  readonly calls: KillCalls;
}

/** A kill as it is answered, logged and published. Times are ISO 8601. */
export interface KillResult {
  readonly killId: string;
  /** The account's name; undefined for the default account. */
  readonly account: string | undefined;
  readonly scope: object | undefined;
  readonly only: object | undefined;
  readonly outcome: KillOutcomeKind;
  /** The sender's own reason for the kill. */
  readonly reason: string | undefined;
  /** The reason why it was not emptied, with the exchange's code where it gave one. */
  readonly detail: string | undefined;
  readonly code: number | undefined;
  readonly askedAt: string | undefined;
  readonly asOf: string | undefined;
  readonly late: boolean;
  readonly orders: KillCounts;
  readonly results: readonly KilledOrder[];
  readonly calls: KillCalls;
  /** The message of the kill queue with which it goes on. */
  readonly queueMessageId: string | undefined;
}

/**
 * The result of a drill: `ok` proves the way to the exchange, `skipped` proves nothing, because the
 * exchange's limits or a queue held it up.
 */
export interface DrillResult {
  readonly drill: 'ok' | 'failed' | 'skipped';
  /** The account's name; undefined for the default account. */
  readonly account?: string | undefined;
  /** The option whose order 1 it tried to cancel. */
  readonly symbol?: string;
  readonly detail: string;
  /** The fix, when it failed. */
  readonly fix?: string | undefined;
}
