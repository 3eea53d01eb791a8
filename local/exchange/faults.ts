import { type Answer, errorAnswer } from './answers.ts';
import { bannedAnswer, tooManyAnswer } from './limits.ts';

/**
 * A fault of one call. Faults combine by spreading: `{ ...faults.delay({ beforeMs: 50 }),
 * ...faults.reset({ executed: true }) }`.
 *
 * A fault comes before authentication, so its answer does not depend on the signature. The call
 * takes effect only when it is authentic and valid.
 */
export interface Fault {
  /** Replaces the exchange's own answer; a function gets the exchange's clock (ms). */
  readonly answer?: Answer | ((now: number) => Answer);
  /**
   * Ends the connection without a whole answer: `hang` sends nothing and stays open, `reset` is a
   * TCP reset, `truncate` closes halfway through the body, `stall` stops halfway and stays open.
   */
  readonly ending?: 'hang' | 'reset' | 'truncate' | 'stall';
  /**
   * True when the call takes effect despite an `answer`, a `hang` or a `reset`; default false. When
   * the exchange's own answer is sent, whole or in part, the call always takes effect.
   */
  readonly executed?: boolean;
  /** Delays the call's effect, which comes even if the caller has disconnected. */
  readonly delayBeforeMs?: number;
  /** Delays the answer, after the call took effect. */
  readonly delayAfterMs?: number;
  /** Makes a read lag behind the book. */
  readonly read?: StaleRead;
  /** Streams that many MiB of spaces after the answer, which leaves JSON valid. */
  readonly padMiB?: number;
  /** Added to the answer's headers; replace those of the same name. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Makes the exchange throttle all calls from this one on, for that long. */
  readonly throttleSeconds?: number;
  /** Makes the exchange ban all calls from this one on, for that long. */
  readonly banSeconds?: number;
}

/** How a read lags behind the book: it shows the order as it was placed, or no order. */
export type StaleRead = 'as-placed' | 'missing';

/** Says if the call takes effect despite the fault; default false. */
export interface Executed {
  readonly executed?: boolean;
}

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

/** Answers 429 with `Retry-After`; with `enforced` the exchange then throttles all calls. */
function tooMany(seconds: number, { enforced = false }: { readonly enforced?: boolean } = {}): Fault {
  const fault = { answer: tooManyAnswer(2400, seconds * 1000) };
  return enforced ? { ...fault, throttleSeconds: seconds } : fault;
}

/**
 * Answers 418 with `Retry-After` and the end of the ban in its text; with `enforced` the exchange
 * then bans all calls.
 */
function banned(seconds: number, { enforced = false }: { readonly enforced?: boolean } = {}): Fault {
  const fault = { answer: (now: number) => bannedAnswer(now + seconds * 1000, seconds * 1000) };
  return enforced ? { ...fault, banSeconds: seconds } : fault;
}

/** Delays the call before it takes effect, after it, or both. */
function delay({
  beforeMs = 0,
  afterMs = 0,
}: {
  readonly beforeMs?: number;
  readonly afterMs?: number;
}): Fault {
  return { delayBeforeMs: beforeMs, delayAfterMs: afterMs };
}

/** The ways in which an exchange fails, by name. */
export const faults = {
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
  tooMany,
  banned,
  delay,
  hang: (options: Executed = {}): Fault => ({ ending: 'hang', executed: options.executed ?? false }),
  reset: (options: Executed = {}): Fault => ({ ending: 'reset', executed: options.executed ?? false }),
  /** Takes effect, and closes the connection halfway through the answer's body. */
  truncate: (): Fault => ({ ending: 'truncate' }),
  /** Takes effect, and stops halfway through the answer's body with the connection open. */
  stall: (): Fault => ({ ending: 'stall' }),
  /** Makes the next read lag: it shows the order as it was placed, or with `missing` no order. */
  staleRead: (read: StaleRead = 'as-placed'): Fault => ({ read }),
  /** Takes effect, and sends `mib` MiB of spaces after the answer. */
  huge: (mib: number): Fault => ({ padMiB: mib }),
  /** Takes effect, and answers with these headers added. */
  headers: (headers: Readonly<Record<string, string>>): Fault => ({ headers }),
} as const;
