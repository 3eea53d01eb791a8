import type { Books, Check, DeadLetter, SentMessage } from './books.ts';
import { findStrayCalls } from './stray-calls.ts';
import { findUntruths, findWrongCancels } from './truth.ts';

/** Outcomes that leave nothing to be done. */
const DONE: ReadonlySet<string> = new Set(['canceled', 'filled', 'closed']);

/** The balance of a run. */
export interface Audit {
  readonly sent: number;
  /** How many messages were settled, by outcome. */
  readonly settled: ReadonlyMap<string, number>;
  /** How many messages lie in the dead-letter queue, by outcome. */
  readonly deadLetters: ReadonlyMap<string, number>;
  /** Messages that ended twice, as they may after an answer that nobody heard. */
  readonly endedTwice: number;
  readonly checks: readonly Check[];
}

/** How one message ended. */
interface Ending {
  readonly message: SentMessage;
  readonly settledAs: string | undefined;
  readonly removed: boolean;
  readonly deadLetters: readonly DeadLetter[];
  /** Deliveries whose answer never reached the queue. */
  readonly unheard: number;
}

/** Outcome of a dead letter that the queue itself made. */
const REDRIVEN = 'moved by the redrive policy';

/** Balances the books. Reads nothing but the books, changes nothing, and never throws on books that do not balance. */
export function audit(books: Books): Audit {
  const endings = endingsOf(books);
  const ids = (wrong: (ending: Ending) => boolean) =>
    endings.filter(wrong).map(({ message }) => message.messageId);
  const settled = endings.filter(isSettled);
  const dead = endings.filter(({ deadLetters }) => deadLetters.length > 0);
  return {
    sent: endings.length,
    settled: countBy(settled, ({ settledAs }) => settledAs ?? ''),
    deadLetters: countBy(dead, ({ deadLetters }) => deadLetters[0]?.outcome ?? REDRIVEN),
    endedTwice: endings.filter((ending) => timesEnded(ending) > 1).length,
    checks: [
      { name: 'the queue is empty', offenders: books.left === 0 ? [] : [`${books.left} messages`] },
      { name: 'every message is settled or a dead letter', offenders: ids((e) => timesEnded(e) === 0) },
      { name: 'no message is both, or either twice, but for an answer unheard', offenders: ids(isTwofold) },
      { name: 'every dead letter is a message that was sent, word for word', offenders: altered(books) },
      ...findUntruths(books),
      findWrongCancels(books),
      ...findStrayCalls(books),
      { name: 'no process failed but those that were killed', offenders: books.failures },
      { name: 'the handlers wrote nothing but their log', offenders: books.strangeOutput },
    ],
  };
}

function endingsOf({ sent, claims, removed, deadLetters, deliveries }: Books): Ending[] {
  const claimsOf = Map.groupBy(claims, ({ messageId }) => messageId);
  const lettersOf = Map.groupBy(deadLetters, ({ messageId }) => messageId);
  const unheard = deliveries.filter(({ heard }) => !heard);
  const unheardOf = Map.groupBy(unheard, ({ messageId }) => messageId);
  return sent.map((message) => ({
    message,
    settledAs: claimsOf.get(message.messageId)?.find(({ outcome }) => DONE.has(outcome))?.outcome,
    removed: removed.has(message.messageId),
    deadLetters: lettersOf.get(message.messageId) ?? [],
    unheard: unheardOf.get(message.messageId)?.length ?? 0,
  }));
}

/** A claim in the log alone settles nothing: the message must have left the queue as well. */
const isSettled = ({ settledAs, removed }: Ending) => settledAs !== undefined && removed;

const timesEnded = (ending: Ending) => (isSettled(ending) ? 1 : 0) + ending.deadLetters.length;

/**
 * SQS delivers a message again when it never heard that the message was dealt with: a handler that dies between the
 * ending (a claim of the truth, a dead letter) and its answer leads to a second ending. Each answer unheard accounts
 * for one more ending, and nothing else does.
 */
const isTwofold = (ending: Ending) => timesEnded(ending) > 1 + ending.unheard;

function altered({ sent, deadLetters }: Books): string[] {
  const bodies = new Map(sent.map(({ messageId, body }) => [messageId, body]));
  return deadLetters
    .filter(({ messageId, body }) => bodies.get(messageId) !== body)
    .map(({ messageId }) => messageId);
}

function countBy<T>(items: readonly T[], key: (item: T) => string): ReadonlyMap<string, number> {
  const groups = Map.groupBy(items, key);
  return new Map([...groups].map(([name, members]) => [name, members.length]));
}
