import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type ExchangeOrder, faults } from '../../local/exchange.ts';
import type { Contender, ContenderName } from '../contenders.ts';
import { between, oneOf, sideBySide } from '../scene.ts';
import { Trial } from './trial.ts';
import type { Verdict } from './verdict.ts';

/** Injects faults into the exchange and sends cancels to the handler. */
type Script = (trial: Trial) => Promise<void>;

const DELETE = { method: 'DELETE' };
const FORM = { headers: { 'content-type': 'application/x-www-form-urlencoded' } };
const JSON_TYPE = { headers: { 'content-type': 'application/json' } };

/** Cancels that the script requests in sequence after the exchange starts to throttle. */
const CANCELS_UNDER_THROTTLE = 8;

/** Scripts by name. Every contender runs each script with the same seeds. */
const SCRIPTS: Readonly<Record<string, Script>> = {
  'answer lost, cancel carried out': (trial) => {
    const endings = [faults.reset({ executed: true }), faults.truncate(), faults.hang({ executed: true })];
    return spoilt(trial, oneOf(trial.random, endings));
  },
  '503 unknown, cancel carried out': (trial) => spoilt(trial, faults.unknown503({ executed: true })),
  '503 unknown, cancel not carried out': (trial) => spoilt(trial, faults.unknown503()),
  '-2011, order filled': (trial) => settledBefore(trial, ({ orderId }) => trial.exchange.fill(orderId)),
  '-2011, order canceled before': (trial) =>
    settledBefore(trial, ({ orderId }) => trial.exchange.settle(orderId, 'CANCELLED')),
  '-2011, order not visible to the cancel': (trial) => spoilt(trial, faults.unknownOrder()),
  '-2011, order visible to no call': (trial) => {
    trial.exchange.script(faults.staleRead('missing'), { times: Number.POSITIVE_INFINITY });
    return spoilt(trial, faults.unknownOrder());
  },
  '429, further cancels requested': underThrottle,
  'clock of the exchange ahead': (trial) => skewed(trial, 6_000, 60_000),
  'clock of the exchange behind': (trial) => skewed(trial, -60_000, -2_000),
  'key rotated': rotated,
  'id in the query': async (trial) => trial.cancel(trial.placeBesideNeighbour()),
  'id in a form': (trial) =>
    inBody(trial, ({ symbol, orderId }) => `symbol=${symbol}&orderId=${orderId}`, FORM),
  'id as a JSON number': (trial) =>
    inBody(trial, ({ symbol, orderId }) => `{"symbol":"${symbol}","orderId":${orderId}}`, JSON_TYPE),
  'id as a JSON string': (trial) =>
    inBody(trial, ({ symbol, orderId }) => JSON.stringify({ symbol, orderId }), JSON_TYPE),
};

/** Injects a fault into the next cancel. */
async function spoilt(trial: Trial, fault: Parameters<Trial['exchange']['script']>[0]): Promise<void> {
  const order = trial.placeBesideNeighbour();
  trial.exchange.script(fault, DELETE);
  await trial.cancel(order);
}

async function settledBefore(trial: Trial, settle: (order: ExchangeOrder) => void): Promise<void> {
  const order = trial.placeBesideNeighbour();
  settle(order);
  await trial.cancel(order);
}

/** Throttles for a while. The exchange bans a client that keeps calling. */
async function underThrottle(trial: Trial): Promise<void> {
  const seconds = between(trial.random, 20, 60);
  trial.exchange.script(faults.tooMany(seconds, { enforced: true }), DELETE);
  for (let asked = 0; asked < CANCELS_UNDER_THROTTLE; asked++) await trial.cancel(trial.exchange.place());
}

/** Moves the exchange's clock between two cancels. */
async function skewed(trial: Trial, low: number, high: number): Promise<void> {
  await trial.cancel(trial.exchange.place());
  trial.exchange.clockSkewMs = between(trial.random, low, high);
  await trial.cancel(trial.exchange.place());
}

async function rotated(trial: Trial): Promise<void> {
  await trial.cancel(trial.exchange.place());
  trial.rotateKey();
  await trial.cancel(trial.exchange.place());
}

async function inBody(
  trial: Trial,
  write: (order: ExchangeOrder) => string,
  type: { readonly headers: Readonly<Record<string, string>> },
): Promise<void> {
  const order = trial.placeBesideNeighbour();
  await trial.cancel(order, { ...type, body: write(order) });
}

/** The verdicts on one handler in one script. */
interface ScriptOutcome {
  /** One for each requested cancel. */
  readonly verdicts: readonly Verdict[];
  /** Calls that the handler made during a throttle or ban. */
  readonly callsAgainstRefusal: number;
}

export interface ScriptResult extends ScriptOutcome {
  readonly contender: ContenderName;
  readonly script: string;
  readonly seed: number;
}

/** Concurrent processes. They mostly wait, and nothing is timed. */
const SIDE_BY_SIDE = 4;

/** Runs every script on every contender with the seeds 1 … `seeds`. */
export async function measureTruth(
  root: string,
  list: readonly Contender[],
  seeds: number,
): Promise<readonly ScriptResult[]> {
  const jobs = Object.keys(SCRIPTS).flatMap((script) =>
    Array.from({ length: seeds }, (_, index) =>
      list.map(({ name, bundle }) => ({ contender: name, script, seed: index + 1, bundle })),
    ).flat(),
  );
  const results: ScriptResult[] = [];
  await sideBySide(SIDE_BY_SIDE, jobs, async ({ bundle, ...what }) => {
    results.push({ ...what, ...(await play(pathToFileURL(join(root, bundle)), what.script, what.seed)) });
  });
  return results;
}

/** Runs one script on one handler. @throws RangeError when there is no such script */
export async function play(bundle: URL, script: string, seed: number): Promise<ScriptOutcome> {
  const run = SCRIPTS[script];
  if (run === undefined) throw new RangeError(`there is no script ${script}`);
  await using trial = await Trial.start(bundle, `${seed}/${script}`);
  await run(trial);
  const { verdicts, callsAgainstRefusal } = trial;
  return { verdicts, callsAgainstRefusal };
}
