import type { Effects } from '../effects.ts';
import type { Session } from '../exchange/session.ts';
import { type Outcome, unknown } from '../outcome.ts';
import {
  afterCancel,
  afterQuery,
  again,
  type Decision,
  type Progress,
  type Step,
  settle,
  start,
  type Terms,
} from './decide.ts';
import type { CancelRequest } from './request.ts';

/** A request to carry out, and what its trigger knows of it. */
export interface Ask {
  readonly request: CancelRequest;
  /** Whether an accepted cancel is queried until the order is terminal. */
  readonly confirm: boolean;
  /** When the cancel was asked for, in milliseconds since the epoch. */
  readonly askedAt: number;
  /** Whether an earlier delivery of the same message may have sent the cancel. */
  readonly isRepeat: boolean;
}

interface Parts {
  readonly session: Session;
  readonly effects: Effects;
  readonly maxAttempts: number;
}

/**
 * Cancels one order, from the first call to an outcome that is proven or says that it is not.
 * Never rejects for anything that the exchange answers or leaves unanswered.
 */
export async function cancel(ask: Ask, parts: Parts): Promise<Outcome> {
  let [progress, step] = first(ask, parts.effects);
  while (step.kind !== 'end') [progress, step] = await take(step, progress, ask, parts);
  return step.outcome;
}

/** A request that an earlier delivery may have sent, and that cannot be sent again as it is, starts with a query. */
function first({ request, isRepeat }: Ask, effects: Effects): Decision {
  const progress = start(request.order);
  if (!isRepeat) return [progress, { kind: 'cancel' }];
  const otherwise = unknown({ detail: 'an earlier delivery of this message may have been carried out' });
  return isExpired(request, effects) ? settle(progress, otherwise) : again(progress, otherwise);
}

async function take(
  step: Exclude<Step, { kind: 'end' }>,
  progress: Progress,
  ask: Ask,
  parts: Parts,
): Promise<Decision> {
  switch (step.kind) {
    case 'cancel':
      return sendCancel(progress, ask, parts);
    case 'query': {
      if (parts.session.remainingMs() <= 0) return end(progress);
      const result = await parts.session.query(progress.ref);
      return afterQuery(progress, result, termsOf(ask, parts));
    }
    case 'wait':
      return wait(step, progress, parts);
  }
}

/** Sends a cancel unless the request has expired, or attempts or time have run out. */
async function sendCancel(progress: Progress, ask: Ask, parts: Parts): Promise<Decision> {
  const { session, effects, maxAttempts } = parts;
  if (isExpired(ask.request, effects)) return tooLate(progress, ask);
  if (session.cancelsSent >= maxAttempts || session.remainingMs() <= 0) return end(progress);
  const result = await session.cancel(progress.ref, ask.request.expiresAt);
  if (result.kind === 'too-late') return tooLate(progress, ask);
  return afterCancel(progress, result, termsOf(ask, parts));
}

/** Waits, unless no time is left for it: then a query is pointless, and a cancel is not. */
async function wait(
  { leastMs, mostMs, next }: Extract<Step, { kind: 'wait' }>,
  progress: Progress,
  { session, effects, maxAttempts }: Parts,
): Promise<Decision> {
  if (next === 'cancel' && session.cancelsSent >= maxAttempts) return end(progress);
  const ms = leastMs + (mostMs - leastMs) * effects.random();
  if (session.remainingMs() > ms) await effects.sleep(ms);
  else if (next === 'query') return end(progress);
  return [progress, { kind: next }];
}

function tooLate(progress: Progress, { request, isRepeat }: Ask): Decision {
  if (progress.inDoubt) return end(progress);
  const at = new Date(request.expiresAt ?? 0).toISOString();
  const detail = `not sent${isRepeat ? ' again' : ''}: expiresAt was ${at}`;
  return [progress, { kind: 'end', outcome: { kind: 'expired', reason: { detail } } }];
}

/** Converted after each call: the first one waits for the exchange's clock. */
const termsOf = (ask: Ask, { session }: Parts): Terms => ({
  ...ask,
  askedAt: session.toExchangeTime(ask.askedAt),
});

const isExpired = ({ expiresAt = Number.POSITIVE_INFINITY }: CancelRequest, effects: Effects) =>
  effects.now() > expiresAt;

const end = (progress: Progress): Decision => [progress, { kind: 'end', outcome: progress.soFar }];
