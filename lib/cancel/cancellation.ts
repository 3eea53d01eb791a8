import type { Effects } from '../effects.ts';
import type { Session } from '../exchange/session.ts';
import type { Outcome } from '../outcome.ts';
import {
  type Ask,
  afterCancel,
  afterQuery,
  type Decision,
  first,
  type Progress,
  type Step,
  type Terms,
} from './decide.ts';

export type { Ask } from './decide.ts';

interface Parts {
  readonly session: Session;
  readonly effects: Effects;
  readonly maxAttempts: number;
}

/** The end of a cancel, and the order's id where it is known. */
export interface Ended {
  readonly outcome: Outcome;
  readonly orderId: string | undefined;
}

/**
 * Cancels one order, from the first call to an outcome that is proven or says that it is not.
 * Never rejects for anything that the exchange answers or leaves unanswered.
 */
export async function cancel(ask: Ask, parts: Parts): Promise<Ended> {
  let [progress, step] = first(ask, isExpired(ask, parts));
  while (step.kind !== 'end') [progress, step] = await take(step, progress, ask, parts);
  return { outcome: step.outcome, orderId: progress.ref.orderId };
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
      const result = await parts.session.query(progress.ref);
      return afterQuery(progress, result, termsOf(ask, parts));
    }
    case 'wait':
      return wait(step, progress, parts);
  }
}

/** Sends a cancel unless the request has expired, or attempts or time have run out. */
async function sendCancel(progress: Progress, ask: Ask, parts: Parts): Promise<Decision> {
  const { session, maxAttempts } = parts;
  if (isExpired(ask, parts)) return tooLate(progress, ask, parts);
  if (session.cancelsSent >= maxAttempts || session.remainingMs() <= 0) return end(progress);
  const result = await session.cancel(progress.ref, ask.request.expiresAt);
  if (result.kind === 'too-late') return tooLate(progress, ask, parts);
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

function tooLate(progress: Progress, { request }: Ask, { session }: Parts): Decision {
  if (progress.inDoubt) return end(progress);
  const at = new Date(request.expiresAt ?? 0).toISOString();
  const detail = `not sent${session.cancelsSent > 0 ? ' again' : ''}: expiresAt was ${at}`;
  return [progress, { kind: 'end', outcome: { kind: 'expired', reason: { detail } } }];
}

/** Converts times after each call, because the first call waits for the exchange's clock. */
const termsOf = ({ confirm, askedAt }: Ask, { session, effects }: Parts): Terms => ({
  confirm,
  askedAt: session.toExchangeTime(askedAt),
  now: session.toExchangeTime(effects.now()),
});

const isExpired = ({ request: { expiresAt = Number.POSITIVE_INFINITY } }: Ask, { effects }: Parts) =>
  effects.now() > expiresAt;

const end = (progress: Progress): Decision => [progress, { kind: 'end', outcome: progress.soFar }];
