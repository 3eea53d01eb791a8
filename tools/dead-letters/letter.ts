import { isDrill } from '../../lib/cancel/drill-request.ts';
import { fieldsFromJson } from '../../lib/cancel/fields.ts';
import { isJsonObject, type JsonObject } from '../../lib/json.ts';
import type { HeldMessage } from './reader.ts';

/** A dead letter or a failed event, as an operator sees it. */
export interface Letter {
  readonly message: HeldMessage;
  /**
   * The outcome; `none` if SQS itself moved the message here; of a failed event the platform's
   * error.
   */
  readonly outcome: string;
  readonly code?: string | undefined;
  readonly detail: string;
  readonly trigger?: string | undefined;
  readonly requestId?: string | undefined;
  /** Milliseconds since the epoch. */
  readonly failedAt: number;
  /** The fields of the request; undefined if it cannot be read. */
  readonly fields: JsonObject | undefined;
  readonly redrive: Redrive;
}

/** The message that a redrive sends, or the reason why it sends none. */
export type Redrive =
  | { readonly ok: true; readonly body: string; readonly attributes: Readonly<Record<string, string>> }
  | { readonly ok: false; readonly error: string };

/**
 * Reads a dead letter. A redrive sends its exact body, with the attribute `askedAt` and, where the
 * dead letter has it, `onBehalfOf`. `askedAt` has the dead letter's value, or else the time at which
 * the message was first sent, so that a redrive never cancels orders that were placed since.
 */
export function deadLetterOf(message: HeldMessage): Letter {
  const { body, sentAt, attributes } = message;
  const { outcome = 'none', code, trigger, requestId, askedAt = sentAt, onBehalfOf } = attributes;
  const parsed = fieldsFromJson(body);
  const fields = parsed.ok ? parsed.value : undefined;
  const passedOn = { askedAt, ...(onBehalfOf !== undefined && { onBehalfOf }) };
  return {
    message,
    outcome,
    code,
    detail: attributes.detail ?? (outcome === 'none' ? MOVED_BY_SQS : ''),
    trigger,
    requestId,
    failedAt: Date.parse(attributes.failedAt ?? '') || Date.parse(sentAt),
    fields,
    redrive: isDrill(fields) ? NO_REDRIVE_OF_A_DRILL : { ok: true, body, attributes: passedOn },
  };
}

const MOVED_BY_SQS = 'moved by the redrive policy after the last receive';

export const NO_REDRIVE_OF_A_DRILL: Redrive = { ok: false, error: 'a drill is never redriven: delete it' };

/** Returns the named account of a request; undefined for the default account. */
export const accountOf = ({ fields }: Letter) => textOf(fields?.account);

/** Returns the symbol of a cancel, or the symbol or underlying of a kill. */
export function symbolOf({ fields }: Letter): string | undefined {
  const { symbol, underlying }: JsonObject = isJsonObject(fields?.kill) ? fields.kill : { ...fields };
  return textOf(symbol) ?? textOf(underlying);
}

/** Describes what a request is about in a few words. */
export function subjectOf(letter: Letter): string {
  const { fields } = letter;
  const symbol = symbolOf(letter);
  if (fields === undefined) return 'unreadable';
  if ('kill' in fields) return `kill ${symbol ?? (isOfEverything(fields.kill) ? 'everything' : '?')}`;
  return symbol ?? (isDrill(fields) ? 'drill' : '');
}

const isOfEverything = (scope: unknown) => isJsonObject(scope) && scope.everything === true;

/** Returns the ids of the order that a request is about, the best known first. */
export function orderIdsOf({ message, fields = {} }: Letter): string[] {
  const { orderId, clientOrderId, origClientOrderId } = fields;
  const ids = [message.attributes.orderId, orderId, clientOrderId, origClientOrderId].map(textOf);
  return ids.filter((id) => id !== undefined);
}

/** Returns every id by which a log line, an answer or an operator may name it. */
export function idsOf(letter: Letter): (string | undefined)[] {
  return [letter.message.messageId, letter.requestId, textOf(letter.fields?.killId), ...orderIdsOf(letter)];
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
}
