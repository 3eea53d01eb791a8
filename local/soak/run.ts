import { type LocalStack, startLocalStack } from '../stack.ts';
import type { Books } from './books.ts';
import { closeBooks } from './closing.ts';
import { deliverAll } from './deliver-all.ts';
import { Delivery } from './delivery.ts';
import type { Environments } from './environments.ts';
import { Events } from './events.ts';
import { startHandlers } from './handlers.ts';
import { KeyDesk } from './key-desk.ts';
import { Ledger } from './ledger.ts';
import { placeOrders } from './orders.ts';
import { makePlan, type Plan, type PlanOptions } from './plan.ts';
import { sendAll } from './sender.ts';
import { VISIBILITY_SECONDS, WEIGHT_LIMIT } from './setup.ts';

export interface SoakOptions extends PlanOptions {
  /** How many processes run the handler, side by side. */
  readonly processes: number;
  /** The receive that is the last. Default 3: with the back-off of 2 s × 2^receives a fourth adds up to 16 s to a run. */
  readonly maxReceiveCount?: number;
  /** Called every half second. */
  readonly onProgress?: (progress: Progress) => void;
  /** Default: the built queue handler. */
  readonly bundle?: URL;
}

/** How far a run has come. */
export interface Progress {
  readonly sent: number;
  readonly removed: number;
  readonly deliveries: number;
  readonly killed: number;
}

/** What a run leaves behind. */
export interface SoakRun {
  readonly books: Books;
  readonly ms: number;
  readonly plan: Plan;
  /** Processes killed in mid-batch. */
  readonly killed: number;
  /** Answers that were kept from the queue. */
  readonly lostAnswers: number;
  readonly refusedDeadLetters: number;
}

/**
 * The exchange's clock jumps ahead once, after every process has read it and before the first message. Later it jumps
 * back only: a jump ahead makes orders look older than they are, and with them the newer bearer of a name, which nobody
 * could then tell from the one that a message means.
 */
const FIRST_JUMP_MS = 10_000;
const PROGRESS_MS = 500;

/** Sends the planned messages through the queue to the built handler, with everything that the plan has go wrong. */
export async function runSoak(options: SoakOptions): Promise<SoakRun> {
  const startedAt = Date.now();
  const stack = await startLocalStack({
    exchange: { keys: [], weightLimit: WEIGHT_LIMIT },
    queues: { maxReceiveCount: options.maxReceiveCount ?? 3, visibilitySeconds: VISIBILITY_SECONDS },
  });
  try {
    const run = await play(stack, options);
    return { ...run, ms: Date.now() - startedAt };
  } finally {
    await stack.stop();
  }
}

async function play(stack: LocalStack, options: SoakOptions): Promise<Omit<SoakRun, 'ms'>> {
  const plan = makePlan(options);
  const ledger = new Ledger();
  const keys = new KeyDesk(stack.exchange, stack.secrets);
  const environments = startHandlers(stack, { keys, ledger, ...options, kills: plan.kills });
  const messages = placeOrders(plan.messages, stack.exchange);
  const delivery = new Delivery(environments, ledger);
  const events = new Events(plan.events, stack, keys);
  await environments.loaded();
  stack.exchange.clockSkewMs = FIRST_JUMP_MS;
  const progress = setInterval(() => options.onProgress?.(progressOf(ledger, environments)), PROGRESS_MS);
  try {
    const { cancelQueueUrl } = stack.queues;
    await deliverAll({ queueUrl: cancelQueueUrl, concurrency: options.processes, delivery, ledger }, () =>
      sendAll(messages, cancelQueueUrl, events, ledger),
    );
  } finally {
    clearInterval(progress);
    await environments.stop();
  }
  return {
    books: await closeBooks(stack, { ledger, keys, bans: events.bans, environments }),
    plan,
    killed: environments.killed,
    lostAnswers: delivery.lost,
    refusedDeadLetters: events.refusedDeadLetters,
  };
}

function progressOf({ sent, removed, deliveries }: Ledger, { killed }: Environments): Progress {
  return { sent: sent.length, removed: removed.size, deliveries: deliveries.length, killed };
}
