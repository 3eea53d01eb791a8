import { randomUUID } from 'node:crypto';
import * as v from 'valibot';
import { isJsonObject } from '../../lib/json.ts';
import { type AwsAnswer, AwsJsonServer, errorAnswer } from '../../local/aws-json.ts';

/** An event as a rule's target receives it. */
export interface BusEvent {
  readonly id: string;
  readonly bus: string;
  readonly source: string;
  readonly 'detail-type': string;
  readonly detail: unknown;
}

/** The ways in which calls can fail. */
const FAILURES = {
  refuse: errorAnswer('AccessDeniedException', 'Refused by a test.'),
  /** The SDK's client retries it. */
  fail: errorAnswer('InternalException', 'Failed by a test.', 500),
  hang: 'none',
  /** Only the first entry is refused. */
  partial: undefined,
} as const;
const LONGEST_CALL_BYTES = 256 * 1024;

const entry = v.object({
  Source: v.optional(v.string(), ''),
  DetailType: v.optional(v.string(), ''),
  Detail: v.optional(v.string(), ''),
  EventBusName: v.optional(v.string(), 'default'),
});
const input = v.object({ Entries: v.pipe(v.array(entry), v.minLength(1), v.maxLength(10)) });
const detail = v.pipe(v.string(), v.parseJson(), v.check(isJsonObject));

type Entry = v.InferOutput<typeof entry>;

/** Starts an EventBridge on 127.0.0.1 that serves `PutEvents`. */
export async function startEventBus(): Promise<EmbeddedEventBus> {
  const bus = new EmbeddedEventBus('AWSEvents.PutEvents');
  await bus.start();
  return bus;
}

/** Keeps the events of every bus and has no rules. */
export class EmbeddedEventBus extends AwsJsonServer {
  /** While set, every call fails in this way. */
  fault: keyof typeof FAILURES | undefined;
  /** The events that were taken, oldest first. */
  events: BusEvent[] = [];

  /** Forgets all calls and events, and any fault. */
  reset(): void {
    this.fault = undefined;
    this.calls = 0;
    this.events = [];
  }

  protected override failure(): AwsAnswer | undefined {
    return this.fault && FAILURES[this.fault];
  }

  protected override execute(call: unknown): AwsAnswer {
    const { success, output } = v.safeParse(input, call);
    if (!success) return errorAnswer('ValidationException', 'A call has 1 to 10 entries.');
    const { Entries } = output;
    if (Buffer.byteLength(Entries.map(countedText).join('')) > LONGEST_CALL_BYTES)
      return errorAnswer('ValidationException', 'Total size of the entries is over the limit.');
    const results = Entries.map((one, index) =>
      this.fault === 'partial' && index === 0 ? refused('InternalFailure') : this.#take(one),
    );
    const FailedEntryCount = results.filter((result) => 'ErrorCode' in result).length;
    return { status: 200, body: { FailedEntryCount, Entries: results } };
  }

  #take({ Source, DetailType, Detail, EventBusName }: Entry) {
    if (Source === '' || DetailType === '') return refused('InvalidArgument');
    const { success, output } = v.safeParse(detail, Detail);
    if (!success) return refused('MalformedDetail');
    const id = randomUUID();
    this.events.push({ id, bus: EventBusName, source: Source, 'detail-type': DetailType, detail: output });
    return { EventId: id };
  }
}

const refused = (code: string) => ({ ErrorCode: code, ErrorMessage: 'This entry was not taken.' });

/** EventBridge counts the bytes of source, detail-type and detail. */
const countedText = ({ Source, DetailType, Detail }: Entry) => Source + DetailType + Detail;
