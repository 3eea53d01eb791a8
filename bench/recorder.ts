import { subscribe } from 'node:diagnostics_channel';
import { readFileSync, statSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { fileURLToPath } from 'node:url';
import { sum } from './statistics.ts';

/** Start and end of an HTTP call in `performance.now` time. `end` is infinite until it ends. */
type NetworkCall = Record<'start' | 'end', number>;

/**
 * Records every HTTP call of Node's client and of undici from now on. A call includes the time to
 * connect.
 */
export function recordNetwork(): readonly NetworkCall[] {
  const calls: NetworkCall[] = [];
  const open = new Map<unknown, NetworkCall>();
  const begin = (message: unknown) => {
    const call = { start: performance.now(), end: Number.POSITIVE_INFINITY };
    calls.push(call);
    open.set(requestOf(message), call);
  };
  const finish = (message: unknown) => {
    const call = open.get(requestOf(message));
    if (call !== undefined) call.end = performance.now();
  };
  subscribe('http.client.request.created', begin);
  subscribe('http.client.response.finish', finish);
  subscribe('undici:request:create', begin);
  subscribe('undici:request:trailers', finish);
  return calls;
}

const requestOf = (message: unknown): unknown =>
  typeof message === 'object' && message !== null && 'request' in message ? message.request : undefined;

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

/** Counts the bytes of all modules that load from now on. @returns a function that reads the sum */
export function recordLoads(): () => number {
  const sizes = new Map<string, number>();
  registerHooks({
    load(url, context, nextLoad) {
      if (url.startsWith('file:')) sizes.set(url, statSync(fileURLToPath(url)).size);
      return nextLoad(url, context);
    },
  });
  return () => sum([...sizes.values()]);
}

/**
 * Returns this process's peak resident memory, in bytes: `VmHWM` on Linux. Elsewhere it is `maxRSS`,
 * which is less exact, because it starts from the parent's memory at the time of the spawn.
 */
export function peakMemory(): number {
  const status = process.platform === 'linux' ? readFileSync('/proc/self/status', 'utf8') : '';
  const [, kib = process.resourceUsage().maxRSS] = /^VmHWM:\s+(\d+) kB$/m.exec(status) ?? [];
  return Number(kib) * 1024;
}
