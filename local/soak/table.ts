import { paint } from '../terminal.ts';
import type { Audit } from './auditor.ts';
import type { Books, Check } from './books.ts';
import type { SoakRun } from './run.ts';

const LABEL_WIDTH = 58;
const NUMBER_WIDTH = 8;

/** The balance of a run as a table for a person, with everything that does not balance. */
export function balanceSheet(run: SoakRun, audit: Audit): string {
  const checks = audit.checks.flatMap((check) => checkLines(check, run.books));
  return [...endRows(audit), '', ...happenedRows(run), '', ...checks].join('\n');
}

function endRows({ sent, settled, deadLetters, endedTwice }: Audit): string[] {
  return [
    row('Messages sent', sent),
    ...group('Settled, as the exchange has it', settled),
    ...group('In the dead-letter queue', deadLetters),
    row('Ended twice, since an answer was not heard', endedTwice),
  ];
}

function happenedRows({ books, plan, killed, lostAnswers, refusedDeadLetters }: SoakRun): string[] {
  const { deliveries, bans } = books;
  const planned = (kind: string) => plan.events.filter((event) => event.kind === kind).length;
  return [
    row('Messages delivered, repeats included', deliveries.length),
    row('  of which the answer was not heard', deliveries.filter(({ heard }) => !heard).length),
    row(`Processes killed in mid-batch (planned: ${plan.kills.length})`, killed),
    row('Answers kept from the queue', lostAnswers),
    row('Dead letters refused', refusedDeadLetters),
    row('Clock jumps', planned('clock jump') + 1),
    row('Key rotations', planned('key rotation')),
    row('Throttles, each turned into a ban', bans.length),
    row('  calls in them by processes that could not know', bans.flatMap(({ calls }) => calls).length),
  ];
}

function group(label: string, counts: ReadonlyMap<string, number>): string[] {
  const all = [...counts].toSorted(([, a], [, b]) => b - a);
  const total = all.reduce((sum, [, count]) => sum + count, 0);
  return [row(label, total), ...all.map(([name, count]) => row(`  ${name}`, count))];
}

function row(label: string, count: number): string {
  return `${label.padEnd(LABEL_WIDTH)}${count.toLocaleString('en').padStart(NUMBER_WIDTH)}`;
}

function checkLines({ name, offenders }: Check, books: Books): string[] {
  if (offenders.length === 0) return [`${paint('green', '✓')} ${name}`];
  const lines = offenders.flatMap((offender) => [offender, ...storyOf(offender, books)]);
  return [`${paint('red', '✗')} ${name}: ${offenders.length}`, ...lines.map((line) => `    ${line}`)];
}

/** What was asked and what was said of a message, for an offender that is one. */
function storyOf(messageId: string, { sent, claims, deadLetters }: Books): string[] {
  const isOfIt = (entry: { readonly messageId: string }) => entry.messageId === messageId;
  return [
    ...sent.filter(isOfIt).map(({ intent, body }) => `  ${intent.kind}: ${body}`),
    ...claims
      .filter(isOfIt)
      .map(
        ({ at, environment, outcome, detail = '' }) => `  ${iso(at)} ${environment}: ${outcome} ${detail}`,
      ),
    ...deadLetters.filter(isOfIt).map(({ outcome }) => `  dead letter: ${outcome ?? 'redriven'}`),
  ];
}

const iso = (ms: number) => new Date(ms).toISOString();
