import fc from 'fast-check';
import { behaviour, type PlannedBehaviour } from './behaviour-mix.ts';
import { BLOCK, messageBlock, type PlannedMessage } from './message-mix.ts';

/**
 * An event that concerns all processes. It begins before the message with index `after` is sent.
 */
export interface PlannedEvent {
  readonly after: number;
  readonly kind: EventKind;
  /** Duration of a throttle or of refused dead letters. */
  readonly seconds: number;
  /** The exchange's behaviour after a change of it. */
  readonly behaviour: PlannedBehaviour;
}

export type EventKind =
  | 'throttle and ban'
  | 'clock jump'
  | 'key rotation'
  | 'keys locked'
  | 'dead letters refused'
  | 'behaviour change';

/**
 * Crashes a process `afterMs` after the beginning of a batch, once `after` messages have been
 * delivered.
 */
export interface PlannedCrash {
  readonly after: number;
  readonly afterMs: number;
}

/** Everything that is to happen in a run. */
export interface Plan {
  readonly messages: readonly PlannedMessage[];
  readonly events: readonly PlannedEvent[];
  /** Crashes of processes that cancel. */
  readonly crashes: readonly PlannedCrash[];
  /** Crashes of processes that kill. */
  readonly killCrashes: readonly PlannedCrash[];
}

export interface PlanOptions {
  /** The number of messages, at least 100. */
  readonly messages: number;
  /** A 32-bit integer. */
  readonly seed: number;
  readonly crashes: number;
}

/** The kinds of events, each with its maximum number. */
const KINDS: readonly (readonly [EventKind, number])[] = [
  ['throttle and ban', 4],
  ['clock jump', 3],
  ['key rotation', 2],
  ['keys locked', 2],
  ['dead letters refused', 4],
  ['behaviour change', 4],
];

const eventDetails = fc.record({
  seconds: fc.integer({ min: 1, max: 3 }),
  behaviour,
  jitter: fc.integer({ min: 20, max: 80 }),
});

/** A round has one event of each kind. */
const MESSAGES_PER_ROUND = 2500;

/**
 * Returns a plan. The same options give the same plan, but two runs of it differ, since the
 * processes are scheduled by the operating system.
 */
export function makePlan({ messages, seed, crashes }: PlanOptions): Plan {
  const planned = draw(messageBlock, seed, Math.ceil(messages / BLOCK))
    .flat()
    .slice(0, messages);
  const kills = planned.filter(({ kind }) => kind === 'kill').length;
  return {
    messages: planned,
    events: plannedEvents(messages, seed),
    crashes: plannedCrashes(messages, BATCH_MS, crashes, seed),
    killCrashes: plannedCrashes(kills, KILL_MS, Math.ceil(crashes / 4), seed),
  };
}

/**
 * Spreads the events over the first nine tenths of the messages, so that each meets messages. Each
 * round has its own order.
 */
function plannedEvents(messages: number, seed: number): PlannedEvent[] {
  const kinds = draw(fc.shuffledSubarray([...KINDS], { minLength: KINDS.length }), seed, roundsIn(messages))
    .flatMap((round, index) => round.filter(([, most]) => index < most))
    .map(([kind]) => kind);
  return draw(eventDetails, seed, kinds.length).flatMap(({ jitter, ...details }, index) => {
    const kind = kinds[index];
    const place = (index + jitter / 100) / kinds.length;
    return kind === undefined ? [] : [{ ...details, kind, after: Math.floor(place * messages * 0.9) }];
  });
}

const roundsIn = (messages: number) => Math.min(4, Math.max(1, Math.round(messages / MESSAGES_PER_ROUND)));

/** About the duration of a batch of cancels, and of kills, in ms. */
const BATCH_MS = 250;
const KILL_MS = 1200;

function plannedCrashes(messages: number, withinMs: number, crashes: number, seed: number): PlannedCrash[] {
  const crash = fc.record({
    after: fc.integer({ min: 0, max: Math.floor(messages * 0.95) }),
    afterMs: fc.integer({ min: 0, max: withinMs }),
  });
  return draw(crash, seed, crashes).toSorted((a, b) => a.after - b.after);
}

/** Draws values without the library's preference for edge cases. */
function draw<T>(values: fc.Arbitrary<T>, seed: number, count: number): T[] {
  return count === 0 ? [] : fc.sample(fc.noBias(values), { seed, numRuns: count });
}
