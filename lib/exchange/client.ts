import type { OrderRef } from '../cancel/request.ts';
import type { Effects } from '../effects.ts';
import { parseObject } from '../json.ts';
import type { Keys } from '../keys/keys.ts';
import { redact, spellingsOf } from './redact.ts';
import { readRefusal } from './result.ts';
import { type Purpose, Throttle } from './throttle.ts';
import type { Answer, Call, NoAnswer, Transport } from './transport.ts';

/** No call was made: the exchange has throttled us, or the weight that is left is kept for cancels. */
export interface Held {
  readonly kind: 'held';
  /** Milliseconds since the epoch. */
  readonly until: number;
}

/** Told what the exchange's answers show of it. Durations in milliseconds. */
export interface ExchangeObserver {
  answered(latencyMs: number, usedWeight: number | undefined): void;
  clockRead(offsetMs: number): void;
}

interface Options {
  readonly transport: Transport;
  readonly effects: Effects;
  readonly observer: ExchangeObserver;
  /** Milliseconds for one call. */
  readonly timeoutMs: number;
  readonly weightLimit: number;
}

/** What one signed call needs beyond its keys. */
export interface SignedCall {
  readonly method: 'GET' | 'DELETE';
  readonly ref: OrderRef;
  /** Milliseconds. */
  readonly recvWindow: number;
  /** When the call must be over, in milliseconds since the epoch. */
  readonly deadlineAt: number;
}

const TIME_PATH = '/eapi/v1/time';
const ORDER_PATH = '/eapi/v1/order';

/** The exchange as one execution environment sees it: one clock offset, one throttle, one pool of connections. */
export class Exchange {
  readonly throttle: Throttle;
  readonly #options: Options;
  #clockOffset = 0;
  #clockReading: Promise<boolean> | undefined;

  constructor(options: Options) {
    this.#options = options;
    this.throttle = new Throttle({ ...options, clockOffset: () => this.#clockOffset });
  }

  /** A time of ours on the exchange's clock, as far as that is known; both in whole milliseconds since the epoch. */
  toExchangeTime(ms: number): number {
    return Math.round(ms + this.#clockOffset);
  }

  /**
   * Reads the exchange's clock (`GET /eapi/v1/time`, weight 1); callers at the same time share one call. Never rejects.
   *
   * @returns whether it could be read; when not, the offset stays as it was
   */
  readClock(deadlineAt: number): Promise<boolean> {
    this.#clockReading ??= this.#readClock(deadlineAt).finally(() => {
      this.#clockReading = undefined;
    });
    return this.#clockReading;
  }

  /** Makes one signed call about one order (weight 1), with a timestamp of now. Never rejects. */
  async call(
    { method, ref, recvWindow, deadlineAt }: SignedCall,
    keys: Keys,
  ): Promise<Answer | NoAnswer | Held> {
    const payload = payloadOf(ref, recvWindow, this.toExchangeTime(this.#options.effects.now()));
    const signature = keys.sign(payload);
    const path = `${ORDER_PATH}?${payload}&signature=${signature}`;
    const purpose = method === 'DELETE' ? 'cancel' : 'other';
    const reply = await this.#send({ method, path, apiKey: keys.apiKey }, purpose, deadlineAt);
    if (reply.kind !== 'answer' || reply.text === undefined) return reply;
    return { ...reply, text: redact(reply.text, [keys.apiKey, ...spellingsOf(signature)]) };
  }

  async #readClock(deadlineAt: number): Promise<boolean> {
    const reply = await this.#send({ method: 'GET', path: TIME_PATH }, 'cancel', deadlineAt);
    if (reply.kind !== 'answer' || reply.status !== 200) return false;
    const serverTime = parseObject(reply.text ?? '')?.serverTime;
    if (typeof serverTime !== 'string' || !/^\d{13}$/.test(serverTime)) return false;
    this.#clockOffset = Number(serverTime) - (reply.sentAt + reply.receivedAt) / 2;
    this.#options.observer.clockRead(this.#clockOffset);
    return true;
  }

  async #send(
    call: Omit<Call, 'timeoutMs'>,
    purpose: Purpose,
    deadlineAt: number,
  ): Promise<Answer | NoAnswer | Held> {
    const { effects, transport, observer } = this.#options;
    const until = this.throttle.heldUntil(purpose);
    if (until !== undefined) return { kind: 'held', until };
    const startedAt = effects.now();
    const timeoutMs = Math.min(this.#options.timeoutMs, deadlineAt - startedAt);
    if (timeoutMs <= 0) return { kind: 'no-answer', sent: false, reason: 'no time left' };
    const reply = await transport({ ...call, timeoutMs });
    if (reply.kind === 'answer') {
      observer.answered(effects.now() - startedAt, reply.usedWeight);
      if (reply.usedWeight !== undefined) this.throttle.noteWeight(reply.usedWeight);
      if (readRefusal(reply).kind === 'throttled') this.throttle.noteThrottle(reply);
    }
    return reply;
  }
}

/** The bytes to sign, in the order the exchange documents. */
function payloadOf(
  { symbol, orderId, clientOrderId }: OrderRef,
  recvWindow: number,
  timestamp: number,
): string {
  return Object.entries({ symbol, orderId, clientOrderId, recvWindow, timestamp })
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}=${encodeURIComponent(String(value))}`)
    .join('&');
}
