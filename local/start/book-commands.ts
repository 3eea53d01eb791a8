import { onlyOne, type Print, parseArguments, UsageError, wholeNumber } from '../../tools/terminal.ts';
import { UNDERLYINGS, underlyingOf } from '../exchange/listing.ts';
import { type ExchangeOrder, isOpen } from '../exchange.ts';
import type { Desk } from './command.ts';

const MOST = 5000;
const WHOSE = {
  symbol: { type: 'string' },
  underlying: { type: 'string' },
  account: { type: 'string' },
} as const;

/** Places open orders: of one symbol, or on different symbols of an underlying. */
export function place(args: string[], { stack }: Desk, print: Print): number {
  const options = { ...WHOSE, side: { type: 'string', default: 'BUY' } } as const;
  const { values, positionals } = parseArguments({ args, options, allowPositionals: true });
  const { side, account, symbol } = values;
  if (side !== 'BUY' && side !== 'SELL') throw new UsageError(`--side is BUY or SELL, not ${side}`);
  const number = positionals.length === 0 ? '1' : onlyOne(positionals, 'a number of orders');
  const count = wholeNumber('the number of orders', number, 1, MOST);
  const symbolAt = symbol === undefined ? symbolsOf(values.underlying ?? 'BTCUSDT') : () => symbol;
  const orders = Array.from({ length: count }, (_, index) =>
    stack.exchange.place({ symbol: symbolAt(index), side, ...(account !== undefined && { account }) }),
  );
  print(
    `${count} placed: ${[...new Set([orders[0], orders.at(-1)])].map((order) => order?.orderId).join(' to ')}`,
  );
  return 0;
}

/** Returns a function that returns the listed symbols of an underlying, one after the other. */
function symbolsOf(underlying: string): (index: number) => string {
  if (!UNDERLYINGS.includes(underlying))
    throw new UsageError(`--underlying is one of ${UNDERLYINGS.join(', ')}, not ${underlying}`);
  const asset = underlying.replace(/USDT$/, '');
  return (index) => `${asset}-261225-${1000 + 25 * ((index >> 1) % 100)}-${index % 2 === 0 ? 'C' : 'P'}`;
}

/** Lists the open orders, or all. */
export function book(args: string[], { stack }: Desk, print: Print): number {
  const options = { ...WHOSE, all: { type: 'boolean', default: false } } as const;
  const { values } = parseArguments({ args, options });
  const { symbol, underlying, account, all } = values;
  const orders = [...stack.exchange.orders].filter(
    (order) =>
      (all || isOpen(order)) &&
      order.symbol === (symbol ?? order.symbol) &&
      underlyingOf(order.symbol) === (underlying ?? underlyingOf(order.symbol)) &&
      order.account === (account ?? order.account),
  );
  for (const order of orders) print(rowOf(order));
  const open = orders.filter(isOpen).length;
  print(`${open} open${all ? `, ${orders.length - open} ended` : ''}`);
  return 0;
}

function rowOf({ orderId, symbol, side, price, quantity, status, account, clientOrderId }: ExchangeOrder) {
  const terms = `${side.padEnd(4)} ${quantity} at ${price}`;
  return `${orderId} ${symbol.padEnd(22)} ${terms}  ${status.padEnd(9)} ${account.padEnd(6)} ${clientOrderId}`;
}
