import { describe, expect, test } from '@jest/globals';
import { Survey } from '../../../lib/cancel/survey.ts';
import { ExchangeClient } from '../../../lib/exchange/client.ts';
import { Session } from '../../../lib/exchange/session.ts';
import { faults } from '../../../local/exchange.ts';
import { CALL, type KillBench, startKillBench } from '../../helpers/kill-bench.ts';

const LISTS = { method: 'GET', path: '/eapi/v1/openOrders' };
const ONLY_SELLS = { only: { side: 'SELL' } };

const place = (bench: KillBench, side: 'BUY' | 'SELL', createTime?: number) =>
  bench.exchange.place({ symbol: CALL, side, ...(createTime !== undefined && { createTime }) }).orderId;

/** Returns the ids from which on the lists were asked for; `first` for a first page. */
const pagesOf = ({ exchange }: KillBench) =>
  exchange.calls
    .filter(({ path }) => path === LISTS.path)
    .map(({ rawQuery }) => new URLSearchParams(rawQuery).get('orderId') ?? 'first');

const idAfter = (orderId: string) => String(BigInt(orderId) + 1n);

describe('a list with a hidden cap', () => {
  test('is paged on until it shows an order that is left, behind those that are not covered', async () => {
    await using bench = await startKillBench({ pageCap: 1 });
    const [buy, sell] = [place(bench, 'BUY'), place(bench, 'SELL')];

    const end = await bench.kill(ONLY_SELLS);

    expect([end.outcome, bench.open()]).toEqual(['emptied', [buy]]);
    expect(end.results).toMatchObject([{ orderId: sell, outcome: 'canceled' }]);
  });

  test('is paged on behind an order that has ended, which lists still show', async () => {
    await using bench = await startKillBench({ pageCap: 1 });
    const [ghost, sell] = [place(bench, 'SELL'), place(bench, 'SELL')];
    bench.exchange.settle(ghost, 'CANCELED');
    bench.exchange.behaviour.ghosts.add(ghost);

    const end = await bench.kill(ONLY_SELLS);

    expect([end.outcome, end.orders.seen, bench.exchange.order(sell)?.status]).toEqual([
      'emptied',
      2,
      'CANCELLED',
    ]);
  });

  test('is not paged on once it shows an order that is left', async () => {
    await using bench = await startKillBench({ pageCap: 2 });
    place(bench, 'SELL');
    place(bench, 'BUY');
    place(bench, 'BUY');

    await bench.kill(ONLY_SELLS);

    expect(bench.digests().slice(0, 2)).toEqual(['GET openOrders', 'DELETE order']);
  });

  test('is paged on to its end by a dry run, which names every order', async () => {
    await using bench = await startKillBench({ pageCap: 1 });
    const ids = [place(bench, 'SELL'), place(bench, 'SELL'), place(bench, 'SELL')];

    const end = await bench.kill({ ...ONLY_SELLS, dryRun: true });

    expect(end.results.map(({ orderId }) => orderId)).toEqual(ids);
    expect(pagesOf(bench)).toEqual(['first', ...ids.map(idAfter)]);
  });

  test('is paged on from its highest id, wherever the page shows that', async () => {
    await using bench = await startKillBench();
    const page = ['9', '12', '10'].map((orderId) => ({ orderId, symbol: CALL, side: 'BUY' }));
    bench.exchange.script(faults.answer(200, JSON.stringify(page)), LISTS);

    await bench.kill({ ...ONLY_SELLS, dryRun: true });

    expect(pagesOf(bench)).toEqual(['first', '13']);
  });

  test.each([
    ['of 20 pages is whole', 19, { outcome: 'dry-run', orders: { seen: 19 } }],
    [
      'of more pages proves nothing, and says so',
      20,
      { outcome: 'unavailable', reason: { detail: 'the list has more than 20 pages' } },
    ],
  ])('%s', async (_, orders, end) => {
    await using bench = await startKillBench({ pageCap: 1 });
    for (let placed = 0; placed < orders; placed++) place(bench, 'SELL');

    expect(await bench.kill({ ...ONLY_SELLS, dryRun: true }, { remainingMs: 1000 })).toMatchObject(end);
  });

  test('begins with its first page: asOf is not later than that', async () => {
    await using bench = await startKillBench({ pageCap: 1 });
    place(bench, 'BUY', bench.time.now() - 1000);
    const startedAt = bench.time.now();
    bench.exchange.beforeCall = () => bench.time.advance(300);

    const end = await bench.kill(ONLY_SELLS);

    expect([end.outcome, end.asOf]).toEqual(['emptied', startedAt]);
  });
});

describe('a page of orders that are not covered', () => {
  test('is the last when all of them were created after the list began', async () => {
    await using bench = await startKillBench({ pageCap: 1 });
    place(bench, 'BUY', bench.time.now() + 1);

    await bench.kill({ ...ONLY_SELLS, dryRun: true });

    expect(pagesOf(bench)).toEqual(['first']);
  });

  test.each([
    ['in the millisecond in which the list began', 0],
    ['before the list began', -1],
  ])('is not the last when one was created %s', async (_, ms) => {
    await using bench = await startKillBench({ pageCap: 1 });
    const buy = place(bench, 'BUY', bench.time.now() + ms);

    await bench.kill({ ...ONLY_SELLS, dryRun: true });

    expect(pagesOf(bench)).toEqual(['first', idAfter(buy)]);
  });

  test('is not the last when one does not show when it was created', async () => {
    await using bench = await startKillBench();
    const page = JSON.stringify([{ orderId: '7', symbol: CALL, side: 'BUY' }]);
    bench.exchange.script(faults.answer(200, page), LISTS);

    await bench.kill({ ...ONLY_SELLS, dryRun: true });

    expect(pagesOf(bench)).toEqual(['first', '8']);
  });
});

test('a first list that fails by a defect does not end the process', async () => {
  await using bench = await startKillBench();
  const { account, time: effects } = bench;
  const client = new ExchangeClient({
    transport: () => Promise.reject(new Error('defect')),
    effects,
    observer: bench.client.observer,
    timeoutMs: 100,
    weightLimit: 400,
  });
  const open = () => new Session({ client, account, effects }, { recvWindow: 5000, deadlineAt: 1000 });
  const request = { kill: { symbol: CALL }, dryRun: false };
  const epoch = () => ({ askedAt: effects.now(), isLate: false });
  const survey = new Survey({ request, session: open(), open, epoch });

  await survey.lookAhead();

  expect([survey.lists, survey.tally.counts().seen]).toEqual([1, 0]);
});
