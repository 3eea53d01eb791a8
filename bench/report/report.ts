import type { KillSpeed, KillTruth } from '../kill/run.ts';
import type { Cost } from '../measure/cost.ts';
import type { QueueRun } from '../measure/queue.ts';
import type { SpeedSamples } from '../measure/speed.ts';
import type { Counts } from '../options.ts';
import { median, number } from '../statistics.ts';
import { batchTarget, samplesOf, speedTargets } from '../targets.ts';
import type { ScriptResult } from '../truth/scripts.ts';
import { claims, killSpeedTable, killTruthTable } from './kill.ts';
import { costTable, queueTable, speedTable, targetTable } from './speed.ts';
import { countsOf, falseAnswers, legend, scriptTable, truthTable } from './truth.ts';

/** The result of one run, as `bench/results` stores it. */
export interface BenchResult {
  /** ISO 8601. */
  readonly date: string;
  readonly machine: string;
  readonly counts: Counts;
  readonly speed?: readonly SpeedSamples[];
  readonly queue?: readonly QueueRun[];
  readonly truth?: readonly ScriptResult[];
  readonly kill?: { readonly speed: readonly KillSpeed[]; readonly truth: readonly KillTruth[] };
  readonly cost?: readonly Cost[];
}

/** Renders every table of a result by the section of docs/performance.md that shows it. */
export function reportOf(result: BenchResult): Readonly<Record<'cancel' | 'kill' | 'cost', string>> {
  const { speed, queue, truth, kill, cost } = result;
  const { rounds, messages, seeds, kills } = result.counts;
  const targets = [...(speed ? speedTargets(speed) : []), ...(queue ? [batchTarget(queue)] : [])];
  return {
    cancel: section(`${measured(result)}; medians of ${rounds} rounds.`, [
      speed && speedTable(speed),
      queue && queueTable(queue, messages),
      targets.length > 0 && targetTable(targets),
      truth && `Runs of each fault script: ${seeds}. A run counts by its worst verdict.`,
      ...(truth ? [truthTable(truth), legend(), scriptTable(truth)] : []),
    ]),
    kill: section(`${measured(result)}; medians of ${kills} rounds.`, [
      kill && killSpeedTable(kill.speed),
      kill && `Runs of each weather: ${kills}. A report is false when a covered order was open.`,
      kill && killTruthTable(kill.truth),
    ]),
    cost: section(`${measured(result)}; medians of ${kills} rounds.`, [cost && costTable(cost)]),
  };
}

/** Joins the parts that there are, or returns nothing. */
function section(head: string, parts: readonly (string | false | undefined)[]): string {
  const given = parts.filter((part) => typeof part === 'string');
  return given.length > 0 ? [head, ...given].join('\n\n') : '';
}

/** Renders the chart and three lines for README. */
export function summary({ speed, truth, kill, ...rest }: Required<BenchResult>): string {
  const [ours, bare] = [samplesOf(speed, 'ours'), samplesOf(speed, 'bare-powertools')];
  const warm = (samples: SpeedSamples) => median(samples.warm.map(({ p50 }) => p50));
  const { scripts } = countsOf(truth, 'ours');
  const [service] = kill.speed;
  const emptyMs = median(service?.open.map((run) => run.emptyMs) ?? []);
  const answerMs = median(service?.open.map((run) => run.answerMs) ?? []);
  const isOurs = ({ contender }: KillTruth) => contender.startsWith('this service');
  return [
    '![Cold starts and verdicts on answers, by handler](docs/bench.svg)',
    [
      `- **A cancel** takes ${number(median(ours.cold))} ms cold and ${number(warm(ours))} ms warm; a bare handler with Powertools takes ${number(median(bare.cold))} ms and ${number(warm(bare))} ms.`,
      `- **Its answer** was false in ${falseAnswers(truth, 'ours')} of ${scripts} runs of fault scripts; the bare handler's was in ${falseAnswers(truth, 'bare-powertools')}.`,
      `- **A kill** of 500 orders emptied the book in ${number(emptyMs)} ms and proved it in ${number(answerMs)} ms, with the exchange 20 ms away.`,
      `  In bad weather ${claims(kill.truth.filter(isOurs))} of its reports of success were false, and ${claims(kill.truth.filter((run) => !isOurs(run)))} of others'.`,
    ].join('\n'),
    `${measured(rest)}.`,
  ].join('\n\n');
}

const measured = ({ date, machine }: Pick<BenchResult, 'date' | 'machine'>) =>
  `Measured on ${date.slice(0, 10)}: ${machine}`;
