import { toMessage } from './aws/dead-letter.ts';
import { createQueueClient, type QueueClient } from './aws/queues.ts';
import { Telemetry } from './aws/telemetry.ts';
import { Cancellation } from './cancel/cancellation.ts';
import type { CancelRequest, Parsed } from './cancel/request.ts';
import type { Config } from './config.ts';
import { Connection } from './connection.ts';
import { type Effects, realEffects } from './effects.ts';
import type { Session } from './exchange/session.ts';
import { type Outcome, type Settlement, unknown } from './outcome.ts';
import { hiddenSeconds } from './visibility.ts';

/** What is kept of an invocation's time to write a dead letter and to answer, in milliseconds. */
const RESERVE_MS = 1500;
/** What is kept of that to answer. */
const ANSWER_MS = 200;

/** One request as its trigger hands it over. */
export interface Job {
  readonly parsed: Parsed<CancelRequest>;
  readonly requestId: string;
  /** Milliseconds that remain of the invocation. */
  readonly remainingMs: () => number;
  /** What `confirm` is when the request does not say. */
  readonly confirm: boolean;
  /** When it was sent to us, in milliseconds since the epoch; now when absent. */
  readonly sentAt?: number;
  /** Whether it was delivered before. */
  readonly isRepeat?: boolean;
}

/** The use case, with what one execution environment keeps between invocations: keys, clock, connections, throttle. */
export class Service {
  readonly telemetry: Telemetry;
  readonly #config: Config;
  readonly #trigger: string;
  readonly #effects: Effects;
  readonly #connection: Connection;
  readonly #queues: QueueClient = createQueueClient();

  /** Starts to read the secret and the exchange's clock at once. */
  constructor(config: Config, trigger: string, effects: Effects = realEffects) {
    this.#config = config;
    this.#trigger = trigger;
    this.#effects = effects;
    this.telemetry = new Telemetry(trigger);
    this.#connection = new Connection(config, this.telemetry, effects);
  }

  /** Cancels one order. Never rejects: what nobody foresaw is an outcome that is not known. */
  async cancel(job: Job): Promise<Settlement> {
    const startedAt = this.#effects.now();
    const session = this.#sessionFor(job);
    const outcome = await this.#outcomeOf(job, session);
    return {
      outcome,
      attempts: session.cancelsSent,
      latencyMs: this.#effects.now() - startedAt,
      throttledForMs: this.#throttledForMs(),
      usedWeight: session.usedWeight,
    };
  }

  /**
   * Writes a dead letter: `body` is what runs the request again when it is moved back to the queue.
   *
   * @returns its message id; undefined, and an error in the log, when it could not be written in the time that remains
   */
  async deadLetter(
    { parsed, requestId, remainingMs }: Job,
    settlement: Settlement,
    body: string,
  ): Promise<string | undefined> {
    const message = toMessage({
      body,
      settlement,
      requestId,
      trigger: this.#trigger,
      symbol: parsed.ok ? parsed.value.order.symbol : undefined,
      failedAt: this.#effects.now(),
    });
    try {
      const queueUrl = this.#config.DEAD_LETTER_QUEUE_URL;
      const messageId = await this.#queues.send(queueUrl, message, answerSignal(remainingMs()));
      this.telemetry.deadLetterWritten();
      return messageId;
    } catch (error) {
      this.telemetry.error('dead letter could not be written', error, { requestId });
      return undefined;
    }
  }

  /**
   * Hides a message that goes back to the queue for as long as a new try makes no sense. When that fails, the queue's own
   * visibility timeout brings it back: later, but never not at all.
   */
  async hide(
    { requestId, remainingMs }: Job,
    queueUrl: string,
    receiptHandle: string,
    receives: number,
  ): Promise<void> {
    const seconds = hiddenSeconds(this.#throttledForMs(), receives, this.#effects.random());
    try {
      await this.#queues.setVisibility(queueUrl, receiptHandle, seconds, answerSignal(remainingMs()));
    } catch (error) {
      this.telemetry.error('visibility of a message could not be changed', error, { requestId });
    }
  }

  /** Logs and counts a cancel that is over. */
  report({ parsed, requestId, sentAt }: Job, settlement: Settlement, deadLetterMessageId?: string): void {
    this.telemetry.cancelSettled({
      settlement,
      order: parsed.ok ? parsed.value.order : undefined,
      requestId,
      deadLetterMessageId,
      ageMs: sentAt === undefined ? undefined : this.#effects.now() - sentAt,
    });
  }

  #throttledForMs(): number {
    return this.#connection.exchange.throttle.remainingMs();
  }

  #sessionFor({ parsed, remainingMs }: Job): Session {
    const deadlineAt = this.#effects.now() + remainingMs() - RESERVE_MS;
    return this.#connection.session(deadlineAt, parsed.ok ? parsed.value.recvWindow : undefined);
  }

  async #outcomeOf(
    { parsed, requestId, confirm, sentAt, isRepeat = false }: Job,
    session: Session,
  ): Promise<Outcome> {
    if (!parsed.ok) return { kind: 'invalid-request', fault: { detail: parsed.faults.join('; ') } };
    const request = parsed.value;
    const askedAt = sentAt ?? this.#effects.now();
    const ask = { request, confirm: request.confirm ?? confirm, askedAt, isRepeat };
    const maxAttempts = this.#config.BINANCE_MAX_ATTEMPTS;
    try {
      return await new Cancellation(ask, { session, effects: this.#effects, maxAttempts }).run();
    } catch (error) {
      this.telemetry.error('cancel failed in a way that nobody foresaw', error, { requestId });
      return unknown({ detail: 'internal error' });
    }
  }
}

/** Aborts when only the time to answer is left of an invocation. */
const answerSignal = (remainingMs: number) => AbortSignal.timeout(Math.max(1, remainingMs - ANSWER_MS));
