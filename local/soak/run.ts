import { type LocalStack, startLocalStack } from '../stack.ts';
import { collectHistory } from './collect.ts';
import { Delivery, deliverAll } from './delivery.ts';
import { makePlan, type Plan, type PlanOptions } from './generator.ts';
import { ProcessKeys, startHandlers } from './handlers.ts';
import { type History, Recorder } from './history.ts';
import { Nemesis } from './nemesis.ts';
import type { Processes } from './processes.ts';
import { sendAll } from './sender.ts';
import { VISIBILITY_SECONDS, WEIGHT_LIMIT } from './settings.ts';
import { placeOrders } from './workload.ts';

export interface SoakOptions extends PlanOptions {
  /** The number of processes that run the handler side by side. */
  readonly processes: number;
  /**
   * The receive that is the last. Default 3: with a backoff of 2 s × 2^receives a fourth would add
   * 16 s to a run.
   */
  readonly maxReceiveCount?: number;
  /** Called every half second. */
  readonly onProgress?: (progress: Progress) => void;
  /** Default: the built queue handler. */
  readonly bundle?: URL;
}

export interface Progress {
  readonly sent: number;
  readonly removed: number;
  readonly deliveries: number;
  readonly crashed: number;
}

export interface SoakRun {
  readonly history: History;
  readonly ms: number;
  readonly plan: Plan;
  readonly crashed: number;
  readonly lostAnswers: number;
  readonly refusedDeadLetters: number;
}

/**
 * The exchange's clock jumps ahead once, after every process has read it and before the first
 * message. Later it only jumps back. A jump ahead makes orders look older than they are, so that
 * the newer bearer of a name could not be distinguished from the older one.
 */
const FIRST_JUMP_MS = 10_000;
const PROGRESS_MS = 500;

/**
 * Sends the generated messages through the queue to the built handler, under all planned events.
 */
export async function runSoak(options: SoakOptions): Promise<SoakRun> {
  const startedAt = Date.now();
  const stack = await startLocalStack({
    exchange: { keys: [], weightLimit: WEIGHT_LIMIT },
    queues: { maxReceiveCount: options.maxReceiveCount ?? 3, visibilitySeconds: VISIBILITY_SECONDS },
  });
  try {
    const run = await runPlan(stack, options);
    return { ...run, ms: Date.now() - startedAt };
  } finally {
    await stack.stop();
  }
}

async function runPlan(stack: LocalStack, options: SoakOptions): Promise<Omit<SoakRun, 'ms'>> {
  const plan = makePlan(options);
  const recorder = new Recorder();
  const keys = new ProcessKeys(stack.exchange, stack.secrets);
  const processes = startHandlers(stack, { keys, recorder, ...options, crashes: plan.crashes });
  const requests = placeOrders(plan.messages, stack.exchange);
  const delivery = new Delivery(processes, recorder);
  const nemesis = new Nemesis(plan.events, stack, keys);
  await processes.loaded();
  stack.exchange.clockSkewMs = FIRST_JUMP_MS;
  const progress = setInterval(() => options.onProgress?.(progressOf(recorder, processes)), PROGRESS_MS);
  try {
    const queueUrl = stack.queues.cancelQueueUrl;
    const route = { queueUrl, concurrency: options.processes, delivery, recorder };
    await deliverAll(route, () => sendAll(requests, queueUrl, nemesis, recorder));
  } finally {
    clearInterval(progress);
    await processes.stop();
  }
  return {
    history: await collectHistory(stack, { recorder, keys, bans: nemesis.bans, processes }),
    plan,
    crashed: processes.crashed,
    lostAnswers: delivery.lost,
    refusedDeadLetters: nemesis.refusedDeadLetters,
  };
}

function progressOf({ sent, removed, deliveries }: Recorder, { crashed }: Processes): Progress {
  return { sent: sent.length, removed: removed.size, deliveries: deliveries.length, crashed };
}
