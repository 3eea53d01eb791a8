import type { Executed, Fault } from './fault.ts';
import { error, faults, html } from './faults.ts';

/** Returns each fault twice: without effect, and under its name with `, executed`. */
function bothWays(makers: Readonly<Record<string, (options?: Executed) => Fault>>): Record<string, Fault> {
  const pairs = Object.entries(makers).flatMap(([name, make]) => [
    [name, make()],
    [`${name}, executed`, make({ executed: true })],
  ]);
  return Object.fromEntries(pairs);
}

const UNEXPECTED = 'An unexpected error occurred.';

/**
 * The ways in which one call fails, by kind and name. The soak and the model tests draw from it. An
 * answer that says that a call was not executed says the truth, except that of `refused, executed`.
 */
export const faultCatalogue = {
  /** Answers, or broken connections, that leave it open if the call took effect. */
  inDoubt: {
    ...bothWays({
      unknown503: faults.unknown503,
      unknown500: error(500, -1000, UNEXPECTED),
      messageBus500: error(500, -1006, UNEXPECTED),
      html502: html(502, 'Gateway'),
      html504: html(504, 'Gateway'),
      timeout408: faults.timeout,
      internalError: faults.optionsInternalError,
      reset: faults.reset,
      unreadable200: faults.unreadable200,
    }),
    truncated: faults.truncate(),
  },
  /** The same, but the caller has to wait for its own timeout. */
  silent: { ...bothWays({ hang: faults.hang }), stalled: faults.stall() },
  /** Refusals of a cancel that say nothing sure about the order. */
  refused: bothWays({
    unknownOrder: faults.unknownOrder,
    cancelRejected: faults.cancelRejected,
    orderFinal: faults.orderFinal,
    notTrading: faults.symbolNotTrading,
    liquidationTriggered: faults.liquidationTriggered,
    inLiquidation: faults.inLiquidation,
    unlisted4021: faults.unlisted4021,
    unlisted6073: faults.unlisted6073,
  }),
  /** The call may be sent again. */
  notExecuted: {
    unavailable503: faults.unavailable503(),
    internal503: faults.internal503(),
    noLongerAvailable503: faults.code(503, -1016, 'This service is no longer available.'),
  },
  forbidden: {
    firewall: faults.firewall(),
    restrictedRegion: faults.restrictedRegion(),
    countryRestricted: faults.countryRestricted(),
    addressRestricted: faults.addressRestricted(),
  },
  /** `systemBusy` says when to come back; without that a client waits for a minute. */
  limits: {
    throttled: faults.tooMany(2, { enforced: true }),
    banned: faults.banned(3, { enforced: true }),
    systemBusy: { ...faults.systemBusy(), headers: { 'Retry-After': '1' } },
  },
  keys: {
    clock: faults.code(400, -1021, 'Timestamp for this request is outside of the recvWindow.'),
    signature: faults.code(400, -1022, 'Signature for this request is not valid.'),
    keyRefused: faults.code(401, -2015, 'Invalid API-key, IP, or permissions for action.'),
    keysLocked: faults.keysLocked(),
  },
  staleReads: {
    'stale read': faults.staleRead(),
    'older bearer': faults.staleRead('older-bearer'),
    'missing read': faults.staleRead('missing'),
  },
} as const;
