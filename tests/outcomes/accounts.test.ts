import { afterAll, beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { loadConfig } from '../../lib/config.ts';
import { Service } from '../../lib/service.ts';
import type { HmacKey } from '../../local/exchange/keys.ts';
import { freshHmacKey } from '../../local/keys.ts';
import { type LocalStack, SECRET_ID, startLocalStack } from '../../local/stack.ts';
import { type ManualEffects, manualEffects } from '../helpers/manual-effects.ts';
import { SYMBOL } from '../helpers/workbench.ts';

const RUNS = 80;
const PREFIX = 'accounts/';
/** Each account sends its own `recvWindow`, so that every call shows whose it was meant to be. */
const ACCOUNTS = ['main', 'desk-a', 'desk-b', 'desk-c'] as const;
type Name = (typeof ACCOUNTS)[number];
const recvWindowOf = (name: Name) => 5001 + ACCOUNTS.indexOf(name);

type Action =
  | { readonly kind: 'cancel'; readonly account: Name; readonly by: 'orderId' | 'clientOrderId' }
  /** A cancel of another account's order. */
  | { readonly kind: 'trespass' | 'kill' | 'read' | 'rotation'; readonly account: Name }
  | { readonly kind: 'failing secrets' | 'flood' | 'keys expire' };

const account = fc.constantFrom(...ACCOUNTS);
const action: fc.Arbitrary<Action> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('cancel'),
      account,
      by: fc.constantFrom('orderId', 'clientOrderId'),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constantFrom('trespass', 'kill', 'read', 'rotation'), account }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('failing secrets', 'flood', 'keys expire') }) },
);
/** Rounds of actions that are played at the same time. */
const script = fc.array(fc.array(action, { minLength: 1, maxLength: 8 }), { minLength: 1, maxLength: 5 });

let stack: LocalStack;
let time: ManualEffects;

beforeAll(async () => {
  time = manualEffects();
  stack = await startLocalStack({ exchange: { weightLimit: 1_000_000, now: time.now } });
  Object.assign(process.env, stack.env, {
    POWERTOOLS_LOG_LEVEL: 'SILENT',
    POWERTOOLS_METRICS_DISABLED: 'true',
  });
});

afterAll(() => stack.stop());

/** One execution environment, and the books and keys of its accounts. */
class World {
  readonly service: Service;
  readonly keys = new Map<Name, HmacKey>();
  /** Every key that an account has had. */
  readonly ownerOf = new Map<string, Name>();
  /** By account: an order to cancel, and one that nobody but a kill touches. */
  readonly targets = new Map<Name, string>();
  readonly bystanders = new Map<Name, string>();

  constructor() {
    stack.secrets.recover();
    for (const name of ACCOUNTS) this.rotate(name);
    for (const name of ACCOUNTS) {
      const place = (clientOrderId: string) => stack.exchange.place({ account: name, clientOrderId }).orderId;
      this.targets.set(name, place(`target-${this.#run}`));
      this.bystanders.set(name, place(`bystander-${this.#run}`));
    }
    stack.exchange.resetCalls();
    const more = { BINANCE_ACCOUNT_SECRETS: PREFIX, BINANCE_WEIGHT_LIMIT: '1000000' };
    this.service = new Service(loadConfig({ ...stack.env, ...more }), 'api', time);
  }

  static #runs = 0;
  readonly #run = World.#runs++;

  get targetName(): string {
    return `target-${this.#run}`;
  }

  /** Replaces an account's key, at the exchange and in its secret. */
  rotate(name: Name): void {
    const { exchangeKey, secret } = freshHmacKey();
    this.keys.set(name, { ...exchangeKey, account: name });
    this.ownerOf.set(exchangeKey.apiKey, name);
    stack.exchange.setKeys([...this.keys.values()]);
    stack.secrets.put(name === 'main' ? SECRET_ID : `${PREFIX}${name}`, secret);
  }

  /** Returns the outcome. */
  async cancel(name: Name, ref: { readonly orderId: string } | { readonly clientOrderId: string }) {
    const value = { order: { symbol: SYMBOL, ...ref }, ...fieldsOf(name) };
    const job = { ...JOB, parsed: { ok: true as const, value }, looksFirst: false };
    return (await this.service.settle(job)).settlement.outcome.kind;
  }

  async kill(name: Name) {
    const value = { kill: { symbol: SYMBOL }, dryRun: false, ...fieldsOf(name) };
    return (await this.service.kill({ ...JOB, parsed: { ok: true, value } })).result.outcome;
  }

  async read(name: Name) {
    const value = { parameters: { symbol: SYMBOL }, ...fieldsOf(name) };
    const reading = await this.service.read('openOrders', { ...JOB, parsed: { ok: true, value } });
    return reading.kind === 'answered' ? reading.answer.text : '';
  }
}

const JOB = {
  requestId: 'request-1',
  lambdaRequestId: 'invocation-1',
  remainingMs: 30_000,
  askedAt: undefined,
  caller: undefined,
};

const fieldsOf = (name: Name) => ({
  recvWindow: recvWindowOf(name),
  ...(name !== 'main' && { account: name }),
});

const next = (name: Name): Name => ACCOUNTS[(ACCOUNTS.indexOf(name) + 1) % ACCOUNTS.length] ?? 'main';

/** Plays an action, and checks what it claims at that moment. */
async function play(action: Action, world: World): Promise<void> {
  switch (action.kind) {
    case 'cancel': {
      const orderId = world.targets.get(action.account) ?? '';
      const ref = action.by === 'orderId' ? { orderId } : { clientOrderId: world.targetName };
      const outcome = await world.cancel(action.account, ref);
      if (outcome === 'canceled') expect(stack.exchange.order(orderId)?.status).toBe('CANCELLED');
      return;
    }
    case 'trespass': {
      const outcome = await world.cancel(action.account, {
        orderId: world.bystanders.get(next(action.account)) ?? '',
      });
      expect(outcome).not.toBe('canceled');
      return;
    }
    case 'kill':
      await world.kill(action.account);
      return;
    case 'read': {
      const text = await world.read(action.account);
      for (const other of ACCOUNTS.filter((name) => name !== action.account))
        expect(text).not.toContain(world.bystanders.get(other));
      return;
    }
    case 'rotation':
      world.rotate(action.account);
      return;
    case 'failing secrets':
      stack.secrets.fail(2);
      return;
    case 'flood':
      for (let index = 0; index < 120; index += 1)
        await world.service.read('order', {
          ...JOB,
          parsed: { ok: true, value: { account: `nobody-${index}`, parameters: {} } },
        });
      return;
    case 'keys expire':
      time.advance(301_000);
  }
}

test(`${RUNS} random interleavings: no call is signed for another account, and no other book is touched`, async () => {
  const property = fc.asyncProperty(script, async (rounds) => {
    const world = new World();
    for (const round of rounds) await Promise.all(round.map((action) => play(action, world)));

    for (const { rawQuery, headers } of stack.exchange.calls) {
      const meantFor = ACCOUNTS[Number(/recvWindow=(\d+)/.exec(rawQuery)?.[1]) - 5001];
      if (meantFor !== undefined) expect(world.ownerOf.get(String(headers['x-mbx-apikey']))).toBe(meantFor);
    }
    const touched = (kinds: readonly Action['kind'][]) =>
      new Set(
        rounds
          .flat()
          .flatMap((action) => ('account' in action && kinds.includes(action.kind) ? [action.account] : [])),
      );
    for (const name of ACCOUNTS) {
      const statusOf = (orders: World['targets']) => stack.exchange.order(orders.get(name) ?? '')?.status;
      if (!touched(['kill']).has(name)) expect(statusOf(world.bystanders)).toBe('ACCEPTED');
      if (!touched(['kill', 'cancel']).has(name)) expect(statusOf(world.targets)).toBe('ACCEPTED');
    }
  });

  await fc.assert(property, {
    numRuns: RUNS,
    interruptAfterTimeLimit: 100_000,
    markInterruptAsFailure: true,
  });
}, 120_000);
