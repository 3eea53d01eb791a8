import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, test } from '@jest/globals';
import {
  messageOf,
  paint,
  parseArguments,
  printable,
  UsageError,
  wholeNumber,
} from '../../tools/terminal.ts';

const MODULE = new URL('../../tools/terminal.ts', import.meta.url).href;

/** Runs a script in a process of its own, whose `main` has this body. */
function run(body: string, args: readonly string[] = []) {
  const script = `import { parseArguments, runScript } from '${MODULE}';
    await runScript('the usage', async (args) => { ${body} });`;
  return spawn(process.execPath, ['--input-type=module', '-e', script, '--', 'script', ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

/** Waits for the process to end. Returns its exit code and its output. */
async function ended(child: ReturnType<typeof run>) {
  const texts = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text) => (texts.stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text) => (texts.stderr += text));
  const [code] = await once(child, 'close');
  return { code, ...texts };
}

describe('a script', () => {
  test('exits with the result of main', async () => {
    const result = await ended(run("console.log('done'); return 3;"));

    expect(result).toEqual({ code: 3, stdout: 'done\n', stderr: '' });
  });

  test('exits with 1 and the message of an error, without a stack trace', async () => {
    const result = await ended(run("throw new Error('the queue is gone');"));

    expect(result).toEqual({ code: 1, stdout: '', stderr: 'the queue is gone\n' });
  });

  test('exits with 2 and one sentence for an unknown option', async () => {
    const result = await ended(run('parseArguments({ args, options: {} }); return 0;', ['--purge']));

    expect(result).toEqual({
      code: 2,
      stdout: '',
      stderr: "Unknown option '--purge' (--help shows the options)\n",
    });
  });

  test('prints its usage with --help and does not run', async () => {
    const result = await ended(run('return 3;', ['--help']));

    expect(result).toEqual({ code: 0, stdout: 'the usage\n', stderr: '' });
  });

  test('finishes without a stack trace when the reader of its output has left', async () => {
    const child = run(`console.log('ready'); await new Promise((resolve) => setTimeout(resolve, 300));
      for (let line = 0; line < 100; line += 1) console.log('x'.repeat(1000));
      await new Promise((resolve) => setTimeout(resolve, 50));
      console.error('finished'); return 0;`);
    child.stdout.once('data', () => child.stdout.destroy());

    const { code, stderr } = await ended(child);

    expect([code, stderr]).toEqual([0, 'finished\n']);
  });
});

describe('arguments', () => {
  test.each([
    [['--limit'], "Option '--limit <value>' argument missing"],
    [['extra'], "Unexpected argument 'extra'"],
  ])('%j are refused with one sentence', (args, message) => {
    const parse = () => parseArguments({ args, options: { limit: { type: 'string' } } });

    expect(parse).toThrow(new UsageError(message));
  });

  test.each([
    ['0', '--limit is not a whole number from 1: 0'],
    ['1e3', '--limit is not a whole number from 1: 1e3'],
    ['', '--limit is not a whole number from 1: '],
    ['1\u001b[2J', '--limit is not a whole number from 1: 1\\u001b[2J'],
  ])('the number %j is refused', (text, message) => {
    expect(() => wholeNumber('--limit', text, 1)).toThrow(new UsageError(message));
  });

  test('a number above its range is refused', () => {
    expect(() => wholeNumber('--port', '65536', 1, 65_535)).toThrow('a whole number from 1 to 65535: 65536');
    expect(wholeNumber('--port', '65535', 1, 65_535)).toBe(65_535);
  });
});

test('text has no colour where standard output is no terminal', () => {
  expect(paint('red', 'text')).toBe('text');
});

test('control characters are escaped and other characters kept', () => {
  expect(printable('a\u009b2J\n撤')).toBe('a\\u009b2J\\u000a撤');
});

test('an error that nothing listens says how to start the local queues', () => {
  const error = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });

  expect(messageOf(error)).toBe(
    'connect ECONNREFUSED: nothing listens there (npm start runs the local service)',
  );
  expect(messageOf('text')).toBe('text');
});
