import { describe, expect, test } from '@jest/globals';
import { CCXT, SERVICE } from '../../bench/contenders.ts';
import { replaceBetween, table } from '../../bench/report/document.ts';
import { costTable } from '../../bench/report/speed.ts';
import { countOf, runsOf, scriptTable, truthTable, worst } from '../../bench/report/truth.ts';
import type { ScriptResult } from '../../bench/truth/run.ts';

describe('a table', () => {
  test('is Markdown with aligned columns', () => {
    const text = table(
      ['handler', 'ms'],
      [
        ['bare', '60'],
        ['this service', '1234'],
      ],
    );

    expect(text).toBe(
      [
        '| handler      |   ms |',
        '| ------------ | ---: |',
        '| bare         |   60 |',
        '| this service | 1234 |',
      ].join('\n'),
    );
  });
});

describe('a document', () => {
  const document = 'before\n<!-- bench:begin -->\nold\n<!-- bench:end -->\nafter\n';

  test('keeps the markers and the text around them', () => {
    const text = replaceBetween(document, 'bench', 'new $& text');

    expect(text).toBe('before\n<!-- bench:begin -->\nnew $& text\n<!-- bench:end -->\nafter\n');
  });

  test.each([
    ['missing markers', 'nothing'],
    ['a missing end marker', '<!-- bench:begin -->'],
    ['repeated markers', document + document],
    ['markers in the wrong order', '<!-- bench:end --> <!-- bench:begin -->'],
  ])('throws on %s', (_, text) => {
    expect(() => replaceBetween(text, 'bench', 'new')).toThrow('must each appear once');
  });
});

describe('the results of many scripts', () => {
  const script = { script: 'lost', seed: 1, callsAgainstRefusal: 0 };
  const ccxt = { ...script, contender: CCXT };
  const results: readonly ScriptResult[] = [
    { ...script, contender: SERVICE, verdicts: ['right', 'kept'] },
    { ...script, contender: SERVICE, verdicts: ['right'] },
    { ...ccxt, verdicts: ['wrong order', 'right'], callsAgainstRefusal: 3 },
    { ...ccxt, verdicts: ['gave up'], callsAgainstRefusal: 4 },
  ];

  test('count each run by its worst verdict', () => {
    const runs = runsOf(results, CCXT);

    expect(runs).toHaveLength(2);
    expect([countOf(runs, 'wrong order'), countOf(runs, 'gave up'), countOf(runs, 'right')]).toEqual([
      1, 1, 0,
    ]);
    expect(countOf(runs, 'wrong order', 'gave up')).toBe(2);
  });

  test('treat an empty list as no answer', () => {
    expect(worst([])).toBe('no answer');
  });

  test('are rendered as a table of counts and a table of scripts', () => {
    expect(truthTable(results)).toMatch(/^\| this service +\| +1 \| +1 \| +0 \|/m);
    expect(truthTable(results)).toMatch(/\| +7 \|$/m);
    expect(scriptTable(results)).toMatch(/^\| lost +\| +kept \|.*\| +wrong order \|$/m);
  });
});

test('the table of costs ends with the growth from the smallest kill to the largest', () => {
  const cost = (orders: number | undefined, weight: number, logBytes: number) => ({
    orders,
    weight,
    answerMs: 1000,
    logBytes,
  });
  const costs = [
    cost(undefined, 1, 900),
    ...[10, 100, 500].map((orders) => cost(orders, 130, 5000)),
    cost(2000, 195, 20_000),
  ];

  expect(costTable(costs)).toMatch(/^\| cancel .*\| +1 \| +1000 \| +900 \|$/m);
  expect(costTable(costs)).toMatch(/^\| × 200 orders.*\| +× 1\.50 \| +× 1\.00 \| +× 4\.00 \|$/m);
});
