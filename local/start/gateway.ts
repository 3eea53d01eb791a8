import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const CLI = createRequire(import.meta.url).resolve('serverless/bin/serverless.js');
const HOST = '127.0.0.1';

/**
 * serverless-offline gives all requests one id. This handler gives each its own, as API Gateway
 * does.
 */
const HANDLER = `import { randomUUID } from 'node:crypto';
import { handler as built } from ${JSON.stringify(new URL('../../dist/handlers/api.mjs', import.meta.url))};
export const handler = (event, context) =>
  built({ ...event, requestContext: { ...event.requestContext, requestId: randomUUID() } }, context);
`;

/**
 * Serves the HTTP API of `serverless.yml` on 127.0.0.1 with serverless-offline, in a process of its
 * own that has these environment variables. Resolves when it serves, with its address and a promise
 * of the process's exit code. It writes nothing to the user's home directory.
 *
 * @param onOutput receives the output of the process
 * @param signal ends a start
 * @throws Error with the output when the process ends before it serves
 */
export async function startGateway(
  port: number,
  env: Readonly<Record<string, string>>,
  onOutput: (text: string) => void,
  signal: AbortSignal,
) {
  const home = await mkdtemp(join(tmpdir(), 'cancel-gateway-'));
  await mkdir(join(home, 'dist/handlers'), { recursive: true });
  await writeFile(join(home, 'dist/handlers/api.mjs'), HANDLER);
  const ports = ['--host', HOST, '--httpPort', String(port), '--lambdaPort', '0'];
  const settings = {
    HOME: home,
    OFFLINE_LOCATION: home,
    NO_COLOR: '1',
    SLS_TELEMETRY_DISABLED: '1',
    EVENT_BUS_NAME: '', // A bus that the user's shell names is AWS's, and no event may leave this machine.
  };
  const child = spawn(process.execPath, [CLI, 'offline', '--stage', 'local', ...ports], {
    env: { ...process.env, ...env, ...settings },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true, // so that Ctrl-C reaches it once, through `stop`
  });
  const ended = once(child, 'close').then(([code]): number => code ?? 1);
  if (signal.aborted) child.kill('SIGINT');
  signal.addEventListener('abort', () => child.kill('SIGINT'));
  let output = '';
  const isServing = new Promise<boolean>((resolve) => {
    const read = (text: string) => {
      output = (output + text).slice(-10_000);
      if (output.includes('Server ready')) resolve(true);
      onOutput(text);
    };
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', read);
  });
  const stop = async () => {
    child.kill('SIGINT');
    await ended;
    await rm(home, { recursive: true, force: true });
  };
  if (await Promise.race([isServing, ended.then(() => false)]))
    return { url: `http://${HOST}:${port}`, ended, [Symbol.asyncDispose]: stop };
  await stop();
  throw new Error(`the local HTTP API did not start:\n${output}`);
}
