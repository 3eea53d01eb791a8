import type { OrderStatus } from '../exchange.ts';
import type { Books, Check, Claim, Intent } from './books.ts';

/** For each outcome that claims something about an order: in which statuses the exchange's book must have it. */
const PROOF: ReadonlyMap<string, readonly OrderStatus[]> = new Map([
  ['canceled', ['CANCELLED', 'CANCELED']],
  ['filled', ['FILLED']],
  ['closed', ['REJECTED', 'EXPIRED']],
]);

type Statement = Pick<Claim, 'messageId' | 'outcome' | 'orderId'>;

/** Compares what logs and dead letters say with what was asked and with the exchange's book. */
export function findUntruths({ sent, claims, deadLetters, orders }: Books): Check[] {
  const intents = new Map(sent.map(({ messageId, intent }) => [messageId, intent]));
  const letters: Statement[] = deadLetters.flatMap(({ messageId, outcome }) =>
    outcome === undefined ? [] : [{ messageId, outcome, orderId: undefined }],
  );
  const said = [...claims, ...letters];
  return [
    {
      name: 'every claim about an order agrees with the book',
      offenders: idsOf(said.filter((claim) => !agrees(claim, intents.get(claim.messageId), orders))),
    },
    {
      name: 'malformed messages are refused, and none that is not; only expired ones expire',
      offenders: idsOf(said.filter((claim) => !isRightVerdict(claim, intents.get(claim.messageId)))),
    },
    {
      name: 'a key rotation costs no cancel',
      offenders: idsOf(claims.filter(({ outcome }) => outcome === 'credentials')),
    },
  ];
}

const idsOf = (statements: readonly Statement[]) => [
  ...new Set(statements.map(({ messageId }) => messageId)),
];

function agrees(
  { outcome, orderId }: Statement,
  intent: Intent | undefined,
  orders: Books['orders'],
): boolean {
  const proof = PROOF.get(outcome);
  if (proof === undefined && outcome !== 'accepted') return true;
  if (intent?.kind !== 'cancel') return false;
  if (orderId !== undefined && orderId !== intent.orderId) return false;
  const status = orders.get(intent.orderId);
  return proof === undefined || (status !== undefined && proof.includes(status));
}

/**
 * Only a malformed message is called invalid, and nothing else is said of one. Of an expired one that was delivered
 * before, an earlier delivery may have sent the cancel: it may be called unknown, throttled and the like instead.
 */
function isRightVerdict({ outcome }: Statement, intent: Intent | undefined): boolean {
  if ((outcome === 'invalid-request') !== (intent?.kind === 'malformed')) return false;
  return outcome !== 'expired' || intent?.kind === 'expired';
}

/** Finds cancelled orders that no valid message named: bystanders, newer bearers of a name, orders of expired messages. */
export function findWrongCancels({ sent, orders }: Books): Check {
  const asked = new Set(sent.flatMap(({ intent }) => (intent.kind === 'cancel' ? [intent.orderId] : [])));
  const cancelled = [...orders].filter(([, status]) => PROOF.get('canceled')?.includes(status));
  return {
    name: 'no order was cancelled that nobody asked to cancel',
    offenders: cancelled.map(([orderId]) => orderId).filter((orderId) => !asked.has(orderId)),
  };
}
