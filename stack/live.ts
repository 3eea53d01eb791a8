import {
  type CloudFormationClient,
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
  /** True if the switch may be dead, or dumb, after a wrong change. */
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

/** Returns the number of differences in words. */
export function changes({ length }: readonly Difference[]): string {
  if (length === 0) return 'no setting changes';
  return length === 1 ? '1 setting changes' : `${length} settings change`;
}

/** The message of a deployment that would change critical values. */
export const REFUSED = 'refused: check the lines marked "!", and repeat with --yes if they are meant';

/** @throws Error with the fix, if a stack in this state takes no deployment */
export function refuseBlocked(name: string, { status }: LiveStack): void {
  const fix = fixFor(name, status);
  if (fix !== undefined) throw new Error(`${name} is ${status}: ${fix}, then repeat`);
}

function fixFor(name: string, status: string): string | undefined {
  if (status === 'ROLLBACK_COMPLETE' || status === 'ROLLBACK_FAILED')
    return `its first deployment failed, so remove it with "aws cloudformation delete-stack --stack-name ${name}"`;
  if (status.endsWith('_IN_PROGRESS')) return 'wait for its end';
  if (status.endsWith('_FAILED'))
    return `run "aws cloudformation continue-update-rollback --stack-name ${name}"`;
  return undefined;
}
