import { setTimeout as sleep } from 'node:timers/promises';
import { errorAnswer } from '../exchange/answers.ts';
import { tooManyAnswer } from '../exchange/limits.ts';
import type { ReceivedCall } from '../exchange.ts';
import { refuseDeadLetters } from '../queues.ts';
import type { EventKind, Plan } from './generator.ts';
import type { RefusedCall } from './history.ts';
import type { World } from './processes.ts';

type PlannedEvent = Plan['events'][number];

/** Every process notices this jump: the exchange refuses a timestamp more than a second ahead. */
const JUMP_BACK_MS = -2900;
/** Time for each busy process to read the clock again. */
const AFTER_JUMP_MS = 500;
/** Time until the last process calls again, since `Retry-After` is in whole seconds. */
const AFTER_BAN_MS = 1500;
/**
 * A process whose key is refused reads its secret again, but at most every 10 s. Its last read can
 * be well after the rotation, when a ban or a backoff kept it from calling.
 */
const BETWEEN_ROTATIONS_MS = 16_000;
const NO_CALLS_MS = 5000;
const LOCKED_CALLS = 10;

/** Causes the planned events, one at a time. */
export class Nemesis {
  readonly #toCome: PlannedEvent[];
  readonly #world: World;
  readonly #play: Readonly<Record<EventKind, (event: PlannedEvent) => Promise<unknown>>> = {
    'throttle and ban': ({ seconds }) => this.#throttleAndBan(seconds * 1000),
    'clock jump': () => this.#jumpBack(),
    'key rotation': () => this.#rotate(),
    'keys locked': async () => this.#lockKeys(),
    'dead letters refused': ({ seconds }) => this.#refuseDeadLetters(seconds * 1000),
    'behaviour change': async ({ behaviour }) =>
      Object.assign(this.#world.stack.exchange.behaviour, behaviour),
  };
  #current: Promise<unknown> = Promise.resolve();
  /** Time at which the exchange last gave processes a reason to read their secrets. */
  #keysRefusedAt = Number.NEGATIVE_INFINITY;

  constructor(events: readonly PlannedEvent[], world: World) {
    this.#toCome = [...events];
    this.#world = world;
  }

  /** Moves the exchange's clock by that much. */
  jump(ms: number): void {
    const { stack, records } = this.#world;
    stack.exchange.clockSkewMs += ms;
    records.skews.push({ from: Date.now(), skewMs: stack.exchange.clockSkewMs });
  }

  /** Begins the events that are due before the message of this index. Resolves when they have begun. */
  async beginDue(index: number): Promise<void> {
    for (let [next] = this.#toCome; next !== undefined && next.after <= index; [next] = this.#toCome) {
      await this.#current;
      this.#toCome.shift();
      this.#current = this.#play[next.kind](next);
    }
  }

  async over(): Promise<void> {
    await this.#current;
  }

  /** Answers one call with 429, and the calls during its `Retry-After` with 418. */
  async #throttleAndBan(ms: number): Promise<void> {
    const { stack, records } = this.#world;
    const { exchange } = stack;
    const firstCall = exchange.calls.length;
    const skewMs = exchange.clockSkewMs;
    const { promise: begun, resolve: begin } = Promise.withResolvers<number>();
    const answer = (_now: number, weightLimit: number) => {
      begin(Date.now());
      return tooManyAnswer(weightLimit, ms);
    };
    exchange.script({ banSeconds: ms / 1000, answer });
    const beganAt = await Promise.race([begun, sleep(NO_CALLS_MS)]);
    await sleep(ms + AFTER_BAN_MS);
    if (beganAt === undefined) return;
    const refused = exchange.calls
      .slice(firstCall)
      .filter(({ madeWhile, status }) => madeWhile === 'banned' || status === 429);
    records.bans.push({
      environments: records.lifetimes.filter((one) => one.beganAt < beganAt + ms && one.endedAt > beganAt)
        .length,
      calls: refused.map((call) => refusedCall(call, skewMs)),
    });
  }

  async #jumpBack(): Promise<void> {
    // Otherwise a ban that is over would begin again by the exchange's clock.
    this.#world.stack.exchange.ban(JUMP_BACK_MS / 1000);
    this.jump(JUMP_BACK_MS);
    await sleep(AFTER_JUMP_MS);
  }

  async #rotate(): Promise<void> {
    await sleep(Math.max(0, this.#keysRefusedAt + BETWEEN_ROTATIONS_MS - Date.now()));
    this.#world.keys.rotate();
    this.#keysRefusedAt = Date.now();
  }

  /** Answers the next calls with -2017, whatever they are. No other key helps. */
  #lockKeys(): void {
    const lock = { from: Date.now(), until: Date.now() };
    this.#world.records.locks.push(lock);
    const answer = () => {
      lock.until = Date.now();
      this.#keysRefusedAt = lock.until;
      return errorAnswer(401, -2017, 'API Keys are locked on this account.');
    };
    this.#world.stack.exchange.script({ answer }, { times: LOCKED_CALLS });
  }

  async #refuseDeadLetters(ms: number): Promise<void> {
    const { stack, records } = this.#world;
    stack.queues.fault = (action, body) => {
      const refusal = refuseDeadLetters(action, body);
      if (refusal !== undefined) records.refusedDeadLetters += 1;
      return refusal;
    };
    await sleep(ms);
    stack.queues.fault = undefined;
  }
}

/** Takes the earlier of timestamp and arrival, since the caller's idea of the clock can be ahead. */
function refusedCall({ headers, rawQuery, at }: ReceivedCall, skewMs: number): RefusedCall {
  const timestamp = new URLSearchParams(rawQuery).get('timestamp');
  const [environment] = headers['x-mbx-apikey']?.toString().split('/') ?? [];
  return {
    environment,
    signedAt: Math.min(at, Number(timestamp ?? at)) - skewMs,
    arrivedAt: at - skewMs,
  };
}
