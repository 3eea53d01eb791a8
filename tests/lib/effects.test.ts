import { expect, test } from '@jest/globals';
import { within } from '../../lib/effects.ts';

const LONG_MS = 60_000;

test('work that ends in time gives its result', async () => {
  expect(await within(LONG_MS, Promise.resolve('done'))).toBe('done');
});

test('work that fails in time rejects with its error', async () => {
  await expect(within(LONG_MS, Promise.reject(new RangeError('no')))).rejects.toThrow(new RangeError('no'));
});

test.each([20, 0, -5])('work that never ends gives nothing after %d ms', async (ms) => {
  const never = new Promise<string>(() => undefined);

  expect(await within(ms, never)).toBeUndefined();
});

test('work that fails too late is no unhandled rejection', async () => {
  const { promise, reject } = Promise.withResolvers<string>();
  const unhandled: unknown[] = [];
  const note = (reason: unknown) => unhandled.push(reason);
  process.on('unhandledRejection', note);

  const result = await within(1, promise);
  reject(new Error('too late'));
  await new Promise(setImmediate);
  process.off('unhandledRejection', note);

  expect(result).toBeUndefined();
  expect(unhandled).toEqual([]);
});

test('no timer is left when the work is over', async () => {
  const before = process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;

  await within(LONG_MS, Promise.resolve());
  await within(LONG_MS, Promise.reject(new Error('no'))).catch(() => undefined);

  expect(process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout')).toHaveLength(before);
});
