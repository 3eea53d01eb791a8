import { randomInt } from 'node:crypto';
import { audit } from './soak/auditor.ts';
import { ProgressLine } from './soak/progress.ts';
import { runSoak } from './soak/run.ts';
import { balanceSheet } from './soak/table.ts';
import { paint, parseArguments, runScript, UsageError } from './terminal.ts';

const USAGE = `npm run soak [-- --messages 10000] [--seed N] [--kills 20] [--processes 4]

Sends cancels through the local queue to the built handler while the exchange, the queue and the processes fail in every
way that the seed has in store, and balances the books: no message lost, no order cancelled that nobody named, no claim
that the exchange's book does not bear out. Exits with 1 when they do not balance.

  --messages N    how many cancels; 100 at least
  --seed N        repeats the plan of an earlier run; what meets what in it is up to the machine; default: a random one
  --kills N       processes killed in mid-batch
  --processes N   processes that run the handler, side by side`;

const OPTIONS = {
  messages: { type: 'string', default: '10000' },
  seed: { type: 'string', default: String(randomInt(1_000_000_000)) },
  kills: { type: 'string', default: '20' },
  processes: { type: 'string', default: '4' },
} as const;

await runScript(USAGE, async (args) => {
  const { values } = parseArguments({ args, options: OPTIONS });
  const options = {
    messages: whole('messages', values.messages, 100),
    seed: whole('seed', values.seed, 0),
    kills: whole('kills', values.kills, 0),
    processes: whole('processes', values.processes, 1),
  };
  console.log(`Soak of ${options.messages} messages, seed ${options.seed}, ${options.processes} processes`);
  const line = new ProgressLine(options.messages, process.stdout);
  const run = await runSoak({ ...options, onProgress: (progress) => line.show(progress) });
  line.end();
  const balance = audit(run.books);
  console.log(`${balanceSheet(run, balance)}\n`);
  const isBalanced = balance.checks.every(({ offenders }) => offenders.length === 0);
  const verdict = isBalanced ? paint('green', 'The books balance') : paint('red', 'The books do not balance');
  console.log(`${verdict} (seed ${options.seed}, ${(run.ms / 1000).toFixed(1)} s).`);
  return isBalanced ? 0 : 1;
});

function whole(name: string, text: string | undefined, least: number): number {
  const value = Number(text);
  if (/^\d{1,9}$/.test(text ?? '') && value >= least) return value;
  throw new UsageError(`--${name} must be a whole number from ${least}: ${text}`);
}
