import { setTimeout as sleep } from 'node:timers/promises';
import { tooManyAnswer } from '../exchange/limits.ts';
import { refuseDeadLetters } from '../queues.ts';
import type { LocalStack } from '../stack.ts';
import type { KeyDesk } from './key-desk.ts';
import type { EventKind, PlannedEvent } from './plan.ts';
import { WEIGHT_LIMIT } from './setup.ts';

/** A ban as it was played. */
export interface PlayedBan {
  /** Ms since the epoch. */
  readonly beganAt: number;
  readonly endedAt: number;
  /** The index, among the exchange's calls, of the first that it may concern. */
  readonly firstCall: number;
  /** How far the exchange's clock was ahead, in ms. */
  readonly skewMs: number;
}

/** A jump that every process notices: the exchange takes no timestamp more than a second ahead. */
const JUMP_BACK_MS = -2900;
/** Until each busy process has read the clock again. */
const AFTER_JUMP_MS = 500;
/** `Retry-After` is in whole seconds: until the last process calls again. */
const AFTER_BAN_MS = 1500;
/**
 * A process whose key was refused reads its secret again, but no sooner than 10 s after the last time: and that may have been
 * well after the rotation, where a ban or a back-off kept it from calling.
 */
const BETWEEN_ROTATIONS_MS = 16_000;
const NO_CALLS_MS = 5000;

/** Plays the events of a plan, one at a time. */
export class Events {
  readonly bans: PlayedBan[] = [];
  refusedDeadLetters = 0;
  readonly #toCome: PlannedEvent[];
  readonly #stack: LocalStack;
  readonly #keys: KeyDesk;
  readonly #play: Readonly<Record<EventKind, (ms: number) => Promise<unknown>>> = {
    'throttle and ban': (ms) => this.#throttleAndBan(ms),
    'clock jump': () => this.#jump(),
    'key rotation': () => this.#rotate(),
    'dead letters refused': (ms) => this.#refuseDeadLetters(ms),
  };
  #current: Promise<unknown> = Promise.resolve();
  #lastRotationAt = Number.NEGATIVE_INFINITY;

  constructor(events: readonly PlannedEvent[], stack: LocalStack, keys: KeyDesk) {
    this.#toCome = [...events];
    this.#stack = stack;
    this.#keys = keys;
  }

  /** To be called before the message of this index is sent: resolves when every event due by then has begun. */
  async due(index: number): Promise<void> {
    for (let [next] = this.#toCome; next !== undefined && next.after <= index; [next] = this.#toCome) {
      await this.#current;
      this.#toCome.shift();
      this.#current = this.#play[next.kind](next.seconds * 1000);
    }
  }

  /** Resolves when the last event that began is over. */
  async over(): Promise<void> {
    await this.#current;
  }

  /** One call is answered 429; whoever calls while its `Retry-After` runs is banned for the rest of it, and told so. */
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

  async #jump(): Promise<void> {
    const { exchange } = this.#stack;
    // By the exchange's own clock a ban that is over would come back.
    exchange.ban(JUMP_BACK_MS / 1000);
    exchange.clockSkewMs += JUMP_BACK_MS;
    await sleep(AFTER_JUMP_MS);
  }

  async #rotate(): Promise<void> {
    await sleep(Math.max(0, this.#lastRotationAt + BETWEEN_ROTATIONS_MS - Date.now()));
    this.#keys.rotate();
    this.#lastRotationAt = Date.now();
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
