import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { setTimeout as sleep } from 'node:timers/promises';

/** The local HTTP API: serverless-offline, in a process of its own. */
export interface Gateway {
  readonly url: string;
  /** Resolves with the exit code when the process ends. */
  readonly ended: Promise<number>;
  stop(): Promise<void>;
}

const CLI = createRequire(import.meta.url).resolve('serverless/bin/serverless.js');
const START_TIMEOUT_MS = 30_000;

/**
 * Serves the HTTP API of `serverless.yml` on this machine, with these environment variables for its
 * functions.
 *
 * @throws Error when the process ends, or does not serve within 30 s
 */
export async function startGateway(port: number, env: Readonly<Record<string, string>>): Promise<Gateway> {
  const flags = ['offline', '--stage', 'local', '--httpPort', String(port), '--lambdaPort', '0'];
  const child = spawn(process.execPath, [CLI, ...flags], {
    env: { ...process.env, ...env, SLS_TELEMETRY_DISABLED: '1' },
    stdio: ['ignore', 'inherit', 'inherit'],
    detached: true, // so that Ctrl-C reaches it once, through `stop`
  });
  const ended = once(child, 'exit').then(([code]): number => code ?? 0);
  const stop = async () => {
    child.kill('SIGINT');
    await ended;
  };
  const url = `http://localhost:${port}`;
  const isServing = await Promise.race([ended.then(() => false), answers(url)]);
  if (isServing) return { url, ended, stop };
  await stop();
  throw new Error(
    `the local HTTP API did not start on port ${port}: choose another with npm start -- --port 3001`,
  );
}

async function answers(url: string): Promise<boolean> {
  for (const until = Date.now() + START_TIMEOUT_MS; Date.now() < until; await sleep(100)) {
    if (
      await fetch(url).then(
        () => true,
        () => false,
      )
    )
      return true;
  }
  return false;
}
