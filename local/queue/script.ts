import { type ParseArgsConfig, parseArgs } from 'node:util';

/** Thrown when a script is called wrongly; the message says what is wrong. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** Where a script writes, a line at a time. */
export type Print = (line: string) => void;

/**
 * Parses a script's arguments, as `node:util` does.
 *
 * @throws UsageError for an unknown option, one without its value, or an argument too many
 */
export function parseArguments<T extends ParseArgsConfig>(config: T): ReturnType<typeof parseArgs<T>> {
  try {
    return parseArgs(config);
  } catch (error) {
    throw new UsageError(messageOf(error));
  }
}

/** Checks that an option's value is a queue's URL. @throws UsageError naming the option when it is not */
export function queueUrlOf(value: string, option: string): string {
  const url = URL.parse(value);
  if (url?.protocol === 'https:' || url?.protocol === 'http:') return value;
  throw new UsageError(`${option} is not the URL of a queue: ${value}`);
}

/**
 * Runs a script and sets the exit code: what `main` resolves to, 1 with the message when it fails, 2 with the usage
 * when it was called wrongly. `--help` prints the usage alone.
 */
export async function runScript(usage: string, main: (args: string[]) => Promise<number>): Promise<void> {
  const args = process.argv.slice(2);
  if (args.includes('--help')) {
    console.log(usage);
    return;
  }
  try {
    process.exitCode = await main(args);
  } catch (error) {
    const calledWrongly = error instanceof UsageError;
    console.error(calledWrongly ? `${error.message}\n\n${usage}` : messageOf(error));
    process.exitCode = calledWrongly ? 2 : 1;
  }
}

/** An error as one line for a person. */
export function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const refused = 'code' in error && error.code === 'ECONNREFUSED';
  return refused
    ? `${error.message}: nothing listens there (npm start runs the local queues)`
    : error.message;
}
