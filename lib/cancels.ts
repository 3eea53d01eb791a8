import type { DeadLetter } from './aws/dead-letter.ts';
import { cancel, type Ended } from './cancel/cancellation.ts';
import { type CancelRequest, type Parsed, toJson } from './cancel/request.ts';
import { type Next, nextOf } from './consequence.ts';
import { type Environment, RESERVE_MS } from './environment.ts';
import type { Session } from './exchange/session.ts';
import { type CancelJob, type Carried, type Checked, callerOf, wayOf } from './job.ts';
import { detailOf, type Settlement, unknown } from './outcome.ts';

/** A cancel that has been carried out as far as this invocation can. */
export interface Settled {
  readonly settlement: Settlement;
  /**
   * The next thing that happens to the request; `back` also when its dead letter could not be
   * written.
   */
  readonly next: Next;
  readonly deadLetterMessageId: string | undefined;
}

/** Cancels one order, carries out the consequence of the outcome and reports it. Never rejects. */
export async function settleCancel(environment: Environment, job: CancelJob): Promise<Settled> {
  const { effects, trigger } = environment;
  const endsAt = effects.monotonic() + job.remainingMs;
  const request = checked(environment, job);
  const settlement = await settlementOf(environment, job, request, endsAt);
  const wanted = nextOf(settlement.outcome.kind, trigger, {
    isLastReceive: job.message?.isLastReceive ?? false,
    throttledForMs: settlement.throttledForMs,
    isUnconfirmed: request.ok && request.value.confirm === false,
  });
  const letter = () => deadLetterOf(environment, job, request, settlement);
  const carried = await carryOut(environment, job, wanted, letter, endsAt);
  report(environment, job, request, settlement, carried);
  return { settlement, next: carried.next, deadLetterMessageId: carried.deadLetterMessageId };
}

async function carryOut(
  { delivery }: Environment,
  { message, requestId }: CancelJob,
  wanted: Next,
  letter: () => DeadLetter,
  endsAt: number,
): Promise<Carried> {
  if (wanted === 'back' && message)
    return { next: 'back', backAt: await delivery.hideCancel(message, { requestId, endsAt }) };
  if (wanted !== 'dead-letter') return { next: wanted };
  const deadLetterMessageId = await delivery.writeDeadLetter(letter(), endsAt);
  return { next: deadLetterMessageId === undefined ? 'back' : 'dead-letter', deadLetterMessageId };
}

async function settlementOf(
  environment: Environment,
  job: CancelJob,
  request: Checked<CancelRequest>,
  endsAt: number,
): Promise<Settlement> {
  const { effects, client } = environment;
  const startedAt = effects.monotonic();
  const deadlineAt = Math.min(endsAt - RESERVE_MS, startedAt + (job.budgetMs ?? Number.POSITIVE_INFINITY));
  const session = environment.openSession(deadlineAt, request.ok ? request.value : {});
  const ended = await endOf(environment, job, request, session);
  return {
    ...ended,
    attempts: session.cancelsSent,
    latencyMs: effects.monotonic() - startedAt,
    throttledForMs: client.throttle.remainingMs(),
    usedWeight: session.usedWeight,
  };
}

async function endOf(
  { effects, config, telemetry }: Environment,
  { requestId, message, looksFirst }: CancelJob,
  request: Checked<CancelRequest>,
  session: Session,
): Promise<Ended> {
  if (!request.ok) {
    const reason = { detail: request.errors.join('; ') };
    return { outcome: { kind: 'invalid-request', reason }, orderId: undefined };
  }
  const { askedAt, confirm = true } = request.value;
  const isRepeat = (message?.receives ?? 1) > 1;
  const ask = { request: request.value, confirm, askedAt, isRepeat, looksFirst };
  try {
    return await cancel(ask, { session, effects, maxAttempts: config.BINANCE_MAX_ATTEMPTS });
  } catch (error) {
    telemetry.error('unexpected error during a cancel', error, { requestId });
    return { outcome: unknown({ detail: 'internal error' }), orderId: request.value.order.orderId };
  }
}

/**
 * Adds the trigger's `askedAt` to a cancel that has none. A name alone needs one: it may be another
 * order's by now.
 */
function checked(environment: Environment, { parsed, askedAt }: CancelJob): Checked<CancelRequest> {
  if (!parsed.ok) return parsed;
  const isNameOnly = parsed.value.order.orderId === undefined;
  const hasMoment = (parsed.value.askedAt ?? askedAt) !== undefined;
  if (isNameOnly && !hasMoment) return { ok: false, errors: [NO_ASKED_AT] };
  return environment.checked(parsed, askedAt);
}

const NO_ASKED_AT =
  'askedAt is missing: a scheduled cancel by clientOrderId needs it ("askedAt":"<aws.scheduler.scheduled-time>")';

function deadLetterOf(
  { trigger, effects }: Environment,
  job: CancelJob,
  request: Checked<CancelRequest>,
  { outcome, attempts, orderId }: Settlement,
): DeadLetter {
  const { requestId } = job;
  return {
    body: bodyOf(job, request, orderId),
    outcome: outcome.kind,
    code: 'reason' in outcome ? outcome.reason.code : undefined,
    detail: detailOf(outcome),
    trigger,
    requestId,
    attempts,
    orderId,
    askedAt: request.ok ? request.value.askedAt : undefined,
    caller: callerOf(job),
    failedAt: effects.now(),
  };
}

/**
 * A request that no message carried gets the id that a query has found, so that a redrive never
 * goes by the name alone.
 */
function bodyOf(
  { body, parsed }: CancelJob,
  request: Checked<CancelRequest>,
  orderId: string | undefined,
): string {
  const valid: Parsed<CancelRequest> = request.ok ? request : parsed;
  if (body !== undefined || !valid.ok) return body ?? '';
  const { order } = valid.value;
  return toJson(orderId === undefined ? valid.value : { ...valid.value, order: { ...order, orderId } });
}

function report(
  { telemetry, effects }: Environment,
  job: CancelJob,
  request: Checked<CancelRequest>,
  settlement: Settlement,
  carried: Carried,
): void {
  telemetry.cancelSettled({
    settlement,
    order: request.ok ? request.value.order : undefined,
    account: request.ok ? request.value.account : undefined,
    ageMs: job.message === undefined ? undefined : effects.now() - job.message.sentAt,
    ...wayOf(job, carried),
  });
}
