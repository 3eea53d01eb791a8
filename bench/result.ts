import type { ContenderName } from './contenders.ts';
import type { KillSpeed, KillTruth } from './kill/run.ts';
import type { Machine } from './machine.ts';
import type { FirstCancel } from './measure/cold.ts';
import type { QueueRun } from './measure/queue.ts';
import type { Warm } from './measure/warm.ts';
import type { ScriptResult } from './truth/run.ts';

/** Measurements of one contender over all rounds. Times are in milliseconds. */
export interface SpeedSamples {
  readonly contender: ContenderName;
  /** Bytes of the bundle, including the chunks that load on demand. */
  readonly bundleBytes: number;
  /** From process start to first answer, without added latency. */
  readonly cold: number[];
  /** From process start to first answer, at realistic distances. */
  readonly coldFar: number[];
  /** The first cancel of an initialised environment, at realistic distances. */
  readonly first: FirstCancel[];
  readonly warm: Warm[];
}

/** The result of one run, as `bench/results` stores it. */
export interface BenchResult {
  /** ISO 8601. */
  readonly date: string;
  readonly machine: Machine;
  readonly rounds: number;
  readonly invocations: number;
  readonly messages: number;
  readonly seeds: number;
  readonly kills: number;
  readonly speed?: readonly SpeedSamples[];
  readonly queue?: readonly QueueRun[];
  readonly truth?: readonly ScriptResult[];
  readonly kill?: { readonly speed: readonly KillSpeed[]; readonly truth: readonly KillTruth[] };
}

/** Returns the samples of one contender. @throws RangeError when it was not measured */
export function samplesOf(speed: readonly SpeedSamples[], name: ContenderName): SpeedSamples {
  const samples = speed.find(({ contender }) => contender === name);
  if (samples === undefined) throw new RangeError(`${name} was not measured`);
  return samples;
}
