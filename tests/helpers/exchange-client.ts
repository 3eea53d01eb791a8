import { ExchangeClient } from '../../lib/exchange/client.ts';
import { createTransport } from '../../lib/exchange/transport.ts';
import { type Keys, readKeys } from '../../lib/keys/keys.ts';
import type { OrderRef } from '../../lib/order.ts';
import { defaultKey } from '../../local/keys.ts';
import { type ManualEffects, manualEffects } from './manual-effects.ts';

/** The service's exchange client, and the events that its observer received. */
export interface TestClient {
  readonly exchange: ExchangeClient;
  readonly effects: ManualEffects;
  /** Offsets of the clock reads, in ms. */
  readonly offsets: readonly number[];
  /** Of each answer, latency in ms and used weight. */
  readonly answers: readonly (readonly [latencyMs: number, usedWeight: number | undefined])[];
  /** The orders that were asked about where the exchange answered about another, and that other's id. */
  readonly otherOrders: readonly (readonly [asked: OrderRef, answered: string])[];
}

interface ClientOptions {
  readonly effects?: ManualEffects;
  readonly timeoutMs?: number;
  readonly weightLimit?: number;
}

/** The keys that an embedded exchange knows when it is told of none. */
export const defaultKeys: Keys = readKeys(JSON.stringify(defaultKey), 'v1');

/** A client of the exchange at this address, over real HTTP, on a clock that only the test moves. */
export function exchangeClient(
  url: string | URL,
  { effects = manualEffects(), timeoutMs = 10_000, weightLimit = 2400 }: ClientOptions = {},
): TestClient {
  const offsets: number[] = [];
  const answers: [number, number | undefined][] = [];
  const otherOrders: [OrderRef, string][] = [];
  const observer = {
    clockRead: (offsetMs: number) => offsets.push(offsetMs),
    answered: (latencyMs: number, usedWeight: number | undefined) => answers.push([latencyMs, usedWeight]),
    otherOrder: (asked: OrderRef, answered: string) => otherOrders.push([asked, answered]),
  };
  const transport = createTransport(new URL(url), effects);
  const exchange = new ExchangeClient({ transport, effects, observer, timeoutMs, weightLimit });
  return { exchange, effects, offsets, answers, otherOrders };
}
