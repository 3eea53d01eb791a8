import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import * as v from 'valibot';
import { buildHandlers } from '../local/build.ts';
import { messageOf, runScript } from '../local/terminal.ts';
import {
  changes,
  type Difference,
  differenceLines,
  differencesOf,
  liveStack,
  parametersIn,
  REFUSED,
  refuseBlocked,
  settingsIn,
  type Values,
} from './live.ts';
import { OPTIONS_USAGE, stageArguments } from './stage-arguments.ts';

const USAGE = `npm run deploy [-- --stage STAGE] [--region REGION] [--dry-run] [--yes]

Deploys the stage with the settings in stages/STAGE.yml. Prints first what would change in the live stack, and does
not change its network, addresses, recipients, exchange or protection without --yes.

${OPTIONS_USAGE}`;

const CLI = createRequire(import.meta.url).resolve('serverless/bin/serverless.js');

const packaged = v.object({
  service: v.object({
    service: v.string(),
    provider: v.object({
      stackParameters: v.array(v.object({ ParameterKey: v.string(), ParameterValue: v.string() })),
    }),
    custom: v.object({ settings: v.object({ json: v.string() }) }),
  }),
});

/**
 * Deploys a stage.
 *
 * @returns the exit code: 0, or 1 when it was refused or failed
 * @throws UsageError when the arguments are wrong; an Error when a setting is wrong
 */
async function deploy(args: string[]): Promise<number> {
  const { stage, region, yes, dryRun } = stageArguments(args);
  await buildHandlers();
  const directory = await mkdtemp(join(tmpdir(), 'deploy-'));
  const flags = ['--stage', stage, '--region', region, '--package', directory];
  const client = new CloudFormationClient({ region });
  try {
    const { name, values } = await packageStage(directory, flags);
    const differences = await compare(client, name, values);
    if (dryRun) return 0;
    if (!yes && differences.some(({ isCritical }) => isCritical)) throw new Error(REFUSED);
    const child = spawn(process.execPath, [CLI, 'deploy', ...flags], { stdio: 'inherit' });
    const [code]: readonly unknown[] = await once(child, 'exit');
    return code === 0 ? 0 : 1;
  } finally {
    client.destroy();
    await rm(directory, { recursive: true, force: true });
  }
}

/** Packages the stage, so that what is compared is what is deployed. */
async function packageStage(directory: string, flags: string[]): Promise<{ name: string; values: Values }> {
  try {
    await promisify(execFile)(process.execPath, [CLI, 'package', ...flags]);
  } catch (error) {
    throw new Error(refusalIn(error) ?? messageOf(error));
  }
  const state: unknown = JSON.parse(await readFile(join(directory, 'serverless-state.json'), 'utf8'));
  const { service } = v.parse(packaged, state);
  const [, stage] = flags;
  return {
    name: `${service.service}-${stage}`,
    values: {
      ...parametersIn(service.provider.stackParameters),
      ...settingsIn(service.custom.settings.json),
    },
  };
}

/** Returns the sentence with which stack/params.js refused a setting, from what the deploy tool printed. */
function refusalIn(error: unknown): string | undefined {
  const printed = error instanceof Error && 'stdout' in error ? String(error.stdout) : '';
  return /function errored with: Error: (.*)/.exec(printed)?.[1] ?? (printed === '' ? undefined : printed);
}

/** Prints and returns what would change in the live stack: nothing where there is none yet. */
async function compare(
  client: CloudFormationClient,
  name: string,
  next: Values,
): Promise<readonly Difference[]> {
  const live = await liveStack(client, name);
  const differences = differencesOf(live?.values ?? {}, next);
  console.log(live === undefined ? `${name} is new:` : `${name}: ${changes(differences)}`);
  for (const line of differenceLines(differences)) console.log(line);
  if (live !== undefined) refuseBlocked(name, live);
  return live === undefined ? [] : differences;
}

await runScript(USAGE, deploy);
