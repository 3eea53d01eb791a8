import { detailOf, type KillOutcomeKind, type Outcome } from '../lib/outcome.ts';
import type { KillSettled, Settled } from '../lib/service.ts';
import { exchangeForm, type HttpAnswer, problemHeaders, weightHeader } from './http-answer.ts';

type Failed = Exclude<KillOutcomeKind, 'emptied' | 'dry-run'>;

/** The HTTP status and title of each outcome of a kill that is an error to a client. */
const KILL_PROBLEMS: Readonly<Record<Failed, readonly [status: number, title: string]>> = {
  'not-emptied': [409, 'The scope is not proven empty'],
  'invalid-request': [400, 'The request is not valid'],
  expired: [410, 'The request expired before it was carried out'],
  throttled: [429, 'The exchange has throttled this service'],
  credentials: [502, 'The API key could not be used'],
  forbidden: [502, 'The exchange refused this service access'],
  unavailable: [503, 'The exchange is unavailable: nothing was carried out'],
  unknown: [504, 'The outcome is unknown: orders may or may not have been canceled'],
};

/**
 * The exchange's acknowledgement of a cancel-all; one has its code as text, the other as a number.
 */
const SUCCESS = {
  symbol: '{"code":"0","msg":"success"}',
  underlying: '{"code":0,"msg":"success"}',
} as const;

/**
 * Returns the answer to `POST /kills`: the result, as a problem (RFC 9457) unless the scope is
 * proven empty.
 */
export function killAnswer(settled: KillSettled): HttpAnswer {
  const { result } = settled;
  const problem = problemOf(settled);
  if (problem !== undefined) return problem;
  return { statusCode: 200, headers: headersOf(settled), body: JSON.stringify(result) };
}

/**
 * Returns the answer to one of the exchange's cancel-all calls: its success only when the scope is
 * proven empty.
 */
export function massAnswer(settled: KillSettled, scope: keyof typeof SUCCESS): HttpAnswer {
  const success = { statusCode: 200, headers: headersOf(settled), body: SUCCESS[scope] };
  return problemOf(settled) ?? success;
}

/**
 * Returns the answer to a batch: the exchange's array, an order or `{"code","msg"}` for each, in
 * the order asked.
 */
export function batchAnswer(settled: readonly Settled[], requestId: string): HttpAnswer {
  const items = settled.map(({ settlement: { outcome } }) => itemOf(outcome));
  const outcomes = settled.map(({ settlement }) => settlement.outcome.kind).join(',');
  const weights = settled
    .map(({ settlement }) => settlement.usedWeight)
    .filter((weight) => weight !== undefined);
  const headers = {
    'content-type': 'application/json',
    'x-request-id': requestId,
    'x-cancel-outcome': outcomes,
    ...weightHeader(weights.length > 0 ? Math.max(...weights) : undefined),
  };
  return { statusCode: 200, headers, body: `[${items.join(',')}]` };
}

/** The exchange's own bytes of an order: parsed into numbers, they would lose digits. */
function itemOf(outcome: Outcome): string {
  if (outcome.kind === 'canceled' || outcome.kind === 'accepted') return outcome.order.text;
  const reason = 'reason' in outcome ? outcome.reason : undefined;
  return JSON.stringify(exchangeForm(outcome.kind, detailOf(outcome), reason));
}

function problemOf(settled: KillSettled): HttpAnswer | undefined {
  const { result, deadLetterMessageId, throttledForMs } = settled;
  if (result.outcome === 'emptied' || result.outcome === 'dry-run') return undefined;
  const [status, title] = KILL_PROBLEMS[result.outcome];
  const given = result.code === undefined ? {} : { code: result.code };
  const { code, msg } = exchangeForm(result.outcome, result.detail ?? title, given);
  const retryAfterSeconds = throttledForMs > 0 ? Math.ceil(throttledForMs / 1000) : undefined;
  const problem = { type: `urn:cancel:${result.outcome}`, title, status, instance: settled.requestId };
  const headers = { ...headersOf(settled), ...problemHeaders(retryAfterSeconds) };
  const body = JSON.stringify({ ...problem, ...result, code, msg, retryAfterSeconds, deadLetterMessageId });
  return { statusCode: status, headers, body };
}

const headersOf = ({ result, requestId, usedWeight }: KillSettled) => ({
  'content-type': 'application/json',
  'x-cancel-outcome': result.outcome,
  'x-request-id': requestId,
  ...weightHeader(usedWeight),
});
