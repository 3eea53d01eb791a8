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

  test('has the given numbers of messages and crashes', () => {
    const { messages, crashes } = makePlan({ messages: 123, seed: 1, crashes: 7 });

    expect(messages).toHaveLength(123);
    expect(crashes).toHaveLength(7);
    expect(crashes.every(({ after }) => after < 123)).toBe(true);
  });

  test('of full length has every kind of message, order, fault and event', () => {
    const { messages, events } = makePlan({ messages: 10_000, seed: 1, crashes: 20 });
    const cancels = messages.flatMap((message) => (message.kind === 'cancel' ? [message] : []));
    const planned = cancels.flatMap((message) => message.faults.map(({ fault }) => JSON.stringify(fault)));

    expect(new Set(messages.map(({ kind }) => kind)).size).toBe(4);
    expect(new Set(cancels.map(({ fate }) => fate)).size).toBe(16);
    expect(new Set(cancels.map(({ naming }) => naming)).size).toBe(4);
    expect(new Set(planned).size).toBeGreaterThan(35);
    expect(new Set(cancels.map(({ olderBearer }) => olderBearer)).size).toBe(3);
    expect(new Set(events.map(({ kind }) => kind)).size).toBe(6);
    expect(cancels.filter(({ answerIsLost }) => answerIsLost)).not.toHaveLength(0);
  });

  test('of full length has both bearers of a name, and each precedence of two identifiers', () => {
    const { events } = makePlan({ messages: 10_000, seed: 1, crashes: 20 });
    const changes = events.filter(({ kind }) => kind === 'behaviour change');
    const drawn = changes.map(({ behaviour }) => behaviour);

    expect(new Set(drawn.map(({ nameQueryFinds }) => nameQueryFinds)).size).toBe(2);
    expect(new Set(drawn.map(({ bothIdentifiers }) => bothIdentifiers)).size).toBeGreaterThan(1);
    expect(new Set(drawn.map(({ finishedCancelCode }) => finishedCancelCode)).size).toBeGreaterThan(1);
  });

  test('of full length has every kind of kill', () => {
    const { messages, crashes } = makePlan({ messages: 10_000, seed: 1, crashes: 20 });
    const kills = messages.flatMap((message) => (message.kind === 'kill' ? [message] : []));

    expect(new Set(kills.flatMap(({ scope }) => Object.keys(scope))).size).toBe(3);
    expect(new Set(kills.map(({ age }) => age)).size).toBe(3);
    expect(new Set(kills.map(({ only }) => JSON.stringify(only))).size).toBe(5);
    expect(new Set(kills.flatMap(({ massFaults }) => massFaults)).size).toBeGreaterThan(5);
    expect(new Set(kills.flatMap(({ listFaults }) => listFaults)).size).toBeGreaterThan(3);
    expect(kills.filter(({ answerIsLost }) => answerIsLost)).not.toHaveLength(0);
    expect(crashes.filter(({ queue }) => queue === 'kill')).toHaveLength(4);
  });

  test('has every kind of event before the last tenth of the messages, even for a short run', () => {
    const { events } = makePlan({ messages: 100, seed: 3, crashes: 0 });

    expect(new Set(events.map(({ kind }) => kind)).size).toBe(6);
    expect(events.every(({ after }) => after < 90)).toBe(true);
  });
});
