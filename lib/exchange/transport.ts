import * as http from 'node:http';
import * as https from 'node:https';
import { urlToHttpOptions } from 'node:url';
import type { Effects } from '../effects.ts';

/** One call, ready to be sent: `path` holds the query string exactly as signed. */
export interface Call {
  readonly method: 'GET' | 'DELETE';
  readonly path: string;
  readonly apiKey?: string;
  /** Milliseconds for the whole call, from opening a connection to the answer's last byte. */
  readonly timeoutMs: number;
}

/** The exchange answered. `text` is undefined when the body could not be read whole: cut off, over 1 MiB, not UTF-8. */
export interface Answer {
  readonly kind: 'answer';
  readonly status: number;
  readonly text: string | undefined;
  readonly retryAfter: string | undefined;
  readonly usedWeight: number | undefined;
  /** When the request went out and when the answer was whole, in milliseconds since the epoch. */
  readonly sentAt: number;
  readonly receivedAt: number;
}

/** No answer came. `sent` is false only when no byte of the request can have reached the exchange. */
export interface NoAnswer {
  readonly kind: 'no-answer';
  readonly sent: boolean;
  /** An error code, or our own words. */
  readonly cause: string;
}

export type Transport = (call: Call) => Promise<Answer | NoAnswer>;

const USER_AGENT = 'binance-options-cancel';
const MAX_BODY_BYTES = 1024 * 1024;
/** A connection idle for longer, or through a freeze of the environment, may be dead at the other end without our knowing. */
const MAX_IDLE_MS = 15_000;

/**
 * Talks to one origin over kept-alive connections. Never rejects, never follows a redirect, and takes no more than 1 MiB
 * of an answer.
 */
export function createTransport(origin: URL, effects: Effects): Transport {
  const isTls = origin.protocol === 'https:';
  const { Agent, request } = isTls ? https : http;
  const agent = new Agent({ keepAlive: true, scheduling: 'lifo' });
  const address = urlToHttpOptions(origin);
  const connected = isTls ? 'secureConnect' : 'connect';
  let lastUse = effects.now();

  return ({ method, path, apiKey, timeoutMs }) => {
    if (effects.now() - lastUse > MAX_IDLE_MS) closeIdle(agent);
    lastUse = effects.now();
    const headers = { 'User-Agent': USER_AGENT, ...(apiKey !== undefined && { 'X-MBX-APIKEY': apiKey }) };
    const outgoing = request({ ...address, agent, method, path, headers });
    const giveUp = () => outgoing.destroy(new Error(`no answer within ${timeoutMs} ms`));
    const timer = setTimeout(giveUp, timeoutMs);
    const reply = replyTo(outgoing, connected, effects).finally(() => clearTimeout(timer));
    outgoing.end();
    return reply;
  };
}

/** What comes of a request. Once there is a head, it counts: what fails after it, fails the body alone. */
function replyTo(
  outgoing: http.ClientRequest,
  connected: string,
  effects: Effects,
): Promise<Answer | NoAnswer> {
  const startedAt = effects.now();
  let sentAt: number | undefined;
  const markSent = () => {
    sentAt = effects.now();
  };
  outgoing.on('socket', (socket) => (outgoing.reusedSocket ? markSent() : socket.once(connected, markSent)));
  const answer = (incoming: http.IncomingMessage, text: string | undefined): Answer => {
    const receivedAt = effects.now();
    return { kind: 'answer', ...headOf(incoming), text, sentAt: sentAt ?? startedAt, receivedAt };
  };
  return new Promise((resolve) => {
    outgoing.on('response', (incoming) => {
      resolve(readBody(incoming).then((text) => answer(incoming, text)));
    });
    outgoing.on('upgrade', (incoming, socket) => {
      socket.destroy(); // without a listener Node does the same, and says nothing of it
      resolve(answer(incoming, undefined));
    });
    outgoing.on('error', (error) => {
      resolve({ kind: 'no-answer', sent: sentAt !== undefined, cause: causeOf(error) });
    });
  });
}

function closeIdle(agent: http.Agent): void {
  for (const sockets of Object.values(agent.freeSockets))
    for (const socket of sockets ?? []) socket.destroy();
}

/** The error's code or our own words: Node's messages may hold the address, never the query. */
function causeOf(error: Error): string {
  return 'code' in error && typeof error.code === 'string' ? error.code : error.message;
}

function headOf({ statusCode = 0, headers }: http.IncomingMessage) {
  const weight = headers['x-mbx-used-weight-1m'];
  const usedWeight = typeof weight === 'string' && /^\d{1,9}$/.test(weight) ? Number(weight) : undefined;
  return { status: statusCode, retryAfter: headers['retry-after'], usedWeight };
}

async function readBody(incoming: http.IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of incoming) {
      length += chunk.length;
      if (length > MAX_BODY_BYTES) return undefined; // leaving the loop destroys the connection
      chunks.push(chunk);
    }
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Buffer.concat(chunks));
  } catch {
    return undefined;
  }
}
