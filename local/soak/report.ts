import { paint } from '../terminal.ts';
import type { Check, Verdict } from './checker.ts';
import type { History, Recorder } from './history.ts';
import type { SoakRun } from './run.ts';

const LABEL_WIDTH = 58;
const NUMBER_WIDTH = 8;

/** Formats a run as a table for a person, with every violation. */
export function report(run: SoakRun, verdict: Verdict): string {
  const checks = verdict.checks.flatMap((check) => checkLines(check, run.history));
  return [...endRows(verdict), '', ...eventRows(run), '', ...checks].join('\n');
}

function endRows({ sent, settled, deadLetters, endedTwice }: Verdict): string[] {
  return [
    row('Messages sent', sent),
    ...group('Settled, in agreement with the exchange', settled),
    ...group('In the dead-letter queue', deadLetters),
    row('Ended twice after a lost answer', endedTwice),
  ];
}

function eventRows({ history, plan, crashed, lostAnswers, refusedDeadLetters }: SoakRun): string[] {
  const { sent, deliveries, bans, killBook } = history;
  const planned = (kind: string) => plan.events.filter((event) => event.kind === kind).length;
  return [
    row('Kills sent', sent.filter(({ intent }) => intent.kind === 'kill').length),
    row('  orders in their account', killBook.length),
    row('Messages delivered, including repeats', deliveries.length),
    row('  without an answer', deliveries.filter(({ acknowledged }) => !acknowledged).length),
    row(
      `Processes crashed during a batch (planned: ${plan.crashes.length + plan.killCrashes.length})`,
      crashed,
    ),
    row('Answers lost on purpose', lostAnswers),
    row('Dead letters refused', refusedDeadLetters),
    row('Clock jumps', planned('clock jump') + 1),
    row('Key rotations', planned('key rotation')),
    row('Locks of the keys', planned('keys locked')),
    row('Changes of behaviour', planned('behaviour change')),
    row('Throttles that became a ban', bans.length),
    row('  calls during them by processes that did not know', bans.flatMap(({ calls }) => calls).length),
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

function checkLines({ name, violations }: Check, history: History): string[] {
  if (violations.length === 0) return [`${paint('green', '✓')} ${name}`];
  const lines = violations.flatMap((violation) => [violation, ...recordsOf(violation, history)]);
  return [`${paint('red', '✗')} ${name}: ${violations.length}`, ...lines.map((line) => `    ${line}`)];
}

/**
 * Formats everything that the history has about the message whose id ends a violation; nothing when
 * it ends in none.
 */
function recordsOf(violation: string, { sent, claims, deadLetters }: History): string[] {
  const isAboutIt = (entry: { readonly messageId: string }) => violation.endsWith(entry.messageId);
  return [
    ...sent.filter(isAboutIt).map(({ intent, body }) => `  ${intent.kind}: ${body}`),
    ...claims
      .filter(isAboutIt)
      .map(
        ({ at, environment, outcome, detail = '' }) => `  ${iso(at)} ${environment}: ${outcome} ${detail}`,
      ),
    ...deadLetters.filter(isAboutIt).map(({ outcome }) => `  dead letter: ${outcome ?? 'redriven'}`),
  ];
}

const iso = (ms: number) => new Date(ms).toISOString();

const LINE_EVERY_MS = 5000;

/**
 * Shows the progress of a run: on a terminal as one line that is overwritten, elsewhere as a line
 * every few seconds.
 */
export class ProgressLine {
  readonly #out: NodeJS.WriteStream;
  readonly #total: number;
  readonly #startedAt = Date.now();
  #lastLineAt = Date.now();

  constructor(total: number, out: NodeJS.WriteStream) {
    this.#total = total;
    this.#out = out;
  }

  show({ sent, removed, deliveries }: Recorder, crashed: number): void {
    const seconds = Math.round((Date.now() - this.#startedAt) / 1000);
    const text = `${seconds} s: ${sent.length} of ${this.#total} sent, ${deliveries.length} delivered, ${removed.size} done, ${crashed} processes crashed`;
    if (this.#out.isTTY) {
      this.#out.write(`\r${text}\x1b[K`);
    } else if (Date.now() - this.#lastLineAt >= LINE_EVERY_MS) {
      this.#lastLineAt = Date.now();
      this.#out.write(`${text}\n`);
    }
  }

  end(): void {
    if (this.#out.isTTY) this.#out.write('\r\x1b[K');
  }
}
