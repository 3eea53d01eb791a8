import { setTimeout as sleep } from 'node:timers/promises';
import { startEventSource } from '../event-source.ts';
import { queueClient } from '../queue/client.ts';
import { messagesLeft } from './closing.ts';
import type { Delivery } from './delivery.ts';
import type { Ledger } from './ledger.ts';

const LOOK_AGAIN_MS = 100;
/** Longer than any message stays hidden: when nothing has left the queue for so long, nothing more will. */
const STUCK_MS = 45_000;

/** Where messages come from and go to. */
export interface Route {
  readonly queueUrl: string;
  readonly concurrency: number;
  readonly delivery: Delivery;
  readonly ledger: Ledger;
}

/** Delivers while `send` sends, and after it until the queue is empty, or nothing leaves it any more. */
export async function deliverAll(
  { queueUrl, concurrency, delivery, ledger }: Route,
  send: () => Promise<void>,
): Promise<void> {
  const client = queueClient(queueUrl);
  const source = await startEventSource({
    queueUrl,
    concurrency,
    invoke: (event) => delivery.deliver(event),
    onSettled: (record) => ledger.noteRemoved(record),
  });
  try {
    await send();
    const isStuck = () => Date.now() - ledger.lastRemovalAt > STUCK_MS;
    while ((await messagesLeft(client, queueUrl)) > 0 && !isStuck()) await sleep(LOOK_AGAIN_MS);
  } finally {
    await source.stop();
    client.destroy();
  }
}
