import type { KillEnd } from '../../lib/outcome.ts';
import {
  type EmbeddedExchange,
  type ExchangeOrder,
  isOpen,
  type ReceivedCall,
} from '../../local/exchange.ts';
import { startKillBench } from './kill-bench.ts';
import { KILL_FAULTS, type KillScript } from './kill-scripts.ts';
import type { Workbench } from './workbench.ts';

/** One delivery's claim, and the book at that moment. */
export interface KillClaim {
  readonly end: KillEnd;
  /** Orders that are open when the claim is made. */
  readonly open: readonly ExchangeOrder[];
  /** The book after it. */
  readonly book: ReadonlyMap<string, ExchangeOrder>;
}

/** What was claimed, and what happened to the orders. */
export interface KillRun {
  readonly claims: readonly KillClaim[];
  readonly askedAt: number;
  /** Whether some delivery began at most 120 s after the kill was asked for. */
  readonly wasFresh: boolean;
  /** Orders that the kill has canceled: open when it could first see them, canceled at the end. */
  readonly canceled: readonly ExchangeOrder[];
  readonly calls: readonly ReceivedCall[];
  readonly heard: readonly number[];
}

const TIMEOUT_MS = 1000;
const UNDERLYINGS = ['BTCUSDT', 'BTCDOMUSDT', 'ETHUSDT'];
const CALL_MS = 3;

/** Plays a script through the library, against an exchange of its own, on a clock that each call moves by 3 ms. */
export async function playKill(script: KillScript): Promise<KillRun> {
  const bench = await startKillBench({ timeoutMs: TIMEOUT_MS, underlyings: UNDERLYINGS, swept: UNDERLYINGS });
  await using exchange = bench.exchange;
  Object.assign(exchange.behaviour, script.behaviour);
  const { time } = bench;
  const askedAt = time.now();
  const survivors = placeBook(bench, script, askedAt);
  exchange.behaviour.massSurvivors = ({ orderId }) => survivors.has(orderId);
  const ended = new Set([...exchange.orders].filter((order) => !isOpen(order)).map(({ orderId }) => orderId));
  time.advance(script.waitedMs);
  for (const { path, fault } of script.calls)
    exchange.script(KILL_FAULTS[fault] ?? {}, { path: `/eapi/v1/${path}` });
  exchange.beforeCall = async (number) => {
    time.advance(CALL_MS);
    for (const event of script.events) if (event.at === number) happen(event, bench);
  };
  const { scope: kill, only, dryRun, remainingMs } = script;
  const fields = { kill, ...(only && { only }), dryRun };
  const claims: KillClaim[] = [];
  const wasFresh = time.now() - askedAt <= 120_000;
  for (let delivery = 1; delivery <= script.deliveries; delivery++) {
    claims.push(claimOf(await bench.kill(fields, { askedAt, remainingMs }), exchange));
    time.advance(5000);
  }
  const canceled = [...exchange.orders].filter(
    ({ orderId, status }) => !ended.has(orderId) && (status === 'CANCELED' || status === 'CANCELLED'),
  );
  return { claims, askedAt, wasFresh, canceled, calls: exchange.calls, heard: bench.heard };
}

function claimOf(end: KillEnd, exchange: EmbeddedExchange): KillClaim {
  const orders = [...exchange.orders];
  return { end, open: orders.filter(isOpen), book: new Map(orders.map((order) => [order.orderId, order])) };
}

/** Places the book; orders that are younger than the kill exist from the start, with a creation time in the future. */
function placeBook({ exchange }: Workbench, { book, waitedMs }: KillScript, askedAt: number): Set<string> {
  const survivors = new Set<string>();
  for (const [index, { symbol, side, clientOrderId, ageMs, status, survives, isGhost }] of book.entries()) {
    if (ageMs < 0 && -ageMs > waitedMs) continue; // not created yet when the kill is delivered
    const executedQty = status === 'FILLED' ? '1' : status === 'PARTIALLY_FILLED' ? '0.5' : '0';
    const createTime = askedAt - ageMs;
    const name = clientOrderId === '' ? '' : `${clientOrderId}${index}`;
    const order = {
      symbol,
      side,
      status,
      executedQty,
      createTime,
      updateTime: createTime,
      clientOrderId: name,
    };
    const { orderId } = exchange.place(order);
    if (survives) survivors.add(orderId);
    if (isGhost) exchange.behaviour.ghosts.add(orderId);
  }
  return survivors;
}

function happen({ what, symbol }: KillScript['events'][number], { exchange, time }: Workbench): void {
  if (what === 'place') exchange.place({ symbol, side: 'SELL' });
  if (what === 'throttle') exchange.throttle(2);
  if (what === 'pass-time') time.advance(400);
  const open = [...exchange.orders].find((order) => order.symbol === symbol && isOpen(order));
  if (what === 'fill' && open !== undefined) exchange.fill(open.orderId);
}
