import { onlyOne, type Print, parseArguments, UsageError, wholeNumber } from '../../tools/terminal.ts';
import { UNDERLYINGS, underlyingOf } from '../exchange/listing.ts';
import { MAIN_ACCOUNT } from '../exchange/orders.ts';
import { type ExchangeOrder, isOpen } from '../exchange.ts';
import type { Desk } from './api-commands.ts';

const text = { type: 'string' } as const;

/** Places open orders: of one symbol, or on different symbols of an underlying. */
export function place(args: string[], { stack }: Desk, print: Print): number {
  const options = {
    symbol: text,
    underlying: { ...text, default: 'BTCUSDT' },
    side: { ...text, default: 'BUY' },
    account: { ...text, default: MAIN_ACCOUNT },
  };
  const { values, positionals } = parseArguments({ args, options, allowPositionals: true });
  const { symbol, underlying, side, account } = values;
  if (side !== 'BUY' && side !== 'SELL') throw new UsageError(`--side is BUY or SELL, not ${side}`);
  if (!UNDERLYINGS.includes(underlying))
    throw new UsageError(`--underlying is one of ${UNDERLYINGS.join(', ')}, not ${underlying}`);
  const number = positionals.length === 0 ? '1' : onlyOne(positionals, 'a number of orders');
  const count = wholeNumber('the number of orders', number, 1, 5000);
  const ids = Array.from({ length: count }, (_, index) => {
    const order = { symbol: symbol ?? listedSymbol(underlying, index), side, account } as const;
    return stack.exchange.place(order).orderId;
  });
  print(`${count} placed: ${count === 1 ? ids[0] : `${ids[0]} to ${ids.at(-1)}`}`);
  return 0;
}

function listedSymbol(underlying: string, index: number): string {
  const strike = 1000 + 25 * (index % 100);
  return `${underlying.replace(/USDT$/, '')}-261225-${strike}-${index % 2 === 0 ? 'C' : 'P'}`;
}

/** Lists the open orders, or all. */
export function book(args: string[], { stack }: Desk, print: Print): number {
  const options = { symbol: text, underlying: text, account: text, all: { type: 'boolean' } } as const;
  const { symbol, underlying, account, all = false } = parseArguments({ args, options }).values;
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
