import * as v from 'valibot';
import { type ExchangeOrder, isOpen } from '../exchange.ts';
import { covers, isTrueEnd, isTrueResult } from '../oracle.ts';
import {
  CLOCK_ERROR_MS,
  HANDLER_TIMEOUT_MS,
  type History,
  idsOf,
  namedOrders,
  type SentMessage,
} from './history.ts';
import type { KillIntent } from './workload.ts';

type Kill = SentMessage & { readonly intent: KillIntent };

/** A kill is late once so much time has passed since it was asked for, in ms. */
const FRESH_MS = 120_000;
/** The longest time from the sending of a message to the queue's own time of it, in ms. */
const SENDING_MS = 5000;
/**
 * The longest time from a mass cancel's answer, or an unanswered call, to its effect, in ms, on an
 * exchange that always gets to run.
 */
const EFFECT_MS = 500;

/** Compares every kill with the book of the account whose orders are killed. */
export function killChecks(history: History) {
  const { sent, claims, deadLetters, orders, killBook } = history;
  const kills = new Map([...sent.values()].filter(isKill).map((kill) => [kill.messageId, kill]));
  const ends = endsOf(kills, history);
  const strays = claims.filter(({ outcome, messageId, kill }) => {
    const isOfKill = kill !== undefined && kills.has(messageId);
    return !isOfKill && (outcome === 'emptied' || outcome === 'dry-run');
  });
  const book = new Map(killBook.map((order) => [order.orderId, order]));
  return {
    'no kill was emptied while an order that it covers was open': [
      ...idsOf(strays),
      ...ends.flatMap((end) => leftOpen(end, killBook)),
    ],
    // Such an `asOf` would speak of orders that nobody has seen yet.
    'no kill was emptied as of a time after its claim': idsOf(
      ends.filter(({ asOf = 0, at, most }) => asOf > at + most),
    ),
    'no kill canceled an order that it does not cover': uncovered([...kills.values()], history),
    'exactly the kills that were asked for long ago are late': idsOf(
      ends.filter((end) => !mayBe(end.late, end)),
    ),
    'exactly the dry runs end as dry runs': idsOf(
      ends.filter(({ outcome, intent }) => outcome === (intent.dryRun ? 'emptied' : 'dry-run')),
    ),
    "every order in a kill's result agrees with the exchange, and the counts add up": idsOf(
      ends.filter((end) => !isTrueResult(end, (orderId) => orders.get(orderId))),
    ),
    // The check of cancels sees little where kills overlap: an order may be another's.
    "every order in a kill's result is one that it covers": idsOf(
      ends.filter(({ results, isCovered }) => {
        const named = results.map(({ orderId }) => book.get(orderId));
        return named.some((order) => order !== undefined && !isCovered(order));
      }),
    ),
    'every dead letter of a kill asks for the same, and says since when': idsOf(
      deadLetters.filter(({ messageId, body, outcome }) => {
        const kill = kills.get(messageId);
        return kill !== undefined && outcome !== undefined && !asksTheSame(body, kill);
      }),
    ),
  };
}

const isKill = (message: SentMessage): message is Kill => message.intent.kind === 'kill';

/** Joins the claims of kills with the meaning of their messages. */
const endsOf = (kills: ReadonlyMap<string, Kill>, { claims, skews }: History) =>
  claims.flatMap(({ kill: claimed, ...claim }) => {
    const kill = kills.get(claim.messageId);
    if (claimed === undefined || kill === undefined) return [];
    const { intent, sentAt } = kill;
    const { most } = skewsBetween(skews, sentAt, claim.at);
    const isCovered = (order: ExchangeOrder) => coversAt(intent, order, most);
    return [{ ...claim, ...claimed, intent, sentAt, most, isCovered }];
  });

type End = ReturnType<typeof endsOf>[number];

/** A fresh kill becomes late if it is delivered again much later. Its claim comes at its end. */
function mayBe(late: boolean, { intent: { askedAt }, sentAt, at }: End): boolean {
  if (askedAt !== undefined) return late;
  const ms = at - sentAt;
  return late ? ms > FRESH_MS - CLOCK_ERROR_MS : ms <= FRESH_MS + HANDLER_TIMEOUT_MS + SENDING_MS;
}

const coversAt = ({ askedAt, ...target }: KillIntent, order: ExchangeOrder, skewMs: number) =>
  covers(target, order, askedAt === undefined ? undefined : askedAt + skewMs);

/** Finds the orders that came into the book before `asOf` and were open when the claim was made. */
function leftOpen(
  { outcome, asOf, at, messageId, most, intent, late, sentAt }: End,
  killBook: History['killBook'],
): string[] {
  if (outcome !== 'emptied') return [];
  if (asOf === undefined) return [`${messageId}, without asOf`];
  const provenUntil = asOf - most;
  const asked = { ...intent, askedAt: intent.askedAt ?? (late ? sentAt : undefined) };
  const [first, ...others] = killBook
    .filter((order) => coversAt(asked, order, most) && order.placedAt < provenUntil)
    .filter((order) => isOpen(order) || order.updateTime > at + most);
  if (first === undefined) return [];
  const since = `placed ${provenUntil - first.placedAt} ms before asOf`;
  return [`${others.length + 1} orders such as ${first.orderId}, ${since}, open after ${messageId}`];
}

/** Finds the canceled orders that no cancel named, and that no kill covered while it ran. */
function uncovered(kills: readonly Kill[], history: History): string[] {
  const named = namedOrders(history);
  const runs = kills.filter(({ intent }) => !intent.dryRun).map((kill) => runOf(kill, history));
  return history.killBook
    .filter(({ orderId, status }) => isTrueEnd('canceled', status) && !named.has(orderId))
    .filter((order) => !runs.some((mayHaveCanceled) => mayHaveCanceled(order)))
    .map(({ orderId }) => `order ${orderId}`);
}

/**
 * Returns the test for the orders that a kill can have canceled while it ran. A message that the
 * redrive policy moved has been delivered after its last claim.
 */
function runOf({ messageId, sentAt, intent }: Kill, { claims, deadLetters, skews, lagMs }: History) {
  const ended = claims.filter((claim) => claim.messageId === messageId).map(({ at }) => at);
  const hasCrashedLast = deadLetters.some((one) => one.messageId === messageId && one.outcome === undefined);
  const last = ended.length === 0 || hasCrashedLast ? Number.POSITIVE_INFINITY : Math.max(...ended);
  const { least, most } = skewsBetween(skews, sentAt, last);
  const from = sentAt + least - CLOCK_ERROR_MS;
  const until = last + most + EFFECT_MS + lagMs;
  return (order: ExchangeOrder) =>
    coversAt(intent, order, most) && order.updateTime >= from && order.updateTime <= until;
}

const letterBody = v.pipe(
  v.string(),
  v.parseJson(),
  v.object({ kill: v.unknown(), only: v.optional(v.unknown()), askedAt: v.number() }),
);

function asksTheSame(body: string, { intent: { scope, only, askedAt }, sentAt }: Kill): boolean {
  const { success, output } = v.safeParse(letterBody, body);
  return (
    success &&
    JSON.stringify([output.kill, output.only]) === JSON.stringify([scope, only]) &&
    Math.abs(output.askedAt - (askedAt ?? sentAt)) < SENDING_MS
  );
}

/** Returns the exchange clock's least and greatest skew in a time of ours. */
function skewsBetween(skews: History['skews'], from: number, until: number) {
  const during = skews
    .filter((skew, index) => skew.from <= until && (skews[index + 1]?.from ?? Infinity) >= from)
    .map(({ skewMs }) => skewMs);
  return { least: Math.min(...during), most: Math.max(...during) };
}
