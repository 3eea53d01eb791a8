import {
  type CloudFormationClient,
  DescribeStackResourceCommand,
  DescribeStacksCommand,
  type Parameter,
  type Stack,
} from '@aws-sdk/client-cloudformation';
import * as v from 'valibot';

/** The values that a stack is deployed with, by the names of its parameters and settings. */
export type Values = Readonly<Record<string, string>>;

/** A deployed stack. */
export interface LiveStack {
  readonly status: string;
  readonly values: Values;
}

/** Returns the deployed stack; undefined if there is none. @throws the SDK's error otherwise */
export async function liveStack(client: CloudFormationClient, name: string): Promise<LiveStack | undefined> {
  const found = await describe(client, name);
  if (found === undefined) return undefined;
  const settings = found.Outputs?.find(({ OutputKey }) => OutputKey === 'Settings')?.OutputValue;
  return {
    status: found.StackStatus ?? 'unknown',
    values: { ...parametersIn(found.Parameters), ...settingsIn(settings) },
  };
}

async function describe(client: CloudFormationClient, name: string): Promise<Stack | undefined> {
  try {
    const { Stacks: [stack] = [] } = await client.send(new DescribeStacksCommand({ StackName: name }));
    return stack;
  } catch (error) {
    // CloudFormation has no error of its own for a stack that does not exist.
    if (error instanceof Error && error.message.endsWith('does not exist')) return undefined;
    throw error;
  }
}

/** Returns the values of a stack's parameters. */
export const parametersIn = (parameters: readonly Parameter[] = []): Values =>
  Object.fromEntries(
    parameters.map(({ ParameterKey = '', ParameterValue = '' }) => [ParameterKey, ParameterValue]),
  );

/** Returns the settings in the output `Settings` of a stack, each as JSON or as its text. */
export function settingsIn(json: string | undefined): Values {
  const settings = v.parse(v.record(v.string(), v.unknown()), JSON.parse(json ?? '{}'));
  return Object.fromEntries(
    Object.entries(settings).map(([name, value]) => [
      name,
      typeof value === 'string' ? value : JSON.stringify(value),
    ]),
  );
}

/** A value that a deployment would change. */
export interface Difference {
  readonly name: string;
  readonly from: string | undefined;
  readonly to: string | undefined;
  /** True if a wrong value can stop cancels, alarms or the protection of the stage. */
  readonly isCritical: boolean;
}

const CRITICAL =
  /^(Network|Address[AB]|AllocationId[AB]|PageEmail|TicketEmail|AlarmEmail|NatAllocationId|production|exchangeUrl)$/;

/** Returns the values that differ, the critical ones first. */
export function differencesOf(live: Values, next: Values): readonly Difference[] {
  const names = [...new Set([...Object.keys(live), ...Object.keys(next)])].sort();
  return names
    .map((name) => ({ name, from: live[name], to: next[name], isCritical: CRITICAL.test(name) }))
    .filter(({ from, to }) => (from ?? '') !== (to ?? ''))
    .sort((a, b) => Number(b.isCritical) - Number(a.isCritical));
}

/** Returns a line for each difference; the critical ones are marked. */
export const differenceLines = (differences: readonly Difference[]): readonly string[] =>
  differences.map(
    ({ name, from, to, isCritical }) => `  ${isCritical ? '!' : ' '} ${name}: ${shown(from)} → ${shown(to)}`,
  );

const shown = (value: string | undefined) => (value === undefined || value === '' ? '(none)' : value);

/**
 * Prints what a deployment would change. Returns true if it may, and false for a dry run.
 *
 * @throws Error if it would change critical values and `yes` is false
 */
export function mayChange(
  title: string,
  differences: readonly Difference[],
  { yes, dryRun }: { readonly yes: boolean; readonly dryRun: boolean },
): boolean {
  console.log(title);
  for (const line of differenceLines(differences)) console.log(line);
  if (!dryRun && !yes && differences.some(({ isCritical }) => isCritical))
    throw new Error('refused: check the lines marked "!", and repeat with --yes if they are meant');
  return !dryRun;
}

/** Returns the number of differences in words. */
export function changes({ length }: readonly Difference[]): string {
  if (length === 0) return 'no setting changes';
  return length === 1 ? '1 setting changes' : `${length} settings change`;
}

/** @throws Error with the fix, if a stack in this state takes no deployment */
export function refuseBlocked(name: string, region: string, { status }: LiveStack): void {
  const fix = fixFor(status);
  if (fix === undefined) return;
  const command = fix.replace('STACK', `--stack-name ${name} --region ${region}`);
  throw new Error(`${name} is ${status}: ${command}, then repeat`);
}

function fixFor(status: string): string | undefined {
  if (status === 'UPDATE_ROLLBACK_FAILED') return 'run "aws cloudformation continue-update-rollback STACK"';
  if (/^(CREATE_FAILED|DELETE_FAILED|ROLLBACK_COMPLETE|ROLLBACK_FAILED|REVIEW_IN_PROGRESS)$/.test(status))
    return 'remove it with "aws cloudformation delete-stack STACK"';
  return status.endsWith('_IN_PROGRESS') ? 'wait for its end' : undefined;
}

/** Returns the name of the bucket that holds the packages of a stack. @throws the SDK's error */
export async function bucketOf(client: CloudFormationClient, name: string): Promise<string> {
  const asked = { StackName: name, LogicalResourceId: 'ServerlessDeploymentBucket' };
  const { StackResourceDetail } = await client.send(new DescribeStackResourceCommand(asked));
  return StackResourceDetail?.PhysicalResourceId ?? '';
}

/** The object beside a package that says that its deployment has come to its end. */
export const COMPLETED = 'completed';
