import { createHmac } from 'node:crypto';
import * as http from 'node:http';
import * as https from 'node:https';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import type { HmacKey } from '../../local/exchange.ts';

export interface HttpAnswer {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** A signed call of the exchange. */
type Call = [method: 'GET' | 'DELETE', path: string, parameters: Record<string, string>];

const ATTEMPTS = 3;
const PAUSE_MS = 200;
const TIMEOUT_MS = 2000;

const baseUrl = process.env.BINANCE_BASE_URL ?? '';
const { Agent, request } = baseUrl.startsWith('https:') ? https : http;
const agent = new Agent({ keepAlive: true });

function textAnswer(statusCode: number, body: string): HttpAnswer {
  return { statusCode, headers: { 'content-type': 'application/json' }, body };
}

/** Answers with a value as JSON. A bigint becomes a string. */
export function jsonAnswer(statusCode: number, value: unknown): HttpAnswer {
  const body = JSON.stringify(value, (_, field) => (typeof field === 'bigint' ? String(field) : field));
  return textAnswer(statusCode, body);
}

/**
 * Returns a handler that answers with 400 where `answer` throws a refusal, and with 502 on any
 * other error.
 */
export function handlerOf(
  answer: (event: APIGatewayProxyEventV2) => Promise<HttpAnswer>,
  isRefusal: (error: unknown) => boolean = () => false,
) {
  return async (event: APIGatewayProxyEventV2): Promise<HttpAnswer> => {
    try {
      return await answer(event);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      return jsonAnswer(isRefusal(error) ? 400 : 502, { message });
    }
  };
}

/** Returns a handler that cancels with Node's HTTP client. */
export const bareHandler = (keys: HmacKey | Promise<HmacKey>) =>
  handlerOf(async (event) => signedCall(await keys, 'DELETE', '/eapi/v1/order', parametersOf(event)));

/**
 * Reads a cancel's parameters from query, form or JSON. `JSON.parse` rounds large numbers, as in a
 * handler without special care.
 */
export function parametersOf(event: APIGatewayProxyEventV2): Record<string, string> {
  const { rawQueryString, body = '', headers, isBase64Encoded } = event;
  const text = isBase64Encoded ? Buffer.from(body, 'base64').toString() : body;
  const isJson = headers['content-type']?.startsWith('application/json') && text !== '';
  const fields: object = isJson ? JSON.parse(text) : Object.fromEntries(new URLSearchParams(text));
  const parameters = Object.entries(fields).map(([name, value]) => [name, String(value)]);
  return Object.fromEntries([...parameters, ...new URLSearchParams(rawQueryString)]);
}

/** Reads the key from Secrets Manager. A handler calls it once per execution environment. */
export async function readSecret(): Promise<HmacKey> {
  const client = new SecretsManagerClient({});
  const SecretId = process.env.BINANCE_SECRET_ID ?? '';
  const { SecretString = '' } = await client.send(new GetSecretValueCommand({ SecretId }));
  return JSON.parse(SecretString);
}

/**
 * Calls the exchange with Node's HTTP client and returns its answer. Signs and sends again when no
 * answer or a 5xx comes.
 */
export async function signedCall(keys: HmacKey, ...call: Call): Promise<HttpAnswer> {
  for (let attempt = 1; ; attempt++) {
    try {
      const answer = await send(keys, ...call);
      if (answer.statusCode < 500 || attempt === ATTEMPTS) return answer;
    } catch (error) {
      if (attempt === ATTEMPTS) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
}

function send({ apiKey, apiSecret }: HmacKey, ...[method, path, parameters]: Call): Promise<HttpAnswer> {
  const payload = new URLSearchParams({ ...parameters, timestamp: String(Date.now()) }).toString();
  const signature = createHmac('sha256', apiSecret).update(payload).digest('hex');
  const url = `${baseUrl}${path}?${payload}&signature=${signature}`;
  const headers = { 'X-MBX-APIKEY': apiKey };
  return new Promise((resolve, reject) => {
    const options = { method, agent, headers, signal: AbortSignal.timeout(TIMEOUT_MS) };
    const outgoing = request(url, options, (incoming) => {
      let body = '';
      incoming.setEncoding('utf8').on('data', (chunk: string) => {
        body += chunk;
      });
      incoming.on('end', () => resolve(textAnswer(incoming.statusCode ?? 502, body)));
      incoming.on('error', reject);
    });
    outgoing.on('error', reject).end();
  });
}
