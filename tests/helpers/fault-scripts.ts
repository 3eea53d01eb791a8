import fc from 'fast-check';
import { type EmbeddedExchange, type Fault, faults, type OrderStatus } from '../../local/exchange.ts';
import type { CancelOptions, WorkbenchOptions } from './workbench.ts';

/** What happens in the world while a cancel is under way. */
export type WorldEvent = 'fill' | 'partial-fill' | 'expire' | 'name-given-anew' | 'rotate-keys' | 'drop-keys';

/** One order, the deliveries of one request to cancel it, and all that goes wrong. */
export interface FaultScript {
  readonly status: OrderStatus | 'none';
  readonly by: 'orderId' | 'clientOrderId' | 'both';
  readonly deliveries: number;
  /** Between one delivery and the next, in milliseconds. */
  readonly pauseMs: number;
  readonly expiresAfterMs: number | undefined;
  /** By name: what goes wrong with the first signed call, the second, and so on. */
  readonly calls: readonly (keyof typeof CALL_FAULTS)[];
  /** What happens before a call of this number leaves; never before the first. */
  readonly events: readonly { readonly before: number; readonly what: WorldEvent }[];
  readonly options: CancelOptions & Pick<WorkbenchOptions, 'maxAttempts'>;
  readonly acceptedForMs: number | undefined;
}

/** For a call that gets no answer, in real time; what comes late comes after it. */
export const TIMEOUT_MS = 12;
export const LATE_MS = 2 * TIMEOUT_MS;

/** The id of the order that answers about another order name: it is in no book. */
const OTHER_ID = '77';

/** Every way in which a call goes wrong. What says that a cancel was not carried out says the truth; what says nothing may be either. */
export const CALL_FAULTS = {
  none: {},
  unknown503: faults.unknown503(),
  'unknown503, executed': faults.unknown503({ executed: true }),
  html502: faults.answer(502, '<html></html>'),
  'html502, executed': faults.answer(502, '<html></html>', { executed: true }),
  backendTimeout: faults.timeout(),
  'backendTimeout, executed': faults.timeout({ executed: true }),
  reset: faults.reset(),
  'reset, executed': faults.reset({ executed: true }),
  hang: faults.hang(),
  'hang, executed': faults.hang({ executed: true }),
  late: faults.delay({ beforeMs: LATE_MS }),
  unreadable200: faults.unreadable200(),
  'unreadable200, executed': faults.unreadable200({ executed: true }),
  truncated: faults.truncate(),
  stalled: faults.stall(),
  otherOrder: faults.answer(200, `{"orderId":${OTHER_ID},"clientOrderId":"desk-8","status":"CANCELLED"}`),
  unknownOrder: faults.unknownOrder(),
  'unknownOrder, executed': faults.unknownOrder({ executed: true }),
  unavailable503: faults.unavailable503(),
  internal503: faults.internal503(),
  throttled: faults.tooMany(2, { enforced: true }),
  banned: faults.banned(3, { enforced: true }),
  clock: faults.code(400, -1021, 'Timestamp for this request is outside of the recvWindow.'),
  signature: faults.code(400, -1022, 'Signature for this request is not valid.'),
  firewall: faults.firewall(),
  invalid: faults.code(400, -1121, 'Invalid symbol.'),
  'stale read': faults.staleRead(),
  'missing read': faults.staleRead('missing'),
} satisfies Record<string, Fault>;

const SLOW = ['hang', 'hang, executed', 'late', 'stalled'] as const;

/** Those that take real time come seldom. */
const names = fc.oneof(
  { weight: 15, arbitrary: fc.constantFrom(...Object.keys(CALL_FAULTS).filter(isName)) },
  { weight: 1, arbitrary: fc.constantFrom(...SLOW) },
);

function isName(name: string): name is keyof typeof CALL_FAULTS {
  return name in CALL_FAULTS && !SLOW.some((slow) => slow === name);
}

const event = fc.record({
  before: fc.integer({ min: 2, max: 8 }),
  what: fc.constantFrom<WorldEvent[]>(
    'fill',
    'partial-fill',
    'expire',
    'name-given-anew',
    'rotate-keys',
    'drop-keys',
  ),
});

const status = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom<OrderStatus[]>('ACCEPTED', 'NEW', 'PARTIALLY_FILLED') },
  {
    weight: 2,
    arbitrary: fc.constantFrom<(OrderStatus | 'none')[]>(
      'FILLED',
      'CANCELLED',
      'CANCELED',
      'REJECTED',
      'EXPIRED',
      'none',
    ),
  },
);

/** Any script. A late cancel by name can meet a newer order of the name, which nobody can prevent: not both in one. */
export const faultScript: fc.Arbitrary<FaultScript> = fc
  .record({
    status,
    by: fc.constantFrom('orderId', 'clientOrderId', 'both'),
    deliveries: fc.integer({ min: 1, max: 3 }),
    pauseMs: fc.constantFrom(1, 1000, 4000),
    expiresAfterMs: fc.option(fc.constantFrom(-1, 0, 300, 2000), { nil: undefined, freq: 4 }),
    calls: fc.array(names, { maxLength: 8 }),
    events: fc.array(event, { maxLength: 2 }),
    options: fc.record({
      confirm: fc.boolean(),
      maxAttempts: fc.integer({ min: 1, max: 4 }),
      remainingMs: fc.constantFrom(200, 1500, 8000),
    }),
    acceptedForMs: fc.option(fc.constantFrom(0, 250, 5000, Number.POSITIVE_INFINITY), { nil: undefined }),
  })
  .map((script) =>
    script.by === 'clientOrderId' && script.calls.includes('late')
      ? { ...script, events: script.events.filter(({ what }) => what !== 'name-given-anew') }
      : script,
  );

/** Whether an order can still change. */
export const isOpen = (exchange: EmbeddedExchange, orderId: string) =>
  ['ACCEPTED', 'NEW', 'PARTIALLY_FILLED'].includes(exchange.order(orderId)?.status ?? '');
