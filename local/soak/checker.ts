import { agrees, isTrueEnd, type Statement } from '../oracle.ts';
import {
  type Ban,
  CLOCK_ERROR_MS,
  type Claim,
  type DeadLetter,
  HANDLER_TIMEOUT_MS,
  type History,
  type SentMessage,
} from './history.ts';
import { killChecks, namedOrders } from './kill-checks.ts';
import type { Intent } from './workload.ts';

/** A property of the history, and the messages, orders or calls that violate it. */
export interface Check {
  readonly name: string;
  readonly violations: readonly string[];
}

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

/** Outcomes that settle a message. */
const DONE: ReadonlySet<string> = new Set(['canceled', 'filled', 'closed', 'emptied', 'dry-run']);

/** How one message ended. */
interface Ending {
  readonly message: SentMessage;
  /** The outcome in the log, if the message has also left the queue. */
  readonly settledAs: string | undefined;
  readonly deadLetters: readonly DeadLetter[];
  /** The number of deliveries whose answer did not reach the queue, and of calls without an answer. */
  readonly lostAnswers: number;
}

/** Checks a history. Reads nothing else, changes nothing, and never throws on a wrong history. */
export function checkHistory(history: History): Verdict {
  const endings = endingsOf(history);
  const settled = endings.flatMap(({ settledAs }) => settledAs ?? []);
  const dead = endings.flatMap(({ deadLetters }) => deadLetters.slice(0, 1));
  const checks = { ...endingChecks(endings, history), ...claimChecks(history), ...killChecks(history) };
  return {
    sent: endings.length,
    settled: countBy(settled),
    deadLetters: countBy(dead.map(({ outcome }) => outcome ?? 'moved by the redrive policy')),
    endedTwice: endings.filter((ending) => timesEnded(ending) > 1).length,
    checks: Object.entries(checks).map(([name, violations]) => ({ name, violations })),
  };
}

/** Violations by the name of the check. */
export type Violations = Readonly<Record<string, readonly string[]>>;

function endingChecks(endings: readonly Ending[], history: History): Violations {
  const { left, failures, defects, unexpectedOutput, bans, claims } = history;
  const idsOf = (some: readonly Ending[]) => some.map(({ message }) => message.messageId);
  const throttled = claims.filter(({ outcome }) => outcome === 'throttled');
  return {
    'the queue is empty': left === 0 ? [] : [`${left} messages`],
    'every message is settled or a dead letter': idsOf(endings.filter((ending) => timesEnded(ending) === 0)),
    // Each lost answer allows one more ending: SQS delivers the message again.
    'no message ended twice without a lost answer': idsOf(
      endings.filter((ending) => timesEnded(ending) > 1 + ending.lostAnswers),
    ),
    // The body of a valid kill's dead letter says since when it was asked for.
    'every other dead letter has the exact body of its message': altered(history),
    'no process called during a ban that it knew of': bans.flatMap((ban) => knowingCalls(ban, throttled)),
    'no process read the clock twice during a ban': bans.flatMap(clockReadings),
    'only crashed processes failed': failures,
    'the embedded exchange handled every call': defects,
    'the handlers wrote only log lines and metrics': unexpectedOutput,
  };
}

function endingsOf({ sent, claims, queueErrors, removed, deadLetters, deliveries }: History): Ending[] {
  const claimsOf = Map.groupBy(claims, ({ messageId }) => messageId);
  const lettersOf = Map.groupBy(writesOf(deadLetters), ({ messageId }) => messageId);
  const lost = deliveries.filter(({ acknowledged }) => !acknowledged).map(({ messageId }) => messageId);
  const lostOf = Map.groupBy([...lost, ...queueErrors], (messageId) => messageId);
  return sent.map((message) => {
    const { messageId } = message;
    const claim = claimsOf.get(messageId)?.find(({ outcome }) => DONE.has(outcome));
    return {
      message,
      settledAs: removed.has(messageId) ? claim?.outcome : undefined,
      deadLetters: lettersOf.get(messageId) ?? [],
      lostAnswers: lostOf.get(messageId)?.length ?? 0,
    };
  });
}

/** Returns one dead letter for each write: a try whose answer is late is repeated. */
function writesOf(deadLetters: readonly DeadLetter[]): readonly DeadLetter[] {
  const isRepeated = ({ messageId, failedAt }: DeadLetter, index: number) =>
    failedAt !== undefined &&
    deadLetters.findIndex((other) => other.messageId === messageId && other.failedAt === failedAt) < index;
  return deadLetters.filter((letter, index) => !isRepeated(letter, index));
}

const timesEnded = ({ settledAs, deadLetters }: Ending) =>
  (settledAs === undefined ? 0 : 1) + deadLetters.length;

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

function claimChecks(history: History): Violations {
  const { sent, claims, deadLetters, orders, killBook } = history;
  const intents = new Map(sent.map(({ messageId, intent }) => [messageId, intent]));
  const letters = deadLetters.flatMap(({ messageId, outcome }) =>
    outcome === undefined ? [] : [{ messageId, outcome, orderId: undefined }],
  );
  const wrong = (isRight: (statement: Statement, intent: Intent | undefined) => boolean) => {
    const statements = [...claims, ...letters].filter((one) => !isRight(one, intents.get(one.messageId)));
    return [...new Set(statements.map(({ messageId }) => messageId))];
  };
  // Orders that kills may cancel are checked apart.
  const mayBeCanceled = new Set([...namedOrders(history), ...killBook.map(({ orderId }) => orderId)]);
  return {
    'every claim about an order agrees with the exchange': wrong((statement, intent) => {
      const orderId = intent?.kind === 'cancel' ? intent.orderId : undefined;
      return agrees(statement, orderId === undefined ? undefined : { orderId, status: orders.get(orderId) });
    }),
    'exactly the wrong messages are refused, and only expired ones expire': wrong(isAllowed),
    'no request failed for its keys unless they were locked or could not be read': claims
      .filter((claim) => claim.outcome === 'credentials' && !mayLackKeys(claim, history))
      .map(({ messageId }) => messageId),
    'no order was canceled without a request': [...orders]
      .filter(([orderId, status]) => isTrueEnd('canceled', status) && !mayBeCanceled.has(orderId))
      .map(([orderId]) => orderId),
  };
}

/**
 * Besides malformed messages only those that name two orders can have the outcome `invalid-request`:
 * the exchange has to be asked about them. An expired message can have another outcome than
 * `expired`, such as `unknown`, when an earlier delivery has sent the cancel.
 */
function isAllowed({ outcome }: Statement, intent: Intent | undefined): boolean {
  if (intent?.kind === 'malformed') return outcome === 'invalid-request';
  if (outcome === 'invalid-request') return intent?.kind === 'two orders';
  return outcome !== 'expired' || intent?.kind === 'expired';
}

/** The time for which a process does not read its secret again because its keys are refused, in ms. */
const READ_PAUSE_MS = 10_000;

/** A lock concerns the invocations that have met it; a failed read its process until the next one. */
function mayLackKeys({ at, environment }: Claim, { locks, failedReads }: History): boolean {
  const failed = failedReads.filter((read) => read.environment === environment);
  return (
    locks.some(({ from, until }) => from <= at && at <= until + HANDLER_TIMEOUT_MS) ||
    failed.some((read) => read.at <= at && at <= read.at + READ_PAUSE_MS + HANDLER_TIMEOUT_MS)
  );
}

/**
 * Processes do not share what they know, and a call may be under way when the refusal arrives. So a
 * process knows of a ban from the moment at which, after its first refused call, its own log says
 * `throttled`; and a call counts by the time at which it was signed.
 */
function knowingCalls({ calls }: Ban, throttled: readonly Claim[]): string[] {
  const byCaller = Map.groupBy(calls, ({ environment }) => environment);
  return [...byCaller].flatMap(([caller, [first, ...others]]) => {
    const knows = throttled.filter(
      ({ environment, at }) => environment === caller && first !== undefined && at >= first.arrivedAt,
    );
    const knowsFrom = Math.min(...knows.map(({ at }) => at));
    return others
      .map(({ signedAt }) => signedAt - knowsFrom - CLOCK_ERROR_MS)
      .filter((lateMs) => lateMs > 0)
      .map((lateMs) => `${caller}, more than ${lateMs} ms after it knew`);
  });
}

/** Cancels in one process share one call to read the clock, and all learn from its refusal. */
function clockReadings({ calls, environments }: Ban): string[] {
  const readings = calls.filter(({ environment }) => environment === undefined).length;
  return readings > environments ? [`${readings} readings by ${environments} processes`] : [];
}

/** Counts equal names. */
export function countBy(names: readonly string[]): ReadonlyMap<string, number> {
  const groups = Map.groupBy(names, (name) => name);
  return new Map([...groups].map(([name, members]) => [name, members.length]));
}
