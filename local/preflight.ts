import { parseArgs } from 'node:util';
import { ConfigError, loadExchangeConfig } from '../lib/config.ts';
import { type Check, DEFAULT_SYMBOL, preflight } from '../lib/preflight.ts';
import { paint } from './demo/report.ts';
import { startLocalStack } from './stack.ts';

const USAGE = `npm run preflight [-- --symbol ${DEFAULT_SYMBOL}] [-- --local]

Says whether a cancel sent from this machine would get through, and what to do when not. No order is touched.
Reads BINANCE_BASE_URL, BINANCE_SECRET_ID and the AWS SDK's own variables.

  --symbol   a listed option; needed where the exchange refuses the default
  --local    against an embedded exchange instead`;

/** Milliseconds for all of it. */
const BUDGET_MS = 10_000;

/** Runs the checks with these variables, prints the checklist, and says whether all is well. */
async function run(env: Readonly<Record<string, string | undefined>>, symbol: string): Promise<boolean> {
  const config = loadExchangeConfig(env);
  console.log(
    `${paint('bold', 'Preflight')} ${config.BINANCE_BASE_URL.origin}, secret ${config.BINANCE_SECRET_ID}\n`,
  );
  const checks = await preflight(config, { symbol, budgetMs: BUDGET_MS, region: env.AWS_REGION });
  for (const check of checks) print(check);
  return checks.every(({ ok }) => ok);
}

function print({ name, ok, detail, fix }: Check): void {
  console.log(`${ok ? paint('green', '✓') : paint('red', '✗')} ${name.padEnd(8)} ${detail}`);
  if (fix !== undefined) console.log(`  ${' '.repeat(8)} ${paint('yellow', `→ ${fix}`)}`);
}

async function runLocally(symbol: string): Promise<boolean> {
  const stack = await startLocalStack();
  Object.assign(process.env, stack.env);
  try {
    return await run(stack.env, symbol);
  } finally {
    await stack.stop();
  }
}

try {
  const { values } = parseArgs({
    options: {
      symbol: { type: 'string', default: DEFAULT_SYMBOL },
      local: { type: 'boolean', default: false },
    },
  });
  const ok = values.local ? await runLocally(values.symbol) : await run(process.env, values.symbol);
  process.exitCode = ok ? 0 : 1;
} catch (error) {
  if (!(error instanceof ConfigError || error instanceof TypeError)) throw error;
  console.error(`${error.message}\n\n${USAGE}`);
  process.exitCode = 2;
}
