import { accountScenes } from './demo/account-scenes.ts';
import { ApiClient } from './demo/api-client.ts';
import { hardAnswers, plainRequests, throttle } from './demo/api-scenes.ts';
import { killScenes } from './demo/kill-scenes.ts';
import { Report } from './demo/report.ts';
import { cancelQueue, drills, timer } from './demo/trigger-scenes.ts';
import { startLocalStack } from './stack.ts';

const startedAt = performance.now();
const report = new Report();
/** The testnet's limit. With the 400 of production the kills would have to wait for the next minute. */
const weightLimit = 2400;
const stack = await startLocalStack({ exchange: { weightLimit } });
const quiet = {
  ...stack,
  env: {
    ...stack.env,
    BINANCE_WEIGHT_LIMIT: String(weightLimit),
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
report.summary(performance.now() - startedAt);
process.exitCode = report.failures === 0 ? 0 : 1;
