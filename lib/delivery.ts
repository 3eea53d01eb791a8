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

interface Sent extends Of {
  /** The one who asked for what this service sends. */
  readonly onBehalfOf: string | undefined;
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
   * Delays the next delivery of a cancel's message, and returns when it comes, in milliseconds
   * since the epoch. When that fails, the queue's own visibility timeout delivers it again: later,
   * but it is not lost.
   */
  hideCancel(message: QueueMessage, of: Of): Promise<number | undefined> {
    const { throttle, effects } = this.#parts;
    const seconds = hiddenSeconds(throttle.remainingMs(), message.receives, effects.random());
    return this.#hide(message, seconds, of);
  }

  /**
   * Delays the next delivery of a kill's message as `hideCancel` does: by 5 s when it was only not
   * finished.
   */
  hideKill(message: QueueMessage, isUnfinished: boolean, of: Of): Promise<number | undefined> {
    const { throttle, effects } = this.#parts;
    const throttledForMs = throttle.remainingMs();
    const seconds = isUnfinished
      ? Math.max(GO_ON_AFTER, Math.ceil(throttledForMs / 1000))
      : hiddenSeconds(throttledForMs, message.receives, effects.random(), LONGEST_KILL_BACKOFF);
    return this.#hide(message, seconds, of);
  }

  /**
   * Sends a kill to the kill queue, delayed by what remains of a throttle. Returns the message's
   * id; undefined when that failed.
   */
  async handOver(body: string, of: Sent): Promise<string | undefined> {
    const { config, throttle } = this.#parts;
    if (config.KILL_QUEUE_URL === undefined) return undefined;
    const delaySeconds = Math.min(Math.ceil(throttle.remainingMs() / 1000), LONGEST_DELAY);
    const endsAt = of.endsAt - this.#remainingMs(of.endsAt) / 2; // keeps time for a dead letter
    return this.send(config.KILL_QUEUE_URL, body, { ...of, endsAt }, delaySeconds);
  }

  /** Sends a request to a queue. Returns the message's id; undefined when that failed. */
  async send(queueUrl: string, body: string, of: Sent, delaySeconds = 0): Promise<string | undefined> {
    const { onBehalfOf, requestId, endsAt } = of;
    const attributes = onBehalfOf === undefined ? {} : { onBehalfOf };
    try {
      return await this.#queues.send(queueUrl, { body, attributes, delaySeconds }, this.#signal(endsAt));
    } catch (error) {
      this.#parts.telemetry.error('could not send the request to its queue', error, { requestId });
      return undefined;
    }
  }

  async #hide({ queueUrl, receiptHandle }: QueueMessage, seconds: number, { requestId, endsAt }: Of) {
    const { telemetry, effects } = this.#parts;
    try {
      await this.#queues.setVisibility(queueUrl, receiptHandle, seconds, this.#signal(endsAt));
      return effects.now() + seconds * 1000;
    } catch (error) {
      telemetry.error('could not change the visibility of a message', error, { requestId });
      return undefined;
    }
  }

  /** Returns a signal that aborts when only the time to answer is left. */
  #signal(endsAt: number): AbortSignal {
    return AbortSignal.timeout(Math.max(1, Math.floor(this.#remainingMs(endsAt))));
  }

  #remainingMs(endsAt: number): number {
    return endsAt - ANSWER_MS - this.#parts.effects.monotonic();
  }
}
