import type { Effects } from '../effects.ts';
import type { Keys } from '../keys/keys.ts';
import type { OrderRef } from '../order.ts';
import { type Endpoint, serverTime } from './endpoints.ts';
import { redact, spellingsOf } from './redact.ts';
import { type CallResult, interpret, type OwnWords } from './result.ts';
import { Throttle } from './throttle.ts';
import type { Answer, Call, NoAnswer, Transport } from './transport.ts';

/** The first read of the exchange's clock may hold up a cancel for this long, in milliseconds. */
const FIRST_CLOCK_MS = 1000;

/** Receives events from the exchange client, for logs and metrics. Durations in milliseconds. */
export interface ExchangeObserver {
  answered(latencyMs: number, usedWeight: number | undefined): void;
  clockRead(offsetMs: number): void;
  /** The answer to a call about `asked` was another order, `answered`. */
  otherOrder(asked: OrderRef, answered: string): void;
}

interface Options {
  readonly transport: Transport;
  readonly effects: Effects;
  readonly observer: ExchangeObserver;
  /** Milliseconds for one call. */
  readonly timeoutMs: number;
  readonly weightLimit: number;
}

/** One signed call, without its keys. */
export interface SignedCall<T> {
  readonly endpoint: Endpoint<T>;
  /** In the documented order; undefined values are left out. */
  readonly parameters: Readonly<Record<string, string | undefined>>;
  /** Milliseconds. */
  readonly recvWindow: number;
  /** The end of the call, in milliseconds of the monotonic clock. */
  readonly deadlineAt: number;
}

/** A call's result, and the used weight that its answer reported. */
export interface Reported<T> {
  readonly result: CallResult<T>;
  readonly usedWeight: number | undefined;
  /** The answer itself, if its body could be read whole. */
  readonly answer: OwnWords | undefined;
}

/**
 * The exchange as one execution environment sees it: one clock offset, one throttle, one pool of
 * connections.
 */
export class ExchangeClient {
  readonly throttle: Throttle;
  readonly observer: ExchangeObserver;
  readonly #options: Options;
  #usedWeight: number | undefined;
  #clockOffset = 0;
  #clockReading: Promise<boolean> | undefined;
  #firstClockRead: Promise<boolean> | undefined;
  #isReady = true;

  constructor(options: Options) {
    this.#options = options;
    this.observer = options.observer;
    this.throttle = new Throttle({ ...options, clockOffset: () => this.#clockOffset });
  }

  /** The used weight that the last answer reported. */
  get usedWeight(): number | undefined {
    return this.#usedWeight;
  }

  /** Starts the first read of the exchange's clock, which opens a connection. */
  start(): void {
    this.#isReady = false;
    this.#firstClockRead = this.readClock(this.#options.effects.monotonic() + FIRST_CLOCK_MS).finally(() => {
      this.#isReady = true;
    });
  }

  /** False while the first read of the clock is under way. */
  get isReady(): boolean {
    return this.#isReady;
  }

  /** Resolves when the first read of the clock is over; with false when it failed. */
  async ready(): Promise<boolean> {
    return (await this.#firstClockRead) ?? true;
  }

  /**
   * Converts a time of ours to the exchange's clock; both in whole milliseconds since the epoch.
   */
  toExchangeTime(ms: number): number {
    return Math.round(ms + this.#clockOffset);
  }

  /**
   * Reads the exchange's clock (`GET /eapi/v1/time`, weight 1); concurrent callers share one call.
   * Never rejects.
   *
   * @returns true if it was read; when false, the offset stays as it was
   */
  readClock(deadlineAt: number): Promise<boolean> {
    this.#clockReading ??= this.#readClock(deadlineAt).finally(() => {
      this.#clockReading = undefined;
    });
    return this.#clockReading;
  }

  /** Makes one signed call with a timestamp of now. No secret reaches the result. Never rejects. */
  async call<T>(call: SignedCall<T>, keys: Keys): Promise<Reported<T>> {
    const { endpoint, deadlineAt } = call;
    const payload = payloadOf(call, this.toExchangeTime(this.#options.effects.now()));
    const signature = keys.sign(payload);
    const path = `${endpoint.path}?${payload}&signature=${signature}`;
    const secrets = [keys.apiKey, ...spellingsOf(signature)];
    const { result, reply } = await this.#send(endpoint, { path, apiKey: keys.apiKey }, deadlineAt, secrets);
    if (reply?.kind !== 'answer') return { result, usedWeight: undefined, answer: undefined };
    return { result, usedWeight: reply.usedWeight, answer: ownWords(reply) };
  }

  /** Makes one call that needs no keys. Never rejects. */
  async callUnsigned<T>(endpoint: Endpoint<T>, deadlineAt: number): Promise<CallResult<T>> {
    return (await this.#send(endpoint, { path: endpoint.path }, deadlineAt)).result;
  }

  async #readClock(deadlineAt: number): Promise<boolean> {
    const { result, reply } = await this.#send(serverTime, { path: serverTime.path }, deadlineAt);
    if (result.kind !== 'ok') return false;
    // Stryker disable next-line ConditionalExpression,OptionalChaining,BooleanLiteral: a value comes from an answer alone
    if (reply?.kind !== 'answer') return false;
    this.#clockOffset = result.value - (reply.sentAt + reply.receivedAt) / 2;
    this.observer.clockRead(this.#clockOffset);
    return true;
  }

  async #send<T>(
    { method, purpose, read, maxBytes }: Endpoint<T>,
    call: Pick<Call, 'path' | 'apiKey'>,
    deadlineAt: number,
    // Stryker disable next-line ArrayDeclaration: without secrets there is nothing to remove
    secrets: readonly string[] = [],
  ): Promise<{ readonly result: CallResult<T>; readonly reply?: Answer | NoAnswer }> {
    const { effects, transport } = this.#options;
    const until = this.throttle.heldUntil(purpose);
    if (until !== undefined) {
      const detail = `no call before ${new Date(until).toISOString()}`;
      const kind = this.throttle.remainingMs() > 0 ? 'held' : 'reserved';
      return { result: { kind, reason: { detail } } };
    }
    const startedAt = effects.monotonic();
    const timeoutMs = Math.ceil(Math.min(this.#options.timeoutMs, deadlineAt - startedAt));
    if (timeoutMs <= 0) return { result: { kind: 'not-executed', reason: { detail: NO_TIME } } };
    const reply = clean(await transport({ method, ...call, timeoutMs, maxBytes }), secrets);
    const result = interpret(reply, read);
    if (reply.kind === 'answer') this.#note(reply, result, effects.monotonic() - startedAt);
    return { result, reply };
  }

  #note(answer: Answer, { kind }: CallResult<unknown>, latencyMs: number): void {
    this.observer.answered(latencyMs, answer.usedWeight);
    this.#usedWeight = answer.usedWeight ?? this.#usedWeight;
    if (answer.usedWeight !== undefined) this.throttle.noteWeight(answer.usedWeight, answer.sentAt);
    if (kind === 'throttled') this.throttle.noteThrottle(answer);
  }
}

function ownWords({ status, text, contentType, retryAfter }: Answer): OwnWords | undefined {
  return text === undefined ? undefined : { status, text, contentType, retryAfter };
}

const NO_TIME = 'no time was left for the call';

/** Removes secrets from an answer: it may echo the request. */
function clean(reply: Answer | NoAnswer, secrets: readonly string[]): Answer | NoAnswer {
  if (reply.text === undefined) return reply;
  return { ...reply, text: redact(reply.text, secrets) };
}

/** Returns the bytes to sign, in the order that the exchange documents. */
function payloadOf({ parameters, recvWindow }: SignedCall<unknown>, timestamp: number): string {
  return Object.entries({ ...parameters, recvWindow, timestamp })
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}=${encodeURIComponent(String(value))}`)
    .join('&');
}
