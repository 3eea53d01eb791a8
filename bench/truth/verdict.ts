import * as v from 'valibot';
import { type ExchangeOrder, isOpen } from '../../local/exchange.ts';

/** What an answer says of the order. */
export type Claim = 'canceled' | 'not-canceled' | 'unsure' | 'none';

/** What an answer turns out to be worth, from best to worst; `VERDICTS` says what each means. */
export type Verdict = keyof typeof VERDICTS;

export const VERDICTS = {
  right: 'what it said is so',
  kept: 'not settled, and kept as a dead letter that runs again',
  unsure: 'a 5xx that leaves open what became of the order',
  'gave-up': 'said failed, which is so, and left the order to trade',
  'no-answer': 'the invocation threw, or ran out of time',
  'false-failure': 'said failed, but the order is canceled',
  'false-success': 'said canceled, but the order is not',
  'wrong-order': 'an order was canceled that nobody asked for',
} as const;

const httpAnswer = v.object({
  statusCode: v.number(),
  headers: v.record(v.string(), v.string()),
});

/**
 * What a handler's answer claims. Where it names an outcome, that counts; otherwise 2xx means canceled, 4xx not canceled, and
 * 5xx is taken for an admission not to know, which favours handlers that only pass an error on.
 */
export function claimOf(answer: unknown): Claim {
  if (!v.is(httpAnswer, answer)) return 'none';
  const outcome = answer.headers['x-cancel-outcome'];
  if (outcome === 'canceled' || outcome === 'accepted') return 'canceled';
  if (outcome !== undefined) return outcome === 'unknown' ? 'unsure' : 'not-canceled';
  if (answer.statusCode < 300) return 'canceled';
  return answer.statusCode < 500 ? 'not-canceled' : 'unsure';
}

/** What is known once a handler has answered. */
export interface Evidence {
  readonly answer: unknown;
  /** The order that was asked for, as the exchange has it now. */
  readonly order: ExchangeOrder | undefined;
  /** Whether an order that was not asked for has been canceled. */
  readonly wrongOrder: boolean;
  /** Whether a dead letter has been written. */
  readonly isKept: boolean;
}

/** Holds what was said against the exchange's book. */
export function judge({ answer, order, wrongOrder, isKept }: Evidence): Verdict {
  if (wrongOrder) return 'wrong-order';
  const canceled = order?.status === 'CANCELLED';
  switch (claimOf(answer)) {
    case 'none':
      return 'no-answer';
    case 'canceled':
      return canceled ? 'right' : 'false-success';
    case 'unsure':
      return isKept ? 'kept' : 'unsure';
    case 'not-canceled':
      if (canceled) return 'false-failure';
      if (order === undefined || !isOpen(order)) return 'right';
      return isKept ? 'kept' : 'gave-up';
  }
}
