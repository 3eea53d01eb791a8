import type { Reading, ReadProblem } from '../lib/service.ts';
import { exchangeForm, type HttpAnswer, problemHeaders, weightHeader } from './http-answer.ts';

/** The HTTP status and title of each reason why a read has no answer of the exchange. */
const READ_PROBLEMS: Readonly<Record<ReadProblem, readonly [status: number, title: string]>> = {
  'invalid-request': [400, 'The request is not valid'],
  throttled: [429, 'No weight of the exchange is left for reads'],
  credentials: [502, 'The API key could not be used'],
  unavailable: [503, 'The exchange gave no answer'],
};

/**
 * Returns the answer to a read: the exchange's status and bytes when it answered, else a problem
 * (RFC 9457).
 */
export function readAnswer(reading: Reading, requestId: string): HttpAnswer {
  const headers = { 'x-request-id': requestId, ...weightHeader(reading.usedWeight) };
  if (reading.kind === 'answered') {
    const { status, text, contentType = 'application/json', retryAfter } = reading.answer;
    const retry = retryAfter !== undefined && { 'retry-after': retryAfter };
    return { statusCode: status, headers: { ...headers, 'content-type': contentType, ...retry }, body: text };
  }
  const { kind, reason, waitMs } = reading;
  const [status, title] = READ_PROBLEMS[kind];
  const retryAfterSeconds = waitMs > 0 ? Math.ceil(waitMs / 1000) : undefined;
  const problem = { type: `urn:cancel:${kind}`, title, status, detail: reason.detail, instance: requestId };
  return {
    statusCode: status,
    headers: { ...headers, ...problemHeaders(retryAfterSeconds) },
    body: JSON.stringify({ ...problem, ...exchangeForm(kind, reason.detail, reason), retryAfterSeconds }),
  };
}
