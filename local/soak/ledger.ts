import type { SQSRecord } from 'aws-lambda';
import type { Claim, Delivery, SentMessage } from './books.ts';
import type { ReadyMessage } from './ready-message.ts';

/** What is written down while a run goes on, for the books and for the progress line. */
export class Ledger {
  readonly sent: SentMessage[] = [];
  readonly deliveries: Delivery[] = [];
  readonly claims: Claim[] = [];
  readonly removed = new Set<string>();
  readonly strangeOutput: string[] = [];
  /** Messages delivered at least once. */
  readonly seen = new Set<string>();
  /** When a message last left the queue, in ms since the epoch. */
  lastRemovalAt = Date.now();
  readonly #ready = new Map<string, ReadyMessage>();

  noteSent(messageId: string, ready: ReadyMessage): void {
    this.sent.push({ messageId, body: ready.body, intent: ready.intent });
    this.#ready.set(messageId, ready);
  }

  noteRemoved({ messageId }: SQSRecord): void {
    this.removed.add(messageId);
    this.lastRemovalAt = Date.now();
  }

  noteDeliveries(records: readonly SQSRecord[], environment: string, isHeard: (id: string) => boolean): void {
    for (const { messageId } of records) {
      this.deliveries.push({ messageId, environment, heard: isHeard(messageId) });
    }
  }

  readyMessage(messageId: string): ReadyMessage | undefined {
    return this.#ready.get(messageId);
  }
}
