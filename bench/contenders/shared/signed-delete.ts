import { createHmac } from 'node:crypto';
import * as http from 'node:http';
import * as https from 'node:https';
import { type HttpAnswer, textAnswer } from './answer.ts';
import type { Keys } from './secret.ts';

const ATTEMPTS = 3;
const PAUSE_MS = 200;
const TIMEOUT_MS = 2000;

const baseUrl = process.env.BINANCE_BASE_URL ?? '';
const { Agent, request } = baseUrl.startsWith('https:') ? https : http;
const agent = new Agent({ keepAlive: true });

/** Cancels an order and returns the exchange's answer. */
export const signedDelete = (keys: Keys, parameters: Record<string, string>): Promise<HttpAnswer> =>
  signedCall(keys, 'DELETE', '/eapi/v1/order', parameters);

/**
 * Calls the exchange with Node's HTTP client and returns its answer. Signs and sends again when no
 * answer or a 5xx comes.
 */
export async function signedCall(
  keys: Keys,
  method: 'GET' | 'DELETE',
  path: string,
  parameters: Record<string, string>,
): Promise<HttpAnswer> {
  for (let attempt = 1; ; attempt++) {
    try {
      const answer = await send(keys, method, path, parameters);
      if (answer.statusCode < 500 || attempt === ATTEMPTS) return answer;
    } catch (error) {
      if (attempt === ATTEMPTS) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
}

function send(
  { apiKey, apiSecret }: Keys,
  method: string,
  path: string,
  parameters: Record<string, string>,
): Promise<HttpAnswer> {
  const payload = new URLSearchParams({ ...parameters, timestamp: String(Date.now()) }).toString();
  const signature = createHmac('sha256', apiSecret).update(payload).digest('hex');
  const url = `${baseUrl}${path}?${payload}&signature=${signature}`;
  const headers = { 'X-MBX-APIKEY': apiKey };
  return new Promise((resolve, reject) => {
    const options = { method, agent, headers, signal: AbortSignal.timeout(TIMEOUT_MS) };
    const outgoing = request(url, options, (incoming) => {
      let body = '';
      incoming.setEncoding('utf8');
      incoming.on('data', (chunk: string) => {
        body += chunk;
      });
      incoming.on('end', () => resolve(textAnswer(incoming.statusCode ?? 502, body)));
      incoming.on('error', reject);
    });
    outgoing.on('error', reject);
    outgoing.end();
  });
}
