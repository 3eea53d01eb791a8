import { errorAnswer } from './answers.ts';
import type { Executed, Fault } from './fault.ts';

/** Answers with an object as JSON, or with text of the given content type. */
function answer(status: number, body: object | string, more: AnswerOptions = {}): Fault {
  const { executed = false, contentType = 'application/json', headers = {} } = more;
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return { answer: { status, body: text, headers: { 'Content-Type': contentType, ...headers } }, executed };
}

interface AnswerOptions extends Executed {
  readonly contentType?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Answers an error in the exchange's form. */
function code(status: number, number: number, msg: string, { executed = false }: Executed = {}): Fault {
  return { answer: errorAnswer(status, number, msg), executed };
}

/** Answers 503 with an unknown outcome: the call was sent on and not answered in time. */
function unknown503(options: Executed = {}): Fault {
  return code(503, -1000, 'Unknown error, please check your request or try again later.', options);
}

/** Answers that replace the exchange's own. */
export const errorFaults = {
  answer,
  code,
  unknown503,
  /** 503: the call failed. */
  unavailable503: (): Fault => code(503, -1000, 'Service Unavailable.'),
  /** 503: the call failed and may be sent again. */
  internal503: (): Fault =>
    code(503, -1001, 'Internal error; unable to process your request. Please try again.'),
  /** -1007: the outcome is unknown. */
  timeout: (options: Executed = {}): Fault =>
    code(
      408,
      -1007,
      'Timeout waiting for response from backend server. Send status unknown; execution status unknown.',
      options,
    ),
  /** -2011: nothing was canceled; the reason is not given. */
  unknownOrder: (options: Executed = {}): Fault => code(400, -2011, 'Unknown order sent.', options),
  /** 403 of the web application firewall, as HTML. */
  firewall: (): Fault =>
    answer(403, '<html><body>Request blocked.</body></html>', { contentType: 'text/html' }),
  /** 451 with a code of 0, which is not success. */
  restrictedRegion: (): Fault =>
    code(451, 0, 'Service unavailable from a restricted location according to the terms of use.'),
  /** A success with a body that is not JSON. */
  unreadable200: (options: Executed = {}): Fault =>
    answer(200, '<html><body>Please wait.</body></html>', { ...options, contentType: 'text/html' }),
  /** A redirect. A client must not follow it, since the signed request would go with it. */
  redirect: (location: string, options: Executed = {}): Fault =>
    answer(307, '', { ...options, headers: { Location: location } }),
} as const;
