import { checkBans } from './ban-checks.ts';
import { type Check, checkCancels, checkClaims } from './claim-checks.ts';
import type { DeadLetter, History, SentMessage } from './history.ts';
import { checkKills } from './kill-checks.ts';

/** Outcomes that settle a message. */
const DONE: ReadonlySet<string> = new Set(['canceled', 'filled', 'closed', 'emptied', 'dry-run']);

export interface Verdict {
  readonly sent: number;
  /** The number of settled messages, by outcome. */
  readonly settled: ReadonlyMap<string, number>;
  /** The number of messages in the dead-letter queue, by outcome. */
  readonly deadLetters: ReadonlyMap<string, number>;
  /** The number of messages that ended twice, which a lost answer allows. */
  readonly endedTwice: number;
  readonly checks: readonly Check[];
}

/** How one message ended. */
interface Ending {
  readonly message: SentMessage;
  readonly settledAs: string | undefined;
  readonly removed: boolean;
  readonly deadLetters: readonly DeadLetter[];
  /**
   * The number of deliveries whose answer did not reach the queue, and of calls whose answer did not
   * reach the handler.
   */
  readonly lostAnswers: number;
}

/** Outcome of a dead letter that the redrive policy moved. */
const REDRIVEN = 'moved by the redrive policy';

/** Checks a history. Reads nothing else, changes nothing, and never throws on a wrong history. */
export function checkHistory(history: History): Verdict {
  const endings = endingsOf(history);
  const ids = (isWrong: (ending: Ending) => boolean) =>
    endings.filter(isWrong).map(({ message }) => message.messageId);
  const settled = endings.filter(isSettled);
  const dead = endings.filter(({ deadLetters }) => deadLetters.length > 0);
  return {
    sent: endings.length,
    settled: countBy(settled, ({ settledAs }) => settledAs ?? ''),
    deadLetters: countBy(dead, ({ deadLetters }) => deadLetters[0]?.outcome ?? REDRIVEN),
    endedTwice: endings.filter((ending) => timesEnded(ending) > 1).length,
    checks: [
      { name: 'the queue is empty', violations: history.left === 0 ? [] : [`${history.left} messages`] },
      { name: 'every message is settled or a dead letter', violations: ids((e) => timesEnded(e) === 0) },
      { name: 'no message ended twice without a lost answer', violations: ids(isDouble) },
      // The body of a valid kill's dead letter says since when it was asked for.
      { name: 'every other dead letter has the exact body of its message', violations: altered(history) },
      ...checkClaims(history),
      checkCancels(history),
      ...checkKills(history),
      ...checkBans(history),
      { name: 'only crashed processes failed', violations: history.failures },
      { name: 'the embedded exchange handled every call', violations: history.defects },
      { name: 'the handlers wrote only log lines and metrics', violations: history.unexpectedOutput },
    ],
  };
}

function endingsOf({ sent, claims, queueErrors, removed, deadLetters, deliveries }: History): Ending[] {
  const claimsOf = Map.groupBy(claims, ({ messageId }) => messageId);
  const lettersOf = Map.groupBy(writesOf(deadLetters), ({ messageId }) => messageId);
  const lost = deliveries.filter(({ acknowledged }) => !acknowledged).map(({ messageId }) => messageId);
  const lostOf = Map.groupBy([...lost, ...queueErrors], (messageId) => messageId);
  return sent.map((message) => ({
    message,
    settledAs: claimsOf.get(message.messageId)?.find(({ outcome }) => DONE.has(outcome))?.outcome,
    removed: removed.has(message.messageId),
    deadLetters: lettersOf.get(message.messageId) ?? [],
    lostAnswers: lostOf.get(message.messageId)?.length ?? 0,
  }));
}

/** Returns one dead letter for each write: a try whose answer is late is repeated. */
function writesOf(deadLetters: readonly DeadLetter[]): readonly DeadLetter[] {
  const isRepeated = ({ messageId, failedAt }: DeadLetter, index: number) =>
    failedAt !== undefined &&
    deadLetters.findIndex((other) => other.messageId === messageId && other.failedAt === failedAt) < index;
  return deadLetters.filter((letter, index) => !isRepeated(letter, index));
}

/** A claim in the log settles a message only if the message has also left the queue. */
const isSettled = ({ settledAs, removed }: Ending) => settledAs !== undefined && removed;

const timesEnded = (ending: Ending) => (isSettled(ending) ? 1 : 0) + ending.deadLetters.length;

/**
 * SQS delivers a message again when its handler's answer does not arrive. A handler that dies
 * between the ending (a claim or a dead letter) and its answer causes a second ending, and so does a
 * dead letter whose own answer is lost. Each lost answer allows one more ending.
 */
const isDouble = (ending: Ending) => timesEnded(ending) > 1 + ending.lostAnswers;

function altered({ sent, deadLetters }: History): string[] {
  const messages = new Map(sent.map((message) => [message.messageId, message]));
  return deadLetters
    .filter(({ messageId, outcome, body }) => {
      const message = messages.get(messageId);
      const isRewritten = message?.intent.kind === 'kill' && outcome !== undefined;
      return !isRewritten && message?.body !== body;
    })
    .map(({ messageId }) => messageId);
}

function countBy<T>(items: readonly T[], key: (item: T) => string): ReadonlyMap<string, number> {
  const groups = Map.groupBy(items, key);
  return new Map([...groups].map(([name, members]) => [name, members.length]));
}
