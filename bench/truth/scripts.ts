import { type ExchangeOrder, type Fault, faults } from '../../local/exchange.ts';
import type { HttpRequestParts } from '../../local/http-event.ts';
import { freshHmacKey } from '../../local/keys.ts';
import { SECRET_ID } from '../../local/stack.ts';
import { between, oneOf, type Scene } from '../scene.ts';

/** One cancel of an open order. */
interface Step {
  /** Prepares the exchange. */
  readonly before?: (scene: Scene, order: ExchangeOrder) => void;
  /** Writes the request; default a query. */
  readonly request?: (order: ExchangeOrder) => HttpRequestParts;
}

const FORM = { 'content-type': 'application/x-www-form-urlencoded' };
const JSON_TYPE = { 'content-type': 'application/json' };
const LOST = [faults.reset({ executed: true }), faults.truncate(), faults.hang({ executed: true })];

/** Scripts by name. Every contender runs each script with the same seeds. */
export const SCRIPTS: Readonly<Record<string, readonly Step[]>> = {
  'answer lost, cancel carried out': [spoilt(({ random }) => oneOf(random, LOST))],
  '503 unknown, cancel carried out': [spoilt(() => faults.unknown503({ executed: true }))],
  '503 unknown, cancel not carried out': [spoilt(() => faults.unknown503())],
  '-2011, order filled': [{ before: ({ exchange }, { orderId }) => exchange.fill(orderId) }],
  '-2011, order canceled before': [
    { before: ({ exchange }, { orderId }) => exchange.settle(orderId, 'CANCELLED') },
  ],
  '-2011, order not visible to the cancel': [spoilt(() => faults.unknownOrder())],
  '-2011, order visible to no call': [spoilt(unseen)],
  // The exchange bans a client that keeps calling.
  '429, further cancels requested': [spoilt(tooMany), ...Array<Step>(7).fill({})],
  'clock of the exchange ahead': [{}, skewed(6_000, 60_000)],
  'clock of the exchange behind': [{}, skewed(-60_000, -2_000)],
  'key rotated': [{}, { before: rotateKey }],
  'id in the query': [{}],
  'id in a form': [inBody(FORM, ({ symbol, orderId }) => `symbol=${symbol}&orderId=${orderId}`)],
  'id as a JSON number': [
    inBody(JSON_TYPE, ({ symbol, orderId }) => `{"symbol":"${symbol}","orderId":${orderId}}`),
  ],
  'id as a JSON string': [inBody(JSON_TYPE, ({ symbol, orderId }) => JSON.stringify({ symbol, orderId }))],
};

/** Injects a fault into the cancel. */
function spoilt(fault: (scene: Scene) => Fault): Step {
  return { before: (scene) => scene.exchange.script(fault(scene), { method: 'DELETE' }) };
}

/** Hides the order from all calls. */
function unseen({ exchange }: Scene): Fault {
  exchange.script(faults.staleRead('missing'), { times: Number.POSITIVE_INFINITY });
  return faults.unknownOrder();
}

function tooMany({ random }: Scene): Fault {
  return faults.tooMany(between(random, 20, 60), { enforced: true });
}

/** Moves the exchange's clock by so many milliseconds, between the two. */
function skewed(low: number, high: number): Step {
  return {
    before: ({ exchange, random }) => {
      exchange.clockSkewMs = between(random, low, high);
    },
  };
}

/** Replaces the key at the exchange and in the secret. */
function rotateKey({ exchange, secrets }: Scene): void {
  const { exchangeKey, secret } = freshHmacKey();
  secrets.put(SECRET_ID, secret);
  exchange.setKeys([exchangeKey]);
}

function inBody(headers: Readonly<Record<string, string>>, write: (order: ExchangeOrder) => string): Step {
  return { request: (order) => ({ headers, body: write(order) }) };
}
