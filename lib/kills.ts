import { Kill } from './cancel/kill.ts';
import { type KillRequest, killToJson } from './cancel/kill-request.ts';
import { type Next, nextOfKill } from './consequence.ts';
import { type Environment, RESERVE_MS } from './environment.ts';
import { type Carried, type Checked, callerOf, isoOf, type Job, type Timed, wayOf } from './job.ts';
import type { KillEnd, KillResult } from './outcome.ts';

/** A kill that has been carried out as far as this invocation can. */
export interface KillSettled {
  readonly result: KillResult;
  /**
   * The next thing that happens to the request; `back` also when its dead letter could not be
   * written.
   */
  readonly next: Next;
  readonly deadLetterMessageId: string | undefined;
  readonly requestId: string;
  /** The exchange's weight used by this address, as its last answer reported it. */
  readonly usedWeight: number | undefined;
  /** Milliseconds until the exchange may be called again. */
  readonly throttledForMs: number;
}

/** The kills of one execution environment. */
export class Kills {
  readonly #environment: Environment;
  /** Kills under way, which an equal kill may share. */
  readonly #running = new Map<string, { readonly kill: Kill; readonly end: Promise<KillEnd> }>();

  constructor(environment: Environment) {
    this.#environment = environment;
  }

  /**
   * Cancels every open order of a scope, carries out the consequence of the outcome and reports it.
   * Never rejects.
   */
  async settle(job: Job<KillRequest>): Promise<KillSettled> {
    const { effects, client, telemetry, trigger } = this.#environment;
    const startedAt = effects.monotonic();
    const endsAt = startedAt + job.remainingMs;
    const request = this.#environment.checked(job.parsed, job.askedAt);
    const end = request.ok
      ? await this.#run(request.value, job.requestId, endsAt)
      : endedBy('invalid-request', request.errors.join('; '));
    const throttledForMs = client.throttle.remainingMs();
    const isLastReceive = job.message?.isLastReceive ?? false;
    const isDryRun = request.ok && request.value.dryRun;
    const consequence = nextOfKill(end.outcome, trigger, { isLastReceive, throttledForMs });
    const wanted = isDryRun && consequence === 'handed-over' ? 'done' : consequence;
    const carried = await this.#carryOut(job, request, end, wanted, endsAt);
    const result = resultOf(request, end, carried.queueMessageId, job.requestId);
    const latencyMs = effects.monotonic() - startedAt;
    telemetry.killSettled({ result, latencyMs, ...wayOf(job, carried) });
    const { usedWeight } = client;
    const { next, deadLetterMessageId } = carried;
    return { result, next, deadLetterMessageId, requestId: job.requestId, usedWeight, throttledForMs };
  }

  /** Two equal kills at once share one run, until the list begins that proves the scope empty. */
  async #run(request: Timed<KillRequest>, requestId: string, endsAt: number): Promise<KillEnd> {
    const { killId: _, reason: __, askedAt, ...rest } = request;
    const kill = new Kill({ request, askedAt }, this.#partsOf(request, endsAt));
    const key = JSON.stringify({ ...rest, askedAt: kill.isLate ? askedAt : undefined });
    const running = this.#running.get(key);
    if (running?.kill.mayBeShared) return running.end;
    const end = kill.run().catch((error) => {
      this.#environment.telemetry.error('unexpected error during a kill', error, { requestId });
      return endedBy('unknown', 'internal error');
    });
    this.#running.set(key, { kill, end });
    const ended = await end;
    if (this.#running.get(key)?.kill === kill) this.#running.delete(key);
    return ended;
  }

  #partsOf(request: KillRequest, endsAt: number) {
    const { effects, config, telemetry } = this.#environment;
    return {
      open: () => this.#environment.openSession(endsAt - RESERVE_MS, request),
      effects,
      maxAttempts: config.BINANCE_MAX_ATTEMPTS,
      underlyings: config.BINANCE_UNDERLYINGS,
      warn: (message: string) => telemetry.warn(message),
    };
  }

  /**
   * Carries out what happens to the request. A kill that cannot be handed over becomes a dead
   * letter.
   */
  async #carryOut(
    job: Job<KillRequest>,
    request: Checked<KillRequest>,
    end: KillEnd,
    wanted: Next,
    endsAt: number,
  ): Promise<Carried> {
    const { delivery } = this.#environment;
    const { message, requestId } = job;
    const body = request.ok ? killToJson({ killId: requestId, ...request.value }) : (job.body ?? '');
    if (wanted === 'handed-over') {
      const of = { requestId, endsAt, onBehalfOf: job.onBehalfOf ?? job.caller };
      const queueMessageId = await delivery.handOver(body, of);
      if (queueMessageId !== undefined) return { next: wanted, queueMessageId };
    }
    if (wanted === 'back' && message) {
      const isUnfinished = end.outcome === 'not-emptied';
      return { next: wanted, backAt: await delivery.hideKill(message, isUnfinished, { requestId, endsAt }) };
    }
    if (wanted === 'done' || wanted === 'back') return { next: wanted };
    const letter = this.#deadLetterOf(job, request, end, body);
    const deadLetterMessageId = await delivery.writeDeadLetter(letter, endsAt);
    return { next: deadLetterMessageId === undefined ? 'back' : 'dead-letter', deadLetterMessageId };
  }

  /**
   * The body of a valid kill's dead letter says when it was asked for, so that any redrive is a
   * late kill.
   */
  #deadLetterOf(
    job: Job<KillRequest>,
    request: Checked<KillRequest>,
    { outcome, reason, calls }: KillEnd,
    body: string,
  ) {
    const { trigger, effects } = this.#environment;
    return {
      body,
      outcome,
      code: reason?.code,
      detail: reason?.detail ?? '',
      trigger,
      requestId: job.requestId,
      attempts: calls.cancels + calls.mass,
      orderId: undefined,
      askedAt: request.ok ? request.value.askedAt : undefined,
      caller: callerOf(job),
      failedAt: effects.now(),
    };
  }
}

const NO_ORDERS = { seen: 0, canceled: 0, filled: 0, closed: 0, unexamined: 0, left: 0, newer: 0 };
const NO_CALLS = { mass: 0, lists: 0, cancels: 0, queries: 0 };

/** The end of a kill that made no call. */
const endedBy = (outcome: KillEnd['outcome'], detail: string): KillEnd => ({
  outcome,
  reason: { detail },
  late: false,
  asOf: undefined,
  orders: NO_ORDERS,
  results: [],
  calls: NO_CALLS,
});

function resultOf(
  request: Checked<KillRequest>,
  { reason, asOf, ...end }: KillEnd,
  queueMessageId: string | undefined,
  requestId: string,
): KillResult {
  const asked = request.ok ? request.value : undefined;
  return {
    killId: asked?.killId ?? requestId,
    account: asked?.account,
    scope: asked?.kill,
    only: asked?.only,
    outcome: end.outcome,
    reason: asked?.reason,
    detail: reason?.detail,
    code: reason?.code,
    askedAt: isoOf(asked?.askedAt),
    asOf: isoOf(asOf),
    late: end.late,
    orders: end.orders,
    results: end.results,
    calls: end.calls,
    queueMessageId,
  };
}
