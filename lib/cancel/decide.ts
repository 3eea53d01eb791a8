import type { CallResult, Failure } from '../exchange/result.ts';
import type { Order, OrderRef } from '../order.ts';
import { type Outcome, type Reason, unknown } from '../outcome.ts';

/** What is known of a cancel so far, as plain data. */
export interface Progress {
  /** The order, by `orderId` as soon as that is known. */
  readonly ref: OrderRef;
  /** True once a cancel was sent that may have been carried out without our knowing. */
  readonly inDoubt: boolean;
  /** True once the exchange has shown us the order: a query that does not find it then lags behind. */
  readonly seen: boolean;
  /** Queries in a row that did not settle anything. */
  readonly failures: number;
  /** The number of the query that confirms an accepted cancel; undefined while no cancel is accepted. */
  readonly confirming: number | undefined;
  /** True when the exchange deserves a pause before the next cancel. */
  readonly pauseFirst: boolean;
  /** The outcome when no time and no attempt is left. */
  readonly soFar: Outcome;
}

/** The facts of a request that do not change while it is carried out. Times in milliseconds of the exchange's clock. */
export interface Terms {
  /** Whether an accepted cancel is queried until the order is terminal. */
  readonly confirm: boolean;
  readonly askedAt: number;
  /** Whether an earlier delivery of the same message may have sent the cancel. */
  readonly isRepeat: boolean;
}

/** What to do next. A wait lasts between `leastMs` and `mostMs`, at random. */
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

/** The next step, and what is known when it is taken. */
export type Decision = readonly [Progress, Step];

/** Waits before the queries that confirm an accepted cancel, in milliseconds. */
const CONFIRM_AFTER_MS = [100, 300, 900];

/** Query results worth retrying. `no-such-order` is retried only if the order has been seen before. */
const RETRIED: ReadonlySet<Failure['kind']> = new Set(['unknown', 'not-executed', 'no-such-order']);

/** Outcomes that say that a cancel was not carried out. */
type NotDone = 'unavailable' | 'credentials' | 'invalid-request' | 'throttled' | 'forbidden';

/** The progress of a request before its first call. */
export function start(ref: OrderRef): Progress {
  return {
    ref,
    inDoubt: false,
    seen: false,
    failures: 0,
    confirming: undefined,
    pauseFirst: false,
    soFar: { kind: 'unavailable', reason: { detail: 'no time was left to send the cancel' } },
  };
}

/** Decides what follows the result of a cancel. */
export function afterCancel(progress: Progress, result: CallResult<Order>, terms: Terms): Decision {
  switch (result.kind) {
    case 'ok':
      return afterAnswer(progress, result.value, terms);
    case 'no-open-order':
    case 'no-such-order': // in doubt: a proxy that sends a cancel twice hears this of the second
      return settle({ ...progress, inDoubt: true, pauseFirst: true }, unknown(result.reason));
    case 'unknown':
      return settle({ ...progress, inDoubt: true }, unknown(result.reason));
    case 'not-executed':
      return again({ ...progress, pauseFirst: true }, notDone(progress, 'unavailable', result.reason));
    case 'clock':
      return againIfRenewed(progress, result, 'unavailable');
    case 'keys':
      return againIfRenewed(progress, result, 'credentials');
    case 'invalid':
      return end(progress, notDone(progress, 'invalid-request', result.reason));
    case 'held':
      return end(progress, notDone(progress, 'throttled', result.reason));
    case 'throttled':
    case 'forbidden':
      return end(progress, notDone(progress, result.kind, result.reason));
    case 'too-late':
      return end(progress, progress.soFar);
  }
}

/** Decides what follows the result of a query. */
export function afterQuery(progress: Progress, result: CallResult<Order>, terms: Terms): Decision {
  if (progress.confirming !== undefined) return afterConfirmation(progress, result, terms);
  if (result.kind === 'ok') return settleBy(progress, result.value, terms);
  if (result.kind === 'no-such-order' && !progress.seen)
    return end(progress, { kind: 'not-found', reason: result.reason });
  if (result.kind === 'keys' && progress.soFar.kind !== 'unknown')
    return end(progress, { kind: 'credentials', reason: result.reason });
  if (!RETRIED.has(result.kind)) return end(progress, progress.soFar);
  const factor = 2 ** Math.min(progress.failures, 3);
  return [{ ...progress, failures: progress.failures + 1 }, pause('query', factor)];
}

/** Queries the exact order; `otherwise` is the outcome when no query settles it. */
export function settle(progress: Progress, otherwise: Outcome): Decision {
  return [{ ...progress, soFar: otherwise, failures: 0 }, { kind: 'query' }];
}

/** Cancels again by `orderId` only: by now another order may carry the same `clientOrderId`. */
export function again(progress: Progress, otherwise: Outcome): Decision {
  if (progress.ref.orderId === undefined) return settle(progress, otherwise);
  return resend({ ...progress, soFar: otherwise });
}

/** A terminal status is proof. Any other means accepted, and with `confirm` is queried until it is terminal. */
function afterAnswer(progress: Progress, order: Order, { confirm }: Terms): Decision {
  if (order.state !== 'open') return end(progress, { kind: order.state, order });
  const accepted = { ...pin(progress, order), soFar: { kind: 'accepted', order } as const, confirming: 0 };
  return confirm ? confirmation(accepted) : end(accepted, accepted.soFar);
}

function afterConfirmation(progress: Progress, result: CallResult<Order>, { confirm }: Terms): Decision {
  if (result.kind === 'ok' && result.value.state !== 'open')
    return end(progress, { kind: result.value.state, order: result.value });
  if (result.kind === 'throttled' || result.kind === 'held' || !confirm) return end(progress, progress.soFar);
  return confirmation(progress);
}

function confirmation(progress: Progress): Decision {
  const { confirming = 0 } = progress;
  const ms = CONFIRM_AFTER_MS[confirming];
  if (ms === undefined) return end(progress, progress.soFar);
  return [
    { ...progress, confirming: confirming + 1 },
    { kind: 'wait', leastMs: ms, mostMs: ms, next: 'query' },
  ];
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

function settleBy(progress: Progress, order: Order, terms: Terms): Decision {
  if (progress.ref.orderId === undefined && isNewer(order, terms))
    return end(
      progress,
      unknown({ detail: `clientOrderId names a newer order now, ${order.orderId}, left alone` }),
    );
  if (order.state !== 'open') return end(progress, { kind: order.state, order });
  return resend(pin(progress, order));
}

/** An exchange that gives no creation time is taken to mean the right order. */
const isNewer = ({ createdAt }: Order, { askedAt }: Terms) => createdAt !== undefined && createdAt > askedAt;

function resend(progress: Progress): Decision {
  return [{ ...progress, pauseFirst: false }, progress.pauseFirst ? pause('cancel') : { kind: 'cancel' }];
}

/** While a cancel is in doubt, a claim that it was not carried out could be false: `unknown`. */
function notDone({ inDoubt }: Progress, kind: NotDone, reason: Reason): Outcome {
  return { kind: inDoubt ? 'unknown' : kind, reason };
}

const pin = (progress: Progress, { orderId }: Order): Progress => ({
  ...progress,
  seen: true,
  ref: { ...progress.ref, orderId },
});

const end = (progress: Progress, outcome: Outcome): Decision => [progress, { kind: 'end', outcome }];

/** A pause of 50 to 400 ms, times `factor`. */
const pause = (next: 'cancel' | 'query', factor = 1): Step => ({
  kind: 'wait',
  leastMs: 50 * factor,
  mostMs: 400 * factor,
  next,
});
