import { detailOf, type Settlement } from '../outcome.ts';
import type { OutgoingMessage } from './queues.ts';

/** A request that could not be settled, with what an operator needs to know of it. */
export interface DeadLetter {
  /** The queue message's body untouched, else the CancelRequest as JSON: moved back to the queue, it runs again. */
  readonly body: string;
  readonly settlement: Settlement;
  readonly trigger: string;
  readonly requestId: string;
  readonly symbol: string | undefined;
  /** Milliseconds since the epoch. */
  readonly failedAt: number;
}

const MAX_DETAIL = 1000;

/** The dead letter as a queue message. Its attributes are all of type String; one without a value is left out. */
export function toMessage({ body, settlement, ...rest }: DeadLetter): OutgoingMessage {
  const { outcome, attempts } = settlement;
  const code = 'fault' in outcome ? outcome.fault.code : undefined;
  const attributes = {
    outcome: outcome.kind,
    code: String(code ?? ''),
    detail: detailOf(outcome),
    trigger: rest.trigger,
    requestId: rest.requestId,
    attempts: String(attempts),
    symbol: rest.symbol ?? '',
    failedAt: new Date(rest.failedAt).toISOString(),
  };
  const entries = Object.entries(attributes).map(([name, value]) => [name, allowed(value)] as const);
  return { body, attributes: Object.fromEntries(entries.filter(([, value]) => value !== '')) };
}

/** SQS takes neither empty values nor characters that XML has no place for. */
const allowed = (value: string) =>
  value
    .toWellFormed()
    .slice(0, MAX_DETAIL)
    .toWellFormed()
    .replace(/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, '?');
