import { paint } from '../../tools/terminal.ts';
import type { EmbeddedExchange, ExchangeOrder } from '../exchange.ts';
import { deskKey } from '../keys.ts';

/** None is of BTCUSDT, so that the first kill leaves orders for the other examples. */
const SYMBOLS = [
  'ETH-261225-4000-P',
  'DOGE-240126-0.08-C',
  'DOGE-240126-0.08-P',
  'ETH-261225-1000-C',
  'SOL-261225-1000-C',
  'XRP-261225-1000-P',
];

/**
 * Places the same six orders, by symbol and name, for each of the two accounts. Returns those of the
 * default account.
 */
export function placeOrders(exchange: EmbeddedExchange): readonly ExchangeOrder[] {
  return SYMBOLS.map((symbol, index) => {
    const terms = { symbol, clientOrderId: `quote-${index + 1}` };
    exchange.place({ ...terms, account: deskKey.account });
    return exchange.place(terms);
  });
}

/**
 * Returns commands to try against the local service at this address, which has these orders.
 *
 * @param desk the words in front of a command of the desk
 */
export function examples(
  url: string,
  orders: readonly ExchangeOrder[],
  desk: string,
  logPath: string,
): string {
  const [first, byName, later, , byQueue] = orders;
  const curl = (method: string, path: string, more = '') =>
    paint('cyan', `curl -i -X ${method} '${url}${path}'${more}`);
  const command = (words: string) => paint('cyan', `${desk}${words}`);
  const send = (body: object) => command(`send --wait '${JSON.stringify(body)}'`);
  const json = (body: object) => ` -H 'content-type: application/json' -d '${JSON.stringify(body)}'`;
  const order = (path: string, named?: ExchangeOrder) =>
    `${path}/eapi/v1/order?symbol=${named?.symbol}&clientOrderId=${named?.clientOrderId}`;
  return `
${paint('bold', 'The cancel service runs on this machine')} against an embedded exchange. Its default account and ${deskKey.account}
have ${orders.length} open orders each. Try these in another terminal. Commands of the desk can also be typed here, such as "book".

Place orders, look at the book, pull the kill switch:
  ${command('place 20 --underlying BTCUSDT')}
  ${command('book')}
  ${command('kill BTCUSDT')}

Cancel while the exchange fails, and redrive what could not be settled:
  ${command('fault lost-answer')}
  ${command('cancel quote-4')}
  ${command('fault unavailable --times 3')}
  ${command('cancel quote-6')}
  ${command('dead-letters')}
  ${command('redrive')}

Call the API, for the default account and for ${deskKey.account}:
  ${curl('DELETE', order('', byName))}
  ${curl('DELETE', '/eapi/v1/order?symbol=BTC-200730-9000-C&orderId=42')}
  ${curl('DELETE', order('', later), " -H 'prefer: respond-async'")}
  ${curl('GET', order('', later))}
  ${curl('POST', '/kills', json({ kill: { underlying: 'BTCUSDT' }, dryRun: true }))}
  ${curl('DELETE', `/eapi/v1/allOpenOrders?symbol=${first?.symbol}`)}
  ${curl('DELETE', order(`/accounts/${deskKey.account}`, byName))}

Send messages to the queues:
  ${send({ symbol: byQueue?.symbol, orderId: byQueue?.orderId })}
  ${send({ kill: { symbol: first?.symbol }, account: deskKey.account })}

Last, see a kill go on by itself after a ban:
  ${command('ban 60')}
  ${command('kill everything')}

Logs and metrics are in ${logPath}. "help" lists all commands; Ctrl-C stops.
`;
}
