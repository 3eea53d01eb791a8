import * as v from 'valibot';

/** An error that SQS answers a call with. */
export interface Refusal {
  readonly status: number;
  readonly name: string;
  readonly message: string;
}

const MAX_ATTRIBUTES = 10;
const UNICODE_OF_SQS = /^[\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]*$/u;

const batch = v.object({ Entries: v.array(v.unknown()) });
const visibility = v.object({ VisibilityTimeout: v.number() });
const message = v.object({
  MessageAttributes: v.record(v.string(), v.object({ StringValue: v.optional(v.string()) })),
});

/**
 * What SQS refuses and the emulator would let pass: an eleventh message attribute, an empty one, one with characters
 * that SQS does not carry, and a visibility timeout that is not a whole number of seconds. Undefined when all is well,
 * and for anything that is the emulator's own to judge.
 */
export function refusalOf(action: string, body: unknown): Refusal | undefined {
  const entries = v.is(batch, body) ? body.Entries : [body];
  switch (action) {
    case 'SendMessage':
    case 'SendMessageBatch':
      return firstRefusal(entries, messageRefused);
    case 'ChangeMessageVisibility':
    case 'ChangeMessageVisibilityBatch':
      return firstRefusal(entries, visibilityRefused);
    default:
      return undefined;
  }
}

function firstRefusal(entries: readonly unknown[], rule: (entry: unknown) => Refusal | undefined) {
  return entries.map(rule).find((refusal) => refusal !== undefined);
}

function messageRefused(entry: unknown): Refusal | undefined {
  if (!v.is(message, entry)) return undefined;
  const attributes = Object.entries(entry.MessageAttributes);
  if (attributes.length > MAX_ATTRIBUTES) {
    return invalid(`${attributes.length} message attributes: SQS takes ${MAX_ATTRIBUTES}`);
  }
  for (const [name, { StringValue = ' ' }] of attributes) {
    if (StringValue === '') return invalid(`message attribute ${name} is empty`);
    if (!UNICODE_OF_SQS.test(StringValue)) {
      return invalid(`message attribute ${name} holds characters that SQS does not carry`);
    }
  }
  return undefined;
}

function visibilityRefused(entry: unknown): Refusal | undefined {
  if (!v.is(visibility, entry) || Number.isInteger(entry.VisibilityTimeout)) return undefined;
  return { status: 400, name: 'SerializationException', message: 'VisibilityTimeout is not a whole number' };
}

function invalid(text: string): Refusal {
  return { status: 400, name: 'InvalidParameterValue', message: text };
}
