import { buildHandlers } from '../tools/build.ts';
import { parseArguments, runScript } from '../tools/terminal.ts';
import { accountScenes } from './demo/account-scenes.ts';
import { cancelScenes } from './demo/cancel-scenes.ts';
import { Demo } from './demo/demo.ts';
import { killScenes } from './demo/kill-scenes.ts';
import { triggerScenes } from './demo/trigger-scenes.ts';
import { startLocalStack } from './stack.ts';

const USAGE = `npm run demo

Sends cancels and kills through every trigger to the built handlers, against an embedded exchange, and checks each
outcome. Takes half a minute. Exits with 1 when a check fails.`;

const SCENES = [...cancelScenes, ...triggerScenes, ...killScenes, accountScenes];

/**
 * The testnet's limit. With the 400 of production the kills would have to wait for the next minute.
 */
const WEIGHT_LIMIT = 2400;

await runScript(USAGE, async (args) => {
  parseArguments({ args });
  await buildHandlers();
  const stack = await startLocalStack({ exchange: { weightLimit: WEIGHT_LIMIT } });
  try {
    const quiet = { POWERTOOLS_LOG_LEVEL: 'SILENT', POWERTOOLS_METRICS_DISABLED: 'true' };
    const env = { ...stack.env, ...quiet, BINANCE_WEIGHT_LIMIT: String(WEIGHT_LIMIT) };
    const demo = new Demo({ ...stack, env });
    for (const play of SCENES) await play(demo);
    return demo.end();
  } finally {
    await stack.stop();
  }
});
