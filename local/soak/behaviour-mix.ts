import fc from 'fast-check';
import type { Behaviour } from '../exchange.ts';

/** The exchange's behaviour where its documentation is silent, as far as it changes in a run. */
export type PlannedBehaviour = Pick<
  Behaviour,
  'nameQueryFinds' | 'bothIdentifiers' | 'finishedCancelCode' | 'massWhenEmpty' | 'massCode'
>;

export const behaviour: fc.Arbitrary<PlannedBehaviour> = fc.record({
  nameQueryFinds: fc.constantFrom('pending', 'older'),
  bothIdentifiers: fc.constantFrom('id-then-name-check', 'id', 'name'),
  finishedCancelCode: fc.constantFrom(-2011, -2013, -6028),
  massWhenEmpty: fc.constantFrom<PlannedBehaviour['massWhenEmpty'][]>('success', -2011, -2013, -6037),
  massCode: fc.constantFrom('documented', 'string', 'number'),
});
