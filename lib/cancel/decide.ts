import type { CallResult, Failure } from '../exchange/result.ts';
import type { AnsweredOrder, OrderRef } from '../order.ts';
import { type Outcome, type Reason, unknown } from '../outcome.ts';
import type { CancelRequest } from './request.ts';

/** The state of a cancel so far, as plain data. */
export interface Progress {
  /** The order, by `orderId` as soon as that is known. */
  readonly ref: OrderRef;
  /** The `clientOrderId` that the order must carry, when the request has both identifiers. */
  readonly name: string | undefined;
  /** True once a cancel was sent that may have been carried out without our knowing. */
  readonly inDoubt: boolean;
  /** True once the exchange has answered, or may have received, a cancel. */
  readonly sent: boolean;
  /** The order as the exchange last showed it open. */
  readonly seenOpen: AnsweredOrder | undefined;
  /** Queries in a row that failed. */
  readonly failures: number;
  /** Queries that did not find the order, or that confirm an accepted cancel. */
  readonly looks: number;
  readonly isAccepted: boolean;
  /** True when the next cancel has to wait a moment. */
  readonly pauseFirst: boolean;
  /** The reason why the last cancel was not proven. */
  readonly reason: Reason;
  /** The outcome when no time and no attempt is left. */
  readonly soFar: Outcome;
}

/** A request, with the facts that its trigger adds. */
export interface Ask {
  readonly request: CancelRequest;
  /** True if an accepted cancel is queried until the order is terminal. */
  readonly confirm: boolean;
  /** The moment at which the cancel was wanted, in milliseconds since the epoch. */
  readonly askedAt: number;
  /** True if an earlier delivery of the same message may have sent the cancel. */
  readonly isRepeat: boolean;
  /** True if an order named by `clientOrderId` alone is queried before it is canceled. */
  readonly looksFirst: boolean;
}

/** The facts by which results are judged. Times in milliseconds of the exchange's clock. */
export interface Terms {
  readonly confirm: boolean;
  readonly askedAt: number;
  readonly now: number;
}

/** The next thing to do. A wait lasts between `leastMs` and `mostMs`, at random. */
export type Step =
  | { readonly kind: 'cancel' }
  | { readonly kind: 'query' }
  | {
      readonly kind: 'wait';
      readonly leastMs: number;
      readonly mostMs: number;
      readonly next: 'cancel' | 'query';
    }
  | { readonly kind: 'end'; readonly outcome: Outcome };

/** The next step, and the state in which it is taken. */
export type Decision = readonly [Progress, Step];

/**
 * Waits before the queries that confirm an accepted cancel, or that look again for a missing order,
 * in milliseconds.
 */
const LOOK_AGAIN_MS = [100, 300, 900];

/**
 * A canceled order without a fill cannot be queried once this time has passed since its creation,
 * in milliseconds.
 * Source: https://developers.binance.com/docs/derivatives/options-trading/trade/Query-Single-Order
 */
const VANISHES_AFTER_MS = 3 * 24 * 60 * 60 * 1000;

/** Query results worth retrying until the deadline. */
const RETRIED: ReadonlySet<Failure['kind']> = new Set(['unknown', 'not-executed']);

/** Outcomes that say that a cancel was not carried out. */
type NotDone = 'unavailable' | 'credentials' | 'invalid-request' | 'throttled' | 'forbidden';

const NOT_SENT: Reason = { detail: 'no time was left to send the cancel' };
const REPEATED: Reason = { detail: 'an earlier delivery of this message may have been carried out' };

/**
 * Decides the first step. An order is queried first unless its name alone is known and was given
 * just now.
 */
export function first({ request, isRepeat, looksFirst }: Ask, isExpired: boolean): Decision {
  const { order } = request;
  const isNameOnly = order.orderId === undefined;
  const progress: Progress = {
    ref: isNameOnly ? order : { symbol: order.symbol, orderId: order.orderId },
    name: isNameOnly ? undefined : order.clientOrderId,
    inDoubt: isRepeat,
    sent: isRepeat,
    seenOpen: undefined,
    failures: 0,
    looks: 0,
    isAccepted: false,
    pauseFirst: false,
    reason: isRepeat ? REPEATED : NOT_SENT,
    soFar: isRepeat ? unknown(REPEATED) : { kind: 'unavailable', reason: NOT_SENT },
  };
  const looks =
    progress.name !== undefined || (isNameOnly && looksFirst) || (isRepeat && (isNameOnly || isExpired));
  return [progress, { kind: looks && (isRepeat || !isExpired) ? 'query' : 'cancel' }];
}

/** Decides the step after the result of a cancel. */
export function afterCancel(progress: Progress, result: CallResult<AnsweredOrder>, terms: Terms): Decision {
  switch (result.kind) {
    case 'ok':
      return afterAnswer({ ...progress, sent: true }, result.value, terms);
    case 'no-open-order':
    case 'no-such-order':
    case 'refused':
      return settle({ ...progress, sent: true, pauseFirst: true }, result.reason);
    case 'unknown':
      return settle({ ...progress, sent: true, inDoubt: true }, result.reason);
    case 'not-executed':
      return again({ ...progress, pauseFirst: true }, notDone(progress, 'unavailable', result.reason));
    case 'clock':
      return againIfRenewed(progress, result, 'unavailable');
    case 'keys':
      return againIfRenewed(progress, result, 'credentials');
    default:
      return end(progress, notDone(progress, NOT_DONE[result.kind], result.reason));
  }
}

/** Decides the step after the result of a query. */
export function afterQuery(progress: Progress, result: CallResult<AnsweredOrder>, terms: Terms): Decision {
  if (progress.isAccepted) return afterConfirmation(progress, result, terms);
  if (result.kind === 'ok') return settleBy(progress, result.value, terms);
  if (result.kind === 'no-such-order') return lookAgain(progress, missing(progress, result.reason, terms));
  if (RETRIED.has(result.kind)) {
    const factor = 2 ** Math.min(progress.failures, 3);
    return [{ ...progress, failures: progress.failures + 1 }, pause('query', factor)];
  }
  const isUnsettled = progress.soFar.kind === 'unknown';
  if (isUnsettled || !isKeyOf(NOT_DONE, result.kind)) return end(progress, progress.soFar);
  return end(progress, notDone(progress, NOT_DONE[result.kind], result.reason));
}

/** The outcome of a failure that ends a request before anything was carried out. */
const NOT_DONE = {
  invalid: 'invalid-request',
  held: 'throttled',
  reserved: 'throttled',
  throttled: 'throttled',
  forbidden: 'forbidden',
  keys: 'credentials',
  refused: 'unavailable',
  clock: 'unavailable',
  'no-open-order': 'unavailable',
  'too-late': 'unavailable',
} as const;

/** Queries the exact order. Without an answer to that, the outcome of a cancel is unknown. */
function settle(progress: Progress, reason: Reason): Decision {
  return [{ ...progress, reason, soFar: unknown(reason), failures: 0, looks: 0 }, { kind: 'query' }];
}

/** Cancels again by `orderId` only: by now another order may carry the same `clientOrderId`. */
function again(progress: Progress, otherwise: Outcome): Decision {
  const next = { ...progress, soFar: otherwise, failures: 0, looks: 0 };
  return progress.ref.orderId === undefined ? [next, { kind: 'query' }] : resend(next);
}

/**
 * CANCELED and FILLED are proof. An open status means accepted. Any other says nothing of this
 * cancel.
 */
function afterAnswer(progress: Progress, order: AnsweredOrder, { confirm }: Terms): Decision {
  if (order.state === 'canceled' || order.state === 'filled')
    return end(progress, { kind: order.state, order });
  if (order.state === 'closed') {
    const detail = `the exchange answered the cancel with status ${order.status}`;
    return settle({ ...progress, inDoubt: true }, { detail });
  }
  const soFar = { kind: 'accepted', order } as const;
  const accepted = { ...pin(progress, order), soFar, isAccepted: true, looks: 0 };
  return confirm ? lookAgain(accepted, soFar) : end(accepted, soFar);
}

function afterConfirmation(progress: Progress, result: CallResult<AnsweredOrder>, terms: Terms): Decision {
  if (result.kind === 'ok' && result.value.state !== 'open')
    return end(progress, { kind: result.value.state, order: result.value });
  if (isHeldBack(result.kind)) return end(progress, progress.soFar);
  const isMissing = result.kind === 'no-such-order';
  return lookAgain(progress, (isMissing && vanished(progress, terms)) || progress.soFar);
}

const isHeldBack = (kind: CallResult<AnsweredOrder>['kind']) =>
  kind === 'throttled' || kind === 'held' || kind === 'reserved';

/** Queries again after 100, 300 and 900 ms; then ends with this outcome. */
function lookAgain(progress: Progress, outcome: Outcome): Decision {
  const ms = LOOK_AGAIN_MS[progress.looks];
  if (ms === undefined) return end(progress, outcome);
  return [
    { ...progress, looks: progress.looks + 1 },
    { kind: 'wait', leastMs: ms, mostMs: ms, next: 'query' },
  ];
}

/**
 * The outcome when an order stays missing. It proves nothing while a cancel is in doubt, or once
 * the order was seen.
 */
function missing(progress: Progress, reason: Reason, terms: Terms): Outcome {
  const gone = vanished(progress, terms);
  if (gone !== undefined) return gone;
  if (progress.inDoubt) return unknown(progress.reason);
  return progress.seenOpen === undefined ? { kind: 'not-found', reason } : unknown(reason);
}

/**
 * An order older than three days that was seen open and is missing after our cancel is canceled:
 * the exchange's own rule.
 */
function vanished({ seenOpen, sent }: Progress, { now }: Terms): Outcome | undefined {
  if (seenOpen?.createdAt === undefined || !sent) return undefined;
  if (now - seenOpen.createdAt <= VANISHES_AFTER_MS) return undefined;
  return { kind: 'canceled', order: { ...seenOpen, state: 'canceled' }, isInferred: true };
}

/** Once renewed, neither the clock nor the keys are at fault any more. */
function againIfRenewed(
  progress: Progress,
  { reason, renewed = false }: Failure,
  otherwise: NotDone,
): Decision {
  const outcome = notDone(progress, renewed ? 'unavailable' : otherwise, reason);
  return renewed ? again(progress, outcome) : end(progress, outcome);
}

function settleBy(progress: Progress, order: AnsweredOrder, terms: Terms): Decision {
  const { ref, name } = progress;
  if (name !== undefined && order.clientOrderId !== undefined && order.clientOrderId !== name) {
    const detail = `clientOrderId is not the name of order ${order.orderId}: send only one of the two`;
    return end(progress, { kind: 'invalid-request', reason: { detail } });
  }
  const another = ref.orderId === undefined ? anotherBearer(order, terms) : undefined;
  if (another !== undefined)
    return another.isFinal ? end(progress, another.outcome) : lookAgain(progress, another.outcome);
  if (order.state !== 'open') return end(progress, { kind: order.state, order });
  const pinned = pin(progress, order);
  return resend({ ...pinned, soFar: notDone(pinned, 'unavailable', progress.reason), failures: 0, looks: 0 });
}

/**
 * A `clientOrderId` names an order only while it is pending. An order created after the cancel was
 * asked for is another one. One that ended before may be an older bearer of the name, which a
 * lagging read shows.
 */
function anotherBearer({ orderId, createdAt, state, updatedAt }: AnsweredOrder, { askedAt }: Terms) {
  if ((createdAt ?? 0) > askedAt) {
    const detail = `clientOrderId names a newer order now, ${orderId}, which was left alone`;
    return { isFinal: true, outcome: unknown({ detail }) };
  }
  if (state === 'open' || (updatedAt ?? 0) >= askedAt) return undefined;
  const detail = `clientOrderId names order ${orderId}, which had ended before the cancel was asked for`;
  return { isFinal: false, outcome: unknown({ detail }) };
}

function resend(progress: Progress): Decision {
  return [{ ...progress, pauseFirst: false }, progress.pauseFirst ? pause('cancel') : { kind: 'cancel' }];
}

/** While a cancel is in doubt, a claim that it was not carried out could be false: `unknown`. */
function notDone({ inDoubt }: Progress, kind: NotDone, reason: Reason): Outcome {
  return { kind: inDoubt ? 'unknown' : kind, reason };
}

const pin = (progress: Progress, order: AnsweredOrder): Progress => ({
  ...progress,
  seenOpen: order,
  ref: { symbol: progress.ref.symbol, orderId: order.orderId },
});

const end = (progress: Progress, outcome: Outcome): Decision => [progress, { kind: 'end', outcome }];

const isKeyOf = <T extends object>(table: T, key: PropertyKey): key is keyof T => key in table;

/** A pause of 50 to 400 ms, times `factor`. */
const pause = (next: 'cancel' | 'query', factor = 1): Step => ({
  kind: 'wait',
  leastMs: 50 * factor,
  mostMs: 400 * factor,
  next,
});
