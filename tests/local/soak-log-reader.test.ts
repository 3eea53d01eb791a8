import { beforeEach, expect, test } from '@jest/globals';
import { type Claim, type FailedRead, LogReader } from '../../local/soak/history.ts';

const SETTLED = `${JSON.stringify({
  level: 'INFO',
  message: 'any words',
  timestamp: '2026-01-31T12:00:00.000Z',
  outcome: 'canceled',
  orderId: '4611875134427365377',
  requestId: 'a',
  detail: 'the order is CANCELLED',
})}\n`;

let claims: Claim[];
let unexpected: string[];
let queueErrors: string[];
let failedReads: FailedRead[];
let reader: LogReader;

beforeEach(() => {
  claims = [];
  unexpected = [];
  queueErrors = [];
  failedReads = [];
  reader = new LogReader('process-1', { claims, unexpectedOutput: unexpected, queueErrors, failedReads });
});

test('a log line with an outcome is a claim, in whatever pieces it comes', () => {
  for (const character of SETTLED) reader.read(character);

  expect(claims).toEqual([
    {
      messageId: 'a',
      environment: 'process-1',
      at: Date.UTC(2026, 0, 31, 12),
      outcome: 'canceled',
      orderId: '4611875134427365377',
      detail: 'the order is CANCELLED',
      kill: undefined,
    },
  ]);
  expect(unexpected).toEqual([]);
});

test('a log line with the id of a kill is the claim of a kill', () => {
  const orders = { seen: 2, canceled: 1, filled: 0, closed: 0, unexamined: 1, left: 0, newer: 3 };
  const results = [{ orderId: '7', symbol: 'BTC-200730-9000-C', outcome: 'canceled', executedQty: '0' }];
  const line = {
    ...JSON.parse(SETTLED),
    ...{ orderId: undefined, outcome: 'emptied', killId: 'vol-limit', late: true, orders, results },
    asOf: '2026-01-31T11:59:59.500Z',
  };

  reader.read(`${JSON.stringify(line)}\n`);

  const { newer: _, ...counts } = orders;
  expect(claims).toEqual([
    expect.objectContaining({
      messageId: 'a',
      outcome: 'emptied',
      orderId: undefined,
      kill: {
        asOf: Date.UTC(2026, 0, 31, 11, 59, 59, 500),
        late: true,
        orders: counts,
        results: [{ orderId: '7', outcome: 'canceled' }],
      },
    }),
  ]);
});

test('an incomplete last line is ignored', () => {
  reader.read(`${SETTLED}${SETTLED.slice(0, 40)}`);

  expect(claims).toHaveLength(1);
  expect(unexpected).toEqual([]);
});

test('other log lines and metrics are ignored', () => {
  reader.read(
    '{"level":"ERROR","message":"any words","cause":"ServiceUnavailable"}\n{"_aws":{},"Cancels":1}\n',
  );

  expect(claims).toEqual([]);
  expect(unexpected).toEqual([]);
  expect(queueErrors).toEqual([]);
});

test('a warning with a cause is a failed read of the secret', () => {
  const warning = { level: 'WARN', message: 'any words', timestamp: '2026-01-31T12:00:00.000Z' };

  reader.read(`${JSON.stringify(warning)}\n${JSON.stringify({ ...warning, cause: 'TimeoutError' })}\n`);

  expect(failedReads).toEqual([{ environment: 'process-1', at: Date.UTC(2026, 0, 31, 12) }]);
  expect(unexpected).toEqual([]);
});

test('an error about a message is an error of a queue', () => {
  reader.read('{"level":"ERROR","message":"any words","requestId":"a","cause":"TimeoutError"}\n');

  expect(queueErrors).toEqual(['a']);
  expect(claims).toEqual([]);
  expect(unexpected).toEqual([]);
});

test('a stack trace, and the log line of a defect, are unexpected', () => {
  const defect = '{"level":"ERROR","message":"any words","cause":"TypeError"}';

  reader.read(`Error: boom\n    at file:1\n${defect}\n`);

  expect(unexpected).toEqual(['Error: boom', '    at file:1', defect]);
});
