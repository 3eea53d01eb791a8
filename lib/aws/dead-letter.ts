import { detailOf, type Settlement } from '../outcome.ts';
import type { OutgoingMessage, QueueClient } from './queues.ts';
import type { Telemetry } from './telemetry.ts';

/** A request that could not be settled, and what an operator needs to know about it. */
export interface DeadLetter {
  /** The queue message's body untouched, else the request as JSON: moved back to the queue, it runs again. */
  readonly body: string;
  readonly settlement: Settlement;
  readonly trigger: string;
  readonly requestId: string;
  readonly symbol: string | undefined;
  /** Milliseconds since the epoch. */
  readonly failedAt: number;
}

const MAX_DETAIL = 1000;

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

  /** Returns the dead letter's message id; undefined, with an error in the log, when it could not be written before `signal`. */
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

/** Returns the dead letter as a queue message. Its attributes are of type String; one without a value is left out. */
export function toMessage({ body, settlement, ...rest }: DeadLetter): OutgoingMessage {
  const { outcome, attempts } = settlement;
  const code = 'reason' in outcome ? outcome.reason.code : undefined;
  const attributes = {
    outcome: outcome.kind,
    code: String(code ?? ''),
    detail: detailOf(outcome),
    trigger: rest.trigger,
    requestId: rest.requestId,
    attempts: String(attempts),
    symbol: rest.symbol ?? '',
    failedAt: new Date(rest.failedAt).toISOString(),
  };
  const entries = Object.entries(attributes).map(([name, value]) => [name, allowed(value)] as const);
  return { body, attributes: Object.fromEntries(entries.filter(([, value]) => value !== '')) };
}

/** SQS takes neither empty values nor characters that XML does not allow. */
const allowed = (value: string) =>
  value
    .toWellFormed()
    .slice(0, MAX_DETAIL)
    .toWellFormed()
    .replace(/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, '?');
