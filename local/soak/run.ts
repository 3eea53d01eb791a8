import { monitorEventLoopDelay } from 'node:perf_hooks';
import { type LocalStack, startLocalStack } from '../stack.ts';
import { collectHistory } from './collect.ts';
import { Delivery, deliverAll } from './delivery.ts';
import { makePlan, type Plan, type PlanOptions } from './generator.ts';
import { ProcessKeys, startHandlers } from './handlers.ts';
import { type History, Recorder } from './history.ts';
import { KILL_ACCOUNT, startTrading } from './kill-requests.ts';
import { Nemesis } from './nemesis.ts';
import type { Processes } from './processes.ts';
import { sendAll } from './sender.ts';
import { VISIBILITY_SECONDS, WEIGHT_LIMIT } from './settings.ts';
import { placeOrders } from './workload.ts';

export interface SoakOptions extends PlanOptions {
  /** The number of processes that cancel side by side; half as many kill. */
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
/** Kills that a process carries out side by side. */
const KILLS_AT_ONCE = 3;

/**
 * Sends the generated messages through the queue to the built handler, under all planned events.
 */
export async function runSoak(options: SoakOptions): Promise<SoakRun> {
  const startedAt = Date.now();
  const { maxReceiveCount = 3 } = options;
  const recorder = new Recorder();
  const onDefect = ({ message }: Error) => recorder.defects.push(message);
  const stack = await startLocalStack({
    exchange: { keys: [], weightLimit: WEIGHT_LIMIT, onDefect },
    queues: { maxReceiveCount, killMaxReceiveCount: maxReceiveCount, visibilitySeconds: VISIBILITY_SECONDS },
  });
  try {
    const run = await runPlan(stack, recorder, options);
    return { ...run, ms: Date.now() - startedAt };
  } finally {
    await stack.stop();
  }
}

async function runPlan(
  stack: LocalStack,
  recorder: Recorder,
  options: SoakOptions,
): Promise<Omit<SoakRun, 'ms'>> {
  const plan = makePlan(options);
  const keys = new ProcessKeys(stack.exchange, stack.secrets);
  const shared = { ...options, keys, recorder };
  const cancelers = startHandlers(stack, { ...shared, name: 'process', crashes: plan.crashes });
  const killers = startHandlers(stack, {
    ...shared,
    name: 'kill-process',
    account: KILL_ACCOUNT,
    processes: Math.ceil(options.processes / 2),
    crashes: plan.killCrashes,
  });
  const processes = [cancelers, killers];
  const requests = placeOrders(plan.messages, stack.exchange, recorder.placedAt);
  const delivery = new Delivery(recorder);
  const lag = monitorEventLoopDelay();
  lag.enable();
  const nemesis = new Nemesis(plan.events, stack, keys);
  await Promise.all(processes.map((pool) => pool.loaded()));
  nemesis.jump(FIRST_JUMP_MS);
  startTrading(stack.exchange, recorder.placedAt);
  const progress = setInterval(() => options.onProgress?.(progressOf(recorder, processes)), PROGRESS_MS);
  try {
    const { cancelQueueUrl: cancel, killQueueUrl: kill } = stack.queues;
    const routes = [
      { queueUrl: cancel, batchSize: 10, processes: cancelers },
      { queueUrl: kill, batchSize: KILLS_AT_ONCE, processes: killers },
    ];
    await deliverAll(routes, { delivery, recorder }, () =>
      sendAll(requests, { cancel, kill }, nemesis, recorder),
    );
  } finally {
    clearInterval(progress);
    lag.disable();
    await Promise.all(processes.map((pool) => pool.stop()));
  }
  return {
    history: await collectHistory(stack, { recorder, keys, nemesis, processes, lagMs: lag.max / 1e6 }),
    plan,
    crashed: crashedOf(processes),
    lostAnswers: delivery.lost,
    refusedDeadLetters: nemesis.refusedDeadLetters,
  };
}

function progressOf({ sent, removed, deliveries }: Recorder, processes: readonly Processes[]): Progress {
  return {
    sent: sent.length,
    removed: removed.size,
    deliveries: deliveries.length,
    crashed: crashedOf(processes),
  };
}

const crashedOf = (processes: readonly Processes[]) =>
  processes.reduce((sum, { crashed }) => sum + crashed, 0);
