import { type ExchangeOrder, faults } from '../../local/exchange.ts';
import { between, oneOf } from './random.ts';
import type { Scene } from './scene.ts';

/** Injects faults into the exchange and sends cancels to the handler. */
export type Script = (scene: Scene) => Promise<void>;

const DELETE = { method: 'DELETE' };
const FORM = { headers: { 'content-type': 'application/x-www-form-urlencoded' } };
const JSON_TYPE = { headers: { 'content-type': 'application/json' } };

/** Cancels that the script requests in sequence after the exchange starts to throttle. */
const CANCELS_UNDER_THROTTLE = 8;

/** Scripts by name. Every contender runs each script with the same seeds. */
export const SCRIPTS: Readonly<Record<string, Script>> = {
  'answer lost, cancel carried out': (scene) => {
    const endings = [faults.reset({ executed: true }), faults.truncate(), faults.hang({ executed: true })];
    return spoilt(scene, oneOf(scene.random, endings));
  },
  '503 unknown, cancel carried out': (scene) => spoilt(scene, faults.unknown503({ executed: true })),
  '503 unknown, cancel not carried out': (scene) => spoilt(scene, faults.unknown503()),
  '-2011, order filled': (scene) => settledBefore(scene, ({ orderId }) => scene.exchange.fill(orderId)),
  '-2011, order canceled before': (scene) =>
    settledBefore(scene, ({ orderId }) => scene.exchange.settle(orderId, 'CANCELLED')),
  '-2011, order not visible to the cancel': (scene) => spoilt(scene, faults.unknownOrder()),
  '-2011, order visible to no call': (scene) => {
    scene.exchange.script(faults.staleRead('missing'), { times: Number.POSITIVE_INFINITY });
    return spoilt(scene, faults.unknownOrder());
  },
  '429, further cancels requested': underThrottle,
  'clock of the exchange ahead': (scene) => skewed(scene, 6_000, 60_000),
  'clock of the exchange behind': (scene) => skewed(scene, -60_000, -2_000),
  'key rotated': rotated,
  'id in the query': async (scene) => scene.cancel(scene.placeBesideNeighbour()),
  'id in a form': (scene) =>
    inBody(scene, ({ symbol, orderId }) => `symbol=${symbol}&orderId=${orderId}`, FORM),
  'id as a JSON number': (scene) =>
    inBody(scene, ({ symbol, orderId }) => `{"symbol":"${symbol}","orderId":${orderId}}`, JSON_TYPE),
  'id as a JSON string': (scene) =>
    inBody(scene, ({ symbol, orderId }) => JSON.stringify({ symbol, orderId }), JSON_TYPE),
};

/** Injects a fault into the next cancel. */
async function spoilt(scene: Scene, fault: Parameters<Scene['exchange']['script']>[0]): Promise<void> {
  const order = scene.placeBesideNeighbour();
  scene.exchange.script(fault, DELETE);
  await scene.cancel(order);
}

async function settledBefore(scene: Scene, settle: (order: ExchangeOrder) => void): Promise<void> {
  const order = scene.placeBesideNeighbour();
  settle(order);
  await scene.cancel(order);
}

/** Throttles for a while. The exchange bans a client that keeps calling. */
async function underThrottle(scene: Scene): Promise<void> {
  const seconds = between(scene.random, 20, 60);
  scene.exchange.script(faults.tooMany(seconds, { enforced: true }), DELETE);
  for (let asked = 0; asked < CANCELS_UNDER_THROTTLE; asked++) await scene.cancel(scene.exchange.place());
}

/** Moves the exchange's clock between two cancels. */
async function skewed(scene: Scene, low: number, high: number): Promise<void> {
  await scene.cancel(scene.exchange.place());
  scene.exchange.clockSkewMs = between(scene.random, low, high);
  await scene.cancel(scene.exchange.place());
}

async function rotated(scene: Scene): Promise<void> {
  await scene.cancel(scene.exchange.place());
  scene.rotateKey();
  await scene.cancel(scene.exchange.place());
}

async function inBody(
  scene: Scene,
  write: (order: ExchangeOrder) => string,
  type: { readonly headers: Readonly<Record<string, string>> },
): Promise<void> {
  const order = scene.placeBesideNeighbour();
  await scene.cancel(order, { ...type, body: write(order) });
}
