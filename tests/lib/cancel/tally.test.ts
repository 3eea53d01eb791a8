import { describe, expect, test } from '@jest/globals';
import { Tally } from '../../../lib/cancel/tally.ts';
import type { ListedOrder } from '../../../lib/order.ts';
import { listedOrder } from '../../helpers/listed-order.ts';

const [a, b, c] = ['1', '2', '3'].map((orderId) => listedOrder({ orderId }));
const idsOf = (orders: readonly ListedOrder[]) => orders.map(({ orderId }) => orderId);

/** Returns a tally after one list of these orders. */
function tallyOf(...orders: (ListedOrder | undefined)[]): Tally {
  const tally = new Tally();
  tally.noteList(orders.filter((order) => order !== undefined));
  return tally;
}

describe('an order of the last list', () => {
  test('is left', () => {
    expect(idsOf(tallyOf(a, b).left)).toEqual(['1', '2']);
  });

  test('is not left from the moment at which its end is known', () => {
    const tally = tallyOf(a, b);

    tally.noteEnd(listedOrder({ orderId: '1' }), 'canceled', { executedQty: '0' });

    expect(idsOf(tally.left)).toEqual(['2']);
    expect(tally.counts()).toMatchObject({ seen: 2, canceled: 1, unexamined: 0, left: 1 });
  });

  test('is not left once its end is known, although lists still show it', () => {
    const tally = tallyOf(a);

    tally.noteEnd(listedOrder({ orderId: '1' }), 'canceled', { executedQty: '0' });
    tally.noteList([listedOrder({ orderId: '1' })]);

    expect(tally.left).toEqual([]);
    expect(tally.hasEnded('1')).toBe(true);
  });

  test('that the next list does not show is not left, and unexamined', () => {
    const tally = tallyOf(a, b);

    tally.noteList([listedOrder({ orderId: '2' })]);

    expect([idsOf(tally.left), idsOf(tally.unexamined)]).toEqual([['2'], ['1']]);
  });

  test('stays left while lists of other symbols do not show it', () => {
    const other = listedOrder({ orderId: '4', symbol: 'BTC-261225-90000-P' });
    const tally = tallyOf(a, other);

    tally.noteList([], ['BTC-261225-90000-P']);

    expect(idsOf(tally.left)).toEqual(['1']);
  });
});

describe('an order that was seen before the kill had canceled it', () => {
  test('is unexamined, never left: nothing says that it is open', () => {
    const tally = new Tally();

    tally.noteSeen([listedOrder()]);

    expect([tally.left, idsOf(tally.unexamined)]).toEqual([[], ['1']]);
  });

  test('is left once a query shows it open', () => {
    const tally = new Tally();
    tally.noteSeen([listedOrder()]);

    tally.noteOpen(listedOrder());

    expect([idsOf(tally.left), tally.unexamined]).toEqual([['1'], []]);
  });
});

test('orders are examined newest first', () => {
  const tally = new Tally();
  const orders = [30, undefined, 10, 20].map((createdAt, index) =>
    listedOrder({ orderId: String(index), createdAt }),
  );

  tally.noteSeen(orders);

  expect(idsOf(tally.unexamined)).toEqual(['0', '3', '2', '1']);
});

test('seen is the sum of canceled, filled, closed, unexamined and left', () => {
  const orders = Array.from({ length: 15 }, (_, index) => listedOrder({ orderId: String(index) }));
  const tally = tallyOf(...orders);
  const [canceled, filled, closed] = [orders.slice(0, 5), orders.slice(5, 9), orders.slice(9, 12)];
  for (const order of canceled) tally.noteEnd(order, 'canceled', order);
  for (const order of filled) tally.noteEnd(order, 'filled', order);
  for (const order of closed) tally.noteEnd(order, 'closed', order);

  tally.noteList(orders.slice(13));
  tally.noteNewer('14');
  tally.noteNewer('14');
  tally.noteNewer('99');

  expect(tally.counts()).toEqual({
    seen: 15,
    canceled: 5,
    filled: 4,
    closed: 3,
    unexamined: 1,
    left: 2,
    newer: 2,
  });
});

describe('results', () => {
  test('show what is left first, then what is unexamined, and the quantity at the end', () => {
    const tally = tallyOf(a, b, c);
    tally.noteEnd(listedOrder({ orderId: '1' }), 'filled', { executedQty: '2' });
    tally.noteList([listedOrder({ orderId: '3', executedQty: '0.5' })]);

    const shown = { symbol: 'BTC-261225-90000-C', clientOrderId: 'mm1-a' };
    expect(tally.results()).toEqual([
      { orderId: '3', ...shown, outcome: 'left', executedQty: '0.5' },
      { orderId: '2', ...shown, outcome: 'unexamined', executedQty: '0' },
      { orderId: '1', ...shown, outcome: 'filled', executedQty: '2' },
    ]);
  });

  test('are 200 at most, what is left among them', () => {
    const orders = Array.from({ length: 201 }, (_, index) => listedOrder({ orderId: String(index) }));
    const tally = tallyOf(...orders);
    for (const order of orders.slice(0, 200)) tally.noteEnd(order, 'canceled', order);

    const results = tally.results();

    expect([results.length, results[0]?.orderId]).toEqual([200, '200']);
    expect(tally.counts().seen).toBe(201);
  });
});
