import { ConfigError, loadExchangeConfig } from '../lib/config.ts';
import { type Check, preflight } from '../lib/preflight.ts';
import {
  type Environment,
  paint,
  parseArguments,
  printable,
  runScript,
  UsageError,
} from '../tools/terminal.ts';
import { startLocalStack } from './stack.ts';

const USAGE = `npm run preflight [-- --symbol SYMBOL --account NAME | --local]

Checks if a cancel sent from this machine would reach the exchange, and says how to fix what would stop it. Touches no
order. Reads BINANCE_BASE_URL, BINANCE_SECRET_ID, BINANCE_ACCOUNT_SECRETS and the AWS SDK's variables.

  --symbol   a listed option; default: the first that the exchange lists
  --account  an account whose secret is BINANCE_ACCOUNT_SECRETS and this name; default: that of BINANCE_SECRET_ID
  --local    checks an embedded exchange instead`;

/** Milliseconds for all checks. */
const BUDGET_MS = 10_000;

const OPTIONS = {
  symbol: { type: 'string' },
  account: { type: 'string' },
  local: { type: 'boolean', default: false },
} as const;

await runScript(USAGE, async (args) => {
  const { symbol, account, local } = parseArguments({ args, options: OPTIONS }).values;
  const stack = local ? await startLocalStack() : undefined;
  Object.assign(process.env, stack?.env);
  try {
    return await run(stack?.env ?? process.env, symbol, account);
  } catch (error) {
    throw error instanceof ConfigError ? new UsageError(error.message) : error;
  } finally {
    await stack?.stop();
  }
});

/** Runs the checks with these variables and prints them. Returns the exit code. */
async function run(env: Environment, symbol?: string, account?: string): Promise<number> {
  const config = loadExchangeConfig(env);
  const secretId =
    account === undefined ? config.BINANCE_SECRET_ID : `${config.BINANCE_ACCOUNT_SECRETS ?? ''}${account}`;
  console.log(`${paint('bold', 'Preflight')} ${config.BINANCE_BASE_URL.origin}, secret ${secretId}\n`);
  const checks = await preflight(config, { symbol, account, budgetMs: BUDGET_MS, region: env.AWS_REGION });
  for (const check of checks) print(check);
  return checks.every(({ ok }) => ok) ? 0 : 1;
}

function print({ name, ok, detail, fix }: Check): void {
  const mark = ok ? paint('green', '✓') : paint('red', '✗');
  console.log(`${mark} ${name.padEnd(8)} ${printable(detail)}`);
  if (fix !== undefined) console.log(`  ${' '.repeat(8)} ${paint('yellow', `→ ${fix}`)}`);
}
