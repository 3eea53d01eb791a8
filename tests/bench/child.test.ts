import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Child } from '../../bench/child.ts';

const ENV = { ONLY: 'this' };
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'child-'));
});

afterAll(async () => {
  await rm(folder, { recursive: true });
});

async function childOf(source: string): Promise<Child> {
  const path = join(folder, `${crypto.randomUUID()}.mjs`);
  await writeFile(path, `import { writeSync } from 'node:fs'; ${source}`);
  return new Child([path, 'an argument'], ENV);
}

describe('a measured process', () => {
  test('reports lines and sees only its own environment', async () => {
    await using child = await childOf(`
      console.log('a log line');
      writeSync(3, JSON.stringify([process.argv[2], process.env.ONLY, process.env.HOME ?? 'none']) + '\\n"more"\\n');`);

    const reports = [await child.next(), await child.next()];

    expect(reports).toEqual([['an argument', 'this', 'none'], 'more']);
  });

  test('answers requests until it is stopped', async () => {
    const child = await childOf(`
      import { createInterface } from 'node:readline';
      for await (const line of createInterface({ input: process.stdin })) writeSync(3, line * 2 + '\\n');`);

    const answers = [await child.ask(1), await child.ask(21)];
    await child[Symbol.asyncDispose]();

    expect(answers).toEqual([2, 42]);
    await expect(child.ask(1)).rejects.toThrow('ended with null');
  });

  test('rejects with its stderr when it ends before it reports', async () => {
    await using child = await childOf("console.error('no such secret'); process.exitCode = 7;");

    await expect(child.next()).rejects.toThrow(/ended with 7[\s\S]*no such secret/);
  });
});
