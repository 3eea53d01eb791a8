import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';

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

/**
 * Passes the call to `take` once it is complete. A caller that disconnects earlier leaves no call.
 */
export function receive(request: IncomingMessage, now: () => number, take: (call: OpenCall) => void): void {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const [path, rawQuery] = splitTarget(request.url ?? '/');
    take({
      method: request.method ?? '',
      path,
      rawQuery,
      headers: request.headers,
      body: Buffer.concat(chunks).toString('latin1'),
      at: now(),
      status: undefined,
      madeWhile: undefined,
    });
  });
}

/**
 * Returns the body if it is a form, which it is unless its content type says otherwise; else ''.
 */
export function formOf({ headers, body }: ReceivedCall): string {
  const type = headers['content-type'] ?? 'application/x-www-form-urlencoded';
  return type.toLowerCase().startsWith('application/x-www-form-urlencoded') ? body : '';
}

function splitTarget(target: string): [path: string, rawQuery: string] {
  const at = target.indexOf('?');
  return at === -1 ? [target, ''] : [target.slice(0, at), target.slice(at + 1)];
}
