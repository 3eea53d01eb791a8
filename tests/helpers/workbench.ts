import { cancel } from '../../lib/cancel/cancellation.ts';
import { type CancelRequest, parseCancelRequest } from '../../lib/cancel/request.ts';
import { ExchangeClient } from '../../lib/exchange/client.ts';
import { Session } from '../../lib/exchange/session.ts';
import { createTransport } from '../../lib/exchange/transport.ts';
import { Account } from '../../lib/keys/account.ts';
import { KeyStore } from '../../lib/keys/store.ts';
import type { Outcome } from '../../lib/outcome.ts';
import {
  type EmbeddedExchange,
  type ExchangeOptions,
  type ReceivedCall,
  startExchange,
} from '../../local/exchange.ts';
import { defaultKey, type FreshKey } from '../../local/keys.ts';
import { manualEffects } from './manual-effects.ts';

/** The secret as a test rotates it, and how often it was read. */
export interface TestSecret {
  key: FreshKey['secret'];
  version: string;
  reads: number;
  /** Awaited by every read. */
  beforeRead: () => unknown;
}

/** What a cancel came to. */
export interface Settled {
  readonly outcome: Outcome;
  /** The order's id, where the service knows it. */
  readonly orderId: string | undefined;
  readonly attempts: number;
  /** The calls it made, such as `DELETE orderId`; `TIME` for the exchange's clock. */
  readonly calls: readonly string[];
}

export interface CancelOptions {
  readonly confirm?: boolean;
  readonly isRepeat?: boolean;
  /** As the queue and the schedule do. Default false. */
  readonly looksFirst?: boolean;
  /** Default: now. */
  readonly askedAt?: number;
  /** Milliseconds for all calls; default 8000. */
  readonly remainingMs?: number;
}

export interface WorkbenchOptions extends Omit<ExchangeOptions, 'now'> {
  /** For one call, in real time; default 5000. */
  readonly timeoutMs?: number;
  /** Default 3. */
  readonly maxAttempts?: number;
  /** What the service takes the exchange's limit to be; default 2400. */
  readonly knownWeightLimit?: number;
  /** Happens in the world before the call of this number, from 1 on, leaves the service; the clock's calls count. */
  readonly beforeCall?: (number: number, exchange: EmbeddedExchange) => unknown;
}

/**
 * The library as one execution environment has it, and an exchange, over real HTTP. Both go by one clock that only
 * `time` and the service's own waits move.
 */
export type Workbench = Awaited<ReturnType<typeof startWorkbench>>;

export const SYMBOL = 'BTC-200730-9000-C';

export async function startWorkbench(options: WorkbenchOptions = {}) {
  const { timeoutMs = 5000, maxAttempts = 3, knownWeightLimit: weightLimit = 2400 } = options;
  const time = manualEffects();
  const exchange = await startExchange({ ...options, now: time.now });
  const secret: TestSecret = { key: defaultKey, version: '1', reads: 0, beforeRead: () => undefined };
  const send = createTransport(new URL(exchange.url), time);
  /** The statuses of the answers that reached the service, in order. */
  const heard: number[] = [];
  /** The ids of other orders with which the exchange answered. */
  const otherOrders: string[] = [];
  let number = 0;
  const client = new ExchangeClient({
    transport: async (call) => {
      number += 1;
      await options.beforeCall?.(number, exchange);
      const reply = await send(call);
      if (reply.kind === 'answer') heard.push(reply.status);
      return reply;
    },
    effects: time,
    observer: {
      answered: () => undefined,
      clockRead: () => undefined,
      otherOrder: (_, answered) => otherOrders.push(answered),
    },
    timeoutMs,
    weightLimit,
  });
  const keyStore = new KeyStore({
    source: { read: () => readSecret(secret) },
    ttlMs: 300_000,
    effects: time,
    onStale: () => undefined,
  });
  const account = new Account(keyStore);
  return {
    exchange,
    client,
    account,
    time,
    secret,
    heard,
    otherOrders,
    /** Cancels by the fields of a request; `symbol` is the documented order's unless given. */
    cancel: async (
      fields: Readonly<Record<string, unknown>>,
      { askedAt = time.now(), remainingMs = 8000, ...options }: CancelOptions = {},
    ): Promise<Settled> => {
      const firstCall = exchange.calls.length;
      const session = new Session(
        { client, account, effects: time },
        { recvWindow: 5000, deadlineAt: time.monotonic() + remainingMs },
      );
      const request = requestOf(fields);
      const ask = { request, confirm: false, isRepeat: false, looksFirst: false, askedAt, ...options };
      const ended = await cancel(ask, { session, effects: time, maxAttempts });
      return {
        ...ended,
        attempts: session.cancelsSent,
        calls: exchange.calls.slice(firstCall).map(digestOf),
      };
    },
    [Symbol.asyncDispose]: () => exchange.stop(),
  };
}

async function readSecret(secret: TestSecret) {
  secret.reads += 1;
  await secret.beforeRead();
  return { text: JSON.stringify(secret.key), version: secret.version };
}

function requestOf(fields: Readonly<Record<string, unknown>>): CancelRequest {
  const parsed = parseCancelRequest({ symbol: SYMBOL, ...fields });
  if (!parsed.ok) throw new Error(parsed.errors.join('; '));
  return parsed.value;
}

/** A call's method, and the parameters by which it names its order. */
function digestOf({ method, path, rawQuery }: ReceivedCall): string {
  if (path === '/eapi/v1/time') return 'TIME';
  const names = [...new URLSearchParams(rawQuery).keys()];
  return [method, ...names.filter((name) => name === 'orderId' || name === 'clientOrderId')].join(' ');
}
