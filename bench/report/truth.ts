import { CONTENDERS } from '../contenders.ts';
import { sum } from '../statistics.ts';
import type { ScriptResult } from '../truth/run.ts';
import { VERDICTS, type Verdict } from '../truth/verdict.ts';
import { table } from './document.ts';

/** Returns the worst verdict, or `no answer` for an empty list. */
export function worst(verdicts: readonly Verdict[]): Verdict {
  return VERDICTS.findLast(({ name }) => verdicts.includes(name))?.name ?? 'no answer';
}

/** Returns the runs of scripts by one contender. */
export const runsOf = (results: readonly ScriptResult[], label: string) =>
  results.filter(({ contender }) => contender === label);

/** Counts the runs whose worst verdict is one of these. */
export const countOf = (runs: readonly ScriptResult[], ...verdicts: readonly Verdict[]) =>
  runs.filter((run) => verdicts.includes(worst(run.verdicts))).length;

/** Renders each contender's verdict counts and its calls during a throttle or ban. */
export function truthTable(results: readonly ScriptResult[]): string {
  const head = ['handler', ...VERDICTS.map(({ name }) => name), 'calls against a throttle or ban'];
  const rows = CONTENDERS.map(({ label }) => {
    const runs = runsOf(results, label);
    const calls = sum(runs.map(({ callsAgainstRefusal }) => callsAgainstRefusal));
    return [label, ...VERDICTS.map(({ name }) => countOf(runs, name)), calls];
  });
  return table(head, rows);
}

/** Renders the worst verdict of each contender on each script. */
export function scriptTable(results: readonly ScriptResult[]): string {
  const rows = [...Map.groupBy(results, ({ script }) => script)].map(([script, runs]) => [
    script,
    ...CONTENDERS.map(({ label }) => worst(runsOf(runs, label).flatMap(({ verdicts }) => verdicts))),
  ]);
  return table(['script', ...CONTENDERS.map(({ label }) => label)], rows);
}

/** Renders a Markdown list that explains the verdicts. */
export function legend(): string {
  return VERDICTS.map(({ name, means }) => `- **${name}**: ${means}`).join('\n');
}
