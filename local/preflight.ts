import { ConfigError, loadExchangeConfig } from '../lib/config.ts';
import { type Check, preflight } from '../lib/preflight.ts';
import { paint, parseArguments, printable, runScript, UsageError } from '../tools/terminal.ts';
import { startLocalStack } from './stack.ts';

const USAGE = `npm run preflight [-- --symbol SYMBOL --account NAME | --local]

Checks if a cancel sent from this machine would reach the exchange, and says how to fix what would stop it. Touches no
order. Reads BINANCE_BASE_URL, BINANCE_SECRET_ID, BINANCE_ACCOUNT_SECRETS and the AWS SDK's variables.

  --symbol   a listed option; default: the first that the exchange lists
  --account  an account whose secret is BINANCE_ACCOUNT_SECRETS and this name; default: that of BINANCE_SECRET_ID
  --local    checks an embedded exchange instead`;

/** Milliseconds for all checks. */
const BUDGET_MS = 10_000;

interface Asked {
  readonly symbol: string | undefined;
  readonly account: string | undefined;
}

/** Runs the checks with these variables and prints them. Returns true when all pass. */
async function run(
  env: Readonly<Record<string, string | undefined>>,
  { symbol, account }: Asked,
): Promise<boolean> {
  const config = loadExchangeConfig(env);
  const secretId =
    account === undefined ? config.BINANCE_SECRET_ID : `${config.BINANCE_ACCOUNT_SECRETS ?? ''}${account}`;
  console.log(`${paint('bold', 'Preflight')} ${config.BINANCE_BASE_URL.origin}, secret ${secretId}\n`);
  const options = { symbol, account, budgetMs: BUDGET_MS, region: env.AWS_REGION };
  const checks = await preflight(config, options);
  for (const check of checks) print(check);
  return checks.every(({ ok }) => ok);
}

function print({ name, ok, detail, fix }: Check): void {
  const mark = ok ? paint('green', '✓') : paint('red', '✗');
  console.log(`${mark} ${name.padEnd(8)} ${printable(detail)}`);
  if (fix !== undefined) console.log(`  ${' '.repeat(8)} ${paint('yellow', `→ ${fix}`)}`);
}

async function runLocally(asked: Asked): Promise<boolean> {
  const stack = await startLocalStack();
  Object.assign(process.env, stack.env);
  try {
    return await run(stack.env, asked);
  } finally {
    await stack.stop();
  }
}

await runScript(USAGE, async (args) => {
  const { values } = parseArguments({
    args,
    options: {
      symbol: { type: 'string' },
      account: { type: 'string' },
      local: { type: 'boolean', default: false },
    },
  });
  try {
    const { symbol, account } = values;
    const ok = values.local
      ? await runLocally({ symbol, account })
      : await run(process.env, { symbol, account });
    return ok ? 0 : 1;
  } catch (error) {
    throw error instanceof ConfigError ? new UsageError(error.message) : error;
  }
});
