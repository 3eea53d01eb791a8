import { paint } from '../../tools/terminal.ts';
import { countBy, type Verdict } from './checker.ts';
import type { History, Records } from './history.ts';
import type { SoakRun } from './run.ts';

const LABEL_WIDTH = 58;
const NUMBER_WIDTH = 8;

/** Formats a run as a table for a person, with every violation. */
export function report({ history, plan }: SoakRun, verdict: Verdict): string {
  const { sent, deliveries, killBook, crashed, answersLost, refusedDeadLetters, bans } = history;
  const { settled, deadLetters, endedTwice, checks } = verdict;
  return [
    row('Messages sent', sent.size),
    ...group('Settled, in agreement with the exchange', settled),
    ...group('In the dead-letter queue', deadLetters),
    row('Ended twice after a lost answer', endedTwice),
    '',
    row('Kills sent', [...sent.values()].filter(({ intent }) => intent.kind === 'kill').length),
    row('  orders in their account', killBook.length),
    row('Messages delivered, including repeats', deliveries.length),
    row('  without an answer', deliveries.filter(({ acknowledged }) => !acknowledged).length),
    row(`Processes crashed during a batch (planned: ${plan.crashes.length})`, crashed.size),
    row('Answers lost on purpose', answersLost.size),
    row('Dead letters refused', refusedDeadLetters),
    ...group('Events', countBy(plan.events.map(({ kind }) => kind))),
    row('Calls during a ban by processes that did not know', bans.flatMap(({ calls }) => calls).length),
    '',
    ...Object.entries(checks).flatMap(([name, violations]) => checkLines(name, violations, history)),
  ].join('\n');
}

/** Formats the progress of a run as one line. */
export function progress({ sent, removed, deliveries, crashed }: Records): string {
  return `${sent.size} sent, ${deliveries.length} delivered, ${removed.size} done, ${crashed.size} processes crashed`;
}

function group(label: string, counts: ReadonlyMap<string, number>): string[] {
  const all = [...counts].toSorted(([, a], [, b]) => b - a);
  const total = all.reduce((sum, [, count]) => sum + count, 0);
  return [row(label, total), ...all.map(([name, count]) => row(`  ${name}`, count))];
}

function row(label: string, count: number): string {
  return `${label.padEnd(LABEL_WIDTH)}${count.toLocaleString('en').padStart(NUMBER_WIDTH)}`;
}

function checkLines(name: string, violations: readonly string[], history: History): string[] {
  if (violations.length === 0) return [`${paint('green', '✓')} ${name}`];
  const lines = violations.flatMap((violation) => [violation, ...recordsOf(violation, history)]);
  return [`${paint('red', '✗')} ${name}: ${violations.length}`, ...lines.map((line) => `    ${line}`)];
}

/** Formats all that the history has about the message whose id ends a violation, if one does. */
function recordsOf(violation: string, { sent, claims, deadLetters }: History): string[] {
  const isAboutIt = ({ messageId }: { readonly messageId: string }) => violation.endsWith(messageId);
  return [
    ...[...sent.values()].filter(isAboutIt).map(({ intent, body }) => `  ${intent.kind}: ${body}`),
    ...claims.filter(isAboutIt).map(({ at, environment, outcome, detail = '' }) => {
      return `  ${new Date(at).toISOString()} ${environment}: ${outcome} ${detail}`;
    }),
    ...deadLetters.filter(isAboutIt).map(({ outcome }) => `  dead letter: ${outcome ?? 'redriven'}`),
  ];
}
