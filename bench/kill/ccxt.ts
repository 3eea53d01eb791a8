import { ccxtOf } from '../clients.ts';
import { errorAnswer, type HttpAnswer, jsonAnswer } from '../contenders/shared/answer.ts';
import { readSecret } from '../contenders/shared/secret.ts';
import { symbols, width } from './request.ts';

const url = process.env.BINANCE_BASE_URL ?? '';
const { apiKey, apiSecret } = await readSecret();
const client = ccxtOf({ apiKey, secret: apiSecret, privateUrl: url, publicUrl: url });
await client.loadMarkets();
client.enableRateLimit = width === 1;

/**
 * Kills with ccxt's `cancelAllOrders`: symbol by symbol with its defaults, or all symbols at once with its rate
 * limiter off.
 */
export async function handler(): Promise<HttpAnswer> {
  try {
    if (width === 1) for (const symbol of symbols) await client.cancelAllOrders(symbol);
    else await Promise.all(symbols.map((symbol) => client.cancelAllOrders(symbol)));
    return jsonAnswer(200, {});
  } catch (error) {
    return errorAnswer(502, error);
  }
}
