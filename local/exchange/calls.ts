import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { buffer } from 'node:stream/consumers';

export interface ReceivedCall {
  readonly method: string;
  readonly path: string;
  /** The exact bytes after the `?`, one character per byte; empty without one. */
  readonly rawQuery: string;
  readonly headers: IncomingHttpHeaders;
  /** The exact bytes of the body, one character per byte. */
  readonly body: string;
  /** Time of arrival, in ms of the exchange's clock. */
  readonly at: number;
  /** Status of the answer; undefined while there is none. */
  readonly status: number | undefined;
  /** Set when the exchange was already refusing calls for their rate. */
  readonly madeWhile: 'throttled' | 'banned' | undefined;
}

export type OpenCall = { -readonly [Field in keyof ReceivedCall]: ReceivedCall[Field] };

/** Resolves with the call once it is complete. Rejects when the caller disconnects earlier. */
export async function receive(request: IncomingMessage, now: () => number): Promise<OpenCall> {
  const { method = '', url = '', headers } = request;
  const [path = '', ...query] = url.split('?');
  const body = (await buffer(request)).toString('latin1');
  const open = { status: undefined, madeWhile: undefined };
  return { method, path, rawQuery: query.join('?'), headers, body, at: now(), ...open };
}

const FORM = 'application/x-www-form-urlencoded';

/** Returns the body if it is a form, as it is unless its content type says otherwise; else ''. */
export function formOf({ headers, body }: ReceivedCall): string {
  return (headers['content-type'] ?? FORM).toLowerCase().startsWith(FORM) ? body : '';
}
