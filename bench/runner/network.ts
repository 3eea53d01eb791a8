import { subscribe } from 'node:diagnostics_channel';

/** When a call of an HTTP client began and ended, in ms of `performance.now`; `end` is infinite until it has. */
export interface NetworkCall {
  readonly start: number;
  end: number;
}

/** Diagnostics channels of Node's own client and of undici: a call is made, and its answer is whole. */
const CHANNELS = [
  ['http.client.request.created', 'http.client.response.finish'],
  ['undici:request:create', 'undici:request:trailers'],
] as const;

/** Writes down every HTTP call that this process makes from here on, connecting included. */
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

/** How many waits come one after another: calls that overlap are waited for together. */
export function waitsInARow(calls: readonly NetworkCall[]): number {
  let waits = 0;
  let until = Number.NEGATIVE_INFINITY;
  for (const { start, end } of calls.toSorted((a, b) => a.start - b.start)) {
    if (start >= until) waits += 1;
    until = Math.max(until, end);
  }
  return waits;
}
