import type { ExchangeOrder } from './orders.ts';

/**
 * How the exchange behaves where its documentation is silent or contradicts itself. Every property
 * can be changed while the exchange runs.
 */
export class Behaviour {
  /**
   * undefined: a cancel takes effect at once and answers `CANCELLED`, as seen live. With a number
   * it answers in the documented form, `ACCEPTED` and `createDate`, and takes effect that many ms
   * of the exchange's clock later: 0 at once, Infinity never. Until then the order is open and can
   * be filled.
   */
  acceptedForMs: number | undefined;
  /**
   * The order that a query by name finds: the pending order of that name, or the newest finished
   * one even while another is pending.
   */
  nameQueryFinds: 'pending' | 'older' = 'pending';
  /**
   * The order that a call with both identifiers finds: the order of that id if its name matches,
   * the order of that id, or the order of that name.
   */
  bothIdentifiers: 'id-then-name-check' | 'id' | 'name' = 'id-then-name-check';
  /** The error code of a cancel of a finished order. */
  finishedCancelCode: -2011 | -2013 | -6028 = -2011;
  /** The largest number of orders that `openOrders` lists; it says nothing of others. */
  pageCap = Number.POSITIVE_INFINITY;
  /** Lists show the book as it was that many ms of the exchange's clock ago. */
  listLagMs = 0;
  /** Ids of finished orders that lists still show, as they were when last open. */
  ghosts = new Set<string>();
  /** Returns true for an open order that a mass call leaves open. */
  massSurvivors: (order: ExchangeOrder) => boolean = () => false;
  /** A mass call takes effect that many ms of the exchange's clock after its answer. */
  massDelayMs = 0;
  /** The answer of a mass call when nothing is open: success, or an error code. */
  massWhenEmpty: 'success' | -2011 | -2013 | -6037 = 'success';
  /**
   * The type of the code 0 in a mass call's answer. By the documentation it is a string for a
   * symbol and a number for an underlying.
   */
  massCode: 'documented' | 'string' | 'number' = 'documented';
}
