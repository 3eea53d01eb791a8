import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';

/** One call as the exchange received it. */
export interface ReceivedCall {
  readonly method: string;
  readonly path: string;
  /** Exactly the bytes after the `?`, one character per byte; empty without one. */
  readonly rawQuery: string;
  readonly headers: IncomingHttpHeaders;
  /** Exactly the bytes of the body, one character per byte. */
  readonly body: string;
  /** Arrival, in ms of the exchange's clock. */
  readonly at: number;
  /** The status that was answered; undefined while, or when, there was none. */
  readonly status: number | undefined;
  /** Set when the caller had been refused for its rate before and called on regardless. */
  readonly madeWhile: 'throttled' | 'banned' | undefined;
}

/** A call whose later fate is still being written down. */
export type OpenCall = { -readonly [Field in keyof ReceivedCall]: ReceivedCall[Field] };

/** Takes the call down once all of it has come; a caller that breaks off before leaves no call. */
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

/** The form in a body, for the content types (or the absence of one) that say so. */
export function formOf({ headers, body }: ReceivedCall): string {
  const type = headers['content-type'] ?? 'application/x-www-form-urlencoded';
  return type.toLowerCase().startsWith('application/x-www-form-urlencoded') ? body : '';
}

/** The first value of a header that clients send once. */
export function header(call: ReceivedCall, name: string): string | undefined {
  const value = call.headers[name];
  return Array.isArray(value) ? value[0] : value;
}

function splitTarget(target: string): [path: string, rawQuery: string] {
  const at = target.indexOf('?');
  return at === -1 ? [target, ''] : [target.slice(0, at), target.slice(at + 1)];
}
