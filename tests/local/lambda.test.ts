import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { lambdaContext, loadHandler } from '../../local/lambda.ts';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lambda-'));
});

afterAll(async () => {
  await rm(folder, { recursive: true });
});

async function moduleOf(source: string): Promise<URL> {
  const path = join(folder, `${crypto.randomUUID()}.mjs`);
  await writeFile(path, source);
  return pathToFileURL(path);
}

describe('the context of an invocation', () => {
  test('counts down from the timeout', () => {
    jest.useFakeTimers();
    const context = lambdaContext({ functionName: 'queue', timeoutMs: 10_000 });

    const atStart = context.getRemainingTimeInMillis();
    jest.advanceTimersByTime(7_500);
    const later = context.getRemainingTimeInMillis();
    jest.useRealTimers();

    expect([atStart, later]).toEqual([10_000, 2_500]);
  });

  test('has a request id of its own', () => {
    const [one, two] = [1, 2].map(() => lambdaContext({ functionName: 'queue', timeoutMs: 1 }));

    expect(one?.awsRequestId).toMatch(/^[0-9a-f-]{36}$/);
    expect(one?.awsRequestId).not.toBe(two?.awsRequestId);
  });

  test('refuses the callbacks that Lambda has removed', () => {
    const context = lambdaContext({ functionName: 'queue', timeoutMs: 1 });

    expect(() => context.succeed('done')).toThrow('return a promise');
  });
});

describe('loading a handler', () => {
  test('leaves only the given variables of the service in the environment', async () => {
    process.env.BINANCE_TIMEOUT_MS = '1';
    process.env.AWS_PROFILE = 'somebody';
    process.env.OTHER_QUEUE_URL = 'http://127.0.0.1/other';
    const names = "['BINANCE_TIMEOUT_MS', 'AWS_PROFILE', 'OTHER_QUEUE_URL', 'BINANCE_SECRET_ID']";
    const url = await moduleOf(`
      const seen = ${names}.map((name) => process.env[name] ?? 'unset');
      export const handler = async () => seen;`);

    const handler = await loadHandler<object, string[]>(url, { BINANCE_SECRET_ID: 'keys' });
    const seen = await handler({}, lambdaContext({ functionName: 'f', timeoutMs: 1000 }));

    expect(seen).toEqual(['unset', 'unset', 'unset', 'keys']);
    expect(process.env.PATH).toBeDefined();
  });

  test('evaluates the module again each time, so that environments do not share its state', async () => {
    const url = await moduleOf('let count = 0; export const handler = async () => (count += 1);');
    const context = lambdaContext({ functionName: 'f', timeoutMs: 1000 });
    const first = await loadHandler<object, number>(url, {});
    const second = await loadHandler<object, number>(url, {});

    const counts = [await first({}, context), await first({}, context), await second({}, context)];

    expect(counts).toEqual([1, 2, 1]);
  });

  test('passes on the event and the context', async () => {
    const url = await moduleOf(
      'export const handler = (event, context) => [event.id, context.functionName];',
    );
    const handler = await loadHandler<{ id: string }, string[]>(url, {});

    const result = await handler({ id: '7' }, lambdaContext({ functionName: 'queue', timeoutMs: 1000 }));

    expect(result).toEqual(['7', 'queue']);
  });

  test('rejects for a module without a handler function, and with the error of a module', async () => {
    const none = await moduleOf('export const handler = 3;');
    const broken = await moduleOf("throw new Error('BINANCE_SECRET_ID is missing');");

    await expect(loadHandler(none, {})).rejects.toThrow('exports no function named handler');
    await expect(loadHandler(broken, {})).rejects.toThrow('BINANCE_SECRET_ID is missing');
  });
});
