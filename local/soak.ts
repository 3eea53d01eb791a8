import { randomInt } from 'node:crypto';
import { buildHandlers } from '../tools/build.ts';
import { paint, parseArguments, runScript, wholeNumber } from '../tools/terminal.ts';
import { checkHistory } from './soak/checker.ts';
import { progress, report } from './soak/report.ts';
import { runSoak } from './soak/run.ts';

const USAGE = `npm run soak [-- --messages 10000] [--seed N] [--crashes 20] [--processes 4]

Sends cancels and kills through the local queues to the built handler while the exchange, the queues and the processes
fail as the seed decides. Then checks that no message was lost, that no order was canceled without a request, and that
every claim agrees with the exchange's book. Exits with 1 when a check fails.

  --messages N    number of cancels and kills, at least 100
  --seed N        repeats the plan of an earlier run, with other timing; default: a random one
  --crashes N     number of processes crashed during a batch
  --processes N   number of batches of cancels at once, each in a process; half as many of kills`;

const OPTIONS = {
  messages: { type: 'string', default: '10000' },
  seed: { type: 'string', default: String(randomInt(1_000_000_000)) },
  crashes: { type: 'string', default: '20' },
  processes: { type: 'string', default: '4' },
} as const;

await runScript(USAGE, async (args) => {
  const { values } = parseArguments({ args, options: OPTIONS });
  const options = {
    messages: wholeNumber('--messages', values.messages, 100),
    seed: wholeNumber('--seed', values.seed, 0),
    crashes: wholeNumber('--crashes', values.crashes, 0),
    processes: wholeNumber('--processes', values.processes, 1),
  };
  await buildHandlers();
  console.log(`Soak of ${options.messages} messages, seed ${options.seed}, ${options.processes} processes`);
  const run = await runSoak({ ...options, onProgress: (records) => console.log(progress(records)) });
  const verdict = checkHistory(run.history);
  console.log(`${report(run, verdict)}\n`);
  const result = verdict.passed ? paint('green', 'All checks passed') : paint('red', 'Checks failed');
  console.log(`${result} (seed ${options.seed}, ${(run.ms / 1000).toFixed(1)} s).`);
  return verdict.passed ? 0 : 1;
});
