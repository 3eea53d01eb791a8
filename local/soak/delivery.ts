import type { SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import { unsettledRecords } from '../queue/batch-response.ts';
import type { Environments } from './environments.ts';
import type { Ledger } from './ledger.ts';

/**
 * Hands batches to the processes, and loses the answers that the plan wants lost: the handler has settled the message,
 * and the queue, not told of it, delivers it again.
 */
export class Delivery {
  readonly #environments: Environments;
  readonly #ledger: Ledger;
  readonly #lost = new Set<string>();

  constructor(environments: Environments, ledger: Ledger) {
    this.#environments = environments;
    this.#ledger = ledger;
  }

  /** Answers of settled messages that were lost. */
  get lost(): number {
    return this.#lost.size;
  }

  /** Delivers one batch, and writes down of each message whether its answer was heard. */
  async deliver(event: SQSEvent): Promise<SQSBatchResponse> {
    const { Records: records } = event;
    for (const { messageId } of records) this.#ledger.seen.add(messageId);
    let environment = '';
    try {
      const answer = await this.#environments.invoke(event, (name) => {
        environment = name;
      });
      const unsettled = unsettledRecords(answer, records);
      const lost = this.#lose(records.filter((record) => !unsettled.includes(record)));
      this.#ledger.noteDeliveries(records, environment, (id) => !lost.includes(id));
      const failed = [...unsettled.map(({ messageId }) => messageId), ...lost];
      return { batchItemFailures: failed.map((itemIdentifier) => ({ itemIdentifier })) };
    } catch (error) {
      this.#ledger.noteDeliveries(records, environment, () => false);
      throw error;
    }
  }

  #lose(settled: readonly SQSRecord[]): string[] {
    return settled.flatMap(({ messageId }) => {
      const message = this.#ledger.readyMessage(messageId);
      if (!message?.answerIsLost || this.#lost.has(messageId)) return [];
      this.#lost.add(messageId);
      message.afterLoss();
      return [messageId];
    });
  }
}
