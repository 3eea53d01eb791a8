import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { describe, expect, test } from '@jest/globals';
import { startSecrets } from '../../local/secrets.ts';
import { until } from './signed-call.ts';

/** Returns the SDK's client, by default without retries. */
function clientOf(url: string, maxAttempts = 1): SecretsManagerClient {
  return new SecretsManagerClient({
    endpoint: url,
    region: 'ap-northeast-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    maxAttempts,
  });
}

const read = (client: SecretsManagerClient, SecretId: string) =>
  client.send(new GetSecretValueCommand({ SecretId }));

describe('a secret', () => {
  test('is read by name, ARN and partial ARN, and an object is JSON', async () => {
    await using secrets = await startSecrets();
    const client = clientOf(secrets.url);
    const version = secrets.put('desk/binance', { apiKey: 'a', apiSecret: 'b' });

    const byName = await read(client, 'desk/binance');
    const byArn = await read(client, byName.ARN ?? '');
    const byPartialArn = await read(client, byName.ARN?.slice(0, -7) ?? '');

    expect(byName).toMatchObject({
      Name: 'desk/binance',
      ARN: expect.stringMatching(/^arn:aws:secretsmanager:ap-northeast-1:\d{12}:secret:desk\/binance-\w{6}$/),
      SecretString: '{"apiKey":"a","apiSecret":"b"}',
      VersionId: version,
    });
    expect([byArn.VersionId, byPartialArn.VersionId]).toEqual([version, version]);
    expect(secrets.calls).toBe(3);
  });

  test('that is rotated has a new version', async () => {
    await using secrets = await startSecrets();
    const [first, second] = ['one', 'two'].map((text) => secrets.put('desk', text));

    const current = await read(clientOf(secrets.url), 'desk');

    expect(current).toMatchObject({ SecretString: 'two', VersionId: second });
    expect(second).not.toBe(first);
  });

  test('that does not exist is not found', async () => {
    await using secrets = await startSecrets();
    secrets.put('desk', 'text');

    const answer = read(clientOf(secrets.url), 'missing');

    await expect(answer).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
      message: "Secrets Manager can't find the specified secret.",
    });
  });
});

describe('the service', () => {
  test.each([
    ['{}', 'InvalidParameterException'],
    ['{"SecretId":""}', 'InvalidParameterException'],
    ['{"SecretId":"desk","VersionStage":"AWSPREVIOUS"}', 'InvalidParameterException'],
    ['desk', 'SerializationException'],
  ])('refuses the call %s', async (body, name) => {
    await using secrets = await startSecrets();
    secrets.put('desk', 'text');
    const headers = {
      'x-amz-target': 'secretsmanager.GetSecretValue',
      authorization: 'AWS4-HMAC-SHA256 Credential=local',
    };

    const answer = await fetch(secrets.url, { method: 'POST', body, headers });

    expect([answer.status, await answer.json()]).toMatchObject([400, { __type: name }]);
  });

  test('fails as often as it should, then works', async () => {
    await using secrets = await startSecrets();
    const client = clientOf(secrets.url);
    secrets.put('desk', 'text');
    secrets.fail(1);
    secrets.fail(1, { name: 'AccessDeniedException', status: 400, message: 'No.' });

    const first = read(client, 'desk');
    await expect(first).rejects.toMatchObject({
      name: 'InternalServiceError',
      $metadata: { httpStatusCode: 500 },
    });
    const second = read(client, 'desk');
    await expect(second).rejects.toMatchObject({ name: 'AccessDeniedException', message: 'No.' });
    const third = await read(client, 'desk');

    expect(third.SecretString).toBe('text');
    expect(secrets.calls).toBe(3);
  });

  test('fails until it recovers', async () => {
    await using secrets = await startSecrets();
    const client = clientOf(secrets.url);
    secrets.put('desk', 'text');
    secrets.fail(Number.POSITIVE_INFINITY);

    for (const _ of [1, 2]) await expect(read(client, 'desk')).rejects.toThrow('Failed by a test.');
    secrets.recover();

    expect((await read(client, 'desk')).SecretString).toBe('text');
  });

  test('counts each attempt of a client', async () => {
    await using secrets = await startSecrets();
    secrets.put('desk', 'text');
    secrets.fail(2);

    const answer = await read(clientOf(secrets.url, 3), 'desk');

    expect(answer.SecretString).toBe('text');
    expect(secrets.calls).toBe(3);
  });

  test('hangs as often as it should', async () => {
    await using secrets = await startSecrets();
    const client = clientOf(secrets.url);
    secrets.put('desk', 'text');
    secrets.hang(1);

    const caller = new AbortController();
    const silent = client.send(new GetSecretValueCommand({ SecretId: 'desk' }), {
      abortSignal: caller.signal,
    });
    const ended = expect(silent).rejects.toThrow('aborted');
    await until(() => secrets.calls === 1);
    const next = await read(client, 'desk');
    caller.abort();
    await ended;

    expect(next.SecretString).toBe('text');
    expect(secrets.calls).toBe(2);
  });

  test('waits before it answers', async () => {
    await using secrets = await startSecrets();
    secrets.put('desk', 'text');
    secrets.delayMs = 60_000;
    const client = clientOf(secrets.url);
    const caller = new AbortController();

    const late = client.send(new GetSecretValueCommand({ SecretId: 'desk' }), { abortSignal: caller.signal });
    const ended = expect(late).rejects.toThrow('aborted');
    await until(() => secrets.calls === 1);
    secrets.delayMs = 0;
    const prompt = await read(client, 'desk');
    caller.abort();
    await ended;

    expect(prompt.SecretString).toBe('text');
  });

  test.each([
    ['another operation', { 'X-Amz-Target': 'secretsmanager.PutSecretValue' }, 'UnknownOperationException'],
    ['an unsigned call', {}, 'MissingAuthenticationTokenException'],
  ])('refuses %s', async (_what, headers, type) => {
    await using secrets = await startSecrets();
    secrets.put('desk', 'text');

    const answer = await fetch(secrets.url, {
      method: 'POST',
      headers: { 'X-Amz-Target': 'secretsmanager.GetSecretValue', ...headers },
      body: '{"SecretId":"desk"}',
    });

    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ __type: type });
  });
});
