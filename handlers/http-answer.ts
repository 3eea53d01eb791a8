import { detailOf, type OutcomeKind, type Settlement } from '../lib/outcome.ts';

/** The HTTP status and title of each outcome that is an error to a client. */
const PROBLEMS: Readonly<
  Record<Exclude<OutcomeKind, 'canceled' | 'accepted'>, readonly [status: number, title: string]>
> = {
  filled: [409, 'The order was filled before it could be canceled'],
  closed: [409, 'The order was closed before it could be canceled'],
  'not-found': [404, 'The exchange knows no such order'],
  'invalid-request': [400, 'The request is not valid'],
  expired: [410, 'The request expired before it was sent'],
  throttled: [429, 'The exchange has throttled this service'],
  credentials: [502, 'The API key could not be used'],
  forbidden: [502, 'The exchange refused this service access'],
  unavailable: [503, 'The exchange is unavailable: the cancel was not carried out'],
  unknown: [504, 'The outcome is unknown: the cancel may or may not have been carried out'],
};

/** An HTTP answer, ready to be sent. */
export interface HttpAnswer {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

interface Circumstances {
  readonly requestId: string;
  readonly deadLetterMessageId: string | undefined;
}

/**
 * Returns the answer to a client: the exchange's own bytes when the order is canceled or its cancel accepted, else a problem
 * (RFC 9457, https://www.rfc-editor.org/rfc/rfc9457) that keeps the exchange's code and text.
 */
export function toHttpAnswer(settlement: Settlement, circumstances: Circumstances): HttpAnswer {
  const { outcome, usedWeight } = settlement;
  const headers = {
    'x-cancel-outcome': outcome.kind,
    'x-request-id': circumstances.requestId,
    ...(usedWeight !== undefined && { 'x-mbx-used-weight-1m': String(usedWeight) }),
  };
  if (outcome.kind === 'canceled' || outcome.kind === 'accepted') {
    return {
      statusCode: outcome.kind === 'canceled' ? 200 : 202,
      headers: { ...headers, 'content-type': 'application/json' },
      body: outcome.order.text,
    };
  }
  const [status, title] = PROBLEMS[outcome.kind];
  const retryAfterSeconds = retryAfterOf(settlement);
  const problem = {
    type: `urn:cancel:${outcome.kind}`,
    title,
    status,
    detail: detailOf(outcome),
    instance: circumstances.requestId,
    outcome: outcome.kind,
    ...('reason' in outcome && { code: outcome.reason.code, msg: outcome.reason.msg }),
    retryAfterSeconds,
    deadLetterMessageId: circumstances.deadLetterMessageId,
  };
  return {
    statusCode: status,
    headers: {
      ...headers,
      'content-type': 'application/problem+json',
      ...(retryAfterSeconds !== undefined && { 'retry-after': String(retryAfterSeconds) }),
    },
    body: 'order' in outcome ? withOrder(problem, outcome.order.text) : JSON.stringify(problem),
  };
}

/** Returns the seconds before another request can be sent, where the exchange has given them. */
function retryAfterOf({ outcome, throttledForMs }: Settlement): number | undefined {
  const mayBeRepeated = outcome.kind === 'throttled' || outcome.kind === 'unknown';
  return mayBeRepeated && throttledForMs > 0 ? Math.ceil(throttledForMs / 1000) : undefined;
}

/** Returns the answer to a path that the service does not have. Its outcome is none: nothing was asked of the exchange. */
export function notFound(path: string, requestId: string): HttpAnswer {
  const detail = `no such path: ${path.slice(0, 100)}; cancels are DELETE /eapi/v1/order`;
  return plainProblem(404, 'No such path', detail, requestId);
}

/** Returns the answer to a method that a path does not take. */
export function methodNotAllowed(method: string, allowed: string, requestId: string): HttpAnswer {
  const detail = `${method} does nothing here: send ${allowed}`;
  const answer = plainProblem(405, 'Method not allowed', detail, requestId);
  return { ...answer, headers: { ...answer.headers, allow: allowed } };
}

function plainProblem(status: number, title: string, detail: string, requestId: string): HttpAnswer {
  const problem = { type: 'about:blank', title, status, detail, instance: requestId };
  return {
    statusCode: status,
    headers: { 'x-request-id': requestId, 'content-type': 'application/problem+json' },
    body: JSON.stringify(problem),
  };
}

/** Adds the exchange's JSON unparsed: parsed into numbers, it would lose digits. */
function withOrder(problem: object, orderJson: string): string {
  return `${JSON.stringify(problem).slice(0, -1)},"order":${orderJson}}`;
}
