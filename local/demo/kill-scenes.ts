import type { KillResult } from '../../lib/outcome.ts';
import { paint } from '../../tools/terminal.ts';
import {
  type EmbeddedExchange,
  type ExchangeOrder,
  faults,
  isOpen,
  placingBot,
  SYMBOLS,
} from '../exchange.ts';
import { startLambdaProcess } from '../lambda-process.ts';
import { send } from '../send.ts';
import type { LocalStack } from '../stack.ts';
import type { ApiClient } from './api-client.ts';
import { deliver } from './delivery.ts';
import type { Report } from './report.ts';

const BOOK_SIZE = 60;
const MINUTE_MS = 60_000;

const isBtc = ({ symbol }: ExchangeOrder) => symbol.startsWith('BTC-');
const isAny = () => true;

/** Shows kills: a dry run, one through the API, one through its queue, and a late one. */
export async function killScenes(stack: LocalStack, api: ApiClient, report: Report): Promise<void> {
  const { exchange } = stack;
  const scenes = { stack, api, report };
  fillBook(exchange);
  await dryRun(scenes);
  await killByApi(scenes);
  fillBook(exchange);
  await killByQueue(scenes);
  await lateKill(scenes);
}

interface Scenes {
  readonly stack: LocalStack;
  readonly api: ApiClient;
  readonly report: Report;
}

async function dryRun({ stack: { exchange }, api, report }: Scenes): Promise<void> {
  report.scene(`A dry run of the kill switch: it lists ${BOOK_SIZE} open orders and cancels none`);
  const answer = await api.request(killRequest({ kill: { everything: true }, dryRun: true }), {
    status: 200,
    outcome: 'dry-run',
  });
  const result: KillResult = JSON.parse(answer.body);
  showResult(report, result);
  report.check('orders that it would cancel', result.orders.left, BOOK_SIZE);
  report.check('orders still open', openOrders(exchange, isAny).length, BOOK_SIZE);
}

async function killByApi({ stack: { exchange }, api, report }: Scenes): Promise<void> {
  report.scene('The kill switch (POST /kills) while a bot places orders and the first answer is lost');
  const others = openOrders(exchange, (order) => !isBtc(order)).length;
  disturb(exchange);
  const answer = await api.request(
    killRequest({ kill: { underlying: 'BTCUSDT' }, reason: 'volatility limit' }),
    { status: 200, outcome: 'emptied' },
  );
  checkProof(report, exchange, JSON.parse(answer.body), isBtc);
  report.check(
    'open orders outside of its scope',
    openOrders(exchange, (order) => !isBtc(order)).length,
    others,
  );
}

/** Runs the handler in a process of its own, whose log has the result. */
async function killByQueue({ stack: { exchange, queues, env }, report }: Scenes): Promise<void> {
  report.scene('The kill queue (SQS): everything, while a bot places orders and the first answer is lost');
  const lambda = await startLambdaProcess({
    bundle: new URL('../../dist/handlers/queue.mjs', import.meta.url),
    env: { ...env, POWERTOOLS_LOG_LEVEL: 'INFO' },
    timeoutMs: 20_000,
  });
  disturb(exchange);
  const message = JSON.stringify({ kill: { everything: true }, killId: 'demo', reason: 'loss limit' });
  report.line('send', paint('cyan', message));
  await send([message], env, (id) => report.line('message', id));
  const settled = await deliver(queues.killQueueUrl, (event) => lambda.invoke(event), 1);
  await lambda.stop();
  report.check('messages settled', settled, 1);
  const line = lambda.output.split('\n').find((text) => text.includes('"killId":"demo"')) ?? '{}';
  checkProof(report, exchange, JSON.parse(line), isAny);
}

async function lateKill({ stack: { exchange }, api, report }: Scenes): Promise<void> {
  report.scene('A late kill, asked for ten minutes ago: it leaves the orders alone that were placed since');
  const askedAt = Date.now() - 10 * MINUTE_MS;
  const place = (createTime: number) => SYMBOLS.map((symbol) => exchange.place({ symbol, createTime }));
  const older = place(askedAt - MINUTE_MS);
  const newer = place(askedAt + MINUTE_MS);
  const answer = await api.request(killRequest({ kill: { everything: true }, askedAt }), {
    status: 200,
    outcome: 'emptied',
  });
  const result: KillResult = JSON.parse(answer.body);
  showResult(report, result);
  const open = ({ orderId }: ExchangeOrder) => openOrders(exchange, (order) => order.orderId === orderId)[0];
  report.check('older orders still open', older.filter(open).length, 0);
  report.check('newer orders still open', newer.filter(open).length, newer.length);
  report.check('newer orders in the result', result.orders.newer, newer.length);
}

/** A bot places an order before each of the next calls, and the first mass cancel's answer is lost. */
function disturb(exchange: EmbeddedExchange): void {
  exchange.beforeCall = placingBot(exchange, { most: 6 });
  exchange.script(faults.reset({ executed: true }), { path: '/eapi/v1/allOpenOrdersByUnderlying' });
}

/** Shows the result, and compares it with the book after the bot's next order. */
function checkProof(
  report: Report,
  exchange: EmbeddedExchange,
  result: KillResult,
  isCovered: (order: ExchangeOrder) => boolean,
): void {
  showResult(report, result);
  exchange.beforeCall = undefined;
  const next = exchange.place();
  const { asOf = '', orders } = result;
  const open = openOrders(exchange, isCovered);
  const before = open.filter(({ createTime }) => createTime < Date.parse(asOf));
  report.check('open orders of its scope that were placed before asOf', before.length, 0);
  report.check('open orders of its scope placed since: the next one of the bot', open.length, 1);
  report.check('canceled and unexamined orders', orders.canceled + orders.unexamined, orders.seen);
  exchange.settle(next.orderId, 'EXPIRED');
}

function showResult(report: Report, { outcome, late, askedAt, asOf, orders, calls }: KillResult): void {
  report.line('result', JSON.stringify({ outcome, late, askedAt, asOf }));
  report.line('', JSON.stringify({ orders, calls }));
}

const killRequest = (kill: object) => ({
  method: 'POST',
  path: '/kills',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(kill),
});

const openOrders = (exchange: EmbeddedExchange, isCovered: (order: ExchangeOrder) => boolean) =>
  [...exchange.orders].filter((order) => isOpen(order) && isCovered(order));

/** Adds orders over several symbols until the book has 60. */
function fillBook(exchange: EmbeddedExchange): void {
  for (let count = openOrders(exchange, isAny).length; count < BOOK_SIZE; count += 1) {
    const symbol = SYMBOLS[count % SYMBOLS.length] ?? '';
    exchange.place({ symbol, clientOrderId: '' });
  }
}
