import { isUtf8 } from 'node:buffer';
import * as http from 'node:http';
import * as https from 'node:https';
import type { Duplex } from 'node:stream';
import { urlToHttpOptions } from 'node:url';
import type { Effects } from '../effects.ts';

/** One call, ready to be sent: `path` holds the query string exactly as signed. */
export interface Call {
  readonly method: 'GET' | 'DELETE';
  readonly path: string;
  readonly apiKey?: string;
  /** Milliseconds for the whole call, from opening a connection to the answer's last byte. */
  readonly timeoutMs: number;
  /** The longest body that is read; default 1 MiB. */
  readonly maxBytes?: number | undefined;
}

/**
 * An answer of the exchange. `text` is undefined when the body could not be read whole: cut off,
 * too long, not UTF-8.
 */
export interface Answer {
  readonly kind: 'answer';
  readonly status: number;
  readonly text: string | undefined;
  readonly contentType: string | undefined;
  readonly retryAfter: string | undefined;
  readonly usedWeight: number | undefined;
  /**
   * The moments at which the request went out and the answer was complete, in milliseconds since
   * the epoch.
   */
  readonly sentAt: number;
  readonly receivedAt: number;
}

/**
 * The lack of an answer. `sent` is false only when no byte of the request can have reached the
 * exchange.
 */
export interface NoAnswer {
  readonly kind: 'no-answer';
  readonly sent: boolean;
  /** An error code, or our own words. */
  readonly cause: string;
  /** An answer alone has a text. */
  readonly text?: never;
}

export type Transport = (call: Call) => Promise<Answer | NoAnswer>;

const USER_AGENT = 'binance-options-cancel';
const MAX_BODY_BYTES = 1024 * 1024;
/**
 * A socket that was idle for longer, perhaps while the environment was frozen, may be closed at the
 * other end.
 */
const MAX_IDLE_MS = 15_000;

/**
 * Creates a transport to one origin over kept-alive connections. It never rejects, always verifies
 * the certificate, follows no redirect, and reads at most `maxBytes` of an answer (1 MiB by
 * default).
 */
export function createTransport(origin: URL, effects: Effects): Transport {
  const isTls = origin.protocol === 'https:';
  const { Agent, request } = isTls ? https : http;
  const agent = new Agent({ keepAlive: true });
  const dropIdle = watchIdle(agent, effects);
  const address = urlToHttpOptions(origin);
  const connected = isTls ? 'secureConnect' : 'connect';

  return ({ method, path, apiKey, timeoutMs, maxBytes = MAX_BODY_BYTES }) => {
    dropIdle();
    const headers = { 'User-Agent': USER_AGENT, ...(apiKey !== undefined && { 'X-MBX-APIKEY': apiKey }) };
    const outgoing = request({ ...address, agent, method, path, headers, rejectUnauthorized: true });
    const giveUp = () => outgoing.destroy(new Error(`no answer within ${timeoutMs} ms`));
    const timer = setTimeout(giveUp, timeoutMs);
    const reply = replyTo(outgoing, connected, effects, maxBytes).finally(() => clearTimeout(timer));
    outgoing.end();
    return reply;
  };
}

/**
 * Resolves with the reply. Once the response headers arrive, the call counts as answered: a later
 * failure fails the body alone.
 */
function replyTo(
  outgoing: http.ClientRequest,
  connected: string,
  effects: Effects,
  maxBytes: number,
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
      resolve(readBody(incoming, maxBytes).then((text) => answer(incoming, text)));
    });
    outgoing.on('upgrade', (incoming, socket) => {
      socket.destroy(); // without a listener Node destroys it too, and emits nothing
      resolve(answer(incoming, undefined));
    });
    outgoing.on('error', (error) => {
      resolve({ kind: 'no-answer', sent: sentAt !== undefined, cause: causeOf(error) });
    });
  });
}

/**
 * Notes when each socket becomes idle. Returns a function that closes those which have been idle
 * for too long.
 */
function watchIdle(agent: http.Agent, effects: Effects): () => void {
  const idleSince = new WeakMap<Duplex, number>();
  agent.on('free', (socket: Duplex) => idleSince.set(socket, effects.monotonic()));
  return () => {
    const oldest = effects.monotonic() - MAX_IDLE_MS;
    // Stryker disable next-line ArrayDeclaration: only the compiler does not know that no list is undefined
    for (const socket of Object.values(agent.freeSockets).flatMap((sockets) => sockets ?? []))
      if ((idleSince.get(socket) ?? oldest) < oldest) socket.destroy();
  };
}

/**
 * Returns the error's code or our own words: Node's messages may hold the address, never the query.
 */
function causeOf(error: Error): string {
  const code: unknown = Reflect.get(error, 'code');
  return typeof code === 'string' ? code : error.message;
}

function headOf({ statusCode = 0, headers }: http.IncomingMessage) {
  const weight = headers['x-mbx-used-weight-1m'];
  const usedWeight = /^\d{1,9}$/.test(String(weight)) ? Number(weight) : undefined;
  const contentType = headers['content-type'];
  return { status: statusCode, contentType, retryAfter: headers['retry-after'], usedWeight };
}

/** Resolves with the body; with undefined if it is cut off, too long or not UTF-8. */
function readBody(incoming: http.IncomingMessage, maxBytes: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let length = 0;
    incoming.on('data', (chunk: Buffer) => {
      length += chunk.length;
      chunks.push(chunk);
      if (length <= maxBytes) return;
      resolve(undefined); // before `destroy`, in spite of which a body that is complete ends
      incoming.destroy();
    });
    incoming.on('end', () => resolve(decode(Buffer.concat(chunks))));
    incoming.on('close', () => resolve(undefined));
  });
}

const decode = (bytes: Buffer) => (isUtf8(bytes) ? bytes.toString() : undefined);
