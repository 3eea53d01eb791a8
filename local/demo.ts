import { ApiClient } from './demo/api-client.ts';
import { hardAnswers, plainRequests, throttle } from './demo/api-scenes.ts';
import { Report } from './demo/report.ts';
import { cancelQueue, timer } from './demo/trigger-scenes.ts';
import { startLocalStack } from './stack.ts';

const startedAt = performance.now();
const report = new Report();
const stack = await startLocalStack();
const quiet = {
  ...stack,
  env: { ...stack.env, POWERTOOLS_LOG_LEVEL: 'SILENT', POWERTOOLS_METRICS_DISABLED: 'true' },
};
try {
  const api = await ApiClient.load(quiet, report);
  await plainRequests(quiet, api, report);
  await hardAnswers(quiet, api, report);
  await throttle(quiet, api, report);
  await timer(quiet, report);
  await cancelQueue(quiet, report);
} finally {
  await stack.stop();
}
report.summary(performance.now() - startedAt);
process.exitCode = report.failures === 0 ? 0 : 1;
