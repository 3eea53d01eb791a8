import type { ContenderName } from './contenders.ts';
import type { Machine } from './machine.ts';
import type { FirstCancel } from './measure/cold.ts';
import type { QueueRun } from './measure/queue.ts';
import type { Warm } from './measure/warm.ts';
import type { ScriptResult } from './truth/run.ts';

/** What was measured of one contender, round by round. Times in milliseconds. */
export interface SpeedSamples {
  readonly contender: ContenderName;
  /** Bytes of the bundle, chunks for rare cases included. */
  readonly bundleBytes: number;
  /** Process start to first answer, everything at hand. */
  readonly cold: number[];
  /** The same at realistic distances. */
  readonly coldFar: number[];
  /** The first cancel of an initialised environment, at realistic distances. */
  readonly first: FirstCancel[];
  readonly warm: Warm[];
}

/** All that one run found out: what is written to `bench/results`. */
export interface BenchResult {
  /** ISO 8601. */
  readonly date: string;
  readonly machine: Machine;
  readonly rounds: number;
  readonly invocations: number;
  readonly messages: number;
  readonly seeds: number;
  readonly speed?: readonly SpeedSamples[];
  readonly queue?: readonly QueueRun[];
  readonly truth?: readonly ScriptResult[];
}

/** The samples of one contender. @throws RangeError when it was not measured */
export function samplesOf(speed: readonly SpeedSamples[], name: ContenderName): SpeedSamples {
  const samples = speed.find(({ contender }) => contender === name);
  if (samples === undefined) throw new RangeError(`${name} was not measured`);
  return samples;
}
