import type { BenchResult } from '../result.ts';
import { targetsOf } from '../targets.ts';
import { queueTable, speedTable, targetTable } from './speed.ts';
import { legend, scriptTable, truthTable } from './truth.ts';

/** Every table of a result, for the terminal and for docs/performance.md. */
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

/** What README shows of a full result. */
export function summary(result: Required<BenchResult>): string {
  return [
    '![Cold starts and the truth of answers, each handler beside the others](docs/bench.svg)',
    circumstances(result),
    speedTable(result.speed),
    `Fault scripts, by the worst that was said in each (seeds: ${result.seeds}):`,
    truthTable(result.truth),
    legend(),
  ].join('\n\n');
}

function circumstances({ date, machine, rounds, speed, queue }: BenchResult): string {
  const { cpu, cores, system, node } = machine;
  const how = speed || queue ? `; medians of ${rounds} rounds, in brackets the middle half` : '';
  return `Measured on ${date.slice(0, 10)}: ${cpu}, ${cores} cores, ${system}, Node ${node}${how}.`;
}
