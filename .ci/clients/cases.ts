import { type EmbeddedExchange, type Fault, faults } from '../../local/exchange.ts';

/**
 * What a client may make of an outcome: `final` and `keys` are never worth a repeat, `open` is worth
 * one. The connector repeats `keys` too, because it judges by the HTTP status alone.
 */
type Nature = 'success' | 'final' | 'keys' | 'open';

export interface Case {
  readonly outcome: string;
  readonly nature: Nature;
  /** Makes the exchange answer so that the outcome comes about. */
  readonly arrange?: (exchange: EmbeddedExchange, orderId: string) => unknown;
  readonly parameters?: Readonly<Record<string, string>>;
  /** The id that is asked for in place of the open order's. */
  readonly orderId?: string;
  /** Names the row in place of the outcome, where the answer is the exchange's own. */
  readonly title?: string;
  /** Milliseconds for one invocation; default 5000. */
  readonly timeoutMs?: number;
}

const ALWAYS = Number.POSITIVE_INFINITY;
/** Milliseconds of an invocation that leaves a second for the exchange. */
const BRIEF_MS = 2600;

const always = (fault: Fault, method?: string) => (exchange: EmbeddedExchange) =>
  exchange.script(fault, { times: ALWAYS, ...(method && { method }) });
const refuseKey = always(faults.code(401, -2015, 'Invalid API-key, IP, or permissions for action.'));

export const INVALID: Case = { outcome: 'invalid-request', nature: 'final', parameters: { symbl: 'x' } };
export const EXPIRED: Case = {
  outcome: 'expired',
  nature: 'final',
  parameters: { expiresAt: '1700000000000' },
};
/** `unknown` comes with a code that ccxt takes for final. */
export const FAILURES: readonly Case[] = [
  { outcome: 'credentials', nature: 'keys', arrange: refuseKey },
  { outcome: 'forbidden', nature: 'keys', arrange: always(faults.firewall()) },
  { outcome: 'throttled', nature: 'open', arrange: always(faults.tooMany(30)) },
  { outcome: 'unknown', nature: 'open', arrange: always(faults.optionsInternalError()), timeoutMs: BRIEF_MS },
];
export const CANCEL_ENDS: readonly Case[] = [
  { outcome: 'canceled', nature: 'success' },
  {
    outcome: 'accepted',
    nature: 'success',
    arrange: ({ behaviour }) => Object.assign(behaviour, { acceptedForMs: ALWAYS }),
  },
  { outcome: 'filled', nature: 'final', arrange: (exchange, id) => exchange.fill(id) },
  { outcome: 'closed', nature: 'final', arrange: (exchange, id) => exchange.settle(id, 'EXPIRED') },
  { outcome: 'not-found', nature: 'final', orderId: '42' },
];
/** The exchange says each time that there is no such order, and shows it open. */
export const UNAVAILABLE: Case = {
  outcome: 'unavailable',
  nature: 'open',
  arrange: always(faults.unknownOrder(), 'DELETE'),
};

/** The exchange's own refusal of a parameter, which alone makes a single order of a batch invalid. */
export const WRONG_PARAMETER: Case = {
  outcome: 'invalid-request',
  nature: 'final',
  arrange: always(faults.code(400, -1102, 'Mandatory parameter was not sent.'), 'DELETE'),
};

export const READ_FAILURES: readonly Case[] = [
  INVALID,
  { outcome: '401', title: 'key refused', nature: 'keys', arrange: refuseKey },
  { outcome: '429', title: 'throttled', nature: 'open', arrange: always(faults.tooMany(30)) },
  { outcome: 'unavailable', nature: 'open', arrange: always(faults.reset()) },
];

export const NOT_EMPTIED: Case = {
  outcome: 'not-emptied',
  nature: 'open',
  arrange: always(faults.unknownOrder(), 'DELETE'),
  timeoutMs: BRIEF_MS,
};

/** The exchange shuts down, with a code that ccxt takes for final. */
export const SHUTTING_DOWN: Case = {
  outcome: 'unavailable',
  nature: 'open',
  arrange: always(faults.code(503, -1016, 'This service is no longer available.')),
  timeoutMs: BRIEF_MS,
};
