import { setTimeout as sleep } from 'node:timers/promises';
import { errorAnswer } from '../exchange/answers.ts';
import { tooManyAnswer } from '../exchange/limits.ts';
import type { ReceivedCall } from '../exchange.ts';
import { refuseDeadLetters } from '../queues.ts';
import type { EventKind, Plan } from './generator.ts';
import type { Ban } from './history.ts';
import type { World } from './processes.ts';

type PlannedEvent = Plan['events'][number];
type Play = (world: World, event: PlannedEvent) => Promise<unknown>;

/** Every process notices this jump: the exchange refuses a timestamp more than a second ahead. */
const JUMP_BACK_MS = -2900;
/** Time for each busy process to read the clock again. */
const AFTER_JUMP_MS = 500;
/** Time until the last process calls again, since `Retry-After` is in whole seconds. */
const AFTER_BAN_MS = 1500;
/** A process whose key is refused reads its secret again, but at most every 10 s. */
const BETWEEN_REFUSALS_MS = 12_000;
const REFUSALS_POLL_MS = 500;
const NO_CALLS_MS = 5000;
const LOCKED_CALLS = 10;

/** Causes the events. Each resolves when the next may begin. */
export const nemesis: Readonly<Record<EventKind, Play>> = {
  'throttle and ban': throttleAndBan,
  'clock jump': jumpBack,
  'key rotation': rotate,
  'keys locked': lockKeys,
  'dead letters refused': refuseLetters,
  'behaviour change': async ({ stack }, { behaviour }) => Object.assign(stack.exchange.behaviour, behaviour),
};

/** Moves the exchange's clock by that much. */
export function jump({ stack: { exchange }, records }: World, ms: number): void {
  exchange.clockSkewMs += ms;
  records.skews.push({ from: Date.now(), skewMs: exchange.clockSkewMs });
}

/** Answers one call with 429, and the calls during its `Retry-After` with 418. */
async function throttleAndBan({ stack: { exchange }, records }: World, { seconds }: PlannedEvent) {
  const { length: firstCall } = exchange.calls;
  const { promise: begun, resolve: begin } = Promise.withResolvers<number>();
  const answer = (_now: number, weightLimit: number) => {
    begin(Date.now());
    return tooManyAnswer(weightLimit, seconds * 1000);
  };
  exchange.script({ banSeconds: seconds, answer });
  const lastsMs = seconds * 1000 + AFTER_BAN_MS;
  const recorded = begun.then(async (beganAt) => {
    await sleep(lastsMs);
    const endedAt = beganAt + seconds * 1000;
    const environments =
      records.starts.filter((at) => at < endedAt).length -
      records.deaths.filter((at) => at <= beganAt).length;
    const calls = exchange.calls
      .slice(firstCall)
      .filter(({ madeWhile, status }) => madeWhile === 'banned' || status === 429)
      .map((call) => refusedCall(call, exchange.clockSkewMs));
    records.bans.push({ environments, calls });
  });
  // A ban that begins later is recorded while the run goes on.
  await Promise.race([recorded, sleep(NO_CALLS_MS + lastsMs)]);
}

/**
 * Takes the earlier of timestamp and arrival, since the caller's idea of the clock can be ahead.
 */
function refusedCall({ headers, rawQuery, at }: ReceivedCall, skewMs: number): Ban['calls'][number] {
  const timestamp = new URLSearchParams(rawQuery).get('timestamp');
  const [environment] = headers['x-mbx-apikey']?.toString().split('_') ?? [];
  const signedAt = Math.min(at, Number(timestamp ?? at)) - skewMs;
  return { environment, signedAt, arrivedAt: at - skewMs };
}

async function jumpBack(world: World): Promise<void> {
  // Otherwise a ban that is over would begin again by the exchange's clock.
  world.stack.exchange.ban(JUMP_BACK_MS / 1000);
  jump(world, JUMP_BACK_MS);
  await sleep(AFTER_JUMP_MS);
}

/** Waits until no process has read a secret again of late: some do so long after a rotation. */
async function rotate(world: World): Promise<void> {
  const { exchange } = world.stack;
  const lastRefusal = () => exchange.calls.findLast(({ status }) => status === 401)?.at ?? 0;
  const now = () => Date.now() + exchange.clockSkewMs;
  while (now() < lastRefusal() + BETWEEN_REFUSALS_MS) await sleep(REFUSALS_POLL_MS);
  world.rotateKeys();
}

/** Answers the next calls with -2017, whatever they are. No other key helps. */
async function lockKeys({ stack, records }: World): Promise<void> {
  const lock = { from: Date.now(), until: Date.now() };
  records.locks.push(lock);
  const answer = () => {
    lock.until = Date.now();
    return errorAnswer(401, -2017, 'API Keys are locked on this account.');
  };
  stack.exchange.script({ answer }, { times: LOCKED_CALLS });
}

async function refuseLetters({ stack: { queues }, records }: World, { seconds }: PlannedEvent) {
  queues.fault = (action, body) => {
    const refusal = refuseDeadLetters(action, body);
    if (refusal !== undefined) records.refusedDeadLetters += 1;
    return refusal;
  };
  await sleep(seconds * 1000);
  queues.fault = undefined;
}
