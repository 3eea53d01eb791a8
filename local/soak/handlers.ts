import type { LocalStack } from '../stack.ts';
import { Environments } from './environments.ts';
import type { KeyDesk } from './key-desk.ts';
import type { Ledger } from './ledger.ts';
import { LogReader } from './log-reader.ts';
import type { PlannedKill } from './plan.ts';
import { CALL_TIMEOUT_MS, WEIGHT_LIMIT } from './setup.ts';

export interface HandlersOptions {
  readonly keys: KeyDesk;
  readonly ledger: Ledger;
  readonly kills: readonly PlannedKill[];
  readonly processes: number;
  /** Default: the built queue handler. */
  readonly bundle?: URL;
}

const QUEUE_HANDLER = new URL('../../dist/handlers/queue.mjs', import.meta.url);

/** Starts the processes that run the handler, each with a key of its own, and has what they claim written down. */
export function startHandlers(
  { env, exchange }: LocalStack,
  { keys, ledger, kills, processes, bundle = QUEUE_HANDLER }: HandlersOptions,
): Environments {
  return new Environments({
    bundle,
    count: processes,
    kills,
    envFor: (name) => {
      keys.issue(name);
      return {
        ...env,
        BINANCE_BASE_URL: exchange.url,
        BINANCE_SECRET_ID: name,
        BINANCE_TIMEOUT_MS: String(CALL_TIMEOUT_MS),
        BINANCE_WEIGHT_LIMIT: String(WEIGHT_LIMIT),
      };
    },
    outputOf: (name) => {
      const reader = new LogReader(
        name,
        (claim) => ledger.claims.push(claim),
        (line) => ledger.strangeOutput.push(line),
      );
      return (text) => reader.read(text);
    },
  });
}
