import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import {
  CloudFormationClient,
  CreateStackCommand,
  waitUntilStackCreateComplete,
} from '@aws-sdk/client-cloudformation';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import * as v from 'valibot';
import { buildHandlers } from '../tools/build.ts';
import { messageOf, parseArguments, runScript } from '../tools/terminal.ts';
import {
  bucketOf,
  COMPLETED,
  changes,
  differencesOf,
  type LiveStack,
  liveStack,
  mayChange,
  parametersIn,
  refuseBlocked,
  settingsIn,
  type Values,
} from './live.ts';
import { STAGE_OPTIONS, STAGE_USAGE, stageIn } from './stage-options.ts';

const USAGE = `npm run deploy [-- --stage STAGE] [--region REGION] [--dry-run] [--yes]

Deploys the stage with the settings in stages/STAGE.yml. Prints first what would change in the live stack, and does
not change its network, addresses, recipients, exchange or protection without --yes.

${STAGE_USAGE}`;

const CLI = createRequire(import.meta.url).resolve('serverless/bin/serverless.js');

const packaged = v.object({
  service: v.object({
    service: v.string(),
    provider: v.object({
      stackParameters: v.array(v.object({ ParameterKey: v.string(), ParameterValue: v.string() })),
    }),
    custom: v.object({ settings: v.object({ json: v.string() }) }),
  }),
  package: v.object({ artifactDirectoryName: v.string() }),
});

/**
 * Deploys a stage.
 *
 * @returns the exit code: 0, or 1 when it was refused or failed
 * @throws UsageError when the arguments are wrong; an Error when a setting is wrong
 */
async function deploy(args: string[]): Promise<number> {
  const { stage, region, yes, dryRun } = stageIn(parseArguments({ args, options: STAGE_OPTIONS }).values);
  await buildHandlers();
  const directory = await mkdtemp(join(tmpdir(), 'deploy-'));
  const flags = ['--stage', stage, '--region', region, '--package', directory];
  const client = new CloudFormationClient({ region });
  try {
    const { name, values, packageKey } = await packageStage(directory, flags);
    const live = await liveStack(client, name);
    if (live !== undefined) refuseBlocked(name, region, live);
    if (!mayDeploy(name, live, values, { yes, dryRun })) return 0;
    if (live === undefined) await createBucket(client, name, directory);
    // Otherwise the deploy tool skips what equals its newest package, even where that was rolled back.
    const child = spawn(process.execPath, [CLI, 'deploy', '--force', ...flags], { stdio: 'inherit' });
    const [code]: readonly unknown[] = await once(child, 'exit');
    if (code !== 0) return 1;
    await markCompleted(region, await bucketOf(client, name), packageKey);
    return 0;
  } finally {
    client.destroy();
    await rm(directory, { recursive: true, force: true });
  }
}

/** Packages the stage, so that what is compared is what is deployed. */
async function packageStage(directory: string, flags: string[]) {
  try {
    await promisify(execFile)(process.execPath, [CLI, 'package', ...flags]);
  } catch (error) {
    throw new Error(refusalIn(error) ?? messageOf(error));
  }
  const state: unknown = JSON.parse(await readFile(join(directory, 'serverless-state.json'), 'utf8'));
  const { service, package: stored } = v.parse(packaged, state);
  const [, stage] = flags;
  return {
    name: `${service.service}-${stage}`,
    packageKey: stored.artifactDirectoryName,
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

/** Prints what would change. A stack that is new has nothing to lose. */
function mayDeploy(
  name: string,
  live: LiveStack | undefined,
  next: Values,
  { yes, dryRun }: { readonly yes: boolean; readonly dryRun: boolean },
): boolean {
  const { values = {} } = live ?? {};
  const differences = differencesOf(values, next);
  // After a first deployment that failed, the stack holds the bucket alone.
  const isNew = Object.keys(values).length === 0;
  const title = isNew ? `${name} is new:` : `${name}: ${changes(differences)}`;
  return mayChange(title, differences, { yes: yes || isNew, dryRun });
}

/**
 * Creates the stack with the bucket of its packages alone. The deploy tool would pass parameters,
 * which that template does not have.
 */
async function createBucket(client: CloudFormationClient, name: string, directory: string): Promise<void> {
  const file = join(directory, 'cloudformation-template-create-stack.json');
  await client.send(new CreateStackCommand({ StackName: name, TemplateBody: await readFile(file, 'utf8') }));
  await waitUntilStackCreateComplete({ client, maxWaitTime: 600 }, { StackName: name });
}

/** Marks a package as deployed, so that a rollback can tell it from one that failed. */
async function markCompleted(region: string, bucket: string, packageKey: string): Promise<void> {
  const s3 = new S3Client({ region, forcePathStyle: true });
  await s3.send(new PutObjectCommand({ Bucket: bucket, Key: `${packageKey}/${COMPLETED}`, Body: '' }));
  s3.destroy();
}

await runScript(USAGE, deploy);
