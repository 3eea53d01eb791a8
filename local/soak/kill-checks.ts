import * as v from 'valibot';
import { type ExchangeOrder, isOpen } from '../exchange.ts';
import { covers, isTrueEnd, isTrueResult } from '../oracle.ts';
import {
  CLOCK_ERROR_MS,
  type Claim,
  type History,
  type KillClaim,
  type SentMessage,
  type Skew,
} from './history.ts';
import type { KillIntent } from './workload.ts';

type KillMessage = SentMessage & { readonly intent: KillIntent };
type ClaimOfKill = Claim & { readonly kill: KillClaim };

/** The longest time from the sending of a message to the queue's own time of it, in ms. */
const SENDING_MS = 5000;
/**
 * The longest time from a mass cancel's answer, or an unanswered call, to its effect, in ms, on an
 * exchange that always gets to run.
 */
const EFFECT_MS = 500;

/** Compares every kill with the book of the account whose orders are killed. */
export function killChecks(history: History) {
  const { sent, claims, deadLetters, skews, orders, killBook } = history;
  const book = new Map(killBook.map((order) => [order.orderId, order]));
  const kills = new Map(sent.filter(isKill).map((message) => [message.messageId, message]));
  const ofKills = claims.filter(isOfKill);
  const wrong = (isWrong: (claim: ClaimOfKill, message: KillMessage | undefined) => boolean) => {
    const some = ofKills.filter((claim) => isWrong(claim, kills.get(claim.messageId)));
    return [...new Set(some.map(({ messageId }) => messageId))];
  };
  return {
    'no kill was emptied while an order that it covers was open': ofKills.flatMap((claim) =>
      leftOpen(claim, kills.get(claim.messageId), history),
    ),
    // Such an `asOf` would speak of orders that nobody has seen yet.
    'no kill was emptied as of a time after its claim': wrong(
      ({ at, kill: { asOf = 0 } }, message) =>
        asOf > at + skewsBetween(skews, message?.sentAt ?? at, at).most,
    ),
    'no kill canceled an order that it does not cover': uncovered([...kills.values()], history),
    'exactly the kills that were asked for long ago are late': wrong(
      ({ kill }, message) => kill.late !== (message?.intent.askedAt !== undefined),
    ),
    'exactly the dry runs end as dry runs': wrong(
      ({ outcome }, message) =>
        (outcome === 'dry-run' || outcome === 'emptied') &&
        (outcome === 'dry-run') !== message?.intent.dryRun,
    ),
    "every order in a kill's result agrees with the exchange, and the counts add up": wrong(
      ({ kill }) => !isTrueResult(kill, (orderId) => orders.get(orderId)),
    ),
    // The check of cancels sees little where kills overlap: an order may be another's.
    "every order in a kill's result is one that it covers": wrong(({ at, kill }, message) =>
      kill.results.some(({ orderId }) => {
        const order = book.get(orderId);
        if (message === undefined || order === undefined) return false;
        return !coversAt(message.intent, order, skewsBetween(skews, message.sentAt, at).most);
      }),
    ),
    'every dead letter of a kill asks for the same, and says since when': deadLetters
      .filter(({ messageId, body, outcome }) => {
        const message = kills.get(messageId);
        return message !== undefined && outcome !== undefined && !asksTheSame(body, message);
      })
      .map(({ messageId }) => messageId),
  };
}

const isKill = (message: SentMessage): message is KillMessage => message.intent.kind === 'kill';
const isOfKill = (claim: Claim): claim is ClaimOfKill => claim.kill !== undefined;

const coversAt = ({ askedAt, ...target }: KillIntent, order: ExchangeOrder, skewMs: number) =>
  covers(target, order, askedAt === undefined ? undefined : askedAt + skewMs);

/** Finds the orders that came into the book before `asOf` and were open when the claim was made. */
function leftOpen(
  { outcome, kill: { asOf }, at }: ClaimOfKill,
  message: KillMessage | undefined,
  { killBook, skews }: History,
): string[] {
  if (outcome !== 'emptied') return [];
  if (message === undefined || asOf === undefined) return ['a kill without asOf or a message'];
  const { most } = skewsBetween(skews, message.sentAt, at);
  const provenUntil = asOf - most;
  const [first, ...others] = killBook
    .filter((order) => coversAt(message.intent, order, most) && order.placedAt < provenUntil)
    .filter((order) => isOpen(order) || order.updateTime > at + most);
  if (first === undefined) return [];
  const since = `placed ${provenUntil - first.placedAt} ms before asOf`;
  return [`${others.length + 1} orders such as ${first.orderId}, ${since}, open after ${message.messageId}`];
}

/** Returns the ids of the orders that cancels name. */
export const namedOrders = ({ sent }: History) =>
  sent.flatMap(({ intent }) => (intent.kind === 'cancel' ? [intent.orderId] : []));

/** Finds the canceled orders that no cancel named, and that no kill covered while it ran. */
function uncovered(kills: readonly KillMessage[], history: History): string[] {
  const named = new Set(namedOrders(history));
  const runs = kills.filter(({ intent }) => !intent.dryRun).map((message) => runOf(message, history));
  return history.killBook
    .filter(({ orderId, status }) => isTrueEnd('canceled', status) && !named.has(orderId))
    .filter((order) => !runs.some((mayHaveCanceled) => mayHaveCanceled(order)))
    .map(({ orderId }) => `order ${orderId}`);
}

/**
 * Returns the test for the orders that a kill can have canceled while it ran. A message that the
 * redrive policy moved has been delivered after its last claim.
 */
function runOf(message: KillMessage, { claims, deadLetters, skews, lagMs }: History) {
  const isAboutIt = ({ messageId }: { readonly messageId: string }) => messageId === message.messageId;
  const ended = claims.filter(isAboutIt).map(({ at }) => at);
  const hasCrashedLast = deadLetters.some((letter) => isAboutIt(letter) && letter.outcome === undefined);
  const last = ended.length === 0 || hasCrashedLast ? Number.POSITIVE_INFINITY : Math.max(...ended);
  const { least, most } = skewsBetween(skews, message.sentAt, last);
  const from = message.sentAt + least - CLOCK_ERROR_MS;
  const until = last + most + EFFECT_MS + lagMs;
  return (order: ExchangeOrder) =>
    coversAt(message.intent, order, most) && order.updateTime >= from && order.updateTime <= until;
}

const letterBody = v.object({ kill: v.unknown(), only: v.optional(v.unknown()), askedAt: v.number() });

function asksTheSame(body: string, { intent: { scope, only, askedAt }, sentAt }: KillMessage): boolean {
  const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), letterBody), body);
  if (!parsed.success) return false;
  const { output } = parsed;
  return (
    JSON.stringify([output.kill, output.only]) === JSON.stringify([scope, only]) &&
    Math.abs(output.askedAt - (askedAt ?? sentAt)) < SENDING_MS
  );
}

/** Returns the exchange clock's least and greatest skew in a time of ours. */
function skewsBetween(skews: readonly Skew[], from: number, until: number) {
  const during = skews
    .filter((skew, index) => skew.from <= until && (skews[index + 1]?.from ?? Infinity) >= from)
    .map(({ skewMs }) => skewMs);
  return { least: Math.min(...during), most: Math.max(...during) };
}
