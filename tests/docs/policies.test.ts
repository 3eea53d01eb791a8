import { readFile } from 'node:fs/promises';
import { beforeAll, describe, expect, test } from '@jest/globals';
import * as v from 'valibot';

const textOf = (name: string) => readFile(new URL(`../../docs/${name}`, import.meta.url), 'utf8');

const strings = v.pipe(
  v.union([v.string(), v.array(v.string())]),
  v.transform((value) => [value].flat()),
);
const policy = v.object({
  Version: v.literal('2012-10-17'),
  Statement: v.array(v.looseObject({ Effect: v.literal('Allow'), Action: strings, Resource: strings })),
});

const actionsOf = async (name: string) =>
  v
    .parse(policy, JSON.parse(await textOf(`policies/${name}.json`)))
    .Statement.flatMap(({ Action }) => Action);

/** Returns the actions of the `aws` commands in a page: `sqs send-message` is `sqs:SendMessage`. */
const actionsIn = (page: string) => [
  ...new Set(
    [...page.matchAll(/\baws ([a-z0-9]+) ([a-z]+(?:-[a-z]+)+)/g)].map(
      ([, service, verb = '']) => `${service}:${pascal(verb)}`,
    ),
  ),
];
const pascal = (verb: string) =>
  verb.replaceAll(/(?:^|-)([a-z])/g, (_, letter: string) => letter.toUpperCase());

let operator: string[];
let deployer: string[];
beforeAll(async () => {
  [operator, deployer] = await Promise.all([actionsOf('operator'), actionsOf('deployer')]);
});

const covers = (actions: readonly string[], action: string) =>
  actions.some(
    (allowed) => allowed === action || (allowed.endsWith('*') && action.startsWith(allowed.slice(0, -1))),
  );

describe('the policy of operators', () => {
  test('allows every command of the runbook, and no wildcard', async () => {
    const commands = actionsIn(await textOf('runbook.md'));
    expect(commands.length).toBeGreaterThan(10);
    expect(commands.filter((action) => !covers(operator, action))).toEqual([]);
    expect(operator.filter((action) => action.includes('*'))).toEqual([]);
  });
});

describe('no policy', () => {
  test('allows to read a key', () => {
    for (const actions of [operator, deployer]) {
      expect(covers(actions, 'secretsmanager:GetSecretValue')).toBe(false);
      expect(covers(actions, 'secretsmanager:BatchGetSecretValue')).toBe(false);
    }
  });
});
