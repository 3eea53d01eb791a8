import { DeadLetters } from './aws/dead-letter.ts';
import { createQueueClient, hiddenSeconds, type QueueClient } from './aws/queues.ts';
import { createSecretSource } from './aws/secret-source.ts';
import { Telemetry } from './aws/telemetry.ts';
import { cancel, type Ended } from './cancel/cancellation.ts';
import { type CancelRequest, type Parsed, toJson } from './cancel/request.ts';
import type { Config, ExchangeConfig } from './config.ts';
import { type Next, nextOf, type Trigger } from './consequence.ts';
import { type Effects, realEffects } from './effects.ts';
import { ExchangeClient, type ExchangeObserver } from './exchange/client.ts';
import { Session } from './exchange/session.ts';
import { createTransport } from './exchange/transport.ts';
import { Account } from './keys/account.ts';
import { KeyStore } from './keys/store.ts';
import { type Outcome, type Settlement, unknown } from './outcome.ts';

/** Milliseconds kept of an invocation's time to write a dead letter and to answer. */
const RESERVE_MS = 1500;
/** Milliseconds kept of those to answer. */
const ANSWER_MS = 200;

/** One request as its trigger hands it over. */
export interface Job {
  readonly parsed: Parsed<CancelRequest>;
  readonly requestId: string;
  /** Milliseconds that remain of the invocation. */
  readonly remainingMs: number;
  /** The longest time, in milliseconds, that the calls to the exchange may take. */
  readonly budgetMs?: number;
  /** When the cancel was wanted if the request does not say, in milliseconds since the epoch. */
  readonly askedAt: number | undefined;
  /** Whether an order named by `clientOrderId` alone is queried before it is canceled. */
  readonly looksFirst: boolean;
  /** Who asked: an IAM ARN, an SQS sender id or a schedule's ARN. */
  readonly caller: string | undefined;
  /** The body of a dead letter; default: the request as JSON. */
  readonly body?: string;
  /** The queue message that carried the request. */
  readonly message?: QueueMessage;
}

/** A received message. */
export interface QueueMessage {
  readonly queueUrl: string;
  readonly receiptHandle: string;
  /** The number of times it was received, this one included. */
  readonly receives: number;
  readonly isLastReceive: boolean;
  /** Milliseconds since the epoch. */
  readonly sentAt: number;
}

/** A job that has been carried out as far as this invocation can. */
export interface Settled {
  readonly settlement: Settlement;
  /** What became of the request; `back` also when its dead letter could not be written. */
  readonly next: Next;
  readonly deadLetterMessageId: string | undefined;
}

/** The cancel service of one execution environment, which keeps keys, clock, connections and throttle between invocations. */
export class Service {
  readonly telemetry: Telemetry;
  readonly #config: Config;
  readonly #trigger: Trigger;
  readonly #effects: Effects;
  readonly #client: ExchangeClient;
  readonly #account: Account;
  readonly #queues: QueueClient = createQueueClient();
  readonly #deadLetters: DeadLetters;

  /** Starts to read the secret and the exchange's clock at once. */
  constructor(config: Config, trigger: Trigger, effects: Effects = realEffects) {
    this.#config = config;
    this.#trigger = trigger;
    this.#effects = effects;
    this.telemetry = new Telemetry(trigger);
    this.#client = createExchangeClient(config, this.telemetry, effects);
    this.#account = openAccount(config, this.telemetry, effects);
    this.#deadLetters = new DeadLetters(config.DEAD_LETTER_QUEUE_URL, this.#queues, this.telemetry);
  }

  /** Cancels one order, carries out the consequence of the outcome and reports it. Never rejects. */
  async settle(job: Job): Promise<Settled> {
    const endsAt = this.#effects.monotonic() + job.remainingMs;
    const request = checked(job, this.#effects.now());
    const settlement = await this.#cancel(job, request, endsAt);
    const wanted = nextOf(settlement.outcome.kind, this.#trigger, {
      isLastReceive: job.message?.isLastReceive ?? false,
      throttledForMs: settlement.throttledForMs,
      isUnconfirmed: request.ok && request.value.confirm === false,
    });
    const deadLetterMessageId =
      wanted === 'dead-letter' ? await this.#writeDeadLetter(job, request, settlement, endsAt) : undefined;
    const next = wanted === 'dead-letter' && deadLetterMessageId === undefined ? 'back' : wanted;
    this.#report(job, request, settlement, deadLetterMessageId);
    if (wanted === 'back') await this.#hide(job, endsAt);
    return { settlement, next, deadLetterMessageId };
  }

  async #cancel(job: Job, request: Checked, endsAt: number): Promise<Settlement> {
    const startedAt = this.#effects.monotonic();
    const session = this.#sessionFor(job, request, endsAt);
    const ended = await this.#ended(job, request, session);
    return {
      ...ended,
      attempts: session.cancelsSent,
      latencyMs: this.#effects.monotonic() - startedAt,
      throttledForMs: this.#client.throttle.remainingMs(),
      usedWeight: session.usedWeight,
    };
  }

  async #ended({ requestId, message, looksFirst }: Job, request: Checked, session: Session): Promise<Ended> {
    if (!request.ok) return { outcome: invalid(request.errors), orderId: undefined };
    const { askedAt, confirm = true } = request.value;
    const isRepeat = (message?.receives ?? 1) > 1;
    const ask = { request: request.value, confirm, askedAt, isRepeat, looksFirst };
    const maxAttempts = this.#config.BINANCE_MAX_ATTEMPTS;
    try {
      return await cancel(ask, { session, effects: this.#effects, maxAttempts });
    } catch (error) {
      this.telemetry.error('unexpected error during a cancel', error, { requestId });
      return { outcome: unknown({ detail: 'internal error' }), orderId: request.value.order.orderId };
    }
  }

  #sessionFor({ budgetMs = Number.POSITIVE_INFINITY }: Job, request: Checked, endsAt: number): Session {
    const { BINANCE_RECV_WINDOW_MS } = this.#config;
    const recvWindow = (request.ok ? request.value.recvWindow : undefined) ?? BINANCE_RECV_WINDOW_MS;
    const deadlineAt = Math.min(endsAt - RESERVE_MS, this.#effects.monotonic() + budgetMs);
    const parts = { client: this.#client, account: this.#account, effects: this.#effects };
    return new Session(parts, { recvWindow, deadlineAt });
  }

  #writeDeadLetter(job: Job, request: Checked, settlement: Settlement, endsAt: number) {
    const { requestId, caller } = job;
    const letter = {
      body: bodyOf(job, request, settlement.orderId),
      settlement,
      requestId,
      trigger: this.#trigger,
      askedAt: request.ok ? request.value.askedAt : undefined,
      caller,
      failedAt: this.#effects.now(),
    };
    return this.#deadLetters.write(letter, this.#answerSignal(endsAt));
  }

  /**
   * Delays the next delivery of a message. When that fails, the queue's own visibility timeout
   * delivers it again: later, but it is not lost.
   */
  async #hide({ message, requestId }: Job, endsAt: number): Promise<void> {
    if (message === undefined) return;
    const { queueUrl, receiptHandle, receives } = message;
    const throttledForMs = this.#client.throttle.remainingMs();
    const seconds = hiddenSeconds(throttledForMs, receives, this.#effects.random());
    try {
      await this.#queues.setVisibility(queueUrl, receiptHandle, seconds, this.#answerSignal(endsAt));
    } catch (error) {
      this.telemetry.error('could not change the visibility of a message', error, { requestId });
    }
  }

  #report(job: Job, request: Checked, settlement: Settlement, deadLetterMessageId?: string): void {
    const { requestId, message, caller } = job;
    this.telemetry.cancelSettled({
      settlement,
      order: request.ok ? request.value.order : undefined,
      requestId,
      deadLetterMessageId,
      caller,
      ageMs: message === undefined ? undefined : this.#effects.now() - message.sentAt,
    });
  }

  /** Returns a signal that aborts when only the time to answer is left of an invocation. */
  #answerSignal(endsAt: number): AbortSignal {
    const ms = endsAt - ANSWER_MS - this.#effects.monotonic();
    return AbortSignal.timeout(Math.max(1, Math.floor(ms))); // it takes whole milliseconds only
  }
}

/** A request with the moment at which it was wanted, or its errors. */
type Checked = Parsed<CancelRequest & { readonly askedAt: number }>;

/** How far ahead of our clock a request may say that it was wanted, in milliseconds. */
const MAX_AHEAD_MS = 5000;

/** Adds the trigger's `askedAt` to a request that has none. A name alone needs one: it may be another order's by now. */
function checked({ parsed, askedAt }: Job, now: number): Checked {
  if (!parsed.ok) return parsed;
  const wanted = parsed.value.askedAt ?? askedAt;
  if (wanted === undefined && parsed.value.order.orderId === undefined)
    return { ok: false, errors: [NO_ASKED_AT] };
  if (wanted !== undefined && wanted > now + MAX_AHEAD_MS) return { ok: false, errors: [AHEAD] };
  return { ok: true, value: { ...parsed.value, askedAt: wanted ?? now } };
}

const NO_ASKED_AT =
  'askedAt is missing: a scheduled cancel by clientOrderId needs it ("askedAt":"<aws.scheduler.scheduled-time>")';
const AHEAD = `askedAt is more than ${MAX_AHEAD_MS} ms ahead of the clock: send the time at which the cancel was wanted`;

const invalid = (errors: readonly string[]): Outcome => ({
  kind: 'invalid-request',
  reason: { detail: errors.join('; ') },
});

/**
 * Returns the body of a dead letter. A request that was not delivered by a queue gets the id that a
 * query has found, so that a redrive never goes by the name alone.
 */
function bodyOf({ body, parsed }: Job, request: Checked, orderId: string | undefined): string {
  if (body !== undefined) return body;
  const valid: Parsed<CancelRequest> = request.ok ? request : parsed;
  if (!valid.ok) return '';
  const { order } = valid.value;
  return toJson(orderId === undefined ? valid.value : { ...valid.value, order: { ...order, orderId } });
}

/** Receives events about keys, for logs and metrics. */
export interface KeyObserver {
  secretRead(): void;
  warn(message: string, error: unknown): void;
}

/** Creates the client of the configured address, which reads the exchange's clock at once. */
export function createExchangeClient(
  config: ExchangeConfig,
  observer: ExchangeObserver,
  effects: Effects,
): ExchangeClient {
  const client = new ExchangeClient({
    transport: createTransport(config.BINANCE_BASE_URL, effects),
    effects,
    observer,
    timeoutMs: config.BINANCE_TIMEOUT_MS,
    weightLimit: config.BINANCE_WEIGHT_LIMIT,
  });
  client.start();
  return client;
}

/** Opens the configured account, whose secret is read at once. */
export function openAccount(config: ExchangeConfig, observer: KeyObserver, effects: Effects): Account {
  const store = new KeyStore({
    source: createSecretSource(config.BINANCE_SECRET_ID, () => observer.secretRead()),
    ttlMs: config.SECRET_TTL_SECONDS * 1000,
    effects,
    onStale: (error) => observer.warn('could not refresh the secret; using the cached keys', error),
  });
  store.get().catch((error) => observer.warn('could not read the secret at load', error));
  return new Account(store);
}
