import { agrees, isTrueEnd } from '../oracle.ts';
import {
  type Ban,
  CLOCK_ERROR_MS,
  type Claim,
  type DeadLetter,
  HANDLER_TIMEOUT_MS,
  type History,
  idsOf,
  namedOrders,
  orderOf,
} from './history.ts';
import { killChecks } from './kill-checks.ts';
import type { Intent } from './workload.ts';

/** The violations of each check: messages, orders or calls. */
type Checks = Readonly<Record<string, readonly string[]>>;

/** The result of checking a history. */
export type Verdict = ReturnType<typeof checkHistory>;

/** Outcomes that settle a message. */
const DONE: ReadonlySet<string> = new Set(['canceled', 'filled', 'closed', 'emptied', 'dry-run']);

/**
 * Checks a history. Returns the violations of each check, the numbers of settled messages and of
 * messages in the dead-letter queue by outcome, and the number of messages that ended twice, which
 * a lost answer allows. Reads nothing else, changes nothing, and never throws on a wrong history.
 */
export function checkHistory(history: History) {
  const endings = endingsOf(history);
  const checks: Checks = {
    ...endingChecks(endings, history),
    ...claimChecks(history),
    ...killChecks(history),
  };
  const firstLetters = endings.flatMap(({ letters }) => letters.slice(0, 1));
  return {
    checks,
    passed: Object.values(checks).every((violations) => violations.length === 0),
    settled: countBy(endings.flatMap(({ settledAs }) => settledAs ?? [])),
    deadLetters: countBy(firstLetters.map(({ outcome }) => outcome ?? 'moved by the redrive policy')),
    endedTwice: endings.filter(({ times }) => times > 1).length,
  };
}

/** Returns how each message ended. */
function endingsOf({ sent, claims, queueErrors, removed, deadLetters, deliveries }: History) {
  const claimsOf = Map.groupBy(claims, ({ messageId }) => messageId);
  const lettersOf = Map.groupBy(deadLetters.filter(isFirstWrite), ({ messageId }) => messageId);
  const unanswered = deliveries.filter(({ acknowledged }) => !acknowledged);
  const lost = countBy([...queueErrors, ...unanswered.map(({ messageId }) => messageId)]);
  return [...sent.keys()].map((messageId) => {
    const claim = claimsOf.get(messageId)?.find(({ outcome }) => DONE.has(outcome));
    // A message is settled if it has also left the queue.
    const settledAs = removed.has(messageId) ? claim?.outcome : undefined;
    const letters = lettersOf.get(messageId) ?? [];
    const times = letters.length + (settledAs === undefined ? 0 : 1);
    return { messageId, settledAs, letters, times, lostAnswers: lost.get(messageId) ?? 0 };
  });
}

/** A try to write a dead letter whose answer is late is repeated. */
const isFirstWrite = ({ messageId, failedAt }: DeadLetter, index: number, all: readonly DeadLetter[]) =>
  failedAt === undefined ||
  all.findIndex((other) => other.messageId === messageId && other.failedAt === failedAt) === index;

function endingChecks(endings: ReturnType<typeof endingsOf>, history: History): Checks {
  const { sent, left, failures, defects, unexpectedOutput, bans, claims, deadLetters } = history;
  const throttled = claims.filter(({ outcome }) => outcome === 'throttled');
  return {
    'the queue is empty': left === 0 ? [] : [`${left} messages`],
    'every message is settled or a dead letter': idsOf(endings.filter(({ times }) => times === 0)),
    // Each lost answer allows one more ending: SQS delivers the message again.
    'no message ended twice without a lost answer': idsOf(
      endings.filter(({ times, lostAnswers }) => times > 1 + lostAnswers),
    ),
    // The body of a valid kill's dead letter says since when it was asked for.
    'every other dead letter has the exact body of its message': idsOf(
      deadLetters.filter(({ messageId, outcome, body }) => {
        const message = sent.get(messageId);
        const isRewritten = message?.intent.kind === 'kill' && outcome !== undefined;
        return !isRewritten && message?.body !== body;
      }),
    ),
    'no process called during a ban that it knew of': bans.flatMap((ban) => knowingCalls(ban, throttled)),
    'no process read the clock twice during a ban': bans.flatMap(clockReadings),
    'only crashed processes failed': failures,
    'the embedded exchange handled every call': defects,
    'the handlers wrote only log lines and metrics': unexpectedOutput,
  };
}

function claimChecks(history: History): Checks {
  const { sent, claims, deadLetters, orders, killBook } = history;
  const letters = deadLetters.map(({ messageId, outcome = '' }) => ({
    messageId,
    outcome,
    orderId: undefined,
  }));
  const statements = [...claims, ...letters].map((statement) => {
    return { ...statement, intent: sent.get(statement.messageId)?.intent };
  });
  const named = namedOrders(history);
  // Orders that kills may cancel are checked apart.
  const killable = new Set(killBook.map(({ orderId }) => orderId));
  return {
    'every claim about an order agrees with the exchange': idsOf(
      statements.filter(({ intent, ...statement }) => {
        const asked = orderOf(intent);
        return !agrees(statement, asked, orders.get(asked ?? ''));
      }),
    ),
    'exactly the wrong messages are refused, and only expired ones expire': idsOf(
      statements.filter(({ outcome, intent }) => outcome !== '' && !isAllowed(outcome, intent)),
    ),
    'no request failed for its keys unless they were locked or could not be read': idsOf(
      claims.filter((claim) => claim.outcome === 'credentials' && !mayLackKeys(claim, history)),
    ),
    'no order was canceled without a request': [...orders]
      .filter(([orderId, status]) => isTrueEnd('canceled', status) && !killable.has(orderId))
      .flatMap(([orderId]) => (named.has(orderId) ? [] : [orderId])),
  };
}

/**
 * Besides malformed messages only those that name two orders can have the outcome `invalid-request`:
 * the exchange has to be asked about them. An expired message can have another outcome than
 * `expired`, such as `unknown`, when an earlier delivery has sent the cancel.
 */
function isAllowed(outcome: string, intent: Intent | undefined): boolean {
  if (intent?.kind === 'malformed') return outcome === 'invalid-request';
  if (outcome === 'invalid-request') return intent?.kind === 'two orders';
  return outcome !== 'expired' || intent?.kind === 'expired';
}

/**
 * The time for which a process does not read its secret again because its keys are refused, in ms.
 */
const READ_PAUSE_MS = 10_000;

/**
 * A lock concerns the invocations that have met it; a failed read its process until the next one.
 */
function mayLackKeys({ at, environment }: Claim, { locks, failedReads }: History): boolean {
  const failed = failedReads.filter((read) => read.environment === environment);
  const isDuring = (from: number, until: number) => from <= at && at <= until + HANDLER_TIMEOUT_MS;
  return (
    locks.some(({ from, until }) => isDuring(from, until)) ||
    failed.some((read) => isDuring(read.at, read.at + READ_PAUSE_MS))
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
    const arrivedAt = first?.arrivedAt ?? Infinity;
    const knows = throttled.find(({ environment, at }) => environment === caller && at >= arrivedAt);
    return others
      .map(({ signedAt }) => signedAt - (knows?.at ?? Infinity) - CLOCK_ERROR_MS)
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
