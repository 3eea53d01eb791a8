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
 * Places the same six orders, `quote-1` to `quote-6`, for each of the two accounts. Returns those of
 * the default account.
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
export function examples(url: string, desk: string, logPath: string): string {
  const text = `
${paint('bold', 'The cancel service runs on this machine')} against an embedded exchange. Its default account and ${deskKey.account}
have ${SYMBOLS.length} open orders each. Try these in another terminal. Commands of the desk can also be typed here, such as "book".

Place orders, look at the book, pull the kill switch:
  ${desk}place 20 --underlying BTCUSDT
  ${desk}book
  ${desk}kill BTCUSDT

Cancel while the exchange fails, and redrive what could not be settled:
  ${desk}fault lost-answer
  ${desk}cancel quote-4
  ${desk}fault unavailable --times 3
  ${desk}cancel quote-6
  ${desk}dead-letters
  ${desk}redrive

Call the API, for the default account and for ${deskKey.account}:
  curl -i -X DELETE '${url}/eapi/v1/order?symbol=DOGE-240126-0.08-C&clientOrderId=quote-2'
  curl -i -X DELETE '${url}/eapi/v1/order?symbol=BTC-200730-9000-C&orderId=42'
  curl -i -X DELETE '${url}/eapi/v1/order?symbol=DOGE-240126-0.08-P&clientOrderId=quote-3' -H 'prefer: respond-async'
  curl -i -X GET '${url}/eapi/v1/order?symbol=DOGE-240126-0.08-P&clientOrderId=quote-3'
  curl -i -X POST '${url}/kills' -H 'content-type: application/json' -d '{"kill":{"underlying":"BTCUSDT"},"dryRun":true}'
  curl -i -X DELETE '${url}/eapi/v1/allOpenOrders?symbol=ETH-261225-4000-P'
  curl -i -X DELETE '${url}/accounts/${deskKey.account}/eapi/v1/order?symbol=DOGE-240126-0.08-C&clientOrderId=quote-2'

Send messages to the queues:
  ${desk}send --wait '{"symbol":"SOL-261225-1000-C","clientOrderId":"quote-5"}'
  ${desk}send --wait '{"kill":{"symbol":"ETH-261225-4000-P"},"account":"${deskKey.account}"}'

Last, see a kill go on by itself after a ban:
  ${desk}ban 60
  ${desk}kill everything

Logs and metrics are in ${logPath}. "help" lists all commands; Ctrl-C stops.
`;
  return text.replaceAll(/(?<=^ {2}).+$/gm, (command) => paint('cyan', command));
}
