import { POWERTOOLS, SERVICE } from '../contenders.ts';
import { type KillTruth, POST_KILLS } from '../kill/run.ts';
import { type Measure, valuesOf } from '../measure/speed.ts';
import type { BenchResult } from '../measure.ts';
import { median, number } from '../statistics.ts';
import { batchTarget, speedTargets } from '../targets.ts';
import { claims, killSpeedTable, killsOf, killTruthTable } from './kill.ts';
import { costTable, queueTable, speedTable, targetTable } from './speed.ts';
import { countOf, legend, runsOf, scriptTable, truthTable } from './truth.ts';

/** Renders every table of a result by the section of docs/performance.md that shows it. */
export function reportOf(result: BenchResult): Readonly<Record<'cancel' | 'kill' | 'cost', string>> {
  const { speed, queue, truth, kill, cost } = result;
  const { rounds, messages, seeds, kills } = result.counts;
  const targets = [...(speed ? speedTargets(speed) : []), ...(queue ? [batchTarget(queue)] : [])];
  const section = (count: number, ...parts: readonly (string | undefined)[]) => {
    const given = parts.filter((part) => part !== undefined);
    const head = `${measured(result)}; medians of ${count} rounds.`;
    return given.length > 0 ? [head, ...given].join('\n\n') : '';
  };
  return {
    cancel: section(
      rounds,
      speed && speedTable(speed),
      queue && queueTable(queue, messages),
      targets.length > 0 ? targetTable(targets) : undefined,
      truth && `Runs of each fault script: ${seeds}. A run counts by its worst verdict.`,
      truth && [truthTable(truth), legend(), scriptTable(truth)].join('\n\n'),
    ),
    kill: section(
      kills,
      kill && killSpeedTable(kill.speed),
      kill && `Runs of each weather: ${kills}. A report is false when a covered order was open.`,
      kill && killTruthTable(kill.truth),
    ),
    cost: section(kills, cost && costTable(cost)),
  };
}

/** Renders the chart and three lines for README. */
export function summary({ speed = [], truth = [], kill, ...rest }: BenchResult): string {
  const { speed: killSpeeds = [], truth: killTruths = [] } = kill ?? {};
  const ms = (label: string, measure: Measure) => number(median(valuesOf(speed, label, measure)));
  const runs = runsOf(truth, SERVICE);
  const falseOf = (label: string) =>
    countOf(runsOf(truth, label), 'false failure', 'false success', 'wrong order');
  const kills = killsOf(killSpeeds, POST_KILLS.label, 'open');
  const emptyMs = number(median(kills.map((run) => run.emptyMs)));
  const answerMs = number(median(kills.map((run) => run.answerMs)));
  const isOurs = ({ contender }: KillTruth) => contender.startsWith(SERVICE);
  return [
    '![Cold starts and verdicts on answers, by handler](docs/bench.svg)',
    [
      `- **A cancel** takes ${ms(SERVICE, 'cold')} ms cold and ${ms(SERVICE, 'p50')} ms warm; a bare handler with Powertools takes ${ms(POWERTOOLS, 'cold')} ms and ${ms(POWERTOOLS, 'p50')} ms.`,
      `- **Its answer** was false in ${falseOf(SERVICE)} of ${runs.length} runs of fault scripts; the bare handler's was in ${falseOf(POWERTOOLS)}.`,
      `- **A kill** of 500 orders emptied the book in ${emptyMs} ms and proved it in ${answerMs} ms, with the exchange 20 ms away.`,
      `  In bad weather ${claims(killTruths.filter(isOurs))} of its reports of success were false, and ${claims(killTruths.filter((run) => !isOurs(run)))} of others'.`,
    ].join('\n'),
    `${measured(rest)}.`,
  ].join('\n\n');
}

const measured = ({ date, machine }: Pick<BenchResult, 'date' | 'machine'>) =>
  `Measured on ${date.slice(0, 10)}: ${machine}`;
