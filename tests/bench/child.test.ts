import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { KeptChild, runOnce } from '../../bench/measure/child.ts';
import { peakMemory } from '../../bench/runner/memory.ts';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'child-'));
});

afterAll(async () => {
  await rm(folder, { recursive: true });
});

async function runnerOf(source: string) {
  const runner = join(folder, `${crypto.randomUUID()}.mjs`);
  await writeFile(runner, `import { writeSync } from 'node:fs'; ${source}`);
  return { runner, args: ['an argument'], env: { ONLY: 'this' } };
}

describe('a measured process', () => {
  test('resolves with its first line and sees only its own environment', async () => {
    const options = await runnerOf(`
      console.log('a log line');
      writeSync(3, JSON.stringify([process.argv[2], process.env.ONLY, process.env.HOME ?? 'none']) + '\\nmore');`);

    const { line, ms } = await runOnce(options);

    expect(JSON.parse(line)).toEqual(['an argument', 'this', 'none']);
    expect(ms).toBeGreaterThan(0);
  });

  test('rejects with its stderr when it writes no line', async () => {
    const options = await runnerOf("console.error('no such secret');");

    await expect(runOnce(options)).rejects.toThrow(/gave no answer[\s\S]*no such secret/);
  });

  test('answers messages until it is stopped', async () => {
    const options = await runnerOf(`
      process.on('message', (message) => process.send({ doubled: message.value * 2 }));
      process.send('loaded');`);
    const child = await KeptChild.start(options);

    const answers = [await child.ask({ value: 1 }), await child.ask({ value: 21 })];
    await child.stop();

    expect(answers).toEqual([{ doubled: 2 }, { doubled: 42 }]);
  });

  test('rejects with its stderr when it exits before it answers', async () => {
    const options = await runnerOf(`
      process.on('message', () => { console.error('out of luck'); process.exit(7); });
      process.send('loaded');`);
    const child = await KeptChild.start(options);

    await expect(child.ask({})).rejects.toThrow(/ended with 7[\s\S]*out of luck/);
  });

  test('rejects when its module does not load', async () => {
    const options = await runnerOf("throw new Error('not today');");

    await expect(KeptChild.start(options)).rejects.toThrow('ended with 1');
  });
});

test('peak memory is at least the resident memory and never falls', () => {
  const before = peakMemory();
  const resident = process.memoryUsage.rss();

  expect(peakMemory()).toBeGreaterThanOrEqual(before);
  // The kernel updates the two counters at different moments and in batches of pages.
  expect(before).toBeGreaterThan(resident * 0.8);
});
