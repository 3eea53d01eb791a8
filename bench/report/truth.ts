import { type ContenderName, labelOf, NAMES } from '../contenders.ts';
import type { ScriptResult } from '../truth/scripts.ts';
import { VERDICTS, type Verdict } from '../truth/verdict.ts';
import { table } from './document.ts';

interface TruthCounts {
  /** Number of scripts for each worst verdict. */
  readonly verdicts: ReadonlyMap<Verdict, number>;
  readonly scripts: number;
  readonly callsAgainstRefusal: number;
}

/** Returns the worst verdict, or `no-answer` for an empty list. */
export function worst(verdicts: readonly Verdict[]): Verdict {
  return VERDICTS.findLast(({ name }) => verdicts.includes(name))?.name ?? 'no-answer';
}

/** Counts a contender's scripts by worst verdict. */
export function countsOf(results: readonly ScriptResult[], name: ContenderName): TruthCounts {
  const own = results.filter(({ contender }) => contender === name);
  const verdicts = new Map<Verdict, number>();
  for (const result of own) {
    const verdict = worst(result.verdicts);
    verdicts.set(verdict, (verdicts.get(verdict) ?? 0) + 1);
  }
  const callsAgainstRefusal = own.reduce((sum, result) => sum + result.callsAgainstRefusal, 0);
  return { verdicts, scripts: own.length, callsAgainstRefusal };
}

/** Returns the runs of scripts in which a contender gave an answer that was false. */
export function falseAnswers(results: readonly ScriptResult[], name: ContenderName): number {
  const { verdicts } = countsOf(results, name);
  const kinds: readonly Verdict[] = ['false-failure', 'false-success', 'wrong-order'];
  return kinds.reduce((sum, verdict) => sum + (verdicts.get(verdict) ?? 0), 0);
}

/** Renders each contender's verdict counts and its calls during a throttle or ban. */
export function truthTable(results: readonly ScriptResult[]): string {
  const head = ['handler', ...VERDICTS.map(({ name }) => title(name)), 'calls against a throttle or ban'];
  const rows = NAMES.map((name) => {
    const { verdicts, callsAgainstRefusal } = countsOf(results, name);
    const counts = VERDICTS.map((verdict) => String(verdicts.get(verdict.name) ?? 0));
    return [labelOf(name), ...counts, String(callsAgainstRefusal)];
  });
  return table(head, rows);
}

/** Renders the worst verdict of each contender on each script. */
export function scriptTable(results: readonly ScriptResult[]): string {
  const scripts = [...new Set(results.map(({ script }) => script))];
  const cell = (script: string, name: ContenderName) =>
    title(
      worst(
        results
          .filter((result) => result.script === script && result.contender === name)
          .flatMap(({ verdicts }) => verdicts),
      ),
    );
  return table(
    ['script', ...NAMES.map(labelOf)],
    scripts.map((script) => [script, ...NAMES.map((name) => cell(script, name))]),
  );
}

/** Renders a Markdown list that explains the verdicts. */
export function legend(): string {
  return VERDICTS.map(({ name, means }) => `- **${title(name)}**: ${means}`).join('\n');
}

export const title = (verdict: Verdict): string => verdict.replace('-', ' ');
