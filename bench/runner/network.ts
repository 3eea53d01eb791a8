import { subscribe } from 'node:diagnostics_channel';

/** Start and end of an HTTP call in `performance.now` time. `end` is infinite until it ends. */
export interface NetworkCall {
  readonly start: number;
  end: number;
}

/** Diagnostics channels of Node's client and of undici, for the start and the end of a call. */
const CHANNELS = [
  ['http.client.request.created', 'http.client.response.finish'],
  ['undici:request:create', 'undici:request:trailers'],
] as const;

/** Records every HTTP call from now on. A call includes the time to connect. */
export function recordNetwork(): readonly NetworkCall[] {
  const calls: NetworkCall[] = [];
  for (const [created, finished] of CHANNELS) {
    const open = new Map<unknown, NetworkCall>();
    subscribe(created, (message) => {
      const call = { start: performance.now(), end: Number.POSITIVE_INFINITY };
      calls.push(call);
      open.set(requestOf(message), call);
    });
    subscribe(finished, (message) => {
      const call = open.get(requestOf(message));
      if (call !== undefined) call.end = performance.now();
    });
  }
  return calls;
}

function requestOf(message: unknown): unknown {
  return typeof message === 'object' && message !== null && 'request' in message
    ? message.request
    : undefined;
}

/** Counts consecutive waits. Calls that overlap count as one wait. */
export function waitsInARow(calls: readonly NetworkCall[]): number {
  let waits = 0;
  let until = Number.NEGATIVE_INFINITY;
  for (const { start, end } of calls.toSorted((a, b) => a.start - b.start)) {
    if (start >= until) waits += 1;
    until = Math.max(until, end);
  }
  return waits;
}
