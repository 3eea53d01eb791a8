import { beforeAll, describe, expect, test } from '@jest/globals';
import * as v from 'valibot';
import { type CompiledStack, compileStack, FUNCTIONS, functionId, PACKAGING_MS } from './compiled-stack.ts';

const substituted = v.object({ 'Fn::Sub': v.string() });
const policy = v.object({
  Version: v.literal('2012-10-17'),
  Statement: v.tuple([
    v.strictObject({
      Effect: v.literal('Allow'),
      Action: v.literal('execute-api:Invoke'),
      Resource: v.string(),
    }),
  ]),
});

/** Values that CloudFormation substitutes. */
const REFERENCES = new Map([
  ['AWS::Partition', 'aws'],
  ['AWS::Region', 'ap-northeast-1'],
  ['AWS::AccountId', '123456789012'],
  ['HttpApi', 'a1b2c3d4e5'],
]);
const API = 'arn:aws:execute-api:ap-northeast-1:123456789012:a1b2c3d4e5/$default';

let stack: CompiledStack;
beforeAll(async () => {
  stack = await compileStack();
}, PACKAGING_MS);

/** Returns a text as CloudFormation substitutes it: `${!x}` stands for a literal `${x}`. */
const substitute = (value: unknown) =>
  v
    .parse(substituted, value)
    ['Fn::Sub'].replaceAll(/\$\{([^}]+)\}/g, (_, name: string) =>
      name.startsWith('!') ? `\${${name.slice(1)}}` : (REFERENCES.get(name) ?? `unknown ${name}`),
    );

const outputOf = (name: string) => v.parse(v.object({ Value: v.unknown() }), stack.outputs[name]).Value;

/** Returns true if a pattern of IAM matches an ARN. Its `*` also matches slashes. */
function matches(pattern: string, arn: string): boolean {
  const escaped = pattern.replaceAll(/[$.?+^()[\]{}|\\]/g, String.raw`\$&`).replaceAll('*', '.*');
  return new RegExp(`^${escaped}$`).test(arn);
}

/** Returns the ARN of each route of one account; undefined is the default account. */
function routesOf(account: string | undefined): string[] {
  const routes = stack
    .ofType('AWS::ApiGatewayV2::Route')
    .map(([, { Properties }]) => `${Properties.RouteKey}`);
  return routes
    .filter((route) => route.includes('{account}') === (account !== undefined))
    .map((route) => `${API}/${route.replace(' /', '/').replace('{account}', account ?? '')}`);
}

const TAG = `\${aws:PrincipalTag/account}`;

/** Returns the resource of a policy among the outputs, for a caller with the tag `desk-a`. */
function resourceOf(output: string): string {
  const text = substitute(outputOf(output)).replace(TAG, 'desk-a');
  return v.parse(policy, JSON.parse(text)).Statement[0].Resource;
}

describe.each(['AccountCallerPolicy', 'TaggedCallerPolicy'])('the policy %s', (output) => {
  test('allows every route of its account', () => {
    const routes = routesOf('desk-a');
    expect(routes).toHaveLength(7);
    expect(routes.filter((route) => !matches(resourceOf(output), route))).toEqual([]);
  });

  test.each([undefined, 'desk-b', 'desk-ab', 'desk'])('allows no route of the account %p', (account) => {
    const routes = routesOf(account);
    expect(routes).toHaveLength(7);
    expect(routes.filter((route) => matches(resourceOf(output), route))).toEqual([]);
  });
});

test('the policy for tagged callers takes the account from their tag', () => {
  expect(substitute(outputOf('TaggedCallerPolicy'))).toContain(`/accounts/${TAG}/*"`);
});

test('an output gives the prefix of the secrets that every function reads', () => {
  for (const name of FUNCTIONS)
    expect(stack.resource(functionId(name)).Properties.Environment).toMatchObject({
      Variables: { BINANCE_ACCOUNT_SECRETS: outputOf('AccountSecretPrefix') },
    });
});
