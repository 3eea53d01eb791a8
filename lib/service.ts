import { DeadLetters } from './aws/dead-letter.ts';
import { createQueueClient, hiddenSeconds, type QueueClient } from './aws/queues.ts';
import { createSecretSource } from './aws/secret-source.ts';
import { Telemetry } from './aws/telemetry.ts';
import { cancel } from './cancel/cancellation.ts';
import { type CancelRequest, type Parsed, toJson } from './cancel/request.ts';
import type { Config, ExchangeConfig } from './config.ts';
import { CONSEQUENCES, type Next, type Trigger } from './consequence.ts';
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
  /** Returns the milliseconds that remain of the invocation. */
  readonly remainingMs: () => number;
  /** The value of `confirm` when the request has none. */
  readonly confirm: boolean;
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
    const settlement = await this.#cancel(job);
    const wanted = this.#nextOf(job, settlement);
    const deadLetterMessageId =
      wanted === 'dead-letter' ? await this.#writeDeadLetter(job, settlement) : undefined;
    const next = wanted === 'dead-letter' && deadLetterMessageId === undefined ? 'back' : wanted;
    this.#report(job, settlement, deadLetterMessageId);
    if (wanted === 'back') await this.#hide(job);
    return { settlement, next, deadLetterMessageId };
  }

  async #cancel(job: Job): Promise<Settlement> {
    const startedAt = this.#effects.now();
    const session = this.#sessionFor(job);
    const outcome = await this.#outcomeOf(job, session);
    return {
      outcome,
      attempts: session.cancelsSent,
      latencyMs: this.#effects.now() - startedAt,
      throttledForMs: this.#client.throttle.remainingMs(),
      usedWeight: session.usedWeight,
    };
  }

  async #outcomeOf({ parsed, requestId, confirm, message }: Job, session: Session): Promise<Outcome> {
    if (!parsed.ok) return { kind: 'invalid-request', reason: { detail: parsed.errors.join('; ') } };
    const ask = {
      request: parsed.value,
      confirm: parsed.value.confirm ?? confirm,
      askedAt: message?.sentAt ?? this.#effects.now(),
      isRepeat: (message?.receives ?? 1) > 1,
    };
    const maxAttempts = this.#config.BINANCE_MAX_ATTEMPTS;
    try {
      return await cancel(ask, { session, effects: this.#effects, maxAttempts });
    } catch (error) {
      this.telemetry.error('unexpected error during a cancel', error, { requestId });
      return unknown({ detail: 'internal error' });
    }
  }

  #sessionFor({ parsed, remainingMs }: Job): Session {
    const { BINANCE_RECV_WINDOW_MS } = this.#config;
    const recvWindow = (parsed.ok ? parsed.value.recvWindow : undefined) ?? BINANCE_RECV_WINDOW_MS;
    const deadlineAt = this.#effects.now() + remainingMs() - RESERVE_MS;
    const parts = { client: this.#client, account: this.#account, effects: this.#effects };
    return new Session(parts, { recvWindow, deadlineAt });
  }

  /** A request of the API that cannot be parsed is the caller's to keep. */
  #nextOf({ message }: Job, { outcome }: Settlement): Next {
    const next = CONSEQUENCES[outcome.kind][this.#trigger];
    return next === 'back' && message?.isLastReceive ? 'dead-letter' : next;
  }

  #writeDeadLetter({ parsed, requestId, remainingMs, body }: Job, settlement: Settlement) {
    const letter = {
      body: body ?? (parsed.ok ? toJson(parsed.value) : ''),
      settlement,
      requestId,
      trigger: this.#trigger,
      symbol: parsed.ok ? parsed.value.order.symbol : undefined,
      failedAt: this.#effects.now(),
    };
    return this.#deadLetters.write(letter, answerSignal(remainingMs()));
  }

  /**
   * Delays the next delivery of a message. When that fails, the queue's own visibility timeout
   * delivers it again: later, but it is not lost.
   */
  async #hide({ message, requestId, remainingMs }: Job): Promise<void> {
    if (message === undefined) return;
    const { queueUrl, receiptHandle, receives } = message;
    const seconds = hiddenSeconds(this.#client.throttle.remainingMs(), receives, this.#effects.random());
    try {
      await this.#queues.setVisibility(queueUrl, receiptHandle, seconds, answerSignal(remainingMs()));
    } catch (error) {
      this.telemetry.error('could not change the visibility of a message', error, { requestId });
    }
  }

  #report({ parsed, requestId, message }: Job, settlement: Settlement, deadLetterMessageId?: string): void {
    this.telemetry.cancelSettled({
      settlement,
      order: parsed.ok ? parsed.value.order : undefined,
      requestId,
      deadLetterMessageId,
      ageMs: message === undefined ? undefined : this.#effects.now() - message.sentAt,
    });
  }
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

/** Returns a signal that aborts when only the time to answer is left of an invocation. */
const answerSignal = (remainingMs: number) => AbortSignal.timeout(Math.max(1, remainingMs - ANSWER_MS));
