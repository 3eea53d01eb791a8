import {
  CloudFormationClient,
  GetTemplateCommand,
  UpdateStackCommand,
  waitUntilStackUpdateComplete,
} from '@aws-sdk/client-cloudformation';
import { GetObjectCommand, paginateListObjectsV2, S3Client } from '@aws-sdk/client-s3';
import * as v from 'valibot';
import { parseArguments, runScript, UsageError } from '../tools/terminal.ts';
import {
  bucketOf,
  COMPLETED,
  changes,
  differencesOf,
  type LiveStack,
  liveStack,
  mayChange,
  refuseBlocked,
  settingsIn,
} from './live.ts';
import { STAGE_OPTIONS, STAGE_USAGE, stageIn } from './stage-options.ts';

const USAGE = `npm run rollback [-- --stage STAGE] [--region REGION] [--to TIMESTAMP] [--dry-run] [--yes]

Returns the stage's code and resources to an earlier deployment. The live stack's parameters (network, addresses,
recipients, event bus) stay as they are. Prints first which settings of the template would change.

${STAGE_USAGE}
  --to       the deployment's timestamp; default: the completed one before the live one. --dry-run lists them`;

const SERVICE = 'binance-options-cancel';
const TEMPLATE = 'compiled-cloudformation-template.json';
/** The longest time for which a rollback is followed, in seconds. */
const LONGEST_S = 3600;

const template = v.object({
  Parameters: v.optional(v.record(v.string(), v.unknown()), {}),
  Resources: v.looseObject({
    ApiLambdaFunction: v.object({ Properties: v.object({ Code: v.object({ S3Key: v.string() }) }) }),
  }),
  Outputs: v.object({ Settings: v.optional(v.object({ Value: v.string() })) }),
});
type Template = v.InferOutput<typeof template>;

/** A deployment whose package is stored. */
interface Deployment {
  readonly timestamp: string;
  readonly templateKey: string;
  /** False if it failed on its way. */
  readonly isCompleted: boolean;
}

/** The stage's stack, its bucket of packages, and the clients for both. */
interface Stage {
  readonly name: string;
  readonly region: string;
  readonly bucket: string;
  readonly cloudFormation: CloudFormationClient;
  readonly s3: S3Client;
}

/**
 * Rolls a stage back.
 *
 * @returns the exit code 0
 * @throws UsageError when the arguments are wrong; an Error when it was refused or failed
 */
async function rollback(args: string[]): Promise<number> {
  const { values } = parseArguments({ args, options: { ...STAGE_OPTIONS, to: { type: 'string' } } });
  const { stage, region, yes, dryRun } = stageIn(values);
  const cloudFormation = new CloudFormationClient({ region });
  const s3 = new S3Client({ region, forcePathStyle: true });
  try {
    const name = `${SERVICE}-${stage}`;
    const live = await liveStack(cloudFormation, name);
    if (live === undefined)
      throw new Error(`${name} is not deployed in ${region}: check --stage and --region`);
    refuseBlocked(name, region, live);
    const bucket = await bucketOf(cloudFormation, name);
    const deployed = { name, region, bucket, cloudFormation, s3 };
    return await rollBackTo(deployed, live, await choose(deployed, stage, values.to), { yes, dryRun });
  } finally {
    cloudFormation.destroy();
    s3.destroy();
  }
}

/** Lists the stored deployments, and returns the one to return to. */
async function choose(stage: Stage, name: string, to: string | undefined): Promise<Deployment> {
  const deployments = await storedDeployments(stage, name);
  const live = await liveTimestamp(stage);
  for (const { timestamp, isCompleted } of deployments) {
    const mark = timestamp === live ? '  (live)' : isCompleted ? '' : '  (failed)';
    console.log(`  ${timestamp}  ${new Date(Number(timestamp)).toISOString()}${mark}`);
  }
  const chosen =
    to === undefined
      ? deployments.findLast(({ timestamp, isCompleted }) => isCompleted && Number(timestamp) < Number(live))
      : deployments.find(({ timestamp }) => timestamp === to);
  if (chosen !== undefined) return chosen;
  if (to === undefined) throw new Error('no completed deployment before the live one is stored');
  throw new UsageError(`--to ${to} is none of these deployments`);
}

/** Returns the deployments of which the bucket has a template, oldest first. */
async function storedDeployments({ s3, bucket }: Stage, stage: string): Promise<Deployment[]> {
  const keys: string[] = [];
  const Prefix = `serverless/${SERVICE}/${stage}/`;
  for await (const { Contents = [] } of paginateListObjectsV2({ client: s3 }, { Bucket: bucket, Prefix })) {
    keys.push(...Contents.map(({ Key = '' }) => Key));
  }
  return keys
    .filter((key) => key.endsWith(`/${TEMPLATE}`))
    .map((templateKey) => ({
      timestamp: timestampIn(templateKey) ?? '',
      templateKey,
      isCompleted: keys.includes(templateKey.replace(TEMPLATE, COMPLETED)),
    }))
    .sort((a, b) => Number(a.timestamp) - Number(b.timestamp));
}

const timestampIn = (key: string) => /\/(\d{13})-[^/]*\//.exec(key)?.[1];

async function liveTimestamp({ cloudFormation, name }: Stage): Promise<string | undefined> {
  const { TemplateBody = '' } = await cloudFormation.send(new GetTemplateCommand({ StackName: name }));
  const { Resources } = v.parse(template, JSON.parse(TemplateBody));
  return timestampIn(Resources.ApiLambdaFunction.Properties.Code.S3Key);
}

async function rollBackTo(
  stage: Stage,
  live: LiveStack,
  { timestamp, templateKey }: Deployment,
  consent: { readonly yes: boolean; readonly dryRun: boolean },
): Promise<number> {
  const { name, region, bucket, cloudFormation, s3 } = stage;
  const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: templateKey }));
  const chosen = v.parse(template, JSON.parse((await Body?.transformToString()) ?? ''));
  const kept = Object.keys(chosen.Parameters).filter((parameter) => parameter in live.values);
  const differences = differencesOf(live.values, valuesAfter(chosen, live, kept));
  if (!mayChange(`${name} to ${timestamp}: ${changes(differences)}`, differences, consent)) return 0;
  const update = new UpdateStackCommand({
    StackName: name,
    TemplateURL: `https://s3.${region}.amazonaws.com/${bucket}/${templateKey}`,
    Capabilities: ['CAPABILITY_IAM', 'CAPABILITY_NAMED_IAM'],
    Parameters: kept.map((ParameterKey) => ({ ParameterKey, UsePreviousValue: true })),
  });
  await cloudFormation.send(update);
  await waitUntilStackUpdateComplete({ client: cloudFormation, maxWaitTime: LONGEST_S }, { StackName: name });
  console.log(`rolled back to ${timestamp}`);
  return 0;
}

/** Returns the values of the stack after the rollback. */
function valuesAfter({ Outputs }: Template, live: LiveStack, kept: readonly string[]) {
  const parameters = Object.fromEntries(kept.map((name) => [name, live.values[name] ?? '']));
  return { ...parameters, ...settingsIn(Outputs.Settings?.Value) };
}

await runScript(USAGE, rollback);
