import { once } from 'node:events';
import { createServer, get } from 'node:http';
import { describe, expect, test } from '@jest/globals';
import { peakMemory, recordNetwork, waitsInARow } from '../../bench/recorder.ts';

describe('waits for the network', () => {
  test('count overlapping calls as one, in any list order', () => {
    const calls = [
      { start: 0, end: 10 },
      { start: 20, end: 30 },
      { start: 5, end: 25 },
    ];

    expect(waitsInARow(calls)).toBe(1);
  });

  test('count consecutive calls separately, even without a gap', () => {
    const calls = [
      { start: 0, end: 10 },
      { start: 10, end: 20 },
      { start: 25, end: Number.POSITIVE_INFINITY },
    ];

    expect(waitsInARow(calls)).toBe(3);
  });

  test('are zero without calls', () => {
    expect(waitsInARow([])).toBe(0);
  });
});

describe('a record of the network', () => {
  test('holds start and end of each call by the HTTP client and by fetch', async () => {
    const server = createServer((_, response) => response.end('{}')).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
    const calls = recordNetwork();

    const [response] = await once(get(url), 'response');
    await once(response.resume(), 'end');
    const between = performance.now();
    await (await fetch(url)).text();
    server.close();

    expect(calls).toHaveLength(2);
    expect(calls[0]?.end).toBeLessThanOrEqual(between);
    expect(calls[1]?.start).toBeGreaterThanOrEqual(between);
    expect(calls[1]?.end).toBeLessThanOrEqual(performance.now());
  });
});

test('peak memory is at least the resident memory and never falls', () => {
  const before = peakMemory();
  const resident = process.memoryUsage.rss();

  expect(peakMemory()).toBeGreaterThanOrEqual(before);
  // The kernel updates the two counters at different moments and in batches of pages.
  expect(before).toBeGreaterThan(resident * 0.8);
});
