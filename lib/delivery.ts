import { type DeadLetter, DeadLetters } from './aws/dead-letter.ts';
import { createQueueClient, hiddenSeconds } from './aws/queues.ts';
import type { Telemetry } from './aws/telemetry.ts';
import type { Config } from './config.ts';
import type { Effects } from './effects.ts';
import type { Throttle } from './exchange/throttle.ts';

/** Milliseconds kept of an invocation's time to answer. */
const ANSWER_MS = 200;
/** The longest backoff of a kill, in seconds. */
const LONGEST_KILL_BACKOFF = 60;
/** A kill that was not finished goes on after so many seconds. */
const GO_ON_AFTER = 5;
/** SQS delays a message by 15 minutes at most. */
const LONGEST_DELAY = 900;

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

/** Identifies the request in the log. */
interface Of {
  readonly requestId: string;
  /** The end of the invocation on the monotonic clock, in milliseconds. */
  readonly endsAt: number;
}

interface Parts {
  readonly config: Config;
  readonly telemetry: Telemetry;
  readonly throttle: Throttle;
  readonly effects: Effects;
}

/** Carries out, in SQS, what happens to a request after its outcome. No method rejects. */
export class Delivery {
  readonly #parts: Parts;
  readonly #queues = createQueueClient();
  readonly #deadLetters: DeadLetters;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#deadLetters = new DeadLetters(parts.config.DEAD_LETTER_QUEUE_URL, this.#queues, parts.telemetry);
  }

  /**
   * Writes a dead letter. Returns its message id; undefined when it could not be written in time.
   */
  writeDeadLetter(letter: DeadLetter, endsAt: number): Promise<string | undefined> {
    return this.#deadLetters.write(letter, this.#signal(endsAt));
  }

  /**
   * Delays the next delivery of a cancel's message. When that fails, the queue's own visibility
   * timeout delivers it again: later, but it is not lost.
   */
  async hideCancel(message: QueueMessage, of: Of): Promise<void> {
    const { throttle, effects } = this.#parts;
    const seconds = hiddenSeconds(throttle.remainingMs(), message.receives, effects.random());
    await this.#hide(message, seconds, of);
  }

  /** Delays the next delivery of a kill's message: by 5 s when it was only not finished. */
  async hideKill(message: QueueMessage, isUnfinished: boolean, of: Of): Promise<void> {
    const { throttle, effects } = this.#parts;
    const throttledForMs = throttle.remainingMs();
    const seconds = isUnfinished
      ? Math.max(GO_ON_AFTER, Math.ceil(throttledForMs / 1000))
      : hiddenSeconds(throttledForMs, message.receives, effects.random(), LONGEST_KILL_BACKOFF);
    await this.#hide(message, seconds, of);
  }

  /**
   * Sends a kill to the kill queue, delayed by what remains of a throttle. Returns the message's
   * id; undefined when that failed.
   */
  async handOver(body: string, { requestId, endsAt }: Of): Promise<string | undefined> {
    const { config, telemetry, throttle } = this.#parts;
    if (config.KILL_QUEUE_URL === undefined) return undefined;
    const delaySeconds = Math.min(Math.ceil(throttle.remainingMs() / 1000), LONGEST_DELAY);
    try {
      const message = { body, attributes: {}, delaySeconds };
      return await this.#queues.send(config.KILL_QUEUE_URL, message, this.#signal(endsAt, 2));
    } catch (error) {
      telemetry.error('could not hand the kill over', error, { requestId });
      return undefined;
    }
  }

  async #hide({ queueUrl, receiptHandle }: QueueMessage, seconds: number, { requestId, endsAt }: Of) {
    try {
      await this.#queues.setVisibility(queueUrl, receiptHandle, seconds, this.#signal(endsAt));
    } catch (error) {
      this.#parts.telemetry.error('could not change the visibility of a message', error, { requestId });
    }
  }

  /**
   * Returns a signal that aborts when only the time to answer is left, or an equal part of the time
   * until then.
   */
  #signal(endsAt: number, parts = 1): AbortSignal {
    const remainingMs = endsAt - ANSWER_MS - this.#parts.effects.monotonic();
    return AbortSignal.timeout(Math.max(1, Math.floor(remainingMs / parts)));
  }
}
