import type { EmbeddedExchange, ExchangeOrder } from '../exchange.ts';
import { deskKey } from '../keys.ts';
import { paint } from '../terminal.ts';

const SYMBOLS = [
  'BTC-200730-9000-C',
  'ETH-261225-4000-P',
  'DOGE-240126-0.08-C',
  'BTC-200730-9000-P',
  'BTC-210129-40000-C',
  'DOGE-240126-0.08-P',
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

/** Returns commands to try against the local service at this address, which has these orders. */
export function examples(url: string, orders: readonly ExchangeOrder[]): string {
  const [byId, byName, byQueue, later] = orders;
  const curl = (method: string, path: string, more = '') =>
    paint('cyan', `curl -i -X ${method} '${url}${path}'${more}`);
  const send = (body: object) => paint('cyan', `npm run send -- '${JSON.stringify(body)}'`);
  const json = (body: object) => ` -H 'content-type: application/json' -d '${JSON.stringify(body)}'`;
  const order = (path: string, named?: ExchangeOrder) =>
    `${path}/eapi/v1/order?symbol=${named?.symbol}&clientOrderId=${named?.clientOrderId}`;
  const desk = `/accounts/${deskKey.account}`;
  return `
${paint('bold', 'The cancel service runs on this machine')} against an embedded exchange. Its default account and ${deskKey.account}
have ${orders.length} open orders each.

Cancel one order:
  ${curl('DELETE', `/eapi/v1/order?symbol=${byId?.symbol}&orderId=${byId?.orderId}`)}
  ${curl('DELETE', order('', byName))}
  ${curl('DELETE', '/eapi/v1/order?symbol=BTC-200730-9000-C&orderId=42')}
  ${send({ symbol: byQueue?.symbol, orderId: byQueue?.orderId })}

Do not wait for the outcome, and read the order afterwards:
  ${curl('DELETE', order('', later), " -H 'prefer: respond-async'")}
  ${curl('GET', order('', later))}

Pull the kill switch:
  ${curl('POST', '/kills', json({ kill: { underlying: 'BTCUSDT' }, dryRun: true }))}
  ${curl('POST', '/kills', json({ kill: { underlying: 'BTCUSDT' }, reason: 'vol limit' }))}
  ${curl('DELETE', '/eapi/v1/allOpenOrders?symbol=ETH-261225-4000-P')}
  ${send({ kill: { everything: true } })}

Cancel for ${deskKey.account}, whose orders are named as those of the default account:
  ${curl('DELETE', order(desk, byName))}
  ${send({ kill: { everything: true }, account: deskKey.account })}

See what could not be settled:
  ${paint('cyan', 'npm run dead-letters')}

Ctrl-C stops it.
`;
}
