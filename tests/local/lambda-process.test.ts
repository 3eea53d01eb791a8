import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type { LambdaProcessOptions } from '../../local/lambda-environment.ts';
import { type LambdaProcess, startLambdaProcess } from '../../local/lambda-process.ts';

const started: LambdaProcess[] = [];
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lambda-process-'));
});

afterEach(async () => {
  await Promise.all(started.splice(0).map((lambda) => lambda.stop()));
});

afterAll(async () => {
  await rm(folder, { recursive: true });
});

/**
 * Starts a function whose handler has this body, which can use `event`, `context` and the module's
 * `count`.
 */
async function start(body: string, options: Partial<LambdaProcessOptions> = {}): Promise<LambdaProcess> {
  const path = join(folder, `${crypto.randomUUID()}.mjs`);
  await writeFile(path, `let count = 0;\nexport const handler = async (event, context) => { ${body} };\n`);
  const lambda = await startLambdaProcess({
    bundle: pathToFileURL(path),
    env: {},
    timeoutMs: 10_000,
    ...options,
  });
  started.push(lambda);
  return lambda;
}

/** Returns an `onOutput`, and a promise that resolves once the output contains the text. */
function writes(text: string) {
  const { promise, resolve } = Promise.withResolvers<void>();
  let written = '';
  const onOutput = (chunk: string) => {
    written += chunk;
    if (written.includes(text)) resolve();
  };
  return { onOutput, promise };
}

const HANG = 'await new Promise((resolve) => setTimeout(resolve, 600_000));';

describe('an invocation', () => {
  test('returns the result of the handler as JSON', async () => {
    const lambda = await start('return { echo: event, name: context.functionName, gone: undefined };', {
      functionName: 'queue',
    });

    const result = await lambda.invoke({ Records: [{ body: '4611875134427365377' }] });

    expect(result).toEqual({ echo: { Records: [{ body: '4611875134427365377' }] }, name: 'queue' });
  });

  test('returns null for a handler that returns nothing', async () => {
    const lambda = await start('');

    expect(await lambda.invoke({})).toBeNull();
  });

  test('has a context with the remaining time', async () => {
    const lambda = await start('return context.getRemainingTimeInMillis();', { timeoutMs: 60_000 });

    const remaining = await lambda.invoke({});

    expect(remaining).toBeGreaterThan(0);
    expect(remaining).toBeLessThanOrEqual(60_000);
  });

  test('runs in the same process as the one before, and not at the same time', async () => {
    const lambda = await start(`count += 1; const mine = count;
      await new Promise((resolve) => setTimeout(resolve, 20));
      return [mine, count];`);

    const results = await Promise.all([lambda.invoke({}), lambda.invoke({}), lambda.invoke({})]);

    expect(results).toEqual([
      [1, 1],
      [2, 2],
      [3, 3],
    ]);
  });

  test('rejects with the error of the handler, and leaves the process alive', async () => {
    const lambda = await start(
      "count += 1; if (event.bad) throw new TypeError('no such order'); return count;",
    );

    await expect(lambda.invoke({ bad: true })).rejects.toMatchObject({
      message: 'TypeError: no such order',
      cause: expect.stringContaining(' at '),
    });
    expect(await lambda.invoke({})).toBe(2);
  });

  test('rejects when the result cannot be written as JSON', async () => {
    const lambda = await start('return 10n;');

    await expect(lambda.invoke({})).rejects.toThrow('serialize a BigInt');
  });
});

describe('a process that ends', () => {
  test('by SIGKILL rejects the running invocation, and the next one has a new process', async () => {
    const begun = writes('begun');
    const lambda = await start(
      `count += 1; if (event.hang) { console.log('begun'); ${HANG} } return count;`,
      begun,
    );
    await lambda.invoke({});
    const killed = lambda.invoke({ hang: true });
    await begun.promise;

    lambda.kill();

    await expect(killed).rejects.toThrow('the process died (SIGKILL)');
    expect(lambda.alive).toBe(false);
    expect(await lambda.invoke({})).toBe(1);
    expect(lambda.alive).toBe(true);
  });

  test('by itself is reported with its exit code', async () => {
    const lambda = await start('process.exit(7);');

    await expect(lambda.invoke({})).rejects.toThrow('the process died (exit code 7)');
  });

  test('between invocations is replaced', async () => {
    const lambda = await start('count += 1; return count;');
    await lambda.invoke({});

    lambda.kill();
    const result = await lambda.invoke({});

    expect(result).toBe(1);
  });

  test('after its timeout is reported as timed out', async () => {
    const lambda = await start(`count += 1; if (event.hang) ${HANG} return count;`, { timeoutMs: 1500 });

    await expect(lambda.invoke({ hang: true })).rejects.toThrow('timed out after 1500 ms');
    expect(lambda.alive).toBe(false);
  });
});

describe('a function', () => {
  test('has only the environment variables that it is given', async () => {
    process.env.BINANCE_SECRET_ID = 'of this process';
    const lambda = await start('return Object.keys(process.env).sort();', {
      env: { DEAD_LETTER_QUEUE_URL: 'x' },
    });

    const names = await lambda.invoke({});

    expect(names).toEqual(expect.arrayContaining(['DEAD_LETTER_QUEUE_URL', 'PATH']));
    expect(names).not.toContain('BINANCE_SECRET_ID');
    expect(names).not.toContain('HOME');
  });

  test('passes its stdout and stderr to onOutput', async () => {
    const chunks: string[] = [];
    const lambda = await start("console.log('to stdout'); console.error('to stderr');", {
      onOutput: (text) => chunks.push(text),
    });

    await lambda.invoke({});
    await lambda.stop();

    expect(chunks.join('')).toContain('to stdout\n');
    expect(chunks.join('')).toContain('to stderr\n');
    expect(lambda.output).toBe(chunks.join(''));
  });

  test('that cannot be loaded is refused with its output', async () => {
    const path = join(folder, 'broken.mjs');
    await writeFile(path, "throw new Error('BINANCE_SECRET_ID is missing: set it');");

    const starting = startLambdaProcess({ bundle: pathToFileURL(path), env: {}, timeoutMs: 1000 });

    await expect(starting).rejects.toThrow(/does not load:.*BINANCE_SECRET_ID is missing: set it/s);
  });

  test('that is stopped finishes the running invocation and refuses the others', async () => {
    const begun = writes('begun');
    const lambda = await start(
      "console.log('begun'); await new Promise((resolve) => setTimeout(resolve, 50)); return 'ended';",
      begun,
    );
    const running = lambda.invoke({});
    const waiting = lambda.invoke({});
    const refused = expect(waiting).rejects.toThrow('the function is stopped');
    await begun.promise;

    await lambda.stop();

    expect(await running).toBe('ended');
    await refused;
    expect(lambda.alive).toBe(false);
  });
});
