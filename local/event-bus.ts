import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import * as v from 'valibot';
import { type AwsAnswer, AwsJsonServer, errorAnswer, refusalOfUnsigned } from './aws-json.ts';

/**
 * A failure of the bus: it denies access, fails with 500 (which the SDK's client retries), never
 * answers, or refuses the first entry of each call.
 */
export type EventBusFault = 'refuse' | 'fail' | 'hang' | 'partial';

/** An event as a rule's target receives it. */
export interface BusEvent {
  readonly id: string;
  readonly bus: string;
  readonly source: string;
  readonly 'detail-type': string;
  readonly detail: unknown;
}

const LONGEST_CALL_BYTES = 256 * 1024;

const entry = v.object({
  Source: v.pipe(v.string(), v.nonEmpty()),
  DetailType: v.pipe(v.string(), v.nonEmpty()),
  Detail: v.string(),
  EventBusName: v.optional(v.string(), 'default'),
});
const input = v.object({ Entries: v.pipe(v.array(v.unknown()), v.minLength(1), v.maxLength(10)) });
const detail = v.pipe(
  v.string(),
  v.parseJson(),
  v.check((value) => typeof value === 'object' && value !== null && !Array.isArray(value)),
);

/**
 * Starts an EventBridge on 127.0.0.1 that serves `PutEvents` of the AWS JSON 1.1 protocol. It keeps
 * the events of every bus and has no rules.
 *
 * @param port 0 takes any free one
 */
export async function startEventBus(port = 0): Promise<EmbeddedEventBus> {
  const bus = new EmbeddedEventBus();
  await bus.start(port);
  return bus;
}

export class EmbeddedEventBus extends AwsJsonServer {
  /** While set, every call fails in this way. */
  fault: EventBusFault | undefined;
  #calls = 0;
  #events: BusEvent[] = [];

  /** The number of calls received. Failed and unanswered ones count, and each retry of a client. */
  get calls(): number {
    return this.#calls;
  }

  /** The events that were taken, oldest first. */
  get events(): readonly BusEvent[] {
    return this.#events;
  }

  /** Forgets all calls and events, and any fault. */
  reset(): void {
    this.fault = undefined;
    this.#calls = 0;
    this.#events = [];
  }

  protected override answer(request: IncomingMessage, body: string): AwsAnswer | 'none' {
    if (request.headers['x-amz-target'] !== 'AWSEvents.PutEvents')
      return errorAnswer('UnknownOperationException', 'Only PutEvents is served here.');
    this.#calls += 1;
    if (this.fault === 'hang') return 'none';
    if (this.fault === 'fail') return errorAnswer('InternalException', 'Failed by a test.', 500);
    if (this.fault === 'refuse') return errorAnswer('AccessDeniedException', 'Refused by a test.');
    const unsigned = refusalOfUnsigned(request);
    if (unsigned) return unsigned;
    const call = v.safeParse(v.pipe(v.string(), v.parseJson(), input), body);
    return call.success
      ? this.#put(call.output.Entries)
      : errorAnswer('ValidationException', 'A call has 1 to 10 entries.');
  }

  #put(entries: readonly unknown[]): AwsAnswer {
    if (entries.reduce<number>((sum, one) => sum + sizeOf(one), 0) > LONGEST_CALL_BYTES)
      return errorAnswer(
        'ValidationException',
        'Total size of the entries in the request is over the limit.',
      );
    const results = entries.map((one, index) =>
      this.fault === 'partial' && index === 0 ? refused('InternalFailure') : this.#take(one),
    );
    const FailedEntryCount = results.filter((result) => 'ErrorCode' in result).length;
    return { status: 200, body: { FailedEntryCount, Entries: results } };
  }

  #take(one: unknown) {
    const parsed = v.safeParse(entry, one);
    if (!parsed.success) return refused('InvalidArgument');
    const { Source, DetailType, Detail, EventBusName } = parsed.output;
    const read = v.safeParse(detail, Detail);
    if (!read.success) return refused('MalformedDetail');
    const id = randomUUID();
    const event = { id, bus: EventBusName, source: Source, 'detail-type': DetailType, detail: read.output };
    this.#events.push(event);
    return { EventId: id };
  }
}

const refused = (code: string) => ({ ErrorCode: code, ErrorMessage: 'This entry was not taken.' });

/** EventBridge counts the bytes of source, detail-type and detail. */
function sizeOf(one: unknown): number {
  const { Source = '', DetailType = '', Detail = '' } = v.is(entry, one) ? one : {};
  return Buffer.byteLength(Source + DetailType + Detail);
}
