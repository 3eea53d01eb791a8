import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { runHandler } from '../../bench/child.ts';
import { bundleRunner } from '../../bench/contenders.ts';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'child-'));
  await bundleRunner();
});

afterAll(async () => {
  await rm(folder, { recursive: true });
});

/** Runs a handler with this body in a process whose only variable is `ONLY`. */
async function run(body: string, events: readonly unknown[], settleMs?: number) {
  const path = join(folder, `${crypto.randomUUID()}.mjs`);
  await writeFile(path, `let seen = 0; export const handler = async (event) => { ${body} };`);
  return runHandler(path, { ONLY: 'this' }, events, settleMs);
}

describe('a measured process', () => {
  test('gets its own environment alone, and events in sequence', async () => {
    const { ms, waits, loadedBytes, peakBytes, totalMs } = await run(
      `console.log('a log line');
       const isRight = process.env.ONLY === 'this' && process.env.HOME === undefined && event === ++seen;
       return { statusCode: isRight ? 200 : 500 };`,
      [1, 2, 3],
    );

    expect(ms).toHaveLength(3);
    expect(totalMs).toBeGreaterThan(Math.max(...ms));
    expect(peakBytes).toBeGreaterThan(1_000_000);
    expect([waits, loadedBytes]).toEqual([0, 0]);
  });

  test('records waits for the network and loaded modules when it has settled', async () => {
    const call = "await fetch('http://127.0.0.1:2').catch(() => undefined);";

    const { waits, loadedBytes } = await run(`${call} return { statusCode: 200 };`, [1], 1);

    expect(waits).toBe(1);
    expect(loadedBytes).toBeGreaterThan(100);
  });

  test('rejects when a request fails, because its time means nothing', async () => {
    const failure = run('return { statusCode: event };', [200, 409]);

    await expect(failure).rejects.toThrow('a measured request failed: {"statusCode":409}');
  });

  test('rejects with its stderr when it ends before it reports', async () => {
    const failure = run("console.error('no such secret'); process.exit(7);", [1]);

    await expect(failure).rejects.toThrow(/ended with 7[\s\S]*no such secret/);
  });
});
