import fc from 'fast-check';
import { type Fault, faults } from '../exchange.ts';

/** A fault of the calls about one order. */
export interface PlannedFault {
  readonly method: 'DELETE' | 'GET';
  readonly fault: Fault;
  /** The number of calls that get it. */
  readonly times: number;
}

const HTML = { contentType: 'text/html' };

/** Faults of a cancel, many of them both before and after it took effect. */
const CANCEL_FAULTS: readonly Fault[] = [
  faults.unknown503(),
  faults.unknown503({ executed: true }),
  faults.unavailable503(),
  faults.internal503(),
  faults.code(503, -1016, 'This service is no longer available.'),
  faults.code(500, -1000, 'An unknown error occurred while processing the request.'),
  faults.code(500, -1006, 'An unexpected response was received from the message bus.', { executed: true }),
  faults.answer(502, '<html><body>Bad Gateway</body></html>', HTML),
  faults.answer(504, '<html><body>Gateway Time-out</body></html>', { ...HTML, executed: true }),
  faults.timeout(),
  faults.timeout({ executed: true }),
  faults.reset(),
  faults.reset({ executed: true }),
  faults.hang(),
  faults.hang({ executed: true }),
  faults.truncate(),
  faults.unreadable200({ executed: true }),
  faults.unknownOrder(),
  faults.unknownOrder({ executed: true }),
  faults.firewall(),
  faults.restrictedRegion(),
  faults.optionsInternalError(),
  faults.optionsInternalError({ executed: true }),
  faults.cancelRejected(),
  faults.cancelRejected({ executed: true }),
  faults.orderFinal(),
  faults.orderFinal({ executed: true }),
  faults.symbolNotTrading(),
  faults.symbolNotTrading({ executed: true }),
  faults.liquidationTriggered(),
  faults.inLiquidation(),
  faults.unlisted4021(),
  faults.unlisted6073({ executed: true }),
  faults.countryRestricted(),
  faults.addressRestricted(),
  // Without the header, the process would make no call for a minute.
  { ...faults.systemBusy(), headers: { 'Retry-After': '1' } },
];

/** Reads do not lag by days, so no query misses an old order that is open. */
const OLD_QUERY_FAULTS: readonly Fault[] = [
  faults.staleRead(),
  faults.staleRead('older-bearer'),
  faults.unknown503(),
  faults.internal503(),
  faults.reset(),
  faults.hang(),
  faults.optionsInternalError(),
  faults.unlisted4021(),
];

const QUERY_FAULTS: readonly Fault[] = [...OLD_QUERY_FAULTS, faults.staleRead('missing')];

const times = fc.oneof(
  { weight: 6, arbitrary: fc.constant(1) },
  { weight: 2, arbitrary: fc.constant(2) },
  // More than the attempts of one delivery.
  { weight: 1, arbitrary: fc.constant(5) },
);

const cancelFault: fc.Arbitrary<PlannedFault> = fc.record({
  method: fc.constant('DELETE'),
  fault: fc.constantFrom(...CANCEL_FAULTS),
  times,
});

const queryFaultFrom = (some: readonly Fault[]): fc.Arbitrary<PlannedFault> =>
  fc.record({ method: fc.constant('GET'), fault: fc.constantFrom(...some), times });

const callFaultsWith = (queryFault: fc.Arbitrary<PlannedFault>): fc.Arbitrary<readonly PlannedFault[]> =>
  fc.oneof(
    { weight: 4, arbitrary: fc.tuple(cancelFault) },
    { weight: 1, arbitrary: fc.tuple(cancelFault, cancelFault) },
    { weight: 2, arbitrary: fc.tuple(cancelFault, queryFault) },
  );

/** Faults of an order's cancel, its queries, or both. */
export const callFaults = callFaultsWith(queryFaultFrom(QUERY_FAULTS));

/** The same for an order that was created more than three days ago. */
export const oldCallFaults = callFaultsWith(queryFaultFrom(OLD_QUERY_FAULTS));

/** Faults of the queries of an order. */
export const queryFaults: fc.Arbitrary<readonly PlannedFault[]> = fc.oneof(
  fc.constant([]),
  fc.tuple(queryFaultFrom(QUERY_FAULTS)),
);
