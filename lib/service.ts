import type { KillRequest } from './cancel/kill-request.ts';
import type { ReadRequest } from './cancel/read-request.ts';
import type { CancelRequest } from './cancel/request.ts';
import { type Settled, settleCancel } from './cancels.ts';
import type { Config } from './config.ts';
import type { Trigger } from './consequence.ts';
import { type DrillJob, Drills } from './drills.ts';
import { type Effects, realEffects } from './effects.ts';
import { Environment } from './environment.ts';
import type { CancelJob, Job } from './job.ts';
import { type KillSettled, Kills } from './kills.ts';
import { cancelLater, killLater, type Later } from './later.ts';
import type { DrillResult } from './outcome.ts';
import { type READS, type Reading, read } from './reads.ts';

export type { Settled } from './cancels.ts';
export type { QueueMessage } from './delivery.ts';
export type { CancelJob, Job } from './job.ts';
export type { KillSettled } from './kills.ts';
export type { Later } from './later.ts';
export type { Reading, ReadProblem } from './reads.ts';

/** The service of one execution environment: all that handlers call. */
export class Service {
  readonly #environment: Environment;
  readonly #kills: Kills;
  readonly #drills: Drills;

  /** Starts to read the secret and the exchange's clock at once. */
  constructor(config: Config, trigger: Trigger, effects: Effects = realEffects) {
    this.#environment = new Environment(config, trigger, effects);
    this.#kills = new Kills(this.#environment);
    this.#drills = new Drills(this.#environment);
  }

  /** True if kills can be handed over to the kill queue. */
  get hasKillQueue(): boolean {
    return this.#environment.config.KILL_QUEUE_URL !== undefined;
  }

  /**
   * Cancels one order, carries out the consequence of the outcome and reports it. Never rejects.
   */
  settle(job: CancelJob): Promise<Settled> {
    return settleCancel(this.#environment, job);
  }

  /**
   * Cancels every open order of a scope, carries out the consequence of the outcome and reports it.
   * Never rejects.
   */
  kill(job: Job<KillRequest>): Promise<KillSettled> {
    return this.#kills.settle(job);
  }

  /** Puts a cancel on the cancel queue, from where it is carried out. Never rejects. */
  cancelLater(job: Job<CancelRequest>): Promise<Later> {
    return cancelLater(this.#environment, job);
  }

  /** Puts a kill on the kill queue, from where it is carried out. Never rejects. */
  killLater(job: Job<KillRequest>): Promise<Later> {
    return killLater(this.#environment, job);
  }

  /** Reads an order or the open orders for a caller. Never rejects. */
  read(what: keyof typeof READS, job: Pick<Job<ReadRequest>, 'parsed' | 'remainingMs'>): Promise<Reading> {
    return read(this.#environment, what, job);
  }

  /** Proves the way to the exchange without touching an order. Takes 5 s at most. Never rejects. */
  drill(job: DrillJob): Promise<DrillResult> {
    return this.#drills.run(job);
  }

  /**
   * Publishes the metrics, and the events of final outcomes, which takes 300 ms at most. Call it at
   * the end of every invocation. Never rejects.
   *
   * @param remainingMs milliseconds that remain of the invocation
   */
  flush(remainingMs: number): Promise<void> {
    return this.#environment.telemetry.flush(remainingMs);
  }
}
