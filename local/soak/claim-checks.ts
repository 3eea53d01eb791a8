import type { OrderStatus } from '../exchange.ts';
import type { Claim, History } from './history.ts';
import type { Intent } from './requests.ts';
import { HANDLER_TIMEOUT_MS } from './settings.ts';

/** A property of the history, and the messages, orders or calls that violate it. */
export interface Check {
  readonly name: string;
  readonly violations: readonly string[];
}

/** The statuses that prove each outcome that says something about an order. */
const PROOF: ReadonlyMap<string, readonly OrderStatus[]> = new Map([
  ['canceled', ['CANCELLED', 'CANCELED']],
  ['filled', ['FILLED']],
  ['closed', ['REJECTED', 'EXPIRED', 'EXPIRED_IN_MATCH']],
]);

type Statement = Pick<Claim, 'messageId' | 'outcome' | 'orderId'>;

export function checkClaims(history: History): Check[] {
  const { sent, claims, deadLetters, orders } = history;
  const intents = new Map(sent.map(({ messageId, intent }) => [messageId, intent]));
  const letters: Statement[] = deadLetters.flatMap(({ messageId, outcome }) =>
    outcome === undefined ? [] : [{ messageId, outcome, orderId: undefined }],
  );
  const statements = [...claims, ...letters];
  return [
    {
      name: 'every claim about an order agrees with the exchange',
      violations: idsOf(statements.filter((claim) => !agrees(claim, intents.get(claim.messageId), orders))),
    },
    {
      name: 'exactly the wrong messages are refused, and only expired ones expire',
      violations: idsOf(statements.filter((claim) => !isAllowed(claim, intents.get(claim.messageId)))),
    },
    {
      name: 'no request failed for its keys unless they were locked or could not be read',
      violations: idsOf(
        claims.filter((claim) => claim.outcome === 'credentials' && !mayLackKeys(claim, history)),
      ),
    },
  ];
}

/**
 * Finds canceled orders that no valid message named: bystanders, newer bearers of a name, orders of
 * expired messages. Orders that kills may cancel are checked apart.
 */
export function checkCancels({ sent, orders, killBook }: History): Check {
  const killed = new Set(killBook.map(({ orderId }) => orderId));
  const asked = new Set(sent.flatMap(({ intent }) => (intent.kind === 'cancel' ? [intent.orderId] : [])));
  const canceled = [...orders].filter(([, status]) => PROOF.get('canceled')?.includes(status));
  return {
    name: 'no order was canceled without a request',
    violations: canceled
      .map(([orderId]) => orderId)
      .filter((orderId) => !asked.has(orderId) && !killed.has(orderId)),
  };
}

const idsOf = (statements: readonly Statement[]) => [
  ...new Set(statements.map(({ messageId }) => messageId)),
];

function agrees(
  { outcome, orderId }: Statement,
  intent: Intent | undefined,
  orders: History['orders'],
): boolean {
  const proof = PROOF.get(outcome);
  if (proof === undefined && outcome !== 'accepted') return true;
  if (intent?.kind !== 'cancel') return false;
  if (orderId !== undefined && orderId !== intent.orderId) return false;
  const status = orders.get(intent.orderId);
  return proof === undefined || (status !== undefined && proof.includes(status));
}

/** The time for which a process does not read its secret again because its keys are refused, in ms. */
const READ_PAUSE_MS = 10_000;

/**
 * A lock concerns the invocations that have met it. A failed read concerns its process until the
 * next one.
 */
function mayLackKeys({ at, environment }: Claim, { locks, failedReads }: History): boolean {
  const failed = failedReads.filter((read) => read.environment === environment);
  return (
    locks.some(({ from, until }) => from <= at && at <= until + HANDLER_TIMEOUT_MS) ||
    failed.some((read) => read.at <= at && at <= read.at + READ_PAUSE_MS + HANDLER_TIMEOUT_MS)
  );
}

/**
 * Malformed messages have the outcome `invalid-request`, and besides them only messages that name
 * two orders can, which the exchange has to be asked about. An expired message can
 * have another outcome than `expired`, such as `unknown`, when an earlier delivery has sent the
 * cancel.
 */
function isAllowed({ outcome }: Statement, intent: Intent | undefined): boolean {
  const isRefused = outcome === 'invalid-request';
  if (isRefused !== (intent?.kind === 'malformed') && !(isRefused && intent?.kind === 'two orders'))
    return false;
  return outcome !== 'expired' || intent?.kind === 'expired';
}
