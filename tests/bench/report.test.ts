import { describe, expect, test } from '@jest/globals';
import { replaceBetween } from '../../bench/report/document.ts';
import { number, spreadText } from '../../bench/report/format.ts';
import { table } from '../../bench/report/table.ts';
import { countsOf, RANKED, scriptTable, truthTable, worst } from '../../bench/report/truth.ts';
import type { ScriptResult } from '../../bench/truth/run.ts';
import { VERDICTS } from '../../bench/truth/verdict.ts';

describe('a table', () => {
  test('is Markdown whose columns line up', () => {
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

  test('keeps what is around the markers, and the markers', () => {
    const text = replaceBetween(document, 'bench', 'new $& text');

    expect(text).toBe('before\n<!-- bench:begin -->\nnew $& text\n<!-- bench:end -->\nafter\n');
  });

  test.each([
    ['none', 'nothing'],
    ['no end', '<!-- bench:begin -->'],
    ['two', document + document],
    ['the wrong order', '<!-- bench:end --> <!-- bench:begin -->'],
  ])('with %s of the markers is refused', (_, text) => {
    expect(() => replaceBetween(text, 'bench', 'new')).toThrow('must each be there once');
  });
});

describe('numbers', () => {
  test('have three digits, more only before the point', () => {
    expect([0.456, 1.234, 12.34, 123.4, 1234.5].map(number)).toEqual(['0.46', '1.23', '12.3', '123', '1235']);
  });

  test('that vary are given with their middle half, in the unit asked for', () => {
    expect(spreadText([1000, 2000, 3000, 4000, 5000], 1000)).toBe('3.00 (2.00–4.00)');
  });
});

describe('the truth of many scripts', () => {
  const results: readonly ScriptResult[] = [
    { contender: 'ours', script: 'lost', seed: 1, verdicts: ['right', 'kept'], callsAgainstRefusal: 0 },
    { contender: 'ours', script: 'lost', seed: 2, verdicts: ['right'], callsAgainstRefusal: 0 },
    {
      contender: 'ccxt',
      script: 'lost',
      seed: 1,
      verdicts: ['wrong-order', 'right'],
      callsAgainstRefusal: 3,
    },
    { contender: 'ccxt', script: 'lost', seed: 2, verdicts: ['gave-up'], callsAgainstRefusal: 4 },
  ];

  test('counts each script by the worst that was said in it', () => {
    const { verdicts, scripts, callsAgainstRefusal } = countsOf(results, 'ccxt');

    expect(Object.fromEntries(verdicts)).toEqual({ 'wrong-order': 1, 'gave-up': 1 });
    expect([scripts, callsAgainstRefusal]).toEqual([2, 7]);
  });

  test('ranks every verdict, and silence as no answer', () => {
    expect(RANKED.toSorted()).toEqual(Object.keys(VERDICTS).sort());
    expect(worst([])).toBe('no-answer');
  });

  test('is a table of counts, and one of scripts', () => {
    expect(truthTable(results)).toMatch(/^\| this service +\| +1 \| +1 \| +0 \|/m);
    expect(truthTable(results)).toMatch(/\| +7 \|$/m);
    expect(scriptTable(results)).toMatch(/^\| lost +\| +kept \|.*\| +wrong order \|$/m);
  });
});
