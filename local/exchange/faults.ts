import type { Executed, Fault } from './fault.ts';
import { bannedAnswer, tooManyAnswer } from './limits.ts';

interface AnswerOptions extends Executed {
  readonly contentType?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Answers with an object as JSON, or with text of the given content type. */
function answer(status: number, content: object | string, options: AnswerOptions = {}): Fault {
  const { contentType = 'application/json', headers: more, ...effect } = options;
  const body = typeof content === 'string' ? content : JSON.stringify(content);
  return { answer: { status, body, headers: { 'Content-Type': contentType, ...more } }, ...effect };
}

/** Answers an error in the exchange's form. */
function code(status: number, number: number, msg: string, options?: Executed): Fault {
  return answer(status, { code: number, msg }, options);
}

/** Returns the fault that answers such an error; it takes effect only if asked to. */
export const error = (status: number, number: number, msg: string) => (options?: Executed) =>
  code(status, number, msg, options);

/** Returns the fault that answers such a text as HTML; it takes effect only if asked to. */
export const html = (status: number, text: string) => (options?: Executed) =>
  answer(status, `<html><body>${text}</body></html>`, { contentType: 'text/html', ...options });

/** Error answers by name, one for each code that a cancel can meet since the rebuild of 2025. */
export const codeFaults = {
  /** The outcome is unknown. */
  optionsInternalError: error(400, -4078, 'Options internal error.'),
  /** The order may still be open. */
  cancelRejected: error(400, -6063, 'Cancel order rejected by system.'),
  /** The order is closed; the answer does not say how. */
  orderFinal: error(400, -6028, 'The order is already in a final state.'),
  /** The symbol is expired or halted. */
  symbolNotTrading: error(400, -6049, 'The symbol is not trading.'),
  liquidationTriggered: error(400, -6055, 'Liquidation has been triggered.'),
  inLiquidation: error(400, -6059, 'The account is in liquidation.'),
  /** In no table of the exchange, as is the next. */
  unlisted4021: error(400, -4021, 'Invalid operation.'),
  unlisted6073: error(400, -6073, 'Operation failed.'),
  keysLocked: error(401, -2017, 'API Keys are locked on this account.'),
  optionsNotEnabled: error(400, -5002, 'Options are not enabled for this account.'),
  accountNotAllowed: error(400, -6062, 'The account status does not allow this operation.'),
  countryRestricted: error(403, -5005, 'This service is not available in your country.'),
  addressRestricted: error(403, -5009, 'This service is not available from your IP address.'),
  /** The system as a whole protects itself; the call was not executed. */
  systemBusy: error(503, -1008, 'Request throttled by system-level protection. Please try again.'),
} as const;

const RESTRICTED = 'Service unavailable from a restricted location according to the terms of use.';
const TIMEOUT =
  'Timeout waiting for response from backend server. Send status unknown; execution status unknown.';

/** The ways in which an exchange fails, by name. */
export const faults = {
  ...codeFaults,
  answer,
  code,
  /** Unknown outcome: the call was sent on and not answered in time. */
  unknown503: error(503, -1000, 'Unknown error, please check your request or try again later.'),
  /** The call failed. */
  unavailable503: error(503, -1000, 'Service Unavailable.'),
  /** The call failed and may be sent again. */
  internal503: error(503, -1001, 'Internal error; unable to process your request. Please try again.'),
  /** Unknown outcome. */
  timeout: error(408, -1007, TIMEOUT),
  /** Nothing was canceled; the reason is not given. */
  unknownOrder: error(400, -2011, 'Unknown order sent.'),
  /** 403 of the web application firewall. */
  firewall: html(403, 'Request blocked.'),
  /** 451 with a code of 0, which is not success. */
  restrictedRegion: error(451, 0, RESTRICTED),
  /** A success with a body that is not JSON. */
  unreadable200: html(200, 'Please wait.'),
  /** A redirect. A client must not follow it, since the signed request would go with it. */
  redirect: (location: string, options?: Executed): Fault =>
    answer(307, '', { ...options, headers: { Location: location } }),
  /** Answers 429 with `Retry-After`. With `enforced` the exchange then refuses all calls so. */
  tooMany: (seconds: number, { enforced = false } = {}): Fault => ({
    answer: (_now, weightLimit) => tooManyAnswer(weightLimit, seconds * 1000),
    ...(enforced && { throttleSeconds: seconds }),
  }),
  /** Answers 418 with `Retry-After` and the end of the ban in its text. `enforced` is as above. */
  banned: (seconds: number, { enforced = false } = {}): Fault => ({
    answer: (now) => bannedAnswer(now + seconds * 1000, seconds * 1000),
    ...(enforced && { banSeconds: seconds }),
  }),
  /** Delays the call before it takes effect, after it, or both. */
  delay: (delay: Pick<Fault, 'beforeMs' | 'afterMs'>): Fault => delay,
  hang: (options?: Executed): Fault => ({ ending: 'hang', ...options }),
  reset: (options?: Executed): Fault => ({ ending: 'reset', ...options }),
  /** Takes effect, and closes the connection halfway through the answer's body. */
  truncate: (): Fault => ({ ending: 'truncate' }),
  /** Takes effect, and stops halfway through the answer's body with the connection open. */
  stall: (): Fault => ({ ending: 'stall' }),
  /** Makes the next query lag; a list only with `missing`. */
  staleRead: (read: NonNullable<Fault['read']> = 'as-placed'): Fault => ({ read }),
  /** Takes effect, and sends `mib` MiB of spaces after the answer. */
  huge: (mib: number): Fault => ({ padMiB: mib }),
  /** Takes effect, and answers with these headers added. */
  headers: (headers: Readonly<Record<string, string>>): Fault => ({ headers }),
} as const;
