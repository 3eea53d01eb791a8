import { ConfigError, loadExchangeConfig } from '../lib/config.ts';
import { type Check, preflight } from '../lib/preflight.ts';
import { startLocalStack } from './stack.ts';
import { paint, parseArguments, printable, runScript, UsageError } from './terminal.ts';

const USAGE = `npm run preflight [-- --symbol SYMBOL] [-- --local]

Checks if a cancel sent from this machine would reach the exchange, and says how to fix what would stop it. Touches no
order. Reads BINANCE_BASE_URL, BINANCE_SECRET_ID and the AWS SDK's variables.

  --symbol   a listed option; default: the first that the exchange lists
  --local    checks an embedded exchange instead`;

/** Milliseconds for all checks. */
const BUDGET_MS = 10_000;

/** Runs the checks with these variables and prints them. Returns true when all pass. */
async function run(
  env: Readonly<Record<string, string | undefined>>,
  symbol: string | undefined,
): Promise<boolean> {
  const config = loadExchangeConfig(env);
  console.log(
    `${paint('bold', 'Preflight')} ${config.BINANCE_BASE_URL.origin}, secret ${config.BINANCE_SECRET_ID}\n`,
  );
  const checks = await preflight(config, { symbol, budgetMs: BUDGET_MS, region: env.AWS_REGION });
  for (const check of checks) print(check);
  return checks.every(({ ok }) => ok);
}

function print({ name, ok, detail, fix }: Check): void {
  const mark = ok ? paint('green', '✓') : paint('red', '✗');
  console.log(`${mark} ${name.padEnd(8)} ${printable(detail)}`);
  if (fix !== undefined) console.log(`  ${' '.repeat(8)} ${paint('yellow', `→ ${fix}`)}`);
}

async function runLocally(symbol: string | undefined): Promise<boolean> {
  const stack = await startLocalStack();
  Object.assign(process.env, stack.env);
  try {
    return await run(stack.env, symbol);
  } finally {
    await stack.stop();
  }
}

await runScript(USAGE, async (args) => {
  const { values } = parseArguments({
    args,
    options: {
      symbol: { type: 'string' },
      local: { type: 'boolean', default: false },
    },
  });
  try {
    const ok = values.local ? await runLocally(values.symbol) : await run(process.env, values.symbol);
    return ok ? 0 : 1;
  } catch (error) {
    throw error instanceof ConfigError ? new UsageError(error.message) : error;
  }
});
