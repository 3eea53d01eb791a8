import type { BenchResult } from '../result.ts';
import { targetsOf } from '../targets.ts';
import { queueTable, speedTable, targetTable } from './speed.ts';
import { legend, scriptTable, truthTable } from './truth.ts';

/** Renders every table of a result, for the terminal and for docs/performance.md. */
export function fullReport(result: BenchResult): string {
  const { speed, queue, truth, messages } = result;
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
export function summary(result: Required<BenchResult>): string {
  return [
    '![Cold starts and verdicts on answers, by handler](docs/bench.svg)',
    circumstances(result),
    speedTable(result.speed),
    `Fault scripts by worst verdict (seeds: ${result.seeds}):`,
    truthTable(result.truth),
    legend(),
  ].join('\n\n');
}

function circumstances({ date, machine, rounds, speed, queue }: BenchResult): string {
  const { cpu, cores, system, node } = machine;
  const how = speed || queue ? `; medians of ${rounds} rounds, with the interquartile range in brackets` : '';
  return `Measured on ${date.slice(0, 10)}: ${cpu}, ${cores} cores, ${system}, Node ${node}${how}.`;
}
