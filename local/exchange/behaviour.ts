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
}

/** Returns the default behaviour with these changes. */
export function behaviourOf(changes: Partial<Behaviour>): Behaviour {
  return {
    acceptedForMs: changes.acceptedForMs,
    nameQueryFinds: changes.nameQueryFinds ?? 'pending',
    bothIdentifiers: changes.bothIdentifiers ?? 'id-then-name-check',
    finishedCancelCode: changes.finishedCancelCode ?? -2011,
  };
}
