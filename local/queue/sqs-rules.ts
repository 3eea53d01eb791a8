import * as v from 'valibot';

export interface SqsError {
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
 * Returns SQS's error for calls that the emulator would accept by mistake: an eleventh message
 * attribute, an empty one, one with characters that SQS does not allow, and a visibility timeout
 * that is not a whole number of seconds. Returns undefined for every other call.
 */
export function sqsErrorOf(action: string, body: unknown): SqsError | undefined {
  const entries = v.is(batch, body) ? body.Entries : [body];
  switch (action) {
    case 'SendMessage':
    case 'SendMessageBatch':
      return firstError(entries, messageError);
    case 'ChangeMessageVisibility':
    case 'ChangeMessageVisibilityBatch':
      return firstError(entries, visibilityError);
    default:
      return undefined;
  }
}

function firstError(entries: readonly unknown[], rule: (entry: unknown) => SqsError | undefined) {
  return entries.map(rule).find((error) => error !== undefined);
}

function messageError(entry: unknown): SqsError | undefined {
  if (!v.is(message, entry)) return undefined;
  const attributes = Object.entries(entry.MessageAttributes);
  if (attributes.length > MAX_ATTRIBUTES) {
    return invalid(`${attributes.length} message attributes: SQS allows ${MAX_ATTRIBUTES}`);
  }
  for (const [name, { StringValue = ' ' }] of attributes) {
    if (StringValue === '') return invalid(`message attribute ${name} is empty`);
    if (!UNICODE_OF_SQS.test(StringValue)) {
      return invalid(`message attribute ${name} has characters that SQS does not allow`);
    }
  }
  return undefined;
}

function visibilityError(entry: unknown): SqsError | undefined {
  if (!v.is(visibility, entry) || Number.isInteger(entry.VisibilityTimeout)) return undefined;
  return { status: 400, name: 'SerializationException', message: 'VisibilityTimeout is not a whole number' };
}

function invalid(text: string): SqsError {
  return { status: 400, name: 'InvalidParameterValue', message: text };
}
