import type { PutEventsCommandOutput } from '@aws-sdk/client-eventbridge';
import { loadedOnce, within } from '../effects.ts';

/** The settled cancel or kill of an event. */
export interface OutcomeEvent {
  readonly detailType: 'Cancel Settled' | 'Kill Settled';
  /** The fields of its log line, described in docs/events. */
  readonly detail: Readonly<Record<string, unknown>>;
}

/** Events that the bus did not confirm. */
export interface Unpublished {
  readonly count: number;
  /** The first error. */
  readonly error: unknown;
}

/** The source of every event. */
const SOURCE = 'binance-options-cancel';
/** The longest time, in milliseconds, for which the bus may hold up the end of an invocation. */
const LONGEST_MS = 300;
/** Milliseconds kept of an invocation's time to answer. */
const ANSWER_MS = 100;
/** PutEvents takes at most 10 entries of 256 KB together. */
const MOST_ENTRIES = 10;
const MOST_BYTES = 256 * 1024;

/** Collects the outcomes of an invocation, and puts them on an EventBridge bus at its end. */
export class OutcomeEvents {
  readonly #busName: string;
  readonly #longestMs: number;
  readonly #load = loadedOnce(async () => {
    const sdk = await import('@aws-sdk/client-eventbridge');
    return { sdk, client: new sdk.EventBridgeClient({ maxAttempts: 2 }) };
  });
  #collected: OutcomeEvent[] = [];

  /** Loads the SDK in the background, while the first cancel is carried out. */
  constructor(busName: string, longestMs = LONGEST_MS) {
    this.#busName = busName;
    this.#longestMs = longestMs;
    this.#load().catch(() => undefined);
  }

  /** Keeps an event for the end of the invocation. */
  add(event: OutcomeEvent): void {
    this.#collected.push(event);
  }

  /**
   * Publishes the collected events, ten to a call and the calls side by side. Takes 300 ms at most,
   * and less where the invocation must end sooner. Returns the number of events that the bus did
   * not confirm; undefined when it confirmed all. Never rejects.
   *
   * @param remainingMs milliseconds that remain of the invocation
   */
  async publish(remainingMs: number): Promise<Unpublished | undefined> {
    const ms = Math.min(this.#longestMs, remainingMs - ANSWER_MS);
    const events = this.#collected;
    this.#collected = [];
    const calls = tens(events).map((ten) => this.#put(ten, ms));
    const failed = (await Promise.all(calls)).filter((unpublished) => unpublished !== undefined);
    const [first] = failed;
    return first && { count: failed.reduce((sum, { count }) => sum + count, 0), error: first.error };
  }

  async #put(events: readonly OutcomeEvent[], ms: number): Promise<Unpublished | undefined> {
    const stop = new AbortController();
    try {
      const output = await within(ms, this.#send(events, stop.signal));
      return output === undefined
        ? { count: events.length, error: errorNamed('TimeoutError') }
        : refusedIn(output);
    } catch (error) {
      return { count: events.length, error };
    } finally {
      stop.abort();
    }
  }

  async #send(events: readonly OutcomeEvent[], abortSignal: AbortSignal): Promise<PutEventsCommandOutput> {
    const { sdk, client } = await this.#load();
    const entries = entriesOf(events).map((entry) => ({ ...entry, EventBusName: this.#busName }));
    return client.send(new sdk.PutEventsCommand({ Entries: entries }), { abortSignal });
  }
}

/** Returns an error without a message: the log names errors and shows no messages. */
const errorNamed = (name: string) => Object.assign(new Error(), { name });

/** Returns the entries that EventBridge refused in an answer of 200, with the first one's code. */
function refusedIn({ FailedEntryCount = 0, Entries = [] }: PutEventsCommandOutput): Unpublished | undefined {
  if (FailedEntryCount === 0) return undefined;
  const code = Entries.find(({ ErrorCode }) => ErrorCode !== undefined)?.ErrorCode;
  return { count: FailedEntryCount, error: errorNamed(code ?? 'EntryRefused') };
}

/** Returns the entries of a call: without the `results` of its kills if they would be too large. */
function entriesOf(events: readonly OutcomeEvent[]) {
  const entries = events.map(toEntry);
  return sizeOf(entries) <= MOST_BYTES ? entries : events.map(withoutResults).map(toEntry);
}

type Entry = ReturnType<typeof toEntry>;

const toEntry = ({ detailType, detail }: OutcomeEvent) => ({
  Source: SOURCE,
  DetailType: detailType,
  Detail: JSON.stringify(detail),
});

function withoutResults({ detailType, detail: { results: _, ...detail } }: OutcomeEvent): OutcomeEvent {
  return { detailType, detail };
}

/** EventBridge counts source, detail-type and detail of each entry. */
const sizeOf = (entries: readonly Entry[]) =>
  entries.flatMap(Object.values<string>).reduce((sum, text) => sum + Buffer.byteLength(text), 0);

const tens = (events: readonly OutcomeEvent[]) =>
  Array.from({ length: Math.ceil(events.length / MOST_ENTRIES) }, (_, index) =>
    events.slice(index * MOST_ENTRIES, (index + 1) * MOST_ENTRIES),
  );
