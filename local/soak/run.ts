import { monitorEventLoopDelay } from 'node:perf_hooks';
import { startLocalStack } from '../stack.ts';
import { deliver } from './delivery.ts';
import { makePlan, type Plan, type PlanOptions } from './generator.ts';
import { type History, Records, readDeadLetters } from './history.ts';
import { KILL_ACCOUNT } from './messages.ts';
import { jump } from './nemesis.ts';
import { Processes, WEIGHT_LIMIT, World } from './processes.ts';
import { Workload } from './workload.ts';

interface SoakOptions extends PlanOptions {
  /** The number of batches of cancels at once, each in a process; half as many of kills. */
  readonly processes: number;
  /**
   * The receive that is the last. Default 3: with a backoff of 2 s × 2^receives a fourth would add
   * 16 s to a run.
   */
  readonly maxReceiveCount?: number;
  /** Called every five seconds, with the records so far. */
  readonly onProgress?: (records: Records) => void;
}

export interface SoakRun {
  readonly history: History;
  readonly plan: Plan;
  readonly ms: number;
}

/**
 * The exchange's clock jumps ahead once, after every process has read it and before the first
 * message. Later it only jumps back. A jump ahead makes orders look older than they are, so that
 * the newer bearer of a name could not be distinguished from the older one.
 */
const FIRST_JUMP_MS = 10_000;
const PROGRESS_MS = 5000;
/**
 * Seconds for which a message stays hidden when its handler dies: far longer than an invocation and
 * the start of the process that it waits for.
 */
const VISIBILITY_SECONDS = 20;

/**
 * Sends the generated messages through the queues to the built handler, under all planned events.
 */
export async function runSoak(options: SoakOptions): Promise<SoakRun> {
  const startedAt = Date.now();
  const { maxReceiveCount = 3, onProgress } = options;
  const plan = makePlan(options);
  const records = new Records();
  const onDefect = ({ message }: Error) => records.defects.push(message);
  const stack = await startLocalStack({
    exchange: { keys: [], weightLimit: WEIGHT_LIMIT, onDefect },
    queues: { maxReceiveCount, killMaxReceiveCount: maxReceiveCount, visibilitySeconds: VISIBILITY_SECONDS },
  });
  const progress = setInterval(() => onProgress?.(records), PROGRESS_MS);
  try {
    const history = await play(plan, options.processes, new World(stack, records));
    return { history, plan, ms: Date.now() - startedAt };
  } finally {
    clearInterval(progress);
    await stack.stop();
  }
}

async function play({ messages, events, crashes }: Plan, count: number, world: World): Promise<History> {
  const { stack, records } = world;
  const workload = new Workload(stack.exchange);
  const requests = workload.requestsOf(messages);
  const processes = new Processes(count, crashes, world);
  await processes.loaded();
  const lag = monitorEventLoopDelay();
  lag.enable();
  jump(world, FIRST_JUMP_MS);
  workload.startTrading();
  const left = await deliver(requests, events, processes, world).finally(() => processes.stop());
  lag.disable();
  const orders = [...stack.exchange.orders];
  return {
    ...records,
    deadLetters: await readDeadLetters(stack.queues.deadLetterQueueUrl),
    orders: new Map(orders.map(({ orderId, status }) => [orderId, status])),
    killBook: orders
      .filter(({ account }) => account === KILL_ACCOUNT)
      .map((order) => ({ ...order, placedAt: workload.placedAt.get(order.orderId) ?? 0 })),
    left,
    lagMs: lag.max / 1e6,
  };
}
