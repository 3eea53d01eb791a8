import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import * as v from 'valibot';

const CLI = createRequire(import.meta.url).resolve('serverless/bin/serverless.js');
const ROOT = join(import.meta.dirname, '../..');

export const FUNCTIONS = ['api', 'queue', 'schedule', 'preflight'] as const;
export type FunctionName = (typeof FUNCTIONS)[number];

/** Enough time to package a few stacks on a busy machine, in milliseconds. */
export const PACKAGING_MS = 120_000;

const json = v.record(v.string(), v.unknown());

const resource = v.object({
  Type: v.string(),
  Properties: v.optional(json, {}),
  DeletionPolicy: v.optional(v.string()),
  UpdateReplacePolicy: v.optional(v.string()),
  Condition: v.optional(v.string()),
});
export type Resource = v.InferOutput<typeof resource>;

const template = v.object({
  Resources: v.record(v.string(), resource),
  Outputs: v.record(v.string(), json),
  Conditions: json,
});

const state = v.object({ service: v.object({ provider: json }) });

/** The deploy tool's output for one stage of serverless.yml. */
export interface CompiledStack {
  readonly resources: Readonly<Record<string, Resource>>;
  readonly outputs: Readonly<Record<string, unknown>>;
  readonly conditions: Readonly<Record<string, unknown>>;
  /** The resolved `provider` section. It holds settings that the template lacks. */
  readonly provider: Readonly<Record<string, unknown>>;
  /** Paths of the files in each function's package. */
  readonly packaged: Readonly<Record<FunctionName, readonly string[]>>;
  /** Returns one resource. @throws Error when the stack has none of that name */
  resource(logicalId: string): Resource;
  ofType(type: string): [string, Resource][];
}

export interface Stage {
  readonly name: string;
  /** The text of its file in stages/. */
  readonly settings: string;
  readonly region?: string;
}

const DEV: Stage = { name: 'dev', settings: 'production: false' };

/**
 * Packages the stack in a temporary directory, with empty bundles and without AWS credentials.
 *
 * @throws Error with the deploy tool's message when a setting is wrong
 */
export async function compileStack({ name, settings, region }: Stage = DEV): Promise<CompiledStack> {
  const directory = await mkdtemp(join(tmpdir(), 'stack-'));
  try {
    await copyService(directory);
    await mkdir(join(directory, 'stages'));
    await writeFile(join(directory, 'stages', `${name}.yml`), settings);
    await runPackage(directory, ['--stage', name, ...(region === undefined ? [] : ['--region', region])]);
    return await readPackage(join(directory, 'packaged'));
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function copyService(directory: string): Promise<void> {
  for (const part of ['serverless.yml', 'stack', 'package.json']) {
    await cp(join(ROOT, part), join(directory, part), { recursive: true });
  }
  await symlink(join(ROOT, 'node_modules'), join(directory, 'node_modules'), 'junction');
  await mkdir(join(directory, 'dist/handlers/chunks'), { recursive: true });
  for (const name of [...FUNCTIONS, 'chunks/shared']) {
    await writeFile(
      join(directory, `dist/handlers/${name}.mjs`),
      'export const handler = async () => ({});\n',
    );
    await writeFile(join(directory, `dist/handlers/${name}.mjs.map`), '{}\n');
  }
}

async function runPackage(directory: string, flags: readonly string[]): Promise<void> {
  const args = [CLI, 'package', '--package', 'packaged', ...flags];
  const env = { PATH: process.env.PATH, HOME: directory };
  await promisify(execFile)(process.execPath, args, { cwd: directory, env });
}

async function readPackage(directory: string): Promise<CompiledStack> {
  const readJson = async (name: string): Promise<unknown> =>
    JSON.parse(await readFile(join(directory, name), 'utf8'));
  const compiled = v.parse(template, await readJson('cloudformation-template-update-stack.json'));
  const { service } = v.parse(state, await readJson('serverless-state.json'));
  const [api, queue, schedule, preflight] = await Promise.all(
    FUNCTIONS.map((name) => filesIn(join(directory, `${name}.zip`))),
  );
  return {
    resources: compiled.Resources,
    outputs: compiled.Outputs,
    conditions: compiled.Conditions,
    provider: service.provider,
    packaged: { api: api ?? [], queue: queue ?? [], schedule: schedule ?? [], preflight: preflight ?? [] },
    resource: (logicalId) => {
      const found = compiled.Resources[logicalId];
      if (found === undefined) throw new Error(`the stack has no resource ${logicalId}`);
      return found;
    },
    ofType: (type) => Object.entries(compiled.Resources).filter(([, { Type }]) => Type === type),
  };
}

const LOCAL_HEADER = Buffer.from('PK\x03\x04');

/**
 * Reads the file names from a zip's local headers: the length is at byte 26, the name at byte 30.
 */
async function filesIn(zip: string): Promise<string[]> {
  const bytes = await readFile(zip);
  const names: string[] = [];
  for (let at = bytes.indexOf(LOCAL_HEADER); at !== -1; at = bytes.indexOf(LOCAL_HEADER, at + 30)) {
    names.push(bytes.toString('utf8', at + 30, at + 30 + bytes.readUInt16LE(at + 26)));
  }
  return names.sort();
}

export const functionId = (name: FunctionName) => `${capitalised(name)}LambdaFunction`;
export const roleId = (name: FunctionName) => `${capitalised(name)}Role`;
export const logGroupId = (name: FunctionName) => `${capitalised(name)}LogGroup`;

const capitalised = (name: string) => name.charAt(0).toUpperCase() + name.slice(1);
