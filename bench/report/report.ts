import type { BenchResult } from '../result.ts';
import { targetsOf } from '../targets.ts';
import { killSpeedTable, killTruthTable } from './kill.ts';
import { queueTable, speedTable, targetTable } from './speed.ts';
import { legend, scriptTable, truthTable } from './truth.ts';

/** Renders every table of a result, for the terminal and for docs/performance.md. */
export function fullReport(result: BenchResult): string {
  const { speed, queue, truth, messages } = result;
  if (!speed && !queue && !truth) return '';
  const targets = targetsOf(result);
  return [
    circumstances(result),
    ...(speed ? [speedTable(speed)] : []),
    ...(queue ? [queueTable(queue, messages)] : []),
    ...(targets.length > 0 ? [targetTable(targets)] : []),
    ...(truth ? [truthTable(truth), legend(), scriptTable(truth)] : []),
  ].join('\n\n');
}

/** Renders the part of a full result that README shows. */
export function summary(result: Required<Omit<BenchResult, 'kill'>>): string {
  return [
    '![Cold starts and verdicts on answers, by handler](docs/bench.svg)',
    circumstances(result),
    speedTable(result.speed),
    `Fault scripts by worst verdict (seeds: ${result.seeds}):`,
    truthTable(result.truth),
    legend(),
  ].join('\n\n');
}

/** Renders the tables of kills. */
export function killReport({ kill, kills, ...result }: BenchResult): string {
  if (kill === undefined) return '';
  const speed = measured(result, `; medians of ${kills} rounds, with the interquartile range in brackets`);
  const runs = `Runs of each weather: ${kills}. A report is false when a covered order was open.`;
  return [speed, killSpeedTable(kill.speed), runs, killTruthTable(kill.truth)].join('\n\n');
}

function circumstances(result: BenchResult): string {
  const { rounds, speed, queue } = result;
  const how = speed || queue ? `; medians of ${rounds} rounds, with the interquartile range in brackets` : '';
  return measured(result, how);
}

function measured({ date, machine }: Pick<BenchResult, 'date' | 'machine'>, how: string): string {
  const { cpu, cores, system, node } = machine;
  return `Measured on ${date.slice(0, 10)}: ${cpu}, ${cores} cores, ${system}, Node ${node}${how}.`;
}
