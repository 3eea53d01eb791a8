import { setTimeout as sleep } from 'node:timers/promises';
import { errorAnswer } from '../exchange/answers.ts';
import { tooManyAnswer } from '../exchange/limits.ts';
import { refuseDeadLetters } from '../queues.ts';
import type { LocalStack } from '../stack.ts';
import type { EventKind, PlannedEvent } from './generator.ts';
import type { Skew } from './history.ts';
import { type ProcessKeys, WEIGHT_LIMIT } from './processes.ts';

export interface PlayedBan {
  /** In ms since the epoch. */
  readonly beganAt: number;
  readonly endedAt: number;
  /** Index, in the exchange's calls, of the first call that the ban can concern. */
  readonly firstCall: number;
  /** The exchange's `clockSkewMs` at that time. */
  readonly skewMs: number;
}

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
  readonly bans: PlayedBan[] = [];
  readonly locks: { from: number; until: number }[] = [];
  /** The exchange clock's skews, oldest first. */
  readonly skews: Skew[] = [];
  refusedDeadLetters = 0;
  readonly #toCome: PlannedEvent[];
  readonly #stack: LocalStack;
  readonly #keys: ProcessKeys;
  readonly #play: Readonly<Record<EventKind, (event: PlannedEvent) => Promise<unknown>>> = {
    'throttle and ban': ({ seconds }) => this.#throttleAndBan(seconds * 1000),
    'clock jump': () => this.#jumpBack(),
    'key rotation': () => this.#rotate(),
    'keys locked': async () => this.#lockKeys(),
    'dead letters refused': ({ seconds }) => this.#refuseDeadLetters(seconds * 1000),
    'behaviour change': async ({ behaviour }) => Object.assign(this.#stack.exchange.behaviour, behaviour),
  };
  #current: Promise<unknown> = Promise.resolve();
  /** Time at which the exchange last gave processes a reason to read their secrets. */
  #keysRefusedAt = Number.NEGATIVE_INFINITY;

  constructor(events: readonly PlannedEvent[], stack: LocalStack, keys: ProcessKeys) {
    this.#toCome = [...events];
    this.#stack = stack;
    this.#keys = keys;
  }

  /** Moves the exchange's clock by that much. */
  jump(ms: number): void {
    const { exchange } = this.#stack;
    exchange.clockSkewMs += ms;
    this.skews.push({ from: Date.now(), skewMs: exchange.clockSkewMs });
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
    const { exchange } = this.#stack;
    const firstCall = exchange.calls.length;
    const { promise: begun, resolve } = Promise.withResolvers<void>();
    exchange.script({
      banSeconds: ms / 1000,
      answer: () => {
        const beganAt = Date.now();
        this.bans.push({ beganAt, endedAt: beganAt + ms, firstCall, skewMs: exchange.clockSkewMs });
        resolve();
        return tooManyAnswer(WEIGHT_LIMIT, ms);
      },
    });
    await Promise.race([begun, sleep(NO_CALLS_MS, undefined, { ref: false })]);
    await sleep(ms + AFTER_BAN_MS);
  }

  async #jumpBack(): Promise<void> {
    // Otherwise a ban that is over would begin again by the exchange's clock.
    this.#stack.exchange.ban(JUMP_BACK_MS / 1000);
    this.jump(JUMP_BACK_MS);
    await sleep(AFTER_JUMP_MS);
  }

  async #rotate(): Promise<void> {
    await sleep(Math.max(0, this.#keysRefusedAt + BETWEEN_ROTATIONS_MS - Date.now()));
    this.#keys.rotate();
    this.#keysRefusedAt = Date.now();
  }

  /** Answers the next calls with -2017, whatever they are. No other key helps. */
  #lockKeys(): void {
    const lock = { from: Date.now(), until: Date.now() };
    this.locks.push(lock);
    const answer = () => {
      lock.until = Date.now();
      this.#keysRefusedAt = lock.until;
      return errorAnswer(401, -2017, 'API Keys are locked on this account.');
    };
    this.#stack.exchange.script({ answer }, { times: LOCKED_CALLS });
  }

  async #refuseDeadLetters(ms: number): Promise<void> {
    this.#stack.queues.fault = (action, body) => {
      const refusal = refuseDeadLetters(action, body);
      if (refusal !== undefined) this.refusedDeadLetters += 1;
      return refusal;
    };
    await sleep(ms);
    this.#stack.queues.fault = undefined;
  }
}
