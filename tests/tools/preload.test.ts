import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';

const { scripts }: { scripts: Record<string, string> } = JSON.parse(readFileSync('package.json', 'utf8'));
const commands = Object.entries(scripts).filter(([, command]) => command.includes(' ./tools/preload.js '));

/** Runs Node as the scripts of package.json do. */
const node = (...args: string[]) =>
  spawnSync(process.execPath, ['--import', './tools/preload.js', ...args], { encoding: 'utf8' });

describe('a script', () => {
  test('ends with one sentence on a Node that cannot read TypeScript', () => {
    const { status, stderr } = node('--no-strip-types', 'local/send.ts');

    expect([status, stderr]).toEqual([1, expect.stringMatching(/^this needs Node 24, not v[^\n]+\n$/)]);
  });

  test('ends with one sentence where a package is missing', () => {
    const { status, stderr } = node('--input-type=module', '-e', "import 'no-such-package/part'");

    const sentence = 'the package no-such-package is not installed: npm ci --include=dev installs it\n';
    expect([status, stderr]).toEqual([1, sentence]);
  });

  test('keeps the stack of any other error', () => {
    const { stderr } = node('-e', "throw new Error('a defect')");

    expect(stderr).toContain('Error: a defect\n    at ');
  });
});

describe.each(commands.filter(([name]) => name !== 'test'))('npm run %s', (_name, command) => {
  const run = (option: string) => node(command.split(' ').at(-1) ?? '', option);

  test('prints its usage with --help', () => {
    const { status, stdout, stderr } = run('--help');

    expect([status, stdout, stderr]).toEqual([0, expect.stringMatching(/^npm /), '']);
  });

  test('refuses an unknown option with one sentence', () => {
    const { status, stdout, stderr } = run('--bogus');

    const sentence = "Unknown option '--bogus' (--help shows the options)\n";
    expect([status, stdout, stderr]).toEqual([2, '', sentence]);
  });
});
