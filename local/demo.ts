import { buildHandlers } from '../tools/build.ts';
import { parseArguments, runScript } from '../tools/terminal.ts';
import { accountScenes } from './demo/account-scenes.ts';
import { ApiClient } from './demo/api-client.ts';
import { hardAnswers, plainRequests, throttle } from './demo/api-scenes.ts';
import { killScenes } from './demo/kill-scenes.ts';
import { Report } from './demo/report.ts';
import { cancelQueue, drills, timer } from './demo/trigger-scenes.ts';
import { startLocalStack } from './stack.ts';

const USAGE = `npm run demo

Sends cancels and kills through every trigger to the built handlers, against an embedded exchange, and checks each
outcome. Takes half a minute. Exits with 1 when a check fails.`;

/** The testnet's limit. With the 400 of production the kills would have to wait for the next minute. */
const WEIGHT_LIMIT = 2400;

await runScript(USAGE, async (args) => {
  parseArguments({ args });
  await buildHandlers();
  const startedAt = performance.now();
  const report = new Report();
  await play(report);
  report.summary(performance.now() - startedAt);
  return report.failures === 0 ? 0 : 1;
});

async function play(report: Report): Promise<void> {
  const stack = await startLocalStack({ exchange: { weightLimit: WEIGHT_LIMIT } });
  const quiet = {
    ...stack,
    env: {
      ...stack.env,
      BINANCE_WEIGHT_LIMIT: String(WEIGHT_LIMIT),
      POWERTOOLS_LOG_LEVEL: 'SILENT',
      POWERTOOLS_METRICS_DISABLED: 'true',
    },
  };
  try {
    const api = await ApiClient.load(quiet, report);
    await plainRequests(quiet, api, report);
    await hardAnswers(quiet, api, report);
    await throttle(quiet, api, report);
    await timer(quiet, report);
    await cancelQueue(quiet, report);
    await drills(quiet, report);
    await killScenes(quiet, api, report);
    await accountScenes(quiet, api, report);
  } finally {
    await stack.stop();
  }
}
