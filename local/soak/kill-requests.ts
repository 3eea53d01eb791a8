import { type EmbeddedExchange, type ExchangeOrder, type NewOrder, placingBot } from '../exchange.ts';
import { KILL_SYMBOLS, type PlannedKill } from './kill-mix.ts';
import { bodyOf, type Draft } from './requests.ts';
import { MORE_THAN_THREE_DAYS_AGO } from './settings.ts';

/** The account whose orders are killed. The other cancels have one of their own. */
export const KILL_ACCOUNT = 'kills';

const MINUTE_MS = 60_000;
/** An order with this in its name is left open by mass cancels. */
const SURVIVOR = 'survivor';
const LIST_PATH = '/eapi/v1/openOrders';
/** The bot trades rarely enough for every kill to find an end. */
const LISTS_PER_TRADE = 9;

/** Sets what kills meet throughout a run, and starts a bot that trades in the account. */
export function startTrading(exchange: EmbeddedExchange, placedAt: Times['placedAt']): void {
  Object.assign(exchange.behaviour, {
    listLagMs: 200,
    massDelayMs: 100,
    pageCap: 20,
    massSurvivors: ({ clientOrderId }: NewOrder) => clientOrderId.includes(SURVIVOR),
  });
  let lists = 0;
  const place = (order: Partial<NewOrder>) => placeAndNote(order, exchange, placedAt);
  exchange.beforeCall = placingBot(
    { place },
    {
      order: { account: KILL_ACCOUNT, clientOrderId: 'mm1-bot' },
      when: ({ path }) => path === LIST_PATH && lists++ % LISTS_PER_TRADE === 0,
    },
  );
}

export interface Times {
  /** The moment at which every late kill of the run was asked for, in ms since the epoch. */
  readonly longAgo: number;
  /** Receives when each order came into the book, by id. */
  readonly placedAt: Map<string, number>;
}

/**
 * Returns a kill. Its orders are placed when it is sent, since a fresh kill cancels all that are
 * there.
 */
export function plannedKill(
  planned: PlannedKill,
  index: number,
  exchange: EmbeddedExchange,
  times: Times,
): Draft {
  const { longAgo } = times;
  const { scope, only, age, dryRun, answerIsLost } = planned;
  const body = {
    kill: scope,
    ...(only !== undefined && { only }),
    ...(dryRun && { dryRun }),
    ...(age === 'late' && { askedAt: longAgo }),
  };
  return {
    queue: 'kill',
    body: JSON.stringify(body),
    intent: { kind: 'kill', scope, only, dryRun, askedAt: age === 'fresh' ? undefined : longAgo },
    ...(age === 'redriven' && { askedAt: new Date(longAgo).toISOString() }),
    answerIsLost,
    beforeSending: () => {
      placeOrders(planned, index, exchange, times);
      scriptFaults(planned, exchange);
    },
  };
}

/** Returns a cancel of an order that a kill may take first. */
export function cancelAmongKills(index: number, exchange: EmbeddedExchange): Draft {
  const symbol = KILL_SYMBOLS[index % KILL_SYMBOLS.length] ?? '';
  const order = exchange.place({ account: KILL_ACCOUNT, symbol, clientOrderId: `mm1-single-${index}` });
  return {
    queue: 'kill',
    body: bodyOf(order, 'id'),
    intent: { kind: 'cancel', orderId: order.orderId },
  };
}

/** A late kill gets orders placed before it was asked for, and orders placed since. */
function placeOrders(
  { age, orders, hasGhost }: PlannedKill,
  index: number,
  exchange: EmbeddedExchange,
  { longAgo, placedAt }: Times,
): void {
  const then = longAgo + exchange.clockSkewMs;
  for (let n = 0; n < orders; n += 1) {
    const createTime = n % 3 === 0 ? then + MINUTE_MS : then - MINUTE_MS;
    const terms = {
      account: KILL_ACCOUNT,
      symbol: KILL_SYMBOLS[(index + n) % KILL_SYMBOLS.length] ?? '',
      side: n % 2 === 0 ? 'BUY' : 'SELL',
      clientOrderId: `${n % 4 < 2 ? 'mm1' : 'desk'}-${index}-${n}${n % 7 === 3 ? `-${SURVIVOR}` : ''}`,
      ...(age !== 'fresh' && { createTime }),
      ...(n % 5 === 4 && { createTime: MORE_THAN_THREE_DAYS_AGO }),
    } as const;
    const { orderId } = placeAndNote(terms, exchange, placedAt);
    if (hasGhost && n === 0) exchange.behaviour.ghosts.add(orderId);
  }
}

function placeAndNote(
  order: Partial<NewOrder>,
  exchange: EmbeddedExchange,
  placedAt: Times['placedAt'],
): ExchangeOrder {
  const placed = exchange.place(order);
  placedAt.set(placed.orderId, Date.now());
  return placed;
}

function scriptFaults({ scope, massFaults, listFaults }: PlannedKill, exchange: EmbeddedExchange): void {
  const mass = 'symbol' in scope ? 'allOpenOrders' : 'allOpenOrdersByUnderlying';
  for (const fault of massFaults) exchange.script(fault, { path: `/eapi/v1/${mass}` });
  for (const fault of listFaults) exchange.script(fault, { path: LIST_PATH });
}
