import { describe, expect, test } from '@jest/globals';
import { ConfigError, loadConfig, loadQueueConfig } from '../../lib/config.ts';

const required = {
  BINANCE_SECRET_ID: 'binance/options',
  DEAD_LETTER_QUEUE_URL: 'https://sqs.ap-northeast-1.amazonaws.com/123456789012/dead-letters',
};
const requiredOfQueue = {
  ...required,
  CANCEL_QUEUE_URL: 'https://sqs.ap-northeast-1.amazonaws.com/123456789012/cancels',
  KILL_QUEUE_URL: 'https://sqs.ap-northeast-1.amazonaws.com/123456789012/kills',
};

test('every variable that may be missing has its default', () => {
  expect(loadConfig(required)).toEqual({
    ...required,
    BINANCE_BASE_URL: new URL('https://eapi.binance.com'),
    BINANCE_RECV_WINDOW_MS: 5000,
    BINANCE_TIMEOUT_MS: 2000,
    BINANCE_MAX_ATTEMPTS: 3,
    BINANCE_WEIGHT_LIMIT: 400,
    SECRET_TTL_SECONDS: 300,
    BINANCE_UNDERLYINGS: [
      'BTCUSDT',
      'ETHUSDT',
      'BNBUSDT',
      'SOLUSDT',
      'XRPUSDT',
      'DOGEUSDT',
      'XAUUSDT',
      'XAGUSDT',
    ],
  });
  expect(loadQueueConfig(requiredOfQueue)).toEqual({
    ...loadConfig(required),
    CANCEL_QUEUE_URL: requiredOfQueue.CANCEL_QUEUE_URL,
    KILL_QUEUE_URL: requiredOfQueue.KILL_QUEUE_URL,
    MAX_RECEIVE_COUNT: 5,
    KILL_MAX_RECEIVE_COUNT: 20,
    QUEUE_BUDGET_MS: 6000,
  });
});

describe.each([
  ['BINANCE_RECV_WINDOW_MS', 1, 59_999],
  ['BINANCE_TIMEOUT_MS', 1, 60_000],
  ['BINANCE_MAX_ATTEMPTS', 1, 20],
  ['BINANCE_WEIGHT_LIMIT', 10, 1_000_000],
  ['SECRET_TTL_SECONDS', 1, 86_400],
  ['MAX_RECEIVE_COUNT', 1, 1000],
  ['KILL_MAX_RECEIVE_COUNT', 1, 1000],
  ['QUEUE_BUDGET_MS', 1000, 900_000],
])('%s', (variable, min, max) => {
  test.each([min, max])('may be %d', (value) => {
    const config = loadQueueConfig({ ...requiredOfQueue, [variable]: String(value) });

    expect(config).toHaveProperty(variable, value);
  });

  test.each([String(min - 1), String(max + 1), '', ' 5', '5 ', '5.5', '-5', '5e1', '0x5', 'five', '٥'])(
    'may not be %j',
    (value) => {
      const load = () => loadQueueConfig({ ...requiredOfQueue, [variable]: value });

      expect(load).toThrow(ConfigError);
      expect(load).toThrow(`${variable} must be a whole number from ${min} to ${max}`);
    },
  );
});

describe('BINANCE_BASE_URL', () => {
  test.each([
    'https://eapi.binance.com',
    'https://eapi.binance.com/',
    'https://testnet.binancefuture.com:8443',
    'http://127.0.0.1:41234',
    'http://localhost:41234',
    'http://[::1]:41234',
  ])('may be %s', (url) => {
    expect(loadConfig({ ...required, BINANCE_BASE_URL: url }).BINANCE_BASE_URL).toEqual(new URL(url));
  });

  test.each([
    '',
    'eapi.binance.com',
    'http://eapi.binance.com',
    'http://localhost.example.com',
    'http://127.0.0.1.example.com',
    'ftp://127.0.0.1',
    'https://eapi.binance.com/eapi',
    'https://eapi.binance.com/?a=1',
    'https://eapi.binance.com/#a',
    'https://user:password@eapi.binance.com',
  ])('may not be %j', (url) => {
    const load = () => loadConfig({ ...required, BINANCE_BASE_URL: url });

    expect(load).toThrow(
      new ConfigError(
        'BINANCE_BASE_URL must be an https origin without a path, such as https://eapi.binance.com' +
          ' (http only on a loopback host)',
      ),
    );
  });
});

const REQUIRED = ['BINANCE_SECRET_ID', 'DEAD_LETTER_QUEUE_URL', 'CANCEL_QUEUE_URL', 'KILL_QUEUE_URL'];

describe.each(REQUIRED)('%s', (variable) => {
  test('is missed by its name', () => {
    const load = () => loadQueueConfig({ ...requiredOfQueue, [variable]: undefined });

    expect(load).toThrow(new ConfigError(`${variable} is missing: set it`));
  });

  test('may not be empty', () => {
    const load = () => loadQueueConfig({ ...requiredOfQueue, [variable]: '' });

    expect(load).toThrow(ConfigError);
    expect(load).toThrow(new RegExp(`^${variable} must be the [^;]+$`));
  });
});

test.each(['DEAD_LETTER_QUEUE_URL', 'CANCEL_QUEUE_URL', 'KILL_QUEUE_URL'])('%s must be a URL', (variable) => {
  const load = () => loadQueueConfig({ ...requiredOfQueue, [variable]: 'cancels' });

  expect(load).toThrow(new RegExp(`^${variable} must be the URL of the [^;]+$`));
});

describe.each([
  ['DEAD_LETTER_QUEUE_URL', 'the dead-letter queue'],
  ['CANCEL_QUEUE_URL', 'the queue of cancels'],
  ['KILL_QUEUE_URL', 'the queue of kills'],
])('%s', (variable, queue) => {
  const loadWith = (url: string) => () => loadQueueConfig({ ...requiredOfQueue, [variable]: url });

  test('may not be an ARN', () => {
    expect(loadWith('arn:aws:sqs:ap-northeast-1:123456789012:cancels')).toThrow(
      new ConfigError(
        `${variable} must be the URL of ${queue}: https://sqs.<region>.amazonaws.com/<account>/<name>, not an ARN`,
      ),
    );
  });

  test('may not be a FIFO queue', () => {
    expect(loadWith('https://sqs.ap-northeast-1.amazonaws.com/123456789012/cancels.fifo')).toThrow(
      new ConfigError(
        `${variable} must be the URL of ${queue}, a standard queue: FIFO queues are not supported`,
      ),
    );
  });
});

test.each([
  ['DEAD_LETTER_QUEUE_URL', 'CANCEL_QUEUE_URL'],
  ['DEAD_LETTER_QUEUE_URL', 'KILL_QUEUE_URL'],
  ['KILL_QUEUE_URL', 'CANCEL_QUEUE_URL'],
] as const)('%s may not be the queue of %s', (variable, other) => {
  const load = () => loadQueueConfig({ ...requiredOfQueue, [variable]: requiredOfQueue[other] });

  expect(load).toThrow(new ConfigError(`${variable} must not be the queue of ${other}: give each its own`));
});

describe('KILL_QUEUE_URL of the other handlers', () => {
  test('may be missing', () => {
    expect(loadConfig(required)).not.toHaveProperty('KILL_QUEUE_URL');
  });

  test('may not be the queue of dead letters', () => {
    const load = () => loadConfig({ ...required, KILL_QUEUE_URL: required.DEAD_LETTER_QUEUE_URL });

    expect(load).toThrow(/^DEAD_LETTER_QUEUE_URL must not be the queue of KILL_QUEUE_URL/);
  });
});

describe('BINANCE_UNDERLYINGS', () => {
  test.each([
    ['BTCUSDT', ['BTCUSDT']],
    ['BTCUSDT,1000PEPEUSDT', ['BTCUSDT', '1000PEPEUSDT']],
  ])('may be %s', (list, underlyings) => {
    expect(loadConfig({ ...required, BINANCE_UNDERLYINGS: list })).toHaveProperty(
      'BINANCE_UNDERLYINGS',
      underlyings,
    );
  });

  test.each(['', 'BTC', 'btcusdt', 'BTCUSDT,', 'BTCUSDT, ETHUSDT', 'BTCUSDT;ETHUSDT', 'BTC-261225-90000-C'])(
    'may not be %j',
    (list) => {
      const load = () => loadConfig({ ...required, BINANCE_UNDERLYINGS: list });

      expect(load).toThrow(
        new ConfigError(
          'BINANCE_UNDERLYINGS must be underlyings separated by commas, such as BTCUSDT,ETHUSDT',
        ),
      );
    },
  );
});

describe('EVENT_BUS_NAME', () => {
  test.each(['outcomes', 'default', 'Desk_7.a-b', 'aws.partner/example.com/1'])('may be %s', (name) => {
    expect(loadConfig({ ...required, EVENT_BUS_NAME: name })).toHaveProperty('EVENT_BUS_NAME', name);
  });

  test('means no bus when it is empty', () => {
    expect(loadConfig({ ...required, EVENT_BUS_NAME: '' }).EVENT_BUS_NAME).toBeUndefined();
  });

  test.each(['arn:aws:events:ap-northeast-1:123456789012:event-bus/outcomes', 'two words', 'x'.repeat(257)])(
    'may not be %s',
    (name) => {
      const load = () => loadConfig({ ...required, EVENT_BUS_NAME: name });

      expect(load).toThrow(
        new ConfigError('EVENT_BUS_NAME must be the name of an event bus, such as outcomes, not its ARN'),
      );
    },
  );
});

test('the queue’s own variables are no concern of the other handlers', () => {
  expect(loadConfig({ ...required, MAX_RECEIVE_COUNT: 'five' })).not.toHaveProperty('MAX_RECEIVE_COUNT');
});

test('an error names all that is wrong', () => {
  const load = () => loadQueueConfig({ BINANCE_MAX_ATTEMPTS: '0' });

  expect(load).toThrow(
    new ConfigError(
      'BINANCE_SECRET_ID is missing: set it; BINANCE_MAX_ATTEMPTS must be a whole number from 1 to 20;' +
        ' DEAD_LETTER_QUEUE_URL is missing: set it; CANCEL_QUEUE_URL is missing: set it;' +
        ' KILL_QUEUE_URL is missing: set it',
    ),
  );
});
