import { type ParseArgsConfig, parseArgs, styleText } from 'node:util';

/** Error thrown when a script is called with wrong arguments. Its message is one sentence. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

export type Print = (line: string) => void;

export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Runs a script and sets the exit code: the result of `main`; 1 with the error's message when it
 * fails; 2 with one sentence when it was called wrongly. `--help` prints the usage. A closed output
 * pipe does not stop the script.
 */
export async function runScript(usage: string, main: (args: string[]) => Promise<number>): Promise<void> {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', ignoreClosedPipe);
  const args = process.argv.slice(2);
  if (args.includes('--help')) {
    console.log(usage);
    return;
  }
  try {
    process.exitCode = await main(args);
  } catch (error) {
    process.exitCode = reportFailure(error, console.error);
  }
}

/** Prints an error as one sentence. Returns the exit code: 2 for a UsageError, else 1. */
export function reportFailure(error: unknown, print: Print): number {
  const isUsageError = error instanceof UsageError;
  print(isUsageError ? `${error.message} (--help shows the options)` : messageOf(error));
  return isUsageError ? 2 : 1;
}

/**
 * Parses a script's arguments, as `node:util` does.
 *
 * @throws UsageError for an unknown option, an option without its value, or an unexpected argument
 */
export function parseArguments<T extends ParseArgsConfig>(config: T): ReturnType<typeof parseArgs<T>> {
  try {
    return parseArgs(config);
  } catch (error) {
    const [sentence = ''] = messageOf(error).split(/\.\s/);
    throw new UsageError(sentence);
  }
}

/** Returns the only one of a command's arguments. @throws UsageError that says what is missing */
export function onlyOne(words: readonly string[], what: string): string {
  const [word, more] = words;
  if (word === undefined || word === '') throw new UsageError(`give ${what}`);
  if (more !== undefined) throw new UsageError(`there is one argument too many: ${printable(more)}`);
  return word;
}

/**
 * Parses the value of a numeric option.
 *
 * @throws UsageError when it is no whole number in the range
 */
export function wholeNumber(option: string, text: string, least: number, most = 999_999_999): number {
  const value = Number(text);
  if (/^\d{1,9}$/.test(text) && value >= least && value <= most) return value;
  const range = most === 999_999_999 ? `from ${least}` : `from ${least} to ${most}`;
  throw new UsageError(`${option} is not a whole number ${range}: ${printable(text)}`);
}

/** Styles a text if standard output is a terminal and `NO_COLOR` is not set. */
export const paint = styleText;

/** Escapes control characters, so that text from elsewhere cannot control the terminal. */
export function printable(text: string): string {
  return text.replace(
    /\p{Cc}/gu,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** Returns an error's message for a person. */
export function messageOf(error: unknown): string {
  if (typeof error !== 'object' || error === null || !('message' in error)) return String(error);
  const refused = 'code' in error && error.code === 'ECONNREFUSED';
  return refused
    ? `${error.message}: nothing listens there (npm start runs the local service)`
    : String(error.message);
}

/**
 * A script whose reader has left, such as `head`, still finishes its work: it may hold messages.
 */
function ignoreClosedPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error;
}
