import { parseArguments, UsageError } from '../local/terminal.ts';

export interface BenchOptions {
  readonly rounds: number;
  readonly invocations: number;
  readonly messages: number;
  readonly seeds: number;
  readonly kills: number;
  readonly parts: ReadonlySet<Part>;
  readonly write: boolean;
}

export type Part = (typeof PARTS)[number];

const PARTS = ['speed', 'queue', 'truth', 'kill'] as const;
const FULL = { rounds: 10, invocations: 300, messages: 1000, seeds: 5, kills: 3 };
const QUICK = { rounds: 2, invocations: 50, messages: 200, seeds: 1, kills: 1 };

export const USAGE = `npm run bench [-- options]
  --rounds N       rounds, each of which measures every contender (${FULL.rounds})
  --invocations N  warm cancels in each round (${FULL.invocations})
  --messages N     messages in the drain of the queue, a multiple of ten (${FULL.messages})
  --seeds N        runs of each fault script (${FULL.seeds})
  --kills N        rounds of kills, and runs of each weather (${FULL.kills})
  --quick          ${QUICK.rounds} rounds, ${QUICK.invocations} cancels, ${QUICK.messages} messages, ${QUICK.seeds} seed, ${QUICK.kills} kill: a smoke test
  --only PART      speed, queue, truth or kill; repeat it for more than one part
  --write          writes tables and chart to README.md and docs/; needs a full run, or one of kill alone`;

/** Parses the command line. @throws UsageError */
export function readOptions(args: readonly string[]): BenchOptions {
  const { values } = parseArguments({
    args: [...args],
    options: {
      rounds: { type: 'string' },
      invocations: { type: 'string' },
      messages: { type: 'string' },
      seeds: { type: 'string' },
      kills: { type: 'string' },
      quick: { type: 'boolean', default: false },
      only: { type: 'string', multiple: true, default: [...PARTS] },
      write: { type: 'boolean', default: false },
    },
  });
  const defaults = values.quick ? QUICK : FULL;
  const parts = new Set(values.only.map(partOf));
  if (values.write && parts.size < PARTS.length && values.only.some((part) => part !== 'kill'))
    throw new UsageError('--write needs every part, or kill alone: leave out --only');
  if (values.write && values.quick) throw new UsageError('--write needs a full run: leave out --quick');
  const messages = count('messages', values.messages, defaults.messages);
  if (messages % 10 !== 0) throw new UsageError('--messages must be a multiple of ten');
  return {
    rounds: count('rounds', values.rounds, defaults.rounds),
    invocations: count('invocations', values.invocations, defaults.invocations),
    messages,
    seeds: count('seeds', values.seeds, defaults.seeds),
    kills: count('kills', values.kills, defaults.kills),
    parts,
    write: values.write,
  };
}

function partOf(text: string): Part {
  const part = PARTS.find((name) => name === text);
  if (part === undefined) throw new UsageError(`--only must be one of ${PARTS.join(', ')}, not ${text}`);
  return part;
}

function count(name: string, text: string | undefined, fallback: number): number {
  if (text === undefined) return fallback;
  if (!/^[1-9]\d{0,5}$/.test(text))
    throw new UsageError(`--${name} must be a whole number above 0, not ${text}`);
  return Number(text);
}
