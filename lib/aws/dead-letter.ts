import type { OutgoingMessage, QueueClient } from './queues.ts';
import type { Telemetry } from './telemetry.ts';

/** A request that could not be settled, and what an operator needs to know about it. */
export interface DeadLetter {
  /**
   * The queue message's body untouched, else the request as JSON: moved back to the queue, it runs
   * again.
   */
  readonly body: string;
  readonly outcome: string;
  readonly code: number | undefined;
  readonly detail: string;
  /** Cancel calls sent to the exchange. */
  readonly attempts: number;
  readonly orderId: string | undefined;
  readonly trigger: string;
  readonly requestId: string;
  /** The moment at which the cancel was wanted, in milliseconds since the epoch. */
  readonly askedAt: number | undefined;
  /** The sender: an IAM ARN, an SQS sender id or a schedule's ARN. */
  readonly caller: string | undefined;
  /** Milliseconds since the epoch. */
  readonly failedAt: number;
}

const MAX_DETAIL = 1000;
/** SQS takes a body and attributes of 1 MiB together. */
const MAX_BYTES = 1024 * 1024;

/** Writes dead letters to their queue. */
export class DeadLetters {
  readonly #queueUrl: string;
  readonly #queues: QueueClient;
  readonly #telemetry: Telemetry;

  constructor(queueUrl: string, queues: QueueClient, telemetry: Telemetry) {
    this.#queueUrl = queueUrl;
    this.#queues = queues;
    this.#telemetry = telemetry;
  }

  /**
   * Returns the dead letter's message id; undefined, with an error in the log, when it could not be
   * written before `signal`.
   */
  async write(letter: DeadLetter, signal: AbortSignal): Promise<string | undefined> {
    try {
      const messageId = await this.#queues.send(this.#queueUrl, toMessage(letter), signal);
      this.#telemetry.deadLetterWritten();
      return messageId;
    } catch (error) {
      this.#telemetry.error('could not write the dead letter', error, { requestId: letter.requestId });
      return undefined;
    }
  }
}

/**
 * Returns the dead letter as a queue message. Its attributes are of type String; one without a
 * value is left out. If the message would be too large, `detail` goes first, then all attributes.
 * The body stays as it is.
 */
export function toMessage(letter: DeadLetter): OutgoingMessage {
  const { body } = letter;
  const attributes = attributesOf(letter);
  const { detail: _, ...withoutDetail } = attributes;
  const room = MAX_BYTES - Buffer.byteLength(body);
  const fitting = [attributes, withoutDetail].find((candidate) => sizeOf(candidate) <= room);
  return { body, attributes: fitting ?? {} };
}

function attributesOf(letter: DeadLetter): Readonly<Record<string, string>> {
  const values = {
    outcome: letter.outcome,
    code: letter.code ?? '',
    detail: letter.detail,
    trigger: letter.trigger,
    requestId: letter.requestId,
    attempts: letter.attempts,
    orderId: letter.orderId ?? '',
    askedAt: letter.askedAt === undefined ? '' : new Date(letter.askedAt).toISOString(),
    failedAt: new Date(letter.failedAt).toISOString(),
    caller: letter.caller ?? '',
  };
  const entries = Object.entries(values).map(([name, value]) => [name, allowed(String(value))] as const);
  return Object.fromEntries(entries.filter(([, value]) => value !== ''));
}

/** SQS counts name, type and value of each attribute. */
const sizeOf = (attributes: Readonly<Record<string, string>>) =>
  Object.entries(attributes).reduce(
    (sum, [name, value]) => sum + Buffer.byteLength(name) + 'String'.length + Buffer.byteLength(value),
    0,
  );

/** SQS takes neither empty values nor characters that XML does not allow. */
const allowed = (value: string) =>
  value
    .toWellFormed()
    .slice(0, MAX_DETAIL)
    .toWellFormed()
    .replace(/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, '?');
