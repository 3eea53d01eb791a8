import { monitorEventLoopDelay } from 'node:perf_hooks';
import { holdDeadLetters } from '../../tools/dead-letters/reader.ts';
import { queueClient } from '../../tools/queue-client.ts';
import type { ReceivedCall } from '../exchange.ts';
import { type LocalStack, startLocalStack } from '../stack.ts';
import { Delivery } from './delivery.ts';
import { makePlan, type Plan, type PlanOptions } from './generator.ts';
import { type Ban, type DeadLetter, type History, Recorder, type RefusedCall } from './history.ts';
import { Nemesis, type PlayedBan } from './nemesis.ts';
import { Processes, ProcessKeys, WEIGHT_LIMIT } from './processes.ts';
import { KILL_ACCOUNT, Workload } from './workload.ts';

export interface SoakOptions extends PlanOptions {
  /** The number of processes that cancel side by side; half as many kill. */
  readonly processes: number;
  /**
   * The receive that is the last. Default 3: with a backoff of 2 s × 2^receives a fourth would add
   * 16 s to a run.
   */
  readonly maxReceiveCount?: number;
  /** Called every five seconds, with the records so far and the number of processes crashed. */
  readonly onProgress?: (records: Recorder, crashed: number) => void;
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
const PROGRESS_MS = 5000;
/**
 * Seconds for which a message stays hidden when its handler dies: far longer than an invocation and
 * the start of the process that it waits for.
 */
const VISIBILITY_SECONDS = 20;

/** Sends the generated messages through the queues to the built handler, under all planned events. */
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
    const parts = partsOf(stack, recorder, options);
    const { plan, delivery, nemesis } = parts;
    const { left, lagMs } = await play(parts, options.onProgress);
    return {
      history: { ...(await historyOf(parts)), left, lagMs },
      ms: Date.now() - startedAt,
      plan,
      crashed: crashedIn(parts),
      lostAnswers: delivery.lost,
      refusedDeadLetters: nemesis.refusedDeadLetters,
    };
  } finally {
    await stack.stop();
  }
}

type Parts = ReturnType<typeof partsOf>;

function partsOf(stack: LocalStack, recorder: Recorder, options: SoakOptions) {
  const plan = makePlan(options);
  const { processes: count } = options;
  const keys = new ProcessKeys(stack);
  const shared = { keys, recorder };
  return {
    stack,
    recorder,
    plan,
    keys,
    cancelers: new Processes(stack, { ...shared, name: 'process', count, crashes: plan.crashes }),
    killers: new Processes(stack, {
      ...shared,
      name: 'kill-process',
      count: Math.ceil(count / 2),
      account: KILL_ACCOUNT,
      crashes: plan.killCrashes,
    }),
    workload: new Workload(stack.exchange),
    delivery: new Delivery(stack.queues, recorder),
    nemesis: new Nemesis(plan.events, stack, keys),
  };
}

const crashedIn = ({ cancelers, killers }: Parts) => cancelers.crashed + killers.crashed;

async function play(parts: Parts, onProgress: SoakOptions['onProgress']) {
  const { plan, recorder, cancelers, killers, workload, delivery, nemesis } = parts;
  const requests = workload.requestsOf(plan.messages);
  const lag = monitorEventLoopDelay();
  lag.enable();
  await Promise.all([cancelers.loaded(), killers.loaded()]);
  nemesis.jump(FIRST_JUMP_MS);
  workload.startTrading();
  const progress = setInterval(() => onProgress?.(recorder, crashedIn(parts)), PROGRESS_MS);
  try {
    const left = await delivery.run(requests, nemesis, cancelers, killers);
    return { left, lagMs: lag.max / 1e6 };
  } finally {
    clearInterval(progress);
    lag.disable();
    await Promise.all([cancelers.stop(), killers.stop()]);
  }
}

/** Returns the history from the records, the exchange's book and the queues. */
async function historyOf(parts: Parts): Promise<Omit<History, 'left' | 'lagMs'>> {
  const { stack, recorder, cancelers, killers, workload, nemesis } = parts;
  const { bans, skews, locks } = nemesis;
  const orders = [...stack.exchange.orders];
  return {
    ...recorder,
    deadLetters: await readDeadLetters(stack.queues.deadLetterQueueUrl),
    orders: new Map(orders.map(({ orderId, status }) => [orderId, status])),
    killBook: orders
      .filter(({ account }) => account === KILL_ACCOUNT)
      .map((order) => ({ ...order, placedAt: workload.placedAt.get(order.orderId) ?? 0 })),
    skews,
    bans: bans.map((ban, index) => banWithCalls(ban, bans[index + 1], parts)),
    locks,
    failures: [...cancelers.failures, ...killers.failures],
  };
}

/**
 * A handler's dead letter is a new message with the original's id as attribute; the redrive policy
 * moves the original.
 */
async function readDeadLetters(queueUrl: string): Promise<DeadLetter[]> {
  const client = queueClient(queueUrl);
  try {
    return await holdDeadLetters(client, { queueUrl }, async (letters) =>
      letters.map(({ messageId, attributes: { requestId = messageId, outcome, failedAt }, body }) => ({
        messageId: requestId,
        outcome,
        failedAt,
        body,
      })),
    );
  } finally {
    client.destroy();
  }
}

function banWithCalls(
  { firstCall, beganAt: began, endedAt: ended, skewMs }: PlayedBan,
  next: PlayedBan | undefined,
  { stack, keys, cancelers, killers }: Parts,
): Ban {
  const lifetimes = [...cancelers.lifetimes, ...killers.lifetimes];
  const calls = stack.exchange.calls
    .slice(firstCall, next?.firstCall)
    .filter(({ madeWhile, status }) => madeWhile === 'banned' || status === 429);
  return {
    environments: lifetimes.filter(({ beganAt, endedAt }) => beganAt < ended && endedAt > began).length,
    calls: calls.map((call) => refusedCall(call, skewMs, keys)),
  };
}

/** Takes the earlier of timestamp and arrival, since the caller's idea of the clock can be ahead. */
function refusedCall(
  { headers, rawQuery, at }: ReceivedCall,
  skewMs: number,
  keys: ProcessKeys,
): RefusedCall {
  const timestamp = new URLSearchParams(rawQuery).get('timestamp');
  const apiKey = headers['x-mbx-apikey'];
  return {
    environment: typeof apiKey === 'string' ? keys.ownerOf(apiKey) : undefined,
    signedAt: Math.min(at, Number(timestamp ?? at)) - skewMs,
    arrivedAt: at - skewMs,
  };
}
