import { parseArguments, UsageError } from '../tools/terminal.ts';

/**
 * The extent of a run: rounds of cancels, warm cancels in each, messages, runs of each script,
 * rounds of kills.
 */
export const FULL = { rounds: 8, invocations: 300, messages: 1000, seeds: 5, kills: 3 };
const QUICK: typeof FULL = { rounds: 2, invocations: 50, messages: 200, seeds: 1, kills: 1 };

export type Counts = Readonly<typeof FULL>;
const PARTS = ['speed', 'queue', 'truth', 'kill', 'cost'] as const;

export const USAGE = `npm run bench [-- options]
  --quick      a smoke test: fewer rounds, cancels, messages and kills
  --only PART  ${PARTS.join(', ')}; repeat it for more than one part
  --write      writes the tables to docs/performance.md, and chart and summary to README.md; needs a full run`;

/** Parses the command line. @throws UsageError that explains the wrong option */
export function readOptions(args: readonly string[]) {
  const { values } = parseArguments({
    args: [...args],
    options: {
      quick: { type: 'boolean', default: false },
      only: { type: 'string', multiple: true, default: [...PARTS] },
      write: { type: 'boolean', default: false },
    },
  });
  const { quick, only, write } = values;
  const parts = new Set(only.map(partOf));
  if (write && parts.size < PARTS.length) throw new UsageError('--write needs every part: leave out --only');
  if (write && quick) throw new UsageError('--write needs a full run: leave out --quick');
  return { counts: quick ? QUICK : FULL, parts, write };
}

function partOf(text: string) {
  const part = PARTS.find((name) => name === text);
  if (part === undefined) throw new UsageError(`--only must be one of ${PARTS.join(', ')}, not ${text}`);
  return part;
}
