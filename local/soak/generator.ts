import fc from 'fast-check';
import type { Behaviour } from '../exchange.ts';
import { BLOCK, messageBlock } from './messages.ts';

/** The kinds of events, each with its maximum number. */
const EVENTS = [
  ['throttle and ban', 4],
  ['clock jump', 3],
  ['key rotation', 2],
  ['keys locked', 2],
  ['dead letters refused', 4],
  ['behaviour change', 4],
] as const;
export type EventKind = (typeof EVENTS)[number][0];

const eventOf = (kind: EventKind) =>
  fc.record({
    kind: fc.constant(kind),
    /** Duration of a throttle or of refused dead letters. */
    seconds: fc.integer({ min: 1, max: 3 }),
    /** The exchange's behaviour after a change of it. */
    behaviour: fc.record<Partial<Behaviour>>({
      nameQueryFinds: fc.constantFrom('pending', 'older'),
      bothIdentifiers: fc.constantFrom('id-then-name-check', 'id', 'name'),
      finishedCancelCode: fc.constantFrom(-2011, -2013, -6028),
      massWhenEmpty: fc.constantFrom<Behaviour['massWhenEmpty'][]>('success', -2011, -2013, -6037),
      massCode: fc.constantFrom('documented', 'string', 'number'),
    }),
    /** Its place among the messages between two events, in percent. */
    place: fc.integer({ min: 20, max: 80 }),
  });

export interface PlanOptions {
  /** The number of messages, at least 100. */
  readonly messages: number;
  /** A 32-bit integer. */
  readonly seed: number;
  readonly crashes: number;
}

/** Longer than most batches take, in ms. */
const BATCH_MS = 600;

/**
 * Everything that is to happen in a run. An event concerns all processes; it begins before the
 * message with index `after` is sent. A crash hits a process `afterMs` after a batch of its queue
 * begins, once `after` messages have been delivered.
 */
export type Plan = ReturnType<typeof makePlan>;

/**
 * Returns a plan. The same options give the same plan, but two runs of it differ, since the
 * processes are scheduled by the operating system.
 */
export function makePlan({ messages: count, seed, crashes }: PlanOptions) {
  const crash = fc.record({
    after: fc.integer({ min: 0, max: Math.floor(count * 0.95) }),
    afterMs: fc.integer({ min: 0, max: BATCH_MS }),
  });
  const blocks = draw(messageBlock, seed, Math.ceil(count / BLOCK));
  return {
    messages: blocks.flat().slice(0, count),
    events: plannedEvents(count, seed),
    crashes: draw(crash, seed, crashes).map((drawn, index) => {
      return { ...drawn, queue: index % 5 === 4 ? ('kill' as const) : ('cancel' as const) };
    }),
  };
}

/** A round has one event of each kind, in an order of its own. */
const MESSAGES_PER_ROUND = 2500;

/** Spreads the events over the first nine tenths of the messages, so that each meets messages. */
function plannedEvents(messages: number, seed: number) {
  const round = fc.shuffledSubarray([...EVENTS], { minLength: EVENTS.length });
  const rounds = Math.min(4, Math.max(1, Math.round(messages / MESSAGES_PER_ROUND)));
  const kinds = draw(round, seed, rounds).flatMap((drawn, index) =>
    drawn.filter(([, most]) => index < most).map(([kind]) => kind),
  );
  const [events = []] = draw(fc.tuple(...kinds.map(eventOf)), seed, 1);
  return events.map((event, index) => {
    const part = (index + event.place / 100) / events.length;
    return { ...event, after: Math.floor(part * messages * 0.9) };
  });
}

/** Draws values without the library's preference for edge cases. */
const draw = <T>(values: fc.Arbitrary<T>, seed: number, numRuns: number): T[] =>
  fc.sample(fc.noBias(values), { seed, numRuns });
