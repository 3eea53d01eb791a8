import { describe, expect, test } from '@jest/globals';
import { makePlan } from '../../local/soak/generator.ts';

const options = { messages: 1000, seed: 1, crashes: 20 };

describe('a soak plan', () => {
  test('is the same for the same seed', () => {
    expect(makePlan(options)).toEqual(makePlan(options));
  });

  test('differs for another seed', () => {
    expect(makePlan({ ...options, seed: 2 })).not.toEqual(makePlan(options));
  });

  test('has the given numbers of messages and crashes, and the crashes in order', () => {
    const { messages, crashes } = makePlan({ messages: 123, seed: 1, crashes: 7 });

    expect(messages).toHaveLength(123);
    expect(crashes.map(({ after }) => after)).toEqual(
      crashes.map(({ after }) => after).toSorted((a, b) => a - b),
    );
    expect(crashes).toHaveLength(7);
  });

  test('of full length has every kind of message, order, fault and event', () => {
    const { messages, events } = makePlan({ messages: 10_000, seed: 1, crashes: 20 });
    const cancels = messages.flatMap((message) => (message.kind === 'cancel' ? [message] : []));
    const planned = cancels.flatMap((message) => message.faults.map(({ fault }) => JSON.stringify(fault)));

    expect(new Set(messages.map(({ kind }) => kind)).size).toBe(6);
    expect(new Set(cancels.map(({ fate }) => fate)).size).toBe(7);
    expect(new Set(cancels.map(({ naming }) => naming)).size).toBe(4);
    expect(new Set(planned).size).toBeGreaterThan(20);
    expect(new Set(events.map(({ kind }) => kind)).size).toBe(4);
    expect(cancels.filter(({ answerIsLost }) => answerIsLost)).not.toHaveLength(0);
  });

  test('has every kind of event before the last tenth of the messages, even for a short run', () => {
    const { events } = makePlan({ messages: 100, seed: 3, crashes: 0 });

    expect(new Set(events.map(({ kind }) => kind)).size).toBe(4);
    expect(events.every(({ after }) => after < 90)).toBe(true);
  });
});
