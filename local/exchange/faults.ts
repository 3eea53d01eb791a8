import { type Answer, errorAnswer } from './answers.ts';
import { bannedAnswer, tooManyAnswer } from './limits.ts';

/**
 * What goes wrong with one call. Every field is optional and they combine, so faults compose by spreading:
 * `{ ...faults.delay({ beforeMs: 50 }), ...faults.reset({ executed: true }) }`.
 *
 * A fault comes before authentication: its answer is given whatever the signature. But the call only takes
 * effect when it is authentic and valid.
 */
export interface Fault {
  /** Sent in place of the exchange's own answer; a function is given the exchange's clock (ms). */
  readonly answer?: Answer | ((now: number) => Answer);
  /**
   * How the connection ends in place of a whole answer: `hang` says nothing and stays open, `reset` is a TCP
   * reset, `truncate` closes halfway through the body, `stall` stops halfway and stays open.
   */
  readonly ending?: 'hang' | 'reset' | 'truncate' | 'stall';
  /**
   * Whether the call takes effect behind an `answer`, a `hang` or a `reset`; default false. Where the exchange's own
   * answer is sent, whole or in part, it always does.
   */
  readonly executed?: boolean;
  /** Wait before the call takes effect; a caller that gives up meanwhile does not stop it. */
  readonly delayBeforeMs?: number;
  /** Wait after the call took effect, before the answer. */
  readonly delayAfterMs?: number;
  /** What a query sees: the order as it was when placed, or nothing. */
  readonly read?: StaleRead;
  /** Spaces streamed after the answer, in MiB: JSON stays JSON, but only for a reader that reads it all. */
  readonly padMiB?: number;
  /** Headers added to the answer, stronger than the exchange's own. */
  readonly headers?: Readonly<Record<string, string>>;
  /** From this call on the exchange itself throttles, or bans, for so long. */
  readonly throttleSeconds?: number;
  readonly banSeconds?: number;
}

/** How a read lags behind the book. */
export type StaleRead = 'as-placed' | 'missing';

/** Whether the call took effect behind the fault; default false. */
export interface Executed {
  readonly executed?: boolean;
}

/** Any answer in place of the exchange's own: JSON from an object, or text with the content type given. */
function answer(status: number, body: object | string, more: AnswerOptions = {}): Fault {
  const { executed = false, contentType = 'application/json', headers = {} } = more;
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return { answer: { status, body: text, headers: { 'Content-Type': contentType, ...headers } }, executed };
}

interface AnswerOptions extends Executed {
  readonly contentType?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** The exchange's error form with any status, code and text. */
function code(status: number, number: number, msg: string, { executed = false }: Executed = {}): Fault {
  return { answer: errorAnswer(status, number, msg), executed };
}

/** 503 without an outcome: sent on, not answered in time. */
function unknown503(options: Executed = {}): Fault {
  return code(503, -1000, 'Unknown error, please check your request or try again later.', options);
}

/** 429 with `Retry-After`; `enforced` makes the exchange itself throttle from here on. */
function tooMany(seconds: number, { enforced = false }: { readonly enforced?: boolean } = {}): Fault {
  const fault = { answer: tooManyAnswer(2400, seconds * 1000) };
  return enforced ? { ...fault, throttleSeconds: seconds } : fault;
}

/** 418 with `Retry-After` and the end of the ban in its text; `enforced` makes the exchange itself ban from here on. */
function banned(seconds: number, { enforced = false }: { readonly enforced?: boolean } = {}): Fault {
  const fault = { answer: (now: number) => bannedAnswer(now + seconds * 1000, seconds * 1000) };
  return enforced ? { ...fault, banSeconds: seconds } : fault;
}

/** Waits before the call takes effect, after it, or both. */
function delay({
  beforeMs = 0,
  afterMs = 0,
}: {
  readonly beforeMs?: number;
  readonly afterMs?: number;
}): Fault {
  return { delayBeforeMs: beforeMs, delayAfterMs: afterMs };
}

/** The usual ways in which an exchange fails, by name. */
export const faults = {
  answer,
  code,
  unknown503,
  /** 503 that says it failed. */
  unavailable503: (): Fault => code(503, -1000, 'Service Unavailable.'),
  /** 503 that says it failed and may be sent again. */
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
  /** The cancel's "nothing was cancelled", which says nothing about why. */
  unknownOrder: (options: Executed = {}): Fault => code(400, -2011, 'Unknown order sent.', options),
  /** 403 of the web application firewall, as HTML. */
  firewall: (): Fault =>
    answer(403, '<html><body>Request blocked.</body></html>', { contentType: 'text/html' }),
  /** 451 with a code of 0, which is not success. */
  restrictedRegion: (): Fault =>
    code(451, 0, 'Service unavailable from a restricted location according to the terms of use.'),
  /** A success nobody can read. */
  unreadable200: (options: Executed = {}): Fault =>
    answer(200, '<html><body>Please wait.</body></html>', { ...options, contentType: 'text/html' }),
  /** A redirect that must not be followed: the signed request would go with it. */
  redirect: (location: string, options: Executed = {}): Fault =>
    answer(307, '', { ...options, headers: { Location: location } }),
  tooMany,
  banned,
  delay,
  hang: (options: Executed = {}): Fault => ({ ending: 'hang', executed: options.executed ?? false }),
  reset: (options: Executed = {}): Fault => ({ ending: 'reset', executed: options.executed ?? false }),
  /** The exchange's own answer, closed halfway through its body. The call took effect. */
  truncate: (): Fault => ({ ending: 'truncate' }),
  /** The exchange's own answer, stopped halfway through its body, the connection left open. The call took effect. */
  stall: (): Fault => ({ ending: 'stall' }),
  /** The next query lags: it sees the order as it was placed, or with `missing` not at all. */
  staleRead: (read: StaleRead = 'as-placed'): Fault => ({ read }),
  /** The exchange's own answer, and then `mib` MiB of spaces. The call took effect. */
  huge: (mib: number): Fault => ({ padMiB: mib }),
  /** The exchange's own answer with other headers. */
  headers: (headers: Readonly<Record<string, string>>): Fault => ({ headers }),
} as const;
