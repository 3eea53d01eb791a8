import type { ExchangeOrder } from './orders.ts';

/**
 * How the exchange behaves where its documentation is silent or contradicts itself. Every property
 * can be changed while the exchange runs.
 */
export interface Behaviour {
  /**
   * undefined, the default: a cancel takes effect at once and answers `CANCELLED`, as seen live.
   * With a number it answers in the documented form, `ACCEPTED` and `createDate`, and takes effect
   * that many ms of the exchange's clock later: 0 at once, Infinity never. Until then the order is
   * open and can be filled.
   */
  acceptedForMs: number | undefined;
  /**
   * The order that a query by name finds: the pending order of that name (the default), or the
   * newest finished one even while another is pending.
   */
  nameQueryFinds: 'pending' | 'older';
  /**
   * The order that a call with both identifiers finds: the order of that id if its name matches
   * (the default), the order of that id, or the order of that name.
   */
  bothIdentifiers: 'id-then-name-check' | 'id' | 'name';
  /** The error code of a cancel of a finished order. Default -2011. */
  finishedCancelCode: -2011 | -2013 | -6028;
  /**
   * The largest number of orders that `openOrders` lists; it says nothing of others. Default
   * Infinity.
   */
  pageCap: number;
  /** Lists show the book as it was that many ms of the exchange's clock ago. Default 0. */
  listLagMs: number;
  /** Ids of finished orders that lists still show, as they were when last open. */
  ghosts: Set<string>;
  /** Returns true for an open order that a mass call leaves open. Default: none. */
  massSurvivors: (order: ExchangeOrder) => boolean;
  /** A mass call takes effect that many ms of the exchange's clock after its answer. Default 0. */
  massDelayMs: number;
  /** The answer of a mass call when nothing is open: success (the default), or an error code. */
  massWhenEmpty: 'success' | -2011 | -2013 | -6037;
  /**
   * The type of the code 0 in a mass call's answer. By the documentation, the default, it is a
   * string for a symbol and a number for an underlying.
   */
  massCode: 'documented' | 'string' | 'number';
}

/** Returns the default behaviour with these changes. */
export function behaviourOf(changes: Partial<Behaviour>): Behaviour {
  return {
    acceptedForMs: changes.acceptedForMs,
    nameQueryFinds: changes.nameQueryFinds ?? 'pending',
    bothIdentifiers: changes.bothIdentifiers ?? 'id-then-name-check',
    finishedCancelCode: changes.finishedCancelCode ?? -2011,
    pageCap: changes.pageCap ?? Number.POSITIVE_INFINITY,
    listLagMs: changes.listLagMs ?? 0,
    ghosts: changes.ghosts ?? new Set(),
    massSurvivors: changes.massSurvivors ?? (() => false),
    massDelayMs: changes.massDelayMs ?? 0,
    massWhenEmpty: changes.massWhenEmpty ?? 'success',
    massCode: changes.massCode ?? 'documented',
  };
}
