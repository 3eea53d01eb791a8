import { onlyOne, type Print, parseArguments, UsageError, wholeNumber } from '../../tools/terminal.ts';
import { UNDERLYINGS } from '../exchange/listing.ts';
import { MAIN_ACCOUNT } from '../exchange/orders.ts';
import { type ExchangeOrder, isOpen } from '../exchange.ts';
import type { Desk } from './api-commands.ts';

/** Places open orders: of one symbol, or on different symbols of an underlying. */
export function place(args: string[], { stack }: Desk, print: Print): number {
  const options = {
    symbol: { type: 'string' },
    underlying: { type: 'string', default: 'BTCUSDT' },
    side: { type: 'string', default: 'BUY' },
    account: { type: 'string', default: MAIN_ACCOUNT },
  } as const;
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

/** Lists the open orders, or all, whose line has each of the words. */
export function book(args: string[], { stack }: Desk, print: Print): number {
  const options = { all: { type: 'boolean', default: false } } as const;
  const { values, positionals } = parseArguments({ args, options, allowPositionals: true });
  const orders = [...stack.exchange.orders].filter(
    (order) => (values.all || isOpen(order)) && positionals.every((word) => rowOf(order).includes(word)),
  );
  for (const order of orders) print(rowOf(order));
  const open = orders.filter(isOpen).length;
  print(`${open} open${values.all ? `, ${orders.length - open} ended` : ''}`);
  return 0;
}

function rowOf({ orderId, symbol, side, price, quantity, status, account, clientOrderId }: ExchangeOrder) {
  const terms = `${side.padEnd(4)} ${quantity} at ${price}`;
  return `${orderId} ${symbol.padEnd(22)} ${terms}  ${status.padEnd(9)} ${account.padEnd(6)} ${clientOrderId}`;
}
