import { createHash } from 'node:crypto';

/** Returns a generator of numbers in [0, 1). The same seed gives the same sequence. */
export function seeded(seed: string): () => number {
  let drawn = 0;
  return () => {
    const digest = createHash('sha256').update(`${seed}/${drawn++}`).digest();
    return digest.readUInt32BE() / 2 ** 32;
  };
}

/** Returns a whole number from `low` to `high`, both included. */
export function between(random: () => number, low: number, high: number): number {
  return low + Math.floor(random() * (high - low + 1));
}

/** Returns one of the choices. @throws RangeError when there are none */
export function oneOf<T>(random: () => number, choices: readonly T[]): T {
  const [choice] = choices.slice(between(random, 0, choices.length - 1));
  if (choice === undefined) throw new RangeError('nothing to choose from');
  return choice;
}
