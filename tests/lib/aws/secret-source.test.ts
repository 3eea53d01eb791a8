import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { describe, expect, test } from '@jest/globals';
import { mockClient } from 'aws-sdk-client-mock';
import { SECRET_ID, secretSource, startSecretStore } from '../../helpers/secret-store.ts';

describe('a read', () => {
  test('gives the current text and version, and is reported each time', async () => {
    await using secrets = await startSecretStore();
    let reads = 0;
    const source = secretSource(() => {
      reads += 1;
    });

    const first = secrets.put(SECRET_ID, '{"apiKey":"one"}');
    const before = await source.read();
    const second = secrets.put(SECRET_ID, '{"apiKey":"two"}');
    const after = await source.read();

    expect(before).toEqual({ text: '{"apiKey":"one"}', version: first });
    expect(after).toEqual({ text: '{"apiKey":"two"}', version: second });
    expect(reads).toBe(2);
  });

  test('gets over one failure of the service', async () => {
    await using secrets = await startSecretStore();
    secrets.put(SECRET_ID, 'text');
    secrets.fail(1);

    await expect(secretSource().read()).resolves.toMatchObject({ text: 'text' });
    expect(secrets.calls).toBe(2);
  });

  test('gets over one call that hangs', async () => {
    await using secrets = await startSecretStore();
    secrets.put(SECRET_ID, 'text');
    secrets.hang(1);

    await expect(secretSource().read()).resolves.toMatchObject({ text: 'text' });
    expect(secrets.calls).toBe(2);
  });

  test('rejects when the service fails again', async () => {
    await using secrets = await startSecretStore();
    secrets.fail(Number.POSITIVE_INFINITY);

    await expect(secretSource().read()).rejects.toMatchObject({ name: 'InternalServiceError' });
    expect(secrets.calls).toBe(2);
  });

  test('is refused at once when access is denied, or there is no such secret', async () => {
    await using secrets = await startSecretStore();
    secrets.fail(1, { name: 'AccessDeniedException', status: 400, message: 'not authorized' });

    expect(await secretSource().read()).toEqual({
      refused: 'AccessDeniedException to a read of binance/options',
    });
    expect(await secretSource().read()).toEqual({
      refused: expect.stringMatching(/^ResourceNotFoundException: .* --name binance\/options /),
    });
    expect(secrets.calls).toBe(2);
  });

  test('rejects when the service does not answer within two seconds', async () => {
    await using secrets = await startSecretStore();
    secrets.hang(Number.POSITIVE_INFINITY);

    await expect(secretSource().read()).rejects.toMatchObject({
      name: expect.stringMatching(/Abort|Timeout/),
    });
  });

  test.each([
    'InvalidRequestException',
    'InvalidParameterException',
    'ValidationException',
    'DecryptionFailure',
    'UnrecognizedClientException',
    'CredentialsProviderError',
  ])('is refused for %s, which another read does not change', async (name) => {
    await using secrets = await startSecretStore();
    secrets.fail(1, { name, status: 400 });

    expect(await secretSource().read()).toEqual({ refused: `${name} to a read of binance/options` });
  });

  test('rejects for any other error: another read may succeed', async () => {
    await using secrets = await startSecretStore();
    secrets.fail(Number.POSITIVE_INFINITY, { name: 'SomethingElse', status: 400 });

    await expect(secretSource().read()).rejects.toMatchObject({ name: 'SomethingElse' });
  });

  test('of a secret that is binary says so', async () => {
    const mock = mockClient(SecretsManagerClient);
    mock.on(GetSecretValueCommand, { SecretId: SECRET_ID }).resolves({ SecretBinary: new Uint8Array(8) });

    await expect(secretSource().read()).resolves.toEqual({
      refused: 'the secret is binary: store it as text (SecretString)',
    });
    mock.restore();
  });
});
