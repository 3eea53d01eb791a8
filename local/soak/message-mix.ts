import fc from 'fast-check';
import { callFaults, oldCallFaults, type PlannedFault, queryFaults } from './fault-mix.ts';
import { kill, type PlannedKill } from './kill-mix.ts';

export type Naming = 'id' | 'id as a number' | 'name' | 'id and name';

/**
 * The state of an order before its cancel, or what the cancel does: for `slow` it takes effect some
 * time after it is accepted, and for `stuck` it never does. Before it does, `overtaken` is filled,
 * and `matched with itself` expires. An `old` order was created more than three days ago.
 */
export type OrderFate =
  | 'open'
  | 'partly filled'
  | 'filled'
  | 'rejected'
  | 'slow'
  | 'stuck'
  | 'overtaken'
  | 'matched with itself'
  | 'old'
  | 'old and slow';

/** One message, before it has an order and a message id. */
export type PlannedMessage =
  | {
      readonly kind: 'cancel';
      readonly naming: Naming;
      readonly fate: OrderFate;
      readonly faults: readonly PlannedFault[];
      /** The status of an order that had the name before; undefined for none. */
      readonly olderBearer: 'FILLED' | 'EXPIRED_IN_MATCH' | undefined;
      /**
       * True when the handler's first answer that settles it is lost, so that the queue delivers it
       * again.
       */
      readonly answerIsLost: boolean;
    }
  /**
   * A cancel by name alone. A newer order takes the name while the cancel's answer is lost, or once
   * it is settled.
   */
  | { readonly kind: 'name reused'; readonly when: 'during the cancel' | 'once settled' }
  | { readonly kind: 'no such order'; readonly naming: Naming }
  /** The id of one order and the name of another. */
  | { readonly kind: 'two orders' }
  | { readonly kind: 'expired'; readonly naming: Naming; readonly expiresAt: string }
  | { readonly kind: 'malformed'; readonly body: string; readonly answerIsLost: boolean }
  | PlannedKill
  /** A cancel of an order that a kill may take first. */
  | { readonly kind: 'cancel among kills' }
  /** A copy of the message that is `back` places before it. */
  | { readonly kind: 'copy'; readonly back: number };

/** The number of messages that are calm or stormy together: about a batch. */
export const BLOCK = 10;

const SYMBOL = '"symbol":"BTC-200730-9000-C"';

const MALFORMED: readonly string[] = [
  'cancel everything',
  '[]',
  '{}',
  '{"orderId":"4611875134427365377"}',
  `{${SYMBOL}}`,
  `{${SYMBOL},"orderId":"0"}`,
  `{${SYMBOL},"orderId":4.611875134427365e18}`,
  `{${SYMBOL},"orderId":"9223372036854775808"}`,
  `{${SYMBOL},"orderID":"4611875134427365377"}`,
  `{${SYMBOL},"orderId":4611875134427365377,"orderId":4611875134427365378}`,
  `{${SYMBOL},"clientOrderId":"a","origClientOrderId":"b"}`,
  '{"symbol":"BTC-PERP","orderId":"4611875134427365377"}',
  '{"kill":{}}',
  '{"kill":{"everything":false}}',
  '{"kill":{"symbol":"BTC-200730-9000-C","underlying":"BTCUSDT"}}',
  '{"kill":{"everything":true},"only":{}}',
  '{"kill":{"everything":true},"except":{"side":"BUY"}}',
];

const naming = fc.constantFrom<Naming[]>('id', 'id as a number', 'name', 'id and name');
const rarely = fc.integer({ min: 1, max: 20 }).map((n) => n === 1);
const olderBearer = fc.constantFrom('FILLED' as const, 'EXPIRED_IN_MATCH' as const, undefined, undefined);

type PlannedCancel = Extract<PlannedMessage, { kind: 'cancel' }>;

const cancel = (
  fate: fc.Arbitrary<OrderFate>,
  faults: fc.Arbitrary<readonly PlannedFault[]>,
): fc.Arbitrary<PlannedCancel> =>
  fc.record({ kind: fc.constant('cancel'), naming, fate, faults, olderBearer, answerIsLost: rarely });

const plainCancel = cancel(fc.constant('open'), fc.constant([])).map((planned) => ({
  ...planned,
  olderBearer: undefined,
  answerIsLost: false,
}));
const nameReused: fc.Arbitrary<PlannedMessage> = fc.record({
  kind: fc.constant('name reused'),
  when: fc.constantFrom('during the cancel', 'once settled'),
});
const noSuchOrder: fc.Arbitrary<PlannedMessage> = fc.record({ kind: fc.constant('no such order'), naming });
const twoOrders: fc.Arbitrary<PlannedMessage> = fc.constant({ kind: 'two orders' });
const expired: fc.Arbitrary<PlannedMessage> = fc.record({
  kind: fc.constant('expired'),
  naming,
  expiresAt: fc.constantFrom('1600000000000', '"2020-09-13T12:26:40Z"'),
});
const malformed: fc.Arbitrary<PlannedMessage> = fc.record({
  kind: fc.constant('malformed'),
  body: fc.constantFrom(...MALFORMED),
  answerIsLost: rarely,
});
const cancelAmongKills: fc.Arbitrary<PlannedMessage> = fc.constant({ kind: 'cancel among kills' });
const copy: fc.Arbitrary<PlannedMessage> = fc.record({
  kind: fc.constant('copy'),
  back: fc.integer({ min: 1, max: 3 * BLOCK }),
});

const trouble: fc.Arbitrary<PlannedMessage> = fc.oneof(
  { weight: 40, arbitrary: cancel(fc.constantFrom<OrderFate[]>('open', 'partly filled'), callFaults) },
  {
    weight: 12,
    arbitrary: cancel(
      fc.constantFrom<OrderFate[]>('slow', 'stuck', 'overtaken', 'matched with itself'),
      queryFaults,
    ),
  },
  { weight: 9, arbitrary: cancel(fc.constantFrom<OrderFate[]>('old', 'old and slow'), oldCallFaults) },
  { weight: 15, arbitrary: cancel(fc.constantFrom<OrderFate[]>('filled', 'rejected'), queryFaults) },
  { weight: 5, arbitrary: nameReused },
  { weight: 5, arbitrary: noSuchOrder },
  { weight: 5, arbitrary: twoOrders },
  { weight: 5, arbitrary: expired },
  { weight: 15, arbitrary: malformed },
  { weight: 10, arbitrary: copy },
  { weight: 5, arbitrary: kill },
  { weight: 3, arbitrary: cancelAmongKills },
);

const block = (calm: number, troubled: number): fc.Arbitrary<PlannedMessage[]> =>
  fc.array(
    fc.oneof(
      { weight: calm, arbitrary: plainCancel },
      { weight: troubled, arbitrary: trouble },
      { weight: 1, arbitrary: kill },
    ),
    { minLength: BLOCK, maxLength: BLOCK },
  );

/**
 * A calm or stormy block of messages. Faults come in storms, as they do in production. A batch also
 * waits for its slowest message, so with a fault in every batch the run would mostly wait.
 */
export const messageBlock: fc.Arbitrary<PlannedMessage[]> = fc.oneof(
  { weight: 88, arbitrary: block(98, 2) },
  { weight: 12, arbitrary: block(20, 80) },
);
