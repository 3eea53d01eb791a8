import type { KillResult } from '../../lib/outcome.ts';
import { type ExchangeOrder, faults, isOpen, placingBot, SYMBOLS } from '../exchange.ts';
import { deskKey } from '../keys.ts';
import { startLambdaProcess } from '../lambda-process.ts';
import type { Demo } from './demo.ts';

const BOOK_SIZE = 60;
const MINUTE_MS = 60_000;

type Filter = (order: ExchangeOrder) => boolean;
const isAny: Filter = () => true;
const isBtc: Filter = ({ symbol }) => symbol.startsWith('BTC-');

/** The scenes of kills. They share a book, so their order matters. */
export const killScenes = [dryRun, killByApi, killByQueue, lateKill, killOfOneAccount];

async function dryRun(demo: Demo): Promise<void> {
  fillBook(demo);
  demo.scene(`A dry run of the kill switch: it lists ${BOOK_SIZE} open orders and cancels none`);
  const { orders } = await kill(demo, 'dry-run', { kill: { everything: true }, dryRun: true });
  demo.check('orders that it would cancel', orders.left, BOOK_SIZE);
  demo.check('orders still open', countOpen(demo, isAny), BOOK_SIZE);
}

async function killByApi(demo: Demo): Promise<void> {
  demo.scene('The kill switch (POST /kills) while a bot places orders and the first answer is lost');
  const countOthers = () => countOpen(demo, (order) => !isBtc(order));
  const others = countOthers();
  disturb(demo);
  const body = { kill: { underlying: 'BTCUSDT' }, reason: 'volatility limit' };
  checkProof(demo, await kill(demo, 'emptied', body), isBtc);
  demo.check('open orders outside of its scope', countOthers(), others);
}

/** Runs the handler in a process of its own, whose log has the result. */
async function killByQueue(demo: Demo): Promise<void> {
  fillBook(demo);
  demo.scene('The kill queue (SQS): everything, while a bot places orders and the first answer is lost');
  const { queues, env } = demo.stack;
  const bundle = new URL('../../dist/handlers/queue.mjs', import.meta.url);
  const logging = { ...env, POWERTOOLS_LOG_LEVEL: 'INFO' };
  const lambda = await startLambdaProcess({ bundle, env: logging, timeoutMs: 20_000 });
  disturb(demo);
  await demo.send('{"kill":{"everything":true},"killId":"demo","reason":"loss limit"}');
  await demo.deliver(queues.killQueueUrl, 1, (event) => lambda.invoke(event));
  await lambda.stop();
  const line = lambda.output.split('\n').find((text) => text.includes('"killId":"demo"')) ?? '{}';
  const result: KillResult = JSON.parse(line);
  showResult(demo, result);
  checkProof(demo, result, isAny);
}

async function lateKill(demo: Demo): Promise<void> {
  demo.scene('A late kill, asked for ten minutes ago: it leaves the orders alone that were placed since');
  const askedAt = Date.now() - 10 * MINUTE_MS;
  for (const symbol of SYMBOLS) {
    demo.stack.exchange.place({ symbol, createTime: askedAt - MINUTE_MS });
    demo.stack.exchange.place({ symbol, createTime: askedAt + MINUTE_MS });
  }
  const { orders } = await kill(demo, 'emptied', { kill: { everything: true }, askedAt });
  const isNewer: Filter = ({ createTime }) => createTime > askedAt;
  demo.check(
    'older orders still open',
    countOpen(demo, (order) => !isNewer(order)),
    0,
  );
  demo.check('newer orders still open', countOpen(demo, isNewer), SYMBOLS.length);
  demo.check('newer orders in the result', orders.newer, SYMBOLS.length);
}

async function killOfOneAccount(demo: Demo): Promise<void> {
  const { account } = deskKey;
  demo.scene(`The kill switch of ${account} empties its book and no other`);
  const isOwn: Filter = (order) => order.account === account;
  const countOthers = () => countOpen(demo, (order) => !isOwn(order));
  const others = countOthers();
  for (let count = 0; count < 3; count += 1) demo.stack.exchange.place({ account });
  await kill(demo, 'emptied', { kill: { everything: true } }, `/accounts/${account}/kills`);
  demo.check(`open orders of ${account}`, countOpen(demo, isOwn), 0);
  demo.check('open orders of the default account, as before', countOthers(), others);
}

/** Kills through the API, checks the outcome and shows the result. */
async function kill(demo: Demo, outcome: string, request: object, path = '/kills'): Promise<KillResult> {
  const options = { headers: { 'content-type': 'application/json' }, body: JSON.stringify(request) };
  const result: KillResult = JSON.parse(await demo.call('POST', path, `200 ${outcome}`, options));
  showResult(demo, result);
  return result;
}

function showResult(demo: Demo, { outcome, late, askedAt, asOf, orders, calls }: KillResult): void {
  demo.line('result', JSON.stringify({ outcome, late, askedAt, asOf }));
  demo.line('', JSON.stringify({ orders, calls }));
}

/**
 * A bot places an order before each of the next calls, and the first mass cancel's answer is lost.
 */
function disturb({ stack: { exchange } }: Demo): void {
  exchange.beforeCall = placingBot(exchange, { most: 6 });
  exchange.script(faults.reset({ executed: true }), { path: '/eapi/v1/allOpenOrdersByUnderlying' });
}

/** Compares the result with the book after the bot's next order. */
function checkProof(demo: Demo, { asOf = '', orders }: KillResult, isCovered: Filter): void {
  const { exchange } = demo.stack;
  exchange.beforeCall = undefined;
  const next = exchange.place();
  const isProven: Filter = (order) => isCovered(order) && order.createTime < Date.parse(asOf);
  demo.check('open orders of its scope that were placed before asOf', countOpen(demo, isProven), 0);
  demo.check('open orders of its scope placed since: the next one of the bot', countOpen(demo, isCovered), 1);
  demo.check('canceled and unexamined orders', orders.canceled + orders.unexamined, orders.seen);
  exchange.settle(next.orderId, 'EXPIRED');
}

const countOpen = ({ stack }: Demo, filter: Filter) =>
  [...stack.exchange.orders].filter((order) => isOpen(order) && filter(order)).length;

/** Adds orders over several symbols until the book has 60. */
function fillBook(demo: Demo): void {
  for (let count = countOpen(demo, isAny); count < BOOK_SIZE; count += 1) {
    demo.stack.exchange.place({ symbol: SYMBOLS[count % SYMBOLS.length] ?? '' });
  }
}
