/**
 * Tests the built handlers against the embedded exchange and an emulated AWS that holds the
 * deployed stack. The handlers run with their deployed environment. .ci/describe.py writes FILE.
 *
 * usage: node .ci/smoke.ts ENDPOINT FILE
 */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  CreateEventBusCommand,
  EventBridgeClient,
  PutRuleCommand,
  PutTargetsCommand,
} from '@aws-sdk/client-eventbridge';
import {
  CreateSecretCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  type Message,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import type {
  APIGatewayProxyEventV2,
  APIGatewayProxyStructuredResultV2,
  SQSBatchResponse,
  SQSEvent,
} from 'aws-lambda';
import * as v from 'valibot';
import { startEventSource } from '../local/event-source.ts';
import { isOpen, startExchange } from '../local/exchange.ts';
import { httpEvent } from '../local/http-event.ts';
import { defaultKey, freshHmacKey } from '../local/keys.ts';
import { type LambdaHandler, lambdaContext, loadHandler } from '../local/lambda.ts';

const TIMEOUT_MS = 20_000;
const SYMBOL = 'BTC-200730-9000-C';
const NO_ORDER = '4611875134427399999';
/** A second account of the exchange, whose secret is made after the deployment. */
const ACCOUNT = 'desk-a';
const { exchangeKey: accountKey, secret: accountSecret } = freshHmacKey();
const KEYS = [defaultKey, { ...accountKey, account: ACCOUNT }];

const variables = v.record(v.string(), v.string());
const deployment = v.object({
  outputs: v.object({
    CancelQueueUrl: v.string(),
    KillQueueUrl: v.string(),
    DeadLetterQueueUrl: v.string(),
    SecretArn: v.string(),
    AccountSecretPrefix: v.string(),
  }),
  environment: v.object({ api: variables, queue: variables, schedule: variables, preflight: variables }),
});
type FunctionName = keyof v.InferOutput<typeof deployment>['environment'];

const [endpoint = '', file = ''] = process.argv.slice(2);
const { outputs, environment } = v.parse(deployment, JSON.parse(await readFile(file, 'utf8')));
const aws = {
  AWS_ENDPOINT_URL: endpoint,
  AWS_REGION: 'ap-northeast-1',
  AWS_ACCESS_KEY_ID: 'test',
  AWS_SECRET_ACCESS_KEY: 'test',
};
Object.assign(process.env, aws);

const exchange = await startExchange({ keys: KEYS });
const sqs = new SQSClient({ useQueueUrlAsEndpoint: false });
const killQueue = emulated(outputs.KillQueueUrl);
const cancelQueue = emulated(outputs.CancelQueueUrl);
const deadLetterQueue = emulated(outputs.DeadLetterQueueUrl);

try {
  await seedSecret();
  await passPreflight();
  await cancelThroughApi();
  await cancelThroughQueue();
  await deadLetterFromSchedule();
  await killThroughApi();
  await killThroughQueue();
  await handOverFromSchedule();
  await addAccount();
  await cancelOfAccount();
  await cancelOfAccountLater();
  await publishToQueue();
} finally {
  sqs.destroy();
  await exchange.stop();
}

/** Returns the emulator's URL of a deployed queue, whose own URL names AWS. */
function emulated(queueUrl: string): string {
  return new URL(new URL(queueUrl).pathname, endpoint).href;
}

async function load<E, R>(name: FunctionName): Promise<(event: E) => Promise<R>> {
  const deployed = Object.entries(environment[name]).map(([variable, value]) => [
    variable,
    variable.endsWith('_QUEUE_URL') ? emulated(value) : value,
  ]);
  const env = { ...Object.fromEntries(deployed), ...aws, BINANCE_BASE_URL: exchange.url };
  const bundle = new URL(`../dist/handlers/${name}.mjs`, import.meta.url);
  const handler: LambdaHandler<E, R> = await loadHandler(bundle, env);
  return async (event) => handler(event, lambdaContext({ functionName: name, timeoutMs: TIMEOUT_MS }));
}

async function seedSecret(): Promise<void> {
  const client = new SecretsManagerClient({});
  await client.send(
    new PutSecretValueCommand({ SecretId: outputs.SecretArn, SecretString: JSON.stringify(defaultKey) }),
  );
  client.destroy();
  console.log('  ok   the key is in the secret');
}

async function passPreflight(event: object = {}): Promise<void> {
  const preflight = await load<object, { ok: boolean; checks: object[] }>('preflight');
  const { ok, checks } = await preflight(event);
  assert.ok(ok, JSON.stringify(checks, undefined, 2));
  console.log(`  ok   preflight of ${JSON.stringify(event)}: ${checks.length} checks`);
}

async function cancelThroughApi(): Promise<void> {
  const { orderId, symbol } = exchange.place();
  const api = await load<APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2>('api');
  const answer = await api(httpEvent({ query: `symbol=${symbol}&orderId=${orderId}` }));
  assert.equal(answer.statusCode, 200, answer.body);
  assert.equal(exchange.order(orderId)?.status, 'CANCELLED');
  console.log(`  ok   the API canceled ${orderId}`);
}

async function cancelThroughQueue(): Promise<void> {
  const { orderId, symbol } = exchange.place();
  const queue = await load<SQSEvent, SQSBatchResponse>('queue');
  const malformed = `{"symbol":"${symbol}","orderId":0}`;
  for (const MessageBody of [`{"symbol":"${symbol}","orderId":${orderId}}`, malformed]) {
    await sqs.send(new SendMessageCommand({ QueueUrl: cancelQueue, MessageBody }));
  }
  await drain(cancelQueue, queue, 2);
  assert.equal(exchange.order(orderId)?.status, 'CANCELLED');
  console.log(`  ok   a queue message canceled ${orderId}`);
  await expectDeadLetter({ body: malformed, outcome: 'invalid-request', trigger: 'queue' }, [
    'attempts',
    'caller',
    'detail',
    'failedAt',
    'outcome',
    'requestId',
    'trigger',
  ]);
}

/** Delivers a queue's messages until so many have left it. */
async function drain(
  queueUrl: string,
  invoke: (event: SQSEvent) => Promise<SQSBatchResponse>,
  count: number,
  batchSize = 10,
): Promise<void> {
  let settled = 0;
  const onSettled = () => {
    settled += 1;
  };
  const source = await startEventSource({ queueUrl, invoke, onSettled, batchSize });
  for (const until = Date.now() + TIMEOUT_MS; settled < count && Date.now() < until; ) await sleep(50);
  await source.stop();
  assert.equal(settled, count, `${count - settled} messages did not leave the queue`);
}

async function killThroughApi(): Promise<void> {
  const placed = [exchange.place(), exchange.place()];
  const api = await load<APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2>('api');
  const body = JSON.stringify({ kill: { symbol: SYMBOL }, reason: 'smoke' });
  const answer = await api(killEvent(body));
  assert.equal(answer.statusCode, 200, answer.body);
  assert.equal(JSON.parse(answer.body ?? '').outcome, 'emptied');
  expectEmptyBook();
  console.log(`  ok   POST /kills canceled ${placed.length} orders and proved the book empty`);
}

async function killThroughQueue(): Promise<void> {
  const placed = [exchange.place(), exchange.place(), exchange.place()];
  const MessageBody = JSON.stringify({ kill: { underlying: 'BTCUSDT' } });
  await sqs.send(new SendMessageCommand({ QueueUrl: killQueue, MessageBody }));
  await drain(killQueue, await load<SQSEvent, SQSBatchResponse>('queue'), 1, 1);
  expectEmptyBook();
  console.log(`  ok   a message of the kill queue canceled ${placed.length} orders`);
}

/** A kill that the schedule function cannot finish goes on in the deployed kill queue. */
async function handOverFromSchedule(): Promise<void> {
  exchange.place();
  const schedule = await load<unknown, { outcome: string; queueMessageId?: string }>('schedule');
  exchange.setKeys([]);
  const { outcome, queueMessageId } = await schedule({ kill: { symbol: SYMBOL } });
  assert.equal(outcome, 'credentials');
  assert.ok(queueMessageId, 'the kill was not handed over');
  exchange.setKeys(KEYS);
  await drain(killQueue, await load<SQSEvent, SQSBatchResponse>('queue'), 1, 1);
  expectEmptyBook();
  console.log('  ok   a scheduled kill went on in the kill queue and emptied the book');
}

/** Adds an account to the running service, without a deployment. */
async function addAccount(): Promise<void> {
  const client = new SecretsManagerClient({});
  const Name = `${outputs.AccountSecretPrefix}${ACCOUNT}`;
  await client.send(new CreateSecretCommand({ Name, SecretString: JSON.stringify(accountSecret) }));
  client.destroy();
  console.log(`  ok   the key of ${ACCOUNT} is in the secret ${Name}`);
  await passPreflight({ account: ACCOUNT });
}

/** Each account's path cancels its own order, and knows no order of the other account. */
async function cancelOfAccount(): Promise<void> {
  const api = await load<APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2>('api');
  const { orderId, symbol } = exchange.place({ account: ACCOUNT });
  const query = `symbol=${symbol}&orderId=${orderId}`;
  const byDefault = await api(httpEvent({ query }));
  assert.equal(byDefault.statusCode, 404, byDefault.body);
  const answer = await api(httpEvent({ path: `/accounts/${ACCOUNT}/eapi/v1/order`, query }));
  assert.equal(answer.statusCode, 200, answer.body);
  assert.equal(exchange.order(orderId)?.status, 'CANCELLED');
  console.log(`  ok   the API canceled ${orderId} of ${ACCOUNT}, which the default account does not know`);
}

/** A cancel that its caller does not wait for is carried out from the deployed cancel queue. */
async function cancelOfAccountLater(): Promise<void> {
  const api = await load<APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2>('api');
  const { orderId, symbol } = exchange.place({ account: ACCOUNT });
  const query = `symbol=${symbol}&orderId=${orderId}`;
  const headers = { prefer: 'respond-async' };
  const timeEpoch = Date.now();
  const path = `/accounts/${ACCOUNT}/eapi/v1/order`;
  const answer = await api(httpEvent({ path, query, headers, timeEpoch }));
  assert.equal(answer.statusCode, 202, answer.body);
  const { queueMessageId } = v.parse(v.object({ queueMessageId: v.string() }), JSON.parse(answer.body ?? ''));
  assert.equal(exchange.order(orderId)?.status, 'ACCEPTED');
  await drain(cancelQueue, await load<SQSEvent, SQSBatchResponse>('queue'), 1);
  assert.equal(exchange.order(orderId)?.status, 'CANCELLED');
  console.log(`  ok   the message ${queueMessageId} of a caller that did not wait canceled ${orderId}`);
}

/** A rule of the deployed bus sends an outcome event to a queue. */
async function publishToQueue(): Promise<void> {
  const queueUrl = await queueOfRule(environment.api.EVENT_BUS_NAME ?? '');
  const api = await load<APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2>('api');
  // The service waits 300 ms for a bus. On a busy machine its first calls may take longer.
  for (const until = Date.now() + TIMEOUT_MS; Date.now() < until; ) {
    const { orderId, symbol } = exchange.place();
    await api(httpEvent({ query: `symbol=${symbol}&orderId=${orderId}` }));
    const { Messages: [message] = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl: queueUrl }));
    if (message === undefined) continue;
    const event = JSON.parse(message.Body ?? '');
    assert.deepEqual(
      [event.source, event['detail-type'], event.detail.outcome],
      ['binance-options-cancel', 'Cancel Settled', 'canceled'],
    );
    console.log(`  ok   an event went through the bus to a queue: ${event.detail.orderId} is canceled`);
    return;
  }
  assert.fail('no event has arrived');
}

/** Creates the bus, which is not part of the stack, and a rule that sends its events to a new queue. */
async function queueOfRule(bus: string): Promise<string> {
  const client = new EventBridgeClient({});
  await client.send(new CreateEventBusCommand({ Name: bus }));
  const { QueueUrl = '' } = await sqs.send(new CreateQueueCommand({ QueueName: 'events' }));
  const asked = new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] });
  const { Attributes = {} } = await sqs.send(asked);
  const rule = { Name: 'settled', EventBusName: bus };
  const EventPattern = JSON.stringify({ source: ['binance-options-cancel'] });
  await client.send(new PutRuleCommand({ ...rule, EventPattern }));
  const Targets = [{ Id: 'queue', Arn: Attributes.QueueArn }];
  await client.send(new PutTargetsCommand({ Rule: rule.Name, EventBusName: bus, Targets }));
  client.destroy();
  return QueueUrl;
}

function killEvent(body: string): APIGatewayProxyEventV2 {
  const event = httpEvent({ body, headers: { 'content-type': 'application/json' } });
  const http = { ...event.requestContext.http, method: 'POST', path: '/kills' };
  const requestContext = { ...event.requestContext, http, timeEpoch: Date.now() };
  return { ...event, routeKey: 'POST /kills', rawPath: '/kills', requestContext };
}

function expectEmptyBook(): void {
  assert.deepEqual([...exchange.orders].filter(isOpen), [], 'an order is still open');
}

async function deadLetterFromSchedule(): Promise<void> {
  const schedule = await load<unknown, { outcome: string; deadLetterMessageId?: string }>('schedule');
  const request = { symbol: SYMBOL, orderId: NO_ORDER };
  const { outcome, deadLetterMessageId } = await schedule(request);
  assert.equal(outcome, 'not-found');
  const deadLetter = await expectDeadLetter({ outcome, trigger: 'schedule' }, [
    'askedAt',
    'attempts',
    'code',
    'detail',
    'failedAt',
    'orderId',
    'outcome',
    'requestId',
    'trigger',
  ]);
  assert.equal(deadLetter.MessageId, deadLetterMessageId);
  assert.deepEqual(
    v.parse(v.looseObject({ orderId: v.string() }), JSON.parse(deadLetter.Body ?? '')).orderId,
    NO_ORDER,
  );
}

/** Reads the one visible dead letter and leaves it hidden from later reads. */
async function expectDeadLetter(
  expected: { body?: string; outcome: string; trigger: string },
  attributes: readonly string[],
): Promise<Message> {
  const request = { QueueUrl: deadLetterQueue, MessageAttributeNames: ['All'], WaitTimeSeconds: 5 };
  const { Messages: [deadLetter] = [] } = await sqs.send(new ReceiveMessageCommand(request));
  assert.ok(deadLetter, 'the queue holds no dead letter');
  assert.equal(deadLetter.MessageAttributes?.outcome?.StringValue, expected.outcome);
  assert.equal(deadLetter.MessageAttributes?.trigger?.StringValue, expected.trigger);
  assert.deepEqual(Object.keys(deadLetter.MessageAttributes ?? {}).sort(), attributes);
  if (expected.body !== undefined) assert.equal(deadLetter.Body, expected.body);
  console.log(
    `  ok   a dead letter of ${expected.trigger} has the outcome ${expected.outcome}: ${deadLetter.Body}`,
  );
  return deadLetter;
}
