import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import {
  type LambdaProcess,
  type LambdaProcessOptions,
  startLambdaProcess,
} from '../../local/lambda-process.ts';

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

/** Starts a function whose handler has this body; `event`, `context` and the module's `count` are at hand. */
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

/** Resolves once the function has written the text. */
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
  test('gives what the handler returns, as JSON has it', async () => {
    const lambda = await start('return { echo: event, name: context.functionName, gone: undefined };', {
      functionName: 'queue',
    });

    const result = await lambda.invoke({ Records: [{ body: '4611875134427365377' }] });

    expect(result).toEqual({ echo: { Records: [{ body: '4611875134427365377' }] }, name: 'queue' });
  });

  test('gives null for a handler that returns nothing', async () => {
    const lambda = await start('');

    expect(await lambda.invoke({})).toBeNull();
  });

  test('tells the handler how much of its time remains', async () => {
    const lambda = await start('return context.getRemainingTimeInMillis();', { timeoutMs: 60_000 });

    const remaining = await lambda.invoke({});

    expect(remaining).toBeGreaterThan(0);
    expect(remaining).toBeLessThanOrEqual(60_000);
  });

  test('runs in the same process as the one before, and after it', async () => {
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

  test('rejects with what the handler throws, and leaves the process alive', async () => {
    const lambda = await start(
      "count += 1; if (event.bad) throw new TypeError('no such order'); return count;",
    );

    await expect(lambda.invoke({ bad: true })).rejects.toMatchObject({
      name: 'InvocationError',
      reason: 'threw',
      message: 'TypeError: no such order',
    });
    expect(await lambda.invoke({})).toBe(2);
  });

  test('rejects when the answer cannot be written as JSON', async () => {
    const lambda = await start('return 10n;');

    await expect(lambda.invoke({})).rejects.toMatchObject({ reason: 'threw' });
  });
});

describe('a process that ends', () => {
  test('by SIGKILL in mid-invocation rejects it; the next invocation has a fresh process', async () => {
    const begun = writes('begun');
    const lambda = await start(
      `count += 1; if (event.hang) { console.log('begun'); ${HANG} } return count;`,
      begun,
    );
    await lambda.invoke({});
    const killed = lambda.invoke({ hang: true });
    await begun.promise;

    lambda.kill();

    await expect(killed).rejects.toMatchObject({ reason: 'died', message: 'the process died (SIGKILL)' });
    expect(lambda.alive).toBe(false);
    expect(await lambda.invoke({})).toBe(1);
    expect(lambda.alive).toBe(true);
  });

  test('by its own fault is reported with its exit code', async () => {
    const lambda = await start('process.exit(7);');

    await expect(lambda.invoke({})).rejects.toMatchObject({
      reason: 'died',
      message: 'the process died (exit code 7)',
    });
  });

  test('between invocations is replaced unnoticed', async () => {
    const lambda = await start('count += 1; return count;');
    await lambda.invoke({});

    lambda.kill();
    const result = await lambda.invoke({});

    expect(result).toBe(1);
  });

  test('for want of time is reported as that, and replaced', async () => {
    const lambda = await start(`count += 1; if (event.hang) ${HANG} return count;`, { timeoutMs: 1500 });

    await expect(lambda.invoke({ hang: true })).rejects.toMatchObject({
      reason: 'timed out',
      message: 'timed out after 1500 ms',
    });
    expect(lambda.alive).toBe(false);
  });
});

describe('a function', () => {
  test('has the variables it is given, and none of this process', async () => {
    process.env.BINANCE_SECRET_ID = 'of this process';
    const lambda = await start('return Object.keys(process.env).sort();', {
      env: { DEAD_LETTER_QUEUE_URL: 'x' },
    });

    const names = await lambda.invoke({});

    expect(names).toEqual(expect.arrayContaining(['DEAD_LETTER_QUEUE_URL', 'PATH']));
    expect(names).not.toContain('BINANCE_SECRET_ID');
    expect(names).not.toContain('HOME');
  });

  test('passes on what it writes to stdout and stderr', async () => {
    const heard: string[] = [];
    const lambda = await start("console.log('to stdout'); console.error('to stderr');", {
      onOutput: (text) => heard.push(text),
    });

    await lambda.invoke({});
    await lambda.stop();

    expect(heard.join('')).toContain('to stdout\n');
    expect(heard.join('')).toContain('to stderr\n');
    expect(lambda.output).toBe(heard.join(''));
  });

  test('that cannot be loaded is refused with what it wrote', async () => {
    const path = join(folder, 'broken.mjs');
    await writeFile(path, "throw new Error('BINANCE_SECRET_ID is missing: set it');");

    const starting = startLambdaProcess({ bundle: pathToFileURL(path), env: {}, timeoutMs: 1000 });

    await expect(starting).rejects.toThrow(/does not load:.*BINANCE_SECRET_ID is missing: set it/s);
  });

  test('that is stopped ends what it has in hand and refuses the rest', async () => {
    const begun = writes('begun');
    const lambda = await start(
      "console.log('begun'); await new Promise((resolve) => setTimeout(resolve, 50)); return 'ended';",
      begun,
    );
    const inHand = lambda.invoke({});
    const waiting = lambda.invoke({});
    const refused = expect(waiting).rejects.toThrow('the function is stopped');
    await begun.promise;

    await lambda.stop();

    expect(await inHand).toBe('ended');
    await refused;
    expect(lambda.alive).toBe(false);
  });
});
