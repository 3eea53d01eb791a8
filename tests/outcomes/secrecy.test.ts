import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type Fault, faults } from '../../local/exchange.ts';
import { httpEvent } from '../../local/http-event.ts';
import { type FreshKey, freshEd25519Key, freshHmacKey, freshRsaKey } from '../../local/keys.ts';
import { startLambdaProcess } from '../../local/lambda-process.ts';
import { refuseDeadLetters } from '../../local/queues.ts';
import { sqsEvent, sqsRecord } from '../helpers/events.ts';
import { echo, echoError, secretsOf, signaturesIn } from '../helpers/secrets-of.ts';
import { SECRET_ID, type Stage, startStage } from '../helpers/stage.ts';
import { SYMBOL } from '../helpers/workbench.ts';

const PASSPHRASE = 'open sesame, said the desk';

const kinds: readonly (readonly [string, () => FreshKey])[] = [
  ['HMAC', freshHmacKey],
  ['RSA with a passphrase', () => freshRsaKey(PASSPHRASE)],
  ['Ed25519 with a passphrase', () => freshEd25519Key(PASSPHRASE)],
];

let stage: Stage;
/** All that anybody gets to see: output of every process, answers, dead letters, events. */
let seen: string[];

beforeEach(async () => {
  stage = await startStage();
  seen = [];
});

afterEach(() => stage.stop());

/** Puts the key to use, at the exchange and in the secret. */
function use(key: FreshKey): void {
  stage.exchange.setKeys([key.exchangeKey]);
  stage.secrets.put(SECRET_ID, key.secret);
}

/** Runs a handler in a process of its own, which logs all it has to say; what it returns and writes is seen. */
async function run(name: 'api' | 'queue' | 'schedule', invoke: (call: Invoke) => Promise<void>, env = {}) {
  const lambda = await startLambdaProcess({
    bundle: new URL(`../../handlers/${name}.ts`, import.meta.url),
    env: {
      ...stage.env,
      BINANCE_TIMEOUT_MS: '8000',
      POWERTOOLS_LOG_LEVEL: 'DEBUG',
      POWERTOOLS_METRICS_DISABLED: 'false',
      EVENT_BUS_NAME: 'outcomes',
      ...env,
    },
    timeoutMs: 5000,
    onOutput: (text) => seen.push(text),
  });
  try {
    await invoke(async (event) => {
      const result = await lambda.invoke(event).catch(String);
      seen.push(JSON.stringify(result), String(result));
      return result;
    });
  } finally {
    await lambda.stop();
  }
  seen.push(JSON.stringify(await stage.takeDeadLetters()), JSON.stringify(stage.eventBus.events));
}

type Invoke = (event: unknown) => Promise<unknown>;

/** Nothing that was seen holds a secret; and something was seen, or this proves nothing. */
function expectSilence(key: FreshKey, ...said: readonly string[]): void {
  const text = seen.join('\n');
  const needles = [...secretsOf(key), ...signaturesIn(stage.exchange)];
  expect(needles.length).toBeGreaterThan(1);
  expect(needles.filter((needle) => text.includes(needle))).toEqual([]);
  expect(said.filter((word) => !text.includes(word))).toEqual([]);
}

/** Outcomes of which the exchange tells by giving back what it was sent; a throttle is the last that it is asked. */
function echoes(): readonly (readonly [outcome: string, ...Fault[]])[] {
  const { exchange } = stage;
  const order = (status: string, orderId = '7') =>
    echo(exchange, 200, (echoed) => JSON.stringify({ orderId, status, echoed }));
  const refused = echoError(exchange, 403, -1);
  return [
    ['canceled', order('CANCELLED')],
    ['accepted', order('ACCEPTED')],
    ['filled', order('FILLED')],
    ['closed', order('EXPIRED'), order('EXPIRED')],
    ['not-found', echoError(exchange, 400, -2011), echoError(exchange, 400, -2013)],
    ['invalid-request', echoError(exchange, 400, -1121)],
    ['credentials', echoError(exchange, 400, -1022)],
    ['forbidden', refused],
    ['forbidden', echo(exchange, 403, (echoed) => `<html>${echoed}</html>`)],
    ['unavailable', ...Array<Fault>(3).fill(echoError(exchange, 503, -1001))],
    ['unknown', echoError(exchange, 503, -1000, 'Unknown error, please'), refused],
    ['unknown', order('CANCELLED', '8'), refused],
    ['unknown', { ...faults.reset(), ...faults.truncate() }, refused],
    ['throttled', echoError(exchange, 429, -1003)],
  ];
}

describe('no secret and no signature is ever seen', () => {
  test.each(kinds)('by any outcome of a %s key, whatever the exchange gives back', async (_, fresh) => {
    const key = fresh();
    use(key);
    await stage.exchange.down();

    await run('api', async (call) => {
      await call(httpEvent({ query: `symbol=${SYMBOL}&orderId=7` }));
      await stage.exchange.up();
      await call(httpEvent({ query: `symbol=${SYMBOL}&orderId=7&expiresAt=1` }));
      for (const [outcome, ...script] of echoes()) {
        for (const fault of script) stage.exchange.script(fault);
        const answer = await call(httpEvent({ query: `symbol=${SYMBOL}&orderId=7` }));
        expect(answer).toMatchObject({ headers: { 'x-cancel-outcome': outcome } });
      }
    });

    expectSilence(
      key,
      'ECONNREFUSED',
      '[redacted]',
      'cancel settled',
      'deadLetterMessageId',
      'UsedWeight',
      'Cancel Settled',
    );
  });

  test.each(kinds)('of a %s key by the queue, the schedule and a drill', async (_, fresh) => {
    const key = fresh();
    use(key);
    const body = JSON.stringify({ symbol: SYMBOL, orderId: '7' });
    const { exchange, queues } = stage;

    await run('queue', async (call) => {
      exchange.script(echoError(exchange, 400, -1121));
      await call(sqsEvent([sqsRecord(body)]));
      exchange.script(echoError(exchange, 401, -2015));
      await call(sqsEvent([sqsRecord(body, { receives: 5 })]));
      queues.fault = refuseDeadLetters;
      exchange.script(echoError(exchange, 400, -1121));
      await call(sqsEvent([sqsRecord(body)]));
    });
    await run('schedule', async (call) => {
      exchange.script(echoError(exchange, 401, -2015));
      await call(JSON.parse(body)); // throws, since its dead letter is refused
      queues.fault = undefined;
      exchange.script(echoError(exchange, 401, -2015));
      await call(JSON.parse(body));
      exchange.script(echoError(exchange, 401, -2015));
      await call({ drill: true });
    });

    const said = ['[redacted]', 'batchItemFailures', 'could not write the dead letter', 'drill failed'];
    expectSilence(key, ...said);
  });

  test.each(kinds)('of a %s key by a secrets store that quotes it in its errors', async (_, fresh) => {
    const key = fresh();
    use(key);
    const quoted = { name: 'DecryptionFailure', status: 400, message: JSON.stringify(key.secret) };
    stage.secrets.fail(3, quoted);

    await run('api', async (call) => {
      await call(httpEvent({ query: `symbol=${SYMBOL}&orderId=7` })); // no keys at all
      stage.secrets.recover();
      await call(httpEvent({ query: `symbol=${SYMBOL}&orderId=7` }));
      stage.secrets.fail(Number.POSITIVE_INFINITY, quoted);
      stage.exchange.setKeys([]);
      await call(httpEvent({ query: `symbol=${SYMBOL}&orderId=7` })); // cached keys that cannot be refreshed
    });

    expectSilence(key, 'DecryptionFailure', 'using the cached keys', 'not-found');
  });

  test.each(kinds)('of a %s key whose secret cannot be read', async (_, fresh) => {
    const key = fresh();
    const text = JSON.stringify(key.secret);
    const { apiKey } = key.secret;
    const broken = [
      text.slice(0, -1),
      `${text}}`,
      JSON.stringify([key.secret]),
      JSON.stringify(text),
      JSON.stringify({ ...key.secret, apiKey: [apiKey] }),
      JSON.stringify({ ...key.secret, apiKey: `${apiKey}\n` }),
      JSON.stringify({ ...key.secret, apiSecret: { apiKey }, privateKey: apiKey }),
      JSON.stringify({ ...key.secret, privateKeyPassphrase: `not ${PASSPHRASE}` }),
    ];

    await run('api', async (call) => {
      for (const secret of broken) {
        stage.secrets.put(SECRET_ID, secret);
        await call(httpEvent({ query: `symbol=${SYMBOL}&orderId=7` }));
      }
    });

    expectSilence(key, 'the secret cannot be used');
  });
});
