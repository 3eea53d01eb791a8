import * as v from 'valibot';
import type { ExchangeOrder } from '../exchange.ts';
import type { Check } from './claim-checks.ts';
import type { Claim, History, KillClaim, SentMessage, Skew } from './history.ts';
import type { KillIntent } from './requests.ts';
import { CLOCK_ERROR_MS } from './settings.ts';

type KillMessage = SentMessage & { readonly intent: KillIntent };
type ClaimOfKill = Claim & { readonly kill: KillClaim };

/** How much later than it was asked for an order may have been placed for a late kill to cover it, in ms. */
const GRACE_MS = 5000;
/** The longest time from the sending of a message to the queue's own time of it, in ms. */
const SENDING_MS = 5000;
/**
 * The longest time from a mass cancel's answer, or an unanswered call, to its effect, in ms, on an
 * exchange that always gets to run.
 */
const EFFECT_MS = 500;

const OPEN: ReadonlySet<string> = new Set(['ACCEPTED', 'NEW', 'PARTIALLY_FILLED']);
const CANCELED: ReadonlySet<string> = new Set(['CANCELLED', 'CANCELED']);

/** Compares every kill with the book of the account whose orders are killed. */
export function checkKills(history: History): Check[] {
  const kills = new Map(history.sent.filter(isKill).map((message) => [message.messageId, message]));
  const claims = history.claims.filter(isOfKill);
  const against = (isWrong: (claim: ClaimOfKill, message: KillMessage | undefined) => boolean) => [
    ...new Set(
      claims.filter((claim) => isWrong(claim, kills.get(claim.messageId))).map(({ messageId }) => messageId),
    ),
  ];
  return [
    {
      name: 'no kill was emptied while an order that it covers was open',
      violations: claims.flatMap((claim) => leftOpen(claim, kills.get(claim.messageId), history)),
    },
    {
      name: 'no kill was emptied as of a time after its claim',
      violations: claims
        .filter((claim) => isOfFuture(claim, kills, history))
        .map(({ messageId }) => messageId),
    },
    {
      name: 'no kill canceled an order that it does not cover',
      violations: uncovered([...kills.values()], history),
    },
    {
      name: 'exactly the kills that were asked for long ago are late',
      violations: against(({ kill }, message) => kill.late !== (message?.intent.askedAt !== undefined)),
    },
    {
      name: 'exactly the dry runs end as dry runs',
      violations: against(
        ({ outcome }, message) =>
          (outcome === 'dry-run' || outcome === 'emptied') &&
          (outcome === 'dry-run') !== message?.intent.dryRun,
      ),
    },
    {
      name: "every order in a kill's result agrees with the exchange, and the counts add up",
      violations: against(({ kill }) => !isTrueResult(kill, history.orders)),
    },
    {
      name: 'every dead letter of a kill asks for the same, and says since when',
      violations: history.deadLetters
        .filter(({ messageId, body, outcome }) => {
          const message = kills.get(messageId);
          return message !== undefined && outcome !== undefined && !asksTheSame(body, message);
        })
        .map(({ messageId }) => messageId),
    },
  ];
}

const isKill = (message: SentMessage): message is KillMessage => message.intent.kind === 'kill';
const isOfKill = (claim: Claim): claim is ClaimOfKill => claim.kill !== undefined;

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
  const open = killBook
    .filter((order) => covers(message.intent, order, most))
    .filter(({ placedAt }) => placedAt < provenUntil)
    .filter(({ status, updateTime }) => OPEN.has(status) || updateTime > at + most);
  const [first] = open;
  if (first === undefined) return [];
  const since = `placed ${provenUntil - first.placedAt} ms before asOf`;
  return [`${open.length} orders such as ${first.orderId}, ${since}, open after ${message.messageId}`];
}

/** An `asOf` in the future speaks of orders that nobody has seen yet. */
function isOfFuture(
  { messageId, at, kill: { asOf = 0 } }: ClaimOfKill,
  kills: ReadonlyMap<string, KillMessage>,
  { skews }: History,
): boolean {
  return asOf > at + skewsBetween(skews, kills.get(messageId)?.sentAt ?? at, at).most;
}

/** Finds the canceled orders that no cancel named, and that no kill covered while it ran. */
function uncovered(kills: readonly KillMessage[], history: History): string[] {
  const named = new Set(
    history.sent.flatMap(({ intent }) => (intent.kind === 'cancel' ? [intent.orderId] : [])),
  );
  const runs = kills.filter(({ intent }) => !intent.dryRun).map((message) => runOf(message, history));
  return history.killBook
    .filter(({ orderId, status }) => CANCELED.has(status) && !named.has(orderId))
    .filter((order) => !runs.some((run) => mayHaveCanceled(run, order)))
    .map(({ orderId }) => `order ${orderId}`);
}

/** The time in which a kill can have canceled orders, in ms of the exchange's clock. */
interface Run {
  readonly message: KillMessage;
  readonly from: number;
  readonly until: number;
  readonly skewMs: number;
}

/** A message that the redrive policy moved has been delivered after its last claim. */
function runOf(message: KillMessage, { claims, deadLetters, skews, lagMs }: History): Run {
  const isAboutIt = ({ messageId }: { readonly messageId: string }) => messageId === message.messageId;
  const ended = claims.filter(isAboutIt).map(({ at }) => at);
  const hasCrashedLast = deadLetters.some((letter) => isAboutIt(letter) && letter.outcome === undefined);
  const last = ended.length === 0 || hasCrashedLast ? Number.POSITIVE_INFINITY : Math.max(...ended);
  const { least, most } = skewsBetween(skews, message.sentAt, last);
  return {
    message,
    from: message.sentAt + least - CLOCK_ERROR_MS,
    until: last + most + EFFECT_MS + lagMs,
    skewMs: most,
  };
}

const mayHaveCanceled = ({ message, from, until, skewMs }: Run, order: ExchangeOrder) =>
  covers(message.intent, order, skewMs) && order.updateTime >= from && order.updateTime <= until;

function covers({ scope, only = {}, askedAt }: KillIntent, order: ExchangeOrder, skewMs: number): boolean {
  const [asset, , , type] = order.symbol.split('-');
  const isInScope =
    'everything' in scope ||
    ('symbol' in scope ? order.symbol === scope.symbol : `${asset}USDT` === scope.underlying);
  const { side = order.side, optionSide = 'ANY', clientOrderIdPrefix = '' } = only;
  return (
    isInScope &&
    order.side === side &&
    (optionSide === 'ANY' || optionSide.startsWith(type ?? '')) &&
    order.clientOrderId.startsWith(clientOrderIdPrefix) &&
    (askedAt === undefined || order.createTime <= askedAt + skewMs + GRACE_MS)
  );
}

function isTrueResult({ orders, results }: KillClaim, book: History['orders']): boolean {
  const { seen, canceled, filled, closed, unexamined, left } = orders;
  return (
    results.every(({ orderId, outcome }) => isTrueEnd(outcome, book.get(orderId) ?? '')) &&
    seen === canceled + filled + closed + unexamined + left
  );
}

function isTrueEnd(outcome: string, status: string): boolean {
  switch (outcome) {
    case 'canceled':
      return CANCELED.has(status);
    case 'filled':
      return status === 'FILLED';
    case 'closed':
      return status === 'REJECTED' || status === 'EXPIRED' || status === 'EXPIRED_IN_MATCH';
    default:
      return status !== '';
  }
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
  const during = skews.filter(
    (skew, index) => skew.from <= until && (skews[index + 1]?.from ?? Number.POSITIVE_INFINITY) >= from,
  );
  const all = during.map(({ skewMs }) => skewMs);
  return { least: Math.min(...all), most: Math.max(...all) };
}
