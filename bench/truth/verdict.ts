import * as v from 'valibot';
import { type ExchangeOrder, isOpen } from '../../local/exchange.ts';

export type Verdict = (typeof VERDICTS)[number]['name'];

/** The verdicts on an answer, from best to worst. Warm colours mark a missing or false answer. */
export const VERDICTS = [
  { name: 'right', colour: '#2e7d32', means: 'the answer is true' },
  { name: 'kept', colour: '#8bc34a', means: 'not settled, but kept as a dead letter to redrive' },
  { name: 'unsure', colour: '#cfd8dc', means: 'a 5xx that leaves the outcome open' },
  { name: 'gave up', colour: '#90a4ae', means: 'truthfully reports a failure, but leaves the order open' },
  { name: 'no answer', colour: '#ffb74d', means: 'the invocation threw or timed out' },
  { name: 'false failure', colour: '#fb8c00', means: 'reports a failure, but the order is canceled' },
  { name: 'false success', colour: '#e53935', means: 'reports a cancel, but the order is not canceled' },
  { name: 'wrong order', colour: '#8e0000', means: 'an order that the request did not name was canceled' },
] as const;

const httpAnswer = v.object({ statusCode: v.number(), headers: v.record(v.string(), v.string()) });

/**
 * Returns an answer's claim about the order. A named outcome counts first. Otherwise 2xx claims a
 * cancel and 4xx claims a failure. A 5xx counts as unsure, which favours handlers that only forward
 * an error.
 */
export function claimOf(answer: unknown): 'canceled' | 'not-canceled' | 'unsure' | 'none' {
  if (!v.is(httpAnswer, answer)) return 'none';
  const outcome = answer.headers['x-cancel-outcome'];
  if (outcome === 'canceled' || outcome === 'accepted') return 'canceled';
  if (outcome !== undefined) return outcome === 'unknown' ? 'unsure' : 'not-canceled';
  if (answer.statusCode < 300) return 'canceled';
  return answer.statusCode < 500 ? 'not-canceled' : 'unsure';
}

interface Evidence {
  readonly answer: unknown;
  /** The requested order as the exchange's book shows it after the answer. */
  readonly order: ExchangeOrder | undefined;
  /** True when an order that the request did not name was canceled. */
  readonly wrongOrder: boolean;
  /** True when the handler wrote a dead letter. */
  readonly isKept: boolean;
}

/** Compares an answer's claim with the exchange's book. */
export function judge({ answer, order, wrongOrder, isKept }: Evidence): Verdict {
  if (wrongOrder) return 'wrong order';
  const canceled = order?.status === 'CANCELLED';
  switch (claimOf(answer)) {
    case 'none':
      return 'no answer';
    case 'canceled':
      return canceled ? 'right' : 'false success';
    case 'unsure':
      return isKept ? 'kept' : 'unsure';
    case 'not-canceled':
      if (canceled) return 'false failure';
      if (order === undefined || !isOpen(order)) return 'right';
      return isKept ? 'kept' : 'gave up';
  }
}
