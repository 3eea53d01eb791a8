import fc from 'fast-check';
import { BLOCK, messageBlock, type PlannedMessage } from './message-mix.ts';

/** What happens to everything at once, when it has come to the message with index `after`. */
export interface PlannedEvent {
  readonly after: number;
  readonly kind: EventKind;
  /** How long it lasts, where it lasts. */
  readonly seconds: number;
}

export type EventKind = 'throttle and ban' | 'clock jump' | 'key rotation' | 'dead letters refused';

/** A process is killed in mid-batch once so many messages have been delivered, `afterMs` into a batch. */
export interface PlannedKill {
  readonly after: number;
  readonly afterMs: number;
}

export interface Plan {
  readonly messages: readonly PlannedMessage[];
  readonly events: readonly PlannedEvent[];
  readonly kills: readonly PlannedKill[];
}

export interface PlanOptions {
  /** How many messages; 100 and more make sense. */
  readonly messages: number;
  /** A 32-bit integer. */
  readonly seed: number;
  readonly kills: number;
}

/** What can happen to everything at once, and how often at most. */
const KINDS: readonly (readonly [EventKind, number])[] = [
  ['throttle and ban', 4],
  ['clock jump', 3],
  ['key rotation', 2],
  ['dead letters refused', 4],
];

/** Of events, one of each kind to a round. */
const MESSAGES_PER_ROUND = 2500;

/**
 * All that is to happen in a run. The same options give the same plan; what meets what is up to the scheduling of
 * processes, so that two runs of a plan are alike, not equal.
 */
export function makePlan({ messages, seed, kills }: PlanOptions): Plan {
  const blocks = draw(messageBlock, seed, Math.ceil(messages / BLOCK));
  return {
    messages: blocks.flat().slice(0, messages),
    events: plannedEvents(messages, seed),
    kills: plannedKills(messages, kills, seed),
  };
}

/** Round after round, each in another order; spread over the first nine tenths, so that each finds messages under way. */
function plannedEvents(messages: number, seed: number): PlannedEvent[] {
  const kinds = draw(fc.shuffledSubarray([...KINDS], { minLength: KINDS.length }), seed, roundsIn(messages))
    .flatMap((round, index) => round.filter(([, most]) => index < most))
    .map(([kind]) => kind);
  const seconds = draw(fc.integer({ min: 1, max: 3 }), seed, kinds.length);
  const jitters = draw(fc.integer({ min: 20, max: 80 }), seed, kinds.length);
  return kinds.map((kind, index) => {
    const place = (index + (jitters[index] ?? 50) / 100) / kinds.length;
    return { kind, seconds: seconds[index] ?? 1, after: Math.floor(place * messages * 0.9) };
  });
}

const roundsIn = (messages: number) => Math.min(4, Math.max(1, Math.round(messages / MESSAGES_PER_ROUND)));

function plannedKills(messages: number, kills: number, seed: number): PlannedKill[] {
  const kill = fc.record({
    after: fc.integer({ min: 0, max: Math.floor(messages * 0.95) }),
    afterMs: fc.integer({ min: 0, max: 250 }),
  });
  return draw(kill, seed, kills).toSorted((a, b) => a.after - b.after);
}

/** Without the library's taste for border cases: all values are equally likely. */
function draw<T>(values: fc.Arbitrary<T>, seed: number, count: number): T[] {
  return count === 0 ? [] : fc.sample(fc.noBias(values), { seed, numRuns: count });
}
